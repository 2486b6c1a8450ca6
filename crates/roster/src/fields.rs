//! Taking typed fields out of a map, with a diagnostic for each that is not what it should be. Knows no file.

use spec::Span;
use spec::data::{Node, Value};

use crate::say::{Findings, shown};

/// Items kept of one list; what lies beyond is said and left out.
pub const ITEMS_MAX: usize = 1_000;

/// The codes that a family of documents uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    pub(crate) wrong_type: &'static str,
    pub(crate) unknown_field: &'static str,
    pub(crate) too_many: &'static str,
}

pub(crate) const AGENT: Codes = Codes {
    wrong_type: "agent/wrong-type",
    unknown_field: "agent/unknown-field",
    too_many: "agent/too-many",
};
pub(crate) const SKILL: Codes = Codes {
    wrong_type: "skill/wrong-type",
    unknown_field: "skill/unknown-field",
    too_many: "skill/too-many",
};
pub(crate) const POWER: Codes = Codes {
    wrong_type: "power/wrong-type",
    unknown_field: "power/unknown-field",
    too_many: "power/too-many",
};
pub(crate) const PROMPT: Codes = Codes {
    wrong_type: "prompt/wrong-type",
    unknown_field: "prompt/unknown-field",
    too_many: "prompt/too-many",
};

/// The fields of one map.
pub(crate) struct Fields<'a> {
    pub(crate) node: &'a Node,
    codes: Codes,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(node: &'a Node, codes: Codes) -> Fields<'a> {
        Fields { node, codes }
    }

    /// The value of a field; `null` counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Node> {
        self.node.get(name).filter(|node| node.value != Value::Null)
    }

    /// Where a field's name stands.
    pub(crate) fn key(&self, name: &str) -> Span {
        let members = self.node.members().iter().rev();
        members
            .filter(|(key, _)| key.name == name)
            .map(|(key, _)| key.span)
            .next()
            .unwrap_or(Span { offset: self.node.span.offset, len: 0 })
    }

    pub(crate) fn text(&self, name: &str, found: &mut Findings) -> Option<String> {
        let node = self.get(name)?;
        if node.as_str().is_none() {
            self.wrong(name, node, "text", found);
        }
        node.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_string)
    }

    /// Text, or a number as somebody wrote it for a version.
    pub(crate) fn word(&self, name: &str, found: &mut Findings) -> Option<String> {
        match self.get(name)?.as_number() {
            Some(number) => Some(number.to_string()),
            None => self.text(name, found),
        }
    }

    pub(crate) fn flag(&self, name: &str, found: &mut Findings) -> bool {
        let Some(node) = self.get(name) else { return false };
        node.as_bool().unwrap_or_else(|| {
            self.wrong(name, node, "true or false", found);
            false
        })
    }

    /// Texts with their places: a list of them, or one alone, which `separator` may cut.
    pub(crate) fn texts(
        &self,
        name: &str,
        separator: Option<char>,
        found: &mut Findings,
    ) -> Vec<(String, Span)> {
        let Some(node) = self.get(name) else { return Vec::new() };
        if let Some(text) = node.as_str() {
            let parts: Vec<&str> = match separator {
                Some(c) => text.split(|d: char| d == c || c == ' ' && d.is_whitespace()).collect(),
                None => vec![text],
            };
            let words = parts.into_iter().map(str::trim).filter(|word| !word.is_empty());
            return words.take(ITEMS_MAX).map(|word| (word.to_string(), node.span)).collect();
        }
        if !matches!(node.value, Value::List(_)) {
            self.wrong(name, node, "a list of texts", found);
        }
        let mut texts = Vec::new();
        for item in self.items(name, found) {
            match item.as_str() {
                Some(text) if !text.trim().is_empty() => texts.push((text.trim().to_string(), item.span)),
                Some(_) => {}
                None => self.wrong(name, item, "text", found),
            }
        }
        texts
    }

    /// The items of a list, bounded.
    pub(crate) fn items(&self, name: &str, found: &mut Findings) -> &'a [Node] {
        let Some(node) = self.get(name) else { return &[] };
        let items = node.items();
        if items.len() > ITEMS_MAX {
            let message = format!("`{name}` has {} items; {ITEMS_MAX} are read", items.len());
            found.error(self.codes.too_many, self.key(name), message, "");
        }
        items.get(..items.len().min(ITEMS_MAX)).unwrap_or(items)
    }

    /// Says which keys nobody reads, with the one that was probably meant. Those that `except` names are left to the caller.
    pub(crate) fn unknown(&self, known: &[&str], except: &[&str], found: &mut Findings) {
        let squeezed = |name: &str| name.to_lowercase().replace(['-', '_'], "");
        for (key, _) in self.node.members() {
            let name = key.name.as_str();
            if known.contains(&name) || except.contains(&name) {
                continue;
            }
            let meant = known.iter().find(|known| squeezed(known) == squeezed(name));
            let hint = meant.map_or(String::new(), |meant| format!("write `{meant}`"));
            let message = format!("`{}` is not read", shown(name));
            found.warning(self.codes.unknown_field, key.span, message, &hint);
        }
    }

    pub(crate) fn wrong(&self, name: &str, node: &Node, wanted: &str, found: &mut Findings) {
        let message = format!("`{name}` is {}, not {wanted}", node.kind());
        found.error(self.codes.wrong_type, node.span, message, "");
    }
}
