//! Agent Skills (agentskills.io): `SKILL.md`, the list of names and descriptions, and what opening one gives. Opens no file.

use spec::data::Value;
use spec::{Diagnostic, Span};

use crate::fields::{Fields, ITEMS_MAX, SKILL};
use crate::front;
use crate::prompt::is_name;
use crate::say::{Findings, first_line, shown};
use crate::{Origin, Reading};

/// The longest name, in characters.
pub const NAME_MAX: usize = 64;

/// The longest description, in characters.
pub const DESCRIPTION_MAX: usize = 1_024;

/// The longest note of compatibility, in characters.
pub const COMPATIBILITY_MAX: usize = 500;

/// Lines of a body beyond which it should be split, as the specification recommends.
pub const BODY_LINES: usize = 500;

/// Bytes of the list of skills, or powers, in the description of a tool. It is sent on every turn.
pub const CATALOG_BYTES_MAX: usize = 8 * 1024;

/// Files listed of one skill.
pub const FILES_MAX: usize = 200;

/// A file beside `SKILL.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its path below the skill's folder, with `/`.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A skill.
#[derive(Clone, Debug, PartialEq)]
pub struct Skill {
    /// Its name.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// Under which licence it is.
    pub license: Option<String>,
    /// What it needs around it.
    pub compatibility: Option<String>,
    /// Whatever else its author says.
    pub metadata: Vec<(String, String)>,
    /// Tools that its author thinks need no question. Said to the person; they grant nothing.
    pub allowed_tools: Vec<String>,
    /// The instructions.
    pub body: String,
    /// What lies beside it, in order of path; `SKILL.md` left out.
    pub files: Vec<Beside>,
    /// The folder, as it is shown to a person.
    pub folder: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Skill {
    /// Reads the bytes of a `SKILL.md`. `folder` is where it lies, with `/`; its last name is what the skill should be called.
    pub fn read(folder: &str, origin: Origin, bytes: &[u8], files: Vec<Beside>) -> Reading<Skill> {
        let mut found = Findings::default();
        let refused = |why: &str, found: Findings| Reading::Refused {
            why: why.to_string(),
            diagnostics: found.into_vec(),
        };
        let split = front::split(bytes);
        let Some((span, notation)) = split.front else {
            let message = "a skill begins with front matter";
            let hint = "begin `SKILL.md` with `---`, `name: …`, `description: …`, `---`";
            found.error("skill/no-front-matter", first_line(bytes), message, hint);
            return refused("it has no front matter", found);
        };
        let root = match front::tree(bytes, span, notation, &mut found) {
            Some(root) if matches!(root.value, Value::Map(_)) => root,
            root => {
                let at = root.map_or(span, |root| root.span);
                let message = "the front matter is no map";
                found.error("skill/wrong-type", at, message, "write one `key: value` on each line");
                return refused("its front matter cannot be read", found);
            }
        };
        let fields = Fields::of(&root, SKILL);
        let known = ["name", "description", "license", "compatibility", "metadata", "allowed-tools"];
        let others = [
            "version",
            "user-invocable",
            "disable-model-invocation",
            "context",
            "agent",
            "model",
            "argument-hint",
        ];
        fields.unknown(&known, &others, &mut found);
        let called = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
        let Some(name) = name(&fields, called, &mut found) else {
            return refused("it has no name that can be used", found);
        };
        let Some(description) = fields.text("description", &mut found) else {
            let message = "a skill without a `description` is never chosen";
            let hint = "say what it does and when to use it";
            found.error("skill/no-description", fields.key("description"), message, hint);
            return refused("it has no description", found);
        };
        too_long(&fields, "description", &description, DESCRIPTION_MAX, &mut found);
        let compatibility = fields.text("compatibility", &mut found);
        if let Some(text) = &compatibility {
            too_long(&fields, "compatibility", text, COMPATIBILITY_MAX, &mut found);
        }
        let license = fields.text("license", &mut found);
        let metadata = metadata(&fields, &mut found);
        let allowed = fields.texts("allowed-tools", Some(' '), &mut found);
        let body = front::text(bytes, split.body, &mut found);
        if body.is_empty() {
            found.warning("skill/empty", split.body, "the skill says nothing behind its front matter", "");
        }
        let lines = body.lines().count();
        if lines > BODY_LINES {
            let message = format!("the skill has {lines} lines, and all of them are read when it is opened");
            found.hint("skill/long", split.body, message, "move what is not always needed to `references/`");
        }
        let mut files = files;
        files.retain(|file| file.path != "SKILL.md");
        files.sort_by(|a, b| a.path.cmp(&b.path));
        if files.len() > FILES_MAX {
            let message = format!("{} files lie beside it; {FILES_MAX} are listed", files.len());
            found.warning("skill/too-many", first_line(bytes), message, "");
            files.truncate(FILES_MAX);
        }
        Reading::Read(Skill {
            name,
            description,
            license,
            compatibility,
            metadata,
            allowed_tools: allowed.into_iter().map(|(word, _)| word).collect(),
            body,
            files,
            folder: folder.to_string(),
            origin,
            diagnostics: found.into_vec(),
        })
    }

    /// What opening it gives: its instructions and a list of what lies beside it, which is read when needed.
    pub fn opened(&self) -> String {
        let mut text = format!("# Skill `{}` in {}\n\n{}\n", self.name, self.folder, self.body);
        if !self.files.is_empty() {
            text.push_str("\nFiles beside it; read one when the instructions need it:\n");
            for file in &self.files {
                let path = one_line(&file.path, 300);
                text.push_str(&format!("- {}/{path} ({} bytes)\n", self.folder, file.bytes));
            }
        }
        text
    }
}

fn name(fields: &Fields<'_>, folder: &str, found: &mut Findings) -> Option<String> {
    let span = fields.get("name").map_or(fields.key("name"), |node| node.span);
    let Some(name) = fields.word("name", found) else {
        let message = format!("a skill needs a `name`; it is called `{}` after its folder", shown(folder));
        found.error("skill/no-name", span, message, "Kiro leaves it out until it has one");
        return is_name(folder).then(|| folder.to_string());
    };
    let good = |c: char| c.is_lowercase() || c.is_ascii_digit() || c == '-';
    let is_good = name.chars().all(|c| good(c) && (c.is_ascii() || c.is_alphanumeric()));
    if !is_good || name.starts_with('-') || name.ends_with('-') || name.contains("--") {
        let message = format!("`{}` is no good name for a skill", shown(&name));
        let hint = "use lowercase letters, digits and single `-`, as in `pdf-forms`";
        found.warning("skill/name", span, message, hint);
    }
    too_long(fields, "name", &name, NAME_MAX, found);
    if !is_name(&name) {
        return is_name(folder).then(|| folder.to_string());
    }
    if name != folder {
        let message = format!("the skill is called `{}` and its folder `{}`", shown(&name), shown(folder));
        found.warning("skill/folder", span, message, "give both the same name");
    }
    Some(name)
}

fn too_long(fields: &Fields<'_>, key: &str, text: &str, max: usize, found: &mut Findings) {
    let count = text.chars().count();
    if count > max {
        let message = format!("`{key}` has {count} characters, more than {max}");
        let span = fields.get(key).map_or(Span::default(), |node| node.span);
        found.warning(
            "skill/too-long",
            span,
            message,
            "shorten it; the list of skills is sent on every turn",
        );
    }
}

fn metadata(fields: &Fields<'_>, found: &mut Findings) -> Vec<(String, String)> {
    let Some(node) = fields.get("metadata") else { return Vec::new() };
    if !matches!(node.value, Value::Map(_)) {
        fields.wrong("metadata", node, "a map", found);
    }
    let members = node.members().iter().take(ITEMS_MAX);
    let shown = |value: &spec::data::Node| match &value.value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::List(items) => {
            items.iter().filter_map(spec::data::Node::as_str).collect::<Vec<_>>().join(", ")
        }
        Value::Null => String::new(),
        Value::Map(_) => "(a map)".to_string(),
    };
    members.map(|(key, value)| (key.name.clone(), shown(value))).collect()
}

/// Names and descriptions of skills, one on each line, within [`CATALOG_BYTES_MAX`] bytes. Empty when there are none.
pub fn catalog(skills: &[Skill]) -> String {
    listed(skills.iter().map(|skill| (skill.name.as_str(), skill.description.as_str())), CATALOG_BYTES_MAX)
}

/// A list of names and descriptions within a bound: first the descriptions are shortened, all alike; what still does not fit
/// is counted.
pub(crate) fn listed<'a>(items: impl Iterator<Item = (&'a str, &'a str)>, bytes_max: usize) -> String {
    let items: Vec<(String, &str)> =
        items.map(|(name, description)| (one_line(name, NAME_MAX), description)).collect();
    for characters in [DESCRIPTION_MAX, 400, 200, 100, 40, 0] {
        let line = |(name, description): &(String, &str)| match characters {
            0 => format!("- {name}\n"),
            _ => format!("- {name}: {}\n", one_line(description, characters)),
        };
        let lines: Vec<String> = items.iter().map(line).collect();
        if lines.iter().map(String::len).sum::<usize>() <= bytes_max {
            return lines.concat();
        }
    }
    const ROOM: usize = 40;
    let mut text = String::new();
    for (at, (name, _)) in items.iter().enumerate() {
        if text.len() + name.len() + 3 + ROOM > bytes_max {
            text.push_str(&format!("and {} more\n", items.len() - at));
            break;
        }
        text.push_str(&format!("- {name}\n"));
    }
    text
}

/// The first characters of a text on one line, control characters as blanks.
pub(crate) fn one_line(text: &str, characters: usize) -> String {
    let mut line = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let length = word.chars().count() + usize::from(count > 0);
        if count + length > characters {
            if count == 0 {
                line.extend(word.chars().take(characters));
            }
            line.push('…');
            break;
        }
        if count > 0 {
            line.push(' ');
        }
        line.push_str(word);
        count += length;
    }
    line
}

#[cfg(test)]
#[path = "skill_tests.rs"]
mod tests;
