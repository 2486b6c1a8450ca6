//! What the watch asks of a disk, as a trait, so that all that decides can be tested without one.

use crate::judge::Stamp;
use crate::moment::Note;

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Nothing,
    /// A file, or a link: what it leads to is not looked at.
    File(Stamp),
    Directory,
    /// A pipe, a socket, a device.
    Special,
}

/// What a name in a directory is, before it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    File,
    Directory,
    Special,
}

/// Why a directory was not watched or listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Gone,
    Denied,
    /// There is no watch left.
    UsedUp,
}

/// A disk with a root. Paths are relative to it, with `/`; the empty one is the root.
pub(crate) trait Disk {
    /// What is at a path now. Follows no link.
    fn look(&mut self, path: &str) -> Seen;

    /// The names in a directory. What cannot be told is noted.
    fn list(&mut self, directory: &str, notes: &mut Vec<Note>) -> Result<Vec<(String, Sort)>, Trouble>;

    /// Watches a directory; gives the number of the watch, the same one when it is watched already. Changes of a directory
    /// that moved are told with the path under which it was watched last.
    fn watch(&mut self, directory: &str) -> Result<i32, Trouble>;

    /// Ends a watch, if it still is the one of this directory.
    fn unwatch(&mut self, directory: &str, number: i32);

    /// The content of a file, up to a length; `None` when it cannot be read.
    fn read(&mut self, path: &str, bytes_max: usize) -> Option<Vec<u8>>;
}
