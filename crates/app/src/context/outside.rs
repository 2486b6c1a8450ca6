//! Answers mentions of what the room `context` does not reach: steering, problems, the terminal, pages.
#![expect(clippy::disallowed_methods, reason = "a steering file is read here")]

use std::collections::BTreeMap;

use context::{Answer, Outside};
use conversation::Digest;
use ledger::Store;
use spec::steering::Steering;

use super::reads::Reads;
use super::{Parts, problems, terminal};
use crate::steering;
use crate::trust::TrustStore;

/// The person's own surroundings.
pub(crate) struct Own<'a> {
    pub(crate) parts: Parts<'a>,
    pub(crate) reads: &'a Reads<'a>,
    /// The pages that are named, fetched already.
    pub(crate) pages: BTreeMap<String, Answer>,
    pub(crate) store: Store,
}

impl Outside for Own<'_> {
    fn steering(&self, name: &str) -> Option<Answer> {
        let name = name.strip_suffix(".md").unwrap_or(name);
        let files = steering::files(self.parts.world, self.parts.workspace);
        let file = files.into_iter().find(|file| stem(&file.name).eq_ignore_ascii_case(name))?;
        Some(self.text_of(&file))
    }

    fn problems(&self) -> Answer {
        problems::known(self.parts.workspace, &self.store, &|path| self.reads.may_read(path))
    }

    fn terminal(&self) -> Answer {
        terminal::end(self.parts.world)
    }

    fn url(&self, address: &str) -> Answer {
        self.pages.get(address).cloned().unwrap_or_else(|| Err("it was not fetched".to_string()))
    }
}

impl Own<'_> {
    /// The body of a steering file, which counts only when it is trusted as it is now.
    fn text_of(&self, file: &steering::SteeringFile) -> Answer {
        if file.needs_trust {
            let store = TrustStore::open(&self.parts.world.state).map_err(|error| error.cause)?;
            if !store.of(&self.parts.workspace.root).holds(&file.name, file.digest) {
                return Err("it is not trusted as it is now; `waypost trust` shows and grants".to_string());
            }
        }
        let path = self.parts.workspace.root.join(&file.name);
        if file.needs_trust {
            self.reads.may_read(&path)?;
        }
        let bytes = std::fs::read(&path).map_err(|error| format!("it cannot be read: {error}"))?;
        if Digest::of(&bytes) != file.digest {
            return Err("it changed in this moment; name it again".to_string());
        }
        let body = Steering::parse(&bytes).body;
        Ok((format!("{}\n", body.trim()), None))
    }
}

/// `style` of `.kiro/steering/style.md`.
fn stem(name: &str) -> &str {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.strip_suffix(".md").unwrap_or(name)
}
