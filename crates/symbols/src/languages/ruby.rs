//! Ruby: modules, classes, methods and constants; tests that are methods or calls with a block.

use crate::look::{Found, Look, View, test_call};
use crate::symbol::SymbolKind;

pub(crate) fn look(view: &View<'_, '_>) -> Look {
    match view.node.kind() {
        "comment" => Look::Comment,
        // The key words `module` and `class` are nodes of the same kind without children.
        "module" if view.node.child_count() > 0 => view.symbol(SymbolKind::Module, true, false),
        "class" if view.node.child_count() > 0 => view.symbol(SymbolKind::Type, true, false),
        "method" | "singleton_method" => {
            let is_test = view.name("name").is_some_and(|name| name.starts_with("test_"));
            view.symbol(if is_test { SymbolKind::Test } else { SymbolKind::Function }, true, is_test)
        }
        "assignment" => match view.field("left").filter(|left| left.kind() == "constant") {
            Some(left) => {
                let name = view.text(left);
                let kind = Some(SymbolKind::Constant);
                Look::Symbol(Found { name, kind, is_public: true, ..Found::default() })
            }
            None => Look::Nothing,
        },
        "call" if view.field("block").is_some() => test(view),
        _ => Look::Nothing,
    }
}

fn test(view: &View<'_, '_>) -> Look {
    let kind = view.name("method").and_then(|method| test_call(&method));
    let first = view.field("arguments").and_then(|arguments| arguments.named_child(0));
    // `describe Store do` names its group by a constant.
    let title = first.and_then(|first| match first.kind() {
        "constant" | "scope_resolution" => Some(view.text(first)),
        _ => view.string(first),
    });
    match (kind, title) {
        (Some(kind), Some(name)) => {
            Look::Symbol(Found { name, kind: Some(kind), is_test: true, ..Found::default() })
        }
        _ => Look::Nothing,
    }
}
