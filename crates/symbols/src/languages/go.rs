//! Go: declarations of a file, methods by their receiver, tests by their names.

use tree_sitter::Node;

use crate::look::{Found, Look, View};
use crate::symbol::SymbolKind;

pub(crate) fn look(view: &View<'_, '_>) -> Look {
    match view.node.kind() {
        "comment" => Look::Comment,
        // A group of constants begins none of them.
        "type_declaration" | "const_declaration" | "var_declaration"
            if view.node.named_child_count() == 1 =>
        {
            Look::Wrapper { is_exported: false }
        }
        "function_declaration" => named(view, SymbolKind::Function),
        "method_declaration" => named(view, SymbolKind::Method),
        "type_spec" | "type_alias" => named(view, SymbolKind::Type),
        "const_spec" | "var_spec" if !view.path.contains(&"block") => named(view, SymbolKind::Constant),
        _ => Look::Nothing,
    }
}

fn named(view: &View<'_, '_>, kind: SymbolKind) -> Look {
    let Some(name) = view.name("name") else { return Look::Nothing };
    let is_test = kind == SymbolKind::Function && is_test(&name);
    let kind = if is_test { SymbolKind::Test } else { kind };
    let owner = view.field("receiver").and_then(|receiver| receiver_type(view, receiver));
    let is_public = name.starts_with(char::is_uppercase);
    Look::Symbol(Found { name, owner, kind: Some(kind), is_public, is_test })
}

fn is_test(name: &str) -> bool {
    let rest = ["Test", "Fuzz", "Benchmark", "Example"].iter().find_map(|prefix| name.strip_prefix(prefix));
    rest.is_some_and(|rest| !rest.starts_with(char::is_lowercase))
}

/// `Store` of `(s *Store)` and `(s Store[T])`.
fn receiver_type(view: &View<'_, '_>, receiver: Node<'_>) -> Option<String> {
    let text = view.text(receiver);
    let inner = text.trim_matches(['(', ')']).split_whitespace().last()?.to_string();
    let name = inner.trim_start_matches('*').split('[').next()?.trim();
    (!name.is_empty()).then(|| name.to_string())
}
