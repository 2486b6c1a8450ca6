//! What a process and those that it forked tell each other before there is any other way. Only numbers.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};

/// Words in shared memory.
#[derive(Debug, Default)]
pub(crate) struct Words {
    step: AtomicU32,
    ended: AtomicBool,
    status: AtomicI32,
    leftovers: AtomicBool,
}

impl Words {
    /// Notes what is being done, so that a failure can be named.
    pub(crate) fn at(&self, step: u32) {
        self.step.store(step, Ordering::SeqCst);
    }

    /// What was being done last.
    pub(crate) fn step(&self) -> u32 {
        self.step.load(Ordering::SeqCst)
    }

    /// Notes how the command ended.
    pub(crate) fn end(&self, status: i32) {
        self.status.store(status, Ordering::SeqCst);
        self.ended.store(true, Ordering::SeqCst);
    }

    /// How the command ended, once it has.
    pub(crate) fn status(&self) -> Option<i32> {
        self.ended.load(Ordering::SeqCst).then(|| self.status.load(Ordering::SeqCst))
    }

    /// Notes that something had to be ended.
    pub(crate) fn note_leftovers(&self) {
        self.leftovers.store(true, Ordering::SeqCst);
    }

    /// Whether something had to be ended.
    pub(crate) fn had_leftovers(&self) -> bool {
        self.leftovers.load(Ordering::SeqCst)
    }
}
