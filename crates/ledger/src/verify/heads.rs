//! Proves a chain of heads line by line, and says what it claims of each journal. Changes nothing.
#![expect(clippy::disallowed_methods, reason = "the chain of heads is read here")]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use conversation::Digest;

use super::{Problem, Trust};
use crate::key::PublicKey;
use crate::signed::{self, Said, Signed, SignedFault, State};
use crate::{chain, device, line};

/// What a signed head says of a journal.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    /// Its place in the chain.
    pub(super) head: u64,
    /// When it was signed.
    pub(super) at: u64,
    /// How many records were durable.
    pub(super) records: u64,
    /// The hash of the last of them.
    pub(super) hash: Digest,
    pub(super) state: State,
}

/// Hands on what is wrong with a line, or worth a note.
pub(super) type Say<'a> = dyn FnMut(Option<u64>, Problem, bool) + 'a;

/// A chain of heads that was read.
#[derive(Default)]
pub(super) struct Heads {
    /// The digest of each line, by its place.
    lines: HashMap<u64, Digest>,
    /// The place behind the last line.
    end: u64,
    /// Every key that signed here, by its id.
    keys: HashMap<Digest, PublicKey>,
    current: Option<PublicKey>,
    /// The key that the current one handed over to.
    next: Option<PublicKey>,
    /// A key that is in the place of the device's and is another one.
    other_key: Option<Digest>,
    claims: BTreeMap<String, Vec<Claim>>,
    proven: u64,
    /// A newer Waypost wrote the lines from `end` on: what they say is not known, so nothing is missed.
    newer: bool,
}

impl Heads {
    /// Reads the chain of a state root; `None` when there is none.
    pub(super) fn read(root: &Path, trust: &Trust, say: &mut Say<'_>) -> Option<Heads> {
        let mut lines = match chain::lines(&device::chain(root)) {
            Ok(lines) => lines,
            Err(_) if !device::chain(root).exists() => return None,
            Err(error) => {
                say(None, Problem::Unreadable(error.to_string()), false);
                return Some(Heads::default());
            }
        };
        let mut heads = Heads::default();
        let mut prev = Some(line::origin());
        // Keys that nobody before them vouched for, and where the trusted key begins.
        let (mut replaced, mut trusted) = (Vec::new(), None);
        loop {
            let read = match lines.read() {
                Ok(Some(read)) => read,
                Ok(None) => break,
                Err(error) => {
                    say(Some(heads.end), Problem::Unreadable(error.to_string()), false);
                    break;
                }
            };
            if !read.ended {
                // A crash leaves this; the next head sets it aside.
                say(Some(heads.end), Problem::Torn { bytes: read.bytes }, true);
                break;
            }
            let line = match signed::read(if read.kept { lines.text() } else { b"" }) {
                Ok(line) => line,
                Err(SignedFault::Newer(found)) => {
                    say(Some(heads.end), Problem::Newer { found }, false);
                    heads.newer = true;
                    break;
                }
                Err(SignedFault::Unparsable(why)) => {
                    say(Some(heads.end), Problem::Unparsable(why), false);
                    (prev, heads.end) = (None, heads.end + 1);
                    continue;
                }
            };
            if let Some(problem) = misplaced(&line, heads.end, prev) {
                say(Some(line.seq), problem, false);
            }
            heads.end = line.seq.saturating_add(1);
            heads.lines.insert(line.seq, line.digest);
            let vouched = heads.current.is_none() || heads.next.is_some();
            prev = Some(line.digest);
            if let Some(problem) = heads.prove(&line, lines.text()) {
                say(Some(line.seq), problem, false);
                // What it should have said is not known, so the next line cannot be asked to follow it.
                prev = None;
                continue;
            }
            if let Said::Key { public, replaces, why } = &line.said {
                if replaces.is_some() || !vouched {
                    replaced.push((line.seq, why.clone()));
                }
                if trust.key == Some(*public) {
                    trusted = Some(line.seq);
                }
            }
        }
        for (seq, why) in replaced {
            // The known key stands for everything that its chain has before it.
            let known = trusted.is_some_and(|trusted| trusted >= seq);
            say(Some(seq), Problem::KeyReplaced { why }, known);
        }
        if let Some(key) = trust.key.filter(|_| trusted.is_none() && !heads.newer) {
            let signs = heads.current.map_or(key.id(), |key| key.id());
            say(None, Problem::WrongKey(signs), false);
        }
        let in_place = device::public(root).ok().flatten().map(|key| key.id());
        let due = heads.next.or(heads.current).map(|key| key.id());
        heads.other_key = in_place.filter(|in_place| due != Some(*in_place) && !heads.newer);
        Some(heads)
    }

    /// Proves the signature of a line, and takes note of what it says.
    fn prove(&mut self, line: &Signed, text: &[u8]) -> Option<Problem> {
        let by = match &line.said {
            Said::Key { public, .. } => Some(*public),
            _ => self.current.filter(|key| key.id() == line.key),
        };
        match by {
            None => return Some(Problem::WrongKey(line.key)),
            Some(key) if !line.is_by(&key, text) => return Some(Problem::Forged),
            Some(_) => self.proven += 1,
        }
        match &line.said {
            Said::Key { public, .. } => {
                self.keys.insert(public.id(), *public);
                (self.current, self.next) = (Some(*public), None);
            }
            Said::Rotated { to } => self.next = Some(*to),
            Said::Head { journal, records, hash, state } => {
                let claim =
                    Claim { head: line.seq, at: line.at, records: *records, hash: *hash, state: *state };
                self.claims.entry(journal.clone()).or_default().push(claim);
            }
            Said::Unknown(_) => {}
        }
        None
    }

    /// The heads beside a single journal, where there is no chain: each by itself, under a key that is known.
    pub(super) fn beside(path: &Path, key: PublicKey, find: &mut dyn FnMut(Option<u64>, Problem)) -> Heads {
        let mut heads = Heads { current: Some(key), ..Heads::default() };
        each(path, &mut |read, text| match read {
            Err(problem) => find(None, problem),
            Ok(line) if matches!(line.said, Said::Head { .. }) => {
                if let Some(problem) = heads.prove(&line, text) {
                    find(Some(line.seq), problem);
                }
            }
            Ok(_) => {}
        });
        heads
    }

    /// Compares the heads beside a journal with the chain.
    pub(super) fn compare_beside(&self, path: &Path, find: &mut dyn FnMut(Option<u64>, Problem)) {
        let witness = format!("`{}`", path.display());
        each(path, &mut |read, text| match read {
            Err(problem) => find(None, problem),
            Ok(line) => {
                if let Some(problem) = self.compare(&line, text, &witness) {
                    find(Some(line.seq), problem);
                }
            }
        });
    }

    /// What it means that somebody else has this line.
    pub(super) fn compare(&self, line: &Signed, text: &[u8], witness: &str) -> Option<Problem> {
        if self.lines.get(&line.seq) == Some(&line.digest) || (self.newer && line.seq >= self.end) {
            return None;
        }
        let witness = witness.to_string();
        match self.keys.get(&line.key) {
            // A chain of which nothing is left knows no key at all.
            None if self.keys.is_empty() => Some(Problem::ChainCut { head: line.seq, witness }),
            None => Some(Problem::WrongKey(line.key)),
            Some(key) if !line.is_by(key, text) => Some(Problem::Forged),
            Some(_) if line.seq >= self.end => Some(Problem::ChainCut { head: line.seq, witness }),
            Some(_) => Some(Problem::ChainDiffers { head: line.seq, witness }),
        }
    }

    /// What is claimed of this journal, in order.
    pub(super) fn claims(&self, journal: &str) -> &[Claim] {
        self.claims.get(journal).map(Vec::as_slice).unwrap_or_default()
    }

    /// What is claimed where only one journal was looked at.
    pub(super) fn only_claims(self) -> Vec<Claim> {
        self.claims.into_values().flatten().collect()
    }

    /// Every journal of which something is claimed.
    pub(super) fn journals(&self) -> impl Iterator<Item = (&String, &Vec<Claim>)> {
        self.claims.iter()
    }

    /// Whether a record of any journal is signed.
    pub(super) fn say_of_records(&self) -> bool {
        self.claims.values().flatten().any(|claim| claim.records > 0)
    }

    /// Whether a newer Waypost wrote the end of the chain.
    pub(super) fn is_newer(&self) -> bool {
        self.newer
    }

    /// How many lines bear the signature of their key.
    pub(super) fn proven(&self) -> u64 {
        self.proven
    }

    /// The key that signs now.
    pub(super) fn current(&self) -> Option<PublicKey> {
        self.current
    }

    /// The place behind the last line.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Whether this key signed here.
    pub(super) fn knows(&self, key: &Digest) -> bool {
        self.keys.contains_key(key)
    }

    /// The key that is in the place of the device's, when it is another one.
    pub(super) fn other_key_in_place(&self) -> Option<Digest> {
        self.other_key
    }
}

/// Is shown a line of heads, and its bytes.
type Look<'a> = dyn FnMut(Result<Signed, Problem>, &[u8]) + 'a;

/// Reads lines of heads, one by one. What a crash left of the last is passed over: the chain has it.
fn each(path: &Path, look: &mut Look<'_>) {
    let Ok(mut lines) = chain::lines(path) else { return };
    while let Ok(Some(read)) = lines.read() {
        if !read.ended {
            return;
        }
        let line = signed::read(if read.kept { lines.text() } else { b"" });
        let line = line.map_err(|fault| match fault {
            SignedFault::Newer(found) => Problem::Newer { found },
            SignedFault::Unparsable(why) => Problem::Unparsable(why),
        });
        look(line, lines.text());
    }
}

/// What is wrong with the place of a line. A line behind one that could not be read need not follow it.
fn misplaced(line: &Signed, expected: u64, prev: Option<Digest>) -> Option<Problem> {
    if line.seq > expected {
        Some(Problem::Dropped { records: line.seq - expected })
    } else if line.seq < expected {
        Some(Problem::Reordered { expected })
    } else if prev.is_some_and(|prev| prev != line.prev) {
        Some(Problem::Unchained)
    } else {
        None
    }
}
