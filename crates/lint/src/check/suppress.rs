//! Comments in the documents that silence findings, `<!-- waypost: ignore RULE reason: why -->`, and the accepted
//! findings of the settings. Silences nothing without a reason.

use spec::text::Inside;
use spec::{Edit, Severity, Span};

use super::FINDINGS_MAX;
use super::context::{Context, Document};
use super::out::{Found, Out};
use crate::{Finding, rules, settings};

/// Comments read from one document; beyond them nothing is silenced.
const COMMENTS_MAX: usize = 1_000;

/// One comment.
struct Comment {
    document: usize,
    /// From `<!--` to `-->`.
    span: Span,
    rules: Vec<(String, Span)>,
    has_reason: bool,
    /// What it silences; the whole file when `None`.
    scope: Option<Span>,
    is_used: bool,
}

/// What is left, in the order of the documents, with what is wrong about the comments themselves.
pub(super) fn apply(context: &Context<'_>, mut out: Out<'_>) -> Vec<Finding> {
    let mut comments: Vec<Comment> = Vec::new();
    for (index, document) in context.documents.iter().enumerate() {
        read(context, index, document, &mut comments);
    }
    let mut all = std::mem::take(&mut out.findings);
    all.retain(|finding| {
        let at = context.documents.iter().position(|document| document.file == finding.place.file);
        let mut is_silent = false;
        for comment in comments.iter_mut().filter(|comment| comment.has_reason) {
            let is_here = at == Some(comment.document)
                && comment.scope.is_none_or(|scope| {
                    let offset = finding.place.span.offset;
                    scope.offset <= offset && offset <= scope.end()
                });
            if is_here && comment.rules.iter().any(|(rule, _)| settings::matches(rule, finding.rule)) {
                comment.is_used = true;
                is_silent = true;
            }
        }
        !is_silent && out.settings().ignored_by(finding).is_none()
    });
    for comment in &comments {
        judge(context, comment, &mut out);
    }
    all.append(&mut out.findings);
    let order = |finding: &Finding| {
        context
            .documents
            .iter()
            .position(|document| document.file == finding.place.file)
            .unwrap_or(usize::MAX)
    };
    all.sort_by_cached_key(|finding| {
        (order(finding), finding.place.span, finding.rule, finding.message.clone())
    });
    if out.left_out > 0 {
        let message = format!("{} more findings are not listed; the limit is {FINDINGS_MAX}", out.left_out);
        out.push(
            Found::new("check/too-many-findings", 0, Span::default(), message).severity(Severity::Warning),
        );
        all.append(&mut out.findings);
    }
    all
}

fn read(context: &Context<'_>, index: usize, document: &Document<'_>, comments: &mut Vec<Comment>) {
    const OPEN: &str = "<!--";
    const CLOSE: &str = "-->";
    if !document.bytes.windows(8).any(|window| window == b"waypost:") {
        return;
    }
    let first_heading = document.headings.first().map(|heading| heading.line);
    let lines = document.text.lines();
    let mut count = 0;
    for (at, line) in lines.iter().enumerate() {
        if !matches!(line.inside, Inside::Prose | Inside::Comment) || count >= COMMENTS_MAX {
            continue;
        }
        let Ok(content) = std::str::from_utf8(document.text.of(line)) else { continue };
        let Some(open) = content.find(OPEN) else { continue };
        let Some(close) = content.get(open..).and_then(|rest| rest.find(CLOSE)).map(|close| open + close)
        else {
            continue;
        };
        let body = content.get(open + OPEN.len()..close).unwrap_or_default();
        let Some(words) = body
            .trim_start()
            .strip_prefix("waypost:")
            .map(str::trim_start)
            .and_then(|rest| rest.strip_prefix("ignore"))
        else {
            continue;
        };
        count += 1;
        let start = line.span.offset + (close - words.len());
        let (names, reason) = words.split_once("reason:").unwrap_or((words, ""));
        let mut rules = Vec::new();
        for name in names.split([',', ' ', '\t']).filter(|name| !name.is_empty()) {
            let offset = start + (name.as_ptr() as usize - words.as_ptr() as usize);
            rules.push((name.to_string(), Span { offset, len: name.len() }));
        }
        let is_alone = content.get(..open).is_some_and(|before| before.trim().is_empty())
            && content.get(close + CLOSE.len()..).is_some_and(|behind| behind.trim().is_empty());
        let is_for_file = first_heading.is_some_and(|heading| at < heading);
        let scope = match (is_for_file, is_alone) {
            (true, _) => None,
            (false, true) => Some(next_block(context, index, document, at + 1)),
            (false, false) => Some(block_at(context, index, document, at)),
        };
        let span = Span::between(line.span.offset + open, line.span.offset + close + CLOSE.len());
        let has_reason = !reason.trim().is_empty();
        comments.push(Comment { document: index, span, rules, has_reason, scope, is_used: false });
    }
}

/// The next line that says something, with all of its criterion or task.
fn next_block(context: &Context<'_>, index: usize, document: &Document<'_>, from: usize) -> Span {
    let lines = document.text.lines().iter().enumerate().skip(from);
    let next = lines
        .into_iter()
        .find(|(_, line)| line.inside != Inside::Comment && !document.text.of(line).trim_ascii().is_empty());
    next.map_or(Span::default(), |(at, _)| block_at(context, index, document, at))
}

fn block_at(context: &Context<'_>, index: usize, document: &Document<'_>, line: usize) -> Span {
    let own = document.line_span(line);
    let starts_here = |span: &Span| own.offset <= span.offset && span.offset <= own.end();
    let criterion = context
        .statements
        .iter()
        .filter(|statement| statement.document == index)
        .map(|statement| statement.criterion.span)
        .find(starts_here);
    let is_tasks = context.tasks_document() == Some(index);
    let tasks = context.reading.tasks.iter().filter(|_| is_tasks).flat_map(|tasks| &tasks.tasks);
    let task = tasks.map(|task| task.span).find(starts_here);
    let block = criterion.or(task).unwrap_or(own);
    Span::between(own.offset, block.end().max(own.end()))
}

fn judge(context: &Context<'_>, comment: &Comment, out: &mut Out<'_>) {
    let at = comment.document;
    let mut knows_all = true;
    for (rule, span) in &comment.rules {
        let is_known = if rule.contains('*') {
            rules::ALL.iter().any(|known| settings::matches(rule, known.id))
        } else {
            rules::find(rule).is_some()
        };
        if !is_known {
            knows_all = false;
            let found = Found::new("check/unknown-rule", at, *span, format!("there is no rule `{rule}`"))
                .subject(rule.clone());
            out.push(match rules::nearest(rule) {
                Some(near) => found.hint(format!("did you mean `{}`", near.id)),
                None => found.hint("write the name as a finding shows it"),
            });
        }
    }
    if comment.rules.is_empty() {
        let message = "the comment names no rule";
        out.push(
            Found::new("check/unknown-rule", at, comment.span, message)
                .hint("write the name as a finding shows it"),
        );
    } else if !comment.has_reason {
        let found = Found::new(
            "check/ignore-without-reason",
            at,
            comment.span,
            "the comment gives no reason, so it silences nothing",
        );
        out.push(found.hint("add `reason:` and a few words"));
    } else if !comment.is_used && knows_all {
        let found = Found::new("check/unused-ignore", at, comment.span, "the comment silences nothing");
        let found = found.hint("remove it");
        out.push(match context.documents.get(at) {
            Some(document) => {
                found.fix("remove the comment", vec![Edit::delete(removal(document, comment.span))])
            }
            None => found,
        });
    }
}

/// The comment, with its whole line when nothing else stands there.
fn removal(document: &Document<'_>, span: Span) -> Span {
    let at = document.line_of(span.offset);
    let line = document.line_span(at);
    let is_alone = Span::between(line.offset, span.offset).slice(document.bytes).trim_ascii().is_empty()
        && Span::between(span.end(), line.end()).slice(document.bytes).trim_ascii().is_empty();
    if is_alone { document.text.span_of(at, at + 1) } else { span }
}
