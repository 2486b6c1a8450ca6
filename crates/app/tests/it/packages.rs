//! Packages with a `.kiro` of their own, seen from inside: the root of the repository stays the workspace, and the nearest wins.

#![expect(clippy::disallowed_methods, reason = "makes a repository and a run bit")]

use serde_json::{Value, json};

use crate::harness::{Desk, Model, call, python, say, server};

/// A server that answers with what it was told in its environment, and where it runs.
const SERVER: &str = r#"
def tools(): return [tool("who", "Says who.")]
def called(name, arguments): return "%s in %s" % (os.environ.get("WHO"), os.path.basename(os.getcwd()))
"#;

/// Servers of one file: names, each with what it says it is.
fn servers(named: &[(&str, &str)]) -> String {
    let entry = |who: &str| json!({"command": python(), "args": ["-u", "server.py"], "env": {"WHO": who}, "autoApprove": ["*"]});
    let servers: serde_json::Map<String, Value> =
        named.iter().map(|(name, who)| (name.to_string(), entry(who))).collect();
    json!({"mcpServers": servers}).to_string()
}

fn inside(desk: &Desk) -> String {
    desk.work("packages/x/src").display().to_string()
}

#[test]
fn the_root_of_the_repository_stays_the_workspace() {
    let root = |make: &dyn Fn(&Desk)| {
        let desk = Desk::new();
        desk.put("packages/x/src/a.txt", "");
        std::fs::remove_dir(desk.work(".kiro")).unwrap();
        make(&desk);
        let found = desk.waypost(&["-C", &inside(&desk), "--json", "doctor"]).out;
        let work = desk.resolved("work");
        let found: Value = serde_json::from_str(&found).unwrap();
        let row = found.as_array().unwrap().iter().find(|row| row["name"] == "workspace").unwrap().clone();
        let said = row["detail"].as_str().unwrap().to_string();
        said.strip_prefix(&work).unwrap_or(&said).trim_start_matches('/').to_string()
    };
    let git = |desk: &Desk| {
        desk.git(&["init", "-q"]);
    };
    let kiro = |desk: &Desk, folder: &str| desk.put(&format!("{folder}.kiro/steering/s.md"), "S\n");
    let check = |expected: &str, make: &dyn Fn(&Desk)| {
        let found = root(make);
        assert_eq!(found, expected);
    };
    check("packages/x/src", &|_| {});
    check("", &|desk| git(desk));
    check("packages/x", &|desk| kiro(desk, "packages/x/"));
    // Nobody made the repository's top a workspace: the package is one, as Kiro opens it.
    check("packages/x", &|desk| (git(desk), kiro(desk, "packages/x/")).1);
    check(", in its package packages/x", &|desk| (git(desk), kiro(desk, "packages/x/"), kiro(desk, "")).2);
    check(", in its package packages/x", &|desk| (kiro(desk, "packages/x/"), kiro(desk, "")).1);
    // What lies in another repository is another workspace.
    check("packages/x", &|desk| {
        kiro(desk, "");
        kiro(desk, "packages/x/");
        std::process::Command::new("git").args(["init", "-q"]).arg(desk.work("packages/x")).status().unwrap();
    });
}

#[test]
fn servers_of_the_root_and_of_the_package_are_merged() {
    let who = |name: &str| call("mcp", json!({"server": name, "tool": "who", "arguments": {}}));
    let asked = ["both", "root", "own"];
    let (desk, model) = Desk::with(asked.iter().flat_map(|name| [who(name), say("Done.")]).collect());
    desk.git(&["init", "-q"]);
    desk.put("server.py", server(SERVER));
    desk.put("packages/x/server.py", server(SERVER));
    desk.put("packages/x/src/a.txt", "");
    desk.put(".kiro/settings/mcp.json", servers(&[("both", "ROOT"), ("root", "ROOT")]));
    desk.put("packages/x/.kiro/settings/mcp.json", servers(&[("both", "PACKAGE"), ("own", "PACKAGE")]));
    // Trust that is given at the root holds in the package, and the script of a package's server lies there.
    desk.check(&["trust", "--yes"], 0, &["packages/x/.kiro/settings/mcp.json", "packages/x/server.py"]);
    let at = inside(&desk);
    desk.check(&["-C", &at, "trust"], 0, &[]);
    desk.check(&["-C", &at, "mcp", "list"], 0, &["both", "package", "root", "workspace", "own"]);
    // One session each: after the first answer from outside the next call would be asked about.
    for (name, expected) in asked.into_iter().zip(["PACKAGE in x", "ROOT in work", "PACKAGE in x"]) {
        desk.check(&["-C", &at, "run", "x"], 0, &[]);
        assert!(model.last().contains(expected), "{name}: {}", model.last());
    }
    let listed = desk.waypost(&["mcp", "list"]).out;
    assert!(!listed.contains("own"), "the root does not have the package's: {listed}");
    // A note stands beside the document of a listing, and not in it.
    desk.put("server.py", "changed");
    let listed = desk.waypost(&["--json", "mcp", "list"]);
    assert!(
        listed.document().is_array() && listed.err.contains("not trusted as it is now"),
        "{}",
        listed.err
    );
}

#[test]
fn servers_of_one_name_in_two_packages_are_agreed_to_apart() {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    desk.put(".kiro/steering/s.md", "S\n");
    for (package, server) in
        [("x", server(SERVER)), ("y", server(SERVER).replace("Says who.", "Says who it is."))]
    {
        desk.put(&format!("packages/{package}/server.py"), &server);
        desk.put(&format!("packages/{package}/.kiro/settings/mcp.json"), servers(&[("own", package)]));
    }
    desk.check(&["trust", "--yes"], 0, &[]);
    let at = |package: &str| desk.work(&format!("packages/{package}")).display().to_string();
    for package in ["x", "y", "x", "y"] {
        desk.check(&["-C", &at(package), "mcp", "test", "own"], 0, &["agreed"]);
    }
    // What was agreed to before packages were kept apart still holds for the one that it was.
    let mut states = std::fs::read_dir(desk.path("state/waypost/workspaces")).unwrap();
    let lock = states.next().unwrap().unwrap().path().join("mcp.lock.json");
    let text = std::fs::read_to_string(&lock).unwrap();
    let mut kept: Value = serde_json::from_str(&text).unwrap();
    let all = kept["servers"].as_object_mut().unwrap();
    let own = all.remove("own packages/x/.kiro/settings/mcp.json").unwrap();
    all.clear();
    all.insert("own".to_string(), own);
    std::fs::write(&lock, kept.to_string()).unwrap();
    desk.check(&["-C", &at("x"), "mcp", "test", "own"], 0, &["agreed"]);
    let changed = "`own` changed since it was agreed to: changed: who";
    desk.check(&["-C", &at("y"), "mcp", "test", "own"], 3, &[changed]);
    desk.check(&["-C", &at("y"), "mcp", "accept", "own", "--yes"], 0, &["agreed to `own`"]);
    for package in ["x", "y"] {
        desk.check(&["-C", &at(package), "mcp", "test", "own"], 0, &["agreed"]);
    }
}

#[test]
fn agents_skills_and_prompts_of_the_package_are_there_and_the_nearest_wins() {
    let (desk, model) = Desk::with(vec![say("Done.")]);
    let agent = |words: &str| format!("---\ndescription: d\ntools: [read]\n---\n{words}\n");
    let skill = |name: &str| format!("---\nname: {name}\ndescription: what {name} is for\n---\nBody.\n");
    desk.put(".kiro/agents/dev.md", agent("ROOT AGENT"));
    desk.put(".kiro/agents/far.md", agent("FAR AGENT"));
    desk.put(".kiro/skills/deploy/SKILL.md", skill("deploy"));
    desk.put(".kiro/skills/deploy/root-only.md", "R\n");
    desk.put(
        "packages/x/.kiro/agents/dev.json",
        json!({"prompt": "file://./words.txt", "tools": ["read"], "resources": ["file://notes.md"]})
            .to_string(),
    );
    desk.put("packages/x/.kiro/agents/words.txt", "PACKAGE AGENT\n");
    desk.put("packages/x/notes.md", "PACKAGE NOTES\n");
    desk.put("notes.md", "ROOT NOTES\n");
    desk.put("packages/x/.kiro/skills/deploy/SKILL.md", skill("deploy"));
    desk.put("packages/x/.kiro/prompts/hello.md", "HELLO FROM PACKAGE\n");
    desk.put("packages/x/.kiro/steering/own.md", "PACKAGE STEERING\n");
    desk.put("packages/x/src/AGENTS.md", "NESTED AGENTS\n");
    desk.put(".kiro/steering/root.md", "ROOT STEERING\n");
    let at = inside(&desk);
    desk.check(&["-C", &at, "trust", "--yes"], 0, &[]);
    desk.check(&["-C", &at, "agent", "list"], 0, &["(package packages/x)", "far"]);
    desk.check(&["-C", &at, "skill", "list"], 0, &["packages/x/.kiro/skills/deploy"]);
    desk.put("packages/x/src/near.txt", "NEAR FILE\n");
    desk.put("top.txt", "TOP FILE\n");
    let words = "/hello #file:near.txt #file:../notes.md #file:top.txt";
    desk.check(&["-C", &at, "run", words, "--agent", "dev"], 0, &[]);
    let sent = model.last();
    for there in [
        "PACKAGE AGENT",
        "PACKAGE NOTES",
        "NEAR FILE",
        "TOP FILE",
        "HELLO FROM PACKAGE",
        "PACKAGE STEERING",
        "NESTED AGENTS",
        "ROOT STEERING",
        "packages/x/src",
    ] {
        assert!(sent.contains(there), "{there}: {sent}");
    }
    for gone in ["ROOT AGENT", "ROOT NOTES"] {
        assert!(!sent.contains(gone), "{gone}");
    }
    // At the root there is only the root's.
    let listed = desk.waypost(&["--json", "agent", "list"]).out;
    assert!(listed.contains("\".kiro/agents/dev.md"), "{listed}");
    assert!(!listed.contains("packages/x"), "{listed}");
}

#[test]
fn a_hook_of_the_package_runs_in_it_for_its_files() {
    let write = |path: &str| call("write", json!({"path": path, "content": "x\n"}));
    let (desk, _model) = Desk::with(vec![
        write("packages/x/src/a.ts"),
        write("src/b.ts"),
        write("packages/x/c.md"),
        say("Done."),
    ]);
    let hook = json!({"version": "v1", "hooks": [
        {"name": "ts", "trigger": "PostFileCreate", "matcher": "^src/.*\\.ts$",
         "action": {"type": "command", "command": "./log.sh"}}]});
    desk.put("packages/x/.kiro/hooks/h.json", hook.to_string());
    desk.put(
        "packages/x/log.sh",
        "#!/bin/sh\npwd >> told.log\ncat >> told.log\necho \"$WORKSPACE_ROOT\" >> told.log\n",
    );
    desk.put(".kiro/steering/s.md", "S\n");
    let script = desk.work("packages/x/log.sh");
    std::process::Command::new("chmod").arg("+x").arg(&script).status().unwrap();
    desk.put("packages/x/src/z.txt", "");
    let at = inside(&desk);
    desk.check(&["hooks", "list"], 0, &["no hooks here", "run in sessions that are started there"]);
    desk.check(&["trust", "--yes"], 0, &["packages/x/log.sh", "packages/x/.kiro/hooks/h.json"]);
    desk.check(&["-C", &at, "hooks", "list"], 0, &["$ cd './packages/x' || exit 1; ./log.sh"]);
    let why = ["-C", &at, "hooks", "test", "ts", "--event", "PostFileCreate", "--path"];
    desk.check(&[&why[..], &["packages/x/src/q.ts"]].concat(), 0, &["matches `src/q.ts`"]);
    // What is shown is what it gets below, a whole path too.
    let gets = ["\"file_path\":\"src/q.ts\"", &format!("\"cwd\":\"{}\"", desk.resolved("work/packages/x"))];
    let whole = format!("{}/packages/x/src/q.ts", desk.resolved("work"));
    desk.check(&[&why[..], &[&whole]].concat(), 0, &gets);
    desk.check(&[&why[..], &["src/q.ts"]].concat(), 1, &["lies outside of `packages/x`"]);
    desk.check(&["-C", &at, "run", "x", "--autopilot"], 0, &[]);
    let told = desk.text("packages/x/told.log");
    let package = desk.resolved("work/packages/x");
    assert_eq!(told.lines().filter(|line| *line == package).count(), 2, "{told}");
    assert!(
        told.contains("\"file_path\":\"src/a.ts\"") && told.contains(&format!("\"cwd\":\"{package}\"")),
        "{told}"
    );
    assert!(!told.contains("b.ts") && !told.contains("c.md"), "{told}");
    // The script is trusted with the hook: as another one it does not run.
    desk.put("packages/x/log.sh", "#!/bin/sh\ntouch evil\n");
    desk.check(&["-C", &at, "hooks", "list"], 0, &["changed since it was trusted"]);
}

#[test]
fn specs_of_the_package_come_first_there() {
    let desk = Desk::new();
    desk.put(".kiro/specs/limits/requirements.md", "# Requirements\n\nroot\n");
    desk.put("packages/x/.kiro/specs/limits/requirements.md", "# Requirements\n\npackage\n");
    desk.put("packages/x/Cargo.toml", "[package]\nname = \"x\"\n");
    desk.put("packages/x/src/a.txt", "");
    let at = inside(&desk);
    let shown = |name: &str| desk.waypost(&["-C", &at, "--json", "spec", "status", name]).out;
    assert!(shown("limits").contains("packages/x:limits"), "{}", shown("limits"));
    assert!(!shown(":limits").contains("packages/x:limits"), "{}", shown(":limits"));
    let named = |words: &str| desk.waypost(&["-C", &at, "context", "show", words, "--full"]).out;
    let check = |words: &str, has: &str, has_not: &str| {
        let found = named(words);
        assert!(found.contains(has) && !found.contains(has_not), "{words}: {found}");
    };
    check("read #spec:limits", "\npackage\n", "\nroot\n");
    check("read #spec:packages/x:limits now", "\npackage\n", "\nroot\n");
    check("read #spec::limits", "\nroot\n", "\npackage\n");
    check("read #spec", "packages/x:limits: requirements.md", "left out");
    desk.check(
        &["-C", &at, "spec", "new", "say hello", "--template", "--name", "hello"],
        0,
        &["packages/x/.kiro/specs/hello"],
    );
    assert!(desk.has("packages/x/.kiro/specs/hello/requirements.md"));
    let found = desk.waypost(&["-C", &at, "doctor"]).out;
    assert!(found.contains("cd ./packages/x && cargo test"), "{found}");
}

/// A hook of `packages/x` in a file of its own.
fn hook(desk: &Desk, trigger: &str, matcher: &str, line: &str) {
    let hook = json!({"name": "h", "trigger": trigger, "matcher": matcher, "timeout": 20,
                      "action": {"type": "command", "command": line}});
    desk.put("packages/x/.kiro/hooks/h.json", json!({"version": "v1", "hooks": [hook]}).to_string());
    desk.put("packages/x/src/z.txt", "");
    desk.check(&["trust", "--yes"], 0, &[]);
}

#[test]
fn a_guard_of_the_package_sees_paths_from_it_and_fails_closed() {
    let write = |path: &str| call("write", json!({"path": path, "content": "x\n"}));
    let check = |line: &str, path: &str, passes: bool| {
        let (desk, _model) = Desk::with(vec![write(path), say("Done.")]);
        desk.put("packages/x/there.txt", "old\n");
        hook(&desk, "PreToolUse", "write", line);
        desk.waypost(&["-C", &inside(&desk), "run", "x", "--autopilot"]);
        let written = desk.has(path) && desk.text(path) == "x\n";
        assert_eq!(written, passes, "{line} on {path}");
    };
    let secret = "grep -q '\"path\":\"secret/' && exit 2 || exit 0";
    check(secret, "packages/x/secret/k", false);
    check(secret, "packages/x/open/k", true);
    check(
        "test -e \"$(grep -o '\"path\":\"[^\"]*' | cut -d'\"' -f4)\" && exit 2 || exit 0",
        "packages/x/there.txt",
        false,
    );
    // No exit code is no answer.
    check("kill -9 $$", "packages/x/a", false);
    check("exit 7", "packages/x/a", true);
}

#[test]
fn work_goes_on_where_it_was_begun() {
    let write = |path: &str| call("write", json!({"path": path, "content": "x\n"}));
    let (desk, _model) = Desk::with(vec![write("packages/x/ok"), write("packages/x/bad"), say("Done.")]);
    hook(&desk, "PreToolUse", "write", "grep -q '\"path\":\"bad' && exit 2 || exit 0");
    desk.check(&["-C", &inside(&desk), "run", "x", "--autopilot", "--max-turns", "1"], 5, &[]);
    // From the root, the guard of the package goes on to guard.
    desk.check(&["session", "resume", "--autopilot"], 0, &["working in packages/x/src"]);
    assert!(desk.has("packages/x/ok") && !desk.has("packages/x/bad"));
    let (desk, _model) = Desk::with(vec![write("packages/x/ok"), say("Done.")]);
    desk.put("packages/x/src/z.txt", "");
    desk.put("packages/x/.kiro/steering/s.md", "S\n");
    desk.check(&["-C", &inside(&desk), "run", "x", "--autopilot", "--max-turns", "1"], 5, &[]);
    std::fs::rename(desk.work("packages/x"), desk.work("packages/y")).unwrap();
    desk.check(&["session", "resume", "-m", "on"], 1, &["`packages/x/src`, which is not there any more"]);
}

#[test]
fn a_hook_whose_package_is_gone_runs_nowhere() {
    let (desk, _model) = Desk::with(vec![call("shell", json!({"command": "sh mover.sh"})), say("Done.")]);
    desk.put("mover.sh", "mv packages/x moved\n");
    hook(&desk, "Stop", "", "echo ran >> marker.txt");
    desk.waypost(&["-C", &inside(&desk), "run", "x", "--autopilot", "--allow", "shell:*"]);
    assert!(!desk.has("marker.txt") && !desk.has("moved/marker.txt") && desk.has("moved/src/z.txt"));
}

#[test]
fn rules_of_an_agent_of_the_package_are_meant_from_it() {
    let agent = |rules: &str| {
        format!("---\ndescription: d\ntools: [read, write]\npermissions:\n  rules:\n{rules}---\nYou work.\n")
    };
    let rule = |capability: &str, effect: &str, glob: &str| {
        format!("    - capability: {capability}\n      effect: {effect}\n      match: [\"{glob}\"]\n")
    };
    let (desk, model) = Desk::with(vec![
        call("write", json!({"path": "packages/x/secret/a", "content": "x"})),
        call("write", json!({"path": "packages/x/open/a", "content": "x"})),
        call("read", json!({"path": "packages/x/priv/p"})),
        say("Done."),
    ]);
    desk.put("packages/x/priv/p", "PRIVATE\n");
    desk.put("packages/x/src/z.txt", "");
    let rules = [
        rule("fs_write", "deny", "secret/**"),
        rule("fs_write", "allow", "open/**"),
        rule("fs_read", "deny", "priv/**"),
    ];
    desk.put("packages/x/.kiro/agents/a.md", agent(&rules.concat()));
    desk.check(&["trust", "--yes"], 0, &[]);
    // Supervised: what the agent allows in its package needs no question.
    desk.check(&["-C", &inside(&desk), "run", "x", "--agent", "a"], 0, &[]);
    assert!(!desk.has("packages/x/secret/a") && desk.has("packages/x/open/a"));
    assert!(!model.last().contains("PRIVATE"));
}

#[test]
fn what_a_package_brings_is_written_only_after_a_question() {
    for path in ["hooks/n.json", "agents/n.md", "powers/n/POWER.md", "workflows/n.workflow.json"] {
        let path = format!("packages/x/.kiro/{path}");
        let (desk, _model) =
            Desk::with(vec![call("write", json!({"path": path, "content": "{}"})), say("Done.")]);
        desk.check(&["run", "x", "--autopilot"], 3, &[]);
        assert!(!desk.has(&path), "{path}");
    }
}

#[test]
fn the_script_of_a_packages_server_is_kept_at_the_root_too() {
    let (desk, _model) = Desk::with(vec![
        call("write", json!({"path": "packages/x/server.py", "content": "evil"})),
        say("Done."),
    ]);
    desk.put("packages/x/server.py", server(SERVER));
    desk.put("packages/x/.kiro/settings/mcp.json", servers(&[("own", "PACKAGE")]));
    desk.check(&["trust", "--yes"], 0, &["packages/x/server.py"]);
    desk.check(&["run", "x", "--autopilot"], 3, &["packages/x/server.py"]);
    assert_eq!(desk.text("packages/x/server.py"), server(SERVER));
}

#[test]
fn names_are_typed_as_they_read_from_where_one_is() {
    let desk = Desk::new();
    desk.put(".kiro/steering/s.md", "ROOT\n");
    desk.put("packages/x/.kiro/steering/s.md", "PACKAGE\n");
    desk.put("packages/x/src/z.txt", "");
    let at = desk.work("packages/x").display().to_string();
    desk.check(&["-C", &at, "trust", "--yes", ".kiro/steering/s.md"], 0, &["packages/x/.kiro/steering/s.md"]);
    let check = |root: bool, package: bool| {
        let listed = desk.waypost(&["--json", "steering", "list"]).document();
        let rows = listed.as_array().unwrap();
        let trusted = |name: &str| rows.iter().find(|row| row["file"] == name).unwrap()["trusted"].clone();
        let found = (trusted(".kiro/steering/s.md"), trusted("packages/x/.kiro/steering/s.md"));
        assert_eq!(found, (json!(root), json!(package)), "{listed}");
    };
    check(false, true);
    // A whole path means that file, also where a nearer one reads like its end.
    let whole = format!("{}/.kiro/steering/s.md", desk.resolved("work"));
    desk.check(&["-C", &at, "trust", "--yes", &whole], 0, &[]);
    check(true, true);
    desk.check(&["-C", &at, "trust", "--remove", ".kiro/steering/s.md"], 0, &[]);
    check(true, false);
    desk.check(&["-C", &at, "trust", "--remove", &whole], 0, &[]);
    check(false, false);
    // A name as the listing gives it.
    desk.check(&["-C", &at, "trust", "--yes", "packages/x/.kiro/steering/s.md"], 0, &[]);
    check(false, true);
    // `:own` is the root's or nothing.
    desk.put("packages/x/.kiro/specs/own/requirements.md", "# Requirements\n");
    desk.check(&["-C", &at, "spec", "status", ":own"], 2, &["there is no spec `own`"]);
}

#[test]
fn a_check_of_a_spec_of_the_package_runs_there() {
    let desk = Desk::new();
    desk.put("packages/x/.kiro/specs/s/tasks.md", "# Plan\n\n- [ ] 1. Do it\n  - _Check: sh look.sh_\n");
    desk.put("packages/x/.kiro/specs/s/requirements.md", "# Requirements\n");
    let plan = desk.waypost(&["--json", "spec", "status", "packages/x:s"]).out;
    assert!(plan.contains("cd './packages/x' || exit 1; sh look.sh"), "{plan}");
    // A spec of the root whose name has a colon is the root's.
    desk.put(".kiro/specs/packages:s/tasks.md", "# Plan\n\n- [ ] 1. Do it\n  - _Check: sh look.sh_\n");
    desk.put(".kiro/specs/packages:s/requirements.md", "# Requirements\n");
    let plan = desk.waypost(&["--json", "spec", "status", "packages:s"]).out;
    assert!(plan.contains("\"sh look.sh\""), "{plan}");
}

#[test]
fn a_guard_gets_one_form_of_a_path_whatever_the_model_writes() {
    let guard = "grep -q '\"path\":\"secret/' && exit 2 || exit 0";
    for input in [
        json!({"filePath": "packages/x/secret/k"}),
        json!({"path": "packages/x//secret/k"}),
        json!({"path": "packages/x/../x/./secret/k"}),
        json!({"file_path": "./packages//x/secret/k"}),
    ] {
        let mut input = input;
        input["content"] = json!("x\n");
        let (desk, _model) = Desk::with(vec![call("write", input.clone()), say("Done.")]);
        hook(&desk, "PreToolUse", "write", guard);
        desk.waypost(&["-C", &inside(&desk), "run", "x", "--autopilot"]);
        assert!(!desk.has("packages/x/secret/k"), "{input}");
    }
}

#[test]
fn a_link_in_the_place_of_the_package_is_another_folder() {
    let write = |path: &str| call("write", json!({"path": path, "content": "x\n"}));
    let (desk, _model) = Desk::with(vec![write("packages/x/ok"), say("Done.")]);
    hook(&desk, "PreToolUse", "write", "exit 0");
    desk.put("packages/z/src/z.txt", "");
    desk.check(&["-C", &inside(&desk), "run", "x", "--autopilot", "--max-turns", "1"], 5, &[]);
    std::fs::rename(desk.work("packages/x"), desk.work("packages/old")).unwrap();
    std::os::unix::fs::symlink("z", desk.work("packages/x")).unwrap();
    desk.check(&["session", "resume", "-m", "on"], 1, &["`packages/x/src`, which is not there any more"]);
}

#[test]
fn a_package_that_git_ignores_can_be_trusted_where_it_is_worked_in() {
    let line = "./log.sh";
    for package in ["packages/x", ".hidden/x", "node_modules/x"] {
        let desk = Desk::new();
        desk.git(&["init", "-q"]);
        desk.put(".gitignore", "packages/\n");
        desk.put(".kiro/steering/s.md", "S\n");
        let hook = json!({"name": "h", "trigger": "Stop", "action": {"type": "command", "command": line}});
        let hooks = json!({"version": "v1", "hooks": [hook]}).to_string();
        desk.put(&format!("{package}/.kiro/hooks/h.json"), hooks);
        desk.put(&format!("{package}/log.sh"), "#!/bin/sh\n");
        let at = desk.work(package).display().to_string();
        let names = [format!("{package}/.kiro/hooks/h.json"), format!("{package}/log.sh")];
        desk.check(&["-C", &at, "trust", "--yes"], 0, &[&names[0], &names[1]]);
        let listed = desk.waypost(&["-C", &at, "--json", "hooks", "list"]);
        assert!(listed.out.contains("\"trust\": \"trusted\""), "{package}: {}", listed.out);
    }
}

#[test]
fn a_link_above_makes_no_workspace() {
    let desk = Desk::new();
    std::fs::remove_dir(desk.work(".kiro")).unwrap();
    desk.put("packages/x/.kiro/steering/s.md", "S\n");
    desk.put("elsewhere/settings/none", "");
    std::os::unix::fs::symlink(desk.work("elsewhere"), desk.work(".kiro")).unwrap();
    let at = desk.work("packages/x").display().to_string();
    let found = desk.waypost(&["-C", &at, "doctor"]).out;
    assert!(!found.contains("in its package"), "{found}");
}

#[test]
fn a_server_whose_script_changed_in_the_session_is_not_started() {
    let desk = Desk::new();
    desk.put("server.py", server(SERVER));
    desk.put(".kiro/settings/mcp.json", servers(&[("own", "ROOT")]));
    desk.check(&["trust", "--yes"], 0, &["server.py"]);
    let script = desk.work("server.py");
    let mut has_asked = false;
    let model = Model::by(move |_| {
        // After the session read the files, and before the first call of the server.
        std::fs::write(&script, "raise SystemExit(1)\n").unwrap();
        match std::mem::replace(&mut has_asked, true) {
            true => say("Done."),
            false => call("mcp", json!({"server": "own", "tool": "who", "arguments": {}})),
        }
    });
    desk.talks_to(&model);
    desk.check(&["run", "x"], 0, &[]);
    let why = "`server.py`, which it starts, is not trusted as it is now";
    assert!(model.last().contains(why) && model.last().contains("waypost trust"), "{}", model.last());
}

#[test]
fn only_the_agent_that_counts_brings_its_hooks() {
    let (desk, _model) = Desk::with(vec![say("Done.")]);
    let agent = |file: &str, word: &str| {
        let hooks = json!({"stop": [{"command": format!("echo ran >> {word}.txt")}]});
        desk.put(file, json!({"name": "dev", "prompt": "p", "tools": ["read"], "hooks": hooks}).to_string());
    };
    agent(".kiro/agents/dev.json", "root");
    agent("packages/x/.kiro/agents/dev.json", "package");
    desk.put("packages/x/src/z.txt", "");
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["-C", &inside(&desk), "run", "x", "--agent", "dev", "--autopilot"], 0, &[]);
    assert!(desk.has("packages/x/package.txt") && !desk.has("root.txt"));
}
