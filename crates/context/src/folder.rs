//! What lies in a folder: a listing with sizes, then the files themselves as far as the bound goes.
#![expect(clippy::disallowed_methods, reason = "the sizes of files are looked at here")]

use std::path::{Path, PathBuf};

use crate::file;
use crate::gather::Ground;
use crate::mention::{Kind, Mention};
use crate::piece::{PIECE_BYTES_MAX, Piece, files as count};
use crate::walk;

/// The most files that are listed.
const LISTED_MAX: usize = 400;

/// The most files that `#repository` lists.
const NAMES_MAX: usize = 2000;

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

/// The names and sizes of all files, without their text.
pub(crate) fn names(ground: &Ground<'_>, mention: &Mention) -> Piece {
    let found = Listing::of(ground, ground.workspace, NAMES_MAX);
    let text = found.names(ground, ".");
    let cut = found.cut(NAMES_MAX);
    Piece::new(mention.kind, mention.shown(), &text).with_cut((!cut.is_empty()).then(|| cut.join("; ")))
}

/// What is found in a folder.
struct Listing {
    files: Vec<(PathBuf, u64)>,
    closed: usize,
    more: usize,
}

impl Listing {
    fn of(ground: &Ground<'_>, path: &Path, files_max: usize) -> Listing {
        let mut found = Listing { files: Vec::new(), closed: 0, more: 0 };
        let walk = walk::builder(path).sort_by_file_name(Ord::cmp).build();
        for entry in walk.take(walk::ENTRIES_MAX).flatten() {
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                continue;
            }
            if (ground.may_read)(entry.path()).is_err() {
                found.closed += 1;
            } else if found.files.len() >= files_max {
                found.more += 1;
            } else {
                let size = std::fs::symlink_metadata(entry.path()).map_or(0, |data| data.len());
                found.files.push((entry.into_path(), size));
            }
        }
        found
    }

    fn names(&self, ground: &Ground<'_>, shown: &str) -> String {
        let mut text = format!("{} in {shown}:\n", count(self.files.len() + self.more));
        for (file, size) in &self.files {
            text.push_str(&format!("{} {size} bytes\n", walk::shown(ground.workspace, file)));
        }
        text
    }

    fn cut(&self, files_max: usize) -> Vec<String> {
        let mut cut = Vec::new();
        if self.more > 0 {
            cut.push(format!("not listed, beyond the first {files_max}: {}", count(self.more)));
        }
        if self.closed > 0 {
            cut.push(format!("closed by rules or lists: {}", count(self.closed)));
        }
        cut
    }
}

fn text(ground: &Ground<'_>, written: &str) -> Result<(String, Option<String>), String> {
    let (path, shown) = walk::resolve(ground.workspace, written)?;
    (ground.may_read)(&path)?;
    if !path.is_dir() {
        return Err(format!("it is a file; write `#file:{shown}`"));
    }
    let found = Listing::of(ground, &path, LISTED_MAX);
    let mut text = found.names(ground, &shown);
    let mut untold = 0;
    for (file, size) in &found.files {
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
    let mut cut = found.cut(LISTED_MAX);
    if untold > 0 {
        let untold = format!("listed without text, being long, binary or too many: {}", count(untold));
        cut.insert(usize::from(found.more > 0), untold);
    }
    Ok((text, (!cut.is_empty()).then(|| cut.join("; "))))
}
