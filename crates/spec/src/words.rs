//! Key words of task documents in the languages that people write them in: names of sections, labels of details,
//! words for states. Only tables and their comparison; what follows from a word is decided elsewhere.
//!
//! All words stand here in folded form (see [`fold`]): lower case, Latin letters without accents, so that NFC, NFD
//! and hasty spellings meet.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::digits::{is_digit, plain};
use crate::inline::without_chapter;
use crate::tasks::State;
use crate::word_lists as lists;

/// What a heading says about the boxes below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// `Tasks`, `タスク一覧`, `Aufgaben`.
    Tasks,
    /// `Success Criteria`, `完了条件`: somebody's list of checks.
    Checklist,
    /// `Verification`, `検証`: checks, unless the boxes have numbers as the tasks do.
    Checks,
    /// `Phase 2: …`: a stretch of work.
    Phase,
    /// `Preparation`, `準備`: a stretch of work in a plan without numbers.
    Preparation,
    /// `Notes`, `Legend`: boxes here are examples or remarks unless they are numbered.
    Aside,
    /// Says nothing.
    Other,
}

/// What a label inside a task gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// Tasks that come first.
    Depends,
    /// Parts of the system that the task may touch.
    Boundary,
    /// Criteria that a property test stands for.
    Validates,
    /// Where the task stands, in words.
    Status,
    /// The command that proves the task, when it stands in a code span.
    Check,
}

/// Letters in one word of comparison; what is longer is no key word.
pub(crate) const WORDS_BYTES_MAX: usize = 96;

/// Lower case, Latin letters without accents, no Markdown marks and pictures at the ends, single blanks between
/// words, typographic apostrophes made plain. Reads at most [`WORDS_BYTES_MAX`] bytes.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(WORDS_BYTES_MAX));
    for c in text.chars() {
        if out.len() > WORDS_BYTES_MAX {
            break;
        }
        match c {
            '\u{306}' if out.ends_with('и') => {
                out.pop();
                out.push('й');
            }
            '*' | '_' | '`' | '~' | '\u{300}'..='\u{36f}' | '\u{fe0f}' => {}
            '’' | '‘' => out.push('\''),
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            c if u32::from(c) >= 0x2e80 => out.push(c),
            // `İ` becomes an `i` and a combining dot.
            c => out.extend(c.to_lowercase().filter(|c| *c != '\u{307}').map(base)),
        }
    }
    let is_edge = |c: char| !c.is_alphanumeric();
    out.truncate(out.trim_end_matches(is_edge).len());
    let start = out.len() - out.trim_start_matches(is_edge).len();
    if start > 0 { out.split_off(start) } else { out }
}

/// The letter without its accent.
fn base(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ạ'..='ặ' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'đ' | 'ď' => 'd',
        'è'..='ë' | 'ē' | 'ę' | 'ě' | 'ẹ'..='ệ' => 'e',
        'ğ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ı' | 'ỉ'..='ị' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' | 'ơ' | 'ọ'..='ợ' => 'o',
        'ř' => 'r',
        'ś' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ů' | 'ű' | 'ư' | 'ụ'..='ự' => 'u',
        'ý' | 'ÿ' | 'ỳ'..='ỹ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ё' => 'е',
        c => c,
    }
}

struct Lists {
    sections: HashMap<&'static str, Section>,
    /// Phrases by their first and by their last character.
    checklist_starts: HashMap<char, Vec<&'static str>>,
    checklist_ends: HashMap<char, Vec<&'static str>>,
    tasks_ends: Vec<&'static str>,
    phases: HashSet<&'static str>,
    phases_cjk: Vec<&'static str>,
    labels: HashMap<&'static str, Label>,
    checks: HashSet<&'static str>,
    task_words: Vec<&'static str>,
    parallel: HashSet<&'static str>,
    preparation: HashSet<&'static str>,
    done: Vec<&'static str>,
    begun: Vec<&'static str>,
    not_done: Vec<&'static str>,
    property: Vec<&'static str>,
    graph: HashSet<&'static str>,
    checkpoints: Vec<&'static str>,
    files: HashSet<&'static str>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let tag = |text, tag| each(text).map(move |word| (word, tag));
    Lists {
        sections: tag(lists::ASIDE_EXACT, Section::Aside)
            .chain(tag(lists::TASKS_EXACT, Section::Tasks))
            .chain(tag(lists::CHECKLIST_EXACT, Section::Checklist))
            .chain(tag(lists::CHECKS_EXACT, Section::Checks))
            .collect(),
        checklist_starts: grouped(lists::CHECKLIST_PHRASES, |phrase| phrase.chars().next()),
        checklist_ends: grouped(lists::CHECKLIST_PHRASES, |phrase| phrase.chars().next_back()),
        tasks_ends: each(lists::TASKS_ENDS).collect(),
        phases: each(lists::PHASES).collect(),
        phases_cjk: each(lists::PHASES_CJK).collect(),
        labels: each(lists::STATUS)
            .map(|word| (word, Label::Status))
            .chain(each(lists::CHECK).map(|word| (word, Label::Check)))
            .chain(each(lists::BOUNDARY).map(|word| (word, Label::Boundary)))
            .chain(each(lists::VALIDATES).map(|word| (word, Label::Validates)))
            .chain(each(lists::DEPENDS).map(|word| (word, Label::Depends)))
            .collect(),
        checks: each(lists::CHECKS_LABELS)
            .chain(each(lists::CHECKLIST_EXACT))
            .chain(each(lists::CHECKS_EXACT))
            .collect(),
        task_words: each(lists::TASK_WORDS).collect(),
        parallel: each(lists::PARALLEL).collect(),
        preparation: each(lists::PREPARATION).collect(),
        done: each(lists::DONE).collect(),
        begun: each(lists::IN_PROGRESS).collect(),
        not_done: each(lists::NOT_DONE).collect(),
        property: each(lists::PROPERTY).collect(),
        graph: each(lists::GRAPH).collect(),
        checkpoints: each(lists::CHECKPOINTS).collect(),
        files: each(lists::FILES).collect(),
    }
});

fn grouped(list: &'static str, key: fn(&str) -> Option<char>) -> HashMap<char, Vec<&'static str>> {
    let mut groups: HashMap<char, Vec<&'static str>> = HashMap::new();
    for phrase in each(list) {
        if let Some(key) = key(phrase) {
            groups.entry(key).or_default().push(phrase);
        }
    }
    groups
}

fn each(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(['|', '\n']).map(str::trim).filter(|word| !word.is_empty())
}

/// What the words of a heading mean, its level and number aside.
pub(crate) fn section(title: &str) -> Section {
    let folded = fold(title);
    let words = without_number(&folded);
    let (words, remark) = cut_remark(words);
    if is_framed(words) {
        return Section::Checklist;
    }
    if let Some(section) = LISTS.sections.get(words) {
        return *section;
    }
    if ends_in_tasks(words) {
        return Section::Tasks;
    }
    let first = words.split([' ', ':', '：', '-', '.', '(']).next().unwrap_or_default();
    let first = first.trim_end_matches(|c: char| c.is_ascii_digit());
    // `里程碑` alone is a section about milestones and not one of them.
    let is_phase = LISTS.phases.contains(first)
        || LISTS.phases_cjk.iter().any(|word| words.len() > word.len() && words.starts_with(word));
    let is_counted = words.starts_with(['第', '제']) || words.starts_with(|c: char| c.is_ascii_digit());
    let is_counted = is_counted && LISTS.phases_cjk.iter().any(|word| words.contains(word));
    let is_ranked = words.ends_with(" priority") || remark.is_some_and(|r| LISTS.phases.contains(r));
    match is_phase || is_counted || is_ranked {
        true => Section::Phase,
        false if LISTS.preparation.contains(words) => Section::Preparation,
        false => Section::Other,
    }
}

/// Whether the words begin or end with a phrase for a list of checks, as words.
fn is_framed(words: &str) -> bool {
    let is_edge =
        |phrase: &str, c: Option<char>| !phrase.is_ascii() || c.is_none_or(|c| !c.is_alphanumeric());
    let starts = words.chars().next().and_then(|c| LISTS.checklist_starts.get(&c));
    let ends = words.chars().next_back().and_then(|c| LISTS.checklist_ends.get(&c));
    starts
        .into_iter()
        .flatten()
        .any(|phrase| words.strip_prefix(phrase).is_some_and(|rest| is_edge(phrase, rest.chars().next())))
        || ends.into_iter().flatten().any(|phrase| {
            words.strip_suffix(phrase).is_some_and(|rest| is_edge(phrase, rest.chars().next_back()))
        })
}

fn ends_in_tasks(words: &str) -> bool {
    LISTS.tasks_ends.iter().any(|end| match words.strip_suffix(end) {
        // Scripts without cases write words together.
        Some(rest) => rest.is_empty() || !has_cases(end) || rest.ends_with([' ', '-', ':']),
        None => false,
    })
}

fn has_cases(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_lowercase)
}

/// `3. Success Criteria` without its number.
fn without_number(words: &str) -> &str {
    let rest = words.trim_start_matches(|c: char| is_digit(c) || matches!(c, '.' | '．' | ')'));
    let is_number = rest.len() < words.len() && rest.starts_with([' ', '、']);
    if is_number { rest.trim_start_matches(|c: char| !c.is_alphanumeric()) } else { without_chapter(words) }
}

/// `remaining tasks (priority order` is the words and a remark; folding has taken the closing bracket.
fn cut_remark(words: &str) -> (&str, Option<&str>) {
    match words.split_once(['(', '（', '[']) {
        Some((head, remark)) if !head.trim().is_empty() => {
            (head.trim_end_matches(|c: char| !c.is_alphanumeric()), Some(remark.trim()))
        }
        _ => (words, None),
    }
}

/// The meaning of a label's words, already folded.
pub(crate) fn label(folded: &str) -> Option<Label> {
    LISTS.labels.get(folded).copied()
}

/// Whether folded words name a list of checks.
pub(crate) fn is_checks(folded: &str) -> bool {
    let words = without_number(folded);
    LISTS.checks.contains(words) || is_framed(words)
}

/// Whether the text begins with a word for a task (`Task`, `タスク`, `Aufgabe`); gives the bytes of the word.
pub(crate) fn task_word(text: &str) -> Option<usize> {
    let first = text.chars().next().filter(|c| c.is_alphabetic())?;
    let first = first.to_lowercase().next().map(base)?;
    LISTS.task_words.iter().filter(|word| word.starts_with(first)).find_map(|word| {
        let mut rest = text.char_indices();
        let mut end = 0;
        for want in word.chars() {
            let (at, got) = rest.by_ref().find(|(_, c)| !matches!(c, '\u{300}'..='\u{36f}'))?;
            if got.to_lowercase().next().map(base) != Some(want) {
                return None;
            }
            end = at + got.len_utf8();
        }
        let after = text.get(end..)?.chars().next();
        // `Tasks 1` and `Taskforce` are other words; behind kana and Han a number may follow at once.
        let is_apart = after.is_none_or(|c| !c.is_alphabetic());
        is_apart.then_some(end)
    })
}

/// Whether a label introduces files.
pub(crate) fn is_files(label: &str) -> bool {
    let folded = fold(label);
    LISTS.files.contains(folded.as_str())
}

/// Whether a mark such as `[P]` or `（並行可）`, without its brackets, says that the task may run beside others.
pub(crate) fn is_parallel(inside: &str) -> bool {
    inside == "P" || inside == "p" || LISTS.parallel.contains(fold(inside).as_str())
}

/// Whether a word counts stretches of work, so that a number behind it names no task.
pub(crate) fn is_phase(word: &str) -> bool {
    LISTS.phases.contains(fold(word).as_str())
}

/// The state that folded words say. With `is_whole` the words say nothing else: in a title `open redirect` is no state.
pub(crate) fn says_state(folded: &str, is_whole: bool) -> Option<State> {
    let is_over = |rest: &str| {
        let next = rest.chars().find(|c| !is_whole || *c != ' ');
        next.is_none_or(|c| if is_whole { !c.is_alphabetic() } else { !c.is_alphanumeric() })
    };
    let starts = |words: &[&str]| {
        words.iter().any(|word| {
            folded.strip_prefix(word).is_some_and(|rest| !word.is_ascii() && !is_whole || is_over(rest))
        })
    };
    // `not done` and `incomplete` begin with words of their own, so that they are asked first.
    if starts(&LISTS.not_done) {
        return Some(State::Open);
    }
    if starts(&LISTS.begun) {
        return Some(State::InProgress);
    }
    starts(&LISTS.done).then_some(State::Done)
}

/// The state that a picture shows: `✅`, `🔄`, `⬜`.
pub(crate) fn picture(c: char) -> Option<State> {
    match c {
        '✅' | '✔' | '☑' | '✓' | '🟢' | '🟩' | '🎉' => Some(State::Done),
        '🔄' | '⏳' | '🚧' | '🟡' | '🟨' | '🏗' | '🔃' | '⌛' | '▶' => {
            Some(State::InProgress)
        }
        '⬜' | '🔲' | '⭕' | '❌' | '⏸' | '🔴' | '⚪' | '📋' | '🟥' | '☐' | '🔜' | '📝' => {
            Some(State::Open)
        }
        _ => None,
    }
}

/// The number behind `Property`, `Propiedad`, `属性` …, when folded words begin with it.
pub(crate) fn property(folded: &str) -> Option<u32> {
    let rest = LISTS.property.iter().find_map(|word| folded.strip_prefix(word))?;
    let rest = rest.trim_start();
    let after = rest.trim_start_matches(is_digit);
    let number = plain(rest.get(..rest.len() - after.len())?);
    let is_over = after.chars().next().is_none_or(|c| !c.is_alphanumeric());
    is_over.then(|| number.parse().ok()).flatten()
}

/// Beginnings of titles that only ask whether everything holds, in lower case and not folded.
pub(crate) fn checkpoints() -> &'static [&'static str] {
    &LISTS.checkpoints
}

/// Whether a heading is the one of the task graph.
pub(crate) fn is_graph(title: &str) -> bool {
    let folded = fold(title);
    LISTS.graph.contains(without_number(&folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_brings_spellings_together() {
        let check = |text: &str, expected: &str| assert_eq!(fold(text), expected, "{text}");
        check("**Success Criteria** ✅", "success criteria");
        check("Tâches", "taches");
        check("Ta\u{302}ches", "taches");
        check("Danh sách Nhiệm vụ", "danh sach nhiem vu");
        check("İmplementasyon Planı", "implementasyon plani");
        check("Критерии приёмки", "критерии приемки");
        check("Фа\u{438}\u{306}лы", "файлы");
        check("Critères d’acceptation", "criteres d'acceptation");
        check("_", "");
    }

    #[test]
    fn every_word_stands_in_folded_form() {
        use lists::*;
        let all = [
            TASKS_EXACT,
            TASKS_ENDS,
            CHECKLIST_PHRASES,
            CHECKLIST_EXACT,
            CHECKS_EXACT,
            CHECKS_LABELS,
            ASIDE_EXACT,
            PHASES,
            PHASES_CJK,
            TASK_WORDS,
            DEPENDS,
            BOUNDARY,
            VALIDATES,
            STATUS,
            CHECK,
            PARALLEL,
            PREPARATION,
            DONE,
            IN_PROGRESS,
            NOT_DONE,
            PROPERTY,
            GRAPH,
            FILES,
        ];
        for word in all.into_iter().flat_map(each) {
            assert_eq!(fold(word), word);
        }
    }

    #[test]
    fn headings_in_every_language() {
        let check = |title: &str, expected: Section| assert_eq!(section(title), expected, "{title}");
        for title in [
            "Tasks",
            "**REMAINING TASKS** (Priority Order)",
            "2. Tasks",
            "7. Tasks & Progress",
            "タスク一覧",
            "実装タスク",
            "任务列表",
            "任務",
            "작업 목록",
            "Задачи",
            "Danh sách Nhiệm vụ",
            "Tugas",
            "Tareas",
            "Tarefas",
            "Aufgaben",
            "Tâches",
            "Görevler",
            "🚀 To-do",
        ] {
            check(title, Section::Tasks);
        }
        for title in [
            "Success Criteria",
            "SUCCESS METRICS ACHIEVED ✅",
            "MVP Success Criteria",
            "5. Definition of Done",
            "Requirements",
            "受け入れ基準",
            "完了条件",
            "验收标准",
            "인수 기준",
            "Критерии приёмки",
            "Tiêu chí chấp nhận",
            "Kriteria Penerimaan",
            "Criterios de Aceptación",
            "Critérios de Aceite",
            "Akzeptanzkriterien",
            "Critères d'acceptation",
            "Kabul Kriterleri",
            "Prerequisites",
            "Voraussetzungen",
            "Task Dependency Graph",
        ] {
            check(title, Section::Checklist);
        }
        for title in [
            "Phase 2: Wiring",
            "フェーズ1: 基盤",
            "第一阶段：基础",
            "阶段 1",
            "1단계",
            "Этап 1",
            "Giai đoạn 2",
            "High Priority",
            "Week 3",
        ] {
            check(title, Section::Phase);
        }
        check("Notes", Section::Aside);
        check("Set up the store", Section::Other);
        check("Multitasks", Section::Other);
    }

    #[test]
    fn words_for_a_task() {
        let check = |text: &str, expected: Option<usize>| assert_eq!(task_word(text), expected, "{text}");
        check("Task 1", Some(4));
        check("TASK-001", Some(4));
        check("タスク1", Some(9));
        check("Tâche 2", Some(6));
        check("Ta\u{302}che 2", Some(7));
        check("ЗАДАЧА 3", Some(12));
        check("Nhiệm vụ 4", Some("Nhiệm vụ".len()));
        check("Tasks 1", None);
        check("Taskforce", None);
        check("1 Task", None);
    }

    #[test]
    fn properties_and_states() {
        assert_eq!(property(&fold("**Property 3: Never**")), Some(3));
        assert_eq!(property(&fold("**Özellik 12: Hata**")), Some(12));
        assert_eq!(property(&fold("属性 9: 响应式")), Some(9));
        assert_eq!(property("property a"), None);
        assert_eq!(says_state(&fold("✅ COMPLETE"), true), Some(State::Done));
        assert_eq!(says_state(&fold("Not started – blocked"), true), Some(State::Open));
        assert_eq!(says_state(&fold("🔄 In Progress"), true), Some(State::InProgress));
        assert_eq!(says_state("doneness", false), None);
        assert_eq!(says_state("open redirect", true), None);
        assert_eq!(says_state("未着手です", false), Some(State::Open));
    }
}
