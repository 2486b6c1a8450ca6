//! Runs processes within bounds and profiles, and ends all that they started. Decides nothing; the only crate with
//! `unsafe`.
#![deny(clippy::indexing_slicing)]

mod background;
mod capabilities;
mod command;
mod confine;
mod confinement;
#[cfg(any(test, not(target_os = "linux")))]
mod elsewhere;
mod enforced;
mod escaped;
mod foreground;
mod group;
mod job;
#[cfg(target_os = "linux")]
mod linux;
mod output;
mod own;
mod seatbelt;

pub use background::{Running, State, start};
pub use capabilities::{Capabilities, Namespaces, capabilities};
pub use command::{Command, StartError};
pub use confine::{Confine, Confined, Free, Wishes};
pub use confinement::{Bridge, Confinement};
pub use enforced::{Asked, Enforced, Layer, Part};
pub use foreground::{Finished, run};
pub use job::{Job, job};
pub use output::Output;
pub use own::{OwnCommand, OwnOutput, run_own, run_own_confined};
pub use seatbelt::{SEATBELT_PROGRAM, seatbelt, seatbelt_arguments};
