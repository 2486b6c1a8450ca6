//! Runs Waypost's own helpers (git, a credential command) and gives their two outputs apart. Blocks.

use std::ffi::OsString;
use std::io::{self, Read, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::process::{ChildStdin, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::command::{Start, Wiring, other, spawn};
use crate::group::{GRACE, Group, exit_and_signal};
use crate::{Confinement, StartError};

/// How long the outputs may stay open after the helper has exited.
const LINGER: Duration = Duration::from_millis(100);

/// The longest sleep between two looks at a helper whose exit does not wake us.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A helper to run.
#[derive(Clone, Debug)]
pub struct OwnCommand {
    /// The program: an absolute path, or a name that is looked up in the command's own `PATH`.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Where it runs.
    pub directory: PathBuf,
    /// Its whole environment: nothing is inherited.
    pub environment: Vec<(String, String)>,
    /// What it reads.
    pub input: Vec<u8>,
    /// After this long it is ended.
    pub timeout: Duration,
    /// How much of each output is kept; the rest is read and dropped.
    pub output_bytes_max: usize,
}

/// What came of a helper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnOutput {
    /// Its exit code, unless a signal ended it.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was ended because it took too long.
    pub timed_out: bool,
    /// Whether an output was longer than what is kept.
    pub cut: bool,
    /// Its output.
    pub output: Vec<u8>,
    /// Its errors.
    pub errors: Vec<u8>,
}

impl OwnOutput {
    /// Whether it ended by itself with exit code 0 and nothing was cut.
    pub fn succeeded(&self) -> bool {
        self.exit == Some(0) && !self.timed_out && !self.cut
    }
}

/// Runs the helper to its end. It has a session of its own, so that no prompt can hang it.
///
/// Limitations: blocks the thread; what the helper leaves in the background after a regular end is left alone.
///
/// # Errors
/// [`StartError`] when it could not be started or watched.
pub fn run_own(command: &OwnCommand) -> Result<OwnOutput, StartError> {
    run_within(command, None)
}

/// The same, confined.
///
/// # Errors
/// [`StartError`] when it could not be confined, started or watched.
pub fn run_own_confined(command: &OwnCommand, confinement: &Confinement) -> Result<OwnOutput, StartError> {
    run_within(command, Some(confinement))
}

fn run_within(command: &OwnCommand, confinement: Option<&Confinement>) -> Result<OwnOutput, StartError> {
    let start = Start {
        program: &command.program,
        arguments: command.arguments.iter().map(OsString::as_os_str).collect(),
        directory: &command.directory,
        environment: &command.environment,
        confinement,
    };
    let input = if command.input.is_empty() { Stdio::null() } else { Stdio::piped() };
    let wiring = Wiring { input, output: Stdio::piped(), errors: Stdio::piped() };
    let mut group = spawn(&start, wiring)?;
    let mut talk = Talk {
        input: group.child().stdin.take(),
        rest: &command.input,
        output: Stream::new(group.child().stdout.take(), command.output_bytes_max),
        errors: Stream::new(group.child().stderr.take(), command.output_bytes_max),
    };
    let timed_out = talk
        .run(&group, Instant::now() + command.timeout)
        .map_err(|cause| other(&command.program.to_string_lossy(), cause))?;
    let status = if timed_out { group.end(GRACE) } else { group.reap() };
    let status = status.map_err(|cause| other(&command.program.to_string_lossy(), cause))?;
    let (exit, signal) = exit_and_signal(status);
    Ok(OwnOutput {
        exit,
        signal,
        timed_out,
        cut: talk.output.cut || talk.errors.cut,
        output: talk.output.bytes,
        errors: talk.errors.bytes,
    })
}

struct Talk<'a> {
    input: Option<ChildStdin>,
    rest: &'a [u8],
    output: Stream<std::process::ChildStdout>,
    errors: Stream<std::process::ChildStderr>,
}

impl Talk<'_> {
    /// Writes and reads until the helper is done. Says whether the time ran out before.
    fn run(&mut self, group: &Group, end: Instant) -> io::Result<bool> {
        for descriptor in self.descriptors() {
            rustix::io::ioctl_fionbio(descriptor, true)?;
        }
        #[cfg(target_os = "linux")]
        let (exit, look_every) = (group.exit_descriptor().ok(), None);
        #[cfg(not(target_os = "linux"))]
        let (exit, look_every) = (None::<std::os::fd::OwnedFd>, Some(LOOK_EVERY));
        let look_every = if exit.is_none() { Some(look_every.unwrap_or(LOOK_EVERY)) } else { look_every };
        let (mut end, mut exited) = (end, false);
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            if !exited && group.has_exited() {
                exited = true;
                end = end.min(Instant::now() + LINGER);
            }
            if exited && !self.output.is_open() && !self.errors.is_open() {
                return Ok(false);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(!exited);
            }
            let wait = look_every.map_or(left, |step| left.min(step));
            let mut waiting: Vec<PollFd<'_>> = Vec::with_capacity(4);
            waiting.extend(self.input.as_ref().map(|input| PollFd::new(input, PollFlags::OUT)));
            waiting.extend(self.output.source.as_ref().map(|source| PollFd::new(source, PollFlags::IN)));
            waiting.extend(self.errors.source.as_ref().map(|source| PollFd::new(source, PollFlags::IN)));
            waiting
                .extend(exit.as_ref().filter(|_| !exited).map(|source| PollFd::new(source, PollFlags::IN)));
            let wait = Timespec::try_from(wait).map_err(io::Error::other)?;
            match poll(&mut waiting, Some(&wait)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            self.write();
            self.output.read(&mut buffer);
            self.errors.read(&mut buffer);
        }
    }

    fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        let input = self.input.as_ref().map(AsFd::as_fd);
        let output = self.output.source.as_ref().map(AsFd::as_fd);
        let errors = self.errors.source.as_ref().map(AsFd::as_fd);
        input.into_iter().chain(output).chain(errors).collect()
    }

    fn write(&mut self) {
        while let Some(input) = &mut self.input {
            match input.write(self.rest) {
                Ok(count) if count > 0 => self.rest = self.rest.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // A helper that stops reading is no failure; its exit code tells.
                _ => self.input = None,
            }
            if self.rest.is_empty() {
                self.input = None;
            }
        }
    }
}

struct Stream<T> {
    source: Option<T>,
    bytes: Vec<u8>,
    bytes_max: usize,
    cut: bool,
}

impl<T: Read> Stream<T> {
    fn new(source: Option<T>, bytes_max: usize) -> Stream<T> {
        Stream { source, bytes: Vec::new(), bytes_max, cut: false }
    }

    fn is_open(&self) -> bool {
        self.source.is_some()
    }

    fn read(&mut self, buffer: &mut [u8]) {
        while let Some(source) = &mut self.source {
            match source.read(buffer) {
                Ok(count) if count > 0 => {
                    let room = self.bytes_max.saturating_sub(self.bytes.len());
                    self.cut |= count > room;
                    self.bytes.extend_from_slice(buffer.get(..count.min(room)).unwrap_or_default());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                _ => self.source = None,
            }
        }
    }
}
