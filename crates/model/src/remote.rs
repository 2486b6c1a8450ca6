//! Asks a provider over the network: one request, its stream, and the retries before the first delta.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use conversation::{Block, Delta, Later, Limits, Model, ModelError, ModelErrorKind, Price, Prompt, Reply};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use tokio::time::timeout;

use crate::errors::{self, Again, ERROR_BODY_BYTES_MAX, Failure, clean};
use crate::eventstream::{EventStream, FrameError};
use crate::retry::{self, Backoff};
use crate::settings::Clock;
use crate::sse::{Sse, TooLong};
use http_client::chain;

use crate::transport::Transport;
use crate::wire::{self, Carry, Framing, REPLY_BYTES_MAX, Reader, Wire};

/// How long the end of a stream is waited for after its last event, so that the connection can be used again.
const DRAIN_MS: u64 = 20;

/// A model behind a network.
pub(crate) struct Remote {
    pub(crate) name: String,
    pub(crate) provider: String,
    pub(crate) limits: Limits,
    pub(crate) price: Option<Price>,
    pub(crate) wire: Box<dyn Wire>,
    pub(crate) transport: Transport,
    pub(crate) clock: Clock,
    pub(crate) retry_wait_ms: u64,
    pub(crate) seed: u64,
    pub(crate) asked: AtomicU64,
    /// Never to be repeated in an error, whatever the provider echoes.
    pub(crate) secrets: Vec<String>,
}

impl Model for Remote {
    fn name(&self) -> &str {
        &self.name
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn price(&self) -> Option<Price> {
        self.price
    }

    fn ask<'a>(
        &'a self,
        prompt: &'a Prompt<'a>,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> Later<'a, Result<Reply, ModelError>> {
        Box::pin(async move {
            self.ask_with_retries(prompt, on_delta).await.map_err(|mut failure| {
                for secret in self.secrets.iter().filter(|secret| secret.len() >= 8) {
                    failure.message = failure.message.replace(secret, "…");
                }
                ModelError::from(failure)
            })
        })
    }
}

impl Remote {
    async fn ask_with_retries(
        &self,
        prompt: &Prompt<'_>,
        on_delta: &mut (dyn FnMut(Delta) + Send),
    ) -> Result<Reply, Failure> {
        let seed = self.seed ^ self.asked.fetch_add(1, Ordering::Relaxed).rotate_left(32);
        let mut backoff = Backoff::new(self.retry_wait_ms, seed);
        let mut carry = Carry::Own;
        loop {
            let mut shown = false;
            let mut show = |delta: Delta| {
                shown = true;
                on_delta(delta);
            };
            let mut failure = match self.ask_once(self.wire.body(prompt, carry), &mut show).await {
                Ok(mut reply) => {
                    wire::unique_ids(&mut reply, prompt);
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            // What was shown cannot be taken back, so it is not asked for again.
            if shown {
                return Err(failure);
            }
            if failure.again == Again::WithoutReasoning && carry == Carry::Own && has_reasoning(prompt) {
                carry = Carry::Nothing;
                on_delta(Delta::Retry { why: failure.message, wait_ms: 0 });
                continue;
            }
            let Some(wait_ms) = backoff.next(failure.again) else {
                failure.message.push_str(&given_up(failure.again, backoff.tries()));
                return Err(failure);
            };
            on_delta(Delta::Retry { why: failure.message, wait_ms });
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        }
    }

    async fn ask_once(&self, body: String, show: &mut (dyn FnMut(Delta) + Send)) -> Result<Reply, Failure> {
        let mut response = self.send(body).await?;
        let status = response.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(self.refused(status, &mut response).await);
        }
        let kind = header(&response, CONTENT_TYPE.as_str()).unwrap_or_default().to_ascii_lowercase();
        if kind.starts_with("text/html") {
            return Err(Failure::garbled(&self.provider, "a web page instead of an answer"));
        }
        let whole = kind.starts_with("application/json");
        let mut splitter = Splitter::of(self.wire.framing(), whole);
        let mut reader = self.wire.reader();
        let mut read = 0;
        while !reader.done() {
            let Some(bytes) = self.next(&mut response).await? else { break };
            let bytes = bytes.as_ref();
            read += bytes.len();
            if read > REPLY_BYTES_MAX {
                return Err(Failure::garbled(&self.provider, "an answer of more than 32 MiB"));
            }
            splitter.feed(bytes, &self.provider, reader.as_mut(), show)?;
        }
        splitter.end(&self.provider, reader.as_mut(), show)?;
        if reader.done() {
            // Best effort: what comes after the end of an answer is nobody's business.
            let drain = async { while let Ok(Some(_)) = response.chunk().await {} };
            let _ = timeout(Duration::from_millis(DRAIN_MS), drain).await;
        }
        reader.finish()
    }

    async fn send(&self, body: String) -> Result<Response, Failure> {
        let bad = |message: String| Failure::new(ModelErrorKind::BadRequest, message, Again::No);
        let client = self.transport.client().map_err(|error| bad(error.to_string()))?;
        let mut request = client.post(self.wire.url());
        for (name, value) in self.wire.headers(body.as_bytes()).await? {
            let broken = || bad(format!("header `{}` cannot be sent", clean(&name)));
            let mut value = HeaderValue::from_str(&value).map_err(|_| broken())?;
            value.set_sensitive(true);
            request = request.header(HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken())?, value);
        }
        let request = request.body(body).build().map_err(|error| bad(chain(&error.without_url())))?;
        match timeout(self.transport.idle(), client.execute(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.unreachable(error)),
            Err(_) => Err(self.silent()),
        }
    }

    /// The next bytes of the answer, or `None` at its end.
    async fn next(&self, response: &mut Response) -> Result<Option<impl AsRef<[u8]> + Send>, Failure> {
        match timeout(self.transport.idle(), response.chunk()).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => Err(Failure::cut(&self.provider, &chain(&error.without_url()))),
            Err(_) => Err(self.silent()),
        }
    }

    fn silent(&self) -> Failure {
        let seconds = self.transport.idle().as_secs_f32();
        let message = format!("{} was silent for {seconds} s", self.provider);
        Failure::new(ModelErrorKind::Unavailable, message, Again::Once)
    }

    fn unreachable(&self, error: reqwest::Error) -> Failure {
        let place = host(self.wire.url());
        let why = clean(&chain(&error.without_url()));
        let mut message = format!("{} cannot be reached at {place}: {why}", self.provider);
        // A certificate does not become right by waiting.
        let untrusted = why.contains("certificate");
        if untrusted {
            message.push_str("; a custom certificate authority can be configured");
        }
        let again = if untrusted { Again::No } else { Again::BackOff };
        Failure::new(ModelErrorKind::Unavailable, message, again)
    }

    async fn refused(&self, status: u16, response: &mut Response) -> Failure {
        if (300..400).contains(&status) {
            let to = header(response, LOCATION.as_str()).map(clean).unwrap_or_default();
            let message =
                format!("{} answered {status}, a redirect to `{to}`; set that base URL", self.provider);
            return Failure::new(ModelErrorKind::BadRequest, message, Again::No);
        }
        let advice = retry::advice(|name| header(response, name), (self.clock)());
        let aws = header(response, "x-amzn-errortype").unwrap_or_default();
        let code = aws.split(':').next().unwrap_or_default().to_string();
        let mut body = Vec::new();
        while body.len() < ERROR_BODY_BYTES_MAX {
            let Ok(Some(bytes)) = self.next(response).await else { break };
            body.extend_from_slice(bytes.as_ref());
        }
        body.truncate(ERROR_BODY_BYTES_MAX);
        errors::of_status(&self.provider, status, &code, advice, &String::from_utf8_lossy(&body))
    }
}

/// Cuts an answer into the pieces that a reader takes.
enum Splitter {
    Sse(Sse),
    EventStream(EventStream),
    /// One JSON document: a server that does not stream.
    Whole(Vec<u8>),
}

impl Splitter {
    fn of(framing: Framing, whole: bool) -> Splitter {
        match framing {
            Framing::EventStream => Splitter::EventStream(EventStream::default()),
            Framing::Sse if whole => Splitter::Whole(Vec::new()),
            Framing::Sse => Splitter::Sse(Sse::default()),
        }
    }

    fn feed(
        &mut self,
        bytes: &[u8],
        provider: &str,
        reader: &mut dyn Reader,
        show: &mut (dyn FnMut(Delta) + Send),
    ) -> Result<(), Failure> {
        // Some servers stream events and call them JSON.
        let text = bytes.trim_ascii_start().first();
        if matches!(self, Splitter::Whole(kept) if kept.is_empty()) && text.is_some_and(|byte| *byte != b'{')
        {
            *self = Splitter::Sse(Sse::default());
        }
        let outcome = match self {
            Splitter::Whole(kept) => {
                kept.extend_from_slice(bytes);
                Ok(())
            }
            Splitter::Sse(sse) => sse.feed(bytes, &mut |name, data| {
                if reader.done() { Ok(()) } else { Ok(reader.feed(name, data, show)?) }
            }),
            Splitter::EventStream(stream) => stream.feed(bytes, &mut |frame| {
                let text = String::from_utf8_lossy(frame.payload);
                match frame.message {
                    "event" => Ok(reader.feed(frame.name, &text, show)?),
                    "exception" => {
                        Err(errors::of_event(provider, frame.name, &errors::words(&text).1).into())
                    }
                    _ => Err(errors::of_event(provider, frame.name, frame.words).into()),
                }
            }),
        };
        outcome.map_err(|stopped| match stopped {
            Stopped::Failed(failure) => failure,
            Stopped::Format(what) => Failure::garbled(provider, &what),
        })
    }

    /// The stream has ended.
    fn end(
        self,
        provider: &str,
        reader: &mut dyn Reader,
        show: &mut (dyn FnMut(Delta) + Send),
    ) -> Result<(), Failure> {
        match self {
            Splitter::Whole(kept) => reader.feed("", &String::from_utf8_lossy(&kept), show),
            Splitter::EventStream(stream) if stream.torn() && !reader.done() => {
                Err(Failure::cut(provider, "inside a frame"))
            }
            _ => Ok(()),
        }
    }
}

/// Why splitting stopped.
enum Stopped {
    Failed(Failure),
    Format(String),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Stopped {
        Stopped::Failed(failure)
    }
}

impl From<TooLong> for Stopped {
    fn from(error: TooLong) -> Stopped {
        Stopped::Format(format!("what is no event stream: {error}"))
    }
}

impl From<FrameError> for Stopped {
    fn from(error: FrameError) -> Stopped {
        Stopped::Format(format!("what is no event stream: {error}"))
    }
}

fn has_reasoning(prompt: &Prompt<'_>) -> bool {
    prompt
        .messages
        .iter()
        .flat_map(|message| &message.blocks)
        .any(|block| matches!(block, Block::Reasoning(_)))
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// Scheme, host and port of an address: it says where, and holds no secret.
fn host(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "an address that is none".to_string() };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    format!("{scheme}://{}", authority.rsplit('@').next().unwrap_or_default())
}

/// What an error says about the retries that there were.
fn given_up(again: Again, tries: u32) -> String {
    let retries = match tries {
        0 => String::new(),
        1 => " (after 1 retry)".to_string(),
        tries => format!(" (after {tries} retries)"),
    };
    match again {
        Again::After(ms) if ms > retry::WAIT_TOTAL_MS_MAX / 2 => {
            format!("{retries}; it asks to wait {} s", ms.div_ceil(1000))
        }
        _ => retries,
    }
}
