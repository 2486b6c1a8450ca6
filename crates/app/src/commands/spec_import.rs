//! `waypost spec import`, `spec export` and `spec facts`: the specs of other tools in and out, each with a report of what
//! did not fit; and a proposal of facts to declare.
#![expect(clippy::disallowed_methods, reason = "the files of another tool's spec are read here")]

use std::path::{Path, PathBuf};

use exchange::specs::{self, File, Kind, Loss};
use index::SpecPlace;
use plan::{Reading, Shape};

use crate::changes::{self, Changes, FileChange};
use crate::cli::{ForeignKind, SpecExport, SpecImport, SpecName};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::term::Style;
use crate::workspace::Workspace;
use crate::world::World;

/// Files of one foreign spec that are read.
const FILES_MAX: usize = 500;
/// How deep they may lie.
const DEPTH_MAX: usize = 6;
/// Losses told one by one.
const LOSSES_SHOWN_MAX: usize = 40;

/// Imports.
pub(crate) fn import(world: &World, screen: &Screen, flags: &SpecImport) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let source = world.directory.join(&flags.path);
    let files = files(&source)?;
    if files.is_empty() {
        return Err(Error::usage(format!("there is nothing to import in `{}`", flags.path.display())));
    }
    let kind = match flags.from {
        Some(kind) => kind_of(kind),
        None => specs::detect(&files).ok_or_else(|| {
            Error::usage(format!("`{}` is not recognised as a spec of another tool", flags.path.display()))
                .hint("say what it is: --from spec-kit, openspec, cc-sdd or gherkin")
        })?,
    };
    let own = source.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = flags.name.clone().unwrap_or_else(|| kebab(&own));
    let package = workspace.package();
    let base = workspace.root.join(package).join(".kiro/specs").join(&name);
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(
            Error::usage(format!("`{name}` cannot name a spec")).hint("give it one: --name rate-limit")
        );
    }
    if base.exists() && kind != Kind::CcSdd {
        return Err(Error::usage(format!("the spec `{name}` exists already"))
            .hint("choose another name: --name NAME"));
    }
    let came = specs::import(kind, &name, &files);
    let place = SpecPlace {
        name: if package.is_empty() { name.clone() } else { format!("{package}:{name}") },
        shape: Shape::Folder,
        path: base.clone(),
        package: package.to_string(),
        is_archived: false,
    };
    let documents = &came.documents;
    let parts = [
        ("requirements.md", &documents.requirements),
        ("bugfix.md", &documents.bugfix),
        ("design.md", &documents.design),
        ("tasks.md", &documents.tasks),
    ];
    let mut new: Vec<FileChange> = Vec::new();
    for (file, bytes) in parts {
        if let Some(bytes) = bytes {
            let path = base.join(file);
            new.push(FileChange { before: index::place::read(&path)?, path, after: bytes.clone() });
        }
    }
    for (file, bytes) in &came.beside {
        let path = base.join(file);
        new.push(FileChange { before: index::place::read(&path)?, path, after: bytes.clone() });
    }
    if !flags.dry_run {
        std::fs::create_dir_all(&base)
            .map_err(|error| Error::failed(format!("`{}` cannot be made: {error}", base.display())))?;
    }
    let what = format!("import {} from {}", flags.path.display(), kind.name());
    let changes = Changes { what, why: None, files: new, moved: None, notes: losses(&came.losses) };
    changes::carry_out(world, screen, &workspace, &place, changes, flags.dry_run)?;
    screen.progress(Style::Dim, &format!("next: waypost spec lint {}", place.name));
    Ok(Exit::Done)
}

/// Exports.
pub(crate) fn export(world: &World, screen: &Screen, flags: &SpecExport) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(flags.name.as_deref())?;
    let came = specs::export(kind_of(flags.to), &place.documents()?);
    let base = flags.into.as_ref().map_or(workspace.root.clone(), |path| world.directory.join(path));
    if !flags.dry_run {
        std::fs::create_dir_all(&base)
            .map_err(|error| Error::failed(format!("`{}` cannot be made: {error}", base.display())))?;
    }
    let mut files = Vec::new();
    for (path, bytes) in &came.files {
        let path = base.join(path);
        let before = index::place::read(&path)?;
        if before.as_ref().is_some_and(|before| before != bytes) && !flags.force {
            return Err(Error::usage(format!("`{}` exists already", path.display()))
                .hint("write elsewhere with --into DIR, or replace it with --force"));
        }
        files.push(FileChange { path, before, after: bytes.clone() });
    }
    let what = format!("export to {}", kind_of(flags.to).name());
    // The person names where it goes, also outside the workspace.
    let outside = !base.canonicalize().unwrap_or(base).starts_with(&workspace.root);
    let changes = Changes { what, why: None, files, moved: None, notes: losses(&came.losses) };
    match outside && !flags.dry_run {
        true => {
            for file in &changes.files {
                crate::workspace::write_whole(&file.path, &file.after)?;
                screen.progress(Style::Green, &format!("wrote {}", file.path.display()));
            }
            for note in &changes.notes {
                screen.progress(Style::Yellow, &format!("note: {note}"));
            }
        }
        false => changes::carry_out(world, screen, &workspace, &place, changes, flags.dry_run)?,
    }
    Ok(Exit::Done)
}

/// Proposes a block of facts.
pub(crate) fn facts(world: &World, screen: &Screen, flags: &SpecName) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(flags.name.as_deref())?;
    let proposed = lint::facts::suggest(&Reading::of(place.documents()?));
    screen.document(&proposed, |proposed| match proposed.is_empty() {
        true => "nothing in this spec looks like an enum, a state, a bound or an opposite".to_string(),
        false => format!(
            "{proposed}\nPut the lines that are true into requirements.md and take `suggested:` away; then: waypost spec lint {}",
            place.name
        ),
    });
    Ok(Exit::Done)
}

fn kind_of(kind: ForeignKind) -> Kind {
    match kind {
        ForeignKind::SpecKit => Kind::SpecKit,
        ForeignKind::Openspec => Kind::OpenSpec,
        ForeignKind::CcSdd => Kind::CcSdd,
        ForeignKind::Gherkin => Kind::Gherkin,
    }
}

fn losses(losses: &[Loss]) -> Vec<String> {
    let mut notes: Vec<String> = losses
        .iter()
        .take(LOSSES_SHOWN_MAX)
        .map(|loss| {
            let place = if loss.lines == (0, 0) {
                loss.file.clone()
            } else {
                format!("{}:{}", loss.file, loss.lines.0)
            };
            let kept = loss.kept_as.as_deref().map(|kept| format!("; kept as {kept}")).unwrap_or_default();
            format!("{place}: {}: {}{kept}", loss.what, loss.why)
        })
        .collect();
    if losses.len() > LOSSES_SHOWN_MAX {
        notes.push(format!("{} more losses", losses.len() - LOSSES_SHOWN_MAX));
    }
    if losses.is_empty() {
        notes.push("nothing was lost".to_string());
    }
    notes
}

/// A file, or the files of a folder, named from that folder.
fn files(source: &Path) -> Outcome<Vec<File>> {
    if source.is_file() {
        let name = source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return Ok(index::place::read(source)?.map(|bytes| (name, bytes)).into_iter().collect());
    }
    let mut found = Vec::new();
    collect(source, source, 0, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(base: &Path, folder: &Path, depth: usize, found: &mut Vec<File>) -> Outcome<()> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Error::usage(format!("`{}` cannot be read: {error}", folder.display())))?;
    for entry in entries.flatten() {
        let (path, kind): (PathBuf, _) = (entry.path(), entry.file_type());
        let Ok(kind) = kind else { continue };
        if kind.is_dir() && depth < DEPTH_MAX && entry.file_name() != ".git" {
            collect(base, &path, depth + 1, found)?;
        } else if kind.is_file() && found.len() < FILES_MAX {
            let name = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.extend(index::place::read(&path)?.map(|bytes| (name, bytes)));
        }
    }
    Ok(())
}

/// A folder's name as a spec's: `001-Rate Limit` is `001-rate-limit`.
fn kebab(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
