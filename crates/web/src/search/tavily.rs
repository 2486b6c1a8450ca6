//! Tavily: what is sent and what comes back.

use reqwest::{Client, RequestBuilder};
use serde::Deserialize;

use super::{Hit, Provider};

/// The engine.
pub(super) struct Tavily;

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

impl Provider for Tavily {
    fn name(&self) -> &'static str {
        "tavily"
    }

    fn base_url(&self) -> Option<&'static str> {
        Some("https://api.tavily.com")
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
        let body = serde_json::json!({ "query": query, "max_results": count });
        client
            .post(format!("{base}/search"))
            .header("content-type", "application/json")
            .bearer_auth(key.unwrap_or_default())
            .body(body.to_string())
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
