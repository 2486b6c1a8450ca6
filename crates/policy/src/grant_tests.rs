//! Grants: a child never has more than its parent.

use proptest::prelude::*;

use super::*;
use crate::{Origin, Place, Taint, Target};

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

fn parent() -> Policy {
    let mut policy = Policy::new(Mode::Autopilot, &[]).in_workspace(Path::new("/w"));
    for rule in ["shell:make*", "shell:cargo *", "mcp:a/*"] {
        policy.add(Rule::read(rule, Effect::Allow, Source::User).unwrap());
    }
    policy
}

#[test]
fn the_scope_of_a_spec() {
    let globs = ["crates/api/**".to_string(), "docs/*.md".to_string()];
    let policy = parent().narrowed_to(Grant::write_scope("spec `limits`", &globs).unwrap());
    let check = |capability, target: &str, expected: Effect| {
        let verdict = policy.judge(&request(capability, target), &Taint::none());
        assert_eq!(verdict.effect, expected, "{target}: {}", verdict.reason());
    };
    use Capability::{FsRead, FsWrite, Shell};
    check(FsWrite, "crates/api/src/a.rs", Effect::Allow);
    check(FsWrite, "docs/a.md", Effect::Allow);
    check(FsWrite, "crates/web/a.rs", Effect::Ask);
    check(FsWrite, "docs/deep/a.md", Effect::Ask);
    check(FsWrite, ".git/config", Effect::Deny);
    check(FsRead, "crates/web/a.rs", Effect::Allow);
    check(Shell, "ls crates/web", Effect::Allow);
    check(Shell, "echo a > crates/api/x", Effect::Allow);
    check(Shell, "echo a > crates/web/x", Effect::Ask);
    check(Shell, "cd crates && echo a > web/x", Effect::Ask);
    check(Shell, "cp -r crates/api crates/web", Effect::Ask);
    check(Shell, "echo a > $X", Effect::Ask);
    let verdict = policy.judge(&request(FsWrite, "crates/web/a.rs"), &Taint::none());
    assert_eq!(
        verdict.reason(),
        "the grant of spec `limits` does not cover it: default: no rule of it allows this"
    );
    let none = parent().narrowed_to(Grant::write_scope("spec", &[]).unwrap());
    assert_eq!(none.judge(&request(FsWrite, "a"), &Taint::none()).effect, Effect::Ask);
    assert!(Grant::write_scope("spec", &["../x".to_string()]).is_err());
}

#[test]
fn a_hook_has_what_it_was_granted_and_nothing_of_its_own() {
    let rules = ["shell:make fmt", "shell:rm *", "fs_read:**"]
        .map(|rule| Rule::read(rule, Effect::Allow, Source::User).unwrap());
    let limits = [Capability::Shell, Capability::FsWrite, Capability::Mcp];
    let hook = parent().narrowed_to(Grant::new("hook `fmt`", &limits, rules.to_vec(), Effect::Deny));
    let check = |capability, target: &str, expected: Effect| {
        let verdict = hook.judge(&request(capability, target), &Taint::none());
        assert_eq!(verdict.effect, expected, "{target}: {}", verdict.reason());
    };
    check(Capability::Shell, "make fmt", Effect::Allow);
    check(Capability::Shell, "make fmt && make", Effect::Deny);
    check(Capability::Shell, "make all", Effect::Deny);
    check(Capability::Shell, "rm -rf x", Effect::Ask);
    check(Capability::Shell, "$(make fmt)", Effect::Deny);
    check(Capability::Mcp, "a/b", Effect::Deny);
    check(Capability::FsWrite, "a", Effect::Deny);
    check(Capability::FsRead, "a", Effect::Allow);
    check(Capability::Shell, "echo 'open", Effect::Deny);
}

proptest! {
    #[test]
    fn a_child_is_never_looser(
        effects in proptest::collection::vec((0..6_usize, 0..3_usize), 0..5),
        limits in proptest::collection::vec(0..12_usize, 0..6),
        outside in 0..3_usize,
        capability in 0..12_usize,
        target in "(make|cargo test|rm -rf x|src/a|\\.git/x|docs|a/b|cat src/a > b|echo \\$\\(make\\)| |;|&&|\\||'){1,4}",
    ) {
        const RULES: [&str; 6] = ["all:*", "shell:make*", "fs_write:src/**", "mcp:a/*", "shell:*", "fs_read:docs"];
        const EFFECTS: [Effect; 3] = [Effect::Allow, Effect::Ask, Effect::Deny];
        let rules = effects
            .into_iter()
            .filter_map(|(rule, effect)| Rule::read(RULES.get(rule)?, *EFFECTS.get(effect)?, Source::Agent).ok())
            .collect();
        let limits: Vec<Capability> = limits.into_iter().filter_map(|at| Capability::ALL.get(at).copied()).collect();
        let parent = parent();
        let child = parent.narrowed_to(Grant::new("child", &limits, rules, EFFECTS[outside]));
        let grandchild = child.narrowed_to(Grant::write_scope("deep", &["src/**".to_string()]).unwrap());
        let request = request(Capability::ALL[capability], &target);
        let effects = [&parent, &child, &grandchild].map(|policy| policy.judge(&request, &Taint::none()).effect);
        prop_assert!(effects[0] <= effects[1] && effects[1] <= effects[2], "{effects:?}");
    }
}
