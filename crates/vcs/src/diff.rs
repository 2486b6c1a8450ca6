//! What differs between two snapshots, file by file. Reads the store, never the workspace.

use std::collections::HashMap;

use crate::git::{Ask, Git};
use crate::hunks::{self, Hunk};
use crate::snapshots::is_object_id;
use crate::{SnapshotError, Snapshots};

/// The longest file of which hunks are made.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How many bytes of files are compared for one difference.
const TOTAL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How many files a difference lists; what changes more than that is no change that a person reads.
const FILES_MAX: usize = 20_000;

/// The mode of an entry that stands for a repository.
const LINK_MODE: u32 = 0o160_000;

/// How one file differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Its path after, relative to the workspace, with `/`; before, when it was deleted. Bytes that are no UTF-8
    /// are replaced.
    pub path: String,
    /// What happened to it.
    pub change: Change,
    /// Its mode before and after, such as `0o100644`; 0 when it was not there.
    pub modes: (u32, u32),
    /// How many lines were added.
    pub added: u32,
    /// How many lines were removed.
    pub removed: u32,
    /// What changed, with three lines around it.
    pub hunks: Vec<Hunk>,
    /// Whether it is not text; then there are no lines to count.
    pub binary: bool,
    /// Whether it was too long to be compared, or hunks were left out; the counts are then too low.
    pub cut: bool,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// Its bytes or its mode changed.
    Modified,
    /// It is gone.
    Deleted,
    /// It was moved, and perhaps changed.
    Renamed {
        /// Its path before.
        from: String,
    },
}

/// An entry of git's list of differences.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    modes: (u32, u32),
    ids: (String, String),
    change: Change,
    path: String,
}

impl Snapshots {
    /// Each file that differs between two snapshots, with the lines that were added and removed; by path. A file
    /// that was moved is one that is gone and one that is new. Binary files count no lines.
    ///
    /// # Errors
    /// [`SnapshotError::Unknown`] when a snapshot is not in the store.
    pub fn changes(&self, before: &str, after: &str) -> Result<Vec<(String, u32, u32)>, SnapshotError> {
        let answer = self.compare(before, after, &["--numstat", "--no-renames"])?;
        let odd = SnapshotError::Answer { verb: "diff-tree" };
        let entries = answer.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
        let read = |entry: &[u8]| {
            let mut fields = entry.splitn(3, |byte| *byte == b'\t');
            // `-` for both counts says binary.
            let mut count = || {
                let text = std::str::from_utf8(fields.next()?).ok()?;
                if text == "-" { Some(0) } else { text.parse().ok() }
            };
            let (added, removed) = (count()?, count()?);
            Some((String::from_utf8_lossy(fields.next()?).into_owned(), added, removed))
        };
        entries.map(read).collect::<Option<Vec<_>>>().ok_or(odd)
    }

    /// What differs between two snapshots, with hunks; by path.
    ///
    /// Limitations: at most 20,000 files are listed; a file of more than 4 MiB, and what comes after 64 MiB in all,
    /// is listed without its lines.
    ///
    /// # Errors
    /// [`SnapshotError::Unknown`] when a snapshot is not in the store.
    pub fn diff(&self, before: &str, after: &str) -> Result<Vec<FileDiff>, SnapshotError> {
        let answer = self.compare(before, after, &["--raw", "--no-abbrev", "-M", "-l400"])?;
        let mut entries = entries(&answer).ok_or(SnapshotError::Answer { verb: "diff-tree" })?;
        entries.truncate(FILES_MAX);
        let texts = self.texts(&entries)?;
        Ok(entries.into_iter().map(|entry| file_diff(entry, &texts)).collect())
    }

    fn compare(&self, before: &str, after: &str, options: &[&str]) -> Result<Vec<u8>, SnapshotError> {
        for tree in [before, after] {
            if !is_object_id(tree) || !has(self.git(), tree)? {
                return Err(SnapshotError::Unknown(tree.to_string()));
            }
        }
        let mut ask = Ask::new("diff-tree", &["-r", "-z", "--no-ext-diff", "--no-textconv"]);
        ask.arguments.extend(options.iter().chain(&[before, after]).map(Into::into));
        self.git().ask(ask)
    }

    /// The bytes of the files that are compared, by id.
    fn texts(&self, entries: &[Entry]) -> Result<HashMap<String, Vec<u8>>, SnapshotError> {
        let is_blob = |mode: u32| mode != 0 && mode != LINK_MODE;
        let wanted = entries.iter().filter(|entry| entry.ids.0 != entry.ids.1).flat_map(|entry| {
            let sides = [(entry.modes.0, &entry.ids.0), (entry.modes.1, &entry.ids.1)];
            sides.into_iter().filter(|(mode, _)| is_blob(*mode)).map(|(_, id)| id.as_str())
        });
        let wanted = wanted.collect::<Vec<_>>().join("\n");
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let mut sizes = Ask::new("cat-file", &["--batch-check=%(objectname) %(objectsize)"]);
        sizes.input = format!("{wanted}\n").into_bytes();
        let sizes = self.git().ask(sizes)?;
        let mut total = 0;
        let mut short = Vec::new();
        for line in String::from_utf8_lossy(&sizes).lines() {
            let size = line.split_once(' ').and_then(|(id, size)| Some((id, size.parse::<u64>().ok()?)));
            if let Some((id, size)) =
                size.filter(|(_, size)| *size <= FILE_BYTES_MAX && total + size <= TOTAL_BYTES_MAX)
            {
                total += size;
                short.push(format!("{id}\n"));
            }
        }
        let mut read = Ask::new("cat-file", &["--batch"]);
        read.input = short.concat().into_bytes();
        let answer = self.git().ask(read)?;
        contents(&answer).ok_or(SnapshotError::Answer { verb: "cat-file" })
    }
}

fn has(git: &Git, tree: &str) -> Result<bool, SnapshotError> {
    let ask = Ask::new("cat-file", &["-e", &format!("{tree}^{{tree}}")]);
    Ok(git.run(ask)?.exit == Some(0))
}

/// `:100644 100755 <id> <id> M NUL path NUL`, with a second path after `R`.
fn entries(answer: &[u8]) -> Option<Vec<Entry>> {
    let mut parts = answer.split(|byte| *byte == 0);
    let mut entries = Vec::new();
    while let Some(head) = parts.next().filter(|head| !head.is_empty()) {
        let head = std::str::from_utf8(head).ok()?.strip_prefix(':')?;
        let mut fields = head.split(' ');
        let mut mode = || u32::from_str_radix(fields.next()?, 8).ok();
        let modes = (mode()?, mode()?);
        let ids = (fields.next()?.to_string(), fields.next()?.to_string());
        let mut path = || Some(String::from_utf8_lossy(parts.next()?).into_owned());
        let (change, path) = match fields.next()?.chars().next()? {
            'A' => (Change::Added, path()?),
            'D' => (Change::Deleted, path()?),
            'R' => (Change::Renamed { from: path()? }, path()?),
            _ => (Change::Modified, path()?),
        };
        entries.push(Entry { modes, ids, change, path });
    }
    Some(entries)
}

/// `<id> blob <size> LF bytes LF`, again and again.
fn contents(mut answer: &[u8]) -> Option<HashMap<String, Vec<u8>>> {
    let mut contents = HashMap::new();
    while !answer.is_empty() {
        let end = answer.iter().position(|byte| *byte == b'\n')?;
        let head = std::str::from_utf8(answer.get(..end)?).ok()?;
        answer = answer.get(end + 1..)?;
        let mut fields = head.split(' ');
        let (id, kind, size) = (fields.next()?, fields.next()?, fields.next());
        if kind == "missing" {
            continue;
        }
        let size: usize = size?.parse().ok()?;
        contents.insert(id.to_string(), answer.get(..size)?.to_vec());
        answer = answer.get(size + 1..)?;
    }
    Some(contents)
}

fn file_diff(entry: Entry, texts: &HashMap<String, Vec<u8>>) -> FileDiff {
    let Entry { modes, ids, change, path } = entry;
    let mut diff =
        FileDiff { path, change, modes, added: 0, removed: 0, hunks: Vec::new(), binary: false, cut: false };
    if ids.0 == ids.1 {
        return diff;
    }
    let side = |mode: u32, id: &String| match mode {
        0 => Some([].as_slice()),
        _ => texts.get(id).map(Vec::as_slice),
    };
    if modes.0 == LINK_MODE || modes.1 == LINK_MODE {
        diff.binary = true;
    } else if let (Some(before), Some(after)) = (side(modes.0, &ids.0), side(modes.1, &ids.1)) {
        match hunks::compare(before, after) {
            Some(compared) => {
                (diff.added, diff.removed, diff.hunks, diff.cut) =
                    (compared.added, compared.removed, compared.hunks, compared.cut);
            }
            None => diff.binary = true,
        }
    } else {
        diff.cut = true;
    }
    diff
}
