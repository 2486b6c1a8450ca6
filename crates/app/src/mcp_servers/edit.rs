//! Putting a server into the text of an `mcp.json` and taking one out, with everything else left as it is. Writes no file.

use spec::data::{Node, Notation, Value, read};

/// The text with this server in it, in the place of one of the same name. An empty text becomes a whole file.
///
/// # Errors
/// Why the text cannot be changed by hand of a program.
pub(crate) fn put(text: &str, name: &str, entry: &serde_json::Value) -> Result<String, String> {
    let member = format!("{}: {}", quoted(name), shown(entry, 2));
    if text.trim().is_empty() {
        return checked(format!("{{\n  \"mcpServers\": {{\n    {member}\n  }}\n}}\n"), name, true);
    }
    let text =
        remove(text, name).or_else(|why| if why == NOT_THERE { Ok(text.to_string()) } else { Err(why) })?;
    let root = parsed(&text)?;
    let changed = match root.get("mcpServers") {
        Some(servers) => insert(&text, servers, &member, 4)?,
        None => insert(&text, &root, &format!("\"mcpServers\": {{\n    {member}\n  }}"), 2)?,
    };
    checked(changed, name, true)
}

/// The text without this server.
///
/// # Errors
/// When it is not there, or the text cannot be changed.
pub(crate) fn remove(text: &str, name: &str) -> Result<String, String> {
    let root = parsed(text)?;
    let members = root.get("mcpServers").map(Node::members).unwrap_or_default();
    let at = members.iter().position(|(key, _)| key.name == name).ok_or(NOT_THERE)?;
    let begin = |at: usize| members.get(at).map(|(key, _)| key.span.offset);
    let end = |at: usize| members.get(at).map(|(_, value)| value.span.offset + value.span.len);
    let (Some(from), Some(to)) = (begin(at), end(at)) else { return Err(NOT_THERE.to_string()) };
    let range = match (at.checked_sub(1).and_then(end), begin(at + 1)) {
        (_, Some(next)) => from..next,
        (Some(before), None) => before..to,
        (None, None) => from..to,
    };
    let mut changed = text.to_string();
    if changed.get(range.clone()).is_none() {
        return Err("its text cannot be cut there".to_string());
    }
    changed.replace_range(range, "");
    checked(changed, name, false)
}

/// What is said of a server that is not in the text.
pub(crate) const NOT_THERE: &str = "there is no server of that name in it";

fn parsed(text: &str) -> Result<Node, String> {
    let (root, found) = read(text.as_bytes(), Notation::Json);
    let root = root.filter(|root| matches!(root.value, Value::Map(_)));
    root.ok_or_else(|| {
        let why = found.first().map_or("it is no JSON object", |found| found.message.as_str());
        format!("it cannot be understood: {why}")
    })
}

/// A member at the beginning of a map: there no comma and no comment can be in the way.
fn insert(text: &str, map: &Node, member: &str, indent: usize) -> Result<String, String> {
    if !matches!(map.value, Value::Map(_)) {
        return Err("its `mcpServers` is no map".to_string());
    }
    let at = map.span.offset + 1;
    let (before, after) = text.split_at_checked(at).ok_or("its text cannot be cut there")?;
    let pad = " ".repeat(indent);
    Ok(match map.members().is_empty() {
        true => format!("{before}\n{pad}{member}\n{}{}", " ".repeat(indent - 2), after.trim_start()),
        false => format!("{before}\n{pad}{member},{after}"),
    })
}

/// The text, when it can be read again and says what it should.
fn checked(text: String, name: &str, is_there: bool) -> Result<String, String> {
    let root = parsed(&text)?;
    let found = root.get("mcpServers").and_then(|servers| servers.get(name)).is_some();
    if found == is_there { Ok(text) } else { Err("the change would not say what it should".to_string()) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_string()).to_string()
}

/// The entry over several lines, as a person would write it.
fn shown(entry: &serde_json::Value, depth: usize) -> String {
    let text = serde_json::to_string_pretty(entry).unwrap_or_else(|_| entry.to_string());
    text.replace('\n', &format!("\n{}", "  ".repeat(depth)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check_put(text: &str, expected: &str) {
        assert_eq!(put(text, "a", &json!({"command": "x"})).unwrap(), expected);
    }

    #[test]
    fn a_server_is_put_in_beside_what_is_there() {
        let entry = "\"a\": {\n      \"command\": \"x\"\n    }";
        check_put("", &format!("{{\n  \"mcpServers\": {{\n    {entry}\n  }}\n}}\n"));
        check_put("{\"mcpServers\": {}}", &format!("{{\"mcpServers\": {{\n    {entry}\n  }}}}"));
        check_put(
            "{\"mcpServers\": { // mine\n  \"b\": {\"command\": \"y\"}, // last\n}}",
            &format!(
                "{{\"mcpServers\": {{\n    {entry}, // mine\n  \"b\": {{\"command\": \"y\"}}, // last\n}}}}"
            ),
        );
        check_put("{\"other\": 1}", &format!("{{\n  \"mcpServers\": {{\n    {entry}\n  }},\"other\": 1}}"));
        assert!(put("[]", "a", &json!({})).is_err());
        assert!(put("{\"mcpServers\": 3}", "a", &json!({})).is_err());
    }

    #[test]
    fn a_server_is_taken_out_or_replaced() {
        let text = "{\"mcpServers\": {\"a\": {\"command\": \"1\"}, \"b\": {\"command\": \"2\"}}}";
        assert_eq!(remove(text, "a").unwrap(), "{\"mcpServers\": {\"b\": {\"command\": \"2\"}}}");
        assert_eq!(remove(text, "b").unwrap(), "{\"mcpServers\": {\"a\": {\"command\": \"1\"}}}");
        assert_eq!(remove(text, "c").unwrap_err(), NOT_THERE);
        let again = put(text, "b", &json!({"command": "3"})).unwrap();
        assert!(again.contains("\"3\"") && !again.contains("\"2\""), "{again}");
    }
}
