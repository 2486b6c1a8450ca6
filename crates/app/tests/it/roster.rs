//! `waypost agent`, `skill`, `power` and `prompt`: what is listed, shown and checked, what trust closes, and bad files.
#![expect(clippy::disallowed_methods, reason = "puts links and folders where files are expected")]

use std::fs;

use serde_json::json;

use crate::harness::{Desk, recording, turn};

const REVIEWER: &str = "---\ndescription: Reads and says\ntools: [read, shell, \"@git/git_diff\"]\nexcludedTools: [grep_search]\npermissions:\n  rules:\n    - {capability: shell, effect: allow, match: [\"cargo *\"], exclude: \"cargo publish*\"}\nhooks: [{name: fmt, trigger: Stop}]\nmcpServers: {git: {command: mcp-git}}\n---\nYou review.\n";

/// A desk with something of everything; nothing is trusted yet.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.put(".kiro/agents/team/reviewer.md", REVIEWER);
    desk.put(".kiro/agents/old.json", r#"{"name":"old","description":"Old","prompt":"x","tools":["*"],"allowedTools":["fs_read"],"toolsSettings":{"shell":{"deniedCommands":["git push.*"]}}}"#);
    desk.put(".kiro/agents/notes.md", "# Not an agent\n");
    desk.put(".kiro/agents/plan.md", REVIEWER);
    desk.put(".kiro/skills/pdf/SKILL.md", "---\nname: pdf\ndescription: Fills forms\n---\nFill it.\n");
    desk.put(".kiro/skills/pdf/scripts/fill.py", "print()\n");
    desk.put(".kiro/skills/empty/readme.md", "x");
    desk.put(".kiro/prompts/fix.md", "Fix ${1} in ${2}.\n");
    desk.put(
        "../home/.kiro/powers/installed/stripe/POWER.md",
        "---\nname: stripe\ndescription: Payments\nkeywords: [stripe, \"payment form\"]\n---\nPay.\n",
    );
    desk.put(
        "../home/.kiro/powers/installed/stripe/mcp.json",
        "{\"mcpServers\": {\"api\": {\"url\": \"https://x\"}}}",
    );
    desk.put("../home/.kiro/prompts/own.md", "My own words.\n");
    desk.put("../home/.kiro/agents/mine.md", "---\ndescription: Mine\ntools: \"*\"\n---\nx\n");
    desk
}

#[test]
fn an_agent_that_includes_powers_opens_them() {
    let desk = desk();
    let agent = |more: &str| format!("---\ndescription: d\ntools: [read]\n{more}---\nx\n");
    desk.put("../home/.kiro/agents/with.md", agent("includePowers: true\n"));
    desk.put("../home/.kiro/agents/without.md", agent(""));
    desk.put("../home/.kiro/agents/but.md", agent("includePowers: true\nexcludedTools: [power]\n"));
    desk.put("../home/.kiro/agents/lead.md", "---\ndescription: d\ntools: [subagent]\n---\nx\n");
    desk.check(
        &["agent", "show", "with"],
        0,
        &["read, list, glob, grep, power (written: read)", "those of powers"],
    );
    desk.check(&["agent", "show", "but"], 0, &[]).never_says(&["grep, power"]);
    let opens = || turn("", &[("power", json!({"action": "activate", "name": "stripe"}))]);
    let run = |name: &str| {
        let model = recording(&desk, &[("go", vec![opens(), turn("Done.", &[])])]);
        desk.waypost(&["run", "go", "--agent", name, "--allow", "power:*", "--model", &model]);
        desk.waypost(&["session", "export"]).out
    };
    assert!(run("with").contains("Pay."));
    for name in ["without", "but"] {
        let told = run(name);
        assert!(told.contains("there is no tool `power`") && !told.contains("Pay."), "{told}");
    }
    // And so does a part.
    let gives = turn("", &[("subagent", json!({"tasks": [{"agent": "with", "task": "PART of it"}]}))]);
    let sessions =
        [("PART of it", vec![opens(), turn("Seen.", &[])]), ("go", vec![gives, turn("Done.", &[])])];
    let model = recording(&desk, &sessions);
    desk.check(
        &["run", "go", "--agent", "lead", "--autopilot", "--allow", "power:*", "--model", &model],
        0,
        &["with → power"],
    );
}

#[test]
fn agents_are_listed_with_what_is_left_out_and_why() {
    let desk = desk();
    let listed = desk.check(
        &["agent", "list"],
        0,
        &[
            "team/reviewer",
            "(workspace, not trusted)",
            "general-purpose",
            "mine",
            ".kiro/agents/notes.md: it has no front matter",
            ".kiro/agents/plan.md: its name is reserved",
            "what is not trusted is not used",
        ],
    );
    assert!(listed.out.contains("1 problem"), "{}", listed.out);
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["agent", "list"], 0, &[]).never_says(&["not trusted"]);
    let document = desk.waypost(&["--json", "agent", "list"]).document();
    let rows = document["agents"].as_array().unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row["agent"].as_str().unwrap()).collect();
    assert_eq!(names, ["context-gatherer", "general-purpose", "mine", "old", "team/reviewer"]);
    assert_eq!(rows[4]["tools"], serde_json::json!(["read", "list", "glob", "shell", "process"]));
    assert_eq!(rows[0]["tools"], serde_json::json!(["read", "list", "glob", "grep"]));
    assert!(rows.iter().all(|row| row["usable"] == true));
    // A changed file is another one.
    desk.put(".kiro/agents/team/reviewer.md", REVIEWER.replace("review", "approve"));
    desk.check(&["agent", "list"], 0, &["changed since it was trusted"]);
}

#[test]
fn an_agent_is_shown_as_it_would_be() {
    let desk = desk();
    desk.check(
        &["agent", "show", "team/reviewer"],
        0,
        &[
            "read, list, glob, shell, process (written: read, shell, @git/git_diff)",
            "allow shell:cargo * except cargo publish*",
            "deny fs_write:*",
            "allow mcp:git/git_diff",
            "fmt (Stop)",
            "You review.",
            "no session uses it: not trusted",
        ],
    );
    desk.check(
        &["agent", "show", "old"],
        0,
        &["skips this agent without a word", "deny shell:git push*", "allow fs_read:*"],
    );
    let shown = desk.waypost(&["--json", "agent", "show", "old"]).document();
    assert_eq!((&shown["agent"], &shown["format"]), (&"old".into(), &"json of the 2.x command line".into()));
    desk.check(&["agent", "show", "nobody"], 2, &["there is no agent `nobody`", "there are: "]);
    desk.check(&["agent", "show", "notes"], 2, &["is not used: it has no front matter", "hint:"]);
}

#[test]
fn a_check_fails_for_errors_in_every_format() {
    let desk = desk();
    desk.check(
        &["agent", "check"],
        1,
        &[
            ".kiro/agents/notes.md:1:1  error an agent begins with front matter",
            "agent/reserved-id",
            "the skill is left out: there is no `SKILL.md` in it",
            "5 agents, 2 skills, 1 power, 2 prompts: 3 errors, 1 warning",
        ],
    );
    let sarif: serde_json::Value =
        serde_json::from_str(&desk.check(&["agent", "check", "--format", "sarif"], 1, &[]).out).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "agent/no-front-matter"), "{results:?}");
    let json: serde_json::Value =
        serde_json::from_str(&desk.check(&["agent", "check", "--format", "json"], 1, &[]).out).unwrap();
    assert_eq!(json["errors"], 3);
    desk.take(".kiro/agents/notes.md");
    desk.take(".kiro/agents/plan.md");
    desk.take(".kiro/skills/empty/readme.md");
    desk.check(&["agent", "check"], 0, &["0 errors, 1 warning"]);
}

#[test]
fn skills_powers_and_prompts() {
    let desk = desk();
    desk.check(
        &["skill", "list"],
        0,
        &["pdf", "Fills forms", "(workspace, not trusted)", "there is no `SKILL.md`"],
    );
    desk.check(&["skill", "show", "pdf"], 0, &["Fill it.", "no session uses it"]).never_says(&["fill.py"]);
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["skill", "show", "pdf"], 0, &["- .kiro/skills/pdf/scripts/fill.py (8 bytes)"]);
    desk.check(&["skill", "show", "x"], 2, &["there is no skill `x`", "there are: pdf"]);
    desk.check(
        &["power", "list"],
        0,
        &["stripe", "words: stripe, payment form", "servers: power-stripe-api"],
    );
    desk.check(&["power", "list", "--words", "a Payment-Form please"], 0, &["called for by `payment form`"]);
    desk.check(&["power", "list", "--words", "nothing"], 0, &["these words call for no power"]);
    desk.check(&["power", "show", "stripe"], 0, &["Pay.", "- power-stripe-api"]);
    desk.check(&["prompt", "list"], 0, &["fix", "own", "My own words."]);
    desk.check(&["prompt", "show", "fix", "the 'bug'", "src"], 0, &["Fix the 'bug' in src."]);
    desk.check(&["prompt", "show", "fix", "it"], 1, &["Fix it in ${2}.", "no argument for ${2}"]);
    desk.check(&["prompt", "show", "own", "and", "more words"], 0, &["My own words.\n\nand 'more words'"]);
    desk.check(&["prompt", "show", "x"], 2, &["there is no prompt `x`", "there are: fix, own"]);
    let shown = desk.waypost(&["--json", "prompt", "show", "fix"]).document();
    assert_eq!(shown["missing"], serde_json::json!(["${1}", "${2}"]));
}

#[test]
fn the_workspace_wins_and_the_other_is_said() {
    let desk = desk();
    desk.put("../home/.kiro/prompts/fix.md", "Mine.\n");
    desk.put("../home/.kiro/skills/pdf/SKILL.md", "---\nname: pdf\ndescription: Mine\n---\nMine.\n");
    desk.check(&["prompt", "show", "fix", "a", "b"], 0, &["Fix a in b."]);
    desk.check(
        &["skill", "list"],
        0,
        &["Fills forms", "~/.kiro/skills/pdf: `.kiro/skills/pdf` has the same name and wins"],
    );
    desk.check(&["agent", "check"], 1, &["roster/same-name"]);
}

#[test]
fn an_empty_workspace_and_hostile_files() {
    let desk = Desk::new();
    desk.check(&["agent", "list"], 0, &["general-purpose", "context-gatherer"]);
    desk.check(&["skill", "list"], 0, &["no skills here"]);
    desk.check(&["power", "list"], 0, &["no powers here"]);
    desk.check(&["prompt", "list"], 0, &["no prompts here"]);
    desk.check(&["skill", "show", "x"], 2, &["there is no skill `x`", "docs/agents.md"]);
    desk.check(&["agent", "check"], 0, &["0 errors"]);
    fs::create_dir_all(desk.work(".kiro/agents/folder.md")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", desk.work(".kiro/agents/link.md")).unwrap();
    desk.put(".kiro/agents/deep.json", "[".repeat(100_000));
    desk.put(".kiro/agents/bytes.md", b"---\nname: \xff\xfe\0\n---\n");
    desk.put(".kiro/agents/big.md", "x".repeat(2 * 1024 * 1024));
    desk.put(".kiro/agents/line.md", format!("---\ndescription: {}\n---\nx", "a: b ".repeat(200_000)));
    desk.put(".kiro/agents/\u{1b}[31mred.md", "---\ndescription: \"\\e[31mx\"\ntools: [\"\\e[2J\"]\n---\nx");
    desk.put(".kiro/skills/bad/SKILL.md", "---\nname: [\n---\n");
    desk.put(".kiro/powers/bad/plugin.json", "{");
    desk.put(".kiro/prompts/a b.md", "x");
    let listed = desk.check(
        &["agent", "list"],
        0,
        &[
            ".kiro/agents/link.md: a link",
            ".kiro/agents/big.md: larger than 1 MiB",
            ".kiro/agents/deep.json:",
        ],
    );
    assert!(!listed.out.contains('\u{1b}'), "{}", listed.out);
    let checked = desk.check(&["agent", "check"], 1, &["skill/wrong-type", "prompt/name"]);
    assert!(!checked.out.contains('\u{1b}'), "{}", checked.out);
    desk.check(&["agent", "check", "--format", "sarif"], 1, &[]);
}

#[test]
fn what_lies_elsewhere_below_kiro_is_found() {
    let desk = Desk::new();
    desk.put(
        ".kiro/agents/y.json",
        r#"{"description":"j","tools":["read","spec"],"effortLevel":"high","prompt":"file://../words/y.md"}"#,
    );
    desk.put(".kiro/words/y.md", "YPROMPT\n");
    let power =
        r#"{"name":"newp","version":"1.0.0","description":"new","author":{"name":"a"},"keywords":["k"]}"#;
    desk.put(".kiro/powers/newp/plugin.json", power);
    desk.put(".kiro/powers/newp/dev.kiro/steering/st.md", "---\ninclusion: always\n---\nPOWERSTEER\n");
    desk.check(&["trust", ".kiro/agents/y.json", "--yes"], 0, &[]);
    desk.check(&["agent", "show", "y"], 0, &["not trusted"]).never_says(&["YPROMPT"]);
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["agent", "show", "y"], 0, &["YPROMPT"]);
    desk.check(&["agent", "check"], 0, &["stands for no tool of a session", "`effortLevel` has no effect"]);
    desk.check(&["power", "show", "newp"], 0, &["st.md"]);
    desk.check(&["steering", "list"], 0, &[]).never_says(&["st.md"]);
}
