//! `waypost completions`: a completion script for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;

/// Prints the script.
pub(crate) fn run(screen: &Screen, shell: Shell) -> Outcome<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "waypost", &mut script);
    screen.term.line(String::from_utf8_lossy(&script).trim_end());
    Ok(Exit::Done)
}
