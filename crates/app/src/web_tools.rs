//! From the settings to the tools that reach the web, and the fetcher that they share with `#url`. Fetches nothing itself.

use std::sync::Arc;
use std::time::Duration;

use conversation::Tool;
use web::{Bounds, DelegatedSearch, Fetcher, Key, Settings, WebFetch, WebSearch, providers};

use crate::config::{Config, SearchConfig};
use crate::error::{Error, Outcome};
use crate::world::World;
use crate::{keys, models};

/// The most of a page that settings may ask for, in MiB, and the longest that they may wait, in seconds.
const PAGE_MIB_MAX: u64 = 64;
const SECONDS_MAX: u64 = 300;

/// Gives the tool of an MCP server by `server/tool`, when there is one.
pub(crate) type Delegate<'a> = &'a dyn Fn(&str) -> Option<Box<dyn Tool>>;

/// The tools that reach the web, as the settings have them: `web_fetch` unless it is switched off, `web_search` where there is
/// someone to ask.
///
/// # Errors
/// When the settings under `[web]` make no sense.
pub(crate) fn tools(world: &World, config: &Config, delegate: Delegate<'_>) -> Outcome<Vec<Box<dyn Tool>>> {
    let web = &config.web;
    let mut tools: Vec<Box<dyn Tool>> = Vec::new();
    if web.fetch == Some(false) && web.search.is_none() {
        return Ok(tools);
    }
    let fetcher = Arc::new(fetcher(world, config)?);
    if web.fetch != Some(false) {
        tools.push(Box::new(WebFetch::new(Arc::clone(&fetcher))));
    }
    if let Some(search) = &web.search {
        tools.extend(searcher(world, search, fetcher, delegate)?);
    }
    Ok(tools)
}

/// The fetcher of the settings.
pub(crate) fn fetcher(world: &World, config: &Config) -> Outcome<Fetcher> {
    let usual = Bounds::default();
    let within = |name: &str, value: u64, most: u64| match value {
        0 => Err(Error::usage(format!("[web] {name} is 0; leave it out or give a number"))),
        value if value > most => Err(Error::usage(format!("[web] {name} is more than {most}"))),
        value => Ok(value),
    };
    let bytes_max = match config.web.max_mib {
        Some(mib) => usize::try_from(within("max_mib", mib, PAGE_MIB_MAX)? << 20).unwrap_or(usize::MAX),
        None => usual.bytes_max,
    };
    let time_max = match config.web.seconds {
        Some(seconds) => Duration::from_secs(within("seconds", seconds, SECONDS_MAX)?),
        None => usual.time_max,
    };
    let network = models::reached(world, config)?;
    Ok(Fetcher::new(network, Bounds { bytes_max, time_max }, web::resolve()))
}

/// `web_search`; nothing when it is an MCP server's and that server is not there.
fn searcher(
    world: &World,
    search: &SearchConfig,
    fetcher: Arc<Fetcher>,
    delegate: Delegate<'_>,
) -> Outcome<Option<Box<dyn Tool>>> {
    let known = || {
        let mut names: Vec<&str> = providers().iter().map(|provider| provider.name()).collect();
        names.push("mcp");
        names.join(", ")
    };
    if search.provider == "mcp" {
        let Some(tool) = &search.tool else {
            return Err(Error::usage("[web.search] with provider `mcp` needs `tool`")
                .hint("name it as `server/tool`, as in tool = \"searx/search\""));
        };
        let argument = search.argument.as_deref().unwrap_or("query");
        let inner = delegate(tool);
        return Ok(inner.map(|inner| -> Box<dyn Tool> { Box::new(DelegatedSearch::new(inner, argument)) }));
    }
    let provider = providers().into_iter().find(|provider| provider.name() == search.provider);
    let Some(provider) = provider else {
        return Err(Error::usage(format!(
            "[web.search] has the provider `{}`, which does not exist",
            search.provider
        ))
        .hint(format!("provider is one of {}", known())));
    };
    let key = search.key.clone().map(|source| -> Key {
        let world = world.clone();
        let name = search.provider.clone();
        // Read when it is needed: a command may ask the person to touch a token.
        Box::new(move || keys::read(&world, &name, &source).map_err(|error| error.cause))
    });
    let settings = Settings { provider, base_url: search.base_url.clone(), key };
    settings.check().map_err(|error| {
        Error::usage(format!("[web.search]: {error}")).hint("docs/web.md lists what each provider needs")
    })?;
    Ok(Some(Box::new(WebSearch::new(fetcher, settings))))
}
