//! How rules and defaults combine.

use super::*;
use crate::{Place, TaintSource};

fn shell(line: &str) -> Request {
    Request {
        capability: Capability::Shell,
        target: Target::Command(line.to_string()),
        origin: Origin::Agent,
    }
}

fn policy(mode: Mode, rules: &[(&str, Effect)]) -> Policy {
    let mut policy = Policy::new(mode, &[PathBuf::from("/home/me/.config/waypost")]);
    for (text, effect) in rules {
        policy.add(Rule::read(text, *effect, Source::User).unwrap());
    }
    policy
}

fn check_path(mode: Mode, capability: Capability, path: &str, expected: Effect) {
    let target = Target::Path(Place::new(Path::new("/w"), Path::new(path)));
    let request = Request { capability, target, origin: Origin::Agent };
    let decision = policy(mode, &[("fs_write:**", Effect::Allow)][..0]).decide(&request);
    assert_eq!(decision.effect, expected, "{path}: {}", decision.reason);
}

fn check_command(rules: &[(&str, Effect)], line: &str, expected: (Effect, &str)) {
    let request = Request {
        capability: Capability::Shell,
        target: Target::Command(line.to_string()),
        origin: Origin::Agent,
    };
    let decision = policy(Mode::Autopilot, rules).decide(&request);
    assert_eq!((decision.effect, decision.reason.as_str()), expected, "{line}");
}

#[test]
fn files_by_mode() {
    use Capability::{FsRead, FsWrite};
    use Effect::{Allow, Ask, Deny};
    use Mode::{Autopilot, Supervised};
    check_path(Supervised, FsRead, "/w/src/a.rs", Allow);
    check_path(Supervised, FsRead, "/etc/passwd", Ask);
    check_path(Supervised, FsWrite, "/w/src/a.rs", Ask);
    check_path(Autopilot, FsWrite, "/w/src/a.rs", Allow);
    check_path(Autopilot, FsWrite, "/etc/passwd", Deny);
    check_path(Autopilot, FsWrite, "/w/.git/config", Deny);
    check_path(Autopilot, FsWrite, "/w/vendor/x/.git/hooks/pre-commit", Deny);
    check_path(Autopilot, FsWrite, "/w/.kiro/settings/mcp.json", Deny);
    check_path(Autopilot, FsWrite, "/home/me/.config/waypost/config.toml", Deny);
    check_path(Autopilot, FsWrite, "/w/.kiro/hooks/on-save.json", Ask);
    check_path(Autopilot, FsWrite, "/w/packages/a/mcp.json", Ask);
    check_path(Autopilot, FsRead, "/w/.git/config", Allow);
}

#[test]
fn a_rule_cannot_loosen_what_is_built_in() {
    let target = Target::Path(Place::new(Path::new("/w"), Path::new("/w/.git/config")));
    let request = Request { capability: Capability::FsWrite, target, origin: Origin::Agent };
    let decision = policy(Mode::Autopilot, &[("fs_write:**", Effect::Allow)]).decide(&request);
    assert_eq!(
        (decision.effect, decision.reason.as_str()),
        (Effect::Deny, "rule `fs_write:.git` (built in)")
    );
}

#[test]
fn commands_are_judged_part_by_part() {
    let cargo = [("shell:cargo test*", Effect::Allow)];
    check_command(&[], "git status && ls -la", (Effect::Allow, "default: read-only commands"));
    check_command(&[], "cargo test", (Effect::Ask, "`cargo test`: runs code of the project"));
    check_command(&[], "cat ../x", (Effect::Ask, "`cat ../x` touches `../x`: reading outside the workspace"));
    let by_cargo = (Effect::Allow, "rule `shell:cargo test*` (user settings)");
    check_command(&cargo, "cargo test --lib", by_cargo);
    check_command(&cargo, "cargo test 2>&1 | tail -5", by_cargo);
    let gone = "`rm -rf src` deletes `src` and everything below, without a way back";
    check_command(&cargo, "cargo test; rm -rf src", (Effect::Ask, gone));
    check_command(&cargo, "cargo test $(rm -rf src)", (Effect::Ask, gone));
    check_command(
        &cargo,
        "cargo test > ../x",
        (Effect::Deny, "`cargo test > ../x` touches `../x`: nothing outside the workspace is written"),
    );
    check_command(
        &[("shell:*", Effect::Allow)],
        "make > log",
        (Effect::Allow, "rule `shell:*` (user settings)"),
    );
    check_command(
        &[],
        "cd vend && git status",
        (Effect::Ask, "`git status`: `git` may run where another repository's configuration holds"),
    );
}

#[test]
fn rules_that_close_find_a_command_however_it_is_written() {
    let no_push = [("shell:git push*", Effect::Deny), ("shell:*", Effect::Allow)];
    let denied = (Effect::Deny, "rule `shell:git push*` (user settings)");
    for spelled in [
        "git push",
        "git status && git push origin",
        "git  push",
        "\"git\" push",
        "/usr/bin/git push",
        "command git push",
        "git -C . push",
        "git -c a.b=c push",
        "GIT push",
        "echo $(git push)",
        "(git push)",
        "x=git; $x push",
        "env A=b git push",
        "sudo git push",
        "bash -c 'git push'",
        "echo 'git push' | sh",
        "find . -exec git push {} +",
        "ls | xargs git push",
        "if true; then git push; fi",
        "f() { git push; }; f",
        "g\\it push",
    ] {
        check_command(&no_push, spelled, denied);
    }
    let ask_push = [("shell:*", Effect::Allow), ("shell:git push*", Effect::Ask)];
    let asked = (Effect::Ask, "rule `shell:git push*` (user settings)");
    check_command(&ask_push, "true; git push", asked);
    check_command(&ask_push, "(git push)", asked);
}

#[test]
fn a_rule_with_a_wildcard_allows_one_command_and_not_its_files() {
    let cat = [("shell:cat *", Effect::Allow), ("fs_read:**/.env", Effect::Deny)];
    check_command(&cat, "cat src/a", (Effect::Allow, "rule `shell:cat *` (user settings)"));
    check_command(
        &cat,
        "cat .env",
        (Effect::Deny, "`cat .env` touches `.env`: rule `fs_read:**/.env` (user settings)"),
    );
    check_command(
        &cat,
        "cat x > .git/config",
        (Effect::Deny, "`cat x > .git/config` touches `.git/config`: rule `fs_write:.git` (built in)"),
    );
    check_command(
        &cat,
        "cat a$x",
        (Effect::Ask, "`cat a$x` touches `a$x`: which path it is shows only when it runs"),
    );
    check_command(
        &[("fs_read:secrets", Effect::Deny)],
        "grep -r TOP .",
        (
            Effect::Ask,
            "`grep -r TOP .` touches `.`: something below may be closed: rule `fs_read:secrets` (user settings)",
        ),
    );
    check_command(
        &[("fs_read:secrets", Effect::Deny)],
        "grep -r TOP src",
        (Effect::Allow, "default: read-only commands"),
    );
    // What it does shows only when it runs, so its text says nothing.
    check_command(
        &[("shell:git *", Effect::Allow)],
        "git reset $X",
        (Effect::Ask, "`git reset $X`: what `git` would do shows only when it runs"),
    );
    check_command(
        &[("shell:sudo *", Effect::Allow)],
        "sudo make install",
        (Effect::Allow, "rule `shell:sudo *` (user settings)"),
    );
    check_command(
        &[("shell:*", Effect::Allow)],
        "echo 'a",
        (Effect::Ask, "the command is not followed: an open quote (byte 7)"),
    );
}

#[test]
fn commands_that_only_write_files_are_judged_by_their_files() {
    let check = |mode: Mode, line: &str, expected: Effect| {
        let policy = policy(mode, &[]).in_workspace(Path::new("/w"));
        assert_eq!(policy.decide(&shell(line)).effect, expected, "{line}");
    };
    check(Mode::Supervised, "echo a > b", Effect::Ask);
    check(Mode::Autopilot, "echo a > b", Effect::Allow);
    check(Mode::Autopilot, "echo a > .kiro/hooks/x.json", Effect::Ask);
    check(Mode::Autopilot, "echo a > .kiro/settings/x", Effect::Deny);
    check(Mode::Autopilot, "cp a .git/hooks/pre-commit", Effect::Deny);
    check(Mode::Autopilot, "cd .git && echo a > config", Effect::Deny);
    check(Mode::Autopilot, "mv a .GIT/config", Effect::Deny);
    check(Mode::Autopilot, "touch ~/x", Effect::Deny);
    check(Mode::Autopilot, "rm a", Effect::Ask);
    check(Mode::Autopilot, "cp -a link b && cat b/passwd", Effect::Ask);
    let scratch =
        policy(Mode::Autopilot, &[]).in_workspace(Path::new("/w")).with_scratch(Path::new("/tmp/s"));
    assert_eq!(scratch.decide(&shell("echo a > /tmp/s/x && cat /tmp/s/x")).effect, Effect::Allow);
    assert_eq!(scratch.decide(&shell("echo a > /tmp/x")).effect, Effect::Deny);
}

#[test]
fn lists_of_paths() {
    let list = |kind, text: &str| IgnoreFile {
        kind,
        file: format!("list-{kind:?}"),
        base: String::new(),
        text: Ok(text.to_string()),
    };
    let mut policy = policy(Mode::Autopilot, &[("filesystem:**", Effect::Allow), ("shell:*", Effect::Allow)])
        .in_workspace(Path::new("/w"));
    assert!(policy.ignore(&list(ListKind::Invisible, "*.pem\n/secrets/\n")).is_empty());
    assert!(policy.ignore(&list(ListKind::ReadOnly, "vendor/\n*.lock\n!my.lock\n")).is_empty());
    assert!(policy.ignore(&list(ListKind::NotDiscovered, "target/\n")).is_empty());
    let check = |capability, path: &str, expected: (Effect, &str)| {
        let target = Target::Path(Place::new(Path::new("/w"), Path::new(path)));
        let decision = policy.decide(&Request { capability, target, origin: Origin::Agent });
        assert_eq!((decision.effect, decision.reason.as_str()), expected, "{path}");
    };
    use Capability::{FsRead, FsWrite};
    let open = (Effect::Allow, "rule `filesystem:**` (user settings)");
    check(FsRead, "/w/a/key.pem", (Effect::Deny, "invisible by `*.pem` (list-Invisible:1)"));
    check(FsWrite, "/w/secrets/x", (Effect::Deny, "invisible by `/secrets/` (list-Invisible:2)"));
    check(FsRead, "/w/vendor/x", open);
    check(FsWrite, "/w/vendor/x", (Effect::Deny, "never written by `vendor/` (list-ReadOnly:1)"));
    check(FsWrite, "/w/my.lock", open);
    check(FsRead, "/w/target/x", open);
    assert_eq!(
        [policy.sees("a/key.pem", false), policy.sees("target", true), policy.discovers("target", true)],
        [false, true, false]
    );
    let command = |line: &str, expected: Effect| {
        let decision = policy.decide(&shell(line));
        assert_eq!(decision.effect, expected, "{line}: {}", decision.reason);
    };
    command("cat a/key.pem", Effect::Deny);
    command("cat A/KEY.PEM", Effect::Deny);
    command("cat < secrets/x", Effect::Deny);
    command("cd secrets && cat x", Effect::Deny);
    command("bash -c 'cat secrets/x'", Effect::Deny);
    command("cat secrets/../secrets/x", Effect::Deny);
    command("cat *", Effect::Ask);
    command("grep -r x .", Effect::Ask);
    command("cat vendor/x", Effect::Allow);
    command("echo > vendor/x", Effect::Deny);
    command("sed -i s/a/b/ Cargo.lock", Effect::Deny);
    command("git diff", Effect::Ask);
    let mut broken = Policy::new(Mode::Autopilot, &[]).in_workspace(Path::new("/w"));
    let unread = IgnoreFile { text: Err("no right to read it".to_string()), ..list(ListKind::Invisible, "") };
    assert_eq!(broken.ignore(&unread).len(), 1);
    let decision = broken.decide(&shell("cat a"));
    assert_eq!(
        (decision.effect, decision.reason.as_str()),
        (
            Effect::Ask,
            "`cat a` touches `a`: what is invisible is not known: list-Invisible:0: the list could not be read: no right to read it"
        )
    );
}

#[test]
fn a_workspace_that_is_not_trusted_asks_for_every_command_and_server() {
    let policy = policy(Mode::Autopilot, &[("shell:*", Effect::Allow), ("mcp:*", Effect::Allow)]).untrusted();
    let reason = "this workspace is not trusted; `waypost trust` shows what it has";
    let decision = policy.decide(&shell("ls"));
    assert_eq!((decision.effect, decision.reason.as_str()), (Effect::Ask, reason));
    let mcp = Request {
        capability: Capability::Mcp,
        target: Target::Name("a/b".to_string()),
        origin: Origin::Agent,
    };
    assert_eq!(policy.decide(&mcp).effect, Effect::Ask);
    let place = |path: &str| Target::Path(Place::new(Path::new("/w"), Path::new(path)));
    let write =
        |path: &str| Request { capability: Capability::FsWrite, target: place(path), origin: Origin::Agent };
    assert_eq!(policy.decide(&write("/w/.kiro/steering/a.md")).effect, Effect::Ask);
    assert_eq!(policy.decide(&write("/w/src/a.rs")).effect, Effect::Allow);
}

#[test]
fn a_tainted_turn_asks_before_anything_leaves_or_runs() {
    let policy = policy(
        Mode::Autopilot,
        &[("shell:make*", Effect::Allow), ("web_fetch:*", Effect::Allow), ("mcp:a/*", Effect::Allow)],
    )
    .in_workspace(Path::new("/w"));
    let mut taint = Taint::none();
    taint.add(TaintSource::Web, "https://example.com");
    let name = |capability, text: &str| Request {
        capability,
        target: Target::Name(text.to_string()),
        origin: Origin::Agent,
    };
    let check = |request: &Request, expected: (Effect, Effect)| {
        let (clean, tainted) = (policy.judge(request, &Taint::none()), policy.judge(request, &taint));
        assert_eq!((clean.effect, tainted.effect), expected, "{request:?}: {}", tainted.reason());
    };
    check(&shell("make"), (Effect::Allow, Effect::Ask));
    check(&shell("ls"), (Effect::Allow, Effect::Allow));
    check(&shell("curl x"), (Effect::Ask, Effect::Ask));
    check(&name(Capability::WebFetch, "https://a.b"), (Effect::Allow, Effect::Ask));
    check(&name(Capability::Mcp, "a/b"), (Effect::Allow, Effect::Ask));
    let place = Target::Path(Place::new(Path::new("/w"), Path::new("/w/a")));
    let write = Request { capability: Capability::FsWrite, target: place, origin: Origin::Agent };
    check(&write, (Effect::Allow, Effect::Allow));
    assert_eq!(
        policy.judge(&shell("make"), &taint).reason(),
        "this turn took in the page `https://example.com`; otherwise rule `shell:make*` (user settings)"
    );
    let mut rules = TaintRules::default();
    rules.add(TaintSource::Web, &[Capability::FsWrite], Effect::Deny);
    assert_eq!(policy.with_taint_rules(rules).judge(&write, &taint).effect, Effect::Deny);
}

#[test]
fn explained_rule_by_rule() {
    let mut policy =
        policy(Mode::Autopilot, &[("shell:*", Effect::Allow), ("shell:git push*", Effect::Deny)]);
    policy.add(Rule::read("fs_read:**/.env", Effect::Deny, Source::User).unwrap());
    let explained = policy.explain(&shell("cat .env && git push"), &Taint::none());
    assert_eq!(explained.verdict.effect, Effect::Deny);
    let shown: Vec<String> = explained
        .targets
        .iter()
        .map(|target| {
            let spoke = target.considered.iter().filter(|one| one.matches);
            let spoke: Vec<String> =
                spoke.map(|one| format!("{}{}", if one.won { "*" } else { "" }, one.rule.text)).collect();
            format!("{} {}: {}", target.capability.name(), target.target, spoke.join(", "))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "shell cat .env: shell:*",
            "fs_read .env: *fs_read:**/.env",
            "shell git push: shell:*, shell:git push*"
        ]
    );
    assert!(explained.targets.iter().all(|target| !target.considered.is_empty()));
}

#[test]
fn the_workspace_by_its_absolute_path_is_inside() {
    let check = |line: &str, expected: Effect| {
        let policy = policy(Mode::Autopilot, &[]).in_workspace(Path::new("/w"));
        let target = Target::Command(line.to_string());
        let request = Request { capability: Capability::Shell, target, origin: Origin::Agent };
        assert_eq!(policy.decide(&request).effect, expected, "{line}");
    };
    check("cd /w && ls /w/src", Effect::Allow);
    check("cat /w/../etc/passwd", Effect::Ask);
    check("cat /www/x", Effect::Ask);
}

#[test]
fn a_line_granted_word_for_word_runs_unless_a_rule_denies_a_part_of_it() {
    let check = |denied: &str, line: &str, expected: Effect| {
        let mut policy = policy(Mode::Autopilot, &[(denied, Effect::Deny)]);
        policy.add(Rule::exact_command(line, Source::Plan));
        let target = Target::Command(line.to_string());
        let request = Request { capability: Capability::Shell, target, origin: Origin::Agent };
        assert_eq!(policy.decide(&request).effect, expected, "{line}");
    };
    check("shell:rm *", "make check > log", Effect::Allow);
    check("shell:rm *", "make check && rm x", Effect::Deny);
    check("shell:x", "rm -rf target && make check", Effect::Allow);
    // An *always* of a session is no leave to destroy again.
    let mut policy = policy(Mode::Autopilot, &[]);
    policy.add(Rule::exact_command("rm -rf target", Source::Session));
    policy.add(Rule::exact_command("make all", Source::Session));
    assert_eq!(policy.decide(&shell("rm -rf target")).effect, Effect::Ask);
    assert_eq!(policy.decide(&shell("make all")).effect, Effect::Allow);
}
