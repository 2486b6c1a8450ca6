//! Tests of the audit export: the shapes of OCSF, cells that are no formulas, and that everything passes the filter.
#![expect(clippy::disallowed_methods, reason = "tests damage files here")]

use conversation::{Digest, Event, Journal as _, Purpose};
use serde_json::Value;

use super::*;
use crate::testing::{Place, place, said};
use crate::wire::samples;
use crate::{Erase, Store};

fn origin() -> Origin {
    Origin { host: Some("desk".to_string()), version: "0.1.0".to_string() }
}

fn export(store: &Store, format: AuditFormat, wanted: &Wanted) -> String {
    let mut out = Vec::new();
    store.export_audit(format, wanted, &origin(), &mut |_| None, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Every event that there is, in a session, and an erasure.
fn everything() -> Place {
    let place = place();
    let mut writer = place.store.create_session("a").unwrap();
    for event in samples::all() {
        writer.append(&event).unwrap();
    }
    writer.seal().unwrap();
    place.session("b", 1);
    let mut spec = place.store.create_or_open_spec("rate limit").unwrap();
    spec.append(&said("=1+1")).unwrap();
    spec.seal().unwrap();
    place.store.erase(Erase::Session("b"), "ann", "asked").unwrap();
    place
}

fn number(event: &Value, pointer: &str) -> u64 {
    event.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{pointer} of {event}"))
}

fn word<'a>(event: &'a Value, pointer: &str) -> &'a str {
    let found = event.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.unwrap_or_else(|| panic!("{pointer} of {event}"))
}

/// What the schema asks of every event, and of each of the three classes and profiles.
fn check_ocsf(event: &Value) {
    let (class, activity) = (number(event, "/class_uid"), number(event, "/activity_id"));
    assert_eq!(number(event, "/type_uid"), class * 100 + activity);
    assert_eq!(number(event, "/category_uid"), class / 1000);
    assert!((1..=6).contains(&number(event, "/severity_id")) && number(event, "/time") > 0);
    assert!([0, 1, 2].contains(&number(event, "/status_id")));
    for pointer in
        ["/metadata/version", "/metadata/product/name", "/metadata/product/vendor_name", "/metadata/uid"]
    {
        word(event, pointer);
    }
    for pointer in ["/class_name", "/category_name", "/activity_name", "/type_name", "/severity", "/status"] {
        word(event, pointer);
    }
    word(event, "/actor/app_name");
    word(event, "/actor/session/uid");
    match class {
        1001 => {
            assert!([1, 2, 3, 4].contains(&activity), "{event}");
            word(event, "/device/uid");
            assert_eq!(number(event, "/device/type_id"), 0);
            word(event, "/file/name");
            assert!([0, 1].contains(&number(event, "/file/type_id")));
            for hash in event.pointer("/file/hashes").and_then(Value::as_array).into_iter().flatten() {
                assert_eq!((number(hash, "/algorithm_id"), word(hash, "/value").len()), (3, 64));
            }
        }
        1007 => {
            assert_eq!(activity, 1, "{event}");
            word(event, "/device/uid");
            word(event, "/process/uid");
            assert!(event.pointer("/process/cmd_line").is_some_and(Value::is_string));
        }
        6003 => {
            assert!([1, 2, 3, 4, 99].contains(&activity), "{event}");
            word(event, "/api/operation");
            word(event, "/src_endpoint/uid");
        }
        other => panic!("class {other}"),
    }
    let profiles: Vec<&str> =
        event["metadata"]["profiles"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(profiles.contains(&"ai_operation") && profiles.contains(&"record_integrity"));
    word(event, "/ai_agent/uid");
    word(event, "/ai_agent/ai_model/ai_provider");
    word(event, "/ai_agent/ai_model/name");
    assert_eq!(profiles.contains(&"security_control"), event.get("action_id").is_some());
    if event.get("action_id").is_some() {
        let allowed = (number(event, "/action_id"), number(event, "/disposition_id"));
        assert!([(0, 0), (1, 1), (2, 2)].contains(&allowed), "{event}");
    }
    if let Some(context) = event.get("message_context") {
        let total = number(context, "/prompt_tokens").saturating_add(number(context, "/completion_tokens"));
        assert_eq!(number(context, "/total_tokens"), total);
        word(context, "/application/name");
    }
}

#[test]
fn every_record_is_an_event_of_the_schema_and_the_events_are_a_chain() {
    let place = everything();
    let text = export(&place.store, AuditFormat::Ocsf, &Wanted::default());
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut previous: Option<(String, Value)> = None;
    for event in &events {
        check_ocsf(event);
        let attestation = &event["attestation_list"][0];
        let chain = word(attestation, "/chain_uid").to_string();
        let before = previous.filter(|(journal, _)| *journal == chain).map(|(_, fingerprint)| fingerprint);
        assert_eq!(
            attestation.pointer("/prev_event/fingerprint").cloned(),
            before,
            "each names the one before"
        );
        let mut bare = event.clone();
        bare["attestation_list"][0].as_object_mut().unwrap().remove("fingerprint");
        let digest = Digest::of(ocsf::canonical(&bare).as_bytes()).to_string();
        assert_eq!(word(attestation, "/fingerprint/value"), digest);
        previous = Some((chain, attestation["fingerprint"].clone()));
    }
    let classes = |class: u64| events.iter().filter(|event| event["class_uid"] == class).count();
    assert!(classes(1001) > 0 && classes(1007) > 0 && classes(6003) > 10, "every class is there");
    let denied = events.iter().filter(|event| event["action_id"] == 2).count();
    let erased = events.iter().filter(|event| event["metadata"]["event_code"] == "erased").count();
    println!("{} events, {denied} denied, {erased} erasures", events.len());
    assert_eq!(erased, 1);
}

#[test]
fn json_lines_keep_their_shape() {
    let place = everything();
    let text = export(&place.store, AuditFormat::Jsonl, &Wanted::default());
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names = ["schema", "journal", "session", "spec", "seq", "at", "time", "type", "prev", "hash", "body"];
    for record in &records {
        assert_eq!(record.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), names);
        assert_eq!(record["schema"], "waypost.audit/1");
    }
    let journals: std::collections::BTreeSet<&str> =
        records.iter().filter_map(|record| record["journal"].as_str()).collect();
    assert_eq!(Vec::from_iter(journals), ["erasures", "sessions/a", "sessions/b", "specs/rate%20limit"]);
    assert!(records.iter().any(|record| record["spec"] == "rate limit"));
    assert!(records.iter().any(|record| record["session"] == "b" && record["body"]["text"] == "[erased]"));
}

#[test]
fn only_what_is_wanted_goes_out() {
    let place = everything();
    let all = place.store.read("a").unwrap();
    let (since, until) = (all[2].at, all[5].at);
    let wanted = Wanted { session: Some("a".to_string()), since: Some(since), until: Some(until) };
    let text = export(&place.store, AuditFormat::Jsonl, &wanted);
    let expected = all.iter().filter(|one| one.at >= since && one.at < until).count();
    assert_eq!(text.lines().count(), expected);
    let nobody = Wanted { session: Some("zz".to_string()), ..Wanted::default() };
    let mut out = Vec::new();
    let refused = place.store.export_audit(AuditFormat::Csv, &nobody, &origin(), &mut |_| None, &mut out);
    assert!(refused.unwrap_err().to_string().contains("there is no session `zz`"));
}

#[test]
fn every_text_passes_the_filter() {
    let place = place();
    let mut writer = place.store.create_session("a").unwrap();
    writer.append(&samples::started(Purpose::Request, Vec::new())).unwrap();
    writer.append(&said("token sk-12345 is short")).unwrap();
    writer.append(&said(&"token sk-12345 is long ".repeat(800))).unwrap();
    writer.append(&Event::Noted { text: "sk-12345".to_string() }).unwrap();
    writer.seal().unwrap();
    for format in [AuditFormat::Ocsf, AuditFormat::Jsonl, AuditFormat::Csv] {
        let mut out = Vec::new();
        let mut filter =
            |text: &str| text.contains("sk-12345").then(|| text.replace("sk-12345", "{{secret:1}}"));
        place.store.export_audit(format, &Wanted::default(), &origin(), &mut filter, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains("sk-12345") && text.contains("{{secret:1}}"), "{format:?}");
    }
}

#[test]
fn no_cell_is_a_formula() {
    for text in [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u{a0}=1",
        "\u{3000}=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "|cmd",
        "%x",
    ] {
        assert_eq!(csv::cell(text), format!("\"'{text}\""));
    }
    assert_eq!(csv::cell("a\"b"), "\"a\"\"b\"");
    assert_eq!(csv::cell("a,b\r\nc"), "\"a,b\r\nc\"");
    assert_eq!(csv::cell("a\0=1"), "\"a\u{fffd}=1\"");
    let place = everything();
    let text = export(&place.store, AuditFormat::Csv, &Wanted::default());
    assert!(text.starts_with("time,journal,seq,type,") && text.contains("\"'=1+1\""), "{text}");
    let rows = rows(&text);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()) && rows.len() > 20);
    let starts =
        |row: &Vec<String>| row.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
    assert!(!rows.iter().any(starts));
}

/// A reader of CSV as RFC 4180 has it.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(c),
        }
    }
    rows
}

#[test]
fn a_broken_chain_stops_the_export() {
    let place = place();
    place.session("a", 1);
    let text = std::fs::read_to_string(place.journal("a")).unwrap();
    std::fs::write(place.journal("a"), text.replacen("I look.", "I lock.", 1)).unwrap();
    let mut out = Vec::new();
    let came =
        place.store.export_audit(AuditFormat::Jsonl, &Wanted::default(), &origin(), &mut |_| None, &mut out);
    assert!(came.unwrap_err().to_string().contains("is damaged at record 3"));
}
