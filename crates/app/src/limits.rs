//! What holds a session, made from the settings: where rules lie, how commands are held, what is hidden. The holding itself is
//! `guard`'s.
#![expect(clippy::disallowed_methods, reason = "the key of placeholders is kept here")]

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use agent::{State, Watch};
use conversation::{Block, Fragment, Role};
use guard::{Firewall, Ground, Hold, Holding, Lists, References, Settings};
use policy::{Ask, Capability, Gate, Origin, Policy, Request, Target};
use ring::rand::{SecureRandom as _, SystemRandom};
use vcs::Snapshots;

use crate::config::{Config, SandboxConfig};
use crate::error::{Error, Outcome};
use crate::steering::Board;
use crate::workspace::Workspace;
use crate::world::World;

/// The length of a proxy's secret word, in bytes before it is written in hexadecimal.
const TOKEN_BYTES: usize = 16;

/// What holds the sessions of one run of Waypost.
pub(crate) struct Held {
    pub(crate) ground: Ground,
    pub(crate) hold: Arc<Hold>,
    pub(crate) firewall: Firewall,
}

impl Held {
    /// Whether a command that may write nothing in the workspace is kept from it by the system, and not by words alone.
    pub(crate) fn keeps_from_writing(&self) -> bool {
        let enforced = self.hold.enforced().ok().flatten();
        enforced.is_some_and(|enforced| {
            let writing = enforced.parts.iter().find(|part| part.asked == sandbox::Asked::Writing);
            writing.is_some_and(|writing| writing.gaps.is_empty())
        })
    }

    /// Makes it from the settings. The firewall is built beside other work.
    pub(crate) fn new(world: &World, config: &Config, workspace: &Workspace) -> Outcome<Held> {
        let ground = ground(world, workspace);
        let environment = tools::command_environment(world.variables().clone());
        let firewall = firewall(world, config)?;
        let settings = settings(&config.sandbox, &world.home)?;
        let token = Box::new(|| random_hex().unwrap_or_default());
        // A token that could not be made is empty, and the proxy refuses to start with an empty one.
        let hold = Hold::new(&ground, settings, environment, token).map_err(|error| {
            Error::failed(format!("no private folder below `{}`: {error}", ground.temporary.display()))
                .hint("set TMPDIR to a folder that can be written")
        })?;
        Ok(Held { ground, hold: Arc::new(hold), firewall })
    }

    /// What is to be said at the start of a session about what does not hold here.
    ///
    /// # Errors
    /// In strict mode, when something does not hold.
    pub(crate) fn gaps(&self) -> Outcome<Option<String>> {
        let enforced = self.hold.enforced().map_err(|why| {
            Error::usage(why).hint("the paths under [sandbox] in config.toml begin with `/` or `~/`")
        })?;
        let Some(enforced) = enforced else {
            return Ok(Some(
                "commands are not confined, because [sandbox] mode is off: they can do what you can"
                    .to_string(),
            ));
        };
        let gaps: Vec<&str> = enforced.gaps().collect();
        if gaps.is_empty() {
            return Ok(None);
        }
        let said = format!("not everything is held on this machine: {}", gaps.join("; "));
        if self.hold.holding() == Holding::Strict {
            return Err(Error::failed(format!("{said}; strict mode runs nothing then")).hint(
                "`waypost doctor` lists what holds; [sandbox] mode = \"on\" goes on with what there is",
            ));
        }
        Ok(Some(format!("{said} (`waypost doctor` says more)")))
    }
}

/// The firewall for values alone, for what leaves without a session. It is built beside other work.
pub(crate) fn firewall(world: &World, config: &Config) -> Outcome<Firewall> {
    let references = References {
        allowed: config.secrets.references.iter().cloned().collect(),
        variables: world.variables().clone(),
        directory: world.home.clone(),
        environment: world.variables().clone().into_iter().collect(),
    };
    let key = placeholder_key(&world.state)?;
    Firewall::build(&world.config.join("secrets.toml"), key, references).map_err(|error| {
        Error::usage(error).hint("nothing was run; docs/secrets.md says how rules are written")
    })
}

/// Where the rules of this workspace lie.
pub(crate) fn ground(world: &World, workspace: &Workspace) -> Ground {
    let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    Ground {
        root: workspace.root.clone(),
        home: resolved(&world.home),
        config: resolved(&world.config),
        state: resolved(&world.state),
        managed: Ground::managed_here(),
        temporary: world.temporary.clone(),
        variables: world.variables().clone(),
    }
}

/// A policy with the lists of the whole tree as they are now, for what is read before a session watches over them.
pub(crate) fn with_lists(policy: &Policy, ground: &Ground) -> Policy {
    let mut policy = policy.clone();
    let mut lists = Lists::new(ground);
    // As before a command: the whole tree is looked through for lists.
    let target = Target::Command(String::new());
    lists.refresh(&[Request { capability: Capability::Shell, target, origin: Origin::Waypost }]);
    // What is wrong with a list closes its directory; the session says so when it begins.
    let _faults = policy.set_lists(&lists.files());
    policy
}

/// Keeps a session's gate true to the lists on disk.
pub(crate) struct Watching {
    lists: Lists,
    is_told: bool,
    board: Option<Board>,
    changes: Option<Changes>,
}

/// What the calls of a session changed, by whatever tool: seen in the checkpoints around them.
struct Changes {
    snapshots: Arc<Snapshots>,
    /// Checkpoints that were looked at.
    looked: BTreeSet<u64>,
}

/// Checkpoints that are looked at before one turn; those before them were of turns before, or are very many.
const CHECKPOINTS_MAX: usize = 200;

impl Changes {
    /// Files that changed since the last look, from the workspace root.
    fn news(&mut self, state: &State) -> Vec<String> {
        let last = state.messages().iter().rev().take(2).flat_map(|message| &message.blocks);
        if !last.into_iter().any(|block| matches!(block, Block::Result(_))) {
            return Vec::new();
        }
        // What cannot be looked at brings nothing into play; whoever keeps the files has said what is wrong.
        let all = self.snapshots.checkpoints().unwrap_or_default();
        let own = all.iter().rev().filter(|one| one.cause.session == state.session());
        let mut paths = Vec::new();
        for one in own.take(CHECKPOINTS_MAX) {
            let Some((after, _)) = &one.after else { continue };
            if self.looked.insert(one.number) && one.before != *after {
                let changed = self.snapshots.changed(&one.before, after).unwrap_or_default();
                paths.extend(changed.into_iter().map(|(path, _, _)| path));
            }
        }
        paths
    }
}

impl Watching {
    /// The lists as they are now, put into the gate.
    pub(crate) fn new(ground: &Ground, gate: &mut Gate) -> Watching {
        let lists = Lists::new(ground);
        let problems = gate.set_lists(&lists.files());
        Watching { lists, is_told: problems.is_empty(), board: None, changes: None }
    }

    /// The same, telling which steering comes into force.
    pub(crate) fn steered(self, board: Board) -> Watching {
        Watching { board: Some(board), ..self }
    }

    /// The same, for which files that calls changed are in play, whatever changed them.
    pub(crate) fn seeing(self, snapshots: &Arc<Snapshots>) -> Watching {
        let changes = Changes { snapshots: Arc::clone(snapshots), looked: BTreeSet::new() };
        Watching { changes: Some(changes), ..self }
    }
}

impl Watch for Watching {
    fn steering(&mut self, state: &State) -> Vec<Fragment> {
        let Some(board) = &mut self.board else { return Vec::new() };
        // The last answer and the last words: each was heard here when it was the last.
        let mut files: Vec<String> = state.files_in_play().map(str::to_string).collect();
        files.extend(self.changes.iter_mut().flat_map(|changes| changes.news(state)));
        let mut named = Vec::new();
        for message in state.messages().iter().rev().take(2) {
            match message.role {
                Role::Assistant => named.extend(board.named_in(&message.text())),
                _ => {
                    let (names, mentioned) = board.meant_by(&message.text());
                    named.extend(names);
                    files.extend(mentioned);
                }
            }
        }
        let mut fragments = if named.is_empty() { Vec::new() } else { board.load(&named) };
        fragments.extend(board.newly(&files));
        fragments
    }

    fn before_calls(&mut self, gate: &mut Gate, asks: &[Ask]) -> Vec<String> {
        let requests: Vec<policy::Request> = asks.iter().flat_map(|ask| ask.requests.clone()).collect();
        let changed = self.lists.refresh(&requests);
        if requests.iter().any(|request| request.capability == policy::Capability::Shell) {
            // It may bring new lists: looked for before the next command.
            self.lists.outdated();
        }
        if !changed && self.is_told {
            return Vec::new();
        }
        self.is_told = true;
        let problems = gate.set_lists(&self.lists.files());
        problems.iter().map(tell).collect()
    }
}

/// A fault of a file of rules or a list, as it is said.
pub(crate) fn tell(problem: &policy::Problem) -> String {
    let at = if problem.line > 0 { format!(":{}", problem.line) } else { String::new() };
    let follows = if problem.voids { "; until it is mended what it may close asks" } else { "" };
    format!("{}{at}: {}{follows}", problem.file, problem.what)
}

fn settings(config: &SandboxConfig, home: &Path) -> Outcome<Settings> {
    let holding = match config.mode.as_deref() {
        None | Some("on") => Holding::On,
        Some("strict") => Holding::Strict,
        Some("off") => Holding::Off,
        Some(word) => {
            return Err(Error::usage(format!(
                "config.toml has the sandbox mode `{word}`, which does not exist"
            ))
            .hint("[sandbox] mode is on, strict or off"));
        }
    };
    let at_home = |path: &String| match path.strip_prefix("~/") {
        Some(below) => home.join(below),
        None => path.into(),
    };
    Ok(Settings {
        holding,
        readable: config.readable.iter().map(at_home).collect(),
        writable: config.writable.iter().map(at_home).collect(),
        environment: config.environment.clone(),
        limits: policy::Limits {
            cpu_seconds: config.cpu_seconds,
            address_space_bytes: config.memory_mib.map(|mib| mib.saturating_mul(1024 * 1024)),
            file_bytes: config.file_mib.map(|mib| mib.saturating_mul(1024 * 1024)),
            processes: config.processes,
            open_files: None,
        },
        tracing: config.tracing,
        sockets: config.sockets,
    })
}

/// The key that makes placeholders: the same value has the same one in every session of this machine, and nobody who does not have
/// the key can guess a value by its placeholder.
fn placeholder_key(state: &Path) -> Outcome<[u8; 16]> {
    let path = state.join("placeholders.key");
    let failed = |error: std::io::Error| {
        Error::failed(format!("`{}` cannot be read or written: {error}", path.display()))
            .hint("it holds the key of placeholders for secrets; make its folder writable")
    };
    let read = || -> std::io::Result<[u8; 16]> {
        let mut key = [0; 16];
        std::fs::File::open(&path)?.read_exact(&mut key)?;
        Ok(key)
    };
    match read() {
        Ok(key) => return Ok(key),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let mut key = [0; 16];
    SystemRandom::new().fill(&mut key).map_err(|_| Error::failed("the system gives no random numbers"))?;
    std::fs::create_dir_all(state).map_err(failed)?;
    let mut options = std::fs::OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => file.write_all(&key).and_then(|()| file.sync_all()).map(|()| key).map_err(failed),
        // Another run of Waypost made it in this moment.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => read().map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

fn random_hex() -> Option<String> {
    let mut bytes = [0; TOKEN_BYTES];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stays() {
        let state = tempfile::tempdir().unwrap();
        let first = placeholder_key(&state.path().join("new")).unwrap();
        assert_eq!(placeholder_key(&state.path().join("new")).unwrap(), first);
        assert_ne!(placeholder_key(state.path()).unwrap(), first);
        std::fs::write(state.path().join("placeholders.key"), "short").unwrap();
        assert!(placeholder_key(state.path()).is_err());
    }
}
