//! Runs processes within bounds, and ends all that they started. Decides nothing; the only crate with `unsafe`.
#![deny(clippy::indexing_slicing)]

mod background;
mod command;
mod escaped;
mod foreground;
mod group;
mod output;
mod own;

pub use background::{Running, State, start};
pub use command::{Command, StartError};
pub use foreground::{Finished, run};
pub use output::Output;
pub use own::{OwnCommand, OwnOutput, run_own};
