//! The files of the workspace that servers start: which there are, which are not the trusted ones, and that they stay as they are. Which
//! files a line starts is said by `hook_scripts`.

use std::path::{Path, PathBuf};

use mcp::config::{Configured, Entry, Layer, Reach, Ready, Scope, merge};
use mcp::variables::Variables;
use policy::{Effect, Rule, Source};
use roster::Reading;
use roster::paths::package_of;

use super::{Brought, files, read, shown, variables};
use crate::config::Config;
use crate::hook_scripts::{self, Script};
use crate::roster::{Here, Thing};
use crate::trust::Trusted;
use crate::workspace::Workspace;
use crate::world::World;

/// The scripts that all servers start, whether their files are trusted or not. Of the person's own files those
/// that another workspace may hold as well: whoever names a file by its whole path means that file.
pub(crate) fn scripts(world: &World, config: &Config, workspace: &Workspace) -> Vec<Script> {
    let all = everywhere(world, workspace);
    let entries = all.iter().flat_map(|configured| &configured.entries);
    let variables = variables(world, config);
    entries.flat_map(|entry| asked_for(&workspace.root, entry, &variables)).collect()
}

/// The names of all servers, whether their files are trusted or not, and whether they can be had.
pub(crate) fn names(world: &World, workspace: &Workspace) -> Vec<String> {
    let of = |configured: Configured| {
        let entries = configured.entries.into_iter().map(|entry| entry.name);
        entries.chain(configured.broken.into_iter().map(|(name, _)| name)).collect::<Vec<_>>()
    };
    everywhere(world, workspace).into_iter().flat_map(of).collect()
}

/// What each file names, trusted or not. Each is a merge of its own: names may be the same, and which one counts may change.
fn everywhere(world: &World, workspace: &Workspace) -> Vec<Configured> {
    let mut layers = Vec::new();
    for (scope, path) in files(world, workspace) {
        let Ok(Some(bytes)) = read(&path) else { continue };
        let shown = shown(world, workspace, &path);
        let layer = Layer::read(scope, shown.clone(), &bytes);
        layers.push(layer.in_package(package_of(&shown)));
    }
    // Each file by itself: of two packages either may be the one that is worked in.
    let here = Here::load(world, workspace).unwrap_or_default();
    let brought = here.found().iter().filter_map(|found| match &found.thing {
        Thing::Agent(Reading::Read(agent)) => Brought::by_agent(agent),
        Thing::Power(Reading::Read(power)) => {
            let root = super::folder(world, workspace, power);
            Brought::by_power(power, &root.to_string_lossy())
        }
        _ => None,
    });
    layers.extend(brought.map(|brought| brought.layer()));
    layers.into_iter().map(|layer| merge(vec![layer])).collect()
}

/// Servers whose script is not the trusted one, each with that script.
pub(super) fn changed(
    root: &Path,
    entries: &[Entry],
    variables: &Variables,
    trusted: &Trusted,
) -> Vec<(String, String)> {
    let changed = |entry: &Entry| {
        let scripts = asked_for(root, entry, variables).into_iter();
        let mut open =
            scripts.filter(|script| !script.digest().is_some_and(|it| trusted.holds(&script.name, it)));
        Some((entry.name.clone(), open.next()?.name))
    };
    entries.iter().filter_map(changed).collect()
}

/// A server starts when it is first called: until then its script stays what was trusted, unless a person lets it be changed.
pub(super) fn kept(root: &Path, entries: &[Entry], variables: &Variables) -> Vec<Rule> {
    let scripts = entries.iter().flat_map(|entry| of_entry(root, entry, variables, false));
    let ask = |script: Script| {
        Rule::read(&format!("fs_write:{}", globset::escape(&script.name)), Effect::Ask, Source::Trust).ok()
    };
    scripts.filter_map(ask).collect()
}

/// The scripts that must be trusted.
fn asked_for(root: &Path, entry: &Entry, variables: &Variables) -> Vec<Script> {
    let is_persons = entry.scope == Scope::User || entry.file.starts_with("~/");
    of_entry(root, entry, variables, is_persons)
}

fn of_entry(root: &Path, entry: &Entry, variables: &Variables, is_relative: bool) -> Vec<Script> {
    let Some((line, folder)) = entry.started(variables) else { return Vec::new() };
    let folder = folder.map_or_else(PathBuf::new, PathBuf::from);
    if is_relative && folder.is_absolute() {
        return Vec::new();
    }
    // Its variables are those of the program: `BASH_ENV`, `NODE_OPTIONS`, `PYTHONPATH` name files that run.
    let line = format!("{}{line}", set(entry, variables));
    hook_scripts::of_line_in(root, &folder, &line, is_relative)
}

/// The variables that an entry sets, as the shell would set them before its line.
fn set(entry: &Entry, variables: &Variables) -> String {
    let Ok(Ready { reach: Reach::Program { environment, .. }, .. }) = entry.ready(variables) else {
        return String::new();
    };
    let is_name = |name: &str| {
        !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let known = environment.iter().filter(|(name, _)| is_name(name));
    known.map(|(name, value)| format!("{name}='{}' ", value.replace('\'', "'\\''"))).collect()
}
