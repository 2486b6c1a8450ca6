//! One scan: keywords over the whole input, expressions near the hits, then the proofs, then the allow-lists. Inputs that are
//! wrapped are unwrapped by `encoded`.
//!
//! Whether something is found depends on its own line alone (private keys in PEM aside), so that a stream that is cut at line
//! ends finds what a scan of the whole finds.

use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};

use crate::allow::{self, Case, MARK_REACH};
use crate::check::{self, Verdict};
use crate::encoded;
use crate::finding::{Confidence, Finding, LetThrough, Reason, Scan, Wrapping};
use crate::judge;
use crate::lines::line_around;
use crate::pem::{self, Block};
use crate::rule::{Detector, Rule, Severity};
use crate::scanner::{Before, Options, Scanner};
use crate::{assign, url};

/// After so many looks of one rule into one line, the rule looks only where it has not looked yet.
const LOOKS_MAX: usize = 64;
/// The most matches of a rule in one look.
const MATCHES_MAX: usize = 16;
/// The most assignments that are read inside one value without quotes, such as a URL with parameters.
const NESTED_MAX: usize = 16;
/// Where a zero says that an input is no text, in bytes from its start.
const BINARY_PROBE: usize = 8_000;
/// The longest line that a rule without keywords is run on in one piece, in bytes.
const PIECE_MAX: usize = 64 << 10;

impl Scanner {
    /// Scans any bytes. The time is linear in the length of the input.
    pub fn scan(&self, input: &[u8], options: &Options<'_>) -> Scan {
        let mut work = Work::new(self, options);
        if let Some(path) = options.path {
            if self.allow.iter().any(|list| list.allows_path(path)) {
                return work.finish(input);
            }
            work.paths(path);
        }
        if let Some(utf16) = encoded::utf16(input) {
            work.wrapping = Wrapping::Utf16;
            work.pass(utf16.text.as_bytes());
            work.map(0, |range| utf16.back(range));
            return work.finish(input);
        }
        work.binary = input.get(..input.len().min(BINARY_PROBE)).is_some_and(|start| start.contains(&0));
        work.everything(input);
        work.finish(input)
    }

    /// Scans a part of a text, which is never UTF-16.
    pub(crate) fn scan_part(&self, input: &[u8]) -> Scan {
        let options = Options::default();
        let mut work = Work::new(self, &options);
        work.everything(input);
        work.finish(input)
    }
}

/// How far a rule has looked.
#[derive(Clone, Copy, Default)]
struct Looked {
    /// The end of the last line that was looked into, and how often.
    line: usize,
    times: usize,
    to: usize,
}

struct Work<'s> {
    scanner: &'s Scanner,
    options: &'s Options<'s>,
    findings: Vec<Finding>,
    let_through: Vec<LetThrough>,
    looked: Vec<Looked>,
    wrapping: Wrapping,
    /// The end of the last private key, and of the last name that was read.
    key_end: usize,
    name_end: usize,
    /// The end of the last value without quotes, and how many names were read inside it.
    value_end: usize,
    nested: usize,
    /// Whether values that only a name gives away are let through.
    binary: bool,
}

impl<'s> Work<'s> {
    fn new(scanner: &'s Scanner, options: &'s Options<'s>) -> Self {
        Self {
            scanner,
            options,
            findings: Vec::new(),
            let_through: Vec::new(),
            looked: Vec::new(),
            wrapping: Wrapping::None,
            key_end: 0,
            name_end: 0,
            value_end: 0,
            nested: 0,
            binary: false,
        }
    }

    /// The text as it is, and what is wrapped in it.
    fn everything(&mut self, input: &[u8]) {
        self.pass(input);
        encoded::base64_runs(input, |run| {
            let before = (self.findings.len(), self.let_through.len());
            self.wrapping = Wrapping::Base64;
            self.pass(&run.text);
            self.let_through.truncate(before.1);
            self.map(before.0, |range| run.back(range));
        });
    }

    /// Turns spans of an unwrapped text into spans of the input.
    fn map(&mut self, from: usize, back: impl Fn(&Range<usize>) -> Range<usize>) {
        for finding in self.findings.iter_mut().skip(from) {
            finding.span = back(&finding.span);
            finding.secret = back(&finding.secret);
        }
        if self.wrapping == Wrapping::Utf16 {
            for entry in &mut self.let_through {
                entry.secret = back(&entry.secret);
            }
        }
    }

    fn paths(&mut self, path: &str) {
        for rule in self.scanner.paths.iter().filter_map(|index| self.scanner.rules.get(*index)) {
            if rule.path.as_ref().is_some_and(|pattern| pattern.is_match(path.as_bytes())) {
                let case = Case { path: Some(path), secret: b"", matched: b"", line: b"" };
                match listed(self.scanner, rule, &case) {
                    Some(reason) => self.pass_over(rule, 0..0, reason),
                    None => self.findings.push(finding(
                        rule,
                        0..0,
                        0..0,
                        rule.severity,
                        Confidence::Structured,
                        self.wrapping,
                    )),
                }
            }
        }
    }

    /// Goes over a text once.
    fn pass(&mut self, text: &[u8]) {
        self.looked.clear();
        self.looked.resize(self.scanner.rules.len(), Looked::default());
        (self.key_end, self.name_end, self.value_end, self.nested) = (0, 0, 0, 0);
        let scanner = self.scanner;
        if let Some(automaton) = &scanner.automaton {
            for hit in automaton.find_overlapping_iter(text) {
                for want in
                    scanner.wanted.get(hit.pattern().as_usize()).map(Vec::as_slice).unwrap_or_default()
                {
                    if !stands_after(text, hit.start(), want.before) {
                        continue;
                    }
                    if want.exact.as_ref().is_some_and(|word| text.get(hit.range()) != Some(word)) {
                        continue;
                    }
                    if let Some(rule) = scanner.rules.get(want.rule) {
                        self.hit(text, want.rule, rule, hit.range());
                    }
                }
            }
        }
        for index in &scanner.bare {
            if let Some(rule) = scanner.rules.get(*index) {
                self.every_line(text, rule);
            }
        }
    }

    fn hit(&mut self, text: &[u8], index: usize, rule: &Rule, word: Range<usize>) {
        match rule.detector {
            Detector::Start => {
                let end = text.len().min(word.start + rule.after.max(pem::BLOCK_MAX / 4));
                let Some(regex) = rule.pattern.as_ref().and_then(|pattern| pattern.regex()) else { return };
                let Some(piece) = text.get(word.start..end) else { return };
                if let Some(found) = search(regex, piece, 0, rule.group, Anchored::Yes) {
                    self.admit(text, rule, shift(&found.0, word.start), shift(&found.1, word.start));
                }
            }
            Detector::Window => self.window(text, index, rule, &word),
            Detector::Assignment => self.assignment(text, rule, word),
            Detector::Url => {
                if let Some(login) = url::read(text, word.start) {
                    let user = text.get(login.user).unwrap_or_default();
                    let password = text.get(login.password.clone()).unwrap_or_default();
                    match judge::in_place(user, password) {
                        Ok(()) => self.admit(text, rule, login.span, login.password),
                        Err(reason) => self.pass_over(rule, login.password, reason),
                    }
                }
            }
            Detector::Pem => {
                if word.start < self.key_end {
                    return;
                }
                match pem::read_last(text, word.start) {
                    Block::Key(span, confidence) => {
                        self.key_end = span.end;
                        self.keep(text, rule, span.clone(), span, rule.severity, confidence);
                    }
                    Block::Empty(span, reason) => self.pass_over(rule, span, reason),
                    Block::Open | Block::Other => {}
                }
            }
        }
    }

    /// Looks around a keyword, inside its line.
    fn window(&mut self, text: &[u8], index: usize, rule: &Rule, word: &Range<usize>) {
        let Some(looked) = self.looked.get_mut(index) else { return };
        if looked.times > LOOKS_MAX && word.start < looked.to {
            return;
        }
        let (start, end) = line_around(text, word.start, (rule.before, word.len() + rule.after));
        // The same line as before has an end not before the last end, and a start before it.
        if start >= looked.line {
            *looked = Looked::default();
        }
        looked.line = looked.line.max(end);
        looked.times += 1;
        looked.to = looked.to.max(end);
        let Some(piece) = text.get(start..end) else { return };
        let Some(regex) = rule.pattern.as_ref().and_then(|pattern| pattern.regex()) else { return };
        self.every_match(text, rule, regex, piece, start);
    }

    fn every_match(&mut self, text: &[u8], rule: &Rule, regex: &Regex, piece: &[u8], offset: usize) {
        let mut from = 0;
        for _ in 0..MATCHES_MAX {
            let Some((span, secret)) = search(regex, piece, from, rule.group, Anchored::No) else { return };
            from = span.end.max(span.start + 1).max(secret.end);
            self.admit(text, rule, shift(&span, offset), shift(&secret, offset));
        }
    }

    fn every_line(&mut self, text: &[u8], rule: &Rule) {
        let Some(regex) = rule.pattern.as_ref().and_then(|pattern| pattern.regex()) else { return };
        let mut at = 0;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            for piece in line.chunks(PIECE_MAX) {
                self.every_match(text, rule, regex, piece, at);
                at += piece.len();
            }
        }
    }

    fn assignment(&mut self, text: &[u8], rule: &Rule, word: Range<usize>) {
        let inside = word.start < self.value_end;
        if word.start < self.name_end || inside && self.nested >= NESTED_MAX {
            return;
        }
        let (end, assignment) = assign::read(text, word);
        self.name_end = end;
        let Some(found) = assignment else { return };
        if inside {
            self.nested += 1;
        } else if !found.quoted {
            (self.value_end, self.nested) = (found.value.end, 0);
        }
        // One rule for passwords and one for the rest share the reading; the name says whose it is.
        let id = if found.kind == judge::Kind::Password { "generic-password" } else { "generic-secret" };
        let rule = self.scanner.rules.iter().find(|rule| rule.id() == id).map_or(rule, AsRef::as_ref);
        let value = text.get(found.value.clone()).unwrap_or_default();
        let judged = judge::assigned(value, found.kind, found.quoted);
        match judged.and(if self.binary { Err(Reason::Binary) } else { Ok(()) }) {
            Ok(()) => self.admit(text, rule, found.name.start..found.value.end, found.value),
            Err(reason) => self.pass_over(rule, found.value, reason),
        }
    }

    /// The proofs that a candidate must pass.
    fn admit(&mut self, text: &[u8], rule: &Rule, span: Range<usize>, secret: Range<usize>) {
        let Some(value) = text.get(secret.clone()).filter(|value| !value.is_empty()) else { return };
        if rule
            .path
            .as_ref()
            .is_some_and(|path| !self.options.path.is_some_and(|at| path.is_match(at.as_bytes())))
        {
            return;
        }
        if rule.builtin
            && let Err(reason) = judge::example(value)
        {
            return self.pass_over(rule, secret, reason);
        }
        let varied = if rule.builtin {
            judge::varied(value, rule.entropy)
        } else {
            crate::entropy::shannon(value) >= rule.entropy
        };
        if !varied {
            return self.pass_over(rule, secret, Reason::Monotone);
        }
        let named = rule.names_a_service() || rule.builtin && rule.detector == Detector::Window;
        if named && rule.check.is_none() && judge::wordy(value) {
            return self.pass_over(rule, secret, Reason::Words);
        }
        let confidence = if rule.is_generic() { Confidence::Generic } else { Confidence::Structured };
        let (severity, confidence) = match rule.check.map(|check| check::run(check, value)) {
            None => (rule.severity, confidence),
            Some(Verdict::Holds(confidence)) => (rule.severity, confidence),
            Some(Verdict::Doubtful) => (lower(rule.severity), Confidence::Generic),
            Some(Verdict::Fails(reason)) => return self.pass_over(rule, secret, reason),
        };
        self.keep(text, rule, span, secret, severity, confidence);
    }

    /// The allow-lists and marks that a candidate must pass.
    fn keep(
        &mut self,
        text: &[u8],
        rule: &Rule,
        span: Range<usize>,
        secret: Range<usize>,
        severity: Severity,
        confidence: Confidence,
    ) {
        let (start, end) = line_around(text, secret.start, (MARK_REACH, MARK_REACH));
        let line = text.get(start..end).unwrap_or_default();
        let case = Case {
            path: self.options.path,
            secret: text.get(secret.clone()).unwrap_or_default(),
            matched: text.get(span.clone()).unwrap_or_default(),
            line,
        };
        if let Some(reason) = listed(self.scanner, rule, &case) {
            return self.pass_over(rule, secret, reason);
        }
        if self.options.marks
            && let Some(reason) = allow::mark(line)
        {
            return self.pass_over(rule, secret, Reason::Marked(reason));
        }
        self.findings.push(finding(rule, span, secret, severity, confidence, self.wrapping));
    }

    fn pass_over(&mut self, rule: &Rule, secret: Range<usize>, reason: Reason) {
        if self.options.let_through && self.let_through.len() < Scan::LET_THROUGH_MAX {
            self.let_through.push(LetThrough { rule: rule.id.clone(), secret, reason });
        }
    }

    /// Sorts, and keeps the surest of those that overlap.
    fn finish(mut self, input: &[u8]) -> Scan {
        for finding in &mut self.findings {
            whole_characters(input, &mut finding.secret);
            whole_characters(input, &mut finding.span);
        }
        let rank = |f: &Finding| (f.wrapping == Wrapping::None, f.confidence, f.severity, f.secret.len());
        self.findings.sort_by(|a, b| {
            a.secret
                .start
                .cmp(&b.secret.start)
                .then_with(|| rank(b).cmp(&rank(a)))
                .then_with(|| a.rule.cmp(&b.rule))
        });
        let mut kept: Vec<Finding> = Vec::with_capacity(self.findings.len());
        for finding in self.findings {
            match kept.last_mut() {
                Some(last) if finding.secret.start < last.secret.end => {
                    if rank(&finding) > rank(last) {
                        *last = finding;
                    }
                }
                Some(last) if finding == *last => {}
                _ => kept.push(finding),
            }
        }
        self.let_through.sort_by_key(|entry| entry.secret.start);
        self.let_through.dedup();
        let covered = |entry: &LetThrough| {
            let at = kept.partition_point(|finding| finding.secret.end <= entry.secret.start);
            kept.get(at).is_some_and(|finding| finding.secret.start < entry.secret.end)
        };
        self.let_through.retain(|entry| !covered(entry));
        Scan { findings: kept, let_through: self.let_through }
    }
}

fn finding(
    rule: &Rule,
    span: Range<usize>,
    secret: Range<usize>,
    severity: Severity,
    confidence: Confidence,
    wrapping: Wrapping,
) -> Finding {
    let reason = match (rule.detector, confidence) {
        (_, Confidence::Checksum) => "its check sum or inner structure holds",
        (Detector::Assignment, _) => "a name speaks of a secret and the value reads like chance",
        (Detector::Url, _) => "it stands where URLs have passwords",
        (_, Confidence::Generic) => "it has the form, and its check sum does not hold or is not known",
        (_, Confidence::Structured) => "it has the form",
    };
    Finding {
        rule: rule.id.clone(),
        span,
        secret,
        severity,
        policy: rule.policy,
        confidence,
        wrapping,
        reason,
    }
}

fn listed(scanner: &Scanner, rule: &Rule, case: &Case<'_>) -> Option<Reason> {
    let lists = rule.allow.iter().chain(&scanner.allow);
    lists
        .into_iter()
        .find(|list| list.allows(&rule.id, case))
        .map(|list| Reason::Listed(list.description.clone()))
}

fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium | Severity::Low => Severity::Low,
    }
}

/// The match and the secret in it: the wanted group, or the first that took part, or all.
fn search(
    regex: &Regex,
    piece: &[u8],
    from: usize,
    group: usize,
    anchored: Anchored,
) -> Option<(Range<usize>, Range<usize>)> {
    if from > piece.len() {
        return None;
    }
    let input = Input::new(piece).range(from..).anchored(anchored);
    let found = regex.search(&input)?.range();
    let mut captures = regex.create_captures();
    regex.search_captures(&input, &mut captures);
    let secret = match group {
        0 => captures.iter().skip(1).flatten().find(|span| !span.is_empty()),
        wanted => captures.get_group(wanted),
    };
    let secret = secret.map_or(found.clone(), |span| span.range());
    Some((found, secret))
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

fn stands_after(text: &[u8], at: usize, wanted: Before) -> bool {
    let last = at.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or(b' ');
    match wanted {
        Before::Anything => true,
        Before::WordEnd => word_begins(text, at),
        Before::PartEnd => {
            !last.is_ascii_alphabetic()
                || last.is_ascii_lowercase() && text.get(at).is_some_and(u8::is_ascii_uppercase)
        }
    }
}

/// Whether a word can begin here: after a byte that is no part of one, or after an escape (`\n`, `%3D`).
fn word_begins(text: &[u8], at: usize) -> bool {
    let byte = |back: usize| at.checked_sub(back).and_then(|at| text.get(at)).copied().unwrap_or(b' ');
    let last = byte(1);
    if !(last.is_ascii_alphanumeric() || last == b'_') {
        return true;
    }
    byte(2) == b'\\' && matches!(last, b'n' | b'r' | b't')
        || byte(3) == b'%' && last.is_ascii_hexdigit() && byte(2).is_ascii_hexdigit()
}

/// Widens a range so that it cuts no character of UTF-8 in two.
fn whole_characters(input: &[u8], range: &mut Range<usize>) {
    let inside = |at: usize| input.get(at).is_some_and(|byte| (0x80..0xc0).contains(byte));
    for _ in 0..3 {
        if range.start > 0 && inside(range.start) {
            range.start -= 1;
        }
        if inside(range.end) {
            range.end += 1;
        }
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
