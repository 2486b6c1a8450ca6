//! Finds processes that left their group by starting a session of their own. Looks; signals only what it marked.
#![expect(clippy::disallowed_methods, reason = "looks through the system's table of processes")]

use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Pid, Signal};

/// A variable in the environment of a command by which all its descendants can be told.
///
/// Limitations: Linux only; a process that clears its environment cannot be found.
#[derive(Clone, Debug)]
pub(crate) struct Mark(String);

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Mark {
    /// The variable's name.
    pub(crate) const NAME: &'static str = "WAYPOST_RUN";

    /// A mark that no other command of this process bears.
    pub(crate) fn next() -> Mark {
        Mark(format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    pub(crate) fn value(&self) -> &str {
        &self.0
    }

    /// Kills every process that bears the mark; returns how many. Costs a walk over the process table, so it
    /// is done only when a command was ended by force or something still holds its output.
    pub(crate) fn kill_all(&self) -> usize {
        let wanted = format!("{}={}", Mark::NAME, self.0);
        let Ok(processes) = std::fs::read_dir("/proc") else { return 0 };
        let mut killed = 0;
        for process in processes.flatten() {
            let id = process.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
            let Some(id) = id else { continue };
            let Ok(environment) = std::fs::read(process.path().join("environ")) else { continue };
            if environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes())
                && rustix::process::kill_process(id, Signal::KILL).is_ok()
            {
                killed += 1;
            }
        }
        killed
    }
}
