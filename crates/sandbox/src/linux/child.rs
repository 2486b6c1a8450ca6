//! What happens between fork and exec: from a process like its parent to a confined one. Decides nothing.

use std::ffi::CString;
use std::os::fd::{AsFd as _, OwnedFd};

use super::landlock::{DEVICE, READ, READ_DIR};
use super::seccomp::Instruction;
use super::shared::Words;
use super::sys::{self, Limit, Side, Sys};
use super::tend;
use super::view::{Step, View};

/// The most processes that a namespace can have had before numbers are used again, in the kernel.
const RESERVED: u64 = 300;

/// Everything that the child needs, made beforehand: it may not allocate.
pub(crate) struct Plan {
    /// The namespaces to make, as flags; none when there is no view.
    pub(crate) namespaces: i32,
    /// What the files `uid_map` and `gid_map` will say, when a user namespace is made.
    pub(crate) maps: Option<(CString, CString)>,
    /// The mounts.
    pub(crate) view: Option<View>,
    /// Whether there is a process namespace, and what its `pid_max` will say.
    pub(crate) processes: Processes,
    /// Whether the command may see its processes in `/proc`.
    pub(crate) shows_processes: bool,
    /// The port on which to listen for the proxy, and where to send the listener.
    pub(crate) bridge: Option<(u16, OwnedFd)>,
    /// The rules of Landlock.
    pub(crate) rules: Option<OwnedFd>,
    /// Whether the view has a root of its own, so that listing it tells nothing.
    pub(crate) own_root: bool,
    /// Rights that the rules hold, for those that are added here.
    pub(crate) held: u64,
    /// The filter of system calls.
    pub(crate) filter: Option<Vec<Instruction>>,
    /// Limits.
    pub(crate) limits: Vec<Limit>,
    /// Privileges that stay.
    pub(crate) kept_privileges: u64,
    /// Where the command begins.
    pub(crate) directory: CString,
}

/// How processes are kept together.
pub(crate) enum Processes {
    /// In a namespace of their own, with a `/proc` that shows only them.
    Own {
        /// What its `pid_max` will say.
        most: Option<CString>,
    },
    /// Below a process that adopts what loses its parent.
    Adopted,
}

impl Processes {
    /// A namespace for at most this many. Kernels count the numbers that were ever used up to 300.
    pub(crate) fn own(most: Option<u64>) -> Processes {
        let text = most.map(|most| most.saturating_add(RESERVED).min(4_194_304).to_string());
        Processes::Own { most: text.and_then(|text| CString::new(text).ok()) }
    }
}

/// Where the child is, so that a failure can be named. The numbers of mounts follow on `MOUNTS`.
pub(crate) mod step {
    pub(crate) const SESSION: u32 = 1;
    pub(crate) const NAMESPACES: u32 = 2;
    pub(crate) const NETWORK: u32 = 3;
    pub(crate) const ROOT: u32 = 4;
    pub(crate) const PROCESSES: u32 = 5;
    pub(crate) const LIMITS: u32 = 6;
    pub(crate) const PRIVILEGES: u32 = 7;
    pub(crate) const RULES: u32 = 8;
    pub(crate) const FILTER: u32 = 9;
    pub(crate) const DIRECTORY: u32 = 10;
    pub(crate) const PROGRAM: u32 = 11;
    pub(crate) const MOUNTS: u32 = 100;
}

/// Confines this process. Returns in the process that is to become the command; those that look after it never
/// return. After an error nothing has been run, and the process ends.
pub(crate) fn confine(plan: &Plan, words: &Words) -> Sys<()> {
    words.at(step::SESSION);
    sys::set_session()?;
    // Nothing may end the process that looks after the command before the command has ended.
    sys::block_all()?;
    words.at(step::NAMESPACES);
    enter(plan.namespaces, plan.maps.as_ref())?;
    if plan.namespaces & libc::CLONE_NEWNET != 0 {
        words.at(step::NETWORK);
        sys::raise_loopback()?;
        if let Some((port, through)) = &plan.bridge {
            let listener = sys::listen_on_loopback(*port)?;
            sys::send_descriptor(through.as_fd(), listener.as_fd())?;
        }
    }
    if let Some(view) = &plan.view {
        for (number, step) in view.steps.iter().enumerate() {
            words.at(step::MOUNTS.saturating_add(number as u32));
            make(step)?;
        }
        words.at(step::ROOT);
        sys::change_directory(&view.base)?;
        sys::make_this_the_root()?;
    }
    words.at(step::PROCESSES);
    match &plan.processes {
        Processes::Own { most } => {
            sys::die_with_parent(libc::SIGKILL)?;
            if let Side::Parent(first) = sys::fork()? {
                tend::stand_for(first, words);
            }
            sys::die_with_parent(libc::SIGKILL)?;
            own_processes(most.as_ref())?;
            if let Side::Parent(command) = sys::fork()? {
                tend::first_process(command, words);
            }
        }
        Processes::Adopted => {
            // A request instead of the end, so that it can end what it looks after first.
            sys::die_with_parent(libc::SIGTERM)?;
            sys::adopt_orphans()?;
            if let Side::Parent(command) = sys::fork()? {
                tend::adopting_process(command, words);
            }
        }
    }
    restrict(plan, words)
}

/// Makes namespaces, and says who this process is in them.
pub(crate) fn enter(namespaces: i32, maps: Option<&(CString, CString)>) -> Sys<()> {
    if namespaces == 0 {
        return Ok(());
    }
    let user = if maps.is_some() { libc::CLONE_NEWUSER } else { 0 };
    sys::unshare(namespaces | user)?;
    if let Some((users, groups)) = maps {
        sys::write_file(c"/proc/self/setgroups", b"deny")?;
        sys::write_file(c"/proc/self/uid_map", users.to_bytes())?;
        sys::write_file(c"/proc/self/gid_map", groups.to_bytes())?;
    }
    if namespaces & libc::CLONE_NEWNS != 0 {
        // What is mounted here must not show outside.
        sys::mount(None, c"/", None, libc::MS_REC | libc::MS_PRIVATE, None)?;
    }
    Ok(())
}

fn make(step: &Step) -> Sys<()> {
    let plain = libc::MS_NOSUID | libc::MS_NODEV;
    match step {
        Step::Empty { at, options } => sys::mount(Some(c"tmpfs"), at, Some(c"tmpfs"), plain, Some(options)),
        Step::MakeFolder(at) => sys::make_directory(at),
        Step::MakeFile(at) => sys::make_file(at),
        Step::MakeLink { text, at } => sys::make_link(text, at),
        Step::Bind { from, to } => sys::mount(Some(from), to, None, libc::MS_BIND | libc::MS_REC, None),
        Step::Set { at, attributes, alone } => sys::set_attributes(at, *attributes, *alone),
        Step::Terminals { at } => {
            let options = c"newinstance,ptmxmode=0666,mode=0620";
            sys::mount(Some(c"devpts"), at, Some(c"devpts"), libc::MS_NOSUID | libc::MS_NOEXEC, Some(options))
        }
    }
}

/// Mounts a `/proc` that shows the processes of this namespace. Runs as the first of them.
pub(crate) fn own_processes(most: Option<&CString>) -> Sys<()> {
    let plain = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
    // Whom the command may not look into it does not see either, above all this process, whose words are Waypost's.
    sys::mount(Some(c"proc"), c"/proc", Some(c"proc"), plain, Some(c"hidepid=ptraceable"))?;
    if let Some(most) = most {
        sys::write_file(c"/proc/sys/kernel/pid_max", most.to_bytes())?;
    }
    sys::set_attributes(c"/proc", sys::attribute::READ_ONLY, true)
}

fn restrict(plan: &Plan, words: &Words) -> Sys<()> {
    sys::unblock_all()?;
    words.at(step::LIMITS);
    for limit in &plan.limits {
        sys::set_limit(*limit)?;
    }
    words.at(step::PRIVILEGES);
    sys::drop_privileges(plan.kept_privileges)?;
    sys::no_new_privileges()?;
    sys::die_with_parent(libc::SIGKILL)?;
    words.at(step::DIRECTORY);
    sys::change_directory(&plan.directory)?;
    if let Some(rules) = &plan.rules {
        words.at(step::RULES);
        let rules = rules.as_fd();
        if plan.view.is_some() {
            // These file systems were made a moment ago, so nobody could name them earlier.
            let added = [
                (c"/dev/pts", DEVICE | READ, true),
                (c"/dev", READ_DIR, true),
                (c"/proc", READ, plan.shows_processes),
                (c"/", READ_DIR, plan.own_root),
            ];
            for (path, rights, wanted) in added {
                if wanted {
                    let path = sys::open_path(path)?;
                    sys::landlock_grant(rules, path.as_fd(), rights & plan.held)?;
                }
            }
        }
        sys::landlock_enter(rules)?;
    }
    words.at(step::FILTER);
    sys::close_leftovers_on_exec()?;
    if let Some(filter) = &plan.filter {
        sys::install_filter(filter)?;
    }
    words.at(step::PROGRAM);
    Ok(())
}
