//! Hears which folders of a tree had names made, renamed or removed in them since it was asked last, so that the others need not be
//! looked at. Linux only; elsewhere, or when anything is in doubt, it hears nothing and says so. Knows nothing of what lies there.
//!
//! What it cannot hear: another file system that is mounted over a folder, for which one has to be the administrator.

#[cfg(target_os = "linux")]
pub(crate) use linux::Ear;
#[cfg(not(target_os = "linux"))]
pub(crate) use none::Ear;

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::{HashMap, HashSet};
    use std::ffi::OsStr;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;
    use std::sync::Arc;

    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
    use rustix::io::Errno;

    /// The most folders that are listened to: the system has not many ears for all programs of a person together.
    const FOLDERS_MAX: usize = 50_000;
    /// How much is read at once.
    const BUFFER_BYTES: usize = 16 * 1024;

    /// An ear at the folders of a tree.
    #[derive(Debug)]
    pub(crate) struct Ear {
        queue: OwnedFd,
        places: HashMap<i32, Arc<Path>>,
        is_deaf: bool,
    }

    impl Ear {
        /// Hears nothing yet; `None` where the system has no ear left.
        pub(crate) fn new() -> Option<Ear> {
            let queue = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
            Some(Ear { queue, places: HashMap::new(), is_deaf: false })
        }

        /// Listens to one more folder: to be called before it is read, so that nothing falls between.
        pub(crate) fn listen(&mut self, folder: &Arc<Path>) {
            let flags = WatchFlags::CREATE
                | WatchFlags::DELETE
                | WatchFlags::MOVED_FROM
                | WatchFlags::MOVED_TO
                | WatchFlags::ATTRIB
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF
                | WatchFlags::ONLYDIR
                | WatchFlags::DONT_FOLLOW;
            match add_watch(&self.queue, &**folder, flags) {
                Ok(number) if self.places.len() < FOLDERS_MAX => {
                    self.places.insert(number, Arc::clone(folder));
                }
                // It went meanwhile: the folder around it says so.
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                _ => self.is_deaf = true,
            }
        }

        /// Whether it cannot listen to all that it was meant to.
        pub(crate) fn is_deaf(&self) -> bool {
            self.is_deaf
        }

        /// The folders in which something happened since the last time; `None` when that is not known.
        pub(crate) fn heard(&mut self) -> Option<HashSet<Arc<Path>>> {
            let mut buffer = [const { MaybeUninit::uninit() }; BUFFER_BYTES];
            let mut reader = Reader::new(&self.queue, &mut buffer);
            let mut heard = HashSet::new();
            while !self.is_deaf {
                let event = match reader.next() {
                    Ok(event) => event,
                    Err(Errno::AGAIN) => break,
                    Err(Errno::INTR) => continue,
                    Err(_) => return None,
                };
                let what = event.events();
                if what.contains(ReadFlags::IGNORED) {
                    heard.extend(self.places.remove(&event.wd()));
                    continue;
                }
                let moved = ReadFlags::MOVED_FROM | ReadFlags::MOVED_TO;
                // Below a folder that moved every path is another now.
                self.is_deaf |= what.intersects(ReadFlags::QUEUE_OVERFLOW | ReadFlags::UNMOUNT)
                    || what.contains(ReadFlags::ISDIR) && what.intersects(moved)
                    || what.contains(ReadFlags::MOVE_SELF);
                let Some(place) = self.places.get(&event.wd()) else { continue };
                // Another folder may have the name of one that is gone, which says nothing itself while somebody holds it open.
                if what.contains(ReadFlags::ISDIR)
                    && let Some(name) = event.file_name()
                {
                    heard.insert(Arc::from(place.join(OsStr::from_bytes(name.to_bytes()))));
                }
                heard.insert(Arc::clone(place));
            }
            (!self.is_deaf).then_some(heard)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use std::collections::HashSet;
    use std::path::Path;
    use std::sync::Arc;

    /// No ear.
    #[derive(Debug)]
    pub(crate) struct Ear {
        never: std::convert::Infallible,
    }

    impl Ear {
        pub(crate) fn new() -> Option<Ear> {
            None
        }

        pub(crate) fn listen(&mut self, _folder: &Arc<Path>) {
            match self.never {}
        }

        pub(crate) fn is_deaf(&self) -> bool {
            match self.never {}
        }

        pub(crate) fn heard(&mut self) -> Option<HashSet<Arc<Path>>> {
            match self.never {}
        }
    }
}
