//! What the process was given: environment, directories, clock, terminal. The only file that reads them.
#![expect(clippy::disallowed_methods, reason = "this is where the environment and the clock come in")]

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Outcome};

/// The surroundings of one run of `waypost`, read once.
#[derive(Clone, Debug)]
pub(crate) struct World {
    variables: BTreeMap<String, String>,
    /// This program itself, for the runs that an editor starts.
    pub(crate) program: PathBuf,
    /// Where it was started, or what `-C` says.
    pub(crate) directory: PathBuf,
    /// The person's home directory.
    pub(crate) home: PathBuf,
    /// Waypost's settings.
    pub(crate) config: PathBuf,
    /// Waypost's own state: ledger, trust, snapshots.
    pub(crate) state: PathBuf,
    /// Where private folders for temporary files are made.
    pub(crate) temporary: PathBuf,
    /// Whether a person can type answers.
    pub(crate) interactive: bool,
    /// Whether colours may be used on the error stream and the output stream.
    pub(crate) colour: bool,
    /// Whether the error stream is a terminal that can rewrite a line.
    pub(crate) live: bool,
}

impl World {
    /// Reads the surroundings. `directory` is what `-C` gave.
    pub(crate) fn read(directory: Option<&Path>) -> Outcome<World> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            // Waypost's own helpers must not be found in the repository that it was started in.
            .map(
                |(name, value)| {
                    if name == "PATH" { (name, tools::search_path(&value)) } else { (name, value) }
                },
            )
            .collect();
        let here = std::env::current_dir()
            .map_err(|error| Error::failed(format!("the working directory cannot be read: {error}")))?;
        let directory = match directory {
            Some(given) => here.join(given),
            None => here,
        };
        if !directory.is_dir() {
            return Err(Error::usage(format!("`{}` is not a directory", directory.display())));
        }
        let set = |name: &str| variables.get(name).filter(|value| !value.is_empty());
        let home = set("HOME").or_else(|| set("USERPROFILE")).map(PathBuf::from).ok_or_else(|| {
            Error::failed("HOME is not set").hint("set HOME, so that settings and the ledger have a place")
        })?;
        let under = |name: &str, default: &str| {
            set(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
                .unwrap_or_else(|| home.join(default))
        };
        let config = under("XDG_CONFIG_HOME", ".config").join("waypost");
        let state = under("XDG_STATE_HOME", ".local/state").join("waypost");
        let terminal = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        let colour = terminal && set("NO_COLOR").is_none() && !dumb;
        let live = std::io::stderr().is_terminal() && set("NO_COLOR").is_none() && !dumb;
        let interactive = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("waypost"));
        let temporary = std::env::temp_dir();
        Ok(World { program, directory, home, config, state, temporary, interactive, colour, live, variables })
    }

    /// The value of an environment variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// Every environment variable.
    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// Who is at the keyboard, for approvals: the name that git or the system knows.
    pub(crate) fn person(&self) -> String {
        let named = ["GIT_AUTHOR_NAME", "USER", "LOGNAME", "USERNAME"];
        named
            .iter()
            .find_map(|name| self.variable(name))
            .unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw()))
    }
}

/// Milliseconds since the epoch.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time, for signatures.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// A number that nobody can foresee well; for names and jitter, not for secrets.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one((now_ms(), std::process::id()))
}

/// A name for a new session: when it began, and something that tells two apart.
pub(crate) fn session_id() -> String {
    // Parts begin at once: within one process no two names of a second are the same.
    static NEXT: OnceLock<AtomicU64> = OnceLock::new();
    let next = NEXT.get_or_init(|| AtomicU64::new(random()));
    let (seconds, random) = (now_ms() / 1000, next.fetch_add(1, Ordering::Relaxed));
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = ledger::civil(days);
    format!(
        "{year:04}{month:02}{day:02}-{:02}{:02}{:02}-{:04x}",
        second / 3600,
        second / 60 % 60,
        second % 60,
        random & 0xffff
    )
}
