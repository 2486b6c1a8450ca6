//! A workspace in a folder of its own, and a ground over it, for tests. In no release.
#![expect(clippy::disallowed_methods, reason = "files of a test are written here")]

use std::path::{Path, PathBuf};

use crate::{Answer, Ground, Outside, Piece, SpecPlace, gather, mentions};

pub(crate) const SEARCH_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

pub(crate) struct Place {
    _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

/// Answers in a fixed way; specs lie in this root and in its folder `packages/x`.
pub(crate) struct Fixed<'a>(pub(crate) &'a Path);

impl Outside for Fixed<'_> {
    fn specs(&self) -> Vec<SpecPlace> {
        let mut all = Vec::new();
        for (package, before) in [("", ""), ("packages/x", "packages/x:")] {
            let entries = std::fs::read_dir(self.0.join(package).join(".kiro/specs"));
            for path in entries.into_iter().flatten().map(|entry| entry.unwrap().path()) {
                let name = format!("{before}{}", path.file_stem().unwrap().display());
                all.push(SpecPlace { name, path });
            }
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }
    fn steering(&self, name: &str) -> Option<Answer> {
        (name == "style").then(|| Ok(("tabs\n".to_string(), None)))
    }
    fn problems(&self) -> Answer {
        Ok(("p\n".to_string(), Some("older ones left out".to_string())))
    }
    fn terminal(&self) -> Answer {
        Err("no terminal".to_string())
    }
    fn url(&self, address: &str) -> Answer {
        Ok((format!("page {address}\n"), None))
    }
}

impl Place {
    pub(crate) fn new(files: &[(&str, &str)]) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let place = Place { _folder: folder, root };
        for (path, text) in files {
            place.write(path, text.as_bytes());
        }
        place
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// What a message comes to; whatever lies in `closed` may not be read.
    pub(crate) fn pieces(&self, words: &str) -> Vec<Piece> {
        let may_read = |path: &Path| match path.components().any(|part| part.as_os_str() == "closed") {
            true => Err("invisible by `closed`".to_string()),
            false if path.starts_with(&self.root) => Ok(()),
            false => Err("outside the workspace".to_string()),
        };
        let ground = Ground { workspace: &self.root, may_read: &may_read, search_path: SEARCH_PATH, words };
        gather(&ground, &Fixed(&self.root), &mentions(words))
    }

    /// One piece as text: what it says, what was cut, or why it was left out.
    #[track_caller]
    pub(crate) fn check(&self, words: &str, expected: &str) {
        let said: Vec<String> = self
            .pieces(words)
            .iter()
            .map(|piece| match (&piece.left_out, &piece.cut) {
                (Some(why), _) => format!("{}: left out: {why}", piece.title),
                (None, Some(cut)) => format!("{}: {}[{cut}]", piece.title, piece.text),
                (None, None) => format!("{}: {}", piece.title, piece.text),
            })
            .collect();
        assert_eq!(said.join("\n"), expected, "{words}");
    }
}
