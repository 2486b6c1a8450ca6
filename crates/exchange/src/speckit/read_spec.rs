//! `spec.md`: user stories, scenarios, functional requirements, success criteria, edge cases. Reads no task.

use crate::specs::account::Account;
use crate::specs::feature::{Feature, Group, Note, Statement};
use crate::specs::lists::{self, ListItem, labelled, one_line};

/// The line by which an export of ours says that it gave the numbers itself.
pub(super) const OWN_NUMBERS: &str = "<!-- kiro: the numbers below were given on export -->";

/// Takes the document apart.
pub(super) fn read(account: &mut Account, feature: &mut Feature) {
    let is_own = (0..account.len()).any(|at| account.line(at).trim() == OWN_NUMBERS);
    let headings: Vec<(usize, usize, String)> = (0..account.len())
        .filter_map(|at| account.heading(at).map(|(level, title)| (at, level, title.to_string())))
        .collect();
    let first = headings.iter().find(|(_, level, _)| *level >= 2).map_or(account.len(), |(at, _, _)| *at);
    if let Some((at, _, title)) = headings.iter().find(|(at, level, _)| *level == 1 && *at < first) {
        feature.title = title.split_once(':').map_or(title.as_str(), |(_, title)| title).trim().to_string();
        account.carry(*at);
    }
    feature.introduction = account.carry_text(0, first);
    let mut story: Option<String> = None;
    for (index, (at, level, title)) in headings.iter().enumerate() {
        // The deepest text of a section ends at the next heading of any level.
        let end = headings.get(index + 1).map_or(account.len(), |(at, _, _)| *at);
        if *at < first || !account.is_open(*at) {
            continue;
        }
        let bare = bare_title(title);
        match (level, Role::of(&bare)) {
            (_, Role::Story(number, title, priority)) => {
                account.carry(*at);
                let whole = account.section_end(at + 1, *level);
                let mut group = Group { keys: vec![format!("US{number}")], title, ..Group::default() };
                // An export of ours gives a priority to every story; one that was there stands in the notes.
                if let Some(priority) = priority.filter(|_| !is_own) {
                    group.notes.push(format!("**Priority:** {priority}"));
                }
                read_story(account, at + 1, whole, is_own, &mut group);
                feature.groups.push(group);
            }
            (_, Role::Frame) => {
                account.frame(*at);
                feature.introduction.extend(paragraph(account, at + 1, end));
            }
            (_, Role::PrimaryStory) => {
                account.frame(*at);
                story = Some(one_line(&account.carry_text(at + 1, end).join(" ")));
            }
            (_, Role::Criteria(name)) => {
                account.frame(*at);
                if is_own && name == "Functional Requirements" {
                    read_own_requirements(account, at + 1, end, feature);
                    continue;
                }
                let mut group = Group { title: name.to_string(), story: story.take(), ..Group::default() };
                group.criteria = statements(account, at + 1, end);
                group.notes = account.carry_text(at + 1, end);
                if !group.criteria.is_empty() || !group.notes.is_empty() {
                    feature.groups.push(group);
                }
            }
            (_, Role::Glossary) => {
                account.frame(*at);
                feature.glossary.extend(account.carry_text(at + 1, end));
            }
            (1, Role::Other) => {}
            (_, Role::Other) => other(account, feature, (*at, *level), end, title),
        }
    }
    // A comment of ours is no comment of theirs.
    for at in 0..account.len() {
        if account.line(at).trim() == OWN_NUMBERS {
            account.frame(at);
        }
    }
}

fn paragraph(account: &mut Account, from: usize, to: usize) -> Vec<String> {
    let mut lines = account.carry_text(from, to);
    if !lines.is_empty() {
        lines.insert(0, String::new());
    }
    lines
}

/// A section of no known role: criteria where its items carry ids such as `NFR-001`, else a note.
fn other(account: &mut Account, feature: &mut Feature, (at, level): (usize, usize), end: usize, title: &str) {
    let items = lists::read(account, at + 1, end);
    let with_id = items.iter().filter(|item| id_of(&item.text).is_some()).count();
    if with_id > 0 && with_id * 2 >= items.len() {
        account.carry(at);
        let mut group = Group { title: bare_title(title), ..Group::default() };
        group.criteria = statements(account, at + 1, end);
        group.notes = account.carry_text(at + 1, end);
        feature.groups.push(group);
        return;
    }
    let why = "Kiro's requirements have no such section";
    let whole = if level == 2 { first_known(account, at + 1, account.section_end(at + 1, 2)) } else { end };
    account.lose(at, why, Some("requirements.md, Imported Notes"));
    let lines = account.keep(at + 1, whole, why, "requirements.md, Imported Notes");
    feature.notes.push(Note { heading: title.to_string(), lines });
}

/// The next heading in `from..to` that has a role of its own.
fn first_known(account: &Account, from: usize, to: usize) -> usize {
    let is_known = |at: &usize| {
        account.heading(*at).is_some_and(|(_, title)| !matches!(Role::of(&bare_title(title)), Role::Other))
    };
    (from..to).find(is_known).unwrap_or(to)
}

/// The heading without `*(mandatory)*` and its like.
fn bare_title(title: &str) -> String {
    let cut = title
        .find(['*', '_'])
        .filter(|at| title.get(*at..).is_some_and(|rest| rest.contains('(')))
        .unwrap_or(title.len());
    title.get(..cut).unwrap_or(title).trim().to_string()
}

enum Role {
    /// Number, title and priority.
    Story(String, String, Option<String>),
    /// The heading only holds others.
    Frame,
    PrimaryStory,
    Criteria(&'static str),
    Glossary,
    Other,
}

impl Role {
    fn of(title: &str) -> Role {
        let lower = title.to_lowercase();
        if let Some(rest) = lower.strip_prefix("user story ") {
            let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
            if !number.is_empty() {
                let at = "user story ".len() + number.len();
                let rest = title.get(at..).unwrap_or_default();
                let rest = rest.trim_start_matches([' ', '-', '–', '—', ':']);
                let (words, priority) = match rest.rsplit_once("(Priority:") {
                    Some((words, priority)) => {
                        let (priority, behind) = priority.split_once(')').unwrap_or((priority, ""));
                        (format!("{}{behind}", words.trim_end()), Some(priority.trim().to_string()))
                    }
                    None => (rest.to_string(), None),
                };
                return Role::Story(number, words.trim().to_string(), priority);
            }
        }
        match lower.as_str() {
            "user scenarios & testing"
            | "user scenarios and testing"
            | "user scenarios"
            | "requirements"
            | "success criteria"
            | "user stories" => Role::Frame,
            "primary user story" => Role::PrimaryStory,
            "acceptance scenarios" => Role::Criteria("Acceptance Scenarios"),
            "functional requirements" => Role::Criteria("Functional Requirements"),
            "measurable outcomes" => Role::Criteria("Success Criteria"),
            "edge cases" => Role::Criteria("Edge Cases"),
            "key entities" | "glossary" => Role::Glossary,
            _ => Role::Other,
        }
    }
}

/// Everything below the heading of a user story.
fn read_story(account: &mut Account, from: usize, to: usize, is_own: bool, group: &mut Group) {
    let labels: Vec<(usize, String)> = (from..to)
        .filter(|at| account.is_prose(*at) && account.is_open(*at) && account.indent(*at) < 2)
        .filter_map(|at| {
            let line = account.line(at).trim();
            let (label, _) = labelled(line).filter(|_| line.starts_with(['*', '_']))?;
            Some((at, label.to_lowercase()))
        })
        .collect();
    let first = labels.first().map_or(to, |(at, _)| *at);
    let first = (from..first).find(|at| account.heading(*at).is_some()).unwrap_or(first);
    let told: Vec<String> = account.carry_text(from, first);
    group.story = Some(one_line(&told.join(" "))).filter(|story| !story.is_empty());
    let counts = (1, group.keys.first().cloned().unwrap_or_default());
    let mut scenario = counts.0;
    for (index, (at, label)) in labels.iter().enumerate() {
        let end = labels.get(index + 1).map_or(to, |(at, _)| *at);
        match label.as_str() {
            "acceptance scenarios" | "acceptance criteria" | "scenarios" => {
                let line = account.line(*at).trim().to_string();
                // Our own pointer to the requirements below is no scenario.
                if is_own && line.contains("see FR-") {
                    account.frame(*at);
                    continue;
                }
                account.frame(*at);
                for item in lists::read(account, at + 1, end) {
                    take(account, &item);
                    let mut statement = statement(&item.text);
                    statement.keys.push(format!("{}/AC{scenario}", counts.1));
                    scenario += 1;
                    group.criteria.push(statement);
                }
            }
            "notes" if is_own => account.frame(*at),
            "functional requirements" | "edge cases" => {
                account.frame(*at);
                group.criteria.extend(statements(account, at + 1, end));
            }
            _ => {}
        }
    }
    group.notes.extend(account.carry_text(from, to));
}

fn take(account: &mut Account, item: &ListItem) {
    item.lines.iter().for_each(|at| account.carry(*at));
}

fn statements(account: &mut Account, from: usize, to: usize) -> Vec<Statement> {
    let items = lists::read(account, from, to);
    items
        .into_iter()
        .map(|item| {
            take(account, &item);
            statement(&item.text)
        })
        .collect()
}

/// `**FR-001**: text` keeps its id in front of the words, because the tasks and the people name it.
fn statement(text: &str) -> Statement {
    let text = one_line(text);
    match id_of(&text) {
        Some((id, rest)) => Statement { keys: vec![id.to_string()], text: format!("{id}: {}", plain(rest)) },
        None => Statement { keys: Vec::new(), text: plain(&text) },
    }
}

/// The id of `**FR-001**: text` and the text.
fn id_of(text: &str) -> Option<(&str, &str)> {
    let (label, value) = text
        .strip_prefix("**")
        .and_then(|text| text.split_once("**"))
        .map(|(label, value)| (label.trim_end_matches(':'), value.trim_start_matches([':', ' '])))
        .or_else(|| labelled(text))?;
    let (letters, digits) = label.split_once('-')?;
    let is_id = (2..=5).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_uppercase())
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.len() <= 6
        && digits.bytes().all(|b| b.is_ascii_alphanumeric());
    is_id.then_some((label, value))
}

/// Scenario words are bold in Spec Kit and plain here.
fn plain(text: &str) -> String {
    let mut out = text.to_string();
    for word in ["Given", "When", "Then", "And", "But"] {
        out = out.replace(&format!("**{word}**"), word);
    }
    out
}

/// Requirements as an export of ours writes them: numbers of its own, below the name of their story.
fn read_own_requirements(account: &mut Account, from: usize, to: usize, feature: &mut Feature) {
    let mut below: Option<usize> = None;
    for at in from..to {
        if !account.is_prose(at) || !account.is_open(at) {
            continue;
        }
        let line = account.line(at).trim().to_string();
        if let Some(rest) = line.strip_prefix("**User Story ") {
            let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let key = format!("US{number}");
            below = feature.groups.iter().position(|group| group.keys.contains(&key));
            account.frame(at);
            continue;
        }
        let Some((id, text)) = lists::marker(&line).and_then(id_of) else { continue };
        let Some(group) = below.and_then(|below| feature.groups.get_mut(below)) else { continue };
        let text = text.strip_prefix('\\').unwrap_or(text);
        group.criteria.push(Statement { keys: vec![id.to_string()], text: text.to_string() });
        account.carry(at);
    }
    feature.introduction.extend(paragraph(account, from, to));
}
