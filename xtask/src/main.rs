//! The house's own commands. Builds nothing that ships.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its terminal")]

mod ready;
mod tidy;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  ready   format, clippy, tidy, the sample, tests: everything that a commit must pass
  tidy    the rules of the house that a compiler does not know";

fn main() -> ExitCode {
    let command: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match command.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["ready"] => ready::run(),
        ["tidy"] => tidy::run(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
