//! Task documents of Spec Kit and OpenSpec: boxes below sections. Reads no requirement, writes nothing.

use std::collections::HashMap;

use spec::State;

use super::account::Account;
use super::feature::{Feature, Item, Note, Numbers};
use super::lists::{self, labelled, one_line};
use super::marks::{Marks, read_wave};

/// Tasks read from one document; what lies beyond is named as lost.
const TASKS_MAX: usize = 5_000;

/// Whose task document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `## Phase 2: Title`, `- [ ] T004 [P] [US1] Title`.
    SpecKit,
    /// `## 2. Title`, `- [ ] 2.1 Title`.
    OpenSpec,
}

/// Takes the document apart. The requirements have to be read before: their ids are looked for in the tasks.
pub(crate) fn read(account: &mut Account, feature: &mut Feature, dialect: Dialect) {
    let keys = Numbers::of(&feature.groups, |_| String::new(), |_, _| String::new());
    let first = (0..account.len()).find(|at| account.heading(*at).is_some_and(|(level, _)| level >= 2));
    let first = first.unwrap_or(account.len());
    if let Some(at) = (0..first).find(|at| account.heading(*at).is_some()) {
        let title = account.heading(at).map(|(_, title)| title.to_string()).unwrap_or_default();
        let title = title.strip_prefix("Tasks:").unwrap_or(&title).trim();
        if feature.title.is_empty() {
            feature.title = title.to_string();
        }
        account.carry(at);
    }
    let has_tasks_first = (0..first).any(|at| task_line(account, at, dialect).is_some());
    if !has_tasks_first {
        feature.overview = account.carry_text(0, first);
    }
    let mut at = if has_tasks_first { 0 } else { first };
    while at < account.len() {
        let heading = account.heading(at).map(|(_, title)| title.to_string());
        let end =
            if heading.is_some() { account.section_end(at + 1, 2).max(at + 1) } else { first.max(at + 1) };
        let has_tasks = (at..end).any(|at| task_line(account, at, dialect).is_some());
        match heading {
            Some(title) if has_tasks => {
                account.carry(at);
                read_phase(account, (at + 1, end), &title, (&keys, dialect), feature);
            }
            None if has_tasks => {
                let mut holder = Item::new("", "", State::Open);
                read_items(account, (at, end), (&keys, dialect), &mut holder);
                feature.tasks.extend(holder.children);
            }
            Some(title) => note(account, (at, end), &title, feature),
            None => {}
        }
        at = end;
    }
    finish(feature);
}

/// Numbers of theirs inside the words are ours afterwards; a table says which was which.
fn finish(feature: &mut Feature) {
    let mut ids: HashMap<String, String> = HashMap::new();
    let mut table = Vec::new();
    for (at, task) in feature.tasks.iter().enumerate() {
        let leaves: Vec<(String, &Item)> = match task.children.is_empty() {
            true => vec![((at + 1).to_string(), task)],
            false => {
                let numbered = task.children.iter().enumerate();
                numbered.map(|(below, child)| (format!("{}.{}", at + 1, below + 1), child)).collect()
            }
        };
        for (number, leaf) in leaves {
            if leaf.key.starts_with('T') {
                table.push(format!("{} is {number}", leaf.key));
                ids.entry(leaf.key.clone()).or_insert(number);
            }
        }
    }
    let rewrite = |title: &mut String| {
        for open in ["(depends on ", "(depends: ", "(dep: ", "(deps: "] {
            let Some(at) = title.find(open) else { continue };
            let Some((head, rest)) = title.split_at_checked(at + open.len()) else { continue };
            let Some((named, behind)) = rest.split_once(')') else { continue };
            let parts = named.split(',').map(|id| {
                let id = id.trim();
                ids.get(id).cloned().unwrap_or_else(|| id.to_string())
            });
            *title = format!("{head}{}){behind}", parts.collect::<Vec<_>>().join(", "));
            return;
        }
    };
    for task in &mut feature.tasks {
        rewrite(&mut task.title);
        task.children.iter_mut().for_each(|child| rewrite(&mut child.title));
    }
    let is_own = feature.waves.is_some();
    if !table.is_empty() && !is_own {
        let lines = vec![format!("- Numbers before the import: {}", table.join(", "))];
        feature.task_notes.insert(0, Note { heading: "Notes".to_string(), lines });
    }
}

struct TaskLine {
    key: String,
    title: String,
    state: State,
    parallel: bool,
    stories: Vec<String>,
    marks: Marks,
}

/// `- [X] T010a [P] [US1] Title`, at any indentation.
fn task_line(account: &Account, at: usize, dialect: Dialect) -> Option<TaskLine> {
    if !account.is_prose(at) {
        return None;
    }
    let rest = lists::marker(account.line(at))?;
    let state = match rest.get(..3)? {
        "[ ]" => State::Open,
        "[x]" | "[X]" => State::Done,
        "[-]" => State::InProgress,
        "[~]" => State::Queued,
        _ => return None,
    };
    let rest = rest.get(3..)?;
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let (rest, marks) = Marks::split(rest.trim());
    let mut line = TaskLine {
        key: String::new(),
        title: String::new(),
        state,
        parallel: false,
        stories: Vec::new(),
        marks,
    };
    let mut rest = rest.trim();
    let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    let bare = word.trim_matches(['*', ':', '.']);
    let is_key = match dialect {
        Dialect::SpecKit => {
            let second = bare.chars().nth(1);
            bare.starts_with('T') && second.is_some_and(|c| c.is_ascii_digit() || c == 'X')
        }
        Dialect::OpenSpec => bare.split('.').all(|part| {
            let digits = part.trim_end_matches(|c: char| c.is_ascii_lowercase());
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            is_number && part.len() <= digits.len() + 1
        }),
    };
    if is_key {
        line.key = bare.to_string();
        rest = behind.trim_start();
    }
    let has_marks = dialect == Dialect::SpecKit;
    while let Some((mark, behind)) =
        rest.strip_prefix('[').filter(|_| has_marks).and_then(|rest| rest.split_once(']'))
    {
        match mark {
            "P" => line.parallel = true,
            story if story.starts_with("US") && story.get(2..).is_some_and(|n| n.parse::<u32>().is_ok()) => {
                line.stories.push(story.to_string());
            }
            _ => break,
        }
        rest = behind.trim_start();
    }
    line.title = rest.to_string();
    (!line.title.is_empty() || !line.key.is_empty()).then_some(line)
}

fn read_phase(
    account: &mut Account,
    (from, to): (usize, usize),
    title: &str,
    (keys, dialect): (&Numbers, Dialect),
    feature: &mut Feature,
) {
    let (title, marks) = Marks::split(title);
    // `Phase 3: Title`; a task document of another hand may have `3. Title`.
    let words = match title.split_once(':').filter(|(head, _)| head.to_lowercase().starts_with("phase ")) {
        Some((_, words)) => words.trim(),
        None => title.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(['.', ')']).trim(),
    };
    let words = if words.is_empty() { title } else { words };
    let mut phase = Item::new(format!("phase {}", feature.tasks.len() + 1), words, State::Open);
    read_items(account, (from, to), (keys, dialect), &mut phase);
    phase.body = account.carry_text(from, to).into_iter().map(|line| bullet(&line)).collect();
    if !phase.body.iter().any(|line| line.contains("```") || line.contains("~~~")) {
        phase.body.retain(|line| !line.is_empty());
    }
    let mut cited = Vec::new();
    phase.body.retain(|line| match requirements(line) {
        Some(ids) => {
            cited.extend(ids);
            false
        }
        None => true,
    });
    set_refs(&mut phase, cited);
    if marks.is_top
        && phase.children.len() == 1
        && let Some(mut only) = phase.children.pop()
    {
        only.body.extend(phase.body);
        feature.tasks.push(only);
        return;
    }
    phase.state = marks.state.unwrap_or_else(|| phase.state_of_children());
    phase.optional = marks.optional;
    feature.tasks.push(phase);
}

/// A paragraph below a phase becomes a detail of its task.
fn bullet(line: &str) -> String {
    let trimmed = line.trim_start();
    let is_item = lists::marker(trimmed).is_some() || trimmed.starts_with(['`', '|', '>', '~']);
    let words = trimmed.trim_start_matches('#');
    let level = trimmed.len() - words.len();
    match line {
        line if line.is_empty() || is_item || trimmed.len() < line.len() => line.to_string(),
        _ if level > 0 && words.starts_with(' ') => format!("- **{}**", words.trim()),
        line => format!("- {line}"),
    }
}

fn read_items(
    account: &mut Account,
    (from, to): (usize, usize),
    (keys, dialect): (&Numbers, Dialect),
    holder: &mut Item,
) {
    let mut at = from;
    while at < to {
        let Some(line) = task_line(account, at, dialect).filter(|_| holder.children.len() < TASKS_MAX) else {
            at += 1;
            continue;
        };
        account.carry(at);
        let key = if line.key.is_empty() { format!("{}.{at}", holder.key) } else { line.key };
        let mut item = Item::new(key, line.title, line.marks.state.unwrap_or(line.state));
        item.parallel = line.parallel;
        item.optional = line.marks.optional;
        let base = account.indent(at);
        let mut end = at + 1;
        // Deeper lines belong to the task, until the next box or heading.
        while end < to && task_line(account, end, dialect).is_none() && account.heading(end).is_none() {
            if !account.line(end).trim().is_empty() && account.indent(end) <= base && account.is_prose(end) {
                break;
            }
            end += 1;
        }
        let indent = (at + 1..end)
            .filter(|at| !account.line(*at).trim().is_empty())
            .map(|at| account.indent(at))
            .min();
        let mut cited: Option<Vec<String>> = None;
        for line in account.carry_text(at + 1, end) {
            let line = line
                .get(indent.unwrap_or(0).min(line.len() - line.trim_start().len())..)
                .unwrap_or(&line)
                .to_string();
            match requirements(&line) {
                Some(ids) => cited.get_or_insert_default().extend(ids),
                None => item.body.push(line),
            }
        }
        let cited = cited.unwrap_or_else(|| {
            let mut ids: Vec<String> =
                line.stories.iter().filter(|story| keys.knows(story)).cloned().collect();
            ids.extend(mentioned(&item.title, keys));
            ids
        });
        set_refs(&mut item, cited);
        holder.children.push(item);
        at = end;
    }
}

fn set_refs(item: &mut Item, cited: Vec<String>) {
    item.all = cited.iter().any(|id| id == "All");
    item.refs = cited.into_iter().filter(|id| id != "All").collect();
}

/// The ids of `- Requirements: FR-001, US2`.
fn requirements(line: &str) -> Option<Vec<String>> {
    let line = lists::marker(line)?;
    let (label, value) = labelled(line)?;
    let is_list = label == "Requirements" && !value.is_empty();
    is_list.then(|| value.split(',').map(|id| id.trim().to_string()).filter(|id| !id.is_empty()).collect())
}

/// Ids of requirements that stand in the words, such as `(FR-003, SC-001)` and `US1/AC2`.
fn mentioned(title: &str, keys: &Numbers) -> Vec<String> {
    title
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '/')))
        .filter(|word| word.contains('-') || word.contains("/AC"))
        .filter(|word| keys.knows(word))
        .map(str::to_string)
        .collect()
}

/// A section without tasks: the notes of the document, waves of ours, or a note.
fn note(account: &mut Account, (at, end): (usize, usize), title: &str, feature: &mut Feature) {
    if title == OWN_WAVES {
        let waves: Vec<Vec<String>> = (at + 1..end).filter_map(|at| read_wave(account.line(at))).collect();
        account.frame(at);
        (at + 1..end)
            .filter(|at| read_wave(account.line(*at)).is_some())
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|at| account.frame(at));
        feature.waves = Some(waves);
        let rest = account.carry_text(at + 1, end);
        if !rest.is_empty() {
            feature.task_notes.push(Note { heading: one_line(title), lines: rest });
        }
        return;
    }
    if title.eq_ignore_ascii_case("notes") {
        account.frame(at);
        let lines = account.carry_text(at + 1, end);
        feature.task_notes.push(Note { heading: title.to_string(), lines });
        return;
    }
    let (why, place) = ("Kiro's tasks have no such section", "tasks.md, Notes");
    account.lose(at, why, Some(place));
    let lines = account.keep(at + 1, end, why, place);
    feature.task_notes.push(Note { heading: title.to_string(), lines });
}

/// The section in which an export of ours writes the order of the tasks.
pub(crate) const OWN_WAVES: &str = "Dependencies & Execution Order (waves)";
