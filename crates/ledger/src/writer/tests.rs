//! Tests of writing: order, durability, what a crash or a full disk leaves, and who may write.

use std::fs::OpenOptions;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::testing::{place, said};
use crate::wire::samples;

#[test]
fn what_is_written_is_read_back_in_order() {
    let place = place();
    let mut writer = place.store.create_session("s").unwrap();
    let mut expected = samples::all();
    for event in &expected {
        writer.append(event).unwrap();
    }
    writer.record(&[samples::decided("c2"), samples::decided("c3")]).unwrap();
    expected.extend(["c2", "c3"].map(|call| Event::Decided(samples::decided(call))));
    let head = writer.head();
    assert_eq!(writer.seal().unwrap(), head);
    assert_eq!(place.events("s"), expected);
    let stored = place.store.read("s").unwrap();
    assert_eq!(stored.last().unwrap().hash, head);
    assert!(stored.iter().enumerate().all(|(at, one)| one.seq == at as u64));
    let findings = crate::verify(&[place.root.path().to_path_buf()]).findings;
    let problems: Vec<_> = findings.iter().map(|finding| finding.problem.name()).collect();
    assert_eq!(problems, ["not_in_session"], "a sample names a session that is not there");

    let mut writer = place.store.open_session("s").unwrap();
    assert_eq!((writer.head(), writer.records()), (head, expected.len() as u64));
    writer.append(&Event::Resumed).unwrap();
    drop(writer);
    expected.push(Event::Resumed);
    assert_eq!(place.events("s"), expected, "dropping writes what was collected");
}

#[test]
fn an_append_waits_for_the_next_decision_or_sync() {
    let place = place();
    let mut writer = place.store.create_session("s").unwrap();
    let length = || fs::metadata(place.journal("s")).unwrap().len();
    writer.append(&said("a")).unwrap();
    assert_eq!(length(), 0);
    writer.record(&[samples::decided("c")]).unwrap();
    assert_eq!(place.events("s").len(), 2);
    writer.append(&said("b")).unwrap();
    assert_eq!(place.events("s").len(), 2);
    writer.sync().unwrap();
    assert_eq!(place.events("s").len(), 3);
    let head = Head::read(&place.session_directory("s")).unwrap();
    assert_eq!((head.records, head.hash), (3, writer.head()));
}

#[test]
fn a_journal_that_is_removed_or_shortened_underneath_takes_no_more_decisions() {
    let damages: [fn(&Path); 2] = [
        |journal| fs::remove_file(journal).unwrap(),
        |journal| OpenOptions::new().write(true).open(journal).unwrap().set_len(10).unwrap(),
    ];
    for damage in damages {
        let place = place();
        let mut writer = place.store.create_session("s").unwrap();
        writer.record(&[samples::decided("c1")]).unwrap();
        damage(&place.journal("s"));
        let refused = writer.record(&[samples::decided("c2")]).unwrap_err().to_string();
        assert!(refused.contains("removed or changed by something else"), "{refused}");
        assert!(writer.sync().is_err(), "the first failure is final");
    }
}

#[test]
fn files_are_for_their_owner_alone() {
    let place = place();
    place.session("s", 1);
    let mut left = vec![place.store.directory().to_path_buf()];
    let mut files = 0;
    while let Some(path) = left.pop() {
        let found = fs::metadata(&path).unwrap();
        let expected = if found.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(found.permissions().mode() & 0o777, expected, "{}", path.display());
        files += usize::from(found.is_file());
        if found.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(files >= 5, "workspace.json, journal, head, lock, summary: {files}");
}

#[test]
fn two_runs_of_one_spec_at_once() {
    let place = place();
    let first = place.store.create_or_open_spec("rate-limit").unwrap();
    let refused = place.store.create_or_open_spec("rate-limit").unwrap_err();
    assert!(
        matches!(refused, LedgerError::InUse { pid: Some(pid), .. } if pid == std::process::id()),
        "{refused}"
    );
    place.store.create_or_open_spec("other").unwrap();
    drop(first);
    place.store.create_or_open_spec("rate-limit").unwrap();
    assert_eq!(place.store.list_specs().unwrap(), ["other", "rate-limit"]);
}

#[test]
fn a_journal_with_a_torn_last_line() {
    for rest in [&b"{\"seq\":3,\"at\":"[..], b"{\"seq\":3,\"at\":\n", b"\0\0\0\0", b"\n", b"x"] {
        let place = place();
        place.session("s", 0);
        let journal = place.journal("s");
        let whole = fs::read(&journal).unwrap();
        fs::write(&journal, [&whole, rest].concat()).unwrap();
        let before = place.events("s");
        assert_eq!(before.len(), 3, "reading passes over it");

        let writer = place.store.open_session("s").unwrap();
        drop(writer);
        let events = place.events("s");
        assert_eq!(events.last(), Some(&Event::Repaired { bytes: rest.len() as u64 }));
        assert_eq!(&events[..3], &before);
        assert_eq!(fs::read(place.session_directory("s").join("journal.torn-3")).unwrap(), rest);
        assert_eq!(crate::verify(&[place.root.path().to_path_buf()]).findings, []);
    }
}

#[test]
fn torn_twice_at_one_place_keeps_both() {
    let place = place();
    place.session("s", 0);
    let journal = place.journal("s");
    let whole = fs::read(&journal).unwrap();
    let aside = place.session_directory("s").join("journal.torn-3");
    fs::write(&aside, "earlier").unwrap();
    fs::write(&journal, [&whole, &b"later"[..]].concat()).unwrap();
    place.store.open_session("s").unwrap();
    assert_eq!(fs::read(&aside).unwrap(), b"earlier");
    assert_eq!(fs::read(aside.with_extension("torn-3.1")).unwrap(), b"later");
}

#[test]
fn any_cut_either_opens_or_says_that_durable_records_are_gone() {
    let place = place();
    let mut writer = place.store.create_session("s").unwrap();
    writer.append(&said("durable")).unwrap();
    writer.sync().unwrap();
    let durable = fs::metadata(place.journal("s")).unwrap().len();
    let head = fs::read(place.session_directory("s").join("head")).unwrap();
    writer.append(&said("two")).unwrap();
    writer.append(&said("three")).unwrap();
    drop(writer);
    let whole = fs::read(place.journal("s")).unwrap();
    let chain = fs::read_to_string(crate::device::chain(place.root.path())).unwrap();
    let earlier: Vec<&str> = chain.lines().take_while(|line| !line.contains("\"records\":3")).collect();
    assert!(earlier.len() >= 2, "{chain}");
    for cut in 0..whole.len() {
        // As after a power cut: the heads are those of the last sync that came through.
        fs::write(crate::device::chain(place.root.path()), earlier.join("\n") + "\n").unwrap();
        fs::write(place.session_directory("s").join("head"), &head).unwrap();
        fs::write(place.journal("s"), &whole[..cut]).unwrap();
        let opened = place.store.open_session("s");
        if cut as u64 >= durable {
            assert!(opened.unwrap().records() > 0, "cut at {cut}");
        } else {
            let refused = opened.unwrap_err().to_string();
            assert!(refused.contains("run `waypost audit verify`"), "cut at {cut}: {refused}");
        }
    }
}

#[test]
fn a_break_before_the_end_names_the_record_and_the_next_step() {
    let place = place();
    place.session("s", 2);
    let text = fs::read_to_string(place.journal("s")).unwrap();
    fs::write(place.journal("s"), text.replacen("I look.", "I lock.", 1)).unwrap();
    let refused = place.store.open_session("s").unwrap_err().to_string();
    let path = place.journal("s");
    assert_eq!(
        refused,
        format!(
            "`{}` is damaged at record 3: its bytes are not those that its hash was made of; run \
             `waypost audit verify` for the whole list",
            path.display()
        )
    );
    assert_eq!(fs::read_to_string(path).unwrap().matches("I lock.").count(), 1, "nothing was touched");
}

#[test]
fn a_head_that_is_gone_is_not_made_anew() {
    for left in [None, Some("")] {
        let place = place();
        place.session("s", 0);
        let head = place.session_directory("s").join("head");
        fs::remove_file(&head).unwrap();
        if let Some(text) = left {
            fs::write(&head, text).unwrap();
        }
        let refused = place.store.open_session("s").unwrap_err().to_string();
        assert!(refused.contains("is damaged at record 0: the file `head` beside it is"), "{refused}");
        assert_eq!(fs::read_to_string(&head).ok().as_deref(), left);
    }
}

#[test]
fn a_session_that_died_before_its_first_record_opens() {
    let place = place();
    place.store.create_session("s").unwrap();
    fs::write(place.session_directory("s").join("head"), "").unwrap();
    let mut writer = place.store.open_session("s").unwrap();
    writer.append(&said("a")).unwrap();
    drop(writer);
    assert_eq!(place.events("s").len(), 1);
    assert_eq!(place.store.verify(None).findings, []);
}

#[test]
fn a_journal_of_a_newer_format() {
    let place = place();
    place.session("s", 0);
    let text = fs::read_to_string(place.journal("s")).unwrap();
    fs::write(place.journal("s"), text.replacen("\"v\":2", "\"v\":3", 1)).unwrap();
    let refused = place.store.open_session("s").unwrap_err().to_string();
    assert!(refused.ends_with("has format 3, and this Waypost reads up to 2; update Waypost to open it"));
}

#[test]
fn a_full_disk_is_told_and_ends_the_writing() {
    let place = place();
    let mut writer = place.store.create_session("s").unwrap();
    writer.record(&[samples::decided("c1")]).unwrap();
    writer.file = OpenOptions::new().append(true).open("/dev/full").unwrap();
    writer.append(&said("this is kept in memory")).unwrap();
    let refused = writer.record(&[samples::decided("c2")]).unwrap_err().to_string();
    assert!(refused.contains("No space left on device"), "{refused}");
    assert!(refused.contains("free some space there, then resume the session"), "{refused}");
    for later in [
        writer.append(&said("more")).unwrap_err().to_string(),
        writer.sync().unwrap_err().to_string(),
        writer.record(&[]).unwrap_err().to_string(),
    ] {
        assert!(later.contains("takes no more records because an earlier write failed"), "{later}");
    }
    drop(writer);
    assert_eq!(place.events("s").len(), 1, "what was durable before is there");
    assert_eq!(place.store.open_session("s").unwrap().records(), 1);
}

#[test]
fn content_that_cannot_be_kept_stops_the_record_that_names_it() {
    let place = place();
    let mut writer = place.store.create_session("s").unwrap();
    // A file where the directory should be: it works for root as well, who may write anywhere.
    fs::write(place.store.directory().join("content"), "").unwrap();
    let refused = writer.append(&said(&"x".repeat(10_000))).unwrap_err().to_string();
    assert!(refused.contains("content"), "{refused}");
    assert!(writer.sync().is_err());
    drop(writer);
    assert_eq!(place.store.read("s").unwrap(), []);
}
