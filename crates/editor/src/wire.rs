//! The editor's pipe: framing, bounds, and answers to what is no message. Knows no method.
//!
//! `lsp-server` has the types of the messages. Its own reader takes whatever length a header names and ends with the
//! first line that is no JSON, so the reading is done here.

use std::io::{BufRead, BufReader, Read, Write};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

/// Bytes of one message. Larger ones are read past and answered with an error.
pub(crate) const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of one line of a header.
const HEADER_BYTES_MAX: u64 = 4 * 1024;
/// Lines of one header.
const HEADER_LINES_MAX: usize = 32;
/// Messages that wait in either direction; whoever sends more has to wait.
const WAITING_MAX: usize = 1_024;

/// What the editor sent.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message.
    Message(Message),
    /// Something else, with the answer to it. The next message can be read.
    Refused(Value),
    /// Where the next message begins is not known any more.
    Broken(String),
}

/// Both directions.
pub(crate) struct Wire {
    pub(crate) incoming: Receiver<Incoming>,
    pub(crate) outgoing: Sender<Outgoing>,
    writer: JoinHandle<()>,
}

/// What goes to the editor.
pub(crate) enum Outgoing {
    Message(Message),
    /// An answer to something that has no id to answer to.
    Raw(Value),
}

impl Wire {
    /// Starts a reader and a writer.
    pub(crate) fn start(
        input: impl Read + Send + 'static,
        output: impl Write + Send + 'static,
    ) -> std::io::Result<Wire> {
        let (sender, incoming) = bounded(WAITING_MAX);
        let (outgoing, waiting) = bounded::<Outgoing>(WAITING_MAX);
        let named = |name: &str| std::thread::Builder::new().name(name.to_string());
        // The reader waits in the operating system and is not joined: it ends with the process.
        named("editor-reader").spawn(move || {
            let mut input = BufReader::new(input);
            while let Some(one) = next(&mut input) {
                let is_last = matches!(&one, Incoming::Broken(_))
                    || matches!(&one, Incoming::Message(Message::Notification(told)) if told.method == "exit");
                if sender.send(one).is_err() || is_last {
                    return;
                }
            }
        })?;
        let writer = named("editor-writer").spawn(move || {
            let mut output = output;
            for one in waiting {
                let written = match one {
                    Outgoing::Message(message) => message.write(&mut output),
                    Outgoing::Raw(value) => {
                        let text = value.to_string();
                        write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())
                            .and_then(|()| output.flush())
                    }
                };
                if written.is_err() {
                    return;
                }
            }
        })?;
        Ok(Wire { incoming, outgoing, writer })
    }

    /// Waits until everything that was said is written.
    pub(crate) fn finish(self) {
        drop(self.outgoing);
        let _ = self.writer.join();
    }
}

/// The next thing; `None` at the end of the input.
fn next(input: &mut impl BufRead) -> Option<Incoming> {
    let length = match header(input) {
        Ok(Some(length)) => length,
        Ok(None) => return None,
        Err(words) => return Some(Incoming::Broken(words)),
    };
    if length > MESSAGE_BYTES_MAX as u64 {
        let passed = std::io::copy(&mut input.take(length), &mut std::io::sink()).unwrap_or_default();
        if passed < length {
            return Some(Incoming::Broken(format!(
                "a message of {length} bytes was announced and did not come"
            )));
        }
        let words = format!("a message of {length} bytes is larger than {} MiB", MESSAGE_BYTES_MAX >> 20);
        return Some(refused(Value::Null, ErrorCode::InvalidRequest, words));
    }
    let mut body = Vec::new();
    match input.take(length).read_to_end(&mut body) {
        Ok(read) if read as u64 == length => Some(message(&body)),
        _ => Some(Incoming::Broken("the input ends within a message".to_string())),
    }
}

/// The length that a header names; `None` when there is no further header.
fn header(input: &mut impl BufRead) -> Result<Option<u64>, String> {
    let mut length = None;
    for nth in 0..HEADER_LINES_MAX {
        let mut line = Vec::new();
        let read = input.take(HEADER_BYTES_MAX).read_until(b'\n', &mut line);
        let read = read.map_err(|error| format!("the input cannot be read: {error}"))?;
        if read == 0 && nth == 0 {
            return Ok(None);
        }
        let line = match line.strip_suffix(b"\n") {
            Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
            None => return Err(format!("`{}` is no header of a message", shown(&line))),
        };
        if line.is_empty() {
            return match length {
                Some(length) => Ok(Some(length)),
                None => Err("a header names no `Content-Length`".to_string()),
            };
        }
        let wrong = || format!("`{}` is no header of a message", shown(line));
        let text = std::str::from_utf8(line).map_err(|_| wrong())?;
        let (name, value) = text.split_once(':').ok_or_else(wrong)?;
        if name.trim().eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse::<u64>().map_err(|_| wrong())?);
        }
    }
    Err(format!("a header has more than {HEADER_LINES_MAX} lines"))
}

/// The beginning of a line, without what a terminal would obey.
fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(60).collect()
}

/// A message from its bytes.
fn message(body: &[u8]) -> Incoming {
    let value = match serde_json::from_slice::<Value>(body) {
        Ok(value) => value,
        Err(error) => return refused(Value::Null, ErrorCode::ParseError, error.to_string()),
    };
    let Value::Object(mut parts) = value else {
        return refused(Value::Null, ErrorCode::InvalidRequest, "a message is an object".to_string());
    };
    let mut params = parts.remove("params").unwrap_or_default();
    mend_uris(&mut params);
    let id = parts.remove("id").filter(|id| !id.is_null());
    let known = id.clone().and_then(|id| serde_json::from_value::<RequestId>(id).ok());
    let method = parts.remove("method");
    match (method, id, known) {
        (Some(Value::String(method)), Some(_), Some(id)) => {
            Incoming::Message(Message::Request(Request { id, method, params }))
        }
        (Some(Value::String(method)), None, _) => {
            Incoming::Message(Message::Notification(Notification { method, params }))
        }
        (None, Some(_), Some(id)) if parts.contains_key("result") || parts.contains_key("error") => {
            let answer = match parts.remove("error").filter(|error| !error.is_null()) {
                Some(error) => Response::new_err(id, ErrorCode::RequestFailed as i32, error.to_string()),
                None => Response::new_ok(id, Value::Null),
            };
            Incoming::Message(Message::Response(answer))
        }
        (_, id, _) => {
            let words = "this is no request, no notification and no response".to_string();
            refused(id.unwrap_or_default(), ErrorCode::InvalidRequest, words)
        }
    }
}

fn refused(id: Value, code: ErrorCode, message: String) -> Incoming {
    let error = json!({ "code": code as i32, "message": message });
    Incoming::Refused(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}

/// Some editors leave signs as they are that a URI may not have, `[` above all. Without this, they could open no
/// document in such a folder.
fn mend_uris(value: &mut Value) {
    match value {
        Value::Object(parts) => {
            for (name, part) in parts.iter_mut() {
                match part {
                    Value::String(text) if name == "uri" || name.ends_with("Uri") => {
                        if let Some(mended) = mended(text) {
                            *text = mended;
                        }
                    }
                    part => mend_uris(part),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(mend_uris),
        _ => {}
    }
}

/// The URI with such signs encoded; `None` when it has none.
fn mended(uri: &str) -> Option<String> {
    let may_stay = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte);
    if !uri.starts_with("file:") || uri.bytes().all(may_stay) {
        return None;
    }
    let mut out = String::with_capacity(uri.len() + 8);
    for byte in uri.bytes() {
        match may_stay(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(out)
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
