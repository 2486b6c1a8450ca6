//! Looking for credentials in files, in git's index and in commits: what there is to look into, on how many threads, and
//! what is kept of it. The rules and the search itself are in the crate `secrets`; no type here holds a value.

mod baseline;
mod commits;
mod files;
mod hook;
mod look;
mod report;
mod rules;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

pub(crate) use baseline::Baseline;
pub(crate) use hook::{Hook, Installed, Removed};
pub(crate) use look::Found;
pub(crate) use report::{ScanReport, report, sarif, words};
pub(crate) use rules::{Loaded, load};

use vcs::history::Origin;

/// Threads that look at once; more do not help, the disk is slower.
const THREADS_MAX: usize = 8;
/// Findings kept; more are counted.
const FOUND_MAX: usize = 100_000;
/// Places kept that could not be looked into; more are counted.
const UNREAD_MAX: usize = 10_000;
/// How often a person is told how far it is.
const TICK: Duration = Duration::from_millis(200);

/// Something that could not be looked into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unread {
    /// What it was.
    pub(crate) path: String,
    /// Why.
    pub(crate) why: String,
}

/// What one job, or all of them, came to.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    /// Files or contents that were looked into.
    pub(crate) contents: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// What was found, by path and place; in the history by commit first.
    pub(crate) found: Vec<Found>,
    /// Findings that were not kept.
    pub(crate) more_found: u64,
    /// What could not be looked into.
    pub(crate) unread: Vec<Unread>,
    /// The same, not kept.
    pub(crate) more_unread: u64,
    /// The commits that [`Found::origin`] counts, in a scan of the history.
    pub(crate) origins: Vec<Origin>,
}

impl Outcomes {
    pub(crate) fn add(&mut self, other: Outcomes) {
        self.contents += other.contents;
        self.bytes += other.bytes;
        let room = FOUND_MAX.saturating_sub(self.found.len());
        self.more_found += other.more_found + other.found.len().saturating_sub(room) as u64;
        self.found.extend(other.found.into_iter().take(room));
        let room = UNREAD_MAX.saturating_sub(self.unread.len());
        self.more_unread += other.more_unread + other.unread.len().saturating_sub(room) as u64;
        self.unread.extend(other.unread.into_iter().take(room));
    }

    fn unread(&mut self, path: String, why: impl std::fmt::Display) {
        self.add(Outcomes { unread: vec![Unread { path, why: why.to_string() }], ..Outcomes::default() });
    }

    /// Whether nothing was found and nothing left out.
    pub(crate) fn is_clean(&self) -> bool {
        self.found.is_empty() && self.more_found == 0 && self.unread.is_empty() && self.more_unread == 0
    }

    fn sort(&mut self) {
        self.found.sort_by(|a, b| (a.origin, &a.path, a.start).cmp(&(b.origin, &b.path, b.start)));
        self.unread.sort();
    }

    /// Leaves of each value, file and rule the oldest place alone: a value that stands in fifty versions of a file was
    /// brought once.
    fn first_only(&mut self) {
        let mut seen = HashSet::new();
        self.found.retain(|found| seen.insert((found.rule.clone(), found.path.clone(), found.value)));
    }
}

/// Looks into files and folders. `tick` is told how many are done, of how many.
pub(crate) fn in_files(
    loaded: &Loaded,
    root: &Path,
    path: &str,
    asked: &[PathBuf],
    tick: &mut dyn FnMut(usize, usize),
) -> Outcomes {
    let (files, mut outcomes) = files::list(root, path, asked);
    side_by_side(&files, |file| files::look_into(loaded, file), tick, &mut outcomes);
    outcomes.sort();
    outcomes
}

pub(crate) use commits::{in_commits, in_index};

/// Does jobs on a few threads, and adds up what they come to.
fn side_by_side<J: Sync>(
    jobs: &[J],
    work: impl Fn(&J) -> Outcomes + Sync,
    tick: &mut dyn FnMut(usize, usize),
    outcomes: &mut Outcomes,
) {
    let threads =
        std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX).min(jobs.len());
    if threads <= 1 {
        for (done, job) in jobs.iter().enumerate() {
            tick(done, jobs.len());
            outcomes.add(work(job));
        }
        return;
    }
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::sync_channel(threads * 4);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if sender.send(work(job)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let (mut done, mut told) = (0, std::time::Instant::now());
        loop {
            match receiver.recv_timeout(TICK) {
                Ok(came) => {
                    outcomes.add(came);
                    done += 1;
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
            if told.elapsed() >= TICK {
                tick(done, jobs.len());
                told = std::time::Instant::now();
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_done_once() {
        let jobs: Vec<u64> = (1..=1_000).collect();
        let mut all = Outcomes::default();
        let work = |job: &u64| Outcomes { contents: 1, bytes: *job, ..Outcomes::default() };
        side_by_side(&jobs, work, &mut |_, _| {}, &mut all);
        assert_eq!((all.contents, all.bytes), (1_000, 500_500));
    }

    #[test]
    fn what_is_not_kept_is_counted() {
        let mut all = Outcomes::default();
        for at in 0..UNREAD_MAX + 3 {
            all.unread(at.to_string(), "gone");
        }
        assert_eq!((all.unread.len(), all.more_unread), (UNREAD_MAX, 3));
        assert!(!all.is_clean());
    }
}
