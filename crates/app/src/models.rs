//! From flags, settings and environment to the model that is asked. The order is documented in docs/models.md.
#![expect(clippy::disallowed_methods, reason = "recordings, certificates and AWS files are read here")]

use std::path::Path;
use std::sync::Arc;

use conversation::{Cost, Limits, Model, Price};
use model::{
    Api, Auth, Certificates, ChooseError, Key, ModelName, Network, Proxies, Recording, Settings, Thinking,
};

use crate::config::{Config, PriceConfig, ProviderConfig};
use crate::error::{Error, Outcome};
use crate::world::{self, World};
use crate::{aws, keys};

/// What a model is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Writing documents and plans.
    Plan,
    /// Carrying out tasks and requests.
    Execute,
}

/// The largest recording that is read.
const RECORDING_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The name of the model for this role: the flag, the role's setting, the general setting, the first key found.
pub(crate) fn name(world: &World, config: &Config, flag: Option<&str>, role: Role) -> Outcome<ModelName> {
    let by_role = match role {
        Role::Plan => &config.roles.plan,
        Role::Execute => &config.roles.execute,
    };
    let named = flag.map(str::to_string).or_else(|| by_role.clone()).or_else(|| config.model.clone());
    if let Some(named) = named {
        return ModelName::parse(&named).map_err(Error::usage);
    }
    let present = |variable: &str| world.variable(variable);
    match model::discover(&present).into_iter().next() {
        Some(found) => Ok(found.name),
        None => Err(no_provider()),
    }
}

/// Whether the settings name a model for this role.
pub(crate) fn is_set(config: &Config, role: Role) -> bool {
    let by_role = match role {
        Role::Plan => &config.roles.plan,
        Role::Execute => &config.roles.execute,
    };
    by_role.is_some() || config.model.is_some()
}

/// The longest word for an effort.
const EFFORT_MAX: usize = 16;

/// The model that the file of an agent names, with the effort that it asks for where the settings of the provider ask for none.
///
/// # Errors
/// Why it cannot be had, in words.
pub(crate) fn of_agent(
    world: &World,
    config: &Config,
    wanted: &str,
    effort: Option<&str>,
) -> Result<Arc<dyn Model>, String> {
    // A recording is played for whoever asks for it by the flag; a file of the repository does not.
    let named = ModelName::parse(wanted).ok().filter(|name| name.provider != "replay");
    let named = named.ok_or_else(|| "models are named `provider/model`".to_string())?;
    // A word, as providers know them: `low`, `high`, `max`.
    let is_word =
        |word: &&str| word.len() <= EFFORT_MAX && word.bytes().all(|byte| byte.is_ascii_lowercase());
    open_with(world, config, &named, effort.filter(is_word)).map_err(|error| error.cause)
}

/// The model for agents of hooks, or one that says there is none: hooks that run commands need no model.
pub(crate) fn for_hooks(
    world: &World,
    config: &Config,
    flag: Option<&str>,
    role: Role,
) -> Outcome<Arc<dyn Model>> {
    match name(world, config, flag, role) {
        Ok(name) => open(world, config, &name),
        Err(error) if flag.is_some() => Err(error),
        Err(error) => Ok(Arc::new(Nobody(error.cause))),
    }
}

/// Stands where no model is configured.
struct Nobody(String);

impl Model for Nobody {
    fn name(&self) -> &str {
        "none/none"
    }

    fn limits(&self) -> conversation::Limits {
        conversation::Limits { context: 0, output: 0 }
    }

    fn price(&self) -> Option<conversation::Price> {
        None
    }

    fn ask<'a>(
        &'a self,
        _prompt: &'a conversation::Prompt<'a>,
        _on_delta: &'a mut (dyn FnMut(conversation::Delta) + Send),
    ) -> conversation::Later<'a, Result<conversation::Reply, conversation::ModelError>> {
        let kind = conversation::ModelErrorKind::UnknownModel;
        Box::pin(std::future::ready(Err(conversation::ModelError::new(kind, &self.0))))
    }
}

/// The model of that name, ready to be asked. Nothing is connected yet.
pub(crate) fn open(world: &World, config: &Config, name: &ModelName) -> Outcome<Arc<dyn Model>> {
    open_with(world, config, name, None)
}

fn open_with(
    world: &World,
    config: &Config,
    name: &ModelName,
    effort: Option<&str>,
) -> Outcome<Arc<dyn Model>> {
    if name.provider == "replay" {
        return replay(&world.directory.join(&name.model));
    }
    let empty = ProviderConfig::default();
    let own = config.providers.get(&name.provider).unwrap_or(&empty);
    let full = format!("{}/{}", name.provider, name.model);
    let mut settings = Settings::of(name, Arc::new(world::now));
    settings.seed = world::random();
    settings.network = network(world, config, own)?;
    settings.headers = own.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    settings.price = config.prices.get(&full).map(price);
    settings.limits = config.limits.get(&full).map(|own| Limits { context: own.context, output: own.output });
    settings.thinking = match (own.thinking_tokens, own.effort.as_deref().or(effort)) {
        (Some(tokens), _) => Thinking::Budget(tokens),
        (None, Some(effort)) => Thinking::Effort(effort.to_string()),
        (None, None) => Thinking::Default,
    };
    if let Some(api) = &own.api {
        settings.api = api_named(api, &name.provider)?;
    }
    let known = model::provider(&name.provider);
    let variables = known.map_or(&[][..], |known| known.base_url_variables);
    let from_environment = variables.iter().find_map(|variable| world.variable(variable));
    if let Some(url) = own.base_url.clone().or(from_environment) {
        settings.base_url = url.trim_end_matches('/').to_string();
    }
    settings.region = own.region.clone().or_else(|| world.variable("AWS_REGION"));
    settings.auth = match &own.key {
        Some(source) => Auth::Key(Key::new(keys::read(world, &name.provider, source)?)),
        None if settings.api == Api::Bedrock => {
            let (auth, region) = aws::auth(world, own)?;
            settings.region = region;
            auth
        }
        None => {
            let variables = known.map_or(&[][..], |known| known.key_variables);
            let found = variables.iter().find_map(|variable| world.variable(variable));
            found.map_or(Auth::None, |key| Auth::Key(Key::new(key)))
        }
    };
    model::choose(settings).map(Arc::from).map_err(|error| match error {
        ChooseError::NoKey { .. } => Error::unavailable(&error)
            .hint(format!(
                "or name a source in config.toml: [providers.{}] key = {{ command = \"…\" }}",
                name.provider
            ))
            .hint("`waypost doctor` shows what is found here"),
        ChooseError::UnknownProvider(_) => Error::usage(&error)
            .hint(format!("add [providers.{}] with api and base_url to config.toml", name.provider)),
        other => Error::usage(other),
    })
}

/// A recording as a model.
pub(crate) fn replay(path: &Path) -> Outcome<Arc<dyn Model>> {
    let shown = path.display();
    let size = std::fs::metadata(path)
        .map_err(|error| Error::usage(format!("the recording `{shown}` cannot be read: {error}")))?
        .len();
    if size > RECORDING_BYTES_MAX {
        return Err(Error::usage(format!("the recording `{shown}` is larger than 64 MiB")));
    }
    let bytes = std::fs::read(path)
        .map_err(|error| Error::usage(format!("the recording `{shown}` cannot be read: {error}")))?;
    recorded(&bytes, &shown.to_string())
}

/// The model that these recorded turns make.
pub(crate) fn recorded(bytes: &[u8], name: &str) -> Outcome<Arc<dyn Model>> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let recording = Recording::parse(text)
        .map_err(|error| Error::usage(format!("the recording `{name}` is not as it should be: {error}")))?;
    Ok(Arc::new(model::Replay::new(name, recording)))
}

/// The limit on money, as typed or set.
pub(crate) fn budget(flag: Option<f64>, config: &Config) -> Outcome<Option<Cost>> {
    let Some(dollars) = flag.or(config.max_cost) else { return Ok(None) };
    if !(0.0..=1_000_000.0).contains(&dollars) {
        return Err(Error::usage(format!("a budget of {dollars} dollars makes no sense")));
    }
    Ok(Some(Cost(micros(dollars))))
}

/// No provider was found.
fn no_provider() -> Error {
    Error::unavailable("no model provider is configured")
        .hint("set ANTHROPIC_API_KEY, OPENAI_API_KEY, OPENROUTER_API_KEY or AWS credentials, or")
        .hint("name a local one: --model ollama/qwen3-coder, or")
        .hint("try everything without an account: waypost demo")
}

fn api_named(word: &str, provider: &str) -> Outcome<Api> {
    match word {
        "anthropic" => Ok(Api::Anthropic),
        "responses" => Ok(Api::Responses),
        "chat" => Ok(Api::Chat),
        "bedrock" => Ok(Api::Bedrock),
        other => {
            Err(Error::usage(format!("provider `{provider}` has the api `{other}`, which does not exist"))
                .hint("api is one of anthropic, responses, chat, bedrock"))
        }
    }
}

/// How a provider is reached, by settings and environment.
pub(crate) fn network(world: &World, config: &Config, own: &ProviderConfig) -> Outcome<Network> {
    let http_client::Network { proxies, certificates } = reached(world, config)?;
    let mut network = Network { proxies, certificates, ..Network::default() };
    if let Some(seconds) = own.idle_seconds {
        network.idle_timeout_ms = seconds.saturating_mul(1000);
    }
    Ok(network)
}

/// How servers of any kind are reached, by settings and environment.
pub(crate) fn reached(world: &World, config: &Config) -> Outcome<http_client::Network> {
    let either = |upper: &str, lower: &str| world.variable(lower).or_else(|| world.variable(upper));
    let mut network = http_client::Network::default();
    network.proxies = Proxies {
        // `HTTP_PROXY` in upper case can be set by a CGI caller, so only the lower case form counts, as in curl.
        http_proxy: world.variable("http_proxy"),
        https_proxy: either("HTTPS_PROXY", "https_proxy"),
        all_proxy: config.network.proxy.clone().or_else(|| either("ALL_PROXY", "all_proxy")),
        no_proxy: either("NO_PROXY", "no_proxy"),
    };
    if config.network.proxy.is_some() {
        network.proxies.http_proxy = None;
        network.proxies.https_proxy = None;
    }
    let from_environment = world.variable("SSL_CERT_FILE").or_else(|| world.variable("NODE_EXTRA_CA_CERTS"));
    let file = config.network.ca_file.clone().or_else(|| from_environment.map(Into::into));
    if let Some(file) = file {
        let pem = std::fs::read(&file).map_err(|error| {
            Error::usage(format!("the certificates in `{}` cannot be read: {error}", file.display()))
        })?;
        network.certificates = Certificates::Also(pem);
    }
    Ok(network)
}

fn price(own: &PriceConfig) -> Price {
    Price {
        input: micros(own.input),
        cache_read: micros(own.cache_read.unwrap_or(own.input)),
        cache_write: micros(own.cache_write.unwrap_or(own.input)),
        output: micros(own.output),
    }
}

/// Millionths of a dollar, rounded.
pub(crate) fn micros(dollars: f64) -> u64 {
    (dollars.max(0.0) * 1_000_000.0).round() as u64
}
