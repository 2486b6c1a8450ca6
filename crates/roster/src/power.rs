//! Powers, old (`POWER.md`) and new (`plugin.json` of Agent Plugins): what they bring and which words call for them. Starts no
//! server and opens no file.

use std::collections::HashMap;

use spec::data::{self, Node, Notation, Value};
use spec::{Diagnostic, Span};

use crate::fields::{Fields, POWER};
use crate::front;
use crate::prompt::is_name;
use crate::say::{Findings, first_line, shown};
use crate::skill::{Beside, Skill, listed};
use crate::{Origin, Reading};

/// What the names of servers of powers begin with.
pub const SERVER_PREFIX: &str = "power-";

/// Keywords kept of one power.
pub const KEYWORDS_MAX: usize = 200;

/// Bytes of a person's words that are looked at for keywords.
pub const WORDS_BYTES_MAX: usize = 64 * 1024;

/// Bytes of the list of powers in the description of a tool.
pub const CATALOG_BYTES_MAX: usize = 4 * 1024;

/// How a power is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `POWER.md`, `mcp.json`, `steering/`.
    Old,
    /// `plugin.json`, `skills/`, `mcp.json`, `dev.kiro/steering/`.
    New,
}

/// The files of a power, read by somebody else.
#[derive(Clone, Debug, Default)]
pub struct Files<'a> {
    /// `plugin.json`.
    pub plugin: Option<&'a [u8]>,
    /// `POWER.md`.
    pub power: Option<&'a [u8]>,
    /// `mcp.json`.
    pub mcp: Option<&'a [u8]>,
    /// What lies in `steering/` or `dev.kiro/steering/`: paths below that folder.
    pub steering: Vec<Beside>,
    /// Its skills, read.
    pub skills: Vec<Skill>,
}

/// A power.
#[derive(Clone, Debug, PartialEq)]
pub struct Power {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: String,
    /// Its version, as written.
    pub version: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// Words that call for it.
    pub keywords: Vec<String>,
    /// How it is written.
    pub format: Format,
    /// What it tells whoever opens it: the body of `POWER.md`; empty in the new format.
    pub body: String,
    /// `mcp.json`, as it stands.
    pub mcp: Option<Node>,
    /// Its servers: the name in `mcp.json`, and the name that it has in a session.
    pub servers: Vec<(String, String)>,
    /// Its steering files.
    pub steering: Vec<Beside>,
    /// Its skills.
    pub skills: Vec<Skill>,
    /// The folder, as it is shown to a person.
    pub folder: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What is odd about `plugin.json` or `POWER.md`, in document order.
    pub diagnostics: Vec<Diagnostic>,
    /// What is odd about `mcp.json`.
    pub mcp_diagnostics: Vec<Diagnostic>,
}

impl Power {
    /// Reads a power from its files. `folder` is where they lie, with `/`.
    pub fn read(folder: &str, origin: Origin, files: Files<'_>) -> Reading<Power> {
        let mut found = Findings::default();
        let (format, bytes) = match (files.plugin, files.power) {
            (Some(bytes), _) => (Format::New, bytes),
            (None, Some(bytes)) => (Format::Old, bytes),
            (None, None) => {
                let message = "there is neither `plugin.json` nor `POWER.md`";
                found.error("power/no-manifest", Span::default(), message, "add a `plugin.json`");
                return refused("it has neither `plugin.json` nor `POWER.md`".to_string(), found);
            }
        };
        let (root, body) = match format {
            Format::New => (manifest(bytes, &mut found), String::new()),
            Format::Old => old(bytes, &mut found),
        };
        let Some(root) = root else {
            let diagnostics = found.into_vec();
            let why =
                front::first_error(&diagnostics).unwrap_or_else(|| "it says nothing of itself".to_string());
            return Reading::Refused { why, diagnostics };
        };
        let fields = Fields::of(&root, POWER);
        say_unknown(&fields, format, &mut found);
        let called = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
        let Some(name) = name(&fields, called, format, &mut found) else {
            return refused("it has no name that can be used".to_string(), found);
        };
        let description = fields.text("description", &mut found).unwrap_or_default();
        if description.is_empty() {
            let message = "a power without a `description` cannot be chosen";
            found.warning("power/no-description", fields.key("description"), message, "say what it is for");
        }
        let keywords = keywords(&fields, &mut found);
        let (mcp, servers, mcp_diagnostics) = servers(&name, files.mcp);
        Reading::Read(Power {
            display_name: fields.text("displayName", &mut found),
            description,
            version: fields.word("version", &mut found),
            author: author(&fields, &mut found),
            keywords,
            format,
            body,
            mcp,
            servers,
            steering: files.steering,
            skills: files.skills,
            folder: folder.to_string(),
            origin,
            name,
            diagnostics: found.into_vec(),
            mcp_diagnostics,
        })
    }

    /// What opening it gives: what it tells, its servers, skills and steering files, which are read one by one.
    pub fn opened(&self) -> String {
        let mut text = format!("# Power `{}` in {}\n\n{}\n", self.name, self.folder, self.description);
        if !self.body.is_empty() {
            text.push_str(&format!("\n{}\n", self.body));
        }
        let mut list = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                text.push_str(&format!("\n{title}\n{}", lines.concat()));
            }
        };
        list(
            "Servers; their tools are called as server/tool when the person lets them start:",
            self.servers.iter().map(|(_, name)| format!("- {name}\n")).collect(),
        );
        list(
            "Skills:",
            self.skills
                .iter()
                .map(|skill| {
                    format!("- {}: {}\n", skill.name, crate::skill::one_line(&skill.description, 400))
                })
                .collect(),
        );
        list(
            "Steering files; read one when the work is about it:",
            self.steering.iter().map(|file| format!("- {} ({} bytes)\n", file.path, file.bytes)).collect(),
        );
        text
    }
}

fn refused<T>(why: String, found: Findings) -> Reading<T> {
    Reading::Refused { why, diagnostics: found.into_vec() }
}

/// The name that a power's server has in a session.
pub fn server_name(power: &str, server: &str) -> String {
    format!("{SERVER_PREFIX}{power}-{server}")
}

/// Names and descriptions of powers, bounded.
pub fn catalog(powers: &[Power]) -> String {
    listed(powers.iter().map(|power| (power.name.as_str(), power.description.as_str())), CATALOG_BYTES_MAX)
}

fn manifest(bytes: &[u8], found: &mut Findings) -> Option<Node> {
    let (root, problems) = data::read(bytes, Notation::Json);
    found.extend(problems);
    let root = root?;
    if !matches!(root.value, Value::Map(_)) {
        let message = format!("`plugin.json` is {}, not a map", root.kind());
        found.error("power/wrong-type", root.span, message, "begin it with `{`");
        return None;
    }
    let schema = root.get("$schema").and_then(Node::as_str);
    if !schema.is_some_and(|schema| schema.starts_with("https://agent-plugins.org/schemas/1.")) {
        let span = root.get("$schema").map_or(first_line(bytes), |node| node.span);
        let message = "`$schema` does not name a version of Agent Plugins that is known";
        let hint = "write https://agent-plugins.org/schemas/1.0.0/plugin.schema.json";
        found.warning("power/schema", span, message, hint);
    }
    Some(root)
}

fn old(bytes: &[u8], found: &mut Findings) -> (Option<Node>, String) {
    let split = front::split(bytes);
    let body = front::text(bytes, split.body, found);
    let Some((span, notation)) = split.front else {
        let message = "`POWER.md` begins with front matter";
        let hint = "begin with `---`, `name: …`, `description: …`, `keywords: […]`, `---`";
        found.error("power/no-front-matter", first_line(bytes), message, hint);
        return (None, body);
    };
    match front::tree(bytes, span, notation, found) {
        Some(root) if matches!(root.value, Value::Map(_)) => (Some(root), body),
        Some(root) => {
            let message = format!("the front matter is {}, not a map", root.kind());
            found.error("power/wrong-type", root.span, message, "write one `key: value` on each line");
            (None, body)
        }
        None => (None, body),
    }
}

fn say_unknown(fields: &Fields<'_>, format: Format, found: &mut Findings) {
    let common = ["name", "version", "description", "author", "keywords", "displayName", "license"];
    let new = ["$schema", "homepage", "repository", "extensions"];
    let old = ["homepage", "repository", "icon", "iconUrl", "tags", "category"];
    let more: &[&str] = if format == Format::New { &new } else { &old };
    let known: Vec<&str> = common.iter().chain(more).copied().collect();
    fields.unknown(&known, &[], found);
}

fn name(fields: &Fields<'_>, folder: &str, format: Format, found: &mut Findings) -> Option<String> {
    let span = fields.get("name").map_or(fields.key("name"), |node| node.span);
    let Some(name) = fields.text("name", found) else {
        let message = format!("a power needs a `name`; it is called `{}` after its folder", shown(folder));
        found.error("power/no-name", span, message, "");
        return is_name(folder).then(|| folder.to_string());
    };
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let at_edge = |c: char| c == '-' || c == '.';
    let is_good = name.chars().all(good)
        && name.len() <= 64
        && !name.starts_with(at_edge)
        && !name.ends_with(at_edge)
        && !name.contains("--")
        && !name.contains("..");
    if !is_good {
        let message = format!("`{}` is no good name for a power", shown(&name));
        let hint = "use lowercase letters, digits, single `-` and `.`, at most 64";
        match format {
            Format::New => found.error("power/name", span, message, hint),
            Format::Old => found.warning("power/name", span, message, hint),
        }
    }
    if is_name(&name) { Some(name) } else { is_name(folder).then(|| folder.to_string()) }
}

fn author(fields: &Fields<'_>, found: &mut Findings) -> Option<String> {
    let node = fields.get("author")?;
    if matches!(node.value, Value::Map(_)) {
        return node.get("name").and_then(Node::as_str).map(str::to_string);
    }
    fields.text("author", found)
}

fn keywords(fields: &Fields<'_>, found: &mut Findings) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (word, span) in fields.texts("keywords", Some(','), found) {
        if tokens(&word).is_empty() {
            let message =
                format!("the keyword `{}` has no letter or digit and calls for nothing", shown(&word));
            found.warning("power/keyword", span, message, "");
        } else if !words.contains(&word) {
            words.push(word);
        }
        if words.len() == KEYWORDS_MAX {
            let message = format!("only the first {KEYWORDS_MAX} keywords are looked for");
            found.warning("power/too-many", fields.key("keywords"), message, "");
            break;
        }
    }
    if words.is_empty() {
        let message = "a power without `keywords` is never called for by what a person says";
        found.hint("power/no-keywords", fields.key("keywords"), message, "name the words that it is about");
    }
    words
}

type Servers = (Option<Node>, Vec<(String, String)>, Vec<Diagnostic>);

fn servers(power: &str, mcp: Option<&[u8]>) -> Servers {
    let Some(bytes) = mcp else { return (None, Vec::new(), Vec::new()) };
    let (root, problems) = data::read(bytes, Notation::Json);
    let mut found = Findings::default();
    let tolerated = ["data/comment", "data/trailing-comma"];
    found.extend(problems.into_iter().filter(|problem| !tolerated.contains(&problem.code)));
    let mut servers = Vec::new();
    if let Some(root) = &root {
        match root.get("mcpServers") {
            Some(node) => {
                for (key, _) in node.members().iter().take(crate::fields::ITEMS_MAX) {
                    servers.push((key.name.clone(), server_name(power, &key.name)));
                }
            }
            None => {
                let message = "`mcp.json` names no servers";
                found.warning("power/no-servers", root.span, message, "write them in `mcpServers`");
            }
        }
    }
    (root, servers, found.into_vec())
}

/// A power that a person's words call for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The power's name.
    pub power: String,
    /// The keyword that was found first.
    pub keyword: String,
    /// Where in the words, in bytes.
    pub at: Span,
}

/// Which powers some words call for: a keyword fits when its words stand there one behind the other, whole, whatever their
/// case and whether blanks, `-` or `_` are between them. In the order of the powers; looks at [`WORDS_BYTES_MAX`] bytes.
pub fn called_for(powers: &[Power], words: &str) -> Vec<Called> {
    let mut end = words.len().min(WORDS_BYTES_MAX);
    while !words.is_char_boundary(end) {
        end -= 1;
    }
    let said = tokens(words.get(..end).unwrap_or_default());
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, (word, _)) in said.iter().enumerate() {
        places.entry(word).or_default().push(at);
    }
    let mut called = Vec::new();
    for power in powers {
        let first = power.keywords.iter().filter_map(|keyword| {
            let wanted = tokens(keyword);
            let (first, _) = wanted.first()?;
            const PLACES_MAX: usize = 1_000;
            let starts = places.get(first.as_str())?.iter().take(PLACES_MAX);
            let fits = |start: &&usize| {
                let window = said.get(**start..**start + wanted.len());
                window.is_some_and(|window| window.iter().zip(&wanted).all(|((a, _), (b, _))| a == b))
            };
            let start = *starts.into_iter().find(fits)?;
            let from = said.get(start)?.1;
            let to = said.get(start + wanted.len() - 1)?.1;
            Some((start, keyword, Span::between(from.offset, to.end())))
        });
        if let Some((_, keyword, at)) = first.min_by_key(|(start, _, _)| *start) {
            called.push(Called { power: power.name.clone(), keyword: keyword.clone(), at });
        }
    }
    called
}

/// Words in lower case with their places. `c++`, `c#`, `.net` and `node.js` are one word each.
fn tokens(text: &str) -> Vec<(String, Span)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '+' | '#' | '.');
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, is_part(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = text.get(from..at).unwrap_or_default();
                // A full stop at the end is no part of a word; one at its beginning is, as in `.net`.
                let word = word.trim_end_matches('.');
                if word.chars().any(char::is_alphanumeric) {
                    found.push((word.to_lowercase(), Span { offset: from, len: word.len() }));
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
#[path = "power_tests.rs"]
mod tests;
