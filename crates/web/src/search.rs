//! Search engines: one file each says what is sent and what comes back. What they have in common is here; none of them
//! touches the network itself.

mod brave;
mod exa;
mod searxng;
mod tavily;

use reqwest::{Client, RequestBuilder, Url};

use crate::fetch::{FetchError, Fetcher};
use crate::{Address, clean};

/// The most results of a search.
pub(crate) const HITS_MAX: usize = 10;
/// The longest title of a result, in characters.
const TITLE_CHARS_MAX: usize = 200;
/// The longest excerpt of a result, in characters.
const SNIPPET_CHARS_MAX: usize = 600;
/// How much of a complaint of a server is repeated, in characters.
const COMPLAINT_CHARS_MAX: usize = 200;

/// Gives the key of an engine when it is needed. The error says why there is none, without the key.
pub type Key = Box<dyn Fn() -> Result<String, String> + Send + Sync>;

/// One result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The page's title.
    pub title: String,
    /// The page.
    pub url: String,
    /// What the engine shows of it.
    pub snippet: String,
}

/// A search engine: what it is asked, and what its answer means.
pub struct Provider {
    name: &'static str,
    base_url: Option<&'static str>,
    needs_key: bool,
    request: fn(&Client, &Asked<'_>) -> RequestBuilder,
    read: fn(&[u8]) -> Result<Vec<Hit>, serde_json::Error>,
}

/// What an engine is asked.
struct Asked<'a> {
    base: &'a str,
    key: Option<&'a str>,
    query: &'a str,
    count: usize,
}

impl Provider {
    /// Its name in the settings.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where it is when the settings do not say; nothing when they must.
    pub fn base_url(&self) -> Option<&'static str> {
        self.base_url
    }

    /// Whether it takes no request without a key.
    pub fn needs_key(&self) -> bool {
        self.needs_key
    }
}

/// Which engine, where, and with which key.
pub struct Settings {
    /// The engine.
    pub provider: &'static Provider,
    /// Its address, when it is not the usual one.
    pub base_url: Option<String>,
    /// Its key, when it needs one.
    pub key: Option<Key>,
}

/// Why there are no results.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// The settings do not suffice.
    #[error("{0}")]
    Settings(String),
    /// The engine was not reached.
    #[error("{engine} was not reached: {why}")]
    Reach {
        /// The engine.
        engine: &'static str,
        /// Why.
        why: FetchError,
    },
    /// The engine refused.
    #[error("{engine} answered {status}: {said}")]
    Refused {
        /// The engine.
        engine: &'static str,
        /// The status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// The answer makes no sense.
    #[error("the answer of {engine} cannot be read: {why}")]
    Answer {
        /// The engine.
        engine: &'static str,
        /// Why.
        why: String,
    },
}

/// Every engine, in the order of the alphabet.
pub fn providers() -> [&'static Provider; 4] {
    [&brave::BRAVE, &exa::EXA, &searxng::SEARXNG, &tavily::TAVILY]
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("provider", &self.provider.name()).finish_non_exhaustive()
    }
}

impl Settings {
    /// Whether they suffice to search.
    ///
    /// # Errors
    /// What is missing.
    pub fn check(&self) -> Result<(), SearchError> {
        let name = self.provider.name();
        if self.base().is_none() {
            return Err(SearchError::Settings(format!("`{name}` needs a `base_url`")));
        }
        if self.provider.needs_key() && self.key.is_none() {
            return Err(SearchError::Settings(format!("`{name}` needs a `key`")));
        }
        let base = self.base().unwrap_or_default();
        Address::read(base).map(drop).map_err(|error| SearchError::Settings(format!("`{name}`: {error}")))
    }

    fn base(&self) -> Option<&str> {
        self.base_url.as_deref().or_else(|| self.provider.base_url()).map(|base| base.trim_end_matches('/'))
    }

    /// Searches.
    ///
    /// # Errors
    /// [`SearchError`] when there is no list of results; an empty list is one.
    pub async fn search(
        &self,
        fetcher: &Fetcher,
        query: &str,
        count: usize,
    ) -> Result<Vec<Hit>, SearchError> {
        self.check()?;
        let engine = self.provider.name();
        let key = self.key.as_ref().map(|key| key()).transpose().map_err(SearchError::Settings)?;
        let base = self.base().unwrap_or_default();
        let count = count.clamp(1, HITS_MAX);
        let asked = Asked { base, key: key.as_deref(), query, count };
        let answer = fetcher.send(|client| (self.provider.request)(client, &asked)).await;
        let (status, bytes) = answer.map_err(|why| SearchError::Reach { engine, why })?;
        if !(200..300).contains(&status) {
            let mut said = clean::line(&String::from_utf8_lossy(&bytes), COMPLAINT_CHARS_MAX);
            // A server that repeats the key must not bring it into the conversation.
            if let Some(key) = key.as_deref().filter(|key| !key.is_empty()) {
                said = said.replace(key, "[key]");
            }
            return Err(SearchError::Refused { engine, status, said });
        }
        let hits = (self.provider.read)(&bytes).map_err(|error| {
            let why = clean::line(&error.to_string(), COMPLAINT_CHARS_MAX);
            SearchError::Answer { engine, why }
        })?;
        Ok(hits.into_iter().filter_map(tidy).take(count).collect())
    }
}

/// A result with bounds and without what nobody sees; nothing when it leads to no page.
fn tidy(hit: Hit) -> Option<Hit> {
    let url = Address::read(&hit.url).ok()?.to_string();
    let title = clean::line(&plain(&hit.title), TITLE_CHARS_MAX);
    let snippet = clean::line(&plain(&hit.snippet), SNIPPET_CHARS_MAX);
    Some(Hit { title: if title.is_empty() { url.clone() } else { title }, url, snippet })
}

/// A list of results, as most engines give it.
#[derive(serde::Deserialize)]
struct Results<T> {
    results: Vec<T>,
}

/// The results of such an answer.
fn results<T: serde::de::DeserializeOwned>(
    answer: &[u8],
    hit: impl Fn(T) -> Hit,
) -> Result<Vec<Hit>, serde_json::Error> {
    let answer: Results<T> = serde_json::from_slice(answer)?;
    Ok(answer.results.into_iter().map(hit).collect())
}

/// A result whose excerpt is called `content`.
#[derive(serde::Deserialize)]
struct WithContent {
    url: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    content: Option<String>,
}

impl WithContent {
    fn hit(self) -> Hit {
        Hit {
            title: self.title.unwrap_or_default(),
            url: self.url,
            snippet: self.content.unwrap_or_default(),
        }
    }
}

/// A request that sends JSON.
fn sending(client: &Client, address: String, body: &serde_json::Value) -> RequestBuilder {
    client.post(address).header("content-type", "application/json").body(body.to_string())
}

/// An address with a query. One that is no address is given back as it is: sending it fails, and says so.
fn asking(address: &str, pairs: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(address) else { return address.to_string() };
    url.query_pairs_mut().extend_pairs(pairs);
    url.into()
}

/// Engines mark words with tags.
fn plain(text: &str) -> String {
    if text.contains(['<', '&']) {
        crate::html::reduce(clean::head(text, 20_000), None).text
    } else {
        text.to_string()
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
