//! The steering of a workspace on disk: files gathered within bounds, read again when they change, and the board that says what
//! is in force now. Which file is in force where is the room `steering`'s to say.
#![expect(clippy::disallowed_methods, reason = "steering files are read here")]

pub(crate) mod claims;
mod reader;
pub(crate) mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ::context::{mentions, prose};
use ::steering::references::{Written, leads};
use ::steering::{Collection, Listing, Refusal, Scope, Source, Unreadable, Why};
use conversation::{Digest, Fragment, FragmentKind};

use crate::config::{Config, SteeringConfig};
use crate::error::{Error, Outcome};
use crate::repository::{self, Kind};
use crate::trust::{TrustStore, Trusted};
use crate::workspace::Workspace;
use crate::world::World;

use reader::Reader;

/// The most files that are looked at; the room takes no more either.
const FILES_MAX: usize = ::steering::collection::FILES_MAX + 1;
/// The largest steering file that is read.
const FILE_BYTES_MAX: u64 = ::steering::collection::FILE_BYTES_MAX as u64;
/// How deep steering folders may be nested.
const NESTING_MAX: usize = 8;
/// Folders above paths in play that are looked into.
const FOLDERS_MAX: usize = 2_000;
/// What the person's own folder is called.
const OWN: &str = "~/.kiro/steering";
/// How the model gets at what is on offer.
const HOW: &str = "This steering is not in force yet. When one fits the work, write its #name beside your next calls, and it is added:";
/// What the fragment is called that offers.
const OFFER: &str = "steering on demand";
/// What Waypost puts behind a person's words begins so.
const BEHIND_WORDS: [&str; 3] =
    ["\n\n<context from=", "\n\n[what follows came from outside", "\n\n<hook name="];

/// What steers a session and what was left out.
#[derive(Debug, Default)]
pub(crate) struct InForce {
    /// In order: the person's own, the team's, then from the root inwards.
    pub(crate) fragments: Vec<Fragment>,
    /// Names of files that are not trusted as they are now.
    pub(crate) untrusted: Vec<String>,
    /// What is odd about a file, for the person.
    pub(crate) problems: Vec<String>,
}

/// What is in force as a session goes on: read again when files change, widened when paths come into play.
pub(crate) struct Board {
    workspace: Workspace,
    own: PathBuf,
    team: Option<PathBuf>,
    asked: BTreeSet<Scope>,
    trusted: Trusted,
    reader: Reader,
    files: BTreeMap<String, Kept>,
    collection: Collection,
    /// Folders of the workspace whose steering is looked for, beside the root.
    folders: BTreeSet<String>,
    paths: BTreeSet<String>,
    named: BTreeSet<String>,
    /// What was handed out, by name.
    given: BTreeMap<String, Digest>,
    /// What was offered, line by line.
    offered: BTreeSet<String>,
    /// Whether packages were looked for in the whole tree.
    is_everywhere: bool,
    /// What is wrong with the settings of steering.
    fault: Option<String>,
    told: BTreeSet<String>,
}

/// A file as it was when it was read.
struct Kept {
    stamp: Option<(SystemTime, u64)>,
    source: Source,
}

impl Board {
    /// The board of a workspace; nothing is read yet.
    pub(crate) fn open(world: &World, config: &Config, workspace: &Workspace) -> Outcome<Board> {
        let trusted = TrustStore::open(&world.state)?.of(&workspace.root);
        let team = match &config.steering.team {
            Some(folder) => Some(team_folder(folder, &world.home)?),
            None => None,
        };
        let own = world.home.join(".kiro/steering");
        let fault = team_fault(&config.steering, &world.home);
        Ok(Board {
            reader: Reader::new(world, config, workspace, &own, team.as_deref())?,
            workspace: workspace.clone(),
            own,
            team,
            asked: asked(&config.steering)?,
            trusted,
            files: BTreeMap::new(),
            collection: Collection::default(),
            folders: around(&workspace.here),
            paths: BTreeSet::new(),
            named: BTreeSet::new(),
            given: BTreeMap::new(),
            offered: BTreeSet::new(),
            is_everywhere: false,
            fault,
            told: BTreeSet::new(),
        })
    }

    /// What is in force at the beginning, for these paths and names, with what is on offer.
    pub(crate) fn fragments(&mut self, paths: &[String], named: &[String]) -> Vec<Fragment> {
        self.named.extend(named.iter().cloned());
        let listing = self.listing_with(paths);
        self.hand_out(&listing)
    }

    /// What is in force at the beginning, for these paths and what these words name, with what is to be told.
    pub(crate) fn in_force(&mut self, paths: &[String], words: &str) -> InForce {
        self.refresh();
        let (named, mut files) = self.meant_by(words);
        files.extend(paths.iter().cloned());
        let fragments = self.fragments(&files, &named);
        let (untrusted, problems) = self.notices();
        InForce { fragments, untrusted, problems }
    }

    /// What a session that goes on was given before: it is not given again unless it says something else now.
    pub(crate) fn gave(&mut self, fragments: &[Fragment]) {
        let steering = fragments.iter().filter(|one| one.kind() == FragmentKind::Steering);
        for one in steering {
            self.given.insert(one.name().to_string(), one.digest());
            if one.name() == OFFER {
                let lines = one.text().lines().filter(|line| line.starts_with("- "));
                self.offered.extend(lines.map(str::to_string));
            }
        }
    }

    /// What begins to be in force with these paths, or says something else than it did; cheap enough for each turn.
    pub(crate) fn newly(&mut self, paths: &[String]) -> Vec<Fragment> {
        let listing = self.listing_with(paths);
        self.hand_out(&listing)
    }

    /// What a person or a model names from now on: the files that begin to be in force by it.
    pub(crate) fn load(&mut self, names: &[String]) -> Vec<Fragment> {
        self.named.extend(names.iter().cloned());
        self.newly(&[])
    }

    /// The names of steering in a text. A name that is not known here may be one of a package: the whole tree is then looked
    /// through, once.
    pub(crate) fn named_in(&mut self, words: &str) -> Vec<String> {
        if !self.is_everywhere && self.collection.may_name_others(words) {
            self.look_everywhere();
            self.refresh();
        }
        self.collection.named_in(words)
    }

    /// The names of steering in a person's message, and the files that it brings into play with `#file` and `#folder`. What
    /// stands in code names nothing, and neither does what was put behind the person's own words.
    pub(crate) fn meant_by(&mut self, message: &str) -> (Vec<String>, Vec<String>) {
        let ends = BEHIND_WORDS.iter().filter_map(|begin| message.find(begin));
        let words = message.get(..ends.min().unwrap_or(message.len())).unwrap_or(message);
        let named = self.named_in(&prose(words));
        (named, files_in(&self.workspace, words))
    }

    /// What is wrong with the settings of steering, for the person.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// What was not told yet: files that are not trusted, what is odd about files.
    pub(crate) fn notices(&mut self) -> (Vec<String>, Vec<String>) {
        let listing = self.listing();
        let untrusted = listing.left_out.iter().filter(|left| left.why == Why::NotTrusted);
        let untrusted: Vec<String> = untrusted.map(|left| left.name.clone()).collect();
        // What is wrong far from the work is told when the work comes there.
        let far: BTreeSet<&str> = listing
            .left_out
            .iter()
            .filter(|left| matches!(left.why, Why::Elsewhere { .. }))
            .map(|left| left.name.as_str())
            .collect();
        let here = self.collection.files().iter().filter(|file| !far.contains(file.source.name.as_str()));
        let odd = here.flat_map(|file| {
            file.diagnostics.iter().map(|found| format!("{}: {}", file.source.name, found.message))
        });
        let left_out = listing.left_out.iter().filter_map(|left| match &left.why {
            Why::TooLarge { .. }
            | Why::OverTotal { .. }
            | Why::Many { .. }
            | Why::Unreadable(_)
            | Why::Link => Some(format!("{}: left out: {}", left.name, left.why.words())),
            _ => None,
        });
        let references = listing.pieces.iter().flat_map(|piece| {
            piece.references.iter().filter_map(|reference| {
                let why = reference.bytes.as_ref().err()?;
                Some(format!("{}: `{}` is not included: {why}", piece.name, reference.written))
            })
        });
        let problems: Vec<String> =
            self.fault.iter().cloned().chain(odd).chain(left_out).chain(references).collect();
        let new = |told: &mut BTreeSet<String>, all: Vec<String>| {
            all.into_iter().filter(|one| told.insert(one.clone())).collect()
        };
        (new(&mut self.told, untrusted), new(&mut self.told, problems))
    }

    /// What is in force now, with what was left out.
    pub(crate) fn listing(&mut self) -> Listing {
        self.refresh();
        let paths: Vec<String> = self.paths.iter().cloned().collect();
        let named: Vec<String> = self.named.iter().cloned().collect();
        self.collection.at(&paths, &named, &mut self.reader)
    }

    /// Adds paths and names without handing anything out.
    pub(crate) fn listing_of(&mut self, paths: &[String], named: &[String]) -> Listing {
        self.named.extend(named.iter().cloned());
        self.listing_with(paths)
    }

    /// Looks through the whole tree for steering of packages and nested files, for listings.
    pub(crate) fn look_everywhere(&mut self) {
        self.is_everywhere = true;
        let items = repository::items_everywhere(&self.workspace.root);
        let steering = items.iter().filter(|item| item.kind == Kind::Steering);
        let folders: Vec<String> =
            steering.filter_map(|item| Scope::of(&item.name)).map(|(_, folder)| folder.to_string()).collect();
        self.folders.extend(folders.into_iter().filter(|folder| !folder.is_empty()).take(FOLDERS_MAX));
    }

    /// The files as they were read last.
    pub(crate) fn collection(&mut self) -> &Collection {
        self.refresh();
        &self.collection
    }

    /// Whether a reference of a file leads to something that may be read.
    pub(crate) fn leads(&mut self, source: &Source, written: &Written) -> Result<(), Refusal> {
        leads(source, written, &mut self.reader)
    }

    fn listing_with(&mut self, paths: &[String]) -> Listing {
        for path in paths {
            let Some(path) = self.inside(path) else { continue };
            let mut folder = path.as_str();
            while let Some((above, _)) = folder.rsplit_once('/') {
                if self.folders.len() < FOLDERS_MAX {
                    self.folders.insert(above.to_string());
                }
                folder = above;
            }
            // A path that is a folder itself has steering, too.
            if self.folders.len() < FOLDERS_MAX && self.workspace.root.join(&path).is_dir() {
                self.folders.insert(path.clone());
            }
            if self.paths.len() < ::steering::at::PATHS_MAX {
                self.paths.insert(path);
            }
        }
        self.listing()
    }

    /// A path from the root, with `/`; `None` when it leads elsewhere.
    fn inside(&self, path: &str) -> Option<String> {
        let path = Path::new(path);
        let path = if path.is_absolute() { path.strip_prefix(&self.workspace.root).ok()? } else { path };
        let mut parts: Vec<String> = Vec::new();
        for part in path.components() {
            match part {
                std::path::Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir => {
                    parts.pop()?;
                }
                _ => return None,
            }
        }
        (!parts.is_empty()).then(|| parts.join("/"))
    }

    fn hand_out(&mut self, listing: &Listing) -> Vec<Fragment> {
        let mut fragments = Vec::new();
        for piece in &listing.pieces {
            let fragment = Fragment::new(FragmentKind::Steering, &piece.name, &piece.text);
            if self.given.insert(piece.name.clone(), fragment.digest()) != Some(fragment.digest()) {
                fragments.push(fragment);
            }
        }
        fragments.extend(self.offer(listing));
        fragments
    }

    /// All that is on offer, when something of it was not offered before.
    fn offer(&mut self, listing: &Listing) -> Option<Fragment> {
        let text = listing.offer_text(HOW)?;
        let lines = text.lines().filter(|line| line.starts_with("- "));
        let new = lines.filter(|line| self.offered.insert(line.to_string())).count();
        let fragment = Fragment::new(FragmentKind::Steering, OFFER, &text);
        (new > 0).then(|| {
            self.given.insert(OFFER.to_string(), fragment.digest());
            fragment
        })
    }

    /// Looks at every file; reads those that are not as they were.
    fn refresh(&mut self) {
        let mut found: Vec<(String, PathBuf, Option<Scope>)> = Vec::new();
        gather(&self.own, "", OWN, Some(Scope::Person), 0, &mut found);
        if let Some(team) = &self.team {
            gather(team, "", &team.to_string_lossy(), Some(Scope::Team), 0, &mut found);
        }
        let folders = std::iter::once(String::new()).chain(self.folders.iter().cloned());
        for folder in folders {
            let path = self.workspace.root.join(&folder);
            if !folder.is_empty() && is_behind_link(&self.workspace.root, &folder) {
                continue;
            }
            let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            gather(
                &path.join(".kiro/steering"),
                ".md",
                &format!("{prefix}.kiro/steering"),
                None,
                0,
                &mut found,
            );
            if self.asked.contains(&Scope::Cursor) {
                gather(
                    &path.join(".cursor/rules"),
                    ".mdc",
                    &format!("{prefix}.cursor/rules"),
                    None,
                    0,
                    &mut found,
                );
            }
            if self.asked.contains(&Scope::Copilot) && folder.is_empty() {
                gather(
                    &path.join(".github/instructions"),
                    ".md",
                    ".github/instructions",
                    None,
                    0,
                    &mut found,
                );
            }
            for name in [
                "AGENTS.md",
                "CLAUDE.md",
                "CONTRIBUTING.md",
                ".github/CONTRIBUTING.md",
                ".github/copilot-instructions.md",
            ] {
                let whole = format!("{prefix}{name}");
                let counts = Scope::of(&whole)
                    .is_some_and(|(scope, _)| !scope.is_asked_for() || self.asked.contains(&scope));
                let path = path.join(name);
                if counts && found.len() < FILES_MAX && path.symlink_metadata().is_ok() {
                    found.push((whole, path, None));
                }
            }
        }
        let mut files = BTreeMap::new();
        let mut is_changed = found.len() != self.files.len();
        for (name, path, scope) in found {
            let stamp = stamp(&path);
            let kept = self.files.remove(&name).filter(|kept| stamp.is_some() && kept.stamp == stamp);
            let kept = match kept {
                Some(kept) => kept,
                None => {
                    is_changed = true;
                    let Some(source) = self.source(&name, &path, scope) else { continue };
                    Kept { stamp, source }
                }
            };
            files.insert(name, kept);
        }
        is_changed |= !self.files.is_empty();
        self.files = files;
        if is_changed {
            let sources = self.files.values().map(|kept| kept.source.clone()).collect();
            self.collection = Collection::read(sources).standing_in(&self.workspace.here);
        }
    }

    fn source(&self, name: &str, path: &Path, scope: Option<Scope>) -> Option<Source> {
        let bytes = read(path);
        match scope {
            Some(Scope::Team) => {
                let base = self.team.as_ref()?.to_string_lossy().into_owned();
                let below = name.strip_prefix(&base)?.trim_start_matches('/').to_string();
                Some(Source::outside(Scope::Team, &base, &below, bytes))
            }
            Some(scope) => {
                Some(Source::outside(scope, OWN, name.strip_prefix(OWN)?.trim_start_matches('/'), bytes))
            }
            None => {
                let digest = bytes.as_ref().ok().map(|bytes| Digest::of(bytes));
                let trusted = digest.is_some_and(|digest| self.trusted.holds(name, digest));
                Source::of_workspace(name, bytes, trusted)
            }
        }
    }
}

/// A folder and those around it below the root.
fn around(folder: &str) -> BTreeSet<String> {
    let folders = Path::new(folder).ancestors().map(index::place::slashed);
    folders.filter(|folder| !folder.is_empty()).take(FOLDERS_MAX).collect()
}

/// The scopes that the settings ask for.
pub(crate) fn asked(config: &SteeringConfig) -> Outcome<BTreeSet<Scope>> {
    let known = [Scope::Contributing, Scope::Claude, Scope::Cursor, Scope::Copilot];
    let one = |word: &String| {
        known.into_iter().find(|scope| scope.name() == word).ok_or_else(|| {
            Error::usage(format!("config.toml asks for the steering of `{word}`, which is not known"))
                .hint("also takes contributing, claude, cursor and copilot")
        })
    };
    config.also.iter().map(one).collect()
}

/// What is wrong with the team's folder in the settings.
pub(crate) fn team_fault(config: &SteeringConfig, home: &Path) -> Option<String> {
    let folder = config.team.as_ref()?;
    let path = match team_folder(folder, home) {
        Ok(path) => path,
        Err(error) => return Some(error.cause),
    };
    (!path.is_dir()).then(|| {
        format!("the team folder `{folder}` is no folder here, so that none of its steering is in force; make it, or mend `team` under [steering] in config.toml")
    })
}

/// The files and folders of the workspace that a person's words name.
pub(crate) fn files_in(workspace: &Workspace, words: &str) -> Vec<String> {
    let named = mentions(words).all.into_iter();
    let path = |mention: ::context::Mention| {
        let path = workspace.typed_here(&mention.argument?);
        match mention.kind {
            ::context::Kind::File | ::context::Kind::Folder => Some(path),
            // `#src/a.rs` is a file where one is there.
            ::context::Kind::Name if path.contains(['/', '.']) => {
                workspace.root.join(&path).symlink_metadata().is_ok().then_some(path)
            }
            _ => None,
        }
    };
    named.filter_map(path).collect()
}

fn team_folder(folder: &str, home: &Path) -> Outcome<PathBuf> {
    let path = match folder.strip_prefix("~/") {
        Some(below) => home.join(below),
        None => PathBuf::from(folder),
    };
    if !path.is_absolute() {
        return Err(Error::usage(format!(
            "config.toml has the team folder `{folder}`, which is no whole path"
        ))
        .hint("team under [steering] begins with `/` or `~/`"));
    }
    Ok(path)
}

/// Files below a folder that end so, in order; links are listed and never followed.
fn gather(
    directory: &Path,
    ending: &str,
    name: &str,
    scope: Option<Scope>,
    depth: usize,
    found: &mut Vec<(String, PathBuf, Option<Scope>)>,
) {
    // The folder itself may be a link of the person's or the team's; one of a repository leads anywhere.
    if scope.is_none() && directory.is_symlink() {
        return;
    }
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let ending = if ending.is_empty() { ".md" } else { ending };
    for path in paths {
        if found.len() >= FILES_MAX {
            return;
        }
        let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
        let whole = format!("{}/{file}", name.trim_end_matches('/'));
        if path.is_dir() && !path.is_symlink() {
            if depth < NESTING_MAX {
                gather(&path, ending, &whole, scope, depth + 1, found);
            }
        } else if file.ends_with(ending) {
            found.push((whole, path, scope));
        }
    }
}

/// Whether a folder is reached through a link.
fn is_behind_link(root: &Path, folder: &str) -> bool {
    let mut path = root.to_path_buf();
    folder.split('/').any(|part| {
        path.push(part);
        path.is_symlink()
    })
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let data = std::fs::symlink_metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

fn read(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let failed = |error: std::io::Error| Unreadable::Failed(error.to_string());
    let data = std::fs::symlink_metadata(path).map_err(failed)?;
    if data.is_symlink() {
        return Err(Unreadable::Link);
    }
    if !data.is_file() {
        return Err(Unreadable::NoFile);
    }
    if data.len() > FILE_BYTES_MAX {
        return Err(Unreadable::TooLarge(data.len()));
    }
    std::fs::read(path).map_err(failed)
}

#[cfg(test)]
#[path = "steering/board_tests.rs"]
mod tests;
