//! What the policy says of a request, and on what it stands. Words for a person are made only when somebody asks for them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::ignore::{Line, ListKind};
use crate::rule::Cited;
use crate::taint::TaintSource;
use crate::{Decision, Effect};

/// Allow, ask or deny, with the reason as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Allow, ask or deny.
    pub effect: Effect,
    /// What it stands on.
    pub basis: Basis,
    /// The rule that would allow it, where a rule could.
    pub remedy: Option<String>,
}

/// What a verdict stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A rule speaks of it.
    Rule(Cited),
    /// A list of paths names it.
    Listed {
        /// Which sort of list.
        kind: ListKind,
        /// The file.
        file: Arc<str>,
        /// The line in it, from 1; 0 for the whole file.
        line: u32,
        /// The line, or why it could not be read.
        text: String,
        /// The list could not be read, so whatever it may name is doubtful.
        is_void: bool,
    },
    /// No rule speaks of it; this default does.
    Default(&'static str),
    /// It would destroy something, which always asks.
    Destructive {
        /// The command.
        command: String,
        /// What would be gone.
        blast: String,
    },
    /// The command line is not followed.
    Unclear {
        /// The reason, as a noun.
        why: &'static str,
        /// Where in the line.
        at: Range<usize>,
    },
    /// A command of the line is not known to be harmless.
    Command {
        /// The command.
        command: String,
        /// Why it asks.
        why: String,
    },
    /// A path that a command touches.
    Path {
        /// The command.
        command: String,
        /// The path as the command names it.
        path: String,
        /// What decided about the path.
        because: Box<Basis>,
    },
    /// Something below a directory that a command reads or writes as a whole is closed.
    Below {
        /// What closes it.
        closes: Box<Basis>,
    },
    /// A file of rules is void, so what it would deny is not known.
    Void {
        /// The file.
        file: Arc<str>,
        /// The line.
        line: u32,
        /// What is wrong with it.
        why: String,
    },
    /// The turn took in something from outside.
    Taint {
        /// The sort of source.
        source: TaintSource,
        /// What it was.
        from: Arc<str>,
        /// What would have held without it.
        otherwise: Box<Basis>,
    },
    /// The person has not trusted the workspace.
    Untrusted,
    /// The grant of a hook, agent or spec does not cover it.
    Grant {
        /// Whose grant.
        name: Arc<str>,
        /// What the grant says.
        because: Box<Basis>,
    },
}

impl Verdict {
    pub(crate) fn allow(basis: Basis) -> Verdict {
        Verdict { effect: Effect::Allow, basis, remedy: None }
    }

    pub(crate) fn ask(basis: Basis) -> Verdict {
        Verdict { effect: Effect::Ask, basis, remedy: None }
    }

    pub(crate) fn deny(basis: Basis) -> Verdict {
        Verdict { effect: Effect::Deny, basis, remedy: None }
    }

    /// The stricter of the two; this one when they are equal.
    pub(crate) fn or_stricter(self, other: Verdict) -> Verdict {
        if other.effect > self.effect { other } else { self }
    }

    /// The reason, as a sentence part for a person.
    pub fn reason(&self) -> String {
        self.basis.to_string()
    }
}

impl From<Verdict> for Decision {
    fn from(verdict: Verdict) -> Decision {
        Decision { effect: verdict.effect, reason: verdict.reason(), remedy: verdict.remedy }
    }
}

impl Basis {
    pub(crate) fn listed(kind: ListKind, line: &Line, is_void: bool) -> Basis {
        Basis::Listed {
            kind,
            file: Arc::clone(&line.file),
            line: line.line,
            text: line.text.clone(),
            is_void,
        }
    }

    /// The rule that it stands on at last, if it is one.
    pub fn rule(&self) -> Option<&Cited> {
        match self {
            Basis::Rule(cited) => Some(cited),
            Basis::Path { because, .. }
            | Basis::Below { closes: because }
            | Basis::Grant { because, .. }
            | Basis::Taint { otherwise: because, .. } => because.rule(),
            _ => None,
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Basis::Rule(cited) => write!(f, "{cited}"),
            Basis::Listed { kind, file, line, text, is_void } => {
                let what = match kind {
                    ListKind::Invisible => "invisible",
                    ListKind::ReadOnly => "never written",
                    ListKind::NotDiscovered => "left out",
                };
                match is_void {
                    true => write!(f, "what is {what} is not known: {file}:{line}: {text}"),
                    false => write!(f, "{what} by `{text}` ({file}:{line})"),
                }
            }
            Basis::Default(what) => write!(f, "default: {what}"),
            Basis::Destructive { command, blast } => write!(f, "`{command}` {blast}"),
            Basis::Unclear { why, at } => {
                write!(f, "the command is not followed: {why} (byte {})", at.start)
            }
            Basis::Command { command, why } if why.is_empty() => {
                write!(f, "`{command}` is not known to be read-only")
            }
            Basis::Command { command, why } => write!(f, "`{command}`: {why}"),
            Basis::Path { command, path, because } => match &**because {
                Basis::Default(what) => write!(f, "`{command}` touches `{path}`: {what}"),
                because => write!(f, "`{command}` touches `{path}`: {because}"),
            },
            Basis::Below { closes } => write!(f, "something below may be closed: {closes}"),
            Basis::Void { file, line, why } => {
                write!(f, "{file}:{line} is void, so nothing is certain to be allowed: {why}")
            }
            Basis::Taint { source, from, otherwise } => {
                write!(f, "this turn took in {} `{from}`; otherwise {otherwise}", source.name())
            }
            Basis::Untrusted => write!(f, "this workspace is not trusted; `waypost trust` shows what it has"),
            Basis::Grant { name, because } => write!(f, "the grant of {name} does not cover it: {because}"),
        }
    }
}

impl fmt::Display for Cited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}` ({}", self.text, self.source.name())?;
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, ", {file}:{line})"),
            (Some(file), None) => write!(f, ", {file})"),
            _ => write!(f, ")"),
        }
    }
}
