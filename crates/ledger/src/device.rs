//! The device: its key, and the chain of heads that the key signs, over all journals of a state root. Append only.
#![expect(clippy::disallowed_methods, reason = "the key and the chain are files")]

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use conversation::Digest;

use crate::head::Head;
use crate::key::{DeviceKey, PublicKey, refused};
use crate::layout::{self, Unsynced};
use crate::signed::{self, Said, Signed, SignedFault, State};
use crate::{Clock, LedgerError, line};

/// How long a process waits for its turn at the chain; a turn is one write and one sync.
const TURN_WAIT_MAX: Duration = Duration::from_secs(20);
const TURN_PAUSE: Duration = Duration::from_micros(500);

/// How a journal begins that is never written without a signature.
const SIGNED_START: &[u8; 6] = b"{\"v\":2";

const RESTORE: &str = "put it back from a copy, or go on with a new key: `waypost audit key replace --why …`";

/// The right to sign for this device.
pub(crate) struct Device {
    root: PathBuf,
    clock: Clock,
    key: DeviceKey,
    tail: Tail,
}

/// The end of the chain, as it was seen last.
#[derive(Clone, Debug)]
struct Tail {
    /// The length of the file.
    bytes: u64,
    /// The place of the next line.
    next: u64,
    /// The digest of the last line.
    digest: Digest,
    /// The id of the key that signs the next line.
    key: Digest,
    /// Whether the next line has to be the one by which the new key begins.
    rotating: bool,
}

/// One turn at the chain: nobody else writes it meanwhile.
struct Turn {
    _file: File,
}

/// The directory of the key and the chain.
pub(crate) fn directory(root: &Path) -> PathBuf {
    root.join("device")
}

/// The chain of heads.
pub(crate) fn chain(root: &Path) -> PathBuf {
    directory(root).join("heads")
}

fn key_file(root: &Path) -> PathBuf {
    directory(root).join("key")
}

fn next_key_file(root: &Path) -> PathBuf {
    directory(root).join("key.next")
}

impl Device {
    /// Opens the device; makes its key when there never was one.
    ///
    /// # Errors
    /// [`LedgerError::Device`] when the key is missing although it was used, may be used by others, or is not the
    /// one that the chain goes on with; and when the chain is missing or its end is damaged.
    pub(crate) fn open(root: &Path, clock: Clock) -> Result<Device, LedgerError> {
        let mut unsynced = Unsynced::default();
        layout::create_directory(&directory(root), &mut unsynced)?;
        let _turn = Turn::take(root)?;
        let tail = recover(root)?;
        let device = |key, tail| Device { root: root.to_path_buf(), clock, key, tail };
        match (DeviceKey::read(&key_file(root))?, tail) {
            (None, None) => match signed_before(root)? {
                None => begin(root, clock, None, "first use", unsynced),
                Some(journal) => {
                    let problem = format!("is missing, though `{journal}` was signed with it");
                    Err(refused(&key_file(root), &problem, RESTORE))
                }
            },
            (None, Some(_)) => {
                Err(refused(&key_file(root), "is missing, though it signed what is on record here", RESTORE))
            }
            (Some(_), None) => {
                Err(refused(&chain(root), "is missing, though the device key was used", RESTORE))
            }
            (Some(key), Some(tail)) => {
                check_key(root, &key, &tail)?;
                let mut device = device(key, tail);
                if device.tail.rotating {
                    device.begin_key(None, "rotated")?;
                }
                Ok(device)
            }
        }
    }

    /// The public key.
    pub(crate) fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// The state root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Signs, and appends what was signed to the chain. It is durable when this returns; gives the line.
    pub(crate) fn append(&mut self, said: &Said) -> Result<String, LedgerError> {
        let _turn = Turn::take(&self.root)?;
        let root = self.root.clone();
        self.tail = tail(&root, Some(&self.tail))?
            .ok_or_else(|| refused(&chain(&root), "was removed while it was in use", RESTORE))?;
        if self.tail.key != self.key.public().id() {
            // Somebody rotated the key meanwhile.
            let key = DeviceKey::read(&key_file(&root))?
                .ok_or_else(|| refused(&key_file(&root), "was removed while it was in use", RESTORE))?;
            check_key(&root, &key, &self.tail)?;
            self.key = key;
        }
        if self.tail.rotating {
            self.begin_key(None, "rotated")?;
        }
        self.write(said)
    }

    /// Hands over to a new key: the old one signs the new one, and is gone after that.
    pub(crate) fn rotate(mut self) -> Result<PublicKey, LedgerError> {
        let root = self.root.clone();
        let _turn = Turn::take(&root)?;
        self.tail = tail(&root, Some(&self.tail))?
            .ok_or_else(|| refused(&chain(&root), "was removed while it was in use", RESTORE))?;
        check_key(&root, &self.key, &self.tail)?;
        let mut unsynced = Unsynced::default();
        let next = DeviceKey::make(&next_key_file(&root), &mut unsynced)?;
        unsynced.sync()?;
        self.write(&Said::Rotated { to: next.public() })?;
        put_in_place(&root)?;
        self.key = next;
        self.begin_key(None, "rotated")?;
        Ok(self.key.public())
    }

    /// The line by which a key begins. The turn is taken.
    fn begin_key(&mut self, replaces: Option<Digest>, why: &str) -> Result<String, LedgerError> {
        self.write(&Said::Key { public: self.key.public(), replaces, why: why.to_string() })
    }

    /// Writes one line behind the tail, which is the one of now.
    fn write(&mut self, said: &Said) -> Result<String, LedgerError> {
        let path = chain(&self.root);
        let line = signed::write(self.tail.next, (self.clock)(), self.tail.digest, said, &self.key);
        let written = || {
            let mut file = layout::private_file().append(true).open(&path)?;
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_data()
        };
        written().map_err(LedgerError::io("write", &path))?;
        self.tail.bytes += u64::try_from(line.len() + 1).unwrap_or(u64::MAX);
        self.tail.next += 1;
        self.tail.digest = Digest::of(line.as_bytes());
        (self.tail.key, self.tail.rotating) = match said {
            Said::Rotated { to } => (to.id(), true),
            _ => (self.key.public().id(), false),
        };
        Ok(line)
    }
}

/// The public key of the device; it is made when there never was one.
///
/// # Errors
/// [`LedgerError::Device`] when the key is missing although it was used, may be used by others, or is not the one that
/// the chain of heads goes on with.
pub fn device_key(root: &Path, clock: Clock) -> Result<PublicKey, LedgerError> {
    Ok(Device::open(root, clock)?.public())
}

/// Makes a new key, has the old one sign it, and removes the old one. Sessions that run go on with the new one.
///
/// # Errors
/// As [`device_key`]. A rotation that was cut short is finished, or forgotten, when the device is next used.
pub fn rotate_key(root: &Path, clock: Clock) -> Result<PublicKey, LedgerError> {
    Device::open(root, clock)?.rotate()
}

/// Gives up a key that is lost or was found out, and goes on with a new one that only itself vouches for. Verifying
/// says so from then on, unless it is told the new key. `why` stands in the chain of heads.
///
/// # Errors
/// When files cannot be written, and [`LedgerError::Newer`] for a chain of a newer Waypost.
pub fn replace_key(root: &Path, clock: Clock, why: &str) -> Result<PublicKey, LedgerError> {
    let mut unsynced = Unsynced::default();
    layout::create_directory(&directory(root), &mut unsynced)?;
    let _turn = Turn::take(root)?;
    let tail = match tail(root, None) {
        Ok(Some(tail)) => tail,
        other => {
            // Without an end that can be read there is nothing to append to: the new chain begins by itself.
            let path = chain(root);
            if let Err(error @ LedgerError::Newer { .. }) = other {
                return Err(error);
            }
            if other.is_err() {
                let aside = path.with_extension(format!("damaged-{}", clock()));
                fs::rename(&path, aside).map_err(LedgerError::io("move", &path))?;
            }
            let old = DeviceKey::read(&key_file(root)).ok().flatten().map(|key| key.public().id());
            let replaces = old.or_else(|| Some(line::origin()));
            return begin(root, clock, replaces, why, unsynced).map(|device| device.public());
        }
    };
    let key = DeviceKey::make(&next_key_file(root), &mut unsynced)?;
    unsynced.sync()?;
    let replaces = Some(tail.key);
    let mut device = Device { root: root.to_path_buf(), clock, key, tail };
    device.begin_key(replaces, why)?;
    put_in_place(root)?;
    Ok(device.public())
}

/// The last line of the chain, which pins all of it; `None` when there is no chain.
pub(crate) fn last_line(root: &Path) -> Result<Option<String>, LedgerError> {
    let path = chain(root);
    if !path.exists() {
        return Ok(None);
    }
    let mut lines = crate::chain::lines(&path)?;
    let mut last = None;
    while let Some(read) = lines.read().map_err(LedgerError::io("read", &path))? {
        if read.ended {
            last = std::str::from_utf8(lines.text()).ok().map(str::to_string);
        }
    }
    Ok(last)
}

/// The public key that is in the place of the device's, when there is one.
pub(crate) fn public(root: &Path) -> Result<Option<PublicKey>, LedgerError> {
    Ok(DeviceKey::read(&key_file(root))?.map(|key| key.public()))
}

/// Makes the first key, and the chain with it: every journal that is there is signed as it is found.
fn begin(
    root: &Path,
    clock: Clock,
    replaces: Option<Digest>,
    why: &str,
    mut unsynced: Unsynced,
) -> Result<Device, LedgerError> {
    let key = DeviceKey::make(&next_key_file(root), &mut unsynced)?;
    unsynced.sync()?;
    let path = chain(root);
    let mut lines = String::new();
    let mut tail =
        Tail { bytes: 0, next: 0, digest: line::origin(), key: key.public().id(), rotating: false };
    let first = Said::Key { public: key.public(), replaces, why: why.to_string() };
    for said in [first].into_iter().chain(adopted(root)?) {
        let line = signed::write(tail.next, clock(), tail.digest, &said, &key);
        tail.next += 1;
        tail.digest = Digest::of(line.as_bytes());
        lines.push_str(&line);
        lines.push('\n');
    }
    tail.bytes = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    layout::place_file(&path, lines.as_bytes(), &mut unsynced)?;
    unsynced.sync()?;
    put_in_place(root)?;
    Ok(Device { root: root.to_path_buf(), clock, key, tail })
}

/// A head for every journal below the root that has a record.
fn adopted(root: &Path) -> Result<Vec<Said>, LedgerError> {
    let mut heads = Vec::new();
    for journal in layout::journals(root)? {
        let Ok(head) = Head::read(&root.join(&journal)) else { continue };
        if head.records > 0 {
            let Head { records, hash } = head;
            heads.push(Said::Head { journal, records, hash, state: State::Adopted });
        }
    }
    Ok(heads)
}

/// A journal that cannot be there without a device key: then this is no first use.
fn signed_before(root: &Path) -> Result<Option<String>, LedgerError> {
    let was_signed = |journal: &String| {
        let directory = root.join(journal);
        let mut start = [0; SIGNED_START.len()];
        let read =
            File::open(directory.join(layout::JOURNAL)).and_then(|mut file| file.read_exact(&mut start));
        directory.join(layout::HEADS).exists() || (read.is_ok() && start == *SIGNED_START)
    };
    Ok(layout::journals(root)?.into_iter().find(was_signed))
}

/// Renames the next key to the key, durably.
fn put_in_place(root: &Path) -> Result<(), LedgerError> {
    let path = key_file(root);
    fs::rename(next_key_file(root), &path).map_err(LedgerError::io("write", &path))?;
    let mut unsynced = Unsynced::default();
    unsynced.entry(&path);
    unsynced.sync()
}

/// Ends what a crash left half done: a key is made beside its place, put into the chain, and then put in its place.
fn recover(root: &Path) -> Result<Option<Tail>, LedgerError> {
    let tail = tail(root, None)?;
    if let Some(next) = DeviceKey::read(&next_key_file(root)).transpose() {
        let in_chain =
            next.is_ok_and(|next| tail.as_ref().is_some_and(|tail| tail.key == next.public().id()));
        if in_chain {
            put_in_place(root)?;
        } else {
            let path = next_key_file(root);
            fs::remove_file(&path).map_err(LedgerError::io("remove", &path))?;
        }
    }
    Ok(tail)
}

fn check_key(root: &Path, key: &DeviceKey, tail: &Tail) -> Result<(), LedgerError> {
    if tail.key == key.public().id() {
        return Ok(());
    }
    let problem = format!(
        "is not the key that signed what is on record here: it is `{}`, and that was `{}`",
        key.public().id().short(),
        tail.key.short()
    );
    Err(refused(&key_file(root), &problem, RESTORE))
}

/// The end of the chain; `None` when there is no chain. What a crash left of a line is set aside. The turn is taken.
fn tail(root: &Path, known: Option<&Tail>) -> Result<Option<Tail>, LedgerError> {
    let path = chain(root);
    let failed = |error| LedgerError::io("read", &path)(error);
    let mut file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed)?,
    };
    let length = file.metadata().map_err(failed)?.len();
    if let Some(known) = known.filter(|known| known.bytes == length) {
        return Ok(Some(known.clone()));
    }
    // Two lines at most: one that is torn, and the whole one before it.
    let window = u64::try_from(2 * signed::LINE_BYTES_MAX).unwrap_or(u64::MAX).min(length);
    file.seek(SeekFrom::Start(length - window)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(window).read_to_end(&mut bytes).map_err(failed)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let torn = bytes.split_off(whole);
    let last = bytes.strip_suffix(b"\n").unwrap_or_default();
    let start = last.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let last = last.get(start..).unwrap_or_default();
    let line = read_last(&path, last)?;
    let bytes = length - u64::try_from(torn.len()).unwrap_or(0);
    if !torn.is_empty() {
        set_aside(&path, &torn, line.seq + 1, bytes)?;
    }
    Ok(Some(Tail {
        bytes,
        next: line.seq + 1,
        digest: line.digest,
        key: line.next_key(),
        rotating: matches!(line.said, Said::Rotated { .. }),
    }))
}

fn read_last(path: &Path, line: &[u8]) -> Result<Signed, LedgerError> {
    signed::read(line).map_err(|fault| match fault {
        SignedFault::Newer(found) => {
            LedgerError::Newer { file: path.to_path_buf(), found, known: signed::FORMAT }
        }
        SignedFault::Unparsable(why) => refused(
            path,
            &format!("is damaged at its end: {why}"),
            "run `waypost audit verify`, and put it back from a copy",
        ),
    })
}

fn set_aside(path: &Path, torn: &[u8], seq: u64, bytes: u64) -> Result<(), LedgerError> {
    let mut unsynced = Unsynced::default();
    layout::place_file(&path.with_extension(format!("torn-{seq}")), torn, &mut unsynced)?;
    unsynced.sync()?;
    let open = layout::private_file().write(true).open(path);
    open.and_then(|file| file.set_len(bytes)).map_err(LedgerError::io("shorten", path))
}

impl Turn {
    fn take(root: &Path) -> Result<Turn, LedgerError> {
        let path = directory(root).join(layout::LOCK);
        let open = layout::private_file().read(true).write(true).create(true).truncate(false).open(&path);
        let file = open.map_err(LedgerError::io("open", &path))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Turn { _file: file }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < TURN_WAIT_MAX => {
                    std::thread::sleep(TURN_PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(LedgerError::InUse { what: "the chain of heads".to_string(), pid: None });
                }
                Err(TryLockError::Error(error)) => return Err(LedgerError::io("lock", &path)(error)),
            }
        }
    }
}

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;
