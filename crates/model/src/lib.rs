//! The models: one file per provider, and `replay`. Knows no tools, no policy, no disk, no environment: keys,
//! addresses, proxies, certificates, recordings and the clock come in as values from the front door.
//!
//! The way in: [`ModelName::parse`] reads `provider/model`, [`Settings::of`] fills in what the catalogue knows of
//! that provider, the front door adds keys and overrides, and [`choose`] makes a [`conversation::Model`] of it.
//! [`discover`] finds a provider from environment values when nobody named one.
#![deny(clippy::indexing_slicing)]

mod anthropic;
mod aws_credentials;
mod bedrock;
mod bedrock_cache;
mod catalog;
mod choose;
mod dates;
mod errors;
mod eventstream;
mod json;
mod key;
mod openai_chat;
mod openai_responses;
mod prices;
mod remote;
mod replay;
mod retry;
mod settings;
mod sigv4;
mod sse;
mod transport;
mod wire;

pub use aws_credentials::{
    AwsAuth, AwsCredentials, AwsError, AwsFound, AwsRefresh, AwsSource, credentials_from_process, find_aws,
};
pub use catalog::{Api, Found, ModelName, NameError, PROVIDERS, Provider, discover, provider};
pub use choose::{ChooseError, choose};
pub use key::Key;
pub use prices::{LIMITS_DEFAULT, limits_of, price_of};
pub use replay::{Recording, RecordingError, Replay};
pub use settings::{Auth, Clock, MaxTokensField, Settings, Thinking};
pub use transport::{Certificates, Network, Proxies};
