//! A process that only waits: gives back what of its own program lies mapped in memory. Starts nothing and ends nothing.

/// Tells the system to take the pages of this program's code back. They stay in the cache of the file system, from where each
/// page comes back when it is run again, in microseconds. For a process that waits for hours; what it holds itself is untouched.
/// Elsewhere than on Linux nothing happens.
pub fn rest() {
    #[cfg(target_os = "linux")]
    for (start, length) in linux::code() {
        linux::forget(start, length);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    /// How much of the list of mappings is read: a process has some hundred, of some hundred bytes.
    const MAPS_BYTES_MAX: usize = 1024 * 1024;

    /// Where the code of this program lies: start and length, in bytes.
    #[expect(clippy::disallowed_methods, reason = "what is mapped stands in a file of the system")]
    pub(super) fn code() -> Vec<(usize, usize)> {
        let own = std::env::current_exe().unwrap_or_default();
        let maps = std::fs::read("/proc/self/maps").unwrap_or_default();
        let maps = String::from_utf8_lossy(maps.get(..maps.len().min(MAPS_BYTES_MAX)).unwrap_or_default());
        maps.lines().filter_map(|line| mapped(line, &own.to_string_lossy())).collect()
    }

    /// The range of a line of the list, if it maps code of this program: `start-end r-xp offset device inode path`.
    fn mapped(line: &str, own: &str) -> Option<(usize, usize)> {
        let mut words = line.splitn(6, ' ');
        let (range, rights) = (words.next()?, words.next()?);
        // Code is never written, so the file has all of it. What was moved into place at the start (`r--p`) is not in the file.
        let is_code = rights == "r-xp" && words.nth(3)?.trim_start() == own;
        let (start, end) = range.split_once('-').filter(|_| is_code)?;
        let number = |text: &str| usize::from_str_radix(text, 16).ok();
        let (start, end) = (number(start)?, number(end)?);
        Some((start, end.checked_sub(start)?))
    }

    #[expect(unsafe_code, reason = "the system call names memory by its address")]
    pub(super) fn forget(start: usize, length: usize) {
        // SAFETY: a private mapping of a file that may be read and run and was never written to. The call takes no byte away: a
        // page that is needed again, this code's own among them, is read from the file, where it is the same.
        let _kept = unsafe { libc::madvise(start as *mut libc::c_void, length, libc::MADV_DONTNEED) };
    }

    #[cfg(test)]
    #[expect(clippy::disallowed_methods, reason = "the test asks the system what is mapped")]
    mod tests {
        use super::*;

        #[test]
        fn only_code_of_the_program_is_meant() {
            let check = |line: &str, expected: Option<(usize, usize)>| {
                assert_eq!(mapped(line, "/b/way post"), expected)
            };
            check("1000-3000 r-xp 00001000 fe:00 9    /b/way post", Some((0x1000, 0x2000)));
            check("1000-3000 r--p 00001000 fe:00 9    /b/way post", None);
            check("1000-3000 rw-p 00001000 fe:00 9    /b/way post", None);
            check("1000-3000 r-xp 00001000 fe:00 9    /usr/lib/libc.so.6", None);
            check("3000-1000 r-xp 00001000 fe:00 9    /b/way post", None);
            check("7ff0-8ff0 r-xp 00000000 00:00 0 [vdso]", None);
            check("", None);
        }

        #[test]
        fn the_program_goes_on_and_its_code_is_given_back() {
            let mapped = || {
                let status = std::fs::read_to_string("/proc/self/status").unwrap();
                let line = status.lines().find(|line| line.starts_with("RssFile:")).unwrap();
                line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
            };
            assert_eq!(code().len(), 1);
            let before = mapped();
            super::super::rest();
            let after = mapped();
            assert!(after < before, "{before} → {after} kB");
        }
    }
}
