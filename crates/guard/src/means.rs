//! What a permitted call means to do, read from its permit: whether it writes, what it opens. Decides nothing; the gate has.
#![expect(clippy::disallowed_methods, reason = "looks where the paths of a line lead")]

use std::path::{Component, Path, PathBuf};

use policy::{Access, Capability, Class, Permit, Target};

use crate::repository::Opened;

/// What a permitted line means to do.
pub(crate) struct Means {
    /// More than reading.
    pub(crate) writes: bool,
    /// What it opens that is closed otherwise.
    pub(crate) opened: Opened,
    /// What it names outside the workspace, to read and to write: the gate has let it, so it is let.
    pub(crate) outside: [Vec<PathBuf>; 2],
}

impl Means {
    pub(crate) fn of(permit: &Permit, root: &Path, temporary: &Path) -> Means {
        let mut means = Means { writes: false, opened: Opened::default(), outside: Default::default() };
        for request in permit.requests() {
            if let Target::Path(place) = &request.target
                && place.relative().is_none()
            {
                let [reads, writes] = &mut means.outside;
                match request.capability {
                    Capability::FsRead => reads.push(place.absolute().to_path_buf()),
                    Capability::FsWrite => writes.push(place.absolute().to_path_buf()),
                    _ => {}
                }
            }
            let Target::Command(line) = &request.target else { continue };
            if request.capability != Capability::Shell {
                continue;
            }
            let Ok(commands) = policy::judge(line) else {
                means.writes = true;
                continue;
            };
            for touch in commands.iter().flat_map(|command| &command.touches) {
                let [reads, writes] = &mut means.outside;
                let found =
                    touch.candidates().into_iter().filter_map(|path| beside(&[root, temporary], root, &path));
                let list = if touch.access == Access::Read { reads } else { writes };
                list.extend(found.take(OUTSIDE_MAX));
            }
            for command in commands.iter().filter(|command| command.class != Class::ReadOnly) {
                means.writes = true;
                let program = command.words.first().map(|word| word.rsplit('/').next().unwrap_or(word));
                if program == Some("git") {
                    means.opened.open(root.join(".git"), &command.words);
                }
            }
        }
        means
    }
}

/// The most paths outside the workspace that one command of a line opens.
const OUTSIDE_MAX: usize = 64;

/// Where a path of a line lies, when its words lead outside the workspace and something is there. A path that begins in a folder
/// which commands write (`own`) may lead elsewhere by now than when it was decided about: what links led to then is in the permit.
fn beside(own: &[&Path], root: &Path, path: &str) -> Option<PathBuf> {
    let (mut plain, mut is_named) = (root.to_path_buf(), false);
    for part in Path::new(path).components() {
        match part {
            Component::RootDir => plain = PathBuf::from("/"),
            Component::Normal(name) => {
                plain.push(name);
                is_named = true;
            }
            Component::CurDir => {}
            Component::ParentDir if !is_named => {
                plain.pop();
            }
            // Behind a name it depends on what that name is.
            Component::ParentDir | Component::Prefix(_) => return None,
        }
        if is_named && own.iter().any(|own| plain.starts_with(own)) {
            return None;
        }
    }
    let found = plain.canonicalize().ok()?;
    let is_own = own.iter().any(|own| found.starts_with(own));
    (!is_own && found.parent().is_some()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_opens_what_its_words_lead_to_and_nothing_that_a_link_may_lead_to_by_now() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let at = |name: &str| base.join(name);
        ["w", "h", "t"].iter().for_each(|name| std::fs::create_dir(at(name)).unwrap());
        std::fs::write(at("h/diary"), "dear diary").unwrap();
        std::os::unix::fs::symlink(at("h"), at("w/way")).unwrap();
        std::os::unix::fs::symlink(at("h"), at("t/way")).unwrap();
        let (root, temporary, diary) = (at("w"), at("t"), at("h/diary"));
        let check = |path: &str, is_open: bool| {
            let found = beside(&[&root, &temporary], &root, path);
            assert_eq!(found, is_open.then(|| diary.clone()), "{path}");
        };
        check(&diary.display().to_string(), true);
        check("../h/diary", true);
        check("./.././h/diary", true);
        for path in [
            "way/diary",
            "./way/diary",
            "../w/way/diary",
            "../t/way/diary",
            "src/../../h/diary",
            "../h/none",
            ".",
            "..",
            "",
        ] {
            let found = beside(&[&root, &temporary], &root, path);
            assert!(found.as_ref().is_none_or(|found| path == ".." && *found == base), "{path}: {found:?}");
        }
        check(&at("w/way/diary").display().to_string(), false);
        check(&at("t/way/diary").display().to_string(), false);
    }
}
