//! Tests of erasing: nothing of the words is left, every chain is whole, and verifying says who, when and why.

use conversation::{Event, Journal as _, Purpose};

use super::*;
use crate::testing::{Place, place, said};
use crate::verify;
use crate::wire::samples;

const SECRET: &str = "the customer is called Rosalind";

/// Two sessions with a short text, a long one of their own and a long one in common.
fn spoken() -> Place {
    let place = place();
    for id in ["a", "b"] {
        let mut writer = place.store.create_session(id).unwrap();
        writer.append(&samples::started(Purpose::Request, Vec::new())).unwrap();
        writer.append(&said(&format!("{SECRET} {id}"))).unwrap();
        writer.append(&said(&format!("{SECRET} {id} ").repeat(400))).unwrap();
        writer.append(&said(&"common ".repeat(2_000))).unwrap();
        writer.seal().unwrap();
    }
    place
}

/// The files below a directory that have these words in them.
fn holders(directory: &Path, words: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![directory.to_path_buf()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(words) {
            found.push(path);
        }
    }
    found
}

fn said_by_verify(place: &Place) -> (Vec<String>, Vec<String>) {
    let report = verify(&[place.root.path().to_path_buf()]);
    let lines = |findings: &[crate::Finding]| findings.iter().map(ToString::to_string).collect();
    (lines(&report.findings), lines(&report.notes))
}

#[test]
fn a_session_is_erased_and_every_chain_stays_whole() {
    let place = spoken();
    let head = place.store.read("a").unwrap().last().unwrap().hash;
    assert!(holders(place.root.path(), &format!("{SECRET} a")).len() >= 2, "a journal and a content");
    let erased = place.store.erase(Erase::Session("a"), "ann", "asked by the customer").unwrap();
    assert_eq!((erased.contents, erased.shared.len(), erased.kept_inline), (1, 1, 0));
    assert!(erased.texts >= 1, "{erased:?}");
    assert_eq!(holders(place.root.path(), &format!("{SECRET} a")), [] as [PathBuf; 0]);

    let (findings, notes) = said_by_verify(&place);
    assert_eq!(findings, [""; 0]);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("erased on 1970-01-01 by ann: asked by the customer"), "{notes:?}");
    let stored = place.store.read("a").unwrap();
    assert_eq!(stored.last().unwrap().hash, head, "no hash has changed");
    assert_eq!(stored[1].event(), Some(&said("[erased]")));
    assert_eq!(stored[2].event(), Some(&said("[erased]")));
    assert_eq!(stored[3].event(), Some(&said(&"common ".repeat(2_000))));
    assert_eq!(place.events("b").len(), 4, "the other session is as it was");

    let refused = place.store.open_session("a").map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("were erased; start a new session"), "{refused}");
    assert_eq!(place.store.latest_resumable().unwrap().unwrap().id, "b");
    assert_eq!(place.store.list_sessions().unwrap().len(), 2);
}

#[test]
fn one_text_is_erased_wherever_it_stands() {
    let place = spoken();
    let long = Digest::of("common ".repeat(2_000).as_bytes());
    let erased = place.store.erase(Erase::Digest(long), "ann", "licence").unwrap();
    assert_eq!((erased.texts, erased.contents), (0, 1));
    let short = {
        let text = fs::read_to_string(place.journal("a")).unwrap();
        crate::line::read(text.lines().nth(1).unwrap().as_bytes()).unwrap().salted[0]
    };
    let erased = place.store.erase(Erase::Digest(short), "ann", "a name").unwrap();
    assert_eq!((erased.texts, erased.contents), (1, 0));
    assert_eq!(place.events("a")[1], said("[erased]"));
    assert_eq!(place.events("b")[3], said("[erased]"));
    let (findings, notes) = said_by_verify(&place);
    assert_eq!(findings, [""; 0]);
    assert_eq!(notes.len(), 3, "one in `a`, and the long one in both: {notes:?}");
    let nowhere = place.store.erase(Erase::Digest(Digest::of(b"x")), "ann", "y").unwrap_err().to_string();
    assert!(nowhere.contains("there is no text"), "{nowhere}");
    let mut writer = place.store.open_session("a").unwrap();
    writer.append(&Event::Resumed).unwrap();
}

#[test]
fn a_text_that_goes_without_a_record_is_found_and_so_is_one_that_stays() {
    let place = spoken();
    let journal = place.journal("a");
    let text = fs::read_to_string(&journal).unwrap();
    let line = text.lines().nth(1).unwrap();
    let less = crate::line::read(line.as_bytes()).unwrap().without(line, &mut |_| true);
    let without = text.replacen(line, &less, 1);
    fs::write(&journal, &without).unwrap();
    let (findings, _) = said_by_verify(&place);
    assert!(findings.len() == 1 && findings[0].contains("no erasure is on record"), "{findings:?}");

    fs::write(&journal, &text).unwrap();
    place.store.erase(Erase::Session("a"), "ann", "y").unwrap();
    fs::write(&journal, &text).unwrap();
    let (findings, _) = said_by_verify(&place);
    assert!(!findings.is_empty() && findings[0].contains("is still there"), "{findings:?}");
    place.store.erase(Erase::Session("a"), "ann", "again").unwrap();
    assert_eq!(said_by_verify(&place).0, [""; 0], "the same call finishes it");
}

#[test]
fn a_journal_of_format_1_keeps_its_short_texts_and_says_so() {
    let place = place();
    let directory = place.session_directory("old");
    fs::create_dir_all(&directory).unwrap();
    let mut text = String::new();
    let body = format!("{{\"text\":\"{SECRET}\"}}");
    let draft = crate::line::Draft {
        format: 1,
        seq: 0,
        at: 1,
        prev: crate::line::origin(),
        name: "said",
        body: &body,
        texts: &[],
    };
    let hash = crate::line::write(&draft, &mut text);
    fs::write(directory.join("journal.jsonl"), text).unwrap();
    let file = crate::head::HeadFile::open(&directory).unwrap();
    file.write(&crate::head::Head { records: 1, hash }).unwrap();

    // It goes on in its own format, and is signed from now on.
    let mut writer = place.store.open_session("old").unwrap();
    writer.append(&said(&"long ".repeat(3_000))).unwrap();
    writer.seal().unwrap();
    assert!(!fs::read_to_string(directory.join("journal.jsonl")).unwrap().contains("salted"));
    assert_eq!(said_by_verify(&place).0, [""; 0]);
    let erased = place.store.erase(Erase::Session("old"), "ann", "y").unwrap();
    assert_eq!((erased.texts, erased.contents, erased.kept_inline), (0, 1, 1));
    assert_eq!(said_by_verify(&place).0, [""; 0]);
}

#[test]
fn what_a_crash_left_of_words_goes_too() {
    let place = spoken();
    let directory = place.session_directory("a");
    fs::write(directory.join("journal.torn-2"), SECRET).unwrap();
    let journal = place.journal("a");
    let torn =
        [&fs::read(&journal).unwrap(), format!("{{\"seq\":4,\"text\":\"{SECRET} a").as_bytes()].concat();
    fs::write(&journal, torn).unwrap();
    let erased = place.store.erase(Erase::Session("a"), "ann", "y").unwrap();
    assert_eq!(erased.torn, 2);
    assert_eq!(holders(&directory, SECRET), [] as [PathBuf; 0]);
    assert_eq!(said_by_verify(&place).0, [""; 0]);
}

#[test]
fn a_session_that_is_written_is_not_erased() {
    let place = spoken();
    let _writer = place.store.open_session("a").unwrap();
    let refused = place.store.erase(Erase::Session("a"), "ann", "y").unwrap_err().to_string();
    assert!(refused.contains("session `a` is in use"), "{refused}");
    assert!(place.store.erase(Erase::Session("zz"), "ann", "y").is_err());
    assert!(!holders(place.root.path(), &format!("{SECRET} a")).is_empty());
}
