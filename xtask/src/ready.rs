//! Runs what a commit must pass, one step after the other, and stops at the first that fails.
#![expect(clippy::disallowed_methods, reason = "the steps are processes")]

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{tidy, workspace};

/// A step: its name and the arguments for cargo.
type Step = (&'static str, &'static [&'static str]);

const SAMPLE: &str = "examples/rate-limit/Cargo.toml";

const BEFORE_TIDY: &[Step] = &[
    ("format", &["fmt", "--all", "--check"]),
    ("format of the sample", &["fmt", "--check", "--manifest-path", SAMPLE]),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
];

// The acceptance tests of the sample's spec fail until Waypost has built the feature; here they only compile.
const AFTER_TIDY: &[Step] = &[
    (
        "tests of the sample",
        &["test", "--quiet", "--offline", "--manifest-path", SAMPLE, "--lib", "--test", "service"],
    ),
    (
        "acceptance tests of the sample compile",
        &["test", "--quiet", "--offline", "--manifest-path", SAMPLE, "--test", "rate_limit", "--no-run"],
    ),
];

const NEXTEST: Step = ("tests", &["nextest", "run", "--workspace"]);
const TESTS: Step = ("tests", &["test", "--workspace"]);

/// Runs all steps.
pub(crate) fn run() -> Result<(), String> {
    for step in BEFORE_TIDY {
        cargo(step)?;
    }
    announce("tidy");
    tidy::run()?;
    for step in AFTER_TIDY {
        cargo(step)?;
    }
    cargo(if nextest_is_installed() { &NEXTEST } else { &TESTS })?;
    announce("ready");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a command line talks to its terminal")]
fn announce(step: &str) {
    println!("── {step}");
}

#[expect(clippy::print_stdout, reason = "a command line talks to its terminal")]
fn cargo((name, arguments): &Step) -> Result<(), String> {
    announce(name);
    let start = Instant::now();
    let status = Command::new("cargo")
        .args(*arguments)
        .current_dir(workspace::root())
        .status()
        .map_err(|error| format!("cannot start `cargo`: {error}"))?;
    println!("   {:.1} s", start.elapsed().as_secs_f64());
    if status.success() { Ok(()) } else { Err(format!("{name}: `cargo {}` failed", arguments.join(" "))) }
}

fn nextest_is_installed() -> bool {
    let probe = Command::new("cargo")
        .args(["nextest", "--version"])
        .current_dir(workspace::root())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    probe.is_ok_and(|status| status.success())
}
