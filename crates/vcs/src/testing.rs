//! For tests: a workspace beside its state, the git of this machine, and a small source of chance. Checks nothing.
#![expect(clippy::disallowed_methods, reason = "the files of a test")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::{OwnCommand, run_own};

use crate::object::{DIRECTORY, FILE, Id, Kind, LINK, directory_mode};
use crate::snapshots::Look;
use crate::store::Store;
use crate::trees::Trees;
use crate::{Cause, Snapshots};

/// A workspace beside the state, gone with the test.
pub(crate) struct Place {
    pub(crate) root: tempfile::TempDir,
    pub(crate) workspace: PathBuf,
}

pub(crate) fn place() -> Place {
    let root = tempfile::tempdir().unwrap();
    let workspace = root.path().canonicalize().unwrap().join("w");
    fs::create_dir(&workspace).unwrap();
    Place { root, workspace }
}

/// One in memory, where there is such a place: many histories sync many times.
pub(crate) fn place_in_memory() -> Place {
    let Ok(root) = tempfile::tempdir_in("/dev/shm") else { return place() };
    let workspace = root.path().canonicalize().unwrap().join("w");
    fs::create_dir(&workspace).unwrap();
    Place { root, workspace }
}

/// What stands at each path: mode, and bytes or target.
pub(crate) type Files = BTreeMap<Vec<u8>, (u32, Vec<u8>)>;

impl Place {
    pub(crate) fn state(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap().join("state/w/checkpoints")
    }

    pub(crate) fn snapshots(&self) -> Snapshots {
        self.snapshots_of(&self.workspace)
    }

    pub(crate) fn snapshots_of(&self, workspace: &Path) -> Snapshots {
        Snapshots::open(&self.state(), workspace).unwrap()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.workspace.join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.workspace.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        String::from_utf8(fs::read(self.workspace.join(path)).unwrap()).unwrap()
    }

    pub(crate) fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.workspace.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The person's own git.
    pub(crate) fn git(&self, directory: &str, arguments: &[&str]) -> String {
        let mut all =
            vec!["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"];
        all.extend(arguments);
        git(&self.workspace.join(directory), &all)
    }

    /// What a snapshot holds.
    pub(crate) fn held(&self, tree: &str) -> Files {
        let lock = Store::lock(&self.state()).unwrap();
        let store = Store::open(&self.state(), &lock).unwrap();
        let id = Id::read(tree).unwrap();
        let differences = Trees::new(&store).differences(&crate::object::EMPTY_TREE, &id).unwrap();
        let bytes = |node: crate::object::Node| match node.is_directory() {
            true => Vec::new(),
            false => store.read(&node.id, u64::MAX).unwrap(),
        };
        differences
            .into_iter()
            .filter_map(|it| it.after.map(|node| (it.path, (node.mode, bytes(node)))))
            .collect()
    }

    /// The names of the files that a snapshot holds.
    pub(crate) fn files(&self, tree: &str) -> Vec<String> {
        let held = self.held(tree).into_iter().filter(|(_, (mode, _))| mode & 0o170_000 != DIRECTORY);
        held.map(|(path, _)| String::from_utf8_lossy(&path).into_owned()).collect()
    }

    /// What is on the disk, read in a way of its own; `.git` is left out, and nothing is ignored.
    pub(crate) fn on_disk(&self) -> Files {
        let mut files = Files::new();
        let mut left = vec![self.workspace.clone()];
        while let Some(directory) = left.pop() {
            for entry in fs::read_dir(&directory).unwrap() {
                let path = entry.unwrap().path();
                if path.file_name().unwrap() == ".git" {
                    continue;
                }
                let found = fs::symlink_metadata(&path).unwrap();
                let permissions = found.permissions().mode() & 0o7777;
                let relative = path.strip_prefix(&self.workspace).unwrap().as_os_str().as_bytes().to_vec();
                if found.is_dir() {
                    files.insert(relative, (directory_mode(permissions), Vec::new()));
                    left.push(path);
                } else if found.is_symlink() {
                    let target = fs::read_link(&path).unwrap().as_os_str().as_bytes().to_vec();
                    files.insert(relative, (LINK, target));
                } else if !found.file_type().is_fifo() && !found.file_type().is_socket() {
                    files.insert(relative, (FILE | permissions, fs::read(&path).unwrap()));
                }
            }
        }
        files
    }

    /// Takes a checkpoint, lets a call do something, and says that it ended. Gives the number.
    pub(crate) fn call(&self, snapshots: &Snapshots, name: &str, act: impl FnOnce()) -> u64 {
        let begun = snapshots.before(&cause(name)).unwrap();
        act();
        snapshots.after(begun.number, &crate::Wrote::Anything).unwrap();
        begun.number
    }

    /// The id that git gives to the files, in a repository of its own with SHA-256. It ignores what `.gitignore` says.
    pub(crate) fn tree_of_git(&self) -> String {
        let repository = self.root.path().join("oracle");
        if !repository.exists() {
            fs::create_dir(&repository).unwrap();
            git(&repository, &["init", "-q", "--bare", "--object-format=sha256", "."]);
            fs::create_dir_all(repository.join("info")).unwrap();
            fs::write(repository.join("info/attributes"), "* -filter -text -eol -ident\n").unwrap();
        }
        let directory = format!("--git-dir={}", repository.display());
        let files = format!("--work-tree={}", self.workspace.display());
        let both = [
            directory.as_str(),
            files.as_str(),
            "-c",
            "core.autocrlf=false",
            "-c",
            "core.protectNTFS=false",
            "-c",
            "core.fsmonitor=false",
        ];
        git(&self.workspace, &[&both[..], &["add", "-A", "."]].concat());
        git(&self.workspace, &[&both[..], &["write-tree"]].concat()).trim().to_string()
    }
}

pub(crate) fn cause(call: &str) -> Cause {
    Cause {
        session: "s-1".to_string(),
        task: None,
        call: Some(call.to_string()),
        what: format!("run {call}"),
    }
}

/// The tree of the files as they are, without a checkpoint.
pub(crate) fn tree_now(snapshots: &Snapshots) -> String {
    snapshots.take(Look::All, |_, taken| Ok(taken.tree.to_string())).unwrap()
}

pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = run_own(&OwnCommand {
        program: "git".into(),
        arguments: arguments.iter().map(OsString::from).collect(),
        directory: directory.to_path_buf(),
        environment: vec![
            ("PATH".to_string(), "/usr/local/bin:/usr/bin:/bin".to_string()),
            ("HOME".to_string(), "/nonexistent".to_string()),
            ("LC_ALL".to_string(), "C".to_string()),
            ("GIT_CONFIG_NOSYSTEM".to_string(), "1".to_string()),
        ],
        input: Vec::new(),
        timeout: Duration::from_secs(60),
        output_bytes_max: 16 << 20,
    })
    .unwrap();
    assert_eq!(output.exit, Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.errors));
    String::from_utf8_lossy(&output.output).into_owned()
}

/// Every path below a directory with kind, mode, times of change and content, so that any touch shows.
pub(crate) fn everything(directory: &Path) -> Vec<(PathBuf, u32, Id)> {
    let mut all = Vec::new();
    let mut left = vec![directory.to_path_buf()];
    while let Some(path) = left.pop() {
        let found = fs::symlink_metadata(&path).unwrap();
        let bytes = if found.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        if found.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        all.push((path, found.permissions().mode(), Id::of(Kind::Blob, &bytes)));
    }
    all.sort();
    all
}

/// Chance that is the same each time.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}
