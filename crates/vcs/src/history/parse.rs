//! The answers of `git log`, `git blame` and `git cat-file` as values. Starts nothing.

use std::collections::HashMap;

use super::{Blamed, ChangeKind, Commit, FILES_PER_COMMIT_MAX, FileChange, is_hash};

/// What the log says of a commit. A status begins with a letter and a path follows a status, so the first byte tells
/// a commit from both.
pub(super) const LOG_FORMAT: &str =
    "--format=%x01%H%x00%ct%x00%P%x00%s%x00%(trailers:only=true,unfold=true,separator=%x1f)";

/// The commits of an answer; of one that was cut, the last commit is left out.
pub(super) fn log(bytes: &[u8], is_cut: bool) -> Vec<Commit> {
    let mut commits: Vec<Commit> = Vec::new();
    let mut parts = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy).peekable();
    while let Some(part) = parts.next() {
        if let Some(hash) = part.strip_prefix('\u{1}') {
            let mut next = || parts.next().unwrap_or_default();
            let (time, parents, subject, trailers) = (next(), next(), next(), next());
            commits.push(Commit {
                hash: hash.to_string(),
                time: time.parse().unwrap_or_default(),
                parents: parents.split_whitespace().map(str::to_string).collect(),
                subject: subject.into_owned(),
                trailers: trailers.split('\u{1f}').filter_map(trailer).collect(),
                ..Commit::default()
            });
            continue;
        }
        let status = part.trim_start_matches('\n');
        let Some(letter) = status.chars().next() else { continue };
        let Some(first) = parts.next() else { break };
        let change = match letter {
            'A' => FileChange { path: first.into_owned(), kind: ChangeKind::Added },
            'D' => FileChange { path: first.into_owned(), kind: ChangeKind::Deleted },
            'R' | 'C' => {
                let Some(path) = parts.next() else { break };
                let similarity = status.get(1..).and_then(|digits| digits.parse().ok()).unwrap_or_default();
                let from = first.into_owned();
                let kind =
                    if letter == 'R' { ChangeKind::Renamed { from, similarity } } else { ChangeKind::Added };
                FileChange { path: path.into_owned(), kind }
            }
            _ => FileChange { path: first.into_owned(), kind: ChangeKind::Modified },
        };
        if let Some(commit) = commits.last_mut() {
            if commit.files.len() < FILES_PER_COMMIT_MAX {
                commit.files.push(change);
            } else {
                commit.is_cut = true;
            }
        }
    }
    if is_cut {
        commits.pop();
    }
    commits
}

fn trailer(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().to_string(), value.trim().to_string()))
}

/// The groups of lines in `--porcelain`, joined where they touch.
pub(super) fn blame(bytes: &[u8]) -> Vec<Blamed> {
    let mut groups: Vec<Blamed> = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        // The text of the file stands behind a tab.
        if line.first() == Some(&b'\t') {
            continue;
        }
        let Ok(line) = std::str::from_utf8(line) else { continue };
        let mut words = line.split(' ');
        let (hash, _, at) = (words.next().unwrap_or_default(), words.next(), words.next());
        let is_header = hash.len() >= 40 && is_hash(hash);
        let Some(at) = at.filter(|_| is_header).and_then(|at| at.parse::<usize>().ok()) else { continue };
        match groups.last_mut() {
            Some(last) if last.commit == hash && last.last + 1 == at => last.last = at,
            _ => groups.push(Blamed { first: at, last: at, commit: hash.to_string() }),
        }
    }
    groups
}

/// For each line of `--batch-check` the file and its length; `None` for what is missing or no file.
pub(super) fn objects(bytes: &[u8]) -> Vec<Option<(String, usize)>> {
    let text = String::from_utf8_lossy(bytes);
    let object = |line: &str| {
        let mut words = line.split(' ');
        let (hash, kind, size) = (words.next()?, words.next()?, words.next()?);
        (is_hash(hash) && kind == "blob").then_some(())?;
        Some((hash.to_string(), size.parse().ok()?))
    };
    text.lines().map(object).collect()
}

/// The files of `--batch` by their names; one that was cut off is left out.
pub(super) fn contents(bytes: &[u8]) -> HashMap<String, Vec<u8>> {
    let mut contents = HashMap::new();
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let header = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
        rest = rest.get(end + 1..).unwrap_or_default();
        let mut words = header.split(' ');
        let (Some(hash), Some(_), Some(size)) = (words.next(), words.next(), words.next()) else { continue };
        let Ok(size) = size.parse::<usize>() else { continue };
        let Some(content) = rest.get(..size) else { break };
        contents.insert(hash.to_string(), content.to_vec());
        rest = rest.get(size + 1..).unwrap_or_default();
    }
    contents
}
