//! Destructive commands, written in ways that are meant to hide them: never judged as reading, never allowed. And any bytes:
//! no panic, no time that grows faster than the input.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::path::Path;
use std::time::{Duration, Instant};

use policy::{Capability, Class, Effect, Mode, Origin, Policy, Request, Rule, Source, Target};
use proptest::prelude::*;

const COMMANDS: &str = include_str!("commands.txt");

fn policy() -> Policy {
    let mut policy = Policy::new(Mode::Autopilot, &[]).in_workspace(Path::new("/w"));
    for rule in ["shell:*", "filesystem:**", "web_fetch:*"] {
        policy.add(Rule::read(rule, Effect::Allow, Source::User).unwrap());
    }
    policy
}

fn request(line: &str) -> Request {
    Request {
        capability: Capability::Shell,
        target: Target::Command(line.to_string()),
        origin: Origin::Agent,
    }
}

fn destructive() -> Vec<String> {
    let lines = COMMANDS.lines().filter_map(|line| line.strip_prefix("destructive\t"));
    lines.map(|line| line.replace('␤', "\n")).collect()
}

/// Plain ones, which are safe to take apart into words.
fn plain() -> Vec<String> {
    let is_plain =
        |line: &String| line.chars().all(|c| c.is_ascii_alphanumeric() || " -_./=:,@+".contains(c));
    destructive().into_iter().filter(is_plain).collect()
}

/// Another way to write a word that means the same to the shell.
fn disguise(word: &str, way: u8) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(String::from).unwrap_or_default();
    let rest = chars.as_str();
    match way % 12 {
        0 => format!("'{word}'"),
        1 => format!("\"{word}\""),
        2 if first != "~" => format!("{first}''{rest}"),
        3 if first != "~" => format!("\\{first}{rest}"),
        4 if first != "~" => format!("\"{first}\"{rest}"),
        5 if first != "~" => format!("{first}\\\n{rest}"),
        6 => format!("$'{}'", word.chars().map(|c| format!("\\x{:02x}", u32::from(c))).collect::<String>()),
        7 => format!("$(echo {word})"),
        8 => format!("`printf %s {word}`"),
        9 => format!("{word}\"\""),
        _ => word.to_string(),
    }
}

/// Another place to put a command.
fn wrap(line: &str, way: u8) -> String {
    let quoted = line.replace('\'', "'\\''");
    // What only the shell knows can stand behind no program.
    let words = [
        "!", "time", "(", "{", "if", "while", "for", "f()", "case", "trap", "eval", "exec", "command", "x=",
        "LANG=",
    ];
    let starts = |word: &&str| line.starts_with(*word);
    let simple = if words.iter().any(starts) { format!("sh -c '{quoted}'") } else { line.to_string() };
    match way % 34 {
        0 => format!("({line})"),
        1 => format!("{{ {line}; }}"),
        2 => format!("ls; {line}"),
        3 => format!("ls && {line}"),
        4 => format!("false || {line}"),
        5 => format!("ls | {line}"),
        6 => format!("ls\n{line}"),
        7 => format!("{line} &"),
        8 => format!("echo $({line}\n)"),
        9 => format!("echo \"$({line}\n)\""),
        10 => format!("cat <({line}\n)"),
        11 => format!("if true; then {line}\nfi"),
        12 => format!("while true; do {line}\ndone"),
        13 => format!("for x in 1 2; do {line}\ndone"),
        14 => format!("f() {{ {line}\n}}; f"),
        15 => format!("case a in a) {line}\n;; esac"),
        16 => format!("bash -c '{quoted}'"),
        17 => format!("sh -c '{quoted}'"),
        18 => format!("eval '{quoted}'"),
        19 => format!("env {simple}"),
        20 => format!("sudo {simple}"),
        21 => format!("nohup {simple}"),
        22 => format!("timeout 5 {simple}"),
        23 => format!("command {simple}"),
        24 => format!("exec {simple}"),
        25 => format!("nice -n 3 {simple}"),
        26 => format!("! {line}"),
        27 => format!("time {simple}"),
        28 => format!("cat <<EOF\n$({line}\n)\nEOF"),
        29 => format!("x=$({line}\n)"),
        30 => format!("ls # comment\n{line}"),
        31 => format!("echo '{quoted}' | bash"),
        32 => format!("trap '{quoted}' EXIT"),
        _ => format!("LANG=C {simple}"),
    }
}

fn check_closed(policy: &Policy, line: &str) {
    let decision = policy.decide(&request(line));
    assert_ne!(decision.effect, Effect::Allow, "{line:?}: {}", decision.reason);
    if let Ok(commands) = policy::judge(line) {
        let harmless = commands.iter().all(|command| command.class == Class::ReadOnly);
        assert!(!harmless, "{line:?} is judged as reading");
    }
}

#[test]
fn every_disguise_of_every_plain_command() {
    let policy = policy();
    let plain = plain();
    assert!(plain.len() > 150, "{}", plain.len());
    for line in &plain {
        let (program, rest) = line.split_once(' ').unwrap_or((line, ""));
        for way in 0..12 {
            check_closed(&policy, &format!("{} {rest}", disguise(program, way)));
        }
        for way in 0..34 {
            check_closed(&policy, &wrap(line, way));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn disguises_of_disguises(
        at in any::<proptest::sample::Index>(),
        words in proptest::collection::vec(10..22_u8, 12),
        first in 0..12_u8,
        wraps in proptest::collection::vec(0..34_u8, 0..4),
        blanks in proptest::collection::vec(0..4_u8, 12),
    ) {
        let plain = plain();
        let line = at.get(&plain);
        let mut out = String::new();
        for (number, word) in line.split(' ').enumerate() {
            let way = if number == 0 { first } else { words.get(number).copied().unwrap_or(10) };
            out.push_str(&disguise(word, way));
            out.push_str(match blanks.get(number).copied().unwrap_or(0) {
                0 => "\t",
                1 => "  ",
                2 => " \\\n ",
                _ => " ",
            });
        }
        let wrapped = wraps.iter().fold(out, |line, way| wrap(&line, *way));
        check_closed(&policy(), &wrapped);
    }

    #[test]
    fn any_text_is_read_without_a_panic(line in "\\PC{0,200}") {
        let _ = policy::judge(&line);
        let _ = policy().decide(&request(&line));
    }

    #[test]
    fn any_shell_like_text_is_read_without_a_panic(
        line in "([a-z]{1,3}|[ \n\t;&|<>(){}'\"`$\\\\*?!#=~/.-]|\\$\\(|\\$\\{|\\$\\(\\(|<<EOF|\nEOF\n|if |then |fi|for x in |do |done|case |esac|rm -rf ){0,60}"
    ) {
        let policy = policy();
        let decision = policy.decide(&request(&line));
        let judged = policy::judge(&line);
        // What runs unasked was followed.
        prop_assert!(decision.effect != Effect::Allow || judged.is_ok());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = policy::read_line_bytes(&line);
    }
}

#[test]
fn hostile_lines_take_no_time() {
    let policy = policy();
    let repeated = |text: &str| text.repeat(64 * 1024 / text.len() - 16);
    let nested =
        |open: &str, close: &str, depth: usize| format!("{}ls{}", open.repeat(depth), close.repeat(depth));
    let lines = [
        repeated("a"),
        repeated("a "),
        repeated("a;"),
        repeated("a|"),
        repeated("("),
        repeated("{ "),
        repeated("$("),
        repeated("${a"),
        repeated("$(("),
        repeated("`"),
        repeated("\\`"),
        repeated("'"),
        repeated("\""),
        repeated("\"$("),
        repeated("{a,"),
        repeated("{a,b}"),
        repeated("{1..9}"),
        repeated("<<a "),
        repeated("<<a\n"),
        repeated("if a; then "),
        repeated("case a in "),
        repeated("x=1;"),
        repeated("a() { "),
        repeated("a() { b; }; a;"),
        repeated("for x in 1 2 3; do "),
        repeated("cd a;"),
        repeated("$x "),
        repeated("env "),
        repeated("sudo "),
        repeated("xargs "),
        repeated("foo 'rm -rf x' "),
        repeated("*"),
        repeated("[["),
        repeated("a > b "),
        repeated("<(a "),
        repeated("\\\n"),
        repeated("#\n"),
        format!("sed '{}'", repeated("s/a/b/;")),
        format!("rm {}", repeated("a ")),
        format!("find . {}", repeated("-name a ")),
        format!("find . {}", repeated("-exec a {} ; ")),
        format!("x={}; echo $x$x$x$x", "a".repeat(20_000)),
        nested("$(", ")", 1_000),
        nested("( ", " )", 1_000),
        nested("bash -c \"", "\"", 20),
        nested("eval ", "", 5_000),
        "for a in 1 2 3 4 5 6 7 8; do ".repeat(6) + "echo $a" + &"; done".repeat(6),
        (0..60).map(|n| format!("v{n}=$v{}$v{};", n - 1, n - 1)).collect::<String>() + "echo $v59",
    ];
    for line in lines {
        let start = Instant::now();
        let _ = policy.decide(&request(&line));
        let taken = start.elapsed();
        if taken > Duration::from_millis(300) {
            println!("{taken:?} for {:?}…", line.get(..40));
        }
        // Unoptimised, on a busy machine; a quadratic reader would take minutes.
        assert!(taken < Duration::from_secs(5), "{taken:?} for {:?}…", line.get(..40));
    }
}
