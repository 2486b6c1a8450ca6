//! What each source file owes its reader: a first line, an end in sight, and no notes to self.

use super::finding::Finding;
use crate::workspace::{File, Workspace};

/// A ratchet: it may be turned down when the longest file has been parted, and never up.
const LINES_MAX: usize = 700;

/// Marks of unfinished work, in comments. Put together here, so that this file does not find itself.
const MARKS: [&str; 3] = [concat!("FIX", "ME"), concat!("TO", "DO"), concat!("X", "XX")];

/// Every file opens with `//!`, is short enough, and has no mark of unfinished work.
pub(super) fn rule(workspace: &Workspace) -> Vec<Finding> {
    workspace.sources.iter().flat_map(faults).collect()
}

fn faults(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !file.text.starts_with("//!") {
        let hint = "say in the first line what lives here and what does not";
        findings.push(Finding::new(&file.path, "does not begin with `//!`", hint));
    }
    let lines = file.text.lines().count();
    if lines > LINES_MAX {
        let fault = format!("has {lines} lines, more than {LINES_MAX}");
        findings.push(Finding::new(&file.path, fault, "ask which two ideas share the file, and part them"));
    }
    for (index, line) in file.text.lines().enumerate() {
        if let Some(mark) = mark_in_comment(line) {
            let place = format!("{}:{}", file.path, index + 1);
            findings.push(Finding::new(
                place,
                format!("`{mark}` in a comment"),
                "finish it, or open an issue",
            ));
        }
    }
    findings
}

fn mark_in_comment(line: &str) -> Option<&'static str> {
    let (_, comment) = line.split_once("//")?;
    let mut words = comment.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.find_map(|word| MARKS.into_iter().find(|mark| *mark == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let file = File { path: "a.rs".to_owned(), text: text.to_owned() };
        let found: Vec<String> = faults(&file).iter().map(|f| format!("{}: {}", f.place, f.fault)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_file_says_what_it_holds() {
        check("//! Holds a thing.\n", &[]);
        check("use a;\n", &["a.rs: does not begin with `//!`"]);
        check("", &["a.rs: does not begin with `//!`"]);
    }

    #[test]
    fn a_file_ends_in_time() {
        check(&"//! x\n".repeat(LINES_MAX), &[]);
        check(&"//! x\n".repeat(LINES_MAX + 1), &["a.rs: has 701 lines, more than 700"]);
    }

    #[test]
    fn marks_are_found_in_comments_only() {
        let mark = MARKS[0];
        check(&format!("//! x\nlet a = 1; // {mark}: later\n"), &[&format!("a.rs:2: `{mark}` in a comment")]);
        check(&format!("//! x\nlet a = \"{mark}\";\n"), &[]);
        check(&format!("//! x\n// {mark}_BYTES is a name\n"), &[]);
    }
}
