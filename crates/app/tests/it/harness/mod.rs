//! What every test stands on: a desk of its own, a model that answers by script, recordings, a small spec.

mod desk;
mod model;
mod pages;
mod ran;
mod recording;
mod server;
mod spec;
mod wire;

pub(crate) use desk::{Desk, Running, is_beating, soon};
pub(crate) use model::{Answer, Model, broken_call, call, calls, say, status, told};
pub(crate) use pages::Pages;
pub(crate) use ran::Ran;
pub(crate) use recording::{ends, makes, recording, turn};
pub(crate) use server::{python, server};
pub(crate) use spec::{PLAN, REQUIREMENTS, SINGLE, approved, greet};
