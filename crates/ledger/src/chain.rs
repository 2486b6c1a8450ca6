//! Reads a journal from its start and proves each record against the one before it. Changes nothing.
#![expect(clippy::disallowed_methods, reason = "the journal is read here")]

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use conversation::Digest;

use crate::head::{Head, HeadFault};
use crate::line::{self, Line, LineFault};
use crate::{LedgerError, layout};

/// What is said of a record whose own hash does not fit it.
pub(crate) const EDITED: &str = "its bytes are not those that its hash was made of";

/// How much of a journal is read at a time.
const READ_BYTES: usize = 64 * 1024;

/// The whole records of a journal, measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// How many whole records there are.
    pub(crate) records: u64,
    /// The hash of the last.
    pub(crate) hash: Digest,
    /// Where the last one ends.
    pub(crate) bytes: u64,
    /// How many bytes follow it: what is left of a write that was cut short.
    pub(crate) torn: u64,
    /// The format that the first record names; that of today when there is none.
    pub(crate) format: u64,
}

/// Lines of a file, each bounded in memory.
pub(crate) struct Lines<R> {
    reader: R,
    kept: Vec<u8>,
}

/// What is known of the line that was read last.
pub(crate) struct Read {
    /// Its length with its newline.
    pub(crate) bytes: u64,
    /// Whether it ends in a newline.
    pub(crate) ended: bool,
    /// Whether it was short enough to be kept.
    pub(crate) kept: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R) -> Lines<R> {
        Lines { reader, kept: Vec::new() }
    }

    /// Reads the next line; `None` at the end of the file.
    pub(crate) fn read(&mut self) -> io::Result<Option<Read>> {
        self.kept.clear();
        let mut read = Read { bytes: 0, ended: false, kept: true };
        while !read.ended {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |at| at + 1);
            let text = available.get(..end.unwrap_or(taken)).unwrap_or_default();
            read.kept &= self.kept.len() + text.len() <= line::LINE_BYTES_MAX;
            if read.kept {
                self.kept.extend_from_slice(text);
            }
            read.ended = end.is_some();
            read.bytes += u64::try_from(taken).unwrap_or(u64::MAX);
            self.reader.consume(taken);
        }
        Ok((read.bytes > 0).then_some(read))
    }

    /// The line that was read last, without its newline.
    pub(crate) fn text(&self) -> &[u8] {
        &self.kept
    }

    /// Whether nothing follows.
    pub(crate) fn at_end(&mut self) -> io::Result<bool> {
        Ok(self.reader.fill_buf()?.is_empty())
    }

    /// Proves the line that was read last, by itself.
    pub(crate) fn prove(&self, read: &Read) -> Result<Line<'_>, LineFault> {
        if read.kept {
            line::read(&self.kept)
        } else {
            Err(LineFault::Unparsable("it is longer than a record may be".to_string()))
        }
    }
}

/// Opens a journal for reading line by line.
pub(crate) fn lines(path: &Path) -> Result<Lines<BufReader<File>>, LedgerError> {
    let file = File::open(path).map_err(LedgerError::io("open", path))?;
    Ok(Lines::new(BufReader::with_capacity(READ_BYTES, file)))
}

/// Reads the journal in this directory and hands on each whole record.
///
/// A torn end is not an error, as long as the head does not name what it would have held. Anything else that
/// is wrong is [`LedgerError::Broken`].
pub(crate) fn read(
    directory: &Path,
    each: &mut dyn FnMut(&Line<'_>) -> Result<(), LedgerError>,
) -> Result<Chain, LedgerError> {
    let path = directory.join(layout::JOURNAL);
    let broken = |record, problem: String| Err(LedgerError::Broken { file: path.clone(), record, problem });
    // The head first: if somebody writes meanwhile, the journal can only have more than it says.
    let head = match Head::read(directory) {
        Ok(head) => head,
        Err(HeadFault::Newer(found)) => {
            let known = line::HEAD_FORMAT;
            return Err(LedgerError::Newer { file: directory.join(layout::HEAD), found, known });
        }
        Err(HeadFault::Missing) => return broken(0, "the file `head` beside it is missing".to_string()),
        Err(HeadFault::Unreadable(why)) => {
            return broken(0, format!("the file `head` beside it is unreadable: {why}"));
        }
    };
    let mut lines = lines(&path)?;
    let mut chain = Chain { records: 0, hash: line::origin(), bytes: 0, torn: 0, format: line::FORMAT };
    let mut witness = head == Head::none();
    let failed = |error| LedgerError::io("read", &path)(error);
    while let Some(read) = lines.read().map_err(failed)? {
        let record = chain.records;
        let last = lines.at_end().map_err(failed)?;
        let proven = if read.ended { lines.prove(&read) } else { Err(cut_short()) };
        let line = match proven {
            Ok(line) => line,
            Err(LineFault::Newer(found)) => {
                return Err(LedgerError::Newer { file: path, found, known: line::FORMAT });
            }
            Err(LineFault::Unparsable(_)) if last => {
                chain.torn = read.bytes;
                break;
            }
            Err(LineFault::Unparsable(why)) => return broken(record, format!("it is not a record: {why}")),
            Err(LineFault::Edited) => return broken(record, EDITED.to_string()),
        };
        if line.seq != record {
            return broken(record, format!("record {} stands in its place", line.seq));
        }
        if line.prev != chain.hash {
            return broken(record, "it does not follow the record before it".to_string());
        }
        each(&line)?;
        let format = if record == 0 { line.format.unwrap_or(line::FORMAT) } else { chain.format };
        let bytes = chain.bytes + read.bytes;
        chain = Chain { records: record + 1, hash: line.hash, bytes, torn: 0, format };
        witness |= chain.records == head.records && chain.hash == head.hash;
    }
    if witness {
        Ok(chain)
    } else if chain.records < head.records {
        let problem =
            format!("the journal ends before it; {} records were durable by its head", head.records);
        broken(chain.records, problem)
    } else {
        broken(head.records.saturating_sub(1), "it is not the record that the head names".to_string())
    }
}

fn cut_short() -> LineFault {
    LineFault::Unparsable("it has no end".to_string())
}
