//! Commands that run on while others work: read what is new, ask how they are, stop them. Dropping stops them.
#![expect(clippy::disallowed_methods, reason = "reads back the file that holds the output")]

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::command::other;
use crate::foreground::connect;
use crate::group::{GRACE, Group, exit_and_signal};
use crate::output::{Spill, lossy};
use crate::{Command, StartError};

/// How long the last output of an ended command may take to arrive in its file.
const LINGER: Duration = Duration::from_millis(500);

/// How often is looked whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A command that runs in the background.
#[derive(Debug)]
pub struct Running {
    group: Group,
    output: PathBuf,
    copy: JoinHandle<()>,
    read: u64,
    ended: Option<State>,
}

/// How a background command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs.
    Running,
    /// It ended by itself or was stopped.
    Ended {
        /// Its exit code, unless a signal ended it.
        exit: Option<i32>,
        /// The signal that ended it.
        signal: Option<i32>,
    },
}

/// Starts the command in the background. Its whole output goes to the file that `spill` names, up to its bound.
///
/// # Errors
/// [`StartError`] when it could not be started or names no file.
pub fn start(command: &Command) -> Result<Running, StartError> {
    let cannot = |cause: io::Error| other(&command.program, cause);
    let Some(output) = command.spill.clone() else {
        return Err(StartError::NoSpill { program: command.program.clone() });
    };
    let mut spill = Spill::create(&output).map_err(cannot)?;
    let (reader, group) = connect(command)?;
    // A thread, not a task: the command must never wait for somebody to ask for its output. It ends with the
    // last writer.
    let copy = move || {
        let (mut reader, mut buffer) = (File::from(reader), vec![0; CHUNK_BYTES]);
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if spill.push(buffer.get(..count).unwrap_or_default()).is_err() {
                // A full disk loses output; it does not stop the command.
            }
        }
    };
    let copy = std::thread::Builder::new().name("output".to_string()).spawn(copy).map_err(cannot)?;
    Ok(Running { group, output, copy, read: 0, ended: None })
}

impl Running {
    /// The file that holds its output.
    pub fn output(&self) -> &Path {
        &self.output
    }

    /// How it is.
    pub fn state(&mut self) -> State {
        if let Some(state) = self.ended {
            return state;
        }
        if !self.group.has_exited() {
            return State::Running;
        }
        self.finish()
    }

    /// What it wrote since the last time, at most its last `bytes_max` bytes, and how many were skipped.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_new(&mut self, bytes_max: usize) -> io::Result<(String, u64)> {
        let mut file = File::open(&self.output)?;
        let length = file.metadata()?.len();
        let from = self.read.max(length.saturating_sub(bytes_max as u64));
        let skipped = from - self.read.min(from);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(length.saturating_sub(from)).read_to_end(&mut bytes)?;
        // A character that is not yet whole is left for the next time, unless there is none.
        let whole = match std::str::from_utf8(&bytes) {
            Err(error) if error.error_len().is_none() && self.ended.is_none() => error.valid_up_to(),
            _ => bytes.len(),
        };
        bytes.truncate(whole);
        self.read = from + bytes.len() as u64;
        Ok((lossy(&bytes), skipped))
    }

    /// Waits until it ends, at most this long.
    pub async fn wait_at_most(&mut self, limit: Duration) -> State {
        if self.ended.is_none() {
            // Either way the state says what is.
            let _elapsed = tokio::time::timeout(limit, self.group.exited()).await;
        }
        self.state()
    }

    /// Stops it and all that it started: asks first, then kills. Blocks for at most half a second.
    pub fn stop(&mut self) -> State {
        if self.ended.is_none() {
            return self.finish();
        }
        self.state()
    }

    fn finish(&mut self) -> State {
        let (exit, signal) = self.group.end(GRACE).map_or((None, None), exit_and_signal);
        // Its last words may still be on their way to the file; whatever escaped with the pipe is not waited for.
        let end = Instant::now() + LINGER;
        while !self.copy.is_finished() && Instant::now() < end {
            std::thread::sleep(LOOK_EVERY);
        }
        let state = State::Ended { exit, signal };
        self.ended = Some(state);
        state
    }
}
