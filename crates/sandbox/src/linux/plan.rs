//! Prepares in the parent what a confined child needs, and says whether that is enough.
#![expect(clippy::disallowed_methods, reason = "opens what is granted, and makes a folder for shared memory")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use policy::{Limits, Profile};

use super::aliases;
use super::carve::{self, Rules};
use super::child::{self, Plan, Processes, step};
use super::choice::{Choice, choose};
use super::guards::Guards;
use super::landlock::{CONNECT_TCP, DEVICE, Held, OF_FILES, READ, WRITE};
use super::probe::{FOR_MOUNTS, maps};
use super::roots::{Kept, Roots, is_device};
use super::seccomp::{Wanted, filter, this_machine};
use super::sys::{self, Limit, SharedPage};
use super::view::{self, DEVICES, c_path};
use crate::capabilities::Capabilities;
use crate::confinement::{Bridge, Confinement};
use crate::enforced::{Asked, Enforced};

/// A folder for shared memory inside the folder for temporary files.
const SHARED_MEMORY: &str = ".shm";

/// Privileges of a root without a user namespace that stay: those over files and over who one is. What they
/// reach is held by the view. By number: `CHOWN`, `DAC_OVERRIDE`, `FOWNER`, `FSETID`, `KILL`, `SETGID`, `SETUID`.
const KEPT_WITH_VIEW: u64 = 0b1111_1011;

/// The same when there is no view: only that over files, which Landlock holds.
const KEPT_WITHOUT_VIEW: u64 = 1 << 1;

/// What a command needs while it runs, besides its process.
pub(crate) struct Prepared {
    plan: Option<Plan>,
    words: Arc<SharedPage>,
    bridge: Option<(Bridge, UnixDatagram)>,
    guards: Guards,
}

/// What stays for as long as the command runs. Dropping it takes away what was made for it.
#[derive(Debug)]
pub(crate) struct Kit {
    words: Arc<SharedPage>,
    listener: Option<TcpListener>,
    _guards: Guards,
}

/// Why a command was not confined.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A strict profile, and what is not enforced.
    NotEnforced(Vec<String>),
    /// The system refused a step.
    Failed(String, io::Error),
}

/// Looks at the disk, and says what would hold.
pub(crate) fn enforced(profile: &Profile, can: &Capabilities, bridged: bool) -> Enforced {
    look(profile, can, bridged).enforced
}

struct Looked {
    roots: Roots,
    choice: Choice,
    rules: Rules,
    base: Option<&'static Path>,
    enforced: Enforced,
}

fn look(profile: &Profile, can: &Capabilities, bridged: bool) -> Looked {
    let mut roots = Roots::look(profile);
    aliases::hide(&mut roots, aliases::ENTRIES_MAX);
    let base = view::choose_base(&roots, Path::is_dir);
    let can = Capabilities { namespaces: can.namespaces.filter(|_| base.is_some()), ..*can };
    let root = sys::user_and_group().0 == 0;
    let mut choice = choose(profile, &can, bridged, root);
    // Without a view `/proc` is as it is, and with one it may be left out.
    choice.keeper &= !choice.mounts || roots.processes;
    let rules = if choice.mounts {
        carve::plain(&roots, choice.unix_sockets)
    } else {
        carve::carved(&roots, choice.unix_sockets, carve::RULES_MAX)
    };
    let mut enforced = choice.enforced(profile);
    for gap in &roots.gaps {
        let asked = if gap.contains("(hard links)") { Asked::Invisible } else { Asked::Protected };
        enforced.gap(asked, gap.clone());
    }
    for gap in &rules.gaps {
        enforced.gap(Asked::Invisible, gap.clone());
    }
    enforced.shut.extend(rules.shut.iter().cloned());
    Looked { roots, choice, rules, base, enforced }
}

/// Prepares one command. Nothing has happened when it refuses.
pub(crate) fn prepare(confinement: &Confinement, directory: &Path) -> Result<Prepared, Refusal> {
    let failed = |what: &str| {
        let what = what.to_string();
        move |cause: io::Error| Refusal::Failed(what, cause)
    };
    let profile = confinement.profile();
    let looked = look(profile, confinement.capabilities(), confinement.bridge().is_some());
    if profile.strict && !looked.enforced.is_complete() {
        return Err(Refusal::NotEnforced(looked.enforced.gaps().map(str::to_string).collect()));
    }
    let Looked { roots, choice, mut rules, base, .. } = looked;
    let shared_memory = profile.temporary.join(SHARED_MEMORY);
    let mut guards = Guards::default();
    let mut view = None;
    let mut namespaces = 0;
    if let Some(base) = base.filter(|_| choice.mounts) {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&shared_memory);
        made.map_err(failed("the folder for shared memory"))?;
        for kept in &roots.protected {
            if let Kept::Absent(path) = kept {
                guards.stand(path).map_err(failed("a folder where something protected is missing"))?;
            }
        }
        let shows_processes = roots.processes || choice.processes;
        view = Some(view::view(&roots, base, shows_processes, &profile.temporary, &shared_memory));
        rules.rules.insert(
            shared_memory.clone(),
            carve::rights(super::roots::Grant { write: true, ..Default::default() }, false),
        );
        let when = |is: bool, flag: i32| if is { flag } else { 0 };
        namespaces = FOR_MOUNTS
            | when(choice.processes, libc::CLONE_NEWPID)
            | when(choice.network, libc::CLONE_NEWNET);
    }
    rules.rules.extend(devices());
    if roots.processes {
        // With a `/proc` of its own this is the old one, which nobody can see any more.
        rules.rules.insert(PathBuf::from("/proc"), READ);
    }
    let held = choice.landlock.map(|version| (version, Held::by(version, choice.connections.is_some())));
    let rules = match &held {
        Some((version, held)) => {
            let made = make_rules(&rules.rules, held, *version, choice.connections.flatten());
            Some(made.map_err(failed("the rules for files"))?)
        }
        None => None,
    };
    let (sender, receiver) = match choice.bridge {
        Some(port) => {
            let (ours, theirs) = UnixDatagram::pair().map_err(failed("the way to the proxy"))?;
            (Some((port, OwnedFd::from(theirs))), Some(ours))
        }
        None => (None, None),
    };
    let own_limit = choice.processes && choice.process_limit && choice.root;
    let words = SharedPage::new().map_err(io::Error::from_raw_os_error).map_err(failed("shared memory"))?;
    let plan = Plan {
        namespaces,
        maps: if choice.user && namespaces != 0 { maps() } else { None },
        own_root: view.is_some() && !roots.grants.contains_key(Path::new("/")),
        view,
        processes: if choice.processes {
            Processes::own(profile.limits.processes.filter(|_| own_limit))
        } else {
            Processes::Adopted
        },
        shows_processes: roots.processes,
        bridge: sender,
        rules,
        held: held.map_or(0, |(_, held)| held.files),
        filter: this_machine().filter(|_| choice.seccomp).map(|machine| {
            let wanted = Wanted {
                inet: choice.inet,
                unix_sockets: choice.unix_sockets,
                tracing: profile.tracing,
                programs_from_memory: roots.grants.values().any(|grant| grant.write && grant.execute),
                namespaces: choice.mounts,
            };
            filter(machine, &wanted)
        }),
        limits: limits(&profile.limits, &choice),
        kept_privileges: match (choice.user, choice.mounts) {
            (true, true) => 0,
            (false, true) => KEPT_WITH_VIEW,
            (_, false) => KEPT_WITHOUT_VIEW,
        },
        directory: c_path(directory),
    };
    let bridge = receiver.and_then(|receiver| confinement.bridge().cloned().map(|bridge| (bridge, receiver)));
    Ok(Prepared { plan: Some(plan), words: Arc::new(words), bridge, guards })
}

/// What every program may use.
fn devices() -> impl Iterator<Item = (PathBuf, u64)> {
    DEVICES.iter().map(|name| (Path::new("/dev").join(name), DEVICE))
}

fn make_rules(
    rules: &BTreeMap<PathBuf, u64>,
    held: &Held,
    version: u32,
    port: Option<u16>,
) -> io::Result<OwnedFd> {
    let set = sys::landlock_rules(held, Held::size(version)).map_err(io::Error::from_raw_os_error)?;
    for (path, rights) in rules {
        // A link that took the place of what was looked at a moment ago is not followed.
        let flags = libc::O_PATH | libc::O_NOFOLLOW | libc::O_CLOEXEC;
        let Ok(opened) = File::options().read(true).custom_flags(flags).open(path) else { continue };
        let folder = opened.metadata()?.is_dir();
        // A device that may be written is there to be used.
        let device = is_device(path) && rights & WRITE == WRITE;
        let rights = if device { rights | DEVICE } else { *rights };
        let rights = rights & held.files & if folder { u64::MAX } else { OF_FILES };
        if rights != 0 {
            sys::landlock_grant(set.as_fd(), opened.as_fd(), rights).map_err(io::Error::from_raw_os_error)?;
        }
    }
    if let (Some(port), true) = (port, held.network != 0) {
        sys::landlock_grant_port(set.as_fd(), port, CONNECT_TCP).map_err(io::Error::from_raw_os_error)?;
    }
    Ok(set)
}

fn limits(limits: &Limits, choice: &Choice) -> Vec<Limit> {
    let mut all = vec![(libc::RLIMIT_CORE, 0, 0)];
    let mut add = |resource, value: Option<u64>, more: u64| {
        if let Some(value) = value {
            all.push((resource, value, value.saturating_add(more)));
        }
    };
    // First the signal that a program may still act on, a second later the one that it cannot.
    add(libc::RLIMIT_CPU, limits.cpu_seconds, 1);
    add(libc::RLIMIT_AS, limits.address_space_bytes, 0);
    add(libc::RLIMIT_FSIZE, limits.file_bytes, 0);
    add(libc::RLIMIT_NOFILE, limits.open_files, 0);
    // In a user namespace only its own count, with the two that look after the command; without one, all of the
    // user's do.
    let others = || if choice.user { 2 } else { tasks_of_user() };
    add(libc::RLIMIT_NPROC, limits.processes.map(|most| most.saturating_add(others())), 0);
    all
}

/// How many processes and threads the user has now.
fn tasks_of_user() -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let (user, _) = sys::user_and_group();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut tasks = 0;
    for process in processes {
        let is_process = process.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit);
        if is_process
            && let Ok(folder) = std::fs::metadata(process.path().join("task"))
            && folder.uid() == user
        {
            tasks += folder.nlink().saturating_sub(2).max(1);
        }
    }
    tasks
}

impl Prepared {
    /// What the child does between fork and exec. To be taken once.
    pub(crate) fn entry(&mut self) -> impl FnMut() -> io::Result<()> + Send + Sync + 'static {
        let (plan, words) = (self.plan.take(), Arc::clone(&self.words));
        move || match &plan {
            Some(plan) => child::confine(plan, &words).map_err(io::Error::from_raw_os_error),
            None => Err(io::Error::from_raw_os_error(libc::EINVAL)),
        }
    }

    /// After the command began: hands its listener to the proxy.
    pub(crate) fn begun(self) -> Result<Kit, Refusal> {
        let mut kept = None;
        if let Some((bridge, receiver)) = self.bridge {
            let failed = |cause| Refusal::Failed("the way to the proxy".to_string(), cause);
            let listener = sys::take_listener(receiver.as_fd()).map_err(io::Error::from_raw_os_error);
            let listener = listener.map_err(failed)?;
            kept = Some(listener.try_clone().map_err(failed)?);
            bridge(listener);
        }
        Ok(Kit { words: self.words, listener: kept, _guards: self.guards })
    }

    /// After it did not: the step that failed, unless it was the start of the program itself.
    pub(crate) fn failed_step(&self) -> Option<String> {
        let words = match self.words.step() {
            0 | step::PROGRAM => return None,
            step::SESSION => "its own session",
            step::NAMESPACES => "namespaces",
            step::NETWORK => "its own network",
            step::ROOT => "its own root",
            step::PROCESSES => "its own processes",
            step::LIMITS => "limits",
            step::PRIVILEGES => "giving up privileges",
            step::RULES => "the rules for files",
            step::FILTER => "the filter of system calls",
            step::DIRECTORY => "its directory",
            mount => return Some(format!("mount {}", mount.saturating_sub(step::MOUNTS))),
        };
        Some(words.to_string())
    }
}

impl Kit {
    /// Whether something of the ended command had to be ended.
    pub(crate) fn had_leftovers(&self) -> bool {
        self.words.had_leftovers()
    }
}

impl Drop for Kit {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            // Whoever waits for connections of a command that is over is told so.
            sys::end_listener(listener.as_fd());
        }
    }
}
