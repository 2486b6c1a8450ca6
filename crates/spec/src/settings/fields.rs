//! Taking typed fields out of a map, with a diagnostic for each that is not what it should be. Knows no file.

use crate::Span;
use crate::data::{Node, Value};
use crate::diagnostic::{Diagnostic, Findings};

/// Items kept of one list.
pub(super) const ITEMS_MAX: usize = 1_000;

/// The fields of one map.
pub(super) struct Fields<'a> {
    node: &'a Node,
    /// The beginning of the codes: `hook`, `mcp`.
    kind: &'static str,
}

impl<'a> Fields<'a> {
    pub(super) fn of(node: &'a Node, kind: &'static str) -> Fields<'a> {
        Fields { node, kind }
    }

    pub(super) fn span(&self) -> Span {
        self.node.span
    }

    /// The value of a field; `null` counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        self.node.get(name).filter(|node| node.value != Value::Null)
    }

    pub(super) fn text(&self, name: &str, found: &mut Findings) -> Option<String> {
        let node = self.get(name)?;
        if node.as_str().is_none() {
            self.wrong(name, node, "text", found);
        }
        node.as_str().map(str::to_string)
    }

    /// A text that must be there and not be empty.
    pub(super) fn needed(&self, name: &str, found: &mut Findings) -> Option<String> {
        if self.get(name).is_none() {
            let message = format!("`{name}` is missing");
            found.push(Diagnostic::error(self.code("missing-field"), self.span(), message));
        }
        self.text(name, found).filter(|text| !text.trim().is_empty())
    }

    pub(super) fn flag(&self, name: &str, default: bool, found: &mut Findings) -> bool {
        let Some(node) = self.get(name) else { return default };
        node.as_bool().unwrap_or_else(|| {
            self.wrong(name, node, "true or false", found);
            default
        })
    }

    /// A whole number from 0.
    pub(super) fn number(&self, name: &str, found: &mut Findings) -> Option<u64> {
        let node = self.get(name)?;
        let number =
            node.as_number().filter(|number| *number >= 0.0 && number.fract() == 0.0 && *number < 1e15);
        if number.is_none() {
            self.wrong(name, node, "a whole number from 0", found);
        }
        // Checked just above: it is whole, positive and small.
        number.map(|number| number as u64)
    }

    /// Texts: a list of them, or one alone.
    pub(super) fn texts(&self, name: &str, found: &mut Findings) -> Vec<String> {
        let Some(node) = self.get(name) else { return Vec::new() };
        if let Some(text) = node.as_str() {
            return vec![text.to_string()];
        }
        if !matches!(node.value, Value::List(_)) {
            self.wrong(name, node, "a list of texts", found);
        }
        for item in node.items().iter().filter(|item| item.as_str().is_none()) {
            self.wrong(name, item, "text", found);
        }
        node.items().iter().take(ITEMS_MAX).filter_map(Node::as_str).map(str::to_string).collect()
    }

    /// Names and texts: `env`, `headers`. Numbers are taken as people mean them.
    pub(super) fn pairs(&self, name: &str, found: &mut Findings) -> Vec<(String, String)> {
        let Some(node) = self.get(name) else { return Vec::new() };
        if !matches!(node.value, Value::Map(_)) {
            self.wrong(name, node, "a map", found);
        }
        let mut pairs = Vec::new();
        for (key, value) in node.members().iter().take(ITEMS_MAX) {
            match &value.value {
                Value::String(text) => pairs.push((key.name.clone(), text.clone())),
                Value::Number(number) => pairs.push((key.name.clone(), number.to_string())),
                Value::Bool(truth) => pairs.push((key.name.clone(), truth.to_string())),
                _ => self.wrong(&key.name, value, "text", found),
            }
        }
        pairs
    }

    /// Says which keys nobody reads, with the one that was probably meant.
    pub(super) fn unknown(&self, known: &[&str], found: &mut Findings) {
        for (key, _) in self.node.members() {
            if known.contains(&key.name.as_str()) {
                continue;
            }
            let message = format!("`{}` is not read", key.name);
            let unknown = Diagnostic::warning(self.code("unknown-field"), key.span, message);
            let squeezed = |name: &str| name.to_lowercase().replace(['-', '_'], "");
            let meant = known.iter().find(|name| squeezed(name) == squeezed(&key.name));
            found.push(match meant {
                Some(name) => unknown.hint(format!("write `{name}`")),
                None => unknown,
            });
        }
    }

    pub(super) fn wrong(&self, name: &str, node: &Node, wanted: &str, found: &mut Findings) {
        let message = format!("`{name}` is {}, not {wanted}", node.kind());
        found.push(Diagnostic::error(self.code("wrong-type"), node.span, message));
    }

    fn code(&self, rule: &'static str) -> &'static str {
        code(self.kind, rule)
    }
}

/// The codes of this family, complete: a code is written in a comment to silence it, so it may not vary.
pub(super) fn code(kind: &'static str, rule: &'static str) -> &'static str {
    match (kind, rule) {
        ("hook", "missing-field") => "hook/missing-field",
        ("hook", "unknown-field") => "hook/unknown-field",
        ("hook", _) => "hook/wrong-type",
        ("mcp", "missing-field") => "mcp/missing-field",
        ("mcp", "unknown-field") => "mcp/unknown-field",
        ("mcp", _) => "mcp/wrong-type",
        ("agent", "missing-field") => "agent/missing-field",
        ("agent", "unknown-field") => "agent/unknown-field",
        ("agent", _) => "agent/wrong-type",
        ("permissions", "missing-field") => "permissions/missing-field",
        ("permissions", "unknown-field") => "permissions/unknown-field",
        ("permissions", _) => "permissions/wrong-type",
        (_, "missing-field") => "meta/missing-field",
        (_, "unknown-field") => "meta/unknown-field",
        _ => "meta/wrong-type",
    }
}
