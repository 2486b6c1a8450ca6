//! Tests of `judge`: before, after and renames on one side, moments on the other.

use super::*;

/// `before` and `after` are words `name=stamp`, `renames` words `from>to`; the result is in the words of `text`.
#[track_caller]
fn check(before: &str, after: &str, renames: &str, expectation: &str) {
    let read = |text: &str| -> BTreeMap<String, Stamp> {
        let words = text.split_whitespace().map(|word| word.split_once('=').unwrap());
        words.map(|(name, stamp)| (name.to_owned(), Stamp(stamp.parse().unwrap()))).collect()
    };
    let (before, after) = (read(before), read(after));
    let renames: Vec<(String, String)> = renames
        .split_whitespace()
        .map(|word| word.split_once('>').unwrap())
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .collect();
    let sights = before.keys().chain(after.keys()).map(|path| {
        let sight = Sight {
            was: before.get(path).copied(),
            is: after.get(path).copied(),
            created: true,
            written: false,
        };
        (path.clone(), sight)
    });
    let moments = judge(&sights.collect(), &renames);
    assert_eq!(text(&moments), expectation);
}

fn text(moments: &[Moment]) -> String {
    let words = moments.iter().map(|moment| match &moment.kind {
        Kind::Created => format!("+{}", moment.path),
        Kind::Saved => format!("*{}", moment.path),
        Kind::Deleted => format!("-{}", moment.path),
        Kind::Renamed { from } => format!("{from}>{}", moment.path),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_listing_before_and_one_after_say_what_happened() {
    check("", "", "", "");
    check("a=1", "a=1", "", "");
    check("a=1", "a=2", "", "*a");
    check("a=1", "", "", "-a");
    check("", "a=1", "", "+a");
    check("a=1", "b=1", "", "-a +b");
}

#[test]
fn a_pair_is_a_rename_when_the_old_name_is_gone_and_the_new_one_is_new() {
    check("a=1", "b=1", "a>b", "a>b");
    check("a=1", "b=2", "a>b", "a>b *b");
    check("a=1", "c=1", "a>b b>c", "a>c");
    check("a=1", "a=1", "a>b b>a", "");
    check("a=1 b=2", "a=2 b=1", "a>t b>a t>b", "*a *b");
    check("a=1 b=2", "b=1", "a>b", "-a *b");
}

#[test]
fn editors_that_save_by_rename_saved_one_file() {
    // Written beside it and renamed over it.
    check("a=1", "a=2", "a.tmp>a", "*a");
    // vim: the old one aside, a new one in its place, the old one deleted or kept.
    check("a=1", "a=2", "a>a~", "*a");
    check("a=1", "a=2 a~=1", "a>a~", "*a +a~");
    // The first save of a new file.
    check("", "a=2", "a.tmp>a", "+a");
}

#[test]
fn a_renamed_directory_renames_the_files_in_it() {
    check("d/a=1 d/e/b=2", "f/a=1 f/e/b=2", "d>f", "d/a>f/a d/e/b>f/e/b");
    check("d/a=1", "f/x=1", "d>f f/a>f/x", "d/a>f/x");
    check("d/a=1", "f/x=1", "d/a>d/x d>f", "d/a>f/x");
    // In from outside, out to outside.
    check("", "f/a=1", "", "+f/a");
    check("d/a=1", "", "", "-d/a");
    // The old directory is there again, with another file of that name.
    check("d/a=1", "d/a=2 f/a=1", "d>f", "*d/a +f/a");
}

#[test]
fn a_name_written_that_was_not_known_is_saved_and_not_created() {
    let sight = Sight { was: None, is: Some(Stamp(1)), created: false, written: true };
    assert_eq!(text(&judge(&BTreeMap::from([("a".to_owned(), sight)]), &[])), "*a");
}

#[test]
fn a_ring_of_renames_ends() {
    let ring = "a>b b>a ".repeat(10_000);
    check("a=1", "a=1", &ring, "");
    check("", "b=1", &format!("{ring} a>b"), "+b");
}
