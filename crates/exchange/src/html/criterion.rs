//! One criterion on the page, with what is linked to it. Knows nothing of the page around it.

use std::fmt::Write;

use super::escaped;
use crate::report::{CriterionReport, FindingReport, Status, TaskReport, TestReport};

/// Links of one kind that are shown for one criterion; the line above them says how many there are.
pub(super) const LINKS_MAX: usize = 100;

/// A list item.
pub(super) fn write(out: &mut String, criterion: &CriterionReport, id: &str) {
    let status = criterion.status;
    let _ = write!(
        out,
        "<li class=\"c {key}\" id=\"{id}\" data-s=\"{key}\" tabindex=\"-1\"><a class=\"id\" href=\"#{id}\">{}</a>\
         <span class=\"st\"><span aria-hidden=\"true\">{}</span> {}</span>\n<p>{}</p>\n",
        escaped(&criterion.id),
        status.glyph(),
        status.words(),
        prose(&criterion.text),
        key = status.key()
    );
    write_links(out, criterion);
    write_findings(out, &criterion.findings);
    out.push_str("</li>\n");
}

fn write_links(out: &mut String, criterion: &CriterionReport) {
    let groups: [(&str, usize); 5] = [
        ("task", criterion.tasks.len()),
        ("property", criterion.properties.len()),
        ("test", criterion.tests.len()),
        ("commit", criterion.commits.len()),
        ("file", criterion.files.len()),
    ];
    let said: Vec<String> = groups
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| match word {
            "test" => format!("{}{}", counted(count, word), came(&criterion.tests)),
            _ => counted(count, word),
        })
        .collect();
    if said.is_empty() {
        return;
    }
    // What somebody has to look at is not hidden behind a click.
    let open = if matches!(criterion.status, Status::Red | Status::Suspect) { " open" } else { "" };
    let _ = writeln!(out, "<details{open}><summary>{}</summary><dl>", said.join(" · "));
    let tasks = criterion.tasks.iter().map(|task| {
        format!("<code>{}</code> {} ({})", escaped(&task.id), prose(&task.title), escaped(&task.state))
    });
    group(out, "Tasks", tasks);
    group(out, "Properties", criterion.properties.iter().map(|title| prose(title)));
    group(out, "Tests", criterion.tests.iter().map(test));
    let commits = criterion
        .commits
        .iter()
        .map(|commit| format!("<code>{}</code> {}", escaped(&commit.hash), escaped(&commit.subject)));
    group(out, "Commits", commits);
    let files = criterion.files.iter().map(|file| {
        let lines =
            if file.lines.is_empty() { String::new() } else { format!(" lines {}", escaped(&file.lines)) };
        format!("<code>{}</code>{lines}", escaped(&file.path))
    });
    group(out, "Files", files);
    out.push_str("</dl></details>\n");
}

/// How the tests came out together, as far as they ran.
fn came(tests: &[TestReport]) -> String {
    let of = |words: &[&str]| tests.iter().filter(|test| words.contains(&test.status.as_str())).count();
    match (of(&["failed", "errored"]), of(&["passed"])) {
        (0, 0) => String::new(),
        (0, passed) if passed == tests.len() => " passed".to_string(),
        (0, passed) => format!(", {passed} passed"),
        (failed, _) if failed == tests.len() => " failed".to_string(),
        (failed, _) => format!(", {failed} failed"),
    }
}

/// A number with its word.
pub(super) fn counted(count: usize, word: &str) -> String {
    match (count, word) {
        (1, _) => format!("1 {word}"),
        (_, "property") => format!("{count} properties"),
        (_, "criterion") => format!("{count} criteria"),
        _ => format!("{count} {word}s"),
    }
}

fn group(out: &mut String, title: &str, items: impl ExactSizeIterator<Item = String>) {
    let count = items.len();
    if count == 0 {
        return;
    }
    let _ = write!(out, "<dt>{title}</dt>");
    for item in items.take(LINKS_MAX) {
        let _ = write!(out, "<dd>{item}</dd>");
    }
    if count > LINKS_MAX {
        let _ = write!(out, "<dd>… and {} more</dd>", count - LINKS_MAX);
    }
    out.push('\n');
}

fn test(test: &TestReport) -> String {
    let glyph = match test.status.as_str() {
        "passed" => "✔",
        "failed" | "errored" => "✖",
        _ => "–",
    };
    let kind = match test.status.as_str() {
        "passed" => "green",
        "failed" | "errored" => "red",
        _ => "soft",
    };
    let place = match (&test.file, test.line) {
        (Some(file), Some(line)) => format!(" <code>{}:{line}</code>", escaped(file)),
        (Some(file), None) => format!(" <code>{}</code>", escaped(file)),
        _ => String::new(),
    };
    let confidence = match test.confidence {
        sure if sure >= 1.0 => String::new(),
        unsure => format!(" <span class=\"soft\">link {:.0} % sure</span>", unsure.clamp(0.0, 1.0) * 100.0),
    };
    let (name, status) = (escaped(&test.name), escaped(&test.status));
    format!(
        "<span class=\"came {kind}\"><span aria-hidden=\"true\">{glyph}</span> {status}</span> {name}{place}{confidence}"
    )
}

/// The tasks of a spec as a table.
pub(super) fn write_tasks(out: &mut String, tasks: &[TaskReport]) {
    if tasks.is_empty() {
        return;
    }
    let done = tasks.iter().filter(|task| task.state == "done").count();
    let _ = write!(
        out,
        "<section class=\"req\"><details class=\"more\"><summary>{}, {done} done</summary>\n<table><thead><tr>\
         <th scope=\"col\">Task</th><th scope=\"col\">State</th><th scope=\"col\">Title</th>\
         <th scope=\"col\">Criteria</th></tr></thead><tbody>\n",
        counted(tasks.len(), "task")
    );
    for task in tasks {
        let _ = writeln!(
            out,
            "<tr><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&task.id),
            escaped(&task.state),
            prose(&task.title),
            escaped(&task.criteria.join(", "))
        );
    }
    out.push_str("</tbody></table></details></section>\n");
}

/// Findings as a list.
pub(super) fn write_findings(out: &mut String, findings: &[FindingReport]) {
    if findings.is_empty() {
        return;
    }
    out.push_str("<ul class=\"f\">");
    for finding in findings.iter().take(LINKS_MAX) {
        let hint = finding.hint.as_deref().map(|hint| format!(" → {}", prose(hint))).unwrap_or_default();
        let _ = write!(
            out,
            "<li><strong>{}</strong> {}{hint} <span class=\"soft\"><code>{}</code> {}</span></li>",
            escaped(&finding.severity),
            prose(&finding.message),
            escaped(&finding.rule),
            escaped(&finding.basis)
        );
    }
    if findings.len() > LINKS_MAX {
        let _ = write!(out, "<li>… and {} more</li>", findings.len() - LINKS_MAX);
    }
    out.push_str("</ul>\n");
}

/// The key words of the requirements language, which a reader's eye looks for.
const KEY_WORDS: [&str; 9] = ["WHEN", "WHILE", "IF", "WHERE", "THEN", "SHALL", "MUST", "GIVEN", "NOT"];

/// Words of a document: lines stay lines, back-ticks become code, key words in capitals become bold.
pub(super) fn prose(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 32);
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((span, behind)) = after.split_once('`').filter(|(span, _)| !span.contains('\n')) else {
            break;
        };
        plain(&mut out, before);
        let _ = write!(out, "<code>{}</code>", escaped(span));
        rest = behind;
    }
    plain(&mut out, rest);
    out
}

fn plain(out: &mut String, words: &str) {
    for (index, line) in words.split('\n').enumerate() {
        if index > 0 {
            out.push_str("<br>");
        }
        for piece in line.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
            let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            if KEY_WORDS.contains(&word) {
                let behind = piece.get(word.len()..).unwrap_or_default();
                let _ = write!(out, "<b>{word}</b>{}", escaped(behind));
            } else {
                out.push_str(&escaped(piece));
            }
        }
    }
}
