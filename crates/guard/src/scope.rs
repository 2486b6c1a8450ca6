//! What grants leave writable in a workspace, as paths for a profile: looked up now, for one command. What a grant means is
//! `policy`'s.
#![expect(
    clippy::disallowed_methods,
    reason = "looks at what lies in the workspace, and makes a file that a person named"
)]

use std::collections::{BTreeSet, HashMap};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use policy::{Access, Capability, Class, Judged, Permit, Place, Target, Touch, WriteLimits};

use crate::walk::{self, ENTRIES_MAX, TooMany};

/// The most paths that are opened one by one. What is beyond them stays closed, and that is said.
const OPENED_MAX: usize = 1_000;

/// Programs that remove or replace what they name and write nothing else, although what they do always asks.
const REMOVERS: [&str; 8] = ["cp", "dd", "mv", "rm", "rmdir", "shred", "truncate", "unlink"];

/// What one command may write in the workspace.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Folders with all that is in them, and single files.
    pub(crate) writable: Vec<PathBuf>,
    /// Whose grants hold it, for a person.
    pub(crate) names: Vec<String>,
    /// Whether there was more to open than is opened.
    pub(crate) is_cut: bool,
    /// Files that were made for the command, as a person let it.
    pub(crate) made: Vec<Made>,
}

/// The scope of a permit; `None` where no grant limits what it writes.
pub(crate) fn of(permit: &Permit, root: &Path) -> Result<Option<Scope>, TooMany> {
    let line = permit.requests().iter().find_map(|request| match &request.target {
        Target::Command(line) if request.capability == Capability::Shell => Some(line.as_str()),
        _ => None,
    });
    let limits = permit.holding().write_limits(line);
    if limits.is_empty() {
        return Ok(None);
    }
    let mut scope = Scope { names: limits.names().map(str::to_string).collect(), ..Scope::default() };
    let mut opened = BTreeSet::new();
    scope.is_cut = granted(root, &limits, &mut opened)?;
    scope.name(permit, line, root, &mut opened);
    scope.writable = opened.into_iter().collect();
    Ok(Some(scope))
}

/// Adds what the grants allow. Says whether it was more than is opened.
fn granted(root: &Path, limits: &WriteLimits, opened: &mut BTreeSet<PathBuf>) -> Result<bool, TooMany> {
    let (mut waiting, mut count, mut is_cut) = (vec![root.to_path_buf()], 0, false);
    while let Some(folder) = waiting.pop() {
        let place = Place::new(root, &folder);
        if limits.allow_all_below(&place) {
            is_cut |= opened.len() >= OPENED_MAX;
            if opened.len() < OPENED_MAX {
                opened.insert(folder);
            }
            continue;
        }
        if !limits.may_allow_below(&place) {
            continue;
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            count += 1;
            if count > ENTRIES_MAX {
                return Err(TooMany);
            }
            // A link leads to something that has a path of its own.
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && entry.file_name() != ".git" {
                waiting.push(entry.path());
            } else if kind.is_file() && limits.allow(&Place::new(root, &entry.path())) {
                is_cut |= opened.len() >= OPENED_MAX;
                if opened.len() < OPENED_MAX {
                    opened.insert(entry.path());
                }
            }
        }
    }
    Ok(is_cut)
}

/// Files in these places that have another name in the workspace which lies in none of them: written by the one name, they
/// would be written by the other.
pub(crate) fn names_beyond(root: &Path, writable: &[PathBuf]) -> Result<Vec<PathBuf>, TooMany> {
    // The whole workspace has no beyond.
    if writable.iter().any(|path| path == root) {
        return Ok(Vec::new());
    }
    let mut several: HashMap<(u64, u64), (u64, Vec<PathBuf>)> = HashMap::new();
    let mut count = 0;
    for place in writable.iter().filter(|place| place.starts_with(root)) {
        for entry in listing::everything(place).build().flatten() {
            count += 1;
            if count > ENTRIES_MAX {
                return Err(TooMany);
            }
            let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
            if is_file
                && let Ok(file) = entry.metadata()
                && file.nlink() > 1
            {
                let known = several.entry((file.dev(), file.ino())).or_insert((file.nlink(), Vec::new()));
                known.1.push(entry.path().to_path_buf());
            }
        }
    }
    several.retain(|_, (names, here)| {
        here.sort();
        here.dedup();
        *names > here.len() as u64
    });
    if several.is_empty() {
        return Ok(Vec::new());
    }
    let inodes = several.keys().copied().collect();
    let elsewhere = walk::names_of(root, &inodes, &|path| !writable.iter().any(|one| path.starts_with(one)))?;
    Ok(several
        .into_iter()
        .filter(|(file, _)| elsewhere.contains(file))
        .flat_map(|(_, (_, here))| here)
        .collect())
}

impl Scope {
    /// Adds what the line names and a person let, beyond the grants.
    fn name(&mut self, permit: &Permit, line: Option<&str>, root: &Path, opened: &mut BTreeSet<PathBuf>) {
        for request in permit.requests() {
            if let (Capability::FsWrite, Target::Path(place)) = (request.capability, &request.target)
                && place.relative().is_some()
            {
                opened.insert(place.absolute().to_path_buf());
            }
        }
        let Some(Ok(commands)) = line.map(policy::judge) else { return };
        // Only where the words tell all that is written may a folder be opened because something in it is named.
        let is_followed = commands.iter().all(is_followed);
        for command in &commands {
            for touch in command.touches.iter().filter(|touch| touch.access != Access::Read) {
                for path in touch.candidates() {
                    if opened.len() < OPENED_MAX
                        && let Some(path) = within(root, &path)
                    {
                        self.open(&path, touch, is_followed, opened);
                    }
                }
            }
        }
    }

    fn open(&mut self, path: &Path, touch: &Touch, is_followed: bool, opened: &mut BTreeSet<PathBuf>) {
        let found = path.symlink_metadata();
        let is_link = found.as_ref().is_ok_and(|file| file.is_symlink());
        let is_there = found.is_ok() && !is_link;
        if is_there && (touch.by_shell || !is_followed) {
            opened.insert(path.to_path_buf());
        } else if is_followed {
            // To make, remove or replace something is to write in the folder around it.
            let above = path.ancestors().skip(1).find(|above| above.is_dir());
            opened.extend(above.map(Path::to_path_buf));
        } else if touch.by_shell && !is_link {
            // The shell makes it anyway, before or beside programs that shall not make anything else there.
            if let Some(made) = Made::new(path) {
                opened.insert(path.to_path_buf());
                self.made.push(made);
            }
        }
    }
}

/// Whether its words tell all that it writes.
fn is_followed(command: &Judged) -> bool {
    let program = command.words.first().map(|word| word.rsplit('/').next().unwrap_or(word));
    match command.class {
        Class::ReadOnly | Class::Writes => true,
        Class::Destructive(_) => {
            !command.touches.is_empty() && program.is_some_and(|program| REMOVERS.contains(&program))
        }
        _ => false,
    }
}

/// Where a path of a line lies in the workspace, when no link is on the way to it: what a link leads to is in the permit.
fn within(root: &Path, path: &str) -> Option<PathBuf> {
    let mut plain = root.to_path_buf();
    for part in Path::new(path).components() {
        match part {
            Component::RootDir => plain = PathBuf::from("/"),
            Component::Normal(name) => plain.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    let there = plain.ancestors().skip(1).find(|above| above.symlink_metadata().is_ok())?;
    let is_direct = there.canonicalize().is_ok_and(|real| real == there);
    // The workspace itself is named by a command about all of it.
    let is_inside = plain.starts_with(root);
    (is_direct && is_inside).then_some(plain)
}

/// A file that was made before a command, which goes afterwards unless something opened it to write.
#[derive(Debug)]
pub(crate) struct Made {
    path: PathBuf,
    changed: Option<SystemTime>,
}

impl Made {
    fn new(path: &Path) -> Option<Made> {
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o666).open(path).ok()?;
        let changed = file.metadata().and_then(|file| file.modified()).ok();
        Some(Made { path: path.to_path_buf(), changed })
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let untouched = self.path.symlink_metadata().is_ok_and(|file| {
            file.is_file()
                && file.len() == 0
                && self.changed.is_some()
                && file.modified().ok() == self.changed
        });
        if untouched {
            let _gone = std::fs::remove_file(&self.path);
        }
    }
}
