//! The rules in force: those built in, those of a user's file, and how the two join. Reading a file is in `read`.

use crate::allow::Allow;
use crate::read;
use crate::rule::Rule;

const BUILTIN: [&str; 7] = [
    include_str!("../rules/allow.toml"),
    include_str!("../rules/cloud.toml"),
    include_str!("../rules/code.toml"),
    include_str!("../rules/models.toml"),
    include_str!("../rules/messaging.toml"),
    include_str!("../rules/business.toml"),
    include_str!("../rules/material.toml"),
];

/// A set of rules with the allow-lists that hold for all of them.
#[derive(Debug, Default)]
pub struct Rules {
    pub(crate) rules: Vec<Rule>,
    pub(crate) allow: Vec<Allow>,
    /// Names of rules that a file switches off.
    pub(crate) disabled: Vec<String>,
}

impl Rules {
    /// No rules.
    pub fn none() -> Self {
        Self::default()
    }

    /// The rules that come with Waypost.
    pub fn builtin() -> Self {
        BUILTIN.iter().fold(Self::none(), |rules, text| rules.with(read::read(text, true).rules))
    }

    /// Adds the rules of another file. A rule with the name of one already here replaces it; a name in the other's
    /// `disabledRules` is switched off; allow-lists add up.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        let replaced = |rule: &Rule| {
            other.disabled.iter().any(|id| **id == *rule.id)
                || other.rules.iter().any(|new| new.id == rule.id)
        };
        self.rules.retain(|rule| !replaced(rule));
        self.rules.extend(other.rules);
        self.allow.extend(other.allow);
        self
    }

    /// Adds the rules of a file that a repository brings, for a scan of that repository. Such a file can add rules, and allow
    /// what it gives a reason for; it takes no rule away. A rule with the name of one already here stands beside it, and
    /// allow-lists without a description and `disabledRules` are passed over. Says what was passed over.
    #[must_use]
    pub fn with_repository(mut self, other: Self) -> (Self, Vec<String>) {
        let before = other.allow.len();
        let allow: Vec<Allow> = other.allow.into_iter().filter(Allow::has_reason).collect();
        let mut passed_over: Vec<String> =
            other.disabled.iter().map(|id| format!("the rule `{id}` stays in force")).collect();
        if before > allow.len() {
            let count = before - allow.len();
            passed_over.push(format!("allow-lists without a `description` allow nothing: {count}"));
        }
        self.rules.extend(other.rules);
        self.allow.extend(allow);
        (self, passed_over)
    }

    /// The rules, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Read;

    #[test]
    fn the_files_that_come_with_waypost_are_right() {
        for text in BUILTIN {
            let Read { rules, diagnostics, .. } = read::read(text, true);
            assert!(diagnostics.is_empty(), "{diagnostics:?}");
            for rule in rules.iter() {
                let broken = rule.pattern.as_ref().map(|pattern| pattern.check());
                assert!(!matches!(broken, Some(Err(_))), "{}: {broken:?}", rule.id());
                assert!(!rule.keywords.is_empty(), "{}", rule.id());
            }
        }
        assert!(Rules::builtin().len() >= 150);
    }

    #[test]
    fn a_repositorys_file_adds_and_takes_nothing_away() {
        let theirs = "[extend]\ndisabledRules = ['jwt']\n\
                      [[rules]]\nid = 'npm-token'\nregex = 'x[0-9]{4}'\nkeywords = ['x']\n\
                      [[allowlists]]\npaths = ['.*']\n\
                      [[allowlists]]\ndescription = ' '\nregexes = ['.*']\n\
                      [[allowlists]]\ndescription = 'made for tests'\npaths = ['^t/']\n";
        let (rules, allow) = (Rules::builtin().len(), Rules::builtin().allow.len());
        let (joined, passed_over) = Rules::builtin().with_repository(Rules::read(theirs).rules);
        assert_eq!((joined.len(), joined.allow.len()), (rules + 1, allow + 1));
        assert_eq!(joined.iter().filter(|rule| rule.id() == "npm-token").count(), 2);
        assert!(joined.iter().any(|rule| rule.id() == "jwt"));
        assert_eq!(
            passed_over,
            ["the rule `jwt` stays in force", "allow-lists without a `description` allow nothing: 2"]
        );
    }

    #[test]
    fn a_users_file_adds_replaces_and_switches_off() {
        let user = "[extend]\nuseDefault = true\ndisabledRules = ['jwt']\n\
                    [[rules]]\nid = 'npm-token'\nregex = 'x[0-9]{4}'\nkeywords = ['x']\n\
                    [[rules]]\nid = 'ours'\nregex = 'y[0-9]{4}'\nkeywords = ['y']\n";
        let before = Rules::builtin().len();
        let rules = Rules::builtin().with(Rules::read(user).rules);
        assert_eq!(rules.len(), before);
        assert!(rules.iter().all(|rule| rule.id() != "jwt"));
        assert_eq!(rules.iter().filter(|rule| rule.id() == "npm-token").count(), 1);
    }
}
