//! Findings as an editor shows them. Judges nothing.

use std::path::Path;

use lint::{Basis, Finding, Place};
use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
    PublishDiagnosticsParams,
};
use spec::Severity;
use spec::tags::{CONFIDENT_MIN, TagKind};

use crate::buffers::Buffer;
use crate::convert::range_of;
use crate::document::{FILES, SpecState};
use crate::locate::{self, Places};
use crate::state::State;

/// Findings shown in one document.
const SHOWN_MAX: usize = 500;

/// What is to be shown for every open document of a spec; an empty list takes back what was shown.
pub(crate) fn of_spec(state: &State, spec: &SpecState) -> Vec<PublishDiagnosticsParams> {
    let mut out: Vec<PublishDiagnosticsParams> = Vec::new();
    let mut places = Places::new(state);
    for file in FILES {
        let path = spec.path(file);
        let Some(buffer) = state.buffers.get(&path) else { continue };
        if out.iter().any(|known| known.uri == buffer.uri) {
            continue;
        }
        let file = spec.file_name(file);
        let is_here = |finding: &&Finding| finding.place.file == file;
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        for finding in spec.findings().iter().filter(is_here) {
            let place = |(place, _): &(Place, String)| places.of_spec(spec, &place.file, place.span);
            let related = finding.related.iter().map(place).collect();
            diagnostics.push(diagnostic(finding, related, buffer));
        }
        for crossing in state.crossings(&spec.place.name).iter().filter(|one| is_here(&&one.finding)) {
            let related =
                crossing.finding.related.iter().zip(&crossing.related).map(|((place, _), known)| {
                    let is_own = place.spec == spec.place.name;
                    let own = if is_own { places.of_spec(spec, &place.file, place.span) } else { None };
                    own.or_else(|| known.clone())
                });
            diagnostics.push(diagnostic(&crossing.finding, related.collect(), buffer));
        }
        // The worst first, so that what is left out is the least of it.
        diagnostics.sort_by_key(|one| (one.severity, one.range.start));
        diagnostics.truncate(SHOWN_MAX);
        out.push(PublishDiagnosticsParams {
            uri: buffer.uri.clone(),
            diagnostics,
            version: Some(buffer.version),
        });
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
    let names: Vec<&str> = state.names().collect();
    let is_known = |wanted: &str| names.iter().any(|name| locate::is_named(name, wanted));
    let dangling = state.tags.of_file(&file).iter().filter_map(|tag| {
        // A tag that names no spec may speak about another repository; one that names a spec must be right.
        let spec = tag.spec.as_deref().filter(|spec| is_known(spec))?;
        let may_dangle = tag.confidence >= CONFIDENT_MIN && tag.kind != TagKind::Spec;
        let missing = |id: &String| locate::resolve(state, tag.kind, id, Some(spec)).is_none();
        let id = tag.ids().into_iter().find(missing).filter(|_| may_dangle)?;
        Some((tag, id, spec))
    });
    let diagnostics = dangling
        .take(SHOWN_MAX)
        .map(|(tag, id, spec)| Diagnostic {
            range: range_of(&buffer.lines, &buffer.bytes, tag.span),
            severity: Some(DiagnosticSeverity::WARNING),
            code: Some(NumberOrString::String("trace/dangling-tag".to_string())),
            source: Some("waypost".to_string()),
            message: format!("`{id}` does not exist in the spec `{spec}`"),
            ..Diagnostic::default()
        })
        .collect();
    Some(PublishDiagnosticsParams { uri: buffer.uri.clone(), diagnostics, version: Some(buffer.version) })
}

fn diagnostic(finding: &Finding, related: Vec<Option<Location>>, buffer: &Buffer) -> Diagnostic {
    let words_of = finding.related.iter().map(|(_, words)| words);
    let related: Vec<DiagnosticRelatedInformation> = words_of
        .zip(related)
        .filter_map(|(message, location)| {
            Some(DiagnosticRelatedInformation { location: location?, message: message.clone() })
        })
        .collect();
    Diagnostic {
        range: range_of(&buffer.lines, &buffer.bytes, finding.place.span),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Hint => DiagnosticSeverity::HINT,
        }),
        code: Some(NumberOrString::String(finding.rule.to_string())),
        source: Some("waypost".to_string()),
        message: words(finding),
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
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
