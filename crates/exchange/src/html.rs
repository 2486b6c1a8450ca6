//! The trace as one HTML page for reviewers: no request leaves it, nothing of a document gets power over it, and it can
//! be read without its script.

mod criterion;
mod overview;

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
const STYLE_DIGEST: &str = "pwRpWcoyi698igLVxqUcSx2iYbNqfKLcvx9Zz8TU5LM=";
const SCRIPT_DIGEST: &str = "74egvklEiIT74T9sO/iLuJr+3kxUBL5Lebn9L2yzHxc=";

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
         <p class=\"soft\">{}, {}. Made {}.</p>\n",
        criterion::counted(report.specs.len(), "spec"),
        criterion::counted(total, "criterion"),
        escaped(&report.generated)
    );
    let mut addresses = Addresses::of_page();
    let ids: Vec<String> = report.specs.iter().map(|spec| addresses.give(&spec.name)).collect();
    let places = addresses.of_criteria(report, &ids);
    overview::write(&mut out, report, &all, &places);
    out.push_str("</header>\n");
    filter(&mut out, report, &ids, &all);
    out.push_str("<main id=\"specs\">\n");
    let mut left = places.as_slice();
    for (spec, id) in report.specs.iter().zip(&ids) {
        write_spec(&mut out, (spec, id, total <= OPEN_MAX), &mut left);
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
        let own = ["specs", "filter", "words", "spec", "said", "open", "close", "first"];
        Addresses { taken: own.map(str::to_string).into(), next: HashMap::new() }
    }

    /// An address for each criterion of the report in its order, at most [`CRITERIA_MAX`].
    fn of_criteria(&mut self, report: &Report, ids: &[String]) -> Vec<String> {
        let mut out = Vec::new();
        for (spec, id) in report.specs.iter().zip(ids) {
            for one in spec.requirements.iter().flat_map(|requirement| &requirement.criteria) {
                if out.len() >= CRITERIA_MAX {
                    return out;
                }
                out.push(self.give(&format!("{id}/{}", one.id)));
            }
        }
        out
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
            "<label class=\"{key}\"><input type=\"checkbox\" value=\"{key}\" checked> <span aria-hidden=\"true\">{}</span> \
             {} <b>{count}</b></label>",
            status.glyph(),
            status.words(),
            key = status.key()
        );
    }
    out.push_str(
        "</fieldset>\n<span class=\"buttons\"><button type=\"button\" id=\"open\">Open all</button>\n\
         <button type=\"button\" id=\"close\">Close all</button>\n<button type=\"reset\">Reset</button></span>\n\
         <output id=\"said\" aria-live=\"polite\"></output>\n</div>\n</form>\n",
    );
}

fn write_spec(out: &mut String, (spec, id, is_open): (&SpecReport, &str, bool), left: &mut &[String]) {
    let counts = spec.counts();
    let open = if is_open { " open" } else { "" };
    let title = overview::title(spec);
    let _ = write!(
        out,
        "<details class=\"spec\" id=\"{id}\"{open}>\n<summary><h2>{}</h2> <span class=\"soft\">",
        escaped(title)
    );
    if title != spec.name {
        let _ = write!(out, "<code>{}</code> ", escaped(&spec.name));
    }
    let _ = writeln!(out, "{} · {}</span>", escaped(&spec.kind), overview::summed(&counts));
    overview::bar(out, &counts, "Criteria");
    out.push_str("</summary>\n");
    for requirement in &spec.requirements {
        let heading = match (requirement.number.as_str(), requirement.title.as_str()) {
            (number, "") => format!("Requirement {}", escaped(number)),
            ("", title) => escaped(title),
            (number, title) => format!("{} {}", escaped(number), criterion::prose(title)),
        };
        let _ = writeln!(out, "<section class=\"req\"><h3>{heading}</h3>");
        if let Some(story) = &requirement.story {
            let _ = writeln!(out, "<p class=\"soft\">{}</p>", criterion::prose(story));
        }
        out.push_str("<ol class=\"cs\">\n");
        for one in &requirement.criteria {
            let Some((own, rest)) = left.split_first() else { break };
            *left = rest;
            criterion::write(out, one, own);
        }
        out.push_str("</ol></section>\n");
    }
    criterion::write_tasks(out, &spec.tasks);
    if !spec.findings.is_empty() {
        let count = criterion::counted(spec.findings.len(), "finding");
        let _ = writeln!(
            out,
            "<section class=\"req\"><details class=\"more\"><summary>{count} about the documents</summary>"
        );
        criterion::write_findings(out, &spec.findings);
        out.push_str("</details></section>\n");
    }
    out.push_str("</details>\n");
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;
