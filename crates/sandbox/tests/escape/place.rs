//! Where attempts happen: what they may touch, what they may not, and somebody outside to be harmed.

use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use policy::{Limits, Network, Profile};

/// What must not be read. The name of the variable that holds it in the victim is part of it.
pub(crate) const SECRET: &str = "ESCAPE_SECRET=do-not-read-me-7261";

/// What stands in the file outside.
const OUTSIDE: &str = "outside\n";

/// How many processes an attempt may have.
pub(crate) const PROCESSES: u64 = 64;

/// How long a file may become.
pub(crate) const FILE_BYTES: u64 = 1 << 20;

/// What an attempt knows.
#[derive(Clone, Debug)]
pub(crate) struct Inside {
    pub(crate) root: PathBuf,
    pub(crate) victim: i32,
    pub(crate) harness: i32,
    pub(crate) tcp: u16,
    pub(crate) udp: u16,
    pub(crate) address: usize,
    pub(crate) terminal: PathBuf,
    pub(crate) shared: i32,
}

impl Inside {
    pub(crate) fn work(&self, name: &str) -> PathBuf {
        self.root.join("work").join(name)
    }

    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.root.join("outside").join(name)
    }

    pub(crate) fn abstract_name(&self) -> String {
        format!("escape-{}", self.root.display())
    }

    /// A file where the system keeps shared memory, side by side with everybody's.
    pub(crate) fn shared_file(&self) -> String {
        format!("/dev/shm/escape{}", self.root.display().to_string().replace('/', "-"))
    }

    pub(crate) fn to_arguments(&self) -> Vec<String> {
        vec![
            self.root.display().to_string(),
            self.victim.to_string(),
            self.harness.to_string(),
            self.tcp.to_string(),
            self.udp.to_string(),
            self.address.to_string(),
            self.terminal.display().to_string(),
            self.shared.to_string(),
        ]
    }

    pub(crate) fn from_arguments(words: &[String]) -> Inside {
        let number = |index: usize| words[index].parse::<i64>().unwrap();
        Inside {
            root: words[0].clone().into(),
            victim: number(1) as i32,
            harness: number(2) as i32,
            tcp: number(3) as u16,
            udp: number(4) as u16,
            address: number(5) as usize,
            terminal: words[6].clone().into(),
            shared: number(7) as i32,
        }
    }
}

/// The place, with its people. Dropping it removes everything.
pub(crate) struct Place {
    _folder: tempfile::TempDir,
    pub(crate) inside: Inside,
    victim: Child,
    tcp: TcpListener,
    unix: [UnixListener; 2],
    udp: UdpSocket,
    _leftover: OwnedFd,
    _terminal: OwnedFd,
}

impl Place {
    /// A new one; with a helper that belongs to whoever runs the tests and says so.
    pub(crate) fn new(helper: bool) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        let work = root.join("work");
        let make = |name: &str| fs::create_dir_all(root.join(name)).unwrap();
        ["work/.git/hooks", "work/src/deep", "work/private", "outside/folder", "tmp", "bin"]
            .into_iter()
            .for_each(make);
        let write = |name: &str, text: &str| fs::write(root.join(name), text).unwrap();
        write("work/.git/config", "[core]\n");
        write("work/src/main.rs", "fn main() {}\n");
        write("work/.env", SECRET);
        write("work/private/key", SECRET);
        write("work/src/deep/.key", SECRET);
        write("outside/file", OUTSIDE);
        write("outside/secret", SECRET);
        fs::hard_link(work.join(".env"), work.join("alias")).unwrap();
        symlink("../outside/file", work.join("link")).unwrap();
        let mode = if helper {
            fs::copy(std::env::current_exe().unwrap(), root.join("bin/helper")).unwrap();
            0o4755
        } else {
            write("bin/helper", "");
            0o755
        };
        fs::set_permissions(root.join("bin/helper"), fs::Permissions::from_mode(mode)).unwrap();
        let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
            .arg("victim")
            .env("ESCAPE_SECRET", SECRET.split_once('=').unwrap().1)
            .stdout(Stdio::piped())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let address = first_line(victim.stdout.as_mut().unwrap()).parse().unwrap();
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.set_nonblocking(true).unwrap();
        let terminal =
            rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&terminal).unwrap();
        rustix::pty::unlockpt(&terminal).unwrap();
        let inside = Inside {
            victim: victim.id() as i32,
            harness: std::process::id() as i32,
            tcp: tcp.local_addr().unwrap().port(),
            udp: udp.local_addr().unwrap().port(),
            address,
            terminal: rustix::pty::ptsname(&terminal, Vec::new()).unwrap().to_str().unwrap().into(),
            shared: unsafe { libc::shmget(libc::IPC_PRIVATE, 4096, libc::IPC_CREAT | 0o600) },
            root: root.clone(),
        };
        let path = UnixListener::bind(root.join("outside/socket")).unwrap();
        let name = SocketAddr::from_abstract_name(inside.abstract_name()).unwrap();
        let name = UnixListener::bind_addr(&name).unwrap();
        // Who connects is let in by the kernel, and counted when somebody asks.
        tcp.set_nonblocking(true).unwrap();
        path.set_nonblocking(true).unwrap();
        name.set_nonblocking(true).unwrap();
        fs::write(inside.shared_file(), SECRET).unwrap();
        // A descriptor that somebody forgot to close for those who come later.
        let secret = fs::File::open(root.join("outside/secret")).unwrap();
        let leftover = rustix::io::dup(&secret).unwrap();
        Place {
            _folder: folder,
            inside,
            victim,
            tcp,
            unix: [path, name],
            udp,
            _leftover: leftover,
            _terminal: terminal,
        }
    }

    /// The usual profile of attempts.
    pub(crate) fn profile(&self) -> Profile {
        let work = self.inside.root.join("work");
        let mut profile = Profile {
            network: Network::None,
            limits: Limits { processes: Some(PROCESSES), file_bytes: Some(FILE_BYTES), ..Limits::default() },
            ..Profile::workspace(&work, self.inside.root.join("tmp"))
        };
        profile.executable.extend([std::env::current_exe().unwrap(), self.inside.root.join("bin")]);
        profile.invisible.extend([work.join(".env"), work.join("private"), work.join("src/deep/.key")]);
        profile.protected = vec![work.join(".git"), work.join(".kiro/settings")];
        profile
    }

    /// What was harmed, as seen from outside.
    pub(crate) fn harm(&mut self) -> Vec<String> {
        let mut harm = Vec::new();
        let outside = self.inside.root.join("outside");
        if fs::read_to_string(outside.join("file")).ok().as_deref() != Some(OUTSIDE) {
            harm.push("the file outside changed".to_string());
        }
        let mut names: Vec<String> = fs::read_dir(&outside)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        if names != ["file", "folder", "secret", "socket"] {
            harm.push(format!("outside there is now {names:?}"));
        }
        let mode = fs::metadata(outside.join("file")).map(|it| it.permissions().mode() & 0o7777);
        if mode.ok() != Some(0o644) {
            harm.push("the mode of the file outside changed".to_string());
        }
        let work = self.inside.root.join("work");
        let config = fs::read_to_string(work.join(".git/config")).ok();
        let hooks = fs::read_dir(work.join(".git/hooks")).map(Iterator::count).ok();
        if config.as_deref() != Some("[core]\n") || hooks != Some(0) {
            harm.push("`.git` changed".to_string());
        }
        if work.join(".kiro/settings").exists() {
            harm.push("`.kiro/settings` came to be, or its guard stayed".to_string());
        }
        if self.victim.try_wait().unwrap().is_some() {
            harm.push("the victim is dead".to_string());
        }
        if self.tcp.accept().is_ok() || self.unix.iter().any(|socket| socket.accept().is_ok()) {
            harm.push("somebody outside was reached".to_string());
        }
        if self.udp.recv(&mut [0; 16]).is_ok() {
            harm.push("a packet came out".to_string());
        }
        harm
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _gone = self.victim.kill();
        let _gone = self.victim.wait();
        let _gone = fs::remove_file(self.inside.shared_file());
        unsafe {
            libc::shmctl(self.inside.shared, libc::IPC_RMID, std::ptr::null_mut());
        }
    }
}

/// What the victim does: holds a secret in its memory and waits.
pub(crate) fn be_victim() {
    let secret = format!("{SECRET} in memory");
    println!("{}", secret.as_ptr() as usize);
    let _ended = std::io::stdin().read(&mut [0]);
    drop(secret);
}

pub(crate) fn is_root() -> bool {
    unsafe { libc::geteuid() == 0 }
}

fn first_line(source: &mut impl std::io::Read) -> String {
    let mut line = String::new();
    let mut byte = [0];
    while source.read_exact(&mut byte).is_ok() && byte != [b'\n'] {
        line.push(byte[0] as char);
    }
    line
}

/// Makes a descriptor of a path's folder, as attempts that work relatively want it.
pub(crate) fn folder_of(path: &Path) -> std::io::Result<(fs::File, i32)> {
    let folder = fs::File::open(path.parent().unwrap())?;
    let number = folder.as_raw_fd();
    Ok((folder, number))
}
