//! The filter of system calls, as a program for the kernel. Builds it; installs nothing.

use super::calls::{JUDGED_ARM, JUDGED_X86, Judged, Machine, REFUSED, When};

/// One instruction of a filter, laid out as the kernel reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    k: u32,
}

/// Which sockets of the internet may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inet {
    /// None.
    None,
    /// Streams that Landlock can hold.
    TcpOnly,
    /// All but raw packets, which need a privilege that nobody has in here.
    All,
}

/// What the filter leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) inet: Inet,
    pub(crate) unix_sockets: bool,
    pub(crate) tracing: bool,
    /// Whether a program may be run from memory.
    pub(crate) programs_from_memory: bool,
    /// Whether the process has a mount namespace of its own.
    pub(crate) namespaces: bool,
}

const LOAD: u16 = 0x20;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_GREATER_EQUAL: u16 = 0x35;
const JUMP_ANY_BIT: u16 = 0x45;
const AND: u16 = 0x54;
const RETURN: u16 = 0x06;

const ALLOW: u32 = 0x7fff_0000;
const KILL: u32 = 0x8000_0000;
const REFUSE: u32 = 0x0005_0000 | libc::EPERM as u32;
const NOT_THERE: u32 = 0x0005_0000 | libc::ENOSYS as u32;

/// Where the kernel lays number, machine and the low halves of the arguments. All machines here are little-endian.
const NUMBER_AT: u32 = 0;
const MACHINE_AT: u32 = 4;
const ARGUMENTS_AT: u32 = 16;

const MACHINE_X86: u32 = 0xC000_003E;
const MACHINE_ARM: u32 = 0xC000_00B7;

/// Set in the number of a call of the x32 interface, which has the same machine as 64-bit x86.
const X32_BIT: u32 = 0x4000_0000;

/// All flags that ask for a new namespace. The one for time shares its bit with the exit signal of `clone`.
const NEW_NAMESPACES: u32 = 0x7E02_0000;
const NEW_TIME: u32 = 0x80;

/// Terminal calls that put words into somebody else's input or screen.
const TERMINAL_CALLS: [u32; 3] = [0x5412, 0x541C, 0x541D];

const AF_UNIX: u32 = 1;
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;
const AF_NETLINK: u32 = 16;
const NETLINK_ROUTE: u32 = 0;
const SOCK_TYPE_MASK: u32 = 0xF;
const SOCK_STREAM: u32 = 1;
const IPPROTO_TCP: u32 = 6;

/// Connects while sending, so that no rule about connecting is asked.
const MSG_FASTOPEN: u32 = 0x2000_0000;

/// A memory file that can never be run.
const MFD_NOEXEC_SEAL: u32 = 8;

/// The machine that this program was built for, when its numbers are known.
pub(crate) fn this_machine() -> Option<Machine> {
    if cfg!(all(target_arch = "x86_64", target_pointer_width = "64")) {
        return Some(Machine::X86);
    }
    if cfg!(all(target_arch = "aarch64", target_endian = "little")) {
        return Some(Machine::Arm);
    }
    None
}

/// The program. A call that is not named in it is allowed; one that is refused gets `EPERM`.
pub(crate) fn filter(machine: Machine, wanted: &Wanted) -> Vec<Instruction> {
    let (code, judged) = match machine {
        Machine::X86 => (MACHINE_X86, JUDGED_X86),
        Machine::Arm => (MACHINE_ARM, JUDGED_ARM),
    };
    let mut program = Vec::with_capacity(256);
    // A call of another machine has other numbers, so nothing below would fit.
    program.extend([load(MACHINE_AT), jump(JUMP_EQUAL, code, 1, 0), give(KILL), load(NUMBER_AT)]);
    if machine == Machine::X86 {
        program.extend([jump(JUMP_GREATER_EQUAL, X32_BIT, 0, 1), give(NOT_THERE)]);
    }
    for call in REFUSED {
        let refused = match call.when {
            When::Always => true,
            When::Untraced => !wanted.tracing,
            When::Bare => !wanted.namespaces,
        };
        if let (true, Some(number)) = (refused, call.number(machine)) {
            on(&mut program, number, &[give(REFUSE)]);
        }
    }
    judge(&mut program, &judged, wanted);
    program.push(give(ALLOW));
    program
}

fn judge(program: &mut Vec<Instruction>, call: &Judged, wanted: &Wanted) {
    // Its flags lie behind a pointer, where no filter sees them. Libraries then use `clone`.
    on(program, call.clone3, &[give(NOT_THERE)]);
    on(program, call.clone, &unless_any(0, NEW_NAMESPACES));
    on(program, call.unshare, &unless_any(0, NEW_NAMESPACES | NEW_TIME));
    let mut terminal = vec![load(argument(1))];
    for number in TERMINAL_CALLS {
        terminal.extend([jump(JUMP_EQUAL, number, 0, 1), give(REFUSE)]);
    }
    terminal.push(give(ALLOW));
    on(program, call.ioctl, &terminal);
    // Limits of oneself only.
    on(program, call.prlimit, &[load(argument(0)), jump(JUMP_EQUAL, 0, 1, 0), give(REFUSE), give(ALLOW)]);
    on(
        program,
        call.socketpair,
        &[load(argument(0)), jump(JUMP_EQUAL, AF_UNIX, 1, 0), give(REFUSE), give(ALLOW)],
    );
    on(program, call.socket, &socket(wanted));
    if wanted.inet == Inet::TcpOnly {
        on(program, call.sendto, &unless_any(3, MSG_FASTOPEN));
        on(program, call.sendmsg, &unless_any(2, MSG_FASTOPEN));
        on(program, call.sendmmsg, &unless_any(3, MSG_FASTOPEN));
    }
    if !wanted.programs_from_memory {
        let sealed =
            [load(argument(1)), jump(JUMP_ANY_BIT, MFD_NOEXEC_SEAL, 1, 0), give(REFUSE), give(ALLOW)];
        on(program, call.memfd_create, &sealed);
    }
}

fn socket(wanted: &Wanted) -> Vec<Instruction> {
    let mut code = vec![load(argument(0))];
    if wanted.unix_sockets {
        code.extend([jump(JUMP_EQUAL, AF_UNIX, 0, 1), give(ALLOW)]);
    }
    match wanted.inet {
        Inet::None => code.push(give(REFUSE)),
        Inet::TcpOnly => code.extend([
            jump(JUMP_EQUAL, AF_INET, 2, 0),
            jump(JUMP_EQUAL, AF_INET6, 1, 0),
            give(REFUSE),
            load(argument(1)),
            Instruction { code: AND, if_true: 0, if_false: 0, k: SOCK_TYPE_MASK },
            jump(JUMP_EQUAL, SOCK_STREAM, 1, 0),
            give(REFUSE),
            // Multipath TCP and SCTP are streams too, and Landlock does not hold them.
            load(argument(2)),
            jump(JUMP_EQUAL, 0, 2, 0),
            jump(JUMP_EQUAL, IPPROTO_TCP, 1, 0),
            give(REFUSE),
            give(ALLOW),
        ]),
        Inet::All => code.extend([
            jump(JUMP_EQUAL, AF_INET, 4, 0),
            jump(JUMP_EQUAL, AF_INET6, 3, 0),
            jump(JUMP_EQUAL, AF_NETLINK, 0, 3),
            // How programs ask which addresses there are.
            load(argument(2)),
            jump(JUMP_EQUAL, NETLINK_ROUTE, 0, 1),
            give(ALLOW),
            give(REFUSE),
        ]),
    }
    code
}

/// Runs `code` for one call. It must end with an answer on every way.
fn on(program: &mut Vec<Instruction>, number: u32, code: &[Instruction]) {
    // Every piece is shorter than a hundred instructions; a longer one would refuse everything in its tests.
    let length = u8::try_from(code.len()).unwrap_or(u8::MAX);
    program.push(jump(JUMP_EQUAL, number, 0, length));
    program.extend_from_slice(code);
}

fn unless_any(index: u32, bits: u32) -> [Instruction; 4] {
    [load(argument(index)), jump(JUMP_ANY_BIT, bits, 0, 1), give(REFUSE), give(ALLOW)]
}

const fn argument(index: u32) -> u32 {
    ARGUMENTS_AT + 8 * index
}

const fn load(at: u32) -> Instruction {
    Instruction { code: LOAD, if_true: 0, if_false: 0, k: at }
}

const fn jump(code: u16, k: u32, if_true: u8, if_false: u8) -> Instruction {
    Instruction { code, if_true, if_false, k }
}

const fn give(k: u32) -> Instruction {
    Instruction { code: RETURN, if_true: 0, if_false: 0, k }
}

#[cfg(test)]
#[path = "seccomp_tests.rs"]
mod tests;
