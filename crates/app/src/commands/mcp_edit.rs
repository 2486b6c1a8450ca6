//! `waypost mcp add` and `waypost mcp remove`: a server into a file and out of one, with everything else in it left as it is.

use std::path::PathBuf;

use mcp::config::{Layer, Scope, merge};
use serde_json::{Map, Value, json};

use crate::cli::{McpAdd, McpRemove, McpScope};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::mcp_servers;
use crate::workspace::{Workspace, write_whole};
use crate::world::World;

/// Adds.
pub(crate) fn add(world: &World, screen: &Screen, add: &McpAdd) -> Outcome<Exit> {
    let entry = match (&add.url, add.command.split_first()) {
        (Some(url), _) => json!({"url": url, "headers": pairs(&add.header)?}),
        (None, Some((command, arguments))) => {
            json!({"command": command, "args": arguments, "env": pairs(&add.env)?})
        }
        (None, None) => {
            return Err(Error::usage("neither a program nor an address was named")
                .hint(format!("waypost mcp add {} -- PROGRAM ARGUMENTS, or --url https://…", add.name)));
        }
    };
    let entry = without_empty(entry);
    // Nothing is written that could not be used.
    let whole = json!({"mcpServers": {add.name.clone(): entry}}).to_string();
    let merged = merge(vec![Layer::read(Scope::User, "the new entry", whole.as_bytes())]);
    if let Some((_, why)) = merged.broken.first() {
        let told = merged.diagnostics.first().map_or_else(|| why.clone(), |(_, found)| found.message.clone());
        return Err(Error::usage(format!("`{}` cannot be a server: {told}", add.name)));
    }
    let (path, shown, text) = file(world, add.scope)?;
    let changed = mcp_servers::put(&text, &add.name, &entry)
        .map_err(|why| Error::failed(format!("`{shown}` was not changed: {why}")))?;
    write_whole(&path, changed.as_bytes())?;
    screen.notice(&format!("`{}` is in {shown} now", add.name));
    next(screen, add.scope, &add.name);
    Ok(Exit::Done)
}

/// Removes.
pub(crate) fn remove(world: &World, screen: &Screen, remove: &McpRemove) -> Outcome<Exit> {
    let (path, shown, text) = file(world, remove.scope)?;
    let changed = mcp_servers::remove(&text, &remove.name).map_err(|why| {
        Error::usage(format!("`{shown}` was not changed: {why}"))
            .hint("`waypost mcp list` says what is where")
    })?;
    write_whole(&path, changed.as_bytes())?;
    screen.notice(&format!("`{}` is no longer in {shown}", remove.name));
    if remove.scope == McpScope::Workspace {
        screen.notice("the file has to be trusted again: waypost trust");
    }
    Ok(Exit::Done)
}

fn next(screen: &Screen, scope: McpScope, name: &str) {
    let trust = if scope == McpScope::Workspace { "waypost trust, then " } else { "" };
    screen.notice(&format!("next: {trust}waypost mcp test {name}"));
}

/// The file, its name for people, and its text; empty when there is none.
fn file(world: &World, scope: McpScope) -> Outcome<(PathBuf, String, String)> {
    let workspace = Workspace::find(world)?;
    let path = match scope {
        McpScope::User => world.home.join(mcp_servers::FILE),
        McpScope::Workspace => workspace.root.join(mcp_servers::FILE),
    };
    let shown = mcp_servers::shown(world, &workspace, &path);
    let bytes = mcp_servers::read(&path)
        .map_err(|why| Error::failed(format!("`{shown}` is left as it is: {why}")))?
        .unwrap_or_default();
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::failed(format!("`{shown}` is left as it is: it is not UTF-8 text")))?;
    Ok((path, shown, text))
}

fn pairs(texts: &[String]) -> Outcome<Map<String, Value>> {
    texts
        .iter()
        .map(|text| match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                Ok((name.to_string(), Value::String(value.to_string())))
            }
            _ => Err(Error::usage(format!("`{text}` is not NAME=VALUE"))),
        })
        .collect()
}

fn without_empty(entry: Value) -> Value {
    let Value::Object(mut members) = entry else { return entry };
    members.retain(|_, value| match value {
        Value::Object(inner) => !inner.is_empty(),
        Value::Array(inner) => !inner.is_empty(),
        _ => true,
    });
    Value::Object(members)
}
