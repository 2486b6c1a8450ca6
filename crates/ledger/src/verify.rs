//! What verifying says: the report, and every kind of finding with its name and its words. Reads nothing itself.

mod anchors;
mod check;
mod heads;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use conversation::Digest;

use crate::anchor::Anchor;
use crate::chain;
use crate::erasures::Erasure;
use crate::key::PublicKey;

/// How many findings are kept, and how many notes; a file full of noise would give one per line.
const FINDINGS_MAX: usize = 1_000;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many journals were read.
    pub journals: u64,
    /// How many whole records they hold.
    pub records: u64,
    /// How many pieces of content they refer to.
    pub contents: u64,
    /// How many lines of chains of heads bear the signature of their key.
    pub heads: u64,
    /// The key that signs now, as the chain of heads says.
    pub key: Option<PublicKey>,
    /// The anchors that agree, with how many of their lines the chain of heads has.
    pub anchored: Vec<(String, u64)>,
    /// What is wrong, journal by journal; at most 1,000.
    pub findings: Vec<Finding>,
    /// What is not wrong and yet to be known: erasures, and what no signature covers; at most 1,000.
    pub notes: Vec<Finding>,
}

/// What a verification may lean on beside the files.
#[derive(Clone, Default)]
pub struct Trust {
    /// A key that is known to be the device's. Without it the key is the one that the chain of heads begins with.
    pub key: Option<PublicKey>,
    /// Where heads were anchored.
    pub anchors: Vec<Arc<dyn Anchor>>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: PathBuf,
    /// The record, or the place where it should be; `None` when the whole file is meant.
    pub record: Option<u64>,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A record's bytes are not those that its hash was made of.
    Edited,
    /// A line is not a record.
    Unparsable(String),
    /// Records are missing in front of this one.
    Dropped {
        /// How many.
        records: u64,
    },
    /// A record stands where another belongs.
    Reordered {
        /// The one that belongs there.
        expected: u64,
    },
    /// A record does not name the hash of the one before it.
    Unchained,
    /// The journal ends before the record that its head names.
    Truncated {
        /// How many records were durable.
        durable: u64,
    },
    /// The head names another record than the one that stands in its place.
    HeadDiffers,
    /// The file `head` is missing or cannot be read.
    HeadUnreadable(String),
    /// The journal ends in the middle of a record, as a crash leaves it; opening the journal sets that aside.
    Torn {
        /// How many bytes.
        bytes: u64,
    },
    /// A text that a record refers to is gone, and no erasure is on record.
    TextMissing(Digest),
    /// An erasure is on record, and the text is still there.
    TextNotErased(Digest),
    /// A text was erased, and that is on record.
    Erased(Arc<Erasure>),
    /// A head is not signed by the key that it names, or was changed after it was signed.
    Forged,
    /// A head is signed with a key that is not the device's.
    WrongKey(Digest),
    /// A key began to sign that the key before it did not vouch for.
    KeyReplaced {
        /// The reason that was given.
        why: String,
    },
    /// The record is not the one that was signed.
    NotAsSigned {
        /// The place of the head in the chain of heads.
        head: u64,
    },
    /// The journal ends before a record that was signed: it was cut, or replaced by an older copy of itself.
    RolledBack {
        /// How many records were signed.
        signed: u64,
        /// When, in milliseconds since the epoch.
        at: u64,
    },
    /// A journal of which records were signed is not there.
    Gone {
        /// How many records were signed.
        signed: u64,
    },
    /// No signed head covers these records.
    Unsigned {
        /// How many.
        records: u64,
    },
    /// The chain of heads lacks a head that somebody else still has: it was cut, or replaced by an older copy.
    ChainCut {
        /// The place that the head had.
        head: u64,
        /// Who has it.
        witness: String,
    },
    /// The chain of heads has another head at a place than somebody else has: it was made anew.
    ChainDiffers {
        /// The place of the head.
        head: u64,
        /// Who has the other one.
        witness: String,
    },
    /// An anchor could not be compared.
    AnchorUnread {
        /// The anchor.
        anchor: String,
        /// Why.
        why: String,
    },
    /// An anchor has no head of this device, though one should have been anchored.
    NotAnchored {
        /// The anchor.
        anchor: String,
    },
    /// An anchor lacks the newest heads.
    AnchorBehind {
        /// The anchor.
        anchor: String,
        /// How many heads are newer.
        heads: u64,
    },
    /// Content that a record refers to is missing.
    ContentMissing(Digest),
    /// Content that a record refers to is not what its name says.
    ContentChanged(Digest),
    /// A record of a spec names a head that its session does not have.
    NotInSession {
        /// The session.
        session: String,
        /// The head that is named.
        head: Digest,
    },
    /// A newer Waypost wrote it, in a format that this one does not know: nothing behind it was judged.
    Newer {
        /// The format.
        found: u64,
    },
    /// The file cannot be read.
    Unreadable(String),
}

pub(crate) use check::verify_workspace;
pub use check::{verify, verify_with};

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        if let Some(record) = self.record {
            write!(f, "record {record}: ")?;
        }
        self.problem.fmt(f)
    }
}

impl Problem {
    /// The word for this kind of problem, for machines.
    pub fn name(&self) -> &'static str {
        match self {
            Problem::Edited => "edited",
            Problem::Unparsable(_) => "unparsable",
            Problem::Dropped { .. } => "dropped",
            Problem::Reordered { .. } => "reordered",
            Problem::Unchained => "unchained",
            Problem::Truncated { .. } => "truncated",
            Problem::HeadDiffers => "head_differs",
            Problem::HeadUnreadable(_) => "head_unreadable",
            Problem::Torn { .. } => "torn",
            Problem::TextMissing(_) => "text_missing",
            Problem::TextNotErased(_) => "text_not_erased",
            Problem::Erased(_) => "erased",
            Problem::Forged => "forged",
            Problem::WrongKey(_) => "wrong_key",
            Problem::KeyReplaced { .. } => "key_replaced",
            Problem::NotAsSigned { .. } => "not_as_signed",
            Problem::RolledBack { .. } => "rolled_back",
            Problem::Gone { .. } => "gone",
            Problem::Unsigned { .. } => "unsigned",
            Problem::ChainCut { .. } => "chain_cut",
            Problem::ChainDiffers { .. } => "chain_differs",
            Problem::AnchorUnread { .. } => "anchor_unread",
            Problem::NotAnchored { .. } => "not_anchored",
            Problem::AnchorBehind { .. } => "anchor_behind",
            Problem::ContentMissing(_) => "content_missing",
            Problem::ContentChanged(_) => "content_changed",
            Problem::NotInSession { .. } => "not_in_session",
            Problem::Newer { .. } => "newer",
            Problem::Unreadable(_) => "unreadable",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Edited => f.write_str(chain::EDITED),
            Problem::Unparsable(why) => write!(f, "it is not a record: {why}"),
            Problem::Dropped { records } => write!(f, "{records} records are missing in front of it"),
            Problem::Reordered { expected } => write!(f, "it stands where record {expected} belongs"),
            Problem::Unchained => f.write_str("it does not follow the record before it"),
            Problem::Truncated { durable } => {
                write!(f, "the journal ends before it, and {durable} records were durable")
            }
            Problem::HeadDiffers => f.write_str("it is not the record that the head names"),
            Problem::HeadUnreadable(why) => write!(f, "the head cannot be read: {why}"),
            Problem::Torn { bytes } => {
                write!(f, "{bytes} bytes of a record that was cut short; opening the journal sets them aside")
            }
            Problem::TextMissing(digest) => {
                write!(f, "the text `{}` is gone, and no erasure is on record", digest.short())
            }
            Problem::TextNotErased(digest) => write!(
                f,
                "the text `{digest}` is still there, though its erasure is on record; run the erasure again"
            ),
            Problem::Erased(erasure) => {
                write!(f, "erased on {} by {}: {}", day(erasure.at), erasure.by, erasure.why)
            }
            Problem::Forged => f.write_str("its signature does not fit it"),
            Problem::WrongKey(key) => {
                write!(f, "it is signed with the key `{}`, which is not the device's", key.short())
            }
            Problem::KeyReplaced { why } => write!(
                f,
                "a new key begins that the old one did not sign ({why}); give the key that you know with `--key`"
            ),
            Problem::NotAsSigned { head } => {
                write!(f, "it is not the record that head {head} of the chain of heads signs")
            }
            Problem::RolledBack { signed, at } => {
                write!(f, "the journal ends before it, and {signed} records were signed on {}", day(*at))
            }
            Problem::Gone { signed } => {
                write!(f, "the journal is not there, and {signed} records of it were signed")
            }
            Problem::Unsigned { records } => {
                write!(f, "no signature covers the {records} records from here on")
            }
            Problem::ChainCut { head, witness } => {
                write!(f, "the chain of heads ends before it, and {witness} has head {head}")
            }
            Problem::ChainDiffers { head, witness } => write!(f, "{witness} has another head {head}"),
            Problem::AnchorUnread { anchor, why } => {
                write!(f, "it could not be compared with the anchor `{anchor}`: {why}")
            }
            Problem::NotAnchored { anchor } => {
                write!(f, "the anchor `{anchor}` has no head of this device")
            }
            Problem::AnchorBehind { anchor, heads } => {
                write!(f, "the anchor `{anchor}` does not have the {heads} newest heads yet")
            }
            Problem::ContentMissing(digest) => write!(f, "content `{digest}` is missing"),
            Problem::ContentChanged(digest) => write!(f, "content `{digest}` was changed"),
            Problem::NotInSession { session, head } => {
                write!(f, "session `{session}` has no record `{head}`")
            }
            Problem::Newer { found } => write!(f, "it has format {found}; update Waypost to verify it"),
            Problem::Unreadable(why) => write!(f, "it cannot be read: {why}"),
        }
    }
}

/// A time as a date, in UTC.
fn day(at: u64) -> String {
    crate::time::iso(at).chars().take(10).collect()
}

#[cfg(test)]
mod tests;
