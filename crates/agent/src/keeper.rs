//! The trait by which the workspace's files are kept before a call may change them, and after. Keeps nothing itself.

use conversation::{Call, Checkpointed, Later, Purpose};
use policy::{Capability, Request};

use crate::Touched;

/// Keeps files, so that what a call did can be undone.
pub trait Keeper: Send + Sync {
    /// Keeps the files before a call that may change some. Durable when it is ready; the call begins after that, or
    /// never: an error stops it, and is what the person is told.
    fn before<'a>(&'a self, doing: &'a Doing<'a>) -> Later<'a, Result<Checkpointed, String>>;

    /// Keeps what the call left. `None` when it has no checkpoint that is open.
    fn after<'a>(&'a self, doing: &'a Doing<'a>) -> Later<'a, Result<Option<Checkpointed>, String>>;

    /// The files that differ between two trees that were kept. Asked only when a hook waits for changes.
    fn changed<'a>(&'a self, _before: &'a str, _after: &'a str) -> Later<'a, Result<Vec<Touched>, String>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

/// A permitted call, for whoever keeps the files.
#[derive(Clone, Copy, Debug)]
pub struct Doing<'a> {
    /// The session.
    pub session: &'a str,
    /// What the session is for.
    pub purpose: Option<&'a Purpose>,
    /// The call.
    pub call: &'a Call,
    /// What it may do.
    pub requests: &'a [Request],
}

/// Whether a call with these requests may change files of the workspace. What is not known to leave them alone may.
pub fn may_change_files(requests: &[Request]) -> bool {
    requests.iter().any(|request| match request.capability {
        Capability::FsWrite
        | Capability::Shell
        | Capability::Mcp
        | Capability::Subagent
        | Capability::Skill
        | Capability::Power => true,
        Capability::FsRead
        | Capability::WebFetch
        | Capability::WebSearch
        | Capability::Context
        | Capability::Diagnostics
        | Capability::SandboxNetwork => false,
    })
}
