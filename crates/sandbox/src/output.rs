//! Keeps the beginning and the end of an output in memory and the whole of it in a file. Both are bounded.
#![expect(clippy::disallowed_methods, reason = "long outputs are kept whole in a file")]

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// How much of an output is kept in a file. What comes after that is counted and dropped.
pub(crate) const SPILL_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// An output as it is shown: all of it, or its beginning and its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The whole output, or its beginning.
    pub head: String,
    /// How many bytes between head and tail are not shown.
    pub left_out: u64,
    /// The end of the output, when something was left out.
    pub tail: String,
}

impl Output {
    /// The output as one text; `gap` says what stands where bytes were left out.
    pub fn text(&self, gap: impl FnOnce(u64) -> String) -> String {
        if self.left_out == 0 {
            return self.head.clone();
        }
        format!("{}{}{}", self.head, gap(self.left_out), self.tail)
    }
}

/// Collects an output.
pub(crate) struct Kept {
    bytes_max: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
    path: Option<PathBuf>,
    file: Option<Spill>,
}

/// A file that takes an output up to its bound.
pub(crate) struct Spill {
    file: File,
    written: u64,
}

impl Kept {
    pub(crate) fn new(bytes_max: usize, path: Option<&Path>) -> Kept {
        Kept {
            bytes_max,
            head: Vec::new(),
            tail: VecDeque::new(),
            total: 0,
            path: path.map(Path::to_path_buf),
            file: None,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.total = self.total.saturating_add(bytes.len() as u64);
        let overflowed = self.total > self.bytes_max as u64;
        if !overflowed {
            return self.head.extend_from_slice(bytes);
        }
        let half = self.bytes_max / 2;
        if self.file.is_none()
            && let Some(path) = &self.path
        {
            // Without the file the output is still shown by its two ends, so a full disk does not stop a run.
            self.file = Spill::create(path).ok();
            let earlier = self.head.iter().chain(&self.tail).copied().collect::<Vec<u8>>();
            if self.file.as_mut().is_none_or(|file| file.push(&earlier).is_err()) {
                (self.path, self.file) = (None, None);
            }
        }
        if self.head.len() > half {
            self.tail.extend(self.head.drain(half..));
        }
        let (first, rest) = bytes.split_at(half.saturating_sub(self.head.len()).min(bytes.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let surplus = self.tail.len().saturating_sub(half);
        self.tail.drain(..surplus);
        if self.file.as_mut().is_some_and(|file| file.push(bytes).is_err()) {
            (self.path, self.file) = (None, None);
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The file with the whole output, and whether it was cut at its bound.
    pub(crate) fn spilled(&self) -> Option<(PathBuf, bool)> {
        let file = self.file.as_ref()?;
        self.path.clone().map(|path| (path, file.written >= SPILL_BYTES_MAX))
    }

    /// What is shown. The two ends are cut at line ends where that loses little.
    pub(crate) fn output(&self) -> Output {
        if self.total <= self.bytes_max as u64 {
            return Output { head: lossy(&self.head), ..Output::default() };
        }
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        let is_end = |byte: &u8| *byte == b'\n';
        let head_end = self.head.iter().rposition(is_end).map_or(self.head.len(), |end| end + 1);
        let head_end = if head_end * 2 < self.head.len() { self.head.len() } else { head_end };
        let tail_start = tail.iter().position(is_end).map_or(0, |end| end + 1);
        let tail_start = if tail_start * 2 > tail.len() { 0 } else { tail_start };
        let (head, tail) =
            (self.head.get(..head_end).unwrap_or_default(), tail.get(tail_start..).unwrap_or_default());
        Output {
            head: lossy(head),
            left_out: self.total.saturating_sub((head.len() + tail.len()) as u64),
            tail: lossy(tail),
        }
    }
}

impl Spill {
    pub(crate) fn create(path: &Path) -> io::Result<Spill> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        Ok(Spill { file: File::create(path)?, written: 0 })
    }

    /// Writes as much as the bound allows.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = usize::try_from(SPILL_BYTES_MAX.saturating_sub(self.written)).unwrap_or(usize::MAX);
        let part = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.file.write_all(part)?;
        self.written += part.len() as u64;
        Ok(())
    }
}

pub(crate) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Decodes a stream piece by piece: a character that is cut at the end of a piece waits for the next one.
#[derive(Default)]
pub(crate) struct Decoder {
    waiting: Vec<u8>,
}

impl Decoder {
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.waiting.extend_from_slice(bytes);
        let cut = match std::str::from_utf8(&self.waiting) {
            Ok(_) => self.waiting.len(),
            // Only the last three bytes can be the beginning of a character that is not yet whole.
            Err(_) => {
                let last = self.waiting.len().saturating_sub(3);
                let ends = self.waiting.get(last..).unwrap_or_default();
                let begins = ends.iter().rposition(|byte| *byte >= 0xC0).map(|at| last + at);
                begins
                    .filter(|at| {
                        let rest = self.waiting.get(*at..).unwrap_or_default();
                        std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none())
                    })
                    .unwrap_or(self.waiting.len())
            }
        };
        let rest = self.waiting.split_off(cut);
        let text = lossy(&self.waiting);
        self.waiting = rest;
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&str], expected: (&str, u64, &str)) {
        let mut kept = Kept::new(20, None);
        pieces.iter().for_each(|piece| kept.push(piece.as_bytes()));
        let output = kept.output();
        assert_eq!((output.head.as_str(), output.left_out, output.tail.as_str()), expected, "{pieces:?}");
    }

    #[test]
    fn beginning_and_end_are_kept() {
        check(&["abc", "def"], ("abcdef", 0, ""));
        check(&["01234567890123456789"], ("01234567890123456789", 0, ""));
        check(&["01234567890123456789x"], ("0123456789", 1, "123456789x"));
        check(&["0123456\n", "-----", "-------", "a\nbcd", "efghi\n"], ("0123456\n", 14, "bcdefghi\n"));
        check(&["0123456789", &"-".repeat(1000), "abcdefghij"], ("0123456789", 1000, "abcdefghij"));
    }

    #[test]
    fn a_cut_character_waits() {
        let mut decoder = Decoder::default();
        let bytes = "aé€😀".as_bytes();
        let pieces: String = bytes.iter().map(|byte| decoder.push(&[*byte])).collect();
        assert_eq!(pieces, "aé€😀");
        assert_eq!(decoder.push(&[0xff, b'a']), "\u{fffd}a");
    }
}
