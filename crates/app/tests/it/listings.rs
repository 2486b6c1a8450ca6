//! `session list`, `show` and `export`, and `audit verify` on a whole ledger.

use serde_json::{Value, json};

use crate::harness::{Desk, PLAN, REQUIREMENTS, call, say};

fn desk() -> Desk {
    let (desk, _model) = Desk::with(vec![
        call("write", json!({"path": "a.txt", "content": "héllo\n"})),
        say("Written."),
        call("read", json!({"path": "long.txt"})),
        say("Read."),
    ]);
    desk.put("long.txt", "all work and no play\n".repeat(8000));
    desk.check(&["run", "write a greeting", "--autopilot"], 0, &[]);
    desk.check(&["run", "read the long file", "--autopilot"], 0, &[]);
    desk
}

#[test]
fn the_list_has_the_latest_first() {
    let desk = desk();
    let list = desk.waypost(&["--json", "session", "list"]).document();
    let rows = list.as_array().unwrap();
    let requests: Vec<&Value> = rows.iter().map(|row| &row["request"]).collect();
    assert_eq!(requests, ["read the long file", "write a greeting"]);
    for row in rows {
        assert_eq!((&row["outcome"], &row["turns"]), (&json!("done"), &json!(2)));
        assert_eq!((&row["model"], &row["cost_usd"]), (&json!("anthropic/claude-sonnet-5-5"), &json!(0.006)));
    }
    desk.check(&["session", "list"], 0, &["write a greeting", "read the long file", "$0.0060"]);
    Desk::new().check(&["session", "list"], 0, &["no sessions here yet"]);
}

#[test]
fn show_says_what_happened() {
    let desk = desk();
    let id =
        desk.waypost(&["--json", "session", "list"]).document()[1]["session"].as_str().unwrap().to_string();
    desk.check(
        &["session", "show", &id],
        0,
        &["person: write a greeting", "call write a.txt", "decided: allow", "model: Written.", "ended: done"],
    );
    desk.check(&["session", "show"], 0, &["person: read the long file"]);
}

#[test]
fn export_gives_every_record_with_long_texts_in_place() {
    let desk = desk();
    let export = desk.waypost(&["session", "export"]);
    let records: Vec<Value> =
        export.exits(0).out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_type = |kind: &str| records.iter().filter(|record| record["type"] == kind).count();
    assert_eq!(
        (of_type("started"), of_type("answered"), of_type("decided"), of_type("finished")),
        (1, 2, 1, 1)
    );
    assert!(export.out.contains("all work and no play"), "the text itself is in the export");
    let shown = desk.waypost(&["--json", "session", "show"]).document();
    assert_eq!(shown.as_array().unwrap().len(), records.len());
}

#[test]
fn a_whole_ledger_verifies() {
    let desk = desk();
    let report = desk.check(&["--json", "audit", "verify"], 0, &[]).document();
    assert_eq!((&report["journals"], &report["findings"]), (&json!(2), &json!([])));
    assert!(report["records"].as_u64().unwrap() > 10);
    desk.check(&["audit", "verify"], 0, &["2 journals, ", "every chain is whole"]);
    Desk::new().check(&["audit", "verify"], 0, &["nothing is on record here yet"]);
}

#[test]
fn specs_are_listed_with_how_far_they_are_and_can_be_put_away() {
    let desk = Desk::new();
    desk.put(".kiro/specs/one/requirements.md", REQUIREMENTS);
    desk.put(".kiro/specs/one/tasks.md", PLAN.replace("- [ ]", "- [x]"));
    desk.put("packages/web/.kiro/specs/two/requirements.md", REQUIREMENTS);
    desk.check(
        &["spec", "list"],
        0,
        &["one", "done", "packages/web:two", "written", "2 specs, 1 done", "4 criteria"],
    );
    desk.check(&["spec", "status", "two"], 0, &["no plan yet"]);
    desk.check(&["spec", "archive", "two"], 0, &["move packages/web/.kiro/specs/two"]);
    desk.check(&["spec", "archive", "one"], 0, &["move .kiro/specs/one to .kiro/specs/_archive/one"]);
    desk.check(&["spec", "list"], 0, &["2 put away"]).never_says(&["one  "]);
    let all = desk.check(&["--json", "spec", "list", "--all"], 0, &[]).document();
    assert_eq!((&all[0]["spec"], &all[0]["archived"]), (&json!("_archive/one"), &json!(true)));
    desk.check(&["spec", "archive", "_archive/one"], 2, &["put away already", "--restore"]);
    desk.check(&["spec", "archive", "_archive/one", "--restore"], 0, &["to .kiro/specs/one"]);
    assert!(desk.has(".kiro/specs/one/tasks.md"));
    desk.put(".kiro/specs/one/tasks.md", PLAN);
    desk.check(&["spec", "archive", "one"], 3, &["open tasks", "--force"]);
    desk.check(&["audit", "verify"], 0, &[]);
}
