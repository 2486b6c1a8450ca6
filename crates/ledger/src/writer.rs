//! Writes one journal: the only way in which a record comes into being. Edits and deletes nothing.
#![expect(clippy::disallowed_methods, reason = "the journal is written here")]

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use conversation::{Digest, Event, Journal, JournalError};
use policy::{Decided, Record, RecordError};
use serde_json::Value;

use crate::chain;
use crate::content::Content;
use crate::erasures::Erasures;
use crate::head::{Head, HeadFile};
use crate::layout::Unsynced;
use crate::line::{self, Draft};
use crate::lock::Lock;
use crate::pins::Pins;
use crate::signed::State;
use crate::signer::Signer;
use crate::summary::Tally;
use crate::wire::{self, WireError};
use crate::{Clock, LedgerError, layout, texts};

/// How much is kept in memory before it is written, though nobody asked for durability yet.
const BUFFER_BYTES_MAX: usize = 1024 * 1024;

/// The right to write one journal; nobody else can write it while this lives.
///
/// Records are collected in memory and written with the next decision or `sync`. After a failed write every
/// further call fails: what the disk holds is then not known, and opening the journal again finds out.
pub struct Writer {
    name: String,
    directory: PathBuf,
    path: PathBuf,
    file: File,
    head: HeadFile,
    content: Content,
    /// Content that this writer has put in its place.
    kept: HashSet<Digest>,
    /// What must be durable before a record is written.
    unsynced: Unsynced,
    clock: Clock,
    /// Everything that was appended, written or not.
    records: u64,
    hash: Digest,
    bytes: u64,
    buffer: String,
    /// Whether something was written that no sync has followed.
    dirty: bool,
    failure: Option<String>,
    tally: Tally,
    /// The listing's entry is up to date on disk.
    listed: bool,
    /// The format of this journal, which it keeps.
    format: u64,
    /// What the head was before this writer's first record.
    begun: Option<Head>,
    /// The chain of heads knows that somebody writes here.
    announced: bool,
    signer: Signer,
    _lock: Lock,
}

/// Which journal, and what a writer of it needs.
pub(crate) struct Target<'a> {
    /// For a person: session `x`.
    pub(crate) what: String,
    /// The session's id or the spec's slug.
    pub(crate) name: String,
    /// The journal's directory; it exists.
    pub(crate) directory: &'a Path,
    pub(crate) content: Content,
    pub(crate) clock: Clock,
    /// What was made for it.
    pub(crate) unsynced: Unsynced,
    /// What signs its heads.
    pub(crate) signer: Signer,
}

impl Writer {
    /// Makes the files of a new journal and opens it.
    pub(crate) fn create(mut target: Target<'_>) -> Result<Writer, LedgerError> {
        let lock = Lock::take(target.directory, &target.what)?;
        let path = target.directory.join(layout::JOURNAL);
        if !path.exists() {
            target.signer.pins()?.as_ref().map_or(Ok(()), Pins::check_new)?;
        }
        // The head before the journal: a journal without a head is damage, a head without a journal is nothing.
        drop(HeadFile::open(target.directory)?);
        // It is durable before the first record is, so that a power cut leaves an older head and never none.
        target.unsynced.file(&target.directory.join(layout::HEAD));
        match layout::private_file().append(true).create_new(true).open(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(LedgerError::Exists { id: target.name });
            }
            Err(error) => return Err(LedgerError::io("create", &path)(error)),
        }
        target.unsynced.entry(&path);
        Writer::with(target, lock)
    }

    /// Opens a journal that exists, after proving it from its start and against what was signed of it. A torn end is
    /// set aside.
    pub(crate) fn open(target: Target<'_>) -> Result<Writer, LedgerError> {
        let lock = Lock::take(target.directory, &target.what)?;
        Writer::with(target, lock)
    }

    fn with(target: Target<'_>, lock: Lock) -> Result<Writer, LedgerError> {
        let path = target.directory.join(layout::JOURNAL);
        let pins = target.signer.pins()?;
        let chain =
            chain::read(target.directory, &mut |line| pins.as_ref().map_or(Ok(()), |pins| pins.check(line)))?;
        pins.map_or(Ok(()), |pins| pins.check_end(chain.records))?;
        // After the proof, which needs the head as it was left: a head that is gone must not be made anew.
        let head = HeadFile::open(target.directory)?;
        let bytes = chain.bytes + chain.torn;
        let tally = Tally::of(target.directory, &target.content, &Erasures::default(), bytes)?;
        let open = layout::private_file().append(true).read(true).open(&path);
        let mut writer = Writer {
            name: target.name,
            directory: target.directory.to_path_buf(),
            file: open.map_err(LedgerError::io("open", &path))?,
            path,
            head,
            content: target.content,
            kept: HashSet::new(),
            unsynced: target.unsynced,
            clock: target.clock,
            records: chain.records,
            hash: chain.hash,
            bytes: chain.bytes,
            buffer: String::new(),
            dirty: false,
            failure: None,
            tally,
            listed: true,
            format: chain.format,
            begun: None,
            announced: false,
            signer: target.signer,
            _lock: lock,
        };
        if chain.torn > 0 {
            writer.set_aside(chain.torn)?;
        }
        Ok(writer)
    }

    /// The session's id, or the spec's slug.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The directory of this journal.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The content store of the workspace.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// How many records there are, those included that are not written yet.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Makes everything durable, the head included, has it signed, and gives the journal back.
    ///
    /// Dropping a writer does the same without saying whether it worked, and leaves the head to the system.
    ///
    /// # Errors
    /// [`LedgerError`] when it could not be made durable, or signed.
    pub fn seal(mut self) -> Result<Digest, LedgerError> {
        self.close()?;
        Ok(self.hash)
    }

    /// The same as [`Writer::seal`], for a writer that is still needed for its words; takes no more records.
    /// Gives what the anchors complained of, each in a sentence: then the head is signed, and not anchored there
    /// before the next one is.
    ///
    /// # Errors
    /// As [`Writer::seal`].
    pub fn close(&mut self) -> Result<Vec<String>, LedgerError> {
        self.make_durable()?;
        self.head.sync().map_err(LedgerError::io("sync", &self.directory.join(layout::HEAD)))?;
        self.list();
        let signed = self.sign_off();
        self.note_failure(signed)?;
        self.failure = Some("it was closed".to_string());
        Ok(self.signer.unanchored())
    }

    /// Has the last head signed, and waits for that. A writer that wrote nothing leaves no head.
    fn sign_off(&mut self) -> Result<(), LedgerError> {
        if self.begun.take().is_none() {
            return Ok(());
        }
        self.signer.order(Head { records: self.records, hash: self.hash }, State::Closed)?;
        self.signer.wait()
    }

    /// Moves what is left of a write that was cut short into a file of its own, and puts that on record.
    fn set_aside(&mut self, torn: u64) -> Result<(), LedgerError> {
        let whole = fs::read(&self.path).map_err(LedgerError::io("read", &self.path))?;
        let rest = usize::try_from(self.bytes).ok().and_then(|at| whole.get(at..)).unwrap_or_default();
        let aside = self.directory.join(format!("journal.torn-{}", self.records));
        // Torn twice at the same record: the earlier rest stays as well.
        let free = (0..u32::MAX).map(|count| match count {
            0 => aside.clone(),
            _ => aside.with_extension(format!("torn-{}.{count}", self.records)),
        });
        let taken = |path: &PathBuf| fs::read(path).is_ok_and(|other| other != rest);
        let aside = free.into_iter().find(|path| !taken(path)).unwrap_or(aside);
        layout::place_file(&aside, rest, &mut self.unsynced)?;
        self.unsynced.sync()?;
        self.file.set_len(self.bytes).map_err(LedgerError::io("shorten", &self.path))?;
        self.add(&Event::Repaired { bytes: torn })?;
        self.make_durable()
    }

    fn add(&mut self, event: &Event) -> Result<(), LedgerError> {
        let at = (self.clock)();
        self.add_body(event.name(), at, wire::body_of(event))?;
        self.tally.add(at, event);
        Ok(())
    }

    fn add_body(&mut self, name: &str, at: u64, body: Result<Value, WireError>) -> Result<(), LedgerError> {
        self.check_failure()?;
        let added = self.try_add_body(name, at, body);
        self.note_failure(added)
    }

    fn try_add_body(
        &mut self,
        name: &str,
        at: u64,
        body: Result<Value, WireError>,
    ) -> Result<(), LedgerError> {
        let mut body = body.map_err(|error| LedgerError::Unreadable {
            file: self.path.clone(),
            record: self.records,
            name: name.to_string(),
            problem: error.to_string(),
        })?;
        let (content, kept, unsynced) = (&self.content, &mut self.kept, &mut self.unsynced);
        Content::spill(name, &mut body, &mut |bytes| {
            let digest = Digest::of(bytes);
            if !kept.contains(&digest) {
                content.place(bytes, unsynced)?;
                kept.insert(digest);
            }
            Ok(digest)
        })?;
        let texts = if self.format > 1 { texts::take_out(&mut body)? } else { Vec::new() };
        if self.begun.is_none() {
            let head = Head { records: self.records, hash: self.hash };
            self.signer.order(head, State::Opened)?;
            self.begun = Some(head);
        }
        let body = body.to_string();
        let (format, seq, prev) = (self.format, self.records, self.hash);
        let draft = Draft { format, seq, at, prev, name, body: &body, texts: &texts };
        let before = self.buffer.len();
        self.hash = line::write(&draft, &mut self.buffer);
        self.records += 1;
        self.bytes += u64::try_from(self.buffer.len() - before).unwrap_or(u64::MAX);
        self.listed = false;
        if self.buffer.len() > BUFFER_BYTES_MAX { self.write_out() } else { Ok(()) }
    }

    /// Hands what was collected to the system, in one write where the system takes it whole.
    fn write_out(&mut self) -> Result<(), LedgerError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if !self.announced {
            // Before the first record is there, the chain of heads knows that there is a journal.
            self.signer.wait()?;
            self.announced = true;
        }
        self.unsynced.sync()?;
        self.dirty = true;
        self.file.write_all(self.buffer.as_bytes()).map_err(LedgerError::io("write", &self.path))?;
        self.buffer.clear();
        Ok(())
    }

    fn make_durable(&mut self) -> Result<(), LedgerError> {
        self.check_failure()?;
        let durable = self.try_make_durable();
        self.note_failure(durable)
    }

    fn try_make_durable(&mut self) -> Result<(), LedgerError> {
        self.write_out()?;
        if self.dirty {
            self.file.sync_data().map_err(LedgerError::io("sync", &self.path))?;
            self.check_still_there()?;
            self.dirty = false;
            // Only now: the head must never name a record that a power cut could take.
            let head = Head { records: self.records, hash: self.hash };
            self.head.write(&head).map_err(LedgerError::io("write", &self.directory.join(layout::HEAD)))?;
            self.signer.durable(head)?;
        }
        Ok(())
    }

    /// What was synced must still be the journal: a file that was removed or shortened underneath keeps taking
    /// writes, and nobody would ever read them.
    fn check_still_there(&self) -> Result<(), LedgerError> {
        let found = self.file.metadata().map_err(LedgerError::io("look at", &self.path))?;
        if found.nlink() == 0 || found.len() != self.bytes {
            let gone = std::io::Error::other(
                "the journal was removed or changed by something else while it was open",
            );
            return Err(LedgerError::io("go on with", &self.path)(gone));
        }
        Ok(())
    }

    fn check_failure(&self) -> Result<(), LedgerError> {
        match &self.failure {
            Some(first) => Err(LedgerError::Poisoned { first: first.clone() }),
            None => Ok(()),
        }
    }

    fn note_failure(&mut self, result: Result<(), LedgerError>) -> Result<(), LedgerError> {
        if let Err(error) = &result {
            self.failure = Some(error.to_string());
        }
        result
    }

    /// Leaves what a listing needs, so that it need not read the journal. Its loss costs time only.
    fn list(&mut self) {
        if !self.listed && self.tally.store(&self.directory, self.bytes).is_ok() {
            self.listed = true;
        }
    }
}

impl Writer {
    /// Appends a record that is no event, and makes it durable.
    pub(crate) fn add_durably(&mut self, name: &str, body: Value) -> Result<(), LedgerError> {
        let at = (self.clock)();
        self.add_body(name, at, Ok(body))?;
        self.tally.count(at);
        self.make_durable()
    }
}

impl Record for Writer {
    fn record(&mut self, decided: &[Decided]) -> Result<(), RecordError> {
        let at = (self.clock)();
        for decided in decided {
            self.add_body("decided", at, wire::body_of_decision(decided))?;
            self.tally.count(at);
        }
        Ok(self.make_durable()?)
    }
}

impl Journal for Writer {
    fn append(&mut self, event: &Event) -> Result<(), JournalError> {
        Ok(self.add(event)?)
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        Ok(self.make_durable()?)
    }

    fn head(&self) -> Digest {
        self.hash
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Nobody is left to be told; what could not be written shows as a torn or missing end.
        if self.make_durable().is_ok() {
            self.list();
            let _ = self.sign_off();
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("path", &self.path).field("records", &self.records).finish()
    }
}

#[cfg(test)]
mod tests;
