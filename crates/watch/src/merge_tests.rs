//! Tests of merging: two batches one after the other, and what is told of both.

use super::*;

fn read(words: &str) -> Batch {
    let moments = words.split_whitespace().map(|word| {
        let (word, cause) = word.split_once('@').map_or((word, None), |(word, cause)| (word, Some(cause)));
        let (kind, path) = match word.split_at(1) {
            ("+", path) => (Kind::Created, path),
            ("*", path) => (Kind::Saved, path),
            ("-", path) => (Kind::Deleted, path),
            _ => {
                let (from, path) = word.split_once('>').unwrap();
                (Kind::Renamed { from: from.to_owned() }, path)
            }
        };
        Moment { path: path.to_owned(), kind, cause: cause.map(str::to_owned) }
    });
    Batch { moments: moments.collect(), ..Batch::default() }
}

#[track_caller]
fn check(first: &str, second: &str, expectation: &str) {
    let mut batch = read(first);
    batch.absorb(read(second));
    assert_eq!(batch.moments, read(expectation).moments);
    assert_eq!(batch.merged, 1);
}

#[test]
fn what_came_and_went_is_nothing_and_the_rest_is_the_difference() {
    check("+a", "-a", "");
    check("+a", "*a", "+a");
    check("*a", "*a", "*a");
    check("*a", "-a", "-a");
    check("-a", "+a", "*a");
    check("+a", "*b", "+a *b");
}

#[test]
fn renames_are_followed() {
    check("a>b", "*b", "a>b *b");
    check("a>b", "b>c", "a>c");
    check("a>b", "-b", "-a");
    check("a>b", "+a", "*a +b");
    check("a>b", "b>a", "");
    check("a>b *b", "b>a", "*a");
    check("+b", "b>c", "+c");
    check("*b", "b>c", "b>c *c");
    check("-c", "b>c", "-b *c");
}

#[test]
fn a_change_that_nobody_announced_is_not_hidden_by_one_that_was() {
    check("*a@h1", "*a@h1", "*a@h1");
    check("*a@h1", "*a", "*a");
    check("*a", "*a@h1", "*a");
    check("*a@h1", "*a@h2", "*a@h2");
}
