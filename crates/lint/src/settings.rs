//! What a person wants to hear about: severities by rule and place, and findings that are known and accepted. Reads no
//! file; the front door fills these values from one.

use spec::Severity;

use crate::Finding;
use crate::rules::Rule;

/// How much a rule matters somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Not at all.
    Off,
    /// A suggestion.
    Hint,
    /// Worth reading.
    Warning,
    /// Wrong.
    Error,
}

impl Level {
    /// `off`, `hint`, `warning`, `error`.
    pub fn from_name(name: &str) -> Option<Level> {
        Some(match name {
            "off" => Level::Off,
            "hint" => Level::Hint,
            "warning" => Level::Warning,
            "error" => Level::Error,
            _ => return None,
        })
    }

    fn severity(self) -> Option<Severity> {
        match self {
            Level::Off => None,
            Level::Hint => Some(Severity::Hint),
            Level::Warning => Some(Severity::Warning),
            Level::Error => Some(Severity::Error),
        }
    }
}

/// Gives a level to rules at some places. Of several that fit, the last one counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeverityRule {
    /// A rule, or several with `*`: `words/*`.
    pub rule: String,
    /// Names of specs, with `*`; `*` for all.
    pub spec: String,
    /// File names, with `*`; `*` for all.
    pub file: String,
    /// What they matter there.
    pub level: Level,
}

/// Findings that are known and accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// A rule, or several with `*`.
    pub rule: String,
    /// Names of specs, with `*`.
    pub spec: String,
    /// File names, with `*`.
    pub file: String,
    /// Only about this criterion, task or term; about any when `None`.
    pub subject: Option<String>,
    /// Why; shown in reports.
    pub reason: String,
}

/// Settings of the checks. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Levels, in the order of their file.
    pub severities: Vec<SeverityRule>,
    /// Accepted findings.
    pub ignores: Vec<Ignore>,
}

impl Settings {
    /// How much the rule matters there; `None` when it is off.
    pub fn severity(&self, rule: &Rule, default: Severity, spec: &str, file: &str) -> Option<Severity> {
        let fits = |known: &&SeverityRule| {
            matches(&known.rule, rule.id) && matches(&known.spec, spec) && matches(&known.file, file)
        };
        match self.severities.iter().rev().find(fits) {
            Some(known) => known.level.severity(),
            None => rule.is_on_by_default.then_some(default),
        }
    }

    /// Whether the rule can be heard anywhere; asked before dear work.
    pub fn wants(&self, rule: &Rule) -> bool {
        for known in self.severities.iter().rev().filter(|known| matches(&known.rule, rule.id)) {
            match known.level {
                Level::Off if known.spec == "*" && known.file == "*" => return false,
                Level::Off => {}
                Level::Hint | Level::Warning | Level::Error => return true,
            }
        }
        rule.is_on_by_default
    }

    /// The entry that accepts the finding, by its place in [`Settings::ignores`].
    pub fn ignored_by(&self, finding: &Finding) -> Option<usize> {
        self.ignores.iter().position(|known| {
            matches(&known.rule, finding.rule)
                && matches(&known.spec, &finding.place.spec)
                && matches(&known.file, &finding.place.file)
                && known.subject.as_ref().is_none_or(|subject| finding.subject.as_ref() == Some(subject))
        })
    }
}

/// Whether the words fit the pattern: `*` stands for any run of characters, `?` for one. Time is the product of the
/// lengths at most.
pub fn matches(pattern: &str, words: &str) -> bool {
    let (pattern, words) = (pattern.as_bytes(), words.as_bytes());
    let (mut at, mut from) = (0, 0);
    // Where the last star stands, and how much of the words it covers.
    let mut star: Option<(usize, usize)> = None;
    while from < words.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(byte) if *byte == b'?' || words.get(from) == Some(byte) => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((star_at, covered)) = star else { return false };
                star = Some((star_at, covered + 1));
                at = star_at + 1;
                from = covered + 1;
            }
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn patterns() {
        let check =
            |pattern, words, expected| assert_eq!(matches(pattern, words), expected, "{pattern} {words}");
        check("*", "", true);
        check("words/*", "words/vague", true);
        check("words/*", "glossary/unused-term", false);
        check("*-term", "glossary/unused-term", true);
        check("a?c", "abc", true);
        check("a*b*c", "a--b--c", true);
        check("a*b*c", "a--c--b", false);
        check("abc", "ab", false);
        check(&"*a".repeat(200), &"a".repeat(150), false);
    }

    #[test]
    fn the_last_fitting_level_counts() {
        let level = |rule: &str, spec: &str, level| SeverityRule {
            rule: rule.to_string(),
            spec: spec.to_string(),
            file: "*".to_string(),
            level,
        };
        let settings = Settings {
            severities: vec![level("words/*", "*", Level::Off), level("words/vague", "old-*", Level::Error)],
            ..Settings::default()
        };
        let vague = rules::find("words/vague").unwrap();
        let check = |spec, expected| {
            assert_eq!(settings.severity(vague, Severity::Hint, spec, "requirements.md"), expected);
        };
        check("new", None);
        check("old-one", Some(Severity::Error));
        assert_eq!(Settings::default().severity(vague, Severity::Hint, "new", "x"), Some(Severity::Hint));
    }

    #[test]
    fn rules_that_are_off_can_be_wanted() {
        let rule = rules::find("ears/when-then").unwrap();
        assert!(!Settings::default().wants(rule));
        let on = SeverityRule {
            rule: "ears/*".to_string(),
            spec: "*".to_string(),
            file: "*".to_string(),
            level: Level::Hint,
        };
        let off = SeverityRule { level: Level::Off, ..on.clone() };
        let elsewhere = SeverityRule { spec: "old".to_string(), ..off.clone() };
        let wants =
            |severities: Vec<SeverityRule>| Settings { severities, ..Settings::default() }.wants(rule);
        assert!(
            wants(vec![on.clone()])
                && wants(vec![on.clone(), elsewhere])
                && wants(vec![off.clone(), on.clone()])
        );
        assert!(!wants(vec![on, off]));
    }
}
