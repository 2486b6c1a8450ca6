//! One page as text: looked up, judged, fetched, followed and unpacked within bounds. Asks no gate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_client::Network;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, LOCATION};
use reqwest::{Client, Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use crate::address::Address;
use crate::client;
use crate::robots::{ROBOTS_BYTES_MAX, Robots};
use crate::{body, charset, clean, html};

/// How many redirects are followed.
pub(crate) const HOPS_MAX: usize = 5;

/// The most servers whose `robots.txt` is remembered.
const SERVERS_MAX: usize = 256;

/// The longest title, in characters.
const TITLE_CHARS_MAX: usize = 300;

/// What is asked for, best first.
const ACCEPTED: &str = "text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, text/plain;q=0.8, \
    application/json;q=0.8, */*;q=0.1";

/// How much and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of a page on the way, and unpacked, each.
    pub bytes_max: usize,
    /// All of it: looking up, connecting, `robots.txt`, redirects, the page.
    pub time_max: Duration,
}

/// Fetches pages, and remembers for a session what servers ask robots for.
pub struct Fetcher {
    network: Network,
    bounds: Bounds,
    resolve: Arc<egress::Resolve>,
    /// The client for the internet, and the one that may also reach what is near.
    clients: [Mutex<Option<Client>>; 2],
    robots: Mutex<HashMap<String, Arc<Robots>>>,
}

/// What a redirect within the same server may do: `Err` says why it may not be followed.
pub type Follow<'a> = &'a (dyn Fn(&Address) -> Result<(), String> + Send + Sync);

/// A page that is wanted.
pub struct Wish<'a> {
    /// Where it is.
    pub address: &'a Address,
    /// Whether addresses of this machine and its neighbours may be reached.
    pub near: bool,
    /// Whether `robots.txt` is heeded. What a person names word for word is no robot's wish.
    pub heeds_robots: bool,
    /// Asked about each redirect within the same server.
    pub follow: Follow<'a>,
}

/// A page as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it was in the end.
    pub url: String,
    /// The status of the answer.
    pub status: u16,
    /// The content type, as `text/html`.
    pub kind: String,
    /// Its title, when it is HTML and has one.
    pub title: Option<String>,
    /// Its text: HTML reduced to Markdown, everything else as it is.
    pub text: String,
    /// How many bytes came over the wire.
    pub bytes: u64,
    /// What was cut, and why.
    pub cut: Option<String>,
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The host is this machine or a neighbour of it.
    #[error("`{0}` is an address of this machine or its neighbours, and no rule names it")]
    Near(String),
    /// The server asks robots to leave the page alone.
    #[error("the server's robots.txt asks robots to leave this page alone")]
    Robots,
    /// The page is on another server now.
    #[error("the page moved to {0}; fetch that")]
    Moved(String),
    /// It moved within the server to where a rule forbids.
    #[error("the page moved to {to}, and {why}")]
    Refused {
        /// Where to.
        to: String,
        /// Why it is not followed.
        why: String,
    },
    /// It moved where nothing is fetched.
    #[error("the page moved to what is not fetched: {0}")]
    Astray(String),
    /// It moved too often.
    #[error("the page moved more than {HOPS_MAX} times")]
    Hops,
    /// It is not text.
    #[error("the page is {kind} of {size}, not text; it was not taken")]
    NotText {
        /// Its content type or what it looks like.
        kind: String,
        /// Its size in words.
        size: String,
    },
    /// The time was up before the server answered.
    #[error("the server did not answer within {0} s")]
    Time(u64),
    /// It could not be reached, or broke the protocol.
    #[error("{0}")]
    Network(String),
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { bytes_max: 8 * 1024 * 1024, time_max: Duration::from_secs(30) }
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher. `resolve` looks names up; its addresses are judged before anything connects.
    pub fn new(network: Network, bounds: Bounds, resolve: egress::Resolve) -> Fetcher {
        Fetcher {
            network,
            bounds,
            resolve: Arc::new(resolve),
            clients: [Mutex::new(None), Mutex::new(None)],
            robots: Mutex::default(),
        }
    }

    /// Fetches a page, whatever its status.
    ///
    /// # Errors
    /// [`FetchError`] when there is no text to give.
    pub async fn fetch(&self, wish: &Wish<'_>) -> Result<Page, FetchError> {
        let deadline = Instant::now() + self.bounds.time_max;
        let client = self.client(wish.near)?;
        let mut address = wish.address.clone();
        for _ in 0..=HOPS_MAX {
            judge(&address, wish.near)?;
            if wish.heeds_robots
                && !self.robots(&client, &address, deadline).await?.allows(&address.path_and_query())
            {
                return Err(FetchError::Robots);
            }
            let response = self.ask(&client, &address, deadline).await?;
            let Some(next) = moved(&response, &address)? else {
                return self.read(response, &address, deadline).await;
            };
            if !wish.address.is_same_place(&next) || (address.is_secure() && !next.is_secure()) {
                return Err(FetchError::Moved(next.to_string()));
            }
            if let Err(why) = (wish.follow)(&next) {
                return Err(FetchError::Refused { to: next.to_string(), why });
            }
            address = next;
        }
        Err(FetchError::Hops)
    }

    /// Sends a request that `build` makes, and gives status and body within the bounds. For searches, whose servers the
    /// person named: they may be near.
    pub(crate) async fn send(
        &self,
        build: impl FnOnce(&Client) -> reqwest::RequestBuilder,
    ) -> Result<(u16, Vec<u8>), FetchError> {
        let deadline = Instant::now() + self.bounds.time_max;
        let client = self.client(true)?;
        let request = build(&client).header(ACCEPT_ENCODING, "gzip");
        let response = self.within(deadline, request.send()).await?;
        let status = response.status().as_u16();
        let body =
            body::read(response, self.bounds.bytes_max, deadline).await.map_err(FetchError::Network)?;
        match body.cut {
            Some(cut) => Err(FetchError::Network(cut)),
            None => Ok((status, body.bytes)),
        }
    }

    fn client(&self, near: bool) -> Result<Client, FetchError> {
        let [far, close] = &self.clients;
        let slot = if near { close } else { far };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*slot {
            return Ok(client.clone());
        }
        let connect = self.bounds.time_max.min(Duration::from_secs(10));
        let client =
            client::build(&self.network, &self.resolve, near, connect).map_err(FetchError::Network)?;
        Ok(slot.insert(client).clone())
    }

    async fn ask(
        &self,
        client: &Client,
        address: &Address,
        deadline: Instant,
    ) -> Result<Response, FetchError> {
        let request = client.get(address.url().clone()).header(ACCEPT, ACCEPTED);
        self.within(deadline, request.header(ACCEPT_ENCODING, "gzip, deflate").send()).await
    }

    async fn within(
        &self,
        deadline: Instant,
        sent: impl Future<Output = Result<Response, reqwest::Error>>,
    ) -> Result<Response, FetchError> {
        match timeout_at(deadline, sent).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(match client::near(&error) {
                Some(name) => FetchError::Near(name),
                // Without the address: the caller has said it, and it may be long.
                None => FetchError::Network(clean::line(&http_client::chain(&error.without_url()), 300)),
            }),
            Err(_) => Err(FetchError::Time(self.bounds.time_max.as_secs())),
        }
    }

    /// What the server asks robots for. A file that is not there asks for nothing; a server that fails is left alone.
    async fn robots(
        &self,
        client: &Client,
        address: &Address,
        deadline: Instant,
    ) -> Result<Arc<Robots>, FetchError> {
        let origin = address.origin();
        if let Some(known) = self.robots.lock().unwrap_or_else(PoisonError::into_inner).get(&origin) {
            return Ok(Arc::clone(known));
        }
        let astray = |error: crate::AddressError| FetchError::Astray(error.to_string());
        let mut at = address.join("/robots.txt").map_err(astray)?;
        let mut found = Robots::open();
        for _ in 0..=HOPS_MAX {
            let response = self.ask(client, &at, deadline).await?;
            match moved(&response, &at) {
                Ok(Some(next)) if at.is_same_place(&next) => {
                    at = next;
                    continue;
                }
                // Moved elsewhere is not followed: the permit ends at this server.
                Ok(Some(_)) | Err(_) => break,
                Ok(None) => {}
            }
            let status = response.status();
            if status.is_server_error() {
                found = Robots::closed();
            } else if status.is_success() {
                let body = body::read(response, ROBOTS_BYTES_MAX, deadline).await;
                found = match body {
                    Ok(body) => Robots::read(&String::from_utf8_lossy(&body.bytes)),
                    Err(_) => Robots::closed(),
                };
            }
            break;
        }
        let found = Arc::new(found);
        let mut known = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < SERVERS_MAX {
            known.insert(origin, Arc::clone(&found));
        }
        Ok(found)
    }

    async fn read(
        &self,
        response: Response,
        address: &Address,
        deadline: Instant,
    ) -> Result<Page, FetchError> {
        let status = response.status();
        let header =
            response.headers().get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let (kind, declared) = content_type(header.as_deref().unwrap_or_default());
        let size = response.content_length();
        let not_text = |kind: &str, size: Option<u64>| FetchError::NotText {
            kind: kind.to_string(),
            size: size.map_or_else(|| "unknown size".to_string(), |size| format!("{size} bytes")),
        };
        if !kind.is_empty() && !is_text(&kind) {
            return Err(not_text(&kind, size));
        }
        let body =
            body::read(response, self.bounds.bytes_max, deadline).await.map_err(FetchError::Network)?;
        if body.bytes.is_empty() && body.cut.is_some() {
            return Err(FetchError::Time(self.bounds.time_max.as_secs()));
        }
        if let Some(looks) = looks_binary(&body.bytes) {
            return Err(not_text(looks, Some(size.unwrap_or(body.received))));
        }
        let is_html = is_html(&kind, &body.bytes);
        let (text, _) = charset::decode(&body.bytes, declared.as_deref(), is_html);
        let kind = match (kind.is_empty(), is_html) {
            (true, true) => "text/html".to_string(),
            (true, false) => "text/plain".to_string(),
            _ => kind,
        };
        let mut page = Page {
            url: address.to_string(),
            status: status.as_u16(),
            kind,
            title: None,
            text: String::new(),
            bytes: body.received,
            cut: body.cut,
        };
        if is_html {
            let reduced = html::reduce(&text, Some(address));
            page.title = reduced.title.map(|title| clean::line(&title, TITLE_CHARS_MAX));
            page.text = reduced.text;
            page.cut = page.cut.or(reduced.cut);
        } else {
            page.text = clean::text(&text);
        }
        Ok(page)
    }
}

/// An address that is written as one is judged here; a name, when it is looked up.
fn judge(address: &Address, near: bool) -> Result<(), FetchError> {
    match address.literal() {
        Some(literal) if !near && !egress::is_public(literal) => {
            Err(FetchError::Near(address.host().to_string()))
        }
        _ if !near && address.is_plainly_loopback() => Err(FetchError::Near(address.host().to_string())),
        _ => Ok(()),
    }
}

/// Where an answer sends us, if it does.
fn moved(response: &Response, from: &Address) -> Result<Option<Address>, FetchError> {
    let is_move = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let Some(to) = response.headers().get(LOCATION).filter(|_| is_move) else { return Ok(None) };
    let to = String::from_utf8_lossy(to.as_bytes());
    from.join(&to).map(Some).map_err(|error| FetchError::Astray(error.to_string()))
}

/// The type in small letters without parameters, and its `charset`.
fn content_type(header: &str) -> (String, Option<String>) {
    let mut parts = header.split(';');
    let kind: String = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = kind.chars().filter(char::is_ascii_graphic).take(100).collect();
    let charset = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        key.trim().eq_ignore_ascii_case("charset").then(|| value.to_string())
    });
    (kind, charset)
}

fn is_text(kind: &str) -> bool {
    const TEXTS: [&str; 17] = [
        "application/json",
        "application/xml",
        "application/xhtml+xml",
        "application/javascript",
        "application/x-javascript",
        "application/ecmascript",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/x-ndjson",
        "application/jsonl",
        "application/x-sh",
        "application/sql",
        "application/graphql",
        "application/markdown",
        "application/x-httpd-php",
        "application/x-tex",
    ];
    let ends = ["+json", "+xml", "+yaml", "+text"];
    kind.starts_with("text/") || TEXTS.contains(&kind) || ends.iter().any(|end| kind.ends_with(end))
        // Servers without a table of types say this of everything; the bytes decide.
        || matches!(kind, "application/octet-stream" | "binary/octet-stream")
}

/// What bytes that are no text look like.
fn looks_binary(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 9] = [
        (b"%PDF-", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive or office document"),
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\x7fELF", "a program"),
        (b"RIFF", "a RIFF file"),
        (b"\xd0\xcf\x11\xe0", "an office document"),
    ];
    if let Some((_, what)) = known.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(what);
    }
    let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let head = bytes.get(..bytes.len().min(8192)).unwrap_or_default();
    (!is_utf16 && head.contains(&0)).then_some("a binary file")
}

fn is_html(kind: &str, bytes: &[u8]) -> bool {
    match kind {
        "text/html" | "application/xhtml+xml" => true,
        "" | "application/octet-stream" | "binary/octet-stream" => {
            let head: String = bytes.iter().take(512).map(|b| char::from(b.to_ascii_lowercase())).collect();
            let head = head.trim_start();
            head.starts_with("<!doctype html") || head.starts_with("<html")
        }
        _ => false,
    }
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
