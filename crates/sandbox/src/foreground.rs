//! Runs a command to its end and gives its output. Leaves nothing of it running.

use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use tokio::net::unix::pipe::Receiver;

use crate::command::{Wiring, other, spawn};
use crate::group::{GRACE, Group, LOOK_EVERY, exit_and_signal};
use crate::output::{Decoder, Kept};
use crate::{Command, Output, StartError};

/// How long the output may stay open after the command has exited: a `tee` may still be writing.
const LINGER: Duration = Duration::from_millis(100);

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A command that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Its exit code, unless a signal ended it.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was ended because it took too long.
    pub timed_out: bool,
    /// Whether something that it left running had to be ended.
    pub leftovers: bool,
    /// What it wrote to both outputs, in the order in which it wrote it.
    pub output: Output,
    /// How many bytes it wrote.
    pub bytes_total: u64,
    /// The file that holds the output whole, when it did not fit in memory.
    pub spilled_to: Option<PathBuf>,
    /// Whether that file was cut at its bound.
    pub spill_cut: bool,
}

/// Runs the command. Output is shown as it comes. Dropping the future ends the command and all it started.
///
/// Limitations: a process that starts a session of its own, closes its outputs and clears its environment
/// outlives the command; one that does only the first two does so after a regular end.
///
/// # Errors
/// [`StartError`] when it could not be started; everything after that is a [`Finished`].
pub async fn run(
    command: &Command,
    on_output: &(dyn Fn(&str) + Send + Sync),
) -> Result<Finished, StartError> {
    let (reader, group) = connect(command)?;
    let cannot = |cause: io::Error| other(&command.program, cause);
    let receiver = Receiver::from_owned_fd(reader).map_err(cannot)?;
    let kept = Kept::new(command.output_bytes_max, command.spill.as_deref());
    let mut run =
        Run { group, pipe: Some(receiver), kept, decoder: Decoder::default(), buffer: vec![0; CHUNK_BYTES] };

    let timed_out = !run.read_until_exit(command.timeout, on_output).await;
    if timed_out {
        run.group.signal(Signal::TERM);
        if !run.read_until_exit(GRACE, on_output).await {
            run.group.signal(Signal::KILL);
        }
        run.group.exited().await;
    } else {
        run.read_to_end(LINGER, on_output).await;
    }
    let leftovers = run.end_leftovers(timed_out, on_output).await;
    let (exit, signal) = exit_and_signal(run.group.reap().map_err(cannot)?);
    let (spilled_to, spill_cut) = run.kept.spilled().map_or((None, false), |(path, cut)| (Some(path), cut));
    Ok(Finished {
        exit,
        signal,
        timed_out,
        leftovers,
        output: run.kept.output(),
        bytes_total: run.kept.total(),
        spilled_to,
        spill_cut,
    })
}

/// Starts the command with both outputs in one pipe, so that they keep their order.
pub(crate) fn connect(command: &Command) -> Result<(OwnedFd, Group), StartError> {
    let cannot = |cause: io::Error| other(&command.program, cause);
    // Both ends are closed on exec; the child gets its copies by `dup2`.
    let (reader, writer) = io::pipe().map_err(cannot)?;
    let errors = writer.try_clone().map_err(cannot)?;
    let wiring = Wiring { input: Stdio::null(), output: writer.into(), errors: errors.into() };
    let group = spawn(&command.as_start(), wiring)?;
    Ok((reader.into(), group))
}

struct Run {
    group: Group,
    pipe: Option<Receiver>,
    kept: Kept,
    decoder: Decoder,
    buffer: Vec<u8>,
}

impl Run {
    /// Reads until the leader exits, at most this long. Says whether it has exited.
    async fn read_until_exit(&mut self, limit: Duration, on_output: &(dyn Fn(&str) + Send + Sync)) -> bool {
        let Run { group, pipe, kept, decoder, buffer } = self;
        let exited = tokio::time::timeout(limit, group.exited());
        let reading = async {
            read_all(pipe, kept, decoder, buffer, on_output).await;
            std::future::pending::<()>().await;
        };
        race(exited, reading).await.is_some_and(|exited| exited.is_ok())
    }

    /// Reads until the last writer is gone, at most this long. Says whether it is.
    async fn read_to_end(&mut self, limit: Duration, on_output: &(dyn Fn(&str) + Send + Sync)) -> bool {
        let Run { pipe, kept, decoder, buffer, .. } = self;
        tokio::time::timeout(limit, read_all(pipe, kept, decoder, buffer, on_output)).await.is_ok()
    }

    /// Ends what the exited leader left behind: the rest of the group, and what still holds the output.
    async fn end_leftovers(&mut self, forced: bool, on_output: &(dyn Fn(&str) + Send + Sync)) -> bool {
        // The leader is not reaped yet, so the number still names this group.
        self.group.signal(if forced { Signal::KILL } else { Signal::TERM });
        let reaped = self.group.reap().is_ok();
        let mut leftovers = reaped && self.group.has_leftovers();
        if leftovers {
            // Whoever holds the output shows by closing it that it ended in time.
            let ended = self.pipe.is_some() && self.read_to_end(GRACE, on_output).await;
            let mut looks = if ended { 1 } else { LINGER.as_millis() / LOOK_EVERY.as_millis() };
            while looks > 0 && self.group.has_leftovers() {
                tokio::time::sleep(LOOK_EVERY).await;
                looks -= 1;
            }
            if self.group.has_leftovers() {
                self.group.signal(Signal::KILL);
            }
        }
        if forced || !self.read_to_end(LINGER, on_output).await {
            leftovers |= self.group.kill_escaped() > 0;
            self.read_to_end(LINGER, on_output).await;
        }
        leftovers || self.group.had_leftovers()
    }
}

/// Reads until the last writer is gone.
async fn read_all(
    pipe: &mut Option<Receiver>,
    kept: &mut Kept,
    decoder: &mut Decoder,
    buffer: &mut [u8],
    on_output: &(dyn Fn(&str) + Send + Sync),
) {
    while let Some(open) = pipe {
        if open.readable().await.is_err() {
            *pipe = None;
            return;
        }
        match open.try_read(buffer) {
            Ok(0) => *pipe = None,
            Ok(count) => {
                let bytes = buffer.get(..count).unwrap_or_default();
                kept.push(bytes);
                let text = decoder.push(bytes);
                if !text.is_empty() {
                    on_output(&text);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => *pipe = None,
        }
    }
}

/// The first future's value, unless the second ends before it. The second is polled first.
async fn race<T>(first: impl Future<Output = T>, second: impl Future<Output = ()>) -> Option<T> {
    tokio::select! {
        biased;
        () = second => None,
        value = first => Some(value),
    }
}
