//! How long a decision takes, with 500 rules and command lines of 200 characters. Prints nanoseconds per decision.
#![expect(clippy::print_stdout, reason = "an example talks to its terminal")]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use policy::{
    Capability, Contents, Effect, IgnoreFile, ListKind, Mode, Origin, Place, Policy, Request, RuleFile,
    Scope, Taint, Target, WrittenRule,
};

const RULES: usize = 500;
const ROUNDS: usize = 2_000;

fn main() {
    let policy = policy();
    println!("{RULES} rules, 60 lines of ignore lists");
    let place = |path: &str| Target::Path(Place::new(Path::new("/work/project"), Path::new(path)));
    let command = |line: &str| Target::Command(line.to_string());
    let long = "grep -rn --include='*.rs' 'fn main' crates/alpha/src crates/beta/src | head -40 && cat crates/alpha/src/main.rs \
        crates/beta/src/lib.rs | wc -l; for f in a b c; do echo \"$f\"; done; git status --short";
    let wrapped = "sudo env LANG=C timeout 60 bash -c 'cd crates/alpha && cargo test --workspace --all-features -- --nocapture \
        2>&1 | tee target/out.log | tail -50' && git add -A && git commit -m 'a message of a few words in it'";
    let destroys = "if [ -d target/debug ]; then find target/debug -name '*.o' -mtime +3 -print0 | xargs -0 rm -rf; fi; \
        git checkout -- crates/alpha/src/main.rs crates/beta/src/lib.rs && echo done with the whole of it at last";
    let cases = [
        ("read a file", Capability::FsRead, place("/work/project/crates/alpha/src/deep/down/main.rs")),
        ("write a file", Capability::FsWrite, place("/work/project/crates/alpha/src/deep/down/main.rs")),
        ("a tool of a server", Capability::Mcp, Target::Name("server17/tool".to_string())),
        ("a short command", Capability::Shell, command("git status")),
        ("a long line that reads", Capability::Shell, command(long)),
        ("a long line with wrappers", Capability::Shell, command(wrapped)),
        ("a long line that destroys", Capability::Shell, command(destroys)),
    ];
    let taint = Taint::none();
    for (name, capability, target) in cases {
        let length = target.shown().len();
        let request = Request { capability, target, origin: Origin::Agent };
        let effect = policy.judge(&request, &taint).effect;
        let mut rounds: Vec<u128> = (0..ROUNDS)
            .map(|_| {
                let start = Instant::now();
                black_box(policy.judge(black_box(&request), &taint));
                start.elapsed().as_nanos()
            })
            .collect();
        rounds.sort_unstable();
        let median = rounds.get(ROUNDS / 2).copied().unwrap_or_default();
        let late = rounds.get(ROUNDS * 99 / 100).copied().unwrap_or_default();
        println!(
            "{name:<26} {length:>4} characters {median:>8} ns median {late:>8} ns p99   {}",
            effect.name()
        );
    }
}

/// Rules as people write them: paths, endings, commands, tools.
fn policy() -> Policy {
    let mut policy = Policy::new(Mode::Autopilot, &[])
        .in_workspace(Path::new("/work/project"))
        .at_home(Path::new("/home/me"));
    let rule = |number: usize| {
        let (capability, pattern, effect) = match number % 10 {
            0 => ("fs_read", format!("**/secret{number}.env"), Effect::Deny),
            1 => ("fs_write", format!("vendor{number}/**"), Effect::Deny),
            2 => ("fs_read", format!("**/*.key{number}"), Effect::Ask),
            3 => ("shell", format!("tool{number} *"), Effect::Allow),
            4 => ("shell", format!("git push remote{number}*"), Effect::Deny),
            5 => ("mcp", format!("server{number}/*"), Effect::Allow),
            6 => ("web_fetch", format!("https://host{number}.example/*"), Effect::Allow),
            7 => ("filesystem", format!("~/private{number}"), Effect::Deny),
            8 => ("shell", format!("* --flag{number}"), Effect::Ask),
            _ => ("fs_write", format!("src/{{a,b}}{number}/*.rs"), Effect::Allow),
        };
        WrittenRule {
            capability: capability.to_string(),
            effect: Some(effect),
            matches: vec![pattern],
            line: u32::try_from(number).unwrap_or(0),
            ..WrittenRule::default()
        }
    };
    let rules = (0..RULES).map(rule).collect();
    let file = "permissions.yaml".to_string();
    let problems = policy.load(&RuleFile {
        scope: Scope::User,
        file,
        contents: Contents::Rules { rules, presets: Vec::new() },
    });
    assert!(problems.is_empty(), "{problems:?}");
    let lines: Vec<String> = (0..60).map(|number| format!("/private{number}/\n*.pem{number}")).collect();
    policy.ignore(&IgnoreFile {
        kind: ListKind::Invisible,
        file: ".kiroignore".to_string(),
        base: String::new(),
        text: Ok(lines.join("\n")),
    });
    policy
}
