//! C: functions, types and macros. Expands no macro; a header is read as C.

use tree_sitter::Node;

use crate::look::{Found, Look, View};
use crate::symbol::SymbolKind;

/// How many stars and brackets may stand around a name.
const DECLARATOR_DEPTH_MAX: usize = 16;

pub(crate) fn look(view: &View<'_, '_>) -> Look {
    match view.node.kind() {
        "comment" => Look::Comment,
        "preproc_def" => view.symbol(SymbolKind::Constant, true, false),
        "preproc_function_def" => view.symbol(SymbolKind::Function, true, false),
        "struct_specifier" | "union_specifier" | "enum_specifier" if view.field("body").is_some() => {
            view.symbol(SymbolKind::Type, true, false)
        }
        "type_definition" => declared(view, SymbolKind::Type),
        "function_definition" => declared(view, SymbolKind::Function),
        _ => Look::Nothing,
    }
}

fn declared(view: &View<'_, '_>, kind: SymbolKind) -> Look {
    let Some(name) = view.field("declarator").and_then(name_of).map(|node| view.text(node)) else {
        return Look::Nothing;
    };
    let is_static = view
        .children(view.node)
        .any(|child| child.kind() == "storage_class_specifier" && view.text(child) == "static");
    let is_test = kind == SymbolKind::Function && name.starts_with("test_");
    let kind = if is_test { SymbolKind::Test } else { kind };
    Look::Symbol(Found { name, kind: Some(kind), is_public: !is_static, is_test, ..Found::default() })
}

fn name_of(declarator: Node<'_>) -> Option<Node<'_>> {
    let mut node = declarator;
    for _ in 0..DECLARATOR_DEPTH_MAX {
        if matches!(node.kind(), "identifier" | "type_identifier" | "field_identifier") {
            return Some(node);
        }
        node = node.child_by_field_name("declarator").or_else(|| node.named_child(0))?;
    }
    None
}
