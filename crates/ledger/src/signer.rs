//! Signs heads of one journal on a thread of its own, so that no decision waits for a signature. Opens no journal.

use std::collections::VecDeque;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::anchor::Anchors;
use crate::device::Device;
use crate::head::Head;
use crate::pins::Pins;
use crate::signed::{self, Said, State};
use crate::{LedgerError, layout};

/// A head is signed at the latest after this many records.
const RECORDS_MAX: u64 = 64;
/// A head is signed at the latest with the first durable record after this long.
const AGE_MAX: Duration = Duration::from_secs(10);
/// How often a head is anchored while somebody writes; the first and the last always are.
const ANCHOR_EVERY: Duration = Duration::from_secs(60);

/// What signs the heads of one journal.
pub(crate) struct Signer {
    shared: Arc<Shared>,
    /// What the thread will work with, until it is started.
    worker: Option<Worker>,
    thread: Option<JoinHandle<()>>,
    /// Until when the last order was.
    ordered: (u64, Instant),
}

#[derive(Default)]
struct Shared {
    state: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    orders: VecDeque<(Head, State)>,
    /// An order is being carried out.
    busy: bool,
    /// No more orders come.
    ending: bool,
    /// The first failure; nothing is signed after it.
    failure: Option<String>,
    /// What anchors complained of last, by anchor.
    unanchored: Vec<(String, String)>,
}

struct Worker {
    device: Device,
    /// The journal's directory, from the state root.
    journal: String,
    /// The heads beside the journal.
    heads: PathBuf,
    anchors: Anchors,
    anchored: Option<Instant>,
}

impl Signer {
    /// What signs for the journal in this directory. Nothing is signed before the first order.
    pub(crate) fn new(device: Device, directory: &Path, anchors: Anchors) -> Signer {
        let journal = directory.strip_prefix(device.root()).unwrap_or(directory);
        let worker = Worker {
            journal: journal.to_string_lossy().into_owned(),
            heads: directory.join(layout::HEADS),
            device,
            anchors,
            anchored: None,
        };
        let ordered = (0, Instant::now());
        Signer { shared: Arc::default(), worker: Some(worker), thread: None, ordered }
    }

    /// What is signed of the journal already. To be asked before the first order.
    pub(crate) fn pins(&self) -> Result<Option<Pins>, LedgerError> {
        let worker = self.worker.as_ref();
        worker.map(|worker| Pins::read(worker.device.root(), &worker.journal)).transpose()
    }

    /// Has a head signed, soon.
    pub(crate) fn order(&mut self, head: Head, state: State) -> Result<(), LedgerError> {
        if let Some(worker) = self.worker.take() {
            let shared = Arc::clone(&self.shared);
            let start = std::thread::Builder::new().name("signer".to_string());
            let started = start.spawn(move || worker.work(&shared));
            self.thread =
                Some(started.map_err(|error| unsigned(format!("no thread can be started: {error}")))?);
        }
        self.ordered = (head.records, Instant::now());
        let mut inner = lock(&self.shared);
        // What is further along stands for what is waiting; the beginning alone is never skipped.
        if inner.orders.back().is_some_and(|(_, waiting)| *waiting == State::Running) {
            inner.orders.pop_back();
        }
        inner.orders.push_back((head, state));
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Takes note of records that became durable; has the head signed when it is time.
    pub(crate) fn durable(&mut self, head: Head) -> Result<(), LedgerError> {
        self.check()?;
        let (records, at) = self.ordered;
        if head.records >= records.saturating_add(RECORDS_MAX) || records == 0 || at.elapsed() >= AGE_MAX {
            self.order(head, State::Running)?;
        }
        Ok(())
    }

    /// Whether signing failed.
    pub(crate) fn check(&self) -> Result<(), LedgerError> {
        lock(&self.shared).failure.clone().map_or(Ok(()), |why| Err(unsigned(why)))
    }

    /// Waits until every order is carried out.
    pub(crate) fn wait(&self) -> Result<(), LedgerError> {
        let mut inner = lock(&self.shared);
        while inner.failure.is_none() && (inner.busy || !inner.orders.is_empty()) {
            inner = self.shared.changed.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        inner.failure.clone().map_or(Ok(()), |why| Err(unsigned(why)))
    }

    /// What the anchors complained of last, each in a sentence.
    pub(crate) fn unanchored(&self) -> Vec<String> {
        let inner = lock(&self.shared);
        inner.unanchored.iter().map(|(name, why)| format!("`{name}`: {why}")).collect()
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        lock(&self.shared).ending = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread is its failure already.
            let _ = thread.join();
        }
    }
}

impl Worker {
    fn work(mut self, shared: &Shared) {
        // Whatever ends the thread, nobody may wait for it afterwards.
        let _ended = Ended(shared);
        loop {
            let mut inner = lock(shared);
            let (head, state) = loop {
                match inner.orders.pop_front() {
                    Some(order) => break order,
                    None if inner.ending => return,
                    None => inner = shared.changed.wait(inner).unwrap_or_else(PoisonError::into_inner),
                }
            };
            inner.busy = true;
            drop(inner);
            let came = self.sign(head, state, shared);
            let mut inner = lock(shared);
            inner.busy = false;
            if let Err(error) = came {
                inner.failure = Some(error.to_string());
            }
            let failed = inner.failure.is_some();
            shared.changed.notify_all();
            if failed {
                return;
            }
        }
    }

    fn sign(&mut self, head: Head, state: State, shared: &Shared) -> Result<(), LedgerError> {
        let Head { records, hash } = head;
        let line = self.device.append(&Said::Head { journal: self.journal.clone(), records, hash, state })?;
        self.keep(&line, state == State::Closed)?;
        self.anchor(&line, state, shared)
    }

    /// Keeps the line beside the journal as well. Only now that the chain has it: these heads never lead.
    fn keep(&self, line: &str, durable: bool) -> Result<(), LedgerError> {
        let write = || {
            let open = || layout::private_file().read(true).append(true).create(true).open(&self.heads);
            let mut file = open()?;
            end_last_line(&mut file)?;
            file.write_all(format!("{line}\n").as_bytes())?;
            if durable { file.sync_data() } else { Ok(()) }
        };
        write().map_err(LedgerError::io("write", &self.heads))
    }

    fn anchor(&mut self, line: &str, state: State, shared: &Shared) -> Result<(), LedgerError> {
        let due = self.anchored.is_none_or(|at| at.elapsed() >= ANCHOR_EVERY);
        if self.anchors.places.is_empty() || (state == State::Running && !due) {
            return Ok(());
        }
        let mut failed = Vec::new();
        for place in &self.anchors.places {
            if let Err(why) = place.put(line) {
                failed.push((place.name().to_string(), why));
            }
        }
        self.anchored = Some(Instant::now());
        let refuses = self.anchors.required && state == State::Opened;
        let first = failed.first().map(|(name, why)| format!("`{name}`: {why}"));
        lock(shared).unanchored = failed;
        match first.filter(|_| refuses) {
            None => Ok(()),
            Some(why) => Err(unsigned(format!(
                "the anchor {why}; make it reachable, or set `required = false` under `[audit]`"
            ))),
        }
    }
}

/// Says that the thread is gone, also when it panicked.
struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut inner = lock(self.0);
        if std::thread::panicking() {
            inner.failure = Some("the thread that signs came to a bad end".to_string());
        }
        self.0.changed.notify_all();
    }
}

/// Removes what a crash left of a last line; the chain of heads has it whole.
fn end_last_line(file: &mut std::fs::File) -> std::io::Result<()> {
    let length = file.metadata()?.len();
    let window = u64::try_from(signed::LINE_BYTES_MAX).unwrap_or(u64::MAX).min(length);
    file.seek(SeekFrom::Start(length - window))?;
    let mut end = Vec::new();
    (&*file).take(window).read_to_end(&mut end)?;
    let torn = end.len() - end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if torn > 0 { file.set_len(length - u64::try_from(torn).unwrap_or(0)) } else { Ok(()) }
}

fn unsigned(why: String) -> LedgerError {
    LedgerError::Unsigned { why }
}

fn lock(shared: &Shared) -> MutexGuard<'_, Inner> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}
