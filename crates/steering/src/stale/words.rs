//! Paths and commands in the prose of a steering text: code within a sentence, and links. Judges nothing.

use spec::Span;

use super::{CANDIDATES_MAX, Candidate, Claim, NAME_BYTES_MAX, What, commands};

/// Words of a line that speaks of what is not there, or not yet, or only somewhere else.
const ABSENT: &[&str] = &[
    "e.g.",
    "example",
    "for instance",
    "such as",
    "like `",
    "never ",
    "do not",
    "don't",
    "avoid",
    "instead of",
    "removed",
    "deleted",
    "deprecated",
    "no longer",
    "legacy",
    "create ",
    "creates ",
    "created ",
    "generate",
    "output",
    "placeholder",
    "optional",
    "if present",
    "if it exists",
    "if any",
    "when present",
    "bad:",
    "wrong",
    "❌",
    "not exist",
    "missing",
    "will be",
    "would ",
    "should be",
    "gitignored",
    "ignored",
    "new file",
    "write to",
    "written to",
    "writes to",
    "rename",
    "migrat",
    "other repo",
    "replaced",
    "planned",
    "future",
    "scaffold",
];

/// Folders whose content is made and not kept.
const MADE: &[&str] = &[
    "target",
    "dist",
    "build",
    "out",
    "node_modules",
    "coverage",
    ".next",
    ".nuxt",
    ".venv",
    "venv",
    "__pycache__",
    "tmp",
    "temp",
    "logs",
    ".git",
    "bin",
    "obj",
    ".turbo",
    ".cache",
    "htmlcov",
    "site",
    "public",
];

/// Parts of paths that stand for something else.
const STANDS_FOR: &[&str] = &[
    "path", "foo", "bar", "baz", "qux", "xxx", "example", "name", "your", "my", "some", "file", "dir",
    "folder", "feature", "...",
];

/// Whether everything below a heading is an example.
pub(super) fn is_example_heading(line: &str) -> bool {
    let lower = line.to_lowercase();
    ["example", "template", "sample", "anti-pattern"].iter().any(|word| lower.contains(word))
}

/// Whether a line speaks of what is not there.
pub(super) fn speaks_of_absence(line: &str) -> bool {
    let lower = line.to_lowercase();
    ABSENT.iter().any(|word| lower.contains(word))
}

/// The candidates of a line of prose.
pub(super) fn line(line: &str, offset: usize, found: &mut Vec<Candidate>) {
    for (at, code) in code_spans(line) {
        if found.len() >= CANDIDATES_MAX {
            return;
        }
        let trimmed = code.trim();
        let start = at + (code.len() - code.trim_start().len());
        if trimmed.contains(' ') {
            commands::line(trimmed, offset + start, found);
        } else if let Some(what) = mention(trimmed) {
            let span = Span { offset: offset + start, len: trimmed.len() };
            found.push(Candidate { span, what, claim: Claim::Mention });
        }
    }
    links(line, offset, found);
}

/// The pieces between back-ticks, with where they begin.
fn code_spans(line: &str) -> Vec<(usize, &str)> {
    let ticks: Vec<usize> = line.match_indices('`').map(|(at, _)| at).collect();
    let pairs = ticks.chunks_exact(2);
    pairs
        .filter_map(|pair| match pair {
            [open, close] => Some((open + 1, line.get(open + 1..*close)?)),
            _ => None,
        })
        .filter(|(_, code)| !code.is_empty())
        .collect()
}

fn mention(code: &str) -> Option<What> {
    // A name like `@scope/name` may as well be an alias for a folder; the caller knows.
    if let Some(rest) = code.strip_prefix('@') {
        let (scope, name) = rest.split_once('/')?;
        let is_name = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte))
        };
        let is_package =
            code.len() <= NAME_BYTES_MAX && is_name(scope) && is_name(name) && !stands_for(scope);
        return is_package.then(|| What::Package { registry: super::Registry::Npm, name: code.to_string() });
    }
    let path = plain_path(code)?;
    let is_folder = code.ends_with('/');
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    (is_folder || has_ending(last)).then(|| What::Path(path.to_string()))
}

/// A path with a `/` that stands for itself, without `./` in front and `:12` behind.
pub(super) fn plain_path(words: &str) -> Option<&str> {
    let path = words.trim_start_matches("./");
    let path = path.split('#').next().unwrap_or(path);
    let path = match path.split_once(':') {
        Some((path, lines))
            if !lines.is_empty() && lines.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b':') =>
        {
            path
        }
        Some(_) => return None,
        None => path,
    };
    let inside = path.trim_end_matches('/');
    (is_plain(path) && inside.contains('/') && !is_made(inside)).then_some(path)
}

/// Whether a path stands for itself: no glob, no placeholder, nothing outside.
pub(super) fn is_plain(path: &str) -> bool {
    let is_word = |c: char| {
        c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/' | '@' | '[' | ']' | '(' | ')')
    };
    !path.is_empty()
        && path.len() <= NAME_BYTES_MAX
        && path.chars().all(is_word)
        && !path.starts_with(['/', '@', '-', '.']) | path.starts_with("./") | is_hidden(path)
        && !path.contains("//")
        && !path.contains("...")
        && !path.split('/').any(|part| part == ".." || stands_for(part))
}

/// `.github/x` is a path; `..` and `.ts` are none.
fn is_hidden(path: &str) -> bool {
    path.starts_with('.') && !path.starts_with("..") && path.contains('/')
}

fn stands_for(part: &str) -> bool {
    let lower = part.trim_matches(['[', ']', '(', ')']).to_lowercase();
    let stem = lower.split('.').next().unwrap_or_default();
    let is_shouted = part.len() > 1
        && part.contains('_')
        && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit());
    STANDS_FOR.contains(&stem)
        || is_shouted
        || ["your-", "your_", "my-", "my_", "some-", "example-", "yyyy", "xxx", "new-", "foo-"]
            .iter()
            .any(|word| lower.starts_with(word))
        || ["-name", "_name"].iter().any(|word| stem.ends_with(word))
}

fn is_made(path: &str) -> bool {
    path.split('/').any(|part| MADE.contains(&part))
}

fn has_ending(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && (1..=6).contains(&ending.len())
            && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && ending.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

/// `[words](path)`, where the path is relative.
fn links(line: &str, offset: usize, found: &mut Vec<Candidate>) {
    let (mut ticks, mut counted) = (0, 0);
    for (at, _) in line.match_indices("](") {
        ticks += line.get(counted..at).unwrap_or_default().matches('`').count();
        counted = at;
        let start = at + 2;
        let Some(rest) = line.get(start..) else { continue };
        // Stops at the first byte that no path has, so that `](](](` is read once.
        let is_over =
            |byte: u8| !(byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_-.+/@#".contains(&byte));
        let Some(end) = rest.bytes().take(NAME_BYTES_MAX + 1).position(is_over) else { continue };
        if !matches!(rest.as_bytes().get(end), Some(b')' | b' ')) {
            continue;
        }
        let target = rest.get(..end).unwrap_or_default();
        // Code within a link's line may speak about links.
        let is_code = ticks % 2 == 1;
        let path = target.split('#').next().unwrap_or_default().trim_start_matches("./");
        let is_path = is_plain(path) && !is_made(path);
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if is_code || !is_path || !(path.ends_with('/') || has_ending(last)) || found.len() >= CANDIDATES_MAX
        {
            continue;
        }
        let span = Span { offset: offset + start, len: target.len() };
        found.push(Candidate { span, what: What::Path(path.to_string()), claim: Claim::Use });
    }
}
