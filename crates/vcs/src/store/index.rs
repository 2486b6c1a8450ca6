//! The list of where objects lie in the log. Only a shortcut: whatever is wrong with it, the log is read instead.
#![expect(clippy::disallowed_methods, reason = "the list is a file")]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::Place;
use crate::SnapshotError;
use crate::object::{Id, Kind};

/// Bytes of an entry: id, offset, length, kind, check.
const ENTRY_BYTES: usize = 32 + 8 + 8 + 1 + 7;
/// How many entries are read at once.
const READ_AT_ONCE: usize = 1_000;

/// What is known before the list is read.
pub(super) struct Known {
    /// How many bytes of the list.
    pub(super) listed: u64,
    /// Where the next record begins in the log.
    pub(super) end: u64,
    /// How long the log is.
    pub(super) length: u64,
}

pub(super) fn path(directory: &Path, generation: u64) -> PathBuf {
    directory.join(format!("idx-{generation}"))
}

/// Gives the entries behind those that are known, as long as they fit the log; says how many bytes of the list are good.
pub(super) fn read(directory: &Path, generation: u64, known: Known, mut take: impl FnMut(Id, Place)) -> u64 {
    let Known { listed: mut good, mut end, length } = known;
    let Ok(file) = File::open(path(directory, generation)) else { return good };
    let mut buffer = vec![0; READ_AT_ONCE * ENTRY_BYTES];
    loop {
        let Some(bytes) = fill(&file, &mut buffer, good).filter(|bytes| !bytes.is_empty()) else {
            return good;
        };
        for entry in bytes.chunks_exact(ENTRY_BYTES) {
            // An entry that does not follow the one before it is torn, or was made for other bytes.
            let Some((id, place)) = decode(entry) else { return good };
            let head = place.offset.saturating_sub(end);
            let next = place.offset.checked_add(place.length).and_then(|next| next.checked_add(1));
            let Some(next) = next.filter(|next| *next <= length && head > 0 && head <= 91) else {
                return good;
            };
            end = next;
            good += ENTRY_BYTES as u64;
            take(id, place);
        }
    }
}

/// The whole entries from here on, as many as the buffer takes.
fn fill<'b>(file: &File, buffer: &'b mut [u8], at: u64) -> Option<&'b [u8]> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, at + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    buffer.get(..filled - filled % ENTRY_BYTES)
}

/// Writes entries behind the good ones. Not synced: a list that lags behind costs time, nothing else.
pub(super) fn append(
    directory: &Path,
    generation: u64,
    listed: u64,
    entries: &[(Id, Place)],
) -> Result<u64, SnapshotError> {
    if entries.is_empty() {
        return Ok(listed);
    }
    let path = path(directory, generation);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(SnapshotError::io("open", &path))?;
    let bytes: Vec<u8> = entries.iter().flat_map(|(id, place)| encode(id, place)).collect();
    let end = listed + bytes.len() as u64;
    let written = file.write_all_at(&bytes, listed).and_then(|()| file.set_len(end));
    written.map_err(SnapshotError::io("write", &path))?;
    Ok(end)
}

fn encode(id: &Id, place: &Place) -> [u8; ENTRY_BYTES] {
    let kind = match place.kind {
        Kind::Blob => 0,
        Kind::Tree => 1,
        Kind::Mark => 2,
    };
    let mut entry = [0; ENTRY_BYTES];
    let body =
        id.0.into_iter()
            .chain(place.offset.to_le_bytes())
            .chain(place.length.to_le_bytes())
            .chain(std::iter::once(kind));
    let mut check = Check::new();
    for (to, byte) in entry.iter_mut().zip(body) {
        *to = byte;
        check.add(byte);
    }
    for (to, byte) in entry.iter_mut().skip(ENTRY_BYTES - 7).zip(check.bytes()) {
        *to = byte;
    }
    entry
}

fn decode(entry: &[u8]) -> Option<(Id, Place)> {
    let number = |from: usize| Some(u64::from_le_bytes(entry.get(from..from + 8)?.try_into().ok()?));
    let kind = match entry.get(48)? {
        0 => Kind::Blob,
        1 => Kind::Tree,
        2 => Kind::Mark,
        _ => return None,
    };
    let mut check = Check::new();
    entry.get(..ENTRY_BYTES - 7)?.iter().for_each(|byte| check.add(*byte));
    if entry.get(ENTRY_BYTES - 7..)? != check.bytes().as_slice() {
        return None;
    }
    let id = Id(entry.get(..32)?.try_into().ok()?);
    Some((id, Place { kind, offset: number(32)?, length: number(40)? }))
}

/// Seven bytes that say whether an entry was torn.
struct Check(u64);

impl Check {
    fn new() -> Check {
        Check(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    fn bytes(&self) -> [u8; 7] {
        let [a, b, c, d, e, f, g, _] = self.0.to_le_bytes();
        [a, b, c, d, e, f, g]
    }
}
