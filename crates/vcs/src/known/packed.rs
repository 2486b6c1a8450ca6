//! The files of one directory in as few bytes as will do: each as its name and what differs from the file before it.
//! Touches no disk.
//!
//! A file is its name, a zero byte, then numbers of seven bits a byte, lowest first (device, inode and time of the last
//! write as signed differences from the file before, the size, the time of the last change as a difference from that
//! of the last write, and kind and permissions crossed with those before, with the settled flag below them), then its
//! id.

use std::ffi::CStr;

use super::Bytes;
use crate::object::Id;
use crate::stamp::Stamp;

/// About how many bytes a file takes up.
const USUAL_BYTES: usize = 64;

/// Files by name, packed.
#[derive(Debug, Default)]
pub(crate) struct Files(Box<[u8]>);

/// Packs files, which come by name.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    bytes: Vec<u8>,
    before: Stamp,
}

/// The files one after another.
#[derive(Clone, Debug)]
pub(crate) struct Unpacked<'f> {
    rest: &'f [u8],
    before: Stamp,
}

impl Files {
    /// Packed files from elsewhere; `None` when that is not what they are.
    pub(crate) fn from_bytes(bytes: Box<[u8]>) -> Option<Files> {
        let files = Files(bytes);
        let mut unpacked = files.iter();
        let mut before: &CStr = c"";
        for (name, _) in unpacked.by_ref() {
            // This leaves out one without a name as well.
            if name <= before {
                return None;
            }
            before = name;
        }
        unpacked.rest.is_empty().then_some(files)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn iter(&self) -> Unpacked<'_> {
        Unpacked { rest: &self.0, before: Stamp::default() }
    }

    /// Puts other bytes in the place of some, which are named by their number, lowest first.
    pub(crate) fn replace(&mut self, others: &[(usize, Bytes)]) {
        if others.is_empty() {
            return;
        }
        let mut packer = Packer::with_capacity(self.0.len() / USUAL_BYTES + others.len());
        let mut others = others.iter().peekable();
        for (at, (name, held)) in self.iter().enumerate() {
            let other = others.next_if(|other| other.0 == at);
            packer.push(name, other.map_or(&held, |other| &other.1));
        }
        *self = packer.finish();
    }
}

impl Packer {
    /// For about so many files.
    pub(crate) fn with_capacity(files: usize) -> Packer {
        Packer { bytes: Vec::with_capacity(files * USUAL_BYTES), before: Stamp::default() }
    }

    /// Adds a file whose name comes after those before.
    pub(crate) fn push(&mut self, name: &CStr, held: &Bytes) {
        let (stamp, before) = (held.stamp, std::mem::replace(&mut self.before, held.stamp));
        self.bytes.extend_from_slice(name.to_bytes_with_nul());
        self.number(folded(stamp.device.wrapping_sub(before.device)));
        self.number(folded(stamp.inode.wrapping_sub(before.inode)));
        self.number(stamp.size);
        self.number(folded(stamp.modified.wrapping_sub(before.modified).cast_unsigned()));
        self.number(folded(stamp.changed.wrapping_sub(stamp.modified).cast_unsigned()));
        self.number(u64::from(stamp.mode ^ before.mode) << 1 | u64::from(held.is_settled));
        self.bytes.extend_from_slice(&held.id.0);
    }

    pub(crate) fn finish(self) -> Files {
        // Copied, not shortened: what is shortened leaves a hole behind it.
        Files(Box::from(self.bytes.as_slice()))
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.bytes.push(number.to_le_bytes()[0]);
    }
}

impl<'f> Unpacked<'f> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn difference(&mut self) -> Option<u64> {
        self.number().map(unfolded)
    }

    fn file(&mut self) -> Option<(&'f CStr, Bytes)> {
        let name = CStr::from_bytes_until_nul(self.rest).ok()?;
        self.rest = self.rest.get(name.count_bytes() + 1..)?;
        let before = self.before;
        let device = before.device.wrapping_add(self.difference()?);
        let inode = before.inode.wrapping_add(self.difference()?);
        let size = self.number()?;
        let modified = before.modified.wrapping_add_unsigned(self.difference()?);
        let changed = modified.wrapping_add_unsigned(self.difference()?);
        let last = self.number()?;
        let mode = before.mode ^ u32::try_from(last >> 1).ok()?;
        let (id, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        self.before = Stamp { device, inode, size, modified, changed, mode };
        Some((name, Bytes { stamp: self.before, id: Id(*id), is_settled: last & 1 == 1 }))
    }
}

/// Ends at the first file that is none.
impl<'f> Iterator for Unpacked<'f> {
    type Item = (&'f CStr, Bytes);

    fn next(&mut self) -> Option<(&'f CStr, Bytes)> {
        let start = self.rest;
        let file = self.file();
        if file.is_none() {
            self.rest = start;
        }
        file
    }
}

/// A difference so that small ones, above or below zero, are small numbers.
fn folded(difference: u64) -> u64 {
    difference << 1 ^ (difference.cast_signed() >> 63).cast_unsigned()
}

fn unfolded(number: u64) -> u64 {
    number >> 1 ^ (number & 1).wrapping_neg()
}

#[cfg(test)]
#[path = "packed_tests.rs"]
mod tests;
