//! SearXNG, an engine that one runs oneself: what is sent and what comes back. Its settings must offer the format `json`.

use reqwest::{Client, RequestBuilder};
use serde::Deserialize;

use super::{Hit, Provider, asking};

/// The engine.
pub(super) struct Searxng;

#[derive(Deserialize)]
struct Answer {
    results: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    url: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    content: Option<String>,
}

impl Provider for Searxng {
    fn name(&self) -> &'static str {
        "searxng"
    }

    fn base_url(&self) -> Option<&'static str> {
        None
    }

    fn needs_key(&self) -> bool {
        false
    }

    fn request(
        &self,
        client: &Client,
        base: &str,
        key: Option<&str>,
        query: &str,
        _: usize,
    ) -> RequestBuilder {
        let request = client.get(asking(&format!("{base}/search"), &[("q", query), ("format", "json")]));
        match key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    fn read(&self, answer: &[u8]) -> Result<Vec<Hit>, serde_json::Error> {
        let answer: Answer = serde_json::from_slice(answer)?;
        Ok(answer
            .results
            .into_iter()
            .map(|one| Hit {
                title: one.title.unwrap_or_default(),
                url: one.url,
                snippet: one.content.unwrap_or_default(),
            })
            .collect())
    }
}
