//! Folders that stand where something protected must not come to be, for as long as a command runs.
#![expect(clippy::disallowed_methods, reason = "makes empty folders and removes them again")]

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How many commands need each folder that was made here.
static NEEDED: Mutex<Option<HashMap<PathBuf, usize>>> = Mutex::new(None);

/// Empty folders that a mount can lie over. Dropping it removes those that nobody else needs and that are empty.
///
/// Limitations: another process of Waypost that works in the same folder at the same time does not know them; when
/// this one removes a folder, the mount over it in the other is gone.
#[derive(Debug, Default)]
pub(crate) struct Guards(Vec<PathBuf>);

impl Guards {
    /// Sees to it that a folder is at this path.
    pub(crate) fn stand(&mut self, path: &Path) -> io::Result<()> {
        let mut needed = NEEDED.lock().unwrap_or_else(PoisonError::into_inner);
        let needed = needed.get_or_insert_default();
        let mut above: Vec<&Path> = path.ancestors().collect();
        above.reverse();
        for folder in above {
            match fs::create_dir(folder) {
                Ok(()) => {
                    needed.insert(folder.to_path_buf(), 0);
                }
                Err(_) if folder.is_dir() => {}
                Err(error) => return Err(error),
            }
            if let Some(count) = needed.get_mut(folder) {
                *count += 1;
                self.0.push(folder.to_path_buf());
            }
        }
        Ok(())
    }
}

impl Drop for Guards {
    fn drop(&mut self) {
        let mut needed = NEEDED.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(needed) = needed.as_mut() else { return };
        // The deepest first.
        for folder in self.0.iter().rev() {
            let Some(count) = needed.get_mut(folder) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 {
                needed.remove(folder);
                // One that is not empty any more belongs to somebody.
                let _kept = fs::remove_dir(folder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_stand_as_long_as_somebody_needs_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        fs::create_dir(root.join("there")).unwrap();
        let deep = root.join("there/.kiro/settings");
        let (mut one, mut two) = (Guards::default(), Guards::default());
        one.stand(&deep).unwrap();
        two.stand(&deep).unwrap();
        drop(one);
        assert!(deep.is_dir());
        drop(two);
        assert!(!root.join("there/.kiro").exists() && root.join("there").is_dir());
    }

    #[test]
    fn what_was_filled_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut guards = Guards::default();
        guards.stand(&folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/mine"), "x").unwrap();
        drop(guards);
        assert!(folder.path().join("a/mine").exists() && !folder.path().join("a/b").exists());
    }
}
