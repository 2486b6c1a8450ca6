//! A process with all that it started in its group: to watch, to signal, to end. Starts nothing.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use crate::escaped::Mark;

/// How long a group has between being asked to end and being killed, when somebody waits for it.
pub(crate) const GRACE: Duration = Duration::from_millis(500);

/// The same when the future that ran it was dropped: nobody waits, so it is short.
const DROP_GRACE: Duration = Duration::from_millis(100);

/// How often is looked where the system cannot wake us.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A process group. Dropping it ends it.
///
/// Invariant: the group is signalled only while its leader is not yet reaped, or was reaped a moment ago and
/// members are left; so its number cannot belong to anybody else.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    id: Option<Pid>,
    mark: Mark,
    status: Option<ExitStatus>,
    #[cfg(target_os = "linux")]
    kit: Option<crate::linux::Kit>,
}

impl Group {
    pub(crate) fn new(child: Child, mark: Mark) -> Group {
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Group {
            child,
            id,
            mark,
            status: None,
            #[cfg(target_os = "linux")]
            kit: None,
        }
    }

    /// Keeps what a confined command needs until it is gone.
    #[cfg(target_os = "linux")]
    pub(crate) fn keep(&mut self, kit: crate::linux::Kit) {
        self.kit = Some(kit);
    }

    /// Whether whoever looked after a confined command had to end something that it left.
    pub(crate) fn had_leftovers(&self) -> bool {
        #[cfg(target_os = "linux")]
        return self.kit.as_ref().is_some_and(crate::linux::Kit::had_leftovers);
        #[cfg(not(target_os = "linux"))]
        return false;
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Sends a signal to every member.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(id) = self.id {
            // An empty group is no failure: there is nothing left to signal.
            let _empty = rustix::process::kill_process_group(id, signal);
        }
    }

    /// Whether the leader has exited. Does not reap it.
    pub(crate) fn has_exited(&self) -> bool {
        let (Some(id), None) = (self.id, self.status) else { return true };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(rustix::process::waitid(WaitId::Pid(id), options), Ok(None))
    }

    /// A descriptor that becomes readable when the leader exits.
    #[cfg(target_os = "linux")]
    pub(crate) fn exit_descriptor(&self) -> io::Result<std::os::fd::OwnedFd> {
        let id = self.id.ok_or(io::ErrorKind::NotFound)?;
        Ok(rustix::process::pidfd_open(id, rustix::process::PidfdFlags::empty())?)
    }

    /// Returns when the leader has exited.
    pub(crate) async fn exited(&self) {
        #[cfg(target_os = "linux")]
        if let Ok(descriptor) = self.exit_descriptor()
            && let Ok(watched) = watch(descriptor)
            && watched.readable().await.is_ok()
        {
            return;
        }
        while !self.has_exited() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Blocks until the leader has exited, at most this long. Says whether it has.
    pub(crate) fn wait_at_most(&self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        while !self.has_exited() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            std::thread::sleep(left.min(LOOK_EVERY));
        }
        true
    }

    /// How the leader ended; blocks until it has.
    pub(crate) fn reap(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait()?;
        self.status = Some(status);
        Ok(status)
    }

    /// Whether the leader was reaped and members are left.
    pub(crate) fn has_leftovers(&self) -> bool {
        self.status.is_some()
            && self.id.is_some_and(|id| rustix::process::test_kill_process_group(id).is_ok())
    }

    /// Kills what bears the mark of this group but left it.
    pub(crate) fn kill_escaped(&self) -> usize {
        self.mark.kill_all()
    }

    /// Ends the whole group and everything that left it: asks, waits at most `grace`, kills.
    pub(crate) fn end(&mut self, grace: Duration) -> io::Result<ExitStatus> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        self.signal(Signal::TERM);
        self.wait_at_most(grace);
        self.signal(Signal::KILL);
        self.kill_escaped();
        self.reap()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.status.is_none() {
            // Nobody is left to hear of a failure.
            let _unheard = self.end(DROP_GRACE);
        }
    }
}

#[cfg(target_os = "linux")]
fn watch(descriptor: std::os::fd::OwnedFd) -> io::Result<tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>> {
    #[expect(
        unsafe_code,
        reason = "the call asks that the descriptor stays open and the same for as long as it is registered: \
                  `OwnedFd` owns it, always names the same one, and closes it only when it is dropped, after \
                  `AsyncFd` has deregistered it"
    )]
    let watched = unsafe {
        tokio::io::unix::AsyncFd::register_with_interest(descriptor, tokio::io::Interest::READABLE)
    };
    Ok(watched?)
}

/// Exit code and signal of an ended process; one of them is there.
pub(crate) fn exit_and_signal(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    (status.code(), status.signal())
}
