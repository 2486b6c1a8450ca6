//! `waypost mcp prompt` and `waypost mcp resource`: what a server offers beside tools, listed or fetched. Asks no model.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::mcp_look::Desk;
use crate::cli::{McpPrompt, McpResource};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::term::{one_line, text_line};
use crate::world::World;

/// What a server offers, or one of these.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct McpOffered {
    pub(crate) server: String,
    /// What there is, a line each; empty when one was asked for.
    pub(crate) listed: Vec<String>,
    /// The text of the one that was asked for. Somebody else's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

/// Lists the prompts of a server, or fills one in.
pub(crate) async fn prompt(world: World, screen: Arc<Screen>, flags: McpPrompt) -> Outcome<Exit> {
    let mut arguments = serde_json::Map::new();
    for argument in &flags.arguments {
        let (name, value) = argument.split_once('=').ok_or_else(|| {
            Error::usage(format!("`{argument}` has no `=`")).hint("an argument is written NAME=VALUE")
        })?;
        arguments.insert(name.to_string(), value.into());
    }
    let mut desk = Desk::open(world, Arc::clone(&screen), flags.agent.as_deref())?;
    let name = desk.entry(&flags.name)?.name;
    let permit = desk.started(&name).await?;
    let came = match &flags.prompt {
        None => desk.servers.prompts(&name, &permit).await.map(|prompts| {
            let lines =
                prompts.into_iter().map(|(name, what)| format!("{name}  {what}").trim_end().to_string());
            (lines.collect(), None)
        }),
        Some(prompt) => {
            let got = desk.servers.prompt(&name, prompt, arguments, &permit).await;
            got.map(|text| (Vec::new(), Some(text)))
        }
    };
    desk.servers.stop_all().await;
    tell(&screen, &name, came)
}

/// Lists the resources of a server and the templates of more, or reads one.
pub(crate) async fn resource(world: World, screen: Arc<Screen>, flags: McpResource) -> Outcome<Exit> {
    let mut desk = Desk::open(world, Arc::clone(&screen), flags.agent.as_deref())?;
    let name = desk.entry(&flags.name)?.name;
    let permit = desk.started(&name).await?;
    let came = match &flags.uri {
        None => desk.servers.resources(&name, &permit).await.map(|lines| (lines, None)),
        Some(uri) => desk.servers.read(&name, uri, &permit).await.map(|text| (Vec::new(), Some(text))),
    };
    desk.servers.stop_all().await;
    tell(&screen, &name, came)
}

fn tell(screen: &Screen, server: &str, came: Result<(Vec<String>, Option<String>), String>) -> Outcome<Exit> {
    let (listed, text) = came.map_err(|why| {
        Error::failed(why).hint(format!("waypost mcp test {server} shows what the server offers"))
    })?;
    let offered = McpOffered { server: server.to_string(), listed, text };
    screen.document(&offered, |offered| match &offered.text {
        Some(text) => text.lines().map(text_line).collect::<Vec<_>>().join("\n"),
        None if offered.listed.is_empty() => "it offers none".to_string(),
        None => offered.listed.iter().map(|line| one_line(line)).collect::<Vec<_>>().join("\n"),
    });
    Ok(Exit::Done)
}
