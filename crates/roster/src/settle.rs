//! Which of several files of one name counts: the later place wins, and who lost is said. Reads nothing.

use crate::agent::{Agent, Format};
use crate::paths::package_of;
use crate::roster::{LeftOut, What};
use crate::{Origin, power::Power, prompt::Prompt, skill::Skill};

/// Something that has a name and a place.
pub(crate) trait Named {
    fn called(&self) -> &str;
    fn file(&self) -> &str;
    fn origin(&self) -> Origin;
    /// Of one place, the greater one wins.
    fn quality(&self) -> u8 {
        0
    }
    /// The greater one wins: the nearer place, of packages the deeper one.
    fn rank(&self) -> (Origin, usize, u8) {
        let package = package_of(self.file()).split('/').filter(|name| !name.is_empty()).count();
        (self.origin(), package, self.quality())
    }
    const WHAT: What;
}

impl Named for Agent {
    fn called(&self) -> &str {
        &self.id
    }
    fn file(&self) -> &str {
        &self.file
    }
    fn origin(&self) -> Origin {
        self.origin
    }
    fn quality(&self) -> u8 {
        // What Kiro's engine skips gives way to what it loads.
        u8::from(self.format != Format::CommandLine)
    }
    const WHAT: What = What::Agent;
}

impl Named for Skill {
    fn called(&self) -> &str {
        &self.name
    }
    fn file(&self) -> &str {
        &self.folder
    }
    fn origin(&self) -> Origin {
        self.origin
    }
    const WHAT: What = What::Skill;
}

impl Named for Power {
    fn called(&self) -> &str {
        &self.name
    }
    fn file(&self) -> &str {
        &self.folder
    }
    fn origin(&self) -> Origin {
        self.origin
    }
    const WHAT: What = What::Power;
}

impl Named for Prompt {
    fn called(&self) -> &str {
        &self.name
    }
    fn file(&self) -> &str {
        &self.file
    }
    fn origin(&self) -> Origin {
        self.origin
    }
    const WHAT: What = What::Prompt;
}

/// The ones that count, by name; of those with the same rank the first by file.
pub(crate) fn settle<T: Named>(mut all: Vec<T>, left_out: &mut Vec<LeftOut>) -> Vec<T> {
    all.sort_by(|a, b| {
        a.called().cmp(b.called()).then_with(|| b.rank().cmp(&a.rank())).then_with(|| a.file().cmp(b.file()))
    });
    let mut kept: Vec<T> = Vec::new();
    for one in all {
        match kept.last() {
            Some(last) if last.called() == one.called() => left_out.push(LeftOut {
                file: one.file().to_string(),
                what: T::WHAT,
                name: one.called().to_string(),
                why: format!("`{}` has the same name and wins", last.file()),
                is_wrong: false,
                diagnostics: Vec::new(),
            }),
            _ => kept.push(one),
        }
    }
    kept
}
