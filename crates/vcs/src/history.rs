//! What the person's own repository remembers: commits, renames, blame, and files as they were. Reads only, and starts
//! nothing that the repository names.

mod brought;
mod parse;
mod run;
#[cfg(test)]
mod tests;
mod working;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

pub use brought::{Brought, Origin};
use run::Repository;
pub use run::{Absence, HistoryError};
pub use working::{Worked, Working};

/// Commits read at once; more are not asked for.
pub const COMMITS_MAX: usize = 200_000;

/// Files kept of one commit; of an import of a million files the rest is left out and said so.
pub const FILES_PER_COMMIT_MAX: usize = 5_000;

/// Bytes of the name of a revision; git's own names are shorter.
const REVISION_BYTES_MAX: usize = 512;

/// Bytes of a file as it was; a longer one is not given.
pub const BLOB_BYTES_MAX: usize = 5 * 1024 * 1024;

/// What git says to its hooks about where the repository and its index are.
pub const PLACE_VARIABLES: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"];

/// Bytes of all files that one question gives.
const BLOBS_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Bytes of files that are asked for in one process.
const BATCH_BYTES_MAX: usize = 64 * 1024 * 1024;

/// One commit and the files that it changed. A merge has no files: what it brings was changed by its parents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Its name in hexadecimal digits.
    pub hash: String,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// The names of the commits before it.
    pub parents: Vec<String>,
    /// The first line of its message.
    pub subject: String,
    /// Lines such as `Task: auth#2.1` at the end of its message, as name and value.
    pub trailers: Vec<(String, String)>,
    /// The changed files below the root, at most [`FILES_PER_COMMIT_MAX`].
    pub files: Vec<FileChange>,
    /// Whether files were left out.
    pub is_cut: bool,
}

/// What a commit did to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The path after the commit, from the root; for a deleted file the path that it had.
    pub path: String,
    /// What happened.
    pub kind: ChangeKind,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new, or a copy.
    Added,
    /// Its bytes or its mode changed.
    Modified,
    /// It is gone.
    Deleted,
    /// It was at another path.
    Renamed {
        /// The path before.
        from: String,
        /// How much stayed the same, in percent.
        similarity: u8,
    },
}

/// Lines of a file that came with the same commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blamed {
    /// The first line, counted from 1.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// The commit.
    pub commit: String,
}

/// Commits, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The commits.
    pub commits: Vec<Commit>,
    /// Whether the answer was longer than what is read, so that older commits are missing.
    pub is_cut: bool,
}

/// The history of the repository that a folder lies in. Paths count from that folder, also when it lies below the
/// repository's root.
#[derive(Clone, Debug)]
pub struct History {
    repository: Result<Repository, Absence>,
}

impl History {
    /// Looks for the repository. `path` is where git is looked for, as in the variable of that name.
    ///
    /// Never fails: without git or without a repository, every question has an empty answer, and
    /// [`History::absence`] says why.
    pub fn open(root: &Path, path: &str) -> History {
        History { repository: Repository::find(root, path, Vec::new()) }
    }

    /// The same, with the variables by which git tells a hook which repository and which index are meant. Those that are
    /// not in [`PLACE_VARIABLES`] are passed over.
    pub fn open_as_told(root: &Path, path: &str, variables: &BTreeMap<String, String>) -> History {
        let told = PLACE_VARIABLES.iter().filter_map(|name| {
            let value = variables.get(*name).filter(|value| !value.is_empty())?;
            Some(((*name).to_string(), value.clone()))
        });
        History { repository: Repository::find(root, path, told.collect()) }
    }

    /// Why there is no history.
    pub fn absence(&self) -> Option<&Absence> {
        self.repository.as_ref().err()
    }

    /// The repository's own root.
    pub fn top(&self) -> Option<PathBuf> {
        self.repository.as_ref().ok().map(|repository| repository.top.clone())
    }

    /// Whether older commits were never fetched.
    pub fn is_shallow(&self) -> bool {
        self.repository.as_ref().is_ok_and(|repository| repository.is_shallow)
    }

    /// The commit that is checked out. `None` before the first one.
    ///
    /// # Errors
    /// [`HistoryError`] when git fails or passes a bound; so for all questions below.
    pub fn head(&self) -> Result<Option<String>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(None) };
        let output = repository.run("rev-parse", &["--verify", "--quiet", "HEAD^{commit}"], Vec::new())?;
        let said = String::from_utf8_lossy(&output.output).trim().to_string();
        Ok((output.exit == Some(0)).then_some(said).filter(|hash| is_hash(hash)))
    }

    /// The newest commit that a revision (a branch, a tag, a commit) and what is checked out have in common; the
    /// revision's own commit when they have none. `None` when no commit has that name.
    pub fn base_of(&self, revision: &str) -> Result<Option<String>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(None) };
        let is_name = !revision.is_empty()
            && revision.len() <= REVISION_BYTES_MAX
            && !revision.starts_with('-')
            && !revision.chars().any(|c| c.is_control() || c.is_whitespace());
        let (true, Some(head)) = (is_name, self.head()?) else { return Ok(None) };
        let said = |output: sandbox::OwnOutput| {
            let said = String::from_utf8_lossy(&output.output).trim().to_string();
            Some(said).filter(|hash| output.exit == Some(0) && is_hash(hash))
        };
        let name = format!("{revision}^{{commit}}");
        let arguments = ["--verify", "--quiet", "--end-of-options", &name];
        let Some(commit) = said(repository.run("rev-parse", &arguments, Vec::new())?) else {
            return Ok(None);
        };
        let base = said(repository.run("merge-base", &[&head, &commit], Vec::new())?);
        Ok(Some(base.unwrap_or(commit)))
    }

    /// The last commits, newest first and children before parents, at most `limit` and [`COMMITS_MAX`].
    pub fn commits(&self, limit: usize) -> Result<Log, HistoryError> {
        self.log(limit, None)
    }

    /// The commits that can be reached now and not from `base`, newest first. Empty for a commit that is not there.
    pub fn commits_since(&self, base: &str, limit: usize) -> Result<Log, HistoryError> {
        if !is_hash(base) {
            return Ok(Log::default());
        }
        self.log(limit, Some(base))
    }

    fn log(&self, limit: usize, base: Option<&str>) -> Result<Log, HistoryError> {
        let Some(head) = self.head()? else { return Ok(Log::default()) };
        let Ok(repository) = &self.repository else { return Ok(Log::default()) };
        let limit = format!("--max-count={}", limit.min(COMMITS_MAX));
        let range = base.map_or(head.clone(), |base| format!("{base}..{head}"));
        let arguments = [
            "-z",
            "--topo-order",
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
            &limit,
            "--end-of-options",
            &range,
            "--",
        ];
        let output = repository.run("log", &arguments, Vec::new())?;
        match output.exit {
            _ if output.cut => Ok(Log { commits: parse::log(&output.output, true), is_cut: true }),
            Some(0) => Ok(Log { commits: parse::log(&output.output, false), is_cut: false }),
            // A base that was rewritten away is no failure.
            _ if base.is_some() => Ok(Log::default()),
            _ => Err(repository.refused("log", &output)),
        }
    }

    /// Which commit each line of a file at HEAD came with; a change of white space alone does not count. Empty for a
    /// file that is not there.
    pub fn blame(&self, path: &str) -> Result<Vec<Blamed>, HistoryError> {
        let (Ok(repository), Some(path)) = (&self.repository, plain(path)) else { return Ok(Vec::new()) };
        let Some(head) = self.head()? else { return Ok(Vec::new()) };
        let arguments = ["--porcelain", "-w", "--no-textconv", &head, "--", &path];
        let output = repository.run("blame", &arguments, Vec::new())?;
        match output.exit {
            Some(0) => Ok(parse::blame(&output.output)),
            _ if String::from_utf8_lossy(&output.errors).contains("no such path") => Ok(Vec::new()),
            _ => Err(repository.refused("blame", &output)),
        }
    }

    /// A file as it was in a commit. `None` when it was not there, is no file, or is longer than
    /// [`BLOB_BYTES_MAX`].
    pub fn file_at(&self, commit: &str, path: &str) -> Result<Option<Vec<u8>>, HistoryError> {
        let files = self.files_at(&[(commit.to_string(), path.to_string())])?;
        Ok(files.into_iter().next().flatten())
    }

    /// Many files as they were, each as commit and path, in the order of the question. Few processes, however many
    /// files; a content that several places share is read once.
    pub fn files_at(&self, wanted: &[(String, String)]) -> Result<Vec<Option<Vec<u8>>>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(vec![None; wanted.len()]) };
        let name = |(commit, path): &(String, String)| {
            plain(path).filter(|_| is_hash(commit)).map(|path| format!("{commit}:./{path}"))
        };
        let names: Vec<Option<String>> = wanted.iter().map(name).collect();
        let asked: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
        let mut objects = repository.objects(&asked)?.into_iter();
        let places: Vec<Option<(String, usize)>> =
            names.iter().map(|name| name.as_ref().and_then(|_| objects.next().flatten())).collect();
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        for (object, size) in places.iter().flatten() {
            sizes.insert(object, *size);
        }
        let blobs = read_blobs(repository, &sizes)?;
        let blob = |place: &Option<(String, usize)>| {
            place.as_ref().and_then(|(object, _)| blobs.get(object.as_str()).cloned())
        };
        Ok(places.iter().map(blob).collect())
    }

    /// The last commit that changed a file.
    pub fn last_change(&self, path: &str) -> Result<Option<String>, HistoryError> {
        let (Ok(repository), Some(path)) = (&self.repository, plain(path)) else { return Ok(None) };
        let Some(head) = self.head()? else { return Ok(None) };
        let arguments =
            ["--max-count=1", "--format=%H", "--no-show-signature", "--end-of-options", &head, "--", &path];
        let output = repository.run("log", &arguments, Vec::new())?;
        let said = String::from_utf8_lossy(&output.output).trim().to_string();
        Ok((output.exit == Some(0)).then_some(said).filter(|hash| is_hash(hash)))
    }

    /// Where files of `base` are now, by their old paths; those that were renamed several times are followed.
    pub fn renames_since(&self, base: &str) -> Result<BTreeMap<String, String>, HistoryError> {
        Ok(renames(&self.commits_since(base, COMMITS_MAX)?.commits))
    }

    /// The files of a commit below the root, sorted. Empty for a commit that is not there.
    pub fn paths_at(&self, commit: &str) -> Result<Vec<String>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(Vec::new()) };
        if !is_hash(commit) {
            return Ok(Vec::new());
        }
        let output = repository.run(
            "ls-tree",
            &["-r", "-z", "--name-only", "--end-of-options", commit],
            Vec::new(),
        )?;
        if output.exit != Some(0) {
            return Ok(Vec::new());
        }
        let paths = output.output.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        let mut paths: Vec<String> = paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect();
        paths.sort();
        Ok(paths)
    }
}

/// Where files went, by their old paths, from commits that stand newest first.
pub fn renames(commits: &[Commit]) -> BTreeMap<String, String> {
    // From each place where a file was to where it is, walked from the newest commit to the oldest.
    let mut now: BTreeMap<String, String> = BTreeMap::new();
    for commit in commits {
        for file in &commit.files {
            if let ChangeKind::Renamed { from, .. } = &file.kind {
                let place = now.get(&file.path).cloned().unwrap_or_else(|| file.path.clone());
                now.insert(from.clone(), place);
            }
        }
    }
    now.retain(|from, to| from != to);
    now
}

fn read_blobs(
    repository: &Repository,
    sizes: &BTreeMap<&str, usize>,
) -> Result<HashMap<String, Vec<u8>>, HistoryError> {
    let mut blobs = HashMap::new();
    let (mut batch, mut bytes, mut total) = (Vec::new(), 0_usize, 0_usize);
    for (object, size) in sizes {
        total = total.saturating_add(*size);
        if *size > BLOB_BYTES_MAX || total > BLOBS_BYTES_MAX {
            continue;
        }
        if bytes.saturating_add(*size) > BATCH_BYTES_MAX {
            blobs.extend(repository.contents(&std::mem::take(&mut batch))?);
            bytes = 0;
        }
        batch.push(*object);
        bytes = bytes.saturating_add(*size);
    }
    blobs.extend(repository.contents(&batch)?);
    Ok(blobs)
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 7..=64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The path as git takes it; `None` for one that leaves the folder or that no question can hold.
fn plain(path: &str) -> Option<String> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let is_inside = !path.starts_with('/') && path.split('/').all(|part| part != "..");
    let is_plain = !path.is_empty() && !path.contains(['\n', '\0']);
    (is_inside && is_plain).then(|| path.to_string())
}
