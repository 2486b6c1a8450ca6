//! Rules for Landlock alone: it can only add, so a hole is made by granting everything beside it. Only looks.
#![expect(clippy::disallowed_methods, reason = "lists what lies beside a hole")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::landlock::{EXECUTE, READ, READ_DIR, RESOLVE_UNIX, WRITE};
use super::roots::{Grant, Roots};

/// How many rules are made before the rest stays closed, and that is said.
pub(crate) const RULES_MAX: usize = 20_000;

/// Rules, and what they cost or leave open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Rights by path.
    pub(crate) rules: BTreeMap<PathBuf, u64>,
    /// What stays open although it was asked to be closed.
    pub(crate) gaps: Vec<String>,
    /// What is shut although it was granted.
    pub(crate) shut: Vec<String>,
}

/// Rights for a grant.
pub(crate) fn rights(grant: Grant, sockets: bool) -> u64 {
    let when = |is: bool, bits: u64| if is { bits } else { 0 };
    READ | when(grant.write, WRITE)
        | when(grant.execute, EXECUTE)
        | when(grant.write && sockets, RESOLVE_UNIX)
}

/// Rules for a view that mounts make: they hold what is invisible and protected, so nothing is carved.
pub(crate) fn plain(roots: &Roots, sockets: bool) -> Rules {
    let rules = roots.grants.iter().map(|(path, grant)| (path.clone(), rights(*grant, sockets)));
    Rules { rules: rules.collect(), ..Rules::default() }
}

/// Rules that hold by themselves what is invisible and protected.
pub(crate) fn carved(roots: &Roots, sockets: bool, rules_max: usize) -> Rules {
    let mut carving = Carving { roots, sockets, left: rules_max, out: Rules::default(), cut: false };
    for (path, grant) in &roots.grants {
        carving.grant(path, rights(*grant, sockets));
    }
    if carving.cut {
        let shut =
            format!("more than {rules_max} files lie beside what is protected; the rest of them is closed");
        carving.out.shut.push(shut);
    }
    carving.out
}

struct Carving<'a> {
    roots: &'a Roots,
    sockets: bool,
    left: usize,
    out: Rules,
    cut: bool,
}

impl Carving<'_> {
    fn grant(&mut self, start: &Path, rights: u64) {
        let mut waiting = vec![(start.to_path_buf(), rights)];
        while let Some((path, rights)) = waiting.pop() {
            if self.roots.invisible.contains_key(&path) {
                continue;
            }
            let is_kept = self.roots.protected.iter().any(|kept| kept.path() == path);
            let rights = if is_kept { rights & !(WRITE | RESOLVE_UNIX) } else { rights };
            let unseen = self.roots.invisible.range(path.clone()..).next();
            let unseen = unseen.filter(|(below, _)| below.starts_with(&path));
            let writes = rights & WRITE != 0;
            let kept = writes && self.roots.protected.iter().any(|kept| kept.path().starts_with(&path));
            if unseen.is_none() && !kept {
                self.add(path, rights);
                continue;
            }
            // What no hole below takes away can be said here; the rest is said for each child.
            let here = if unseen.is_some() { rights & READ_DIR } else { rights & !(WRITE | RESOLVE_UNIX) };
            if unseen.is_some_and(|_| self.hides_folder_below(&path)) {
                let gap =
                    "the names of files in folders that must not be seen can be listed (not their contents)";
                note(&mut self.out.gaps, gap.to_string());
            }
            if writes {
                let shown = path.display();
                note(
                    &mut self.out.shut,
                    format!("nothing can be made, renamed or removed directly in `{shown}`"),
                );
            }
            self.add(path.clone(), here);
            for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
                // The target of a link has rules of its own.
                if entry.file_type().is_ok_and(|kind| !kind.is_symlink()) {
                    let child = entry.path();
                    let own = self.roots.grants.get(&child).map(|grant| self::rights(*grant, self.sockets));
                    waiting.push((child, own.unwrap_or(rights)));
                }
            }
        }
    }

    fn hides_folder_below(&self, path: &Path) -> bool {
        let below = self.roots.invisible.range(path.to_path_buf()..);
        below.take_while(|(below, _)| below.starts_with(path)).any(|(_, folder)| *folder)
    }

    fn add(&mut self, path: PathBuf, rights: u64) {
        if let Some(known) = self.out.rules.get_mut(&path) {
            *known |= rights;
        } else if self.left == 0 {
            self.cut = true;
        } else {
            self.left -= 1;
            self.out.rules.insert(path, rights);
        }
    }
}

fn note(list: &mut Vec<String>, words: String) {
    if !list.contains(&words) {
        list.push(words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::roots::Kept;

    fn check(rules_max: usize, change: impl FnOnce(&mut Roots, &Path), expected: &[&str], words: [usize; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["w/.git/hooks", "w/src/deep", "w/.kiro/specs", "r"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        for name in ["w/.env", "w/src/key", "w/a"] {
            fs::write(root.join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink("a", root.join("w/link")).unwrap();
        let grant = |write: bool| Grant { write, execute: false, folder: true };
        let mut roots = Roots {
            grants: [(root.join("w"), grant(true)), (root.join("r"), grant(false))].into(),
            ..Roots::default()
        };
        change(&mut roots, &root);
        let carved = carved(&roots, false, rules_max);
        let rows = carved.rules.iter().map(|(path, rights)| {
            let letter = |bits: u64, letter: &'static str| if rights & bits == bits { letter } else { "-" };
            let read = letter(READ, "r");
            let list = letter(READ_DIR, "l");
            let shown = path.strip_prefix(&root).unwrap().display().to_string();
            format!("{shown} {read}{list}{}", letter(WRITE, "w"))
        });
        assert_eq!(rows.collect::<Vec<String>>(), expected);
        assert_eq!([carved.gaps.len(), carved.shut.len()], words, "{carved:?}");
    }

    #[test]
    fn without_holes_there_is_one_rule_for_each_grant() {
        check(100, |_, _| {}, &["r rl-", "w rlw"], [0, 0]);
    }

    #[test]
    fn what_is_protected_can_be_read_and_what_lies_beside_can_be_written() {
        let change = |roots: &mut Roots, root: &Path| {
            roots.protected =
                vec![Kept::There(root.join("w/.git")), Kept::Absent(root.join("w/.kiro/settings"))];
        };
        let expected = [
            "r rl-",
            "w rl-",
            "w/.env rlw",
            "w/.git rl-",
            "w/.kiro rl-",
            "w/.kiro/specs rlw",
            "w/a rlw",
            "w/src rlw",
        ];
        check(100, change, &expected, [0, 2]);
    }

    #[test]
    fn what_is_invisible_has_no_rule_and_none_above_it_reads() {
        let change = |roots: &mut Roots, root: &Path| {
            roots.invisible = [(root.join("w/.env"), false), (root.join("w/src/key"), false)].into();
        };
        let expected =
            ["r rl-", "w -l-", "w/.git rlw", "w/.kiro rlw", "w/a rlw", "w/src -l-", "w/src/deep rlw"];
        check(100, change, &expected, [0, 2]);
        check(
            100,
            |roots, root| roots.invisible = [(root.join("w/src"), true)].into(),
            &["r rl-", "w -l-", "w/.env rlw", "w/.git rlw", "w/.kiro rlw", "w/a rlw"],
            [1, 1],
        );
    }

    #[test]
    fn too_many_neighbours_close() {
        let change =
            |roots: &mut Roots, root: &Path| roots.protected = vec![Kept::There(root.join("w/.git"))];
        check(2, change, &["r rl-", "w rl-"], [0, 2]);
    }
}
