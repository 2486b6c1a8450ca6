//! `design.md`: its sections, its correctness properties, and the few sections that a task names. Judges no
//! design.

mod properties;

pub use properties::PROPERTIES_MAX;

use crate::Span;
use crate::diagnostic::Diagnostic;
use crate::inline::{CHECK_LABELS, code_spans, command, labelled};
use crate::outline::{Heading, headings};
use crate::requirements::fold::Words;
use crate::requirements::roles::{bounded, too_long};
use crate::text::{Inside, Text};

/// Sections that one task can call up.
pub const SECTIONS_NAMED_MAX: usize = 8;

/// Code spans of a task that may name a section.
pub const SPANS_MAX: usize = 64;

/// Sections read from one document; what lies beyond is ignored.
pub const SECTIONS_MAX: usize = 5_000;

/// A heading and its own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Number of `#`.
    pub level: usize,
    /// The words of the heading.
    pub title: String,
    /// The heading's own text, sub-sections left out, trimmed.
    pub text: String,
    /// The whole section, sub-sections included, in bytes.
    pub span: Span,
}

/// A statement that must hold for all inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Property {
    /// Its number.
    pub number: u32,
    /// The words behind the number.
    pub title: String,
    /// The statement, the `Validates` line left in.
    pub text: String,
    /// The criteria it validates.
    pub validates: Vec<String>,
    /// Its lines, in bytes.
    pub span: Span,
    /// The line that opens it, without its break, in bytes.
    pub heading: Span,
    /// The number as written, in bytes; `None` when the line is not UTF-8.
    pub number_span: Option<Span>,
    /// The ids behind the first `Validates:`, from the first to the last, in bytes.
    pub validates_span: Option<Span>,
}

/// A design document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Design {
    /// The first heading, when it is of the first level.
    pub title: String,
    /// Every section in document order.
    pub sections: Vec<Section>,
    /// The correctness properties in order.
    pub properties: Vec<Property>,
    /// The command that proves the whole spec, from a `Check:` line of the testing strategy, else of anywhere.
    pub check: Option<String>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Design {
    /// Reads any bytes.
    pub fn parse(bytes: &[u8]) -> Design {
        let (text, ignored) = bounded(bytes);
        let headings = headings(&text);
        let section = |heading: &Heading| Section {
            level: heading.level,
            title: heading.title.clone(),
            text: heading.body(&text),
            span: heading.span(&text),
        };
        let first = headings.first().filter(|heading| heading.level == 1);
        let properties = properties::read(&text, &headings);
        let beyond = headings.get(SECTIONS_MAX).map(|heading| heading.span(&text));
        // One more than is kept tells that there are more.
        let beyond = beyond.or_else(|| properties.get(PROPERTIES_MAX).map(|property| property.span));
        let mut diagnostics: Vec<Diagnostic> =
            ignored.map(|line| too_long("design/too-long", line)).into_iter().collect();
        if let Some(span) = beyond.filter(|_| diagnostics.is_empty()) {
            let message = "the document has more sections or properties than are read";
            diagnostics.push(
                Diagnostic::warning("design/too-long", span, message)
                    .hint("part the spec; what stands behind this place is kept and not judged"),
            );
        }
        let properties = properties.into_iter().take(PROPERTIES_MAX).collect();
        Design {
            title: first.map(|heading| heading.title.clone()).unwrap_or_default(),
            sections: headings.iter().take(SECTIONS_MAX).map(section).collect(),
            properties,
            check: check(&text, &headings),
            diagnostics,
        }
    }

    /// The section of that title, whatever the case.
    pub fn section(&self, title: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.title.eq_ignore_ascii_case(title))
    }

    /// The sections that a task's text names: by a heading's words, by a component in back-ticks, by a property's
    /// number, or by a path that the section's own text names in back-ticks. Only the overview when none is
    /// named, never the whole document; at most [`SECTIONS_NAMED_MAX`], in document order.
    pub fn sections_named_by(&self, task_block: &str) -> Vec<&Section> {
        let words = normal(task_block);
        let spans: Vec<&str> = code_spans(task_block).into_iter().take(SPANS_MAX).collect();
        let mut named: Vec<&Section> = self
            .sections
            .iter()
            .filter(|section| section.level >= 2 && is_named(section, &words, &spans))
            .take(SECTIONS_NAMED_MAX)
            .collect();
        if named.is_empty() {
            named.extend(self.section("overview").or_else(|| self.sections.first()));
        }
        named
    }
}

/// Headings of every design: their words in a task are no pointer to them.
const COMMON: &[&str] = &[
    "overview",
    "architecture",
    "components",
    "components and interfaces",
    "interfaces",
    "data models",
    "notes",
    "error handling",
    "glossary",
    "introduction",
    "examples",
    "design",
    "tests",
    "unit tests",
    "integration tests",
    "testing",
    "summary",
    "requirements",
    "implementation",
    "correctness properties",
    "dependencies",
    "expected behavior",
    "bug details",
    "fix implementation",
    "security",
    "performance",
    "configuration",
];

fn is_named(section: &Section, words: &str, spans: &[&str]) -> bool {
    let title = normal(&section.title);
    let title = title.trim();
    if let Some(found) = properties::heading(&section.title) {
        let word = normal(found.word);
        return words.contains(&format!(" {} {} ", word.trim(), found.number));
    }
    let is_telling = title.chars().count() >= TITLE_CHARS_MIN && !COMMON.contains(&title);
    if is_telling && words.contains(&format!(" {title} ")) {
        return true;
    }
    spans.iter().filter(|span| span.chars().count() >= TITLE_CHARS_MIN).any(|span| {
        let is_path = span.contains('/') || span.contains('.');
        let in_title = !is_path && format!(" {title} ").contains(&normal(span));
        in_title || section.title.contains(span) || is_path && section.text.contains(&format!("`{span}`"))
    })
}

/// Characters that a heading or a code span needs before it can point somewhere.
const TITLE_CHARS_MIN: usize = 4;

/// Lower case, everything but letters and digits as single blanks, a blank at both ends; a leading number goes.
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            out.extend(c.to_lowercase());
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    let without_number = out.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    if without_number.is_empty() { out } else { format!(" {without_number}") }
}

fn check(text: &Text<'_>, headings: &[Heading]) -> Option<String> {
    let strategy = headings.iter().find(|heading| TESTING.begin(&heading.title));
    let in_strategy = strategy.and_then(|heading| check_in(text, heading.line + 1, heading.end));
    in_strategy.or_else(|| check_in(text, 0, text.lines().len()))
}

/// Titles of the section that says how the design is tested.
static TESTING: Words = Words::new(&[
    "testing strategy",
    "test strategy",
    "测试策略",
    "測試策略",
    "テスト戦略",
    "테스트 전략",
    "стратегия тестирования",
    "стратегія тестування",
    "estrategia de pruebas",
    "estratégia de testes",
    "teststrategie",
    "stratégie de test",
    "strategia di test",
    "strategia testowania",
    "test stratejisi",
    "chiến lược kiểm thử",
    "strategi pengujian",
]);

fn check_in(text: &Text<'_>, from: usize, to: usize) -> Option<String> {
    let lines = text.lines().get(from..to)?;
    lines
        .iter()
        .filter(|line| line.inside == Inside::Prose)
        .find_map(|line| labelled(&text.str_of(line), CHECK_LABELS).and_then(command))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DESIGN: &str = "# Rate limiting\n\n## Overview\nA limiter.\n\n## Components and Interfaces\n\n\
        ### 1. Counter Store\nLives in `src/store.rs`.\n\n### RateLimiter Class\nCounts.\n\n## Correctness Properties\n\n\
        ### Property 1: Never exceeded\n*For any* key it holds.\n\n**Validates: Requirements 1.1, 1.4**\n\n\
        ## Testing Strategy\n\nCheck: `cargo test`\n";

    fn check(block: &str, expected: &[&str]) {
        let design = Design::parse(DESIGN.as_bytes());
        let got: Vec<_> = design.sections_named_by(block).into_iter().map(|s| s.title.as_str()).collect();
        assert_eq!(got, expected, "{block}");
    }

    #[test]
    fn a_task_calls_up_what_it_names_and_no_more() {
        check("- [ ] 1. Write the counter store", &["1. Counter Store"]);
        check("- [ ] 1. Edit `src/store.rs`", &["1. Counter Store"]);
        check("- [ ] 1. Extend `RateLimiter`", &["RateLimiter Class"]);
        check("- [ ] 1. Test\n  - **Property 1: Never exceeded**", &["Property 1: Never exceeded"]);
        check("- [ ] 1. Think about the architecture", &["Overview"]);
        check("", &["Overview"]);
    }

    #[test]
    fn what_is_left_out_is_named() {
        let check = |text: String, sections: usize, expected: &[&str]| {
            let design = Design::parse(text.as_bytes());
            assert_eq!(design.sections.len(), sections);
            let got: Vec<_> =
                design.diagnostics.iter().map(|found| found.span.slice(text.as_bytes())).collect();
            let first_lines: Vec<_> = got
                .iter()
                .map(|text| {
                    String::from_utf8_lossy(text.split(|byte| *byte == b'\n').next().unwrap()).into_owned()
                })
                .collect();
            assert_eq!(first_lines, expected);
        };
        let many = |n: usize| (0..n).map(|n| format!("## S{n}\n\nx\n\n")).collect::<String>();
        check(many(SECTIONS_MAX), SECTIONS_MAX, &[]);
        check(many(SECTIONS_MAX + 1), SECTIONS_MAX, &["## S5000"]);
        let properties: String =
            (1..=PROPERTIES_MAX + 2).map(|n| format!("**Property {n}: P**\n\n")).collect();
        check(format!("## Correctness Properties\n\n{properties}"), 1, &["**Property 5001: P**"]);
    }

    #[test]
    fn properties_and_the_check() {
        let design = Design::parse(DESIGN.as_bytes());
        assert_eq!(design.title, "Rate limiting");
        assert_eq!(design.check.as_deref(), Some("cargo test"));
        let property = &design.properties[0];
        assert_eq!((property.number, property.title.as_str()), (1, "Never exceeded"));
        assert_eq!(property.validates, ["1.1", "1.4"]);
        assert!(property.text.starts_with("*For any* key it holds."));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            block in any::<String>(),
        ) {
            let design = Design::parse(&bytes);
            prop_assert!(design.sections_named_by(&block).len() <= SECTIONS_NAMED_MAX);
        }
    }
}
