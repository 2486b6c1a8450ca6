//! The built-in tools, one file each: what it asks for, and how it is done with a permit. Starts no process.
#![deny(clippy::indexing_slicing)]

mod edit;
mod environment;
mod files;
mod glob;
mod grep;
mod input;
mod list;
mod missing;
mod names;
mod paths;
mod process;
mod processes;
mod read;
mod replace;
mod shell;
mod similar;
mod text;
mod todo;
mod tolerant;
mod walk;
mod write;

#[cfg(test)]
mod properties;

use std::sync::Arc;

use conversation::Tool;
use sandbox::Confine;

pub use environment::{command_environment, search_path};
pub use names::Closed;
pub use paths::resolve;

/// All built-in tools, in the order in which a model sees them. `confine` says what the commands that they run may
/// reach. Dropping the tools ends what runs in the background.
pub fn all(confine: Arc<dyn Confine>) -> Vec<Box<dyn Tool>> {
    // `shell` starts what `process` reads and stops.
    let processes = Arc::new(processes::Processes::new(confine));
    vec![
        Box::new(read::Read),
        Box::new(list::List),
        Box::new(glob::Glob),
        Box::new(grep::Grep),
        Box::new(edit::Edit),
        Box::new(write::Write),
        Box::new(shell::Shell(Arc::clone(&processes))),
        Box::new(process::Process(processes)),
        Box::new(todo::Todo),
    ]
}
