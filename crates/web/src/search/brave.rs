//! Brave Search: what is sent and what comes back.

use serde::Deserialize;

use super::{Hit, Provider, asking};

/// The engine.
pub(super) static BRAVE: Provider = Provider {
    name: "brave",
    base_url: Some("https://api.search.brave.com"),
    needs_key: true,
    request: |client, asked| {
        let address = format!("{}/res/v1/web/search", asked.base);
        client
            .get(asking(&address, &[("q", asked.query), ("count", &asked.count.to_string())]))
            .header("accept", "application/json")
            .header("x-subscription-token", asked.key.unwrap_or_default())
    },
    read: |answer| {
        // No `web` means no results, not a fault.
        let answer: Answer = serde_json::from_slice(answer)?;
        let results = answer.web.map(|web| web.results).unwrap_or_default();
        Ok(results.into_iter().map(hit).collect())
    },
};

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

fn hit(one: Found) -> Hit {
    Hit { title: one.title, url: one.url, snippet: one.description.unwrap_or_default() }
}
