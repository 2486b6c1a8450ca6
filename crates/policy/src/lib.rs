//! Decides whether a call may run, and hands out the permit. Runs nothing, reads nothing, may not panic.
#![deny(clippy::indexing_slicing)]

mod capability;
mod decide;
mod defaults;
mod explain;
mod gate;
mod glob;
mod grant;
mod ignore;
mod index;
mod judge;
mod line;
mod mode;
mod profile;
mod request;
mod rule;
mod rule_file;
mod sh;
mod shadow;
mod shell;
mod simulate;
mod taint;
mod verdict;

pub use capability::Capability;
pub use decide::{Decision, Policy};
pub use explain::{Considered, Explained, Explanation};
pub use gate::{Admission, Answer, Ask, Decided, Gate, Permit, Record, RecordError};
pub use grant::{Grant, WriteLimits};
pub use ignore::{IgnoreFile, ListKind};
pub use judge::{Class, Judged, Touch, judge};
pub use mode::Mode;
pub use profile::{
    Limits, Network, PROFILE_PATH_BYTES_MAX, PROFILE_PATHS_MAX, Profile, ProfileError, Sockets,
};
pub use request::{Origin, Place, Request, Target};
pub use rule::{Cited, Effect, Rule, RuleError, Scope, Source};
pub use rule_file::{Contents, Examples, Problem, RuleFile, WrittenRule};
pub use sh::{
    Access, Arg, Directory, Input, Part, Redirect, Unclear, Via, read as read_line,
    read_bytes as read_line_bytes,
};
pub use shadow::Shadowed;
pub use shell::{SimpleCommand, Understood, understand};
pub use simulate::{Difference, Recorded, simulate};
pub use taint::{Taint, TaintRules, TaintSource};
pub use verdict::{Basis, Verdict};

/// Bounds of what is looked into, in one place for whoever documents them.
pub mod bounds {
    pub use crate::ignore::LINES_MAX as IGNORE_LINES_MAX;
    pub use crate::rule_file::RULES_MAX;
    pub use crate::sh::{BRACES_MAX, DEPTH_MAX, LINE_BYTES_MAX, PARTS_MAX};
    pub use crate::taint::SOURCES_MAX as TAINT_SOURCES_MAX;
}
