//! A spec's documents, or the list of specs. Reads `.kiro/specs`; understands no document.
#![expect(clippy::disallowed_methods, reason = "the folder of specs is read here")]

use std::path::Path;

use crate::file;
use crate::gather::Ground;
use crate::mention::{Kind, Mention};
use crate::piece::Piece;
use crate::walk;

/// The documents of a spec in the order in which they are read, and then everything else that is Markdown.
const DOCUMENTS: [&str; 4] = ["requirements.md", "bugfix.md", "design.md", "tasks.md"];

/// The most specs that are listed.
const SPECS_MAX: usize = 200;

/// The most documents of one spec.
const DOCUMENTS_MAX: usize = 20;

/// The longest document, in bytes.
const DOCUMENT_BYTES_MAX: u64 = 1024 * 1024;

pub(crate) fn piece(ground: &Ground<'_>, mention: &Mention) -> Piece {
    let title = mention.shown();
    let all = ground.workspace.join(".kiro/specs");
    let told = match mention.argument.as_deref() {
        None => list(ground, &all),
        Some(name) => one(ground, &all, name.trim_end_matches('/')),
    };
    match told {
        Ok((text, cut)) => Piece::new(Kind::Spec, title, &text).with_cut(cut),
        Err(why) => Piece::left_out(Kind::Spec, title, why),
    }
}

type Told = Result<(String, Option<String>), String>;

fn list(ground: &Ground<'_>, all: &Path) -> Told {
    let names = names(all);
    if names.is_empty() {
        return Err("there are no specs; `waypost spec new` makes one".to_string());
    }
    (ground.may_read)(all)?;
    let cut = (names.len() > SPECS_MAX).then(|| format!("{} more specs", names.len() - SPECS_MAX));
    let mut text = String::new();
    for name in names.iter().take(SPECS_MAX) {
        let documents = names_of(&all.join(name));
        text.push_str(&format!("{name}: {}\n", documents.join(", ")));
    }
    Ok((text, cut))
}

fn one(ground: &Ground<'_>, all: &Path, name: &str) -> Told {
    let is_plain =
        !name.is_empty() && !name.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    let folder = all.join(name);
    let single = all.join(format!("{name}.md"));
    let documents = match is_plain {
        true if folder.is_dir() => {
            names_of(&folder).into_iter().map(|document| folder.join(document)).collect()
        }
        true if single.is_file() => vec![single],
        _ => Vec::new(),
    };
    if documents.is_empty() {
        let names = names(all);
        return Err(match names.is_empty() {
            true => "there are no specs; `waypost spec new` makes one".to_string(),
            false => format!(
                "there is no such spec; there are {}",
                names.into_iter().take(20).collect::<Vec<_>>().join(", ")
            ),
        });
    }
    let (mut text, mut closed) = (String::new(), Vec::new());
    for document in documents {
        let shown = walk::shown(ground.workspace, &document);
        let read = std::fs::canonicalize(&document)
            .map_err(|error| error.to_string())
            .and_then(|path| (ground.may_read)(&path).and_then(|()| file::read(&path, DOCUMENT_BYTES_MAX)));
        match read.map(|(bytes, _)| file::decode(&bytes)) {
            Ok(Some(words)) => text.push_str(&format!("--- {shown} ---\n{}\n\n", words.trim_end())),
            Ok(None) => closed.push(format!("`{shown}` is not text")),
            Err(why) => closed.push(format!("`{shown}`: {why}")),
        }
    }
    let closed = (!closed.is_empty()).then(|| closed.join("; "));
    if text.is_empty() {
        return Err(closed.unwrap_or_else(|| "its documents are empty".to_string()));
    }
    Ok((text, closed))
}

/// The names of all specs, sorted.
fn names(all: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(all) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .take(SPECS_MAX * 10)
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.path().is_dir() {
                true => (!name.starts_with('.')).then_some(name),
                false => name.strip_suffix(".md").map(str::to_string),
            }
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The documents of a spec, the known ones first.
fn names_of(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .take(DOCUMENTS_MAX * 10)
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".md"))
        .collect();
    names.sort_by_key(|name| {
        let place = DOCUMENTS.iter().position(|known| known == name);
        (place.unwrap_or(DOCUMENTS.len()), name.clone())
    });
    names.truncate(DOCUMENTS_MAX);
    names
}
