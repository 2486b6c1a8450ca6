//! Rules that can never decide anything, because a stricter one speaks of all that they speak of. Says what is certain only:
//! a rule that is not named here may be unreachable all the same.

use crate::Policy;
use crate::glob::Glob;
use crate::rule::{Cited, Pattern, Rule};

/// A rule, and the stricter one that stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// The rule that never decides.
    pub rule: Cited,
    /// The one that always does.
    pub by: Cited,
}

/// How many patterns are held against each other at most; beyond that nothing more is said.
const PAIRS_MAX: usize = 2_000_000;

impl Policy {
    /// The rules that a stricter one covers wholly, in the order of the rules; built-in ones aside.
    pub fn shadowed(&self) -> Vec<Shadowed> {
        let mut left = PAIRS_MAX;
        let theirs = self.rules().iter().filter(|rule| rule.source() != crate::Source::BuiltIn);
        let found = theirs.filter_map(|rule| {
            let by = self.rules().iter().find(|other| rule.is_covered_by(other, &mut left))?;
            Some(Shadowed { rule: rule.cite(), by: by.cite() })
        });
        found.collect()
    }
}

impl Rule {
    /// Whether a stricter rule speaks of everything that this one speaks of.
    fn is_covered_by(&self, other: &Rule, left: &mut usize) -> bool {
        if other.effect() <= self.effect() || other.has_excludes() || !other.covers_all_of(self) {
            return false;
        }
        let is_all = |pattern: &Pattern| matches!(pattern, Pattern::Any);
        if other.patterns().is_empty() || other.patterns().iter().any(is_all) {
            return true;
        }
        let pairs = self.patterns().len().saturating_mul(other.patterns().len());
        let Some(rest) = left.checked_sub(pairs.max(1)) else { return false };
        *left = rest;
        let is_covered = |one: &Pattern| other.patterns().iter().any(|wide| wide.covers(one));
        !self.patterns().is_empty() && self.patterns().iter().all(is_covered)
    }
}

impl Pattern {
    /// Whether whatever fits the other pattern surely fits this one, of a rule that closes.
    fn covers(&self, other: &Pattern) -> bool {
        match (self, other) {
            (Pattern::Any, _) => true,
            (Pattern::Written { path: Some(wide), .. }, Pattern::Written { path: Some(narrow), .. }) => {
                Glob::covers(wide, narrow)
            }
            (Pattern::Written { wildcard, path: None }, Pattern::Written { wildcard: other, path: None }) => {
                wildcard.takes_in(other)
            }
            (Pattern::Written { wildcard, path: None }, Pattern::Exactly(line)) => {
                wildcard.takes_in_text(line)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Capability, Effect, Mode, Origin, Place, Request, Source, Target};

    #[track_caller]
    fn check(rules: &[(Effect, &str)], expected: &[(&str, &str)]) {
        let mut policy = Policy::empty(Mode::Supervised);
        for (effect, text) in rules {
            policy.add(Rule::read(text, *effect, Source::User).unwrap());
        }
        let found = policy.shadowed();
        let found: Vec<(&str, &str)> = found.iter().map(|one| (&*one.rule.text, &*one.by.text)).collect();
        assert_eq!(found, expected, "{rules:?}");
    }

    #[test]
    fn what_is_certain() {
        use Effect::{Allow, Ask, Deny};
        check(&[(Allow, "shell:git push *"), (Deny, "shell:git *")], &[("shell:git push *", "shell:git *")]);
        check(&[(Ask, "shell:git *"), (Allow, "shell:GIT log")], &[("shell:GIT log", "shell:git *")]);
        check(&[(Allow, "shell:*"), (Deny, "shell:git *")], &[]);
        check(&[(Allow, "shell:git*"), (Deny, "shell:git *")], &[]);
        check(&[(Deny, "shell:git push *"), (Ask, "shell:git *")], &[]);
        check(&[(Deny, "shell:git *"), (Deny, "shell:git push *")], &[]);
        check(&[(Allow, "shell:git *"), (Deny, "mcp:git *")], &[]);
        check(&[(Allow, "mcp:a/b"), (Deny, "all:*")], &[("mcp:a/b", "all:*")]);
        check(&[(Allow, "all:*"), (Deny, "shell:*")], &[]);
        check(&[(Allow, "filesystem:src/**"), (Deny, "fs_write:src/**")], &[]);
    }

    #[test]
    fn globs_of_files() {
        use Effect::{Allow, Deny};
        let covered = |narrow: &str, wide: &str| {
            let (narrow, wide) = (format!("fs_read:{narrow}"), format!("fs_read:{wide}"));
            check(&[(Allow, &narrow), (Deny, &wide)], &[(&narrow, &wide)]);
        };
        let not_covered = |narrow: &str, wide: &str| {
            check(&[(Allow, &format!("fs_read:{narrow}")), (Deny, &format!("fs_read:{wide}"))], &[]);
        };
        covered("src/a.rs", "src");
        covered("src/**", "src/**");
        covered("src/*.rs", "src");
        covered("src/a/**", "src/**");
        covered("SRC/a", "src/**");
        covered("a.env", "*.env");
        covered("x/y/.env", "**/.env");
        covered("{a,b}/x", "{a,b,c}/**");
        not_covered("src/**", "src/*.rs");
        not_covered("*.env", "a.env");
        not_covered("a/*", "a/?");
        not_covered("**/.env", ".env");
        not_covered("{a,d}/x", "{a,b,c}/**");
        not_covered("/etc/passwd", "etc/**");
        not_covered("**", "*.rs");
    }

    proptest! {
        /// Whatever a rule lets through that is said to be covered, the other one closes.
        #[test]
        fn covered_is_closed(
            narrow in "([ab]|[*]|[*][*]|[?]|[{]a,b[}])(/([abAB]|[*]|[*][*]|a[*])){0,3}",
            wide in "([ab]|[*]|[*][*]|[?]|[{]a,b[}])(/([ab]|[*]|[*][*]|a[*])){0,3}",
            path in "[abAB]{1,2}(/[abAB]{1,2}){0,4}",
        ) {
            let read = |glob: &str, effect| Rule::read(&format!("fs_read:{glob}"), effect, Source::User).unwrap();
            let (narrow, wide) = (read(&narrow, Effect::Allow), read(&wide, Effect::Deny));
            let root = std::path::Path::new("/w");
            let target = Target::Path(Place::new(root, &root.join(&path)));
            let request = Request { capability: Capability::FsRead, target, origin: Origin::Agent };
            let mut left = PAIRS_MAX;
            if narrow.is_covered_by(&wide, &mut left) && narrow.matches(&request) {
                prop_assert!(wide.matches(&request));
            }
        }
    }
}
