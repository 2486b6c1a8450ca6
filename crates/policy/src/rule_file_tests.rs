//! Files of rules: what they come to, and what makes them void.

use std::path::Path;

use super::*;
use crate::{Mode, Policy, Taint};

fn written(capability: &str, effect: Effect, matches: &[&str], excludes: &[&str]) -> WrittenRule {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_string()).collect();
    WrittenRule {
        capability: capability.to_string(),
        effect: Some(effect),
        matches: texts(matches),
        excludes: texts(excludes),
        line: 3,
        examples: Examples::default(),
    }
}

fn file(scope: Scope, rules: Vec<WrittenRule>, presets: &[&str]) -> RuleFile {
    let presets = presets.iter().map(|preset| ((*preset).to_string(), 9)).collect();
    RuleFile { scope, file: "permissions.yaml".to_string(), contents: Contents::Rules { rules, presets } }
}

fn policy(file: &RuleFile) -> (Policy, Vec<String>) {
    let mut policy =
        Policy::new(Mode::Supervised, &[]).in_workspace(Path::new("/w")).at_home(Path::new("/home/me"));
    let problems = policy.load(file);
    (policy, problems.into_iter().map(|one| format!("{}:{}: {}", one.file, one.line, one.what)).collect())
}

fn request(capability: Capability, target: &str) -> Request {
    let target = match capability {
        Capability::FsRead | Capability::FsWrite => {
            Target::Path(Place::new(Path::new("/w"), &Path::new("/w").join(target)))
        }
        Capability::Shell => Target::Command(target.to_string()),
        _ => Target::Name(target.to_string()),
    };
    Request { capability, target, origin: Origin::Agent }
}

#[track_caller]
fn check(policy: &Policy, capability: Capability, target: &str, expected: (Effect, &str)) {
    let verdict = policy.judge(&request(capability, target), &Taint::none());
    assert_eq!((verdict.effect, verdict.reason().as_str()), expected, "{target}");
}

/// The example of Kiro's documentation in its own shape.
#[test]
fn rules_as_kiro_means_them() {
    use Capability::{FsRead, FsWrite, Mcp, Shell, WebFetch};
    use Effect::{Allow, Ask, Deny};
    let (policy, problems) = policy(&file(
        Scope::User,
        vec![
            written("shell", Allow, &["git *", "npm *"], &["npm publish*", "npm audit*"]),
            written("fs_read", Deny, &["**/.env", "secrets/**"], &["secrets/public.txt"]),
            written("fs_write", Allow, &["src/**", "docs"], &["src/generated/**"]),
            written("mcp", Allow, &["files/*"], &["files/delete*"]),
            written("web_fetch", Allow, &["https://docs.example.com/*"], &[]),
            written("filesystem", Ask, &["~/notes"], &[]),
        ],
        &[],
    ));
    assert_eq!(problems, [""; 0]);
    let git = "rule `shell:git *, npm *` (user settings, permissions.yaml:3)";
    check(&policy, Shell, "git add .", (Allow, git));
    check(&policy, Shell, "npm run x && git add .", (Allow, git));
    check(&policy, Shell, "npm audit fix", (Ask, "`npm audit fix`: runs code of the project"));
    check(&policy, Shell, "git add . && make", (Ask, "`make`: runs code of the project"));
    check(
        &policy,
        Shell,
        "git push --force",
        (Ask, "`git push --force` replaces or deletes history on the remote, which others may have built on"),
    );
    let env = "rule `fs_read:**/.env, secrets/**` (user settings, permissions.yaml:3)";
    check(&policy, FsRead, "a/.env", (Deny, env));
    check(&policy, FsRead, "secrets/a/b", (Deny, env));
    check(&policy, FsRead, "secrets/public.txt", (Allow, "default: reading in the workspace"));
    let src = "rule `fs_write:src/**, docs` (user settings, permissions.yaml:3)";
    check(&policy, FsWrite, "src/a/b.rs", (Allow, src));
    check(&policy, FsWrite, "docs/deep/a.md", (Allow, src));
    check(&policy, FsWrite, "src/generated/a.rs", (Ask, "default: writing in the workspace, supervised"));
    check(&policy, FsWrite, ".git/config", (Deny, "rule `fs_write:.git` (built in)"));
    check(
        &policy,
        FsWrite,
        "/home/me/.kiro/workspace-roots/x",
        (Deny, "rule `fs_write:~/.kiro/workspace-roots` (built in)"),
    );
    check(
        &policy,
        FsRead,
        "/home/me/notes/a",
        (Ask, "rule `filesystem:~/notes` (user settings, permissions.yaml:3)"),
    );
    check(&policy, Mcp, "files/read", (Allow, "rule `mcp:files/*` (user settings, permissions.yaml:3)"));
    check(&policy, Mcp, "files/delete_all", (Ask, "default: not read-only"));
    check(&policy, Mcp, "other/read", (Ask, "default: not read-only"));
    let docs = "rule `web_fetch:https://docs.example.com/*` (user settings, permissions.yaml:3)";
    check(&policy, WebFetch, "https://docs.example.com/x", (Allow, docs));
    check(&policy, WebFetch, "https://example.com/x", (Ask, "default: not read-only"));
}

#[test]
fn deny_over_ask_over_allow_over_all_scopes() {
    use Effect::{Allow, Ask, Deny};
    let effects = [Allow, Ask, Deny];
    for first in effects {
        for second in effects {
            for (one, other) in [
                (Scope::User, Scope::Session),
                (Scope::Session, Scope::Workspace),
                (Scope::Agent, Scope::User),
            ] {
                let mut policy = Policy::new(Mode::Autopilot, &[]).in_workspace(Path::new("/w"));
                policy.load(&file(one, vec![written("mcp", first, &["a/*"], &[])], &[]));
                policy.load(&file(other, vec![written("mcp", second, &["*"], &[])], &[]));
                let verdict = policy.judge(&request(Capability::Mcp, "a/b"), &Taint::none());
                assert_eq!(verdict.effect, first.max(second));
            }
        }
    }
}

#[test]
fn an_organisation_closes_and_never_opens() {
    use Effect::{Allow, Ask, Deny};
    let (mut policy, problems) = policy(&file(
        Scope::Administration,
        vec![
            written("shell", Allow, &["make*"], &[]),
            written("shell", Ask, &["cargo *"], &[]),
            written("web_fetch", Deny, &["*"], &[]),
        ],
        &["allow-all"],
    ));
    assert_eq!(
        problems,
        [
            "permissions.yaml:3: a rule of the scope `administration` cannot allow; this rule is left out",
            "permissions.yaml:9: a preset in the scope `administration` cannot allow; it is left out",
        ]
    );
    policy.load(&file(Scope::Session, vec![], &["allow-all"]));
    let all = "rule `preset:allow-all` (answer in this session, permissions.yaml:9)";
    check(&policy, Capability::Shell, "make", (Allow, all));
    check(
        &policy,
        Capability::Shell,
        "cargo test",
        (Ask, "rule `shell:cargo *` (organisation, permissions.yaml:3)"),
    );
    check(
        &policy,
        Capability::WebFetch,
        "https://x",
        (Deny, "rule `web_fetch:*` (organisation, permissions.yaml:3)"),
    );
    check(
        &policy,
        Capability::Shell,
        "curl HTTPS://x",
        (Deny, "rule `web_fetch:*` (organisation, permissions.yaml:3)"),
    );
}

#[test]
fn presets() {
    use Capability::{FsRead, FsWrite, Shell};
    use Effect::{Allow, Ask};
    let check = |preset: &str, capability, target: &str, expected: Effect| {
        let mut policy = Policy::new(Mode::Supervised, &[]).in_workspace(Path::new("/w")).without_defaults();
        assert!(policy.load(&file(Scope::Agent, vec![], &[preset])).is_empty());
        let verdict = policy.judge(&request(capability, target), &Taint::none());
        assert_eq!(verdict.effect, expected, "{preset}: {target}: {}", verdict.reason());
    };
    check("read-workspace", FsRead, "src/a", Allow);
    check("read-workspace", FsRead, "/etc/passwd", Ask);
    check("read-workspace", Shell, "ls", Ask);
    check("read-all", FsRead, "/etc/passwd", Allow);
    check("edit-workspace", FsWrite, "src/a", Allow);
    check("edit-workspace", FsWrite, ".kiro/hooks/a", Ask);
    check("edit-workspace", FsWrite, "/etc/passwd", Ask);
    check("read-only-shell", Shell, "cat src/a", Allow);
    check("read-shell", Shell, "git log", Allow);
    check("read-only-shell", Shell, "make", Ask);
    check("dev-shell", Shell, "make && cargo test", Allow);
    check("dev-shell", Shell, "curl x", Ask);
    check("dev-shell", Shell, "git push", Ask);
    check("allow-all", Shell, "git push", Allow);
    check("allow-all", Shell, "git push -f", Ask);
    check("allow-all", FsRead, "/etc/passwd", Allow);
}

#[test]
fn what_is_not_understood_closes_and_says_the_line() {
    use Effect::{Allow, Ask, Deny};
    let check_void = |rules: Vec<WrittenRule>, expected: &str| {
        let (policy, problems) = policy(&file(Scope::User, rules, &["allow-all"]));
        assert_eq!(problems, [format!("permissions.yaml:3: {expected}")]);
        let reason = format!("permissions.yaml:3 is void, so nothing is certain to be allowed: {expected}");
        check(&policy, Capability::FsRead, "src/a", (Ask, &reason));
        check(&policy, Capability::Shell, "ls", (Ask, &reason));
        check(&policy, Capability::Context, "x", (Ask, &reason));
        check(&policy, Capability::FsWrite, ".git/x", (Deny, "rule `fs_write:.git` (built in)"));
    };
    check_void(
        vec![
            written("shell", Allow, &[], &[]),
            WrittenRule { effect: None, ..written("shell", Ask, &[], &[]) },
        ],
        "a rule has no effect that is known; use allow, ask or deny",
    );
    check_void(
        vec![written("fs_read", Deny, &["a["], &[])],
        "the pattern `a[` cannot be read: it has a `[` without its `]`",
    );
    check_void(
        vec![written("fs_read", Deny, &["a"], &["../b"])],
        "the pattern `../b` cannot be read: it has `..` in it; name the directory itself",
    );
    let mut example = written("shell", Deny, &["git push*"], &[]);
    example.examples.matches =
        vec!["git push -f".to_string(), "sudo git -C x push".to_string(), "cd x && git push".to_string()];
    example.examples.not_matches = vec!["git pull".to_string()];
    assert_eq!(policy(&file(Scope::User, vec![example.clone()], &[])).1, [""; 0]);
    example.examples.matches.push("git pull".to_string());
    check_void(vec![example], "the rule `shell:git push*` does not match its example `git pull`");
    let (policy, problems) = policy(&RuleFile {
        scope: Scope::User,
        file: "permissions.yaml".to_string(),
        contents: Contents::Voided { line: 7, why: "the field `matches` of a rule is not known".to_string() },
    });
    assert_eq!(problems, ["permissions.yaml:7: the field `matches` of a rule is not known"]);
    let reason = "permissions.yaml:7 is void, so nothing is certain to be allowed: the field `matches` of a rule is not known";
    check(&policy, Capability::Shell, "ls", (Ask, reason));
}

#[test]
fn an_unknown_capability_leaves_out_its_rule_alone() {
    let rules = vec![written("shel", Effect::Allow, &[], &[]), written("mcp", Effect::Allow, &[], &[])];
    let (policy, problems) = policy(&file(Scope::User, rules, &["everything"]));
    assert_eq!(
        problems,
        [
            "permissions.yaml:3: the capability `shel` is not known; this rule is left out",
            "permissions.yaml:9: the preset `everything` is not known; it is left out",
        ]
    );
    check(
        &policy,
        Capability::Mcp,
        "a/b",
        (Effect::Allow, "rule `mcp:*` (user settings, permissions.yaml:3)"),
    );
}
