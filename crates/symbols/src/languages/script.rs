//! JavaScript and TypeScript: declarations, functions in constants, and tests that are calls.

use tree_sitter::Node;

use crate::look::{Found, Look, View, test_call};
use crate::symbol::SymbolKind;

/// How far the name of a call is looked for: `test.concurrent.each(…)(…)`.
const CALLEE_DEPTH_MAX: usize = 6;

pub(crate) fn look(view: &View<'_, '_>) -> Look {
    match view.node.kind() {
        "comment" | "html_comment" | "hash_bang_line" => Look::Comment,
        "export_statement" => Look::Wrapper { is_exported: true },
        "lexical_declaration" | "variable_declaration" => Look::Wrapper { is_exported: false },
        "function_declaration" | "generator_function_declaration" | "function_signature" => {
            view.symbol(SymbolKind::Function, false, false)
        }
        "class_declaration"
        | "abstract_class_declaration"
        | "interface_declaration"
        | "type_alias_declaration"
        | "enum_declaration" => view.symbol(SymbolKind::Type, false, false),
        "internal_module" | "module" => view.symbol(SymbolKind::Module, false, false),
        "method_definition" => view.symbol(SymbolKind::Method, is_public(view), false),
        "public_field_definition" | "field_definition" if value_is_function(view) => {
            let name = view.name("name").or_else(|| view.name("property"));
            let found = |name| Found {
                name,
                kind: Some(SymbolKind::Method),
                is_public: is_public(view),
                ..Found::default()
            };
            name.map_or(Look::Nothing, |name| Look::Symbol(found(name)))
        }
        "variable_declarator" => variable(view),
        "call_expression" => test(view),
        _ => Look::Nothing,
    }
}

fn variable(view: &View<'_, '_>) -> Look {
    let is_name = view.field("name").is_some_and(|name| name.kind() == "identifier");
    let is_of_file = matches!(view.around(1), "program" | "export_statement");
    match (is_name, value_is_function(view)) {
        (true, true) => view.symbol(SymbolKind::Function, false, false),
        (true, false) if is_of_file => view.symbol(SymbolKind::Constant, false, false),
        _ => Look::Nothing,
    }
}

fn value_is_function(view: &View<'_, '_>) -> bool {
    let kind = view.field("value").map(|value| value.kind());
    matches!(kind, Some("arrow_function" | "function_expression" | "generator_function"))
}

fn is_public(view: &View<'_, '_>) -> bool {
    let is_hidden = |child: Node<'_>| {
        child.kind() == "private_property_identifier"
            || child.kind() == "accessibility_modifier" && view.text(child) != "public"
    };
    !view.children(view.node).any(is_hidden)
}

fn test(view: &View<'_, '_>) -> Look {
    let Some(kind) = view.field("function").and_then(|callee| test_call(&first_word(view, callee))) else {
        return Look::Nothing;
    };
    let arguments = view.field("arguments");
    let title = arguments.and_then(|arguments| arguments.named_child(0)).and_then(|first| view.string(first));
    // `it.each([…])` alone is the function of the call that names the test.
    match title {
        Some(name) => Look::Symbol(Found { name, kind: Some(kind), is_test: true, ..Found::default() }),
        None => Look::Nothing,
    }
}

fn first_word(view: &View<'_, '_>, callee: Node<'_>) -> String {
    let mut node = callee;
    for _ in 0..CALLEE_DEPTH_MAX {
        let next = match node.kind() {
            "member_expression" => node.child_by_field_name("object"),
            "call_expression" => node.child_by_field_name("function"),
            "identifier" => return view.text(node),
            _ => None,
        };
        let Some(next) = next else { break };
        node = next;
    }
    String::new()
}
