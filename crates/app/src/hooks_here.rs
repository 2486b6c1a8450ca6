//! The hooks of a workspace and of its person, loaded from every place where they may lie, each with its trust and its
//! grant. What their bytes mean is `hooks`'; nothing is run here.
#![expect(clippy::disallowed_methods, reason = "the person's own hook files are read here")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use exchange::lines::Lines;
use exchange::place::Region;
use hooks::{Hook, HookFile, Scope};
use roster::paths::package_of;
use spec::data::{self, Notation};
use spec::{Diagnostic, Severity, Span};

use crate::config::{Config, HookGrant};
use crate::error::{Error, Outcome};
use crate::hook_reports::{HookProblem, HookRow};
use crate::hook_scripts::{self, Script};
use crate::repository::{self, ITEM_BYTES_MAX, Item};
use crate::trust::TrustStore;
use crate::workspace::Workspace;
use crate::world::World;

/// The most hooks of a workspace and its person.
pub(crate) const HOOKS_MAX: usize = 10_000;
/// Bytes that the compiled patterns of all hooks may hold.
const WEIGHT_MAX: usize = 64 << 20;
/// Problems that are kept; what comes after is counted.
const PROBLEMS_MAX: usize = 10_000;
/// The person's own files that are looked at.
const FILES_MAX: usize = 2_000;
/// How deep folders of the person's agents may be nested.
const NESTING_MAX: usize = 10;

/// Everything that was found.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// In the order in which they run: the person's, then the workspace's, each by file.
    pub(crate) hooks: Vec<Here>,
    /// What is odd. Every file and hook that was dropped is named.
    pub(crate) problems: Vec<HookProblem>,
    /// The bytes of every file that was read, for places in them.
    files: BTreeMap<String, Vec<u8>>,
    weight: usize,
}

/// A hook with what is known of it here.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    /// The hook.
    pub(crate) hook: Hook,
    /// Whether its file is trusted.
    pub(crate) trust: Trust,
    /// What it may do: the smaller of what its file asks for and what the person grants.
    pub(crate) grant: HookGrant,
    /// The line of the file at which it stands, from 1.
    pub(crate) line: u32,
    /// The files of the workspace that it starts, as they were when it was loaded.
    pub(crate) scripts: Vec<Script>,
}

/// Whether the file of a hook is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It is the person's own and needs no trust.
    Own,
    /// As it is now.
    Trusted,
    /// It was, with other bytes.
    Changed,
    /// It never was.
    Untrusted,
}

impl Trust {
    /// The word for listings.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Trust::Own => "own",
            Trust::Trusted => "trusted",
            Trust::Changed => "changed",
            Trust::Untrusted => "untrusted",
        }
    }

    /// Whether hooks of the file run.
    pub(crate) fn is_given(self) -> bool {
        matches!(self, Trust::Own | Trust::Trusted)
    }
}

impl Here {
    /// Whether it runs when its moment comes.
    pub(crate) fn runs(&self) -> bool {
        self.hook.is_enabled && self.trust.is_given()
    }

    /// As it is reported.
    pub(crate) fn row(&self) -> HookRow {
        let hook = &self.hook;
        let (action, does) = match &hook.action {
            hooks::Action::Command { line } => ("command", line),
            hooks::Action::Agent { prompt } => ("agent", prompt),
        };
        HookRow {
            id: hook.id.to_string(),
            name: hook.name.clone(),
            description: hook.description.clone(),
            trigger: hook.trigger.name().to_string(),
            matcher: hook.matcher.shown(),
            action: action.to_string(),
            does: does.clone(),
            grant: grant_word(self.grant).to_string(),
            trust: self.trust.word().to_string(),
            runs: self.runs(),
            enabled: hook.is_enabled,
            format: hook.format.word().to_string(),
            agent: match &hook.scope {
                Scope::Agent(agent) => Some(agent.clone()),
                Scope::Everywhere => None,
            },
            timeout_ms: hook.timeout_ms,
            file: hook.source.file.clone(),
            line: self.line,
        }
    }
}

/// The word of a grant.
pub(crate) fn grant_word(grant: HookGrant) -> &'static str {
    match grant {
        HookGrant::Advisory => "advisory",
        HookGrant::Prescriptive => "prescriptive",
    }
}

/// The word of a severity.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    }
}

/// Loads every hook of the workspace's root, of the packages that are worked in and of the person, trusted or not.
pub(crate) fn load(world: &World, workspace: &Workspace) -> Outcome<Loaded> {
    let mut loaded = as_written(world, workspace)?;
    let trusted = TrustStore::open(&world.state)?.of(&workspace.root);
    for here in &mut loaded.hooks {
        in_package(&mut here.hook);
        here.scripts = hook_scripts::of(&workspace.root, &here.hook);
        // A line is trusted with what it starts.
        let open = here
            .scripts
            .iter()
            .find(|script| !script.digest().is_some_and(|it| trusted.holds(&script.name, it)));
        if let Some(script) = open.filter(|_| here.trust.is_given()) {
            here.trust = if trusted.knew(&script.name) { Trust::Changed } else { Trust::Untrusted };
        }
    }
    Ok(loaded)
}

/// A hook of a package runs in the package's folder. Its line says so, and with it everything that judges the line.
fn in_package(hook: &mut Hook) {
    let package = hook.package().replace('\'', "'\\''");
    if package.is_empty() {
        return;
    }
    // A guard says no where it cannot look.
    let code = if crate::hooking::guards_it(hook) { 2 } else { 1 };
    let moved = |line: &mut String| *line = format!("cd './{package}' || exit {code}; {line}");
    if let hooks::Action::Command { line } = &mut hook.action {
        moved(line);
    }
    hook.confirm.iter_mut().filter_map(|confirm| confirm.command.as_mut()).for_each(moved);
}

/// The same with their lines as they stand in the files, and without what they start.
pub(crate) fn as_written(world: &World, workspace: &Workspace) -> Outcome<Loaded> {
    let config = Config::read(&world.config)?;
    let items = repository::items_here(workspace);
    let trusted = TrustStore::open(&world.state)?.of(&workspace.root);
    let mut loaded = Loaded::default();
    for (name, bytes) in own_files(&world.home.join(".kiro"), &mut loaded) {
        loaded.file(&name, bytes, Trust::Own);
    }
    for item in items {
        let trust = match (trusted.has(&item), trusted.knew(&item.name)) {
            (true, _) => Trust::Trusted,
            (false, true) => Trust::Changed,
            (false, false) => Trust::Untrusted,
        };
        loaded.item(item, trust);
    }
    for here in &mut loaded.hooks {
        here.grant = granted(&config, &here.hook);
    }
    Ok(loaded)
}

impl Loaded {
    /// The hook of that name, or of that `file#name`.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub(crate) fn named(&self, name: &str) -> Outcome<&Here> {
        if let Some(here) = self.hooks.iter().find(|here| here.hook.id.as_str() == name) {
            return Ok(here);
        }
        let meant: Vec<&Here> = self.hooks.iter().filter(|here| here.hook.name == name).collect();
        match meant.as_slice() {
            [one] => Ok(one),
            [] => {
                let names: Vec<&str> =
                    self.hooks.iter().take(20).map(|here| here.hook.name.as_str()).collect();
                let hint = match names.is_empty() {
                    true => "there are no hooks here; `waypost hooks list` says what was dropped".to_string(),
                    false => format!("the hooks here are: {}", names.join(", ")),
                };
                Err(Error::usage(format!("there is no hook `{name}`")).hint(hint))
            }
            many => {
                let ids: Vec<&str> = many.iter().map(|here| here.hook.id.as_str()).collect();
                Err(Error::usage(format!("there is more than one hook `{name}`"))
                    .hint(format!("name one of: {}", ids.join(", "))))
            }
        }
    }

    /// The hooks alone, in their order.
    pub(crate) fn all(&self) -> Vec<Hook> {
        self.hooks.iter().map(|here| here.hook.clone()).collect()
    }

    /// The place of a span in a file that was read.
    pub(crate) fn region(&self, file: &str, span: Span) -> Option<Region> {
        let bytes = self.files.get(file)?;
        Some(Lines::of(bytes).region(bytes, span))
    }

    /// Names the hooks of packages in which nobody works now: they run there.
    pub(crate) fn name_elsewhere(&mut self, workspace: &Workspace) {
        for item in repository::items_everywhere(&workspace.root) {
            let package = package_of(&item.name);
            let is_here = package.is_empty() || workspace.packages.iter().any(|here| here == package);
            if is_here || is_agent(&item.name) || !is_ours(&item.name) {
                continue;
            }
            let message = format!("the hooks of `{package}` run in sessions that are started there");
            let hint = format!("start Waypost in `{package}`, or write them into the root's `.kiro/hooks`");
            self.say(&item.name, "hook/in-package", Severity::Hint, message, &hint);
        }
    }

    /// A file of the repository.
    fn item(&mut self, item: Item, trust: Trust) {
        let name = item.name.as_str();
        if let Some((message, hint)) = misplaced(name) {
            self.say(name, "hook/misplaced", Severity::Warning, message, &hint);
            return;
        }
        if !is_ours(name) {
            return;
        }
        match item.bytes {
            Ok(bytes) => self.file(&item.name, bytes, trust),
            Err(why) => {
                let message = format!("`{name}` is {why}; nothing in it is read");
                self.say(
                    name,
                    "hook/not-read",
                    Severity::Warning,
                    message,
                    "put a plain file of at most 1 MiB there",
                );
            }
        }
    }

    /// A file with its bytes: a file of hooks, or an agent.
    fn file(&mut self, name: &str, bytes: Vec<u8>, trust: Trust) {
        let read = match is_agent(name) {
            true => of_agent(name, &bytes),
            false => Some(hooks::read(name, &bytes)),
        };
        let Some(read) = read else { return };
        self.files.insert(name.to_string(), bytes);
        for found in &read.diagnostics {
            self.found(name, found, None, true);
        }
        let lines = self.files.get(name).map(|bytes| Lines::of(bytes)).unwrap_or_default();
        for hook in read.hooks {
            self.weight = self.weight.saturating_add(hook.weight());
            if self.hooks.len() >= HOOKS_MAX || self.weight > WEIGHT_MAX {
                let message = format!(
                    "more than {HOOKS_MAX} hooks, or patterns of more than {} MiB: the hooks from here on are not read",
                    WEIGHT_MAX >> 20
                );
                self.say(name, "hook/too-many", Severity::Error, message, "remove hooks that nobody needs");
                return;
            }
            let bytes = self.files.get(name).map(Vec::as_slice).unwrap_or_default();
            let line = lines.position(bytes, hook.source.span.offset).line.saturating_add(1);
            self.hooks.push(Here { hook, trust, grant: HookGrant::Advisory, line, scripts: Vec::new() });
        }
    }

    /// Reports something about a file as a whole.
    fn say(&mut self, file: &str, code: &'static str, severity: Severity, message: String, hint: &str) {
        let found =
            Diagnostic { code, severity, span: Span::default(), message, hint: Some(hint.to_string()) };
        self.found(file, &found, None, true);
    }

    /// Reports a finding.
    pub(crate) fn found(
        &mut self,
        file: &str,
        found: &Diagnostic,
        hook: Option<&hooks::HookId>,
        certain: bool,
    ) {
        if self.problems.len() >= PROBLEMS_MAX {
            return;
        }
        let region = self.region(file, found.span);
        self.problems.push(HookProblem {
            code: found.code,
            severity: severity_word(found.severity),
            message: found.message.clone(),
            hint: found.hint.clone(),
            hook: hook.map(ToString::to_string),
            certain,
            file: file.to_string(),
            line: region.map_or(1, |region| region.start_line),
            column: region.map_or(1, |region| region.start_column),
            span: found.span,
            level: found.severity,
        });
    }
}

/// The smaller of two words: the file's and the person's. A file that has no word asks to act, as in Kiro; a person who
/// has none grants what trust gives.
fn granted(config: &Config, hook: &Hook) -> HookGrant {
    let asked = if hook.advisory == Some(true) { HookGrant::Advisory } else { HookGrant::Prescriptive };
    let by_name = config.hooks.grants.get(hook.id.as_str()).or_else(|| config.hooks.grants.get(&hook.name));
    let given = by_name.copied().or(config.hooks.grant).unwrap_or(HookGrant::Prescriptive);
    asked.min(given)
}

/// The name that a file below the `.kiro` of a package would have in the root.
fn of_root(name: &str) -> Cow<'_, str> {
    match repository::below_kiro(name) {
        Some(below) if !name.starts_with(".kiro/") => Cow::Owned(format!(".kiro/{below}")),
        _ => Cow::Borrowed(name),
    }
}

/// Whether a file of the repository, by its name, is one that brings hooks.
fn is_ours(name: &str) -> bool {
    let name = &*of_root(name);
    if is_agent(name) || name == ".kiro/settings/hooks.yaml" || name == ".kiro/settings/hooks.yml" {
        return true;
    }
    if name.starts_with(".agents/plugins/") {
        return name.ends_with("/hooks/hooks.json");
    }
    // The folder is flat: what lies deeper is said by `misplaced`.
    name.strip_prefix(".kiro/hooks/").is_some_and(|file| !file.contains('/') && hooks::is_hook_file(file))
}

/// Whether it is an agent's file; the name may begin with `~/`.
fn is_agent(name: &str) -> bool {
    let name = &*of_root(name.strip_prefix("~/").unwrap_or(name));
    name.starts_with(".kiro/agents/") && (name.ends_with(".md") || name.ends_with(".json"))
}

/// Files that people take for hooks and that nothing reads: what is wrong, and where they belong.
fn misplaced(name: &str) -> Option<(String, String)> {
    let name = &*of_root(name);
    let file = name.rsplit('/').next().unwrap_or(name);
    let hint = || format!("move it to `.kiro/hooks/{file}`");
    if name == ".kiro/settings/hooks.json" {
        let hint = "move it to `.kiro/hooks/`, or write `.kiro/settings/hooks.yaml`".to_string();
        return Some(("hooks are not read from `.kiro/settings/hooks.json`".to_string(), hint));
    }
    if name.starts_with(".kiro/agent-hooks/") && hooks::is_hook_file(file) {
        return Some(("hooks are not read from `.kiro/agent-hooks`".to_string(), hint()));
    }
    let below = name.strip_prefix(".kiro/hooks/")?;
    if below.contains('/') && hooks::is_hook_file(file) && !below.contains("/node_modules/") {
        return Some(("hooks are not read from folders below `.kiro/hooks`".to_string(), hint()));
    }
    if !below.contains('/') && (below.ends_with(".yaml") || below.ends_with(".yml")) {
        let hint = "write it as `.kiro/settings/hooks.yaml`".to_string();
        return Some((format!("`{below}` is not read; hooks in YAML have one file"), hint));
    }
    None
}

/// The hooks inside an agent; `None` when it has none.
fn of_agent(name: &str, bytes: &[u8]) -> Option<HookFile> {
    let (root, _) = match name.ends_with(".md") {
        true => {
            let (offset, front) = front_matter(bytes)?;
            data::read_at(front, offset, Notation::Yaml)
        }
        false => data::read(bytes, Notation::Json),
    };
    // An agent that cannot be read is its reader's to report.
    let root = root?;
    let node = root.get("hooks")?;
    let below = name.rsplit_once(".kiro/agents/").map_or(name, |(_, below)| below);
    let by_path = below.trim_end_matches(".md").trim_end_matches(".json");
    let agent = root.get("name").and_then(data::Node::as_str).filter(|name| !name.trim().is_empty());
    Some(hooks::read_agent_hooks(node, name, agent.unwrap_or(by_path)))
}

/// The text between the first line `---` and the next one, with its offset.
fn front_matter(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut start = None;
    let mut at = mark;
    for line in bytes.get(mark..)?.split_inclusive(|byte| *byte == b'\n') {
        let is_fence = line.trim_ascii_end() == b"---";
        match start {
            None if !is_fence => return None,
            None => start = Some(at + line.len()),
            Some(start) if is_fence => return Some((start, bytes.get(start..at)?)),
            Some(_) => {}
        }
        at += line.len();
    }
    None
}

/// The person's own files with hooks, by name. Links are left out and said, as in a repository.
fn own_files(kiro: &Path, loaded: &mut Loaded) -> Vec<(String, Vec<u8>)> {
    let mut paths = Vec::new();
    flat(&kiro.join("hooks"), &mut paths);
    paths.retain(|path| hooks::is_hook_file(&path.to_string_lossy()));
    paths.extend(["hooks.yaml", "hooks.yml"].map(|name| kiro.join("settings").join(name)));
    deep(&kiro.join("agents"), 0, &mut paths);
    paths.sort();
    let mut files = Vec::new();
    for path in paths.into_iter().take(FILES_MAX) {
        let below = path
            .strip_prefix(kiro)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace(std::path::MAIN_SEPARATOR, "/");
        let name = format!("~/.kiro/{below}");
        if below.starts_with("agents/") && !is_agent(&name) {
            continue;
        }
        let why = match std::fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => error.to_string(),
            Ok(data) if data.is_symlink() => "a link".to_string(),
            Ok(data) if data.len() > ITEM_BYTES_MAX => "larger than 1 MiB".to_string(),
            Ok(data) if !data.is_file() => continue,
            Ok(_) => match std::fs::read(&path) {
                Ok(bytes) => {
                    files.push((name, bytes));
                    continue;
                }
                Err(error) => error.to_string(),
            },
        };
        let message = format!("`{name}` is not read: {why}");
        loaded.say(
            &name,
            "hook/not-read",
            Severity::Warning,
            message,
            "put a plain file of at most 1 MiB there",
        );
    }
    files
}

fn flat(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    paths.extend(entries.flatten().map(|entry| entry.path()).take(FILES_MAX));
}

fn deep(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) {
    let mut below = Vec::new();
    flat(folder, &mut below);
    for path in below {
        if path.is_dir() && !path.is_symlink() {
            if depth < NESTING_MAX && paths.len() < FILES_MAX {
                deep(&path, depth + 1, paths);
            }
        } else {
            paths.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_and_its_place() {
        let check = |text: &str, expected: Option<(usize, &str)>| {
            let found =
                front_matter(text.as_bytes()).map(|(at, part)| (at, std::str::from_utf8(part).unwrap()));
            assert_eq!(found, expected, "{text:?}");
        };
        check("---\na: 1\n---\nbody\n", Some((4, "a: 1\n")));
        check("\u{feff}---\r\na: 1\r\n---", Some((8, "a: 1\r\n")));
        check("---\na: 1\n", None);
        check("a\n---\n---\n", None);
        check("", None);
    }

    #[test]
    fn files_that_bring_hooks_and_files_that_do_not() {
        let check = |name: &str, ours: bool, wrong: bool| {
            assert_eq!((is_ours(name), misplaced(name).is_some()), (ours, wrong), "{name}");
        };
        check(".kiro/hooks/a.json", true, false);
        check(".kiro/hooks/a.kiro.hook", true, false);
        check(".kiro/hooks/a.sh", false, false);
        check(".kiro/hooks/deep/a.json", false, true);
        check(".kiro/hooks/a.yaml", false, true);
        check(".kiro/settings/hooks.yaml", true, false);
        check(".kiro/settings/hooks.json", false, true);
        check(".kiro/agent-hooks/a.kiro.hook", false, true);
        check(".kiro/agents/team/a.md", true, false);
        check(".agents/plugins/p/hooks/hooks.json", true, false);
        check(".kiro/steering/a.md", false, false);
    }
}
