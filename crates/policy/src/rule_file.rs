//! Files of rules, as plain values from whoever read them: checked, compiled, or void. Reads no file, no YAML.

use std::sync::Arc;

use crate::request::{Origin, Place, Target};
use crate::rule::{Pattern, Text, bits};
use crate::{Capability, Effect, Request, Rule, Scope};

/// How many rules one file may have; more make it void.
pub const RULES_MAX: usize = 2_000;

/// A file of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// Which effects its rules may have.
    pub scope: Scope,
    /// The file, for the reasons.
    pub file: String,
    /// What it holds.
    pub contents: Contents,
}

/// What a file of rules holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Rules and presets.
    Rules {
        /// In the order in which they stand.
        rules: Vec<WrittenRule>,
        /// Names of presets, with the line.
        presets: Vec<(String, u32)>,
    },
    /// It could not be understood, so whatever it would deny is not known. Everything asks.
    Voided {
        /// The line.
        line: u32,
        /// What is wrong with it.
        why: String,
    },
}

/// A rule as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenRule {
    /// A capability or a group.
    pub capability: String,
    /// `None` when it is missing or unknown, which makes the file void.
    pub effect: Option<Effect>,
    /// Patterns; none means everything.
    pub matches: Vec<String>,
    /// What it leaves out.
    pub excludes: Vec<String>,
    /// The line, from 1.
    pub line: u32,
    /// Examples that must match and must not; checked when the file is loaded. Kiro's files have no place for them, so
    /// they come from Waypost's own.
    pub examples: Examples,
}

/// What a rule is meant to speak of, and what not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    /// Targets that the rule must match.
    pub matches: Vec<String>,
    /// Targets that it must not match.
    pub not_matches: Vec<String>,
}

/// Something wrong with a file of rules or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1; 0 for the whole file.
    pub line: u32,
    /// What is wrong, lower case, without a full stop.
    pub what: String,
    /// Whether the file is void because of it: then everything asks.
    pub voids: bool,
}

/// Rules from a file, or why it is void.
pub(crate) struct Loaded {
    pub(crate) rules: Vec<Rule>,
    pub(crate) void: Option<(u32, String)>,
    pub(crate) problems: Vec<Problem>,
}

/// Where the reading of patterns begins.
pub(crate) struct Ground<'a> {
    pub(crate) root: &'a std::path::Path,
    pub(crate) home: Option<&'a str>,
}

/// Checks and compiles a file of rules.
pub(crate) fn load(file: &RuleFile, ground: &Ground<'_>) -> Loaded {
    let name: Arc<str> = Arc::from(file.file.as_str());
    let mut loaded = Loaded { rules: Vec::new(), void: None, problems: Vec::new() };
    match &file.contents {
        Contents::Voided { line, why } => loaded.make_void(&name, *line, why.clone()),
        Contents::Rules { rules, presets } => {
            if rules.len() > RULES_MAX {
                loaded.make_void(&name, 0, format!("there are more than {RULES_MAX} rules"));
                return loaded;
            }
            for written in rules {
                rule(written, file.scope, &name, ground, &mut loaded);
            }
            for (preset, line) in presets {
                preset_rules(preset, *line, file.scope, &name, &mut loaded);
            }
        }
    }
    if loaded.void.is_some() {
        loaded.rules.clear();
    }
    loaded
}

impl Loaded {
    fn make_void(&mut self, file: &Arc<str>, line: u32, why: String) {
        self.problems.push(Problem { file: Arc::clone(file), line, what: why.clone(), voids: true });
        self.void.get_or_insert((line, why));
    }

    fn tell(&mut self, file: &Arc<str>, line: u32, what: String) {
        self.problems.push(Problem { file: Arc::clone(file), line, what, voids: false });
    }
}

fn rule(written: &WrittenRule, scope: Scope, file: &Arc<str>, ground: &Ground<'_>, loaded: &mut Loaded) {
    let line = written.line;
    let Some(effect) = written.effect else {
        return loaded.make_void(
            file,
            line,
            "a rule has no effect that is known; use allow, ask or deny".to_string(),
        );
    };
    let capabilities = Capability::named(&written.capability);
    if capabilities.is_empty() {
        // As in Kiro: only this rule is left out. Nothing that exists here could have been closed by it.
        let what = format!("the capability `{}` is not known; this rule is left out", written.capability);
        return loaded.tell(file, line, what);
    }
    if !scope.may(effect) {
        let what = format!("a rule of the scope `{}` cannot allow; this rule is left out", scope.name());
        return loaded.tell(file, line, what);
    }
    let set = bits(&capabilities);
    let read = |patterns: &[String]| {
        patterns
            .iter()
            .map(|pattern| Pattern::read(pattern, set, ground.home).map_err(|why| (pattern.clone(), why)))
            .collect::<Result<Vec<_>, _>>()
    };
    let (matches, excludes) = match (read(&written.matches), read(&written.excludes)) {
        (Ok(matches), Ok(excludes)) => (matches, excludes),
        (Err((pattern, why)), _) | (_, Err((pattern, why))) => {
            return loaded.make_void(file, line, format!("the pattern `{pattern}` cannot be read: {why}"));
        }
    };
    let shown = if written.matches.is_empty() { "*".to_string() } else { written.matches.join(", ") };
    let text = format!("{}:{shown}", written.capability);
    let rule =
        Rule::of(set, effect, scope.source(), &text).with_patterns(matches, excludes).written_in(file, line);
    check_examples(written, &rule, &capabilities, file, ground, loaded);
    loaded.rules.push(rule);
}

/// A rule whose examples do not hold means something else than its author thinks. One that closes too little is as bad as
/// one that cannot be read.
fn check_examples(
    written: &WrittenRule,
    rule: &Rule,
    capabilities: &[Capability],
    file: &Arc<str>,
    ground: &Ground<'_>,
    loaded: &mut Loaded,
) {
    for (examples, expected) in [(&written.examples.matches, true), (&written.examples.not_matches, false)] {
        for example in examples {
            let found = capabilities.iter().any(|capability| speaks_of(rule, *capability, example, ground));
            if found != expected {
                let word = if expected { "does not match" } else { "matches" };
                let what = format!("the rule `{}` {word} its example `{example}`", rule.text());
                loaded.make_void(file, written.line, what);
            }
        }
    }
}

fn speaks_of(rule: &Rule, capability: Capability, example: &str, ground: &Ground<'_>) -> bool {
    match capability {
        Capability::FsRead | Capability::FsWrite => {
            let path = match (example.strip_prefix("~/"), ground.home) {
                (Some(rest), Some(home)) => format!("{home}/{rest}").into(),
                _ => ground.root.join(example),
            };
            let target = Target::Path(Place::new(ground.root, &path));
            rule.matches(&Request { capability, target, origin: Origin::Agent })
        }
        Capability::Shell => match crate::judge::judge(example) {
            Ok(commands) => commands.iter().any(|command| {
                crate::line::spellings(command).iter().any(|spelling| rule.fits_text(spelling))
            }),
            Err(_) => rule.fits_text(&Text::new(example)),
        },
        _ => rule.covers(capability) && rule.fits_text(&Text::new(example)),
    }
}

/// Kiro's presets. They only allow.
fn preset_rules(name: &str, line: u32, scope: Scope, file: &Arc<str>, loaded: &mut Loaded) {
    let text = format!("preset:{name}");
    let make = |capabilities: &[Capability], matches: Vec<Pattern>| {
        Rule::of(bits(capabilities), Effect::Allow, scope.source(), &text)
            .with_patterns(matches, Vec::new())
            .written_in(file, line)
    };
    let inside = || Pattern::read("./**", bits(&[Capability::FsRead]), None).into_iter().collect::<Vec<_>>();
    let commands = |project| vec![Pattern::Commands { project }];
    let rules = match name {
        "allow-all" => vec![make(&Capability::ALL, Vec::new())],
        "edit-workspace" => vec![make(&[Capability::FsRead, Capability::FsWrite], inside())],
        "read-workspace" => vec![make(&[Capability::FsRead], inside())],
        "read-all" => vec![make(&[Capability::FsRead], Vec::new())],
        "read-only-shell" | "read-shell" => vec![make(&[Capability::Shell], commands(false))],
        "dev-shell" => vec![make(&[Capability::Shell], commands(true))],
        _ => {
            loaded.tell(file, line, format!("the preset `{name}` is not known; it is left out"));
            return;
        }
    };
    if scope.may(Effect::Allow) {
        loaded.rules.extend(rules);
    } else {
        let what = format!("a preset in the scope `{}` cannot allow; it is left out", scope.name());
        loaded.tell(file, line, what);
    }
}

#[cfg(test)]
#[path = "rule_file_tests.rs"]
mod tests;
