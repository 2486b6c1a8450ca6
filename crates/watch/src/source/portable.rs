//! `notify`, recursive from the root: FSEvents on macOS, its own calls on Windows. It says less, so the core looks more.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use notify::event::{
    AccessKind, AccessMode, CreateKind, EventKind, Flag, ModifyKind, RemoveKind, RenameMode,
};
use notify::{RecursiveMode, Watcher as _};

use super::EVENTS_MAX;
use crate::disk::Trouble;
use crate::raw::{Raw, Sign, What};

/// Events that wait to be taken; of more, everything is compared.
const WAITING_MAX: usize = 16_384;

/// What `notify` says.
#[derive(Debug)]
pub(crate) struct Source {
    root: PathBuf,
    said: Receiver<Option<notify::Event>>,
    waiting: Vec<notify::Event>,
    is_lost: Arc<AtomicBool>,
    waker: Waker,
    /// `None` when it gives no watch.
    watcher: Option<notify::RecommendedWatcher>,
    noted: HashSet<PathBuf>,
}

/// Ends a wait from another thread.
#[derive(Clone, Debug)]
pub(crate) struct Waker(SyncSender<Option<notify::Event>>);

impl Waker {
    pub(crate) fn wake(&self) {
        // A full channel wakes by itself.
        let _ = self.0.try_send(None);
    }
}

impl Source {
    /// Watches the root and all below it. Where that is not given, everything is polled; the reason is given.
    pub(crate) fn open(
        root: &Path,
        _git: Option<&Path>,
        _watches_max: usize,
    ) -> std::io::Result<(Source, Option<String>)> {
        let (send, said) = sync_channel(WAITING_MAX);
        let is_lost = Arc::new(AtomicBool::new(false));
        let (sender, lost) = (send.clone(), Arc::clone(&is_lost));
        let made = notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
            Ok(event) => {
                if let Err(TrySendError::Full(_)) = sender.try_send(Some(event)) {
                    lost.store(true, Ordering::Relaxed);
                }
            }
            Err(_) => {
                lost.store(true, Ordering::Relaxed);
                let _ = sender.try_send(None);
            }
        });
        let made = made.and_then(|mut watcher| {
            watcher.watch(root, RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        let (watcher, why) = match made {
            Ok(watcher) => (Some(watcher), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let source = Source {
            root: root.to_owned(),
            said,
            waiting: Vec::new(),
            is_lost,
            waker: Waker(send),
            watcher,
            noted: HashSet::new(),
        };
        Ok((source, why))
    }

    pub(crate) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// What the system does there is not known; it is trusted.
    pub(crate) fn is_remote(_root: &Path) -> bool {
        false
    }

    /// Every directory is watched already, with one number for all.
    pub(crate) fn watch(&mut self, root: &Path, directory: &str) -> Result<i32, Trouble> {
        match root.join(directory).symlink_metadata() {
            Ok(found) if found.is_dir() => self.watcher.as_ref().map(|_| 0).ok_or(Trouble::UsedUp),
            _ => Err(Trouble::Gone),
        }
    }

    pub(crate) fn unwatch(&mut self, _directory: &str, _number: i32) {}

    /// Waits until something is said, or it is woken, or the time is over.
    pub(crate) fn wait(&mut self, time: Option<Duration>) {
        if !self.waiting.is_empty() || self.is_lost.load(Ordering::Relaxed) {
            return;
        }
        let said = match time {
            Some(time) => self.said.recv_timeout(time).ok(),
            None => self.said.recv().ok(),
        };
        self.waiting.extend(said.flatten());
    }

    /// Takes what was said, up to a bound.
    pub(crate) fn drain(&mut self, said: &mut Vec<Raw>) {
        if self.is_lost.swap(false, Ordering::Relaxed) {
            said.push(Raw::Overflow);
        }
        let waiting = std::mem::take(&mut self.waiting);
        for event in waiting {
            self.hear(&event, said);
        }
        while said.len() < EVENTS_MAX
            && let Ok(event) = self.said.try_recv()
        {
            if let Some(event) = event {
                self.hear(&event, said);
            }
        }
    }

    fn hear(&mut self, event: &notify::Event, said: &mut Vec<Raw>) {
        if event.attrs.flag() == Some(Flag::Rescan) {
            said.push(Raw::Overflow);
            return;
        }
        let cookie = event.attrs.tracker().and_then(|cookie| u32::try_from(cookie).ok()).unwrap_or(0);
        let mut tell = |path: &Path, what, is_directory, cookie| {
            let raw = self.raw(path, what, is_directory, cookie);
            said.extend(raw);
        };
        let whats: &[(What, Option<bool>)] = match event.kind {
            EventKind::Create(CreateKind::Folder) => &[(What::Created, Some(true))],
            EventKind::Create(CreateKind::File) => &[(What::Created, Some(false))],
            EventKind::Create(_) => &[(What::Created, None)],
            EventKind::Remove(RemoveKind::Folder) => &[(What::Deleted, Some(true))],
            EventKind::Remove(RemoveKind::File) => &[(What::Deleted, Some(false))],
            EventKind::Remove(_) => &[(What::Deleted, None)],
            EventKind::Modify(ModifyKind::Name(RenameMode::From)) => &[(What::From, None)],
            EventKind::Modify(ModifyKind::Name(RenameMode::To)) => &[(What::To, None)],
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
                // Where it has a cookie, its halves were told as well.
                if let (0, [from, to]) = (cookie, event.paths.as_slice()) {
                    tell(from, What::From, None, u32::MAX);
                    tell(to, What::To, None, u32::MAX);
                }
                return;
            }
            EventKind::Modify(ModifyKind::Name(_)) => {
                // One half, and not which.
                for path in &event.paths {
                    let is_there = path.symlink_metadata().is_ok();
                    tell(path, if is_there { What::To } else { What::From }, None, 0);
                }
                return;
            }
            // Where a write is told without its end, the stamp says whether anything changed.
            EventKind::Modify(_)
            | EventKind::Any
            | EventKind::Access(AccessKind::Close(AccessMode::Write)) => &[(What::Closed, None)],
            _ => &[],
        };
        for path in &event.paths {
            for (what, is_directory) in whats {
                tell(path, *what, *is_directory, cookie);
            }
        }
    }

    fn raw(&mut self, path: &Path, what: What, is_directory: Option<bool>, cookie: u32) -> Option<Raw> {
        let inner = path.strip_prefix(&self.root).ok()?;
        if inner.as_os_str().is_empty() {
            return matches!(what, What::Deleted | What::From).then_some(Raw::RootGone);
        }
        let names: Option<Vec<&str>> = inner.components().map(|name| name.as_os_str().to_str()).collect();
        let Some(names) = names else {
            let is_new = self.noted.len() < 1_000 && self.noted.insert(inner.to_owned());
            let path = inner.to_string_lossy().into_owned();
            return is_new.then_some(Raw::Noted(crate::moment::Note::NotUnicode { path }));
        };
        match names.as_slice() {
            [".git", name] => Sign::of(name, what).map(Raw::Git),
            [".git", ..] => None,
            names => Some(Raw::Name { path: names.join("/"), what, is_directory, cookie }),
        }
    }
}

#[cfg(test)]
#[path = "portable_tests.rs"]
mod tests;
