//! Which files of the working copy are not as in a commit, and single commits by their names. Compares no text, and lets git
//! touch no file of the working copy: a filter that the repository names would run.
#![expect(clippy::disallowed_methods, reason = "files of the working copy are looked at here")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::run::Repository;
use super::{Commit, History, HistoryError, REVISION_BYTES_MAX, is_hash, parse};

/// A file that may not be as in the commit: only reading it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Working {
    /// The path from the root of the history.
    pub path: String,
    /// Whether the commit has it.
    pub was: bool,
    /// Whether the working copy has it.
    pub is: bool,
}

/// How the working copy differs from a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    /// Files that git follows and that may differ, by their paths. Links and submodules are not among them.
    pub followed: Vec<Working>,
    /// Files that git does not follow and does not ignore.
    pub others: Vec<String>,
}

/// An entry of the index.
struct Entry {
    object: String,
    modified: (i64, i64),
    size: u64,
}

impl History {
    /// The commit that a revision (a branch, a tag, `HEAD~2`) names. `None` when none has that name.
    ///
    /// # Errors
    /// [`HistoryError`] when git fails or passes a bound; so for all questions below.
    pub fn resolve(&self, revision: &str) -> Result<Option<String>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(None) };
        let is_name = !revision.is_empty()
            && revision.len() <= REVISION_BYTES_MAX
            && !revision.starts_with('-')
            && !revision.chars().any(|c| c.is_control() || c.is_whitespace());
        if !is_name {
            return Ok(None);
        }
        let name = format!("{revision}^{{commit}}");
        let arguments = ["--verify", "--quiet", "--end-of-options", &name];
        let output = repository.run("rev-parse", &arguments, Vec::new())?;
        let said = String::from_utf8_lossy(&output.output).trim().to_string();
        Ok(Some(said).filter(|hash| output.exit == Some(0) && is_hash(hash)))
    }

    /// One commit by its hash. Empty for a commit that is not there.
    pub fn commit(&self, hash: &str) -> Result<Option<Commit>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(None) };
        if !is_hash(hash) {
            return Ok(None);
        }
        let arguments = [
            "-z",
            "--max-count=1",
            "--relative",
            "--name-status",
            "-M",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--no-show-signature",
            "--no-notes",
            "--no-mailmap",
            parse::LOG_FORMAT,
            "--end-of-options",
            hash,
            "--",
        ];
        let output = repository.run("log", &arguments, Vec::new())?;
        match output.exit {
            Some(0) => Ok(parse::log(&output.output, false).into_iter().next()),
            _ => Ok(None),
        }
    }

    /// The days of the last commits as `2026-11-21`, by their hashes.
    pub fn days(&self, limit: usize) -> Result<HashMap<String, String>, HistoryError> {
        let (Ok(repository), Some(head)) = (&self.repository, self.head()?) else {
            return Ok(HashMap::new());
        };
        let limit = format!("--max-count={limit}");
        let arguments = ["--format=%H %cs", "--no-show-signature", &limit, "--end-of-options", &head, "--"];
        let output = repository.run("log", &arguments, Vec::new())?;
        let said = String::from_utf8_lossy(&output.output).into_owned();
        let pair = |line: &str| line.split_once(' ').map(|(hash, day)| (hash.to_string(), day.to_string()));
        Ok(said.lines().filter_map(pair).collect())
    }

    /// What may differ between the working copy and a commit. A file whose time and size the index knows is taken to be as in
    /// the index, as git does.
    pub fn worked(&self, commit: &str) -> Result<Worked, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(Worked::default()) };
        if !is_hash(commit) {
            return Ok(Worked::default());
        }
        let before = tree(repository, commit)?;
        let index = index(repository)?;
        let written = index_written(repository)?;
        let root = repository.root();
        let paths: BTreeSet<&String> = before.keys().chain(index.keys()).collect();
        let mut worked = Worked::default();
        for path in paths {
            let data = std::fs::symlink_metadata(root.join(path)).ok().filter(Metadata::is_file);
            let (was, entry) = (before.get(path), index.get(path));
            let is_same = match (was, entry, &data) {
                (Some(object), Some(entry), Some(data)) => {
                    let modified = (data.mtime(), data.mtime_nsec());
                    *object == entry.object
                        && entry.modified == modified
                        && entry.size == data.size()
                        // What was written in the moment of the index may have changed since without a trace.
                        && written.is_some_and(|written| modified < written)
                }
                (None, _, None) => true,
                _ => false,
            };
            // A link in the place of a file is no file to compare.
            let is_link = data.is_none() && std::fs::symlink_metadata(root.join(path)).is_ok();
            if !is_same && !is_link {
                worked.followed.push(Working { path: path.clone(), was: was.is_some(), is: data.is_some() });
            }
        }
        let arguments = ["-z", "--others", "--exclude-standard"];
        let output = repository.run("ls-files", &arguments, Vec::new())?;
        if output.exit != Some(0) || output.cut {
            return Err(repository.refused("ls-files", &output));
        }
        let others = output.output.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        worked.others = others.map(|path| String::from_utf8_lossy(path).into_owned()).collect();
        worked.others.sort();
        Ok(worked)
    }
}

/// The regular files of a commit, by their paths.
fn tree(repository: &Repository, commit: &str) -> Result<BTreeMap<String, String>, HistoryError> {
    let arguments = ["-r", "-z", "--end-of-options", commit];
    let output = repository.run("ls-tree", &arguments, Vec::new())?;
    if output.exit != Some(0) || output.cut {
        return Err(repository.refused("ls-tree", &output));
    }
    let file = |record: &[u8]| {
        let record = String::from_utf8_lossy(record).into_owned();
        let (head, path) = record.split_once('\t')?;
        let mut words = head.split(' ');
        let (mode, _, object) = (words.next()?, words.next()?, words.next()?);
        mode.starts_with("100").then(|| (path.to_string(), object.to_string()))
    };
    Ok(output.output.split(|byte| *byte == 0).filter_map(file).collect())
}

/// The regular files of the index, by their paths.
fn index(repository: &Repository) -> Result<BTreeMap<String, Entry>, HistoryError> {
    let output = repository.run("ls-files", &["-s", "-z", "--debug"], Vec::new())?;
    if output.exit != Some(0) || output.cut {
        return Err(repository.refused("ls-files", &output));
    }
    let mut entries = BTreeMap::new();
    let mut rest = output.output.as_slice();
    // `mode object stage TAB path NUL`, then lines that begin with two blanks.
    while let Some(end) = rest.iter().position(|byte| *byte == 0) {
        let record = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
        rest = rest.get(end + 1..).unwrap_or_default();
        let mut entry = Entry { object: String::new(), modified: (0, 0), size: 0 };
        while rest.starts_with(b"  ") {
            let line_end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let line = String::from_utf8_lossy(rest.get(..line_end).unwrap_or_default()).into_owned();
            rest = rest.get(line_end + 1..).unwrap_or_default();
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (Some("mtime:"), Some(time)) => {
                    let (seconds, rest) = time.split_once(':').unwrap_or((time, "0"));
                    entry.modified = (seconds.parse().unwrap_or(0), rest.parse().unwrap_or(0));
                }
                (Some("size:"), Some(size)) => entry.size = size.parse().unwrap_or(0),
                _ => {}
            }
        }
        let Some((head, path)) = record.split_once('\t') else { continue };
        let mut words = head.split(' ');
        let (Some(mode), Some(object)) = (words.next(), words.next()) else { continue };
        if mode.starts_with("100") {
            entry.object = object.to_string();
            entries.insert(path.to_string(), entry);
        }
    }
    Ok(entries)
}

/// When the index was written.
fn index_written(repository: &Repository) -> Result<Option<(i64, i64)>, HistoryError> {
    let output = repository.run("rev-parse", &["--git-path", "index"], Vec::new())?;
    let said = String::from_utf8_lossy(&output.output).trim().to_string();
    let path: PathBuf = repository.root().join(Path::new(&said));
    let data = std::fs::metadata(path).ok().filter(|_| output.exit == Some(0) && !said.is_empty());
    Ok(data.map(|data| (data.mtime(), data.mtime_nsec())))
}
