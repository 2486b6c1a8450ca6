//! The ledger of one workspace: its sessions, its specs' journals, and the way to open, read, list and find them.
#![expect(clippy::disallowed_methods, reason = "the ledger looks for its files here")]

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use conversation::{Digest, Event};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::anchor::Anchors;
use crate::content::{self, Content};
use crate::device::{self, Device};
use crate::erasures::Erasures;
use crate::key::PublicKey;
use crate::layout::Unsynced;
use crate::line::Line;
use crate::lock::Lock;
use crate::signer::Signer;
use crate::summary::{Summary, Tally};
use crate::verify::{Report, Trust, verify_workspace};
use crate::writer::{Target, Writer};
use crate::{Clock, LedgerError, chain, layout, line, texts, wire};

/// How many ids an ambiguous prefix is answered with.
const SHOWN_IDS_MAX: usize = 8;

/// The ledger of one workspace. Holds no lock and no open file.
#[derive(Clone)]
pub struct Store {
    root: PathBuf,
    directory: PathBuf,
    workspace: PathBuf,
    content: Content,
    clock: Clock,
    anchors: Anchors,
}

/// A record as it stands in a journal, with its content put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place, from 0.
    pub seq: u64,
    /// When it was made, in milliseconds since the epoch.
    pub at: u64,
    /// Its hash, which pins everything before it.
    pub hash: Digest,
    /// What it says.
    pub entry: Entry,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An event.
    Event(Event),
    /// A type of record that a newer Waypost writes, or one of which so much was erased that it says nothing any
    /// more; its chain is whole, its meaning is not known here.
    Unknown {
        /// The type.
        name: String,
        /// The body, as JSON.
        body: String,
    },
}

/// The file that says whose directory it is.
#[derive(Serialize, Deserialize)]
struct WorkspaceFile {
    v: u64,
    path: String,
}

impl Stored {
    /// The event, unless the record is of an unknown type.
    pub fn event(&self) -> Option<&Event> {
        match &self.entry {
            Entry::Event(event) => Some(event),
            Entry::Unknown { .. } => None,
        }
    }
}

impl Store {
    /// The ledger of a workspace below a state root. Creates nothing.
    ///
    /// `workspace` is resolved and absolute: another way of writing it is another workspace.
    ///
    /// # Errors
    /// [`LedgerError::OtherWorkspace`] when the directory belongs to another one.
    pub fn open(root: &Path, workspace: &Path, clock: Clock) -> Result<Store, LedgerError> {
        let digest = Digest::of(workspace.as_os_str().as_bytes()).to_string();
        let directory = root.join("workspaces").join(digest.get(..16).unwrap_or(&digest));
        let content = Content::new(content::directory(&directory));
        let (root, workspace) = (root.to_path_buf(), workspace.to_path_buf());
        let store = Store { root, directory, workspace, content, clock, anchors: Anchors::default() };
        store.check_workspace()?;
        Ok(store)
    }

    /// The same ledger with its heads anchored.
    pub fn anchored(mut self, anchors: Anchors) -> Store {
        self.anchors = anchors;
        self
    }

    /// The directory of this workspace's state.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The directory for what need not be kept, such as long outputs of commands. Made when a session is.
    pub fn scratch(&self) -> PathBuf {
        self.directory.join("scratch")
    }

    /// The content store.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Begins the journal of a new session.
    ///
    /// # Errors
    /// [`LedgerError::Exists`] when there is one, [`LedgerError::Name`] when the id is no plain name,
    /// [`LedgerError::Device`] when it could not be signed.
    pub fn create_session(&self, id: &str) -> Result<Writer, LedgerError> {
        let directory = self.session_directory(id)?;
        let target = self.target(format!("session `{id}`"), id, &directory)?;
        let unsynced = self.prepare(&directory)?;
        Writer::create(Target { unsynced, ..target })
    }

    /// Opens the journal of a session to go on with it.
    ///
    /// # Errors
    /// [`LedgerError::InUse`] when somebody else has it open, [`LedgerError::Broken`] when its chain is not whole,
    /// [`LedgerError::Erased`] when its texts were erased.
    pub fn open_session(&self, id: &str) -> Result<Writer, LedgerError> {
        let directory = self.session_directory(id)?;
        let what = format!("session `{id}`");
        if !layout::has_journal(&directory) {
            return Err(LedgerError::NotFound { what });
        }
        if self.erasures()?.of_session(id) {
            return Err(LedgerError::Erased { id: id.to_string() });
        }
        Writer::open(self.target(what, id, &directory)?)
    }

    /// Opens the journal of a spec, a new one when there is none.
    ///
    /// # Errors
    /// As [`Store::open_session`]; [`LedgerError::InUse`] is how the second of two runs of one spec ends.
    pub fn create_or_open_spec(&self, slug: &str) -> Result<Writer, LedgerError> {
        let directory = self.spec_directory(slug)?;
        self.create_or_open(format!("spec `{slug}`"), slug, &directory)
    }

    /// Opens the journal of erasures, a new one when there is none.
    pub(crate) fn create_or_open_erasures(&self) -> Result<Writer, LedgerError> {
        let directory = self.directory.join(layout::ERASURES);
        self.create_or_open("the journal of erasures".to_string(), layout::ERASURES, &directory)
    }

    fn create_or_open(&self, what: String, name: &str, directory: &Path) -> Result<Writer, LedgerError> {
        let target = || self.target(what.clone(), name, directory);
        if layout::has_journal(directory) {
            return Writer::open(target()?);
        }
        let target_now = target()?;
        let unsynced = self.prepare(directory)?;
        match Writer::create(Target { unsynced, ..target_now }) {
            // Somebody was faster.
            Err(LedgerError::Exists { .. }) => Writer::open(target()?),
            other => other,
        }
    }

    /// The records of a session, proven. What a crash left at the end is passed over.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] when the chain is not whole, [`LedgerError::Content`] when content is missing.
    pub fn read(&self, id: &str) -> Result<Vec<Stored>, LedgerError> {
        let directory = self.session_directory(id)?;
        if !layout::has_journal(&directory) {
            return Err(LedgerError::NotFound { what: format!("session `{id}`") });
        }
        self.read_journal(&directory)
    }

    /// The records of a spec's journal; none when it has no journal yet.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_spec(&self, slug: &str) -> Result<Vec<Stored>, LedgerError> {
        let directory = self.spec_directory(slug)?;
        if layout::has_journal(&directory) { self.read_journal(&directory) } else { Ok(Vec::new()) }
    }

    /// The sessions of this workspace, the one that was written last first.
    ///
    /// # Errors
    /// When the directory cannot be listed. A session that cannot be read is in the list and says so.
    pub fn list_sessions(&self) -> Result<Vec<Summary>, LedgerError> {
        let mut summaries = Vec::new();
        for id in layout::directories(&self.sessions())? {
            let directory = self.sessions().join(&id);
            if layout::session_directory(&id).is_ok() && layout::has_journal(&directory) {
                summaries.push(self.summary(id, &directory));
            }
        }
        summaries.retain(|summary| summary.records > 0 || summary.problem.is_some());
        summaries.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then_with(|| b.id.cmp(&a.id)));
        Ok(summaries)
    }

    /// The session that was written last among those that can go on.
    ///
    /// # Errors
    /// As [`Store::list_sessions`].
    pub fn latest_resumable(&self) -> Result<Option<Summary>, LedgerError> {
        let erasures = self.erasures()?;
        let goes_on = |summary: &Summary| {
            summary.can_resume() && summary.stands_alone() && !erasures.of_session(&summary.id)
        };
        Ok(self.list_sessions()?.into_iter().find(goes_on))
    }

    /// The id of the session whose id begins like this.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Ambiguous`].
    pub fn find(&self, prefix: &str) -> Result<String, LedgerError> {
        let mut ids = layout::directories(&self.sessions())?;
        ids.retain(|id| id.starts_with(prefix) && layout::has_journal(&self.sessions().join(id)));
        if ids.iter().any(|id| id == prefix) {
            return Ok(prefix.to_string());
        }
        match ids.pop() {
            None => Err(LedgerError::NotFound { what: format!("session `{prefix}`") }),
            Some(only) if ids.is_empty() => Ok(only),
            Some(last) => {
                ids.push(last);
                ids.truncate(SHOWN_IDS_MAX);
                Err(LedgerError::Ambiguous { prefix: prefix.to_string(), ids })
            }
        }
    }

    /// The specs that have a journal.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn list_specs(&self) -> Result<Vec<String>, LedgerError> {
        let names = layout::directories(&self.specs())?.into_iter();
        let names = names.filter(|name| layout::has_journal(&self.specs().join(name)));
        Ok(names.filter_map(|name| layout::spec_slug(&name)).collect())
    }

    /// Verifies everything of this workspace, with what it was anchored to and, if one is given, a key that is known
    /// to be the device's. Nothing was ever written when the report is empty.
    pub fn verify(&self, key: Option<PublicKey>) -> Report {
        verify_workspace(&self.directory, &Trust { key, anchors: self.anchors.places.clone() })
    }

    pub(crate) fn session_directory(&self, id: &str) -> Result<PathBuf, LedgerError> {
        Ok(self.sessions().join(layout::session_directory(id)?))
    }

    fn spec_directory(&self, slug: &str) -> Result<PathBuf, LedgerError> {
        Ok(self.specs().join(layout::spec_directory(slug)?))
    }

    fn sessions(&self) -> PathBuf {
        self.directory.join("sessions")
    }

    fn specs(&self) -> PathBuf {
        self.directory.join("specs")
    }

    /// What was erased in this workspace.
    pub(crate) fn erasures(&self) -> Result<Erasures, LedgerError> {
        Erasures::read(&self.directory, &self.content)
    }

    /// Anchors the head of the chain of heads now. Gives what each anchor that did not take it said.
    ///
    /// # Errors
    /// As [`crate::device_key`].
    pub fn anchor_now(&self) -> Result<Vec<String>, LedgerError> {
        drop(Device::open(&self.root, self.clock)?);
        let line = device::last_line(&self.root)?.unwrap_or_default();
        let refused =
            self.anchors.places.iter().filter_map(|place| Some((place.name(), place.put(&line).err()?)));
        Ok(refused.map(|(name, why)| format!("`{name}`: {why}")).collect())
    }

    /// The state root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Nothing is made for the journal when the device cannot sign.
    fn target<'a>(&self, what: String, name: &str, directory: &'a Path) -> Result<Target<'a>, LedgerError> {
        let device = Device::open(&self.root, self.clock)?;
        Ok(Target {
            what,
            name: name.to_string(),
            directory,
            content: self.content.clone(),
            clock: self.clock,
            unsynced: Unsynced::default(),
            signer: Signer::new(device, directory, self.anchors.clone()),
        })
    }

    fn read_journal(&self, directory: &Path) -> Result<Vec<Stored>, LedgerError> {
        let mut records = Vec::new();
        let erasures = self.erasures()?;
        chain::read(directory, &mut |line| {
            records.push(self.stored(line, directory, &erasures)?);
            Ok(())
        })?;
        Ok(records)
    }

    fn stored(&self, line: &Line<'_>, directory: &Path, erasures: &Erasures) -> Result<Stored, LedgerError> {
        let unreadable = |problem: String| LedgerError::Unreadable {
            file: directory.join(layout::JOURNAL),
            record: line.seq,
            name: line.name.to_string(),
            problem,
        };
        let mut body: Value =
            serde_json::from_str(line.body).map_err(|error| unreadable(error.to_string()))?;
        texts::put_back(&mut body, line);
        let erased = self.content.inline(&mut body, erasures)?;
        let text = body.to_string();
        let entry = match wire::event_of(&line.name, body) {
            Ok(Some(event)) => Entry::Event(event),
            Err(error) if !erased => return Err(unreadable(error.to_string())),
            _ => Entry::Unknown { name: line.name.to_string(), body: text },
        };
        Ok(Stored { seq: line.seq, at: line.at, hash: line.hash, entry })
    }

    fn summary(&self, id: String, directory: &Path) -> Summary {
        let journal = directory.join(layout::JOURNAL);
        let length = fs::metadata(&journal).map_err(LedgerError::io("read", &journal));
        let tally = length.and_then(|found| {
            Tally::of(directory, &self.content, &self.erasures().unwrap_or_default(), found.len())
        });
        match tally {
            Ok(tally) => tally.summary(id, Lock::is_taken(directory), None),
            Err(error) => Tally::default().summary(id, Lock::is_taken(directory), Some(error.to_string())),
        }
    }

    fn check_workspace(&self) -> Result<(), LedgerError> {
        let path = self.directory.join("workspace.json");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(LedgerError::io("read", &path)(error)),
        };
        match serde_json::from_str::<WorkspaceFile>(&text) {
            Ok(file) if file.v > line::HEAD_FORMAT => {
                Err(LedgerError::Newer { file: path, found: file.v, known: line::HEAD_FORMAT })
            }
            Ok(file) if file.path != self.workspace.to_string_lossy() => {
                Err(LedgerError::OtherWorkspace { directory: self.directory.clone(), found: file.path })
            }
            // An unreadable one names nobody else; the next session writes it again.
            _ => Ok(()),
        }
    }

    /// Makes the directories that a journal needs.
    fn prepare(&self, journal: &Path) -> Result<Unsynced, LedgerError> {
        let mut unsynced = Unsynced::default();
        layout::create_directory(journal, &mut unsynced)?;
        layout::create_directory(&self.scratch(), &mut unsynced)?;
        let path = self.directory.join("workspace.json");
        if !fs::exists(&path).unwrap_or(false) {
            let file =
                WorkspaceFile { v: line::HEAD_FORMAT, path: self.workspace.to_string_lossy().into_owned() };
            let text =
                serde_json::to_vec(&file).map_err(|error| LedgerError::io("write", &path)(error.into()))?;
            layout::place_file(&path, &text, &mut unsynced)?;
        }
        Ok(unsynced)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("directory", &self.directory).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
