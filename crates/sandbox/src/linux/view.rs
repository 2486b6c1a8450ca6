//! What a process sees of the file system, as a list of mounts to make. Makes none of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::roots::{Grant, Kept, Roots, is_device};
use super::sys::attribute::{NO_DEVICES, NO_EXECUTION, NO_SETUID, READ_ONLY};

/// Where the new root can be put together: folders that every system has. One is taken that holds nothing granted.
pub(crate) const BASES: [&str; 8] = ["/mnt", "/media", "/srv", "/boot", "/tmp", "/opt", "/sys", "/proc"];

/// Devices that hold nothing and belong to nobody.
pub(crate) const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// One thing to do, in a mount namespace of one's own. Paths lead from the old root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// An empty file system in memory.
    Empty { at: CString, options: CString },
    /// A folder, unless it is there.
    MakeFolder(CString),
    /// An empty file, unless it is there.
    MakeFile(CString),
    /// A link, unless something is there.
    MakeLink { text: CString, at: CString },
    /// The same files at another place, with what is mounted below.
    Bind { from: CString, to: CString },
    /// Attributes of a mount, and of those below it unless `alone`.
    Set { at: CString, attributes: u64, alone: bool },
    /// Terminals of one's own.
    Terminals { at: CString },
}

/// The mounts that make a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// Where the new root is put together.
    pub(crate) base: CString,
    /// What to do, in this order.
    pub(crate) steps: Vec<Step>,
}

/// A view without what is not granted, put together at `base`.
pub(crate) fn view(
    roots: &Roots,
    base: &Path,
    processes: bool,
    temporary: &Path,
    shared_memory: &Path,
) -> View {
    let mut build = Build { base: base.to_path_buf(), steps: Vec::new(), made: BTreeSet::new() };
    let everything = roots.grants.get(Path::new("/"));
    match everything {
        Some(grant) => {
            build.bind(Path::new("/"), Path::new("/"));
            build.set(Path::new("/"), attributes(*grant));
        }
        None => build.empty(Path::new("/"), c"mode=0755,size=1m".into()),
    }
    // A granted folder below `/tmp` is put there afterwards, into the folder that stands for it.
    let mut places: BTreeMap<&Path, (&Path, Grant)> =
        roots.grants.iter().map(|(path, grant)| (path.as_path(), (path.as_path(), *grant))).collect();
    places.remove(Path::new("/"));
    let tmp = Path::new("/tmp");
    if everything.is_none()
        && !places.contains_key(tmp)
        && let Some((_, grant)) = roots.grant_of(temporary)
    {
        places.insert(tmp, (temporary, grant));
        build.link(Path::new("/tmp"), Path::new("/var/tmp"));
    }
    for (path, text) in &roots.links {
        build.link(text, path);
    }
    build.devices(shared_memory);
    for (path, (source, grant)) in &places {
        build.place(source, path, grant.folder);
        let device = is_device(path);
        build.set(path, attributes(*grant) & if device { !NO_DEVICES } else { u64::MAX });
    }
    if processes {
        build.place(Path::new("/proc"), Path::new("/proc"), true);
        build.set(Path::new("/proc"), READ_ONLY | NO_SETUID | NO_DEVICES | NO_EXECUTION);
    }
    build.protect(roots);
    build.hide(roots);
    // Last, and alone: what is mounted in them has attributes of its own.
    build.close(Path::new("/dev"));
    if everything.is_none() {
        build.close(Path::new("/"));
    }
    View { base: c_path(&build.base), steps: build.steps }
}

/// A folder at which a view can be put together: one that holds nothing that is granted.
pub(crate) fn choose_base(roots: &Roots, is_folder: impl Fn(&Path) -> bool) -> Option<&'static Path> {
    let sources = || roots.grants.keys().filter(|it| it.parent().is_some());
    let free = |base: &Path| is_folder(base) && !sources().any(|source| source.starts_with(base));
    BASES.iter().map(Path::new).find(|base| free(base))
}

fn attributes(grant: Grant) -> u64 {
    let unless = |granted: bool, bits: u64| if granted { 0 } else { bits };
    NO_SETUID | NO_DEVICES | unless(grant.write, READ_ONLY) | unless(grant.execute, NO_EXECUTION)
}

struct Build {
    base: PathBuf,
    steps: Vec<Step>,
    made: BTreeSet<PathBuf>,
}

impl Build {
    /// Where a path of the new root lies while it is put together.
    fn at(&self, path: &Path) -> PathBuf {
        self.base.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn bind(&mut self, from: &Path, to: &Path) {
        let to = c_path(&self.at(to));
        self.steps.push(Step::Bind { from: c_path(from), to });
    }

    fn set(&mut self, path: &Path, attributes: u64) {
        let at = c_path(&self.at(path));
        self.steps.push(Step::Set { at, attributes, alone: false });
    }

    fn empty(&mut self, path: &Path, options: CString) {
        let at = c_path(&self.at(path));
        self.steps.push(Step::Empty { at, options });
    }

    fn folder(&mut self, path: &Path) {
        if self.made.insert(path.to_path_buf()) {
            let at = c_path(&self.at(path));
            self.steps.push(Step::MakeFolder(at));
        }
    }

    fn folders_above(&mut self, path: &Path) {
        let mut above: Vec<&Path> = path.ancestors().skip(1).filter(|it| it.parent().is_some()).collect();
        above.reverse();
        above.into_iter().for_each(|path| self.folder(path));
    }

    fn link(&mut self, text: &Path, path: &Path) {
        self.folders_above(path);
        let at = c_path(&self.at(path));
        self.steps.push(Step::MakeLink { text: c_path(text), at });
    }

    /// Puts a file or folder at a path, and makes the way there.
    fn place(&mut self, from: &Path, path: &Path, folder: bool) {
        self.folders_above(path);
        if folder {
            self.folder(path);
        } else {
            let at = c_path(&self.at(path));
            self.steps.push(Step::MakeFile(at));
        }
        self.bind(from, path);
    }

    fn devices(&mut self, shared_memory: &Path) {
        let folder = Path::new("/dev");
        self.folder(folder);
        self.empty(folder, c"mode=0755,size=64k".into());
        for name in DEVICES {
            let device = folder.join(name);
            self.place(&device, &device, false);
            self.set(&device, NO_SETUID | NO_EXECUTION);
        }
        for (name, text) in [
            ("fd", "/proc/self/fd"),
            ("stdin", "/proc/self/fd/0"),
            ("stdout", "/proc/self/fd/1"),
            ("stderr", "/proc/self/fd/2"),
            ("ptmx", "pts/ptmx"),
        ] {
            self.link(Path::new(text), &folder.join(name));
        }
        let terminals = folder.join("pts");
        self.folder(&terminals);
        self.steps.push(Step::Terminals { at: c_path(&self.at(&terminals)) });
        let shared = folder.join("shm");
        self.place(shared_memory, &shared, true);
        self.set(&shared, NO_SETUID | NO_DEVICES | NO_EXECUTION);
    }

    /// Puts what is protected over itself, read-only. What lies between it and the writable folder is put over
    /// itself as well: a mount can be neither moved nor removed, so the way to it stays the same.
    fn protect(&mut self, roots: &Roots) {
        let mut kept: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for path in roots.protected.iter().map(Kept::path) {
            let Some((root, _)) = roots.grant_of(path) else { continue };
            for between in path.ancestors().skip(1).take_while(|it| it.starts_with(root) && *it != root) {
                kept.entry(between.to_path_buf()).or_insert(false);
            }
            kept.insert(path.to_path_buf(), true);
        }
        let mut above: Option<PathBuf> = None;
        for (path, read_only) in kept {
            if above.as_ref().is_some_and(|above| path.starts_with(above)) {
                continue;
            }
            self.bind(&path, &path);
            let grant = roots.grant_of(&path).map(|(_, grant)| grant).unwrap_or_default();
            self.set(&path, attributes(grant) | if read_only { READ_ONLY } else { 0 });
            above = if read_only { Some(path) } else { above };
        }
    }

    /// Puts something that cannot be opened over what must not be seen. Comes last, so that nothing lies over it.
    fn hide(&mut self, roots: &Roots) {
        let mut above: Option<&Path> = None;
        for (path, folder) in &roots.invisible {
            if above.is_some_and(|above| path.starts_with(above)) {
                continue;
            }
            above = Some(path);
            if *folder {
                self.empty(path, c"mode=0000,size=4k,nr_inodes=1".into());
            } else {
                // A device on a mount that allows none: opening it fails, even for root, and a program that
                // finds it sees that something is there which it may not read, not an empty file.
                self.bind(Path::new("/dev/null"), path);
            }
            self.set(path, READ_ONLY | NO_SETUID | NO_DEVICES | NO_EXECUTION);
        }
    }

    /// Makes a folder that was put together here unchangeable.
    fn close(&mut self, path: &Path) {
        let at = c_path(&self.at(path));
        let attributes = READ_ONLY | NO_SETUID | NO_EXECUTION;
        self.steps.push(Step::Set { at, attributes, alone: true });
    }
}

/// Paths were checked for NUL by the profile.
pub(crate) fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(letters: &str) -> Grant {
        Grant { write: letters.contains('w'), execute: letters.contains('x'), folder: !letters.contains('f') }
    }

    /// The steps that concern what the profile says, in short: the fixed ones for devices are left out.
    fn check(grants: &[(&str, &str)], change: impl FnOnce(&mut Roots), expected: &[&str]) {
        let grants = grants.iter().map(|(path, letters)| (PathBuf::from(path), grant(letters)));
        let mut roots = Roots { grants: grants.collect(), ..Roots::default() };
        change(&mut roots);
        let base = choose_base(&roots, |_| true).unwrap();
        let view = view(&roots, base, false, Path::new("/t"), Path::new("/t/.shm"));
        let base = view.base.to_str().unwrap().to_string();
        let short = |path: &CString| {
            let path = path.to_str().unwrap();
            path.strip_prefix(&base).map_or(path.to_string(), |rest| format!("+{rest}"))
        };
        let mut lines = view
            .steps
            .iter()
            .map(|step| match step {
                Step::Empty { at, .. } => format!("empty {}", short(at)),
                Step::MakeFolder(at) => format!("folder {}", short(at)),
                Step::MakeFile(at) => format!("file {}", short(at)),
                Step::MakeLink { text, at } => format!("link {} -> {}", short(at), text.to_str().unwrap()),
                Step::Bind { from, to } => format!("bind {} {}", from.to_str().unwrap(), short(to)),
                Step::Set { at, attributes, alone: false } => format!("set {} {attributes}", short(at)),
                Step::Set { at, attributes, alone: true } => format!("close {} {attributes}", short(at)),
                Step::Terminals { at } => format!("terminals {}", short(at)),
            })
            .filter(|line| !line.contains("+/dev/"))
            .collect::<Vec<String>>();
        lines.retain(|line| !line.ends_with("+/dev") && !line.contains("/dev 11"));
        assert_eq!(lines, expected);
    }

    #[test]
    fn only_what_is_granted_is_there() {
        check(
            &[("/t", "w"), ("/usr", "x"), ("/home/a/w", "wx"), ("/etc/passwd", "f")],
            |_| {},
            &[
                "empty +/",
                "folder +/var",
                "link +/var/tmp -> /tmp",
                "folder +/etc",
                "file +/etc/passwd",
                "bind /etc/passwd +/etc/passwd",
                "set +/etc/passwd 15",
                "folder +/home",
                "folder +/home/a",
                "folder +/home/a/w",
                "bind /home/a/w +/home/a/w",
                "set +/home/a/w 6",
                "folder +/t",
                "bind /t +/t",
                "set +/t 14",
                "folder +/tmp",
                "bind /t +/tmp",
                "set +/tmp 14",
                "folder +/usr",
                "bind /usr +/usr",
                "set +/usr 7",
                "close +/ 11",
            ],
        );
    }

    #[test]
    fn protected_and_invisible_lie_over_what_is_granted() {
        let change = |roots: &mut Roots| {
            roots.protected = vec![Kept::There("/w/.git".into()), Kept::Absent("/w/.kiro/settings".into())];
            roots.invisible =
                [("/w/.env".into(), false), ("/w/s".into(), true), ("/w/s/k".into(), false)].into();
        };
        check(
            &[("/", "x"), ("/t", "w"), ("/w", "wx")],
            change,
            &[
                "bind / +/",
                "set +/ 7",
                "folder +/t",
                "bind /t +/t",
                "set +/t 14",
                "folder +/w",
                "bind /w +/w",
                "set +/w 6",
                "bind /w/.git +/w/.git",
                "set +/w/.git 7",
                "bind /w/.kiro +/w/.kiro",
                "set +/w/.kiro 6",
                "bind /w/.kiro/settings +/w/.kiro/settings",
                "set +/w/.kiro/settings 7",
                "bind /dev/null +/w/.env",
                "set +/w/.env 15",
                "empty +/w/s",
                "set +/w/s 15",
            ],
        );
    }

    #[test]
    fn a_writable_folder_that_is_protected_itself() {
        let change = |roots: &mut Roots| roots.protected = vec![Kept::There("/a/w".into())];
        let expected = [
            "bind / +/",
            "set +/ 7",
            "folder +/a",
            "folder +/a/w",
            "bind /a/w +/a/w",
            "set +/a/w 6",
            "bind /a/w +/a/w",
            "set +/a/w 7",
        ];
        check(&[("/", "x"), ("/a/w", "wx")], change, &expected);
    }

    #[test]
    fn the_place_of_the_new_root_holds_nothing_that_is_granted() {
        let base = |paths: &[&str]| {
            let grants = paths.iter().map(|path| (PathBuf::from(path), Grant::default())).collect();
            choose_base(&Roots { grants, ..Roots::default() }, |path| path != Path::new("/srv"))
        };
        assert_eq!(base(&["/", "/usr"]), Some(Path::new("/mnt")));
        assert_eq!(base(&["/mnt/a", "/media"]), Some(Path::new("/boot")));
        assert_eq!(base(&["/mnt", "/media", "/boot", "/tmp/a", "/opt", "/sys/a", "/proc"]), None);
    }
}
