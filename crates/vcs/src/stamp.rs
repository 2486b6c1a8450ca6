//! What the system says of a file without opening it, and how sure that makes us that its bytes are the same.

use rustix::fs::{FileType, Stat};

/// How much older than a snapshot a change must be to be told from one in the same instant: two ticks of the slowest
/// clock that a kernel keeps.
const INSTANT_NS: i64 = 20_000_000;
/// The same where times are whole seconds.
const SECONDS_NS: i64 = 2_000_000_000;

/// Everything that changes when a file's bytes do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) size: u64,
    /// Nanoseconds since 1970, wrapped.
    pub(crate) modified: i64,
    pub(crate) changed: i64,
    /// Kind and permissions.
    pub(crate) mode: u32,
}

impl Stamp {
    pub(crate) fn of(stat: &Stat) -> Stamp {
        let nanoseconds = |seconds: i64, rest: i64| seconds.wrapping_mul(1_000_000_000).wrapping_add(rest);
        Stamp {
            device: unsigned(stat.st_dev),
            inode: unsigned(stat.st_ino),
            size: unsigned(stat.st_size),
            modified: nanoseconds(signed(stat.st_mtime), signed(stat.st_mtime_nsec)),
            changed: nanoseconds(signed(stat.st_ctime), signed(stat.st_ctime_nsec)),
            mode: u32::try_from(unsigned(stat.st_mode)).unwrap_or_default(),
        }
    }

    pub(crate) fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.mode as rustix::fs::RawMode)
    }

    /// Whether a change after `now` would show. Nothing can set the time of the last change (`ctime`) back but a
    /// clock that goes back itself.
    pub(crate) fn is_settled(&self, now: i64) -> bool {
        let whole_seconds = self.changed % 1_000_000_000 == 0;
        let slack = if whole_seconds { SECONDS_NS } else { INSTANT_NS };
        self.changed < now.saturating_sub(slack)
    }
}

/// The fields have other types on other systems.
pub(crate) fn unsigned(value: impl TryInto<u64>) -> u64 {
    value.try_into().unwrap_or(u64::MAX)
}

fn signed(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}
