//! Which of the files that changed while a hook ran it changed itself. The others were changed by a person meanwhile, and are
//! news to every hook that waits for them. Nothing about how a hook runs.
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "a test makes files"))]

use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path};

use agent::Touched;
use policy::{Access, Class, Touch};

/// How far the time of a file may lie behind the clock: kernels stamp files by a clock that ticks.
const TICK_MS: i64 = 20;

/// What is known of a run that is over.
pub(super) struct Ran {
    /// When it ran, in milliseconds since 1970.
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) reach: Reach,
}

/// What a hook may have changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Nothing in the workspace.
    Nothing,
    /// What its lines name, with all that lies below.
    Below(Vec<String>),
    /// These files.
    Files(Vec<String>),
    /// Anything, while it ran.
    Anything,
}

impl Ran {
    /// Those of the changes that may be its own. A file that was touched before it began or after it ended was not touched by it,
    /// as far as the file system's clock is this machine's.
    pub(super) fn own(&self, root: &Path, changes: Vec<Touched>) -> Vec<Touched> {
        let by_this_clock = !watch::is_remote(root);
        let while_it_ran = |path: &str| {
            // What is gone has no time to tell.
            let Ok(file) = root.join(path).symlink_metadata() else { return true };
            let changed = file.ctime().saturating_mul(1000).saturating_add(file.ctime_nsec() / 1_000_000);
            let bound = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
            !by_this_clock
                || (changed >= bound(self.from).saturating_sub(TICK_MS) && changed <= bound(self.to))
        };
        let is_own = |change: &Touched| match &self.reach {
            Reach::Nothing => false,
            Reach::Files(files) => files.contains(&change.path),
            Reach::Below(paths) => {
                paths.iter().any(|path| is_below(&change.path, path)) && while_it_ran(&change.path)
            }
            Reach::Anything => while_it_ran(&change.path),
        };
        changes.into_iter().filter(is_own).collect()
    }
}

impl Reach {
    /// What lines can change, by their words; anything where the words do not tell, or a file has another name as well.
    pub(super) fn of_lines<'l>(lines: impl Iterator<Item = &'l str>, root: &Path) -> Reach {
        if cfg!(not(target_os = "linux")) {
            // File systems there may know one file by words of another case.
            return Reach::Anything;
        }
        let mut paths = Vec::new();
        for line in lines {
            let Ok(commands) = policy::judge(line) else { return Reach::Anything };
            let is_told = |touch: &Touch| touch.doubt.is_none();
            for command in &commands {
                let is_followed = matches!(command.class, Class::ReadOnly | Class::Writes);
                if !is_followed || command.is_hidden || !command.touches.iter().all(is_told) {
                    return Reach::Anything;
                }
                for touch in command.touches.iter().filter(|touch| touch.access != Access::Read) {
                    for path in touch.candidates() {
                        let path = Path::new(&path);
                        let inside =
                            if path.is_absolute() { path.strip_prefix(root).ok() } else { Some(path) };
                        let Some(inside) = inside else { continue };
                        if !is_plain(inside, root) {
                            return Reach::Anything;
                        }
                        let inside = inside.to_string_lossy();
                        paths.push(inside.trim_start_matches("./").trim_end_matches('/').to_string());
                    }
                }
            }
        }
        Reach::Below(paths)
    }
}

/// Whether a path goes down only, through no link, to nothing that has a second name.
fn is_plain(path: &Path, root: &Path) -> bool {
    let goes_down = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let is_alone = |file: std::fs::Metadata| !file.is_symlink() && (file.is_dir() || file.nlink() < 2);
    let mut here = root.to_path_buf();
    goes_down
        && path.components().all(|part| {
            here.push(part);
            here.symlink_metadata().map_or(true, is_alone)
        })
}

/// Whether a path is the other, or lies below it. The workspace itself is named by nothing or a dot.
fn is_below(path: &str, above: &str) -> bool {
    above.is_empty()
        || above == "."
        || path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use agent::How;

    #[test]
    #[cfg(target_os = "linux")]
    fn words_tell_what_a_line_changes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::fs::write(root.join("real/x"), "").unwrap();
        std::fs::hard_link(root.join("real/x"), root.join("real/y")).unwrap();
        std::os::unix::fs::symlink("real", root.join("link")).unwrap();
        let check = |line: &str, expected: Reach| {
            let line = line.replace("/w/", &format!("{}/", root.display()));
            assert_eq!(Reach::of_lines([line.as_str()].into_iter(), &root), expected, "{line}");
        };
        let below = |paths: &[&str]| Reach::Below(paths.iter().map(|path| path.to_string()).collect());
        check("cat", below(&[]));
        check("cat >> paths.log", below(&["paths.log"]));
        check("echo x > /w/a/b; grep -r x . | sort", below(&["a/b"]));
        check("echo x > /elsewhere", below(&[]));
        check("echo x > real/z", below(&["real/z"]));
        for anything in ["echo x > link/z", "echo x > real/y", "echo x > real/../a"] {
            check(anything, Reach::Anything);
        }
        for anything in ["npm run fmt", "sh x.sh", "echo x > $FILE", "prettier --write a.ts", "echo \"$(x"] {
            check(anything, Reach::Anything);
        }
    }

    #[test]
    fn what_a_person_saved_meanwhile_is_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["a", "b", "d/c"] {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), "").unwrap();
        }
        let now = crate::world::now_ms();
        let check = |(from, to): (u64, u64), reach: Reach, expected: &[&str]| {
            let changes = ["a", "b", "d/c", "gone"]
                .map(|path| Touched { path: path.to_string(), how: How::Saved })
                .into_iter()
                .collect();
            let own = Ran { from, to, reach }.own(root, changes);
            assert_eq!(own.iter().map(|own| own.path.as_str()).collect::<Vec<_>>(), expected);
        };
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        let (during, before, after) =
            ((now - 5_000, now + 5_000), (now - 9_000, now - 5_000), (now + 5_000, now + 9_000));
        check(during, Reach::Anything, &["a", "b", "d/c", "gone"]);
        check(before, Reach::Anything, &["gone"]);
        check(after, Reach::Anything, &["gone"]);
        check(during, Reach::Nothing, &[]);
        check(during, Reach::Below(names(&["d", "gon"])), &["d/c"]);
        check(after, Reach::Below(names(&["d"])), &[]);
        check(after, Reach::Files(names(&["b"])), &["b"]);
    }
}
