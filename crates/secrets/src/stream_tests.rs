//! Streams: cut anywhere, they give what the whole gives, and hold back no more than they say.

use proptest::prelude::*;

use super::*;
use crate::firewall::tests::{firewall, piece};

/// Redacts a text in pieces that end at `cuts`, with a firewall of its own.
fn streamed(text: &[u8], cuts: &[usize]) -> Redacted<Vec<u8>> {
    let mut wall = firewall();
    let mut stream = Stream::new(Source::World);
    let mut out = Redacted { text: Vec::new(), found: Vec::new(), forgotten: 0 };
    let mut at = 0;
    let mut add = |part: Redacted<Vec<u8>>| {
        out.text.extend(part.text);
        out.found.extend(part.found);
    };
    for cut in cuts {
        let cut = (*cut).clamp(at, text.len());
        add(stream.push(&mut wall, &text[at..cut]));
        assert!(stream.pending.len() <= Stream::HELD_MAX, "{} held", stream.pending.len());
        at = cut;
    }
    add(stream.push(&mut wall, &text[at..]));
    add(stream.finish(&mut wall));
    out
}

fn check(text: &[u8], cuts: &[usize]) {
    let whole = streamed(text, &[]);
    let cut = streamed(text, cuts);
    assert_eq!(String::from_utf8_lossy(&cut.text), String::from_utf8_lossy(&whole.text));
    assert_eq!(cut.found, whole.found);
}

#[test]
fn a_value_that_is_cut_is_found() {
    let value = piece(15);
    let text = format!("a line\nkey = {value}\nthe end");
    for cut in 0..text.len() {
        check(text.as_bytes(), &[cut]);
        assert!(!String::from_utf8_lossy(&streamed(text.as_bytes(), &[cut]).text).contains(&value));
    }
}

#[test]
fn a_private_key_is_held_until_its_end() {
    let key = format!("{}{}{}", piece(18), piece(20).repeat(12), piece(19));
    let text = format!("before\n{key}after\n");
    let every: Vec<usize> = (0..text.len()).step_by(7).collect();
    check(text.as_bytes(), &every);
    let out = streamed(text.as_bytes(), &every);
    assert_eq!(out.found.len(), 1);
    assert!(String::from_utf8_lossy(&out.text).starts_with("before\nwaypost_secret_"));
    // One that never ends is redacted too.
    check(format!("{}{}", piece(18), piece(20).repeat(500)).as_bytes(), &[100, 1_000, 20_000]);
}

#[test]
fn lines_that_keys_join_are_not_held_for_ever() {
    let key = format!("{}{}{}", piece(18), piece(20).repeat(12), piece(19)).trim_end().to_owned();
    for length in [1_000, PART / 2, PART - 3_000] {
        let line = "x ".repeat(length / 2);
        let text = format!("{key}{line}").repeat(20);
        check(text.as_bytes(), &(0..text.len()).step_by(1_009).collect::<Vec<_>>());
        let out = streamed(text.as_bytes(), &[]);
        assert_eq!(out.found.len(), 20, "{length}");
    }
}

#[test]
fn long_lines_go_in_parts() {
    let value = piece(15);
    let filler = "word ".repeat(7_000);
    // Values at all distances from the borders of parts.
    let text: String = (0..24).map(|at| format!("{}{value},", &filler[..filler.len() - at * 37])).collect();
    assert!(text.len() > 10 * PART);
    check(text.as_bytes(), &(0..text.len()).step_by(9_973).collect::<Vec<_>>());
    let out = streamed(text.as_bytes(), &[]);
    assert_eq!(out.found.len(), 24);
    assert!(!String::from_utf8_lossy(&out.text).contains(&value));
    let straddling = format!("{}{value}{}", "x ".repeat(PART / 2 - 4), "y ".repeat(PART));
    assert_eq!(streamed(straddling.as_bytes(), &[PART, PART + 5]).found.len(), 1);
}

#[test]
fn a_line_is_given_back_when_it_ends() {
    let mut wall = firewall();
    let mut stream = Stream::new(Source::World);
    assert_eq!(stream.push(&mut wall, b"one").text, b"");
    assert_eq!(stream.push(&mut wall, b"\ntwo").text, b"one\n");
    assert_eq!(stream.finish(&mut wall).text, b"two");
}

#[test]
fn the_whole_is_redacted_as_the_stream_is() {
    let text = format!("key = {}\n{}", piece(15), piece(14));
    let whole = firewall().redact_bytes(text.as_bytes(), Source::World);
    assert_eq!(whole, streamed(text.as_bytes(), &[3, 9, 20]));
}

proptest! {
    #[test]
    fn cuts_change_nothing(indices in prop::collection::vec(0usize..64, 0..60), cuts in prop::collection::vec(0usize..2_000, 0..12)) {
        let text: String = indices.into_iter().map(piece).collect();
        let mut cuts = cuts;
        cuts.sort_unstable();
        check(text.as_bytes(), &cuts);
    }

    #[test]
    fn cuts_change_nothing_in_long_texts(indices in prop::collection::vec((0usize..64, 0usize..3_000), 0..30), cuts in prop::collection::vec(0usize..400_000, 0..6)) {
        let text: String = indices.into_iter().map(|(index, count)| format!("{}{}", piece(index), "filler of a line ".repeat(count))).collect();
        let mut cuts = cuts;
        cuts.sort_unstable();
        check(text.as_bytes(), &cuts);
    }
}
