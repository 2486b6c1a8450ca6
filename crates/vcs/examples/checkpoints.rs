//! Takes checkpoints as it is told on its input, and says how long each took and how much memory it holds; for
//! `bench/checkpoints.py`. Not shipped.
#![expect(clippy::print_stdout, reason = "the measurements are its output")]
#![expect(clippy::disallowed_methods, reason = "what the system says of this process is a file")]

use std::io::BufRead as _;
use std::path::PathBuf;
use std::time::Instant;

use vcs::{Cause, Snapshots, Undo, Wrote};

/// Words on each line: `open`, `warm`, `before`, `after`, `restore`, `memory`. Answers with a line of milliseconds and
/// facts.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(state), Some(workspace)) = (arguments.next(), arguments.next()) else {
        return Err("usage: checkpoints <state> <workspace>".into());
    };
    let cause = Cause { session: "bench".to_string(), ..Cause::default() };
    let mut snapshots = Snapshots::open(&state, &workspace)?;
    let mut last = 0;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let start = Instant::now();
        let facts = match line.trim() {
            // As a new process: nothing in memory, no watch.
            "open" => {
                drop(snapshots);
                snapshots = Snapshots::open(&state, &workspace)?;
                String::new()
            }
            "warm" => {
                snapshots.warm()?;
                String::new()
            }
            "before" => {
                let begun = snapshots.before(&cause)?;
                last = begun.number;
                let snapshot = begun.snapshot;
                format!("{} {} {}", snapshot.tree, snapshot.read, snapshot.is_watched)
            }
            "after" => {
                let snapshot = snapshots.after(last, &Wrote::Anything)?;
                format!("{} {} {}", snapshot.tree, snapshot.read, snapshot.is_watched)
            }
            "restore" => {
                let undo = Undo { checkpoints: vec![last], paths: Vec::new(), unended: false };
                let plan = snapshots.plan(&undo)?;
                let restored = snapshots.restore(&plan, &cause)?;
                format!("{} {} {}", restored.tree, restored.changed.len(), restored.is_exact)
            }
            "memory" => memory()?,
            other => return Err(format!("unknown word `{other}`").into()),
        };
        println!("{:.3} {facts}", start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(())
}

/// The heap and what is resident of this process now, and the most that was, in kB. Linux only.
fn memory() -> Result<String, std::io::Error> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let fact = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().nth(1)).unwrap_or("?")
    };
    Ok(format!("anon {} rss {} peak {}", fact("RssAnon"), fact("VmRSS"), fact("VmHWM")))
}
