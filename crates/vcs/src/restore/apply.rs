//! Brings paths from one state to another, each only if it is in the state that was expected. Follows no link out of
//! the workspace, loses no byte that the store does not hold, and may be repeated after a crash at any place.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, RawMode, RenameFlags, chmodat, fchmod, fstat, mkdirat, openat, renameat,
    renameat_with, unlinkat,
};
use rustix::io::Errno;

use super::crash;
use super::stage::{Stage, name, new_name, old_name};
use crate::SnapshotError;
use crate::beneath;
use crate::contents::node_at;
use crate::durable::sync_file_system;
use crate::object::Node;
use crate::plan::{Kept, Reason, Step, bytes_of};
use crate::store::Store;

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) changed: Vec<PathBuf>,
    pub(super) kept: Vec<Kept>,
}

/// How one step came out.
type Came = Result<bool, Reason>;

struct Apply<'a> {
    root: OwnedFd,
    stage: Stage,
    steps: &'a [Step],
    /// Names on the stage that hold what a person wrote in the last moment.
    stays: Vec<String>,
}

/// Carries out the steps.
pub(super) fn apply(
    workspace: &Path,
    store: &Store,
    number: u64,
    steps: &[Step],
) -> Result<Done, SnapshotError> {
    let failed = |doing| SnapshotError::io::<Errno>(doing, workspace);
    let root = beneath::root(workspace).map_err(failed("open"))?;
    let is_staged = |step: &Step| step.to.filter(|to| !to.is_directory() && step.from != Some(*to));
    let wanted: Vec<(usize, Node)> =
        steps.iter().enumerate().filter_map(|(at, step)| Some((at, is_staged(step)?))).collect();
    let left = Stage::left(&root, number).map_err(failed("look at what was left in"))?;
    let is_again = left.is_some();
    let stage = match left {
        Some(stage) => stage,
        None => Stage::make(&root, number, store, &wanted)?,
    };
    let mut apply = Apply { root, stage, steps, stays: Vec::new() };
    let mut came: Vec<Option<Came>> = vec![None; steps.len()];
    if is_again {
        apply.look_again(&mut came);
    }
    // What goes, from below; then what comes, from above; then permissions, from below.
    let removals = steps.iter().enumerate().rev().filter(|(_, step)| is_removal(step));
    for (at, step) in removals {
        if matches!(came.get(at), Some(None)) {
            let outcome = apply.remove(at, step);
            if let (Some(slot), true) = (came.get_mut(at), step.to.is_none() || outcome.is_err()) {
                *slot = Some(outcome);
            }
            crash::point();
        }
    }
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.to.is_some()) {
        if let Some(slot) = came.get_mut(at).filter(|slot| slot.is_none()) {
            *slot = Some(apply.bring(at, step));
            crash::point();
        }
    }
    for step in steps.iter().rev() {
        if let Some(to) = step.to.filter(Node::is_directory) {
            apply.permit(step, to);
        }
    }
    let Apply { root, stage, stays, .. } = apply;
    stage.close(&root, &stays).map_err(failed("tidy up in"))?;
    sync_file_system(&root).map_err(failed("sync"))?;
    let mut done = Done::default();
    for (step, came) in steps.iter().zip(came) {
        match came {
            Some(Ok(true)) => done.changed.push(step.path.clone()),
            Some(Err(why)) => done.kept.push(Kept { path: step.path.clone(), why }),
            Some(Ok(false)) | None => {}
        }
    }
    for left in stays {
        let path = Path::new(&name(number)).join(left);
        done.kept.push(Kept { path, why: Reason::ChangedMeanwhile });
    }
    Ok(done)
}

/// Whether what stands at the path must go before what comes can come.
fn is_removal(step: &Step) -> bool {
    let is_directory = |node: Option<Node>| node.is_some_and(|node| node.is_directory());
    step.from.is_some() && (step.to.is_none() || is_directory(step.from) != is_directory(step.to))
}

impl Apply<'_> {
    /// After a crash: what was swapped or taken away and not looked at yet is looked at now.
    fn look_again(&mut self, came: &mut [Option<Came>]) {
        for (at, (step, came)) in self.steps.iter().zip(came).enumerate() {
            let Ok((parent, name)) = self.place(step) else { continue };
            let now = node_at(&parent, name).ok().flatten();
            let swapped = node_at(&self.stage.directory, new_name(at).as_bytes()).ok().flatten();
            if let Some(swapped) = swapped.filter(|_| now.is_some() && now == step.to)
                && Some(swapped) != step.from
                && Some(swapped) != step.to
            {
                // Written between our last look and the swap: it goes back.
                let back =
                    renameat_with(&self.stage.directory, new_name(at), &parent, name, RenameFlags::EXCHANGE);
                if back.is_ok() {
                    *came = Some(Err(Reason::ChangedMeanwhile));
                }
            }
            let taken = node_at(&self.stage.directory, old_name(at).as_bytes()).ok().flatten();
            if let Some(taken) = taken
                && Some(taken) != step.from
            {
                self.put_back(at, &parent, name);
                *came = Some(Err(Reason::ChangedMeanwhile));
            }
        }
    }

    /// The directory that a path lies in, and its name there.
    fn place<'s>(&self, step: &'s Step) -> Result<(OwnedFd, &'s [u8]), Errno> {
        let (parent, name) = beneath::split(bytes_of(&step.path));
        Ok((beneath::descend(&self.root, parent)?, name))
    }

    fn remove(&mut self, at: usize, step: &Step) -> Came {
        let (parent, name) = match self.place(step) {
            Ok(place) => place,
            // Below something that is no directory there is nothing.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(true),
            Err(_) => return Err(Reason::Refused),
        };
        let now = node_at(&parent, name).map_err(unreadable)?;
        let is_made = |now: &Node| now.is_directory() && step.to.is_some_and(|to| to.is_directory());
        if now.is_none() || now == step.to || now.as_ref().is_some_and(is_made) {
            return Ok(true);
        }
        let is_directory = step.from.is_some_and(|from| from.is_directory());
        if is_directory {
            if !now.is_some_and(|now| now.is_directory()) {
                return Err(Reason::ChangedMeanwhile);
            }
            return match writable(&parent, || unlinkat(&parent, name, AtFlags::REMOVEDIR)) {
                Ok(()) | Err(Errno::NOENT) => Ok(true),
                Err(Errno::NOTEMPTY | Errno::EXIST) => Err(Reason::NotEmpty),
                Err(Errno::BUSY) => Err(Reason::OtherDevice),
                Err(_) => Err(Reason::Refused),
            };
        }
        if now != step.from {
            return Err(Reason::ChangedMeanwhile);
        }
        let moved = writable(&parent, || rename_new(&parent, name, &self.stage.directory, old_name(at)));
        match moved {
            Ok(()) => {}
            Err(Errno::NOENT) => return Ok(true),
            Err(Errno::XDEV) => return Err(Reason::OtherDevice),
            Err(_) => return Err(Reason::Refused),
        }
        crash::point();
        // What was really taken away may have been written a moment ago.
        match node_at(&self.stage.directory, old_name(at).as_bytes()) {
            Ok(taken) if taken == step.from => Ok(true),
            _ => {
                self.put_back(at, &parent, name);
                Err(Reason::ChangedMeanwhile)
            }
        }
    }

    fn put_back(&mut self, at: usize, parent: &OwnedFd, name: &[u8]) {
        let old = old_name(at);
        if renameat_with(&self.stage.directory, old.as_str(), parent, name, RenameFlags::NOREPLACE).is_err() {
            self.stays.push(old);
        }
    }

    fn bring(&mut self, at: usize, step: &Step) -> Came {
        let Some(to) = step.to else { return Ok(false) };
        let (parent, name) = match self.place(step) {
            Ok(place) => place,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Err(Reason::Occupied),
            Err(_) => return Err(Reason::Refused),
        };
        let now = node_at(&parent, name).map_err(unreadable)?;
        if now == Some(to) {
            return Ok(true);
        }
        if to.is_directory() {
            return match now {
                // Its permissions come last, so that files can still be put into it.
                Some(now) if now.is_directory() => Ok(true),
                Some(_) => Err(Reason::Occupied),
                None => match writable(&parent, || mkdirat(&parent, name, Mode::RWXU)) {
                    Ok(()) | Err(Errno::EXIST) => Ok(true),
                    Err(_) => Err(Reason::Refused),
                },
            };
        }
        let was_directory = step.from.is_some_and(|from| from.is_directory());
        let is_new = now.is_none();
        if is_new && step.from.is_some() && !was_directory || !is_new && now != step.from {
            return Err(Reason::ChangedMeanwhile);
        }
        let new = new_name(at);
        if is_new {
            let moved =
                writable(&parent, || rename_new(&self.stage.directory, new.as_bytes(), &parent, name));
            return match moved {
                Ok(()) => Ok(true),
                Err(Errno::EXIST) => Err(Reason::ChangedMeanwhile),
                Err(Errno::XDEV) => Err(Reason::OtherDevice),
                Err(_) => Err(Reason::Refused),
            };
        }
        let swap =
            || renameat_with(&self.stage.directory, new.as_str(), &parent, name, RenameFlags::EXCHANGE);
        match writable(&parent, swap) {
            Ok(()) => {}
            Err(Errno::XDEV) => return Err(Reason::OtherDevice),
            Err(Errno::NOENT) => return Err(Reason::ChangedMeanwhile),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                // A file system that cannot swap: the look above was the last one.
                let moved =
                    writable(&parent, || renameat(&self.stage.directory, new.as_str(), &parent, name));
                return moved.map(|()| true).map_err(|_| Reason::Refused);
            }
            Err(_) => return Err(Reason::Refused),
        }
        crash::point();
        match node_at(&self.stage.directory, new.as_bytes()) {
            Ok(swapped) if swapped == step.from => Ok(true),
            _ => {
                if swap().is_err() {
                    self.stays.push(new.clone());
                }
                Err(Reason::ChangedMeanwhile)
            }
        }
    }

    /// Gives a directory its permissions, if it has those that it was made or seen with.
    fn permit(&self, step: &Step, to: Node) {
        let Ok((parent, name)) = self.place(step) else { return };
        // Only to name it: one without permissions cannot be opened to be read.
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let Ok(directory) = openat(&parent, name, flags, Mode::empty()) else { return };
        let Ok(stat) = fstat(&directory) else { return };
        let now = u32::try_from(crate::stamp::unsigned(stat.st_mode)).unwrap_or_default() & 0o7777;
        let was = step.from.filter(Node::is_directory).map_or(0o700, |from| from.permissions());
        if now != to.permissions() && now == was {
            // A directory whose permissions stay others shows in the snapshot that follows.
            let opened = format!("/proc/self/fd/{}", directory.as_raw_fd());
            let mode = Mode::from_bits_truncate(to.permissions() as RawMode);
            let _refused = chmodat(CWD, opened, mode, AtFlags::empty());
        }
    }
}

/// Renames, and replaces nothing.
fn rename_new(from: &OwnedFd, name: &[u8], to: &OwnedFd, new: impl AsRef<[u8]>) -> Result<(), Errno> {
    match renameat_with(from, name, to, new.as_ref(), RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            // A file system that cannot say so: looked at just before.
            match rustix::fs::statat(to, new.as_ref(), AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => renameat(from, name, to, new.as_ref()),
                Ok(_) => Err(Errno::EXIST),
                Err(error) => Err(error),
            }
        }
        other => other,
    }
}

/// Does something in a directory, if need be with its write permission given for that moment.
fn writable<T>(directory: &OwnedFd, act: impl Fn() -> Result<T, Errno>) -> Result<T, Errno> {
    match act() {
        Err(Errno::ACCESS) => {
            let stat = fstat(directory)?;
            let mode = Mode::from_raw_mode(stat.st_mode);
            fchmod(directory, mode | Mode::RWXU)?;
            let came = act();
            let _restored = fchmod(directory, mode);
            came
        }
        other => other,
    }
}

/// Why a path whose bytes cannot be compared stays.
fn unreadable(error: std::io::Error) -> Reason {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => Reason::Refused,
        _ => Reason::ChangedMeanwhile,
    }
}
