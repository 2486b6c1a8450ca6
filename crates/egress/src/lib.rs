//! The proxy through which a confined command reaches the network: HTTP and SOCKS on loopback. Decides nothing itself.
#![deny(clippy::indexing_slicing)]

mod address;
mod body;
mod head;
mod host;
mod proxy;
mod registry;
mod serve;
mod socks;

pub use address::is_public;
pub use host::{Host, HostError};
pub use proxy::{Decide, Log, Proxy, Resolve, Settings, resolve};
pub use serve::{Note, Outcome, Verdict, Via};
