//! How rules and defaults combine.

use super::*;
use crate::Place;

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
    check_command(&[], "cargo test", (Effect::Ask, "`cargo test` is not known to be read-only"));
    check_command(&[], "cat ../x", (Effect::Ask, "`cat ../x` may read outside the workspace"));
    check_command(&cargo, "cargo test --lib", (Effect::Allow, "rule `shell:cargo test*` (user settings)"));
    check_command(
        &cargo,
        "cargo test; rm -rf src",
        (Effect::Ask, "`rm -rf src` is not known to be read-only"),
    );
    check_command(
        &cargo,
        "cargo test $(rm -rf src)",
        (Effect::Ask, "the command is not plain: a substitution"),
    );
    check_command(
        &[("shell:*", Effect::Allow)],
        "make > log",
        (Effect::Allow, "rule `shell:*` (user settings)"),
    );
    let no_push = [("shell:git push*", Effect::Deny), ("shell:*", Effect::Allow)];
    let denied = (Effect::Deny, "rule `shell:git push*` (user settings)");
    check_command(&no_push, "git push", denied);
    check_command(&no_push, "git status && git push origin", denied);
    for spelled in ["git  push", "\"git\" push", "/usr/bin/git push", "command git push", "git -C . push"] {
        check_command(&no_push, spelled, denied);
    }
    check_command(&no_push, "echo $(git push)", (Effect::Ask, "the command is not plain: a substitution"));
    let ask_push = [("shell:*", Effect::Allow), ("shell:git push*", Effect::Ask)];
    let asked = (Effect::Ask, "rule `shell:git push*` (user settings)");
    check_command(&ask_push, "true; git push", asked);
    check_command(&ask_push, "(git push)", (Effect::Ask, "the command is not plain: a group"));
    check_command(
        &cargo,
        "cargo test 2>&1 | tail -5",
        (Effect::Allow, "rule `shell:cargo test*` (user settings)"),
    );
    check_command(
        &[],
        "cd vend && git status",
        (Effect::Ask, "`git status` runs where another repository's configuration may hold"),
    );
    check_command(
        &[("fs_read:secrets", Effect::Deny)],
        "grep -r TOP .",
        (Effect::Ask, "`grep -r TOP .` may read what a rule closes"),
    );
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
}
