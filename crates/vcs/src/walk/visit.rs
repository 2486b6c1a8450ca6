//! Looks at one directory: its names when they may be others, and each file in it. Goes no further down.

use std::cell::Cell;
use std::ffi::{CStr, CString};
use std::io::Read as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustix::fs::{AtFlags, Dir, FileType, fstat, statat};
use rustix::io::Errno;

use super::{DEPTH_MAX, Job, Walk, Why};
use crate::SnapshotError;
use crate::beneath;
use crate::contents::Came;
use crate::known::{Bytes, Directory, KnownRules, Packer};
use crate::rules::{RULES_BYTES_MAX, Rules};
use crate::stamp::{Stamp, unsigned};

/// Names that one directory has at most.
const NAMES_MAX: usize = 1_000_000;

/// What a name stands for.
enum What {
    /// A file or a link.
    Bytes(Bytes),
    Directory(Directory),
}

/// A directory that is open, and what is needed to judge what is in it.
struct Here<'j> {
    fd: OwnedFd,
    path: &'j [u8],
    depth: usize,
    rules: Option<Arc<Rules>>,
    /// Ask again about names that were known before.
    anew: bool,
    /// Whether something was left out, so that its names must be read again the next time.
    is_partial: Cell<bool>,
}

impl Walk<'_, '_> {
    /// Looks at a directory; gives those below that must be looked at.
    pub(super) fn visit<'t>(&self, job: Job<'t>) -> Result<Vec<Job<'t>>, SnapshotError> {
        let Job { directory, parent, path, above, mut anew, all, depth } = job;
        let opened = match &parent {
            Some(parent) => beneath::directory(parent, directory.name.as_c_str()),
            None => beneath::root(self.root),
        };
        let fd = match (opened, &parent) {
            (Ok(fd), _) => fd,
            (Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP), Some(_)) => {
                directory.is_gone = true;
                return Ok(Vec::new());
            }
            (Err(Errno::ACCESS | Errno::PERM | Errno::IO | Errno::STALE), Some(parent)) => {
                self.note(path, Why::Unreadable);
                if let Ok(stat) = statat(parent, directory.name.as_c_str(), AtFlags::SYMLINK_NOFOLLOW) {
                    permit(directory, &Stamp::of(&stat));
                }
                directory.stamp = None;
                return Ok(Vec::new());
            }
            (Err(error), _) => return Err(self.failed("open", &path)(error)),
        };
        drop(parent);
        let stat = fstat(&fd).map_err(self.failed("look at", &path))?;
        let mut stamp = Stamp::of(&stat);
        if let Some(watch) = self.watch {
            if stamp.device != self.device {
                watch.give_up();
            }
            if directory.watched != Some(stamp.inode) {
                watch.add(&fd, &path);
                directory.watched = Some(stamp.inode);
                // What changed before the watch began must show.
                stamp = Stamp::of(&fstat(&fd).map_err(self.failed("look at", &path))?);
            }
        }
        permit(directory, &stamp);
        let is_known = directory.stamp.is_some_and(|known| known == stamp);
        let mut names = None;
        if anew || !is_known {
            names = Some(self.names(&fd, &path)?);
        }
        if let Some(names) = &names {
            let has = |name: &CStr| names.binary_search_by(|known| known.as_c_str().cmp(name)).is_ok();
            anew |= directory.has_git != has(c".git");
            directory.has_git = has(c".git");
            anew |= directory.rules.is_some() != has(c".gitignore");
            if !has(c".gitignore") {
                directory.rules = None;
            } else if directory.rules.is_none() {
                directory.rules = Some(Box::new(KnownRules::unread()));
            }
        }
        if let Some(rules) = &mut directory.rules {
            anew |= self.update(fd.as_fd(), c".gitignore", rules);
        }
        anew |= self.update_exclude(&fd, directory);
        if anew && names.is_none() {
            names = Some(self.names(&fd, &path)?);
        }
        let rules = directory.rules_below(above, &path, depth);
        let here = Here { fd, path: &path, depth, rules, anew, is_partial: Cell::new(false) };
        directory.has_links = false;
        if names.is_none() && !self.look(&here, directory)? {
            // Some of its files may be others already.
            directory.tree = None;
            names = Some(self.names(&here.fd, &path)?);
        }
        if let Some(names) = names {
            self.list(&here, directory, names)?;
            directory.stamp = stamp.is_settled(self.contents.now).then_some(stamp);
        }
        if here.is_partial.get() {
            directory.stamp = None;
        }
        let Here { fd, rules, .. } = here;
        let fd = Arc::new(fd);
        let below = directory.directories.iter_mut().filter(|inner| all || anew || inner.is_fresh);
        let jobs = below.map(|inner| Job {
            path: beneath::join(&path, inner.name.as_bytes()),
            anew,
            all: std::mem::take(&mut inner.is_fresh) || all,
            directory: inner,
            parent: Some(Arc::clone(&fd)),
            above: rules.clone(),
            depth: depth + 1,
        });
        Ok(jobs.collect())
    }

    /// Looks at the files that are known; `false` when one of them is something else now.
    fn look(&self, here: &Here<'_>, directory: &mut Directory) -> Result<bool, SnapshotError> {
        let (mut is_changed, mut has_links, mut others) = (false, false, Vec::new());
        directory.directories.iter().try_for_each(|_| self.count())?;
        let mut files = directory.files.iter().enumerate();
        let is_whole = loop {
            let Some((at, (name, held))) = files.next() else { break true };
            self.count()?;
            let stat = match statat(&here.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(Errno::NOENT) => break false,
                Err(error) => return Err(self.failed("look at", here.path)(error)),
            };
            let stamp = Stamp::of(&stat);
            if stamp.kind() != held.stamp.kind() {
                break false;
            }
            has_links |= stamp.kind() == FileType::RegularFile && unsigned(stat.st_nlink) > 1;
            let Some(now) = self.bytes(here, name, stamp, Some(held))? else { break false };
            is_changed |= (now.id, now.mode()) != (held.id, held.mode());
            if now != held {
                others.push((at, now));
            }
        };
        directory.files.replace(&others);
        directory.has_links |= has_links;
        if is_changed {
            directory.tree = None;
        }
        Ok(is_whole)
    }

    /// Brings the entries to these names.
    fn list(
        &self,
        here: &Here<'_>,
        directory: &mut Directory,
        names: Vec<CString>,
    ) -> Result<(), SnapshotError> {
        let files = std::mem::take(&mut directory.files);
        let mut files = files.iter().peekable();
        let mut directories = std::mem::take(&mut directory.directories).into_iter().peekable();
        let mut now = Packer::with_capacity(names.len());
        let mut is_changed = false;
        directory.has_links = false;
        for name in names.into_iter().filter(|name| name.as_c_str() != c".git") {
            while files.next_if(|(known, _)| *known < name.as_c_str()).is_some() {
                is_changed = true;
            }
            while directories.next_if(|known| known.name < name).is_some() {
                is_changed = true;
            }
            let file = files.next_if(|(known, _)| *known == name.as_c_str());
            let known = match file {
                Some((_, held)) => Some(What::Bytes(held)),
                None => directories.next_if(|known| known.name == name).map(What::Directory),
            };
            let was_known = known.is_some();
            let Some(what) = self.entry(here, &name, known, &mut is_changed, directory)? else {
                is_changed |= was_known;
                continue;
            };
            self.count()?;
            is_changed |= !was_known;
            match what {
                What::Bytes(held) => now.push(&name, &held),
                What::Directory(inner) => directory.directories.push(inner),
            }
        }
        is_changed |= files.next().is_some() || directories.next().is_some();
        directory.files = now.finish();
        directory.directories.shrink_to_fit();
        if is_changed {
            directory.tree = None;
        }
        Ok(())
    }

    /// What a name stands for now; `None` for what is not covered.
    fn entry(
        &self,
        here: &Here<'_>,
        name: &CStr,
        known: Option<What>,
        is_changed: &mut bool,
        directory: &mut Directory,
    ) -> Result<Option<What>, SnapshotError> {
        let stat = match statat(&here.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::ACCESS | Errno::PERM | Errno::IO | Errno::STALE) => {
                self.leave_out(here, name, Why::Unreadable);
                return Ok(known);
            }
            Err(error) => return Err(self.failed("look at", here.path)(error)),
        };
        let stamp = Stamp::of(&stat);
        let kind = stamp.kind();
        let is_directory = kind == FileType::Directory;
        let is_same_kind = match &known {
            Some(What::Bytes(held)) => held.stamp.kind() == kind,
            Some(What::Directory(_)) => is_directory,
            None => false,
        };
        if is_directory && self.state == Some((stamp.device, stamp.inode)) {
            return Ok(None);
        }
        let path = || beneath::join(here.path, name.to_bytes());
        if here.anew || !is_same_kind {
            let is_ignored = here.rules.as_ref().is_some_and(|rules| rules.ignores(&path(), is_directory));
            if is_ignored {
                return Ok(None);
            }
        }
        *is_changed |= !is_same_kind;
        let known = known.filter(|_| is_same_kind);
        match (kind, known) {
            (FileType::Directory, _) if here.depth + 1 > DEPTH_MAX => {
                self.leave_out(here, name, Why::TooDeep);
                Ok(None)
            }
            (FileType::Directory, Some(What::Directory(mut inner))) => {
                // Another directory of the same name has to be watched, and looked at, itself.
                inner.is_fresh |= self.watch.is_some() && inner.watched != Some(stamp.inode);
                Ok(Some(What::Directory(inner)))
            }
            (FileType::Directory, _) => {
                let inner = Directory { is_fresh: true, ..Directory::new(name) };
                Ok(Some(What::Directory(inner)))
            }
            (FileType::RegularFile | FileType::Symlink, known) => {
                let held = match known {
                    Some(What::Bytes(held)) => Some(held),
                    _ => None,
                };
                directory.has_links |= kind == FileType::RegularFile && unsigned(stat.st_nlink) > 1;
                let now = self.bytes(here, name, stamp, held)?;
                if let (Some(held), Some(now)) = (held, now) {
                    *is_changed |= (now.id, now.mode()) != (held.id, held.mode());
                }
                Ok(now.map(What::Bytes))
            }
            _ => {
                self.leave_out(here, name, Why::Special);
                Ok(None)
            }
        }
    }

    /// The bytes of a file or link: as they are known, when nothing says that they changed.
    fn bytes(
        &self,
        here: &Here<'_>,
        name: &CStr,
        stamp: Stamp,
        held: Option<Bytes>,
    ) -> Result<Option<Bytes>, SnapshotError> {
        if let Some(held) = held.filter(|held| held.is_settled && held.stamp == stamp) {
            return Ok(Some(held));
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        let came = match stamp.kind() {
            FileType::Symlink => self.contents.link(here.fd.as_fd(), name, stamp)?,
            _ => self.contents.file(here.fd.as_fd(), name)?,
        };
        let why = match came {
            Came::Bytes(bytes) => return Ok(Some(bytes)),
            Came::Other => return Ok(None),
            Came::Denied => Why::Unreadable,
            Came::TooLong => Why::TooLong,
            Came::TooMuch => Why::TooMuch,
        };
        self.leave_out(here, name, why);
        let kept = held.filter(|_| why == Why::Unreadable);
        Ok(kept.map(|held| Bytes {
            stamp: Stamp { mode: stamp.mode, ..held.stamp },
            is_settled: false,
            ..held
        }))
    }

    fn leave_out(&self, here: &Here<'_>, name: &CStr, why: Why) {
        here.is_partial.set(true);
        self.note(beneath::join(here.path, name.to_bytes()), why);
    }

    /// Reads a file of patterns again if it changed; says whether it did.
    fn update(&self, parent: BorrowedFd<'_>, name: &CStr, rules: &mut KnownRules) -> bool {
        let stat = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW);
        let stamp = stat.map(|stat| Stamp::of(&stat)).unwrap_or_default();
        if rules.is_settled && rules.stamp == stamp {
            return false;
        }
        // One that cannot be read, or is a link, has no patterns: everything is covered.
        let text = read_rules(parent, name).unwrap_or_default();
        let is_changed = *rules.text != *text;
        let is_settled = stamp.is_settled(self.contents.now);
        *rules = KnownRules { stamp, text: Arc::from(text), is_settled };
        is_changed
    }

    /// The same for the exclude file of a repository that begins here.
    fn update_exclude(&self, fd: &OwnedFd, directory: &mut Directory) -> bool {
        let info = (directory.has_git)
            .then(|| beneath::directory(fd, c".git").and_then(|git| beneath::directory(git, c"info")).ok())
            .flatten();
        let Some(info) = info else {
            return directory.exclude.take().is_some_and(|old| !old.text.is_empty());
        };
        let mut rules = directory.exclude.take().unwrap_or_else(|| Box::new(KnownRules::unread()));
        let is_changed = self.update(info.as_fd(), c"exclude", &mut rules);
        directory.exclude = Some(rules);
        is_changed
    }

    /// The names in a directory, but for those of git itself, sorted.
    fn names(&self, fd: &OwnedFd, path: &[u8]) -> Result<Vec<CString>, SnapshotError> {
        let listed = Dir::read_from(fd).map_err(self.failed("list", path))?;
        let mut names = Vec::new();
        for entry in listed {
            let entry = entry.map_err(self.failed("list", path))?;
            let name = entry.file_name();
            if name != c"." && name != c".." {
                names.push(name.to_owned());
            }
            if names.len() > NAMES_MAX {
                return Err(SnapshotError::Bounds { what: "files in a directory", limit: NAMES_MAX as u64 });
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn failed(&self, doing: &'static str, path: &[u8]) -> impl FnOnce(Errno) -> SnapshotError + use<> {
        SnapshotError::io(doing, &self.root.join(beneath::as_path(path)))
    }
}

/// Takes over the permissions of a directory.
fn permit(directory: &mut Directory, stamp: &Stamp) {
    let permissions = stamp.mode & 0o7777;
    if directory.permissions != permissions {
        directory.permissions = permissions;
        directory.is_changed = true;
    }
}

/// The text of a file of patterns; `None` for one that is a link, or cannot be read.
pub(crate) fn read_rules(parent: impl AsFd, name: impl rustix::path::Arg) -> Option<Vec<u8>> {
    let file = std::fs::File::from(beneath::file(parent, name).ok()?);
    let is_file = fstat(&file).is_ok_and(|stat| Stamp::of(&stat).kind() == FileType::RegularFile);
    let mut text = Vec::new();
    file.take(RULES_BYTES_MAX as u64).read_to_end(&mut text).ok().filter(|_| is_file)?;
    Some(text)
}
