//! What the readers of the documents and the plan found odd, each with its exact place: encoding, duplicates, citations
//! that point nowhere, criteria nobody cites, the graph, circles.

use std::collections::{HashMap, HashSet};

use plan::{ProblemKind, Step};
use spec::references::normal_id;
use spec::{DocumentKind, Severity, Span};

use super::context::{Context, Statement};
use super::out::{Found, Out, shown};
use super::places;

/// Ids of one kind of fault that are named one by one; more of them are one fault.
const NAMED_MAX: usize = 3;

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    diagnostics(context, out);
    duplicates(context, out);
    citations(context, out);
    uncited(context, out);
    properties(context, out);
    graph(context, out);
    dependencies(context, out);
    nothing_to_do(context, out);
}

/// What is said elsewhere in better words: by the plan with its subject, or by Kiro's rule at the same place.
fn is_said(code: &str, span: Span, out: &Out<'_>) -> bool {
    let twin = match code {
        "requirements/duplicate-criterion" | "bugfix/duplicate-clause" | "tasks/duplicate-number" => {
            return true;
        }
        "requirements/no-criteria" => "requirements/missing-acceptance-criteria",
        "tasks/unknown-state" | "tasks/wide-mark" => "tasks/malformed-checkbox",
        "tasks/unreadable-graph" => "tasks/invalid-dag-json",
        _ => return false,
    };
    let is_document_wide = twin == "tasks/invalid-dag-json";
    let mut twins = out.findings.iter().filter(|finding| finding.rule == twin);
    twins.any(|finding| is_document_wide || finding.place.span.offset == span.offset)
}

fn diagnostics(context: &Context<'_>, out: &mut Out<'_>) {
    let config = context.reading.config.iter().flat_map(|config| &config.diagnostics);
    let config = config.map(|diagnostic| (".config.kiro", diagnostic));
    let read = context.plan.diagnostics.iter().map(|(file, diagnostic)| (file.as_str(), diagnostic));
    for (file, diagnostic) in read.chain(config) {
        let Some(document) = context.documents.iter().position(|document| document.file == file) else {
            continue;
        };
        if is_said(diagnostic.code, diagnostic.span, out) {
            continue;
        }
        let span = match context.documents.get(document) {
            Some(at) if diagnostic.span.len > 0 => at.first_line_of(diagnostic.span),
            _ => diagnostic.span,
        };
        let mut found = Found::new(diagnostic.code, document, span, diagnostic.message.clone())
            .severity(diagnostic.severity);
        if let Some(hint) = &diagnostic.hint {
            found = found.hint(hint.clone());
        }
        out.push(found);
    }
}

fn duplicates(context: &Context<'_>, out: &mut Out<'_>) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut between_documents: HashMap<(usize, usize), (usize, &Statement<'_>, &Statement<'_>)> =
        HashMap::new();
    for (index, statement) in context.statements.iter().enumerate() {
        let id = statement.criterion.id.as_str();
        let Some(first) = seen.get(id).and_then(|first| context.statements.get(*first)) else {
            seen.insert(id, index);
            continue;
        };
        if first.document != statement.document {
            // A bug analysis beside requirements begins its numbers anew: one fault, however many numbers.
            between_documents
                .entry((first.document, statement.document))
                .or_insert((0, first, statement))
                .0 += 1;
            continue;
        }
        let message = format!("criterion `{id}` exists twice; citing it means the first");
        let found = super::out::about("requirements/duplicate-criterion", context, statement, None, message);
        out.push(
            found.hint("give this one a number of its own").related(
                first.document,
                context
                    .documents
                    .get(first.document)
                    .map_or(first.criterion.span, |at| at.first_line_of(first.criterion.span)),
                "the first",
            ),
        );
    }
    for (count, first, statement) in between_documents.into_values() {
        let file =
            |at: usize| context.documents.get(at).map(|document| document.file.as_str()).unwrap_or_default();
        let message = format!(
            "`{}` and `{}` have {count} numbers in common, such as `{}`; citing one means the first",
            file(first.document),
            file(statement.document),
            statement.criterion.id
        );
        let found = super::out::about("requirements/duplicate-criterion", context, statement, None, message);
        out.push(found.hint("number the second document on from the first"));
    }
    let Some(at) = context.tasks_document() else { return };
    let Some(document) = context.documents.get(at) else { return };
    let mut numbers: HashMap<&str, Span> = HashMap::new();
    for task in context.reading.tasks.iter().flat_map(|tasks| &tasks.tasks) {
        let Some(number) = task.number.as_deref() else { continue };
        let span = document.first_line_of(task.span);
        if let Some(first) = numbers.get(number) {
            let message = format!("task number `{number}` is used twice");
            let found =
                Found::new("tasks/duplicate-number", at, span, message).subject(format!("task {}", task.id));
            let hint = format!("this one is addressed as `{}`", task.id);
            out.push(found.hint(hint).related(at, *first, "the first"));
        } else {
            numbers.insert(number, span);
        }
    }
}

/// Ids that a citation may name: criteria, and the requirements above them.
fn known_ids(context: &Context<'_>) -> HashSet<String> {
    let mut known = HashSet::new();
    for criterion in &context.plan.criteria {
        let mut id = normal_id(&criterion.id);
        while let Some((above, _)) = id.rsplit_once('.') {
            let above = above.to_string();
            known.insert(std::mem::replace(&mut id, above));
        }
        known.insert(id);
    }
    let requirements = context.reading.requirements.iter().flat_map(|read| &read.requirements);
    known.extend(requirements.map(|requirement| normal_id(&requirement.number)));
    known
}

/// Whether an id is known, or stands for all below a known one: `10.x`.
fn is_known(id: &str, known: &HashSet<String>) -> bool {
    let id = normal_id(id);
    let above = [".x", ".X", ".*", ".n"].iter().find_map(|ending| id.strip_suffix(ending));
    known.contains(&id) || above.is_some_and(|above| known.contains(above))
}

fn citations(context: &Context<'_>, out: &mut Out<'_>) {
    let Some(at) = context.tasks_document() else { return };
    let (Some(document), Some(tasks)) = (context.documents.get(at), &context.reading.tasks) else { return };
    let has_criteria = !context.plan.criteria.is_empty();
    let known = known_ids(context);
    let last = context.plan.criteria.last().map(|criterion| criterion.id.as_str()).unwrap_or_default();
    for (step, task) in context.plan.steps.iter().zip(&tasks.tasks) {
        for (reference, _) in
            step.criteria.iter().filter(|(id, text)| text.is_none() && !is_known(id, &known))
        {
            let span = places::citation(document, task.span, reference);
            let message = format!("task `{}` cites {}, which does not exist", step.task_id, shown(reference));
            // `NFR-2` and `Derived 2.1` may mean headings that no reader takes for criteria; so may the second number of
            // `Findings 1 & 3`.
            let is_plain = |id: &str| id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let has_words = task.requirements.iter().any(|id| !is_plain(id));
            let is_number = is_plain(reference) && (reference.contains('.') || !has_words);
            let found = Found::new("trace/dangling-reference", at, span, message)
                .subject(format!("task {}", step.task_id));
            if !has_criteria {
                let found =
                    found.severity(Severity::Hint).hint("the spec states no criterion that could be read");
                out.push(found);
                break;
            }
            let found = if is_number {
                found.hint(format!("criteria in this spec end at `{last}`"))
            } else {
                found
                    .severity(Severity::Hint)
                    .hint("cite criteria by their numbers, as in `_Requirements: 1.2_`")
            };
            out.push(found);
        }
    }
}

fn uncited(context: &Context<'_>, out: &mut Out<'_>) {
    if context.plan.steps.is_empty() {
        return;
    }
    let wanted: Vec<&plan::PlanCriterion> =
        context.plan.criteria.iter().filter(|criterion| !criterion.is_described_only).collect();
    if !wanted.is_empty() && wanted.iter().all(|criterion| criterion.cited_by.is_empty()) {
        let cites_anything = context.plan.steps.iter().any(|step| !step.criteria.is_empty());
        let Some(at) = context.tasks_document().filter(|_| !cites_anything) else { return };
        let span = context.documents.get(at).map(|document| document.text.first_line()).unwrap_or_default();
        let message = format!("no task cites a criterion; the spec has {}", wanted.len());
        let hint = "add `_Requirements: 1.1_` below each task, with the criteria that it fulfils";
        out.push(Found::new("trace/no-references", at, span, message).hint(hint));
        return;
    }
    let mut by_requirement: HashMap<&str, (usize, usize)> = HashMap::new();
    let above = |id: &str| id.rsplit_once('.').map_or(0, |(above, _)| above.len());
    for criterion in &wanted {
        let stem = criterion.id.get(..above(&criterion.id)).unwrap_or_default();
        let counts = by_requirement.entry(stem).or_insert((0, 0));
        counts.0 += 1;
        counts.1 += usize::from(criterion.cited_by.is_empty());
    }
    let open: HashSet<&str> = wanted
        .iter()
        .filter(|criterion| criterion.cited_by.is_empty())
        .map(|criterion| criterion.id.as_str())
        .collect();
    let mut said: HashSet<&str> = HashSet::new();
    for statement in
        context.statements.iter().filter(|statement| open.contains(statement.criterion.id.as_str()))
    {
        let id = statement.criterion.id.as_str();
        let stem = id.get(..above(id)).unwrap_or_default();
        let (all, without) = by_requirement.get(stem).copied().unwrap_or((0, 0));
        let is_whole = !stem.is_empty() && all > 1 && all == without;
        if !said.insert(if is_whole { stem } else { id }) {
            continue;
        }
        let (message, subject) = if is_whole {
            (format!("no task cites requirement `{stem}` or one of its {all} criteria"), stem)
        } else {
            (format!("no task cites criterion `{id}`"), id)
        };
        let found = super::out::about("trace/uncited", context, statement, None, message).subject(subject);
        out.push(found.hint(format!("add `_Requirements: {subject}_` to the task that fulfils it")));
    }
}

fn properties(context: &Context<'_>, out: &mut Out<'_>) {
    let (Some(at), Some(design)) = (context.document(DocumentKind::Design), &context.reading.design) else {
        return;
    };
    let Some(document) = context.documents.get(at) else { return };
    let known = known_ids(context);
    for property in &design.properties {
        let subject = format!("property {}", property.number);
        let dangling: Vec<&String> = property
            .validates
            .iter()
            .filter(|id| !known.contains(&normal_id(id)) && id.starts_with(|c: char| c.is_ascii_digit()))
            .collect();
        if let Some(first) = dangling.first().filter(|_| !known.is_empty()) {
            let span = places::citation(document, property.span, first);
            let names: Vec<String> = dangling.iter().take(NAMED_MAX).map(|id| format!("`{id}`")).collect();
            let verb = if dangling.len() == 1 { "does" } else { "do" };
            let message = format!(
                "property `{}` validates {}, which {verb} not exist",
                property.number,
                names.join(", ")
            );
            out.push(Found::new("trace/dangling-property", at, span, message).subject(subject.clone()));
        }
        let is_said = |finding: &crate::Finding| {
            finding.rule == "design/missing-property-validates"
                && (property.span.offset..=property.span.end()).contains(&finding.place.span.offset)
        };
        if property.validates.is_empty() && !out.findings.iter().any(is_said) {
            let span = document.first_line_of(property.span);
            let message = format!("property `{}` names no criterion", property.number);
            let found = Found::new("design/property-without-criterion", at, span, message).subject(subject);
            out.push(found.hint("add `**Validates: Requirements 1.1**` below it"));
        }
    }
}

fn graph(context: &Context<'_>, out: &mut Out<'_>) {
    let Some(at) = context.tasks_document() else { return };
    let (Some(document), Some(tasks)) = (context.documents.get(at), &context.reading.tasks) else { return };
    let (Some(waves), Some(claim)) = (&tasks.waves, &tasks.graph) else { return };
    let (graph, places) = (claim.span, places::Listed::of(claim));
    let steps: HashMap<&str, &Step> =
        context.plan.steps.iter().map(|step| (step.task_id.as_str(), step)).collect();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut unknown: Vec<&str> = Vec::new();
    for id in waves.iter().flat_map(|wave| &wave.tasks) {
        let nth = *seen.get(id.as_str()).unwrap_or(&0);
        seen.insert(id, nth + 1);
        let subject = format!("task {id}");
        match steps.get(id.as_str()) {
            None => {
                if nth == 0 {
                    unknown.push(id);
                }
            }
            Some(step) if nth == 0 && !step.is_leaf => {
                let span = places.first(id);
                let message = format!("the dependency graph lists task `{id}`, which only groups others");
                let found = Found::new("graph/parent-listed", at, span, message).subject(subject);
                out.push(found.hint("list its parts in its place"));
            }
            Some(_) if nth == 1 => {
                let span = places.second(id);
                let message = format!("the dependency graph names task `{id}` twice");
                out.push(
                    Found::new("graph/task-twice", at, span, message)
                        .subject(subject)
                        .hint("remove one of the two"),
                );
            }
            Some(_) => {}
        }
    }
    let one_by_one = unknown.len() <= NAMED_MAX;
    for id in unknown.iter().take(if one_by_one { NAMED_MAX } else { 1 }) {
        let span = places.first(id);
        let message = if one_by_one {
            format!("the dependency graph names task {}, which does not exist", shown(id))
        } else {
            format!(
                "the dependency graph names {} tasks that do not exist, such as {}",
                unknown.len(),
                shown(id)
            )
        };
        let found = Found::new("graph/unknown-task", at, span, message).subject(format!("task {id}"));
        out.push(
            found.hint("write the numbers as they stand in the list; until then tasks run in document order"),
        );
    }
    let is_covered = |step: &Step| {
        let mut next = Some(step);
        while let Some(one) = next {
            if seen.contains_key(one.task_id.as_str()) {
                return true;
            }
            next = one.parent.as_deref().and_then(|parent| steps.get(parent).copied());
        }
        false
    };
    let is_required = |step: &&Step| step.is_leaf && !step.optional && !step.is_checkpoint;
    let missing: Vec<&Step> =
        context.plan.steps.iter().filter(is_required).filter(|step| !is_covered(step)).collect();
    let one_by_one = missing.len() <= NAMED_MAX;
    for step in missing.iter().take(if one_by_one { NAMED_MAX } else { 1 }) {
        let message = if one_by_one {
            format!("the dependency graph leaves out task `{}`", step.task_id)
        } else {
            format!(
                "the dependency graph leaves out {} tasks, the first of them `{}`",
                missing.len(),
                step.task_id
            )
        };
        let task = tasks.tasks.iter().find(|task| task.id == step.task_id);
        let span = task.map_or(graph, |task| document.first_line_of(task.span));
        let found =
            Found::new("graph/task-missing", at, span, message).subject(format!("task {}", step.task_id));
        out.push(found.hint("add it to a wave; until then tasks run in document order").related(
            at,
            graph,
            "the graph",
        ));
    }
}

/// Whether the number stands behind a word that is no `task`: `Phase 3`, `Step 2`.
fn follows_other_word(bytes: &[u8], span: Span) -> bool {
    let before =
        String::from_utf8_lossy(bytes.get(span.offset.saturating_sub(24)..span.offset).unwrap_or_default())
            .to_lowercase();
    let word = before.trim_end_matches(' ').rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    before.ends_with(' ')
        && !word.is_empty()
        && !matches!(word, "task" | "tasks" | "and" | "on" | "or" | "by" | "after")
}

fn dependencies(context: &Context<'_>, out: &mut Out<'_>) {
    let Some(at) = context.tasks_document() else { return };
    let (Some(document), Some(tasks)) = (context.documents.get(at), &context.reading.tasks) else { return };
    let known: HashSet<&str> = tasks.tasks.iter().map(|task| task.id.as_str()).collect();
    for task in &tasks.tasks {
        // Words such as `Phase 3` and `TESTING-1` name something, but no task of this list.
        let is_number = |id: &&String| id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        for missing in task.depends_on.iter().filter(|id| !known.contains(id.as_str())).filter(is_number) {
            let behind_line = document.first_line_of(task.span);
            let span =
                places::number_in(document, Span::between(behind_line.end(), task.span.end()), missing)
                    .or_else(|| places::number_in(document, task.span, missing))
                    .unwrap_or(behind_line);
            if follows_other_word(document.bytes, span) {
                continue;
            }
            let message = format!("task `{}` depends on {}, which does not exist", task.id, shown(missing));
            let found = Found::new("trace/unknown-dependency", at, span, message)
                .subject(format!("task {}", task.id));
            let last = tasks.tasks.last().map(|task| task.id.as_str()).unwrap_or_default();
            out.push(found.hint(format!("tasks in this spec end at `{last}`")));
        }
    }
    for problem in context.plan.problems.iter().filter(|problem| problem.kind == ProblemKind::Dependency) {
        let is_circle = problem.message.starts_with("these tasks wait");
        let task = problem.subject.as_deref().and_then(|id| tasks.tasks.iter().find(|task| task.id == id));
        if let Some(task) = task.filter(|_| is_circle) {
            let span = document.first_line_of(task.span);
            let found = Found::new("trace/cycle", at, span, problem.message.clone())
                .subject(format!("task {}", task.id));
            out.push(found.hint("remove one of the dependencies; until then they run in document order"));
        }
    }
}

/// A list without a task.
fn nothing_to_do(context: &Context<'_>, out: &mut Out<'_>) {
    let Some(at) = context.tasks_document() else { return };
    let Some(document) = context.documents.get(at) else { return };
    let has_tasks = context.reading.tasks.as_ref().is_some_and(|tasks| !tasks.tasks.is_empty());
    if document.kind == DocumentKind::Tasks && !has_tasks && !document.bytes.trim_ascii().is_empty() {
        let message = "no task was found in the task list";
        let found = Found::new("tasks/nothing-to-do", at, document.text.first_line(), message);
        out.push(found.hint("write `- [ ] 1. Title`"));
    }
}
