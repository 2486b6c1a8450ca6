//! The processes that look after a command: they wait, end what it leaves behind, and end as it ended.

use std::ffi::CStr;
use std::time::Duration;

use super::shared::Words;
use super::sys::{self, Waited};

/// How long what a command started may go on after it: a `tee` may still be writing.
const LINGER: Duration = Duration::from_millis(100);

/// How long it then has between being asked to end and being ended.
const GRACE: Duration = Duration::from_millis(500);

/// When the request to end has come, so long are the command's own ways out given time; less than whoever asked
/// waits before it ends everything by force.
const BEFORE_FORCE: Duration = Duration::from_millis(400);

/// The first step of that: what already left the command.
const BEFORE_ORPHANS: Duration = Duration::from_millis(60);

/// Where the kernel says who is below this process.
const CHILDREN: &CStr = c"/proc/thread-self/children";

/// The number of the process that one sends to for everybody in a namespace.
const EVERYBODY: i32 = -1;

/// Stands outside the process namespace for the command: lives as long as the namespace and ends as the command did.
pub(crate) fn stand_for(first: i32, words: &Words) -> ! {
    prepare();
    let _ended = sys::wait_for(first);
    end_as(words)
}

/// The first process of a namespace: when it ends, the kernel ends all others.
pub(crate) fn first_process(command: i32, words: &Words) -> ! {
    prepare();
    loop {
        match sys::wait_child(true) {
            Waited::Ended(id, status) if id == command => {
                words.end(status);
                break;
            }
            Waited::NoChildren => break,
            _ => {}
        }
    }
    if !all_ended_within(LINGER) {
        words.note_leftovers();
        let _asked = sys::kill(EVERYBODY, libc::SIGTERM);
        all_ended_within(GRACE);
    }
    sys::exit(0)
}

/// Looks after the command where there is no namespace: whatever loses its parent becomes its child.
pub(crate) fn adopting_process(command: i32, words: &Words) -> ! {
    prepare();
    let mut asked: Option<Duration> = None;
    loop {
        let limit = match asked {
            None => None,
            Some(since) if sys::now() < since + BEFORE_ORPHANS => Some(since + BEFORE_ORPHANS),
            Some(since) => Some(since + BEFORE_FORCE),
        };
        let limit = limit.map(|end| end.saturating_sub(sys::now()).max(Duration::from_millis(1)));
        if sys::wait_signal(limit) == Some(libc::SIGTERM) && asked.is_none() {
            asked = Some(sys::now());
        }
        if reap(Some(command), words) {
            break;
        }
        if let Some(since) = asked {
            if sys::now() >= since + BEFORE_FORCE {
                break;
            }
            if sys::now() >= since + BEFORE_ORPHANS {
                kill_children(libc::SIGKILL, Some(command));
            }
        }
    }
    if words.status().is_some() && !all_ended_within(LINGER) {
        words.note_leftovers();
        kill_children(libc::SIGTERM, None);
        all_ended_within(GRACE);
    }
    // Ending one may orphan others, which then come here; a process that can be ended at all ends soon.
    let end = sys::now() + GRACE;
    while !reap(None, words) && sys::now() < end {
        kill_children(libc::SIGKILL, None);
        sys::wait_signal(Some(Duration::from_millis(5)));
    }
    end_as(words)
}

fn prepare() {
    // Copies of what the parent had in memory and open; the command shall reach neither.
    let _hidden = sys::hide_memory();
    sys::close_everything();
}

/// Takes all children that have ended. Says whether the one that is waited for has, or with `None` whether none
/// is left.
fn reap(command: Option<i32>, words: &Words) -> bool {
    loop {
        match sys::wait_child(false) {
            Waited::Ended(id, status) => {
                if command == Some(id) {
                    words.end(status);
                    return true;
                }
            }
            Waited::Nobody => return false,
            Waited::NoChildren => return true,
        }
    }
}

fn all_ended_within(limit: Duration) -> bool {
    let end = sys::now() + limit;
    loop {
        match sys::wait_child(false) {
            Waited::NoChildren => return true,
            Waited::Ended(..) => continue,
            Waited::Nobody => {}
        }
        let left = end.saturating_sub(sys::now());
        if left.is_zero() {
            return false;
        }
        sys::wait_signal(Some(left));
    }
}

/// Signals the children of this process, but for one.
fn kill_children(signal: i32, but: Option<i32>) {
    let mut text = [0u8; 4096];
    let Ok(length) = sys::read_file(CHILDREN, &mut text) else { return };
    // A number that is cut at the end of the buffer is left for the next time.
    let whole = text.get(..length).unwrap_or_default();
    let mut number: i32 = 0;
    for byte in whole {
        if byte.is_ascii_digit() {
            number = number.saturating_mul(10).saturating_add(i32::from(byte - b'0'));
        } else {
            if number > 1 && Some(number) != but {
                let _gone = sys::kill(number, signal);
            }
            number = 0;
        }
    }
}

fn end_as(words: &Words) -> ! {
    match words.status().map(sys::exit_code) {
        Some(Ok(code)) => sys::exit(code),
        Some(Err(signal)) => die_by(signal),
        // The command never began, or was ended together with whoever looked after it.
        None => die_by(libc::SIGKILL),
    }
}

fn die_by(signal: i32) -> ! {
    let _no_image = sys::set_limit((libc::RLIMIT_CORE, 0, 0));
    sys::die_by(signal)
}
