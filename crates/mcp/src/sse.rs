//! The old transport of 2024-11-05: one stream of events from the server, one address to post to. For servers that know nothing newer.

use std::collections::VecDeque;
use std::io;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, WWW_AUTHENTICATE};
use reqwest::{Client, Response, StatusCode, Url};
use rmcp::service::{RoleClient, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;

use crate::lines::FRAME_BYTES_MAX;
use crate::web::chain;

/// Events before the one that names the address to post to.
const EVENTS_BEFORE_MAX: usize = 20;

/// Both ways of such a server.
pub(crate) struct Sse {
    client: Client,
    headers: HeaderMap,
    post: Url,
    stream: Events,
}

/// Why there is no connection.
pub(crate) enum Refused {
    /// The server wants a login; the challenge that it sent.
    Login(String),
    /// Anything else.
    Other(String),
}

impl Sse {
    /// Opens the stream and waits for the address to post to, which must lie at the same host.
    pub(crate) async fn open(client: Client, url: &Url, headers: HeaderMap) -> Result<Sse, Refused> {
        let request = client.get(url.clone()).headers(headers.clone()).header(ACCEPT, "text/event-stream");
        let response = request.send().await.map_err(|error| Refused::Other(chain(&error)))?;
        if response.status() == StatusCode::UNAUTHORIZED {
            let challenge = response.headers().get(WWW_AUTHENTICATE).and_then(|it| it.to_str().ok());
            return Err(Refused::Login(challenge.unwrap_or_default().to_string()));
        }
        let kind = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        if !response.status().is_success() || !kind.starts_with("text/event-stream") {
            return Err(Refused::Other(format!("it answers {} and offers no events", response.status())));
        }
        let mut stream = Events { response, reader: Reader::default() };
        for _ in 0..EVENTS_BEFORE_MAX {
            let event = stream.next().await.map_err(Refused::Other)?;
            let Some(event) = event else { break };
            if event.name != "endpoint" {
                continue;
            }
            let post = url.join(event.data.trim()).map_err(|error| Refused::Other(error.to_string()))?;
            if post.origin() != url.origin() {
                return Err(Refused::Other("it wants messages sent to another host".to_string()));
            }
            return Ok(Sse { client, headers, post, stream });
        }
        Err(Refused::Other("it names no address to send messages to".to_string()))
    }
}

impl Transport<RoleClient> for Sse {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        let request = self.client.post(self.post.clone()).headers(self.headers.clone());
        async move {
            let body = serde_json::to_vec(&item)?;
            let request = request.header(CONTENT_TYPE, "application/json").body(body);
            let response = request.send().await.map_err(|error| io::Error::other(chain(&error)))?;
            match response.status() {
                status if status.is_success() => Ok(()),
                status => Err(io::Error::other(format!("it answers {status}"))),
            }
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        loop {
            let event = self.stream.next().await.ok()??;
            if event.name == "message"
                && let Ok(message) = serde_json::from_str(&event.data)
            {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        Ok(())
    }
}

struct Events {
    response: Response,
    reader: Reader,
}

impl Events {
    /// The next event; none when the stream has ended. Nothing is lost when the future is dropped.
    async fn next(&mut self) -> Result<Option<Event>, String> {
        loop {
            if let Some(event) = self.reader.events.pop_front() {
                return Ok(Some(event));
            }
            match self.response.chunk().await.map_err(|error| chain(&error))? {
                Some(chunk) => self.reader.push(&chunk)?,
                None => return Ok(None),
            }
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Event {
    name: String,
    data: String,
}

/// Events out of bytes.
#[derive(Default)]
struct Reader {
    line: Vec<u8>,
    event: Event,
    has_data: bool,
    events: VecDeque<Event>,
}

impl Reader {
    fn push(&mut self, bytes: &[u8]) -> Result<(), String> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.len() + self.event.data.len() > FRAME_BYTES_MAX {
                return Err(format!("it sent an event of more than {FRAME_BYTES_MAX} bytes"));
            }
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.take(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']));
            }
        }
        Ok(())
    }

    fn take(&mut self, line: &str) {
        if line.is_empty() {
            let mut event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                if event.name.is_empty() {
                    event.name = "message".to_string();
                }
                self.events.push_back(event);
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.event.name = value.to_string(),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_in_pieces() {
        let mut reader = Reader::default();
        for piece in ["event: end", "point\r\ndata: /a\r\n\r\n: comment\n", "data: {\ndata: }\n\nid: 3\n\n"] {
            reader.push(piece.as_bytes()).unwrap();
        }
        let event = |name: &str, data: &str| Event { name: name.into(), data: data.into() };
        assert_eq!(reader.events, [event("endpoint", "/a"), event("message", "{\n}")]);
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut reader = Reader::default();
        let piece = vec![b'x'; 1024 * 1024];
        let refused = (0..20).find_map(|_| reader.push(&piece).err());
        assert_eq!(refused.unwrap(), "it sent an event of more than 16777216 bytes");
    }
}
