//! The paths of a profile as they are on disk now: links followed, what adds nothing left out. Only looks.
#![expect(clippy::disallowed_methods, reason = "looks where the paths of a profile lead")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use policy::Profile;

/// The most links that one path may lead through, as in the kernel.
const LINKS_MAX: usize = 40;

/// What is granted at a path and below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) write: bool,
    pub(crate) execute: bool,
    pub(crate) folder: bool,
}

/// A path that stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is there.
    There(PathBuf),
    /// It is not there, and must not come to be.
    Absent(PathBuf),
}

/// The paths of a profile as they are on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roots {
    /// What is granted, by the path without links. An entry always grants something else than the one above it.
    pub(crate) grants: BTreeMap<PathBuf, Grant>,
    /// Links that the paths of the profile lead through, with what they say.
    pub(crate) links: BTreeMap<PathBuf, PathBuf>,
    /// What must not be seen, and whether it is a folder, which hides what lies below it.
    pub(crate) invisible: BTreeMap<PathBuf, bool>,
    /// What stays as it is inside a writable folder.
    pub(crate) protected: Vec<Kept>,
    /// Whether anything of `/proc` is granted.
    pub(crate) processes: bool,
    /// What of the profile cannot be held by names alone.
    pub(crate) gaps: Vec<String>,
}

/// Where shared memory lies.
const SHARED_MEMORY: &str = "/dev/shm";

/// Whether a device may lie there.
pub(crate) fn is_device(path: &Path) -> bool {
    path.starts_with("/dev") && !path.starts_with(SHARED_MEMORY)
}

impl Roots {
    /// Looks at the disk.
    pub(crate) fn look(profile: &Profile) -> Roots {
        let mut roots = Roots::default();
        let temporary = std::slice::from_ref(&profile.temporary);
        let mut reads = BTreeSet::new();
        let mut writes = BTreeSet::new();
        let mut executes = BTreeSet::new();
        for (lists, set) in [
            ([profile.readable.as_slice(), &[]], &mut reads),
            ([profile.writable.as_slice(), temporary], &mut writes),
            ([profile.executable.as_slice(), &[]], &mut executes),
        ] {
            set.extend(lists.into_iter().flatten().filter_map(|path| roots.resolve(path)));
        }
        let everything: BTreeSet<PathBuf> = reads.iter().chain(&writes).chain(&executes).cloned().collect();
        let within = |set: &BTreeSet<PathBuf>, path: &Path| path.ancestors().any(|above| set.contains(above));
        for path in everything {
            if path.starts_with("/proc") {
                roots.processes = true;
                continue;
            }
            // The devices that programs need are always there; others are granted one by one. Shared memory is each command's own,
            // but for a folder in it that is meant, such as a workspace there.
            let whole = ["/dev", SHARED_MEMORY].map(Path::new).contains(&path.as_path());
            if whole || path.starts_with("/dev/pts") {
                continue;
            }
            let grant = Grant {
                write: within(&writes, &path),
                execute: within(&executes, &path),
                folder: path.is_dir(),
            };
            let above = roots.grant_above(&path);
            if above.is_none_or(|(_, above)| (above.write, above.execute) != (grant.write, grant.execute)) {
                roots.grants.insert(path, grant);
            }
        }
        roots.processes |= roots.grants.contains_key(Path::new("/"));
        for path in &profile.protected {
            roots.protect(path);
        }
        roots.protected.sort_by(|a, b| a.path().cmp(b.path()));
        roots.protected.dedup();
        for path in &profile.invisible {
            if let Some(path) = resolve(path, &mut BTreeMap::new())
                && roots.grant_of(&path).is_some_and(|(at, _)| at != profile.temporary)
            {
                let folder = path.is_dir();
                roots.invisible.insert(path, folder);
            }
        }
        roots
    }

    /// The grant that holds for a path, and where it was given.
    pub(crate) fn grant_of(&self, path: &Path) -> Option<(&Path, Grant)> {
        path.ancestors()
            .find_map(|at| self.grants.get_key_value(at))
            .map(|(at, grant)| (at.as_path(), *grant))
    }

    fn grant_above(&self, path: &Path) -> Option<(&Path, Grant)> {
        path.parent().and_then(|above| self.grant_of(above))
    }

    fn resolve(&mut self, path: &Path) -> Option<PathBuf> {
        let mut links = BTreeMap::new();
        let resolved = resolve(path, &mut links)?;
        self.links.append(&mut links);
        Some(resolved)
    }

    /// Finds out what has to be held so that a path stays as it is.
    fn protect(&mut self, path: &Path) {
        let mut links = BTreeMap::new();
        let resolved = resolve(path, &mut links);
        for link in links.keys() {
            if self.grant_of(link).is_some_and(|(_, grant)| grant.write) {
                let (path, link) = (path.display(), link.display());
                self.gaps.push(format!(
                    "`{path}` is reached through the link `{link}` in a writable folder, which can be replaced"
                ));
            }
        }
        if let Some(path) = resolved {
            if self.grant_of(&path).is_some_and(|(_, grant)| grant.write) {
                self.protected.push(Kept::There(path));
            }
            return;
        }
        // What is not there yet: a folder on the way is where it would come to be, and a file on the way is
        // what would have to go first.
        for above in path.ancestors().skip(1) {
            let Some(there) = resolve(above, &mut BTreeMap::new()) else { continue };
            if !self.grant_of(&there).is_some_and(|(_, grant)| grant.write) {
                return;
            }
            if !there.is_dir() {
                return self.protected.push(Kept::There(there));
            }
            let Ok(rest) = path.strip_prefix(above) else { return };
            return self.protected.push(Kept::Absent(there.join(rest)));
        }
    }
}

impl Kept {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Kept::There(path) | Kept::Absent(path) => path,
        }
    }
}

/// The path without links, when it is there. Notes the links that it leads through.
fn resolve(path: &Path, links: &mut BTreeMap<PathBuf, PathBuf>) -> Option<PathBuf> {
    let parts = |path: &Path| {
        let named = path.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_os_string()),
            Component::ParentDir => Some(OsString::from("..")),
            _ => None,
        });
        named.collect::<VecDeque<OsString>>()
    };
    let (mut rest, mut at, mut followed) = (parts(path), PathBuf::from("/"), 0);
    while let Some(part) = rest.pop_front() {
        if part == ".." {
            at.pop();
            continue;
        }
        let next = at.join(&part);
        let kind = fs::symlink_metadata(&next).ok()?.file_type();
        if !kind.is_symlink() {
            at = next;
            continue;
        }
        followed += 1;
        if followed > LINKS_MAX {
            return None;
        }
        let text = fs::read_link(&next).ok()?;
        if text.is_absolute() {
            at = PathBuf::from("/");
        }
        let mut before = parts(&text);
        before.append(&mut rest);
        rest = before;
        links.insert(next, text);
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place(#[expect(dead_code, reason = "holds the folder")] tempfile::TempDir, PathBuf);

    fn place(folders: &[&str], files: &[&str], links: &[(&str, &str)]) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        folders.iter().for_each(|name| fs::create_dir_all(root.join(name)).unwrap());
        files.iter().for_each(|name| fs::write(root.join(name), "x").unwrap());
        links.iter().for_each(|(name, text)| std::os::unix::fs::symlink(text, root.join(name)).unwrap());
        Place(folder, root)
    }

    fn profile(root: &Path) -> Profile {
        Profile::closed(root.join("tmp"))
    }

    fn grants(place: &Place, roots: &Roots) -> Vec<String> {
        let short = |path: &Path| path.strip_prefix(&place.1).unwrap_or(path).display().to_string();
        let letter = |is: bool, letter: &'static str| if is { letter } else { "-" };
        let rows = roots.grants.iter().map(|(path, grant)| {
            format!("{} r{}{}", short(path), letter(grant.write, "w"), letter(grant.execute, "x"))
        });
        rows.collect()
    }

    #[test]
    fn rights_add_up_and_repetitions_are_left_out() {
        let place = place(&["tmp", "a/b/c", "d"], &["a/f"], &[("l", "a/b")]);
        let root = &place.1;
        let profile = Profile {
            readable: vec![root.join("a"), root.join("a/b"), root.join("d"), root.join("gone")],
            writable: vec![root.join("l")],
            executable: vec![root.join("a/b/c"), root.join("d"), root.join("a/f")],
            ..profile(root)
        };
        let roots = Roots::look(&profile);
        assert_eq!(grants(&place, &roots), ["a r--", "a/b rw-", "a/b/c rwx", "a/f r-x", "d r-x", "tmp rw-"]);
        assert_eq!(roots.links, BTreeMap::from([(root.join("l"), PathBuf::from("a/b"))]));
    }

    #[test]
    fn links_in_circles_and_above_the_root() {
        let place = place(&["tmp"], &[], &[("x", "y"), ("y", "x"), ("up", "../../../../../../../etc")]);
        let root = &place.1;
        let profile = Profile { readable: vec![root.join("x"), root.join("up")], ..profile(root) };
        assert_eq!(grants(&place, &Roots::look(&profile)), ["/etc r--", "tmp rw-"]);
    }

    #[test]
    fn what_protection_needs() {
        let place = place(
            &["tmp", "w/.git/hooks", "w/real", "o", "v"],
            &["v/.git"],
            &[("w/link", "real"), ("w/.git/far", "../../o")],
        );
        let root = &place.1;
        let check = |path: &str, expected: &[Kept], gaps: usize| {
            let profile = Profile {
                writable: vec![root.join("w"), root.join("v")],
                protected: vec![root.join(path)],
                ..profile(root)
            };
            let roots = Roots::look(&profile);
            assert_eq!((roots.protected.as_slice(), roots.gaps.len()), (expected, gaps), "{path}");
        };
        check("w/.git", &[Kept::There(root.join("w/.git"))], 0);
        check("w/.kiro/settings", &[Kept::Absent(root.join("w/.kiro/settings"))], 0);
        check("v/.git/hooks", &[Kept::There(root.join("v/.git"))], 0);
        check("w/link", &[Kept::There(root.join("w/real"))], 1);
        check("w/.git/far", &[], 1);
        check("o", &[], 0);
        check("o/new", &[], 0);
    }
}
