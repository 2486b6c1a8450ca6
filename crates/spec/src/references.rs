//! What a line says it fulfils: `_Requirements: 1.1, 2.3-2.5_` and its dialects, as ids with the bytes where they
//! stand. Does not know which ids exist.

mod label_words;
pub(crate) mod labels;
pub(crate) mod lexer;

use std::borrow::Cow;

use crate::Span;
use labels::{Labelled, Strength};
use lexer::{Item, byte, item_at, skip_blanks};

/// Ids that one line can name, ranges expanded. The widest real range has fifteen.
pub const REFERENCES_MAX: usize = 200;

/// References of one line that are kept with their spans; what lies beyond is not seen.
pub const SPANS_MAX: usize = 5_000;

/// What a reference line names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Ids in the order named, each once: `1.2`, `3`, or the words as written when they are no number.
    pub ids: Vec<String>,
    /// The line says that everything is meant (`All`, `全体`, `все требования`).
    pub all: bool,
}

/// One item of a reference line, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The id in normal form, see [`normal_id`]; the first one of a range; the words when they are no id.
    pub id: String,
    /// The item as written, its prefix included: `REQ-5.2-5.5`.
    pub span: Span,
    /// The number alone: `5.2`. The same as `span` when there is none.
    pub number: Span,
    /// What the item is.
    pub form: Form,
}

/// What one item of a reference line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// An id with a dot: one criterion.
    Single,
    /// Everything from [`Reference::id`] to this id.
    Range {
        /// The last id, in normal form: `3.4` of `3.1-4`.
        to: String,
        /// The number of the last id as written.
        number: Span,
    },
    /// An id without a dot, or `6.x`: a requirement with all its criteria.
    Whole,
    /// A word that means everything.
    All,
    /// A word that means nothing, such as `N/A`.
    None,
    /// Words that are no id.
    Unknown,
}

impl Reference {
    /// The ids that are meant, a range expanded; at most [`REFERENCES_MAX`]. A range whose ends do not stand in one
    /// ascending row gives its two ends. Nothing for `All` and `N/A`.
    pub fn ids(&self) -> Vec<String> {
        match &self.form {
            Form::Range { to, .. } => lexer::expand(&self.id, to, REFERENCES_MAX),
            Form::All | Form::None => Vec::new(),
            Form::Single | Form::Whole | Form::Unknown => vec![self.id.clone()],
        }
    }
}

const ALL_WORDS: &[&str] = &[
    "all",
    "every requirement",
    "全体",
    "全て",
    "すべて",
    "全要件",
    "所有",
    "全部",
    "все",
    "усі",
    "모든",
    "모두",
    "전체",
    "todos",
    "todas",
    "todo",
    "alle",
    "tous",
    "toutes",
    "tất cả",
    "semua",
    "tümü",
    "tüm",
    "tutti",
];

const NO_WORDS: &[&str] = &[
    "n/a",
    "na",
    "none",
    "-",
    "—",
    "–",
    "なし",
    "該当なし",
    "无",
    "無",
    "不适用",
    "不適用",
    "нет",
    "н/д",
    "없음",
    "해당 없음",
    "không",
    "không có",
    "tidak ada",
    "ninguno",
    "ninguna",
    "nenhum",
    "nenhuma",
    "keine",
    "aucun",
    "aucune",
    "yok",
];

/// Reads a line when it is a reference line; `None` when it is any other text.
pub fn read_line(line: &str) -> Option<References> {
    let found = labels::requirements(line)?;
    let value = line.get(found.value.clone()).unwrap_or_default();
    is_list(found.strength, value.as_bytes(), &items(value.as_bytes(), 0), 0).then(|| read_items(value))
}

/// What a title says that it fulfils, in brackets or behind a dash: `(Requirements: 1.1)`, `[Req 1.2]`, `（需求 1.1）`,
/// `— REQ-1.2`. A word for requirements must stand there; `(1.1)` alone may name anything.
pub fn in_title(title: &str) -> Option<References> {
    let found = collected(title_spans(title.as_bytes(), 0));
    (found.all || !found.ids.is_empty()).then_some(found)
}

/// The same with the bytes where the items stand. `offset` is where `title` begins in its document.
pub(crate) fn title_spans(title: &[u8], offset: usize) -> Vec<Reference> {
    let title = same_length(title.get(..TITLE_BYTES_MAX.min(title.len())).unwrap_or_default());
    let title = title.as_ref();
    let brackets =
        title.match_indices(['(', '（', '[', '【']).take(BRACKETS_MAX).filter_map(|(open, sign)| {
            let rest = title.get(open + sign.len()..)?;
            rest.get(..rest.find([')', '）', ']', '】'])?)
        });
    let dashes =
        [" - ", " – ", " — "].into_iter().filter_map(|dash| title.rsplit_once(dash).map(|(_, tail)| tail));
    let mut out: Vec<Reference> = Vec::new();
    for part in brackets.chain(dashes) {
        let part = part.trim().trim_matches(['_', '*', '`']);
        let at = offset.saturating_add(crate::requirements::fold::offset_in(title, part));
        if let Some((found, _)) = list_of(part.as_bytes(), at) {
            out.extend(found);
            continue;
        }
        let found = items(part.as_bytes(), at);
        let is_worded = lexer::item_at(part.as_bytes(), 0, false).is_some_and(|item| {
            let is_short = item.has_prefix && !item.id.contains('-') && is_word(part, item.number.start);
            is_short || lexer::word_len(part.as_bytes(), 0).is_some_and(|len| len < item.number.start)
        });
        let is_list = found.iter().all(|reference| reference.form != Form::Unknown);
        if is_worded && is_list && is_pure(part.as_bytes(), &found, at) {
            out.extend(found);
        }
    }
    out.sort_by_key(|reference| reference.number.offset);
    out.dedup_by_key(|reference| reference.number);
    out
}

/// Bytes of a title in which references are looked for.
const TITLE_BYTES_MAX: usize = 8_192;

/// Brackets of one title that may hold references.
const BRACKETS_MAX: usize = 8;

/// Whether a word for requirements stands before the number: `Req 1`, `R1.2`, but no `R 1`.
fn is_word(part: &str, number: usize) -> bool {
    let letters = part.get(..number).unwrap_or_default().trim_end_matches([' ', '-', '_', '#', '.']);
    letters.chars().count() > 1 || letters.len() == number && part.contains('.')
}

/// Reads the items behind the label.
pub fn read_items(value: &str) -> References {
    collected(items(value.as_bytes(), 0))
}

fn collected(items: Vec<Reference>) -> References {
    let mut found = References::default();
    for reference in items {
        if reference.form == Form::All {
            return References { ids: Vec::new(), all: true };
        }
        for id in reference.ids() {
            if found.ids.len() >= REFERENCES_MAX {
                return found;
            }
            if !id.is_empty() && !found.ids.contains(&id) {
                found.ids.push(id);
            }
        }
    }
    found
}

/// The items of a reference line with the bytes where they stand, at most [`SPANS_MAX`]; empty when the line is any
/// other text. `offset` is where the line begins in its document. Linear in the length of the line.
pub fn spans(line: &[u8], offset: usize) -> Vec<Reference> {
    list_of(line, offset).map(|(references, _)| references).unwrap_or_default()
}

/// The items of a reference line, and whether the list goes on in the next line.
pub(crate) fn list_of(line: &[u8], offset: usize) -> Option<(Vec<Reference>, bool)> {
    let text = same_length(line);
    let Labelled { strength, value, is_closed, .. } = labels::requirements(&text)?;
    let bytes = text.as_bytes().get(value.clone()).unwrap_or_default();
    let found = items(bytes, offset.saturating_add(value.start));
    let goes_on = !is_closed && bytes.trim_ascii_end().ends_with(b",");
    let from = offset.saturating_add(value.start);
    is_list(strength, bytes, &found, from).then_some((found, goes_on))
}

/// Whether what stands behind a label of that strength is a list of ids. `offset` is where `value` begins.
fn is_list(strength: Strength, value: &[u8], found: &[Reference], offset: usize) -> bool {
    match strength {
        Strength::Strong => true,
        Strength::Weak => found.iter().any(|reference| reference.form != Form::Unknown),
        Strength::Guess => {
            let is_id = |reference: &Reference| reference.id.contains(['.', '-']);
            // `see 1.2` is no number of a series.
            let is_known = |reference: &Reference| {
                let first = byte(value, reference.span.offset.saturating_sub(offset));
                reference.form != Form::Unknown
                    && (!reference.id.contains('-') || !first.is_ascii_lowercase())
            };
            found.iter().all(is_known) && found.iter().any(is_id) && is_pure(value, found, offset)
        }
    }
}

/// Whether nothing but signs and words such as `and` stands between the items. Notes in brackets count as signs.
fn is_pure(value: &[u8], found: &[Reference], offset: usize) -> bool {
    let mut at = 0;
    let mut depth = 0usize;
    let mut next = found.iter().peekable();
    while at < value.len() {
        if let Some(item) = next.next_if(|item| item.span.offset <= offset + at) {
            at = at.max(item.span.end() - offset);
            continue;
        }
        if let Some((opens, len)) = bracket(value, at) {
            depth = if opens { depth + 1 } else { depth.saturating_sub(1) };
            at += len;
        } else if depth > 0 || !matches!(byte(value, at), b'a'..=b'z' | b'A'..=b'Z' | 0x80..) {
            at += 1;
        } else if separator_len(value, at) > 0 {
            at += separator_len(value, at);
        } else if joint(value, at) > at {
            at = joint(value, at);
        } else {
            return false;
        }
    }
    true
}

/// `REQ-1.2`, `R1.2`, `Requirement 1.2` and `1.2` name the same place; this is the form they are compared in. Other
/// series keep their letters: `NFR 2.1` is `NFR-2.1`.
/// Anything that is not a number comes back trimmed and otherwise as written.
pub fn normal_id(id: &str) -> String {
    let trimmed =
        id.trim_matches(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '`' | '*' | '_' | '"' | '.'));
    match item_at(trimmed.as_bytes(), 0, false) {
        Some(item) if item.to.is_none() && item.end == trimmed.len() && !item.number.is_wild => item.id,
        _ => trimmed.to_string(),
    }
}

/// The text with each byte that is no UTF-8 replaced by one control character, so that offsets stay true.
pub(crate) fn same_length(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut out = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                out.push_str(chunk.valid());
                out.extend(chunk.invalid().iter().map(|_| '\u{1a}'));
            }
            Cow::Owned(out)
        }
    }
}

/// The items of a list, wherever it stands. `offset` is where `value` begins in its document.
pub(crate) fn items(value: &[u8], offset: usize) -> Vec<Reference> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < value.len() && out.len() < SPANS_MAX {
        let end = segment_end(value, at);
        segment(value, at, end, offset, &mut out);
        at = end + separator_len(value, end).max(1);
    }
    out.truncate(SPANS_MAX);
    out
}

const SEPARATORS: &[&str] = &[",", ";", "、", "，", "；", "،", "؛"];

fn separator_len(value: &[u8], at: usize) -> usize {
    SEPARATORS.iter().find(|sign| lexer::starts(value, at, sign)).map_or(0, |sign| sign.len())
}

/// The end of the segment that begins at `from`: the next separator outside brackets.
fn segment_end(value: &[u8], from: usize) -> usize {
    let mut depth = 0usize;
    let mut at = from;
    while at < value.len() {
        let step = bracket(value, at);
        match step {
            Some((true, len)) => {
                depth += 1;
                at += len;
            }
            Some((false, len)) => {
                depth = depth.saturating_sub(1);
                at += len;
            }
            None if depth == 0 && separator_len(value, at) > 0 => return at,
            None => at += 1,
        }
    }
    value.len()
}

/// An opening (`true`) or closing round bracket and its length.
fn bracket(value: &[u8], at: usize) -> Option<(bool, usize)> {
    match value.get(at)? {
        b'(' => Some((true, 1)),
        b')' => Some((false, 1)),
        0xEF if lexer::starts(value, at, "（") => Some((true, 3)),
        0xEF if lexer::starts(value, at, "）") => Some((false, 3)),
        _ => None,
    }
}

fn segment(value: &[u8], from: usize, to: usize, offset: usize, out: &mut Vec<Reference>) {
    let part = value.get(..to).unwrap_or_default();
    let at = skip_wrappers(part, behind_from(part, skip_wrappers(part, from)));
    let end = trimmed_end(part, at);
    if at >= end {
        return;
    }
    let plain = |form: Form, start: usize, end: usize| {
        let span = Span::between(offset + start, offset + end);
        Reference { id: text(part, start, end), span, number: span, form }
    };
    let before_note = note_start(part, at, end);
    let words = text(part, at, before_note).trim().to_lowercase();
    if NO_WORDS.contains(&words.as_str()) || words.starts_with("n/a") {
        out.push(plain(Form::None, at, end));
        return;
    }
    if let Some(word) = ALL_WORDS.iter().find(|word| starts_with_word(&words, word)) {
        out.push(plain(Form::All, at, (at + word.len()).min(end)));
        return;
    }
    let first = out.len();
    match row(part, at, end, offset, out) {
        Row::Complete => {}
        // `1.2 Login, 1.3 Logout`: words behind an id that can be nothing else explain it.
        Row::Stopped { behind_dotted: true } if out.len() == first + 1 => {}
        Row::Stopped { .. } => {
            out.truncate(first);
            let end = trimmed_end(part.get(..before_note).unwrap_or_default(), at);
            out.push(plain(Form::Unknown, at, end));
        }
    }
}

/// Behind a word that opens a range: `from 1.1 to 1.3`, `с 1.1 по 1.3`. A number must follow.
fn behind_from(part: &[u8], at: usize) -> usize {
    const WORDS: &[&str] = &[
        "from ", "de ", "del ", "von ", "с ", "от ", "з ", "від ", "od ", "từ ", "dari ", "dal ", "da ",
        "van ", "från ", "من ", "自", "从", "從",
    ];
    let behind = WORDS.iter().find(|word| lexer::starts_any_case(part, at, word));
    let next = behind.map_or(at, |word| skip_wrappers(part, at + word.len()));
    if item_at(part, next, true).is_some_and(|item| item.to.is_some()) { next } else { at }
}

/// Behind a word that closes a range: `1.1から1.3まで`.
fn behind_until(part: &[u8], at: usize) -> usize {
    let word = ["까지", "まで", "為止", "为止"].iter().find(|word| lexer::starts(part, at, word));
    word.map_or(at, |word| at + word.len())
}

enum Row {
    Complete,
    Stopped { behind_dotted: bool },
}

/// Reads `1.1`, `1.1 and 1.2`, `1.1/1.2 (partly)` up to `end`.
fn row(part: &[u8], from: usize, end: usize, offset: usize, out: &mut Vec<Reference>) -> Row {
    let mut at = from;
    let mut behind_dotted = false;
    loop {
        let Some(item) = item_at(part, at, true) else { return Row::Stopped { behind_dotted } };
        behind_dotted = item.id.contains('.') && matches!(byte(part, item.end), b' ' | b':');
        at = item.end;
        out.push(reference(&item, offset));
        at = skip_wrappers(part, behind_until(part, at));
        while let Some((true, _)) = bracket(part, at) {
            at = note(part, at, end, offset, out);
            at = skip_wrappers(part, at);
        }
        if at >= end {
            return Row::Complete;
        }
        at = skip_wrappers(part, joint(part, at));
        if at >= end {
            return Row::Complete;
        }
    }
}

const JOINTS: &[&str] = &[
    "and ",
    "or ",
    "und ",
    "et ",
    "y ",
    "e ",
    "и ",
    "и/или ",
    "và ",
    "dan ",
    "ve ",
    "&",
    "+",
    "/",
    "・",
    "と",
    "和",
    "及",
    "および",
    "및",
    "i ",
    "oraz ",
    "a ",
    "en ",
    "och ",
    "і ",
    "та ",
    "și ",
    "و",
    "और ",
    "และ",
];

/// Behind a word or sign that joins two ids.
pub(crate) fn joint(s: &[u8], at: usize) -> usize {
    JOINTS.iter().find(|word| lexer::starts_any_case(s, at, word)).map_or(at, |word| at + word.len())
}

/// Reads the note in round brackets that opens at `at`; gives what stands behind it. `(and 1.4)` names an id, any
/// other note is only a note.
fn note(part: &[u8], at: usize, end: usize, offset: usize, out: &mut Vec<Reference>) -> usize {
    let close = note_end(part, at, end);
    let inner = skip_blanks(part, at + bracket(part, at).map_or(1, |(_, len)| len));
    let from = ["and ", "also ", "plus "].iter().find(|word| lexer::starts_any_case(part, inner, word));
    if let Some(word) = from {
        let first = out.len();
        let inside = part.get(..close).unwrap_or_default();
        if let Row::Stopped { .. } = row(inside, inner + word.len(), trimmed_end(inside, inner), offset, out)
        {
            out.truncate(first);
        }
    }
    close + bracket(part, close).map_or(0, |(_, len)| len)
}

/// Where the bracket that opens at `at` is closed; `end` when it never is.
fn note_end(part: &[u8], at: usize, end: usize) -> usize {
    let mut depth = 0usize;
    let mut at = at;
    while at < end {
        match bracket(part, at) {
            Some((true, len)) => {
                depth += 1;
                at += len;
            }
            Some((false, _)) if depth <= 1 => return at,
            Some((false, len)) => {
                depth -= 1;
                at += len;
            }
            None => at += 1,
        }
    }
    end
}

fn note_start(part: &[u8], at: usize, end: usize) -> usize {
    (at..end).find(|at| matches!(bracket(part, *at), Some((true, _)))).unwrap_or(end)
}

fn reference(item: &Item, offset: usize) -> Reference {
    let span = |start: usize, end: usize| Span::between(offset + start, offset + end);
    let form = match &item.to {
        Some((to, number)) => Form::Range { to: to.clone(), number: span(number.start, number.end) },
        None if item.is_whole() => Form::Whole,
        None => Form::Single,
    };
    Reference {
        id: item.id.clone(),
        span: span(item.start, item.end),
        number: span(item.number.start, item.number.end),
        form,
    }
}

fn skip_wrappers(s: &[u8], mut at: usize) -> usize {
    loop {
        let next = skip_blanks(s, at);
        match s.get(next) {
            Some(b'[' | b']' | b'`' | b'*' | b'_' | b'"' | b'.' | b'\r') => at = next + 1,
            _ => return next,
        }
    }
}

/// The end of `s` without white space, wrappers and a full stop; not before `from`.
fn trimmed_end(s: &[u8], from: usize) -> usize {
    let mut end = s.len();
    while end > from
        && matches!(
            byte(s, end - 1),
            b' ' | b'\t' | b'\r' | b'\n' | b'[' | b']' | b'`' | b'*' | b'_' | b'"' | b'.'
        )
    {
        // `6.*` ends with its star.
        if byte(s, end - 1) == b'*'
            && end >= 3
            && byte(s, end - 2) == b'.'
            && byte(s, end - 3).is_ascii_digit()
        {
            break;
        }
        end -= 1;
    }
    end
}

fn text(s: &[u8], from: usize, to: usize) -> String {
    String::from_utf8_lossy(s.get(from..to).unwrap_or_default()).into_owned()
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| !word.is_ascii() || !rest.starts_with(|c: char| c.is_alphanumeric()))
}

#[cfg(test)]
#[path = "references_tests.rs"]
mod tests;
