//! The words that stand in front of a number when prose speaks about a requirement, a property or a task, in the
//! languages of real specs. Finds them; reads no number.

use super::TagKind;
use crate::references::lexer::{byte, starts, starts_any_case};

/// A word and what it speaks about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) text: &'static str,
    pub(crate) kind: TagKind,
    /// More than one thing may follow: `Requirements 1, 2`.
    pub(crate) is_plural: bool,
    /// Only a colon makes it a label: `Validates: 1.2`.
    pub(crate) needs_colon: bool,
}

const fn one(text: &'static str, kind: TagKind) -> Word {
    Word { text, kind, is_plural: false, needs_colon: false }
}

const fn many(text: &'static str, kind: TagKind) -> Word {
    Word { text, kind, is_plural: true, needs_colon: false }
}

const fn label(text: &'static str) -> Word {
    Word { text, kind: TagKind::Requirement, is_plural: true, needs_colon: true }
}

use TagKind::{Property as P, Requirement as R, Task as T};

/// Longer words before their beginnings. Case counts only outside ASCII, so those scripts name both cases.
const WORDS: &[Word] = &[
    many("requirements", R),
    one("requirement", R),
    many("reqs", R),
    one("req", R),
    many("requisitos", R),
    one("requisito", R),
    many("requerimientos", R),
    one("requerimiento", R),
    many("acceptance criteria", R),
    one("acceptance criterion", R),
    many("criteria", R),
    one("criterion", R),
    one("ac", R),
    label("validates"),
    label("verifies"),
    label("covers"),
    many("anforderungen", R),
    one("anforderung", R),
    many("exigences", R),
    one("exigence", R),
    many("gereksinimler", R),
    one("gereksinim", R),
    many("persyaratan", R),
    many("yêu cầu", R),
    many("要件", R),
    many("要求", R),
    many("需求", R),
    many("検証", R),
    many("요구사항", R),
    many("требования", R),
    many("Требования", R),
    many("требований", R),
    many("требованиям", R),
    one("требование", R),
    one("Требование", R),
    one("требованию", R),
    many("properties", P),
    one("property", P),
    many("propiedades", P),
    one("propiedad", P),
    many("propriedades", P),
    one("propriedade", P),
    many("propriétés", P),
    one("propriété", P),
    many("eigenschaften", P),
    one("eigenschaft", P),
    one("özellik", P),
    one("Özellik", P),
    one("properti", P),
    one("thuộc tính", P),
    many("属性", P),
    many("屬性", P),
    many("プロパティ", P),
    many("속성", P),
    many("свойства", P),
    many("Свойства", P),
    one("свойство", P),
    one("Свойство", P),
    one("свойству", P),
    many("subtasks", T),
    one("subtask", T),
    many("sub-tasks", T),
    one("sub-task", T),
    many("tasks", T),
    one("task", T),
    many("tareas", T),
    one("tarea", T),
    many("tarefas", T),
    one("tarefa", T),
    many("aufgaben", T),
    one("aufgabe", T),
    many("tâches", T),
    one("tâche", T),
    one("görev", T),
    one("tugas", T),
    one("nhiệm vụ", T),
    many("タスク", T),
    many("任务", T),
    many("任務", T),
    many("작업", T),
    many("задачи", T),
    many("Задачи", T),
    one("задача", T),
    one("Задача", T),
    one("задачу", T),
    one("задаче", T),
];

/// Words of an adjective's kind: with one of them in front, the number counts something else.
const OTHER: &[&str] = &[
    "derived",
    "non-functional",
    "nonfunctional",
    "functional",
    "system",
    "business",
    "technical",
    "security",
    "performance",
    "reliability",
    "compliance",
    "stakeholder",
    "external",
    "upstream",
    "old",
    "former",
    "original",
    "previous",
    "old-style",
    "legacy",
    "next",
    "every",
    "css",
];

/// The word that begins at `at`, which must not stand inside another Latin word.
pub(crate) fn word_at(s: &[u8], at: usize) -> Option<&'static Word> {
    let first = byte(s, at);
    if !is_first(first) || first.is_ascii() && is_inside(s, at) {
        return None;
    }
    WORDS.iter().find(|word| starts_any_case(s, at, word.text))
}

/// Whether `at` stands inside a word, a name with `_` or a compound with `-`.
fn is_inside(s: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map_or(b' ', |at| byte(s, at));
    before(1).is_ascii_alphanumeric() || matches!(before(1), b'_' | b'-') && before(2).is_ascii_alphanumeric()
}

/// The first bytes of all words, so that most places are passed over by one look.
fn is_first(first: u8) -> bool {
    matches!(first | 0x20, b'r' | b'a' | b'c' | b'v' | b'e' | b'g' | b'p' | b'y' | b's' | b't' | b'n')
        || first >= 0xC3
}

/// Whether the word right before `at` says that another count is meant: `Derived Requirement 1`.
pub(crate) fn is_other_count(s: &[u8], at: usize) -> bool {
    let before = s.get(..at).unwrap_or_default().trim_ascii_end();
    OTHER.iter().any(|word| {
        before.len() < at
            && before.len() >= word.len()
            && starts_any_case(before, before.len() - word.len(), word)
            && (before.len() == word.len()
                || !byte(before, before.len() - word.len() - 1).is_ascii_alphanumeric())
    })
}

/// Behind the signs between a word and its number; `None` when something else stands there. The flag says that
/// there was a colon.
pub(crate) fn behind(s: &[u8], word: &Word, at: usize) -> Option<(usize, bool)> {
    let mut at = at + word.text.len();
    let from = at;
    let mut has_colon = false;
    loop {
        match s.get(at) {
            Some(b':') => has_colon = true,
            Some(b' ' | b'\t' | b'#' | b'-' | b'*' | b'`') => {}
            // `req[1]` and `req.0` are code.
            Some(b'[') if at > from => {}
            Some(b'.') if byte(s, at + 1) == b' ' => {}
            Some(b'_') if at == from && word.text == "req" => {}
            _ if starts(s, at, "：") => {
                has_colon = true;
                at += 2;
            }
            _ => break,
        }
        at += 1;
        if at > from + JOINT_BYTES_MAX {
            return None;
        }
    }
    // `req1` is a variable, `REQ1` an id.
    let is_word_whole = at > from
        || !word.text.is_ascii()
        || starts(s, from.saturating_sub(3), "REQ") && byte(s, at).is_ascii_digit();
    (is_word_whole && (has_colon || !word.needs_colon)).then_some((at, has_colon))
}

/// Bytes between a word and its number.
const JOINT_BYTES_MAX: usize = 8;
