//! The summary of a pull request in GitHub's Markdown: what a diff touches, puts at risk and leaves untested, and new
//! findings. Words of documents stay words. Decides nothing about what is new.

use std::fmt::Write;

use lint::Finding;
use spec::Severity;

use crate::place::Locate;
use crate::report::Status;
use crate::results::clip;

/// What a summary is made of.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The heading.
    pub title: &'a str,
    /// Findings that were not there before.
    pub new: &'a [Finding],
    /// How many findings were there before.
    pub known: usize,
    /// Findings that are gone.
    pub gone: usize,
    /// How many criteria have each status, in the order of [`Status::ALL`].
    pub counts: Option<[usize; 6]>,
    /// What the diff of the pull request does to the criteria.
    pub diff: Option<&'a Diff>,
    /// Finds places.
    pub locate: Locate<'a>,
}

/// What a diff does to the criteria. A criterion may stand in several lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Their words or their linked code change.
    pub touched: Vec<Touched>,
    /// Proved before, and something that the proof stands on changes.
    pub at_risk: Vec<Touched>,
    /// Their code changes and no linked test covers it.
    pub untested: Vec<Touched>,
    /// Tasks and design sections that were written for words which change.
    pub overtaken: Vec<Overtaken>,
}

/// Something that was written for words which a diff changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overtaken {
    /// The spec's name.
    pub spec: String,
    /// Which one, with its kind: "task `2`".
    pub what: String,
    /// Its title, unless the name says it.
    pub title: String,
    /// Of a task: `done` or `open`.
    pub state: Option<String>,
    /// What changes.
    pub why: String,
}

/// A criterion that a diff concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// The spec's name.
    pub spec: String,
    /// The criterion's id.
    pub id: String,
    /// The statement.
    pub text: String,
    /// How far it is; `None` when it is gone.
    pub status: Option<Status>,
    /// Why it stands in the list, in a few words.
    pub why: String,
}

/// Bytes of a summary: GitHub takes comments up to 65,536 characters. What is left out is counted.
pub const SUMMARY_BYTES_MAX: usize = 60_000;

/// Rows of a table before it is cut, with a line that says so.
pub const ROWS_MAX: usize = 100;

/// Characters of a criterion or a message in a row.
const WORDS_BYTES_MAX: usize = 300;

/// The summary.
pub fn summary(input: &Input<'_>) -> String {
    let mut out = Page { text: format!("## {}\n\n", inline(input.title, WORDS_BYTES_MAX)) };
    out.text.push_str(&verdict(input));
    if let Some(counts) = &input.counts {
        out.text.push_str(&counted(counts));
    }
    if let Some(diff) = input.diff {
        out.criteria("At risk", "proved before, and what the proof stands on changes", &diff.at_risk, true);
        out.criteria(
            "Untested in this diff",
            "code changes that no linked test covers",
            &diff.untested,
            true,
        );
        out.overtaken(&diff.overtaken);
        out.criteria("Touched", "words or linked code change", &diff.touched, false);
    }
    out.findings(input);
    out.text
}

fn verdict(input: &Input<'_>) -> String {
    let errors = input.new.iter().filter(|finding| finding.severity == Severity::Error).count();
    let mark = if errors > 0 {
        "❌"
    } else if input.new.is_empty() {
        "✅"
    } else {
        "⚠️"
    };
    let mut out = format!("{mark} **{}**", plural(input.new.len(), "new finding"));
    if errors > 0 {
        let _ = write!(out, ", {} of them {}", errors, if errors == 1 { "an error" } else { "errors" });
    }
    let _ = write!(out, " · {} known · {} gone", input.known, input.gone);
    if let Some(diff) = input.diff {
        let parts = [
            (diff.touched.len(), "touched"),
            (diff.at_risk.len(), "at risk"),
            (diff.untested.len(), "untested"),
        ];
        let parts: Vec<String> = parts.iter().map(|(count, word)| format!("{count} {word}")).collect();
        let tasks = diff.overtaken.iter().filter(|one| one.state.is_some()).count();
        let _ = write!(out, "\\\nCriteria in this diff: {}", parts.join(" · "));
        let _ = write!(out, "\\\nTasks at risk: {tasks}");
    }
    out.push_str("\n\n");
    out
}

fn counted(counts: &[usize; 6]) -> String {
    let total: usize = counts.iter().sum();
    let parts: Vec<String> = Status::ALL
        .iter()
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(status, count)| format!("{} {count} {}", status.glyph(), status.words()))
        .collect();
    format!("{}: {}\n\n", plural(total, "criterion").replace("criterions", "criteria"), parts.join(" · "))
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// The text so far. A table that no longer fits is named instead of written.
struct Page {
    text: String,
}

impl Page {
    fn criteria(&mut self, title: &str, what: &str, rows: &[Touched], is_open: bool) {
        let head = "| Criterion | Status | Statement | Why |\n|---|---|---|---|\n";
        let rows = rows.iter().map(|row| {
            let address = format!("{} {}", row.spec, row.id);
            format!(
                "| {} | {} {} | {} | {} |\n",
                code(&clip(&address, WORDS_BYTES_MAX)),
                row.status.map_or("✂", Status::glyph),
                row.status.map_or("gone", Status::words),
                inline(&row.text, WORDS_BYTES_MAX),
                inline(&row.why, WORDS_BYTES_MAX)
            )
        });
        self.table(title, what, head, rows.collect(), is_open);
    }

    fn overtaken(&mut self, rows: &[Overtaken]) {
        let head = "| Spec | What | State | Why |\n|---|---|---|---|\n";
        let rows = rows.iter().map(|row| {
            format!(
                "| {} | {} {} | {} | {} |\n",
                code(&clip(&row.spec, WORDS_BYTES_MAX)),
                inline(&row.what, WORDS_BYTES_MAX),
                inline(&row.title, WORDS_BYTES_MAX),
                row.state.as_deref().unwrap_or_default(),
                inline(&row.why, WORDS_BYTES_MAX)
            )
        });
        let what = "written for words that change";
        self.table("Tasks and design sections at risk", what, head, rows.collect(), true);
    }

    fn findings(&mut self, input: &Input<'_>) {
        let head = "| | Finding | Where | Rule |\n|---|---|---|---|\n";
        let mut sorted: Vec<&Finding> = input.new.iter().collect();
        sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let rows = sorted.iter().take(ROWS_MAX + 1).map(|finding| {
            let mark = match finding.severity {
                Severity::Error => "❌ error",
                Severity::Warning => "⚠️ warning",
                Severity::Hint => "💡 hint",
            };
            let located = (input.locate)(&finding.place);
            let line = located.region.map(|region| format!(":{}", region.start_line)).unwrap_or_default();
            let mut words = inline(&finding.message, WORDS_BYTES_MAX);
            if let Some(hint) = &finding.hint {
                let _ = write!(words, "<br>→ {}", inline(hint, WORDS_BYTES_MAX));
            }
            let place = code(&format!("{}{line}", clip(&located.path, WORDS_BYTES_MAX)));
            format!("| {mark} | {words} | {place} | {} ({}) |\n", code(finding.rule), finding.basis.words())
        });
        let rows: Vec<String> = rows.collect();
        let hidden = sorted.len().saturating_sub(rows.len());
        self.rows("New findings", "", head, rows, hidden, true);
    }

    fn table(&mut self, title: &str, what: &str, head: &str, rows: Vec<String>, is_open: bool) {
        self.rows(title, what, head, rows, 0, is_open);
    }

    fn rows(&mut self, title: &str, what: &str, head: &str, rows: Vec<String>, hidden: usize, is_open: bool) {
        if rows.is_empty() {
            return;
        }
        let total = rows.len() + hidden;
        let open = if is_open { " open" } else { "" };
        let what = if what.is_empty() { String::new() } else { format!(": {what}") };
        let frame = format!("<details{open}>\n<summary><b>{title}</b> ({total}){what}</summary>\n\n{head}");
        // Room for the end of the table and for the lines that say what is left out.
        let room = SUMMARY_BYTES_MAX.saturating_sub(self.text.len() + frame.len() + 400);
        let (mut used, mut shown) = (0, 0);
        let mut body = String::new();
        for row in rows.iter().take(ROWS_MAX) {
            if used + row.len() > room {
                break;
            }
            used += row.len();
            shown += 1;
            body.push_str(row);
        }
        if shown == 0 {
            let _ = write!(self.text, "**{title}**: {total}, more than this comment holds\n\n");
            return;
        }
        self.text.push_str(&frame);
        self.text.push_str(&body);
        if shown < total {
            let _ = write!(self.text, "\n… and {} more\n", total - shown);
        }
        self.text.push_str("\n</details>\n\n");
    }
}

/// Words of a message on one line: what stands in back-ticks as code, everything else without any power: no markup,
/// no link, no mention, no number of an issue.
pub(crate) fn inline(words: &str, bytes_max: usize) -> String {
    let words = clip(words, bytes_max);
    let words: String = words.split(|c: char| c.is_whitespace() || c.is_control()).fold(
        String::with_capacity(words.len()),
        |mut out, word| {
            if !word.is_empty() {
                out.push_str(if out.is_empty() { "" } else { " " });
                out.push_str(word);
            }
            out
        },
    );
    let mut out = String::with_capacity(words.len() * 2);
    let mut rest = words.as_str();
    while let Some((before, after)) = rest.split_once('`') {
        let Some((span, behind)) = after.split_once('`') else { break };
        push_literal(&mut out, before);
        out.push_str(&code(span));
        rest = behind;
    }
    push_literal(&mut out, rest);
    out
}

fn push_literal(out: &mut String, words: &str) {
    for c in words.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // GitHub finds names and issues in the finished text, so an escape is no help; a joiner is.
            '@' | '#' => {
                out.push('\\');
                out.push(c);
                out.push('\u{2060}');
            }
            c if c.is_ascii_punctuation() && !matches!(c, ',' | '\'' | '"' | ';' | '?' | '%' | '/' | '=') => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

/// Words as code in a table's cell.
pub(crate) fn code(words: &str) -> String {
    let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = words.trim();
    if words.is_empty() {
        return String::new();
    }
    let longest = words.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if words.starts_with('`') || words.ends_with('`') { " " } else { "" };
    // In a table's cell a bar ends the cell even inside code, and a backslash before the escape would undo it.
    let words = words.replace("\\|", "\\\u{2060}|").replace('|', "\\|");
    format!("{fence}{pad}{words}{pad}{fence}")
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
