//! A spec's documents, or the list of specs. Is told where specs lie; understands no document.
#![expect(clippy::disallowed_methods, reason = "the folders of specs are read here")]

use std::path::Path;

use crate::file;
use crate::gather::{Ground, SpecPlace};
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

pub(crate) fn piece(ground: &Ground<'_>, specs: &[SpecPlace], mention: &Mention) -> Piece {
    let title = mention.shown();
    let told = match mention.argument.as_deref() {
        None => list(ground, specs),
        Some(name) => one(ground, specs, name.trim_end_matches('/')),
    };
    match told {
        Ok((text, cut)) => Piece::new(Kind::Spec, title, &text).with_cut(cut),
        Err(why) => Piece::left_out(Kind::Spec, title, why),
    }
}

type Told = Result<(String, Option<String>), String>;

/// Why nothing is told where there is no spec at all.
const NONE: &str = "there are no specs; `waypost spec new` makes one";

fn list(ground: &Ground<'_>, specs: &[SpecPlace]) -> Told {
    let (mut text, mut closed, mut cut) = (String::new(), Err(NONE.to_string()), Vec::new());
    let mut count = 0;
    for spec in specs.iter().take(SPECS_MAX) {
        match (ground.may_read)(&spec.path) {
            Ok(()) => text.push_str(&format!("{}: {}\n", spec.name, names_of(&spec.path).join(", "))),
            Err(why) => {
                closed = Err(why);
                count += 1;
            }
        }
    }
    if text.is_empty() {
        return closed;
    }
    if count > 0 {
        cut.push(format!("{count} closed by rules or lists"));
    }
    if specs.len() > SPECS_MAX {
        cut.push(format!("{} more specs", specs.len() - SPECS_MAX));
    }
    Ok((text, (!cut.is_empty()).then(|| cut.join("; "))))
}

fn one(ground: &Ground<'_>, specs: &[SpecPlace], name: &str) -> Told {
    let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
        return Err(match specs.is_empty() {
            true => NONE.to_string(),
            false => format!(
                "there is no such spec; there are {}",
                specs.iter().take(20).map(|spec| spec.name.as_str()).collect::<Vec<_>>().join(", ")
            ),
        });
    };
    let documents = match spec.path.is_dir() {
        true => names_of(&spec.path).into_iter().map(|document| spec.path.join(document)).collect(),
        false => vec![spec.path.clone()],
    };
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
