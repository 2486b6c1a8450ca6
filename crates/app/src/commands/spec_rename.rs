//! `waypost spec rename`: another name for a spec, with everything that names it. Which bytes change is decided in `spec`.
#![expect(clippy::disallowed_methods, reason = "it is looked whether the new name is taken")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use index::settings::{FILE as SETTINGS_FILE, RATCHET_FILE};
use index::{Listing, SpecPlace};
use lint::Finding;
use lint::ratchet::{Entry as Known, Ratchet, fingerprints};
use plan::{Reading, Shape};
use spec::refactor::{RefactorError, Set};

use crate::changes::{self, Changes, FileChange, Move};
use crate::cli::SpecRename;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::specs::renamed;
use crate::workspace::Workspace;
use crate::world::World;

/// Folders of `.kiro` whose files may name a spec, beside the specs themselves.
const KIRO_FOLDERS: [&str; 3] = [".kiro/steering", ".kiro/hooks", ".kiro/agents"];
/// Files of such a folder that are read.
const KIRO_FILES_MAX: usize = 1_000;
/// Endings of files that are no sources and may still name a spec by its path.
const TEXTS: [&str; 8] = ["md", "mdx", "txt", "rst", "adoc", "json", "toml", "kiro"];

/// Renames.
pub(crate) fn run(world: &World, screen: &Screen, flags: &SpecRename) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(Some(&flags.old))?;
    let new = flags.new.trim_end_matches('/').trim_end_matches(".md");
    let target = target(&workspace, &place, new)?;
    let reading = Reading::of(place.documents()?);
    let documents: Vec<(String, &[u8])> = reading.texts().collect();
    let others = naming(&workspace, &place);
    let sources: Vec<(String, &[u8])> =
        others.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect();
    let set = Set {
        name: place.short_name(),
        documents: &documents,
        sources: &sources,
        sources_belong: workspace.specs().len() == 1,
    };
    let made = set.rename_spec(new).map_err(|error| match error {
        RefactorError::EmptyWords => Error::usage(format!("`{new}` cannot name a spec"))
            .hint("use letters, digits, `-`, `_` and `.`, for example rate-limit"),
        other => Error::usage(other),
    })?;
    let mut files = Vec::new();
    let own = documents.iter().map(|(file, bytes)| (place.file(file), file, *bytes));
    let rest = sources.iter().map(|(file, bytes)| (workspace.root.join(file), file, *bytes));
    for (path, file, bytes) in own.chain(rest) {
        let after = made.apply(file, bytes).map_err(Error::failed)?;
        files.push(FileChange { path, before: Some(bytes.to_vec()), after });
    }
    let successor = SpecPlace { name: target.name.clone(), path: target.path.clone(), ..place.clone() };
    files.extend(ratchet(&workspace, &place, &successor)?);
    let mut notes = made.notes;
    notes.extend(settings_note(&workspace, &place));
    let (old_record, new_record) = (place.record_name(), successor.record_name());
    let changes = Changes {
        what: renamed(&old_record, &new_record),
        why: None,
        files,
        moved: Some(Move { from: place.path.clone(), to: target.path, record: new_record }),
        notes,
    };
    changes::carry_out(world, screen, &workspace, &place, changes, flags.dry_run)?;
    Ok(Exit::Done)
}

/// The new address and the new path.
struct Target {
    name: String,
    path: PathBuf,
}

fn target(workspace: &Workspace, place: &SpecPlace, new: &str) -> Outcome<Target> {
    let taken = |what: &str| {
        Error::usage(format!("{what} exists already")).hint("choose another name; nothing was changed")
    };
    if new == place.short_name() {
        return Err(Error::usage(format!("the spec is called `{new}` already")));
    }
    let is_odd = new.is_empty() || new.starts_with('.') || new.contains(['/', '\\', ':']);
    if is_odd || new.eq_ignore_ascii_case("readme") {
        return Err(Error::usage(format!("`{new}` cannot name a spec"))
            .hint("use letters, digits, `-`, `_` and `.`, for example rate-limit"));
    }
    let stem = place.name.strip_suffix(place.short_name()).unwrap_or_default();
    let name = format!("{stem}{new}");
    let folder = place.path.parent().unwrap_or(&workspace.root);
    for path in [folder.join(new), folder.join(format!("{new}.md"))] {
        // On some disks `Login` and `login` are one folder; giving it other letters is no clash.
        let is_itself = same_file(&path, &place.path);
        if path.symlink_metadata().is_ok() && !is_itself {
            return Err(taken(&format!("`{}`", workspace.shown(&path))));
        }
    }
    if workspace.specs().iter().any(|other| other.name == name && other.path != place.path) {
        return Err(taken(&format!("the spec `{name}`")));
    }
    let path = match place.shape {
        Shape::Folder => folder.join(new),
        Shape::Single => folder.join(format!("{new}.md")),
    };
    Ok(Target { name, path })
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Every other file that may name the spec, by its path from the root: sources, texts, other specs, steering.
fn naming(workspace: &Workspace, place: &SpecPlace) -> BTreeMap<String, Vec<u8>> {
    let root = &workspace.root;
    let mut paths: Vec<String> = Listing::read(root).files;
    paths.retain(|path| {
        let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        index::tags::is_source(path) || ending.is_some_and(|ending| TEXTS.contains(&ending.as_str()))
    });
    for other in workspace.specs().iter().filter(|other| other.path != place.path) {
        for document in ["requirements.md", "bugfix.md", "design.md", "tasks.md"] {
            paths.push(workspace.shown(&other.file(document)));
        }
    }
    for folder in KIRO_FOLDERS {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        let files = entries.take(KIRO_FILES_MAX).map(|entry| workspace.shown(&entry.path()));
        paths.extend(files);
    }
    let name = place.short_name().as_bytes();
    let mut found = BTreeMap::new();
    for path in paths {
        if !found.contains_key(&path)
            && let Some(bytes) = index::sources::read(root, &path)
            && bytes.windows(name.len().max(1)).any(|window| window == name)
        {
            found.insert(path, bytes);
        }
    }
    found
}

/// The list of known findings with the spec's new name: what was known stays known.
fn ratchet(workspace: &Workspace, place: &SpecPlace, successor: &SpecPlace) -> Outcome<Option<FileChange>> {
    let path = workspace.root.join(RATCHET_FILE);
    let Some(bytes) = index::place::read(&path)? else { return Ok(None) };
    let Ok(list) = Ratchet::parse(&String::from_utf8_lossy(&bytes)) else { return Ok(None) };
    let settings = index::settings::settings(&workspace.root)?;
    let checked = index::findings::check(&workspace.root, &workspace.specs(), &settings)?;
    let of_it = checked.findings.iter().filter(|finding| finding.place.spec == place.name);
    let before: Vec<Finding> = of_it.cloned().collect();
    let after: Vec<Finding> = before
        .iter()
        .map(|finding| {
            let mut finding = finding.clone();
            finding.place.spec.clone_from(&successor.name);
            finding
        })
        .collect();
    let documents = checked.documents.get(&place.name);
    let old = fingerprints(&before, |_| documents);
    let new: BTreeMap<String, String> = old.into_iter().zip(fingerprints(&after, |_| documents)).collect();
    let entries = list.entries.into_iter().map(|entry| match new.get(&entry.fingerprint) {
        Some(print) if entry.spec == place.name => {
            Known { spec: successor.name.clone(), fingerprint: print.clone(), ..entry }
        }
        _ => entry,
    });
    let mut entries: Vec<Known> = entries.collect();
    entries.sort_unstable();
    let after = Ratchet { entries }.print().into_bytes();
    Ok(Some(FileChange { path, before: Some(bytes), after }))
}

/// Settings are written by hand, so they are changed by hand.
fn settings_note(workspace: &Workspace, place: &SpecPlace) -> Option<String> {
    let bytes = index::place::read(&workspace.root.join(SETTINGS_FILE)).ok().flatten()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let names =
        text.contains(&format!("\"{}", place.name)) || text.contains(&format!("\"{}", place.short_name()));
    names.then(|| format!("`{SETTINGS_FILE}` may name the spec; change it by hand"))
}
