//! SearXNG, an engine that one runs oneself: what is sent and what comes back. Its settings must offer the format `json`.

use super::{Provider, WithContent, asking, results};

/// The engine.
pub(super) static SEARXNG: Provider = Provider {
    name: "searxng",
    base_url: None,
    needs_key: false,
    request: |client, asked| {
        let address = format!("{}/search", asked.base);
        let request = client.get(asking(&address, &[("q", asked.query), ("format", "json")]));
        match asked.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    },
    read: |answer| results(answer, WithContent::hit),
};
