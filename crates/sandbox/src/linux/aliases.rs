//! Other names of files that must not be seen: hard links in what is granted. Only looks.
#![expect(clippy::disallowed_methods, reason = "walks through what is granted")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::roots::Roots;

/// How many entries are looked at before the search is given up, and that is said.
pub(crate) const ENTRIES_MAX: usize = 200_000;

/// Adds the other names of what is invisible to what is invisible.
pub(crate) fn hide(roots: &mut Roots, entries_max: usize) {
    let mut budget = entries_max;
    // How many names of each file are not yet known.
    let mut wanted: HashMap<(u64, u64), u64> = HashMap::new();
    for path in roots.invisible.keys() {
        let whole = walk(path, &mut budget, &BTreeMap::new(), &mut |_, file| {
            if file.nlink() > 1 {
                *wanted.entry((file.dev(), file.ino())).or_insert(file.nlink()) -= 1;
            }
        });
        if !whole {
            return give_up(roots);
        }
    }
    wanted.retain(|_, names| *names > 0);
    if wanted.is_empty() {
        return;
    }
    let devices: BTreeSet<u64> = wanted.keys().map(|(device, _)| *device).collect();
    let mut found = Vec::new();
    let mut whole = true;
    let top = |path: &Path| {
        let above = path.parent().into_iter().flat_map(Path::ancestors);
        path.parent().is_some()
            && !above.into_iter().any(|it| it.parent().is_some() && roots.grants.contains_key(it))
    };
    let on_device = |path: &Path| fs::symlink_metadata(path).is_ok_and(|it| devices.contains(&it.dev()));
    let (writable, others): (Vec<_>, Vec<_>) =
        roots.grants.iter().filter(|(path, _)| top(path)).partition(|(_, grant)| grant.write);
    for (path, _) in writable.into_iter().chain(others) {
        if wanted.is_empty() || !on_device(path) {
            continue;
        }
        whole &= walk(path, &mut budget, &roots.invisible, &mut |path, file| {
            if let Some(names) = wanted.get_mut(&(file.dev(), file.ino())) {
                found.push(path.to_path_buf());
                *names -= 1;
                if *names == 0 {
                    wanted.remove(&(file.dev(), file.ino()));
                }
            }
        });
    }
    roots.invisible.extend(found.into_iter().map(|path| (path, false)));
    // With the whole file system granted the walk would never end; then the rest of the names stays unknown.
    if !whole || (!wanted.is_empty() && roots.grants.contains_key(Path::new("/"))) {
        give_up(roots);
    }
}

fn give_up(roots: &mut Roots) {
    let gap = "files that must not be seen may have other names (hard links) that were not found";
    if !roots.gaps.iter().any(|said| said == gap) {
        roots.gaps.push(gap.to_string());
    }
}

/// Visits every file from a path on. Says whether it saw all of them.
fn walk(
    start: &Path,
    budget: &mut usize,
    skipped: &BTreeMap<PathBuf, bool>,
    visit: &mut dyn FnMut(&Path, &Metadata),
) -> bool {
    let mut waiting = vec![start.to_path_buf()];
    while let Some(path) = waiting.pop() {
        let Ok(there) = fs::symlink_metadata(&path) else { continue };
        if there.is_file() {
            visit(&path, &there);
            continue;
        }
        if !there.is_dir() || skipped.contains_key(&path) {
            continue;
        }
        for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
            if *budget == 0 {
                return false;
            }
            *budget -= 1;
            // Only a file that has several names is looked at again; a folder always is.
            waiting.push(entry.path());
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::Profile;

    fn check(entries_max: usize, expected: &[&str], gaps: usize) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["tmp", "w/secret", "w/deep/er", "r", "outside"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        fs::write(root.join("w/.env"), "key").unwrap();
        fs::write(root.join("w/secret/a"), "key").unwrap();
        fs::hard_link(root.join("w/.env"), root.join("w/deep/er/copy")).unwrap();
        fs::hard_link(root.join("w/.env"), root.join("outside/copy")).unwrap();
        fs::hard_link(root.join("w/secret/a"), root.join("w/secret/b")).unwrap();
        fs::hard_link(root.join("w/secret/a"), root.join("r/c")).unwrap();
        let profile = Profile {
            readable: vec![root.join("r")],
            writable: vec![root.join("w")],
            invisible: vec![root.join("w/.env"), root.join("w/secret")],
            ..Profile::closed(root.join("tmp"))
        };
        let mut roots = Roots::look(&profile);
        hide(&mut roots, entries_max);
        let names: Vec<&str> =
            roots.invisible.keys().map(|it| it.strip_prefix(&root).unwrap().to_str().unwrap()).collect();
        assert_eq!((names.as_slice(), roots.gaps.len()), (expected, gaps));
    }

    #[test]
    fn hard_links_are_found_inside_what_is_granted() {
        check(1000, &["r/c", "w/.env", "w/deep/er/copy", "w/secret"], 0);
    }

    #[test]
    fn a_search_that_was_given_up_is_said() {
        check(3, &["w/.env", "w/secret"], 1);
    }
}
