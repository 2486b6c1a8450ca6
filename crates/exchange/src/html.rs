//! The trace as one HTML page for reviewers: no request leaves it, nothing of a document gets power over it, and it can
//! be read without its script.

mod criterion;

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use crate::report::{Report, SpecReport, Status, counts};

/// Criteria on one page; the page says how many are left out. Ten large repositories together have these.
pub const CRITERIA_MAX: usize = 100_000;

/// Criteria up to which every spec stands open when the page is opened.
const OPEN_MAX: usize = 400;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// The digests that let exactly this style and this script run. A test compares them.
const STYLE_DIGEST: &str = "trtVVf7absAu5Fm2YQVwq69EGp6TZO8/BXCKeacH/5c=";
const SCRIPT_DIGEST: &str = "QR/qkNbfEyLksEHjeClGbVu6m4bFHbdYGmWYslaSGDI=";

/// The page.
pub fn page(report: &Report) -> String {
    let total = report.criteria().count();
    let all = counts(report.criteria().map(|(_, _, criterion)| criterion));
    let title = format!("Trace of {}", escaped(&report.project));
    let mut out = String::with_capacity(32 * 1024 + total * 600);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{STYLE_DIGEST}'; \
         script-src 'sha256-{SCRIPT_DIGEST}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>\n<style>{}</style>\n</head>\n<body>\n",
        unix(STYLE)
    );
    let _ = write!(
        out,
        "<a class=\"skip\" href=\"#specs\">Skip to the criteria</a>\n<header>\n<h1>{title}</h1>\n\
         <p class=\"soft\">{} specs, {total} criteria. Made {}.</p>\n",
        report.specs.len(),
        escaped(&report.generated)
    );
    bar(&mut out, &all, "All criteria");
    legend(&mut out, &all);
    out.push_str("</header>\n");
    let mut addresses = Addresses::of_page();
    let ids: Vec<String> = report.specs.iter().map(|spec| addresses.give(&spec.name)).collect();
    filter(&mut out, report, &ids, &all);
    out.push_str("<main id=\"specs\">\n");
    let mut left = CRITERIA_MAX;
    for (spec, id) in report.specs.iter().zip(&ids) {
        write_spec(&mut out, (spec, id, total <= OPEN_MAX), &mut addresses, &mut left);
    }
    if report.specs.is_empty() {
        out.push_str("<p>There are no specs.</p>\n");
    }
    if total > CRITERIA_MAX {
        let _ = writeln!(
            out,
            "<p><strong>{} more criteria are not on this page.</strong></p>",
            total - CRITERIA_MAX
        );
    }
    let _ = write!(
        out,
        "</main>\n<footer class=\"soft\">\n<p>Keys: <kbd>/</kbd> search, <kbd>j</kbd> and <kbd>k</kbd> next and \
         previous criterion, <kbd>o</kbd> its details, <kbd>p</kbd> its address, <kbd>Esc</kbd> end the search.</p>\n\
         </footer>\n<script>{}</script>\n</body>\n</html>\n",
        unix(SCRIPT)
    );
    out
}

/// A checkout may have put carriage returns into the files; the digests know them without.
fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Words for element content and for attribute values in double quotes.
pub(crate) fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + words.len() / 8);
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Marks that turn the reading direction make words look like others.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// An address inside the page: letters, digits and a few marks stay, everything else becomes a dash.
fn address(words: &str) -> String {
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '~');
    words.chars().map(|c| if keep(c) { c } else { '-' }).collect()
}

/// Addresses inside the page that are given out, each once.
struct Addresses {
    taken: HashSet<String>,
    next: HashMap<String, usize>,
}

impl Addresses {
    /// With those of the page's own elements.
    fn of_page() -> Addresses {
        let own = ["specs", "filter", "words", "spec", "said", "open", "close"];
        Addresses { taken: own.map(str::to_string).into(), next: HashMap::new() }
    }

    /// The address made of the words, or the next free one with a number behind it.
    fn give(&mut self, words: &str) -> String {
        let start = match address(words) {
            empty if empty.is_empty() => "unnamed".to_string(),
            start => start,
        };
        if self.taken.insert(start.clone()) {
            return start;
        }
        let number = self.next.entry(start.clone()).or_insert(1);
        loop {
            *number += 1;
            let address = format!("{start}~{number}");
            if self.taken.insert(address.clone()) {
                return address;
            }
        }
    }
}

fn summed(counts: &[usize; 6]) -> String {
    let parts = Status::ALL.iter().zip(counts).filter(|(_, count)| **count > 0);
    let parts: Vec<String> = parts.map(|(status, count)| format!("{count} {}", status.words())).collect();
    if parts.is_empty() { "no criteria".to_string() } else { parts.join(", ") }
}

fn bar(out: &mut String, counts: &[usize; 6], what: &str) {
    let total = counts.iter().sum::<usize>().max(1);
    let _ = write!(
        out,
        "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{what}: {}\">",
        summed(counts)
    );
    let mut before = 0;
    // Green first, so that the bar fills from the left.
    let order =
        [Status::Green, Status::DoneNoTest, Status::TaskOpen, Status::NoTask, Status::Suspect, Status::Red];
    for status in order {
        let at = Status::ALL.iter().position(|known| *known == status);
        let count = at.and_then(|at| counts.get(at)).copied().unwrap_or_default();
        if count > 0 {
            let (from, to) = (before * 1000 / total, (before + count) * 1000 / total);
            let _ = write!(
                out,
                "<rect class=\"{}\" x=\"{from}\" width=\"{}\" height=\"10\"/>",
                status.key(),
                to - from
            );
            before += count;
        }
    }
    out.push_str("</svg>\n");
}

fn legend(out: &mut String, counts: &[usize; 6]) {
    out.push_str("<ul class=\"legend\">");
    for (status, count) in Status::ALL.iter().zip(counts) {
        let _ = write!(
            out,
            "<li class=\"{}\"><span aria-hidden=\"true\">{}</span> {count} {}</li>",
            status.key(),
            status.glyph(),
            status.words()
        );
    }
    out.push_str("</ul>\n");
}

/// Hidden until the script runs: without it the fields would do nothing.
fn filter(out: &mut String, report: &Report, ids: &[String], counts: &[usize; 6]) {
    out.push_str(
        "<form id=\"filter\" role=\"search\" hidden>\n<div>\n\
         <input type=\"search\" id=\"words\" aria-label=\"Search criteria, tasks, tests, commits and files\" \
         placeholder=\"Search (press /)\" autocomplete=\"off\">\n\
         <select id=\"spec\" aria-label=\"Spec\"><option value=\"\">All specs</option>",
    );
    for (spec, id) in report.specs.iter().zip(ids) {
        let _ = write!(out, "<option value=\"{id}\">{}</option>", escaped(&spec.name));
    }
    out.push_str("</select>\n<fieldset><legend>Show</legend>");
    for (status, count) in Status::ALL.iter().zip(counts) {
        let _ = write!(
            out,
            "<label><input type=\"checkbox\" value=\"{}\" checked> {} {} ({count})</label>",
            status.key(),
            status.glyph(),
            status.words()
        );
    }
    out.push_str(
        "</fieldset>\n<button type=\"button\" id=\"open\">Open all</button>\n\
         <button type=\"button\" id=\"close\">Close all</button>\n<button type=\"reset\">Reset</button>\n\
         <output id=\"said\" aria-live=\"polite\"></output>\n</div>\n</form>\n",
    );
}

fn write_spec(
    out: &mut String,
    (spec, id, is_open): (&SpecReport, &str, bool),
    addresses: &mut Addresses,
    left: &mut usize,
) {
    let counts = spec.counts();
    let open = if is_open { " open" } else { "" };
    let title = if spec.title.is_empty() { &spec.name } else { &spec.title };
    let _ = write!(
        out,
        "<details class=\"spec\" id=\"{id}\"{open}>\n<summary><h2>{}</h2> <span class=\"soft\"><code>{}</code> {} · {}</span>\n",
        escaped(title),
        escaped(&spec.name),
        escaped(&spec.kind),
        summed(&counts)
    );
    bar(out, &counts, "Criteria");
    out.push_str("</summary>\n");
    for requirement in &spec.requirements {
        let _ = writeln!(
            out,
            "<section class=\"req\"><h3>{} {}</h3>",
            escaped(&requirement.number),
            escaped(&requirement.title)
        );
        if let Some(story) = &requirement.story {
            let _ = writeln!(out, "<p class=\"soft\">{}</p>", criterion::prose(story));
        }
        out.push_str("<ol class=\"cs\">\n");
        for one in &requirement.criteria {
            if *left == 0 {
                break;
            }
            *left -= 1;
            let own = addresses.give(&format!("{id}/{}", one.id));
            criterion::write(out, one, &own);
        }
        out.push_str("</ol></section>\n");
    }
    criterion::write_tasks(out, &spec.tasks);
    criterion::write_findings(out, &spec.findings);
    out.push_str("</details>\n");
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;
