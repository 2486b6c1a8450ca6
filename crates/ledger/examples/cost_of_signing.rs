//! What recording costs: the beginning of a session, a turn with one durable decision, the end, and verifying it all.
//! Run with `cargo run --release -p ledger --example cost_of_signing [DIRECTORY]`, on the disk that is meant.
#![expect(clippy::print_stdout, reason = "it is for reading")]
#![expect(clippy::disallowed_methods, reason = "it makes a ledger in a directory of its own and removes it")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use conversation::{Digest, Event, Journal as _, Sent};
use ledger::Store;
use policy::{Capability, Decided, Decision, Effect, Origin, Record as _, Request, Target};

const SESSIONS: usize = 21;
const TURNS: usize = 200;

fn clock() -> u64 {
    std::time::UNIX_EPOCH.elapsed().map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}

fn decided(call: usize) -> Decided {
    let target = Target::Command("cargo test --workspace".to_string());
    Decided {
        call: format!("call-{call}"),
        requests: vec![Request { capability: Capability::Shell, target, origin: Origin::Agent }],
        decision: Decision { effect: Effect::Allow, reason: "a rule of the user".to_string(), remedy: None },
        answered_by: None,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let root = root.join(format!("cost-of-signing-{}", std::process::id()));
    let store = Store::open(&root, Path::new("/w"), clock)?;
    let (mut begins, mut turns, mut ends, mut opens) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for session in 0..SESSIONS {
        let id = format!("s{session}");
        let start = Instant::now();
        let mut writer = store.create_session(&id)?;
        writer.append(&Event::Resumed)?;
        writer.sync()?;
        begins.push(start.elapsed());
        for turn in 0..TURNS {
            let start = Instant::now();
            let fragments = Digest::of(b"fragments");
            writer.append(&Event::Sent(Sent { turn: 1, fragments, messages: 2 }))?;
            writer.append(&Event::Noted { text: "words ".repeat(200) })?;
            writer.record(&[decided(turn)])?;
            turns.push(start.elapsed());
        }
        let start = Instant::now();
        writer.seal()?;
        ends.push(start.elapsed());
        let start = Instant::now();
        drop(store.open_session(&id)?);
        opens.push(start.elapsed());
    }
    say("beginning a session, with its first durable record", begins);
    say("a turn: two appends and a durable decision", turns);
    say("ending a session", ends);
    say("opening a session of 601 records again", opens);
    let start = Instant::now();
    let report = ledger::verify(std::slice::from_ref(&root));
    let took = start.elapsed();
    println!("verifying {} records: {took:?}, {} findings", report.records, report.findings.len());
    std::fs::remove_dir_all(&root)?;
    Ok(())
}

fn say(what: &str, mut costs: Vec<Duration>) {
    costs.sort_unstable();
    let at = |part: usize| costs.get(costs.len() * part / 100).copied().unwrap_or_default();
    println!("{what}: median {:?}, p95 {:?}, p99 {:?}", at(50), at(95), at(99));
}
