//! Tavily: what is sent and what comes back.

use super::{Provider, WithContent, results, sending};

/// The engine.
pub(super) static TAVILY: Provider = Provider {
    name: "tavily",
    base_url: Some("https://api.tavily.com"),
    needs_key: true,
    request: |client, asked| {
        let body = serde_json::json!({ "query": asked.query, "max_results": asked.count });
        sending(client, format!("{}/search", asked.base), &body).bearer_auth(asked.key.unwrap_or_default())
    },
    read: |answer| results(answer, WithContent::hit),
};
