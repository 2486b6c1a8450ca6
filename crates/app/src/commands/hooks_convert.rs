//! `waypost hooks convert`: older hooks as v1 files. Shows them; with `--write` puts them beside the old files. Removes and
//! changes nothing that is there.
#![expect(clippy::disallowed_methods, reason = "looks whether the new files are there already")]

use std::path::{Path, PathBuf};

use hooks::{Converted, Format};

use crate::cli::HooksConvert;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::hook_reports::{HookFileRow, HookLoss, HooksConverted};
use crate::hooks_here::{self, Loaded};
use crate::term::{Style, Term, one_line, sanitise};
use crate::workspace::{Workspace, write_whole};
use crate::world::World;

/// Converts.
pub(crate) fn run(world: &World, screen: &Screen, flags: &HooksConvert) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let loaded = hooks_here::as_written(world, &workspace)?;
    let converted = hooks::convert(&chosen(&loaded, &flags.names)?);
    let mut report = report(converted);
    let mut is_whole = true;
    if flags.write {
        for row in &mut report.files {
            let path = on_disk(world, &workspace, &row.path)?;
            row.state = put(&path, row)?.to_string();
            is_whole &= row.state != "exists";
        }
    }
    screen.document(&report, |report| words(&screen.term, report, flags.write));
    Ok(if is_whole { Exit::Done } else { Exit::Failed })
}

/// The hooks that the names mean: a hook or a file; all that are not v1 without a name.
fn chosen(loaded: &Loaded, names: &[String]) -> Outcome<Vec<hooks::Hook>> {
    if names.is_empty() {
        return Ok(loaded.all());
    }
    let mut chosen = Vec::new();
    for name in names {
        let file = name.trim_start_matches("./");
        let of_file: Vec<_> = loaded.hooks.iter().filter(|here| here.hook.source.file == file).collect();
        let meant = match of_file.is_empty() {
            true => vec![loaded.named(name)?],
            false => of_file,
        };
        for here in meant {
            if here.hook.format == Format::V1 {
                return Err(Error::usage(format!("`{name}` is v1 already"))
                    .hint("`waypost hooks list` says which hooks have another format"));
            }
            if !chosen.iter().any(|hook: &hooks::Hook| hook.id == here.hook.id) {
                chosen.push(here.hook.clone());
            }
        }
    }
    Ok(chosen)
}

fn report(converted: Converted) -> HooksConverted {
    let file = |file: hooks::NewFile| HookFileRow {
        path: file.path,
        state: "shown".to_string(),
        hooks: file.hooks.iter().map(ToString::to_string).collect(),
        text: file.text,
    };
    HooksConverted {
        files: converted.files.into_iter().map(file).collect(),
        losses: converted
            .losses
            .into_iter()
            .map(|loss| HookLoss { hook: loss.hook.to_string(), what: loss.what })
            .collect(),
    }
}

/// Where a new file lies.
///
/// # Errors
/// When a folder on the way is a link: what lies behind it is somebody else's.
fn on_disk(world: &World, workspace: &Workspace, name: &str) -> Outcome<PathBuf> {
    let (base, below) = match name.strip_prefix("~/") {
        Some(below) => (world.home.as_path(), below),
        None => (workspace.root.as_path(), name),
    };
    let mut path = base.to_path_buf();
    for part in Path::new(below).components() {
        let std::path::Component::Normal(part) = part else {
            return Err(Error::failed(format!("`{name}` is no place for a hook")));
        };
        path.push(part);
        if path.is_symlink() {
            return Err(Error::failed(format!("`{}` is a link; nothing is written there", path.display()))
                .hint("replace it by a plain folder or file"));
        }
    }
    Ok(path)
}

fn put(path: &Path, row: &HookFileRow) -> Outcome<&'static str> {
    match std::fs::read(path) {
        Ok(bytes) if bytes == row.text.as_bytes() => Ok("written"),
        Ok(_) => Ok("exists"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            write_whole(path, row.text.as_bytes())?;
            Ok("written")
        }
        Err(error) => Err(Error::failed(format!("`{}` cannot be read: {error}", path.display()))),
    }
}

fn words(term: &Term, report: &HooksConverted, write: bool) -> String {
    if report.files.is_empty() {
        return "every hook here is v1; there is nothing to convert".to_string();
    }
    let mut lines = Vec::new();
    for row in &report.files {
        let state = match row.state.as_str() {
            "written" => "written".to_string(),
            "exists" => "not written: something else is there; move it away and try again".to_string(),
            _ => "would be written with --write".to_string(),
        };
        lines.push(format!("{}  {state}", term.style(Style::Bold, &one_line(&row.path))));
        lines.push(term.style(Style::Dim, &one_line(&format!("    for {}", row.hooks.join(", ")))));
        if !write {
            lines.extend(row.text.lines().map(|line| format!("    {}", sanitise(line))));
        }
    }
    if !report.losses.is_empty() {
        lines.push(format!("\n{}", term.style(Style::Yellow, "What is not the same:")));
        lines.extend(report.losses.iter().map(|loss| one_line(&format!("  {}: {}", loss.hook, loss.what))));
    }
    if write {
        lines.push("\nthe old files are as they were; as long as both are there, both run".to_string());
        lines.push("next: remove or switch off the old ones, then: waypost trust".to_string());
    }
    lines.join("\n")
}
