//! Batches between the watch and whoever takes them: a bounded queue that puts batches together when nobody takes them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::moment::Batch;

/// What came of waiting for a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Something happened.
    Batch(Box<Batch>),
    /// Nothing happened in the time.
    Quiet,
    /// The watch has ended; nothing more will come.
    Ended,
}

/// The queue.
#[derive(Debug)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
    filled: Condvar,
    batches_max: usize,
}

#[derive(Debug, Default)]
struct State {
    batches: VecDeque<Batch>,
    has_ended: bool,
}

impl Mailbox {
    /// A queue that holds so many batches, one at least.
    pub(crate) fn new(batches_max: usize) -> Mailbox {
        Mailbox { state: Mutex::default(), filled: Condvar::new(), batches_max: batches_max.max(1) }
    }

    /// Adds a batch, or puts it together with the last one. Never waits.
    pub(crate) fn put(&self, batch: Batch) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = state.batches.len() >= self.batches_max;
        match state.batches.back_mut().filter(|_| is_full) {
            Some(last) => last.absorb(batch),
            None => state.batches.push_back(batch),
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Nothing more will come.
    pub(crate) fn end(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).has_ended = true;
        self.filled.notify_all();
    }

    /// Takes the oldest batch; waits for one.
    pub(crate) fn next(&self, wait: Duration) -> Next {
        let until = Instant::now().checked_add(wait);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(batch) = state.batches.pop_front() {
                // A batch that was put together may say nothing any more.
                if batch.is_empty() {
                    continue;
                }
                return Next::Batch(Box::new(batch));
            }
            if state.has_ended {
                return Next::Ended;
            }
            let left = until.map_or(wait, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Next::Quiet;
            }
            state = self.filled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::{Kind, Moment};

    fn batch(path: &str, kind: Kind) -> Batch {
        let moment = Moment { path: path.to_owned(), kind, cause: None };
        Batch { moments: vec![moment], ..Batch::default() }
    }

    #[test]
    fn a_full_queue_loses_nothing_that_differs() {
        let mailbox = Mailbox::new(2);
        mailbox.put(batch("a", Kind::Created));
        for number in 0..100 {
            mailbox.put(batch(&format!("b{number:02}"), Kind::Saved));
        }
        mailbox.put(batch("b07", Kind::Deleted));
        mailbox.end();
        let Next::Batch(first) = mailbox.next(Duration::ZERO) else { panic!("there is one") };
        assert_eq!((first.moments.len(), first.merged), (1, 0));
        let Next::Batch(second) = mailbox.next(Duration::ZERO) else { panic!("there is one") };
        assert_eq!((second.moments.len(), second.merged), (100, 100));
        assert_eq!(second.moments[7].kind, Kind::Deleted);
        assert_eq!(mailbox.next(Duration::from_secs(60)), Next::Ended);
    }

    #[test]
    fn what_cancels_out_is_not_told() {
        let mailbox = Mailbox::new(1);
        mailbox.put(batch("a", Kind::Created));
        mailbox.put(batch("a", Kind::Deleted));
        assert_eq!(mailbox.next(Duration::from_millis(1)), Next::Quiet);
    }
}
