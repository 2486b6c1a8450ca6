//! Rust: items, tests by their attributes, and tests in `proptest!`. Expands no other macro.

use crate::look::{Found, Look, View};
use crate::symbol::SymbolKind;

/// Attributes that make a test, by the last part of their path.
const TEST_ATTRIBUTES: &[&str] =
    &["test", "rstest", "test_case", "quickcheck", "proptest", "wasm_bindgen_test"];

pub(crate) fn look(view: &View<'_, '_>) -> Look {
    let is_public = view.child(view.node, "visibility_modifier").is_some_and(|node| view.text(node) == "pub");
    match view.node.kind() {
        "line_comment" | "block_comment" => Look::Comment,
        "attribute_item" => Look::Attribute { is_test: is_test(&view.text(view.node)) },
        "function_item" | "function_signature_item" => view.symbol(SymbolKind::Function, is_public, false),
        "struct_item" | "enum_item" | "union_item" | "trait_item" | "type_item" => {
            view.symbol(SymbolKind::Type, is_public, false)
        }
        "const_item" | "static_item" => view.symbol(SymbolKind::Constant, is_public, false),
        "macro_definition" => view.symbol(SymbolKind::Function, false, false),
        "mod_item" if view.field("body").is_some() => view.symbol(SymbolKind::Module, is_public, false),
        "impl_item" => {
            view.name("type").map_or(Look::Nothing, |name| Look::Owner(without_arguments(&name).to_string()))
        }
        "macro_invocation" if view.name("macro").is_some_and(|name| name.ends_with("proptest")) => {
            Look::PropertyTests
        }
        _ => Look::Nothing,
    }
}

/// A test without a node: the name behind `fn` in a `proptest!`.
pub(crate) fn property_test(name: String) -> Found {
    Found { name, kind: Some(SymbolKind::Test), is_test: true, ..Found::default() }
}

fn is_test(attribute: &str) -> bool {
    let inner = attribute.trim_start_matches(['#', '!', '[', ' ']);
    let path = inner.split(['(', ']', '=', ' ']).next().unwrap_or_default();
    let last = path.rsplit("::").next().unwrap_or_default();
    TEST_ATTRIBUTES.contains(&last) || inner.starts_with("cfg(test)")
}

fn without_arguments(name: &str) -> &str {
    name.split('<').next().unwrap_or(name).trim()
}
