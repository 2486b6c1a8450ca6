//! What a heading or a label is for: introduction, glossary, requirements, acceptance criteria, or nothing that is
//! read. Finds no requirement.

use super::fold::{Words, begins};
use super::words;
use crate::Span;
use crate::diagnostic::Diagnostic;
use crate::digits::is_digit;
use crate::outline::{Heading, headings};
use crate::text::{Inside, Line, Text};

/// What stands below a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Introduction,
    Glossary,
    Requirements,
    /// Non-functional requirements.
    Qualities,
    Acceptance,
    Story,
    /// Text that holds no requirement: scope, notes, risks, design.
    Outside,
    Unknown,
}

/// A document with its headings and what each is for.
pub(crate) struct Source<'a, 'b> {
    pub(crate) text: &'a Text<'b>,
    pub(crate) headings: Vec<Heading>,
    pub(crate) roles: Vec<Role>,
    /// The heading or one above it is [`Role::Outside`], glossary or introduction.
    pub(crate) outside: Vec<bool>,
}

impl<'a, 'b> Source<'a, 'b> {
    pub(crate) fn read(text: &'a Text<'b>) -> Source<'a, 'b> {
        let front = front_matter_end(text);
        let mut headings = headings(text);
        if front > 0 {
            // Their positions in the list are parents, so they are blanked and not taken out.
            for heading in headings.iter_mut().filter(|heading| heading.line < front) {
                heading.title.clear();
            }
        }
        let mut roles: Vec<Role> =
            headings
                .iter()
                .map(|heading| {
                    if heading.line < front { Role::Outside } else { role_of(&heading.title, heading.level) }
                })
                .collect();
        let is_other = |(at, role): (usize, &Role)| {
            at > 0 && matches!(role, Role::Requirements | Role::Qualities | Role::Acceptance)
        };
        // A document that is called `Requirements` and has a section of that kind has a title there.
        if headings.first().is_some_and(|first| first.level == 1) && roles.iter().enumerate().any(is_other) {
            roles.iter_mut().take(1).for_each(|role| *role = Role::Unknown);
        }
        let mut outside: Vec<bool> = Vec::with_capacity(headings.len());
        for (heading, role) in headings.iter().zip(&roles) {
            let is_title = heading.level == 1 && outside.is_empty();
            let is_own = matches!(role, Role::Outside | Role::Glossary | Role::Introduction) && !is_title
                || heading.line < front;
            let above = heading.parent.and_then(|at| outside.get(at)).copied().unwrap_or_default();
            outside.push(is_own || above);
        }
        Source { text, headings, roles, outside }
    }

    pub(crate) fn role(&self, index: usize) -> Role {
        self.roles.get(index).copied().unwrap_or(Role::Unknown)
    }

    pub(crate) fn is_outside(&self, index: usize) -> bool {
        self.outside.get(index).copied().unwrap_or_default()
    }

    /// The headings whose own lines are in `from..to`, as positions in the list.
    pub(crate) fn headings_in(&self, from: usize, to: usize) -> std::ops::Range<usize> {
        let start = self.headings.partition_point(|heading| heading.line < from);
        start..self.headings.partition_point(|heading| heading.line < to).max(start)
    }

    /// The first heading of that role that is no title of the document, else any.
    pub(crate) fn named(&self, role: Role) -> Option<&Heading> {
        let mut found = self.headings.iter().zip(&self.roles).filter(|(_, r)| **r == role).map(|(h, _)| h);
        let first = found.next()?;
        Some(if first.level == 1 { found.next().unwrap_or(first) } else { first })
    }

    /// The prose lines of `from..to` with their indices.
    pub(crate) fn prose(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, &Line)> {
        let lines = self.text.lines();
        let lines = lines.get(from..to.min(lines.len())).unwrap_or_default();
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.inside == Inside::Prose)
            .map(move |(i, line)| (from + i, line))
    }
}

/// Headings read from one document. The longest real one has a few hundred.
pub(crate) const HEADINGS_MAX: usize = 20_000;

/// Lines read from one document. The longest real one has a few thousand.
pub(crate) const LINES_MAX: usize = 200_000;

/// The document up to the bounds, and the first line behind them.
pub(crate) fn bounded(bytes: &[u8]) -> (Text<'_>, Option<Span>) {
    let text = Text::read(bytes);
    let is_heading = |line: &&Line| line.indent < 4 && text.of(line).trim_ascii_start().starts_with(b"#");
    let heading = text.lines().iter().filter(is_heading).nth(HEADINGS_MAX);
    let first = [heading, text.lines().get(LINES_MAX)].into_iter().flatten().map(|line| line.span).min();
    match first {
        None => (text, None),
        Some(line) => (Text::read(bytes.get(..line.offset).unwrap_or_default()), Some(line)),
    }
}

/// What is said when a document goes on behind the bounds.
pub(crate) fn too_long(code: &'static str, line: Span) -> Diagnostic {
    let message = format!("only the first {LINES_MAX} lines and {HEADINGS_MAX} headings are read");
    Diagnostic::warning(code, line, message).hint("split the spec")
}

/// Lines that front matter can have; a rule at the top of a document is no front matter.
const FRONT_MATTER_LINES_MAX: usize = 100;

/// The first line behind YAML front matter; 0 when there is none.
pub(crate) fn front_matter_end(text: &Text<'_>) -> usize {
    let is_rule = |line: &Line| text.of(line).trim_ascii_end() == b"---";
    let mut lines = text.lines().iter();
    if !lines.next().is_some_and(is_rule) {
        return 0;
    }
    let rest = lines.take(FRONT_MATTER_LINES_MAX).take_while(|line| !text.of(line).starts_with(b"#"));
    let mut has_key = false;
    for (index, line) in rest.enumerate() {
        if is_rule(line) {
            return if has_key { index + 2 } else { 0 };
        }
        has_key |= text.of(line).contains(&b':');
    }
    0
}

/// The words of a heading or label without emphasis, symbols and a number in front.
pub(crate) fn bare(title: &str) -> &str {
    let trimmed = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let rest = trimmed.trim_start_matches(|c: char| is_digit(c) || matches!(c, '.' | '．'));
    let numbered = rest.len() < trimmed.len()
        && (rest.starts_with([' ', '\t', ')', '、', ':', '\u{3000}'])
            || trimmed.get(..trimmed.len() - rest.len()).is_some_and(|number| number.ends_with('．')));
    let rest = if numbered {
        rest.trim_start_matches(|c: char| !c.is_alphanumeric())
    } else {
        crate::inline::without_chapter(trimmed)
    };
    rest.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | ':' | '：'))
}

/// Words that a heading over requirements may have before `requirements`.
const QUALIFIERS_MAX: usize = 4;

/// Words that may follow the key word in a heading; more make a sentence.
const FOLLOWING_WORDS_MAX: usize = 6;

pub(crate) fn role_of(title: &str, level: usize) -> Role {
    let title = bare(title);
    if title.is_empty() || title.len() > TITLE_BYTES_MAX {
        return Role::Unknown;
    }
    let is = |words: &Words| {
        words.alone(title).any(|rest| {
            // `需求 1` is one of them and no heading over them.
            let is_numbered = rest.trim_start().starts_with(char::is_numeric);
            let rest = rest.split(['(', '（', '-', '—', '–', ':', '：', '/', '|']).next().unwrap_or_default();
            !is_numbered && rest.split_whitespace().count() <= FOLLOWING_WORDS_MAX
        })
    };
    let is_alone = |words: &Words| {
        words.alone(title).any(|rest| {
            let rest = rest.trim_start();
            rest.is_empty() || rest.starts_with(['(', '（', '-', '—', '–', ':', '：'])
        })
    };
    if is(&words::ACCEPTANCE) || is_alone(&words::ACCEPTANCE_ALONE) {
        return Role::Acceptance;
    }
    let is_qualified = is_qualified(title);
    if is(&words::OUTSIDE) && !is_qualified {
        return Role::Outside;
    }
    if is(&words::QUALITIES) {
        return Role::Qualities;
    }
    // The title of a document speaks of requirements, too.
    if level > 1 && (is(&words::REQUIREMENTS) || is_qualified) {
        return Role::Requirements;
    }
    if level == 1 && words::REQUIREMENTS.are(title) {
        return Role::Requirements;
    }
    if is(&words::GLOSSARY) {
        return Role::Glossary;
    }
    if is(&words::INTRODUCTION) {
        return Role::Introduction;
    }
    if is(&words::STORY) { Role::Story } else { Role::Unknown }
}

/// Bytes of a heading that can have a role; longer ones are sentences.
const TITLE_BYTES_MAX: usize = 160;

/// `Core Requirements`, `Derived Requirements (Non-Functional)`, `Функциональные требования`.
fn is_qualified(title: &str) -> bool {
    let title = title.split(['(', '（', '—', '–', ':']).next().unwrap_or_default().trim();
    if begins(title, &["out of", "out-of", "non", "not", "future", "deferred", "existing"]) {
        return false;
    }
    let mut parts = title.split_whitespace();
    let Some(last) = parts.next_back() else { return false };
    let count = parts.count();
    count <= QUALIFIERS_MAX && words::REQUIREMENTS_LAST.are(last)
}

/// What a line says that is nothing but a label, as in `**Acceptance Criteria:**`, `Notes:`, `- **验收标准**：`; with
/// the text behind it on the same line.
pub(crate) fn label_role(content: &str) -> Option<(Role, &str)> {
    let trimmed = content.trim();
    let open = trimmed.trim_start_matches(['*', '_', '>', ' ']);
    // What is not set off by emphasis or a colon is a sentence.
    let is_bold = trimmed.starts_with("**") || trimmed.starts_with("__");
    let (label, rest) = match open.find([':', '：']).filter(|at| *at <= LABEL_BYTES_MAX) {
        Some(at) => {
            let (label, rest) = open.split_at_checked(at)?;
            (label, rest.trim_start_matches([':', '：', '*', '_']).trim())
        }
        None => (open, ""),
    };
    let label = label.trim_end_matches(['*', '_', ' ']);
    if label.is_empty() || label.len() > LABEL_BYTES_MAX {
        return None;
    }
    let has_colon = label.len() < open.trim_end_matches(['*', '_', ' ']).len();
    let label = bare(label);
    let whole = |words: &Words| {
        words.alone(label).any(|rest| {
            let rest = rest.trim_start();
            rest.is_empty() || rest.starts_with(['(', '（', '/', '-', '—', '–'])
        })
    };
    if whole(&words::ACCEPTANCE) || (is_bold || has_colon) && whole(&words::ACCEPTANCE_ALONE) {
        return Some((Role::Acceptance, rest));
    }
    if !(is_bold || has_colon) {
        return None;
    }
    if whole(&words::STORY) || has_colon && words::STORY.begin(label) && label.split_whitespace().count() <= 4
    {
        return Some((Role::Story, rest));
    }
    if whole(&words::OUTSIDE) || whole(&words::FACTS) {
        return Some((Role::Outside, rest));
    }
    Some((Role::Unknown, rest))
}

/// Bytes of a label.
pub(crate) const LABEL_BYTES_MAX: usize = 90;

/// Whether the text says that something must be.
pub(crate) fn is_statement(text: &str) -> bool {
    let end = text.char_indices().nth(STATEMENT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    let text = text.get(..end).unwrap_or(text);
    if ["SHALL", "MUST", "shall", "must"].iter().any(|word| text.contains(word)) {
        return true;
    }
    let mut is_start = true;
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        if (is_start || !c.is_ascii()) && words::MODAL.behind(rest).next().is_some() {
            return true;
        }
        let is_inside = c.is_alphanumeric();
        if !is_inside
            && !is_start
            && words::MODAL_ENDINGS.iter().any(|end| text.get(..at).is_some_and(|word| word.ends_with(end)))
        {
            return true;
        }
        is_start = !is_inside;
    }
    words::MODAL_ENDINGS.iter().any(|end| text.ends_with(end))
}

/// Characters in which the word that makes a statement is looked for.
const STATEMENT_CHARS_MAX: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_what_they_are_for() {
        let check = |title: &str, expected: Role| assert_eq!(role_of(title, 2), expected, "{title}");
        check("Requirements", Role::Requirements);
        check("🎯 **Functional Requirements**", Role::Requirements);
        check("3. Core Requirements", Role::Requirements);
        check("Derived Requirements (Non-Functional)", Role::Requirements);
        check("要件（Requirements）", Role::Requirements);
        check("要件定義書", Role::Unknown);
        check("Non-Functional Requirements", Role::Qualities);
        check("Non-Requirements", Role::Outside);
        check("Requirements Traceability Matrix", Role::Outside);
        check("Testing Requirements", Role::Requirements);
        check("Out of Scope Requirements", Role::Outside);
        check("需求 1：标题", Role::Unknown);
        check("Yêu cầu 2: x", Role::Unknown);
        check("Acceptance Criteria for Requirement 1", Role::Acceptance);
        check("Acceptance Criteria - ZERO TOLERANCE", Role::Acceptance);
        check("Критерии приёмки (Acceptance Criteria):", Role::Acceptance);
        check("7. Tiêu Chí Chấp Nhận", Role::Acceptance);
        check("Verification performed before writing these requirements", Role::Outside);
        check("Thuật ngữ (Glossary)", Role::Glossary);
        check("Login", Role::Unknown);
    }

    #[test]
    fn labels_and_what_follows_them() {
        let check =
            |line: &str, expected: Option<(Role, &str)>| assert_eq!(label_role(line), expected, "{line}");
        check("**Acceptance Criteria:**", Some((Role::Acceptance, "")));
        check("Acceptance Criteria", Some((Role::Acceptance, "")));
        check("**验收标准**：", Some((Role::Acceptance, "")));
        check("**Acceptance Criteria**: it works", Some((Role::Acceptance, "it works")));
        check("**User Story 2:** As a", Some((Role::Story, "As a")));
        check("**目的:** x", Some((Role::Story, "x")));
        check("Notes: x", Some((Role::Outside, "x")));
        check("Acceptance criteria are good", None);
        check("Plain words", None);
    }

    #[test]
    fn statements_in_many_languages() {
        for text in [
            "THE X SHALL y",
            "It can fail.",
            "x needs to y",
            "Sistem göstermeli.",
            "Sistem uyarmalıdır",
            "系统应显示",
            "表示すること",
        ] {
            assert!(is_statement(text), "{text}");
        }
        for text in ["normalised data", "American cars", "a scanner", "数据表"] {
            assert!(!is_statement(text), "{text}");
        }
    }

    #[test]
    fn front_matter_is_no_rule() {
        let check = |text: &str, expected: usize| {
            assert_eq!(front_matter_end(&Text::read(text.as_bytes())), expected, "{text}");
        };
        check("---\ntitle: x\n---\n# A\n", 3);
        check("---\n\n---\n", 0);
        check("---\n# A\n---\n", 0);
        check("# A\n---\n", 0);
    }
}
