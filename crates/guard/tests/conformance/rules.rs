//! The rules of the table: the file that each is about, and what it demands. Tries nothing.

use crate::bench::Outcome;

/// What a rule demands of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// The rule does not speak of this access.
    Nothing,
    /// It happens, at most after a question.
    Open,
    /// A person is asked before, or it does not happen.
    Asks,
    /// It does not happen, whatever a person answers.
    Closed,
    /// It may happen, and the value is not seen.
    Hidden,
}

impl Demand {
    /// Whether one attempt may come to this.
    pub(crate) fn allows(self, outcome: Outcome) -> bool {
        match self {
            Demand::Nothing => false,
            Demand::Open => true,
            Demand::Asks => outcome < Outcome::Allowed,
            Demand::Closed | Demand::Hidden => outcome < Outcome::Asked,
        }
    }

    /// Whether all attempts together, of which this is the most open outcome, may come to this: what is open has to be
    /// reached by one of them.
    pub(crate) fn is_met(self, outcome: Outcome) -> bool {
        match self {
            Demand::Open => matches!(outcome, Outcome::Allowed | Outcome::Asked),
            _ => self.allows(outcome),
        }
    }
}

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// As it stands in the table.
    pub(crate) name: &'static str,
    /// The file that it is about, below the place in which the workspace is `work`.
    pub(crate) target: &'static str,
    pub(crate) reading: Demand,
    pub(crate) writing: Demand,
    /// Whether the agent is one of a spec whose scope is `src`.
    pub(crate) is_scoped: bool,
}

const fn rule(name: &'static str, target: &'static str, reading: Demand, writing: Demand) -> Rule {
    Rule { name, target, reading, writing, is_scoped: false }
}

/// All rules. The first is none: it shows that the attempts work.
pub(crate) const RULES: [Rule; 12] = [
    rule("no rule", "work/src/plain.txt", Demand::Open, Demand::Open),
    rule("`ignore`", "work/locked/kept.txt", Demand::Open, Demand::Closed),
    rule("`.kiroignore`", "work/private/diary.txt", Demand::Closed, Demand::Closed),
    rule("nested `.kiroignore`", "work/pkg/deep/hidden/diary.txt", Demand::Closed, Demand::Closed),
    rule("`fs_read` denied", "work/vault/read.txt", Demand::Closed, Demand::Nothing),
    rule("`fs_write` denied", "work/frozen/kept.txt", Demand::Open, Demand::Closed),
    Rule {
        name: "out of scope",
        target: "work/lib/other.txt",
        reading: Demand::Open,
        writing: Demand::Asks,
        is_scoped: true,
    },
    rule("secret", "work/conf/key.txt", Demand::Hidden, Demand::Nothing),
    rule("`.git`", "work/.git/config", Demand::Open, Demand::Closed),
    rule("`.kiro/settings`", "work/.kiro/settings/mcp.txt", Demand::Open, Demand::Closed),
    rule("own settings and state", "home/.config/waypost/config.toml", Demand::Asks, Demand::Closed),
    rule("outside", "outside/note.txt", Demand::Asks, Demand::Closed),
];
