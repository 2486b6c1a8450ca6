//! What the chain of heads signs of one journal, for whoever goes on writing it: a journal that was made anew is not
//! gone on with. Looks at the lines of that journal and no others; the whole chain is for the verifier.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use conversation::Digest;

use crate::chain;
use crate::key::{PublicKey, refused};
use crate::line::Line;
use crate::signed::{self, Said, State};
use crate::{LedgerError, device, layout};

/// The signed heads of one journal.
#[derive(Debug)]
pub(crate) struct Pins {
    root: PathBuf,
    path: PathBuf,
    /// The hash of the last record, by how many records there were.
    heads: HashMap<u64, Digest>,
    /// How many records were signed.
    furthest: u64,
    /// What the last writer was doing when the last head was signed.
    last: Option<State>,
}

impl Pins {
    /// Reads the heads of the journal in this directory of a state root.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] for a head of this journal that no key of the chain signed.
    pub(crate) fn read(root: &Path, journal: &str) -> Result<Pins, LedgerError> {
        let path = root.join(journal).join(layout::JOURNAL);
        let mut pins =
            Pins { root: root.to_path_buf(), path, heads: HashMap::new(), furthest: 0, last: None };
        let chain = device::chain(root);
        let mut lines = chain::lines(&chain)?;
        let mut keys: HashMap<Digest, PublicKey> = HashMap::new();
        // Names of journals are plain, so that each is written in one way.
        let named = format!("\"journal\":\"{journal}\"");
        let mut at = 0;
        while let Some(read) = lines.read().map_err(LedgerError::io("read", &chain))? {
            let text = std::str::from_utf8(lines.text()).unwrap_or_default();
            if read.ended && (text.contains(&named) || text.contains("\"type\":\"key\"")) {
                pins.take_note(text, &mut keys).map_err(|problem| LedgerError::Broken {
                    file: chain.clone(),
                    record: at,
                    problem: problem.to_string(),
                })?;
            }
            at += 1;
        }
        Ok(pins)
    }

    fn take_note(&mut self, text: &str, keys: &mut HashMap<Digest, PublicKey>) -> Result<(), &'static str> {
        let line = signed::read(text.as_bytes()).map_err(|_| "it is not a signed head")?;
        if let Said::Key { public, .. } = &line.said {
            keys.insert(public.id(), *public);
        }
        if !keys.get(&line.key).is_some_and(|key| line.is_by(key, text.as_bytes())) {
            return Err("its signature does not fit it");
        }
        if let Said::Head { records, hash, state, .. } = line.said {
            self.heads.insert(records, hash);
            (self.furthest, self.last) = (self.furthest.max(records), Some(state));
        }
        Ok(())
    }

    /// Whether this record is the one that was signed in its place.
    pub(crate) fn check(&self, line: &Line<'_>) -> Result<(), LedgerError> {
        match self.heads.get(&line.seq.saturating_add(1)) {
            Some(hash) if *hash != line.hash => {
                Err(self.broken(line.seq, "it is not the record that was signed".to_string()))
            }
            _ => Ok(()),
        }
    }

    /// Whether a journal of so many records has all that were signed, and none that only somebody else can have put
    /// there: going on would sign them. What came between the last head of a writer and its kill is taken as it is.
    pub(crate) fn check_end(&self, records: u64) -> Result<(), LedgerError> {
        if records < self.furthest {
            let problem = format!("the journal ends before it, and {} records were signed", self.furthest);
            return Err(self.broken(records, problem));
        }
        let more = records - self.furthest;
        if more > 0 && matches!(self.last, None | Some(State::Closed)) {
            let problem = format!("no signature covers the {more} records from here on");
            return Err(self.broken(self.furthest, problem));
        }
        Ok(())
    }

    /// Whether a journal may begin here: not when there was one.
    pub(crate) fn check_new(&self) -> Result<(), LedgerError> {
        if self.furthest == 0 {
            return Ok(());
        }
        let problem = format!("is gone, though {} records of it were signed", self.furthest);
        let root = self.root.display();
        let step = format!("put it back from a copy; to begin a new ledger, move `{root}` away");
        Err(refused(&self.path, &problem, &step))
    }

    fn broken(&self, record: u64, problem: String) -> LedgerError {
        LedgerError::Broken { file: self.path.clone(), record, problem }
    }
}
