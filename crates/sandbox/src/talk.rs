//! Programs that are talked to: input and output are open pipes for as long as they run, errors are kept apart and
//! bounded. Says nothing about what is talked.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use tokio::net::unix::pipe::{Receiver, Sender};

use crate::background::State;
use crate::command::{Wiring, other, spawn};
use crate::group::{GRACE, Group, exit_and_signal};
use crate::output::{Kept, lossy};
use crate::{Command, StartError};

/// How long a program has to end by itself when its input is closed, before it is asked to.
const CLOSING: Duration = Duration::from_millis(300);

/// How long the last errors of a program that has ended are waited for, and how often is looked: something that left its group may
/// still hold the pipe.
const LAST_ERRORS: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// How much is read of the errors at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// A program that is talked to. Dropping it ends the program and all that it started.
#[derive(Debug)]
pub struct Talk {
    group: Group,
    errors: Errors,
    ended: Option<State>,
}

/// What a program writes to its error output: the beginning and the end. Cheap to clone.
#[derive(Clone)]
pub struct Errors {
    kept: Arc<Mutex<Kept>>,
    /// Whether nobody writes there any more, and all of it was read.
    is_whole: Arc<AtomicBool>,
}

impl std::fmt::Debug for Errors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Errors").finish_non_exhaustive()
    }
}

impl Errors {
    /// What was written so far, at most the command's `output_bytes_max`; what lies between beginning and end is counted.
    pub fn text(&self) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.output().text(|left_out| format!("\n[{left_out} bytes left out]\n"))
    }
}

/// Starts a program to talk to. Returns it with its two pipes. The command's time-out and spill play no part; its
/// `output_bytes_max` bounds what is kept of its errors.
///
/// # Errors
/// [`StartError`] when it could not be started or confined. Must be called within a tokio runtime with I/O.
pub fn talk(command: &Command) -> Result<(Talk, Sender, Receiver), StartError> {
    let cannot = |cause: io::Error| other(&command.program, cause);
    let wiring = Wiring { input: Stdio::piped(), output: Stdio::piped(), errors: Stdio::piped() };
    let mut group = spawn(&command.as_start(), wiring)?;
    let child = group.child();
    let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
    let input = child.stdin.take().ok_or_else(missing).map_err(cannot)?;
    let output = child.stdout.take().ok_or_else(missing).map_err(cannot)?;
    let errors = child.stderr.take().ok_or_else(missing).map_err(cannot)?;
    let input = Sender::from_owned_fd(OwnedFd::from(input)).map_err(cannot)?;
    let output = Receiver::from_owned_fd(OwnedFd::from(output)).map_err(cannot)?;
    let kept = Arc::new(Mutex::new(Kept::new(command.output_bytes_max, None)));
    let kept = Errors { kept, is_whole: Arc::default() };
    keep(OwnedFd::from(errors), kept.clone()).map_err(cannot)?;
    Ok((Talk { group, errors: kept, ended: None }, input, output))
}

/// A thread, not a task: a program that complains a lot must never wait for somebody to listen. It ends with the last writer.
fn keep(errors: OwnedFd, kept: Errors) -> io::Result<()> {
    let copy = move || {
        let (mut reader, mut buffer) = (File::from(errors), vec![0; CHUNK_BYTES]);
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let mut kept = kept.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(buffer.get(..count).unwrap_or_default());
        }
        kept.is_whole.store(true, Ordering::Release);
    };
    std::thread::Builder::new().name("errors".to_string()).spawn(copy).map(drop)
}

impl Talk {
    /// What it writes to its error output.
    pub fn errors(&self) -> Errors {
        self.errors.clone()
    }

    /// The number of its leading process.
    pub fn id(&mut self) -> u32 {
        self.group.child().id()
    }

    /// How it is.
    pub fn state(&mut self) -> State {
        if self.ended.is_none() && self.group.has_exited() {
            self.finish();
        }
        self.ended.unwrap_or(State::Running)
    }

    /// Waits until it ends, at most this long.
    pub async fn wait_at_most(&mut self, limit: Duration) -> State {
        if self.ended.is_none() {
            // Either way the state says what is.
            let _elapsed = tokio::time::timeout(limit, self.group.exited()).await;
        }
        self.state()
    }

    /// Ends it and all that it started: its input should be closed by now, which asks it to go; then it is told to, then killed.
    /// What it wrote to its error output until then is there afterwards. Takes at most two seconds.
    pub async fn stop(&mut self) -> State {
        if self.wait_at_most(CLOSING).await == State::Running {
            self.group.signal(Signal::TERM);
            self.wait_at_most(GRACE).await;
        }
        self.finish();
        let mut waited = Duration::ZERO;
        while waited < LAST_ERRORS && !self.errors.is_whole.load(Ordering::Acquire) {
            tokio::time::sleep(LOOK_EVERY).await;
            waited += LOOK_EVERY;
        }
        self.ended.unwrap_or(State::Running)
    }

    fn finish(&mut self) {
        if self.ended.is_none() {
            // It had its time to end: what is left of the group is killed at once.
            let (exit, signal) = self.group.end(Duration::ZERO).map_or((None, None), exit_and_signal);
            self.ended = Some(State::Ended { exit, signal });
        }
    }
}

/// The end of what was written to the error output, as one short text for a person.
impl std::fmt::Display for Errors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN_BYTES_MAX: usize = 400;
        let text = self.text();
        let text = text.trim();
        let from = text.len().saturating_sub(SHOWN_BYTES_MAX);
        f.write_str(&lossy(text.as_bytes().get(from..).unwrap_or_default()))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test asks the system whether a process is dead")]
mod tests {
    use super::*;
    use std::path::Path;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn command(line: &str) -> Command {
        let environment = vec![("PATH".to_string(), "/usr/local/bin:/usr/bin:/bin".to_string())];
        Command { output_bytes_max: 64, ..Command::shell(line, Path::new("/"), environment) }
    }

    fn on_runtime<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn what_is_said_is_answered_and_errors_stay_apart() {
        on_runtime(async {
            let (mut talk, mut input, mut output) =
                talk(&command("read line; echo \"<$line>\"; echo trouble >&2; exec cat >/dev/null")).unwrap();
            input.write_all(b"hello\n").await.unwrap();
            let mut answer = [0; 8];
            output.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"<hello>\n");
            assert_eq!(talk.state(), State::Running);
            drop(input);
            assert_eq!(talk.stop().await, State::Ended { exit: Some(0), signal: None });
            assert_eq!(talk.errors().text(), "trouble\n");
            assert_eq!(talk.errors().to_string(), "trouble");
        });
    }

    #[test]
    fn who_does_not_go_is_killed_with_all_that_it_started() {
        on_runtime(async {
            let line = "trap '' TERM; sleep 300 & echo $!; while :; do sleep 1; done";
            let (mut talk, input, mut output) = talk(&command(line)).unwrap();
            let mut digits = [0; 16];
            let count = output.read(&mut digits).await.unwrap();
            let child: i32 = std::str::from_utf8(&digits[..count]).unwrap().trim().parse().unwrap();
            drop(input);
            let began = std::time::Instant::now();
            assert_eq!(talk.stop().await, State::Ended { exit: None, signal: Some(9) });
            assert!(began.elapsed() < Duration::from_secs(30));
            // Dead is enough: nobody may be there to collect an orphan, as where the first process of a container does not.
            let gone = || {
                let pid = rustix::process::Pid::from_raw(child).unwrap();
                let state = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
                rustix::process::test_kill_process(pid).is_err() || state.contains(") Z ")
            };
            for _ in 0..100 {
                if gone() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("what it started still runs");
        });
    }

    #[test]
    fn endless_complaints_are_bounded() {
        on_runtime(async {
            let (mut talk, _input, _output) =
                talk(&command("head -c 5000000 /dev/zero | tr '\\0' x >&2; echo end >&2")).unwrap();
            assert_eq!(
                talk.wait_at_most(Duration::from_secs(20)).await,
                State::Ended { exit: Some(0), signal: None }
            );
            for _ in 0..100 {
                if talk.errors().text().ends_with("end\n") {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let text = talk.errors().text();
            assert!(text.len() < 120 && text.ends_with("end\n") && text.contains("bytes left out"), "{text}");
        });
    }
}
