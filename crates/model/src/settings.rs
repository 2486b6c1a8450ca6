//! What a model over the network is made of, as plain values. Makes no model; reads nothing.

use std::sync::Arc;
use std::time::SystemTime;

use conversation::{Limits, Price};

use crate::aws_credentials::AwsAuth;
use crate::catalog::{Api, ModelName, provider};
use crate::key::Key;
use crate::transport::Network;

/// Everything that a model over the network needs. [`Settings::of`] fills it from the catalogue.
#[derive(Clone)]
pub struct Settings {
    /// The provider's name, as in `provider/model`.
    pub provider: String,
    /// The model's id, as the provider knows it.
    pub model: String,
    /// The wire that is spoken.
    pub api: Api,
    /// Where the provider answers, without a final `/`. For Bedrock it may be empty: the region gives it.
    pub base_url: String,
    /// Amazon's region; for Bedrock only.
    pub region: Option<String>,
    /// How the request proves who asks.
    pub auth: Auth,
    /// Further headers, sent as they are.
    pub headers: Vec<(String, String)>,
    /// What the person knows better than the table.
    pub limits: Option<Limits>,
    /// What the person knows better than the table.
    pub price: Option<Price>,
    /// How much the model is asked to think.
    pub thinking: Thinking,
    /// How Chat Completions is told the output limit.
    pub max_tokens_field: MaxTokensField,
    /// Proxies, certificates, time-outs.
    pub network: Network,
    /// The clock, for signatures and for dates in `Retry-After`.
    pub clock: Clock,
    /// Seeds the jitter of back-off.
    pub seed: u64,
}

/// How a request proves who asks.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Not at all: a local server.
    None,
    /// A key in the provider's usual header (`x-api-key` for Anthropic, otherwise `authorization: Bearer`).
    Key(Key),
    /// A token in `authorization: Bearer`, whatever the provider's usual header is.
    Bearer(Key),
    /// Amazon's ways.
    Aws(AwsAuth),
}

/// How much the model is asked to think.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Thinking {
    /// Nothing is said about it: the provider's default.
    #[default]
    Default,
    /// At most this many tokens (Anthropic, and Anthropic models on Bedrock).
    Budget(u32),
    /// `low`, `medium`, `high`, or what else the provider takes.
    Effort(String),
}

/// The name under which Chat Completions takes the output limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaxTokensField {
    /// `max_tokens`: what compatible servers know.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`: what OpenAI's newer models insist on.
    MaxCompletionTokens,
    /// No limit is sent.
    Omit,
}

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

impl Settings {
    /// What the catalogue knows of this provider, without a key. An unknown provider gets Chat Completions and no
    /// base URL.
    pub fn of(name: &ModelName, clock: Clock) -> Settings {
        let known = provider(&name.provider);
        let max_tokens_field = match name.provider.as_str() {
            "openai" => MaxTokensField::MaxCompletionTokens,
            _ => MaxTokensField::default(),
        };
        Settings {
            provider: name.provider.clone(),
            model: name.model.clone(),
            api: known.map_or(Api::Chat, |known| known.api),
            base_url: known.map_or_else(String::new, |known| known.base_url.to_string()),
            region: None,
            auth: Auth::None,
            headers: Vec::new(),
            limits: None,
            price: None,
            thinking: Thinking::Default,
            max_tokens_field,
            network: Network::default(),
            clock,
            seed: 0,
        }
    }
}
