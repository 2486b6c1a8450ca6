//! Quick-fixes for Kiro's rules: headings that are put in or put right, boxes, property links, the task graph. Offers
//! one only when the document then breaks exactly this rule less.

use plan::Plan;
use spec::json::quote;
use spec::outline::Heading;
use spec::splice;
use spec::text::{Inside, Line};
use spec::{Diagnostic, DocumentKind, Edit, Span, SpecKind, Tasks};

use super::context::{Context, Document};

/// Fixes of one document that are tried out; a document with more faults needs more than fixes.
const TRIALS_MAX: usize = 12;

/// What the fixes need to know.
pub(super) struct Fixer<'a> {
    document: &'a Document<'a>,
    plan: &'a Plan,
    tasks: Option<&'a Tasks>,
    kind: Option<SpecKind>,
    before: Vec<&'static str>,
    trials: std::cell::Cell<usize>,
}

impl<'a> Fixer<'a> {
    pub(super) fn new(
        context: &'a Context<'a>,
        document: &'a Document<'a>,
        kind: Option<SpecKind>,
        found: &[Diagnostic],
    ) -> Fixer<'a> {
        let mut before: Vec<&'static str> = found.iter().map(|diagnostic| diagnostic.code).collect();
        before.sort_unstable();
        let tasks = context.reading.tasks.as_ref();
        Fixer { document, plan: context.plan, tasks, kind, before, trials: std::cell::Cell::new(TRIALS_MAX) }
    }

    /// Whether the document then breaks exactly this rule once less, by Kiro's count.
    fn mends(&self, code: &str, edits: &[Edit]) -> bool {
        if self.trials.get() == 0 {
            return false;
        }
        self.trials.set(self.trials.get() - 1);
        let Ok(mended) = splice::apply(self.document.bytes, edits) else { return false };
        let found = spec::check::check(self.document.kind, self.kind, &mended);
        let mut after: Vec<&'static str> = found.into_iter().map(|diagnostic| diagnostic.code).collect();
        after.push(self.before.iter().copied().find(|known| *known == code).unwrap_or_default());
        after.sort_unstable();
        after == self.before
    }

    fn eol(&self) -> &'static str {
        if self.document.text.eol().bytes() == b"\r\n" { "\r\n" } else { "\n" }
    }

    fn prose(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.document.prose(0, usize::MAX)
    }

    fn content(&self, line: &Line) -> std::borrow::Cow<'a, str> {
        self.document.text.str_of(line)
    }

    /// A paragraph before the line, set off by blank lines.
    fn insert_before(&self, line: usize, words: &str) -> Edit {
        let eol = self.eol();
        let lines = self.document.text.lines();
        let Some(at) = lines.get(line) else { return self.append(words) };
        let is_after_text =
            line.checked_sub(1).and_then(|above| lines.get(above)).is_some_and(|above| above.span.len > 0);
        let gap = if is_after_text { eol } else { "" };
        Edit::insert(at.span.offset, format!("{gap}{words}{eol}{eol}"))
    }

    fn append(&self, words: &str) -> Edit {
        let eol = self.eol();
        let bytes = self.document.bytes;
        let gap = match bytes {
            [] => String::new(),
            _ if bytes.ends_with(b"\n\n") || bytes.ends_with(b"\n\r\n") => String::new(),
            _ if bytes.ends_with(b"\n") => eol.to_string(),
            _ => format!("{eol}{eol}"),
        };
        Edit::insert(bytes.len(), format!("{gap}{words}{eol}"))
    }
}

/// The fix for a diagnostic of this document, when there is a safe one.
pub(super) fn fix(fixer: &Fixer<'_>, diagnostic: &Diagnostic) -> Option<(String, Vec<Edit>)> {
    let (title, edit) = propose(fixer, diagnostic)?;
    let edits = vec![edit];
    fixer.mends(diagnostic.code, &edits).then(|| (title.to_string(), edits))
}

fn propose(fixer: &Fixer<'_>, diagnostic: &Diagnostic) -> Option<(&'static str, Edit)> {
    const HEADING: &str = "write the heading as Kiro expects it";
    const SECTION: &str = "add the section";
    let at = diagnostic.span;
    match diagnostic.code {
        "requirements/missing-title" => {
            title(fixer, "# Requirements Document", &["requirements", "requirements document"])
        }
        "tasks/missing-implementation-plan" => {
            title(fixer, "# Implementation Plan", &["implementation plan", "tasks"])
        }
        "requirements/malformed-requirement-heading" => {
            Some((HEADING, numbered(fixer, at, "### Requirement ")?))
        }
        "design/malformed-property-heading" => {
            let line = fixer.document.line_span(fixer.document.line_of(at.offset)).text(fixer.document.bytes);
            let prefix = if line.starts_with('#') { "### Property " } else { "Property " };
            Some((HEADING, numbered(fixer, at, prefix)?))
        }
        "requirements/missing-acceptance-criteria" => acceptance(fixer, at),
        "requirements/missing-user-story" => Some(("write the label as Kiro expects it", story(fixer, at)?)),
        "design/missing-property-validates" => {
            Some(("write the line as Kiro expects it", validates(fixer, at)?))
        }
        "tasks/malformed-checkbox" => Some(("write the state as Kiro expects it", lower_box(fixer, at)?)),
        "tasks/invalid-task-line" => Some(("add the dot behind the number", dotted_task(fixer, at)?)),
        "tasks/missing-dependency-graph" | "tasks/missing-dag-json" => {
            let json = waves_in_order(fixer)?;
            let eol = fixer.eol();
            if diagnostic.code == "tasks/missing-dag-json" {
                return None;
            }
            let section = format!("## Task Dependency Graph{eol}{eol}```json{eol}{json}{eol}```");
            Some(("add a graph that keeps the order of the document", fixer.append(&section)))
        }
        "tasks/invalid-dag-json" | "tasks/invalid-dag-structure" => {
            Some(("write the graph as Kiro expects it", Edit::replace(at, rewritten_waves(fixer)?)))
        }
        code => {
            let (heading, spellings) = section_of(code, fixer)?;
            if let Some(known) = misspelled(fixer, heading, spellings) {
                return Some((HEADING, known));
            }
            Some((SECTION, section(fixer, code, heading)?))
        }
    }
}

/// The title line; put in only where no other title would stand beside it.
fn title(fixer: &Fixer<'_>, wanted: &str, spellings: &[&str]) -> Option<(&'static str, Edit)> {
    match fixer.document.headings.iter().find(|heading| heading.level == 1) {
        Some(heading) if spellings.iter().any(|name| heading.is(name)) => {
            let span = fixer.document.line_span(heading.line);
            Some(("write the title as Kiro expects it", Edit::replace(span, wanted)))
        }
        Some(_) => None,
        None => {
            let first = fixer.document.text.lines().iter().position(|line| line.span.len > 0)?;
            Some(("add the title", fixer.insert_before(first, wanted)))
        }
    }
}

/// The heading whose absence a code reports, and other words for it.
fn section_of(code: &str, fixer: &Fixer<'_>) -> Option<(&'static str, &'static [&'static str])> {
    let known: (&'static str, &'static [&'static str]) = match code {
        "requirements/missing-introduction" | "bugfix/missing-introduction" => {
            ("## Introduction", &["introduction"])
        }
        "requirements/missing-glossary" => ("## Glossary", &["glossary"]),
        "requirements/missing-requirements-section" => ("## Requirements", &["requirements"]),
        "design/missing-overview" | "tasks/missing-overview" => ("## Overview", &["overview"]),
        "design/missing-architecture" => ("## Architecture", &["architecture"]),
        "design/missing-components" => (
            "## Components and Interfaces",
            &["components and interfaces", "components & interfaces", "components"],
        ),
        "design/missing-data-models" => ("## Data Models", &["data models", "data model"]),
        "design/missing-error-handling" => ("## Error Handling", &["error handling"]),
        "design/missing-testing-strategy" => ("## Testing Strategy", &["testing strategy"]),
        "design/missing-glossary" => ("## Glossary", &["glossary"]),
        "design/missing-bug-details" => ("## Bug Details", &["bug details"]),
        "design/missing-expected-behavior" => {
            ("## Expected Behavior", &["expected behavior", "expected behaviour"])
        }
        "design/missing-hypothesized-root-cause" => {
            ("## Hypothesized Root Cause", &["hypothesized root cause", "root cause"])
        }
        "design/missing-fix-implementation" => ("## Fix Implementation", &["fix implementation"]),
        "tasks/missing-tasks-section" => ("## Tasks", &["tasks"]),
        "tasks/missing-notes" => ("## Notes", &["notes"]),
        "bugfix/missing-bug-analysis" => ("## Bug Analysis", &["bug analysis"]),
        "bugfix/missing-current-behavior" => (
            "### Current Behavior (Defect)",
            &["current behavior", "current behaviour", "current behavior (defect)"],
        ),
        "bugfix/missing-expected-behavior" => (
            "### Expected Behavior (Correct)",
            &["expected behavior", "expected behaviour", "expected behavior (correct)"],
        ),
        "bugfix/missing-unchanged-behavior" => (
            "### Unchanged Behavior (Regression Prevention)",
            &["unchanged behavior", "unchanged behaviour", "unchanged behavior (regression prevention)"],
        ),
        _ => return None,
    };
    (!fixer.document.bytes.is_empty()).then_some(known)
}

/// The heading is there at the same rank, in other words or another dress.
fn misspelled(fixer: &Fixer<'_>, wanted: &str, spellings: &[&str]) -> Option<Edit> {
    let level = wanted.bytes().take_while(|byte| *byte == b'#').count();
    let bare = |heading: &Heading| {
        let title = heading.title.trim_matches(|c: char| matches!(c, '*' | '_' | ':' | ' '));
        title.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ')).to_lowercase()
    };
    let heading = fixer
        .document
        .headings
        .iter()
        .find(|heading| heading.level == level && spellings.contains(&bare(heading).as_str()))?;
    Some(Edit::replace(fixer.document.line_span(heading.line), wanted))
}

/// An empty section in its place. Sections whose emptiness would be a finding of its own are not offered.
fn section(fixer: &Fixer<'_>, code: &str, heading: &str) -> Option<Edit> {
    let document = fixer.document;
    let line_of_heading = |names: &[&str]| document.heading(names).map(|heading| heading.line);
    let behind_title = || {
        let first = document.headings.first().filter(|heading| heading.level == 1)?;
        let next = document.headings.iter().find(|heading| heading.line > first.line)?;
        Some(next.line)
    };
    let before = match code {
        "requirements/missing-glossary" => {
            line_of_heading(&["requirements"]).or_else(|| first_heading(document, "Requirement "))?
        }
        "requirements/missing-requirements-section" => first_heading(document, "Requirement ")?,
        "requirements/missing-introduction" | "bugfix/missing-introduction" => behind_title()?,
        "tasks/missing-overview" => {
            let task = fixer
                .tasks
                .and_then(|tasks| tasks.tasks.first())
                .map(|task| document.line_of(task.span.offset));
            match (behind_title(), task) {
                (Some(heading), Some(task)) => heading.min(task),
                (heading, task) => heading.or(task)?,
            }
        }
        "tasks/missing-tasks-section" => {
            let task = fixer.tasks.and_then(|tasks| tasks.tasks.first())?;
            let line = document.line_of(task.span.offset);
            let is_in_section = document
                .headings
                .iter()
                .any(|heading| heading.level >= 2 && heading.line < line && line < heading.end);
            if is_in_section {
                return None;
            }
            line
        }
        "tasks/missing-notes" => match line_of_heading(&["task dependency graph"]) {
            Some(line) => line,
            None => return Some(fixer.append(heading)),
        },
        "design/missing-error-handling" => match line_of_heading(&["testing strategy"]) {
            Some(line) => line,
            None => return Some(fixer.append(heading)),
        },
        "design/missing-testing-strategy" => return Some(fixer.append(heading)),
        _ => return None,
    };
    Some(fixer.insert_before(before, heading))
}

fn first_heading(document: &Document<'_>, begins: &str) -> Option<usize> {
    document
        .headings
        .iter()
        .find(|heading| heading.level == 3 && heading.title.starts_with(begins))
        .map(|found| found.line)
}

/// `### Requirement 1 - Title` with a colon in place of what stands between number and title.
fn numbered(fixer: &Fixer<'_>, at: Span, prefix: &str) -> Option<Edit> {
    let line = fixer.document.line_span(fixer.document.line_of(at.offset));
    let content = line.text(fixer.document.bytes);
    let behind = content.strip_prefix(prefix.trim_end())?.trim_start_matches([' ', '#', '-']);
    let rest = behind.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = behind.get(..behind.len() - rest.len()).filter(|number| !number.is_empty())?;
    let is_part = |c: char| matches!(c, '.' | '-' | '–' | '—' | ')' | '：' | ' ' | ':');
    if !rest.starts_with(is_part)
        || rest.starts_with('.') && rest.get(1..)?.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let title = rest.trim_start_matches(is_part).trim();
    (!title.is_empty()).then(|| Edit::replace(line, format!("{prefix}{number}: {title}")))
}

fn acceptance(fixer: &Fixer<'_>, at: Span) -> Option<(&'static str, Edit)> {
    const WANTED: &str = "#### Acceptance Criteria";
    let document = fixer.document;
    let from = document.line_of(at.offset) + 1;
    let is_end = |content: &str| content.starts_with("## ") || content.starts_with("### Requirement");
    let mut list = None;
    for (index, line) in fixer.prose().skip_while(|(index, _)| *index < from) {
        let content = fixer.content(line);
        if is_end(&content) {
            break;
        }
        let bare = content.trim_matches(|c: char| matches!(c, '#' | '*' | '_' | ':' | ' ')).to_lowercase();
        if matches!(bare.as_str(), "acceptance criteria" | "acceptance criterion" | "acceptance")
            && !content.starts_with(['-', '+'])
        {
            return Some(("write the heading as Kiro expects it", Edit::replace(line.span, WANTED)));
        }
        let is_item = content.starts_with(|c: char| c.is_ascii_digit()) && content.contains(". ");
        if list.is_none() && is_item && !content.to_lowercase().contains("user story") {
            list = Some(index);
        }
        if content.starts_with('#') {
            return None;
        }
    }
    list.map(|line| ("add the heading above the list", fixer.insert_before(line, WANTED)))
}

fn story(fixer: &Fixer<'_>, at: Span) -> Option<Edit> {
    const LABELS: &[&str] = &[
        "**User Story**:",
        "**User story:**",
        "**User story**:",
        "*User Story:*",
        "__User Story:__",
        "User Story:",
    ];
    let from = fixer.document.line_of(at.offset) + 1;
    let lines = fixer.prose().skip_while(|(index, _)| *index < from);
    for (_, line) in lines {
        let content = fixer.content(line);
        if content.starts_with("## ") || content.starts_with("### ") {
            return None;
        }
        let start = content.trim_start();
        if let Some(label) = LABELS.iter().find(|label| start.starts_with(**label)) {
            let offset = line.span.offset + (content.len() - start.len());
            return Some(Edit::replace(Span { offset, len: label.len() }, "**User Story:**"));
        }
    }
    None
}

/// The `Validates` line of the property, when all it lacks is the form.
fn validates(fixer: &Fixer<'_>, at: Span) -> Option<Edit> {
    let document = fixer.document;
    let from = document.line_of(at.offset) + 1;
    let mut found = None;
    for (_, line) in fixer.prose().skip_while(|(index, _)| *index < from) {
        let content = fixer.content(line);
        if content.starts_with('#') || content.starts_with("Property ") {
            break;
        }
        if content.contains("alidates") && content.contains(':') {
            found = Some((line.span, content.to_string()));
            break;
        }
    }
    let (span, content) = found?;
    let bare: String = content.chars().filter(|c| !matches!(c, '*' | '_')).collect();
    let value = bare
        .trim()
        .trim_start_matches("- ")
        .strip_prefix("Validates")?
        .trim_start()
        .strip_prefix(':')?
        .trim();
    let value = ["Requirements", "Requirement", "Reqs", "Req"]
        .iter()
        .find_map(|word| value.strip_prefix(word))
        .unwrap_or(value);
    let is_id = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_digit() || c == '.');
    let ids: Vec<&str> = value
        .split([',', ' '])
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(|id| id.trim_end_matches('.'))
        .collect();
    (!ids.is_empty() && ids.iter().all(|id| is_id(id)))
        .then(|| Edit::replace(span, format!("**Validates: Requirements {}**", ids.join(", "))))
}

fn lower_box(fixer: &Fixer<'_>, at: Span) -> Option<Edit> {
    let line = fixer.document.line_span(fixer.document.line_of(at.offset));
    let content = line.slice(fixer.document.bytes);
    let open = content.windows(3).position(|window| window == b"[X]")?;
    Some(Edit::replace(Span { offset: line.offset + open + 1, len: 1 }, "x"))
}

fn dotted_task(fixer: &Fixer<'_>, at: Span) -> Option<Edit> {
    let line = fixer.document.line_span(fixer.document.line_of(at.offset));
    let content = line.text(fixer.document.bytes);
    let behind = content.find("] ").map(|open| open + 2)?;
    let rest = content.get(behind..)?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let after = rest.get(digits..)?;
    (digits > 0 && after.starts_with(' ')).then(|| Edit::insert(line.offset + behind + digits, "."))
}

/// One wave for each leaf, as the document has them; `None` when an id is not unique, or somebody waits for a later one.
fn waves_in_order(fixer: &Fixer<'_>) -> Option<String> {
    let leaves: Vec<&plan::Step> = fixer.plan.steps.iter().filter(|step| step.is_leaf).collect();
    let is_plain = |step: &&plan::Step| step.depends_on.is_empty() && step.number == step.task_id;
    if leaves.is_empty() || !leaves.iter().all(is_plain) || fixer.document.kind != DocumentKind::Tasks {
        return None;
    }
    let waves: Vec<Vec<&str>> = leaves.iter().map(|step| vec![step.task_id.as_str()]).collect();
    Some(waves_json(waves.iter().map(Vec::as_slice), fixer.eol()))
}

fn rewritten_waves(fixer: &Fixer<'_>) -> Option<String> {
    let waves = fixer.tasks?.waves.as_ref()?;
    let lists: Vec<Vec<&str>> =
        waves.iter().map(|wave| wave.tasks.iter().map(String::as_str).collect()).collect();
    if lists.iter().all(Vec::is_empty) || holds_more_than_waves(fixer) {
        return None;
    }
    Some(format!("{}{}", waves_json(lists.iter().map(Vec::as_slice), fixer.eol()), fixer.eol()))
}

/// Whether the graph says things that a new one would not: names, notes, dependencies of waves.
fn holds_more_than_waves(fixer: &Fixer<'_>) -> bool {
    let Some(heading) = fixer.document.heading(&[spec::waves::HEADING]) else { return true };
    let lines = fixer.document.text.lines().get(heading.line..heading.end).unwrap_or_default();
    let json: String = lines
        .iter()
        .filter(|line| line.inside == Inside::Fence)
        .map(|line| fixer.content(line).into_owned())
        .collect();
    let keys = json.matches("\":").count() + json.matches("\" :").count();
    let known =
        ["\"waves\"", "\"id\"", "\"tasks\""].iter().map(|key| json.matches(key).count()).sum::<usize>();
    keys > known || json.contains("//") || json.contains("/*")
}

fn waves_json<'w>(waves: impl Iterator<Item = &'w [&'w str]>, eol: &str) -> String {
    let rows: Vec<String> = waves
        .enumerate()
        .map(|(id, tasks)| {
            let tasks: Vec<String> = tasks.iter().map(|task| quote(task)).collect();
            format!("    {{ \"id\": {id}, \"tasks\": [{}] }}", tasks.join(", "))
        })
        .collect();
    format!("{{{eol}  \"waves\": [{eol}{}{eol}  ]{eol}}}", rows.join(&format!(",{eol}")))
}
