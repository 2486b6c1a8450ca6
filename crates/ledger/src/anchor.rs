//! Anchors: places outside the ledger that are told each signed head, so that not even the holder of the device key
//! can take one back unseen. The one that is a file lives here; others are given by the front door.
#![expect(clippy::disallowed_methods, reason = "an anchor is a file elsewhere")]

use std::fs::File;
use std::io::{self, BufReader, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use crate::chain::Lines;
use crate::{layout, signed};

/// A place that keeps lines of the chain of heads. Lines of several devices may share one.
pub trait Anchor: Send + Sync {
    /// How it is written in the settings.
    fn name(&self) -> &str;

    /// Keeps this line, which pins every line before it. It is safe when this returns.
    ///
    /// # Errors
    /// Why it could not be kept, in a sentence.
    fn put(&self, line: &str) -> Result<(), String>;

    /// Hands on every line that it keeps, the oldest first.
    ///
    /// # Errors
    /// Why it could not be read, in a sentence.
    fn each(&self, look: &mut dyn FnMut(&str)) -> Result<(), String>;
}

/// The anchors of a ledger.
#[derive(Clone, Default)]
pub struct Anchors {
    /// Where to.
    pub places: Vec<Arc<dyn Anchor>>,
    /// Whether a journal may not be written before its beginning is anchored.
    pub required: bool,
}

/// An anchor that is an append-only file: on another disk, a mounted share, a write-once medium.
#[derive(Clone, Debug)]
pub struct FileAnchor {
    name: String,
    path: PathBuf,
}

impl FileAnchor {
    /// The anchor at this absolute path.
    pub fn new(path: PathBuf) -> FileAnchor {
        FileAnchor { name: format!("file:{}", path.display()), path }
    }
}

impl Anchor for FileAnchor {
    fn name(&self) -> &str {
        &self.name
    }

    fn put(&self, line: &str) -> Result<(), String> {
        let written = || {
            let mut file = layout::private_file().append(true).create(true).open(&self.path)?;
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_data()
        };
        written().map_err(|error: io::Error| format!("it cannot be written: {error}"))
    }

    fn each(&self, look: &mut dyn FnMut(&str)) -> Result<(), String> {
        let unread = |error: io::Error| format!("it cannot be read: {error}");
        let mut lines = Lines::new(BufReader::new(File::open(&self.path).map_err(unread)?));
        while let Some(read) = lines.read().map_err(unread)? {
            // A line without an end is one that a crash cut short.
            let fits = read.kept && read.ended && lines.text().len() <= signed::LINE_BYTES_MAX;
            if let Some(text) = std::str::from_utf8(lines.text()).ok().filter(|_| fits) {
                look(text);
            }
        }
        Ok(())
    }
}
