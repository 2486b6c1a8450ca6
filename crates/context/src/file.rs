//! A file, or some of its lines. Reads one file.
#![expect(clippy::disallowed_methods, reason = "the file is read here")]

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::gather::Ground;
use crate::mention::{Kind, Mention};
use crate::piece::Piece;
use crate::walk;

/// The most bytes of a file that are read to find some lines in it.
const READ_BYTES_MAX: u64 = 16 * 1024 * 1024;

pub(crate) fn piece(ground: &Ground<'_>, mention: &Mention) -> Piece {
    let title = mention.shown();
    let Some(written) = mention.argument.as_deref() else {
        return Piece::left_out(Kind::File, title, "no file is named; write `#file:src/a.rs`");
    };
    match text(ground, written, mention.lines) {
        Ok((text, cut)) => Piece::new(Kind::File, title, &text).with_cut(cut),
        Err(why) => Piece::left_out(Kind::File, title, why),
    }
}

fn text(
    ground: &Ground<'_>,
    written: &str,
    lines: Option<(usize, usize)>,
) -> Result<(String, Option<String>), String> {
    let (path, shown) = walk::resolve(ground.workspace, written).map_err(|why| {
        let others = walk::namesakes(ground.workspace, written);
        let open: Vec<String> = others
            .into_iter()
            .filter(|other| (ground.may_read)(&ground.workspace.join(other)).is_ok())
            .map(|other| format!("`#file:{other}`"))
            .collect();
        if open.is_empty() { why } else { format!("{why}; perhaps {} is meant", open.join(" or ")) }
    })?;
    (ground.may_read)(&path)?;
    if path.is_dir() {
        return Err(format!("it is a folder; write `#folder:{shown}`"));
    }
    let (bytes, is_cut) = read(&path, READ_BYTES_MAX)?;
    let text = decode(&bytes).ok_or_else(|| format!("it is a binary file of {} bytes", bytes.len()))?;
    let cut = is_cut.then(|| format!("only the first {READ_BYTES_MAX} bytes were read"));
    let Some((first, last)) = lines else { return Ok((text, cut)) };
    let total = text.split_inclusive('\n').count();
    if first > total {
        return Err(format!("it has {total} lines; line {first} is past its end"));
    }
    let part: String = text.split_inclusive('\n').skip(first - 1).take(last - first + 1).collect();
    let short = (last > total).then(|| format!("it has {total} lines"));
    Ok((part, cut.or(short)))
}

/// The bytes of a regular file up to a bound, and whether there are more.
pub(crate) fn read(path: &Path, bytes_max: u64) -> Result<(Vec<u8>, bool), String> {
    let cannot = |error: std::io::Error| format!("it cannot be read: {error}");
    // A pipe or a device would wait, or never end.
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err("it is no file".to_string());
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(cannot)?.take(bytes_max + 1).read_to_end(&mut bytes).map_err(cannot)?;
    let is_cut = bytes.len() as u64 > bytes_max;
    bytes.truncate(usize::try_from(bytes_max).unwrap_or(usize::MAX));
    Ok((bytes, is_cut))
}

/// The text of a file; nothing when it is none.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = bytes.get(..bytes.len().min(8000)).unwrap_or_default();
    (!head.contains(&0)).then(|| String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}"))
}
