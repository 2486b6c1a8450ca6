//! The firewall: values out, placeholders in, and back again on the way to a tool. Finding values is the scanner's, cutting a
//! stream is `stream`'s.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::finding::{Confidence, Finding};
use crate::hidden::Hidden;
use crate::known::{KNOWN_MIN, Known};
use crate::placeholder;
use crate::rule::{Policy, Severity};
use crate::scanner::Scanner;
use crate::stream::Stream;
use crate::tag::{Key, TAG_LETTERS, tag};

/// The most values, and the most bytes of values, that one firewall remembers. Beyond them values are still replaced, by a
/// placeholder that cannot be resolved.
pub(crate) const VALUES_MAX: usize = 1 << 16;
const BYTES_MAX: usize = 64 << 20;
/// What stands for a value that could not be remembered.
const FORGOTTEN: &str = "waypost_secret_not_kept";

/// Where a text comes from. It decides what happens to text that looks like a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// From outside: a file, a command, the web, a person. What looks like a placeholder there is none; it is replaced too, so
    /// that resolving gives back exactly the text.
    World,
    /// From inside: the model's words, or a text that was redacted before. Placeholders stay as they are.
    Session,
}

/// A value that was found, without the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The rule's name.
    pub rule: Arc<str>,
    /// The rule's severity.
    pub severity: Severity,
    /// What was done.
    pub policy: Policy,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where it stood in the text before, in bytes.
    pub span: Range<usize>,
    /// Whether it was known from elsewhere and stood here without anything that would have told.
    pub repeated: bool,
    /// What stands there now; nothing when the policy is to warn.
    pub placeholder: Option<Arc<str>>,
}

/// A text without values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted<T> {
    /// The text, with placeholders.
    pub text: T,
    /// What was found, in order.
    pub found: Vec<Found>,
    /// How many values were replaced that resolving cannot bring back, because too many are remembered already.
    pub forgotten: usize,
}

impl<T> Redacted<T> {
    /// Whether a rule wants the text as a whole to be kept back.
    pub fn blocked(&self) -> bool {
        self.found.iter().any(|found| found.policy == Policy::Block)
    }
}

/// A value that a text on its way out wants back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use<'a> {
    /// The name of the rule that found it.
    pub rule: &'a str,
    /// The rule's severity.
    pub severity: Severity,
    /// The placeholder.
    pub placeholder: &'a str,
    /// Where the text goes, in the words of the caller: a tool, a host, a path.
    pub target: &'a str,
}

/// Who may have which value. Implemented for `Fn(&Use) -> bool`.
pub trait Permission {
    /// Whether the target may have the value.
    fn may(&self, wanted: &Use<'_>) -> bool;
}

impl<F: Fn(&Use<'_>) -> bool> Permission for F {
    fn may(&self, wanted: &Use<'_>) -> bool {
        self(wanted)
    }
}

/// A text with its values back. Debug output does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Resolved<T> {
    /// The text. It must go to its target and nowhere else.
    pub text: T,
    /// The placeholders that were resolved.
    pub used: Vec<Arc<str>>,
    /// The placeholders that the target may not have; they stand in the text.
    pub refused: Vec<Arc<str>>,
    /// What looks like a placeholder and is none of this firewall's, as far as its eight letters.
    pub unknown: Vec<String>,
}

impl<T> fmt::Debug for Resolved<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "Resolved {{ used: {:?}, refused: {:?}, unknown: {:?} }}",
            self.used, self.refused, self.unknown
        )
    }
}

/// Remembers values and their placeholders for one session. The same value has the same placeholder, in every session with the
/// same key and the same first rule.
pub struct Firewall {
    scanner: Arc<Scanner>,
    key: Key,
    entries: Vec<Entry>,
    by_tag: HashMap<[u8; TAG_LETTERS], usize>,
    known: Known,
    bytes: usize,
}

struct Entry {
    value: Hidden,
    placeholder: Arc<str>,
    rule: Arc<str>,
    severity: Severity,
    policy: Policy,
    confidence: Confidence,
    /// Text that only looked like a placeholder.
    literal: bool,
}

impl fmt::Debug for Firewall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Firewall {{ values: {} }}", self.entries.len())
    }
}

impl Firewall {
    /// A firewall that remembers nothing yet.
    pub fn new(scanner: Arc<Scanner>, key: Key) -> Self {
        Self { scanner, key, entries: Vec::new(), by_tag: HashMap::new(), known: Known::default(), bytes: 0 }
    }

    /// Makes a value known that no rule needs to find, such as one that a reference was resolved to, and gives its placeholder.
    /// `name` stands where the name of a rule stands otherwise. `None` if too many values are remembered. A value of fewer than
    /// eight bytes is not looked for in texts.
    pub fn remember(&mut self, value: &[u8], name: &str) -> Option<Arc<str>> {
        let index = self.register(
            value,
            &name.into(),
            (Severity::High, Policy::Placeholder, Confidence::Checksum),
            false,
        )?;
        self.entries.get(index).map(|entry| entry.placeholder.clone())
    }

    /// Replaces the values of a text. A value that one place gives away is replaced in the places before it too.
    pub fn redact(&mut self, text: &str, source: Source) -> Redacted<String> {
        let Redacted { text, found, forgotten } = self.redact_bytes(text.as_bytes(), source);
        // Only whole characters are replaced, by ASCII.
        let text = String::from_utf8(text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Redacted { text, found, forgotten }
    }

    /// As [`Firewall::redact`], for any bytes. Text in UTF-16 comes back in UTF-8.
    pub fn redact_bytes(&mut self, text: &[u8], source: Source) -> Redacted<Vec<u8>> {
        let utf16 = crate::encoded::utf16(text);
        let text = utf16.as_ref().map_or(text, |utf16| utf16.text.as_bytes());
        let values = self.entries.len();
        let first = self.once(text, source);
        if self.entries.len() == values { first } else { self.once(text, source) }
    }

    fn once(&mut self, text: &[u8], source: Source) -> Redacted<Vec<u8>> {
        let mut stream = Stream::new(source);
        let mut start = stream.push(self, text);
        let mut end = stream.finish(self);
        start.text.append(&mut end.text);
        start.found.append(&mut end.found);
        start.forgotten += end.forgotten;
        start
    }

    /// Brings back the values that the target may have.
    pub fn resolve(&self, text: &str, target: &str, permission: &impl Permission) -> Resolved<String> {
        let Resolved { text, used, refused, unknown } =
            self.resolve_bytes(text.as_bytes(), target, permission);
        let text = String::from_utf8(text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Resolved { text, used, refused, unknown }
    }

    /// As [`Firewall::resolve`], for any bytes.
    pub fn resolve_bytes(
        &self,
        text: &[u8],
        target: &str,
        permission: &impl Permission,
    ) -> Resolved<Vec<u8>> {
        let mut out = Resolved {
            text: Vec::with_capacity(text.len()),
            used: Vec::new(),
            refused: Vec::new(),
            unknown: Vec::new(),
        };
        let mut at = 0;
        while let Some(head) = placeholder::next(text, at) {
            out.text.extend_from_slice(text.get(at..head.start).unwrap_or_default());
            at = head.end;
            let Some(entry) = self.entry_at(text, &head) else {
                let head = text.get(head).unwrap_or_default();
                out.unknown.push(String::from_utf8_lossy(head).into_owned());
                out.text.extend_from_slice(head);
                continue;
            };
            at = head.start + entry.placeholder.len();
            let wanted =
                Use { rule: &entry.rule, severity: entry.severity, placeholder: &entry.placeholder, target };
            if entry.literal {
                out.text.extend_from_slice(entry.value.expose());
            } else if permission.may(&wanted) {
                out.text.extend_from_slice(entry.value.expose());
                out.used.push(entry.placeholder.clone());
            } else {
                out.text.extend_from_slice(entry.placeholder.as_bytes());
                out.refused.push(entry.placeholder.clone());
            }
        }
        out.text.extend_from_slice(text.get(at..).unwrap_or_default());
        out
    }

    /// How many values are remembered.
    pub fn len(&self) -> usize {
        self.entries.iter().filter(|entry| !entry.literal).count()
    }

    /// Whether no value is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Replaces what begins inside `region` of `text`, appends the outcome to `out`, and says where it stopped: at the region's
    /// end, or behind a value that reaches past it. `offset` is where `text` begins in the whole.
    pub(crate) fn cover(
        &mut self,
        text: &[u8],
        region: Range<usize>,
        offset: usize,
        source: Source,
        out: &mut Redacted<Vec<u8>>,
    ) -> usize {
        let scan = self.scanner.scan_part(text);
        let mut findings = scan
            .findings
            .into_iter()
            .filter(|f| f.secret.start >= region.start && f.secret.start < region.end && !f.secret.is_empty())
            .peekable();
        let mut at = region.start;
        let mut mark = placeholder::next(text, at);
        while at < region.end {
            while findings.next_if(|finding| finding.secret.start < at).is_some() {}
            let next = findings.peek().map_or(region.end, |finding| finding.secret.start);
            while mark.as_ref().is_some_and(|head| head.start < at) {
                mark = placeholder::next(text, at);
            }
            let head = mark.clone().filter(|head| head.start <= next && head.start < region.end);
            let before = head.as_ref().map_or(next, |head| head.start);
            let seen = self.known.next(text, at, before, |index| self.value(index));
            let (stop, what) = match (seen, head) {
                (Some((place, index, length)), _) => (place, Piece::Known(index, length)),
                (None, Some(head)) => (head.start, Piece::Mark(head)),
                (None, None) => (next, Piece::Finding),
            };
            out.text.extend_from_slice(text.get(at..stop).unwrap_or_default());
            at = stop;
            match what {
                // A value that overlaps what begins before it goes out with it, in one piece.
                Piece::Known(_, length) if at + length > next && findings.peek().is_some() => {
                    at = self.replace_to(text, at, &mut findings, (offset, source), out)
                }
                Piece::Known(index, length) => {
                    self.note_known(index, offset + at..offset + at + length, out);
                    at += length;
                }
                Piece::Mark(head) if source == Source::Session => {
                    let whole =
                        self.entry_at(text, &head).map_or(head.len(), |entry| entry.placeholder.len());
                    out.text.extend_from_slice(text.get(at..at + whole).unwrap_or_default());
                    at += whole;
                }
                Piece::Mark(head) if head.end > next && findings.peek().is_some() => {
                    at = self.replace_to(text, at, &mut findings, (offset, source), out)
                }
                Piece::Mark(head) => {
                    let rule = placeholder::LITERAL.into();
                    let facts = (Severity::Low, Policy::Placeholder, Confidence::Checksum);
                    let index = self.register(text.get(head.clone()).unwrap_or_default(), &rule, facts, true);
                    let name = index
                        .and_then(|index| self.entries.get(index))
                        .map(|entry| entry.placeholder.clone());
                    out.forgotten += usize::from(name.is_none());
                    out.text.extend_from_slice(name.as_deref().unwrap_or(FORGOTTEN).as_bytes());
                    at = head.end;
                }
                Piece::Finding if findings.peek().is_some() => {
                    at = self.replace_to(text, at, &mut findings, (offset, source), out)
                }
                Piece::Finding => at = region.end,
            }
        }
        at
    }

    /// Replaces from `at` to the end of the next finding. Placeholders inside it, which only a text of the session can have,
    /// stay: what stands around them is replaced.
    fn replace_to(
        &mut self,
        text: &[u8],
        at: usize,
        findings: &mut impl Iterator<Item = Finding>,
        (offset, source): (usize, Source),
        out: &mut Redacted<Vec<u8>>,
    ) -> usize {
        let Some(finding) = findings.next() else { return at + 1 };
        let end = finding.secret.end;
        let mut at = at;
        while at < end {
            let inner =
                placeholder::next(text, at).filter(|head| source == Source::Session && head.start < end);
            let inner = inner.and_then(|head| {
                self.entry_at(text, &head).map(|entry| head.start..head.start + entry.placeholder.len())
            });
            let stop = inner.as_ref().map_or(end, |inner| inner.start);
            if at < stop {
                self.replace(text, at..stop, &finding, offset, out);
            }
            at = inner.map_or(end, |inner| {
                out.text.extend_from_slice(text.get(inner.clone()).unwrap_or_default());
                inner.end
            });
        }
        at
    }

    fn replace(
        &mut self,
        text: &[u8],
        span: Range<usize>,
        finding: &Finding,
        offset: usize,
        out: &mut Redacted<Vec<u8>>,
    ) {
        let value = text.get(span.clone()).unwrap_or_default();
        let mut found = Found {
            rule: finding.rule.clone(),
            severity: finding.severity,
            policy: finding.policy,
            confidence: finding.confidence,
            span: offset + span.start..offset + span.end,
            repeated: false,
            placeholder: None,
        };
        if finding.policy == Policy::Warn {
            out.text.extend_from_slice(value);
        } else {
            let index = self.register(
                value,
                &finding.rule,
                (finding.severity, finding.policy, finding.confidence),
                false,
            );
            found.placeholder =
                index.and_then(|index| self.entries.get(index)).map(|entry| entry.placeholder.clone());
            out.forgotten += usize::from(found.placeholder.is_none());
            out.text.extend_from_slice(found.placeholder.as_deref().unwrap_or(FORGOTTEN).as_bytes());
        }
        out.found.push(found);
    }

    fn note_known(&self, index: usize, span: Range<usize>, out: &mut Redacted<Vec<u8>>) {
        let Some(entry) = self.entries.get(index) else { return };
        out.text.extend_from_slice(entry.placeholder.as_bytes());
        out.found.push(Found {
            rule: entry.rule.clone(),
            severity: entry.severity,
            policy: entry.policy,
            confidence: entry.confidence,
            span,
            repeated: true,
            placeholder: Some(entry.placeholder.clone()),
        });
    }

    fn value(&self, index: usize) -> &[u8] {
        self.entries.get(index).map_or(b"", |entry| entry.value.expose())
    }

    /// The entry whose placeholder stands where `head` begins.
    fn entry_at(&self, text: &[u8], head: &Range<usize>) -> Option<&Entry> {
        let letters = placeholder::letters(text.get(head.clone())?)?;
        let entry = self.entries.get(*self.by_tag.get(&letters)?)?;
        text.get(head.start..)?.starts_with(entry.placeholder.as_bytes()).then_some(entry)
    }

    fn register(
        &mut self,
        value: &[u8],
        rule: &Arc<str>,
        facts: (Severity, Policy, Confidence),
        literal: bool,
    ) -> Option<usize> {
        for round in 0..=u8::MAX {
            let letters = tag(self.key, value, round);
            match self.by_tag.get(&letters) {
                Some(index) if self.value(*index) == value => return Some(*index),
                Some(_) => continue,
                None if self.entries.len() >= VALUES_MAX || self.bytes + value.len() > BYTES_MAX => {
                    return None;
                }
                None => {}
            }
            let index = self.entries.len();
            let (severity, policy, confidence) = facts;
            let placeholder = placeholder::write(letters, rule).into();
            self.entries.push(Entry {
                value: Hidden::new(value),
                placeholder,
                rule: rule.clone(),
                severity,
                policy,
                confidence,
                literal,
            });
            self.by_tag.insert(letters, index);
            self.bytes += value.len();
            if !literal && value.len() >= KNOWN_MIN {
                let entries = &self.entries;
                self.known.insert(index, value, |index| {
                    entries.get(index).map_or(b"", |entry| entry.value.expose())
                });
            }
            return Some(index);
        }
        None
    }
}

/// What stands at a place.
enum Piece {
    Known(usize, usize),
    Mark(Range<usize>),
    Finding,
}

#[cfg(test)]
#[path = "firewall_tests.rs"]
pub(crate) mod tests;
