//! The Model Context Protocol: servers of others as tools, and tools of ours offered. Knows no agent.
#![deny(clippy::indexing_slicing)]

pub mod answer;
pub mod ask;
mod callback;
pub mod config;
mod connect;
mod connection;
pub mod described;
mod handler;
mod lines;
pub mod lock;
mod oauth;
pub mod offer;
pub mod remote;
pub mod search;
pub mod server;
pub mod servers;
mod slot;
mod sse;
mod told;
pub mod variables;
mod web;

pub use connect::{HANDSHAKE_MS, MayStart, Surroundings};
pub use http_client::Network;
pub use lines::{FRAME_BYTES_MAX, RUBBISH_BYTES_MAX, UNASKED_BYTES_MAX};
pub use oauth::Browser;
