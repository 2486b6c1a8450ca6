//! The running watch: a thread that hears, waits and tells, and the handle that its owner has of it.
#![expect(clippy::disallowed_methods, reason = "finds out where the root really is")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::burst::Pace;
use crate::causes::{Causes, Expected, digest};
use crate::core::Core;
use crate::interest::Interest;
use crate::mailbox::{Mailbox, Next};
use crate::moment::{Kind, Moment, Note};
use crate::source::{EVENTS_MAX, Source, Waker};
use crate::tree::{Repository, Tree, read};

/// Bytes of a file whose content is compared with an announcement; a longer one is not from there.
const DIGEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Events that follow on each other from which on they are let gather: to be woken by each costs more than to hear it.
const STORM_EVENTS: usize = 64;
/// How long they gather. The system keeps some thousands of them.
const GATHER: Duration = Duration::from_millis(5);
/// What comes within this time follows on what came before.
const FOLLOWS: Duration = Duration::from_millis(2);

/// How a watch behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// When batches are told.
    pub pace: Pace,
    /// Milliseconds between two looks at files that have no watch.
    pub poll_ms: u64,
    /// Batches that wait to be taken; further ones are put together.
    pub batches_max: usize,
    /// Watches that are taken of the system.
    pub watches_max: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            pace: Pace::default(),
            poll_ms: 10_000,
            batches_max: 64,
            watches_max: crate::core::DIRECTORIES_MAX,
        }
    }
}

/// Why a watch did not begin.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The root is not there, or may not be read.
    #[error("cannot watch `{path}`: {source}")]
    Root {
        /// What was to be watched.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The root is no directory.
    #[error("cannot watch `{path}`: it is no directory")]
    NotDirectory {
        /// What was to be watched.
        path: PathBuf,
    },
    /// The system gives no thread or no descriptor.
    #[error("cannot begin to watch: {0}")]
    System(#[from] std::io::Error),
}

/// How large a watch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Directories that are heard.
    pub directories: usize,
    /// Those of them that have no watch; their files are looked at from time to time.
    pub polled: usize,
    /// Files that matter.
    pub files: usize,
}

/// A running watch. It ends when it is dropped.
#[derive(Debug)]
pub struct Watcher {
    shared: Arc<Shared>,
    waker: Waker,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    mailbox: Mailbox,
    causes: Mutex<Causes>,
    interest: Mutex<Option<Interest>>,
    ends: AtomicBool,
    directories: AtomicUsize,
    polled: AtomicUsize,
    files: AtomicUsize,
    began: Instant,
}

/// Whether files below a place may be changed by other machines, unheard here and by another clock.
pub fn is_remote(root: &Path) -> bool {
    Source::is_remote(root)
}

impl Watcher {
    /// Begins to watch. When this returns, every later change of a file that matters is told; files that are there are not.
    ///
    /// # Errors
    /// When the root is not a directory that can be read, or the system gives no thread.
    pub fn start(root: &Path, interest: Interest, settings: Settings) -> Result<Watcher, WatchError> {
        let fault = |source| WatchError::Root { path: root.to_owned(), source };
        let place = std::fs::canonicalize(root).map_err(fault)?;
        if !std::fs::metadata(&place).map_err(fault)?.is_dir() {
            return Err(WatchError::NotDirectory { path: root.to_owned() });
        }
        std::fs::read_dir(&place).map_err(fault)?;
        let repository = Repository::find(&place);
        let (source, no_watch) = Source::open(&place, repository.git.as_deref(), settings.watches_max)?;
        let waker = source.waker();
        let mut tree = Tree::new(place.clone(), source);
        let (base, mut notes) = repository.rules(&place, &interest);
        let is_remote = Source::is_remote(&place);
        let every_ms = settings.poll_ms;
        notes.extend(is_remote.then_some(Note::Remote { every_ms }));
        notes.extend(no_watch.map(|why| Note::NoWatch { why, every_ms }));
        let mut core =
            Core::start(interest, base, settings.pace, settings.poll_ms, is_remote, notes, &mut tree);
        let shared = Arc::new(Shared {
            root: place,
            mailbox: Mailbox::new(settings.batches_max),
            causes: Mutex::default(),
            interest: Mutex::default(),
            ends: AtomicBool::new(false),
            directories: AtomicUsize::new(0),
            polled: AtomicUsize::new(0),
            files: AtomicUsize::new(0),
            began: Instant::now(),
        });
        shared.stand(&core);
        let own = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
            let _end = End(&own);
            own.run(&mut core, &mut tree, &repository);
        })?;
        Ok(Watcher { shared, waker, thread: Some(thread) })
    }

    /// The next batch; waits for one.
    pub fn next(&self, wait: Duration) -> Next {
        self.shared.mailbox.next(wait)
    }

    /// Announces a change that its cause is about to make, within `window`. Call it before the change. `false` when too many
    /// are announced: the change will be told without its cause.
    pub fn expect(&self, expected: Expected, window: Duration) -> bool {
        let window_ms = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
        self.shared.causes().expect(expected, self.now_ms(), window_ms)
    }

    /// A cause has ended: what changes from now on, and [`crate::GRACE_MS`], is not its doing. What changed before is still told as
    /// such.
    pub fn finished(&self, cause: &str) {
        self.shared.causes().finished(cause, self.now_ms());
    }

    /// Other files matter from now on, as after an edit of the hooks. Takes effect within milliseconds.
    pub fn set_interest(&self, interest: Interest) {
        *self.shared.interest.lock().unwrap_or_else(PoisonError::into_inner) = Some(interest);
        self.waker.wake();
    }

    /// How large the watch is.
    pub fn standing(&self) -> Standing {
        let shared = &self.shared;
        Standing {
            directories: shared.directories.load(Ordering::Relaxed),
            polled: shared.polled.load(Ordering::Relaxed),
            files: shared.files.load(Ordering::Relaxed),
        }
    }

    /// Milliseconds since the watch began, on the clock of [`crate::Batch::at_ms`].
    pub fn now_ms(&self) -> u64 {
        self.shared.now_ms()
    }

    /// The root, as the paths of moments count from it: links in its own path are followed.
    pub fn root(&self) -> &Path {
        &self.shared.root
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::Relaxed);
        self.waker.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Says that nothing more comes, however the thread ends.
struct End<'s>(&'s Shared);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.mailbox.end();
    }
}

impl Shared {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn causes(&self) -> std::sync::MutexGuard<'_, Causes> {
        self.causes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stand(&self, core: &Core) {
        let (directories, polled, files) = core.counts();
        self.directories.store(directories, Ordering::Relaxed);
        self.polled.store(polled, Ordering::Relaxed);
        self.files.store(files, Ordering::Relaxed);
    }

    fn run(&self, core: &mut Core, tree: &mut Tree, repository: &Repository) {
        let mut said = Vec::new();
        // When nothing was left to be heard, and how late something was heard at most since the last batch.
        let (mut heard_ms, mut late_ms) = (0, 0);
        // How many events followed on each other.
        let mut storm = 0;
        while !self.ends.load(Ordering::Relaxed) {
            let wish = self.interest.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(interest) = wish {
                let (base, _) = repository.rules(&self.root, &interest);
                core.change_interest(interest, base, self.now_ms(), tree);
                self.stand(core);
            }
            let before = self.now_ms();
            tree.source.drain(&mut said);
            let is_all = said.len() < EVENTS_MAX;
            storm = if said.is_empty() { 0 } else { storm + said.len() };
            let now = self.now_ms();
            if !said.is_empty() {
                late_ms = late_ms.max(now.saturating_sub(heard_ms));
            }
            for raw in said.drain(..) {
                core.hear(raw, now, tree);
            }
            if is_all {
                heard_ms = before;
            }
            let now = self.now_ms();
            match core.due_ms() {
                Some(due) if due <= now => {
                    let batch = core.settle(now, tree, &mut |moment, first, last| {
                        self.cause(moment, first.saturating_sub(late_ms), last)
                    });
                    late_ms = 0;
                    self.stand(core);
                    self.causes().forget(now);
                    if let Some(mut batch) = batch {
                        batch.at_ms = self.now_ms();
                        self.mailbox.put(batch);
                    }
                }
                due => {
                    let limit = due.map(|due| Duration::from_millis(due - now));
                    if storm > STORM_EVENTS {
                        // What comes meanwhile is heard late, and nothing of it is taken to be later than it was.
                        std::thread::sleep(limit.map_or(GATHER, |limit| limit.min(GATHER)));
                        continue;
                    }
                    let began = Instant::now();
                    tree.source.wait(limit);
                    if began.elapsed() > FOLLOWS {
                        storm = 0;
                    }
                    heard_ms = self.now_ms();
                }
            }
        }
    }

    /// What announced a moment; of a rename, its new path or its old one.
    fn cause(&self, moment: &Moment, first_ms: u64, last_ms: u64) -> Option<String> {
        let content = || {
            let content = read(&self.root.join(&moment.path), DIGEST_BYTES_MAX)?;
            (content.len() < DIGEST_BYTES_MAX).then(|| digest(&content))
        };
        let causes = self.causes();
        let cause = causes.of(&moment.path, first_ms, last_ms, content);
        match &moment.kind {
            Kind::Renamed { from } if cause.is_none() => causes.of(from, first_ms, last_ms, content),
            _ => cause,
        }
    }
}
