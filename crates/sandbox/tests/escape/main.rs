//! Tries to get out of the sandbox in many ways, each for real, in a process that is this program again. Each
//! attempt first runs unconfined: what fails there proves nothing here, and is said and skipped.
#![cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "attempts make raw system calls, as somebody who wants out would")
)]
#![expect(clippy::disallowed_methods, reason = "tests look at the disk and start processes")]
#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![expect(clippy::print_stdout, reason = "a test without the usual harness talks itself")]

#[cfg(target_os = "linux")]
mod attempt;
#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod harness;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod place;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(target_os = "linux")]
mod protected;

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "linux")]
    return harness::main();
    #[cfg(not(target_os = "linux"))]
    {
        println!("skipped: attempts to escape are written for Linux");
        std::process::ExitCode::SUCCESS
    }
}
