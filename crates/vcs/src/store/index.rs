//! The list of where objects lie in the log. Only a shortcut: whatever is wrong with it, the log is read instead.
#![expect(clippy::disallowed_methods, reason = "the list is a file")]

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::Place;
use crate::SnapshotError;
use crate::object::{Id, Kind};

/// Bytes of an entry: id, offset, length, kind, check.
const ENTRY_BYTES: usize = 32 + 8 + 8 + 1 + 7;

pub(super) fn path(directory: &Path, generation: u64) -> PathBuf {
    directory.join(format!("idx-{generation}"))
}

/// The entries from `listed` on that fit a log which is known up to `end` and has `length` bytes; and how many bytes
/// of the list are good.
pub(super) fn read(
    directory: &Path,
    generation: u64,
    listed: u64,
    mut end: u64,
    length: u64,
) -> (Vec<(Id, Place)>, u64) {
    let bytes = fs::read(path(directory, generation)).unwrap_or_default();
    let start = usize::try_from(listed).unwrap_or(usize::MAX);
    let mut good = listed;
    let mut entries = Vec::new();
    for entry in bytes.get(start..).unwrap_or_default().chunks_exact(ENTRY_BYTES) {
        // An entry that does not follow the one before it is torn, or was made for other bytes.
        let Some((id, place)) = decode(entry) else { break };
        let head = place.offset.saturating_sub(end);
        let next = place.offset.checked_add(place.length).and_then(|next| next.checked_add(1));
        let Some(next) = next.filter(|next| *next <= length && head > 0 && head <= 91) else { break };
        end = next;
        good += ENTRY_BYTES as u64;
        entries.push((id, place));
    }
    (entries, good)
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
