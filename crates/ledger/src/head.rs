//! How far a journal was durable, in a small file beside it: the witness against truncation.
#![expect(clippy::disallowed_methods, reason = "the head file is written in place here")]

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use conversation::Digest;
use serde::Deserialize;

use crate::{LedgerError, layout, line};

/// The file has this length whatever it says, so that one small write replaces it all.
const HEAD_BYTES: usize = 128;

/// How many records were durable, and the hash of the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) records: u64,
    pub(crate) hash: Digest,
}

/// The open head file of a journal that is being written.
pub(crate) struct HeadFile {
    file: File,
}

/// Why a head cannot be used as a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeadFault {
    Missing,
    Unreadable(String),
    Newer(u64),
}

#[derive(Deserialize)]
struct Stored {
    v: u64,
    records: u64,
    hash: String,
}

impl HeadFile {
    /// Opens the file; makes one that says "no records" when there is none.
    pub(crate) fn open(directory: &Path) -> Result<HeadFile, LedgerError> {
        let path = directory.join(layout::HEAD);
        let open = || layout::private_file().read(true).write(true).create(true).truncate(false).open(&path);
        let file = open().map_err(LedgerError::io("open", &path))?;
        let head = HeadFile { file };
        if head.file.metadata().map_err(LedgerError::io("open", &path))?.len() == 0 {
            head.write(&Head::none()).map_err(LedgerError::io("write", &path))?;
        }
        Ok(head)
    }

    /// Replaces what it says. Call it only when these records are durable: the head may lag, never lead.
    pub(crate) fn write(&self, head: &Head) -> io::Result<()> {
        self.file.write_all_at(head.text().as_bytes(), 0)
    }

    /// Makes what it says durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

impl Head {
    /// The head of a journal without records.
    pub(crate) fn none() -> Head {
        Head { records: 0, hash: line::origin() }
    }

    /// How it is written.
    fn text(&self) -> String {
        let Head { records, hash } = self;
        let text = format!("{{\"v\":{},\"records\":{records},\"hash\":\"{hash}\"}}", line::HEAD_FORMAT);
        format!("{text:<width$}\n", width = HEAD_BYTES - 1)
    }

    /// Reads the head beside a journal. A journal of no bytes needs none: a power cut right after the first
    /// record was begun leaves two files without bytes.
    pub(crate) fn read(directory: &Path) -> Result<Head, HeadFault> {
        let length = |name: &str| fs::metadata(directory.join(name)).map_or(0, |found| found.len());
        if length(layout::HEAD) == 0
            && directory.join(layout::JOURNAL).is_file()
            && length(layout::JOURNAL) == 0
        {
            return Ok(Head::none());
        }
        let odd = |why: &str| HeadFault::Unreadable(why.to_string());
        let text = fs::read_to_string(directory.join(layout::HEAD)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => HeadFault::Missing,
            _ => HeadFault::Unreadable(error.to_string()),
        })?;
        let stored: Stored =
            serde_json::from_str(&text).map_err(|_| odd("it is not JSON of three fields"))?;
        if stored.v > line::HEAD_FORMAT {
            return Err(HeadFault::Newer(stored.v));
        }
        let hash = Digest::read(&stored.hash).ok_or_else(|| odd("its hash is not a digest"))?;
        let head = Head { records: stored.records, hash };
        // The one way of writing it, so that no changed byte passes.
        if text == head.text() { Ok(head) } else { Err(odd("it is not written as it was")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_was_written_last() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Head::read(root.path()), Err(HeadFault::Missing));
        let file = HeadFile::open(root.path()).unwrap();
        assert_eq!(Head::read(root.path()), Ok(Head::none()));
        for records in [u64::MAX, 3] {
            let head = Head { records, hash: Digest::of(b"x") };
            file.write(&head).unwrap();
            assert_eq!(Head::read(root.path()), Ok(head));
            assert_eq!(fs::metadata(root.path().join("head")).unwrap().len(), 128);
        }
        drop(HeadFile::open(root.path()).unwrap());
        assert_eq!(Head::read(root.path()).unwrap().records, 3, "opening keeps it");
    }
}
