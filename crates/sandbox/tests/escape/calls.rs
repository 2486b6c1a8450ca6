//! System calls as somebody makes them who does not go through a library.

use std::ffi::{CString, c_void};
use std::io;
use std::path::Path;

/// Makes a call with up to six numbers.
pub(crate) fn call(number: libc::c_long, a: &[usize]) -> io::Result<usize> {
    let at = |index: usize| a.get(index).copied().unwrap_or(0);
    let result = unsafe { libc::syscall(number, at(0), at(1), at(2), at(3), at(4), at(5)) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result as usize) }
}

/// A path or word as calls want it; leaked, which an attempt may do.
pub(crate) fn word(path: impl AsRef<Path>) -> usize {
    let text = CString::new(path.as_ref().as_os_str().as_encoded_bytes()).unwrap();
    text.into_raw() as usize
}

/// Whatever was said, if it was not said by a rule: a call that a rule refuses is refused before its arguments
/// are looked at.
pub(crate) fn asked(number: libc::c_long, a: &[usize]) -> crate::attempt::Outcome {
    use crate::attempt::Outcome;
    match call(number, a) {
        Ok(value) => Outcome::Escaped(format!("gave {value}")),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOSYS | libc::EACCES)) => {
            Outcome::Held(error.to_string())
        }
        Err(error) => Outcome::Escaped(format!("was let through and said {error}")),
    }
}

/// Does something in a process of its own; how that ended: its exit code, or 1000 and the signal.
pub(crate) fn apart(work: impl FnOnce() -> i32) -> i32 {
    unsafe {
        match libc::fork() {
            0 => libc::_exit(work()),
            id if id < 0 => -1,
            id => {
                let mut status = 0;
                libc::waitpid(id, &raw mut status, 0);
                if libc::WIFSIGNALED(status) {
                    1000 + libc::WTERMSIG(status)
                } else {
                    libc::WEXITSTATUS(status)
                }
            }
        }
    }
}

/// Memory of another process, from this address on.
pub(crate) fn read_memory(process: i32, address: usize, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0u8; length];
    let local = libc::iovec { iov_base: bytes.as_mut_ptr().cast::<c_void>(), iov_len: length };
    let remote = libc::iovec { iov_base: address as *mut c_void, iov_len: length };
    let pointer = |it: &libc::iovec| std::ptr::from_ref(it) as usize;
    let count =
        call(libc::SYS_process_vm_readv, &[process as usize, pointer(&local), 1, pointer(&remote), 1, 0])?;
    bytes.truncate(count);
    Ok(bytes)
}
