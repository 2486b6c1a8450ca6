//! What lies in a folder: a listing with sizes, then the files themselves as far as the bound goes.
#![expect(clippy::disallowed_methods, reason = "the sizes of files are looked at here")]

use std::path::PathBuf;

use crate::file;
use crate::gather::Ground;
use crate::mention::{Kind, Mention};
use crate::piece::{PIECE_BYTES_MAX, Piece, files as count};
use crate::walk;

/// The most files that are listed.
const LISTED_MAX: usize = 400;

/// The largest file whose text is given with its folder, in bytes; a larger one is only listed.
const FILE_BYTES_MAX: u64 = 24 * 1024;

pub(crate) fn piece(ground: &Ground<'_>, mention: &Mention) -> Piece {
    let title = mention.shown();
    let Some(written) = mention.argument.as_deref() else {
        return Piece::left_out(Kind::Folder, title, "no folder is named; write `#folder:src`");
    };
    match text(ground, written) {
        Ok((text, cut)) => Piece::new(Kind::Folder, title, &text).with_cut(cut),
        Err(why) => Piece::left_out(Kind::Folder, title, why),
    }
}

fn text(ground: &Ground<'_>, written: &str) -> Result<(String, Option<String>), String> {
    let (path, shown) = walk::resolve(ground.workspace, written)?;
    (ground.may_read)(&path)?;
    if !path.is_dir() {
        return Err(format!("it is a file; write `#file:{shown}`"));
    }
    let (mut files, mut closed, mut more): (Vec<(PathBuf, u64)>, usize, usize) = (Vec::new(), 0, 0);
    let walk = walk::builder(&path).sort_by_file_name(Ord::cmp).build();
    for entry in walk.take(walk::ENTRIES_MAX).flatten() {
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        if (ground.may_read)(entry.path()).is_err() {
            closed += 1;
        } else if files.len() >= LISTED_MAX {
            more += 1;
        } else {
            let size = std::fs::symlink_metadata(entry.path()).map_or(0, |data| data.len());
            files.push((entry.into_path(), size));
        }
    }
    let mut text = format!("{} in {shown}:\n", count(files.len() + more));
    for (file, size) in &files {
        text.push_str(&format!("{} {size} bytes\n", walk::shown(ground.workspace, file)));
    }
    let mut untold = 0;
    for (file, size) in &files {
        let room = PIECE_BYTES_MAX.saturating_sub(text.len());
        let read = (*size <= FILE_BYTES_MAX && usize::try_from(*size).is_ok_and(|size| size + 200 < room))
            .then(|| file::read(file, FILE_BYTES_MAX).ok())
            .flatten();
        match read.and_then(|(bytes, _)| file::decode(&bytes)) {
            Some(words) if words.len() + 200 < room => {
                text.push_str(&format!("\n--- {} ---\n{words}", walk::shown(ground.workspace, file)));
                if !words.ends_with('\n') {
                    text.push('\n');
                }
            }
            _ => untold += 1,
        }
    }
    let mut cut = Vec::new();
    if more > 0 {
        cut.push(format!("not listed, beyond the first {LISTED_MAX}: {}", count(more)));
    }
    if untold > 0 {
        cut.push(format!("listed without text, being long, binary or too many: {}", count(untold)));
    }
    if closed > 0 {
        cut.push(format!("closed by rules or lists: {}", count(closed)));
    }
    Ok((text, (!cut.is_empty()).then(|| cut.join("; "))))
}
