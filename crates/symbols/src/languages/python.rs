//! Python: functions, classes and constants; tests as `pytest` and `unittest` find them. Docstrings are comments.

use crate::look::{Found, Look, View};
use crate::symbol::SymbolKind;

pub(crate) fn look(view: &View<'_, '_>) -> Look {
    match view.node.kind() {
        "comment" => Look::Comment,
        // A string that is a statement has no effect, wherever it stands.
        "expression_statement"
            if view.node.child_count() == 1 && view.child(view.node, "string").is_some() =>
        {
            Look::Comment
        }
        "decorated_definition" => Look::Wrapper { is_exported: false },
        "function_definition" => named(view, SymbolKind::Function, "test"),
        "class_definition" => named(view, SymbolKind::Type, "Test"),
        "assignment" if view.around(1) == "module" => constant(view),
        _ => Look::Nothing,
    }
}

fn named(view: &View<'_, '_>, kind: SymbolKind, test: &str) -> Look {
    let Some(name) = view.name("name") else { return Look::Nothing };
    let is_test = name.starts_with(test);
    let kind = if is_test && kind == SymbolKind::Function { SymbolKind::Test } else { kind };
    let is_public = !name.starts_with('_');
    Look::Symbol(Found { name, kind: Some(kind), is_public, is_test, ..Found::default() })
}

fn constant(view: &View<'_, '_>) -> Look {
    let name = view.field("left").filter(|left| left.kind() == "identifier").map(|left| view.text(left));
    let Some(name) = name.filter(|name| !name.contains(|c: char| c.is_lowercase())) else {
        return Look::Nothing;
    };
    let is_public = !name.starts_with('_');
    Look::Symbol(Found { name, kind: Some(SymbolKind::Constant), is_public, ..Found::default() })
}
