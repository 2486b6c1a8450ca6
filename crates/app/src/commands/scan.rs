//! `waypost scan`: looks for credentials in files, in git's index and in commits, and installs the hook that does so before
//! each commit. The search itself is in `scan`.
#![expect(clippy::disallowed_methods, reason = "the paths that were typed are resolved here")]

use std::path::{Path, PathBuf};

use vcs::history::{History, HistoryError};

use crate::cli::{Scan, ScanFormat};
use crate::error::{Error, Outcome};
use crate::events::ItemRow;
use crate::exit::Exit;
use crate::face::Screen;
use crate::scan::{self, Baseline, Hook, Installed, Loaded, Outcomes, Removed, ScanReport};
use crate::term::{Style, Term};
use crate::workspace::{Workspace, write_whole};
use crate::world::World;

/// Scans, or sees to the hook.
pub(crate) fn run(world: &World, screen: &Screen, flags: &Scan) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    if flags.install_hook || flags.remove_hook {
        return hook(world, screen, &workspace, flags.install_hook);
    }
    let mut loaded = scan::load(world, &workspace.root, &flags.rules)?;
    let baseline =
        flags.baseline.as_ref().map(|path| Baseline::read(&world.directory.join(path))).transpose()?;
    let asked = asked(world, &workspace.root, &flags.paths);
    let (what, mut outcomes) = match &flags.history {
        Some(range) => {
            ("history", in_commits(world, screen, &workspace, &mut loaded, range.as_deref(), &asked)?)
        }
        None if flags.staged => ("staged", in_index(world, screen, &workspace, &loaded, &asked)?),
        None => {
            if let Some(path) = asked.iter().find(|path| path.symlink_metadata().is_err_and(is_missing)) {
                return Err(Error::usage(format!("`{}` is not there", path.display())).hint("check the path"));
            }
            let git = world.variable("PATH").unwrap_or_default();
            let mut tick = progress(screen, "files");
            ("files", scan::in_files(&loaded, &workspace.root, &git, &asked, &mut tick))
        }
    };
    let known = baseline.map(|baseline| baseline.take_known(&mut outcomes));
    let report = scan::report(what, &loaded, &outcomes, known);
    tell(world, screen, flags, &report)?;
    Ok(if outcomes.is_clean() { Exit::Done } else { Exit::Failed })
}

fn in_commits(
    world: &World,
    screen: &Screen,
    workspace: &Workspace,
    loaded: &mut Loaded,
    range: Option<&str>,
    asked: &[PathBuf],
) -> Outcome<Outcomes> {
    let history = History::open(&workspace.root, &world.variable("PATH").unwrap_or_default());
    let top = top(&history)?;
    if history.is_shallow() {
        loaded.notes.push(
            "older commits were never fetched, so they were not looked into; fetch them: git fetch --unshallow"
                .to_string(),
        );
    }
    screen.term.status("  asking git what the commits brought");
    let mut tick = progress(screen, "contents");
    scan::in_commits(loaded, &history, range, &below(&top, asked), &mut tick).map_err(failed)
}

fn in_index(
    world: &World,
    screen: &Screen,
    workspace: &Workspace,
    loaded: &Loaded,
    asked: &[PathBuf],
) -> Outcome<Outcomes> {
    let mut told = world.variables().clone();
    // Git names the index from the folder in which it starts the hook.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE"] {
        if let Some(value) = told.get_mut(name).filter(|value| !value.is_empty()) {
            *value = world.directory.join(&*value).to_string_lossy().into_owned();
        }
    }
    let history = History::open_as_told(&workspace.root, &world.variable("PATH").unwrap_or_default(), &told);
    let top = top(&history)?;
    let mut tick = progress(screen, "staged files");
    scan::in_index(loaded, &history, &below(&top, asked), &mut tick).map_err(failed)
}

fn top(history: &History) -> Outcome<PathBuf> {
    match (history.absence(), history.top()) {
        (Some(absence), _) => Err(Error::usage(absence.to_string().replace("there is no history: ", ""))
            .hint("without git there are files: waypost scan")),
        (None, top) => Ok(top.unwrap_or_default()),
    }
}

fn failed(error: HistoryError) -> Error {
    match &error {
        HistoryError::Git { verb, .. } if verb == "rev-list" => {
            Error::usage(error).hint("name a range such as main..HEAD, or none for everything")
        }
        _ => Error::failed(error).hint("nothing can be said about what was not looked into; try again"),
    }
}

/// The named paths, absolute: in the workspace without links but for the last part of a file's, outside of it as typed.
fn asked(world: &World, root: &Path, paths: &[PathBuf]) -> Vec<PathBuf> {
    let resolve = |path: &PathBuf| {
        let path = world.directory.join(path);
        let resolved = match (path.is_dir(), path.parent(), path.file_name()) {
            (false, Some(parent), Some(name)) => parent.canonicalize().map(|parent| parent.join(name)),
            _ => path.canonicalize(),
        };
        resolved.ok().filter(|resolved| resolved.starts_with(root)).unwrap_or(path)
    };
    paths.iter().map(resolve).collect()
}

fn is_missing(error: std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

/// Whether a path from the root of the repository lies at or below what was asked for.
fn below(top: &Path, asked: &[PathBuf]) -> impl Fn(&str) -> bool + Sync {
    let all = asked.is_empty();
    let asked: Vec<PathBuf> =
        asked.iter().filter_map(|path| path.strip_prefix(top).ok().map(Path::to_path_buf)).collect();
    move |path| all || asked.iter().any(|folder| Path::new(path).starts_with(folder))
}

fn progress<'a>(screen: &'a Screen, what: &'a str) -> impl FnMut(usize, usize) + 'a {
    move |done, all| screen.term.status(&format!("  {done} of {all} {what}"))
}

fn tell(world: &World, screen: &Screen, flags: &Scan, report: &ScanReport) -> Outcome<()> {
    for note in &report.notes {
        screen.progress(Style::Yellow, &format!("note: {note}"));
    }
    let text = match flags.format {
        ScanFormat::Text => None,
        ScanFormat::Json => Some(serde_json::to_string_pretty(report).map_err(Error::failed)?),
        ScanFormat::Sarif => Some(scan::sarif(report)),
    };
    let output = flags.output.as_ref().map(|path| world.directory.join(path));
    match (text, output) {
        (Some(text), Some(path)) => {
            write_whole(&path, format!("{}\n", text.trim_end()).as_bytes())?;
            screen.document(report, |report| scan::words(&screen.term, report));
        }
        (Some(text), None) => screen.term.line(text.trim_end()),
        (None, Some(path)) => {
            let plain = scan::words(&Term::new(false, false), report);
            write_whole(&path, format!("{plain}\n").as_bytes())?;
        }
        (None, None) => screen.document(report, |report| scan::words(&screen.term, report)),
    }
    Ok(())
}

fn hook(world: &World, screen: &Screen, workspace: &Workspace, is_wanted: bool) -> Outcome<Exit> {
    let hook = Hook::find(world, &workspace.root)?;
    let (path, kept) = (hook.path().display().to_string(), hook.kept().display().to_string());
    let detail = if is_wanted {
        match hook.install()? {
            Installed::New => "installed".to_string(),
            Installed::Chained => {
                format!("installed; the hook that was there is kept as {kept} and runs first")
            }
            Installed::Renewed => "was there, and starts this program now".to_string(),
            Installed::Already => "is installed already".to_string(),
        }
    } else {
        match hook.remove()? {
            Removed::Gone => "removed".to_string(),
            Removed::Restored => "removed; the hook that was there before is back".to_string(),
            Removed::None => "there is no hook of Waypost; nothing was changed".to_string(),
        }
    };
    let rows = vec![ItemRow { name: path, ok: true, detail }];
    screen.document(&rows, |rows| {
        let lines = rows.iter().map(|row| crate::term::one_line(&format!("{}: {}", row.name, row.detail)));
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(Exit::Done)
}
