//! Taking typed fields out of a map, with a diagnostic for each that is not what it should be. Knows no format.

use spec::data::{Node, Value};
use spec::diagnostic::DIAGNOSTICS_MAX;
use spec::{Diagnostic, Severity, Span};

use super::FILE_WEIGHT_MAX;
use crate::pattern::COMPILED_MAX;

/// Keys named in one message about keys that nobody reads.
const KEYS_NAMED_MAX: usize = 8;

/// What was found wrong, and whether something broke the schema.
#[derive(Debug, Default)]
pub(super) struct Found {
    list: Vec<Diagnostic>,
    /// Something is not as the format demands; a v1 file then counts for nothing.
    pub(super) is_broken: bool,
    /// Bytes that the compiled patterns hold so far.
    weight: usize,
}

impl Found {
    pub(super) fn push(&mut self, found: Diagnostic) {
        if self.list.len() < DIAGNOSTICS_MAX {
            self.list.push(found);
        }
    }

    /// A break of the schema.
    pub(super) fn broken(&mut self, code: &'static str, span: Span, message: impl Into<String>, hint: &str) {
        self.is_broken = true;
        self.push(diagnostic(code, Severity::Error, span, message, hint));
    }

    pub(super) fn warn(&mut self, code: &'static str, span: Span, message: impl Into<String>, hint: &str) {
        self.push(diagnostic(code, Severity::Warning, span, message, hint));
    }

    pub(super) fn note(&mut self, code: &'static str, span: Span, message: impl Into<String>, hint: &str) {
        self.push(diagnostic(code, Severity::Hint, span, message, hint));
    }

    /// Compiles a pattern within what the file may hold; one that did not compile counts as if it were of full weight,
    /// because it took as long.
    pub(super) fn compiled<T>(
        &mut self,
        compile: impl FnOnce() -> Result<T, String>,
        weight: impl FnOnce(&T) -> usize,
    ) -> Result<T, String> {
        if self.weight > FILE_WEIGHT_MAX {
            return Err(format!("the patterns of this file take more than {} MiB", FILE_WEIGHT_MAX >> 20));
        }
        let compiled = compile();
        let weighs = compiled.as_ref().map_or(COMPILED_MAX, weight);
        self.weight = self.weight.saturating_add(weighs);
        compiled
    }

    /// Whether nothing was found yet.
    pub(super) fn is_silent(&self) -> bool {
        self.list.is_empty()
    }

    /// In document order.
    pub(super) fn into_vec(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|found| found.span.offset);
        self.list
    }
}

/// A diagnostic; an empty hint is none.
fn diagnostic(
    code: &'static str,
    severity: Severity,
    span: Span,
    message: impl Into<String>,
    hint: &str,
) -> Diagnostic {
    let hint = Some(hint.to_string()).filter(|hint| !hint.is_empty());
    Diagnostic { code, severity, span, message: message.into(), hint }
}

/// The fields of one map.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) node: &'a Node,
}

impl<'a> Fields<'a> {
    pub(super) fn of(node: &'a Node) -> Fields<'a> {
        Fields { node }
    }

    /// The value of a field; `null` counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        self.node.get(name).filter(|node| node.value != Value::Null)
    }

    /// Where a field stands; the whole map when it is absent.
    pub(super) fn span_of(&self, name: &str) -> Span {
        self.get(name).map_or(self.node.span, |node| node.span)
    }

    pub(super) fn text(&self, name: &str, found: &mut Found) -> Option<String> {
        let node = self.get(name)?;
        if node.as_str().is_none() {
            wrong(name, node, "text", found);
        }
        node.as_str().map(str::to_string)
    }

    /// A text that must be there and not be empty.
    pub(super) fn needed(&self, name: &str, hint: &str, found: &mut Found) -> Option<String> {
        let Some(node) = self.get(name) else {
            found.broken("hook/missing-field", self.node.span, format!("`{name}` is missing"), hint);
            return None;
        };
        let text = self.text(name, found)?;
        if text.trim().is_empty() {
            found.broken("hook/missing-field", node.span, format!("`{name}` is empty"), hint);
            return None;
        }
        Some(text)
    }

    pub(super) fn flag(&self, name: &str, found: &mut Found) -> Option<bool> {
        let node = self.get(name)?;
        if node.as_bool().is_none() {
            wrong(name, node, "`true` or `false`", found);
        }
        node.as_bool()
    }

    /// A whole number from 0.
    pub(super) fn number(&self, name: &str, found: &mut Found) -> Option<u64> {
        let node = self.get(name)?;
        let number =
            node.as_number().filter(|number| *number >= 0.0 && number.fract() == 0.0 && *number < 1e15);
        if number.is_none() {
            wrong(name, node, "a whole number from 0", found);
        }
        // Checked just above: it is whole, positive and small.
        number.map(|number| number as u64)
    }

    /// Texts with their places: a list of them, or one alone.
    pub(super) fn texts(&self, name: &str, found: &mut Found) -> Vec<(String, Span)> {
        let Some(node) = self.get(name) else { return Vec::new() };
        if let Some(text) = node.as_str() {
            return vec![(text.to_string(), node.span)];
        }
        if !matches!(node.value, Value::List(_)) {
            wrong(name, node, "text or a list of texts", found);
        }
        let mut texts = Vec::new();
        for item in node.items() {
            match item.as_str() {
                Some(text) => texts.push((text.to_string(), item.span)),
                None => wrong(name, item, "text", found),
            }
        }
        texts
    }

    /// Says in one message which keys nobody reads, with the one that was probably meant.
    pub(super) fn unknown(&self, known: &[&str], found: &mut Found) {
        let unknown: Vec<_> =
            self.node.members().iter().filter(|(key, _)| !known.contains(&key.name.as_str())).collect();
        let Some((first, _)) = unknown.first() else { return };
        let squeezed = |name: &str| name.to_lowercase().replace(['-', '_'], "");
        let meant: Vec<String> = unknown
            .iter()
            .filter_map(|(key, _)| {
                let name = known.iter().find(|name| squeezed(name) == squeezed(&key.name))?;
                Some(format!("write `{name}` for `{}`", key.name))
            })
            .collect();
        let mut names: Vec<String> =
            unknown.iter().take(KEYS_NAMED_MAX).map(|(key, _)| format!("`{}`", key.name)).collect();
        if unknown.len() > KEYS_NAMED_MAX {
            names.push(format!("{} more", unknown.len() - KEYS_NAMED_MAX));
        }
        let verb = if unknown.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} not read", names.join(", "));
        found.warn("hook/unknown-field", first.span, message, &meant.join("; "));
    }
}

pub(super) fn wrong(name: &str, node: &Node, wanted: &str, found: &mut Found) {
    let message = format!("`{name}` is {}, not {wanted}", node.kind());
    found.broken("hook/wrong-type", node.span, message, "");
}
