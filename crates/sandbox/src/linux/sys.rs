//! The system calls of the sandbox, each behind a safe function. Every one may be made between fork and exec.
#![expect(
    unsafe_code,
    reason = "system calls that no safe library offers for a forked child. None of these functions allocates, takes a \
              lock or panics. Every pointer that is handed over points to a live value of the type that the call \
              reads or writes, for as long as the call takes; the two that fork say what the child may do"
)]

use std::ffi::CStr;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use super::landlock::Held;
use super::seccomp::Instruction;

/// The number of an error.
pub(crate) type Errno = i32;

/// A result of a call.
pub(crate) type Sys<T> = Result<T, Errno>;

fn errno() -> Errno {
    io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

fn done<T: From<i8> + PartialOrd>(result: T) -> Sys<T> {
    if result < T::from(0) { Err(errno()) } else { Ok(result) }
}

/// Which of the two processes a fork returned in.
pub(crate) enum Side {
    /// The new one.
    Child,
    /// The old one, with the number of the new one.
    Parent(i32),
}

/// Forks without the handlers that a library may have registered. Until it execs or ends, the child may call
/// nothing but what is in this file.
pub(crate) fn fork() -> Sys<Side> {
    let zero: libc::c_ulong = 0;
    let id = done(unsafe {
        libc::syscall(libc::SYS_clone, libc::SIGCHLD as libc::c_ulong, zero, zero, zero, zero)
    })?;
    Ok(if id == 0 { Side::Child } else { Side::Parent(i32::try_from(id).unwrap_or(i32::MAX)) })
}

/// Ends this process without running anything else.
pub(crate) fn exit(code: i32) -> ! {
    unsafe { libc::_exit(code) }
}

/// Ends this process by a signal, as the process that it stands for ended.
pub(crate) fn die_by(signal: i32) -> ! {
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        let _mask = unblock_all();
        libc::kill(libc::getpid(), signal);
    }
    exit(128 + signal)
}

pub(crate) fn unshare(flags: i32) -> Sys<()> {
    done(unsafe { libc::unshare(flags) }).map(drop)
}

pub(crate) fn set_session() -> Sys<()> {
    done(unsafe { libc::setsid() }).map(drop)
}

pub(crate) fn user_and_group() -> (u32, u32) {
    unsafe { (libc::geteuid(), libc::getegid()) }
}

pub(crate) fn mount(
    source: Option<&CStr>,
    target: &CStr,
    kind: Option<&CStr>,
    flags: libc::c_ulong,
    options: Option<&CStr>,
) -> Sys<()> {
    let pointer = |text: Option<&CStr>| text.map_or(ptr::null(), CStr::as_ptr);
    let options = pointer(options).cast();
    done(unsafe { libc::mount(pointer(source), target.as_ptr(), pointer(kind), flags, options) }).map(drop)
}

/// Attributes of mounts, by their bits in `mount_setattr`.
pub(crate) mod attribute {
    pub(crate) const READ_ONLY: u64 = 1;
    pub(crate) const NO_SETUID: u64 = 2;
    pub(crate) const NO_DEVICES: u64 = 4;
    pub(crate) const NO_EXECUTION: u64 = 8;
}

#[repr(C)]
struct MountAttributes {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

/// Adds attributes to a mount, and to everything mounted below it unless `alone`.
pub(crate) fn set_attributes(target: &CStr, set: u64, alone: bool) -> Sys<()> {
    let attributes = MountAttributes { set, clear: 0, propagation: 0, user_namespace: 0 };
    let recursive: libc::c_uint = if alone { 0 } else { 0x8000 };
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            target.as_ptr(),
            recursive,
            ptr::from_ref(&attributes),
            size_of::<MountAttributes>(),
        )
    };
    done(result).map(drop)
}

/// Makes the working directory, which is a mount, the root, and lets go of the old root.
pub(crate) fn make_this_the_root() -> Sys<()> {
    let here = c".";
    done(unsafe { libc::syscall(libc::SYS_pivot_root, here.as_ptr(), here.as_ptr()) })?;
    done(unsafe { libc::umount2(here.as_ptr(), libc::MNT_DETACH) })?;
    change_directory(c"/")
}

pub(crate) fn change_directory(path: &CStr) -> Sys<()> {
    done(unsafe { libc::chdir(path.as_ptr()) }).map(drop)
}

/// Makes a folder, unless something is there.
pub(crate) fn make_directory(path: &CStr) -> Sys<()> {
    unless_there(done(unsafe { libc::mkdir(path.as_ptr(), 0o755) }).map(drop))
}

/// Makes an empty file, unless something is there.
pub(crate) fn make_file(path: &CStr) -> Sys<()> {
    let flags = libc::O_CREAT | libc::O_EXCL | libc::O_WRONLY | libc::O_CLOEXEC;
    unless_there(done(unsafe { libc::open(path.as_ptr(), flags, 0o644) }).map(close))
}

/// Makes a link, unless something is there.
pub(crate) fn make_link(text: &CStr, path: &CStr) -> Sys<()> {
    unless_there(done(unsafe { libc::symlink(text.as_ptr(), path.as_ptr()) }).map(drop))
}

fn unless_there(result: Sys<()>) -> Sys<()> {
    match result {
        // On a file system that is read-only the answer hides whether it is there; the mount onto it will tell.
        Err(libc::EEXIST | libc::EROFS) => Ok(()),
        other => other,
    }
}

/// A descriptor that names a file without opening it.
pub(crate) fn open_path(path: &CStr) -> Sys<OwnedFd> {
    let descriptor = done(unsafe { libc::open(path.as_ptr(), libc::O_PATH | libc::O_CLOEXEC) })?;
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Writes a short text into a file that is there.
pub(crate) fn write_file(path: &CStr, text: &[u8]) -> Sys<()> {
    let descriptor = done(unsafe { libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC) })?;
    let written = done(unsafe { libc::write(descriptor, text.as_ptr().cast(), text.len()) });
    close(descriptor);
    if usize::try_from(written?) == Ok(text.len()) { Ok(()) } else { Err(libc::EIO) }
}

/// Reads the beginning of a file; how much it was.
pub(crate) fn read_file(path: &CStr, buffer: &mut [u8]) -> Sys<usize> {
    let descriptor = done(unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) })?;
    let count = done(unsafe { libc::read(descriptor, buffer.as_mut_ptr().cast(), buffer.len()) });
    close(descriptor);
    Ok(usize::try_from(count?).unwrap_or(0))
}

fn close(descriptor: RawFd) {
    unsafe {
        libc::close(descriptor);
    }
}

/// Closes every descriptor of this process, now.
pub(crate) fn close_everything() {
    unsafe {
        libc::close_range(0, libc::c_uint::MAX, 0);
    }
}

/// Closes all but the three usual descriptors when another program begins.
pub(crate) fn close_leftovers_on_exec() -> Sys<()> {
    let flag = libc::CLOSE_RANGE_CLOEXEC as libc::c_int;
    done(unsafe { libc::close_range(3, libc::c_uint::MAX, flag) }).map(drop)
}

fn control(option: i32, value: libc::c_ulong) -> Sys<()> {
    let zero: libc::c_ulong = 0;
    done(unsafe { libc::prctl(option, value, zero, zero, zero) }).map(drop)
}

/// Asks for a signal when whoever started this process ends.
pub(crate) fn die_with_parent(signal: i32) -> Sys<()> {
    control(libc::PR_SET_PDEATHSIG, signal as libc::c_ulong)
}

/// Makes this process the parent of everything below it that loses its own.
pub(crate) fn adopt_orphans() -> Sys<()> {
    control(libc::PR_SET_CHILD_SUBREAPER, 1)
}

/// Lets nobody look into this process, and makes no image of it when it fails.
pub(crate) fn hide_memory() -> Sys<()> {
    control(libc::PR_SET_DUMPABLE, 0)
}

pub(crate) fn no_new_privileges() -> Sys<()> {
    control(libc::PR_SET_NO_NEW_PRIVS, 1)
}

#[repr(C)]
struct Filter {
    length: libc::c_ushort,
    instructions: *const Instruction,
}

/// Installs a filter of system calls. It holds until the end of the process and in everything that it starts.
pub(crate) fn install_filter(program: &[Instruction]) -> Sys<()> {
    let length = libc::c_ushort::try_from(program.len()).map_err(|_| libc::E2BIG)?;
    let filter = Filter { length, instructions: program.as_ptr() };
    let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
    let zero: libc::c_ulong = 0;
    let pointer = ptr::from_ref(&filter);
    done(unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, pointer, zero, zero) }).map(drop)
}

/// The newest version of Landlock that the kernel has switched on.
pub(crate) fn landlock_version() -> Option<u32> {
    let (none, zero, version): (*const Held, usize, u32) = (ptr::null(), 0, 1);
    let number = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, none, zero, version) };
    u32::try_from(number).ok().filter(|number| *number > 0)
}

/// An empty set of rules that holds this.
pub(crate) fn landlock_rules(held: &Held, size: usize) -> Sys<OwnedFd> {
    let none: u32 = 0;
    let size = size.min(size_of::<Held>());
    let number =
        done(unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, ptr::from_ref(held), size, none) })?;
    let descriptor = RawFd::try_from(number).map_err(|_| libc::EBADF)?;
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

#[repr(C, packed)]
struct BelowPath {
    rights: u64,
    descriptor: i32,
}

#[repr(C)]
struct Port {
    rights: u64,
    port: u64,
}

/// Grants rights to a file, or to a folder and what lies below it.
pub(crate) fn landlock_grant(rules: BorrowedFd<'_>, path: BorrowedFd<'_>, rights: u64) -> Sys<()> {
    let rule = BelowPath { rights, descriptor: path.as_raw_fd() };
    landlock_add(rules, 1, ptr::from_ref(&rule).cast())
}

/// Grants rights to a port, whatever machine it is on.
pub(crate) fn landlock_grant_port(rules: BorrowedFd<'_>, port: u16, rights: u64) -> Sys<()> {
    let rule = Port { rights, port: u64::from(port) };
    landlock_add(rules, 2, ptr::from_ref(&rule).cast())
}

fn landlock_add(rules: BorrowedFd<'_>, kind: u32, rule: *const libc::c_void) -> Sys<()> {
    let none: u32 = 0;
    done(unsafe { libc::syscall(libc::SYS_landlock_add_rule, rules.as_raw_fd(), kind, rule, none) }).map(drop)
}

/// Holds this process, and everything that it starts, to the rules.
pub(crate) fn landlock_enter(rules: BorrowedFd<'_>) -> Sys<()> {
    let none: u32 = 0;
    done(unsafe { libc::syscall(libc::SYS_landlock_restrict_self, rules.as_raw_fd(), none) }).map(drop)
}

#[repr(C)]
struct PrivilegesHead {
    version: u32,
    process: i32,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Privileges {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Lets go of every privilege that is not in `kept`, for good.
pub(crate) fn drop_privileges(kept: u64) -> Sys<()> {
    let zero: libc::c_ulong = 0;
    for number in 0..64 {
        if kept & (1 << number) == 0
            && done(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, number as libc::c_ulong, zero, zero, zero) })
                .is_err()
        {
            // Past the last one that the kernel knows, or not ours to drop; then it is not ours to use either.
            break;
        }
    }
    let (low, high) = ((kept & 0xffff_ffff) as u32, (kept >> 32) as u32);
    let head = PrivilegesHead { version: 0x2008_0522, process: 0 };
    let mut now = [Privileges { effective: 0, permitted: 0, inheritable: 0 }; 2];
    done(unsafe { libc::syscall(libc::SYS_capget, ptr::from_ref(&head), now.as_mut_ptr()) })?;
    let [first, second] = now;
    let part = |had: Privileges, keep: u32| Privileges {
        effective: had.permitted & keep,
        permitted: had.permitted & keep,
        inheritable: 0,
    };
    let kept = [part(first, low), part(second, high)];
    done(unsafe { libc::syscall(libc::SYS_capset, ptr::from_ref(&head), kept.as_ptr()) }).map(drop)
}

/// A limit and its number for the system.
pub(crate) type Limit = (libc::__rlimit_resource_t, u64, u64);

/// Sets a limit, at most as high as it may be.
pub(crate) fn set_limit((resource, soft, hard): Limit) -> Sys<()> {
    let mut now = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    done(unsafe { libc::getrlimit(resource, &raw mut now) })?;
    let limit = libc::rlimit { rlim_cur: soft.min(now.rlim_max), rlim_max: hard.min(now.rlim_max) };
    done(unsafe { libc::setrlimit(resource, &raw const limit) }).map(drop)
}

/// Blocks every signal that can be blocked.
pub(crate) fn block_all() -> Sys<()> {
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        done(libc::sigprocmask(libc::SIG_SETMASK, &raw const all, ptr::null_mut())).map(drop)
    }
}

/// Blocks none.
pub(crate) fn unblock_all() -> Sys<()> {
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        done(libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut())).map(drop)
    }
}

/// Waits for a child to end or for the request to end, both blocked; says which it was, if any.
pub(crate) fn wait_signal(limit: Option<Duration>) -> Option<i32> {
    unsafe {
        let mut awaited: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut awaited);
        libc::sigaddset(&raw mut awaited, libc::SIGCHLD);
        libc::sigaddset(&raw mut awaited, libc::SIGTERM);
        let information = ptr::null_mut();
        let signal = match limit {
            None => libc::sigwaitinfo(&raw const awaited, information),
            Some(limit) => {
                let limit = libc::timespec {
                    tv_sec: limit.as_secs() as libc::time_t,
                    tv_nsec: libc::c_long::from(limit.subsec_nanos()),
                };
                libc::sigtimedwait(&raw const awaited, information, &raw const limit)
            }
        };
        (signal > 0).then_some(signal)
    }
}

/// Who ended.
pub(crate) enum Waited {
    /// This child, with this status.
    Ended(i32, i32),
    /// None of them yet.
    Nobody,
    /// There are no children.
    NoChildren,
}

/// Looks whether a child has ended; blocks until one has, when asked to.
pub(crate) fn wait_child(block: bool) -> Waited {
    let mut status = 0;
    let flags = if block { 0 } else { libc::WNOHANG };
    loop {
        match done(unsafe { libc::waitpid(-1, &raw mut status, flags | libc::__WALL) }) {
            Ok(0) => return Waited::Nobody,
            Ok(id) => return Waited::Ended(id, status),
            Err(libc::EINTR) => {}
            Err(_) => return Waited::NoChildren,
        }
    }
}

/// Waits for one child of this process; its status.
pub(crate) fn wait_for(id: i32) -> Sys<i32> {
    let mut status = 0;
    loop {
        match done(unsafe { libc::waitpid(id, &raw mut status, libc::__WALL) }) {
            Ok(_) => return Ok(status),
            Err(libc::EINTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// The exit code in a status, or the signal.
pub(crate) fn exit_code(status: i32) -> Result<i32, i32> {
    if libc::WIFSIGNALED(status) { Err(libc::WTERMSIG(status)) } else { Ok(libc::WEXITSTATUS(status)) }
}

/// Sends a signal to one process, or to all that can be seen with −1.
pub(crate) fn kill(id: i32, signal: i32) -> Sys<()> {
    done(unsafe { libc::kill(id, signal) }).map(drop)
}

/// How long the machine has been running.
pub(crate) fn now() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time);
    }
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}

/// Switches the loopback device of this network namespace on.
pub(crate) fn raise_loopback() -> Sys<()> {
    let socket = done(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) })?;
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
    let result = done(unsafe { libc::ioctl(socket, libc::SIOCSIFFLAGS as _, &raw const request) });
    close(socket);
    result.map(drop)
}

/// A listener on this port of the loopback address of this network namespace.
pub(crate) fn listen_on_loopback(port: u16) -> Sys<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
    let socket = done(unsafe { libc::socket(libc::AF_INET, kind, 0) })?;
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    let mut address: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    address.sin_family = libc::AF_INET as libc::sa_family_t;
    address.sin_port = port.to_be();
    address.sin_addr.s_addr = u32::from(std::net::Ipv4Addr::LOCALHOST).to_be();
    let size = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    done(unsafe { libc::bind(socket.as_raw_fd(), ptr::from_ref(&address).cast(), size) })?;
    done(unsafe { libc::listen(socket.as_raw_fd(), 128) })?;
    Ok(socket)
}

/// Room for one descriptor in a message, laid out as the system wants it.
#[repr(C)]
struct OneDescriptor {
    head: libc::cmsghdr,
    descriptor: RawFd,
    rest: [u8; 4],
}

/// Sends a descriptor through a pair of sockets.
pub(crate) fn send_descriptor(through: BorrowedFd<'_>, descriptor: BorrowedFd<'_>) -> Sys<()> {
    let mut byte = [1u8];
    let mut data = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    let mut one: OneDescriptor = unsafe { std::mem::zeroed() };
    one.head.cmsg_len = size_of::<libc::cmsghdr>() + size_of::<RawFd>();
    one.head.cmsg_level = libc::SOL_SOCKET;
    one.head.cmsg_type = libc::SCM_RIGHTS;
    one.descriptor = descriptor.as_raw_fd();
    message.msg_iov = &raw mut data;
    message.msg_iovlen = 1;
    message.msg_control = (&raw mut one).cast();
    message.msg_controllen = size_of::<OneDescriptor>();
    done(unsafe { libc::sendmsg(through.as_raw_fd(), &raw const message, libc::MSG_NOSIGNAL) }).map(drop)
}

/// Takes the listener that was sent, if one was. Does not wait.
pub(crate) fn take_listener(through: BorrowedFd<'_>) -> Sys<TcpListener> {
    let mut byte = [0u8];
    let mut data = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    let mut one: OneDescriptor = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut data;
    message.msg_iovlen = 1;
    message.msg_control = (&raw mut one).cast();
    message.msg_controllen = size_of::<OneDescriptor>();
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
    done(unsafe { libc::recvmsg(through.as_raw_fd(), &raw mut message, flags) })?;
    let whole = one.head.cmsg_len == size_of::<libc::cmsghdr>() + size_of::<RawFd>();
    if !whole || one.head.cmsg_type != libc::SCM_RIGHTS || one.descriptor < 0 {
        return Err(libc::EBADMSG);
    }
    Ok(unsafe { TcpListener::from_raw_fd(one.descriptor) })
}

/// Lets a listener accept nobody any more, in whichever process or thread it is waited for.
pub(crate) fn end_listener(listener: BorrowedFd<'_>) {
    unsafe {
        libc::shutdown(listener.as_raw_fd(), libc::SHUT_RDWR);
    }
}

/// A page of memory that this process shares with everything that it forks. Begins as zeroes.
#[derive(Debug)]
pub(crate) struct SharedPage(ptr::NonNull<super::shared::Words>);

// The words are atomic, and the page lives as long as this value.
unsafe impl Send for SharedPage {}
unsafe impl Sync for SharedPage {}

impl SharedPage {
    pub(crate) fn new() -> Sys<SharedPage> {
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        let size = size_of::<super::shared::Words>();
        let page = unsafe { libc::mmap(ptr::null_mut(), size, protection, flags, -1, 0) };
        if page == libc::MAP_FAILED {
            return Err(errno());
        }
        ptr::NonNull::new(page.cast()).map(SharedPage).ok_or(libc::ENOMEM)
    }
}

impl std::ops::Deref for SharedPage {
    type Target = super::shared::Words;

    fn deref(&self) -> &super::shared::Words {
        unsafe { self.0.as_ref() }
    }
}

impl Drop for SharedPage {
    fn drop(&mut self) {
        unsafe {
            libc::munmap(self.0.as_ptr().cast(), size_of::<super::shared::Words>());
        }
    }
}
