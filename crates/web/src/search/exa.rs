//! Exa: what is sent and what comes back.

use serde::Deserialize;

use super::{Hit, Provider, results, sending};

/// The engine.
pub(super) static EXA: Provider = Provider {
    name: "exa",
    base_url: Some("https://api.exa.ai"),
    needs_key: true,
    request: |client, asked| {
        let body = serde_json::json!({
            "query": asked.query,
            "numResults": asked.count,
            "contents": { "highlights": true },
        });
        sending(client, format!("{}/search", asked.base), &body)
            .header("x-api-key", asked.key.unwrap_or_default())
    },
    read: |answer| results(answer, hit),
};

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

fn hit(one: Found) -> Hit {
    let excerpt = one.highlights.join(" … ");
    let snippet = if excerpt.is_empty() { one.text.unwrap_or_default() } else { excerpt };
    Hit { title: one.title.unwrap_or_default(), url: one.url, snippet }
}
