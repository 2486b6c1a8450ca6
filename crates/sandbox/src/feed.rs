//! Runs a command that is given something to read: its input is written and closed, its two outputs are kept apart and bounded.
//! Leaves nothing of it running.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe::{Receiver, Sender};

use crate::background::State;
use crate::{Command, StartError, talk};

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// How long the outputs may stay open after the command has exited.
const LINGER: Duration = Duration::from_millis(100);

/// A command that was fed and came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fed {
    /// Its exit code, unless a signal ended it.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was ended because it took too long.
    pub timed_out: bool,
    /// The beginning of its standard output, at most the command's `output_bytes_max`.
    pub output: Vec<u8>,
    /// How many bytes of standard output were dropped.
    pub dropped: u64,
    /// Its error output, cut in the middle where it is long.
    pub errors: String,
}

/// Runs the command with this input. A command that does not read it is no error. Dropping the future ends the command
/// and all it started; so does its time limit.
///
/// # Errors
/// [`StartError`] when it could not be started; everything after that is a [`Fed`].
pub async fn feed(command: &Command, input: &[u8]) -> Result<Fed, StartError> {
    let (mut talk, sender, mut receiver) = talk(command)?;
    let mut output = Vec::new();
    let mut dropped = 0;
    let ended = {
        let reading = read(&mut receiver, command.output_bytes_max, &mut output, &mut dropped);
        let work = async {
            let ((), ()) = tokio::join!(write(sender, input), reading);
        };
        let exited = talk.wait_at_most(command.timeout);
        tokio::pin!(work, exited);
        tokio::select! {
            state = &mut exited => state,
            () = &mut work => exited.await,
        }
    };
    let timed_out = ended == State::Running;
    if !timed_out {
        // What it wrote last may still be in the pipe.
        let reading = read(&mut receiver, command.output_bytes_max, &mut output, &mut dropped);
        let _rest = tokio::time::timeout(LINGER, reading).await;
    }
    let state = talk.stop().await;
    let (exit, signal) = match state {
        State::Ended { exit, signal } => (exit, signal),
        State::Running => (None, None),
    };
    Ok(Fed { exit, signal, timed_out, output, dropped, errors: talk.errors().text() })
}

async fn write(mut sender: Sender, input: &[u8]) {
    // A command that closes its input early has read what it wanted.
    let _unread = sender.write_all(input).await;
}

async fn read(receiver: &mut Receiver, most: usize, output: &mut Vec<u8>, dropped: &mut u64) {
    let mut buffer = vec![0; CHUNK_BYTES];
    while let Ok(count @ 1..) = receiver.read(&mut buffer).await {
        let bytes = buffer.get(..count).unwrap_or_default();
        let kept = bytes.len().min(most.saturating_sub(output.len()));
        output.extend_from_slice(bytes.get(..kept).unwrap_or_default());
        *dropped += (bytes.len() - kept) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[track_caller]
    fn check(line: &str, input: &[u8], limit_ms: u64, expected: (Option<i32>, bool, &str, &str)) -> Fed {
        let environment = vec![("PATH".to_string(), "/usr/local/bin:/usr/bin:/bin".to_string())];
        let command = Command {
            output_bytes_max: 64,
            timeout: Duration::from_millis(limit_ms),
            ..Command::shell(line, Path::new("/"), environment)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let fed = runtime.block_on(feed(&command, input)).unwrap();
        let output = String::from_utf8_lossy(&fed.output).into_owned();
        assert_eq!((fed.exit, fed.timed_out, output.as_str(), fed.errors.as_str()), expected, "{fed:?}");
        fed
    }

    #[test]
    fn it_is_fed_and_its_outputs_stay_apart() {
        check("cat; echo no >&2; exit 2", b"hello", 5_000, (Some(2), false, "hello", "no\n"));
        check("exit 3", &[b'x'; 200_000], 5_000, (Some(3), false, "", ""));
        check("cat > /dev/null", &[b'x'; 2_000_000], 5_000, (Some(0), false, "", ""));
    }

    #[test]
    fn what_hangs_is_ended_and_what_floods_is_cut() {
        check("sleep 60", b"", 100, (None, true, "", ""));
        let zeros = "0".repeat(64);
        let fed = check("head -c 50000000 /dev/zero | tr '\\0' 0", b"", 20_000, (Some(0), false, &zeros, ""));
        assert_eq!(fed.dropped, 50_000_000 - 64);
    }
}
