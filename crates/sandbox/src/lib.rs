//! Runs processes within bounds and profiles, and ends all that they started. Decides nothing; the only crate with
//! `unsafe`.
#![deny(clippy::indexing_slicing)]

#[cfg(unix)]
mod background;
mod capabilities;
#[cfg(unix)]
mod command;
#[cfg(unix)]
mod confine;
mod confinement;
#[cfg(any(test, not(target_os = "linux")))]
mod elsewhere;
mod enforced;
#[cfg(unix)]
mod escaped;
#[cfg(unix)]
mod feed;
#[cfg(unix)]
mod foreground;
#[cfg(unix)]
mod group;
mod job;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod own;
mod rest;
mod seatbelt;
#[cfg(unix)]
mod talk;

#[cfg(unix)]
pub use background::{Running, State, start};
pub use capabilities::{Capabilities, Namespaces, capabilities};
#[cfg(unix)]
pub use command::{Command, StartError};
#[cfg(unix)]
pub use confine::{Confine, Confined, Free, Wishes};
pub use confinement::{Bridge, Confinement};
pub use enforced::{Asked, Enforced, Layer, Part};
#[cfg(unix)]
pub use feed::{Fed, feed};
#[cfg(unix)]
pub use foreground::{Finished, run};
pub use job::{Job, job};
#[cfg(unix)]
pub use output::Output;
#[cfg(unix)]
pub use own::{OwnCommand, OwnOutput, run_own, run_own_confined};
pub use rest::rest;
pub use seatbelt::{SEATBELT_PROGRAM, seatbelt, seatbelt_arguments};
#[cfg(unix)]
pub use talk::{Errors, Talk, talk};
