//! Which contents commits and the index brought, and those contents. Looks into none of them.

use std::collections::{HashMap, HashSet};

use super::run::{HistoryError, Repository};
use super::{History, REVISION_BYTES_MAX, is_hash};

/// Contents that one question may name.
pub(super) const BROUGHT_MAX: usize = 5_000_000;

/// Commits that are asked about in one process.
const COMMITS_AT_ONCE: usize = 1_000;

/// Contents whose lengths are asked for in one process.
const SIZES_AT_ONCE: usize = 200_000;

/// What begins the line of a commit; no line of a change begins with it.
const COMMIT_MARK: char = '\u{1}';

/// A commit that brought contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its name in hexadecimal digits.
    pub commit: String,
    /// When its author made it, as in `2026-11-21T12:21:48Z`.
    pub date: String,
}

/// A content, and where it came first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Its name in hexadecimal digits.
    pub object: String,
    /// The file from the repository's root, with what is no UTF-8 replaced.
    pub path: String,
    /// The place of its commit in the list beside it; 0 for the index.
    pub origin: usize,
}

impl History {
    /// Every content that a commit brought, each once, the oldest commits first. Of a merge only what none of its parents has.
    /// `range` is as for `git rev-list`, such as `main..HEAD`; without it, everything that a branch, a tag or HEAD reaches.
    /// `tick` is told how many commits are done, of how many.
    ///
    /// # Errors
    /// [`HistoryError`] when git fails or passes a bound.
    pub fn brought(
        &self,
        range: Option<&str>,
        tick: &dyn Fn(usize, usize),
    ) -> Result<(Vec<Origin>, Vec<Brought>), HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(Default::default()) };
        let commits = commits(repository, range)?;
        let mut gathered = Gathered::default();
        for (done, batch) in commits.chunks(COMMITS_AT_ONCE).enumerate() {
            tick(done * COMMITS_AT_ONCE, commits.len());
            let arguments = [
                "--stdin",
                "-r",
                "-c",
                "--root",
                "--always",
                "--raw",
                "-z",
                "--no-renames",
                "--no-abbrev",
                "--no-ext-diff",
                "--ignore-submodules=all",
                "--pretty=tformat:%x01%H %aI",
            ];
            let output = repository.run("diff-tree", &arguments, super::run::lines_of(batch))?;
            if output.exit != Some(0) || output.cut {
                return Err(repository.refused("diff-tree", &output));
            }
            gathered.read(&output.output);
            if gathered.brought.len() > BROUGHT_MAX {
                let said = format!("more than {BROUGHT_MAX} contents; ask for a range");
                return Err(repository.told("diff-tree", said));
            }
        }
        Ok((gathered.origins, gathered.brought))
    }

    /// Every content that the index would bring with the next commit.
    ///
    /// # Errors
    /// [`HistoryError`] when git fails or passes a bound.
    pub fn staged(&self) -> Result<Vec<Brought>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(Vec::new()) };
        let arguments = [
            "--cached",
            "--raw",
            "-z",
            "--no-renames",
            "--no-abbrev",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=all",
        ];
        let output = repository.run("diff", &arguments, Vec::new())?;
        if output.exit != Some(0) || output.cut {
            return Err(repository.refused("diff", &output));
        }
        let mut gathered = Gathered { is_each_path: true, ..Gathered::default() };
        gathered.read(&output.output);
        Ok(gathered.brought)
    }

    /// The files below the folder that git follows, by their paths from it; with what is ignored and followed all the same.
    ///
    /// # Errors
    /// [`HistoryError`] when git fails or passes a bound.
    pub fn followed(&self) -> Result<Vec<Vec<u8>>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(Vec::new()) };
        let output = repository.run("ls-files", &["-z", "--cached"], Vec::new())?;
        if output.exit != Some(0) || output.cut {
            return Err(repository.refused("ls-files", &output));
        }
        let paths = output.output.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(<[u8]>::to_vec).collect())
    }

    /// How long contents are, in bytes, in the order of the question; `None` for one that is not here, as in a partial clone.
    ///
    /// # Errors
    /// [`HistoryError`] when git fails or passes a bound.
    pub fn lengths(&self, objects: &[&str]) -> Result<Vec<Option<usize>>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(vec![None; objects.len()]) };
        let mut lengths = Vec::with_capacity(objects.len());
        for batch in objects.chunks(SIZES_AT_ONCE) {
            lengths.extend(repository.objects(batch)?.into_iter().map(|found| found.map(|(_, size)| size)));
        }
        Ok(lengths)
    }

    /// Contents by their names. The caller asks for no more at once than it can hold; what goes beyond 256 MiB is left out.
    ///
    /// # Errors
    /// [`HistoryError`] when git fails or passes a bound.
    pub fn contents(&self, objects: &[&str]) -> Result<HashMap<String, Vec<u8>>, HistoryError> {
        let Ok(repository) = &self.repository else { return Ok(HashMap::new()) };
        repository.contents(objects)
    }
}

/// The commits in question, the oldest first.
fn commits(repository: &Repository, range: Option<&str>) -> Result<Vec<String>, HistoryError> {
    let mut arguments = vec!["--reverse", "--topo-order"];
    match range {
        None => arguments.push("--all"),
        Some(range) => {
            let is_plain = !range.is_empty()
                && range.len() <= REVISION_BYTES_MAX
                && !range.starts_with('-')
                && !range.contains(|c: char| c.is_control() || c.is_whitespace());
            if !is_plain {
                return Err(repository.told("rev-list", format!("`{range}` is no range of commits")));
            }
            arguments.extend(["--end-of-options", range, "--"]);
        }
    }
    let output = repository.run("rev-list", &arguments, Vec::new())?;
    if output.exit != Some(0) || output.cut {
        return Err(repository.refused("rev-list", &output));
    }
    let text = String::from_utf8_lossy(&output.output);
    Ok(text.lines().filter(|line| is_hash(line)).map(str::to_owned).collect())
}

#[derive(Default)]
struct Gathered {
    origins: Vec<Origin>,
    brought: Vec<Brought>,
    seen: HashSet<String>,
    /// A content that several files share is wanted for each.
    is_each_path: bool,
}

impl Gathered {
    /// Reads `--raw -z`: a line for each commit, and for each change its record and then its path.
    fn read(&mut self, bytes: &[u8]) {
        let mut tokens = bytes.split(|byte| *byte == 0);
        while let Some(token) = tokens.next() {
            let token = String::from_utf8_lossy(token);
            let token = token.trim_start_matches('\n');
            if let Some((commit, date)) =
                token.strip_prefix(COMMIT_MARK).and_then(|rest| rest.split_once(' '))
            {
                self.origins.push(Origin { commit: commit.to_string(), date: date.to_string() });
            } else if token.starts_with(':') {
                let path = tokens.next().unwrap_or_default();
                self.change(token, path);
            }
        }
    }

    /// One record: as many colons as parents, the modes, the names, the letters.
    fn change(&mut self, record: &str, path: &[u8]) {
        let parents = record.chars().take_while(|c| *c == ':').count();
        let mut words = record.trim_start_matches(':').split(' ').skip(parents);
        let mode = words.next().unwrap_or_default();
        let object = words.nth(parents).unwrap_or_default();
        // Neither a repository in the repository nor something that went away or is not in the index yet.
        let is_content = mode.starts_with("10") || mode.starts_with("12");
        if !is_content || !is_hash(object) || object.bytes().all(|byte| byte == b'0') {
            return;
        }
        if self.is_each_path || self.seen.insert(object.to_string()) {
            self.brought.push(Brought {
                object: object.to_string(),
                path: String::from_utf8_lossy(path).into_owned(),
                origin: self.origins.len().saturating_sub(1),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_one_parent_of_none_and_of_several() {
        let (a, b, z) = ("a".repeat(40), "b".repeat(40), "0".repeat(40));
        let mut gathered = Gathered::default();
        let text = format!(
            "\u{1}c1 2026-01-01T00:00:00Z\0\n:000000 100644 {z} {a} A\0:odd \u{1}name\0\
             :100644 000000 {a} {z} D\0gone\0:000000 160000 {z} {b} A\0module\0\
             \u{1}c2 2026-01-02T00:00:00Z\0\0::000000 100644 100755 {z} {a} {b} AM\0evil\0\
             \u{1}c3 2026-01-03T00:00:00Z\0\n:100644 120000 {b} {a} T\0again\0"
        );
        gathered.read(text.as_bytes());
        let found: Vec<(&str, &str, usize)> =
            gathered.brought.iter().map(|b| (&b.object[..1], &*b.path, b.origin)).collect();
        assert_eq!(found, [("a", ":odd \u{1}name", 0), ("b", "evil", 1)]);
        assert_eq!(gathered.origins.len(), 3);
    }
}
