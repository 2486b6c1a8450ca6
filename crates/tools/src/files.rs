//! Opens and replaces files at a resolved place without following any symlink. Decides nothing.
//!
//! Everything goes through a descriptor of the parent directory that was reached step by step, each step
//! refusing symlinks. So whatever is exchanged behind our back, nothing outside the decided place is touched.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Component, Path};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// The largest file that is loaded, in bytes.
pub(crate) const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file as it was found.
pub(crate) struct Found {
    pub(crate) bytes: Vec<u8>,
    pub(crate) stat: Stat,
}

/// Why a file could not be read or replaced.
#[derive(Debug)]
pub(crate) enum FileError {
    /// There is nothing.
    Missing,
    /// It is a directory.
    Directory,
    /// It is a device, a pipe or a socket.
    Special,
    /// A symlink stands where none stood when the path was decided about.
    Moved,
    /// It is larger than what is loaded.
    TooLarge(u64),
    /// It changed while it was being replaced.
    Changed,
    /// No right to write it.
    ReadOnly(u32),
    /// The disk is full.
    Full,
    /// Anything else.
    Other(io::Error),
}

impl FileError {
    /// What to tell the model, with the next step.
    pub(crate) fn tell(&self, shown: &str) -> String {
        match self {
            FileError::Missing => format!("`{shown}` does not exist"),
            FileError::Directory => format!("`{shown}` is a directory; use `list`"),
            FileError::Special => format!("`{shown}` is not a regular file"),
            FileError::Moved => {
                format!("`{shown}` leads through a symlink that was not there a moment ago; nothing was done")
            }
            FileError::TooLarge(size) => format!(
                "`{shown}` has {size} bytes, which is too large to load; use `grep`, or `shell` with sed or head"
            ),
            FileError::Changed => {
                format!("`{shown}` changed on disk just now; nothing was written, read it again")
            }
            FileError::ReadOnly(mode) => format!(
                "`{shown}` is read-only (mode {mode:o}); nothing was written. If it is meant to be changed, make \
                 it writable with `chmod u+w` first"
            ),
            FileError::Full => format!(
                "the disk is full: `{shown}` is as it was, nothing was written. Free some space, then try again"
            ),
            FileError::Other(error) => format!("`{shown}`: {error}"),
        }
    }
}

impl From<Errno> for FileError {
    fn from(error: Errno) -> FileError {
        match error {
            Errno::NOENT => FileError::Missing,
            Errno::ISDIR => FileError::Directory,
            Errno::LOOP => FileError::Moved,
            Errno::NOSPC | Errno::DQUOT => FileError::Full,
            Errno::NXIO => FileError::Special,
            error => FileError::Other(error.into()),
        }
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> FileError {
        match Errno::from_io_error(&error) {
            Some(errno) => errno.into(),
            None => FileError::Other(error),
        }
    }
}

/// Loads a regular file, at most [`FILE_BYTES_MAX`] bytes of it.
pub(crate) fn load(path: &Path) -> Result<Found, FileError> {
    let (parent, name) = open_parent(path, Parents::Expected)?;
    load_at(&parent, name)
}

/// What a place is, without opening it.
pub(crate) fn look(path: &Path) -> Result<Stat, FileError> {
    let (parent, name) = open_parent(path, Parents::Expected)?;
    Ok(rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Whether something lies at a place that a walk came upon, and no symlink leads there: a walk goes by names, and what they lead
/// to may have been exchanged meanwhile.
pub(crate) fn is_there(path: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, ResolveFlags};
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // A symlink at the end is a name like any other; one on the way is not.
        match rustix::fs::openat2(
            CWD,
            path.parent().unwrap_or(path),
            flags,
            Mode::empty(),
            ResolveFlags::NO_SYMLINKS,
        ) {
            Ok(parent) => {
                let name = path.file_name().unwrap_or_else(|| std::ffi::OsStr::new("."));
                return rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).is_ok();
            }
            // An old kernel, or a filter that does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => {}
            Err(_) => return false,
        }
    }
    look(path).is_ok()
}

/// Opens a regular file that a walk came upon, for reading.
pub(crate) fn open(path: &Path) -> Result<File, FileError> {
    let (parent, name) = open_parent(path, Parents::Expected)?;
    Ok(open_at(&parent, name)?.0)
}

fn open_at(parent: &OwnedFd, name: &std::ffi::OsStr) -> Result<(File, Stat), FileError> {
    // NONBLOCK, so that a pipe without a writer cannot hang us; for regular files it means nothing.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::openat(parent, name, flags, Mode::empty())?);
    let stat = rustix::fs::fstat(&file)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok((file, stat)),
        FileType::Directory => Err(FileError::Directory),
        _ => Err(FileError::Special),
    }
}

fn load_at(parent: &OwnedFd, name: &std::ffi::OsStr) -> Result<Found, FileError> {
    let (mut file, stat) = open_at(parent, name)?;
    let size = u64::try_from(stat.st_size).unwrap_or(0);
    if size > FILE_BYTES_MAX {
        return Err(FileError::TooLarge(size));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    (&mut file).take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(FileError::TooLarge(bytes.len() as u64));
    }
    Ok(Found { bytes, stat })
}

/// Replaces a file by these bytes, or creates it where `before` is `None`: all or nothing, durable on return.
/// `call` makes the name of the temporary file, so that a repeated call cleans up after one that died.
pub(crate) fn replace(path: &Path, bytes: &[u8], before: Option<&Stat>, call: &str) -> Result<(), FileError> {
    let parents = if before.is_some() { Parents::Expected } else { Parents::Created };
    let (parent, name) = open_parent(path, parents)?;
    if let Some(before) = before {
        check_writable(&parent, name, before)?;
    }
    let temporary = temporary_name(call);
    match rustix::fs::unlinkat(&parent, &temporary, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(error) => return Err(error.into()),
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let created = rustix::fs::openat(&parent, &temporary, flags, Mode::from_raw_mode(0o666))?;
    let finish = || -> Result<(), FileError> {
        let mut file = File::from(created);
        file.write_all(bytes)?;
        if let Some(before) = before {
            keep_owner_and_mode(&file, before)?;
        }
        file.sync_all()?;
        match (before, rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)) {
            (Some(before), Ok(now)) if is_same(before, &now) => {}
            (None, Err(Errno::NOENT)) => {}
            (_, Ok(_)) | (Some(_), Err(Errno::NOENT)) => return Err(FileError::Changed),
            (_, Err(error)) => return Err(error.into()),
        }
        rustix::fs::renameat(&parent, &temporary, &parent, name)?;
        Ok(())
    };
    if let Err(error) = finish() {
        // The first failure is the one to tell.
        let _gone = rustix::fs::unlinkat(&parent, &temporary, AtFlags::empty());
        return Err(error);
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match rustix::fs::openat(&parent, ".", flags, Mode::empty()) {
        Ok(directory) => Ok(rustix::fs::fsync(directory)?),
        // A directory that may be searched and not read cannot be synced; the file itself is.
        Err(_) => Ok(()),
    }
}

/// Whether a file was neither exchanged nor written to between two looks.
fn is_same(before: &Stat, now: &Stat) -> bool {
    (before.st_dev, before.st_ino, before.st_size, before.st_mtime, before.st_mtime_nsec)
        == (now.st_dev, now.st_ino, now.st_size, now.st_mtime, now.st_mtime_nsec)
}

fn check_writable(parent: &OwnedFd, name: &std::ffi::OsStr, before: &Stat) -> Result<(), FileError> {
    let mode = before.st_mode & 0o7777;
    // Renaming needs no right to the file itself, and root has every right: the mode is what its owner meant.
    if mode & 0o222 == 0 {
        return Err(FileError::ReadOnly(mode));
    }
    match rustix::fs::accessat(parent, name, rustix::fs::Access::WRITE_OK, AtFlags::EACCESS) {
        Err(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Err(FileError::ReadOnly(mode)),
        _ => Ok(()),
    }
}

fn keep_owner_and_mode(file: &File, before: &Stat) -> Result<(), FileError> {
    let own = rustix::fs::fstat(file)?;
    if (own.st_uid, own.st_gid) != (before.st_uid, before.st_gid) {
        let owner = Some(rustix::fs::Uid::from_raw(before.st_uid));
        // Only root can give a file away; for others the file keeps its content and mode and changes hands.
        let _kept = rustix::fs::fchown(file, owner, Some(rustix::fs::Gid::from_raw(before.st_gid)));
    }
    rustix::fs::fchmod(file, Mode::from_raw_mode(before.st_mode & 0o7777))?;
    Ok(())
}

fn temporary_name(call: &str) -> String {
    format!(".waypost-{}.tmp", conversation::Digest::of(call.as_bytes()).short())
}

enum Parents {
    Expected,
    Created,
}

/// The directory of a resolved path, reached without following a symlink, and the last name.
fn open_parent(path: &Path, parents: Parents) -> Result<(OwnedFd, &std::ffi::OsStr), FileError> {
    let name = path.file_name().ok_or(FileError::Directory)?;
    // A directory on the way need not be readable, only searchable; not every system can say so.
    #[cfg(target_os = "linux")]
    let access = OFlags::PATH;
    #[cfg(not(target_os = "linux"))]
    let access = OFlags::RDONLY;
    let flags = access | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut directory = rustix::fs::open("/", flags, Mode::empty())?;
    let above = path.parent().map(Path::components).into_iter().flatten();
    for part in above {
        let Component::Normal(part) = part else { continue };
        directory = match rustix::fs::openat(&directory, part, flags, Mode::empty()) {
            Err(Errno::NOENT) if matches!(parents, Parents::Created) => {
                match rustix::fs::mkdirat(&directory, part, Mode::from_raw_mode(0o777)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error.into()),
                }
                rustix::fs::openat(&directory, part, flags, Mode::empty())?
            }
            // With DIRECTORY and NOFOLLOW a symlink is "not a directory".
            Err(Errno::NOTDIR) => return Err(FileError::Moved),
            opened => opened?,
        };
    }
    Ok((directory, name))
}
