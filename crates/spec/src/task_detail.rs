//! What the lines of a task's block say: references, dependencies, boundary, properties, check, state in words. One line
//! at a time; which lines belong to the task is decided elsewhere.

use crate::digits::is_digit;
use crate::inline::{CHECK_LABELS, command, eq_ignore_case, has_colon, is_bullet, label_of, strip_bullet};
use crate::references::{self, REFERENCES_MAX};
use crate::task_id;
use crate::tasks::{State, Task};
use crate::words::{self, Label};

/// Entries of a boundary that are kept.
pub const BOUNDARY_MAX: usize = 64;

/// Properties that are kept per task.
pub const PROPERTIES_MAX: usize = 64;

/// Bytes of one list of ids that are read; [`REFERENCES_MAX`] ids fit in.
const LIST_BYTES_MAX: usize = 8_192;

/// `text` without what stands behind the first `bytes_max` bytes, cut between characters.
fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Ids that one range such as `1.1-1.4` can stand for.
const RANGE_MAX: u32 = 64;

/// Reads the task's own line: references in it, dependencies in brackets, a state in words.
pub(crate) fn read_title(task: &mut Task) -> Option<State> {
    if has_colon(task.line_text.as_bytes()) {
        let line = std::mem::take(&mut task.line_text);
        read_references(task, &line);
        task.line_text = line;
    }
    let title = std::mem::take(&mut task.title);
    if let Some(found) = references::in_title(&title) {
        task.requires_all |= found.all;
        for id in found.ids {
            push_requirement(task, id);
        }
    }
    read_title_dependencies(task, &title);
    // `## ✅ Task 3: T`
    let head = task.line_text.trim_start_matches(['#', ' ', '\t', '*']);
    let claim = title_claim(&title).or_else(|| pictured(head).filter(|_| task.is_heading));
    task.title = title;
    claim
}

/// Reads one line below the task's own; gives the state that it says in words, if it does.
pub(crate) fn read_line(task: &mut Task, line: &str) -> Option<State> {
    let mut claim = None;
    if has_colon(line.as_bytes()) {
        read_references(task, line);
        if let Some((label, value)) = label_of(line) {
            claim = read_label(task, label, value);
        }
    } else if line.trim_start().starts_with(['-', '*', '_', '+']) && line.len() <= words::WORDS_BYTES_MAX {
        // `**Property 3**` has no colon.
        let bare = strip_bullet(line);
        if bare.starts_with(['*', '_']) {
            push_property(task, &words::fold(bare));
        }
    }
    let detail = strip_bullet(line);
    match task.details.last_mut() {
        _ if detail.is_empty() || detail.starts_with('#') => {}
        Some(last) if !is_bullet(line) && !detail.starts_with(['_', '*']) => {
            last.push(' ');
            last.push_str(detail);
        }
        _ => task.details.push(detail.to_string()),
    }
    claim
}

fn read_label(task: &mut Task, label: &str, value: &str) -> Option<State> {
    if task.check.is_none() && CHECK_LABELS.iter().any(|known| eq_ignore_case(label, known)) {
        task.check = command(value);
        return None;
    }
    let folded = words::fold(label);
    push_property(task, &folded);
    if NOTES.contains(&folded.as_str()) {
        return words::says_state(&words::fold(value), true).filter(|state| *state != State::Done);
    }
    match words::label(&folded)? {
        Label::Depends => push_dependencies(task, value),
        Label::Boundary => push_boundary(task, value),
        Label::Validates => push_validates(task, value),
        // In prose the word introduces a sentence; only a code span is a command.
        Label::Check if task.check.is_none() && value.starts_with('`') => task.check = command(value),
        Label::Check => {}
        Label::Status => return words::says_state(&words::fold(value), false).or_else(|| pictured(value)),
    }
    None
}

/// `**Note**: Not started` below a ticked box.
const NOTES: &[&str] =
    &["note", "注", "注意", "備考", "备注", "참고", "примечание", "nota", "hinweis", "remarque"];

fn read_references(task: &mut Task, line: &str) {
    let line = cut(line, LIST_BYTES_MAX);
    if let Some(found) = references::read_line(line) {
        task.requires_all |= found.all;
        for id in found.ids {
            push_requirement(task, id);
        }
    }
}

fn push_requirement(task: &mut Task, id: String) {
    if task.requirements.len() < REFERENCES_MAX && !task.requirements.contains(&id) {
        task.requirements.push(id);
    }
}

/// `**Validates: Requirements 1.2, 1.4**`, `**Проверяет: Требования 4.1**`, `**验证需求: 10.1**`.
fn push_validates(task: &mut Task, value: &str) {
    let found = references::read_items(without_word(cut(value, LIST_BYTES_MAX)));
    for id in found.ids {
        if !id.bytes().any(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if task.validates.len() < REFERENCES_MAX && !task.validates.contains(&id) {
            task.validates.push(id.clone());
        }
        push_requirement(task, id);
    }
}

/// The ids without the word for requirements before them, whatever the language.
fn without_word(value: &str) -> &str {
    let Some(at) = value.find(is_digit) else { return value };
    let head = value.get(..at).unwrap_or_default();
    // `NFR-2.1` and `R1.2` keep their letters.
    let letters = head.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let word = if letters.len() == head.len() { head } else { letters };
    let is_words =
        word.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || matches!(c, '\u{300}'..='\u{36f}'));
    match is_words && (word.ends_with(char::is_whitespace) || !word.is_ascii()) {
        true => value.get(word.len()..).unwrap_or(value),
        false => value,
    }
}

fn push_property(task: &mut Task, folded: &str) {
    if let Some(number) = words::property(folded)
        && task.properties.len() < PROPERTIES_MAX
        && !task.properties.contains(&number)
    {
        task.properties.push(number);
    }
}

fn push_boundary(task: &mut Task, value: &str) {
    for part in value.split([',', '、', '，', ';', '；']) {
        let part = part.trim().trim_matches(['`', '[', ']', '*', '_']).trim();
        if !part.is_empty()
            && task.boundary.len() < BOUNDARY_MAX
            && !task.boundary.iter().any(|known| known == part)
        {
            task.boundary.push(part.to_string());
        }
    }
}

/// `(dep: 5, 6)`, `(depends on 1.2)`, `（依存: 2.1）` in the title, or `— depends on 8` at its end.
fn read_title_dependencies(task: &mut Task, title: &str) {
    for (open, _) in title.match_indices(['(', '（', '[']).take(BRACKETS_MAX) {
        let rest = title.get(open..).unwrap_or_default();
        let rest = rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
        let inside = rest.split([')', '）', ']']).next().unwrap_or_default();
        if let Some(value) = depends(inside) {
            push_dependencies(task, value);
        }
    }
    if let Some(value) = behind_dash(title).and_then(depends) {
        push_dependencies(task, value);
    }
}

/// What stands behind the last dash between blanks.
fn behind_dash(title: &str) -> Option<&str> {
    let at = title.rfind(['-', '–', '—'])?;
    let (before, dash) = title.split_at_checked(at)?;
    let after = dash.trim_start_matches(['-', '–', '—']);
    (before.ends_with(' ') && after.starts_with(' ')).then_some(after)
}

/// Brackets in one title that may name dependencies.
const BRACKETS_MAX: usize = 8;

/// The ids behind `depends on`, with or without a colon.
fn depends(text: &str) -> Option<&str> {
    if let Some((label, value)) = label_of(text)
        && words::label(&words::fold(label)) == Some(Label::Depends)
    {
        return Some(value);
    }
    let at = text.find(is_digit).filter(|at| *at <= words::WORDS_BYTES_MAX)?;
    let head = text.get(..at)?.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
    let whole = text.get(..at)?;
    let is_depends = |words: &str| words::label(&words::fold(words)) == Some(Label::Depends);
    let task = |words: &str| {
        let folded = words::fold(words);
        let tail = folded.rsplit(' ').next().unwrap_or_default().to_string();
        words::task_word(&tail).is_some()
            && is_depends(folded.strip_suffix(tail.as_str()).unwrap_or_default())
    };
    (is_depends(whole) || is_depends(head) || task(whole)).then(|| text.get(head.len()..)).flatten()
}

/// Ids of tasks in a list: `1, 7b`, `Task 1.1`, `T-2 and T-3`, `[1.1]`, `1.1-1.3`.
fn push_dependencies(task: &mut Task, value: &str) {
    let mut before = "";
    let end =
        value.char_indices().map(|(at, _)| at).take_while(|at| *at <= LIST_BYTES_MAX).last().unwrap_or(0);
    let value = if value.len() > LIST_BYTES_MAX { value.get(..end).unwrap_or_default() } else { value };
    let is_between =
        |c: char| c.is_whitespace() || matches!(c, ',' | '、' | '，' | ';' | '；' | '&' | '+' | '|' | '/');
    for word in value.split(is_between).filter(|word| !word.is_empty()) {
        // `Phase 2 complete` names no task.
        let is_phase = words::is_phase(before);
        before = word;
        if is_phase {
            continue;
        }
        if let Some((from, to)) = range(word) {
            for id in from_to(&from, &to) {
                push_dependency(task, id);
            }
        } else if let Some(id) = task_id::whole(word) {
            push_dependency(task, id);
        } else if let Some(len) = words::task_word(word)
            && let Some(id) = word.get(len..).and_then(task_id::whole)
        {
            push_dependency(task, id);
        }
    }
}

fn push_dependency(task: &mut Task, id: String) {
    if task.depends_on.len() < REFERENCES_MAX && !task.depends_on.contains(&id) {
        task.depends_on.push(id);
    }
}

/// Both ends of `1.1-1.3`, `1.1–1.3`, `T001-T003`, `1.1~1.3`.
fn range(word: &str) -> Option<(String, String)> {
    for dash in ['–', '—', '~', '～', '〜', '-'] {
        if let Some((from, to)) = word.split_once(dash) {
            let (from, to) = (task_id::whole(from), task_id::whole(to));
            if let (Some(from), Some(to)) = (from, to) {
                return Some((from, to));
            }
        }
    }
    let (from, to) = word.split_once("..")?;
    Some((task_id::whole(from)?, task_id::whole(to)?))
}

fn from_to(from: &str, to: &str) -> Vec<String> {
    let split = |id: &str| {
        let tail = id.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        let (stem, last) = id.split_at_checked(tail)?;
        Some((stem.to_string(), last.len(), last.parse::<u32>().ok()?))
    };
    if let (Some((stem, width, first)), Some((other, _, last))) = (split(from), split(to))
        && (stem == other || other.is_empty())
        && first <= last
        && last - first < RANGE_MAX
    {
        return (first..=last).map(|n| format!("{stem}{n:0width$}")).collect();
    }
    vec![from.to_string(), to.to_string()]
}

/// What a title says of its state: `✅ COMPLETE` at the end, `(in progress)`.
fn title_claim(title: &str) -> Option<State> {
    let tail = title.trim_end().trim_end_matches([')', '）', ']', '*', '_']);
    let start = tail.char_indices().rev().nth(CLAIM_CHARS_MAX).map_or(0, |(at, _)| at);
    let tail = tail.get(start..)?;
    let claimed = tail
        .rfind(|c: char| matches!(c, '(' | '（' | '[' | '【') || words::picture(c).is_some())
        .or_else(|| behind_dash(tail).map(|after| tail.len() - after.len()))?;
    let claim = tail.get(claimed..)?;
    let folded = words::fold(claim);
    words::says_state(&folded, true).or_else(|| pictured(claim).filter(|_| folded.is_empty()))
}

/// Characters at the end of a title in which a state in words is looked for.
const CLAIM_CHARS_MAX: usize = 40;

fn pictured(text: &str) -> Option<State> {
    text.trim_start().chars().next().and_then(words::picture)
}

/// Whether the words contradict the box.
pub(crate) fn contradicts(state: State, claim: State) -> bool {
    (claim == State::Done) != (state == State::Done)
}

/// Whether a title only asks that everything holds. Narrow on purpose: a checkpoint is proved by a check alone,
/// so a task that should change files must not pass for one.
pub(crate) fn is_checkpoint(title: &str) -> bool {
    let title = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let start: String = title.chars().take(CHECKPOINT_CHARS_MAX).flat_map(char::to_lowercase).collect();
    // `Checkpoint - all green` asks; `Checkpoint storage` is a thing to build.
    let asks = |rest: &str| {
        let rest = rest.trim_start();
        !rest.starts_with(char::is_alphanumeric)
            || rest.starts_with(|c: char| c.is_ascii_digit())
            || ["ensure", "verify", "all ", "run "].iter().any(|word| rest.starts_with(word))
    };
    words::checkpoints().iter().any(|word| start.strip_prefix(word).is_some_and(asks))
        || start.starts_with("verify ") && start.contains(" test") && start.contains(" pass")
}

/// Characters of a title that can make it a checkpoint.
const CHECKPOINT_CHARS_MAX: usize = 200;

#[cfg(test)]
#[path = "task_detail_tests.rs"]
mod tests;
