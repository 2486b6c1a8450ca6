//! The providers against a server on loopback that speaks their wires, whole and broken.

mod broken;
mod network;
mod provider;
mod requests;
mod server;
mod streams;
