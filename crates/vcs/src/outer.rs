//! The ignore rules above a workspace: those of the repository that it lies in. Reads files; writes none.
#![expect(clippy::disallowed_methods, reason = "the directories above the workspace are looked at here")]

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::CWD;
use sha2::{Digest as _, Sha256};

use crate::beneath;
use crate::rules::Rules;
use crate::walk::read_rules;

/// The rules that reach into the workspace from above, and a digest of what they say.
///
/// The repository is that of the nearest directory upwards that has a `.git`. One that ignores the whole workspace, as
/// one for dot files in a home directory does, does not count.
pub(crate) fn rules(workspace: &Path) -> (Option<Arc<Rules>>, [u8; 32]) {
    let none = (None, [0; 32]);
    let has_git = |path: &&Path| fs::symlink_metadata(path.join(".git")).is_ok();
    let Some(top) = workspace.ancestors().find(has_git).filter(|top| *top != workspace) else { return none };
    let Ok(below) = workspace.strip_prefix(top) else { return none };
    let below = below.as_os_str().as_bytes();
    // Each with the way from the top to where its patterns count from.
    let mut texts: Vec<(Vec<u8>, Arc<[u8]>)> = Vec::new();
    let mut take = |from: Vec<u8>, file: PathBuf| {
        let text = read_rules(CWD, &file).unwrap_or_default();
        texts.push((from, Arc::from(text)));
    };
    take(Vec::new(), top.join(".git/info/exclude"));
    let mut here = Vec::new();
    for name in below.split(|byte| *byte == b'/') {
        take(here.clone(), top.join(beneath::as_path(&here)).join(".gitignore"));
        here = beneath::join(&here, name);
    }
    let mut digest = Sha256::new();
    let (mut from_top, mut from_inside) = (None, None);
    let mut known = texts.iter().peekable();
    let mut here = Vec::new();
    for name in below.split(|byte| *byte == b'/') {
        while let Some((from, text)) = known.next_if(|(from, _)| from.len() <= here.len()) {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
            from_top = Some(Rules::inside(from_top.take(), from, Arc::clone(text)));
            let skip = if from.is_empty() { 0 } else { from.len() + 1 };
            let mut lead = below.get(skip..).unwrap_or_default().to_vec();
            lead.push(b'/');
            from_inside = Some(Rules::outside(from_inside.take(), lead, Arc::clone(text)));
        }
        here = beneath::join(&here, name);
        if from_top.as_ref().is_some_and(|rules| rules.ignores(&here, true)) {
            return none;
        }
    }
    digest.update(below);
    (from_inside, digest.finalize().into())
}
