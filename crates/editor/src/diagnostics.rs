//! Findings as an editor shows them. Judges nothing.

use std::path::Path;

use index::Lines;
use lint::{Basis, Finding};
use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
    PublishDiagnosticsParams,
};
use spec::Severity;
use spec::tags::{CONFIDENT_MIN, TagKind};

use crate::convert::{range_of, uri_of};
use crate::locate;
use crate::state::{FILES, SpecState, State};

/// Findings shown in one document.
const SHOWN_MAX: usize = 500;

/// What is to be shown for every open document of a spec; an empty list takes back what was shown.
pub(crate) fn of_spec(state: &State, name: &str) -> Vec<PublishDiagnosticsParams> {
    let Some(spec) = state.specs.get(name) else { return Vec::new() };
    let mut out = Vec::new();
    for file in FILES {
        let path = spec.path(file);
        let (Some(buffer), Some(uri)) = (state.buffers.get(&path), uri_of(&path)) else { continue };
        let file = spec.file_name(file);
        if out.iter().any(|known: &PublishDiagnosticsParams| known.uri == uri) {
            continue;
        }
        let found = spec.findings.iter().filter(|finding| finding.place.file == file);
        let diagnostics = found
            .take(SHOWN_MAX)
            .map(|finding| diagnostic(state, spec, finding, &buffer.lines, &buffer.bytes))
            .collect();
        out.push(PublishDiagnosticsParams { uri, diagnostics, version: Some(buffer.version) });
    }
    out
}

/// Tags of an open source file that name nothing.
pub(crate) fn of_source(state: &State, path: &Path) -> Option<PublishDiagnosticsParams> {
    let buffer = state.buffers.get(path)?;
    let file = state.relative(path)?;
    if !index::tags::is_source(&file) {
        return None;
    }
    let tags = state.tags.files.get(&file).map(|tags| tags.tags.as_slice()).unwrap_or_default();
    let dangling = tags.iter().filter(|tag| {
        // A tag that names no spec is only wrong when no spec at all has such an item.
        tag.confidence >= CONFIDENT_MIN
            && tag.kind != TagKind::Spec
            && !state.specs.is_empty()
            && tag.spec.is_some()
            && state.specs.values().any(|spec| {
                tag.spec.as_deref() == Some(spec.place.name.as_str())
                    || tag.spec.as_deref() == Some(spec.place.short_name())
            })
            && locate::resolve(state, tag).next().is_none()
    });
    let diagnostics = dangling
        .take(SHOWN_MAX)
        .map(|tag| Diagnostic {
            range: range_of(&buffer.lines, &buffer.bytes, tag.span),
            severity: Some(DiagnosticSeverity::WARNING),
            code: Some(NumberOrString::String("trace/dangling-tag".to_string())),
            source: Some("waypost".to_string()),
            message: format!(
                "`{}` does not exist in the spec `{}`",
                tag.id,
                tag.spec.as_deref().unwrap_or_default()
            ),
            ..Diagnostic::default()
        })
        .collect();
    Some(PublishDiagnosticsParams { uri: uri_of(path)?, diagnostics, version: Some(buffer.version) })
}

fn diagnostic(state: &State, spec: &SpecState, finding: &Finding, lines: &Lines, bytes: &[u8]) -> Diagnostic {
    let related: Vec<DiagnosticRelatedInformation> = finding
        .related
        .iter()
        .filter_map(|(place, message)| {
            let other = state.specs.get(&place.spec).unwrap_or(spec);
            let location: Location = locate::location(state, other, &place.file, place.span)?;
            Some(DiagnosticRelatedInformation { location, message: message.clone() })
        })
        .collect();
    Diagnostic {
        range: range_of(lines, bytes, finding.place.span),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Hint => DiagnosticSeverity::HINT,
        }),
        code: Some(NumberOrString::String(finding.rule.to_string())),
        code_description: None::<CodeDescription>,
        source: Some("waypost".to_string()),
        message: words(finding),
        related_information: (!related.is_empty()).then_some(related),
        tags: None,
        data: None,
    }
}

/// The message with its basis and its next step.
pub(crate) fn words(finding: &Finding) -> String {
    let mut words = finding.message.clone();
    if finding.basis != Basis::Read {
        words.push_str(&format!(" ({})", finding.basis.words()));
    }
    if let Some(hint) = &finding.hint {
        words.push_str(&format!("\n{hint}"));
    }
    words
}
