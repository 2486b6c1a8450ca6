//! Exa: what is sent and what comes back.

use reqwest::{Client, RequestBuilder};
use serde::Deserialize;

use super::{Hit, Provider};

/// The engine.
pub(super) struct Exa;

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
    highlights: Vec<String>,
    #[serde(default)]
    text: Option<String>,
}

impl Provider for Exa {
    fn name(&self) -> &'static str {
        "exa"
    }

    fn base_url(&self) -> Option<&'static str> {
        Some("https://api.exa.ai")
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
        let body = serde_json::json!({
            "query": query,
            "numResults": count,
            "contents": { "highlights": true },
        });
        client
            .post(format!("{base}/search"))
            .header("content-type", "application/json")
            .header("x-api-key", key.unwrap_or_default())
            .body(body.to_string())
    }

    fn read(&self, answer: &[u8]) -> Result<Vec<Hit>, serde_json::Error> {
        let answer: Answer = serde_json::from_slice(answer)?;
        Ok(answer
            .results
            .into_iter()
            .map(|one| {
                let excerpt = one.highlights.join(" … ");
                let snippet = if excerpt.is_empty() { one.text.unwrap_or_default() } else { excerpt };
                Hit { title: one.title.unwrap_or_default(), url: one.url, snippet }
            })
            .collect())
    }
}
