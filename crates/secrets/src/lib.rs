//! Finds credentials in bytes, replaces them by placeholders, and reads references that stand for them. No disk, no clock, no
//! environment, no other crate of ours: callers bring bytes and paths, and perform what a reference asks for.
//!
//! ```text
//! Rules (built in + the user's) ─► Scanner ─► Scan { findings, let_through }
//!                                     └─► Firewall: redact ─► text with placeholders ─► resolve
//! ```
#![deny(clippy::indexing_slicing)]

mod allow;
mod assign;
mod base64;
mod check;
mod encoded;
mod entropy;
mod finding;
mod firewall;
mod hidden;
mod judge;
mod known;
mod lines;
mod pem;
mod placeholder;
mod read;
pub mod reference;
mod rule;
mod rules;
mod scan;
mod scanner;
mod stream;
mod tag;
mod url;

pub use finding::{Confidence, Finding, LetThrough, Reason, Scan, Wrapping};
pub use firewall::{Firewall, Found, Permission, Redacted, Resolved, Source, Use};
pub use hidden::Hidden;
pub use lines::{Lines, Place};
pub use read::{Diagnostic, Read};
pub use rule::{Policy, Rule, Severity};
pub use rules::Rules;
pub use scanner::{Options, Scanner};
pub use stream::Stream;
pub use tag::Key;
