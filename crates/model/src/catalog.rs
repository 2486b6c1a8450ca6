//! The providers by name, what is known of each, and the order in which they are found. Reads no environment: it
//! names the variables, the front door reads them.

/// The wire that a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Responses.
    Responses,
    /// OpenAI Chat Completions, and everything compatible with it.
    Chat,
    /// Amazon Bedrock ConverseStream.
    Bedrock,
    /// Recorded turns; no network.
    Replay,
}

/// What is known of a provider before anyone configures it.
#[derive(Debug)]
pub struct Provider {
    /// Its name, as in `provider/model`.
    pub name: &'static str,
    /// The wire that it speaks.
    pub api: Api,
    /// Where it answers.
    pub base_url: &'static str,
    /// Environment variables that may hold its key, in order.
    pub key_variables: &'static [&'static str],
    /// Environment variables that may hold another address, in order.
    pub base_url_variables: &'static [&'static str],
    /// Whether it cannot be asked without a key.
    pub key_required: bool,
    /// The model that [`discover`] chooses, or `None` where nobody can know.
    pub model: Option<&'static str>,
}

/// Every provider known by name, in the order in which [`discover`] looks. Any other name works too: give it a
/// base URL and it is spoken to in Chat Completions.
pub const PROVIDERS: &[Provider] = &[
    Provider {
        name: "anthropic",
        api: Api::Anthropic,
        base_url: "https://api.anthropic.com",
        key_variables: &["ANTHROPIC_API_KEY"],
        base_url_variables: &["ANTHROPIC_BASE_URL"],
        key_required: true,
        model: Some("claude-sonnet-5-5"),
    },
    Provider {
        name: "openai",
        api: Api::Responses,
        base_url: "https://api.openai.com/v1",
        key_variables: &["OPENAI_API_KEY"],
        base_url_variables: &["OPENAI_BASE_URL"],
        key_required: true,
        model: Some("gpt-6-sol"),
    },
    Provider {
        name: "bedrock",
        api: Api::Bedrock,
        base_url: "",
        key_variables: &["AWS_BEARER_TOKEN_BEDROCK"],
        base_url_variables: &["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"],
        key_required: true,
        model: Some("global.anthropic.claude-sonnet-5-5"),
    },
    Provider {
        name: "openrouter",
        api: Api::Chat,
        base_url: "https://openrouter.ai/api/v1",
        key_variables: &["OPENROUTER_API_KEY"],
        base_url_variables: &["OPENROUTER_BASE_URL"],
        key_required: true,
        model: Some("anthropic/claude-sonnet-5.5"),
    },
    Provider {
        name: "ollama",
        api: Api::Chat,
        base_url: "http://127.0.0.1:11434/v1",
        key_variables: &["OLLAMA_API_KEY"],
        base_url_variables: &["OLLAMA_BASE_URL", "OLLAMA_HOST"],
        key_required: false,
        model: None,
    },
    Provider {
        name: "lmstudio",
        api: Api::Chat,
        base_url: "http://127.0.0.1:1234/v1",
        key_variables: &["LMSTUDIO_API_KEY"],
        base_url_variables: &["LMSTUDIO_BASE_URL"],
        key_required: false,
        model: None,
    },
    Provider {
        name: "llamacpp",
        api: Api::Chat,
        base_url: "http://127.0.0.1:8080/v1",
        key_variables: &["LLAMACPP_API_KEY"],
        base_url_variables: &["LLAMACPP_BASE_URL"],
        key_required: false,
        model: None,
    },
    Provider {
        name: "vllm",
        api: Api::Chat,
        base_url: "http://127.0.0.1:8000/v1",
        key_variables: &["VLLM_API_KEY"],
        base_url_variables: &["VLLM_BASE_URL"],
        key_required: false,
        model: None,
    },
    Provider {
        name: "replay",
        api: Api::Replay,
        base_url: "",
        key_variables: &[],
        base_url_variables: &[],
        key_required: false,
        model: None,
    },
];

/// `provider/model`, read. The model may itself contain `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName {
    /// Before the first `/`.
    pub provider: String,
    /// After it: a model's id, or for `replay` the path of a recording.
    pub model: String,
}

/// A text is not `provider/model`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is no `/`, or nothing on one side of it.
    #[error("`{0}` is not of the form `provider/model`, for example `anthropic/claude-sonnet-5-5`")]
    Form(String),
}

/// A provider that the environment offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The provider and its default model.
    pub name: ModelName,
    /// The variable that shows it.
    pub variable: &'static str,
}

/// The provider of that name.
pub fn provider(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.name == name)
}

impl ModelName {
    /// Reads `provider/model`.
    ///
    /// # Errors
    /// [`NameError`] when there is no provider or no model in it.
    pub fn parse(text: &str) -> Result<ModelName, NameError> {
        match text.trim().split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => {
                Ok(ModelName { provider: provider.to_string(), model: model.to_string() })
            }
            _ => Err(NameError::Form(text.to_string())),
        }
    }
}

impl std::fmt::Display for ModelName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// The providers that environment values offer, in order of preference: those of [`PROVIDERS`] that have a
/// default model and whose key is there, in the order of that list; Bedrock also counts as found when plain AWS
/// keys and a region, or a profile, are there. Local servers are never guessed: they must be named.
pub fn discover(present: &dyn Fn(&str) -> Option<String>) -> Vec<Found> {
    let there = |name: &str| present(name).is_some_and(|value| !value.trim().is_empty());
    let mut found = Vec::new();
    for provider in PROVIDERS {
        let Some(model) = provider.model else { continue };
        let mut variable = provider.key_variables.iter().copied().find(|name| there(name));
        if provider.api == Api::Bedrock && variable.is_none() {
            let region = there("AWS_REGION") || there("AWS_DEFAULT_REGION");
            variable = if there("AWS_ACCESS_KEY_ID") && there("AWS_SECRET_ACCESS_KEY") && region {
                Some("AWS_ACCESS_KEY_ID")
            } else if there("AWS_PROFILE") {
                Some("AWS_PROFILE")
            } else {
                None
            };
        }
        if let Some(variable) = variable {
            let name = ModelName { provider: provider.name.to_string(), model: model.to_string() };
            found.push(Found { name, variable });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let parts = |text| ModelName::parse(text).map(|name| (name.provider, name.model)).ok();
        let both = |a: &str, b: &str| Some((a.to_string(), b.to_string()));
        assert_eq!(parts("anthropic/claude-sonnet-5-5"), both("anthropic", "claude-sonnet-5-5"));
        assert_eq!(parts("openrouter/qwen/qwen3-coder"), both("openrouter", "qwen/qwen3-coder"));
        assert_eq!(parts("replay//abs/demo.json"), both("replay", "/abs/demo.json"));
        assert_eq!(parts(" ollama/qwen3:8b "), both("ollama", "qwen3:8b"));
        for broken in ["", "claude", "/x", "anthropic/"] {
            assert_eq!(parts(broken), None, "{broken}");
        }
    }

    #[test]
    fn discovery_order() {
        let check = |set: &[&str], expect: &[(&str, &str)]| {
            let found = discover(&|name| set.contains(&name).then(|| "x".to_string()));
            let found: Vec<_> = found.iter().map(|f| (f.name.provider.as_str(), f.variable)).collect();
            assert_eq!(found, expect, "{set:?}");
        };
        check(&[], &[]);
        check(
            &["OPENAI_API_KEY", "ANTHROPIC_API_KEY"],
            &[("anthropic", "ANTHROPIC_API_KEY"), ("openai", "OPENAI_API_KEY")],
        );
        check(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], &[]);
        check(
            &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"],
            &[("bedrock", "AWS_ACCESS_KEY_ID")],
        );
        check(
            &["AWS_PROFILE", "OPENROUTER_API_KEY"],
            &[("bedrock", "AWS_PROFILE"), ("openrouter", "OPENROUTER_API_KEY")],
        );
        check(&["AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE"], &[("bedrock", "AWS_BEARER_TOKEN_BEDROCK")]);
        assert!(discover(&|_| Some(" ".to_string())).is_empty(), "an empty variable is not there");
    }
}
