//! The system calls that a confined process may not make, with their numbers on each machine. Judges none of them.

/// A processor whose numbers of system calls are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Machine {
    /// 64-bit x86.
    X86,
    /// 64-bit ARM.
    Arm,
}

/// When a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Whatever was asked for.
    Always,
    /// Unless processes may trace each other.
    Untraced,
    /// When no namespace of its own holds what the call would reach.
    Bare,
}

/// A call that is refused by its number alone.
pub(crate) struct Call {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests compare the numbers with those of the system by name")
    )]
    pub(crate) name: &'static str,
    pub(crate) x86: Option<u32>,
    pub(crate) arm: Option<u32>,
    pub(crate) when: When,
}

impl Call {
    pub(crate) fn number(&self, machine: Machine) -> Option<u32> {
        match machine {
            Machine::X86 => self.x86,
            Machine::Arm => self.arm,
        }
    }
}

const fn both(name: &'static str, x86: u32, arm: u32) -> Call {
    Call { name, x86: Some(x86), arm: Some(arm), when: When::Always }
}

const fn same(name: &'static str, number: u32) -> Call {
    both(name, number, number)
}

const fn only_x86(name: &'static str, x86: u32) -> Call {
    Call { name, x86: Some(x86), arm: None, when: When::Always }
}

const fn untraced(name: &'static str, x86: u32, arm: u32) -> Call {
    Call { name, x86: Some(x86), arm: Some(arm), when: When::Untraced }
}

const fn bare(name: &'static str, x86: u32, arm: u32) -> Call {
    Call { name, x86: Some(x86), arm: Some(arm), when: When::Bare }
}

/// What no program of ordinary work asks for, and what would lead out.
pub(crate) const REFUSED: &[Call] = &[
    // Mounts, roots and namespaces.
    both("mount", 165, 40),
    both("umount2", 166, 39),
    both("pivot_root", 155, 41),
    both("chroot", 161, 51),
    both("setns", 308, 268),
    same("open_tree", 428),
    same("move_mount", 429),
    same("fsopen", 430),
    same("fsconfig", 431),
    same("fsmount", 432),
    same("fspick", 433),
    same("mount_setattr", 442),
    same("statmount", 457),
    same("listmount", 458),
    same("open_tree_attr", 467),
    // Files by number instead of by name.
    both("name_to_handle_at", 303, 264),
    both("open_by_handle_at", 304, 265),
    both("lookup_dcookie", 212, 18),
    both("fanotify_init", 300, 262),
    both("fanotify_mark", 301, 263),
    // Other processes.
    untraced("ptrace", 101, 117),
    untraced("process_vm_readv", 310, 270),
    untraced("process_vm_writev", 311, 271),
    both("kcmp", 312, 272),
    same("pidfd_getfd", 438),
    both("move_pages", 279, 239),
    both("migrate_pages", 256, 238),
    // Keys of the user.
    both("add_key", 248, 217),
    both("request_key", 249, 218),
    both("keyctl", 250, 219),
    // Large doors into the kernel. The ring would also walk around the rules for sockets.
    both("bpf", 321, 280),
    both("perf_event_open", 298, 241),
    both("userfaultfd", 323, 282),
    same("io_uring_setup", 425),
    same("io_uring_enter", 426),
    same("io_uring_register", 427),
    // The machine itself.
    both("acct", 163, 89),
    both("adjtimex", 159, 171),
    both("clock_adjtime", 305, 266),
    both("clock_settime", 227, 112),
    both("settimeofday", 164, 170),
    both("init_module", 175, 105),
    both("finit_module", 313, 273),
    both("delete_module", 176, 106),
    both("kexec_load", 246, 104),
    both("kexec_file_load", 320, 294),
    both("nfsservctl", 180, 42),
    both("quotactl", 179, 60),
    same("quotactl_fd", 443),
    both("reboot", 169, 142),
    both("sethostname", 170, 161),
    both("setdomainname", 171, 162),
    both("swapon", 167, 224),
    both("swapoff", 168, 225),
    both("syslog", 103, 116),
    both("vhangup", 153, 58),
    only_x86("_sysctl", 156),
    only_x86("create_module", 174),
    only_x86("get_kernel_syms", 177),
    only_x86("ioperm", 173),
    only_x86("iopl", 172),
    only_x86("modify_ldt", 154),
    only_x86("query_module", 178),
    only_x86("sysfs", 139),
    only_x86("uselib", 134),
    // What reaches past the rules for files and is held by mounts and namespaces where there are any.
    bare("setxattr", 188, 5),
    bare("lsetxattr", 189, 6),
    bare("fsetxattr", 190, 7),
    bare("removexattr", 197, 14),
    bare("lremovexattr", 198, 15),
    bare("fremovexattr", 199, 16),
    bare("setxattrat", 463, 463),
    bare("removexattrat", 466, 466),
    bare("file_setattr", 469, 469),
    bare("inotify_add_watch", 254, 27),
    bare("shmget", 29, 194),
    bare("shmat", 30, 196),
    bare("semget", 64, 190),
    bare("msgget", 68, 186),
    bare("mq_open", 240, 180),
];

/// The numbers of the calls that are judged by their arguments.
pub(crate) struct Judged {
    pub(crate) clone: u32,
    pub(crate) clone3: u32,
    pub(crate) unshare: u32,
    pub(crate) ioctl: u32,
    pub(crate) socket: u32,
    pub(crate) socketpair: u32,
    pub(crate) sendto: u32,
    pub(crate) sendmsg: u32,
    pub(crate) sendmmsg: u32,
    pub(crate) prlimit: u32,
    pub(crate) memfd_create: u32,
}

pub(crate) const JUDGED_X86: Judged = Judged {
    clone: 56,
    clone3: 435,
    unshare: 272,
    ioctl: 16,
    socket: 41,
    socketpair: 53,
    sendto: 44,
    sendmsg: 46,
    sendmmsg: 307,
    prlimit: 302,
    memfd_create: 319,
};

pub(crate) const JUDGED_ARM: Judged = Judged {
    clone: 220,
    clone3: 435,
    unshare: 97,
    ioctl: 29,
    socket: 198,
    socketpair: 199,
    sendto: 206,
    sendmsg: 211,
    sendmmsg: 269,
    prlimit: 261,
    memfd_create: 279,
};
