//! Tests that damage a closed journal in every way and ask to be told.
#![expect(clippy::disallowed_methods, reason = "tests damage files here")]

use std::fs;

use conversation::{Event, Journal as _};

use super::*;
use crate::line;
use crate::testing::{Place, place, said};

fn findings(place: &Place) -> Vec<String> {
    let report = verify(&[place.root.path().to_path_buf()]);
    report.findings.iter().map(|finding| format!("{:?} {}", finding.record, finding.problem.name())).collect()
}

/// A closed session, its journal's bytes, and where each line ends.
fn closed(turns: u32) -> (Place, Vec<u8>, Vec<usize>) {
    let place = place();
    place.session("s", turns);
    let bytes = fs::read(place.journal("s")).unwrap();
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    assert_eq!(findings(&place), [""; 0]);
    (place, bytes, ends)
}

fn check(place: &Place, journal: &[u8], expected: &[&str]) {
    fs::write(place.journal("s"), journal).unwrap();
    assert_eq!(findings(place), expected);
}

#[test]
fn every_changed_byte_is_found() {
    let (place, bytes, _) = closed(0);
    for at in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80, bytes[at] ^ b'\n'] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            if changed != bytes {
                fs::write(place.journal("s"), changed).unwrap();
                assert_ne!(findings(&place), [""; 0], "byte {at} xor {flip:#x}");
            }
        }
    }
}

#[test]
fn every_inserted_or_removed_byte_is_found() {
    let (place, bytes, _) = closed(0);
    for at in 0..bytes.len() {
        let removed = [&bytes[..at], &bytes[at + 1..]].concat();
        let inserted = [b' ', b'\n', b'0'].map(|byte| [&bytes[..at], &[byte], &bytes[at..]].concat());
        for changed in inserted.into_iter().chain([removed]) {
            fs::write(place.journal("s"), changed).unwrap();
            assert_ne!(findings(&place), [""; 0], "byte {at}");
        }
    }
}

#[test]
fn every_truncation_is_found() {
    let (place, bytes, _) = closed(1);
    for cut in 0..bytes.len() {
        fs::write(place.journal("s"), &bytes[..cut]).unwrap();
        assert!(findings(&place).iter().any(|finding| finding.ends_with("truncated")), "cut at {cut}");
    }
}

#[test]
fn every_dropped_repeated_or_swapped_record_is_found() {
    let (place, bytes, ends) = closed(3);
    let starts: Vec<usize> = [0].into_iter().chain(ends.iter().copied()).collect();
    let record = |at: usize| &bytes[starts[at]..starts[at + 1]];
    let count = ends.len();
    for one in 0..count {
        let join =
            |records: &mut dyn Iterator<Item = usize>| records.map(record).collect::<Vec<_>>().concat();
        fs::write(place.journal("s"), join(&mut (0..count).filter(|at| *at != one))).unwrap();
        assert_ne!(findings(&place), [""; 0], "without record {one}");
        fs::write(place.journal("s"), join(&mut (0..=one).chain(one..count))).unwrap();
        assert_ne!(findings(&place), [""; 0], "record {one} twice");
        for other in one + 1..count {
            let mut order: Vec<usize> = (0..count).collect();
            order.swap(one, other);
            fs::write(place.journal("s"), join(&mut order.into_iter())).unwrap();
            assert_ne!(findings(&place), [""; 0], "record {one} and {other} swapped");
        }
    }
}

#[test]
fn each_kind_of_damage_has_its_name_and_its_record() {
    let (place, bytes, ends) = closed(1);
    let text = String::from_utf8(bytes.clone()).unwrap();
    let line = |at: usize| &bytes[ends[at - 1]..ends[at]];
    check(&place, text.replacen("I look.", "I lock.", 1).as_bytes(), &["Some(3) edited"]);
    check(&place, &[&bytes[..ends[1]], &bytes[ends[2]..]].concat(), &["Some(3) dropped"]);
    check(
        &place,
        &[&bytes[..ends[0]], line(2), line(1), &bytes[ends[2]..]].concat(),
        &["Some(2) dropped", "Some(1) reordered", "Some(3) dropped"],
    );
    check(&place, &bytes[..ends[5]], &["Some(6) truncated"]);
    check(&place, &[&bytes, &b"{\"seq\""[..]].concat(), &["Some(7) torn"]);
    check(
        &place,
        &[&bytes[..ends[2]], b"??\n", &bytes[ends[3]..]].concat(),
        &["Some(3) unparsable", "Some(4) unchained"],
    );
    check(&place, text.replacen("\"v\":2", "\"v\":9", 1).as_bytes(), &["Some(0) newer"]);
    check(&place, &bytes, &[]);
    fs::write(place.session_directory("s").join("head"), "{}").unwrap();
    check(&place, &bytes, &["None head_unreadable"]);
    fs::remove_file(place.session_directory("s").join("head")).unwrap();
    check(&place, &bytes, &["None head_unreadable"]);
}

#[test]
fn a_forged_record_with_a_fitting_hash_breaks_the_chain_or_the_head() {
    let (place, bytes, ends) = closed(0);
    let forged = |at: u64| {
        let prev = if at == 0 { line::origin() } else { line::read(&bytes[..ends[0] - 1]).unwrap().hash };
        let mut text = String::new();
        line::write(
            &line::Draft {
                format: 2,
                seq: at,
                at: 1,
                prev,
                name: "said",
                body: "{\"text\":\"no\"}",
                texts: &[],
            },
            &mut text,
        );
        text.into_bytes()
    };
    let middle = [&bytes[..ends[0]], &forged(1), &bytes[ends[1]..]].concat();
    check(&place, &middle, &["Some(2) unchained"]);
    check(&place, &[&bytes[..ends[0]], &forged(1)[..]].concat(), &["Some(2) truncated"]);
    let mut whole = String::new();
    let mut prev = line::origin();
    for seq in 0..3 {
        let draft = line::Draft { format: 2, seq, at: 1, prev, name: "resumed", body: "{}", texts: &[] };
        prev = line::write(&draft, &mut whole);
    }
    check(&place, whole.as_bytes(), &["Some(2) not_as_signed", "Some(2) head_differs"]);
}

#[test]
fn content_is_part_of_the_record() {
    let place = place();
    let mut writer = place.store.create_session("s").unwrap();
    writer.append(&said(&"x".repeat(9_000))).unwrap();
    // A body that leaves as a whole, with a string in it that left before.
    let files = (0..60_000).map(|at| (format!("file-{at}"), 1, 1)).collect();
    let before = "y".repeat(9_000);
    writer
        .append(&Event::Changed {
            task: "1".to_string(),
            session: "s".to_string(),
            head: writer.head(),
            before: before.clone(),
            after: String::new(),
            files,
            cost: None,
        })
        .unwrap();
    writer.seal().unwrap();
    let report = verify(&[place.root.path().to_path_buf()]);
    assert_eq!((report.journals, report.records, report.contents, report.findings.len()), (1, 2, 3, 0));

    for (bytes, record) in [("x".repeat(9_000), 0), (before, 1)] {
        let path = place.store.content().path(&Digest::of(bytes.as_bytes()));
        fs::write(&path, bytes.replacen(['x', 'y'], "z", 1)).unwrap();
        assert_eq!(findings(&place), [format!("Some({record}) content_changed")]);
        fs::remove_file(&path).unwrap();
        assert_eq!(findings(&place), [format!("Some({record}) content_missing")]);
        fs::write(&path, bytes).unwrap();
    }
    assert_eq!(findings(&place), [""; 0]);
}

#[test]
fn a_spec_pins_the_session_that_it_names() {
    let place = place();
    let head = place.session("s", 1);
    let changed = |session: &str, head| Event::Changed {
        task: "1".to_string(),
        session: session.to_string(),
        head,
        before: String::new(),
        after: String::new(),
        files: Vec::new(),
        cost: None,
    };
    let mut writer = place.store.create_or_open_spec("limit").unwrap();
    writer.append(&changed("s", head)).unwrap();
    writer.append(&changed("s", Digest::of(b"other"))).unwrap();
    writer.append(&changed("gone", head)).unwrap();
    writer.append(&changed("../s", head)).unwrap();
    drop(writer);
    let expected = ["Some(1) not_in_session", "Some(2) not_in_session", "Some(3) not_in_session"];
    assert_eq!(findings(&place), expected);
    let spec = place.store.directory().join("specs/limit");
    let report = verify(&[spec.join("journal.jsonl")]);
    assert_eq!((report.journals, report.findings.len()), (1, 3), "also when only the spec is asked for");
    fs::remove_dir_all(place.session_directory("s")).unwrap();
    assert_eq!(verify(&[spec]).findings.len(), 4, "a session that was removed is missed");
    assert!(findings(&place).contains(&"None gone".to_string()));
}

#[test]
fn a_journal_that_was_removed_or_is_being_written() {
    let (place, ..) = closed(1);
    let mut writer = place.store.open_session("s").unwrap();
    writer.append(&said("more")).unwrap();
    writer.sync().unwrap();
    let bytes = fs::read(place.journal("s")).unwrap();
    check(&place, &[&bytes, &b"{\"seq\""[..]].concat(), &[]);
    fs::write(place.journal("s"), &bytes).unwrap();
    drop(writer);
    assert_eq!(findings(&place), [""; 0]);
    fs::remove_file(place.journal("s")).unwrap();
    assert_eq!(findings(&place), ["None unreadable"], "the head stays behind and tells");
    assert_eq!(verify(&[place.root.path().join("nowhere")]).findings.len(), 1);
}

#[test]
fn a_finding_is_a_sentence() {
    let problem = Problem::Truncated { durable: 9 };
    let finding = Finding { file: PathBuf::from("j"), record: Some(4), problem };
    assert_eq!(finding.to_string(), "j: record 4: the journal ends before it, and 9 records were durable");
}

#[path = "tamper_tests.rs"]
mod tamper;
