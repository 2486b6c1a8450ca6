//! A check of a pull request: findings that are new since a revision, and what the change does to the criteria.

use serde_json::{Value, json};

use crate::harness::{Desk, PLAN, REQUIREMENTS};

const WANTED: &str = ".kiro/specs/greet/requirements.md";
const TASKS: &str = ".kiro/specs/greet/tasks.md";
const CODE: &str = "/// Says hello.\npub fn hello() -> &'static str {\n    \"hello\"\n}\n\n/// Says bye.\npub fn bye() -> &'static str {\n    \"bye\"\n}\n";
const TEST: &str = "use greet::*;\n\n// Validates: Requirements 1.1\n#[test]\nfn greets() {\n    assert_eq!(hello(), \"hello\");\n}\n";
const GREEN: &str = "<testsuites><testsuite name=\"greet\"><testcase name=\"greets\" classname=\"greet\" file=\"tests/greet.rs\"/></testsuite></testsuites>";

/// Two finished tasks with their code; only the first criterion has a test. One finding stands in the base.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    desk.put(WANTED, REQUIREMENTS);
    let plan = PLAN
        .replace("[ ]", "[x]")
        .replace("`hello.txt`", "`src/hello.rs`")
        .replace("`bye.txt`", "`src/bye.rs`");
    let plan = plan.replace("_Requirements: 1.2_", "_Requirements: 1.2, 8.8_");
    desk.put(TASKS, plan);
    desk.put("src/hello.rs", CODE.split("\n\n").next().unwrap());
    desk.put("src/bye.rs", CODE.split("\n\n").nth(1).unwrap());
    desk.put("tests/greet.rs", TEST);
    commit(&desk, "begin");
    desk.git(&["tag", "base"]);
    desk
}

fn commit(desk: &Desk, subject: &str) {
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-qm", subject]);
}

fn since(desk: &Desk, code: i32) -> Value {
    desk.waypost(&["--json", "spec", "check", "--since", "base"]).exits(code).document()
}

/// The ids of a list with the reasons.
fn list(report: &Value, name: &str) -> Value {
    let rows = report["since"][name].as_array().unwrap().iter();
    rows.map(|row| json!([row["id"], row["why"]])).collect()
}

#[test]
fn only_what_is_new_since_the_revision_counts() {
    let desk = desk();
    desk.check(&["spec", "check"], 1, &["cites `8.8`"]);
    desk.check(&["spec", "check", "--since", "base"], 0, &["0 new", "0 criteria touched"])
        .never_says(&["`8.8`"]);
    desk.put(TASKS, desk.text(TASKS).replace("_Requirements: 1.1_", "_Requirements: 1.1, 9.9_"));
    let ran = desk.check(&["spec", "check", "--since", "base"], 1, &["cites `9.9`", "1 new"]);
    ran.never_says(&["`8.8`"]);
    desk.put(TASKS, desk.text(TASKS).replace(", 8.8", ""));
    desk.check(&["spec", "check", "--since", "HEAD"], 1, &["1 new", "1 gone"]);
    // What the list of known findings holds is not new, either.
    desk.check(&["spec", "check", "--update-ratchet"], 0, &[]);
    desk.check(&["spec", "check", "--since", "base"], 0, &["0 new"]);
    for odd in ["nothing", "--all", ""] {
        let ran = desk.waypost(&["spec", "check", &format!("--since={odd}")]);
        assert_eq!(ran.code, 2, "{ran:?}");
    }
    desk.check(&["spec", "check", "--since", "nothing"], 2, &["`nothing` cannot be compared with", "hint:"]);
}

#[test]
fn without_a_history_there_is_nothing_to_compare_with() {
    let desk = Desk::new();
    desk.put(WANTED, REQUIREMENTS);
    desk.check(&["spec", "check", "--since", "main"], 2, &["`main` cannot be compared with"]);
}

#[test]
fn what_the_change_does_to_the_criteria() {
    let desk = desk();
    // A comment and a new line change no meaning.
    desk.put(
        "src/hello.rs",
        desk.text("src/hello.rs").replace("/// Says hello.", "/// Says hello,\n/// loudly."),
    );
    let report = since(&desk, 0);
    assert_eq!((list(&report, "touched"), list(&report, "untested")), (json!([]), json!([])), "{report}");
    // Code of both changes; only the first has a test.
    desk.put("src/hello.rs", desk.text("src/hello.rs").replace("\"hello\"", "\"hullo\""));
    desk.put("src/bye.rs", desk.text("src/bye.rs").replace("\"bye\"", "\"farewell\""));
    let report = since(&desk, 0);
    let (hello, bye) = ("`src/hello.rs` changes", "`src/bye.rs` changes");
    assert_eq!(list(&report, "touched"), json!([["1.1", hello], ["1.2", bye]]), "{report}");
    assert_eq!(list(&report, "untested"), json!([["1.2", bye]]));
    assert_eq!(
        list(&report, "at_risk"),
        json!([["1.1", "`src/hello.rs` changes, and no result of its tests is given"]])
    );
    // The same committed, and a green result of the test.
    commit(&desk, "say it otherwise");
    desk.put("junit.xml", GREEN);
    let ran = desk.waypost(&["--json", "spec", "check", "--since", "base", "--results", "junit.xml"]);
    let report = ran.exits(0).document();
    assert_eq!(list(&report, "at_risk"), json!([]), "{report}");
    assert_eq!(list(&report, "untested"), json!([["1.2", bye]]));
    assert_eq!(report["since"]["commit"].as_str().unwrap(), desk.git(&["rev-parse", "base"]).trim());
    // Code that changed without its spec makes both criteria suspect.
    assert!(report["statuses"].as_array().unwrap().contains(&json!(["suspect", 2])), "{report}");
}

#[test]
fn words_that_change_name_the_tasks_that_were_written_for_them() {
    let desk = desk();
    let reworded = REQUIREMENTS.replace("write hello into", "write hello and a name into");
    desk.put(WANTED, format!("{reworded}3. WHEN the Greeter waits, THE Greeter SHALL smile.\n"));
    commit(&desk, "greet by name");
    let report = since(&desk, 0);
    assert_eq!(list(&report, "touched"), json!([["1.1", "reworded"], ["1.3", "new"]]), "{report}");
    assert_eq!(list(&report, "at_risk"), json!([["1.1", "reworded, and no test of it changes"]]));
    let old = &report["since"]["written_for_old_words"];
    assert_eq!(
        (&old[0]["what"], &old[0]["state"], &old[0]["why"]),
        (&json!("task `1`"), &json!("done"), &json!("criterion `1.1` was changed"))
    );
    assert_eq!(old.as_array().unwrap().len(), 1);
    // A test that changes with the words takes the risk away.
    desk.put("tests/greet.rs", TEST.replace("\"hello\");", "\"hello you\");"));
    let report = since(&desk, 0);
    assert_eq!(list(&report, "at_risk"), json!([]), "{report}");
    // A new number touches nothing; what is gone is named.
    desk.put(
        WANTED,
        REQUIREMENTS
            .replace("2. WHEN the Greeter ends", "1. THE Greeter SHALL be.\n2. WHEN the Greeter ends")
            .replace("1. WHEN the Greeter starts, THE Greeter SHALL write hello into hello.txt.\n", ""),
    );
    let report = since(&desk, 0);
    let touched = &report["since"]["touched"];
    assert_eq!(list(&report, "touched").as_array().unwrap().len(), touched.as_array().unwrap().len());
    assert_eq!(touched[0]["why"], "reworded; its test in `tests/greet.rs` changes", "{report}");
}

#[test]
fn the_summary_of_a_pull_request() {
    let desk = desk();
    let plain = desk.waypost(&["spec", "check", "--format", "markdown"]);
    plain
        .exits(1)
        .says(&["## Specs", "2 criteria: ", "done, no test"])
        .never_says(&["In this diff", "Touched"]);
    desk.put("src/bye.rs", desk.text("src/bye.rs").replace("\"bye\"", "\"farewell\""));
    desk.put(WANTED, REQUIREMENTS.replace("write hello into", "write hello and a <b>name</b> into"));
    commit(&desk, "change both");
    desk.put("junit.xml", GREEN);
    let arguments = ["spec", "check", "--since", "base", "--format", "markdown", "--results", "junit.xml"];
    let ran = desk.waypost(&arguments);
    ran.exits(0).says(&[
        "✅ **0 new findings**",
        "Criteria in this diff: 2 touched · 1 at risk · 1 untested",
        "Tasks at risk: 1",
        "<summary><b>Untested in this diff</b> (1)",
        "| `greet 1.2` |",
        "task `1` Write the greeting | done | criterion `1.1` was changed",
        "&lt;b&gt;name&lt;/b&gt;",
    ]);
    desk.check(&[&arguments[..], &["-o", "out.md"]].concat(), 0, &["2 criteria touched"]);
    // Results alone are not passed over in silence.
    desk.check(&["spec", "check", "--results", "junit.xml"], 1, &["criteria: "]).never_says(&["touched"]);
    assert_eq!(desk.text("out.md").trim_end(), ran.out.trim_end());
}

#[test]
fn what_came_to_the_other_branch_is_left_out() {
    let desk = desk();
    desk.git(&["checkout", "-q", "-b", "work"]);
    desk.put("src/hello.rs", desk.text("src/hello.rs").replace("\"hello\"", "\"hullo\""));
    commit(&desk, "work");
    desk.git(&["checkout", "-q", "-"]);
    desk.put("src/bye.rs", desk.text("src/bye.rs").replace("\"bye\"", "\"farewell\""));
    commit(&desk, "the others go on");
    let other = desk.git(&["rev-parse", "HEAD"]);
    desk.git(&["checkout", "-q", "work"]);
    let ran = desk.waypost(&["--json", "spec", "check", "--since", other.trim()]);
    let report = ran.exits(0).document();
    assert_eq!(list(&report, "touched"), json!([["1.1", "`src/hello.rs` changes"]]), "{report}");
}

#[test]
fn a_spec_with_another_name_has_no_new_findings() {
    let desk = desk();
    desk.check(&["spec", "rename", "greet", "welcome"], 0, &[]);
    commit(&desk, "rename");
    let report = since(&desk, 0);
    assert_eq!((&report["new"], list(&report, "touched")), (&json!(0), json!([])), "{report}");
    // One that is new is new as a whole.
    desk.put(".kiro/specs/more/requirements.md", REQUIREMENTS);
    desk.put(".kiro/specs/more/tasks.md", "- [ ] 1. A\n  - _Requirements: 7.7_\n");
    let ran = desk.check(&["spec", "check", "--since", "base"], 1, &["cites `7.7`", "2 criteria touched"]);
    ran.never_says(&["`8.8`"]);
    desk.check(&["spec", "check", "welcome", "--since", "base"], 0, &["0 new", "0 criteria touched"]);
}
