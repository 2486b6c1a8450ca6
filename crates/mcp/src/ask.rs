//! The traits by which servers reach what only the front door has: a person, kept tokens, the kept lock. Implements only
//! their absence.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use conversation::Later;

use crate::lock::Locked;

/// Asks a person on behalf of a server.
pub trait Asker: Send + Sync {
    /// Puts the question of `server` and gives the answer. Never answers in a person's place but with a refusal.
    fn ask<'a>(&'a self, server: &'a str, question: Question) -> Later<'a, Reply>;
}

/// What a server wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Values for a few fields.
    Form {
        /// Why.
        message: String,
        /// The fields as a flat JSON Schema.
        schema: String,
    },
    /// A page that the person should visit. Nothing that is entered there comes back here.
    Page {
        /// Why.
        message: String,
        /// The address. To be shown whole before it is opened.
        url: String,
    },
}

/// What a person said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Yes; for a form its values as a JSON object.
    Accept(Option<String>),
    /// No.
    Decline,
    /// The person went away from the question.
    Cancel,
}

/// Keeps what a login gave. The text holds tokens.
pub trait Tokens: Send + Sync {
    /// What was kept under this key.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn load(&self, key: &str) -> Result<Option<String>, String>;

    /// Keeps it.
    ///
    /// # Errors
    /// Why it cannot be kept.
    fn save(&self, key: &str, text: &str) -> Result<(), String>;

    /// Forgets it.
    ///
    /// # Errors
    /// Why it cannot be removed.
    fn clear(&self, key: &str) -> Result<(), String>;
}

/// Keeps the lock.
pub trait Locks: Send + Sync {
    /// What was agreed to for this server.
    fn locked(&self, server: &str) -> Option<Locked>;

    /// Keeps what a server says of itself: the first time it is seen, or when nothing that a model is told differs.
    ///
    /// # Errors
    /// Why it cannot be kept; then the server's tools are not offered.
    fn keep(&self, server: &str, locked: &Locked) -> Result<(), String>;
}

/// Nobody is there to be asked: every question is declined.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Asker for Nobody {
    fn ask<'a>(&'a self, _server: &'a str, _question: Question) -> Later<'a, Reply> {
        Box::pin(std::future::ready(Reply::Decline))
    }
}

/// Keeps tokens and locks for as long as it lives. For tests and single runs.
#[derive(Default)]
pub struct Forgetful {
    tokens: Mutex<BTreeMap<String, String>>,
    locks: Mutex<BTreeMap<String, Locked>>,
}

impl Tokens for Forgetful {
    fn load(&self, key: &str) -> Result<Option<String>, String> {
        Ok(self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    fn save(&self, key: &str, text: &str) -> Result<(), String> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_string(), text.to_string());
        Ok(())
    }

    fn clear(&self, key: &str) -> Result<(), String> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        Ok(())
    }
}

impl Locks for Forgetful {
    fn locked(&self, server: &str) -> Option<Locked> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).get(server).cloned()
    }

    fn keep(&self, server: &str, locked: &Locked) -> Result<(), String> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).insert(server.to_string(), locked.clone());
        Ok(())
    }
}
