//! The person's settings file, as written and as read. Lives outside every repository: a repository sets nothing here.
#![expect(clippy::disallowed_methods, reason = "the settings file is read here")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Outcome};

/// `config.toml`. Every field may be left out; docs/settings.md explains each.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// `provider/model` for everything that no role names.
    pub(crate) model: Option<String>,
    /// `supervised` or `autopilot`.
    pub(crate) mode: Option<String>,
    /// Rules, `capability:pattern`.
    pub(crate) allow: Vec<String>,
    /// Rules that ask.
    pub(crate) ask: Vec<String>,
    /// Rules that deny.
    pub(crate) deny: Vec<String>,
    /// Answers of the model in one session.
    pub(crate) max_turns: Option<u32>,
    /// US dollars.
    pub(crate) max_cost: Option<f64>,
    /// A model for a role: `plan` writes documents and plans, `execute` carries out tasks and requests.
    pub(crate) roles: Roles,
    /// Providers beyond the known ones, or known ones with other settings.
    pub(crate) providers: BTreeMap<String, ProviderConfig>,
    /// US dollars per million tokens, by `provider/model`.
    pub(crate) prices: BTreeMap<String, PriceConfig>,
    /// Tokens, by `provider/model`.
    pub(crate) limits: BTreeMap<String, LimitsConfig>,
    /// MCP servers.
    pub(crate) mcp: McpConfig,
    /// How the network is reached.
    pub(crate) network: NetworkConfig,
    /// Rules with examples that are checked when the settings are read.
    #[serde(deserialize_with = "placed")]
    pub(crate) rules: Vec<RuleConfig>,
    /// How commands are held.
    pub(crate) sandbox: SandboxConfig,
    /// What hooks may do and use.
    pub(crate) hooks: HooksConfig,
    /// What may be referred to.
    pub(crate) secrets: SecretsConfig,
    /// Where signed heads of the ledger are anchored.
    pub(crate) audit: AuditConfig,
    /// Which steering is read beside Kiro's.
    pub(crate) steering: SteeringConfig,
    /// Pages and searches.
    pub(crate) web: WebConfig,
    /// Settings of single workspaces, by absolute path.
    pub(crate) workspaces: BTreeMap<PathBuf, WorkspaceConfig>,
}

/// A rule, as in Kiro's permissions.yaml, and what it is meant to speak of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleConfig {
    pub(crate) capability: String,
    /// `allow`, `ask` or `deny`.
    pub(crate) effect: String,
    #[serde(default, rename = "match")]
    pub(crate) matches: Vec<String>,
    #[serde(default)]
    pub(crate) exclude: Vec<String>,
    /// Targets that it must match.
    #[serde(default)]
    pub(crate) examples: Vec<String>,
    /// Targets that it must not match.
    #[serde(default)]
    pub(crate) counterexamples: Vec<String>,
    /// Where it stands: the byte while the file is read, the line from 1 afterwards.
    #[serde(skip)]
    at: usize,
}

/// The rules, each with the byte at which it stands.
fn placed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RuleConfig>, D::Error> {
    let rules = Vec::<toml::Spanned<RuleConfig>>::deserialize(deserializer)?;
    Ok(rules
        .into_iter()
        .map(|rule| {
            let at = rule.span().start;
            RuleConfig { at, ..rule.into_inner() }
        })
        .collect())
}

impl RuleConfig {
    /// The rule for the policy.
    pub(crate) fn written(&self) -> policy::WrittenRule {
        policy::WrittenRule {
            capability: self.capability.clone(),
            effect: match self.effect.as_str() {
                "allow" => Some(policy::Effect::Allow),
                "ask" => Some(policy::Effect::Ask),
                "deny" => Some(policy::Effect::Deny),
                _ => None,
            },
            matches: self.matches.clone(),
            excludes: self.exclude.clone(),
            line: u32::try_from(self.at).unwrap_or(u32::MAX),
            examples: policy::Examples {
                matches: self.examples.clone(),
                not_matches: self.counterexamples.clone(),
            },
        }
    }
}

/// How commands are held.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SandboxConfig {
    /// `on`, `strict` or `off`.
    pub(crate) mode: Option<String>,
    /// Paths that commands may read beside the usual.
    pub(crate) readable: Vec<String>,
    /// Paths that commands may write beside the workspace.
    pub(crate) writable: Vec<String>,
    /// Variables that commands get beside the usual.
    pub(crate) environment: Vec<String>,
    /// Seconds of processor time of each process.
    pub(crate) cpu_seconds: Option<u64>,
    /// Address space of each process, in MiB.
    pub(crate) memory_mib: Option<u64>,
    /// The largest file that is written, in MiB.
    pub(crate) file_mib: Option<u64>,
    /// Processes and threads at one time.
    pub(crate) processes: Option<u64>,
    /// Whether processes of a command may trace each other.
    pub(crate) tracing: bool,
    /// Whether commands may use named sockets in folders that they may write.
    pub(crate) sockets: bool,
}

/// What hooks may do and use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HooksConfig {
    /// Whether any hook runs.
    pub(crate) enabled: Option<bool>,
    /// `prescriptive` or `advisory`: what a hook may do at most that is not named below.
    pub(crate) grant: Option<HookGrant>,
    /// The same for single hooks, by name or id.
    pub(crate) grants: BTreeMap<String, HookGrant>,
    /// How many hooks may run one because of the other.
    pub(crate) depth: Option<usize>,
    /// Runs of one hook per minute.
    pub(crate) per_minute: Option<u32>,
    /// Seconds of one run.
    pub(crate) seconds: Option<u64>,
    /// Tokens of all runs of one hook in a session.
    pub(crate) tokens: Option<u64>,
    /// Dollars of all runs of one hook in a session.
    pub(crate) cost: Option<f64>,
}

/// What a hook may do at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HookGrant {
    /// Look and report: nothing is written.
    Advisory,
    /// Act, within the policy of the session.
    Prescriptive,
}

impl HooksConfig {
    /// The caps of all hooks and of each.
    pub(crate) fn caps(&self) -> hooks::Caps {
        let mut caps = hooks::Caps { debounce_ms: 0, ..hooks::Caps::default() };
        caps.depth = self.depth.unwrap_or(caps.depth);
        caps.per_minute = self.per_minute.unwrap_or(caps.per_minute);
        caps.each.run_ms = self.seconds.map_or(caps.each.run_ms, |seconds| seconds.saturating_mul(1000));
        caps.each.tokens = self.tokens.unwrap_or(caps.each.tokens);
        caps.each.cost_micros = self.cost.map_or(caps.each.cost_micros, crate::models::micros);
        caps
    }
}

/// MCP servers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct McpConfig {
    /// Variables that an `mcp.json` may have put in with `${NAME}`.
    pub(crate) approved_env: Vec<String>,
    /// The share of what a model holds that the descriptions of tools may take, in percent.
    pub(crate) defer_percent: Option<u64>,
    /// The most tokens that they may take, however much it holds.
    pub(crate) defer_tokens: Option<u64>,
}

/// What may be referred to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SecretsConfig {
    /// References that command lines may carry: `env:NPM_TOKEN`, `keychain:service/account`, `command:…`.
    pub(crate) references: Vec<String>,
}

/// Models by role.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Roles {
    pub(crate) plan: Option<String>,
    pub(crate) execute: Option<String>,
}

/// One provider.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProviderConfig {
    /// `anthropic`, `responses`, `chat` or `bedrock`.
    pub(crate) api: Option<String>,
    pub(crate) base_url: Option<String>,
    pub(crate) key: Option<KeyConfig>,
    pub(crate) headers: BTreeMap<String, String>,
    /// Tokens that the model may think, where the API takes such a number.
    pub(crate) thinking_tokens: Option<u32>,
    /// `low`, `medium`, `high`, where the API takes such a word.
    pub(crate) effort: Option<String>,
    /// For Bedrock.
    pub(crate) region: Option<String>,
    /// For Bedrock: a profile of the AWS configuration.
    pub(crate) profile: Option<String>,
    /// Seconds without a byte after which an answer counts as lost.
    pub(crate) idle_seconds: Option<u64>,
}

/// Where a key comes from. Exactly one of these; never the key itself.
#[derive(Clone, Debug)]
pub(crate) enum KeyConfig {
    /// An environment variable.
    Env(String),
    /// A command line that prints the key.
    Command(String),
    /// An entry of the operating system's keychain: the service name; the account is the provider's name.
    Keychain(String),
}

impl<'de> Deserialize<'de> for KeyConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<KeyConfig, D::Error> {
        // By hand, because the usual messages repeat what was found, and that may be a key.
        let wrong =
            || D::Error::custom("`key` must be { env = \"…\" }, { command = \"…\" } or { keychain = \"…\" }");
        let table = toml::Table::deserialize(deserializer).map_err(|_| wrong())?;
        let mut entries = table.into_iter();
        match (entries.next(), entries.next()) {
            (Some((name, toml::Value::String(source))), None) => match name.as_str() {
                "env" => Ok(KeyConfig::Env(source)),
                "command" => Ok(KeyConfig::Command(source)),
                "keychain" => Ok(KeyConfig::Keychain(source)),
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }
}

/// What a model costs.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceConfig {
    pub(crate) input: f64,
    pub(crate) output: f64,
    #[serde(default)]
    pub(crate) cache_read: Option<f64>,
    #[serde(default)]
    pub(crate) cache_write: Option<f64>,
}

/// What a model holds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsConfig {
    pub(crate) context: u64,
    pub(crate) output: u64,
}

/// How the network is reached; the environment's proxy variables hold where nothing is set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NetworkConfig {
    pub(crate) proxy: Option<String>,
    /// A PEM file with certificates to trust beside the usual ones.
    pub(crate) ca_file: Option<PathBuf>,
}

/// Where signed heads of the ledger are anchored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuditConfig {
    /// `file:/path`, `command:…` or `git:refs/heads/…`; one or several.
    #[serde(deserialize_with = "one_or_several")]
    pub(crate) anchor: Vec<String>,
    /// Whether nothing may begin that could not be anchored.
    pub(crate) required: bool,
}

fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::String(one) => Ok(vec![one]),
        several @ toml::Value::Array(_) => several.try_into().map_err(D::Error::custom),
        _ => Err(D::Error::custom("an anchor is a text, or a list of texts")),
    }
}

/// Which steering is read beside Kiro's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SteeringConfig {
    /// A folder of the team's steering, outside the repository.
    pub(crate) team: Option<String>,
    /// `contributing`, `claude`, `cursor`, `copilot`.
    pub(crate) also: Vec<String>,
}

/// How the web is reached by tools and by `#url`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WebConfig {
    /// Whether the tool `web_fetch` is offered; it is when this is left out.
    pub(crate) fetch: Option<bool>,
    /// The most of a page that is taken, in MiB.
    pub(crate) max_mib: Option<u64>,
    /// The longest that a page may take, in seconds.
    pub(crate) seconds: Option<u64>,
    /// Who searches; without it the tool `web_search` is not offered.
    pub(crate) search: Option<SearchConfig>,
}

/// Who searches the web.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchConfig {
    /// `brave`, `exa`, `searxng`, `tavily` or `mcp`.
    pub(crate) provider: String,
    /// Where it is, when that is not the usual place.
    pub(crate) base_url: Option<String>,
    pub(crate) key: Option<KeyConfig>,
    /// For `mcp`: the tool, as `server/tool`.
    pub(crate) tool: Option<String>,
    /// For `mcp`: the tool's argument that takes the query, when that is not `query`.
    pub(crate) argument: Option<String>,
}

/// Settings of one workspace.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WorkspaceConfig {
    /// The command that proves a task when neither task nor spec names one.
    pub(crate) check: Option<String>,
}

/// The largest settings file that is read.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;

impl Config {
    /// Reads `config.toml` in this directory. A missing file is an empty one.
    pub(crate) fn read(directory: &Path) -> Outcome<Config> {
        let path = directory.join("config.toml");
        let bytes = match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
            Ok(data) if data.len() > CONFIG_BYTES_MAX => {
                return Err(Error::usage(format!("`{}` is larger than 1 MiB", path.display())));
            }
            _ => std::fs::read_to_string(&path)
                .map_err(|error| Error::usage(format!("`{}` cannot be read: {error}", path.display())))?,
        };
        let mut config: Config = toml::from_str(&bytes).map_err(|error| {
            // Where and what, without the line itself: somebody may have written a key into it.
            let before = error.span().and_then(|span| bytes.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count();
            let setting = bytes.lines().nth(line).and_then(|text| text.split_once('='));
            let setting = setting.map_or(String::new(), |(name, _)| format!(" (`{}`)", name.trim()));
            let what = error.message().trim().replace('\n', "; ");
            Error::usage(format!(
                "`{}` is not as it should be in line {}{setting}: {what}",
                path.display(),
                line + 1
            ))
            .hint("docs/settings.md lists every setting; nothing was run")
        })?;
        for rule in &mut config.rules {
            rule.at = bytes.get(..rule.at).map_or(0, |before| before.matches('\n').count() + 1);
        }
        Ok(config)
    }

    /// The settings of this workspace.
    pub(crate) fn workspace(&self, root: &Path) -> WorkspaceConfig {
        self.workspaces.get(root).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_reads() {
        let config: Config = toml::from_str(
            r#"
            model = "corp/big"
            mode = "autopilot"
            allow = ["shell:cargo *"]
            max_cost = 2.5
            [roles]
            plan = "anthropic/x"
            [providers.corp]
            api = "chat"
            base_url = "https://llm.corp/v1"
            key = { command = "pass show llm" }
            [providers.anthropic]
            key = { keychain = "waypost" }
            [prices."corp/big"]
            input = 1.0
            output = 4.0
            [limits."corp/big"]
            context = 32000
            output = 4000
            [network]
            proxy = "http://proxy:3128"
            [audit]
            anchor = "file:/mnt/worm/heads"
            [workspaces."/w"]
            check = "make test"
            "#,
        )
        .unwrap();
        assert_eq!(config.workspace(Path::new("/w")).check.as_deref(), Some("make test"));
        assert_eq!(
            (config.audit.anchor, config.audit.required),
            (vec!["file:/mnt/worm/heads".to_string()], false)
        );
        assert!(
            matches!(&config.providers["corp"].key, Some(KeyConfig::Command(line)) if line == "pass show llm")
        );
    }

    #[test]
    fn a_key_in_the_file_and_an_unknown_setting_are_refused() {
        assert!(toml::from_str::<Config>("[providers.x]\nkey = \"sk-123\"").is_err());
        assert!(toml::from_str::<Config>("modle = \"x\"").unwrap_err().to_string().contains("modle"));
    }
}
