//! `waypost policy`: what is explained is what the gate does, tests of rules fail where they should, and hostile files of rules
//! close and are named.
#![expect(clippy::disallowed_methods, reason = "puts links and folders where files are expected")]

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::harness::{Desk, call, say};

/// Where the person's rules lie.
const RULES: &str = "home/.kiro/settings/permissions.yaml";

fn rules(desk: &Desk, text: impl AsRef<[u8]>) {
    fs::create_dir_all(desk.path("home/.kiro/settings")).unwrap();
    desk.put_outside(RULES, text);
}

/// Asks what a call would come to.
#[track_caller]
fn check(desk: &Desk, arguments: &[&str], effect: &str, says: &[&str]) -> Value {
    let code = match effect {
        "allow" => 0,
        "ask" => 3,
        _ => 4,
    };
    let arguments: Vec<&str> = ["policy", "explain"].iter().chain(arguments).copied().collect();
    let ran = desk.check(&arguments, code, says);
    assert!(ran.out.starts_with(effect), "{}", ran.out);
    let json: Vec<&str> = ["--json"].iter().chain(&arguments).copied().collect();
    let document = desk.waypost(&json).document();
    assert_eq!(document["effect"], effect);
    document
}

#[test]
fn defaults_rules_and_what_would_allow() {
    let desk = Desk::new();
    check(&desk, &["fs_read:a.txt"], "allow", &["default: reading in the workspace"]);
    check(&desk, &["fs_write:a.txt"], "ask", &["--allow 'fs_write:a.txt'", "--mode autopilot"]);
    check(&desk, &["fs_write:a.txt", "--autopilot"], "allow", &[]);
    check(&desk, &["fs_write:.git/config"], "deny", &["nothing: this holds whatever any rule says"]);
    check(&desk, &["shell:git log | head"], "allow", &["git log  [read-only]", "head  [read-only]"]);
    check(
        &desk,
        &["shell:rm -rf x", "--allow", "shell:*"],
        "ask",
        &["[destructive: deletes `x`", "each time"],
    );
    check(&desk, &["shell:echo a > b"], "ask", &["allowed by  --allow 'fs_write:b'", "--mode autopilot"]);
    check(&desk, &["shell:echo a > b", "--allow", "fs_write:b"], "allow", &[]);
    let makes = check(&desk, &["shell:make > log"], "ask", &[]);
    assert_eq!(makes["allowed_by"], serde_json::json!(["shell:make > log", "fs_write:log"]));
    let makes = ["shell:make > log", "--allow", "shell:make > log", "--allow", "fs_write:log"];
    check(&desk, &makes, "allow", &[]);
    check(&desk, &["shell:sudo make x"], "ask", &["    make x  [project code"]);
    check(&desk, &["shell:echo \"$(x"], "ask", &["the line is not followed", "byte"]);
    check(&desk, &["mcp:github/create_issue"], "ask", &["--allow 'mcp:github/create_issue'"]);
    let allowed = ["mcp:github/create_issue", "--allow", "mcp:github/*"];
    check(&desk, &allowed, "allow", &["won", "mcp:github/*"]);
    let tainted: Vec<&str> = allowed.iter().chain(&["--tainted", "web"]).copied().collect();
    check(&desk, &tainted, "ask", &["this turn took in the page `web`", "took in nothing from outside"]);
    check(&desk, &["sandbox_network:crates.io"], "ask", &[]);
    let both =
        check(&desk, &["shell:curl https://a.example/x"], "ask", &["sandbox_network:a.example", "[network"]);
    assert_eq!(both["requests"].as_array().unwrap().len(), 2);
    // Tried out: both rules are needed, and together they are enough.
    let rules = both["allowed_by"].as_array().unwrap();
    let flags: Vec<&str> = rules.iter().flat_map(|rule| ["--allow", rule.as_str().unwrap()]).collect();
    let with: Vec<&str> = ["shell:curl https://a.example/x"].iter().chain(&flags).copied().collect();
    check(&desk, &with, "allow", &[]);
}

#[test]
fn it_names_rule_file_and_line() {
    let desk = Desk::new();
    rules(
        &desk,
        "rules:\n  - capability: shell\n    effect: allow\n    match: [\"git *\"]\n  - capability: fs_read\n    effect: deny\n    match: \"**/.env\"\n",
    );
    desk.config("ask = [\n  \"fs_write:docs/**\",\n]\n\n[[rules]]\ncapability = \"shell\"\neffect = \"deny\"\nmatch = [\"npm *\"]\n");
    let file = desk.resolved(RULES);
    let settings = desk.resolved("config/waypost/config.toml");
    let place = |document: &Value| {
        let place = &document["stands_on"];
        (place["file"].as_str().unwrap().to_string(), place["line"].as_u64().unwrap())
    };
    let denied = check(&desk, &["shell:cat x/.env"], "deny", &[&format!("{file}:5"), "change"]);
    assert_eq!(place(&denied), (file.clone(), 5));
    assert_eq!(place(&check(&desk, &["shell:git push"], "allow", &[])), (file, 2));
    assert_eq!(place(&check(&desk, &["fs_write:docs/a"], "ask", &[])), (settings.clone(), 2));
    assert_eq!(place(&check(&desk, &["shell:npm ci"], "deny", &[])), (settings, 5));
    let fs_read =
        denied["targets"].as_array().unwrap().iter().find(|one| one["capability"] == "fs_read").unwrap();
    let won = fs_read["rules"].as_array().unwrap().iter().find(|one| one["won"] == true).unwrap();
    assert_eq!((&won["rule"], &won["matched"]), (&Value::from("fs_read:**/.env"), &Value::from(true)));
}

#[test]
fn links_lead_where_they_lead() {
    let desk = Desk::new();
    let outside = desk.put_outside("secret", "x");
    symlink(&outside, desk.work("link")).unwrap();
    symlink("b", desk.work("a")).unwrap();
    symlink("a", desk.work("b")).unwrap();
    check(&desk, &["fs_read:link"], "ask", &["reading outside the workspace", &desk.resolved("secret")]);
    check(&desk, &["shell:cat link"], "ask", &["reads link, which is", &desk.resolved("secret")]);
    desk.check(&["policy", "explain", "fs_read:a"], 2, &["a loop of symlinks"]);
}

#[test]
fn lists_and_trust_hold_here_as_well() {
    let desk = Desk::new();
    desk.put(".kiroignore", "# keys\n*.pem\n");
    desk.put("deep/.kiroignore", "x\n");
    desk.put(".kiro/settings/ignore", "gen/\n");
    check(
        &desk,
        &["fs_read:a.pem"],
        "deny",
        &["invisible by `*.pem` (.kiroignore:2)", "take it off the list"],
    );
    check(&desk, &["shell:cat deep/x"], "deny", &["deep/.kiroignore:1"]);
    check(&desk, &["fs_read:gen/a"], "allow", &[]);
    check(&desk, &["fs_write:gen/a", "--autopilot"], "deny", &[".kiro/settings/ignore:1"]);
    let listed = desk.waypost(&["--json", "policy", "list"]).document();
    let lists = listed["lists"].as_array().unwrap();
    assert_eq!(lists.iter().map(|list| list["patterns"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 1, 1]);
    desk.put("AGENTS.md", "Be good.\n");
    check(&desk, &["shell:ls"], "ask", &["not trusted", "waypost trust"]);
    desk.check(&["policy", "list"], 0, &["this workspace is not trusted", "invisible", "never written"]);
}

#[test]
fn what_is_no_call() {
    let desk = Desk::new();
    for (call, says) in [
        ("ls", "has no `:`"),
        ("shel:ls", "no capability `shel`; there are fs_read"),
        ("filesystem:a", "is a group"),
        ("fs_read:", "is empty"),
        ("fs_read:~/x", "starts with `~`"),
        ("shell:", "the command is empty"),
        ("mcp:", "names no target"),
    ] {
        desk.check(&["policy", "explain", call], 2, &[says, "hint:"]);
    }
    desk.check(&["policy", "explain", "shell:ls", "--spec", "nowhere"], 2, &["nowhere"]);
    desk.check(&["policy", "explain", "shell:ls", "--allow", "nonsense"], 2, &["has no `:`"]);
}

#[test]
fn explained_is_what_happens() {
    for command in
        ["touch made.txt", "cat a.txt", "rm a.txt", "make", "echo a > .git/x", "cat ../config/waypost/x"]
    {
        for flags in [&[][..], &["--autopilot"], &["--allow", "shell:*"], &["--deny", "shell:*"]] {
            let (desk, _model) =
                Desk::with(vec![call("shell", serde_json::json!({"command": command})), say("Done.")]);
            desk.put("a.txt", "a\n");
            let call = format!("shell:{command}");
            let explained = ["--json", "policy", "explain", &call];
            let explained: Vec<&str> = explained.iter().chain(flags).copied().collect();
            let effect = desk.waypost(&explained).document()["effect"].clone();
            let run: Vec<&str> = ["--json", "run", "x"].iter().chain(flags).copied().collect();
            let decided = desk.waypost(&run).of_type("decision");
            let happened = decided.first().map_or("ask", |one| one["effect"].as_str().unwrap());
            assert_eq!(effect, happened, "{command} {flags:?}");
        }
    }
}

#[test]
fn hostile_files_of_rules_close_and_are_named() {
    let many = format!("rules:\n{}", "  - {capability: mcp, effect: deny}\n".repeat(3_000));
    let five = vec![b'#'; 5 * 1024 * 1024];
    let deep = "[".repeat(100_000);
    for (text, says) in [
        (
            &b"rules:\n  - {capability: shell, effect: allow}\nextra: 1\n"[..],
            ":3: the field `extra` is not known",
        ),
        (b"rules:\n  - capability: shell\n    effect: allow\n    matches: x\n", ":4: the field `matches`"),
        (b"rules:\n  - {capability: shell, effect: allowed}\n", ":2: the effect `allowed` is not known"),
        (b"rules:\n  - {capability: fs_read, effect: deny, match: \"../x\"}\n", ":2: the pattern `../x`"),
        (b"rules: [\n", "is void"),
        (b"\xff\xfe\x00", "is void"),
        (many.as_bytes(), "more than"),
        (&five, "larger than 1048576 bytes"),
        (deep.as_bytes(), "is void"),
    ] {
        let desk = Desk::new();
        rules(&desk, text);
        check(&desk, &["fs_read:a.txt", "--allow", "fs_read:**"], "ask", &["is void", "mend", "void:"]);
        desk.check(&["policy", "test"], 1, &[&desk.resolved(RULES), "everything asks until it is mended"]);
        let explained = desk.waypost(&["policy", "explain", "fs_read:a.txt"]);
        explained.says(&[says]);
        // A denial stands, whatever else is not known.
        check(&desk, &["shell:ls", "--deny", "shell:ls"], "deny", &[]);
    }
}

#[test]
fn what_lies_in_the_place_of_a_file_of_rules() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path(RULES)).unwrap();
    check(&desk, &["fs_read:a.txt"], "ask", &["it is no file"]);
    fs::remove_dir(desk.path(RULES)).unwrap();
    symlink(desk.path(RULES), desk.path(RULES)).unwrap();
    check(&desk, &["fs_read:a.txt"], "ask", &["it cannot be read"]);
    desk.check(&["policy", "test"], 1, &["it cannot be read"]);
    fs::remove_file(desk.path(RULES)).unwrap();
    symlink("nowhere", desk.path(RULES)).unwrap();
    check(&desk, &["fs_read:a.txt"], "ask", &["it cannot be read"]);
    fs::remove_file(desk.path(RULES)).unwrap();
    check(&desk, &["fs_read:a.txt"], "allow", &[]);
    // A mark at the beginning is not part of the first field.
    rules(&desk, "\u{feff}rules:\n  - {capability: fs_read, effect: deny, match: a.txt}\n");
    check(&desk, &["fs_read:a.txt"], "deny", &[":2"]);
    desk.check(&["policy", "test"], 0, &["1 rule in 1 file"]);
}

#[test]
fn contradictions_and_what_is_left_out() {
    let desk = Desk::new();
    rules(
        &desk,
        "rules:\n  - {capability: shell, effect: deny, match: \"git *\"}\n  - {capability: shell, effect: allow, match: \"git push *\"}\n  - {capability: shel, effect: deny}\npolicies: [everything]\n",
    );
    let file = desk.resolved(RULES);
    desk.check(
        &["policy", "test"],
        1,
        &[
            &format!("{file}:3  fails `shell:git push *` (allow) never decides: `shell:git *` (deny, user, {file}:2)"),
            &format!("{file}:4  fails the capability `shel` is not known"),
            &format!("{file}:5  fails the preset `everything` is not known"),
            "2 rules in 1 file, 0 examples, 0 expectations: 3 failures",
        ],
    );
    // Deny wins, wherever it stands.
    check(&desk, &["shell:git push x"], "deny", &[]);
    // What one scope says and a stricter one takes back is told, and does not fail.
    rules(&desk, "rules:\n  - {capability: fs_write, effect: allow, match: \".git/**\"}\n");
    desk.check(&["policy", "test"], 0, &["note `fs_write:.git/**` (allow) never decides", "kiro"]);
}

#[test]
fn examples_and_settings_that_cannot_be_read() {
    let desk = Desk::new();
    desk.config("[[rules]]\ncapability = \"shell\"\neffect = \"deny\"\nmatch = [\"rm *\"]\nexamples = [\"rm x\", \"sudo rm x\"]\ncounterexamples = [\"ls\"]\n");
    desk.check(&["policy", "test"], 0, &["1 rule in 1 file, 3 examples"]);
    desk.config("\n[[rules]]\ncapability = \"shell\"\neffect = \"deny\"\nmatch = [\"rm *\"]\nexamples = [\"rmdir x\"]\n");
    desk.check(&["policy", "test"], 1, &["config.toml:2", "does not match its example `rmdir x`", "(void)"]);
    check(&desk, &["fs_read:a"], "ask", &["config.toml:2 is void"]);
    desk.config("deny = [\n  \"shell:ls\",\n  \"nonsense\",\n]\n");
    desk.check(&["policy", "test"], 1, &["config.toml:3", "rule `nonsense` has no `:`", "no session starts"]);
    desk.check(&["policy", "list"], 2, &["nonsense"]);
    desk.config("modle = 1\n");
    desk.check(&["policy", "test"], 2, &["modle"]);
}

#[test]
fn expectations_of_a_team() {
    let desk = Desk::new();
    desk.put("rules.yaml", "rules:\n  - {capability: fs_read, effect: deny, match: \"**/.env\"}\n  - {capability: shell, effect: allow, match: \"make *\"}\n");
    desk.put(
        "good",
        "\u{feff}# ours\n\ndeny  fs_read:x/.env\nallow\tshell:make test\r\nask   shell:git push --force\n",
    );
    let with = |file: &'static str| ["policy", "test", file, "--rules", "rules.yaml"];
    desk.check(&with("good"), 0, &["3 expectations: all as it should be"]);
    desk.put("bad", b"allow fs_read:x/.env\nmaybe shell:ls\nallow ls\nallow\n\xff\nask shell:ls\n");
    let ran = desk.check(
        &with("bad"),
        1,
        &[
            "bad:1  fails `fs_read:x/.env` is denied, not allow: rule `fs_read:**/.env`",
            "waypost policy explain 'fs_read:x/.env'",
            "bad:2  fails `maybe` is none of allow, ask and deny",
            "bad:3  fails `ls` has no `:`",
            "bad:4  fails `allow` names no call",
            "bad:5  fails the line is not UTF-8",
            "bad:6  fails `shell:ls` is allowed, not ask",
        ],
    );
    assert!(ran.out.contains("6 failures"), "{}", ran.out);
    let document = desk.waypost(&["--json", "policy", "test", "bad", "--rules", "rules.yaml"]).document();
    assert_eq!(
        (&document["passed"], &document["findings"][0]["line"]),
        (&Value::from(false), &Value::from(1))
    );
    desk.check(&["policy", "test", "nowhere"], 2, &["there is no file `nowhere`"]);
    desk.check(&["policy", "test", "good", "--rules", "nowhere"], 2, &["there is no file"]);
    desk.put("five", vec![b'a'; 5 * 1024 * 1024]);
    desk.check(&["policy", "test", "five"], 2, &["larger than"]);
    desk.check(&["policy", "test", "."], 1, &["cannot be read"]);
}

#[test]
fn recorded_sessions_under_other_rules() {
    let shell = |command: &str| call("shell", serde_json::json!({"command": command}));
    let (desk, _model) = Desk::with(vec![
        shell("touch made.txt"),
        shell("cat made.txt"),
        say("Done."),
        shell("make"),
        say("Done."),
    ]);
    desk.check(&["run", "x", "--autopilot"], 0, &[]);
    desk.check(&["run", "y", "--deny", "shell:make*"], 0, &[]);
    // Nothing changed since: what was decided then is what would be decided now, but for the flag of the second.
    desk.check(
        &["policy", "simulate", "--all"],
        0,
        &["2 requests of 2 sessions judged again", "0 tightened, 0 loosened", "1 request left out"],
    );
    desk.put("new.yaml", "rules:\n  - {capability: fs_write, effect: deny, match: \"*.txt\"}\n  - {capability: shell, effect: allow, match: make}\n");
    let report = desk.waypost(&["--json", "policy", "simulate", "--all", "--rules", "new.yaml"]).document();
    assert_eq!(
        (&report["tightened"], &report["loosened"], &report["before"]),
        (&Value::from(1), &Value::from(1), &Value::from("rules"))
    );
    let [touch, make] = [&report["differences"][0], &report["differences"][1]];
    assert_eq!(
        (&touch["request"], &touch["before"]),
        (&Value::from("shell:touch made.txt"), &Value::from("allow"))
    );
    assert!(touch["why"].as_str().unwrap().contains("new.yaml:2"), "{touch}");
    assert_eq!((&make["change"], &make["after"]), (&Value::from("loosened"), &Value::from("allow")));
    // The rules on disk changed: the record is held against them.
    rules(&desk, "rules:\n  - {capability: fs_read, effect: deny, match: made.txt}\n");
    desk.check(
        &["policy", "simulate", "--all"],
        0,
        &["allow → deny", "shell:cat made.txt", "permissions.yaml:2", "1 tightened, 0 loosened"],
    );
    desk.check(&["policy", "simulate", "--deny", "shell:*"], 0, &["ask → deny shell:make", "1 tightened"]);
    desk.check(
        &["policy", "simulate", "--mode", "supervised", "--all"],
        0,
        &["allow → ask", "touch made.txt"],
    );
    desk.check(&["policy", "simulate", "--session", "nope"], 2, &["nope"]);
    let before = desk.records("sessions");
    fs::write(&desk.journals("sessions")[0], "garbage\n").unwrap();
    desk.check(&["policy", "simulate", "--all"], 1, &["not read: session", "waypost audit verify"]);
    assert_ne!(before, desk.records("sessions"));
}
