//! What `step` wants done. The driver does it and feeds what came of it back as events.

use conversation::Ended;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the model with the state's prompt. Comes back as `Sent`, then `Answered` or `ModelFailed`.
    Ask,
    /// Take these calls through the gate and run what is permitted, together. Comes back as `Decided` and
    /// `Finished` for each.
    Perform(Vec<String>),
    /// These calls were permitted before the process died: find out what became of them. Comes back as
    /// `Finished` for each.
    Recover(Vec<String>),
    /// Have the conversation summarised. Comes back as `Compacted` or `ModelFailed`.
    Compact,
    /// Come to rest. Comes back as `Ended`.
    Rest(Ended),
}
