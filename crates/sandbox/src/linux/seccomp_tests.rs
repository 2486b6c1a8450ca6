//! Runs the filter on calls by a small interpreter, for both machines. Installs nothing.

use super::*;

const OPEN: Wanted = Wanted {
    inet: Inet::All,
    unix_sockets: true,
    tracing: true,
    programs_from_memory: true,
    namespaces: true,
};

const SHUT: Wanted = Wanted {
    inet: Inet::None,
    unix_sockets: false,
    tracing: false,
    programs_from_memory: false,
    namespaces: false,
};

/// What the kernel would answer. Also counts that no jump leaves the program.
fn run(program: &[Instruction], machine: u32, number: u32, arguments: [u64; 6]) -> u32 {
    let (mut at, mut value) = (0usize, 0u32);
    for _ in 0..program.len() {
        let Instruction { code, if_true, if_false, k } = program[at];
        let jump = |holds: bool| if holds { usize::from(if_true) } else { usize::from(if_false) };
        at += 1;
        match code {
            LOAD => {
                value = match k {
                    NUMBER_AT => number,
                    MACHINE_AT => machine,
                    // The low half, as it lies on a little-endian machine.
                    _ => arguments[((k - ARGUMENTS_AT) / 8) as usize] as u32,
                }
            }
            AND => value &= k,
            JUMP_EQUAL => at += jump(value == k),
            JUMP_GREATER_EQUAL => at += jump(value >= k),
            JUMP_ANY_BIT => at += jump(value & k != 0),
            RETURN => return k,
            other => panic!("instruction {other:#x}"),
        }
    }
    panic!("the program does not end");
}

fn answer(machine: Machine, wanted: &Wanted, number: u32, arguments: [u64; 6]) -> u32 {
    let code = if machine == Machine::X86 { MACHINE_X86 } else { MACHINE_ARM };
    run(&filter(machine, wanted), code, number, arguments)
}

/// The same question to both machines.
fn check(wanted: &Wanted, call: fn(&Judged) -> u32, arguments: [u64; 6], expected: u32) {
    for (machine, judged) in [(Machine::X86, JUDGED_X86), (Machine::Arm, JUDGED_ARM)] {
        let said = answer(machine, wanted, call(&judged), arguments);
        assert_eq!(said, expected, "{machine:?} {wanted:?} {arguments:?}");
    }
}

#[test]
fn refused_by_number() {
    for machine in [Machine::X86, Machine::Arm] {
        for call in REFUSED {
            let Some(number) = call.number(machine) else { continue };
            let expected = |open: bool| if open { ALLOW } else { REFUSE };
            let always = call.when == When::Always;
            assert_eq!(answer(machine, &SHUT, number, [0; 6]), REFUSE, "{}", call.name);
            assert_eq!(answer(machine, &OPEN, number, [0; 6]), expected(!always), "{}", call.name);
        }
        // read, write, openat, execve, exit_group, futex, and a number that nobody has yet.
        let common: &[u32] = if machine == Machine::X86 {
            &[0, 1, 257, 59, 231, 202, 600]
        } else {
            &[63, 64, 56, 221, 94, 98, 600]
        };
        for number in common {
            assert_eq!(answer(machine, &SHUT, *number, [0; 6]), ALLOW, "{number}");
        }
    }
}

/// The numbers of the machine that runs the tests, against those that the system's headers say.
#[test]
fn the_numbers_are_those_of_the_system() {
    let machine = this_machine().expect("tests run on a machine that is known");
    let number = |name: &str| {
        let call = REFUSED.iter().find(|call| call.name == name).expect("is in the table");
        call.number(machine).map(libc::c_long::from)
    };
    let headers: &[(&str, libc::c_long)] = &[
        ("mount", libc::SYS_mount),
        ("umount2", libc::SYS_umount2),
        ("pivot_root", libc::SYS_pivot_root),
        ("chroot", libc::SYS_chroot),
        ("setns", libc::SYS_setns),
        ("open_tree", libc::SYS_open_tree),
        ("move_mount", libc::SYS_move_mount),
        ("fsopen", libc::SYS_fsopen),
        ("fsconfig", libc::SYS_fsconfig),
        ("fsmount", libc::SYS_fsmount),
        ("fspick", libc::SYS_fspick),
        ("mount_setattr", libc::SYS_mount_setattr),
        ("name_to_handle_at", libc::SYS_name_to_handle_at),
        ("open_by_handle_at", libc::SYS_open_by_handle_at),
        ("lookup_dcookie", libc::SYS_lookup_dcookie),
        ("fanotify_init", libc::SYS_fanotify_init),
        ("fanotify_mark", libc::SYS_fanotify_mark),
        ("ptrace", libc::SYS_ptrace),
        ("process_vm_readv", libc::SYS_process_vm_readv),
        ("process_vm_writev", libc::SYS_process_vm_writev),
        ("kcmp", libc::SYS_kcmp),
        ("pidfd_getfd", libc::SYS_pidfd_getfd),
        ("move_pages", libc::SYS_move_pages),
        ("migrate_pages", libc::SYS_migrate_pages),
        ("add_key", libc::SYS_add_key),
        ("request_key", libc::SYS_request_key),
        ("keyctl", libc::SYS_keyctl),
        ("bpf", libc::SYS_bpf),
        ("perf_event_open", libc::SYS_perf_event_open),
        ("userfaultfd", libc::SYS_userfaultfd),
        ("io_uring_setup", libc::SYS_io_uring_setup),
        ("io_uring_enter", libc::SYS_io_uring_enter),
        ("io_uring_register", libc::SYS_io_uring_register),
        ("acct", libc::SYS_acct),
        ("adjtimex", libc::SYS_adjtimex),
        ("clock_adjtime", libc::SYS_clock_adjtime),
        ("clock_settime", libc::SYS_clock_settime),
        ("settimeofday", libc::SYS_settimeofday),
        ("init_module", libc::SYS_init_module),
        ("finit_module", libc::SYS_finit_module),
        ("delete_module", libc::SYS_delete_module),
        ("kexec_load", libc::SYS_kexec_load),
        ("kexec_file_load", libc::SYS_kexec_file_load),
        ("nfsservctl", libc::SYS_nfsservctl),
        ("quotactl", libc::SYS_quotactl),
        ("reboot", libc::SYS_reboot),
        ("sethostname", libc::SYS_sethostname),
        ("setdomainname", libc::SYS_setdomainname),
        ("swapon", libc::SYS_swapon),
        ("swapoff", libc::SYS_swapoff),
        ("syslog", libc::SYS_syslog),
        ("vhangup", libc::SYS_vhangup),
        ("setxattr", libc::SYS_setxattr),
        ("lsetxattr", libc::SYS_lsetxattr),
        ("fsetxattr", libc::SYS_fsetxattr),
        ("removexattr", libc::SYS_removexattr),
        ("lremovexattr", libc::SYS_lremovexattr),
        ("fremovexattr", libc::SYS_fremovexattr),
        ("inotify_add_watch", libc::SYS_inotify_add_watch),
        ("shmget", libc::SYS_shmget),
        ("shmat", libc::SYS_shmat),
        ("semget", libc::SYS_semget),
        ("msgget", libc::SYS_msgget),
        ("mq_open", libc::SYS_mq_open),
    ];
    for (name, expected) in headers {
        assert_eq!(number(name), Some(*expected), "{name}");
    }
    let judged = if machine == Machine::X86 { JUDGED_X86 } else { JUDGED_ARM };
    let pairs = [
        (judged.clone, libc::SYS_clone),
        (judged.clone3, libc::SYS_clone3),
        (judged.unshare, libc::SYS_unshare),
        (judged.ioctl, libc::SYS_ioctl),
        (judged.socket, libc::SYS_socket),
        (judged.socketpair, libc::SYS_socketpair),
        (judged.sendto, libc::SYS_sendto),
        (judged.sendmsg, libc::SYS_sendmsg),
        (judged.sendmmsg, libc::SYS_sendmmsg),
        (judged.prlimit, libc::SYS_prlimit64),
        (judged.memfd_create, libc::SYS_memfd_create),
    ];
    assert!(pairs.iter().all(|(ours, theirs)| libc::c_long::from(*ours) == *theirs));
}

#[test]
fn another_machine_or_interface_is_not_served() {
    let program = filter(Machine::X86, &OPEN);
    assert_eq!(run(&program, 0x4000_0003, 1, [0; 6]), KILL, "32-bit x86");
    assert_eq!(run(&program, MACHINE_X86, X32_BIT | 165, [0; 6]), NOT_THERE);
    assert_eq!(run(&program, MACHINE_X86, X32_BIT | 1, [0; 6]), NOT_THERE);
    assert_eq!(run(&program, MACHINE_X86, u32::MAX, [0; 6]), NOT_THERE);
    assert_eq!(run(&filter(Machine::Arm, &OPEN), 0x4000_0028, 1, [0; 6]), KILL, "32-bit ARM");
}

#[test]
fn namespaces_are_refused_and_threads_are_not() {
    let first = |value: u64| [value, 0, 0, 0, 0, 0];
    // A thread as libraries make it, a fork, a fork that shares memory.
    for flags in [0x3D_0F00, 0x0120_0011, 0x4111] {
        check(&SHUT, |c| c.clone, first(flags), ALLOW);
    }
    for bit in [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000] {
        check(&OPEN, |c| c.clone, first(bit | 0x11), REFUSE);
        check(&OPEN, |c| c.unshare, first(bit), REFUSE);
        check(&OPEN, |c| c.clone, first(bit | 0xffff_ffff_0000_0000), REFUSE);
    }
    check(&OPEN, |c| c.unshare, first(0x80), REFUSE);
    check(&OPEN, |c| c.unshare, first(0x200), ALLOW);
    check(&OPEN, |c| c.clone3, [0; 6], NOT_THERE);
}

#[test]
fn sockets() {
    let of = |domain: u64, kind: u64, protocol: u64| [domain, kind, protocol, 0, 0, 0];
    let tcp = Wanted { inet: Inet::TcpOnly, ..SHUT };
    let with_unix = Wanted { unix_sockets: true, ..SHUT };
    let stream = 1 | 0o2_000_000 | 0o4_000;
    for domain in [0, 3, 4, 5, 9, 15, 17, 21, 31, 38, 40, 44] {
        for wanted in [&SHUT, &tcp, &OPEN] {
            check(wanted, |c| c.socket, of(domain, 1, 0), REFUSE);
        }
    }
    for inet in [2, 10] {
        check(&SHUT, |c| c.socket, of(inet, stream, 0), REFUSE);
        check(&with_unix, |c| c.socket, of(inet, stream, 0), REFUSE);
        check(&tcp, |c| c.socket, of(inet, stream, 0), ALLOW);
        check(&tcp, |c| c.socket, of(inet, stream, 6), ALLOW);
        check(&tcp, |c| c.socket, of(inet, 2, 0), REFUSE);
        check(&tcp, |c| c.socket, of(inet, 2, 17), REFUSE);
        check(&tcp, |c| c.socket, of(inet, 3, 1), REFUSE);
        check(&tcp, |c| c.socket, of(inet, stream, 262), REFUSE);
        check(&tcp, |c| c.socket, of(inet, stream, 132), REFUSE);
        check(&OPEN, |c| c.socket, of(inet, 2, 0), ALLOW);
    }
    check(&SHUT, |c| c.socket, of(1, 1, 0), REFUSE);
    check(&tcp, |c| c.socket, of(1, 1, 0), REFUSE);
    check(&with_unix, |c| c.socket, of(1, 1, 0), ALLOW);
    check(&OPEN, |c| c.socket, of(16, 3, 0), ALLOW);
    check(&OPEN, |c| c.socket, of(16, 3, 15), REFUSE);
    check(&tcp, |c| c.socket, of(16, 3, 0), REFUSE);
    check(&SHUT, |c| c.socketpair, of(1, 1, 0), ALLOW);
    check(&OPEN, |c| c.socketpair, of(2, 1, 0), REFUSE);
    let fast = u64::from(MSG_FASTOPEN);
    check(&tcp, |c| c.sendto, [3, 0, 0, fast, 0, 0], REFUSE);
    check(&tcp, |c| c.sendto, [3, 0, 0, 0x4000, 0, 0], ALLOW);
    check(&tcp, |c| c.sendmsg, [3, 0, fast, 0, 0, 0], REFUSE);
    check(&tcp, |c| c.sendmmsg, [3, 0, 1, fast, 0, 0], REFUSE);
    check(&OPEN, |c| c.sendto, [3, 0, 0, fast, 0, 0], ALLOW);
}

#[test]
fn terminals_limits_and_programs_from_memory() {
    for call in TERMINAL_CALLS {
        check(&OPEN, |c| c.ioctl, [0, u64::from(call), 0, 0, 0, 0], REFUSE);
        check(&OPEN, |c| c.ioctl, [0, u64::from(call) | 1 << 32, 0, 0, 0, 0], REFUSE);
    }
    check(&SHUT, |c| c.ioctl, [0, 0x5401, 0, 0, 0, 0], ALLOW);
    check(&SHUT, |c| c.prlimit, [0; 6], ALLOW);
    check(&OPEN, |c| c.prlimit, [77, 0, 0, 0, 0, 0], REFUSE);
    check(&SHUT, |c| c.memfd_create, [0, 1, 0, 0, 0, 0], REFUSE);
    check(&SHUT, |c| c.memfd_create, [0, 8 | 1, 0, 0, 0, 0], ALLOW);
    check(&OPEN, |c| c.memfd_create, [0, 0x10, 0, 0, 0, 0], ALLOW);
}
