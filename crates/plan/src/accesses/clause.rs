//! One line of a task as cues and names, and which cue governs a name. Knows no task.

use super::verbs::{Cue, RUNS, of_word};

/// A part of a line that says something about names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A word that says what happens.
    Cue(Cue),
    /// A code span.
    Name(String),
    /// Where a sentence or an insertion ends: words on one side do not govern names on the other.
    Stop,
    /// What stands here is written with its verbs behind the names.
    VerbLast,
}

impl Piece {
    pub(super) fn cue(&self) -> Option<Cue> {
        match self {
            Piece::Cue(cue) => Some(*cue),
            _ => None,
        }
    }
}

/// What a line says about one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A verb of writing governs it.
    Written(Cue),
    /// It is probably written: it is what a title is about, or a verb behind it writes.
    Named,
    /// A test is written about it, or it is that test.
    Tested,
    /// It is looked at.
    Looked,
    /// The line says nothing.
    None,
}

/// Pieces read from one line; what lies beyond is not looked at.
const PIECES_MAX: usize = 4_000;

/// The pieces of a line. Linear in its length.
pub(super) fn pieces(line: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = line;
    let (mut negated, mut is_first, mut said_verb_last, mut is_after_article) = (0u8, true, false, false);
    while let Some(c) = rest.chars().next() {
        if out.len() >= PIECES_MAX {
            break;
        }
        if c == '`' {
            rest = code_span(rest, &mut out);
            is_first = false;
            continue;
        }
        let mut used = c.len_utf8();
        if is_unspaced(c) {
            if !said_verb_last && matches!(c as u32, 0x3041..=0x30FF) {
                out.push(Piece::VerbLast);
                said_verb_last = true;
            }
            if let Some((cue, run)) = run_at(rest) {
                out.push(Piece::Cue(cue));
                used = run;
            }
        } else if c.is_alphanumeric() {
            let end = rest.find(|c: char| !is_word_char(c) || is_unspaced(c)).unwrap_or(rest.len());
            let word = rest.get(..end.max(used)).unwrap_or_default();
            used = word.len();
            let lower = word.trim_end_matches('\'').to_lowercase();
            if !said_verb_last && is_verb_last_word(&lower) {
                out.push(Piece::VerbLast);
                said_verb_last = true;
            }
            let may_run = !lower.is_ascii() || RUN_BEGINNINGS.contains(&lower.as_str());
            let phrase = may_run.then(|| run_at(rest)).flatten();
            let cue = match phrase.or_else(|| phrase_at(rest, &lower)) {
                Some((cue, run)) => {
                    used = run.max(used);
                    Some(cue)
                }
                None => of_word(&lower, is_first),
            };
            // Behind an article stands a thing: `the check`, `a fix`.
            let cue = cue.filter(|cue| !is_after_article || !cue.is_verb() || *cue == Cue::Test);
            is_after_article = ARTICLES.contains(&lower.as_str());
            if let Some(cue) = cue {
                let is_negated = negated > 0 && cue.is_verb();
                out.push(Piece::Cue(if is_negated { Cue::Read } else { cue }));
                negated = if cue == Cue::Not { NEGATION_REACH } else { negated };
            }
            negated = negated.saturating_sub(1);
            is_first = matches!(lower.as_str(), "and" | "then" | "or");
        } else if is_stop(rest, c) {
            out.push(Piece::Stop);
            (negated, is_first) = (0, true);
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    out
}

/// Words behind a `not` that it turns around.
const NEGATION_REACH: u8 = 4;

fn code_span<'a>(rest: &'a str, out: &mut Vec<Piece>) -> &'a str {
    let body = rest.trim_start_matches('`');
    let fence = rest.get(..rest.len() - body.len()).unwrap_or("`");
    match body.split_once(fence) {
        Some((span, behind)) => {
            out.push(Piece::Name(span.trim().to_string()));
            behind.trim_start_matches('`')
        }
        None => body,
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’' | '-' | '_')
}

fn is_stop(rest: &str, c: char) -> bool {
    match c {
        ';' | '；' | '。' | '—' | '–' | '(' | ')' | '（' | '）' => true,
        '.' | '!' | '?' => {
            rest.get(1..).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
        }
        _ => false,
    }
}

/// Kana and Han, which are written without blanks.
fn is_unspaced(c: char) -> bool {
    matches!(c as u32, 0x3041..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF)
}

fn is_verb_last_word(word: &str) -> bool {
    word.starts_with(|c: char| matches!(c as u32, 0xAC00..=0xD7A3))
        || word.chars().any(|c| matches!(c, 'ğ' | 'ş' | 'ı'))
}

fn run_at(rest: &str) -> Option<(Cue, usize)> {
    RUNS.iter().find_map(|(cue, runs)| {
        let run = runs.iter().find(|run| starts_with_lower(rest, run))?;
        Some((*cue, run.len()))
    })
}

fn starts_with_lower(text: &str, lower: &str) -> bool {
    let mut have = text.chars().flat_map(char::to_lowercase);
    lower.chars().all(|c| have.next() == Some(c))
}

/// Words behind which a verb is a thing.
const ARTICLES: &[&str] = &["the", "a", "an", "this", "each", "every", "its", "their", "our", "your"];

/// ASCII words that begin a run of [`RUNS`].
const RUN_BEGINNINGS: &[&str] = &["theo", "trong", "thay", "di", "tham"];

/// Verbs of more than one word.
fn phrase_at(rest: &str, word: &str) -> Option<(Cue, usize)> {
    let phrase = match word {
        "set" => "set up",
        "clean" => "clean up",
        "based" => "based on",
        "similar" => "similar to",
        _ => return None,
    };
    let cue = if matches!(word, "set" | "clean") { Cue::Change } else { Cue::Source };
    starts_with_lower(rest, phrase).then_some((cue, phrase.len()))
}

/// What the line says about the name at `at`.
pub(super) fn role_of(pieces: &[Piece], at: usize, is_title: bool) -> Role {
    let before = || cues_before(pieces, at);
    let verb_before = || before().find(|cue| cue.is_verb());
    if pieces.contains(&Piece::VerbLast)
        && let Some(role) = role_behind(pieces, at, true)
    {
        return role;
    }
    match before().next() {
        Some(cue) if cue.writes() => Role::Written(if cue == Cue::Add { Cue::Make } else { cue }),
        Some(Cue::Test) => Role::Tested,
        Some(Cue::Read | Cue::Stands | Cue::Not) => Role::Looked,
        Some(Cue::Source | Cue::With) => match verb_before() {
            Some(Cue::Move) => Role::Written(Cue::Move),
            Some(Cue::Test) => Role::Tested,
            _ => Role::Looked,
        },
        Some(Cue::Target) => match (before().nth(1), verb_before()) {
            (Some(Cue::Stands), _) => Role::Looked,
            (_, Some(Cue::Move)) => Role::Written(Cue::Move),
            (_, Some(cue)) if cue.writes() => Role::Written(Cue::Change),
            (_, Some(Cue::Test)) => Role::Tested,
            (_, Some(_)) => Role::Looked,
            // `In `x`, add a section`: the verb stands behind.
            (_, None) => match role_behind(pieces, at, true) {
                Some(Role::Written(_)) => Role::Written(Cue::Change),
                Some(role) => role,
                None => Role::None,
            },
        },
        _ => match role_behind(pieces, at, false) {
            Some(role) => role,
            None if is_title => Role::Named,
            None => Role::None,
        },
    }
}

/// The cues before a name, nearest first, up to the end of the sentence before.
fn cues_before(pieces: &[Piece], at: usize) -> impl Iterator<Item = Cue> {
    let before = pieces.get(..at).unwrap_or_default();
    // Bounded, because a line of names would be walked once for each of them.
    before.iter().rev().take(REACH).take_while(|piece| **piece != Piece::Stop).filter_map(Piece::cue)
}

/// Pieces looked at on either side of a name.
const REACH: usize = 40;

fn role_behind(pieces: &[Piece], at: usize, is_sure: bool) -> Option<Role> {
    let behind = pieces.get(at + 1..).unwrap_or_default().iter().take(REACH);
    let mut cues = behind.take_while(|piece| **piece != Piece::Stop).filter_map(Piece::cue);
    match cues.find(|cue| cue.is_verb() || *cue == Cue::Source)? {
        cue if cue.writes() && is_sure => {
            Some(Role::Written(if cue == Cue::Add { Cue::Change } else { cue }))
        }
        cue if cue.writes() => Some(Role::Named),
        Cue::Test => Some(Role::Tested),
        _ => Some(Role::Looked),
    }
}

/// The verb that makes or changes the symbol at `at`; `None` when it is only mentioned.
pub(super) fn maker_of(pieces: &[Piece], at: usize) -> Option<Cue> {
    let as_made = |cue: Cue| if cue == Cue::Add { Cue::Make } else { cue };
    if pieces.contains(&Piece::VerbLast) {
        return match role_behind(pieces, at, true)? {
            Role::Written(cue) => Some(as_made(cue)),
            _ => None,
        };
    }
    // `Create the module with `Store``: what comes with a thing is made with it.
    let cue = cues_before(pieces, at).find(|cue| *cue != Cue::With)?;
    cue.writes().then(|| as_made(cue))
}

/// The label of a line: the words before its first colon, bullet and emphasis left out.
pub(super) fn label(line: &str) -> Option<&str> {
    let body = line.trim_start_matches(['-', '*', '+', '_', ' ', '\t']);
    let end = body.find([':', '：'])?;
    let label = body.get(..end)?.trim_matches(|c: char| matches!(c, '*' | '_') || c.is_whitespace());
    (label.len() <= LABEL_BYTES_MAX && !label.contains('`')).then_some(label)
}

/// Bytes in a label; what is longer is a sentence with a colon.
const LABEL_BYTES_MAX: usize = 60;

/// Whether the label says that what follows are the task's files.
pub(super) fn is_files_label(label: &str) -> bool {
    const LABELS: &[&str] = &[
        "file",
        "files",
        "test file",
        "test files",
        "new file",
        "new files",
        "files to create",
        "files to modify",
        "files modified",
        "files changed",
        "target files",
        "output files",
        "文件",
        "ファイル",
        "файлы",
        "файл",
        "archivos",
        "arquivos",
        "dateien",
        "fichiers",
        "tệp",
        "berkas",
        "dosyalar",
        "파일",
    ];
    let lower = label.to_lowercase();
    LABELS.contains(&lower.as_str())
}

/// Whether the label introduces references, whose names say nothing about files.
pub(super) fn is_reference(label: Option<&str>) -> bool {
    label.is_some_and(|label| {
        let lower = label.to_lowercase();
        ["requirement", "validates", "check", "depends", "boundary", "design"]
            .iter()
            .any(|word| lower.starts_with(word))
    })
}

/// A list item that is one code span and nothing else but a remark: what stands below `Files:`.
pub(super) fn is_bare_item(line: &str) -> bool {
    line.trim_start_matches(['-', '*', '+', ' ', '\t']).starts_with('`')
}
