//! Where findings are put: with the severity of their rule, as the settings have it, and counted. Finds nothing.

use plan::Reading;
use spec::{Edit, Severity, Span};

use super::FINDINGS_MAX;
use super::context::{Context, Statement};
use crate::finding::RELATED_MAX;
use crate::rules::{self, Rule};
use crate::settings::Settings;
use crate::{Basis, Finding, Fix, Place};

/// A finding on its way.
pub(super) struct Found {
    rule: &'static str,
    document: usize,
    span: Span,
    message: String,
    basis: Basis,
    severity: Option<Severity>,
    subject: Option<String>,
    hint: Option<String>,
    related: Vec<(usize, Span, String)>,
    fix: Option<(String, Vec<Edit>)>,
}

impl Found {
    pub(super) fn new(rule: &'static str, document: usize, span: Span, message: impl Into<String>) -> Found {
        Found {
            rule,
            document,
            span,
            message: message.into(),
            basis: Basis::Read,
            severity: None,
            subject: None,
            hint: None,
            related: Vec::new(),
            fix: None,
        }
    }

    /// Words look alike; a person has to judge.
    pub(super) fn suspected(mut self) -> Found {
        self.basis = Basis::Suspected;
        self
    }

    /// Another severity than that of the rule.
    pub(super) fn severity(mut self, severity: Severity) -> Found {
        self.severity = Some(severity);
        self
    }

    pub(super) fn subject(mut self, subject: impl Into<String>) -> Found {
        self.subject = Some(subject.into());
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Found {
        self.hint = Some(hint.into());
        self
    }

    /// Another place; those beyond [`RELATED_MAX`] are not kept.
    pub(super) fn related(mut self, document: usize, span: Span, words: impl Into<String>) -> Found {
        if self.related.len() < RELATED_MAX {
            self.related.push((document, span, words.into()));
        }
        self
    }

    /// A safe change of the same document.
    pub(super) fn fix(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Found {
        self.fix = (!edits.is_empty()).then(|| (title.into(), edits));
        self
    }
}

/// The findings of one spec.
pub(super) struct Out<'a> {
    context: &'a Context<'a>,
    settings: &'a Settings,
    pub(super) findings: Vec<Finding>,
    pub(super) left_out: usize,
}

impl<'a> Out<'a> {
    pub(super) fn new(context: &'a Context<'a>, settings: &'a Settings) -> Out<'a> {
        Out { context, settings, findings: Vec::new(), left_out: 0 }
    }

    pub(super) fn settings(&self) -> &'a Settings {
        self.settings
    }

    /// Whether the rule can be heard at all; asked before dear work.
    pub(super) fn wants(&self, id: &str) -> bool {
        rules::find(id).is_none_or(|rule| self.settings.wants(rule))
    }

    pub(super) fn push(&mut self, found: Found) {
        let reading: &Reading = self.context.reading;
        let place = |document: usize, span: Span| self.context.place(document, span);
        let at = place(found.document, found.span);
        let severity = match rules::find(found.rule) {
            Some(rule) => {
                let usual = found.severity.unwrap_or(rule.severity);
                // What is only suspected fails nobody's build, unless the settings say so.
                let default =
                    if found.basis == Basis::Suspected { usual.min(Severity::Warning) } else { usual };
                self.settings.severity(rule, default, reading.name(), &at.file)
            }
            // A reader may know a diagnostic that has no page yet; it is shown all the same.
            None => self.foreign(&found, &at),
        };
        let Some(severity) = severity else { return };
        if self.findings.len() >= FINDINGS_MAX {
            self.left_out += 1;
            return;
        }
        let related =
            found.related.into_iter().map(|(document, span, words)| (place(document, span), words)).collect();
        let file = at.file.clone();
        let fix = found.fix.map(|(title, edits)| Fix {
            title,
            edits: edits.into_iter().map(|edit| (file.clone(), edit)).collect(),
        });
        self.findings.push(Finding {
            rule: found.rule,
            severity,
            basis: found.basis,
            place: at,
            subject: found.subject,
            message: found.message,
            hint: found.hint,
            related,
            fix,
        });
    }

    /// A finding that was made elsewhere, with the level that the settings give its rule.
    pub(super) fn take(&mut self, mut finding: Finding) {
        let rule = rules::find(finding.rule);
        let level = rule.map_or(Some(finding.severity), |rule| {
            self.settings.severity(rule, finding.severity, &finding.place.spec, &finding.place.file)
        });
        let Some(level) = level else { return };
        if self.findings.len() >= FINDINGS_MAX {
            self.left_out += 1;
            return;
        }
        finding.severity = level;
        self.findings.push(finding);
    }

    fn foreign(&self, found: &Found, at: &Place) -> Option<Severity> {
        let default = found.severity.unwrap_or(Severity::Warning);
        let rule = Rule {
            id: found.rule,
            severity: default,
            title: "",
            explanation: "",
            is_on_by_default: true,
            weight: 0,
        };
        self.settings.severity(&rule, default, &at.spec, &at.file)
    }
}

/// A finding about a criterion, at a part of its text; at its first line when the part is `None`.
pub(super) fn about(
    rule: &'static str,
    context: &Context<'_>,
    statement: &Statement<'_>,
    part: Option<Span>,
    message: impl Into<String>,
) -> Found {
    let span = match part {
        Some(part) => context.span_in(statement, part),
        None => match context.documents.get(statement.document) {
            Some(document) => document.first_line_of(statement.criterion.span),
            None => statement.criterion.span,
        },
    };
    Found::new(rule, statement.document, span, message).subject(statement.criterion.id.clone())
}

/// Words of a document for a message: one line, cut.
pub(super) fn shown(words: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    let line: String = words.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
    match line.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("`{}…`", line.get(..end).unwrap_or_default()),
        None => format!("`{line}`"),
    }
}
