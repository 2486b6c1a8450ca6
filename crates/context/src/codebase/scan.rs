//! Reads every file of a place that counts and may be read and counts the words of a question in it. Ranks nothing.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use listing::WalkState;

use super::Within;
use super::terms::{Terms, each_word};
use crate::piece::files as count;
use crate::{file, walk};

/// The largest file that is read; larger ones are data or made by programs.
pub(crate) const FILE_BYTES_MAX: u64 = 512 * 1024;

/// The most files that are read.
const FILES_MAX: usize = 100_000;

/// How far the beginning of a file reaches, in bytes.
const HEAD_BYTES: usize = 300;

/// The most files that are remembered.
const MATCHES_MAX: usize = 50_000;

/// A file with words of the question.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    /// From the workspace, with `/`.
    pub(crate) path: String,
    /// How many words it has.
    pub(crate) length: usize,
    /// How often each word of the question stands in it.
    pub(crate) counts: Vec<u32>,
    /// Which words of the question stand in its name, and which in its folders.
    pub(crate) in_name: Vec<bool>,
    pub(crate) in_folders: Vec<bool>,
    /// Which stand at its beginning, where files say what they are.
    pub(crate) in_head: Vec<bool>,
}

/// What a scan came to.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    pub(crate) matches: Vec<Match>,
    /// Files that were read, and all their words.
    pub(crate) files: usize,
    pub(crate) words: usize,
    /// In how many files each word of the question stands.
    pub(crate) spread: Vec<usize>,
    closed: usize,
    large: usize,
    is_late: bool,
    is_full: bool,
}

impl Scanned {
    /// What was not looked at, and why.
    pub(crate) fn cut(&self) -> Option<String> {
        let mut said = Vec::new();
        if self.is_late {
            said.push(format!("the time was up after {}; the rest was not looked at", count(self.files)));
        }
        if self.is_full {
            said.push(format!("no more than {} were looked at", count(self.files)));
        }
        if self.closed > 0 {
            said.push(format!("closed by rules or lists: {}", count(self.closed)));
        }
        if self.large > 0 {
            said.push(format!("of more than {FILE_BYTES_MAX} bytes, not looked at: {}", count(self.large)));
        }
        (!said.is_empty()).then(|| said.join("; "))
    }
}

/// Goes through the place on all processors.
pub(crate) fn scan(within: &Within<'_>, terms: &Terms, time: Duration) -> Scanned {
    let deadline = Instant::now() + time;
    let whole = Mutex::new(Scanned { spread: vec![0; terms.len()], ..Scanned::default() });
    let (begun, late, full) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicBool::new(false));
    walk::builder(within.place).build_parallel().run(|| {
        let mut own =
            Own { whole: &whole, part: Scanned { spread: vec![0; terms.len()], ..Scanned::default() } };
        let (begun, late, full) = (&begun, &late, &full);
        Box::new(move |entry| {
            let Ok(entry) = entry else { return WalkState::Continue };
            if !entry.file_type().is_some_and(|kind| kind.is_file())
                || !(within.counts)(entry.path())
                || is_no_source(entry.path())
            {
                return WalkState::Continue;
            }
            if Instant::now() > deadline {
                late.store(true, Ordering::Relaxed);
                return WalkState::Quit;
            }
            if begun.fetch_add(1, Ordering::Relaxed) >= FILES_MAX {
                full.store(true, Ordering::Relaxed);
                return WalkState::Quit;
            }
            if (within.may_read)(entry.path()).is_err() {
                own.part.closed += 1;
                return WalkState::Continue;
            }
            match file::read(entry.path(), FILE_BYTES_MAX) {
                Ok((_, true)) => own.part.large += 1,
                Ok((bytes, false)) => {
                    own.part.take(&walk::shown(within.workspace, entry.path()), &bytes, terms)
                }
                Err(_) => {}
            }
            WalkState::Continue
        })
    });
    let mut scanned = whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    scanned.is_late = late.into_inner();
    scanned.is_full = full.into_inner();
    scanned
}

/// What one thread found; it joins the whole when the thread is done.
struct Own<'a> {
    whole: &'a Mutex<Scanned>,
    part: Scanned,
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let part = std::mem::take(&mut self.part);
        whole.matches.extend(part.matches);
        whole.files += part.files;
        whole.words += part.words;
        whole.closed += part.closed;
        whole.large += part.large;
        for (all, more) in whole.spread.iter_mut().zip(part.spread) {
            *all += more;
        }
    }
}

impl Scanned {
    fn take(&mut self, path: &str, bytes: &[u8], terms: &Terms) {
        let head = bytes.get(..bytes.len().min(8000)).unwrap_or_default();
        if head.contains(&0) {
            return;
        }
        let mut counts = vec![0_u32; terms.len()];
        let mut in_head = vec![false; terms.len()];
        let mut length = 0;
        each_word(bytes, &mut |word, at| {
            length += 1;
            let Some(number) = terms.find(word) else { return };
            if let Some(count) = counts.get_mut(number) {
                *count += 1;
            }
            if let Some(has) = in_head.get_mut(number).filter(|_| at < HEAD_BYTES) {
                *has = true;
            }
        });
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let (in_name, in_folders) = (has(name, terms), has(folders, terms));
        self.files += 1;
        self.words += length;
        for (count, spread) in counts.iter().zip(self.spread.iter_mut()) {
            *spread += usize::from(*count > 0);
        }
        let fits = counts.iter().any(|count| *count > 0) || in_name.iter().any(|has| *has);
        if fits && self.matches.len() < MATCHES_MAX {
            self.matches.push(Match { path: path.to_string(), length, counts, in_name, in_folders, in_head });
        }
    }
}

fn has(text: &str, terms: &Terms) -> Vec<bool> {
    let mut has = vec![false; terms.len()];
    each_word(text.as_bytes(), &mut |word, _| {
        if let Some(has) = terms.find(word).and_then(|number| has.get_mut(number)) {
            *has = true;
        }
    });
    has
}

/// Files that are data, made by programs, or no text, by their names.
fn is_no_source(path: &Path) -> bool {
    const ENDINGS: [&str; 40] = [
        "lock", "png", "jpg", "jpeg", "gif", "ico", "svg", "webp", "pdf", "zip", "gz", "tar", "xz", "zst",
        "woff", "woff2", "ttf", "otf", "mp4", "mp3", "wav", "so", "a", "o", "dll", "exe", "wasm", "class",
        "jar", "pyc", "bin", "map", "snap", "parquet", "db", "sqlite", "pem", "der", "bmp", "tiff",
    ];
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    ENDINGS.contains(&ending.as_str())
        || name.ends_with(".min.js")
        || name.ends_with(".min.css")
        || matches!(&*name, "package-lock.json" | "pnpm-lock.yaml" | "go.sum" | "npm-shrinkwrap.json")
}
