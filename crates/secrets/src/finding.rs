//! What a scan gives back. Finding it is done in `scan`; no type here holds a value.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::rule::{Policy, Severity};

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A name or a place speaks of a secret, and the value reads like one.
    Generic,
    /// The value has the form of one provider or standard.
    Structured,
    /// A check sum or an inner structure of the value holds.
    Checksum,
}

impl Confidence {
    /// The word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Structured => "structured",
            Self::Checksum => "checksum",
        }
    }
}

/// What the value was wrapped in where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wrapping {
    /// Nothing.
    None,
    /// The text is UTF-16.
    Utf16,
    /// The value stands inside base64.
    Base64,
}

/// A value that is very likely a credential. Spans are bytes of the scanned input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: Arc<str>,
    /// All that the rule matched, with the name and the quotes around the value.
    pub span: Range<usize>,
    /// The value alone. Empty when the path of the file is what was found.
    pub secret: Range<usize>,
    /// The rule's severity, one lower than usual where a check sum does not hold.
    pub severity: Severity,
    /// The rule's policy.
    pub policy: Policy,
    /// How sure it is.
    pub confidence: Confidence,
    /// What the value was wrapped in.
    pub wrapping: Wrapping,
    /// Why it was found, in a few words.
    pub reason: &'static str,
}

/// Something that has the form of a credential and was not reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetThrough {
    /// The rule's name.
    pub rule: Arc<str>,
    /// Where the value stands.
    pub secret: Range<usize>,
    /// Why it was let through.
    pub reason: Reason,
}

/// Why something was let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It contains a word that examples contain.
    Placeholder(&'static str),
    /// It is one of Waypost's own placeholders.
    OwnPlaceholder,
    /// It refers to a value that stands elsewhere: a variable, a template, a call.
    Reference,
    /// It is shorter than such values are.
    Short,
    /// It repeats itself, counts, or has little variety.
    Monotone,
    /// It reads like words, a path or code.
    Words,
    /// Its check sum or inner structure does not hold.
    Structure,
    /// It stands in a binary file, where names and values meet by chance.
    Binary,
    /// An allow-list of the rules allows it; the text is the list's description.
    Listed(Arc<str>),
    /// A mark on its line allows it; the text is the reason given there, empty for `gitleaks:allow`.
    Marked(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placeholder(word) => write!(out, "looks like an example: `{word}`"),
            Self::OwnPlaceholder => out.write_str("is a placeholder of this program"),
            Self::Reference => out.write_str("refers to a value elsewhere"),
            Self::Short => out.write_str("is too short"),
            Self::Monotone => out.write_str("has too little variety"),
            Self::Words => out.write_str("reads like words, a path or code"),
            Self::Structure => out.write_str("its check sum or structure does not hold"),
            Self::Binary => out.write_str("stands in a binary file"),
            Self::Listed(text) => write!(out, "allowed by the rules: {text}"),
            Self::Marked(text) if text.is_empty() => out.write_str("allowed by a mark on its line"),
            Self::Marked(text) => write!(out, "allowed by a mark on its line: {text}"),
        }
    }
}

/// The outcome of a scan: sorted by place, findings do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What was let through and why; only when [`crate::Options::let_through`] asks for it, and at most
    /// [`Scan::LET_THROUGH_MAX`] entries.
    pub let_through: Vec<LetThrough>,
}

impl Scan {
    /// The most entries of `let_through`.
    pub const LET_THROUGH_MAX: usize = 10_000;
}
