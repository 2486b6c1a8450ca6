//! inotify, one watch for each directory. Asked for exactly what is needed: reading files causes no event.

use std::collections::HashMap;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fs::inotify::{CreateFlags, Event, ReadFlags, Reader, WatchFlags, add_watch, init, remove_watch};
use rustix::io::Errno;

use super::EVENTS_MAX;
use crate::disk::Trouble;
use crate::moment::Note;
use crate::raw::{Raw, Sign, What};
use crate::table::join;

/// Bytes that are read at once; about 2,000 events.
const BUFFER_BYTES: usize = 64 * 1024;
/// File systems that others than this kernel may change: NFS, SMB, CIFS, 9P, FUSE, Ceph, AFS, VirtualBox, VMware.
const REMOTE: [u32; 9] = [
    0x6969,
    0x517b,
    0xfe53_4d42,
    0x0102_1997,
    0x6573_5546,
    0x00c3_6400,
    0x5346_414f,
    0x786f_4256,
    0xbacb_acbc,
];

/// What a watch is of.
#[derive(Debug)]
enum Place {
    Directory(Box<str>),
    Git,
}

/// The queue and what its numbers mean.
#[derive(Debug)]
pub(crate) struct Source {
    queue: Option<OwnedFd>,
    wake: Arc<OwnedFd>,
    places: HashMap<i32, Place>,
    watches_max: usize,
    git: Option<std::path::PathBuf>,
    buffer: Vec<MaybeUninit<u8>>,
}

/// Ends a wait from another thread.
#[derive(Clone, Debug)]
pub(crate) struct Waker(Arc<OwnedFd>);

impl Waker {
    pub(crate) fn wake(&self) {
        // It fails only when it was woken very often already.
        let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
    }
}

impl Source {
    /// A queue without a watch. Without a queue nothing is said and everything is polled; the reason is given.
    pub(crate) fn open(
        _root: &Path,
        git: Option<&Path>,
        watches_max: usize,
    ) -> std::io::Result<(Source, Option<String>)> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let (queue, why) = match init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK) {
            Ok(queue) => (Some(queue), None),
            Err(error) => (None, Some(std::io::Error::from(error).to_string())),
        };
        let mut source = Source {
            queue,
            wake: Arc::new(wake),
            places: HashMap::new(),
            watches_max,
            git: git.map(Path::to_owned),
            buffer: vec![MaybeUninit::uninit(); BUFFER_BYTES],
        };
        source.watch_git();
        Ok((source, why))
    }

    pub(crate) fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.wake))
    }

    /// Whether files below the root may change without this kernel's knowledge.
    pub(crate) fn is_remote(root: &Path) -> bool {
        let kind = rustix::fs::statfs(root).map(|found| found.f_type);
        kind.is_ok_and(|kind| {
            REMOTE.iter().any(|remote| i128::from(kind) & 0xffff_ffff == i128::from(*remote))
        })
    }

    fn watch_git(&mut self) {
        let flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::ONLYDIR;
        if let (Some(queue), Some(git)) = (&self.queue, &self.git)
            && let Ok(number) = add_watch(queue, git, flags)
        {
            self.places.insert(number, Place::Git);
        }
    }

    pub(crate) fn watch(&mut self, root: &Path, directory: &str) -> Result<i32, Trouble> {
        let Some(queue) = &self.queue else {
            return Err(Trouble::UsedUp);
        };
        let mut flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::MODIFY
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::EXCL_UNLINK
            | WatchFlags::DONT_FOLLOW
            | WatchFlags::ONLYDIR;
        let at = if directory.is_empty() {
            flags |= WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF;
            root.to_owned()
        } else {
            root.join(directory)
        };
        let number = add_watch(queue, at, flags).map_err(|error| match error {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP => Trouble::Gone,
            Errno::NOSPC | Errno::NOMEM => Trouble::UsedUp,
            _ => Trouble::Denied,
        })?;
        if !self.places.contains_key(&number) && self.places.len() >= self.watches_max {
            let _ = remove_watch(queue, number);
            return Err(Trouble::UsedUp);
        }
        // The same number again when the directory moved: from now on it means the new path.
        self.places.insert(number, Place::Directory(directory.into()));
        Ok(number)
    }

    pub(crate) fn unwatch(&mut self, directory: &str, number: i32) {
        let is_its =
            matches!(self.places.get(&number), Some(Place::Directory(place)) if **place == *directory);
        if let Some(queue) = self.queue.as_ref().filter(|_| is_its) {
            self.places.remove(&number);
            // It fails when the directory is gone, and the watch with it.
            let _ = remove_watch(queue, number);
        }
    }

    /// Waits until something is said, or it is woken, or the time is over.
    pub(crate) fn wait(&mut self, time: Option<Duration>) {
        let time = time.map(|time| Timespec {
            tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(time.subsec_nanos()),
        });
        let mut places = vec![PollFd::new(&*self.wake, PollFlags::IN)];
        places.extend(self.queue.as_ref().map(|queue| PollFd::new(queue, PollFlags::IN)));
        let _ = poll(&mut places, time.as_ref());
        let mut count = [0; 8];
        let _ = rustix::io::read(&*self.wake, &mut count);
    }

    /// Takes what was said, up to a bound.
    pub(crate) fn drain(&mut self, said: &mut Vec<Raw>) {
        let Some(queue) = &self.queue else {
            return;
        };
        let mut sees_git = false;
        let mut reader = Reader::new(queue, &mut self.buffer);
        // What was read into the buffer must be taken out of it.
        while said.len() < EVENTS_MAX || !reader.is_buffer_empty() {
            match reader.next() {
                Ok(event) => sees_git |= hear(&event, &mut self.places, said),
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        if sees_git {
            self.watch_git();
        }
    }
}

/// Adds what one event says. Whether `.git` appeared in the root.
fn hear(event: &Event<'_>, places: &mut HashMap<i32, Place>, said: &mut Vec<Raw>) -> bool {
    let what = event.events();
    if what.contains(ReadFlags::QUEUE_OVERFLOW) {
        said.push(Raw::Overflow);
        return false;
    }
    if what.contains(ReadFlags::IGNORED) {
        match places.remove(&event.wd()) {
            Some(Place::Directory(directory)) if directory.is_empty() => said.push(Raw::RootGone),
            Some(Place::Directory(directory)) => {
                said.push(Raw::Unwatched { directory: directory.into(), number: event.wd() });
            }
            _ => {}
        }
        return false;
    }
    // A directory that is gone may still have something to say.
    let Some(place) = places.get(&event.wd()) else {
        return false;
    };
    if what.intersects(ReadFlags::MOVE_SELF | ReadFlags::DELETE_SELF | ReadFlags::UNMOUNT) {
        if matches!(place, Place::Directory(directory) if directory.is_empty()) {
            said.push(Raw::RootGone);
        }
        return false;
    }
    let (Some(name), Some(what)) = (event.file_name(), meaning(what)) else {
        return false;
    };
    let name = name.to_str();
    match (place, name) {
        (Place::Git, Ok(name)) => said.extend(Sign::of(name, what).map(Raw::Git)),
        (Place::Git, Err(_)) => {}
        (Place::Directory(directory), Ok(name)) => {
            let is_directory = Some(event.events().contains(ReadFlags::ISDIR));
            let path = join(directory, name);
            said.push(Raw::Name { path, what, is_directory, cookie: event.cookie() });
            return directory.is_empty() && name == ".git" && matches!(what, What::Created | What::To);
        }
        (Place::Directory(directory), Err(_)) => {
            let name = event.file_name().map(|name| name.to_string_lossy());
            let path = join(directory, &name.unwrap_or_default());
            said.push(Raw::Noted(Note::NotUnicode { path }));
        }
    }
    false
}

fn meaning(what: ReadFlags) -> Option<What> {
    [
        (ReadFlags::CREATE, What::Created),
        (ReadFlags::MODIFY, What::Written),
        (ReadFlags::CLOSE_WRITE, What::Closed),
        (ReadFlags::DELETE, What::Deleted),
        (ReadFlags::MOVED_FROM, What::From),
        (ReadFlags::MOVED_TO, What::To),
    ]
    .into_iter()
    .find_map(|(flag, meaning)| what.contains(flag).then_some(meaning))
}
