//! What `shell` and `process` share: the commands in the background and the outputs that are kept whole.
#![expect(clippy::disallowed_methods, reason = "looks which names in the scratch directory are free")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use sandbox::{Confine, Confined, Running, State};

/// How many commands may run in the background.
pub(crate) const RUNNING_MAX: usize = 16;

/// How many ended ones are remembered; their outputs stay readable after that.
const ENDED_MAX: usize = 64;

/// The commands in the background. Dropping it ends them.
pub(crate) struct Processes {
    pub(crate) confine: Arc<dyn Confine>,
    next: AtomicU32,
    running: Mutex<BTreeMap<String, Held>>,
}

impl Processes {
    /// No commands yet; `confine` says what those to come may reach.
    pub(crate) fn new(confine: Arc<dyn Confine>) -> Processes {
        Processes { confine, next: AtomicU32::new(1), running: Mutex::default() }
    }

    /// A name whose file in the scratch directory is free, also after a session was resumed.
    pub(crate) fn new_id(&self, kind: Kind, scratch: &Path) -> String {
        loop {
            let id = format!("{}{}", kind.letter(), self.next.fetch_add(1, Ordering::Relaxed));
            if !output_path(scratch, &id).exists() {
                return id;
            }
        }
    }

    /// Remembers a command that was started.
    pub(crate) fn add(&self, id: String, running: Running, confined: Confined) {
        let mut all = self.lock();
        all.insert(id, Held { running, confined });
        let ended: Vec<String> = all
            .iter_mut()
            .filter_map(|(id, held)| (held.running.state() != State::Running).then(|| id.clone()))
            .collect();
        for id in ended.iter().take(ended.len().saturating_sub(ENDED_MAX)) {
            all.remove(id);
        }
    }

    /// How many run now.
    pub(crate) fn count_running(&self) -> usize {
        self.lock().values_mut().map(|held| usize::from(held.running.state() == State::Running)).sum()
    }

    /// Takes a command out, for as long as it is waited for.
    pub(crate) fn take(&self, id: &str) -> Option<Held> {
        self.lock().remove(id)
    }

    /// Puts it back.
    pub(crate) fn put(&self, id: &str, held: Held) {
        self.lock().insert(id.to_string(), held);
    }

    /// The names of all commands, for a refusal.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        // A panic elsewhere leaves the map as it was; the commands in it still have to be ended.
        self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A command in the background, and what holds it: that must stay for as long as the command runs.
pub(crate) struct Held {
    pub(crate) running: Running,
    pub(crate) confined: Confined,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The whole output of an earlier command.
    Output,
    /// A command in the background.
    Process,
}

impl Kind {
    fn letter(self) -> char {
        match self {
            Kind::Output => 'o',
            Kind::Process => 'p',
        }
    }
}

/// Whether this can be a name that was given: a letter and digits, so that it leads to no other file.
pub(crate) fn is_id(id: &str) -> bool {
    let digits = id.strip_prefix(['o', 'p']).unwrap_or_default();
    (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The file that holds an output.
pub(crate) fn output_path(scratch: &Path, id: &str) -> PathBuf {
    scratch.join(format!("{id}.log"))
}

/// How a command ended, in the shortest useful form.
pub(crate) fn tell_end(exit: Option<i32>, signal: Option<i32>) -> String {
    match (exit, signal) {
        (Some(exit), _) => format!("exit {exit}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_string(),
    }
}

/// The text with a line end at its end, unless it is empty.
pub(crate) fn whole_lines(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
