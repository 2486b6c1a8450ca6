//! Which specs name a path in their tasks, for many paths at once. Looks at no disk.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::scope;

/// Ancestors of a path that are looked up; nobody nests folders deeper.
const DEPTH_MAX: usize = 64;

/// Paths that share a file name; of those beyond, only the exact path is known.
const SAME_NAME_MAX: usize = 256;

/// Named paths with who names them, so that one path is looked up without looking at all names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Boundary {
    /// By the named path, its slash left out.
    exact: HashMap<String, BTreeSet<usize>>,
    /// Named paths by their last part.
    by_file: HashMap<String, Vec<String>>,
    /// Named paths by the bare name of what they would test.
    by_stem: HashMap<String, Vec<String>>,
    /// Folders with the number of named files directly in them, and who names those.
    folders: BTreeMap<String, BTreeSet<usize>>,
}

impl Boundary {
    /// Notes that `owner` names `path`.
    pub(crate) fn name(&mut self, path: &str, owner: usize) {
        let path = path.strip_prefix("./").unwrap_or(path);
        let bare = path.trim_end_matches('/');
        if bare.is_empty() {
            return;
        }
        if let Some(owners) = self.exact.get_mut(bare) {
            owners.insert(owner);
        } else {
            self.exact.insert(bare.to_string(), BTreeSet::from([owner]));
            let file = bare.rsplit('/').next().unwrap_or(bare);
            for (map, key) in [(&mut self.by_file, file.to_string()), (&mut self.by_stem, stem(file))] {
                let same = map.entry(key).or_default();
                if same.len() < SAME_NAME_MAX {
                    same.push(path.to_string());
                }
            }
        }
        let (folder, file) = bare.rsplit_once('/').unwrap_or(("", bare));
        if !path.ends_with('/') && file.contains('.') && !folder.is_empty() {
            self.folders.entry(folder.to_string()).or_default().insert(owner);
        }
    }

    /// Who names a path, its folder, or the file that it tests.
    pub(crate) fn owners(&self, path: &str) -> BTreeSet<usize> {
        let mut owners = BTreeSet::new();
        let mut part = path;
        for _ in 0..DEPTH_MAX {
            owners.extend(self.exact.get(part).into_iter().flatten());
            let Some((above, _)) = part.rsplit_once('/') else { break };
            part = above;
        }
        let file = path.rsplit('/').next().unwrap_or(path);
        let same_file = self.by_file.get(file).into_iter().flatten();
        let same_stem = self.by_stem.get(&stem(file)).into_iter().flatten();
        for named in same_file.chain(same_stem) {
            if scope::covers(named, path) {
                owners.extend(self.exact.get(named.trim_end_matches('/')).into_iter().flatten());
            }
        }
        owners
    }

    /// Who names another file of the folder that a path lies in.
    pub(crate) fn neighbours(&self, path: &str) -> BTreeSet<usize> {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        self.folders.get(folder).cloned().unwrap_or_default()
    }
}

fn stem(file: &str) -> String {
    let first = file.split('.').next().unwrap_or(file);
    let first = first.strip_prefix("test_").unwrap_or(first);
    let ends = ["_test", "_tests", "_spec", "-test", "Test", "Tests", "Spec"];
    let bare = ends.iter().find_map(|end| first.strip_suffix(end)).filter(|bare| !bare.is_empty());
    bare.unwrap_or(first).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_owners_of_what_covers_it() {
        let mut boundary = Boundary::default();
        for (owner, path) in ["src/store.rs", "src/limiter/", "cache.py", "./app/main.ts"].iter().enumerate()
        {
            boundary.name(path, owner);
        }
        let check = |path: &str, expected: &[usize]| {
            assert_eq!(boundary.owners(path).into_iter().collect::<Vec<_>>(), expected, "{path}");
        };
        check("src/store.rs", &[0]);
        check("tests/store_test.rs", &[0]);
        check("src/limiter/deep/a.rs", &[1]);
        check("lib/cache.py", &[2]);
        check("tests/test_cache.py", &[2]);
        check("app/main.ts", &[3]);
        check("app/main.test.ts", &[3]);
        check("src/other.rs", &[]);
        assert_eq!(boundary.neighbours("src/other.rs").into_iter().collect::<Vec<_>>(), [0]);
    }
}
