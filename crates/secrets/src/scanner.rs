//! The scanner: rules made ready to run. Going over an input is in `scan`.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::rule::{Detector, Rule};
use crate::rules::Rules;

/// What a scan needs to know beside the bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Where the input comes from, with `/` between folders; rules and allow-lists may ask for it.
    pub path: Option<&'a str>,
    /// Whether a mark on a line (`gitleaks:allow`, `waypost:allow REASON`) lets its values through. The firewall sets this to
    /// false: who may leave a mark in a repository does not decide what leaves the machine.
    pub marks: bool,
    /// Whether to collect what was let through, with reasons.
    pub let_through: bool,
}

/// Rules made ready to run. Scanning takes `&self`, may happen on several threads, and takes time linear in the input.
#[derive(Debug)]
pub struct Scanner {
    pub(crate) rules: Vec<Arc<Rule>>,
    pub(crate) allow: Vec<crate::allow::Allow>,
    /// For each keyword, the rules that want it.
    pub(crate) wanted: Vec<Vec<Want>>,
    pub(crate) automaton: Option<AhoCorasick>,
    /// Rules without keywords.
    pub(crate) bare: Vec<usize>,
    /// Rules for paths alone.
    pub(crate) paths: Vec<usize>,
}

/// What must stand before a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    Anything,
    /// The end of a word.
    WordEnd,
    /// No letter, unless the case changes: `myOkta`, not `boktan`.
    PartEnd,
}

/// The longest name of a service that is looked for at the beginning of a part of a name only; longer ones are in no other word.
const SHORT_NAME: usize = 6;

/// A rule that wants a keyword.
#[derive(Debug)]
pub(crate) struct Want {
    pub(crate) rule: usize,
    /// The keyword as written, if its case counts.
    pub(crate) exact: Option<Box<[u8]>>,
    /// What must stand before.
    pub(crate) before: Before,
}

impl Scanner {
    /// Makes rules ready to run.
    pub fn new(rules: Rules) -> Self {
        let mut keywords: Vec<String> = Vec::new();
        let mut wanted: Vec<Vec<Want>> = Vec::new();
        let mut places = std::collections::HashMap::new();
        let mut scanner = Self {
            rules: Vec::new(),
            allow: rules.allow,
            wanted: Vec::new(),
            automaton: None,
            bare: Vec::new(),
            paths: Vec::new(),
        };
        for (index, rule) in rules.rules.into_iter().enumerate() {
            match &rule.pattern {
                None => scanner.paths.push(index),
                Some(_) if rule.keywords.is_empty() => scanner.bare.push(index),
                Some(pattern) => {
                    // A case-insensitive expression does not ask for the case of its keyword.
                    let exact = rule.builtin
                        && rule.detector == Detector::Start
                        && !pattern.source().starts_with("(?i)");
                    let begins = pattern.source().starts_with("\\b") && rule.detector == Detector::Start;
                    for word in &rule.keywords {
                        let lower = word.to_ascii_lowercase();
                        let place = *places.entry(lower.clone()).or_insert_with(|| {
                            keywords.push(lower);
                            wanted.push(Vec::new());
                            wanted.len() - 1
                        });
                        if let Some(wants) = wanted.get_mut(place) {
                            let before = match begins {
                                true => Before::WordEnd,
                                false if rule.names_a_service() && word.len() <= SHORT_NAME => {
                                    Before::PartEnd
                                }
                                false => Before::Anything,
                            };
                            wants.push(Want {
                                rule: index,
                                exact: exact.then(|| word.as_bytes().into()),
                                before,
                            });
                        }
                    }
                }
            }
            scanner.rules.push(Arc::new(rule));
        }
        scanner.automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&keywords)
            .or_else(|_| AhoCorasick::builder().ascii_case_insensitive(true).build(&keywords))
            .ok();
        scanner.wanted = wanted;
        scanner
    }

    /// The rule of that name.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id() == id).map(AsRef::as_ref)
    }

    /// The rules, in order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(AsRef::as_ref)
    }
}
