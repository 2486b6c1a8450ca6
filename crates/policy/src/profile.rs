//! What a process may reach, as a plain value: folders, network, sockets, variables, limits. Enforces nothing.

use std::path::{Component, Path, PathBuf};

/// The most paths that one list of a profile may have.
pub const PROFILE_PATHS_MAX: usize = 4096;

/// The most bytes that one path of a profile may have. Systems take no longer ones.
pub const PROFILE_PATH_BYTES_MAX: usize = 4095;

/// What a process, and all that it starts, may reach. Everything that is not granted is closed.
///
/// A path grants itself and what lies below it. Where several lists name a path, the narrower word wins:
/// `invisible` over `protected` over `writable` over `readable`. Paths are absolute and have no `..`; one that
/// does not exist grants nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What may be read.
    pub readable: Vec<PathBuf>,
    /// What may be read, changed, made and removed.
    pub writable: Vec<PathBuf>,
    /// What may be run as a program or loaded as a library. Being readable is not enough; being here makes it
    /// readable.
    pub executable: Vec<PathBuf>,
    /// What can be neither read nor listed, wherever it lies.
    pub invisible: Vec<PathBuf>,
    /// What stays as it is although it lies in a writable folder. It need not exist; then it stays absent.
    pub protected: Vec<PathBuf>,
    /// A folder of this process alone for temporary files; readable and writable. It exists; whoever made it
    /// removes it.
    pub temporary: PathBuf,
    /// What may be reached over the network.
    pub network: Network,
    /// Which local sockets may be used.
    pub sockets: Sockets,
    /// Names of variables that are passed on. A `*` at the end of a name stands for anything.
    pub environment: Vec<String>,
    /// How much the process may use.
    pub limits: Limits,
    /// Whether its processes may trace each other, as a debugger does. They never may trace others.
    pub tracing: bool,
    /// Whether nothing may run when a part of this profile cannot be enforced.
    pub strict: bool,
}

/// What may be reached over the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Nothing: no such socket can be made.
    None,
    /// What the process itself serves on the loopback address, and nothing else.
    Loopback,
    /// The loopback address of its own, and a proxy that listens there on this port.
    ProxyOnly {
        /// The port of the proxy.
        port: u16,
    },
    /// Everything that the machine reaches.
    Full,
}

/// Which local (Unix) sockets may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sockets {
    /// Pairs that a process makes for itself. Nothing can be reached by a name, so no agent of keys, no
    /// container engine and no desktop.
    Pairs,
    /// Also named sockets in writable folders.
    Own,
}

/// How much a process may use. `None` leaves the limit as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Seconds of processor time of each process.
    pub cpu_seconds: Option<u64>,
    /// Bytes of address space of each process. Runtimes that reserve much and use little need much.
    pub address_space_bytes: Option<u64>,
    /// Bytes of each file that is written.
    pub file_bytes: Option<u64>,
    /// Processes and threads at one time.
    pub processes: Option<u64>,
    /// Open descriptors of each process.
    pub open_files: Option<u64>,
}

impl Limits {
    /// What commands of a session may use where a person's settings say nothing: far above what builds and tests need, far
    /// below what ends a machine. Processor time and address space stay open: a build may be long, and many runtimes
    /// reserve terabytes that they never use.
    pub const USUAL: Limits = Limits {
        cpu_seconds: None,
        address_space_bytes: None,
        file_bytes: Some(64 << 30),
        processes: Some(4_096),
        open_files: Some(65_536),
    };

    /// These limits, and the usual ones where they say nothing. 0 takes a usual limit away.
    pub fn or_usual(self) -> Limits {
        let or = |own: Option<u64>, usual: Option<u64>| own.or(usual).filter(|most| *most > 0);
        let usual = Limits::USUAL;
        Limits {
            cpu_seconds: or(self.cpu_seconds, usual.cpu_seconds),
            address_space_bytes: or(self.address_space_bytes, usual.address_space_bytes),
            file_bytes: or(self.file_bytes, usual.file_bytes),
            processes: or(self.processes, usual.processes),
            open_files: or(self.open_files, usual.open_files),
        }
    }
}

/// A profile that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// A path that depends on where somebody stands.
    #[error("`{path}` in `{list}` is not absolute or has `..`; write it from the root")]
    NotPlain {
        /// The list.
        list: &'static str,
        /// The path.
        path: String,
    },
    /// A path that no system takes.
    #[error("a path in `{list}` has a NUL or more than {PROFILE_PATH_BYTES_MAX} bytes")]
    NoPath {
        /// The list.
        list: &'static str,
    },
    /// More paths than are looked at.
    #[error("`{list}` has {count} paths, more than {PROFILE_PATHS_MAX}; name folders instead of files")]
    TooMany {
        /// The list.
        list: &'static str,
        /// How many it has.
        count: usize,
    },
    /// The root of the file system as something to write.
    #[error("`/` in `{list}` would leave nothing to hold; name the folders that are meant")]
    Everything {
        /// The list.
        list: &'static str,
    },
    /// A port that is none.
    #[error("port 0 in `network` names no proxy")]
    NoPort,
}

/// Where systems keep programs, libraries and their settings.
const SYSTEM: [&str; 12] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/opt",
    "/nix/store",
    "/proc",
    "/sys/devices/system/cpu",
];

/// What of that runs.
const PROGRAMS: [&str; 9] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store"];

/// What of that is nobody's business. Readable for root only, and Waypost may be root.
const SYSTEM_SECRETS: [&str; 8] = [
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/ssl/private",
    "/etc/ssh",
];

/// Variables that programs need and that hold no secret.
const VARIABLES: [&str; 20] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "CI",
    "PAGER",
    "GIT_PAGER",
    "GIT_OPTIONAL_LOCKS",
    "GIT_TERMINAL_PROMPT",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_KEY_*",
    "GIT_CONFIG_VALUE_*",
];

/// Variables that tell programs of a proxy, in either case.
const PROXY_VARIABLES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

impl Profile {
    /// Nothing but the folder for temporary files.
    pub fn closed(temporary: PathBuf) -> Profile {
        Profile {
            readable: Vec::new(),
            writable: Vec::new(),
            executable: Vec::new(),
            invisible: Vec::new(),
            protected: Vec::new(),
            temporary,
            network: Network::None,
            sockets: Sockets::Pairs,
            environment: Vec::new(),
            limits: Limits::default(),
            tracing: false,
            strict: false,
        }
    }

    /// What ordinary work in a workspace needs: the programs of the system, and the workspace to write and run,
    /// but for what steers tools in it (`.git`, `.kiro/settings`). No network but its own.
    pub fn workspace(root: &Path, temporary: PathBuf) -> Profile {
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<PathBuf>>();
        let mut executable = paths(&PROGRAMS);
        executable.extend([root.to_path_buf(), temporary.clone()]);
        Profile {
            readable: paths(&SYSTEM),
            writable: vec![root.to_path_buf()],
            executable,
            invisible: paths(&SYSTEM_SECRETS),
            protected: vec![root.join(".git"), root.join(".kiro/settings")],
            network: Network::Loopback,
            environment: VARIABLES.iter().map(ToString::to_string).collect(),
            ..Profile::closed(temporary)
        }
    }

    /// Whether a variable of this name is passed on. Where there is a proxy, those that name it are.
    pub fn passes_variable(&self, name: &str) -> bool {
        if matches!(self.network, Network::ProxyOnly { .. })
            && PROXY_VARIABLES.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            return true;
        }
        self.environment.iter().any(|entry| match entry.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => entry == name,
        })
    }

    /// Says whether every path can be meant. Whoever enforces a profile asks this first.
    ///
    /// # Errors
    /// [`ProfileError`] names the first entry that cannot.
    pub fn check(&self) -> Result<(), ProfileError> {
        let temporary = std::slice::from_ref(&self.temporary);
        check_list("readable", &self.readable)?;
        check_list("writable", &self.writable)?;
        check_list("executable", &self.executable)?;
        check_list("invisible", &self.invisible)?;
        check_list("protected", &self.protected)?;
        check_list("temporary", temporary)?;
        for (list, paths) in [
            ("writable", self.writable.as_slice()),
            ("invisible", &self.invisible),
            ("protected", &self.protected),
            ("temporary", temporary),
        ] {
            if paths.iter().any(|path| path.parent().is_none()) {
                return Err(ProfileError::Everything { list });
            }
        }
        if self.network == (Network::ProxyOnly { port: 0 }) {
            return Err(ProfileError::NoPort);
        }
        Ok(())
    }
}

fn check_list(list: &'static str, paths: &[PathBuf]) -> Result<(), ProfileError> {
    if paths.len() > PROFILE_PATHS_MAX {
        return Err(ProfileError::TooMany { list, count: paths.len() });
    }
    for path in paths {
        let bytes = path.as_os_str().as_encoded_bytes();
        if bytes.contains(&0) || bytes.len() > PROFILE_PATH_BYTES_MAX {
            return Err(ProfileError::NoPath { list });
        }
        if !path.is_absolute() || path.components().any(|part| part == Component::ParentDir) {
            return Err(ProfileError::NotPlain { list, path: path.to_string_lossy().into_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Profile), expected: &str) {
        let mut profile = Profile::workspace(Path::new("/home/a/work"), PathBuf::from("/tmp/a"));
        change(&mut profile);
        let said = profile.check().map_or_else(|error| error.to_string(), |()| String::new());
        assert_eq!(said, expected);
    }

    #[test]
    fn paths_are_plain() {
        check(|_| {}, "");
        check(|p| p.readable.push("/".into()), "");
        check(
            |p| p.readable.push("a/b".into()),
            "`a/b` in `readable` is not absolute or has `..`; write it from the root",
        );
        check(
            |p| p.protected.push("/a/../b".into()),
            "`/a/../b` in `protected` is not absolute or has `..`; write it from the root",
        );
        check(
            |p| p.invisible.push("/a\0b".into()),
            "a path in `invisible` has a NUL or more than 4095 bytes",
        );
        check(
            |p| p.executable.push(format!("/{}", "a".repeat(5000)).into()),
            "a path in `executable` has a NUL or more than 4095 bytes",
        );
    }

    #[test]
    fn what_would_open_everything_is_refused() {
        let everything = "`/` in `writable` would leave nothing to hold; name the folders that are meant";
        check(|p| p.writable.push("/".into()), everything);
        check(
            |p| p.temporary = "/".into(),
            "`/` in `temporary` would leave nothing to hold; name the folders that are meant",
        );
        check(|p| p.network = Network::ProxyOnly { port: 0 }, "port 0 in `network` names no proxy");
        check(
            |p| p.invisible = vec!["/a".into(); 5000],
            "`invisible` has 5000 paths, more than 4096; name folders instead of files",
        );
    }

    #[test]
    fn variables_pass_by_name_or_by_their_beginning() {
        let profile = Profile::workspace(Path::new("/w"), "/t".into());
        let passed = ["PATH", "LC_ALL", "GIT_CONFIG_KEY_0", "HOME"];
        let kept = ["AWS_SECRET_ACCESS_KEY", "PATHS", "LC", "OPENAI_API_KEY", "LD_PRELOAD", "GIT_DIR", ""];
        assert!(passed.iter().all(|name| profile.passes_variable(name)));
        assert!(!kept.iter().any(|name| profile.passes_variable(name)));
    }

    #[test]
    fn limits_are_the_usual_ones_unless_something_is_said() {
        let own = Limits { processes: Some(9), file_bytes: Some(0), ..Limits::default() }.or_usual();
        assert_eq!(
            (own.processes, own.file_bytes, own.open_files),
            (Some(9), None, Limits::USUAL.open_files)
        );
        assert_eq!(Limits::default().or_usual(), Limits::USUAL);
    }

    #[test]
    fn the_closed_profile_grants_nothing() {
        let profile = Profile::closed("/t".into());
        let granted = profile.readable.len() + profile.writable.len() + profile.executable.len();
        assert_eq!((granted, profile.network, profile.sockets), (0, Network::None, Sockets::Pairs));
    }
}
