//! What a node of a syntax tree is to us, and the questions that a language may ask about one. Walks no tree.

use tree_sitter::Node;

use crate::symbol::SymbolKind;

/// Bytes of a name; a longer one is cut.
const NAME_BYTES_MAX: usize = 200;

/// How many children are looked at for modifiers and arguments; they stand in front.
const CHILDREN_MAX: u32 = 24;

/// A node as a language sees it.
pub(crate) struct View<'a, 'tree> {
    /// The node.
    pub(crate) node: Node<'tree>,
    /// The whole file.
    pub(crate) source: &'a [u8],
    /// The kinds of the nodes around it, outermost first.
    pub(crate) path: &'a [&'tree str],
}

/// What a node is.
pub(crate) enum Look {
    /// Nothing of its own; its children are looked at.
    Nothing,
    /// No part of the meaning.
    Comment,
    /// Says something about the next node beside it.
    Attribute {
        /// It makes a test of it.
        is_test: bool,
    },
    /// Begins the symbol that stands in it.
    Wrapper {
        /// It makes the symbol public.
        is_exported: bool,
    },
    /// Gives its name to what stands in it, and is no symbol.
    Owner(String),
    /// A symbol.
    Symbol(Found),
    /// A macro that holds tests as bare tokens.
    PropertyTests,
}

/// A symbol as its language sees it.
#[derive(Default)]
pub(crate) struct Found {
    /// Its name.
    pub(crate) name: String,
    /// A part of the qualified name that does not stand around it.
    pub(crate) owner: Option<String>,
    /// What it is; a function in a type becomes a method.
    pub(crate) kind: Option<SymbolKind>,
    /// Whether its own words make it public.
    pub(crate) is_public: bool,
    /// Whether it is a test or a group of tests.
    pub(crate) is_test: bool,
}

impl<'tree> View<'_, 'tree> {
    /// The kind of the node around, with `up` more nodes left out.
    pub(crate) fn around(&self, up: usize) -> &'tree str {
        self.path.iter().rev().nth(up).copied().unwrap_or_default()
    }

    /// The child with that role.
    pub(crate) fn field(&self, name: &str) -> Option<Node<'tree>> {
        self.node.child_by_field_name(name)
    }

    /// The words of a node on one line, cut at a bound.
    pub(crate) fn text(&self, node: Node<'_>) -> String {
        let bytes = self.source.get(node.byte_range()).unwrap_or_default();
        let cut = bytes.get(..NAME_BYTES_MAX).unwrap_or(bytes);
        let text = String::from_utf8_lossy(cut);
        let text = text.trim_end_matches('\u{fffd}');
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The words of the child with that role.
    pub(crate) fn name(&self, field: &str) -> Option<String> {
        self.field(field).map(|node| self.text(node)).filter(|name| !name.is_empty())
    }

    /// The first children.
    pub(crate) fn children(&self, node: Node<'tree>) -> impl Iterator<Item = Node<'tree>> {
        let count = node.child_count().min(CHILDREN_MAX);
        (0..count).filter_map(move |at| node.child(at))
    }

    /// The first child of that kind.
    pub(crate) fn child(&self, node: Node<'tree>, kind: &str) -> Option<Node<'tree>> {
        self.children(node).find(|child| child.kind() == kind)
    }

    /// The text of a string literal without its quotes.
    pub(crate) fn string(&self, node: Node<'tree>) -> Option<String> {
        let is_string = matches!(
            node.kind(),
            "string" | "template_string" | "string_literal" | "interpreted_string_literal"
        );
        let text = self.text(node);
        let text = text.trim_matches(['"', '\'', '`']).trim();
        (is_string && !text.is_empty()).then(|| text.to_string())
    }

    /// A symbol that is named by a field, if it has a name.
    pub(crate) fn symbol(&self, kind: SymbolKind, is_public: bool, is_test: bool) -> Look {
        match self.name("name") {
            Some(name) => {
                Look::Symbol(Found { name, kind: Some(kind), is_public, is_test, ..Found::default() })
            }
            None => Look::Nothing,
        }
    }
}

/// A call that makes a test: `it("…")`, `test("…")`, or a group of them.
pub(crate) fn test_call(function: &str) -> Option<SymbolKind> {
    match function {
        "it" | "test" | "specify" | "scenario" | "fit" | "xit" | "property" => Some(SymbolKind::Test),
        "describe" | "suite" | "context" | "feature" | "fdescribe" | "xdescribe" => Some(SymbolKind::Module),
        _ => None,
    }
}
