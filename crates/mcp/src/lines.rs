//! Messages over the pipes of a program: one per line, each bounded, rubbish counted. Starts no program.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::service::{RoleClient, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe::{Receiver, Sender};

/// The longest message of a server, in bytes.
pub const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How much a server may write that is no message, in bytes; a banner or two is forgiven.
pub const RUBBISH_BYTES_MAX: u64 = 1024 * 1024;

/// How much a server may write without being asked anything, in bytes.
pub const UNASKED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Why Waypost ended the talk, when it did, and how much came. Shared with whoever waits for answers.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    why: Mutex<Option<String>>,
    unasked: AtomicU64,
    rubbish: AtomicU64,
}

impl Meter {
    pub(crate) fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn end(&self, why: String) {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }
}

/// Both pipes of a server.
pub(crate) struct Lines {
    input: Arc<tokio::sync::Mutex<Option<Sender>>>,
    output: Receiver,
    buffer: Vec<u8>,
    /// Where the next line begins, and up to where it is known to have no end.
    start: usize,
    looked: usize,
    chunk: Vec<u8>,
    meter: Arc<Meter>,
}

impl Lines {
    pub(crate) fn new(input: Sender, output: Receiver) -> (Lines, Arc<Meter>) {
        let meter = Arc::new(Meter::default());
        let lines = Lines {
            input: Arc::new(tokio::sync::Mutex::new(Some(input))),
            output,
            buffer: Vec::new(),
            start: 0,
            looked: 0,
            chunk: vec![0; CHUNK_BYTES],
            meter: Arc::clone(&meter),
        };
        (lines, meter)
    }

    /// The next whole line in the buffer.
    fn take_line(&mut self) -> Option<std::ops::Range<usize>> {
        let unlooked = self.buffer.get(self.looked..).unwrap_or_default();
        match unlooked.iter().position(|byte| *byte == b'\n') {
            Some(at) => {
                let line = self.start..self.looked + at;
                self.start = self.looked + at + 1;
                self.looked = self.start;
                Some(line)
            }
            None => {
                // What was read goes, once for all lines of a chunk.
                self.buffer.drain(..self.start);
                self.start = 0;
                self.looked = self.buffer.len();
                None
            }
        }
    }

    fn read_line(&self, line: &[u8]) -> Option<RxJsonRpcMessage<RoleClient>> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        let message = serde_json::from_slice::<Value>(line).ok().filter(Value::is_object);
        let message = message.map(without_bad_tools);
        let read = message.and_then(|message| serde_json::from_value(message).ok());
        if read.is_none() {
            self.meter.rubbish.fetch_add(line.len() as u64, Ordering::Relaxed);
        }
        read
    }
}

/// One tool that is no tool must not cost the whole list: it is put in a form in which it is read and then left out by name.
fn without_bad_tools(mut message: Value) -> Value {
    let tools = message.get_mut("result").and_then(|it| it.get_mut("tools")).and_then(Value::as_array_mut);
    for tool in tools.into_iter().flatten() {
        let name = tool.get("name").and_then(Value::as_str).map(str::to_string);
        let is_fine = name.is_some()
            && tool.get("inputSchema").is_some_and(Value::is_object)
            && tool.get("description").is_none_or(Value::is_string)
            && tool.get("title").is_none_or(Value::is_string)
            && tool.get("annotations").is_none_or(Value::is_object)
            && tool.get("outputSchema").is_none_or(Value::is_object);
        if !is_fine {
            // `array` is what `described` refuses with the tool's name.
            *tool = serde_json::json!({"name": name.unwrap_or_default(), "inputSchema": {"type": "array"}});
        }
    }
    message
}

impl Transport<RoleClient> for Lines {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        let (input, meter) = (Arc::clone(&self.input), Arc::clone(&self.meter));
        async move {
            let mut bytes = serde_json::to_vec(&item)?;
            bytes.push(b'\n');
            if !matches!(item, TxJsonRpcMessage::<RoleClient>::Notification(_)) {
                meter.unasked.store(0, Ordering::Relaxed);
            }
            match input.lock().await.as_mut() {
                Some(input) => input.write_all(&bytes).await,
                None => Err(io::ErrorKind::NotConnected.into()),
            }
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        // Nothing is lost when this future is dropped: what was read is in the buffer before the next wait.
        loop {
            while let Some(line) = self.take_line() {
                let line = self.buffer.get(line).unwrap_or_default();
                if let Some(message) = self.read_line(line) {
                    return Some(message);
                }
                if self.meter.rubbish.load(Ordering::Relaxed) > RUBBISH_BYTES_MAX {
                    self.meter
                        .end(format!("it wrote more than {RUBBISH_BYTES_MAX} bytes that are no messages"));
                    return None;
                }
            }
            if self.buffer.len() > FRAME_BYTES_MAX {
                self.meter.end(format!("it wrote a message of more than {FRAME_BYTES_MAX} bytes"));
                return None;
            }
            match self.output.read(&mut self.chunk).await {
                Ok(count @ 1..) => {
                    let count64 = count as u64;
                    let unasked = self.meter.unasked.fetch_add(count64, Ordering::Relaxed) + count64;
                    if unasked > UNASKED_BYTES_MAX {
                        self.meter.end(format!("it wrote more than {UNASKED_BYTES_MAX} bytes unasked"));
                        return None;
                    }
                    self.buffer.extend_from_slice(self.chunk.get(..count).unwrap_or_default());
                }
                Ok(_) => return None,
                Err(error) => {
                    self.meter.end(format!("its output cannot be read: {error}"));
                    return None;
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.input.lock().await.take();
        Ok(())
    }
}
