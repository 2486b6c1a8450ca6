//! Wildcards in the names of scripts, expanded as a shell does it. Which words are names of scripts is said elsewhere.
#![expect(clippy::disallowed_methods, reason = "folders are looked into for what a wildcard matches")]

use std::cell::Cell;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

/// How many files one wildcard may match.
const MATCHES_MAX: usize = 256;
/// How many entries of folders are looked at for one line.
pub(super) const ENTRIES_MAX: usize = 20_000;

/// What a line lets wildcards mean beside the usual.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options {
    /// `**` is any number of folders.
    pub(super) is_deep: bool,
    /// What is hidden is meant as well.
    pub(super) is_dotted: bool,
    /// Small letters and large ones are the same.
    pub(super) is_caseless: bool,
}

impl Options {
    /// By the words in a line, wherever they stand: more files are the careful side.
    pub(super) fn of(line: &str) -> Options {
        let has = |word: &str| line.contains(word);
        Options {
            is_deep: has("globstar") || has("zsh"),
            is_dotted: has("dotglob") || has("GLOBIGNORE"),
            is_caseless: has("nocaseglob"),
        }
    }
}

/// Whether a word has a wildcard.
pub(super) fn is_wild(word: &str) -> bool {
    word.contains(['*', '?', '['])
}

/// The files that `word` matches in `folder`, in order. Nothing when there are too many to look at: `left` counts down.
pub(super) fn matches(
    folder: &Path,
    word: &str,
    options: Options,
    left: &Cell<usize>,
) -> Option<Vec<PathBuf>> {
    let begin = if word.starts_with('/') { PathBuf::from("/") } else { folder.to_path_buf() };
    let mut found = vec![begin];
    for part in word.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." || !is_wild(part) {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        }
        if part == "**" && options.is_deep {
            found = below(found, options, left)?;
            continue;
        }
        let matcher = matcher(part, options)?;
        let mut next = Vec::new();
        for folder in &found {
            let Ok(entries) = std::fs::read_dir(folder) else { continue };
            for entry in entries.flatten() {
                left.set(left.get().checked_sub(1)?);
                let name = entry.file_name();
                // A wildcard of the shell names what is hidden only with the dot.
                let is_hidden =
                    name.as_encoded_bytes().starts_with(b".") && !part.starts_with('.') && !options.is_dotted;
                if !is_hidden && matcher.is_match(Path::new(&name)) {
                    next.push(folder.join(name));
                }
            }
            if next.len() > MATCHES_MAX {
                return None;
            }
        }
        found = next;
    }
    found.sort();
    Some(found)
}

/// The folders, and all below them. Links are not followed.
fn below(folders: Vec<PathBuf>, options: Options, left: &Cell<usize>) -> Option<Vec<PathBuf>> {
    let (mut all, mut open) = (Vec::new(), folders);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            left.set(left.get().checked_sub(1)?);
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".") && !options.is_dotted;
            if !is_hidden && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(entry.path());
            }
        }
        all.push(folder);
    }
    all.sort();
    all.dedup();
    Some(all)
}

/// Braces were taken apart before: what is left of them stands for itself.
fn matcher(part: &str, options: Options) -> Option<GlobMatcher> {
    let plain = classless(part).replace('{', "[{]").replace('}', "[}]");
    let mut glob = GlobBuilder::new(&plain);
    Some(glob.literal_separator(true).case_insensitive(options.is_caseless).build().ok()?.compile_matcher())
}

/// With `?` for each bracket that holds a class of letters, which is what the language says it is: `[[:alpha:]]`.
fn classless(part: &str) -> String {
    let mut plain = String::new();
    let mut rest = part;
    while let Some(at) = rest.find('[') {
        let (before, bracket) = rest.split_at(at);
        plain.push_str(before);
        rest = bracket;
        // What is never closed is no bracket, and neither is any behind it.
        let Some((end, has_class)) = bracket_end(bracket) else { break };
        let (own, behind) = bracket.split_at(end);
        plain.push_str(if has_class { "?" } else { own });
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

/// Where the bracket at the beginning ends, in bytes, and whether it holds a class.
fn bracket_end(bracket: &str) -> Option<(usize, bool)> {
    let inner = bracket.strip_prefix('[')?;
    let inner = inner.strip_prefix(['!', '^']).unwrap_or(inner);
    let mut rest = inner.strip_prefix(']').unwrap_or(inner);
    let mut has_class = false;
    loop {
        let at = rest.find(['[', ']'])?;
        let found = rest.get(at..)?;
        if let Some(behind) = found.strip_prefix(']') {
            return Some((bracket.len() - behind.len(), has_class));
        }
        let behind = found.get(1..)?;
        let close =
            [("[:", ":]"), ("[=", "=]"), ("[.", ".]")].iter().find(|(open, _)| found.starts_with(open));
        let inside = close.and_then(|(_, close)| {
            let class = found.get(2..)?;
            class.get(class.find(close)? + 2..)
        });
        has_class |= inside.is_some();
        rest = inside.unwrap_or(behind);
    }
}
