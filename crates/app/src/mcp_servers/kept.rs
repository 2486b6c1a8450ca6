//! What is kept of MCP servers in Waypost's own state: the lock of each workspace, and tokens that only this person can read. Asks no
//! server.
#![expect(clippy::disallowed_methods, reason = "lock and tokens are kept here")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use mcp::ask::{Locks, Tokens};
use mcp::lock::{LOCK_VERSION, Lock, Locked};

use crate::error::{Error, Outcome};
use crate::world::World;

/// The lock of a workspace, below its folder in the state.
const LOCK: &str = "mcp.lock.json";
/// The tokens of all servers, below the state.
const TOKENS: &str = "mcp.tokens.json";

/// Keeps both.
pub(crate) struct Kept {
    lock: PathBuf,
    tokens: PathBuf,
    /// One writer at a time.
    writing: Mutex<()>,
}

/// Reads the lock of a workspace. A damaged one is an error: it never reads as agreement, and never as a first time either.
pub(crate) fn lock(directory: &Path) -> Outcome<Lock> {
    read_lock(&directory.join(LOCK)).map_err(|why| {
        Error::failed(why).hint("remove it, then agree to each server again: waypost mcp accept")
    })
}

fn read_lock(path: &Path) -> Result<Lock, String> {
    match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(Lock { v: LOCK_VERSION, ..Lock::default() })
        }
        Err(error) => Err(format!("`{}` cannot be read: {error}", path.display())),
        Ok(bytes) => Lock::read(&bytes)
            .ok_or_else(|| format!("the lock `{}` is damaged or of another version", path.display())),
    }
}

impl Kept {
    pub(crate) fn new(world: &World, workspace_state: &Path) -> Kept {
        Kept { lock: workspace_state.join(LOCK), tokens: world.state.join(TOKENS), writing: Mutex::new(()) }
    }

    fn read_tokens(&self) -> Result<BTreeMap<String, String>, String> {
        match std::fs::read(&self.tokens) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(format!("`{}` cannot be read: {error}", self.tokens.display())),
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|_| format!("`{}` is damaged; remove it and log in again", self.tokens.display())),
        }
    }

    fn change_tokens(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), String> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tokens = self.read_tokens()?;
        change(&mut tokens);
        let bytes = serde_json::to_vec(&tokens).map_err(|error| error.to_string())?;
        write_private(&self.tokens, &bytes)
            .map_err(|error| format!("`{}` cannot be written: {error}", self.tokens.display()))
    }
}

/// Writes a file whole, readable by this person alone from its first byte on.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let temporary = directory.join(format!(".mcp-{:x}", crate::world::random()));
    let mut options = std::fs::OpenOptions::new();
    let written = options.write(true).create_new(true).mode(0o600).open(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    });
    if written.is_err() {
        let _left = std::fs::remove_file(&temporary);
    }
    written
}

impl Tokens for Kept {
    fn load(&self, key: &str) -> Result<Option<String>, String> {
        Ok(self.read_tokens()?.remove(key))
    }

    fn save(&self, key: &str, text: &str) -> Result<(), String> {
        self.change_tokens(|tokens| drop(tokens.insert(key.to_string(), text.to_string())))
    }

    fn clear(&self, key: &str) -> Result<(), String> {
        self.change_tokens(|tokens| drop(tokens.remove(key)))
    }
}

impl Locks for Kept {
    fn locked(&self, server: &str) -> Option<Locked> {
        match read_lock(&self.lock) {
            Ok(mut lock) => lock.servers.remove(server),
            // Agreed to nothing: everything that the server describes is new until a person says otherwise.
            Err(_) => Some(Locked::default()),
        }
    }

    fn keep(&self, server: &str, locked: &Locked) -> Result<(), String> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lock = read_lock(&self.lock)?;
        lock.servers.insert(server.to_string(), locked.clone());
        let bytes = serde_json::to_vec_pretty(&lock).map_err(|error| error.to_string())?;
        write_private(&self.lock, &bytes)
            .map_err(|error| format!("`{}` cannot be written: {error}", self.lock.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn tokens_are_private_and_a_damaged_lock_agrees_to_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept {
            lock: folder.path().join(LOCK),
            tokens: folder.path().join(TOKENS),
            writing: Mutex::new(()),
        };
        kept.save("a", "secret").unwrap();
        kept.save("b", "other").unwrap();
        kept.clear("b").unwrap();
        assert_eq!((kept.load("a").unwrap().as_deref(), kept.load("b").unwrap()), (Some("secret"), None));
        let mode = std::fs::metadata(&kept.tokens).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(kept.locked("s"), None);
        kept.keep("s", &Locked { version: "1".into(), ..Locked::default() }).unwrap();
        assert_eq!(kept.locked("s").unwrap().version, "1");
        std::fs::write(&kept.lock, "{").unwrap();
        assert_eq!(kept.locked("s"), Some(Locked::default()));
        assert!(kept.keep("s", &Locked::default()).is_err());
    }
}
