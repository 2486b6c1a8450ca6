//! What the person trusts in each workspace, by content digest. Kept outside every repository, so that it never
//! travels with a clone. Grants nothing by itself.
#![expect(clippy::disallowed_methods, reason = "the trust store is read here")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use conversation::Digest;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Outcome};
use crate::workspace::write_whole;

/// The trust store of one machine.
#[derive(Debug)]
pub(crate) struct TrustStore {
    path: PathBuf,
    stored: Stored,
}

/// What is trusted in one workspace: name to digest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trusted(BTreeMap<String, String>);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored {
    v: u32,
    workspaces: BTreeMap<String, BTreeMap<String, String>>,
}

const VERSION: u32 = 1;

impl TrustStore {
    /// Reads the store. A store that cannot be read stops everything that depends on it: it never reads as trust.
    pub(crate) fn open(state: &Path) -> Outcome<TrustStore> {
        let path = state.join("trust.json");
        let stored = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Stored { v: VERSION, ..Stored::default() }
            }
            Err(error) => return Err(Error::failed(format!("`{}` cannot be read: {error}", path.display()))),
            Ok(bytes) => serde_json::from_slice::<Stored>(&bytes)
                .ok()
                .filter(|stored| stored.v == VERSION)
                .ok_or_else(|| {
                Error::failed(format!(
                    "the trust store `{}` is damaged or of another version",
                    path.display()
                ))
                .hint("look at it, then remove it and run `waypost trust` again in each workspace")
            })?,
        };
        Ok(TrustStore { path, stored })
    }

    /// What is trusted in this workspace.
    pub(crate) fn of(&self, root: &Path) -> Trusted {
        Trusted(self.stored.workspaces.get(&root.to_string_lossy().into_owned()).cloned().unwrap_or_default())
    }

    /// Trusts exactly these, as they are now, and nothing else in this workspace.
    pub(crate) fn set(&mut self, root: &Path, items: Vec<(String, Digest)>) -> Outcome<()> {
        let items: BTreeMap<String, String> =
            items.into_iter().map(|(name, digest)| (name, digest.to_string())).collect();
        let key = root.to_string_lossy().into_owned();
        if items.is_empty() {
            self.stored.workspaces.remove(&key);
        } else {
            self.stored.workspaces.insert(key, items);
        }
        let bytes = serde_json::to_vec_pretty(&self.stored).map_err(Error::failed)?;
        write_whole(&self.path, &bytes)
    }
}

impl Trusted {
    /// Whether this content is trusted under this name.
    pub(crate) fn holds(&self, name: &str, digest: Digest) -> bool {
        self.0.get(name).is_some_and(|trusted| *trusted == digest.to_string())
    }

    /// Whether the name was trusted with some content.
    pub(crate) fn knew(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}
