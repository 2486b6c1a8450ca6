//! For tests: what a line is found to run in a folder of files.

use std::path::Path;

use super::lines;
use super::places::Place;

/// These files, from the root, and whether some of what it runs is computed.
pub(super) fn check(root: &Path, line: &str, expected: &[&str], is_computed: bool) {
    let found = lines::look(Place::new(root, root), line);
    let files: Vec<String> =
        found.files.iter().map(|path| path.strip_prefix(root).unwrap().display().to_string()).collect();
    assert_eq!(files, expected, "{line}");
    assert_eq!(!found.computed.is_empty(), is_computed, "{line}: {:?}", found.computed);
}
