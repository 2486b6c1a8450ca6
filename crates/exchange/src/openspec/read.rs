//! `proposal.md` and `spec.md`: why, requirements, scenarios, and what a change does to them. Reads no task.

use super::write::{CRITERION, MADE, SENTENCE};
use crate::specs::account::Account;
use crate::specs::feature::{Feature, Group, Note, Statement};
use crate::specs::lists::{self, labelled, one_line};

/// Why and what: the introduction.
pub(super) fn proposal(account: &mut Account, feature: &mut Feature) {
    let first = (0..account.len()).find(|at| account.heading(*at).is_some_and(|(level, _)| level == 2));
    let first = first.unwrap_or(account.len());
    for at in 0..first {
        let Some((1, title)) = account.heading(at) else { continue };
        let title =
            title.strip_prefix("Change:").or_else(|| title.strip_prefix("Proposal:")).unwrap_or(title);
        feature.title = title.trim().to_string();
        account.carry(at);
    }
    feature.introduction = account.carry_text(0, first);
    let mut at = first;
    while at < account.len() {
        let end = account.section_end(at + 1, 2);
        let title = account.heading(at).map(|(_, title)| title.to_string()).unwrap_or_default();
        let is_made = (at..end).any(|at| account.line(at).trim() == MADE);
        if is_made {
            (at..end).for_each(|at| account.frame(at));
        } else {
            let is_why = title.eq_ignore_ascii_case("why");
            if is_why {
                account.frame(at)
            } else {
                account.carry(at)
            }
            let lines = account.carry_text(at + 1, end);
            if !feature.introduction.is_empty() {
                feature.introduction.push(String::new());
            }
            if !is_why {
                feature.introduction.extend([format!("**{title}**"), String::new()]);
            }
            feature.introduction.extend(lines);
        }
        at = end.max(at + 1);
    }
}

/// What a section of a delta does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Modified,
    Removed,
    Renamed,
}

/// One capability, or what a change does to it.
pub(super) fn spec(account: &mut Account, path: &str, has_several: bool, feature: &mut Feature) {
    let capability = path.rsplit('/').nth(1).unwrap_or_default().to_string();
    let mut change = Change::Added;
    let first = (0..account.len()).find(|at| account.heading(*at).is_some()).unwrap_or(account.len());
    let before = account.carry_text(0, first);
    feature.introduction.extend(before);
    let mut at = first;
    while at < account.len() {
        let Some((level, title)) = account.heading(at).map(|(level, title)| (level, title.to_string()))
        else {
            at += 1;
            continue;
        };
        let next = |account: &Account, level: usize| {
            let is_end = |at: &usize| account.heading(*at).is_some_and(|(found, _)| found <= level);
            (at + 1..account.len()).find(is_end).unwrap_or(account.len())
        };
        let lower = title.to_lowercase();
        let end = match (level, lower.as_str()) {
            (1, _) => {
                account.carry(at);
                if feature.title.is_empty() {
                    feature.title = title;
                } else {
                    let end = next(account, 6);
                    feature.introduction.push(format!("**{title}**"));
                    feature.introduction.extend(account.carry_text(at + 1, end));
                }
                at + 1
            }
            (2, "requirements" | "added requirements") => frame(account, at, &mut change, Change::Added),
            (2, "modified requirements") => frame(account, at, &mut change, Change::Modified),
            (2, "removed requirements") => frame(account, at, &mut change, Change::Removed),
            (2, "renamed requirements") => {
                frame(account, at, &mut change, Change::Renamed);
                let end = next(account, 2);
                let lines = account.keep(at + 1, end, RENAMED, NOTES);
                feature.notes.push(Note { heading: format!("Renamed in {capability}"), lines });
                end
            }
            (2, "purpose") => {
                account.frame(at);
                let end = next(account, 2);
                if !feature.introduction.is_empty() {
                    feature.introduction.push(String::new());
                }
                feature.introduction.extend(account.carry_text(at + 1, end));
                end
            }
            (3, name) if name.starts_with("requirement:") => {
                let name = title.get("requirement:".len()..).unwrap_or_default().trim().to_string();
                let end = next(account, 3);
                account.carry(at);
                requirement(account, (at + 1, end), name, (change, &capability, has_several), feature);
                end
            }
            (2, _) => {
                let end = next(account, 2).min(next_requirement(account, at + 1));
                account.lose(at, "a capability of OpenSpec has no such section", Some(NOTES));
                let lines = account.keep(at + 1, end, "a capability of OpenSpec has no such section", NOTES);
                feature.notes.push(Note { heading: title, lines });
                end
            }
            _ => {
                let end = next(account, 6);
                let lines = account.keep(at, end, "it stands in no requirement", NOTES);
                feature.notes.push(Note { heading: String::new(), lines });
                end
            }
        };
        at = end.max(at + 1);
    }
}

const NOTES: &str = "requirements.md, Imported Notes";
const RENAMED: &str = "Kiro has no names of requirements that a change could change";

fn frame(account: &mut Account, at: usize, now: &mut Change, change: Change) -> usize {
    account.frame(at);
    *now = change;
    at + 1
}

fn next_requirement(account: &Account, from: usize) -> usize {
    let is_one =
        |at: &usize| account.heading(*at).is_some_and(|(_, title)| title.starts_with("Requirement:"));
    let end = account.section_end(from, 2);
    (from..end).find(is_one).unwrap_or(end)
}

fn requirement(
    account: &mut Account,
    (from, to): (usize, usize),
    name: String,
    (change, capability, has_several): (Change, &str, bool),
    feature: &mut Feature,
) {
    if change == Change::Removed {
        let why = "a spec of Kiro says what there is, not what goes";
        let lines = account.keep(from, to, why, NOTES);
        feature.notes.push(Note { heading: format!("Removed from {capability}: {name}"), lines });
        return;
    }
    let mut group = Group { title: name, ..Group::default() };
    if change == Change::Modified {
        group
            .notes
            .push(format!("**Change:** takes the place of the requirement of this name in `{capability}`"));
    } else if has_several {
        group.notes.push(format!("**Capability:** `{capability}`"));
    }
    let scenarios: Vec<usize> = (from..to)
        .filter(|at| {
            account.heading(*at).is_some_and(|(_, title)| title.to_lowercase().starts_with("scenario:"))
        })
        .collect();
    let body_end = scenarios.first().copied().unwrap_or(to);
    body(account, (from, body_end), &mut group);
    for (index, at) in scenarios.iter().enumerate() {
        let end = scenarios.get(index + 1).copied().unwrap_or(to);
        let name = account.heading(*at).map(|(_, title)| title.to_string()).unwrap_or_default();
        let name = name.split_once(':').map_or("", |(_, name)| name).trim().to_string();
        account.carry(*at);
        let own = name.strip_prefix(CRITERION).map(|id| id.trim().to_string());
        let items = lists::read(account, at + 1, end);
        let mut parts = Vec::new();
        for item in items {
            item.lines.iter().for_each(|at| account.carry(*at));
            parts.push(plain(&item.text));
        }
        let words = parts.join(" ");
        let text = match (&own, words.is_empty()) {
            (Some(_), _) => words.strip_prefix('\\').map(str::to_string).unwrap_or(words),
            (None, true) => name,
            (None, false) => format!("{name}: {words}"),
        };
        group.criteria.push(Statement { keys: own.into_iter().collect(), text });
        group.notes.extend(account.carry_text(at + 1, end));
    }
    feature.groups.push(group);
}

/// What stands before the scenarios: the statement itself, and for a spec of ours the story and the notes.
fn body(account: &mut Account, (from, to): (usize, usize), group: &mut Group) {
    let mut is_ours = false;
    let mut at = from;
    while at < to {
        let line = account.line(at).trim().to_string();
        if line == SENTENCE {
            account.frame(at);
            is_ours = true;
        } else if let Some((_, story)) =
            labelled(&line).filter(|(label, _)| is_ours && *label == "User Story")
        {
            group.story = Some(story.to_string());
            account.carry(at);
        } else if is_ours && line == "**Notes**:" {
            account.frame(at);
        }
        at += 1;
    }
    if !is_ours {
        let is_statement = |at: &usize| account.is_prose(*at) && !account.line(*at).trim().is_empty();
        let start = (from..to).find(is_statement).unwrap_or(to);
        let ends = |at: &usize| {
            let line = account.line(*at);
            line.trim().is_empty()
                || account.heading(*at).is_some()
                || *at > start && lists::marker(line).is_some()
        };
        let end = (start..to).find(ends).unwrap_or(to);
        let words = one_line(&account.carry_text(start, end).join(" "));
        if !words.is_empty() {
            group.criteria.push(Statement { keys: Vec::new(), text: plain(&words) });
        }
    }
    group.notes.extend(account.carry_text(from, to));
}

/// Key words at the beginning are bold in OpenSpec and plain here.
fn plain(text: &str) -> String {
    let text = one_line(text);
    let Some((word, rest)) = text.strip_prefix("**").and_then(|text| text.split_once("**")) else {
        return text;
    };
    let is_key = ["GIVEN", "WHEN", "THEN", "AND", "BUT", "IF", "WHILE", "WHERE"]
        .contains(&word.to_uppercase().as_str());
    if is_key { format!("{word}{rest}") } else { text }
}
