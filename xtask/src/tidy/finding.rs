//! What a rule found: the place, the fault, and the next step.

use std::fmt;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// A path from the root, with a line number where that helps.
    pub(super) place: String,
    /// What is wrong.
    pub(super) fault: String,
    /// What to do about it.
    pub(super) hint: String,
}

impl Finding {
    /// A fault at a place, and the next step.
    pub(super) fn new(place: impl ToString, fault: impl ToString, hint: impl ToString) -> Finding {
        Finding { place: place.to_string(), fault: fault.to_string(), hint: hint.to_string() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}      hint: {}", self.place, self.fault, self.hint)
    }
}
