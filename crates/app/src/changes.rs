//! Changes of a spec's files by a command: shown as a diff, recorded, then written. The one way for commands that edit,
//! import, repair or accept. Decides no edit.
#![expect(clippy::disallowed_methods, reason = "files that an import replaces are compared with the disk")]

use std::path::PathBuf;

use conversation::{Digest, Edited, Event, Journal};
use index::SpecPlace;
use vcs::Side;

use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::face::Screen;
use crate::house;
use crate::reports::{ChangedFile, SpecChange};
use crate::term::{Style, Term, one_line, sanitise};
use crate::workspace::{Workspace, write_whole};
use crate::world::World;

/// Lines of a diff that are shown of one file.
const DIFF_LINES_MAX: usize = 400;

/// A file that is to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileChange {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// What the edit was made for; `None` when there must be no such file.
    pub(crate) before: Option<Vec<u8>>,
    /// What it will be.
    pub(crate) after: Vec<u8>,
}

/// What a command wants to do to the files of a spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// In words, for the record: `renumber criteria`.
    pub(crate) what: String,
    /// The reason that the person gave.
    pub(crate) why: Option<String>,
    /// The files; those that stay as they are may be among them.
    pub(crate) files: Vec<FileChange>,
    /// The spec gets another place and another name.
    pub(crate) moved: Option<Move>,
    /// What a person should know: ambiguous places that were left, losses, lost ticks.
    pub(crate) notes: Vec<String>,
}

/// Another place for a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    /// The folder or file now.
    pub(crate) from: PathBuf,
    /// Where there is nothing yet.
    pub(crate) to: PathBuf,
    /// The name under which the ledger keeps its record from then on.
    pub(crate) record: String,
}

/// Shows the changes and, unless it is a dry run, records and writes them.
pub(crate) fn carry_out(
    world: &World,
    screen: &Screen,
    workspace: &Workspace,
    place: &SpecPlace,
    mut changes: Changes,
    dry_run: bool,
) -> Outcome<()> {
    changes.files.retain(|file| file.before.as_deref() != Some(file.after.as_slice()));
    check_inside(workspace, &changes)?;
    let is_change = !changes.files.is_empty() || changes.moved.is_some();
    if !dry_run && is_change {
        record_and_write(world, screen, workspace, place, &changes)?;
    }
    let shown = SpecChange {
        spec: place.name.clone(),
        what: changes.what.clone(),
        written: !dry_run && is_change,
        files: changes.files.iter().map(|file| changed_file(workspace, file)).collect(),
        moved: changes.moved.as_ref().map(|it| (workspace.shown(&it.from), workspace.shown(&it.to))),
        notes: changes.notes.clone(),
    };
    screen.document(&shown, |shown| words(&screen.term, shown, dry_run));
    Ok(())
}

fn record_and_write(
    world: &World,
    screen: &Screen,
    workspace: &Workspace,
    place: &SpecPlace,
    changes: &Changes,
) -> Outcome<()> {
    let store = house::open_store_to_write(world, workspace, &Config::read(&world.config)?)?;
    let mut journal = store.create_or_open_spec(&place.record_name())?;
    for file in &changes.files {
        let now = std::fs::read(&file.path).ok();
        if now != file.before {
            return Err(Error::failed(format!("`{}` changed meanwhile", workspace.shown(&file.path)))
                .hint("nothing was written; run the command again"));
        }
    }
    let files = changes.files.iter().map(|file| {
        let before = file.before.as_deref().map(Digest::of);
        (workspace.shown(&file.path), before, Some(Digest::of(&file.after)))
    });
    let edited = Event::Edited(Edited {
        by: screen.person().to_string(),
        what: changes.what.clone(),
        why: changes.why.clone(),
        files: files.collect(),
    });
    journal.append(&edited)?;
    journal.sync()?;
    if let Some(moved) = &changes.moved {
        // The journal of the new name says where the rest of its record is.
        let mut journal = store.create_or_open_spec(&moved.record)?;
        journal.append(&edited)?;
        journal.sync()?;
    }
    for file in &changes.files {
        write_whole(&file.path, &file.after)?;
    }
    if let Some(moved) = &changes.moved {
        let shown = workspace.shown(&moved.from);
        std::fs::rename(&moved.from, &moved.to)
            .map_err(|error| Error::failed(format!("`{shown}` cannot be moved: {error}")))?;
    }
    Ok(())
}

/// A link inside the workspace must not lead a write outside of it.
fn check_inside(workspace: &Workspace, changes: &Changes) -> Outcome<()> {
    for file in &changes.files {
        let real = file.path.ancestors().skip(1).find_map(|folder| folder.canonicalize().ok());
        let is_link = std::fs::symlink_metadata(&file.path).is_ok_and(|data| data.is_symlink());
        if is_link || !real.is_some_and(|real| real.starts_with(&workspace.root)) {
            return Err(Error::failed(format!(
                "`{}` leads outside the workspace",
                workspace.shown(&file.path)
            ))
            .hint("replace the link by the file itself; nothing was written"));
        }
    }
    Ok(())
}

fn changed_file(workspace: &Workspace, file: &FileChange) -> ChangedFile {
    let before = file.before.as_deref().unwrap_or_default();
    let compared = vcs::compare(before, &file.after);
    let mut diff = Vec::new();
    for hunk in compared.iter().flat_map(|compared| &compared.hunks) {
        diff.push(format!("@@ -{},{} +{},{} @@", hunk.old_start, hunk.old_len, hunk.new_start, hunk.new_len));
        diff.extend(hunk.lines.iter().map(|line| {
            let mark = match line.side {
                Side::Both => ' ',
                Side::Before => '-',
                Side::After => '+',
            };
            format!("{mark}{}", line.text)
        }));
    }
    let is_cut = diff.len() > DIFF_LINES_MAX;
    diff.truncate(DIFF_LINES_MAX);
    if is_cut {
        diff.push("… the rest of the diff is left out".to_string());
    }
    ChangedFile {
        path: workspace.shown(&file.path),
        is_new: file.before.is_none(),
        added: compared.as_ref().map_or(0, |compared| compared.added),
        removed: compared.as_ref().map_or(0, |compared| compared.removed),
        diff,
    }
}

fn words(term: &Term, shown: &SpecChange, dry_run: bool) -> String {
    let mut text = String::new();
    for file in &shown.files {
        let head = format!("{}  +{} -{}", one_line(&file.path), file.added, file.removed);
        text.push_str(&format!("{}\n", term.style(Style::Bold, &head)));
        for line in file.diff.iter().filter(|_| !file.is_new || dry_run) {
            let style = match line.as_bytes().first() {
                Some(b'+') => Style::Green,
                Some(b'-') => Style::Red,
                _ => Style::Dim,
            };
            text.push_str(&format!("  {}\n", term.style(style, &sanitise(line))));
        }
    }
    if let Some((from, to)) = &shown.moved {
        text.push_str(&format!("{}\n", one_line(&format!("{from} → {to}"))));
    }
    for note in &shown.notes {
        text.push_str(&format!("{} {}\n", term.style(Style::Yellow, "note:"), one_line(note)));
    }
    let end = match (shown.files.is_empty() && shown.moved.is_none(), dry_run) {
        (true, _) => "nothing to change",
        (false, true) => "nothing was written (--dry-run)",
        (false, false) => "written and recorded",
    };
    text.push_str(&term.style(Style::Dim, end));
    text
}
