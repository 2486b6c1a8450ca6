//! The labelled commands: what each is judged as, and the table of that. The set is `commands.txt`.
#![expect(clippy::expect_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeMap;
use std::path::Path;

use policy::{Class, Effect, Mode, Origin, Policy, Request, Rule, Source, Target};

const COMMANDS: &str = include_str!("commands.txt");

/// Of the safe ones, how many may ask all the same, in percent.
const NEEDLESS_PERCENT_MAX: usize = 5;

fn policy(mode: Mode) -> Policy {
    Policy::new(mode, &[]).in_workspace(Path::new("/w"))
}

fn request(line: &str) -> Request {
    Request {
        capability: policy::Capability::Shell,
        target: Target::Command(line.to_string()),
        origin: Origin::Agent,
    }
}

/// Label and command.
fn commands() -> Vec<(&'static str, String)> {
    let lines = COMMANDS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let labelled = lines.map(|line| {
        let (label, command) = line.split_once('\t').expect("a label and a tab");
        (label, command.replace('␤', "\n"))
    });
    labelled.collect()
}

/// The worst of what a line would do.
fn class(line: &str) -> Class {
    match policy::judge(line) {
        Ok(commands) => commands.into_iter().map(|one| one.class).max().unwrap_or(Class::ReadOnly),
        Err(unclear) => Class::Unknown(unclear.to_string()),
    }
}

#[test]
fn labelled_commands() {
    let commands = commands();
    assert!(commands.len() >= 500, "{} commands", commands.len());
    let (supervised, autopilot) = (policy(Mode::Supervised), policy(Mode::Autopilot));
    let mut open = policy(Mode::Autopilot);
    open.add(Rule::read("shell:*", Effect::Allow, Source::User).unwrap());
    open.add(Rule::read("filesystem:**", Effect::Allow, Source::User).unwrap());
    let mut table: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let (mut wrong, mut needless, mut safe) = (Vec::new(), Vec::new(), 0);
    for (label, line) in &commands {
        let asked = request(line);
        let (decided, alone) = (supervised.decide(&asked), autopilot.decide(&asked));
        let class = class(line);
        *table.entry((label, class.name(), decided.effect.name())).or_default() += 1;
        let mut fault = |what: &str| {
            wrong.push(format!(
                "{label} {what}: {line:?}: {} {:?}: {}",
                class.name(),
                decided.effect,
                decided.reason
            ));
        };
        match *label {
            "safe" => {
                safe += 1;
                if decided.effect != Effect::Allow {
                    needless.push(format!("{line:?}: {}", decided.reason));
                }
                if decided.effect == Effect::Deny {
                    fault("denied");
                }
            }
            "writes-in" => {
                if decided.effect == Effect::Allow || class != Class::Writes {
                    fault("not judged as writing");
                }
            }
            "asks" => {
                if decided.effect == Effect::Allow || alone.effect == Effect::Allow {
                    fault("allowed");
                }
                if matches!(class, Class::Destructive(_)) {
                    fault("judged destructive");
                }
            }
            "destructive" => {
                if !matches!(class, Class::Destructive(_)) || class.why().is_empty() {
                    fault("not named as destructive");
                }
                if open.decide(&asked).effect == Effect::Allow {
                    fault("allowed where everything is trusted");
                }
            }
            other => panic!("the label {other} does not exist"),
        }
    }
    println!("{:<12} {:<14} {:<6} {:>5}", "label", "judged", "then", "count");
    for ((label, judged, effect), count) in &table {
        println!("{label:<12} {judged:<14} {effect:<6} {count:>5}");
    }
    println!("{} commands; needless asks: {} of {safe} safe ones", commands.len(), needless.len());
    needless.iter().for_each(|one| println!("  needless: {one}"));
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(needless.len() * 100 <= safe * NEEDLESS_PERCENT_MAX, "{} of {safe}", needless.len());
}
