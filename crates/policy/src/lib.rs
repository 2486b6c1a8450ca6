//! Decides whether a call may run, and hands out the permit. Runs nothing, reads nothing, may not panic.
#![deny(clippy::indexing_slicing)]

mod capability;
mod decide;
mod defaults;
mod gate;
mod mode;
mod profile;
mod readers;
mod request;
mod rule;
mod shell;

pub use capability::Capability;
pub use decide::{Decision, Policy};
pub use gate::{Admission, Answer, Ask, Decided, Gate, Permit, Record, RecordError};
pub use mode::Mode;
pub use profile::{
    Limits, Network, PROFILE_PATH_BYTES_MAX, PROFILE_PATHS_MAX, Profile, ProfileError, Sockets,
};
pub use request::{Origin, Place, Request, Target};
pub use rule::{Effect, Rule, RuleError, Source};
pub use shell::{SimpleCommand, Understood, understand};
