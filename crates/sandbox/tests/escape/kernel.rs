//! Attempts on the kernel itself: mounts, namespaces, keys, modules and other large doors.

use std::fs::File;
use std::os::fd::AsRawFd as _;

use crate::attempt::{Attempt, Outcome, attempt, if_ok};
use crate::calls::{apart, asked, call, word};

const NEW_USER: usize = libc::CLONE_NEWUSER as usize;

pub(crate) const ALL: &[Attempt] = &[
    attempt("mount_something", |it| {
        let kind = word("tmpfs");
        asked(libc::SYS_mount, &[kind, word(it.work("src")), kind, 0, 0])
    }),
    attempt("bind_something", |it| {
        let bind = libc::MS_BIND as usize;
        asked(libc::SYS_mount, &[word(it.outside("")), word(it.work("src")), 0, bind, 0])
    }),
    attempt("mount_by_the_new_calls", |_| asked(libc::SYS_fsopen, &[word("tmpfs"), 0])),
    attempt("copy_a_tree_of_mounts", |it| {
        asked(libc::SYS_open_tree, &[libc::AT_FDCWD as usize, word(it.work("src")), 1])
    }),
    attempt("another_root", |it| asked(libc::SYS_chroot, &[word(it.work("src"))])),
    attempt("turn_the_root", |it| asked(libc::SYS_pivot_root, &[word(it.work("src")), word(it.work("src"))])),
    attempt("a_namespace_of_users", |_| {
        let made = apart(|| i32::from(call(libc::SYS_unshare, &[NEW_USER]).is_ok()));
        if made == 1 { Outcome::Escaped("made".to_string()) } else { Outcome::Held(format!("{made}")) }
    }),
    attempt("a_namespace_of_mounts", |_| asked(libc::SYS_unshare, &[libc::CLONE_NEWNS as usize])),
    attempt("a_namespace_of_network", |_| asked(libc::SYS_unshare, &[libc::CLONE_NEWNET as usize])),
    attempt("a_namespace_by_clone", |_| {
        let made = apart(|| match call(libc::SYS_clone, &[NEW_USER | libc::SIGCHLD as usize]) {
            Ok(0) => unsafe { libc::_exit(0) },
            made => i32::from(made.is_ok()),
        });
        if made == 1 { Outcome::Escaped("made".to_string()) } else { Outcome::Held(format!("{made}")) }
    }),
    attempt("a_namespace_by_clone3", |_| {
        // Flags, then the signal at the end in the fifth place.
        let made = apart(|| {
            let arguments = [NEW_USER as u64, 0, 0, 0, libc::SIGCHLD as u64, 0, 0, 0];
            match call(libc::SYS_clone3, &[arguments.as_ptr() as usize, size_of_val(&arguments)]) {
                Ok(0) => unsafe { libc::_exit(0) },
                made => i32::from(made.is_ok()),
            }
        });
        if made == 1 { Outcome::Escaped("made".to_string()) } else { Outcome::Held(format!("{made}")) }
    }),
    attempt("enter_a_namespace", |_| {
        let own = File::open("/proc/self/ns/mnt").map(|file| file.as_raw_fd()).unwrap_or(0);
        asked(libc::SYS_setns, &[own as usize, 0])
    }),
    attempt("a_key_of_the_user", |_| {
        // The keyring of the user, by its number that means "mine".
        let (ring, read) = ((-4isize) as usize, 0);
        asked(libc::SYS_keyctl, &[read, ring, 1])
    }),
    attempt("a_new_key", |_| {
        let ring = (-2isize) as usize;
        asked(libc::SYS_add_key, &[word("user"), word("mine"), word("x"), 1, ring])
    }),
    attempt("ask_for_a_key", |_| asked(libc::SYS_request_key, &[word("user"), word("mine"), 0, 0])),
    attempt("a_program_in_the_kernel", |_| {
        // A map of one entry: what the smallest of them begins with.
        let attributes = [2u32, 4, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        asked(libc::SYS_bpf, &[0, attributes.as_ptr() as usize, size_of_val(&attributes)])
    }),
    attempt("count_events_of_the_machine", |_| {
        let mut attributes = [0u32; 32];
        attributes[1] = 128;
        asked(libc::SYS_perf_event_open, &[attributes.as_ptr() as usize, 0, usize::MAX, usize::MAX, 0])
    }),
    attempt("a_ring_of_calls", |_| {
        let parameters = [0u32; 30];
        asked(libc::SYS_io_uring_setup, &[1, parameters.as_ptr() as usize])
    }),
    attempt("serve_ones_own_faults", |_| asked(libc::SYS_userfaultfd, &[0])),
    attempt("another_kernel", |_| asked(libc::SYS_kexec_load, &[0, usize::MAX, 0, usize::MAX])),
    attempt("a_module", |_| asked(libc::SYS_init_module, &[0, 0, 0])),
    attempt("a_module_from_a_file", |_| asked(libc::SYS_finit_module, &[usize::MAX, 0, 0])),
    attempt("remove_a_module", |_| asked(libc::SYS_delete_module, &[word("no-such-module"), 0])),
    attempt("memory_on_disk", |it| asked(libc::SYS_swapon, &[word(it.work("no-such-file")), 0])),
    attempt("another_name_for_the_machine", |_| asked(libc::SYS_sethostname, &[0, usize::MAX])),
    attempt("another_time", |_| asked(libc::SYS_clock_settime, &[0, 0])),
    attempt("read_the_log_of_the_kernel", |_| asked(libc::SYS_syslog, &[10, 0, 0])),
    attempt("quotas", |_| asked(libc::SYS_quotactl, &[0, 0, 0, 0])),
    attempt("restart_the_machine", |_| asked(libc::SYS_reboot, &[0, 0, 0, 0])),
    attempt("watch_everything", |_| asked(libc::SYS_fanotify_init, &[0, 0])),
    attempt("put_words_into_a_terminal", |_| {
        // A terminal of its own, so that nobody is disturbed; the call would be the same.
        let terminal = File::open("/dev/ptmx").map(|file| file.as_raw_fd()).unwrap_or(-1);
        let byte = b'x';
        asked(libc::SYS_ioctl, &[terminal as usize, libc::TIOCSTI as usize, &raw const byte as usize])
    }),
    attempt("screen_of_the_console", |_| {
        let byte = 0u8;
        asked(libc::SYS_ioctl, &[0, 0x541C, &raw const byte as usize])
    }),
    #[cfg(target_arch = "x86_64")]
    attempt("ports_of_the_machine", |_| asked(libc::SYS_iopl, &[0])),
    #[cfg(target_arch = "x86_64")]
    attempt("segments_of_memory", |_| asked(libc::SYS_modify_ldt, &[0, 0, 0])),
    #[cfg(target_arch = "x86_64")]
    attempt("calls_of_the_x32_interface", |it| {
        let open = 0x4000_0000 | libc::SYS_mkdir;
        if_ok("made", call(open, &[word(it.work("x32")), 0o755]))
    }),
    #[cfg(target_arch = "x86_64")]
    attempt("calls_of_the_32_bit_interface", |_| {
        let ended = apart(|| {
            let mut number: i64 = 20;
            // `getpid` of 32-bit x86; whatever it gives, it was let through.
            unsafe {
                std::arch::asm!("int 0x80", inout("rax") number, out("r8") _, out("r9") _, out("r10") _, out("r11") _)
            };
            if number > 0 { 1 } else { 2 }
        });
        if ended == 1 {
            Outcome::Escaped("answered".to_string())
        } else {
            Outcome::Held(format!("ended {ended}"))
        }
    }),
    attempt("loosen_the_filter", |_| {
        // A second filter that allows everything; the first must still hold.
        let allow = [0x06u16, 0, 0, 0x7fff];
        let program = (1u64, allow.as_ptr() as u64);
        let filter = [program.0, program.1];
        let added = call(libc::SYS_prctl, &[libc::PR_SET_SECCOMP as usize, 2, filter.as_ptr() as usize]);
        let Outcome::Held(why) = asked(libc::SYS_keyctl, &[0, (-4isize) as usize, 1]) else {
            return Outcome::Escaped(format!("{added:?}"));
        };
        Outcome::Held(why)
    }),
    attempt("privileges_over_the_machine", |_| {
        // `SYS_ADMIN`, `SYS_PTRACE`, `SYS_MODULE`, `NET_ADMIN`, `DAC_READ_SEARCH`, `MKNOD`, `SYS_RAWIO`.
        let wanted = 1u64 << 21 | 1 << 19 | 1 << 16 | 1 << 12 | 1 << 2 | 1 << 27 | 1 << 17;
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            u64::from_str_radix(line.unwrap_or("0").trim(), 16).unwrap_or(0)
        };
        let has = (of("CapEff:") | of("CapPrm:")) & wanted;
        if has == 0 { Outcome::Held("none".to_string()) } else { Outcome::Escaped(format!("{has:#x}")) }
    }),
];
