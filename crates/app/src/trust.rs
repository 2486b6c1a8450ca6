//! What the person trusts in each workspace, by content digest. Kept outside every repository, so that it never travels with a
//! clone, and sealed with a key of this machine, so that it does not travel with a copy of the state either. Grants nothing by
//! itself.
#![expect(clippy::disallowed_methods, reason = "the trust store is read here")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use conversation::Digest;
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Outcome};
use crate::repository::Item;
use crate::workspace::write_whole;

/// The trust store of one machine.
#[derive(Debug)]
pub(crate) struct TrustStore {
    folder: PathBuf,
    stored: Stored,
}

/// What is trusted in one workspace: name to digest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trusted(BTreeMap<String, String>);

type Workspaces = BTreeMap<String, BTreeMap<String, String>>;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored {
    v: u32,
    workspaces: Workspaces,
    /// Over the workspaces, with the key of this machine; in hexadecimal.
    seal: String,
}

const VERSION: u32 = 2;
/// The length of the key, in bytes.
const KEY_BYTES: usize = 32;

impl TrustStore {
    /// Reads the store. A store that cannot be read, or that somebody else wrote, stops everything that depends on it: it never
    /// reads as trust.
    pub(crate) fn open(state: &Path) -> Outcome<TrustStore> {
        let path = state.join("trust.json");
        let stored = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(TrustStore {
                    folder: state.to_path_buf(),
                    stored: Stored { v: VERSION, ..Stored::default() },
                });
            }
            Err(error) => return Err(Error::failed(format!("`{}` cannot be read: {error}", path.display()))),
            Ok(bytes) => serde_json::from_slice::<Stored>(&bytes).ok().filter(|stored| stored.v == VERSION),
        };
        let next = "look at it, then remove it and run `waypost trust` again in each workspace";
        let stored = stored.ok_or_else(|| {
            Error::failed(format!("the trust store `{}` is damaged or of another version", path.display()))
                .hint(next)
        })?;
        let sealed = read_key(state)?.is_some_and(|key| {
            let seal = unhex(&stored.seal).unwrap_or_default();
            hmac::verify(&key, &sealed_bytes(&stored.workspaces), &seal).is_ok()
        });
        if !sealed {
            return Err(Error::failed(format!(
                "the trust store `{}` was not written by Waypost on this machine, or was changed since",
                path.display()
            ))
            .hint(next));
        }
        Ok(TrustStore { folder: state.to_path_buf(), stored })
    }

    /// What is trusted in this workspace.
    pub(crate) fn of(&self, root: &Path) -> Trusted {
        Trusted(self.stored.workspaces.get(&root.to_string_lossy().into_owned()).cloned().unwrap_or_default())
    }

    /// Trusts exactly these, as they are now, and nothing else in this workspace. Their bytes are kept, to show later what
    /// changed.
    pub(crate) fn set(&mut self, root: &Path, items: &[&Item]) -> Outcome<()> {
        let mut trusted = BTreeMap::new();
        for item in items {
            let (Some(digest), Ok(bytes)) = (item.digest(), &item.bytes) else { continue };
            write_whole(&self.kept(&digest.to_string()), bytes)?;
            trusted.insert(item.name.clone(), digest.to_string());
        }
        let key = root.to_string_lossy().into_owned();
        if trusted.is_empty() {
            self.stored.workspaces.remove(&key);
        } else {
            self.stored.workspaces.insert(key, trusted);
        }
        let key = match read_key(&self.folder)? {
            Some(key) => key,
            None => make_key(&self.folder)?,
        };
        self.stored.v = VERSION;
        self.stored.seal = hex(hmac::sign(&key, &sealed_bytes(&self.stored.workspaces)).as_ref());
        let bytes = serde_json::to_vec_pretty(&self.stored).map_err(Error::failed)?;
        write_whole(&self.folder.join("trust.json"), &bytes)
    }

    /// The bytes that were trusted under this name, if they are still kept whole.
    pub(crate) fn before(&self, trusted: &Trusted, name: &str) -> Option<Vec<u8>> {
        let digest = trusted.0.get(name)?;
        let bytes = std::fs::read(self.kept(digest)).ok()?;
        (Digest::of(&bytes).to_string() == *digest).then_some(bytes)
    }

    fn kept(&self, digest: &str) -> PathBuf {
        let plain: String = digest.chars().filter(char::is_ascii_alphanumeric).collect();
        self.folder.join("trusted").join(plain)
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

    /// The names of what was trusted, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether an item is trusted as it is now.
    pub(crate) fn has(&self, item: &Item) -> bool {
        item.digest().is_some_and(|digest| self.holds(&item.name, digest))
    }
}

/// What is sealed: the map in its own order, with lengths, so that no two maps give the same bytes.
fn sealed_bytes(workspaces: &Workspaces) -> Vec<u8> {
    let mut bytes = b"waypost trust 2\n".to_vec();
    let mut add = |text: &str| {
        bytes.extend_from_slice(text.len().to_string().as_bytes());
        bytes.push(b':');
        bytes.extend_from_slice(text.as_bytes());
    };
    for (root, items) in workspaces {
        add(root);
        add(&items.len().to_string());
        for (name, digest) in items {
            add(name);
            add(digest);
        }
    }
    bytes
}

fn key_path(state: &Path) -> PathBuf {
    state.join("trust.key")
}

fn read_key(state: &Path) -> Outcome<Option<hmac::Key>> {
    match std::fs::read(key_path(state)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::failed(format!("`{}` cannot be read: {error}", key_path(state).display()))),
        Ok(bytes) if bytes.len() == KEY_BYTES => Ok(Some(hmac::Key::new(hmac::HMAC_SHA256, &bytes))),
        Ok(_) => Err(Error::failed(format!("`{}` is not the key that it was", key_path(state).display()))
            .hint("remove it and trust.json beside it, then run `waypost trust` again in each workspace")),
    }
}

fn make_key(state: &Path) -> Outcome<hmac::Key> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut bytes = [0; KEY_BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::failed("the system gives no random numbers"))?;
    let failed = |error: std::io::Error| {
        Error::failed(format!("`{}` cannot be written: {error}", key_path(state).display()))
    };
    std::fs::create_dir_all(state).map_err(failed)?;
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(key_path(state));
    opened
        .and_then(|mut file| std::io::Write::write_all(&mut file, &bytes).and_then(|()| file.sync_all()))
        .map_err(failed)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(pair).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Kind;

    fn item(text: &str) -> Item {
        Item { name: "AGENTS.md".into(), kind: Kind::Steering, bytes: Ok(text.as_bytes().to_vec()) }
    }

    #[test]
    fn a_store_that_somebody_else_wrote_is_no_trust() {
        let state = tempfile::tempdir().unwrap();
        let root = Path::new("/w");
        let mut store = TrustStore::open(state.path()).unwrap();
        store.set(root, &[&item("one")]).unwrap();
        let store = TrustStore::open(state.path()).unwrap();
        assert!(store.of(root).has(&item("one")) && !store.of(root).has(&item("two")));
        assert_eq!(store.before(&store.of(root), "AGENTS.md").unwrap(), b"one");
        // Another root, another digest, another key, no key.
        let path = state.path().join("trust.json");
        let whole = std::fs::read_to_string(&path).unwrap();
        let digest = |text: &str| item(text).digest().unwrap().to_string();
        for changed in [whole.replace("/w", "/v"), whole.replace(&digest("one"), &digest("two"))] {
            assert_ne!(changed, whole);
            std::fs::write(&path, changed).unwrap();
            assert!(TrustStore::open(state.path()).unwrap_err().cause.contains("was not written by Waypost"));
        }
        std::fs::write(&path, &whole).unwrap();
        assert!(TrustStore::open(state.path()).is_ok());
        std::fs::write(state.path().join("trust.key"), [7; KEY_BYTES]).unwrap();
        assert!(TrustStore::open(state.path()).is_err());
        std::fs::remove_file(state.path().join("trust.key")).unwrap();
        assert!(TrustStore::open(state.path()).is_err());
    }
}
