//! A quote service over HTTP: keys in, JSON out. Has no clock and no log of its own; both are given to it.

pub mod clock;
pub mod http;
pub mod json;
pub mod keys;
pub mod log;
pub mod routes;
pub mod server;
