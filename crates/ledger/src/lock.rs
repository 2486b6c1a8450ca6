//! Who may write a journal: one process at a time. The system gives the lock back when that process ends.
#![expect(clippy::disallowed_methods, reason = "the lock is a file")]

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::{LedgerError, layout};

/// A look at whether a journal is in use holds its lock for a moment, so one refusal is not the last word.
const TRIES: u32 = 5;
const TRY_PAUSE: Duration = Duration::from_millis(2);

/// The right to write one journal, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(directory: &Path, what: &str) -> Result<Lock, LedgerError> {
        let path = directory.join(layout::LOCK);
        let open = || layout::private_file().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open().map_err(LedgerError::io("open", &path))?;
        for last in (0..TRIES).rev().map(|left| left == 0) {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if last => {
                    let pid = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
                    return Err(LedgerError::InUse { what: what.to_string(), pid });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(TRY_PAUSE),
                Err(TryLockError::Error(error)) => return Err(LedgerError::io("lock", &path)(error)),
            }
        }
        // The number is a courtesy to whoever comes second; the lock holds without it.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Lock { _file: file })
    }

    /// Whether somebody has it now.
    pub(crate) fn is_taken(directory: &Path) -> bool {
        File::open(directory.join(layout::LOCK))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_has_it() {
        let root = tempfile::tempdir().unwrap();
        assert!(!Lock::is_taken(root.path()));
        let lock = Lock::take(root.path(), "session `a`").unwrap();
        assert!(Lock::is_taken(root.path()));
        let refused = Lock::take(root.path(), "session `a`").unwrap_err().to_string();
        let by = format!("session `a` is in use by process {}; wait", std::process::id());
        assert!(refused.starts_with(&by), "{refused}");
        drop(lock);
        assert!(!Lock::is_taken(root.path()));
        Lock::take(root.path(), "session `a`").unwrap();
    }
}
