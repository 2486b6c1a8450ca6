//! Everything in one line of text that names a requirement, a property or a task by its number: words of prose,
//! labels, names of specs, names and titles of tests. Decides nothing about which spec is meant.

use super::names;
use super::words::{behind, is_other_count, word_at};
use super::{Tag, TagForm, TagKind};
use crate::Span;
use crate::references::joint;
use crate::references::lexer::{Item, byte, item_at, number_at, skip_blanks, starts};

/// Bytes of the longest name of a spec.
const NAME_BYTES_MAX: usize = 128;

/// Tags read from one line.
pub(crate) const LINE_TAGS_MAX: usize = 5_000;

/// The tags of a line, in order. `offset` is where the line begins in its file.
pub(crate) fn read(line: &[u8], offset: usize, number: usize) -> Vec<Tag> {
    let mut reader = Reader { s: line, offset, number, out: Vec::new() };
    let mut at = 0;
    while at < line.len() && reader.out.len() < LINE_TAGS_MAX {
        at = match byte(line, at) {
            b'F' if starts(line, at, "Feature:") => reader.feature(at),
            b'@' if starts(line, at, "@spec ") => reader.at_spec(at),
            _ => reader.word(at),
        }
        .max(at + 1);
    }
    names::read(line, offset, number, &mut reader.out);
    reader.titles();
    reader.out.sort_by_key(|tag| (tag.number.offset, std::cmp::Reverse(tag.confidence)));
    reader.out.dedup_by_key(|tag| tag.number);
    reader.out
}

struct Reader<'a> {
    s: &'a [u8],
    offset: usize,
    number: usize,
    out: Vec<Tag>,
}

impl Reader<'_> {
    fn span(&self, from: usize, to: usize) -> Span {
        Span::between(self.offset + from, self.offset + to)
    }

    fn push(&mut self, kind: TagKind, item: &Item, form: TagForm, confidence: u8) {
        self.out.push(Tag {
            kind,
            spec: None,
            spec_span: None,
            id: item.id.clone(),
            to: item.to.as_ref().map(|(id, number)| (id.clone(), self.span(number.start, number.end))),
            span: self.span(item.start, item.end),
            number: self.span(item.number.start, item.number.end),
            line: self.number,
            confidence,
            form,
        });
    }

    /// `Feature: name, Property 3: words`
    fn feature(&mut self, at: usize) -> usize {
        let from = skip_blanks(self.s, at + "feature:".len());
        let is_inside =
            at > 0 && (byte(self.s, at - 1).is_ascii_alphanumeric() || byte(self.s, at - 1) == b'_');
        let Some(to) = name_end(self.s, from).filter(|_| !is_inside) else { return at + 1 };
        let next = skip_blanks(self.s, to);
        let closes =
            matches!(byte(self.s, next), b',' | b'\n' | b'\r' | b'*' | b'"' | b'\'' | b'`' | b'|' | b'/')
                || byte(self.s, next) == b'-' && next > to
                || starts(self.s, next, "—")
                || word_at(self.s, next).is_some_and(|word| word.kind == TagKind::Property);
        if !closes {
            return at + 1;
        }
        // `Feature: Login` opens a Gherkin file as well.
        let property = skip_blanks(self.s, if byte(self.s, next) == b',' { next + 1 } else { next });
        let is_kiro = word_at(self.s, property).is_some_and(|word| word.kind == TagKind::Property);
        let name = String::from_utf8_lossy(self.s.get(from..to).unwrap_or_default()).into_owned();
        let span = self.span(from, to);
        self.out.push(Tag {
            kind: TagKind::Spec,
            spec: Some(name),
            spec_span: Some(span),
            id: String::new(),
            to: None,
            span,
            number: span,
            line: self.number,
            confidence: if is_kiro { 100 } else { 75 },
            form: TagForm::Feature,
        });
        to
    }

    /// `@spec name#1.2`
    fn at_spec(&mut self, at: usize) -> usize {
        let from = skip_blanks(self.s, at + "@spec ".len());
        self.with_name(from, TagKind::Requirement, TagForm::At).unwrap_or(at + 1)
    }

    /// `name#1.2`
    fn with_name(&mut self, from: usize, kind: TagKind, form: TagForm) -> Option<usize> {
        let to = name_end(self.s, from)?;
        if byte(self.s, to) != b'#' {
            return None;
        }
        let item = item_at(self.s, to + 1, false)?;
        self.push(kind, &item, form, 100);
        let name = String::from_utf8_lossy(self.s.get(from..to).unwrap_or_default()).into_owned();
        let span = self.span(from, to);
        if let Some(tag) = self.out.last_mut() {
            tag.spec = Some(name);
            tag.spec_span = Some(span);
        }
        Some(item.end)
    }

    /// A word with the numbers behind it; gives where reading goes on.
    fn word(&mut self, at: usize) -> usize {
        let Some(word) = word_at(self.s, at) else { return at + 1 };
        let Some((mut next, has_colon)) = behind(self.s, word, at) else { return at + 1 };
        if word.kind == TagKind::Task
            && has_colon
            && let Some(end) = self.with_name(next, TagKind::Task, TagForm::Trailer)
        {
            return end;
        }
        let is_short = word.text == "ac";
        if is_short && (!starts(self.s, at, "AC") || at > 0 && byte(self.s, at - 1) == b':') {
            return at + 1;
        }
        let is_label = !is_short && has_colon && word.kind == TagKind::Requirement || word.needs_colon;
        let is_weak = is_short || word.text.starts_with("criteri");
        let is_other = is_other_count(self.s, at);
        let is_capital = byte(self.s, at).is_ascii_uppercase() || !byte(self.s, at).is_ascii();
        let mut count = 0;
        while let Some(item) = item_at(self.s, next, word.is_plural || is_label) {
            // `AC REQ-1` is read at its second word.
            let is_ok = !(is_short && item.has_prefix)
                && fits(word.kind, &item, self.s)
                && (count == 0 || goes_on(&item, word.is_plural || is_label));
            if !is_ok || self.out.len() >= LINE_TAGS_MAX {
                break;
            }
            let base: u8 = match (word.kind, is_label) {
                (TagKind::Requirement, _) if is_weak => 70,
                (TagKind::Requirement, true) => 100,
                (TagKind::Property, _) => 90,
                (TagKind::Task, _) => 80,
                (TagKind::Requirement | TagKind::Spec, _) => 95,
            };
            let is_dotted = item.id.contains('.');
            let doubt = match (is_dotted || item.number.is_wild, is_capital) {
                // The crate of that name is at version 0.
                (true, false) if is_weak && item.id.starts_with('0') => 40,
                (true, _) => 0,
                (false, true) if word.kind == TagKind::Task => 20,
                (false, true) => 10,
                // `runs 3 tasks 5 times`
                (false, false) if word.is_plural && item.to.is_none() => 40,
                (false, false) => 15,
            };
            let confidence = if is_other { 30 } else { base.saturating_sub(doubt) };
            let form = if is_label { TagForm::Label } else { TagForm::Word };
            self.push(word.kind, &item, form, confidence);
            count += 1;
            let Some(behind) = continuation(self.s, item.end) else { return item.end };
            next = behind;
        }
        if count == 0 {
            at + 1
        } else {
            next.min(self.out.last().map_or(next, |tag| tag.span.end() - self.offset))
        }
    }

    /// `it("1.2 does this")`, `test('[1.2] …')`, `describe("… [1.2]")`
    fn titles(&mut self) {
        const CALLS: &[&str] =
            &["it(", "test(", "describe(", "DisplayName(", "it.only(", "test.only(", "scenario("];
        let line = self.s.get(..TITLE_BYTES_MAX.min(self.s.len())).unwrap_or_default();
        let start = line.iter().position(|b| !matches!(b, b' ' | b'\t' | b'@')).unwrap_or(0);
        let Some(call) = CALLS.iter().find(|call| starts(line, start, call)) else { return };
        let quote = skip_blanks(line, start + call.len());
        if !matches!(byte(line, quote), b'"' | b'\'' | b'`') {
            return;
        }
        let mut at = quote + 1;
        let first = at + usize::from(matches!(byte(line, at), b'[' | b'('));
        if let Some(number) = number_at(line, first).filter(|number| number.text(line).contains('.')) {
            self.title(number, 45);
            at = number.after;
        }
        while let Some(open) = line.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'[')) {
            at += open + 1;
            if let Some(number) = number_at(line, at)
                && number.text(line).contains('.')
                && byte(line, number.after) == b']'
            {
                self.title(number, 40);
            }
        }
    }

    fn title(&mut self, number: crate::references::lexer::Number, confidence: u8) {
        let (start, end) = (number.start, number.after);
        let id = number.text(self.s).into_owned();
        let item = Item { id, to: None, number, start, end, has_prefix: false };
        self.push(TagKind::Requirement, &item, TagForm::Title, confidence);
    }
}

/// Bytes of a line in which the title of a test is looked for.
const TITLE_BYTES_MAX: usize = 1_000;

/// Whether an item can be the number of such a thing at all.
fn fits(kind: TagKind, item: &Item, s: &[u8]) -> bool {
    match kind {
        TagKind::Property => !item.has_prefix && !item.id.contains('.'),
        TagKind::Task => !item.has_prefix || matches!(byte(s, item.start), b'T' | b't'),
        TagKind::Requirement | TagKind::Spec => {
            let series = item.id.split_once('-').map(|(series, _)| series);
            series.is_none_or(|series| matches!(series, "NFR" | "FR" | "US" | "AC" | "DR" | "BR" | "SR"))
        }
    }
}

/// Whether a later item belongs to the list: `Requirement 3, 5 seconds later` names one requirement.
fn goes_on(item: &Item, is_plural: bool) -> bool {
    item.id.contains('.') || item.has_prefix || is_plural
}

/// Behind the separator to the next item of a list, if one stands there.
fn continuation(s: &[u8], at: usize) -> Option<usize> {
    let mut next = at;
    while matches!(byte(s, next), b'`' | b']' | b'"') {
        next += 1;
    }
    let start = next;
    next = skip_blanks(s, next);
    if matches!(byte(s, next), b'(') {
        let inner = skip_blanks(s, next + 1);
        let after = joint(s, inner);
        return (after > inner).then(|| skip_blanks(s, after));
    }
    for sign in [",", "、", "，", ";", "；"] {
        if starts(s, next, sign) {
            next = skip_blanks(s, next + sign.len());
            break;
        }
    }
    next = skip_blanks(s, joint(s, next));
    while matches!(byte(s, next), b'`' | b'[' | b'"') {
        next += 1;
    }
    (next > start && byte(s, next - 1) != b' ' || next > start + 1).then_some(next)
}

/// The end of the name of a spec that begins at `from`: letters of any script, digits, `-`, `_`, `.`.
fn name_end(s: &[u8], from: usize) -> Option<usize> {
    let rest = s.get(from..(from + NAME_BYTES_MAX).min(s.len()))?;
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/') || *b >= 0x80;
    let length = rest.iter().take_while(|b| is_part(b)).count();
    let name = rest.get(..length)?;
    let name = name.strip_suffix(b".").unwrap_or(name);
    let is_name =
        name.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80) && name.len() < NAME_BYTES_MAX;
    (is_name && std::str::from_utf8(name).is_ok()).then_some(from + name.len())
}
