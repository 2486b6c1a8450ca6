//! Who and what can be called upon here: custom agents, skills, powers, saved prompts. Reads no disk and runs nothing.
//!
//! Any bytes give a value or a reason, and diagnostics with spans. What a file asks for is kept as it was written; what it
//! gets here is [`agent::Agent::tools_of`] and [`grant`], which only ever take away.
#![deny(clippy::indexing_slicing)]

pub mod agent;
mod built_in;
mod command_line;
mod fields;
mod front;
pub mod grant;
pub mod paths;
pub mod permissions;
pub mod power;
pub mod prompt;
mod regex_words;
pub mod resource;
mod roster;
mod say;
mod settle;
pub mod skill;
pub mod tools;
mod words;

pub use roster::{Builder, LeftOut, Roster, SUBAGENTS_MAX, What};

/// Where a file comes from. Later ones win over earlier ones of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The person's own folder, `~/.kiro`.
    Person,
    /// Comes with Waypost.
    BuiltIn,
    /// The workspace; it needs trust.
    Workspace,
}

impl Origin {
    /// The word for a person.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Person => "person",
            Origin::BuiltIn => "built in",
            Origin::Workspace => "workspace",
        }
    }
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading<T> {
    /// It was understood; its oddities are in its diagnostics.
    Read(T),
    /// It is not what it should be.
    Refused {
        /// Why, lower case, no full stop.
        why: String,
        /// Where, and what to do.
        diagnostics: Vec<spec::Diagnostic>,
    },
}

impl<T> Reading<T> {
    /// The value, when there is one.
    pub fn ok(self) -> Option<T> {
        match self {
            Reading::Read(value) => Some(value),
            Reading::Refused { .. } => None,
        }
    }
}

/// Bounds of what is looked into, in one place for whoever documents them.
pub mod bounds {
    pub use crate::fields::ITEMS_MAX;
    pub use crate::power::{KEYWORDS_MAX, WORDS_BYTES_MAX};
    pub use crate::prompt::{ARGUMENTS_MAX, EXPANDED_BYTES_MAX};
    pub use crate::roster::FILES_MAX;
    pub use crate::skill::CATALOG_BYTES_MAX;
    pub use crate::tools::PATTERN_BYTES_MAX;
}
