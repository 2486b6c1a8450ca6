//! Pages and searches of the web as text, within bounds. Knows no agent.
#![deny(clippy::indexing_slicing)]

mod address;
mod body;
mod charset;
mod clean;
mod client;
mod fetch;
mod fetch_tool;
mod html;
mod robots;
mod search;
mod search_tool;

#[cfg(test)]
mod testing;

pub use address::{Address, AddressError};
pub use egress::{Resolve, resolve};
pub use fetch::{Bounds, FetchError, Fetcher, Follow, Page, Wish};
pub use fetch_tool::{WebFetch, is_near_allowed, may_follow};
pub use html::{Reduced, reduce};
pub use http_client::{Certificates, Network, Proxies};
pub use robots::Robots;
pub use search::{Hit, Key, Provider, SearchError, Settings, providers};
pub use search_tool::{DelegatedSearch, WebSearch};
