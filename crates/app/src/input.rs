//! What the person does while something works: lines typed and signals sent. Decides nothing about them.

use std::io::BufRead;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use agent::Inbound;
use futures_util::Stream;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};

/// How many typed lines may wait; further ones wait in the terminal.
const LINES_MAX: usize = 64;

/// Typed lines go to the question that is open, or else to the session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    question: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    question: Option<oneshot::Sender<String>>,
    /// Nobody will type any more.
    closed: bool,
}

/// Lines and signals as a session's inbox.
#[derive(Debug)]
pub(crate) struct Live {
    lines: Option<mpsc::Receiver<String>>,
    signals: Vec<Signal>,
}

impl Lines {
    /// Waits for the next typed line. `None` when there is nobody to type one.
    pub(crate) async fn next(&self) -> Option<String> {
        let receiver = {
            let mut waiting = self.question.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.closed {
                return None;
            }
            let (sender, receiver) = oneshot::channel();
            waiting.question = Some(sender);
            receiver
        };
        receiver.await.ok()
    }

    fn give(&self, line: String) -> Result<(), String> {
        let open = self.question.lock().unwrap_or_else(PoisonError::into_inner).question.take();
        match open {
            Some(question) => question.send(line),
            None => Err(line),
        }
    }

    fn close(&self) {
        let mut waiting = self.question.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = Waiting { question: None, closed: true };
    }
}

impl Live {
    /// Begins to listen: to signals always, to the keyboard when a person is there.
    pub(crate) fn listen(lines: &Lines, keyboard: bool) -> std::io::Result<Live> {
        let signals = vec![signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        if !keyboard {
            lines.close();
            return Ok(Live { lines: None, signals });
        }
        let (sender, receiver) = mpsc::channel(LINES_MAX);
        let lines = lines.clone();
        // A thread, because a blocked read of a terminal cannot be cancelled; it ends with the process.
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { break };
                if let Err(line) = lines.give(line)
                    && !line.trim().is_empty()
                    && sender.blocking_send(line).is_err()
                {
                    break;
                }
            }
            lines.close();
        });
        Ok(Live { lines: Some(receiver), signals })
    }
}

impl Stream for Live {
    type Item = Inbound;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Inbound>> {
        for signal in &mut self.signals {
            if signal.poll_recv(context).is_ready() {
                return Poll::Ready(Some(Inbound::Interrupt));
            }
        }
        if let Some(lines) = &mut self.lines {
            match lines.poll_recv(context) {
                Poll::Ready(Some(line)) => return Poll::Ready(Some(Inbound::Words(line))),
                Poll::Ready(None) => self.lines = None,
                Poll::Pending => {}
            }
        }
        // Signals can always still come, so the stream never ends.
        Poll::Pending
    }
}
