//! Drawn trees in code blocks, as structure pages have them: each line becomes the path that it stands for. Judges nothing.

use spec::Span;

use super::words::is_plain;
use super::{CANDIDATES_MAX, Candidate, Claim, What};

/// How deep a drawn tree may be.
const DEPTH_MAX: usize = 32;

/// Reads the lines of one code block after the other.
#[derive(Debug, Default)]
pub(super) struct Trees {
    /// Which tree this is.
    group: usize,
    /// What the lines above hang on: column and path, `None` for what stands for itself no longer.
    above: Vec<(usize, Option<String>)>,
    /// The line above a tree, when it names a folder that the tree hangs on.
    root: Option<String>,
}

impl Trees {
    /// A block ends.
    pub(super) fn end(&mut self) {
        self.group += 1;
        self.above.clear();
        self.root = None;
    }

    /// Takes a line of a block; whether it is one of a tree.
    pub(super) fn line(&mut self, line: &str, offset: usize, found: &mut Vec<Candidate>) -> bool {
        let Some((at, branch)) = line.char_indices().find(|(_, c)| matches!(c, '├' | '└')) else {
            if line.trim().chars().all(|c| c == '│') {
                return true;
            }
            // A new root: `src/` above its branches, or the project's own name.
            self.end();
            let name = name_of(line.trim());
            let root = name.trim_end_matches('/');
            self.root =
                Some(root.to_string()).filter(|_| name.ends_with('/') && is_plain(&format!("x/{root}")));
            return false;
        };
        let column = line.get(..at).unwrap_or_default().chars().count();
        let rest = line.get(at + branch.len_utf8()..).unwrap_or_default();
        let trimmed = rest.trim_start_matches(['─', '-', ' ', '\u{a0}']);
        let name = name_of(trimmed);
        while self.above.last().is_some_and(|(above, _)| *above >= column) {
            self.above.pop();
        }
        let parent = match self.above.last() {
            Some((_, parent)) => parent.clone(),
            None => Some(String::new()),
        };
        let bare = name.trim_end_matches('/');
        let path = parent.filter(|_| is_plain(&format!("x/{bare}"))).map(|parent| match parent.as_str() {
            "" => bare.to_string(),
            parent => format!("{parent}/{bare}"),
        });
        if let Some(path) = &path
            && found.len() < CANDIDATES_MAX
            && !super::words::speaks_of_absence(trimmed)
        {
            let span = Span { offset: offset + (line.len() - trimmed.len()), len: name.len() };
            let claim = Claim::Tree { group: self.group, root: self.root.clone() };
            found.push(Candidate { span, what: What::Path(path.clone()), claim });
        }
        if self.above.len() < DEPTH_MAX {
            self.above.push((column, path));
        }
        true
    }
}

/// The name at the beginning of a line, without what explains it.
fn name_of(line: &str) -> &str {
    let end = line.find([' ', '\t', '#', '\u{a0}', '←']).unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}
