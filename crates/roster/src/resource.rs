//! What an agent brings into its context: files, skills, knowledge bases. Opens none of them.

use spec::Span;
use spec::data::Node;

use crate::fields::{AGENT, Fields};
use crate::say::{Findings, shown};

/// A resource, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// `file://`: a path or glob, the scheme taken off; its text is in the context from the start.
    File {
        /// The path or glob.
        glob: String,
        /// Where it stands.
        span: Span,
    },
    /// `skill://`: a path or glob of `SKILL.md` files; names and descriptions are in the context.
    Skill {
        /// The path or glob.
        glob: String,
        /// Where it stands.
        span: Span,
    },
    /// A knowledge base: the agent searches it with the tool `knowledge`.
    Knowledge(Knowledge),
}

/// A knowledge base.
#[derive(Clone, Debug, PartialEq)]
pub struct Knowledge {
    /// Its name, else its source.
    pub name: String,
    /// What is in it, for the model.
    pub description: Option<String>,
    /// The folder or file, the scheme taken off: from the root of the workspace, from the home with `~/`, or absolute.
    pub source: String,
    /// Globs of what of it counts; empty for all.
    pub include: Vec<String>,
    /// Globs of what of it does not.
    pub exclude: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// Reads `resources`.
pub(crate) fn read(fields: &Fields<'_>, found: &mut Findings) -> Vec<Resource> {
    let alone = fields.get("resources").filter(|node| node.as_str().is_some());
    let items = fields.items("resources", found).iter().chain(alone);
    let read = items.filter_map(|item| match item.as_str() {
        Some(text) => of_text(text.trim(), item.span, found),
        None => of_map(item, found),
    });
    let read: Vec<Resource> = read.collect();
    if let Some(node) = fields.get("resources")
        && node.as_str().is_none()
        && node.items().is_empty()
        && !matches!(node.value, spec::data::Value::List(_))
    {
        fields.wrong("resources", node, "a list", found);
    }
    read
}

fn of_text(text: &str, span: Span, found: &mut Findings) -> Option<Resource> {
    if let Some(glob) = text.strip_prefix("file://") {
        return Some(Resource::File { glob: glob.to_string(), span });
    }
    if let Some(glob) = text.strip_prefix("skill://") {
        return Some(Resource::Skill { glob: glob.to_string(), span });
    }
    let message = format!("`{}` is no resource that is known", shown(text));
    found.warning("agent/unknown-resource", span, message, "begin it with `file://` or `skill://`");
    None
}

fn of_map(node: &Node, found: &mut Findings) -> Option<Resource> {
    let fields = Fields::of(node, AGENT);
    let source = node.get("source").and_then(Node::as_str).map(str::trim).filter(|source| !source.is_empty());
    let kind = node.get("type").and_then(Node::as_str);
    let (Some(source), Some("knowledgeBase")) = (source, kind) else {
        let message = "this resource is not known";
        let hint = "write a text that begins with `file://` or `skill://`, or a map with `type: knowledgeBase` and `source`";
        found.warning("agent/unknown-resource", node.span, message, hint);
        return None;
    };
    fields.unknown(
        &["type", "source", "name", "description", "indexType", "include", "exclude", "autoUpdate"],
        &[],
        found,
    );
    let texts = |name: &str, found: &mut Findings| {
        fields.texts(name, None, found).into_iter().map(|(text, _)| text).collect::<Vec<String>>()
    };
    let source = source.strip_prefix("file://").unwrap_or(source).to_string();
    match fields.text("indexType", found).as_deref() {
        None | Some("fast") => {}
        Some("best") => {
            let message = "a knowledge base is searched by its words here, not by what they mean";
            let hint = "no model is loaded for it; the agent is told to ask in the words of the material";
            found.hint("agent/index-type", fields.key("indexType"), message, hint);
        }
        Some(other) => {
            let message = format!("`{}` is no type of index", shown(other));
            found.warning("agent/index-type", fields.key("indexType"), message, "write `fast` or `best`");
        }
    }
    Some(Resource::Knowledge(Knowledge {
        name: fields.text("name", found).unwrap_or_else(|| source.clone()),
        description: fields.text("description", found),
        source,
        include: texts("include", found),
        exclude: texts("exclude", found),
        span: node.span,
    }))
}
