//! Known findings that are not told again: a fingerprint for each, and the list that is kept in the repository. Reads
//! and writes text, no file.

use std::collections::{HashMap, HashSet};

use plan::SpecDocuments;
use spec::json::{self, Value, quote};

use crate::words::Words;
use crate::{Finding, hash};

/// Entries read from one list; a list with more is refused.
pub const ENTRIES_MAX: usize = 100_000;

/// One known finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The spec's name.
    pub spec: String,
    /// The rule.
    pub rule: String,
    /// The criterion, task or term, when there is one.
    pub subject: Option<String>,
    /// Of the finding; 16 hexadecimal digits.
    pub fingerprint: String,
}

/// The known findings, sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ratchet {
    /// Sorted by spec, rule, subject, fingerprint.
    pub entries: Vec<Entry>,
}

/// Why a list was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatchetError {
    /// The byte where reading stopped.
    pub offset: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl std::fmt::Display for RatchetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the list of known findings cannot be read at byte {}: expected {}",
            self.offset, self.expected
        )
    }
}

impl std::error::Error for RatchetError {}

/// The fingerprint of the first finding with this rule, spec, subject and words: 16 hexadecimal digits that do not
/// depend on where in the document it stands. `documents` are those of the finding's spec.
pub fn fingerprint(finding: &Finding, documents: &SpecDocuments) -> String {
    digest(&key(finding, documents), 0)
}

/// Fingerprints of all findings, in their order. Of findings that are alike, the second and later get others, so that
/// a new one beside a known one is seen. `documents_of` gives the documents of a spec.
pub fn fingerprints<'d>(
    findings: &[Finding],
    documents_of: impl Fn(&str) -> Option<&'d SpecDocuments>,
) -> Vec<String> {
    let none = SpecDocuments::default();
    let mut seen: HashMap<String, usize> = HashMap::new();
    findings
        .iter()
        .map(|finding| {
            let key = key(finding, documents_of(&finding.place.spec).unwrap_or(&none));
            let nth = seen.entry(key.clone()).or_insert(0);
            *nth += 1;
            digest(&key, *nth - 1)
        })
        .collect()
}

fn digest(key: &str, nth: usize) -> String {
    format!("{:016x}", hash::of(&format!("{key}\u{1f}{nth}")))
}

/// Rule, spec, file, subject, and the words of the line, without marks, case and list numbers.
fn key(finding: &Finding, documents: &SpecDocuments) -> String {
    let subject = finding.subject.as_deref().unwrap_or_default();
    let place = &finding.place;
    format!(
        "{}\u{1f}{}\u{1f}{}\u{1f}{subject}\u{1f}{}",
        finding.rule,
        place.spec,
        place.file,
        line_words(finding, documents)
    )
}

fn line_words(finding: &Finding, documents: &SpecDocuments) -> String {
    let parts = [
        ("requirements.md", &documents.requirements),
        ("bugfix.md", &documents.bugfix),
        ("design.md", &documents.design),
        ("tasks.md", &documents.tasks),
    ];
    let named = parts.iter().find(|(name, _)| *name == finding.place.file).map(|(_, bytes)| *bytes);
    let bytes = named.unwrap_or(&documents.single).as_deref().unwrap_or_default();
    let at = finding.place.span.offset.min(bytes.len());
    let from = bytes
        .get(..at)
        .and_then(|before| before.iter().rposition(|byte| *byte == b'\n'))
        .map_or(0, |end| end + 1);
    let to = bytes
        .get(at..)
        .and_then(|behind| behind.iter().position(|byte| *byte == b'\n'))
        .map_or(bytes.len(), |end| at + end);
    let line = String::from_utf8_lossy(bytes.get(from..to).unwrap_or_default());
    // The number of an item and the state of a box change without the finding.
    let bare = line.trim_start().trim_start_matches(['-', '*', '+', ' ']);
    let bare = bare
        .strip_prefix('[')
        .and_then(|rest| rest.get(1..))
        .and_then(|rest| rest.strip_prefix(']'))
        .unwrap_or(bare);
    let bare = bare.trim_start().trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ')');
    let words = Words::of(bare);
    words.list.iter().map(|word| words.lower(word)).collect::<Vec<_>>().join(" ")
}

impl Ratchet {
    /// The list of these findings. `documents_of` as in [`fingerprints`].
    pub fn of<'d>(findings: &[Finding], documents_of: impl Fn(&str) -> Option<&'d SpecDocuments>) -> Ratchet {
        let prints = fingerprints(findings, documents_of);
        let entries = findings.iter().zip(prints).map(|(finding, fingerprint)| Entry {
            spec: finding.place.spec.clone(),
            rule: finding.rule.to_string(),
            subject: finding.subject.clone(),
            fingerprint,
        });
        Ratchet::sorted(entries.collect())
    }

    fn sorted(mut entries: Vec<Entry>) -> Ratchet {
        entries.sort_unstable();
        entries.dedup();
        Ratchet { entries }
    }

    /// Reads a list. An entry without a fingerprint is refused, so that nothing is forgotten in silence.
    pub fn parse(text: &str) -> Result<Ratchet, RatchetError> {
        let refused = |expected| RatchetError { offset: 0, expected };
        let value = json::read_lenient(text)
            .map_err(|error| RatchetError { offset: error.offset, expected: error.expected })?;
        let known = value.get("known").and_then(Value::items).ok_or_else(|| refused("a list `known`"))?;
        if known.len() > ENTRIES_MAX {
            return Err(refused("fewer entries"));
        }
        let mut entries = Vec::with_capacity(known.len());
        for item in known.iter().filter(|item| **item != Value::Null) {
            let word = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_string);
            let fingerprint = word("fingerprint").filter(|print| is_fingerprint(print));
            let fingerprint =
                fingerprint.ok_or_else(|| refused("a `fingerprint` of 16 hexadecimal digits"))?;
            let spec = word("spec").ok_or_else(|| refused("the name of a `spec`"))?;
            let rule = word("rule").ok_or_else(|| refused("the name of a `rule`"))?;
            entries.push(Entry { spec, rule, subject: word("subject"), fingerprint });
        }
        Ok(Ratchet::sorted(entries))
    }

    /// The list as text: one line for each entry, sorted, each ending in a comma, so that two branches merge.
    pub fn print(&self) -> String {
        let mut out = String::from("{\n  \"version\": 1,\n  \"known\": [\n");
        for entry in &self.entries {
            let subject = match &entry.subject {
                Some(subject) => format!(", \"subject\": {}", quote(subject)),
                None => String::new(),
            };
            out.push_str(&format!(
                "    {{\"spec\": {}, \"rule\": {}{subject}, \"fingerprint\": {}}},\n",
                quote(&entry.spec),
                quote(&entry.rule),
                quote(&entry.fingerprint)
            ));
        }
        // The last line has no comma and is never an entry: adding one changes one line only.
        out.push_str("    null\n  ]\n}\n");
        out
    }

    /// The findings that are not known, by their places in the list. `fingerprints` are those of `findings`.
    pub fn new_findings(&self, fingerprints: &[String]) -> Vec<usize> {
        let known: HashSet<&str> = self.entries.iter().map(|entry| entry.fingerprint.as_str()).collect();
        let is_new = |(_, print): &(usize, &String)| !known.contains(print.as_str());
        fingerprints.iter().enumerate().filter(is_new).map(|(at, _)| at).collect()
    }

    /// The entries that nothing breaks any more: they can leave the list.
    pub fn fixed(&self, fingerprints: &[String]) -> Vec<&Entry> {
        let found: HashSet<&str> = fingerprints.iter().map(String::as_str).collect();
        self.entries.iter().filter(|entry| !found.contains(entry.fingerprint.as_str())).collect()
    }
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Settings, check};
    use plan::{Plan, Reading};

    const DOCUMENT: &str = "# Requirements Document\n\n## Introduction\n\nx\n\n## Glossary\n\n- **Web_Page**: x\n\n\
        ## Requirements\n\n### Requirement 1: A\n\n**User Story:** As a reader, I want a, so that b.\n\n\
        #### Acceptance Criteria\n\n1. THE Web_Page SHALL be easy to read\n2. THE Web_Page SHALL be robust\n";

    fn documents(text: &str) -> SpecDocuments {
        SpecDocuments {
            name: "a".to_string(),
            requirements: Some(text.as_bytes().to_vec()),
            ..SpecDocuments::default()
        }
    }

    fn prints(text: &str) -> (Vec<Finding>, Vec<String>) {
        let documents = documents(text);
        let reading = Reading::of(documents.clone());
        let findings = check::spec(&reading, &Plan::of(&reading), &Settings::default());
        let prints = fingerprints(&findings, |_| Some(&documents));
        (findings, prints)
    }

    #[test]
    fn a_fingerprint_does_not_move_with_the_line() {
        let (findings, before) = prints(DOCUMENT);
        assert_eq!(before.len(), 2, "{findings:?}");
        assert_eq!(before.first(), Some(&fingerprint(findings.first().unwrap(), &documents(DOCUMENT))));
        assert!(before.iter().all(|print| is_fingerprint(print)));
        let moved = DOCUMENT
            .replace("\n\nx\n\n", "\n\nx\n\ny\n\nz\n\n")
            .replace("1. THE", "1.  **THE**")
            .replace('\n', "\r\n");
        assert_eq!(prints(&moved).1, before);
    }

    #[test]
    fn what_is_known_is_not_new_and_what_is_gone_is_fixed() {
        let (findings, known) = prints(DOCUMENT);
        let documents = documents(DOCUMENT);
        let ratchet = Ratchet::of(&findings, |_| Some(&documents));
        assert_eq!(ratchet.new_findings(&known), Vec::<usize>::new());
        let (_, changed) = prints(&DOCUMENT.replace("robust", "efficient"));
        assert_eq!(ratchet.new_findings(&changed).len(), 1);
        assert_eq!(ratchet.fixed(&changed).len(), 1);
        assert_eq!(ratchet.fixed(&known), Vec::<&Entry>::new());
    }

    #[test]
    fn equal_findings_are_counted() {
        let (mut findings, one) = prints(DOCUMENT);
        findings.truncate(1);
        let twice: Vec<Finding> = findings.iter().chain(&findings).cloned().collect();
        let documents = documents(DOCUMENT);
        let prints = fingerprints(&twice, |_| Some(&documents));
        assert_eq!(prints.first(), one.first());
        assert_ne!(prints.first(), prints.get(1));
    }

    #[test]
    fn a_list_is_read_back() {
        let entry = |spec: &str, subject: Option<&str>| Entry {
            spec: spec.to_string(),
            rule: "words/vague".to_string(),
            subject: subject.map(str::to_string),
            fingerprint: "0123456789abcdef".to_string(),
        };
        let ratchet = Ratchet { entries: vec![entry("a\"b", None), entry("z", Some("1.2"))] };
        let text = ratchet.print();
        assert_eq!(Ratchet::parse(&text), Ok(ratchet));
        assert_eq!(text.lines().count(), 8);
        assert_eq!(Ratchet::parse(&Ratchet::default().print()), Ok(Ratchet::default()));
    }

    #[test]
    fn a_damaged_list_is_refused() {
        for text in
            ["", "{}", "[]", "{\"known\": [{}]}", "{\"known\": [{\"fingerprint\": \"xyz\"}]}", "<<<<<<< ours"]
        {
            assert!(Ratchet::parse(text).is_err(), "{text}");
        }
    }
}
