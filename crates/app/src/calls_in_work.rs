//! How sessions and the daemon of hooks know of each other: a session says which calls it has in work and what they changed, so that
//! the daemon takes no change of an agent for one of a person. Nothing is written while no daemon runs.
#![expect(clippy::disallowed_methods, reason = "marks in the state directory of the workspace")]

use std::collections::HashMap;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// How many bytes of what was said about changes are read.
const TOLD_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Files of which a call says that it changed them.
const FILES_MAX: usize = 20_000;
/// The largest file whose bytes are compared; of a larger one its size and times count.
const STATE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// The marks of one workspace.
#[derive(Clone, Debug)]
pub(crate) struct CallsInWork {
    folder: PathBuf,
}

/// The daemon's hold of the marks; they go with it.
pub(crate) struct Daemon {
    calls: CallsInWork,
    read: u64,
}

impl CallsInWork {
    /// In the state directory of a workspace.
    pub(crate) fn new(state: &Path) -> CallsInWork {
        CallsInWork { folder: state.join("hooks-daemon") }
    }

    /// Whether a daemon would like to know.
    pub(crate) fn is_heard(&self) -> bool {
        std::fs::read_to_string(self.folder.join("pid"))
            .ok()
            .and_then(|pid| pid.trim().parse().ok())
            .is_some_and(|pid: u32| pid != std::process::id() && lives(pid))
    }

    /// A call that may change files begins.
    pub(crate) fn begins(&self, call: &str) {
        if self.is_heard() {
            // A daemon that cannot be told runs a hook once more; nothing else follows.
            let _told = std::fs::write(self.mark(call), "");
        }
    }

    /// It is over, and changed these files, each with what it holds now.
    pub(crate) fn ended(&self, call: &str, root: &Path, changed: &[String]) {
        if !self.is_heard() {
            return;
        }
        let mut lines = String::new();
        for path in changed.iter().take(FILES_MAX).filter(|path| !path.contains('\n')) {
            lines.push_str(&format!("{} {path}\n", state_of(&root.join(path))));
        }
        let mut options = std::fs::OpenOptions::new();
        let told = options.append(true).create(true).open(self.folder.join("told"));
        let _told = told.and_then(|mut file| file.write_all(lines.as_bytes()));
        let _gone = std::fs::remove_file(self.mark(call));
    }

    /// Becomes the daemon of this workspace.
    ///
    /// # Errors
    /// The process that is it already, or why the marks cannot be made.
    pub(crate) fn hold(&self) -> Result<Daemon, String> {
        std::fs::create_dir_all(&self.folder).map_err(|error| error.to_string())?;
        if self.is_heard() {
            let pid = std::fs::read_to_string(self.folder.join("pid")).unwrap_or_default();
            return Err(format!("another `waypost hooks watch` runs here, process {}", pid.trim()));
        }
        let _old = std::fs::remove_file(self.folder.join("told"));
        for old in self.marks() {
            let _old = std::fs::remove_file(old);
        }
        let pid = std::process::id().to_string();
        std::fs::write(self.folder.join("pid"), pid).map_err(|error| error.to_string())?;
        Ok(Daemon { calls: self.clone(), read: 0 })
    }

    fn mark(&self, call: &str) -> PathBuf {
        let plain: String =
            call.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(80).collect();
        self.folder.join(format!("{}-{plain}.call", std::process::id()))
    }

    fn marks(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let paths = entries.flatten().map(|entry| entry.path());
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "call")).collect()
    }
}

impl Daemon {
    /// Whether a session has a call in work. The marks of processes that are gone are taken away.
    pub(crate) fn has_calls(&self) -> bool {
        let mut any = false;
        for mark in self.calls.marks() {
            let name = mark.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let pid = name.split('-').next().and_then(|pid| pid.parse().ok());
            if pid.is_some_and(lives) {
                any = true;
            } else {
                let _old = std::fs::remove_file(mark);
            }
        }
        any
    }

    /// What sessions said since the last time: each file with what it held when they had done with it.
    pub(crate) fn told(&mut self, into: &mut HashMap<String, u64>) {
        use std::io::{Read as _, Seek as _};
        let Ok(mut file) = std::fs::File::open(self.calls.folder.join("told")) else { return };
        if file.seek(std::io::SeekFrom::Start(self.read)).is_err() {
            return;
        }
        let mut text = String::new();
        let Ok(count) = file.take(TOLD_BYTES_MAX).read_to_string(&mut text) else { return };
        self.read += count as u64;
        for line in text.lines() {
            if let Some((state, path)) = line.split_once(' ')
                && let Ok(state) = state.parse()
            {
                into.insert(path.to_string(), state);
            }
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(self.calls.folder.join("pid"));
    }
}

/// What a file holds, as a number that is good for comparing on this machine; 0 when it is not there. Nothing is followed and nothing
/// is waited for: of a link its target's name counts, and what is no file is known by what it is.
pub(crate) fn state_of(path: &Path) -> u64 {
    let Ok(data) = std::fs::symlink_metadata(path) else { return 0 };
    if data.is_symlink() {
        let Ok(target) = std::fs::read_link(path) else { return 0 };
        return number_of(&[b"link ", target.as_os_str().as_encoded_bytes()]);
    }
    let stamp = || {
        let parts = [u64::from(data.mode()), data.dev(), data.ino(), data.size()];
        let times = [data.mtime(), data.mtime_nsec(), data.ctime(), data.ctime_nsec()];
        number_of(&[b"stamp ", format!("{parts:?} {times:?}").as_bytes()])
    };
    if !data.is_file() {
        return number_of(&[b"kind ", format!("{:?}", (data.mode(), data.ino())).as_bytes()]);
    }
    if data.len() > STATE_BYTES_MAX {
        return stamp();
    }
    match content(path) {
        Some(bytes) if bytes.len() as u64 > STATE_BYTES_MAX => stamp(),
        Some(bytes) => number_of(&[b"file ", &bytes]),
        None => 0,
    }
}

/// The bytes of a file, at most one more than [`STATE_BYTES_MAX`]. Something else may lie there since it was looked at.
fn content(path: &Path) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).ok()?;
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(STATE_BYTES_MAX + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn number_of(parts: &[&[u8]]) -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    let digest = conversation::Digest::of(&parts.concat()).to_string();
    let mut hasher = std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default().build_hasher();
    hasher.write(digest.as_bytes());
    hasher.finish().max(1)
}

fn lives(pid: u32) -> bool {
    i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_while_nobody_listens() {
        let state = tempfile::tempdir().unwrap();
        let calls = CallsInWork::new(state.path());
        calls.begins("c1");
        assert!(!state.path().join("hooks-daemon").exists());
        // A daemon does not listen to itself.
        let daemon = calls.hold().unwrap();
        calls.begins("c1");
        assert!(!daemon.has_calls());
        // Marks of processes that are gone are no calls.
        std::fs::write(state.path().join("hooks-daemon/999999999-c.call"), "").unwrap();
        assert!(!daemon.has_calls());
        drop(daemon);
        assert!(!state.path().join("hooks-daemon/pid").exists());
    }

    #[test]
    fn the_state_of_a_file_is_had_without_following_or_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        // Each of these would be read for ever.
        std::os::unix::fs::symlink("/dev/zero", at("endless")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        let (endless, pipe) = (state_of(&at("endless")), state_of(&at("pipe")));
        assert!(endless != 0 && pipe != 0 && endless != pipe);
        assert_eq!((state_of(&at("endless")), state_of(&at("pipe"))), (endless, pipe));
        std::fs::remove_file(at("endless")).unwrap();
        assert_eq!(state_of(&at("endless")), 0);
        std::os::unix::fs::symlink("/dev/null", at("endless")).unwrap();
        assert_ne!(state_of(&at("endless")), endless);
        // The same bytes are the same, whenever they were written; a large file is known by its size and times.
        std::fs::write(at("a"), "1").unwrap();
        let one = state_of(&at("a"));
        std::fs::write(at("a"), "2").unwrap();
        assert_ne!(state_of(&at("a")), one);
        std::fs::write(at("b"), "1").unwrap();
        assert_eq!(state_of(&at("b")), one);
        let large = std::fs::File::create(at("large")).unwrap();
        large.set_len(STATE_BYTES_MAX + 1).unwrap();
        let before = state_of(&at("large"));
        assert_eq!(state_of(&at("large")), before);
        large.set_len(STATE_BYTES_MAX + 2).unwrap();
        assert_ne!(state_of(&at("large")), before);
    }

    #[test]
    fn what_is_said_is_read_once() {
        let state = tempfile::tempdir().unwrap();
        let calls = CallsInWork::new(state.path());
        let mut daemon = calls.hold().unwrap();
        std::fs::write(state.path().join("hooks-daemon/told"), "7 a b.rs\nrubbish\n0 gone.rs\n").unwrap();
        let mut told = HashMap::new();
        daemon.told(&mut told);
        assert_eq!(told, HashMap::from([("a b.rs".to_string(), 7), ("gone.rs".to_string(), 0)]));
        told.clear();
        daemon.told(&mut told);
        assert!(told.is_empty());
    }
}
