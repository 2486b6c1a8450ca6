//! One `.feature` file: features, rules, backgrounds, scenarios, outlines with examples, tags, in the language that it
//! names.

use super::words::{ALL, Words};
use super::write::CRITERION;
use crate::specs::account::Account;
use crate::specs::feature::{Feature, Group, Statement};
use crate::specs::lists::one_line;
use crate::specs::{Loss, general_loss};

/// Scenarios read from all files of a spec; what lies beyond is named as lost.
const SCENARIOS_MAX: usize = 5_000;

/// What a line is.
enum Line<'a> {
    Blank,
    Comment,
    Tags,
    Feature(&'a str),
    Rule(&'a str),
    Background,
    Scenario(&'a str),
    Examples(&'a str),
    Step,
    Row(String),
    Quotes(&'a str),
    Words,
}

/// The file's scenarios as criteria, below its rules or below itself.
pub(super) fn read(account: &mut Account, feature: &mut Feature) -> Vec<Loss> {
    let mut losses = Vec::new();
    let words = language(account, &mut losses);
    let scenarios = feature.groups.iter().map(|group| group.criteria.len()).sum();
    let mut reader = Reader { scenarios, groups: vec![Group::default()], ..Reader::default() };
    let mut at = 0;
    while at < account.len() {
        let line = account.line(at).trim().to_string();
        match line_of(&line, words) {
            Line::Blank => {}
            Line::Comment if is_language(&line) => account.frame(at),
            Line::Comment => account.lose(at, "a comment is no part of the spec", None),
            Line::Tags => {
                reader.tags.push(line);
                account.carry(at);
            }
            Line::Feature(name) => {
                reader.close_scenario();
                reader.name = name.to_string();
                let tags = reader.take_tags();
                if let Some(group) = reader.groups.last_mut() {
                    group.notes.extend(tags);
                }
                account.carry(at);
            }
            Line::Rule(name) => {
                reader.close_scenario();
                let mut group = Group { title: name.to_string(), ..Group::default() };
                group.notes.extend(reader.take_tags());
                reader.groups.push(group);
                reader.is_background = false;
                account.carry(at);
            }
            Line::Background => {
                reader.close_scenario();
                reader.is_background = true;
                reader.background.clear();
                account.frame(at);
            }
            Line::Scenario(name) => {
                reader.close_scenario();
                reader.scenarios += 1;
                if reader.scenarios > SCENARIOS_MAX {
                    let what = format!("scenarios behind line {}", at + 1);
                    losses.push(general_loss(&account.file, &what, "a spec holds 5,000 criteria", None));
                    break;
                }
                reader.tags_of_scenario = std::mem::take(&mut reader.tags);
                reader.scenario = Some(Scenario { name: name.to_string(), ..Scenario::default() });
                account.carry(at);
            }
            Line::Examples(name) => {
                if let Some(scenario) = reader.scenario.as_mut() {
                    let tags = std::mem::take(&mut reader.tags).join(" ");
                    scenario.parts.push(
                        format!(
                            "examples{} {tags}",
                            if name.is_empty() { String::new() } else { format!(" {name}") }
                        )
                        .trim()
                        .to_string(),
                    );
                    account.carry(at);
                }
            }
            Line::Step => {
                reader.step(&line);
                account.carry(at);
            }
            Line::Row(cells) => {
                reader.append(&format!("({cells})"));
                account.carry(at);
            }
            Line::Quotes(mark) => {
                account.frame(at);
                let mark = mark.to_string();
                at += 1;
                while at < account.len() && !account.line(at).trim().starts_with(&mark) {
                    let words = account.line(at).trim().to_string();
                    reader.append(&words);
                    account.carry(at);
                    at += 1;
                }
                account.frame(at);
            }
            Line::Words => {
                reader.words(&line);
                account.carry(at);
            }
        }
        at += 1;
    }
    reader.finish(feature);
    losses
}

fn is_language(line: &str) -> bool {
    line.trim_start_matches('#').trim_start().starts_with("language")
}

/// The language that the first lines name; English when they name none.
fn language(account: &Account, losses: &mut Vec<Loss>) -> &'static Words {
    const NONE: Words = Words {
        code: "",
        feature: &[],
        rule: &[],
        background: &[],
        scenario: &[],
        outline: &[],
        examples: &[],
        steps: &[],
    };
    static EMPTY: Words = NONE;
    let english = ALL.first().unwrap_or(&EMPTY);
    for at in 0..account.len() {
        let line = account.line(at).trim();
        let Some(comment) = line.strip_prefix('#') else {
            if line.is_empty() {
                continue;
            }
            break;
        };
        let Some(code) =
            comment.trim().strip_prefix("language").and_then(|rest| rest.trim().strip_prefix(':'))
        else {
            continue;
        };
        let code = code.trim();
        let found = ALL.iter().find(|words| words.code.eq_ignore_ascii_case(code));
        if found.is_none() {
            let why = "the key words of this language are not known; they are looked for in English";
            losses.push(general_loss(&account.file, line, why, None));
        }
        return found.unwrap_or(english);
    }
    english
}

fn line_of<'a>(line: &'a str, words: &Words) -> Line<'a> {
    if line.is_empty() {
        return Line::Blank;
    }
    if line.starts_with('#') {
        return Line::Comment;
    }
    if line.starts_with('@') {
        return Line::Tags;
    }
    if let Some(mark) = ["\"\"\"", "```"].into_iter().find(|mark| line.starts_with(mark)) {
        return Line::Quotes(mark);
    }
    if let Some(row) = line.strip_prefix('|') {
        let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
        return Line::Row(cells.join(", "));
    }
    let named = |names: &[&str]| {
        names.iter().find_map(|name| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
    };
    // The longer words come first: `Scenario Outline` begins like `Scenario`, and the colon decides.
    if let Some(name) = named(words.feature) {
        return Line::Feature(name);
    }
    if let Some(name) = named(words.rule) {
        return Line::Rule(name);
    }
    if named(words.background).is_some() {
        return Line::Background;
    }
    if let Some(name) = named(words.outline).or_else(|| named(words.scenario)) {
        return Line::Scenario(name);
    }
    if let Some(name) = named(words.examples) {
        return Line::Examples(name);
    }
    if words.steps.iter().any(|step| line.starts_with(step)) { Line::Step } else { Line::Words }
}

#[derive(Default)]
struct Scenario {
    name: String,
    /// The statement that an export of ours writes before the steps.
    statement: Option<String>,
    description: Vec<String>,
    parts: Vec<String>,
}

#[derive(Default)]
struct Reader {
    /// Read so far, those of other files included.
    scenarios: usize,
    name: String,
    tags: Vec<String>,
    tags_of_scenario: Vec<String>,
    groups: Vec<Group>,
    scenario: Option<Scenario>,
    is_background: bool,
    background: Vec<String>,
    introduction: Vec<String>,
}

impl Reader {
    fn take_tags(&mut self) -> Option<String> {
        let tags = std::mem::take(&mut self.tags);
        (!tags.is_empty()).then(|| format!("**Tags:** {}", tags.join(" ")))
    }

    fn step(&mut self, line: &str) {
        let step = line.strip_prefix("* ").unwrap_or(line);
        match self.scenario.as_mut() {
            Some(scenario) => scenario.parts.push(step.to_string()),
            None if self.is_background => self.background.push(step.to_string()),
            None => self.words(line),
        }
    }

    /// A table's row or a line of a text belongs to the step above it.
    fn append(&mut self, words: &str) {
        let parts = match self.scenario.as_mut() {
            Some(scenario) => &mut scenario.parts,
            None => &mut self.background,
        };
        match parts.last_mut() {
            Some(last) => {
                last.push(' ');
                last.push_str(words);
            }
            None => parts.push(words.to_string()),
        }
    }

    fn words(&mut self, line: &str) {
        let line = line.strip_prefix("> ").or_else(|| line.strip_prefix('>')).unwrap_or(line);
        if let Some(scenario) = self.scenario.as_mut() {
            let is_own = scenario.name.starts_with(CRITERION);
            match &mut scenario.statement {
                statement @ None if is_own => *statement = Some(line.to_string()),
                _ => scenario.description.push(line.to_string()),
            }
            return;
        }
        let is_first = self.groups.len() == 1;
        if is_first {
            self.introduction.push(line.to_string());
        } else if let Some(group) = self.groups.last_mut() {
            match (line.strip_prefix("**User Story:** "), &group.story) {
                (Some(story), None) => group.story = Some(story.to_string()),
                _ => group.notes.push(line.to_string()),
            }
        }
    }

    fn close_scenario(&mut self) {
        if !self.background.is_empty() && self.is_background {
            let words = format!("**Background:** {}", self.background.join(", "));
            if let Some(group) = self.groups.last_mut() {
                group.notes.push(words);
            }
            self.background.clear();
        }
        self.is_background = false;
        let tags = std::mem::take(&mut self.tags_of_scenario).join(" ");
        let (Some(scenario), Some(group)) = (self.scenario.take(), self.groups.last_mut()) else { return };
        if let Some(statement) = scenario.statement {
            let key = scenario.name.strip_prefix(CRITERION).unwrap_or_default().to_string();
            group.criteria.push(Statement { keys: vec![key], text: statement });
            group.notes.extend(scenario.description);
            return;
        }
        let steps = scenario.parts.join(", ");
        let mut text = match (scenario.name.is_empty(), steps.is_empty()) {
            (false, false) => format!("{}: {steps}", scenario.name),
            (false, true) => scenario.name.clone(),
            (true, _) => steps,
        };
        if !tags.is_empty() {
            text.push_str(&format!(" [{tags}]"));
        }
        if !scenario.description.is_empty() {
            group.notes.push(format!("**{}:** {}", scenario.name, scenario.description.join(" ")));
        }
        group.criteria.push(Statement { keys: Vec::new(), text: one_line(&text) });
    }

    fn finish(mut self, feature: &mut Feature) {
        self.close_scenario();
        if !self.tags.is_empty() {
            let tags = self.take_tags();
            self.introduction.extend(tags);
        }
        let has_rules = self.groups.len() > 1;
        let mut groups = self.groups.into_iter();
        let mut first = groups.next().unwrap_or_default();
        let is_only = feature.title.is_empty();
        if is_only {
            feature.title.clone_from(&self.name);
        }
        // With rules, the feature is the document; alone, it is the requirement.
        if has_rules && is_only {
            feature.introduction.extend(self.introduction);
            feature.introduction.append(&mut first.notes);
        } else {
            let told = one_line(&self.introduction.join(" "));
            first.story = Some(told).filter(|told| !told.is_empty());
        }
        first.title = self.name;
        if !first.criteria.is_empty() || first.story.is_some() || !first.notes.is_empty() || !has_rules {
            feature.groups.push(first);
        }
        feature.groups.extend(groups);
    }
}
