//! Brave Search: what is sent and what comes back.

use reqwest::{Client, RequestBuilder};
use serde::Deserialize;

use super::{Hit, Provider, asking};

/// The engine.
pub(super) struct Brave;

#[derive(Deserialize)]
struct Answer {
    web: Option<Web>,
}

#[derive(Deserialize)]
struct Web {
    #[serde(default)]
    results: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    url: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: Option<String>,
}

impl Provider for Brave {
    fn name(&self) -> &'static str {
        "brave"
    }

    fn base_url(&self) -> Option<&'static str> {
        Some("https://api.search.brave.com")
    }

    fn needs_key(&self) -> bool {
        true
    }

    fn request(
        &self,
        client: &Client,
        base: &str,
        key: Option<&str>,
        query: &str,
        count: usize,
    ) -> RequestBuilder {
        client
            .get(asking(&format!("{base}/res/v1/web/search"), &[("q", query), ("count", &count.to_string())]))
            .header("accept", "application/json")
            .header("x-subscription-token", key.unwrap_or_default())
    }

    fn read(&self, answer: &[u8]) -> Result<Vec<Hit>, serde_json::Error> {
        // No `web` means no results, not a fault.
        let answer: Answer = serde_json::from_slice(answer)?;
        let results = answer.web.map(|web| web.results).unwrap_or_default();
        Ok(results
            .into_iter()
            .map(|one| Hit { title: one.title, url: one.url, snippet: one.description.unwrap_or_default() })
            .collect())
    }
}
