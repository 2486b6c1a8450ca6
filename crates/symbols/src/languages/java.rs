//! Java: types, methods and constants; tests by their annotations.

use crate::look::{Found, Look, View};
use crate::symbol::SymbolKind;

const TEST_ANNOTATIONS: &[&str] =
    &["@Test", "@ParameterizedTest", "@RepeatedTest", "@Property", "@Theory", "@TestFactory"];

pub(crate) fn look(view: &View<'_, '_>) -> Look {
    let kind = match view.node.kind() {
        "line_comment" | "block_comment" => return Look::Comment,
        "class_declaration"
        | "interface_declaration"
        | "enum_declaration"
        | "record_declaration"
        | "annotation_type_declaration" => SymbolKind::Type,
        "method_declaration" | "constructor_declaration" => SymbolKind::Method,
        "field_declaration" => SymbolKind::Constant,
        _ => return Look::Nothing,
    };
    let modifiers = view.child(view.node, "modifiers").map(|node| view.text(node)).unwrap_or_default();
    let has = |word: &str| modifiers.split_whitespace().any(|part| part == word);
    let is_public = has("public");
    if kind == SymbolKind::Constant {
        let name = view.field("declarator").and_then(|declarator| declarator.child_by_field_name("name"));
        let name = name.map(|name| view.text(name)).filter(|_| has("static") && has("final"));
        return name.map_or(Look::Nothing, |name| {
            Look::Symbol(Found { name, kind: Some(kind), is_public, ..Found::default() })
        });
    }
    let is_test = kind == SymbolKind::Method
        && modifiers.split([' ', '(']).any(|word| TEST_ANNOTATIONS.contains(&word));
    view.symbol(if is_test { SymbolKind::Test } else { kind }, is_public, is_test)
}
