//! What a listing shows of a session: folded from its records, and kept beside them so that it is found fast.
#![expect(clippy::disallowed_methods, reason = "the entry of a listing is a file")]

use std::fs;
use std::path::Path;

use conversation::{Cost, Event, Outcome, Purpose};
use serde::{Deserialize, Serialize};

use crate::content::Content;
use crate::erasures::Erasures;
use crate::{LedgerError, chain, layout, texts, wire};

/// How much of the first words is shown.
const FIRST_WORDS_CHARS_MAX: usize = 120;

/// The version of the stored entry. Another one is not an error: the entry is made anew.
const ENTRY_VERSION: u32 = 1;

/// One line of a listing of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The session's id.
    pub id: String,
    /// When its first record was made, in milliseconds since the epoch.
    pub started_at: u64,
    /// When its last record was made.
    pub updated_at: u64,
    /// What it is for; `None` when its first record is lost.
    pub purpose: Option<Purpose>,
    /// `provider/model`; may be empty.
    pub model: String,
    /// The first line that the person said, cut.
    pub first_words: String,
    /// What came of it; `None` while it runs, or when it was cut off.
    pub outcome: Option<Outcome>,
    /// How often the model was asked.
    pub turns: u32,
    /// What it cost; `None` when a part of that is not known.
    pub cost: Option<Cost>,
    /// How many records it has.
    pub records: u64,
    /// Whether a process writes it now.
    pub in_use: bool,
    /// Why it cannot be read, when it cannot.
    pub problem: Option<String>,
}

/// The running fold behind a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    v: u32,
    /// The length of the journal that was folded: another length makes the entry stale.
    bytes: u64,
    started_at: u64,
    updated_at: u64,
    purpose: Option<StoredPurpose>,
    model: String,
    first_words: String,
    outcome: Option<String>,
    turns: u32,
    cost: u64,
    cost_unknown: bool,
    records: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum StoredPurpose {
    Request,
    Plan { spec: String },
    Task { spec: String, task: String },
    Part { parent: String, agent: String },
    Hooks,
}

impl Summary {
    /// Whether it came to no end, or to one from which it can go on.
    pub fn can_resume(&self) -> bool {
        self.records > 0 && self.outcome != Some(Outcome::Done) && !self.in_use && self.problem.is_none()
    }

    /// Whether it goes on by itself: a part goes on with its whole, a task with its run, and a document is begun again.
    pub fn stands_alone(&self) -> bool {
        matches!(self.purpose, Some(Purpose::Request))
    }
}

/// The types of record that a summary is made of.
const TELLING: [&str; 10] =
    ["started", "said", "asked", "sent", "answered", "compacted", "hooked", "ended", "resumed", "rewound"];

impl Tally {
    /// The tally of a journal that is `bytes` long: the one kept beside it, or a new fold.
    pub(crate) fn of(
        directory: &Path,
        content: &Content,
        erasures: &Erasures,
        bytes: u64,
    ) -> Result<Tally, LedgerError> {
        if let Some(tally) = Tally::load(directory).filter(|tally| tally.bytes == bytes) {
            return Ok(tally);
        }
        let mut tally = Tally::default();
        let chain = chain::read(directory, &mut |line| {
            let telling = TELLING.contains(&&*line.name)
                // Results are large and only those of sub-agents cost something of their own.
                || (&*line.name == "finished" && line.body.contains("\"spent\":"));
            let later = matches!(&*line.name, "said" | "asked") && !tally.first_words.is_empty();
            let event = if telling && !later {
                let mut body = serde_json::from_str(line.body).unwrap_or_default();
                texts::put_back(&mut body, line);
                // What cannot be read here is told by whoever reads the session itself.
                let read = content.inline(&mut body, erasures).ok();
                read.and_then(|_| wire::event_of(&line.name, body).ok().flatten())
            } else {
                None
            };
            match event {
                Some(event) => tally.add(line.at, &event),
                None => {
                    tally.count(line.at);
                    // More was said: what was over is not.
                    if later {
                        tally.outcome = None;
                    }
                }
            }
            Ok(())
        })?;
        tally.bytes = chain.bytes;
        Ok(tally)
    }

    fn load(directory: &Path) -> Option<Tally> {
        let bytes = fs::read(directory.join(layout::SUMMARY)).ok()?;
        serde_json::from_slice(&bytes).ok().filter(|tally: &Tally| tally.v == ENTRY_VERSION)
    }

    /// Keeps the tally beside a journal that is `bytes` long. Need not survive a power cut.
    pub(crate) fn store(&mut self, directory: &Path, bytes: u64) -> Result<(), LedgerError> {
        self.v = ENTRY_VERSION;
        self.bytes = bytes;
        let path = directory.join(layout::SUMMARY);
        let text = serde_json::to_vec(self).map_err(|error| LedgerError::io("write", &path)(error.into()))?;
        // Half a file is no JSON, and no JSON is a stale entry: so no detour over a second file.
        layout::overwrite_file(&path, &text)
    }

    /// Takes note of a record that says nothing else to a listing.
    pub(crate) fn count(&mut self, at: u64) {
        if self.records == 0 {
            self.started_at = at;
        }
        self.updated_at = at;
        self.records += 1;
    }

    /// Takes note of an event.
    pub(crate) fn add(&mut self, at: u64, event: &Event) {
        self.count(at);
        match event {
            Event::Started(started) => {
                self.purpose = Some((&started.purpose).into());
                self.model.clone_from(&started.model);
            }
            Event::Said { text } | Event::Asked { text } => {
                if self.first_words.is_empty() {
                    let line = text.trim().lines().next().unwrap_or_default();
                    self.first_words = line.chars().take(FIRST_WORDS_CHARS_MAX).collect();
                }
                self.outcome = None;
            }
            Event::Sent(_) => {
                self.turns = self.turns.saturating_add(1);
                self.outcome = None;
            }
            Event::Answered(answered) => self.add_cost(answered.cost),
            Event::Compacted(compacted) => self.add_cost(compacted.cost),
            Event::Finished(result) => {
                result.inside.iter().for_each(|inside| self.add_cost(inside.spent.cost))
            }
            Event::Hooked(hooked) => hooked.spent.iter().for_each(|spent| self.add_cost(spent.cost)),
            Event::Resumed | Event::Rewound { .. } => self.outcome = None,
            Event::Ended(ended) => self.outcome = Some(ended.outcome.name().to_string()),
            _ => {}
        }
    }

    fn add_cost(&mut self, cost: Option<Cost>) {
        match cost {
            Some(cost) => self.cost = self.cost.saturating_add(cost.0),
            None => self.cost_unknown = true,
        }
    }

    /// The summary that it amounts to.
    pub(crate) fn summary(self, id: String, in_use: bool, problem: Option<String>) -> Summary {
        Summary {
            id,
            started_at: self.started_at,
            updated_at: self.updated_at,
            purpose: self.purpose.map(Purpose::from),
            model: self.model,
            first_words: self.first_words,
            outcome: self.outcome.as_deref().and_then(Outcome::named),
            turns: self.turns,
            cost: (!self.cost_unknown).then_some(Cost(self.cost)),
            records: self.records,
            in_use,
            problem,
        }
    }
}

impl From<&Purpose> for StoredPurpose {
    fn from(purpose: &Purpose) -> StoredPurpose {
        match purpose {
            Purpose::Request => StoredPurpose::Request,
            Purpose::Plan { spec } => StoredPurpose::Plan { spec: spec.clone() },
            Purpose::Task { spec, task } => StoredPurpose::Task { spec: spec.clone(), task: task.clone() },
            Purpose::Hooks => StoredPurpose::Hooks,
            Purpose::Part { parent, agent } => {
                StoredPurpose::Part { parent: parent.clone(), agent: agent.clone() }
            }
        }
    }
}

impl From<StoredPurpose> for Purpose {
    fn from(stored: StoredPurpose) -> Purpose {
        match stored {
            StoredPurpose::Request => Purpose::Request,
            StoredPurpose::Plan { spec } => Purpose::Plan { spec },
            StoredPurpose::Task { spec, task } => Purpose::Task { spec, task },
            StoredPurpose::Part { parent, agent } => Purpose::Part { parent, agent },
            StoredPurpose::Hooks => Purpose::Hooks,
        }
    }
}
