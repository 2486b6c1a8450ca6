//! The head of the page: how far everything is at a glance, and what to look at first. Knows no criterion's links.

use std::fmt::Write;

use super::{criterion, escaped};
use crate::report::{CriterionReport, Report, SpecReport, Status};

/// Criteria that are named as the first ones to look at.
const FIRST_MAX: usize = 10;

/// Bytes of a criterion's words in that list.
const FIRST_BYTES_MAX: usize = 160;

/// The statuses that somebody should look at, the most pressing first.
const PRESSING: [Status; 3] = [Status::Red, Status::Suspect, Status::DoneNoTest];

/// Words of headings that say which document it is and nothing about the spec.
const GENERIC: [&str; 9] = [
    "requirements document",
    "design document",
    "implementation plan",
    "implementation tasks",
    "requirements",
    "design",
    "tasks",
    "bugfix document",
    "bug analysis",
];

/// Bar, numbers and the first ones to look at. `places` are the addresses of the criteria in the order of the report.
pub(super) fn write(out: &mut String, report: &Report, counts: &[usize; 6], places: &[String]) {
    let total: usize = counts.iter().sum();
    let of = |wanted: Status| {
        let at = Status::ALL.iter().position(|status| *status == wanted);
        at.and_then(|at| counts.get(at)).copied().unwrap_or_default()
    };
    let green = of(Status::Green);
    let percent = (green * 100).checked_div(total).unwrap_or_default();
    let pressing: usize = PRESSING.iter().map(|status| of(*status)).sum();
    let _ = writeln!(
        out,
        "<p class=\"sum\"><strong>{percent} %</strong> of the criteria are tested and green ({green} of {total}).</p>"
    );
    bar(out, counts, "All criteria");
    legend(out, counts);
    if pressing > 0 {
        first(out, report, pressing, places);
    }
}

fn first(out: &mut String, report: &Report, pressing: usize, places: &[String]) {
    let all: Vec<(&SpecReport, &CriterionReport, &String)> =
        report.criteria().zip(places).map(|((spec, _, one), place)| (spec, one, place)).collect();
    let in_order =
        PRESSING.iter().flat_map(|status| all.iter().filter(move |(_, one, _)| one.status == *status));
    let _ = write!(
        out,
        "<details class=\"first\" id=\"first\" open><summary>Look at these first ({pressing})</summary>\n<ol>"
    );
    for (spec, one, place) in in_order.take(FIRST_MAX) {
        let _ = writeln!(
            out,
            "<li class=\"{key}\"><span class=\"st\"><span aria-hidden=\"true\">{}</span> {}</span> \
             <a href=\"#{place}\">{} {}</a> {}</li>",
            one.status.glyph(),
            one.status.words(),
            escaped(&spec.name),
            escaped(&one.id),
            criterion::prose(&crate::results::clip(&one.text.replace('\n', " "), FIRST_BYTES_MAX)),
            key = one.status.key()
        );
    }
    out.push_str("</ol>\n");
    if pressing > FIRST_MAX {
        let _ = writeln!(
            out,
            "<p class=\"soft\">and {} more; show only these with the boxes below</p>",
            pressing - FIRST_MAX
        );
    }
    out.push_str("</details>\n");
}

/// The words that tell a spec from others: its title without the name of the document, else its name.
pub(super) fn title(spec: &SpecReport) -> &str {
    let marks = |c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '：');
    let mut title = spec.title.trim();
    for word in GENERIC {
        let lower = title.to_ascii_lowercase();
        if lower == word {
            return &spec.name;
        }
        // Only where a mark parts them: `Design System` keeps its first word.
        let before = lower.strip_prefix(word).filter(|rest| is_parted(rest.trim_start()));
        let behind = lower.strip_suffix(word).filter(|rest| is_parted_end(rest.trim_end()));
        if let Some(rest) = before {
            title = title.get(title.len() - rest.len()..).unwrap_or(title).trim_matches(marks);
        } else if let Some(rest) = behind {
            title = title.get(..rest.len()).unwrap_or(title).trim_matches(marks);
        }
    }
    if title.is_empty() { &spec.name } else { title }
}

fn is_parted(rest: &str) -> bool {
    rest.starts_with([':', '-', '–', '—', '：'])
}

fn is_parted_end(rest: &str) -> bool {
    rest.ends_with([':', '-', '–', '—', '：'])
}

/// How many have which status, in words.
pub(super) fn summed(counts: &[usize; 6]) -> String {
    let parts = Status::ALL.iter().zip(counts).filter(|(_, count)| **count > 0);
    let parts: Vec<String> = parts.map(|(status, count)| format!("{count} {}", status.words())).collect();
    if parts.is_empty() { "no criteria".to_string() } else { parts.join(", ") }
}

/// The same as a picture.
pub(super) fn bar(out: &mut String, counts: &[usize; 6], what: &str) {
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

/// The same in words with signs; where the script runs, the boxes of the filter say it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_says_more_than_which_document_it_is() {
        let check = |written: &str, expected: &str| {
            let spec =
                SpecReport { name: "rate-limit".into(), title: written.into(), ..SpecReport::default() };
            assert_eq!(title(&spec), expected, "{written:?}");
        };
        check("", "rate-limit");
        check("Design Document", "rate-limit");
        check("DESIGN DOCUMENT: Rate limits", "Rate limits");
        check("Rate limits - Implementation Plan", "Rate limits");
        check("Implementation Plan: ", "rate-limit");
        check("Design System", "Design System");
        check("Rate limits", "Rate limits");
        check("Requirements", "rate-limit");
        check("Überblick – Design", "Überblick");
    }
}
