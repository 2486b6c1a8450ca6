//! Finds out what this machine can enforce, by trying it in processes that end at once.
#![expect(clippy::disallowed_methods, reason = "looks which folders and files the system has")]

use std::ffi::CString;
use std::path::Path;

use super::child::{enter, own_processes};
use super::seccomp::{Inet, Wanted, filter, this_machine};
use super::sys::{self, Errno, Side, Sys};
use super::view::{BASES, c_path};
use crate::capabilities::{Capabilities, Namespaces};

/// The namespaces that a view needs.
pub(crate) const FOR_MOUNTS: i32 = libc::CLONE_NEWNS | libc::CLONE_NEWIPC;

/// Tries everything.
pub(crate) fn probe() -> Capabilities {
    Capabilities {
        landlock: sys::landlock_version(),
        seccomp: seccomp(),
        namespaces: namespaces(),
        lists_children: Path::new("/proc/thread-self/children").exists(),
    }
}

/// What this process would write into its maps: it stays who it is, and nobody else is there.
pub(crate) fn maps() -> Option<(CString, CString)> {
    let (user, group) = sys::user_and_group();
    let map = |id: u32| CString::new(format!("{id} {id} 1")).ok();
    Some((map(user)?, map(group)?))
}

fn seccomp() -> bool {
    let Some(machine) = this_machine() else { return false };
    let wanted = Wanted {
        inet: Inet::None,
        unix_sockets: false,
        tracing: false,
        programs_from_memory: false,
        namespaces: false,
    };
    let program = filter(machine, &wanted);
    attempt(|| {
        sys::no_new_privileges()?;
        sys::install_filter(&program)?;
        // The filter holds when a call that it names says so, and not something else.
        match sys::unshare(libc::CLONE_NEWNS) {
            Err(libc::EPERM) => Ok(()),
            _ => Err(libc::ENOTSUP),
        }
    })
}

fn namespaces() -> Option<Namespaces> {
    let base = BASES.iter().map(Path::new).find(|base| base.is_dir()).map(c_path)?;
    let maps = maps()?;
    let mounts = |user: bool| {
        attempt(|| {
            enter(FOR_MOUNTS, user.then_some(&maps))?;
            let (kind, plain) = (Some(c"tmpfs"), libc::MS_NOSUID | libc::MS_NODEV);
            sys::mount(kind, &base, kind, plain, Some(c"mode=0755,size=64k"))?;
            sys::set_attributes(&base, sys::attribute::READ_ONLY, true)?;
            sys::change_directory(&base)?;
            sys::make_this_the_root()
        })
    };
    // Privileges that are there make a namespace of users unnecessary, and with it that no file of another
    // user can be changed.
    let user = if mounts(false) {
        false
    } else if mounts(true) {
        true
    } else {
        return None;
    };
    let processes = |most: Option<&CString>| {
        attempt(|| {
            enter(FOR_MOUNTS | libc::CLONE_NEWPID, user.then_some(&maps))?;
            match sys::fork()? {
                Side::Child => sys::exit(own_processes(most).err().unwrap_or(0)),
                Side::Parent(first) => match sys::exit_code(sys::wait_for(first)?) {
                    Ok(0) => Ok(()),
                    Ok(error) => Err(error),
                    Err(_) => Err(libc::EINTR),
                },
            }
        })
    };
    let most = CString::new("4000").ok().filter(|_| bounds_by_namespace(&release()));
    let network = attempt(|| {
        enter(FOR_MOUNTS | libc::CLONE_NEWNET, user.then_some(&maps))?;
        sys::raise_loopback()
    });
    Some(Namespaces {
        user,
        processes: processes(None),
        process_limit: most.is_some_and(|most| processes(Some(&most))),
        network,
    })
}

fn release() -> String {
    std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default()
}

/// Whether `pid_max` belongs to the namespace. In older kernels it is one for the whole machine, and not ours.
fn bounds_by_namespace(release: &str) -> bool {
    let mut numbers =
        release.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (6, 14)
}

/// Whether something works in a process of its own.
fn attempt(work: impl Fn() -> Sys<()>) -> bool {
    let outcome: Sys<Result<i32, Errno>> = match sys::fork() {
        Ok(Side::Child) => sys::exit(i32::from(work().is_err())),
        Ok(Side::Parent(id)) => sys::wait_for(id).map(sys::exit_code),
        Err(error) => Err(error),
    };
    outcome == Ok(Ok(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_of_processes_belongs_to_the_namespace_since() {
        let check =
            |release: &str, expected: bool| assert_eq!(bounds_by_namespace(release), expected, "{release}");
        check("6.14.0", true);
        check("6.18.44-fc", true);
        check("7.0.0-rc1", true);
        check("6.13.9", false);
        check("5.15.0-91-generic", false);
        check("", false);
        check("six", false);
    }
}
