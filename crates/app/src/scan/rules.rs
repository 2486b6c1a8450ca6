//! The rules of a scan: those built in, the person's, the repository's, and those named on the command line. A file that is
//! broken stops the scan; what has no effect is said. What a rule means is in the crate `secrets`.
#![expect(clippy::disallowed_methods, reason = "rule files are read here")]

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use secrets::{Diagnostic, Lines, Rules, Scanner};

use crate::error::{Error, Outcome};
use crate::world::World;

/// The file of a repository, the one that gitleaks reads.
const REPOSITORY_FILE: &str = ".gitleaks.toml";
/// The file of the person, below the settings.
const PERSON_FILE: &str = "secrets.toml";
/// Files that one file may draw in, with those that they draw in.
const FILES_MAX: usize = 16;
/// Bytes of a rule file that are read; the crate refuses one that is longer than four megabytes.
const BYTES_MAX: u64 = (4 << 20) + 1;

/// The rules in force.
pub(crate) struct Loaded {
    /// Ready to run.
    pub(crate) scanner: Scanner,
    /// What a person should know about the files.
    pub(crate) notes: Vec<String>,
}

/// Reads all rule files. `root` is the workspace, `extra` what `--rules` names.
///
/// # Errors
/// The first thing that makes a rule or a file void, with its line.
pub(crate) fn load(world: &World, root: &Path, extra: &[PathBuf]) -> Outcome<Loaded> {
    let mut notes = Vec::new();
    let mut rules = Rules::builtin();
    let person = world.config.join(PERSON_FILE);
    if person.exists() {
        rules = with(rules, &person, None, &mut notes)?;
    }
    let repository = root.join(REPOSITORY_FILE);
    if repository.exists() {
        rules = with(rules, &repository, Some(root), &mut notes)?;
    }
    for path in extra {
        rules = with(rules, &world.directory.join(path), None, &mut notes)?;
    }
    Ok(Loaded { scanner: Scanner::new(rules), notes })
}

/// The rules joined with those of a file and of the files that it names. `inside` is set for a file that a repository brings:
/// it stays in that folder and takes no rule away.
fn with(mut rules: Rules, path: &Path, inside: Option<&Path>, notes: &mut Vec<String>) -> Outcome<Rules> {
    let mut read = Vec::new();
    let mut waiting = VecDeque::from([path.to_path_buf()]);
    let mut seen = Vec::new();
    while let Some(path) = waiting.pop_front() {
        let real = path.canonicalize().map_err(|error| unreadable(&path, error))?;
        if seen.contains(&real) {
            continue;
        }
        if inside.is_some_and(|folder| !folder.canonicalize().is_ok_and(|folder| real.starts_with(folder))) {
            return Err(Error::usage(format!("`{}` lies outside of the repository", path.display()))
                .hint("a repository's rules are its own; name the file with --rules"));
        }
        if seen.len() >= FILES_MAX {
            return Err(Error::usage(format!(
                "`{}`: more than {FILES_MAX} files are drawn in",
                path.display()
            ))
            .hint("join some of them"));
        }
        seen.push(real);
        let (found, extends) = file(&path, notes)?;
        read.push((path.clone(), found));
        let folder = path.parent().unwrap_or(Path::new("."));
        waiting.extend(extends.iter().map(|name| folder.join(name)));
    }
    // What draws in another file stands above it.
    for (path, found) in read.into_iter().rev() {
        if inside.is_some() {
            let (joined, passed_over) = rules.with_repository(found);
            rules = joined;
            notes.extend(passed_over.into_iter().map(|words| format!("`{}`: {words}", path.display())));
        } else {
            rules = rules.with(found);
        }
    }
    Ok(rules)
}

fn file(path: &Path, notes: &mut Vec<String>) -> Outcome<(Rules, Vec<String>)> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).and_then(|file| match file.metadata()?.is_file() {
        true => file.take(BYTES_MAX).read_to_end(&mut bytes),
        false => Err(std::io::Error::other("is no regular file")),
    });
    opened.map_err(|error| unreadable(path, error))?;
    let lines = Lines::new(&bytes);
    let at = |offset: usize| {
        let place = lines.place(offset.min(bytes.len()));
        format!("`{}` line {}, column {}", path.display(), place.line, place.column)
    };
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        Error::usage(format!("{}: is no UTF-8", at(error.valid_up_to())))
            .hint("save the file as UTF-8; nothing was scanned")
    })?;
    let found = Rules::read(text);
    let words = |diagnostic: &Diagnostic| {
        let rule = diagnostic.rule.as_ref().filter(|rule| !rule.is_empty());
        let rule = rule.map(|rule| format!("rule `{rule}`: ")).unwrap_or_default();
        format!("{}: {rule}{}", at(diagnostic.span.start), diagnostic.message)
    };
    if let Some(void) = found.diagnostics.iter().find(|diagnostic| diagnostic.void) {
        return Err(Error::usage(words(void)).hint(void.hint).hint("nothing was scanned"));
    }
    notes.extend(found.diagnostics.iter().map(|odd| format!("{}; {}", words(odd), odd.hint)));
    Ok((found.rules, found.extends))
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::usage(format!("the rules `{}` cannot be read: {error}", path.display()))
        .hint("name a rule file in the format of gitleaks; nothing was scanned")
}
