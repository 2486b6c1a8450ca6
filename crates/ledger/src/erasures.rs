//! What was erased in a workspace, when, by whom and why: read from its journal of erasures. Erases nothing.
#![expect(clippy::disallowed_methods, reason = "the journal of erasures is looked for here")]

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use conversation::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::content::Content;
use crate::line::Line;
use crate::{LedgerError, chain, layout, texts};

/// The type of the records.
pub(crate) const RECORD: &str = "erased";

/// One erasure, as it is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// When, in milliseconds since the epoch.
    pub at: u64,
    /// Who asked for it.
    pub by: String,
    /// The reason that was given.
    pub why: String,
    /// The session whose texts went; `None` when single digests were named.
    pub session: Option<String>,
}

/// The body of a record.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) by: String,
    pub(crate) why: String,
    pub(crate) session: Option<String>,
    /// Texts behind records, by their salted digest.
    pub(crate) texts: Vec<String>,
    /// Texts of the content store, by their digest.
    pub(crate) contents: Vec<String>,
}

/// All erasures of a workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Erasures {
    digests: HashMap<Digest, Arc<Erasure>>,
    sessions: HashSet<String>,
}

impl Erasures {
    /// Reads the journal of erasures; none when there is no journal.
    pub(crate) fn read(workspace: &Path, content: &Content) -> Result<Erasures, LedgerError> {
        let directory = workspace.join(layout::ERASURES);
        let mut erasures = Erasures::default();
        if layout::has_journal(&directory) && std::fs::metadata(directory.join(layout::JOURNAL)).is_ok() {
            chain::read(&directory, &mut |line| {
                erasures.note(line, content);
                Ok(())
            })?;
        }
        Ok(erasures)
    }

    /// Takes note of a record; one of another type says nothing.
    pub(crate) fn note(&mut self, line: &Line<'_>, content: &Content) {
        if line.name != RECORD {
            return;
        }
        let mut body: Value = serde_json::from_str(line.body).unwrap_or_default();
        texts::put_back(&mut body, line);
        let read = content.inline(&mut body, &Erasures::default()).ok();
        let Some(body) = read.and_then(|_| serde_json::from_value::<Body>(body).ok()) else {
            return;
        };
        let Body { by, why, session, texts, contents } = body;
        self.sessions.extend(session.clone());
        let erasure = Arc::new(Erasure { at: line.at, by, why, session });
        let digests = texts.iter().chain(&contents).filter_map(|digits| Digest::read(digits));
        self.digests.extend(digests.map(|digest| (digest, Arc::clone(&erasure))));
    }

    /// How this text or content was erased, if it was.
    pub(crate) fn of(&self, digest: &Digest) -> Option<&Arc<Erasure>> {
        self.digests.get(digest)
    }

    /// Whether the texts of this session were erased.
    pub(crate) fn of_session(&self, id: &str) -> bool {
        self.sessions.contains(id)
    }
}
