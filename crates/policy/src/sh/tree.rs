//! The tree of a command line: lists, pipelines, commands, words and their pieces. How it is read lives in `grammar`.

use std::ops::Range;

/// A whole line: the list of commands, and the bodies of its here-documents.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) script: Script,
    /// Referred to by [`Redirection::body`].
    pub(super) bodies: Vec<Vec<Piece>>,
}

/// Commands one after the other.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) items: Vec<Item>,
}

/// A pipeline and how it is joined to what stands before it.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) join: Join,
    pub(super) commands: Vec<Command>,
    /// Ends in `&`: runs in a shell of its own.
    pub(super) background: bool,
    /// Begins with `!` or `time`.
    pub(super) is_led: bool,
}

/// How a pipeline follows the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    /// After it, or first.
    Then,
    /// Only when it succeeded.
    And,
    /// Only when it failed.
    Or,
}

#[derive(Debug)]
pub(super) enum Command {
    Simple(Simple),
    Compound(Box<Compound>, Vec<Redirection>),
}

#[derive(Debug)]
pub(super) enum Compound {
    Subshell(Script),
    Group(Script),
    /// Conditions and what follows them; `else` last, without a condition.
    If(Vec<(Option<Script>, Script)>),
    While(Script, Script),
    For {
        name: String,
        words: Option<Vec<Word>>,
        body: Script,
    },
    /// `for ((…))`, with the pieces of its head.
    Count(Vec<Piece>, Script),
    Case {
        word: Word,
        arms: Vec<(Vec<Word>, Script)>,
    },
    Function {
        name: String,
        body: Command,
    },
    /// `[[ … ]]`
    Test(Vec<Word>, Range<usize>),
    /// `(( … ))`
    Arithmetic(Vec<Piece>, Range<usize>),
}

#[derive(Debug, Default)]
pub(super) struct Simple {
    pub(super) assignments: Vec<Assignment>,
    pub(super) words: Vec<Word>,
    pub(super) redirections: Vec<Redirection>,
    pub(super) span: Range<usize>,
    /// As it is written.
    pub(super) text: String,
}

#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) value: Word,
    /// `name[…]=`, `name+=` or `name=(…)`: the value alone does not say what the variable holds.
    pub(super) is_odd: bool,
}

#[derive(Debug)]
pub(super) struct Redirection {
    pub(super) kind: RedirectionKind,
    pub(super) target: Word,
    /// Of a here-document: its place in [`Parsed::bodies`].
    pub(super) body: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RedirectionKind {
    Read,
    Write,
    Append,
    ReadWrite,
    /// `>&` and `<&`: a descriptor, or for `>&` a file.
    Duplicate,
    /// `<&`
    DuplicateInput,
    HereDocument,
    HereString,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) pieces: Vec<Piece>,
    pub(super) span: Range<usize>,
}

/// A piece of a word.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Outside quotes: wildcards, a tilde and braces count.
    Plain(String),
    /// In quotes of any kind; counts as it stands.
    Quoted(String),
    Parameter(std::rc::Rc<Parameter>),
    Substitution(std::rc::Rc<Substitution>),
    Arithmetic {
        pieces: std::rc::Rc<Vec<Piece>>,
        quoted: bool,
    },
}

/// `$name` or `${name…}`.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// Whether it is more than the plain value: a length, a default, a cut.
    pub(super) is_modified: bool,
    /// `=` in it: sets the variable.
    pub(super) assigns: bool,
    /// Bash may evaluate what the variable holds: `${!x}`, `${x@P}`, a computed subscript.
    pub(super) evaluates: bool,
    /// What stands behind the operator.
    pub(super) inner: Vec<Piece>,
    pub(super) quoted: bool,
    /// As it is written.
    pub(super) text: String,
}

/// `$(…)`, backquotes, or `<(…)`.
#[derive(Debug)]
pub(super) struct Substitution {
    pub(super) script: Script,
    pub(super) quoted: bool,
    /// `<(…)` and `>(…)` stand for the name of a pipe, which is never an option.
    pub(super) is_process: bool,
    pub(super) text: String,
}
