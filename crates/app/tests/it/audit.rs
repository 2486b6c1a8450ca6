//! `waypost audit`: the key, anchors, exports and erasures, through the front door.
#![expect(clippy::disallowed_methods, reason = "tests damage files here")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{Desk, say};

/// A desk with sessions that said these things.
fn desk(words: &[&str]) -> Desk {
    let (desk, _model) = Desk::with(words.iter().map(|_| say("Done.")).collect());
    for words in words {
        desk.check(&["run", words], 0, &[]);
    }
    desk
}

fn device(desk: &Desk, name: &str) -> PathBuf {
    desk.path("state").join("waypost/device").join(name)
}

fn public_key(desk: &Desk) -> String {
    let shown = desk.waypost(&["--json", "audit", "key"]);
    shown.exits(0).document()["key"].as_str().unwrap().to_string()
}

#[test]
fn a_session_is_signed_and_verified_with_the_key_that_was_kept() {
    let (desk, _model) = Desk::with(vec![say("Done."), say("Done.")]);
    desk.check(&["run", "x"], 0, &[]);
    let key = public_key(&desk);
    desk.check(&["audit", "verify", "--key", &key], 0, &["every chain is whole", "heads are signed", &key]);
    desk.check(&["audit", "verify", "--key", &"0".repeat(64)], 1, &["is not the device's"]);
    desk.check(
        &["audit", "verify", "--key", "x"],
        2,
        &["`x` is not a public key", "hint: it is the 64 digits"],
    );
    let report = desk.waypost(&["--json", "audit", "verify"]).document();
    assert!(report["heads"].as_u64().unwrap() >= 3, "{report}");
    assert_eq!(
        (&report["key"], report["findings"].as_array().unwrap().len()),
        (&Value::from(key.clone()), 0)
    );

    desk.check(&["audit", "key", "rotate"], 0, &["the old key signed this one"]);
    assert_ne!(public_key(&desk), key);
    desk.check(&["audit", "verify", "--key", &key], 0, &["every chain is whole"]);
    desk.check(&["run", "y"], 0, &[]);
    let journal = desk.journals("sessions").pop().unwrap();
    let directory = journal.parent().unwrap().display().to_string();
    desk.check(&["audit", "verify", &directory], 0, &["1 journals"]);
}

#[test]
fn a_key_that_cannot_be_used_stops_before_the_model_is_asked() {
    let (desk, model) = Desk::with(vec![say("Done."), say("Done.")]);
    desk.check(&["run", "x"], 0, &[]);
    let key = device(&desk, "key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    desk.check(&["run", "y"], 1, &["can be used by others", "`chmod 600` it"]);
    fs::remove_file(&key).unwrap();
    desk.check(&["run", "y"], 1, &["device/key` is missing", "audit key replace"]);
    assert_eq!(model.requests().len(), 1, "nothing was asked");
    desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
    desk.check(&["audit", "key", "replace", "--why", " "], 2, &["`--why` is empty"]);
    desk.check(&["audit", "key", "replace", "--why", "the disk died"], 0, &["nobody vouches for this key"]);
    desk.check(&["run", "y"], 0, &["Done."]);
    desk.check(&["audit", "verify"], 1, &["the old one did not sign (the disk died)"]);
    desk.check(&["audit", "verify", "--key", &public_key(&desk)], 0, &["note: ", "the disk died"]);
}

#[test]
fn a_session_that_was_removed_is_missed() {
    let desk = desk(&["x", "y"]);
    let journal = desk.journals("sessions").pop().unwrap();
    fs::remove_dir_all(journal.parent().unwrap()).unwrap();
    desk.check(&["audit", "verify"], 1, &["the journal is not there", "records of it were signed"]);
    let report = desk.waypost(&["--json", "audit", "verify"]).document();
    assert_eq!(report["findings"][0]["kind"], "gone");
}

#[test]
fn a_ledger_of_a_newer_waypost_is_left_alone() {
    let (desk, model) = Desk::with(vec![say("Done."), say("Done.")]);
    desk.check(&["run", "x"], 0, &[]);
    let heads = device(&desk, "heads");
    let text = fs::read_to_string(&heads).unwrap().replace("{\"v\":1", "{\"v\":7");
    fs::write(&heads, &text).unwrap();
    desk.check(&["run", "y"], 1, &["has format 7", "update Waypost"]);
    desk.check(&["audit", "verify"], 1, &["a newer Waypost wrote", "hint: update Waypost"]);
    assert_eq!((model.requests().len(), fs::read_to_string(&heads).unwrap()), (1, text));
}

#[test]
fn anchors_of_every_kind_find_an_older_copy() {
    for kind in ["file", "command", "git"] {
        let (desk, _model) = Desk::with((0..3).map(|_| say("Done.")).collect());
        let kept = desk.path("kept");
        let anchor = match kind {
            "file" => format!("file:{}", kept.display()),
            "command" => format!(
                "command:if [ $WAYPOST_ANCHOR = put ]; then cat >> {0}; else cat {0}; fi",
                kept.display()
            ),
            _ => format!("git:refs/heads/heads@{}", kept.display()),
        };
        desk.config(&format!("[audit]\nanchor = '{anchor}'\nrequired = true\n"));
        desk.check(&["run", "x"], 0, &[]);
        desk.check(&["audit", "verify"], 0, &["heads agree with the anchor"]);
        let state = desk.path("state");
        let copy = desk.path("older");
        let mut cp = desk.program("cp");
        cp.arg("-a").arg(&state).arg(&copy);
        assert!(cp.status().unwrap().success());
        desk.check(&["run", "y"], 0, &[]);
        fs::remove_dir_all(&state).unwrap();
        fs::rename(&copy, &state).unwrap();
        desk.check(&["audit", "verify"], 1, &["the chain of heads ends before it, and the anchor"]);
    }
}

#[test]
fn an_anchor_that_does_not_answer_is_said_or_stops() {
    let (desk, model) = Desk::with(vec![say("Done."), say("Done.")]);
    desk.config("[audit]\nanchor = 'command:echo no >&2; exit 3'\n");
    desk.check(&["run", "x"], 0, &["signed and not anchored at `command:", "exit code 3 no"]);
    desk.check(&["audit", "anchor"], 1, &["not every anchor took", "exit code 3 no"]);
    desk.check(&["audit", "verify"], 1, &["could not be compared with the anchor"]);
    desk.config("[audit]\nanchor = 'command:exit 3'\nrequired = true\n");
    desk.check(&["run", "y"], 1, &["could not be signed: the anchor `command:exit 3`", "required = false"]);
    assert_eq!(model.requests().len(), 1, "nothing was asked");
    for wrong in ["file:heads", "git:heads", "ftp:x", "command: "] {
        desk.config(&format!("[audit]\nanchor = '{wrong}'\n"));
        desk.check(&["run", "y"], 2, &["config.toml has the anchor", "hint: an anchor is file:"]);
    }
    desk.config("[audit]\nrequired = true\n");
    desk.check(&["run", "y"], 2, &["and no `anchor`"]);
}

#[test]
fn an_export_in_every_format() {
    let desk = desk(&["=cmd|' /C calc'!A0", "y"]);
    for format in ["jsonl", "ocsf"] {
        let ran = desk.waypost(&["audit", "export", "--format", format]);
        let rows: Vec<Value> =
            ran.exits(0).out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(rows.len() >= 10, "{format}: {}", rows.len());
    }
    let ran = desk.waypost(&["audit", "export", "--format", "csv"]);
    assert!(ran.exits(0).out.contains("\"'=cmd|' /C calc'!A0\""), "{}", ran.out);
    let file = desk.path("audit.csv");
    let path = file.display().to_string();
    desk.check(&["audit", "export", "--format", "csv", "--output", &path], 0, &["records written to"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), ran.out);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let none = desk.waypost(&["audit", "export", "--format", "jsonl", "--until", "2020-01-01"]);
    assert_eq!(none.exits(0).out, "");
    desk.check(
        &["audit", "export", "--format", "csv", "--since", "tomorrow"],
        2,
        &["no day and no time", "hint: "],
    );
}

#[test]
fn an_erasure_takes_the_words_and_keeps_the_chain() {
    let desk = desk(&["the customer is called Rosalind", "y"]);
    let list = desk.waypost(&["--json", "session", "list"]).document();
    let id = list[1]["session"].as_str().unwrap().to_string();
    desk.check(&["audit", "erase", "--session", &id, "--why", "asked"], 3, &["for good", "--yes"]);
    desk.check(&["audit", "erase", "--why", "asked"], 2, &["--session"]);
    assert!(desk.records("sessions").contains("Rosalind"));
    desk.check(&["audit", "erase", "--session", &id, "--why", "asked", "--yes"], 0, &["are gone"]);
    assert!(!desk.records("sessions").contains("Rosalind"));
    desk.check(&["audit", "verify"], 0, &["note: ", "by tester: asked", "every chain is whole"]);
    desk.check(&["session", "show", &id], 0, &["[erased]"]);
    desk.check(&["session", "resume", &id, "-m", "go on"], 1, &["were erased; start a new session"]);
    desk.check(&["session", "list"], 0, &["[erased]"]);
}
