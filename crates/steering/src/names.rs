//! How steering files are named by people: in commands, and in what they type. Knows no path in play.

use crate::collection::File;

/// Names that are taken from one text.
const NAMES_MAX: usize = 50;
/// Bytes of the longest name.
const NAME_BYTES_MAX: usize = 200;

/// The name of a file by its path below the folder of steering.
pub(crate) fn of_path(below: &str) -> &str {
    let name = below.rsplit('/').next().unwrap_or(below);
    let ends = [".instructions.md", ".mdc", ".md"];
    ends.iter().find_map(|end| name.strip_suffix(end)).filter(|name| !name.is_empty()).unwrap_or(name)
}

/// A name as it is compared: without `#`, `/`, `steering:` in front.
pub(crate) fn plain(asked: &str) -> String {
    let asked = asked.trim().trim_start_matches(['#', '/', '@']);
    asked.strip_prefix("steering:").unwrap_or(asked).to_lowercase()
}

/// Whether a file goes by this (plain) name: its name, its path below the folder with or without its end, in a package also
/// with the package in front, or its whole path.
pub(crate) fn goes_by(file: &File, plain: &str) -> bool {
    let is_below = |plain: &str| {
        let below = file.source.below().to_lowercase();
        let stem = below.rsplit_once('.').map_or(below.as_str(), |(stem, _)| stem);
        file.name.to_lowercase() == plain || below == plain || stem == plain
    };
    let of_package = || {
        let folder = file.source.folder.to_lowercase();
        let rest = plain.strip_prefix(folder.as_str()).filter(|_| !folder.is_empty())?;
        rest.strip_prefix('/')
    };
    is_below(plain) || of_package().is_some_and(is_below) || file.source.name.to_lowercase() == plain
}

/// The words of a text that may be names: those that begin with `#` or `/`.
fn candidates(words: &str) -> impl Iterator<Item = &str> {
    words.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '\'' | '`' | ',' | ';')).filter(
        |word| word.starts_with(['#', '/']) && word.len() <= NAME_BYTES_MAX && !plain(word).is_empty(),
    )
}

/// Whether a text may name a file that is not among these.
pub(crate) fn may_name_others(words: &str, files: &[File]) -> bool {
    candidates(words).take(NAMES_MAX).any(|word| {
        let ended = word.trim_end_matches(['.', ':', '!', '?']);
        let names = [plain(word), plain(ended)];
        !names.iter().any(|name| files.iter().any(|file| goes_by(file, name)))
    })
}

/// The names in a text that are names of files: words that begin with `#` or `/`.
pub(crate) fn named_in(words: &str, files: &[File]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in candidates(words) {
        if found.len() >= NAMES_MAX {
            break;
        }
        // A full stop may end the sentence or belong to the name.
        for word in [word, word.trim_end_matches(['.', ':', '!', '?'])] {
            let plain = plain(word);
            if !plain.is_empty() && files.iter().any(|file| goes_by(file, &plain)) && !found.contains(&plain)
            {
                found.push(plain);
            }
        }
    }
    found
}
