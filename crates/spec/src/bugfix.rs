//! `bugfix.md`: what happens now, what should happen, and what must stay. Knows no code.

use crate::diagnostic::{Diagnostic, Findings};
use crate::items::address::{Addressed, continued};
use crate::items::{self, Item, Reading};
use crate::requirements::fold::{behind, behind_word};
use crate::requirements::roles::{Role, Source, bare, label_role};
use crate::requirements::{CRITERIA_MAX, Criterion, Dialect, Requirement, criterion, read_all};
use crate::text::Text;

/// What a clause speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClauseKind {
    /// The defect as it is; clauses `1.x`. Nothing has to be built for it.
    Current,
    /// The behaviour wanted; clauses `2.x`.
    Expected,
    /// The behaviour that must survive the fix; clauses `3.x`.
    Unchanged,
}

/// One clause, cited by tasks like a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Which of the three sections it stands in.
    pub kind: ClauseKind,
    /// Id, text and place.
    pub criterion: Criterion,
}

/// A bug analysis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bugfix {
    /// The first heading.
    pub title: String,
    /// The text of the introduction.
    pub introduction: String,
    /// Every clause in document order.
    pub clauses: Vec<Clause>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Bugfix {
    /// Reads any bytes.
    pub fn parse(bytes: &[u8]) -> Bugfix {
        let text = Text::read(bytes);
        let source = Source::read(&text);
        let mut findings = Findings::default();
        let mut clauses: Vec<Clause> = Vec::new();
        for part in parts(&source) {
            let kind = part.kind;
            clauses.extend(part.found.into_iter().map(|found| Clause { kind, criterion: criterion(found) }));
        }
        if clauses.is_empty() {
            // Some describe the fix as ordinary requirements.
            let wanted = read_all(&source, &mut Findings::default())
                .into_iter()
                .filter(|read| read.dialect != Dialect::Prose);
            let criteria = wanted.flat_map(|requirement| requirement.criteria);
            clauses.extend(criteria.map(|criterion| Clause { kind: ClauseKind::Expected, criterion }));
        }
        report(&clauses, &text, &mut findings);
        clauses.truncate(CRITERIA_MAX);
        let introduction = source.named(Role::Introduction).filter(|heading| heading.level > 1);
        Bugfix {
            title: source.headings.first().map(|heading| heading.title.clone()).unwrap_or_default(),
            introduction: introduction.map(|heading| heading.full_body(&text)).unwrap_or_default(),
            clauses,
            diagnostics: findings.into_vec(),
        }
    }

    /// Every clause as a criterion, in document order.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.clauses.iter().map(|clause| &clause.criterion)
    }
}

fn report(clauses: &[Clause], text: &Text<'_>, findings: &mut Findings) {
    if clauses.is_empty() {
        findings.push(
            Diagnostic::warning("bugfix/no-clauses", text.first_line(), "no clause was found")
                .hint("write `2.1 WHEN … THEN the system SHALL …` under `### Expected Behavior (Correct)`"),
        );
    }
    if clauses.len() > CRITERIA_MAX {
        let message = format!("the document has more than {CRITERIA_MAX} clauses");
        findings
            .push(Diagnostic::warning("bugfix/too-many", text.first_line(), message).hint("split the spec"));
    }
    let mut seen = std::collections::HashSet::new();
    for clause in clauses {
        if !seen.insert(clause.criterion.id.as_str()) {
            let message = format!("clause `{}` exists twice", clause.criterion.id);
            findings.push(
                Diagnostic::warning("bugfix/duplicate-clause", clause.criterion.span, message)
                    .hint("citing it means the first; give this one a number of its own"),
            );
        }
    }
}

/// Titles of the three sections, as they begin. Real files translate the words and keep the numbers.
const TITLES: &[(ClauseKind, &[&str])] = &[
    (
        ClauseKind::Current,
        &[
            "current behavior",
            "current behaviour",
            "actual behavior",
            "actual behaviour",
            "observed behavior",
            "defective behavior",
            "buggy behavior",
            "bug behavior",
            "defect",
            "現在の動作",
            "現在の挙動",
            "現状の動作",
            "現状の挙動",
            "現行の動作",
            "実際の動作",
            "当前行为",
            "当前的行为",
            "现有行为",
            "实际行为",
            "缺陷行为",
            "當前行為",
            "目前行為",
            "현재 동작",
            "현재 행동",
            "실제 동작",
            "текущее поведение",
            "фактическое поведение",
            "поточна поведінка",
            "comportamiento actual",
            "comportamento atual",
            "comportamento attuale",
            "aktuelles verhalten",
            "ist-verhalten",
            "derzeitiges verhalten",
            "comportement actuel",
            "comportement observé",
            "huidig gedrag",
            "obecne zachowanie",
            "bieżące zachowanie",
            "mevcut davranış",
            "şu anki davranış",
            "hành vi hiện tại",
            "perilaku saat ini",
            "nuvarande beteende",
            "současné chování",
        ],
    ),
    (
        ClauseKind::Expected,
        &[
            "expected behavior",
            "expected behaviour",
            "desired behavior",
            "desired behaviour",
            "correct behavior",
            "fixed behavior",
            "期待される動作",
            "期待される挙動",
            "期待する動作",
            "期待動作",
            "正しい動作",
            "あるべき動作",
            "预期行为",
            "期望行为",
            "预期的行为",
            "正确行为",
            "預期行為",
            "期望的行为",
            "예상 동작",
            "기대 동작",
            "기대되는 동작",
            "올바른 동작",
            "ожидаемое поведение",
            "очікувана поведінка",
            "comportamiento esperado",
            "comportamento esperado",
            "comportamento atteso",
            "erwartetes verhalten",
            "soll-verhalten",
            "comportement attendu",
            "verwacht gedrag",
            "oczekiwane zachowanie",
            "beklenen davranış",
            "hành vi mong đợi",
            "hành vi mong muốn",
            "hành vi kỳ vọng",
            "perilaku yang diharapkan",
            "förväntat beteende",
            "očekávané chování",
        ],
    ),
    (
        ClauseKind::Unchanged,
        &[
            "unchanged behavior",
            "unchanged behaviour",
            "preserved behavior",
            "invariant behavior",
            "regression prevention",
            "preservation",
            "変更されない動作",
            "変更しない動作",
            "変更してはいけない動作",
            "変更のない動作",
            "変更なし挙動",
            "変更なしの動作",
            "変わらない動作",
            "不変の動作",
            "維持すべき動作",
            "維持される動作",
            "変更されない挙動",
            "変更しない挙動",
            "不变行为",
            "保持不变的行为",
            "不应改变的行为",
            "未改变的行为",
            "未变更行为",
            "不变的行为",
            "保持行为",
            "回归防护",
            "不變行為",
            "변경되지 않는 동작",
            "변경되지 않아야 하는 동작",
            "유지되는 동작",
            "유지되어야 하는 동작",
            "변경 없는 동작",
            "неизменное поведение",
            "неизменяемое поведение",
            "сохраняемое поведение",
            "незмінна поведінка",
            "comportamiento sin cambios",
            "comportamiento inalterado",
            "comportamiento que no cambia",
            "comportamento inalterado",
            "comportamento que não muda",
            "comportamento sem alterações",
            "comportamento invariato",
            "unverändertes verhalten",
            "comportement inchangé",
            "comportement à préserver",
            "ongewijzigd gedrag",
            "niezmienione zachowanie",
            "değişmeyen davranış",
            "hành vi không thay đổi",
            "hành vi không đổi",
            "perilaku yang tidak berubah",
            "perilaku tidak berubah",
            "oförändrat beteende",
            "nezměněné chování",
        ],
    ),
];

fn kind_of(title: &str) -> Option<ClauseKind> {
    let title = bare(title);
    TITLES.iter().find_map(|(kind, names)| {
        let is = names.iter().any(|name| match name.is_ascii() {
            true => behind_word(title, name).is_some(),
            false => behind(title, name).is_some(),
        });
        is.then_some(*kind)
    })
}

/// One of the three sections, or a label in their place.
struct Part {
    kind: ClauseKind,
    line: usize,
    end: usize,
    title: String,
    found: Vec<Addressed>,
}

/// The clauses by section, in document order.
fn parts(source: &Source<'_, '_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for heading in &source.headings {
        // A section inside another of its kind is a part of it.
        let is_inside = parts.last().is_some_and(|last| last.end > heading.line);
        if let Some(kind) = kind_of(&heading.title).filter(|_| !is_inside) {
            parts.push(Part {
                kind,
                line: heading.line,
                end: heading.end,
                title: heading.title.clone(),
                found: Vec::new(),
            });
        }
    }
    if parts.is_empty() {
        parts = labels(source);
    }
    let mut last = [0u32; 3];
    for part in &mut parts {
        let (stem, counter) = match part.kind {
            ClauseKind::Current => ("1.", 0),
            ClauseKind::Expected => ("2.", 1),
            ClauseKind::Unchanged => ("3.", 2),
        };
        let Some(last) = last.get_mut(counter) else { continue };
        let items = read(source, part.line + 1, part.end);
        // Written numbers begin anew for each bug, and are kept so that the clash is told.
        let is_written = items.first().is_some_and(|item| item.number.is_some());
        part.found = continued(items, stem, false, if is_written { 0 } else { *last });
        *last = last.saturating_add(u32::try_from(part.found.len()).unwrap_or(0));
    }
    parts
}

fn read(source: &Source<'_, '_>, from: usize, to: usize) -> Vec<Item> {
    // Notes below a section's own headings are no clauses.
    let headings = source.headings_in(from, to);
    let to = headings
        .filter(|at| source.role(*at) == Role::Outside)
        .find_map(|at| source.headings.get(at))
        .map_or(to, |h| h.line);
    let lists = Reading { rows: true, ..Reading::default() };
    let items = items::read_with(source.text, from, to, lists);
    if items.is_empty() {
        items::read_with(source.text, from, to, Reading { paragraphs: true, ..lists })
    } else {
        items
    }
}

/// `**Current Behavior:**` as a line.
fn labels(source: &Source<'_, '_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let end = source.text.lines().len();
    for (index, line) in source.prose(0, end) {
        let bytes = source.text.of(line).trim_ascii();
        if bytes.len() > crate::requirements::roles::LABEL_BYTES_MAX
            || !(bytes.starts_with(b"*") || bytes.starts_with(b"_") || bytes.ends_with(b":"))
        {
            continue;
        }
        let content = source.text.str_of(line);
        if label_role(&content).is_some_and(|(_, rest)| rest.is_empty())
            && let Some(kind) = kind_of(&content)
        {
            let stop =
                source.headings.get(source.headings_in(0, index + 1).end).map_or(end, |heading| heading.line);
            if let Some(last) = parts.last_mut() {
                last.end = last.end.min(index);
            }
            parts.push(Part {
                kind,
                line: index,
                end: stop,
                title: bare(&content).to_string(),
                found: Vec::new(),
            });
        }
    }
    parts
}

/// The bug analysis of a `requirements.md`: three requirements, one for each section.
pub(crate) fn as_requirements(source: &Source<'_, '_>) -> Vec<Requirement> {
    let parts = parts(source);
    let has_pair = parts.iter().any(|part| part.kind == ClauseKind::Current)
        && parts.iter().any(|part| part.kind == ClauseKind::Expected);
    if !has_pair {
        return Vec::new();
    }
    let number = |kind| match kind {
        ClauseKind::Current => "1",
        ClauseKind::Expected => "2",
        ClauseKind::Unchanged => "3",
    };
    let filled = parts.into_iter().filter(|part| !part.found.is_empty());
    filled
        .map(|part| Requirement {
            number: number(part.kind).to_string(),
            title: part.title,
            user_story: None,
            span: source.text.span_of(part.line, part.end),
            number_span: None,
            heading: source.text.lines().get(part.line).map(|line| line.span).unwrap_or_default(),
            dialect: Dialect::Bugfix,
            criteria: part.found.into_iter().map(criterion).collect(),
        })
        .collect()
}

#[cfg(test)]
#[path = "bugfix/tests.rs"]
mod tests;
