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

fn place(path: &str) -> Place {
    Place::new(Path::new("/w"), &Path::new("/w").join(path))
}

#[test]
fn what_grants_leave_writable() {
    let scope = |globs: &[&str]| {
        let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_string()).collect();
        parent().narrowed_to(Grant::write_scope("s", &globs).unwrap())
    };
    // Of a directory: `+` all below it, `~` some of it perhaps, `-` nothing.
    let check = |policy: &Policy, directory: &str, expected: char| {
        let limits = policy.write_limits(None);
        let place = place(directory);
        let found = match (limits.allow_all_below(&place), limits.may_allow_below(&place)) {
            (true, true) => '+',
            (false, true) => '~',
            (false, false) => '-',
            (true, false) => '!',
        };
        assert_eq!(found, expected, "{directory}");
    };
    for (globs, directory, expected) in [
        (&["src/**"][..], "", '~'),
        (&["src/**"], "src", '+'),
        (&["src/**"], "src/deep", '+'),
        (&["src/**"], "lib", '-'),
        (&["src/**"], "srcs", '-'),
        (&["src/**/*"], "src", '+'),
        (&["src/**/*"], "src/deep", '+'),
        (&["src"], "src/deep", '+'),
        (&["src/*"], "src", '~'),
        (&["src/*"], "src/deep", '~'),
        (&["src/*.rs"], "src", '~'),
        (&["src/*/*"], "src", '~'),
        (&["{a,b}/**"], "b", '+'),
        (&["**"], "", '+'),
        (&["**/*"], "", '+'),
        (&["**/*.rs"], "src", '~'),
        (&["src/**/*.rs"], "src", '~'),
        (&["src/[a-z]*/**"], "src/deep", '+'),
        (&[], "src", '-'),
    ] {
        check(&scope(globs), directory, expected);
    }
    // Both have to.
    let both = scope(&["src/**", "docs/**"])
        .narrowed_to(Grant::write_scope("inner", &["src/api/**".to_string(), "lib/**".to_string()]).unwrap());
    check(&both, "src", '~');
    check(&both, "src/api", '+');
    check(&both, "docs", '-');
    check(&both, "lib", '-');
    assert!(both.grants_write(&place("src/api/a")) && !both.grants_write(&place("docs/a")));
    assert!(both.limits_writing() && !parent().limits_writing() && parent().grants_write(&place("x")));
    assert!(scope(&[]).write_limits(None).allow_nothing());
}

#[test]
fn a_line_that_a_grant_names_is_free_of_it() {
    let rules = vec![Rule::exact_command("make test", Source::Plan)];
    let policy = parent().narrowed_to(Grant::new("s", &[Capability::FsWrite], rules, Effect::Ask));
    assert!(policy.write_limits(Some("make test")).is_empty());
    assert!(!policy.write_limits(Some("make test && x")).is_empty());
    let trusted = Rule::exact_command("make fmt", Source::Trust);
    assert_eq!(
        (trusted.source().scope(), trusted.source().name()),
        (crate::Scope::Workspace, "trusted by its content")
    );
}

#[test]
fn what_a_grant_denies_or_asks_about_is_closed() {
    let rules = |rules: &[(&str, Effect)]| -> Vec<Rule> {
        rules.iter().map(|(rule, effect)| Rule::read(rule, *effect, Source::Agent).unwrap()).collect()
    };
    let rules = rules(&[("fs_write:**", Effect::Allow), ("fs_write:**/*.lock", Effect::Ask)]);
    let policy = parent().narrowed_to(Grant::new("a", &[Capability::FsWrite], rules, Effect::Ask));
    assert_eq!(policy.closes(&place("src/x.lock"), false), (false, true));
    assert_eq!(policy.closes(&place("src/x.rs"), false), (false, false));
    assert_eq!(policy.closes_by_pattern(), (false, true));
    assert!(policy.closes_as(&policy.clone()) && !policy.closes_as(&parent()));
    let hook = |line: &str| {
        let own = vec![Rule::exact_command(line, Source::Trust)];
        parent().narrowed_to(Grant::new(line, &[Capability::FsWrite, Capability::Shell], own, Effect::Deny))
    };
    assert!(hook("make a").closes_as(&hook("make b")) && hook("make a").closes_as(&parent()));
    let explained = policy.explain(&request(Capability::FsWrite, "src/x.lock"), &Taint::none());
    let by_grant: Vec<_> = explained.targets[0].considered.iter().filter(|one| one.grant.is_some()).collect();
    assert_eq!(by_grant.len(), 2);
    assert!(by_grant.iter().all(|one| one.matches) && by_grant.iter().filter(|one| one.won).count() == 1);
}

proptest! {
    /// Whatever lies below a directory that is wholly open is allowed, and where nothing may be allowed nothing is.
    #[test]
    fn a_directory_that_is_wholly_open_is_so_whatever_comes_to_lie_in_it(
        globs in proptest::collection::vec("(src|lib|\\*\\*|\\*|a\\*|\\?|\\{a,src\\})(/(src|b|\\*\\*|\\*|\\*\\.rs|b\\*)){0,3}", 0..4),
        directory in "(src|lib|a|b)(/(src|b|bb)){0,2}",
        below in "(src|b|x\\.rs|zz9)(/(src|b|x\\.rs|zz9)){0,3}",
    ) {
        let policy = parent().narrowed_to(Grant::write_scope("s", &globs).unwrap());
        let limits = policy.write_limits(None);
        let (above, path) = (place(&directory), place(&format!("{directory}/{below}")));
        prop_assert!(!limits.allow_all_below(&above) || limits.allow(&path), "{globs:?}");
        prop_assert!(limits.may_allow_below(&above) || !limits.allow(&path), "{globs:?}");
        let judged = policy.judge(&request(Capability::FsWrite, &format!("{directory}/{below}")), &Taint::none());
        prop_assert_eq!(limits.allow(&path), judged.effect == Effect::Allow);
    }
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

#[test]
fn the_bound_of_an_agent_does_not_keep_a_hook_from_running() {
    use Capability::{FsWrite, Shell};
    let agent = Grant::new("agent", &[Shell, FsWrite], Vec::new(), Effect::Deny).of_agent();
    let scope = Grant::write_scope("spec", &["docs/**".to_string()]).unwrap();
    let session = parent().narrowed_to(agent).narrowed_to(scope);
    let check = |policy: &Policy, capability, target: &str, expected: Effect| {
        assert_eq!(policy.judge(&request(capability, target), &Taint::none()).effect, expected, "{target}");
    };
    check(&session, Shell, "make", Effect::Deny);
    let hook = session.without_agents();
    check(&hook, FsWrite, "docs/a.md", Effect::Allow);
    // The scope of the spec holds for hooks as well, and so do the rules.
    check(&hook, FsWrite, "src/a.rs", Effect::Ask);
    check(&hook, FsWrite, ".git/config", Effect::Deny);
    check(&hook.without_agents(), FsWrite, "docs/a.md", Effect::Allow);
    // An agent that the hook starts is bound again.
    for policy in [hook.with_agents(), hook.without_agents().with_agents()] {
        check(&policy, Shell, "make", Effect::Deny);
        check(&policy, FsWrite, "docs/a.md", Effect::Deny);
    }
    check(&session.with_agents(), Shell, "make", Effect::Deny);
}
