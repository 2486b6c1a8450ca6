//! The glossary of a requirements document with the place of each entry, and when two spellings are one term. Judges
//! nothing.

use spec::Span;
use spec::outline::Heading;
use spec::text::{Inside, Text};

/// Entries read from one document.
pub const ENTRIES_MAX: usize = 1_000;

const HEADINGS: &[&str] = &[
    "glossary",
    "terms",
    "terminology",
    "definitions",
    "用語集",
    "用語",
    "术语表",
    "术语",
    "용어",
    "глоссарий",
    "glosario",
    "glossário",
    "glossar",
    "glossaire",
    "thuật ngữ",
    "glosarium",
    "sözlük",
];

/// A term and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As written, emphasis left out.
    pub name: String,
    /// What stands behind it on its line.
    pub definition: String,
    /// The name in the document.
    pub span: Span,
    /// The whole entry in the document, further lines included.
    pub lines: Span,
    /// Other words for it: in brackets behind the name, behind a slash, or named as such by the definition.
    pub others: Vec<String>,
}

/// The entries, in document order; empty without a glossary.
pub fn read(text: &Text<'_>, headings: &[Heading]) -> Vec<Entry> {
    let title = |heading: &Heading| {
        heading.title.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' ').to_lowercase()
    };
    let Some(heading) = headings.iter().find(|heading| HEADINGS.contains(&title(heading).as_str())) else {
        return Vec::new();
    };
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().get(heading.line + 1..heading.end).unwrap_or_default() {
        if line.inside != Inside::Prose || entries.len() >= ENTRIES_MAX {
            continue;
        }
        let content = text.str_of(line);
        match entry(&content) {
            // A nested bullet belongs to the entry above unless it is a term in bold itself.
            Some((from, name, definition)) if line.indent == 0 || content.contains("**") => {
                let Some(name) = content.get(from..from + name).map(str::to_string) else { continue };
                let definition = definition.to_string();
                let others = others(&name, &definition);
                let span = Span { offset: line.span.offset + from, len: name.len() };
                entries.push(Entry { name, definition, span, lines: line.span, others });
            }
            _ => {
                if let Some(last) =
                    entries.last_mut().filter(|_| !content.trim().is_empty() && !content.starts_with('#'))
                {
                    last.definition.push(' ');
                    last.definition.push_str(content.trim());
                    last.lines = Span::between(last.lines.offset, line.span.end());
                }
            }
        }
    }
    entries
}

/// The name of an entry as (offset, bytes) of the line, and its definition. Reads `- **Name**: …`, `**Name** - …`,
/// `- Name: …`, `| Name | … |`.
fn entry(line: &str) -> Option<(usize, usize, &str)> {
    let start = line.len() - line.trim_start().len();
    let body = line.get(start..)?;
    let after_bullet = body.strip_prefix(['-', '*', '+']).filter(|rest| rest.starts_with(' '));
    let numbered = body.trim_start_matches(|c: char| c.is_ascii_digit());
    let after_number = numbered.strip_prefix(". ").filter(|_| numbered.len() < body.len());
    let is_row = body.starts_with('|');
    let body = match (after_bullet, after_number) {
        (Some(rest), _) | (None, Some(rest)) => rest.trim_start(),
        _ if is_row => body.get(1..)?.trim_start(),
        _ if body.starts_with("**") => body,
        _ => return None,
    };
    let from = line.len() - body.len();
    let (name, rest) = if let Some(inner) = body.strip_prefix("**") {
        let (name, rest) = inner.split_once("**")?;
        (name, rest)
    } else if is_row {
        body.split_once('|')?
    } else {
        let at = body
            .find([':', '：'])
            .or_else(|| body.find(" - "))
            .or_else(|| body.find(" — "))
            .or_else(|| body.find(" – "))?;
        body.split_at_checked(at)?
    };
    let lead = name.len() - name.trim_start_matches(|c: char| matches!(c, '*' | '_' | '`' | ' ')).len();
    let shift = if body.starts_with("**") { 2 } else { 0 };
    let name = name.get(lead..)?.trim_end_matches(|c: char| matches!(c, '*' | '`' | ' ' | ':' | '：' | '_'));
    let is_rule =
        is_row && (name.chars().all(|c| matches!(c, '-' | ':' | ' ')) || name.eq_ignore_ascii_case("term"));
    let is_name = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && !is_rule;
    let definition =
        rest.trim_start_matches(|c: char| matches!(c, ':' | '：' | '-' | '—' | '–' | '*' | ' ' | '|'));
    is_name.then(|| (from + shift + lead, name.len(), definition.trim().trim_end_matches(['|', ' '])))
}

/// Characters in a term; longer beginnings of list items are sentences.
const NAME_CHARS_MAX: usize = 60;

fn others(name: &str, definition: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some((before, rest)) = name.split_once('(') {
        found.push(before.trim().to_string());
        found.push(rest.trim_end_matches(')').trim().to_string());
    }
    found.extend(name.split(" / ").filter(|_| name.contains(" / ")).map(|part| part.trim().to_string()));
    let lower = definition.to_lowercase();
    for phrase in ["also called ", "also known as ", "aka ", "a.k.a. ", "synonym: ", "synonyms: "] {
        let Some(at) = lower.find(phrase).filter(|_| lower.len() == definition.len()) else { continue };
        let rest = definition.get(at + phrase.len()..).unwrap_or_default();
        let end = rest.find([',', '.', ')', ';', ' ']).unwrap_or(rest.len());
        let quoted = rest.strip_prefix(['"', '`', '“', '*']);
        let word = match quoted {
            Some(inner) => inner.split(['"', '`', '”', '*']).next().unwrap_or_default(),
            None => rest.get(..end).unwrap_or_default(),
        };
        found.push(word.trim().to_string());
    }
    found.retain(|word| word.chars().count() >= 2);
    found
}

/// The form in which two spellings of one term are equal: letters and digits in lower case, the plural's `s` left out.
pub fn normal(name: &str) -> String {
    let name = name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")).unwrap_or(name);
    let mut out: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let is_plural = out.len() > 3
        && out.ends_with('s')
        && !out.ends_with("ss")
        && !out.ends_with("us")
        && !out.ends_with("is");
    if is_plural {
        out.pop();
        if out.ends_with("ie") {
            out.truncate(out.len() - 2);
            out.push('y');
        }
    }
    out
}

/// Whether a word is written like a term: `Session_Store`, and no constant such as `MAX_AGE`.
pub fn is_term_like(word: &str) -> bool {
    let mut parts = word.split('_').peekable();
    let is_capital = |part: &str| part.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    word.contains('_')
        && word.starts_with(char::is_uppercase)
        // `RECORD_IDs` is more than one of a constant.
        && word.strip_suffix('s').unwrap_or(word).chars().any(char::is_lowercase)
        && parts.by_ref().all(|part| is_capital(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use spec::outline::headings;

    fn check(glossary: &str, expected: &[(&str, &str, &[&str])]) {
        let document = format!("# R\n\n## Glossary\n\n{glossary}\n\n## Requirements\n\n- **No**: entry\n");
        let text = Text::read(document.as_bytes());
        let entries = read(&text, &headings(&text));
        let got: Vec<_> = entries
            .iter()
            .map(|entry| {
                assert_eq!(entry.span.text(document.as_bytes()), entry.name);
                let others: Vec<&str> = entry.others.iter().map(String::as_str).collect();
                (entry.name.as_str(), entry.definition.as_str(), others)
            })
            .collect();
        let want: Vec<_> =
            expected.iter().map(|(name, words, others)| (*name, *words, others.to_vec())).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn entries_in_every_dress() {
        check(
            "- **Session_Store**: keeps it\n  - in memory",
            &[("Session_Store", "keeps it - in memory", &[])],
        );
        check(
            "**A_B** - x\n- C_D: y\n1. `E_F`: z",
            &[("A_B", "x", &[]), ("C_D", "y", &[]), ("E_F", "z", &[])],
        );
        check("| Term | Meaning |\n|---|---|\n| Foo | bar |", &[("Foo", "bar", &[])]);
        check("- **Api (Gateway)**: x", &[("Api (Gateway)", "x", &["Api", "Gateway"])]);
        check(
            "- **User**: someone, also called `learner`, who",
            &[("User", "someone, also called `learner`, who", &["learner"])],
        );
        check("Prose without a term.", &[]);
    }

    #[test]
    fn one_term_in_many_spellings() {
        for spelling in
            ["Session_Store", "SessionStore", "session store", "Session-Stores", "Session_Store's"]
        {
            assert_eq!(normal(spelling), "sessionstore", "{spelling}");
        }
        assert_eq!(normal("Policies"), "policy");
        assert_eq!(normal("Status"), "status");
        for (word, expected) in [
            ("Session_Store", true),
            ("MAX_AGE", false),
            ("RECORD_IDs", false),
            ("session_store", false),
            ("Store", false),
            ("S3_Bucket", true),
        ] {
            assert_eq!(is_term_like(word), expected, "{word}");
        }
    }
}
