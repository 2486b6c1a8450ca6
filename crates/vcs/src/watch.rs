//! Watches the directories of a workspace, so that an unchanged one need not be looked at. Linux only; without it, or
//! when anything is in doubt, the files are looked at one by one.
//!
//! What it cannot see: a change through another name of the file outside the workspace, and stores into a mapped file
//! that is still open. So it is trusted for a bounded time, and never about what the agent just did.

use std::collections::BTreeSet;

#[cfg(target_os = "linux")]
pub(crate) use linux::Watch;
#[cfg(not(target_os = "linux"))]
pub(crate) use none::Watch;

/// Where something happened.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// The directories whose names or files are to be looked at.
    pub(crate) directories: BTreeSet<Vec<u8>>,
    /// Those that are not watched any more: they are gone, and another one may be in their place.
    pub(crate) unwatched: Vec<Vec<u8>>,
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::mem::MaybeUninit;
    use std::os::fd::{AsRawFd as _, OwnedFd};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, PoisonError};

    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
    use rustix::io::Errno;

    use super::Touched;

    /// Directories that are watched; of a larger workspace none is.
    const WATCHES_MAX: usize = 200_000;
    /// File systems whose every change this kernel makes itself: ext, xfs, btrfs, tmpfs, f2fs, overlay, zfs,
    /// bcachefs, ramfs.
    const LOCAL: [u64; 9] = [
        0xef53,
        0x5846_5342,
        0x9123_683e,
        0x0102_1994,
        0xf2f5_2010,
        0x794c_7630,
        0x2fc1_2fc1,
        0xca45_1a4e,
        0x8584_58f6,
    ];

    /// A running watch.
    #[derive(Debug)]
    pub(crate) struct Watch {
        queue: OwnedFd,
        places: Mutex<HashMap<i32, Vec<u8>>>,
        is_broken: AtomicBool,
    }

    impl Watch {
        /// Begins to watch, nothing yet; `None` where that cannot be relied on.
        pub(crate) fn start(root: &OwnedFd) -> Option<Watch> {
            let kind = rustix::fs::fstatfs(root).ok()?.f_type;
            let kind = crate::stamp::unsigned(kind) & 0xffff_ffff;
            if !LOCAL.contains(&kind) {
                return None;
            }
            let queue = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
            Some(Watch { queue, places: Mutex::default(), is_broken: AtomicBool::new(false) })
        }

        /// Watches one more directory. From now on every change of a name or file in it is noticed.
        pub(crate) fn add(&self, directory: &OwnedFd, path: &[u8]) {
            let flags = WatchFlags::MODIFY
                | WatchFlags::ATTRIB
                | WatchFlags::CLOSE_WRITE
                | WatchFlags::CREATE
                | WatchFlags::DELETE
                | WatchFlags::MOVED_FROM
                | WatchFlags::MOVED_TO
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF
                | WatchFlags::ONLYDIR;
            // The directory that is open, whatever its name leads to by now.
            let opened = format!("/proc/self/fd/{}", directory.as_raw_fd());
            let added = add_watch(&self.queue, opened, flags);
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            match added {
                Ok(number) if places.len() < WATCHES_MAX => {
                    places.insert(number, path.to_vec());
                }
                _ => self.give_up(),
            }
        }

        /// Nothing is said by this watch any more.
        pub(crate) fn give_up(&self) {
            self.is_broken.store(true, Ordering::Relaxed);
        }

        /// Whether it can still be relied on.
        pub(crate) fn is_whole(&self) -> bool {
            !self.is_broken.load(Ordering::Relaxed)
        }

        /// Where something happened since the last time; `None` when that is not known.
        pub(crate) fn drain(&self) -> Option<Touched> {
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            let mut buffer = vec![MaybeUninit::uninit(); 64 * 1024];
            let mut reader = Reader::new(&self.queue, &mut buffer);
            let mut touched = Touched::default();
            loop {
                let event = match reader.next() {
                    Ok(event) => event,
                    Err(Errno::AGAIN) => break,
                    Err(Errno::INTR) => continue,
                    Err(_) => {
                        self.give_up();
                        break;
                    }
                };
                let what = event.events();
                if what.contains(ReadFlags::IGNORED) {
                    touched.unwatched.extend(places.remove(&event.wd()));
                    continue;
                }
                let moved = ReadFlags::MOVED_FROM | ReadFlags::MOVED_TO;
                let is_lost = what.intersects(ReadFlags::QUEUE_OVERFLOW | ReadFlags::UNMOUNT)
                    // The paths below a directory that moved are others now.
                    || what.contains(ReadFlags::ISDIR) && what.intersects(moved)
                    || what.contains(ReadFlags::MOVE_SELF);
                match places.get(&event.wd()) {
                    Some(path) if !is_lost => {
                        touched.directories.insert(path.clone());
                    }
                    // A directory that is gone may still have something to say.
                    None if !is_lost => {}
                    _ => self.give_up(),
                }
            }
            self.is_whole().then_some(touched)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use std::os::fd::OwnedFd;

    use super::Touched;

    /// Where nothing is watched.
    #[derive(Debug)]
    pub(crate) struct Watch {
        never: std::convert::Infallible,
    }

    impl Watch {
        pub(crate) fn start(_root: &OwnedFd) -> Option<Watch> {
            None
        }

        pub(crate) fn add(&self, _directory: &OwnedFd, _path: &[u8]) {
            match self.never {}
        }

        pub(crate) fn give_up(&self) {
            match self.never {}
        }

        pub(crate) fn is_whole(&self) -> bool {
            match self.never {}
        }

        pub(crate) fn drain(&self) -> Option<Touched> {
            match self.never {}
        }
    }
}
