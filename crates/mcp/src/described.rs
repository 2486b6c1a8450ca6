//! What a server says of its tools, looked through before anybody is told: names, texts and schemas within bounds. Pure.

use conversation::Digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Tools read from one server.
pub const TOOLS_MAX: usize = 500;

/// The longest name of a tool, in characters.
pub const TOOL_NAME_CHARS_MAX: usize = 64;

/// The longest description that a model is told, in bytes; the rest is cut off and said.
pub const DESCRIPTION_BYTES_MAX: usize = 8 * 1024;

/// The largest schema, in bytes of compact JSON; a tool with a larger one is left out.
pub const SCHEMA_BYTES_MAX: usize = 64 * 1024;

/// The deepest schema.
pub const SCHEMA_DEPTH_MAX: usize = 32;

/// A tool as its server describes it, within bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// Its name at the server.
    pub name: String,
    /// What the server says of it.
    pub description: String,
    /// The JSON Schema of its input, compact.
    pub schema: String,
    /// What the server claims of its effects. Shown, and never a ground for a decision.
    #[serde(default)]
    pub claims: Claims,
}

/// What a server claims of a tool's effects. Nobody has checked it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// `readOnlyHint`.
    pub reads_only: Option<bool>,
    /// `destructiveHint`.
    pub destroys: Option<bool>,
    /// `idempotentHint`.
    pub repeatable: Option<bool>,
    /// `openWorldHint`.
    pub reaches_out: Option<bool>,
}

/// What came of looking through a list of tools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vetted {
    /// The tools that can be offered, in the order of the server.
    pub tools: Vec<Described>,
    /// What was left out or changed, each as a sentence part that names the tool.
    pub notes: Vec<String>,
}

impl Described {
    /// Of all that the server says of it: name, description, schema and claims.
    pub fn digest(&self) -> Digest {
        let claims = self.claims;
        let claims = [claims.reads_only, claims.destroys, claims.repeatable, claims.reaches_out]
            .map(|claim| claim.map_or('-', |yes| if yes { 'y' } else { 'n' }));
        let claims: String = claims.into_iter().collect();
        let mut bytes = Vec::new();
        for part in [&self.name, &self.description, &self.schema, &claims] {
            bytes.extend_from_slice(part.len().to_string().as_bytes());
            bytes.push(b':');
            bytes.extend_from_slice(part.as_bytes());
        }
        Digest::of(&bytes)
    }

    /// The schema as providers take it: with `type` and `properties`, without what they refuse at its top. The server still
    /// gets to see whether the arguments fit all of it.
    pub fn told_schema(&self) -> String {
        let Ok(mut schema) = serde_json::from_str::<Map<String, Value>>(&self.schema) else {
            return "{\"type\":\"object\",\"properties\":{}}".to_string();
        };
        for word in
            ["$schema", "$id", "anyOf", "oneOf", "allOf", "not", "enum", "const", "if", "then", "else"]
        {
            schema.shift_remove(word);
        }
        schema.entry("type").or_insert_with(|| Value::String("object".to_string()));
        schema.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        Value::Object(schema).to_string()
    }

    /// About how many tokens it costs to tell a model of it.
    pub fn tokens(&self) -> u64 {
        const BYTES_PER_TOKEN: usize = 4;
        let bytes = self.name.len() + self.description.len() + self.schema.len();
        (bytes / BYTES_PER_TOKEN) as u64 + 10
    }
}

impl Claims {
    /// The claims as words: `says that it only reads`.
    pub fn words(self) -> Vec<&'static str> {
        let mut words = Vec::new();
        let mut add = |claim: Option<bool>, yes, no| match claim {
            Some(true) => words.push(yes),
            Some(false) => words.push(no),
            None => {}
        };
        add(self.reads_only, "only reads", "changes things");
        add(self.destroys, "may destroy", "destroys nothing");
        add(self.repeatable, "may be repeated", "not to be repeated");
        add(self.reaches_out, "reaches out", "stays local");
        words
    }
}

/// Looks through the tools of a server, as JSON. Each bad one is left out by itself.
pub fn vet(tools: &[Value]) -> Vetted {
    let mut vetted = Vetted::default();
    for tool in tools {
        if vetted.tools.len() >= TOOLS_MAX {
            vetted.notes.push(format!("only its first {TOOLS_MAX} tools are read, of {}", tools.len()));
            break;
        }
        match look(tool, &mut vetted.notes) {
            Ok(tool) if vetted.tools.iter().any(|known| known.name == tool.name) => {
                vetted.notes.push(format!("the tool `{}` is there twice; the first counts", tool.name));
            }
            Ok(tool) => vetted.tools.push(tool),
            Err(why) => vetted.notes.push(why),
        }
    }
    // Nobody reads the hundredth, and a hostile server could write thousands.
    const NOTES_MAX: usize = 100;
    let more = vetted.notes.len().saturating_sub(NOTES_MAX);
    if more > 0 {
        vetted.notes.truncate(NOTES_MAX);
        vetted.notes.push(format!("{more} more of this kind"));
    }
    vetted
}

fn look(tool: &Value, notes: &mut Vec<String>) -> Result<Described, String> {
    let name = tool.get("name").and_then(Value::as_str).ok_or("a tool without a name is left out")?;
    let shown: String =
        name.chars().take(TOOL_NAME_CHARS_MAX).map(|c| if is_seen(c) { c } else { '?' }).collect();
    let out = |why: String| format!("the tool `{shown}` is left out: {why}");
    if name.is_empty() || name.chars().count() > TOOL_NAME_CHARS_MAX {
        return Err(out(format!("its name has not between 1 and {TOOL_NAME_CHARS_MAX} characters")));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:".contains(c)) {
        return Err(out("its name has other characters than letters, digits and `_-./:`".to_string()));
    }
    let schema = tool.get("inputSchema").and_then(Value::as_object);
    let schema = schema.ok_or_else(|| out("its schema is not an object".to_string()))?;
    let schema = check_schema(schema).map_err(|why| out(format!("its schema {why}")))?;
    let said = tool.get("description").and_then(Value::as_str).unwrap_or_default();
    let (description, note) = plain(said);
    if let Some(note) = note {
        notes.push(format!("the description of `{name}` {note}"));
    }
    let hint = |field: &str| tool.get("annotations").and_then(|it| it.get(field)).and_then(Value::as_bool);
    let claims = Claims {
        reads_only: hint("readOnlyHint"),
        destroys: hint("destructiveHint"),
        repeatable: hint("idempotentHint"),
        reaches_out: hint("openWorldHint"),
    };
    Ok(Described { name: name.to_string(), description, schema, claims })
}

/// The description without characters that nobody sees, and not too long.
fn plain(said: &str) -> (String, Option<String>) {
    let mut kept: String = said.chars().filter(|c| is_seen(*c) || matches!(c, '\n' | '\t')).collect();
    let hidden = said.chars().count() - kept.chars().count();
    let is_long = kept.len() > DESCRIPTION_BYTES_MAX;
    if is_long {
        let cut = kept.floor_char_boundary(DESCRIPTION_BYTES_MAX);
        kept.truncate(cut);
        kept.push_str(" […]");
    }
    let carriage_returns = said.matches('\r').count();
    let note = match (is_long, hidden > carriage_returns) {
        (true, _) => Some(format!("is cut at {DESCRIPTION_BYTES_MAX} of {} bytes", said.len())),
        (false, true) => Some(format!("lost {hidden} characters that nobody would see")),
        (false, false) => None,
    };
    (kept, note)
}

/// Not a control, not a mark of direction, not a tag, not without width: what can hide words from a person and not from a model.
fn is_seen(c: char) -> bool {
    let is_hidden = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !is_hidden
}

/// The schema as it came, when it is an object of properties, no deeper and no larger than the bounds, and names nothing outside.
fn check_schema(schema: &Map<String, Value>) -> Result<String, String> {
    match schema.get("type") {
        Some(Value::String(kind)) if kind == "object" => {}
        Some(_) => return Err("does not describe an object".to_string()),
        None => {}
    }
    if !schema.get("properties").is_none_or(Value::is_object) {
        return Err("has `properties` that are no object".to_string());
    }
    let required = schema.get("required");
    if !required.is_none_or(|list| list.as_array().is_some_and(|list| list.iter().all(Value::is_string))) {
        return Err("has a `required` that is no list of names".to_string());
    }
    let whole = Value::Object(schema.clone());
    walk(&whole, 0)?;
    let text = whole.to_string();
    if text.len() > SCHEMA_BYTES_MAX {
        return Err(format!("has {} bytes; {SCHEMA_BYTES_MAX} are the most", text.len()));
    }
    Ok(text)
}

fn walk(value: &Value, depth: usize) -> Result<(), String> {
    if depth > SCHEMA_DEPTH_MAX {
        return Err(format!("is nested deeper than {SCHEMA_DEPTH_MAX}"));
    }
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref")
                && !reference.starts_with('#')
            {
                return Err("refers to another document".to_string());
            }
            members.values().try_for_each(|value| walk(value, depth + 1))
        }
        Value::Array(items) => items.iter().try_for_each(|value| walk(value, depth + 1)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(tools: Value, names: &[&str], notes: &[&str]) {
        let vetted = vet(tools.as_array().unwrap());
        assert_eq!(vetted.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), names);
        assert_eq!(vetted.notes, notes);
    }

    #[test]
    fn a_bad_tool_is_left_out_alone() {
        let fine = json!({"name": "fine", "inputSchema": {"type": "object"}});
        check(json!([fine]), &["fine"], &[]);
        check(
            json!([{"inputSchema": {}}, 3, {"name": "a b", "inputSchema": {}}, {"name": "", "inputSchema": {}}, fine]),
            &["fine"],
            &[
                "a tool without a name is left out",
                "a tool without a name is left out",
                "the tool `a b` is left out: its name has other characters than letters, digits and `_-./:`",
                "the tool `` is left out: its name has not between 1 and 64 characters",
            ],
        );
        check(json!([fine, fine]), &["fine"], &["the tool `fine` is there twice; the first counts"]);
        let mut deep = json!({});
        (0..40).for_each(|_| deep = json!({"properties": {"a": deep}}));
        let schema = |schema: Value| json!({"name": "x", "inputSchema": schema});
        for (bad, why) in [
            (json!("no"), "its schema is not an object"),
            (json!({"type": "string"}), "its schema does not describe an object"),
            (json!({"properties": []}), "its schema has `properties` that are no object"),
            (json!({"required": [1]}), "its schema has a `required` that is no list of names"),
            (json!({"properties": {"a": {"$ref": "https://x/y"}}}), "its schema refers to another document"),
            (deep, "its schema is nested deeper than 32"),
        ] {
            check(json!([schema(bad), fine]), &["fine"], &[&format!("the tool `x` is left out: {why}")]);
        }
        let long = json!({"properties": {"a": {"description": "x".repeat(SCHEMA_BYTES_MAX)}}});
        check(
            json!([schema(long)]),
            &[],
            &["the tool `x` is left out: its schema has 65575 bytes; 65536 are the most"],
        );
    }

    #[test]
    fn a_model_is_told_what_its_provider_takes() {
        let tool = json!({"name": "x", "inputSchema": {"$schema": "y", "oneOf": [], "required": ["a"]}});
        let tool = vet(&[tool]).tools.remove(0);
        assert_eq!(tool.schema, r#"{"$schema":"y","oneOf":[],"required":["a"]}"#);
        assert_eq!(tool.told_schema(), r#"{"required":["a"],"type":"object","properties":{}}"#);
    }

    #[test]
    fn what_nobody_sees_is_taken_out_and_what_is_long_is_cut() {
        let tool = |text: &str| json!({"name": "x", "description": text, "inputSchema": {}});
        let vetted = vet(&[tool("add\u{e0041}\u{200b} two\r\nnumbers")]);
        assert_eq!(vetted.tools[0].description, "add two\nnumbers");
        assert_eq!(vetted.notes, ["the description of `x` lost 3 characters that nobody would see"]);
        let vetted = vet(&[tool(&"é".repeat(9_000))]);
        assert!(vetted.tools[0].description.len() <= DESCRIPTION_BYTES_MAX + 8);
        assert_eq!(vetted.notes, ["the description of `x` is cut at 8192 of 18000 bytes"]);
    }

    #[test]
    fn claims_are_read_and_digested() {
        let tool =
            |hint: bool| json!({"name": "x", "inputSchema": {}, "annotations": {"readOnlyHint": hint}});
        let of = |tool: Value| vet(&[tool]).tools.remove(0);
        let (yes, no) = (of(tool(true)), of(tool(false)));
        assert_eq!(yes.claims.words(), ["only reads"]);
        assert_ne!(yes.digest(), no.digest());
        assert_eq!(yes.digest(), of(tool(true)).digest());
    }

    #[test]
    fn a_crowd_is_bounded() {
        let tools: Vec<Value> =
            (0..2_000).map(|n| json!({"name": format!("t{n}"), "inputSchema": {}})).collect();
        let vetted = vet(&tools);
        assert_eq!(vetted.tools.len(), TOOLS_MAX);
        assert_eq!(vetted.notes, ["only its first 500 tools are read, of 2000"]);
        let bad: Vec<Value> = (0..2_000).map(|n| json!({"name": format!("t{n}")})).collect();
        assert_eq!(vet(&bad).notes.len(), 101);
    }
}
