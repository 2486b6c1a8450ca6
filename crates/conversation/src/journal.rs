//! The trait by which the engine puts events on record. How they are stored is the ledger's business.

use policy::Record;

use crate::{Digest, Event};

/// Where the events of one session go, in order. The gate's decisions go there too, through [`Record`].
///
/// The order of duties: a decision is durable when `record` returns; any other event is durable at the next
/// `record` or `sync`, whichever comes first. The driver syncs before it asks the model or a person and at the
/// end, so a process that dies loses at most results of calls, never a decision, a word or an answer that was
/// acted upon.
pub trait Journal: Record + Send {
    /// Appends an event.
    ///
    /// # Errors
    /// [`JournalError`] when it could not be written; the session must stop.
    fn append(&mut self, event: &Event) -> Result<(), JournalError>;

    /// Makes everything appended so far durable.
    ///
    /// # Errors
    /// [`JournalError`] when that failed; the session must stop.
    fn sync(&mut self) -> Result<(), JournalError>;

    /// The digest of the last record: naming it elsewhere pins everything before it.
    fn head(&self) -> Digest;
}

/// The journal could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JournalError(pub String);
