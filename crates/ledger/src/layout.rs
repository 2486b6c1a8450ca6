//! Where the ledger's files lie, and how they are made: for their owner alone, and durably.
#![expect(clippy::disallowed_methods, reason = "the ledger makes its files and directories here")]

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::LedgerError;

/// The records of one session or spec.
pub(crate) const JOURNAL: &str = "journal.jsonl";
/// How far the journal was durable: see `head`.
pub(crate) const HEAD: &str = "head";
/// Held while somebody writes.
pub(crate) const LOCK: &str = "lock";
/// What a listing shows; may be deleted at any time.
pub(crate) const SUMMARY: &str = "summary.json";
/// The signed heads of this journal: a part of the chain of heads of the device.
pub(crate) const HEADS: &str = "heads";
/// The directory of a workspace's journal of erasures.
pub(crate) const ERASURES: &str = "erasures";

const SESSION_ID_BYTES_MAX: usize = 64;
const SPEC_FILE_BYTES_MAX: usize = 200;

/// The directory name of a session.
pub(crate) fn session_directory(id: &str) -> Result<&str, LedgerError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > SESSION_ID_BYTES_MAX || !id.chars().all(fits) {
        let problem = "it must be 1 to 64 letters, digits, `-` or `_`";
        return Err(LedgerError::Name { what: "session", name: id.to_string(), problem });
    }
    Ok(id)
}

/// The directory name of a spec's journal: what could be more than one plain name is written as `%xx`.
pub(crate) fn spec_directory(slug: &str) -> Result<String, LedgerError> {
    let refuse = |problem| Err(LedgerError::Name { what: "spec", name: slug.to_string(), problem });
    let mut name = String::with_capacity(slug.len());
    for (at, byte) in slug.bytes().enumerate() {
        match byte {
            b'.' if at == 0 => name.push_str("%2e"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02x}")),
        }
    }
    match name.len() {
        0 => refuse("it is empty"),
        1..=SPEC_FILE_BYTES_MAX => Ok(name),
        _ => refuse("it is too long"),
    }
}

/// The spec whose journal lies in the directory of this name.
pub(crate) fn spec_slug(directory: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(directory.len());
    let mut rest = directory.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// What was made and could still be lost in a power cut. Collected, because making it durable costs more than
/// making it, and is needed only before the first record that stands on it.
#[derive(Debug, Default)]
pub(crate) struct Unsynced {
    files: BTreeSet<PathBuf>,
    directories: BTreeSet<PathBuf>,
}

impl Unsynced {
    /// A file whose bytes, and whose entry in its directory, are to be durable.
    pub(crate) fn file(&mut self, path: &Path) {
        self.files.insert(path.to_path_buf());
        self.entry(path);
    }

    /// Something whose entry in its directory is to be durable.
    pub(crate) fn entry(&mut self, path: &Path) {
        self.directories.extend(path.parent().map(Path::to_path_buf));
    }

    /// Makes all of it durable: what is named before what names it.
    pub(crate) fn sync(&mut self) -> Result<(), LedgerError> {
        for path in &self.files {
            let synced = File::open(path).and_then(|file| file.sync_data());
            synced.map_err(LedgerError::io("sync", path))?;
        }
        for path in self.directories.iter().rev() {
            let synced = File::open(path).and_then(|directory| directory.sync_all());
            synced.map_err(LedgerError::io("sync", path))?;
        }
        *self = Unsynced::default();
        Ok(())
    }
}

/// Makes the directory and those above it that are missing.
pub(crate) fn create_directory(path: &Path, unsynced: &mut Unsynced) -> Result<(), LedgerError> {
    let failed = LedgerError::io("create", path);
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {
            unsynced.entry(path);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() && !parent.exists() => {
                create_directory(parent, unsynced)?;
                create_directory(path, unsynced)
            }
            _ => Err(failed(error)),
        },
        Err(error) => Err(failed(error)),
    }
}

/// How files of the ledger are opened for writing: created for their owner alone.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Puts a file in its place as a whole: written beside it, then renamed.
pub(crate) fn place_file(path: &Path, bytes: &[u8], unsynced: &mut Unsynced) -> Result<(), LedgerError> {
    let beside = beside(path);
    let write = || {
        private_file().write(true).create(true).truncate(true).open(&beside)?.write_all(bytes)?;
        fs::rename(&beside, path)
    };
    let written: io::Result<()> = write();
    if written.is_err() {
        // The error that matters is the one of writing.
        let _ = fs::remove_file(&beside);
    }
    unsynced.file(path);
    written.map_err(LedgerError::io("write", path))
}

/// Writes a file whose loss costs nothing but time.
pub(crate) fn overwrite_file(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    let open = private_file().write(true).create(true).truncate(true).open(path);
    open.and_then(|mut file| file.write_all(bytes)).map_err(LedgerError::io("write", path))
}

/// A hidden name in the same directory that no other process or thread uses.
fn beside(path: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.{count}", std::process::id()))
}

/// Whether a journal was begun in this directory.
pub(crate) fn has_journal(directory: &Path) -> bool {
    directory.join(JOURNAL).is_file()
}

/// The directories of all journals below a state root, as paths from it, in order.
pub(crate) fn journals(root: &Path) -> Result<Vec<String>, LedgerError> {
    let mut journals = Vec::new();
    for workspace in directories(&root.join("workspaces"))? {
        let names = workspace_journals(&root.join("workspaces").join(&workspace))?;
        journals.extend(names.into_iter().map(|name| format!("workspaces/{workspace}/{name}")));
    }
    Ok(journals)
}

/// The directories of a workspace in which a journal may lie, as paths from it, in order.
pub(crate) fn workspace_journals(workspace: &Path) -> Result<Vec<String>, LedgerError> {
    let mut journals = Vec::new();
    if workspace.join(ERASURES).is_dir() {
        journals.push(ERASURES.to_string());
    }
    for kind in ["sessions", "specs"] {
        let names = directories(&workspace.join(kind))?;
        journals.extend(names.into_iter().map(|name| format!("{kind}/{name}")));
    }
    Ok(journals)
}

/// The names of the directories in a directory; none when it does not exist.
pub(crate) fn directories(path: &Path) -> Result<Vec<String>, LedgerError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LedgerError::io("list", path)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(LedgerError::io("list", path))?;
        // A file of another kind is not ours and says nothing.
        if entry.file_type().is_ok_and(|kind| kind.is_dir())
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_name_becomes_one_plain_directory_and_back() {
        for (slug, directory) in [
            ("rate-limit", "rate-limit"),
            ("team/rate limit", "team%2frate%20limit"),
            ("..", "%2e."),
            ("../../etc", "%2e.%2f..%2fetc"),
            ("100%", "100%25"),
            ("é", "%c3%a9"),
        ] {
            assert_eq!(spec_directory(slug).unwrap(), directory);
            assert_eq!(spec_slug(directory).as_deref(), Some(slug));
        }
        assert!(spec_directory("").is_err());
        assert!(spec_directory(&"x".repeat(201)).is_err());
    }

    #[test]
    fn a_session_id_is_one_plain_name() {
        assert!(session_directory("2026-08-11_a1").is_ok());
        for id in ["", ".", "..", "a/b", "a b", "é", &"x".repeat(65)] {
            assert!(session_directory(id).is_err(), "{id}");
        }
    }

    #[test]
    fn directories_and_files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b/c");
        let mut unsynced = Unsynced::default();
        for text in [b"x", b"y"] {
            create_directory(&deep, &mut unsynced).unwrap();
            place_file(&deep.join("f"), text, &mut unsynced).unwrap();
        }
        assert_eq!((unsynced.files.len(), unsynced.directories.len()), (1, 4));
        unsynced.sync().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&root.path().join("a")), mode(&deep), mode(&deep.join("f"))), (0o700, 0o700, 0o600));
        assert_eq!(fs::read_dir(&deep).unwrap().count(), 1, "nothing is left beside it");
    }
}
