//! From plain settings to a model that can be asked. Reads nothing: every value is given.

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use conversation::{Model, Price};

use crate::anthropic::Anthropic;
use crate::aws_credentials::AwsAuth;
use crate::bedrock::Bedrock;
use crate::bedrock_cache::cache_points;
use crate::catalog::{Api, provider};
use crate::openai_chat::Chat;
use crate::openai_responses::Responses;
use crate::prices::{limits_of, price_of};
use crate::remote::Remote;
use crate::settings::{Auth, Settings};
use crate::sigv4;
use crate::transport::Transport;
use crate::wire::Wire;

/// Settings make no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChooseError {
    /// The provider is not one that is known, and no address was given.
    #[error("provider `{0}` is not known and has no base URL")]
    UnknownProvider(String),
    /// The provider cannot be asked without a key.
    #[error("no key for provider `{provider}`; set {variables}")]
    NoKey {
        /// The provider.
        provider: String,
        /// Where it is looked for.
        variables: String,
    },
    /// The base URL is not `http://…` or `https://…`.
    #[error("`{0}` is not an http or https address")]
    BaseUrl(String),
    /// A header's name or value cannot be sent.
    #[error("header `{0}` cannot be sent")]
    Header(String),
    /// Bedrock is in a region.
    #[error("no AWS region; set AWS_REGION")]
    NoRegion,
    /// `replay` needs a recording, not settings.
    #[error("`replay` plays a recording: read one and make a `Replay` of it")]
    Replay,
}

/// A model of these settings. Connects to nothing: the client is built at the first request.
///
/// # Errors
/// [`ChooseError`] says which setting is missing or makes no sense.
pub fn choose(settings: Settings) -> Result<Box<dyn Model>, ChooseError> {
    let known = provider(&settings.provider);
    if settings.api == Api::Replay {
        return Err(ChooseError::Replay);
    }
    let base_url = base_url(&settings)?;
    // Whoever names another address, a gateway or a local server, knows whether it wants a key.
    let own_address = known.is_some_and(|known| trimmed(known.base_url) == base_url);
    let keyless = matches!(settings.auth, Auth::None);
    if let Some(known) = known.filter(|known| keyless && known.key_required)
        && (own_address || known.api == Api::Bedrock)
    {
        let variables = known.key_variables.join(" or ");
        return Err(ChooseError::NoKey { provider: settings.provider, variables });
    }
    for (name, value) in &settings.headers {
        let sendable = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && value.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if !sendable {
            return Err(ChooseError::Header(crate::errors::clean(name)));
        }
    }
    let limits = settings.limits.unwrap_or_else(|| limits_of(&settings.model));
    let price = settings.price.or_else(|| price_of(&settings.provider, &settings.model));
    let price = price.or_else(|| costs_nothing(&settings.provider, &base_url));
    let name = format!("{}/{}", settings.provider, settings.model);
    let secrets = match &settings.auth {
        Auth::Key(key) | Auth::Bearer(key) => vec![key.secret().to_string()],
        Auth::Aws(AwsAuth::Fixed(keys)) => vec![keys.secret.secret().to_string()],
        Auth::Aws(AwsAuth::Refreshed(_)) | Auth::None => Vec::new(),
    };
    Ok(Box::new(Remote {
        name: name.clone(),
        provider: settings.provider.clone(),
        limits,
        price,
        transport: Transport::new(settings.network.clone(), &base_url),
        clock: settings.clock.clone(),
        retry_wait_ms: settings.network.retry_wait_ms,
        seed: settings.seed,
        asked: AtomicU64::new(0),
        secrets,
        wire: wire(settings, base_url, name, limits.output)?,
    }))
}

fn wire(
    settings: Settings,
    base_url: String,
    name: String,
    output: u64,
) -> Result<Box<dyn Wire>, ChooseError> {
    // Reasoning is bound to the model that made it, and to the wire.
    let usual = provider(&settings.provider).is_some_and(|known| known.api == settings.api);
    let own = if usual { name } else { format!("{name} ({:?})", settings.api) };
    let Settings { provider, model, auth, headers, thinking, max_tokens_field, clock, .. } = settings;
    Ok(match settings.api {
        Api::Anthropic => {
            let url = format!("{}/v1/messages", base_url.strip_suffix("/v1").unwrap_or(&base_url));
            Box::new(Anthropic { provider, model, url, auth, headers, output, thinking, own })
        }
        Api::Responses => {
            let url = format!("{base_url}/responses");
            Box::new(Responses { provider, model, url, auth, headers, output, thinking, own })
        }
        Api::Chat | Api::Replay => {
            let url = format!("{base_url}/chat/completions");
            let marks = provider == "openrouter" && model.starts_with("anthropic/");
            Box::new(Chat {
                provider,
                model,
                url,
                auth,
                headers,
                output,
                max_tokens_field,
                thinking,
                marks,
                own,
            })
        }
        Api::Bedrock => {
            let path = format!("/model/{}/converse-stream", sigv4::encode(&model, false));
            let url = format!("{base_url}{path}");
            let after = base_url.split_once("://").map(|(_, after)| after).unwrap_or_default();
            let (host, prefix) = after.find('/').map_or((after, ""), |at| after.split_at(at));
            Box::new(Bedrock {
                provider,
                host: host.to_string(),
                path: format!("{prefix}{path}"),
                url,
                region: settings.region.unwrap_or_default(),
                auth,
                headers,
                output,
                thinking,
                cache: cache_points(&model),
                clock,
                fetched: Mutex::new(None),
                own,
            })
        }
    })
}

/// The address that requests go to, in the one form that the rest relies on.
fn base_url(settings: &Settings) -> Result<String, ChooseError> {
    let given = settings.base_url.trim();
    if settings.api == Api::Bedrock {
        let region = settings.region.as_deref().unwrap_or_default();
        let named = region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if region.is_empty() || !named {
            return Err(ChooseError::NoRegion);
        }
        if given.is_empty() {
            let tail = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            return Ok(format!("https://bedrock-runtime.{region}.{tail}"));
        }
    }
    if given.is_empty() {
        return Err(ChooseError::UnknownProvider(settings.provider.clone()));
    }
    // Ollama's own variable holds `host:port`, and its compatible API lives below `/v1`.
    let ollama = settings.provider == "ollama";
    let url = if ollama && !given.contains("://") { format!("http://{given}") } else { given.to_string() };
    let mut url = trimmed(&url).to_string();
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)) else {
        return Err(ChooseError::BaseUrl(crate::errors::clean(given)));
    };
    if ollama && !rest.contains('/') {
        url = format!("{}/v1", url.replace("://0.0.0.0", "://127.0.0.1"));
    }
    Ok(url)
}

fn trimmed(url: &str) -> &str {
    url.trim_end_matches('/')
}

/// A server program on this very machine sends no bill.
fn costs_nothing(provider: &str, base_url: &str) -> Option<Price> {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|place| {
        base_url.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    let server = ["ollama", "lmstudio", "llamacpp", "vllm"].contains(&provider);
    (local && server).then_some(Price { input: 0, cache_read: 0, cache_write: 0, output: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ModelName;
    use crate::key::Key;
    use crate::settings::Auth;

    use conversation::Limits;
    use std::sync::Arc;
    use std::time::SystemTime;

    fn settings(name: &str) -> Settings {
        Settings::of(&ModelName::parse(name).unwrap(), Arc::new(|| SystemTime::UNIX_EPOCH))
    }

    #[test]
    fn addresses() {
        let check = |name: &str, given: Option<&str>, region: Option<&str>, expect: &str| {
            let mut settings = settings(name);
            settings.region = region.map(str::to_string);
            if let Some(given) = given {
                settings.base_url = given.to_string();
            }
            let found = base_url(&settings).unwrap_or_else(|error| error.to_string());
            assert_eq!(found, expect, "{name} {given:?}");
        };
        check("anthropic/x", None, None, "https://api.anthropic.com");
        check("openai/x", Some(" http://127.0.0.1:1/v1/ "), None, "http://127.0.0.1:1/v1");
        check("ollama/x", Some("0.0.0.0:11434"), None, "http://127.0.0.1:11434/v1");
        check("ollama/x", Some("http://box:11434"), None, "http://box:11434/v1");
        check("ollama/x", Some("http://box:11434/v1"), None, "http://box:11434/v1");
        check("bedrock/x", None, Some("us-east-1"), "https://bedrock-runtime.us-east-1.amazonaws.com");
        check("bedrock/x", None, None, "no AWS region; set AWS_REGION");
        check("bedrock/x", None, Some("evil.com/"), "no AWS region; set AWS_REGION");
        check("mygateway/x", None, None, "provider `mygateway` is not known and has no base URL");
        check("mygateway/x", Some("ftp://x"), None, "`ftp://x` is not an http or https address");
    }

    #[test]
    fn what_is_missing_is_named() {
        let check = |settings: Settings, expect: &str| {
            let found = choose(settings).map(|model| model.name().to_string());
            assert_eq!(found.unwrap_or_else(|error| error.to_string()), expect);
        };
        check(settings("anthropic/x"), "no key for provider `anthropic`; set ANTHROPIC_API_KEY");
        check(Settings { base_url: "http://gateway".to_string(), ..settings("anthropic/x") }, "anthropic/x");
        check(settings("vllm/qwen"), "vllm/qwen");
        check(Settings { auth: Auth::Key(Key::new("k")), ..settings("openai/gpt-5") }, "openai/gpt-5");
        let headers = vec![("a b".to_string(), String::new())];
        check(Settings { headers, ..settings("vllm/qwen") }, "header `a b` cannot be sent");
        check(settings("replay/x"), "`replay` plays a recording: read one and make a `Replay` of it");
    }

    #[test]
    fn price_and_limits_are_the_persons_own_first() {
        let price = Price { input: 1, cache_read: 2, cache_write: 3, output: 4 };
        let limits = Limits { context: 5, output: 6 };
        let own = Settings {
            price: Some(price),
            limits: Some(limits),
            auth: Auth::Key(Key::new("k")),
            ..settings("anthropic/claude-opus-5-5")
        };
        let model = choose(own).unwrap();
        assert_eq!((model.price(), model.limits()), (Some(price), limits));
        let local = choose(settings("ollama/qwen3")).unwrap();
        assert_eq!(local.price().map(|price| price.output), Some(0), "on this machine");
        let elsewhere = Settings { base_url: "http://box/v1".to_string(), ..settings("vllm/qwen") };
        assert_eq!(choose(elsewhere).unwrap().price(), None);
    }

    #[test]
    fn a_key_is_never_shown() {
        assert_eq!(format!("{:?}", Auth::Key(Key::new("sk-1"))), "Key(Key(…))");
    }
}
