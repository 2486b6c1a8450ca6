//! C#: types, methods and properties; tests by their attributes.

use crate::look::{Look, View};
use crate::symbol::SymbolKind;

const TEST_ATTRIBUTES: &[&str] =
    &["Fact", "Theory", "Test", "TestCase", "TestMethod", "DataTestMethod", "Property"];

pub(crate) fn look(view: &View<'_, '_>) -> Look {
    let kind = match view.node.kind() {
        "comment" => return Look::Comment,
        "namespace_declaration" => SymbolKind::Module,
        "class_declaration"
        | "struct_declaration"
        | "interface_declaration"
        | "enum_declaration"
        | "record_declaration"
        | "delegate_declaration" => SymbolKind::Type,
        "method_declaration" | "constructor_declaration" | "property_declaration" => SymbolKind::Method,
        _ => return Look::Nothing,
    };
    let is_public =
        view.children(view.node).any(|child| child.kind() == "modifier" && view.text(child) == "public");
    let mut attributes = view.children(view.node).filter(|child| child.kind() == "attribute_list");
    let is_test = view.node.kind() == "method_declaration"
        && attributes.any(|list| {
            let text = view.text(list);
            text.split(|c: char| !c.is_alphanumeric()).any(|word| TEST_ATTRIBUTES.contains(&word))
        });
    view.symbol(if is_test { SymbolKind::Test } else { kind }, is_public, is_test)
}
