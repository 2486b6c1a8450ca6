//! What a source file consists of, as values. Reads nothing.

use std::ops::Range;

/// What sort of thing a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SymbolKind {
    /// A function that belongs to no type; in Rust and C a macro as well.
    Function,
    /// A struct, class, interface, trait, enum or alias.
    Type,
    /// A function or property of a type.
    Method,
    /// A constant or a variable of the file.
    Constant,
    /// A module or name space; a group of tests such as `describe`.
    Module,
    /// One test.
    Test,
}

/// A named piece of a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The name as written; for a test that is named by a string, the string.
    pub name: String,
    /// The name with those of the modules and types around it: `store::Store::get`, `Store.get`.
    pub qualified: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Its bytes, attributes and decorators included, comments above it left out.
    pub span: Range<usize>,
    /// Its first and last line, counted from 1.
    pub lines: (usize, usize),
    /// The first line of the comments that stand directly above it; its own first line when there are none.
    pub above: usize,
    /// Changes when and only when the symbol's tokens change.
    pub digest: u64,
    /// As `digest`, with every identifier replaced by the place of its first occurrence: stays the same when things
    /// are only renamed. Equal to `digest` where it was not worth computing.
    pub shape: u64,
    /// Whether it can be used from outside its file or type, as far as its own words say.
    pub is_public: bool,
    /// Whether it is a test or a group of tests.
    pub is_test: bool,
}

/// A source file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The language, as [`crate::language_of`] names it.
    pub language: &'static str,
    /// Changes when and only when the file's tokens change.
    pub digest: u64,
    /// In the order of their first bytes, at most [`crate::SYMBOLS_MAX`].
    pub symbols: Vec<Symbol>,
    /// Whether some symbols were left out because there were too many.
    pub is_cut: bool,
    /// Whether parts of the file could not be parsed; their tokens are in the digests all the same.
    pub has_errors: bool,
}
