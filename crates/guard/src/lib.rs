//! What a session is held to: rules and lists from disk, the profile of each command, its network, and the firewall for
//! values. Decides nothing (that is `policy`) and enforces nothing (that is `sandbox`).
#![deny(clippy::indexing_slicing)]

mod caches;
mod ear;
mod firewall;
mod ground;
mod hold;
mod hosts;
mod known;
mod lists;
mod means;
mod network;
mod reference;
mod repository;
mod rules;
mod scope;
mod tell;
mod toolchains;
mod walk;

pub use firewall::{Firewall, FirewallError};
pub use ground::Ground;
pub use hold::{Hold, Holding, Settings};
pub use hosts::of as hosts_of;
pub use lists::Lists;
pub use reference::References;
pub use rules::{OwnRule, RULE_FILE_BYTES_MAX, Rules, rules};
