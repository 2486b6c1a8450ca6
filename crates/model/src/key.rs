//! A secret, kept out of `Debug`. Comes from the front door; is never stored.

use std::fmt;

/// A secret. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Keeps a secret, without white space around it.
    pub fn new(secret: impl AsRef<str>) -> Key {
        Key(secret.as_ref().trim().to_string())
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
