//! For tests: a ledger in a directory of its own, and small sessions in it.

use std::path::{Path, PathBuf};

use conversation::{
    Answered, Block, CallResult, Cost, Digest, Ended, Event, Journal as _, Outcome, Purpose, Status, Stop,
    Usage,
};
use policy::Record as _;

use crate::wire::samples;
use crate::{Store, Writer};

/// A ledger that goes away with the test.
pub(crate) struct Place {
    pub(crate) root: tempfile::TempDir,
    pub(crate) store: Store,
}

/// A clock that goes on by one with each look at it.
pub(crate) fn clock() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NOW: AtomicU64 = AtomicU64::new(1_000);
    NOW.fetch_add(1, Ordering::Relaxed)
}

pub(crate) fn place() -> Place {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path(), Path::new("/w"), clock).unwrap();
    Place { root, store }
}

impl Place {
    pub(crate) fn session_directory(&self, id: &str) -> PathBuf {
        self.store.directory().join("sessions").join(id)
    }

    pub(crate) fn journal(&self, id: &str) -> PathBuf {
        self.session_directory(id).join("journal.jsonl")
    }

    /// A closed session of `turns` turns with one decision each; one content file in it.
    pub(crate) fn session(&self, id: &str, turns: u32) -> Digest {
        let mut writer = self.store.create_session(id).unwrap();
        writer.append(&samples::started(Purpose::Request, Vec::new())).unwrap();
        writer.append(&said("fix the\nlimiter")).unwrap();
        for turn in 1..=turns {
            one_turn(&mut writer, turn);
        }
        let message = "done".to_string();
        writer.append(&Event::Ended(Ended { outcome: Outcome::Done, message })).unwrap();
        writer.seal().unwrap()
    }

    pub(crate) fn events(&self, id: &str) -> Vec<Event> {
        self.store.read(id).unwrap().iter().map(|stored| stored.event().unwrap().clone()).collect()
    }
}

pub(crate) fn said(text: &str) -> Event {
    Event::Said { text: text.to_string() }
}

/// What a turn with one call puts on record.
pub(crate) fn one_turn(writer: &mut Writer, turn: u32) {
    let fragments = Digest::of(b"f");
    writer.append(&Event::Sent(conversation::Sent { turn, fragments, messages: turn * 2 })).unwrap();
    let answered = Answered {
        blocks: vec![Block::Text("I look.".to_string())],
        stop: Stop::Calls,
        usage: Usage { input: 10, cache_read: 1_000, cache_write: 20, output: 30 },
        cost: Some(Cost(5)),
    };
    writer.append(&Event::Answered(answered)).unwrap();
    writer.record(&[samples::decided(&format!("c{turn}"))]).unwrap();
    let result = CallResult::new(&format!("c{turn}"), Status::Done, "pub fn take() {}\n".repeat(100));
    writer.append(&Event::Finished(result)).unwrap();
}
