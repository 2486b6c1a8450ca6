//! What holds for any text and any path: properties of `replace` and `resolve`, tried on random input.
#![expect(clippy::disallowed_methods, reason = "makes directories with links in them")]

use std::path::Path;

use proptest::prelude::*;

use crate::replace::{Replacement, replace};
use crate::resolve;

fn replacement(old: &str, new: &str, all: bool) -> Replacement {
    Replacement { old_text: old.to_string(), new_text: new.to_string(), all }
}

fn flat(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Texts of few different lines, so that pieces repeat and indentation drifts.
fn text() -> impl Strategy<Value = String> {
    let line = ("(|  |    |\t|\t\t)", "(|a|b|ab|é|if x|\\})", "(| |\t)", "(\n|\n|\r\n)");
    prop::collection::vec(line, 0..12)
        .prop_map(|lines| lines.into_iter().map(|(a, b, c, d)| [a, b, c, d].concat()).collect())
}

/// A piece of a text.
fn piece(text: &str, from: usize, length: usize) -> &str {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let from = from % starts.len();
    let to = (from + length).min(starts.len() - 1);
    text.get(starts[from]..starts[to]).unwrap()
}

/// How often a piece occurs, overlaps counted.
fn count(text: &str, piece: &str) -> usize {
    (0..text.len()).filter(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(piece))).count()
}

/// The lines without white space around them.
fn bare(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').map(str::trim).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    /// An exact replacement changes the piece and nothing else; more than one place is refused.
    #[test]
    fn an_exact_piece(text in text(), from in 0_usize..200, length in 1_usize..20, new in "[a-c\n ]{0,6}") {
        let whole = flat(&text);
        let old = piece(&whole, from, length).to_string();
        prop_assume!(!old.is_empty() && old != new);
        let done = replace(&text, &[replacement(&old, &new, false)]);
        if count(&whole, &old) != 1 {
            prop_assert!(done.is_err(), "ambiguous");
            return Ok(());
        }
        let done = done.unwrap();
        let at = whole.find(&old).unwrap();
        let (before, after) = (&whole[..at], &whole[at + old.len()..]);
        prop_assert_eq!(flat(&done.text), format!("{before}{new}{after}"));
        // What stands before and after the piece has its own bytes, line ends included.
        let lines = before.matches('\n').count();
        let kept: String = text.split_inclusive('\n').take(lines).collect();
        prop_assert!(done.text.starts_with(&kept));
        let lines = after.split_inclusive('\n').count().saturating_sub(1);
        let skipped = text.split_inclusive('\n').count() - lines;
        let kept: String = text.split_inclusive('\n').skip(skipped).collect();
        prop_assert!(done.text.ends_with(&kept));
        prop_assert_eq!(done.loose, 0);
    }

    /// What is found only by overlooking white space is one place, and everything outside it keeps its bytes.
    #[test]
    fn a_drifted_piece(text in text(), old in text(), new in text()) {
        prop_assume!(!old.is_empty() && flat(&old) != flat(&new) && count(&flat(&text), &flat(&old)) == 0);
        let Ok(done) = replace(&text, &[replacement(&old, &new, false)]) else { return Ok(()) };
        prop_assert_eq!(done.loose, 1);
        let (wanted, lines): (Vec<&str>, Vec<&str>) = (bare(&old), text.split_inclusive('\n').collect());
        let windows: Vec<usize> = (0..(lines.len() + 1).saturating_sub(wanted.len()))
            .filter(|at| lines[*at..*at + wanted.len()].iter().zip(&wanted).all(|(a, b)| a.trim() == *b))
            .collect();
        let explains = |at: &&usize| {
            let before: String = lines[..**at].concat();
            let after: String = lines[**at + wanted.len()..].concat();
            done.text.starts_with(&before) && done.text.ends_with(&after)
                && done.text.len() >= before.len() + after.len()
        };
        prop_assert!(windows.iter().any(|at| explains(&at)), "{windows:?}");
        // Two places that differ from the wanted text at line ends only are never told apart.
        let ends_only = |at: &&usize| {
            let own = old.split_inclusive('\n');
            lines[**at..].iter().zip(own).all(|(a, b)| a.trim_end() == b.trim_end())
        };
        prop_assert!(windows.iter().filter(|at| ends_only(at)).count() < 2);
    }

    /// With `all`, every occurrence goes.
    #[test]
    fn every_occurrence(text in "[ab\n]{0,30}", old in "[ab]{1,2}") {
        prop_assume!(text.contains(&old));
        let done = replace(&text, &[replacement(&old, "-", true)]).unwrap();
        prop_assert_eq!(done.text, text.replace(&old, "-"));
        prop_assert_eq!(done.lines.len(), text.matches(&old).count());
    }

    /// Any input at all is answered.
    #[test]
    fn nothing_panics(text in any::<String>(), old in any::<String>(), new in any::<String>()) {
        let _answer = replace(&text, &[replacement(&old, &new, false)]);
    }
}

fn tree(root: &Path, links: &[(String, String)]) {
    for path in ["work/a/b", "work/c", "outside/d"] {
        std::fs::create_dir_all(root.join(path)).unwrap();
    }
    for path in ["work/a/file", "outside/file", "outside/d/file"] {
        std::fs::write(root.join(path), "").unwrap();
    }
    for (target, at) in links {
        // A name that is taken stays what it is.
        let _taken = std::os::unix::fs::symlink(target, root.join("work").join(at));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 150, ..ProptestConfig::default() })]

    /// The place is where the system itself would go, and `relative` says truly whether that is inside.
    #[test]
    fn a_place_is_where_the_system_goes(
        links in prop::collection::vec(("(\\.\\.|\\.|a|c|a/b|\\.\\./\\.\\./outside|\\.\\./outside/d|l|m|gone)", "(l|m|a/l|a/b/m|c/l)"), 0..5),
        path in "(a|b|c|l|m|file|d|\\.\\.|\\.|new)(/(a|b|c|l|m|file|d|\\.\\.|\\.|new)){0,5}",
    ) {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        tree(&root, &links);
        let workspace = root.join("work");
        let Ok(place) = resolve(&workspace, &path) else { return Ok(()) };
        prop_assert_eq!(place.relative().is_some(), place.absolute().starts_with(&workspace));
        if let Ok(real) = workspace.join(&path).canonicalize() {
            prop_assert_eq!(place.absolute(), real.as_path());
        }
        for above in place.absolute().ancestors() {
            prop_assert!(!above.is_symlink(), "{} is a link", above.display());
        }
    }
}

/// A directory that is exchanged for a link again and again: whatever happens, nothing arrives outside.
#[test]
fn no_write_lands_outside_while_links_come_and_go() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path().canonicalize().unwrap();
    tree(&root, &[]);
    let (directory, moved, outside) = (root.join("work/a"), root.join("work/moved"), root.join("outside"));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let before = std::fs::read_dir(&outside).unwrap().count();
    let written = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                // A write may make the directory anew in between; then there is one more to clear away.
                if std::fs::rename(&directory, &moved).is_err() {
                    let _cleared = std::fs::remove_dir_all(&directory);
                }
                let _taken = std::os::unix::fs::symlink(&outside, &directory);
                std::thread::yield_now();
                let _gone = std::fs::remove_file(&directory);
                let _taken = std::fs::rename(&moved, &directory);
                std::thread::yield_now();
            }
        });
        let path = directory.join("new");
        let tries = 0..300;
        let written = tries.filter(|n| {
            let done = crate::files::replace(&path, b"x", None, &n.to_string()).is_ok();
            // It may have landed in the directory that was moved away and is now back, or is made anew.
            let _gone = std::fs::remove_file(&path);
            let _gone = std::fs::remove_file(moved.join("new"));
            done
        });
        let written = written.count();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        written
    });
    println!("{written} of 300 writes were done");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), before);
}
