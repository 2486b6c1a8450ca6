//! The file against what ReqIF asks of it: it is XML, every reference has its element, everything is there.

use super::*;
use crate::samples;
use crate::xml::{Document, Step};

/// Every element with its attributes and the words directly inside it.
fn elements(file: &str) -> Vec<(String, Vec<(String, String)>, String)> {
    let mut document = Document::of(file);
    let mut out: Vec<(String, Vec<(String, String)>, String)> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        match document.next() {
            Step::Open(element) => {
                open.push(out.len());
                out.push((element.name, element.attributes, String::new()));
            }
            Step::Close(_) => drop(open.pop()),
            Step::Text(words) => {
                if let Some(at) = open.last() {
                    out[*at].2.push_str(&words);
                }
            }
            Step::End => return out,
            Step::Broken(why) => panic!("{why}"),
        }
    }
}

#[test]
fn every_reference_has_its_element() {
    let file = write(&samples::report());
    let elements = elements(&file);
    let mut ids: Vec<&str> = Vec::new();
    for (_, attributes, _) in &elements {
        ids.extend(attributes.iter().filter(|(key, _)| key == "IDENTIFIER").map(|(_, id)| id.as_str()));
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "an identifier stands twice");
    let is_name = |id: &str| {
        id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    assert!(ids.iter().all(|id| is_name(id)), "{ids:?}");
    let mut references = 0;
    for (name, _, words) in elements.iter().filter(|(name, _, _)| name.ends_with("-REF")) {
        references += 1;
        assert!(ids.binary_search(&words.as_str()).is_ok(), "{name} {words}");
    }
    assert!(references > 50);
    let count = |name: &str| elements.iter().filter(|(known, _, _)| known == name).count();
    // Three requirements, nine criteria, two tasks, two tests; a task and two tests are linked.
    assert_eq!(count("SPEC-OBJECT"), 3 + 9 + 2 + 2);
    assert_eq!(count("SPEC-RELATION"), 1 + 2);
    assert_eq!(count("SPECIFICATION"), 3);
    let texts: Vec<&str> = elements.iter().filter(|e| e.0 == "div").map(|e| e.2.as_str()).collect();
    assert!(texts.contains(&samples::HOSTILE) && texts.contains(&"WHEN x THEN the `store` SHALL y"));
}

#[test]
fn only_a_time_is_a_time() {
    let check = |text: &str, expected: bool| assert_eq!(is_time(text), expected, "{text}");
    check("2026-11-21T06:30:00Z", true);
    check("2026-11-21T06:30:00.123+09:00", true);
    check("2026-11-21T06:30:00", true);
    check("2026-11-21 06:30", false);
    check("2026-11-21T06:30:00\"/>", false);
    check("2026-11-21T06:30:00+9:00", false);
    check("", false);
}

#[test]
fn identifiers_stay_the_same_between_exports() {
    let mut report = samples::report();
    let ids = |report: &Report| -> Vec<String> {
        let objects = elements(&write(report)).into_iter().filter(|(name, _, _)| name == "SPEC-OBJECT");
        objects.filter_map(|(_, attributes, _)| attributes.into_iter().next().map(|(_, id)| id)).collect()
    };
    let before = ids(&report);
    report.generated = "2026-11-22T06:30:00Z".to_string();
    report.specs[0].requirements[0].criteria[0].text = "other words".to_string();
    assert_eq!(before, ids(&report));
}
