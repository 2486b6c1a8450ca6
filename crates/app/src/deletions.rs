//! Which files a command line may remove or overwrite, as far as its words say: what goes into the trash before it
//! runs. Errs towards too many. Judges no command; that is the gate's business.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;

/// How many words of a command line are looked at.
const WORDS_MAX: usize = 2_000;
/// How many directories a word may be relative to.
const BASES_MAX: usize = 16;
/// How many different patterns are followed.
const PATTERNS_MAX: usize = 100;
/// How many names the patterns of one command stand for.
const NAMES_MAX: usize = 20_000;

/// Words that remove whole directories.
const REMOVERS: [&str; 4] = ["rm", "rimraf", "-delete", "--delete"];

/// What a command may take away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Doomed {
    /// Files, and directories where a whole one may go; absolute.
    pub(crate) paths: Vec<PathBuf>,
    /// Words of a remover that cannot be resolved without running it.
    pub(crate) unknown: Vec<String>,
}

/// Finds them. `workspace` is resolved.
pub(crate) fn doomed(line: &str, workspace: &Path) -> Doomed {
    let (words, is_removing) = words(line);
    let mut bases = vec![workspace.to_path_buf()];
    for word in &words {
        let directory = inside(workspace, workspace, word).filter(|path| is_directory(path));
        if let Some(directory) = directory.filter(|path| bases.len() < BASES_MAX && !bases.contains(path)) {
            bases.push(directory);
        }
    }
    let mut found = BTreeSet::new();
    let mut unknown = Vec::new();
    let mut left = NAMES_MAX;
    let mut listed = Listed::default();
    let mut patterns = 0;
    let words: BTreeSet<&String> = words.iter().collect();
    for word in &words {
        if is_removing && word.contains(['$', '`']) {
            unknown.push(word.to_string());
            continue;
        }
        patterns += usize::from(is_pattern(word));
        if is_pattern(word) && patterns > PATTERNS_MAX {
            continue;
        }
        for base in &bases {
            for path in expanded(workspace, base, word, &mut listed, &mut left) {
                match path.symlink_metadata() {
                    Ok(data) if data.is_dir() && is_removing => whole(&path, workspace, &mut found),
                    Ok(data) if !data.is_dir() => {
                        found.insert(path);
                    }
                    _ => {}
                }
            }
        }
    }
    if is_removing && (patterns > PATTERNS_MAX || left == 0) {
        unknown.push("*".to_string());
    }
    if words.iter().any(|word| *word == "clean") && words.iter().any(|word| program(word) == "git") {
        bases.iter().for_each(|base| contents(base, &mut found));
    }
    Doomed { paths: found.into_iter().collect(), unknown }
}

/// A directory; the workspace itself as everything in it but the repository, so that one large directory in it does
/// not keep the others from being kept.
fn whole(path: &Path, workspace: &Path, found: &mut BTreeSet<PathBuf>) {
    if path == workspace {
        contents(path, found);
    } else {
        found.insert(path.to_path_buf());
    }
}

fn contents(directory: &Path, found: &mut BTreeSet<PathBuf>) {
    for name in names(directory).into_iter().filter(|name| name != ".git").take(NAMES_MAX) {
        found.insert(directory.join(name));
    }
}

/// The words of a line, cut wherever a shell could begin another one, and whether one of them removes.
fn words(line: &str) -> (Vec<String>, bool) {
    let mut words = vec![String::new()];
    let mut chars = line.chars();
    let mut quote = None;
    while let Some(c) = chars.next() {
        let is_end = quote.is_none() && is_between(c);
        let is_full = words.len() >= WORDS_MAX;
        let Some(word) = words.last_mut() else { break };
        match (c, quote) {
            _ if is_end && is_full => break,
            _ if is_end && !word.is_empty() => words.push(String::new()),
            _ if is_end => {}
            ('\\', None | Some('"')) => word.extend(chars.next()),
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => word.push(c),
        }
    }
    // A script in quotes has words of its own.
    let scripts = words.iter().filter(|word| word.contains(is_between));
    let inner = scripts.flat_map(|word| word.split(|c: char| is_between(c) || c == '"' || c == '\''));
    let inner: Vec<String> = inner.map(str::to_string).collect();
    words.extend(inner);
    words.retain(|word| !word.is_empty());
    words.truncate(WORDS_MAX);
    let is_removing = words.iter().any(|word| REMOVERS.contains(&program(word)));
    (words, is_removing)
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || ";&|<>(){}=".contains(c)
}

fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// A word as a path in the workspace, without looking at it.
fn inside(workspace: &Path, base: &Path, word: &str) -> Option<PathBuf> {
    let mut path = base.to_path_buf();
    for part in Path::new(word).components() {
        match part {
            Component::Prefix(_) => return None,
            Component::RootDir => path = PathBuf::from("/"),
            Component::CurDir => {}
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
        }
    }
    path.starts_with(workspace).then_some(path)
}

/// The names in directories that were listed.
type Listed = BTreeMap<PathBuf, Vec<OsString>>;

/// The paths that a word stands for: itself, and what matches when it is a pattern.
fn expanded(
    workspace: &Path,
    base: &Path,
    word: &str,
    listed: &mut Listed,
    left: &mut usize,
) -> Vec<PathBuf> {
    let plain: Vec<PathBuf> = inside(workspace, base, word).into_iter().collect();
    if !is_pattern(word) {
        return plain;
    }
    let mut paths = vec![if word.starts_with('/') { PathBuf::from("/") } else { base.to_path_buf() }];
    for part in word.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let mut next = Vec::new();
        for path in paths {
            if !is_pattern(part) {
                let mut path = path;
                if part == ".." {
                    _ = path.pop()
                } else {
                    path.push(part)
                }
                next.push(path);
                continue;
            }
            let Ok(glob) = GlobBuilder::new(part).literal_separator(true).build() else { return plain };
            let matcher = glob.compile_matcher();
            // Nothing outside of the workspace is listed.
            if !path.starts_with(workspace) {
                continue;
            }
            for name in listed.entry(path.clone()).or_insert_with(|| names(&path)).iter() {
                let is_hidden = name.as_encoded_bytes().starts_with(b".") && !part.starts_with('.');
                if !is_hidden && *left > 0 && matcher.is_match(name) {
                    *left -= 1;
                    next.push(path.join(name));
                }
            }
        }
        paths = next;
    }
    paths.retain(|path| path.starts_with(workspace));
    paths.extend(plain);
    paths
}

fn is_pattern(word: &str) -> bool {
    word.contains(['*', '?', '['])
}

fn names(directory: &Path) -> Vec<OsString> {
    directory.read_dir().into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
}

fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|data| data.is_dir())
}

#[cfg(test)]
#[path = "deletions_tests.rs"]
mod tests;
