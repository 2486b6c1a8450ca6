//! Tests of opening, listing and finding.

use std::time::Instant;

use conversation::{Cost, Ended, Journal as _, Outcome, Purpose};

use super::*;
use crate::Format;
use crate::testing::{clock, one_turn, place, said};
use crate::wire::samples;

#[test]
fn a_listing_shows_what_came_of_each_session() {
    let place = place();
    assert_eq!(place.store.list_sessions().unwrap(), []);
    assert_eq!(place.store.verify(None), crate::Report::default());
    assert!(!place.store.directory().exists(), "looking creates nothing");
    place.session("a", 2);
    let mut open = place.store.create_session("b").unwrap();
    let purpose = Purpose::Task { spec: "s".to_string(), task: "1".to_string() };
    open.append(&samples::started(purpose.clone(), Vec::new())).unwrap();
    one_turn(&mut open, 1);
    open.sync().unwrap();
    place.store.create_session("empty").unwrap();

    let listed = place.store.list_sessions().unwrap();
    assert_eq!(listed.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!((&listed[0].purpose, listed[0].in_use, listed[0].outcome), (&Some(purpose), true, None));
    assert_eq!(place.store.latest_resumable().unwrap(), None, "b is in use, a is done");
    drop(open);
    assert_eq!(place.store.latest_resumable().unwrap(), None, "a task goes on with its run");
    assert!(listed[0].records > 0 && !listed[0].stands_alone() && listed[1].stands_alone());

    let a = &listed[1];
    assert_eq!((a.turns, a.cost, a.records), (2, Some(Cost(10)), 11));
    assert_eq!((a.first_words.as_str(), a.model.as_str()), ("fix the", "replay/demo"));
    assert_eq!((a.outcome, a.in_use, a.started_at < a.updated_at), (Some(Outcome::Done), false, true));

    // The entry beside the journal is a convenience: without it the same comes out.
    for id in ["a", "b"] {
        fs::remove_file(place.session_directory(id).join("summary.json")).unwrap();
    }
    let again = place.store.list_sessions().unwrap();
    assert_eq!(again[1], *a);
    fs::write(place.session_directory("a").join("summary.json"), "{\"v\":1").unwrap();
    assert_eq!(place.store.list_sessions().unwrap()[1], *a);
}

#[test]
fn a_session_that_goes_on_is_listed_as_it_is_now() {
    let place = place();
    place.session("a", 1);
    let mut writer = place.store.open_session("a").unwrap();
    writer.append(&Event::Resumed).unwrap();
    one_turn(&mut writer, 2);
    writer.sync().unwrap();
    let now = |turns, outcome| {
        let listed = place.store.list_sessions().unwrap();
        assert_eq!((listed[0].turns, listed[0].outcome), (turns, outcome));
    };
    now(2, None);
    let message = String::new();
    writer.append(&Event::Ended(Ended { outcome: Outcome::Budget, message })).unwrap();
    drop(writer);
    now(2, Some(Outcome::Budget));
}

#[test]
fn one_damaged_session_does_not_hide_the_others() {
    let place = place();
    place.session("a", 1);
    place.session("b", 1);
    let text = fs::read_to_string(place.journal("a")).unwrap();
    fs::write(place.journal("a"), text.replacen("look.", "look!!", 1)).unwrap();
    let listed = place.store.list_sessions().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].problem, None);
    assert!(listed[1].problem.as_ref().unwrap().contains("is damaged at record 3"));
    assert!(!listed[1].can_resume());
}

#[test]
fn a_thousand_sessions_are_listed() {
    let place = place();
    place.session("s0000", 20);
    let directory = place.session_directory("s0000");
    for count in 1..1_000 {
        let copy = place.session_directory(&format!("s{count:04}"));
        fs::create_dir(&copy).unwrap();
        for file in ["journal.jsonl", "head", "lock", "summary.json"] {
            fs::copy(directory.join(file), copy.join(file)).unwrap();
        }
    }
    let start = Instant::now();
    assert_eq!(place.store.list_sessions().unwrap().len(), 1_000);
    println!("list of 1,000 sessions, entries kept: {:?}", start.elapsed());
    for count in 0..1_000 {
        fs::remove_file(place.session_directory(&format!("s{count:04}")).join("summary.json")).unwrap();
    }
    let start = Instant::now();
    assert_eq!(place.store.list_sessions().unwrap().len(), 1_000);
    println!("list of 1,000 sessions of 20 turns, entries lost: {:?}", start.elapsed());
}

#[test]
fn a_prefix_finds_one_session() {
    let place = place();
    for id in ["ab", "abc", "b1"] {
        place.session(id, 0);
    }
    assert_eq!(place.store.find("ab").unwrap(), "ab", "a whole id beats a longer one");
    assert_eq!(place.store.find("b").unwrap(), "b1");
    let several = place.store.find("a").unwrap_err().to_string();
    assert_eq!(several, "`a` fits several sessions: ab, abc; write more of the id");
    let none = place.store.find("x").unwrap_err().to_string();
    assert!(none.starts_with("there is no session `x` here; `waypost session list`"), "{none}");
}

#[test]
fn names_that_exist_and_names_that_do_not() {
    let place = place();
    place.session("a", 0);
    assert!(matches!(place.store.create_session("a"), Err(LedgerError::Exists { .. })));
    assert!(matches!(place.store.create_session("../a"), Err(LedgerError::Name { .. })));
    assert!(matches!(place.store.open_session("b"), Err(LedgerError::NotFound { .. })));
    assert!(matches!(place.store.read("b"), Err(LedgerError::NotFound { .. })));
    assert_eq!(place.store.read_spec("none").unwrap(), []);
    let mut out = Vec::new();
    assert!(matches!(place.store.export("b", Format::Jsonl, &mut out), Err(LedgerError::NotFound { .. })));
}

#[test]
fn a_type_of_tomorrow_is_kept_readable() {
    let place = place();
    place.session("a", 0);
    let body = "{\"of\":[\"electric\",\"sheep\"]}";
    let mut writer = place.store.open_session("a").unwrap();
    writer.add_durably("dreamt", serde_json::from_str(body).unwrap()).unwrap();
    drop(writer);
    let last = place.store.read("a").unwrap().pop().unwrap();
    assert_eq!(last.entry, Entry::Unknown { name: "dreamt".to_string(), body: body.to_string() });
    assert_eq!(place.store.open_session("a").unwrap().records(), 4);
}

#[test]
fn another_workspace_in_the_same_directory_is_refused() {
    let place = place();
    place.session("a", 0);
    let file = place.store.directory().join("workspace.json");
    fs::write(&file, "{\"v\":1,\"path\":\"/other\"}").unwrap();
    let refused = Store::open(place.root.path(), Path::new("/w"), clock).unwrap_err().to_string();
    assert!(refused.contains("belongs to the workspace `/other`"), "{refused}");
    let elsewhere = Store::open(place.root.path(), Path::new("/v"), clock).unwrap();
    assert_ne!(elsewhere.directory(), place.store.directory());
}

#[test]
fn an_export_is_whole() {
    let place = place();
    let mut writer = place.store.create_session("a").unwrap();
    let long = "é".repeat(10_000);
    for event in [said("short"), said(&long)] {
        writer.append(&event).unwrap();
    }
    let head = writer.seal().unwrap();
    let export = |id, format| {
        let mut out = Vec::new();
        place.store.export(id, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let lines = export("a", Format::Jsonl);
    let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records[0]["v"], 2);
    assert_eq!(records[1]["body"]["text"], long);
    assert_eq!(records[1]["hash"], head.to_string());
    assert_eq!(records[1]["prev"], records[0]["hash"]);
    assert_eq!(
        serde_json::from_str::<Value>(&export("a", Format::JsonArray)).unwrap(),
        Value::Array(records)
    );
    place.store.create_session("none").unwrap();
    assert_eq!(
        (export("none", Format::Jsonl), export("none", Format::JsonArray)),
        (String::new(), "[]\n".to_string())
    );
}
