//! Where the service writes its lines.

use std::sync::{Mutex, PoisonError};

/// Takes one line at a time.
pub trait Log: Send + Sync {
    /// Writes one line.
    fn line(&self, text: &str);
}

/// Writes to standard error.
#[derive(Debug, Default)]
pub struct StderrLog;

impl Log for StderrLog {
    fn line(&self, text: &str) {
        eprintln!("{text}");
    }
}

/// Keeps the lines in memory. For tests.
#[derive(Debug, Default)]
pub struct MemoryLog {
    lines: Mutex<Vec<String>>,
}

impl MemoryLog {
    /// The lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Log for MemoryLog {
    fn line(&self, text: &str) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }
}
