//! The limits of one session's commands: from a permit to a profile, its environment and its network. Starts no command.
#![expect(clippy::disallowed_methods, reason = "the private folder of a session is made and removed here")]

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use policy::{Judged, Limits, Network as Reach, Origin, Permit, Policy, Profile, Sockets};
use sandbox::{Capabilities, Confine, Confined, Confinement, Enforced, Wishes};

use crate::known::{self, Known};
use crate::means::Means;
use crate::network::Network;
use crate::repository::{Absent, Opened};
use crate::scope::{self, Scope};
use crate::toolchains::{self, Toolchains};
use crate::{Ground, caches, hosts, tell, walk};

/// For how many policies it is remembered what they close: an agent's calls and its hooks take turns with two.
const KNOWN_MAX: usize = 2;

/// How strictly commands are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Holding {
    /// With all that this machine offers; what does not hold is said.
    #[default]
    On,
    /// Wholly, or nothing runs.
    Strict,
    /// Not at all; said at the start of every session.
    Off,
}

/// What a person's settings say about commands.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How strictly.
    pub holding: Holding,
    /// Readable beside the usual.
    pub readable: Vec<PathBuf>,
    /// Writable beside the workspace.
    pub writable: Vec<PathBuf>,
    /// Variables that are passed on beside the usual; a `*` at the end stands for anything.
    pub environment: Vec<String>,
    /// How much a command may use; the usual where nothing is said ([`Limits::or_usual`]).
    pub limits: Limits,
    /// Whether its processes may trace each other.
    pub tracing: bool,
    /// Whether it may use named sockets in writable folders.
    pub sockets: bool,
}

/// The limits of a session's commands.
pub struct Hold {
    root: PathBuf,
    settings: Settings,
    environment: Vec<(String, String)>,
    toolchains: Toolchains,
    temporary: PathBuf,
    protected: Vec<PathBuf>,
    token: Box<dyn Fn() -> String + Send + Sync>,
    capabilities: Option<Capabilities>,
    /// Where the person keeps the scripts of their own hooks: hooks may run them.
    hooks: PathBuf,
    /// What the policies of the last commands closed, by folder; the last one at the end.
    known: Mutex<Vec<(Arc<Policy>, Known<walk::ClosedHere>)>>,
}

impl Hold {
    /// The limits of a new session. `environment` is the whole environment of commands before it is filtered; `token` gives
    /// a new secret word for each proxy. Makes the session's private folder, which goes with the value.
    ///
    /// # Errors
    /// When the private folder cannot be made.
    pub fn new(
        ground: &Ground,
        settings: Settings,
        environment: Vec<(String, String)>,
        token: Box<dyn Fn() -> String + Send + Sync>,
    ) -> std::io::Result<Hold> {
        let temporary = ground.temporary.join(format!("waypost-{}", token()));
        std::fs::DirBuilder::new().mode(0o700).recursive(true).create(&temporary)?;
        let temporary = temporary.canonicalize()?;
        Ok(Hold {
            root: ground.root.clone(),
            toolchains: toolchains::find(&ground.home, &environment),
            settings,
            environment,
            temporary,
            protected: ground.own_paths(),
            token,
            hooks: ground.home.join(".kiro/hooks"),
            capabilities: None,
            known: Mutex::default(),
        })
    }

    /// The same on a machine that can do only this: for seeing what would hold there.
    #[must_use]
    pub fn on(mut self, capabilities: Capabilities) -> Hold {
        self.capabilities = Some(capabilities);
        self
    }

    /// The private folder of the session.
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// How strictly commands are held.
    pub fn holding(&self) -> Holding {
        self.settings.holding
    }

    /// What holds here for an ordinary command of this session; `None` when nothing is meant to.
    ///
    /// # Errors
    /// Why the profile cannot be meant: a path in the settings.
    pub fn enforced(&self) -> Result<Option<Enforced>, String> {
        if self.settings.holding == Holding::Off {
            return Ok(None);
        }
        let profile = self.profile(Reach::ProxyOnly { port: 1 }, &Opened::default(), walk::Closed::default());
        let confinement = Confinement::new(profile).map_err(|error| error.to_string())?;
        let confinement = self.placed(confinement).bridged(Arc::new(|_| {}));
        Ok(Some(confinement.enforced()))
    }

    fn profile(&self, network: Reach, opened: &Opened, closed: walk::Closed) -> Profile {
        let mut profile = Profile::workspace(&self.root, self.temporary.clone());
        profile.network = network;
        profile.sockets = if self.settings.sockets { Sockets::Own } else { Sockets::Pairs };
        profile.limits = self.settings.limits.or_usual();
        profile.tracing = self.settings.tracing;
        profile.strict = self.settings.holding == Holding::Strict;
        profile.executable.extend(self.toolchains.runnable.iter().cloned());
        profile.readable.extend(self.toolchains.readable.iter().cloned());
        profile.readable.extend(self.settings.readable.iter().cloned());
        profile.writable.extend(self.settings.writable.iter().cloned());
        profile.invisible.extend(self.toolchains.invisible.iter().cloned());
        profile.invisible.extend(closed.reading);
        profile.environment.extend(self.settings.environment.iter().cloned());
        profile.environment.extend(caches::names());
        profile.environment.extend(toolchains::variables());
        profile.environment.extend(QUIET.iter().chain(&HOOKED).map(ToString::to_string));
        if let Some(git) = &opened.repository {
            profile.protected.retain(|path| path != git);
            profile.protected.extend(opened.protected(git));
        }
        profile.protected.extend(STEERING.map(|name| self.root.join(name)));
        let inside = self.protected.iter().filter(|path| path.starts_with(&self.root));
        profile.protected.extend(inside.cloned());
        let git = self.root.join(".git");
        // `.git` itself is closed for writing by a built-in rule; where it is opened, its parts are named above.
        let writing = closed.writing.into_iter().filter(|path| *path != git);
        profile.protected.extend(writing);
        profile
    }

    /// Leaves of the workspace only what grants allow to be written, and what a person let by name.
    fn narrow(&self, profile: &mut Profile, scope: &Scope, opened: &Opened) -> Result<(), String> {
        // What the person's settings open beside the workspace does not open the workspace.
        profile.writable.retain(|path| !self.root.starts_with(path) && !path.starts_with(&self.root));
        profile.readable.push(self.root.clone());
        profile.writable.extend(scope.writable.iter().cloned());
        profile.writable.extend(opened.repository.clone());
        let beyond = scope::names_beyond(&self.root, &scope.writable).map_err(too_many)?;
        profile.protected.extend(beyond);
        Ok(())
    }

    fn placed(&self, confinement: Confinement) -> Confinement {
        match self.capabilities {
            Some(capabilities) => confinement.on(capabilities),
            None => confinement,
        }
    }

    fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.environment.clone();
        caches::into(&mut environment, &self.temporary);
        environment
    }

    /// Looks at what a policy closes and listens from now on, so that commands need not wait for that; for a thread of its own in a
    /// process that runs commands for long, at its beginning and after each command. What is wrong is told by the next command.
    pub fn warm(&self, policy: &Arc<Policy>) {
        if self.settings.holding == Holding::Off || !known::helps(&self.root) {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            known.push((Arc::clone(policy), Known::listening()));
        } else if !known.iter().any(|(_, known)| known.listens()) {
            // It would look at every folder, and so will the next command.
            return;
        }
        drop(known);
        let _told_later = self.closed(policy, true);
    }

    /// What the policy closes in the workspace as it is now. Folders that did not change since the last command are not read
    /// again.
    fn closed(&self, policy: &Arc<Policy>, writes: bool) -> Result<walk::Closed, String> {
        let (reading, writing) = policy.closes_by_pattern();
        let matters = reading || (writing && writes);
        if !matters {
            return Ok(walk::Closed::default());
        }
        if !known::helps(&self.root) {
            return walk::closed(&self.root, policy).map_err(too_many);
        }
        // A second command at the same time waits: a moment, and it knows what the first one found.
        let mut kept = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(of, _)| Arc::ptr_eq(of, policy) || of.closes_as(policy));
        let mut known = at.map(|at| kept.remove(at).1).unwrap_or_default();
        let closed = walk::closed_again(&self.root, policy, &mut known).map_err(too_many);
        if kept.len() >= KNOWN_MAX {
            kept.remove(0);
        }
        kept.push((Arc::clone(policy), known));
        closed
    }
}

fn too_many(_: walk::TooMany) -> String {
    format!(
        "the workspace has more than {} entries, so it is not certain which of them rules close; nothing was run",
        walk::ENTRIES_MAX
    )
}

/// What runs or steers later: asked about before it is written, so no program writes it on the side, there or not.
const STEERING: [&str; 5] = [".kiro/agents", ".kiro/hooks", ".kiro/powers", ".kiro/workflows", ".vscode"];

/// Variables by which Waypost keeps programs from asking, paging and bringing programs of a repository's own.
const QUIET: [&str; 6] =
    ["DEBIAN_FRONTEND", "GIT_EDITOR", "MANPAGER", "PIP_NO_INPUT", "SSH_ASKPASS_REQUIRE", "CARGO_TERM_COLOR"];

/// Variables that the command of a hook gets.
const HOOKED: [&str; 8] = [
    "USER_PROMPT",
    "WAYPOST_HOOK",
    "WAYPOST_EVENT",
    "WAYPOST_SESSION",
    "WAYPOST_FILE",
    "WAYPOST_TOOL",
    "WORKSPACE_ROOT",
    "PLUGIN_ROOT",
];

impl Confine for Hold {
    fn confine(&self, permit: &Permit) -> Result<Confined, String> {
        let environment = self.environment();
        if self.settings.holding == Holding::Off {
            return Ok(Confined { confinement: None, environment, wishes: Box::new(Wanted::default()) });
        }
        let policy = permit.holding();
        let network = Network::open(permit, Arc::clone(&policy), (self.token)())
            .map_err(|error| format!("the proxy of the command could not be started: {error}"))?;
        let reach = Reach::ProxyOnly { port: network.proxy.port() };
        let Means { writes, opened, outside: [reads, changes] } =
            Means::of(permit, &self.root, &self.temporary);
        let mut profile = self.profile(reach, &opened, self.closed(&policy, writes)?);
        if permit.requests().iter().any(|request| request.origin == Origin::Hook) {
            profile.readable.push(self.hooks.clone());
            profile.executable.push(self.hooks.clone());
        }
        let scope = if writes { scope::of(permit, &self.root).map_err(too_many)? } else { None };
        if let Some(scope) = &scope {
            self.narrow(&mut profile, scope, &opened)?;
        }
        // Waypost's own state stays closed to programs even then: the tools read it where a person says so.
        let is_own =
            |path: &PathBuf| self.protected.iter().any(|own| path.starts_with(own) || own.starts_with(path));
        profile.readable.extend(reads.into_iter().filter(|path| !is_own(path)));
        // A folder around a workspace that grants limit would open it whole.
        let is_around = |path: &PathBuf| scope.is_some() && self.root.starts_with(path);
        profile.writable.extend(changes.into_iter().filter(|path| !is_own(path) && !is_around(path)));
        if !writes {
            // A line that only reads holds to it, whatever its programs turn out to do.
            profile.readable.append(&mut profile.writable);
        } else {
            // What stays as it is stays so by all of its names.
            let others = walk::other_names(&self.root, &profile.protected).map_err(too_many)?;
            profile.protected.extend(others);
        }
        let bridge = Arc::clone(&network.proxy);
        let confinement = Confinement::new(profile).map_err(|error| error.to_string())?;
        let confinement = self.placed(confinement).bridged(Arc::new(move |listener| {
            // Without a thread for it the command reaches nobody, which is what it is told.
            let _served = bridge.serve(listener);
        }));
        let mut environment = environment;
        environment.extend(network.proxy.environment());
        let leaves = opened.repository.as_deref().and_then(Absent::in_repository);
        let wishes = Box::new(Wanted { network: Some(network), scope, _leaves: leaves });
        Ok(Confined { confinement: Some(confinement), environment, wishes })
    }

    fn hosts(&self, command: &Judged) -> Vec<String> {
        hosts::of(&self.root, command)
    }
}

/// What one command wanted.
#[derive(Default)]
struct Wanted {
    network: Option<Network>,
    scope: Option<Scope>,
    _leaves: Option<Absent>,
}

impl Wishes for Wanted {
    fn reached_hosts(&self) -> Vec<String> {
        let wishes = self.network.iter().flat_map(Network::wishes);
        wishes.filter(|wish| wish.allowed).map(|wish| format!("{}:{}", wish.host, wish.port)).collect()
    }

    fn tell(&self, output: &str, failed: bool) -> String {
        let Some(network) = &self.network else { return String::new() };
        let scope = self.scope.as_ref().map(|scope| (scope.names.as_slice(), scope.is_cut));
        tell::tell(&network.wishes(), output, failed, scope)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // What cannot be removed lies in a folder that nobody else can enter.
        let _left = std::fs::remove_dir_all(&self.temporary);
    }
}

#[cfg(test)]
#[path = "hold_tests.rs"]
mod tests;
