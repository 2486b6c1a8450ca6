//! Resolves references to secrets (`{{secret:env:NAME}}`) at the moment of a call: only those that the person's settings name
//! word for word. Reading references in a text is `secrets`'.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use sandbox::{OwnCommand, run_own};
use secrets::Hidden;
use secrets::reference::Place;

/// How long a keychain or a command may take; a person may have to unlock something.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The longest value, in bytes.
const VALUE_BYTES_MAX: usize = 64 * 1024;

/// What may be referred to, and what it takes to look it up.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// As they stand between `{{secret:` and `}}`.
    pub allowed: BTreeSet<String>,
    /// The variables that Waypost was started with.
    pub variables: BTreeMap<String, String>,
    /// Where a helper runs: outside every repository.
    pub directory: PathBuf,
    /// The environment of helpers.
    pub environment: Vec<(String, String)>,
}

impl References {
    /// Gets the value.
    ///
    /// # Errors
    /// Why there is none, with the next step; without the value.
    pub(crate) fn resolve(&self, place: &Place) -> Result<Hidden, String> {
        let name = place.to_string();
        if !self.allowed.contains(&name) {
            return Err(format!(
                "the reference `{name}` is not allowed; a person can add \"{name}\" to `references` under [secrets] in config.toml"
            ));
        }
        match place {
            Place::Environment { name } => match self.variables.get(name) {
                Some(value) if !value.is_empty() => Ok(Hidden::new(value.as_bytes())),
                _ => Err(format!("the variable `{name}` is not set where Waypost was started")),
            },
            Place::Keychain { service, account } => self.helper(&name, keychain(service, account)),
            Place::Command { line } => {
                let shell = ["sh", "-c", line].map(OsString::from).to_vec();
                self.helper(&name, shell)
            }
            Place::AwsSecretsManager { name: secret, .. } => Err(format!(
                "`{name}`: AWS is not asked by this version; use `command:aws secretsmanager get-secret-value --secret-id \
                 {secret} --query SecretString --output text`"
            )),
            Place::AwsParameter { path } => Err(format!(
                "`{name}`: AWS is not asked by this version; use `command:aws ssm get-parameter --with-decryption --name {path} \
                 --query Parameter.Value --output text`"
            )),
        }
    }

    fn helper(&self, name: &str, words: Vec<OsString>) -> Result<Hidden, String> {
        let mut words = words.into_iter();
        let Some(program) = words.next() else { return Err(format!("`{name}` names no program")) };
        let output = run_own(&OwnCommand {
            program,
            arguments: words.collect(),
            directory: self.directory.clone(),
            environment: self.environment.clone(),
            input: Vec::new(),
            timeout: TIMEOUT,
            output_bytes_max: VALUE_BYTES_MAX,
        })
        .map_err(|error| format!("`{name}` cannot be looked up: {error}"))?;
        let value = output.output.strip_suffix(b"\n").unwrap_or(&output.output);
        let value = value.strip_suffix(b"\r").unwrap_or(value);
        // What a helper says when it fails may hold the value; its exit code does not.
        match (output.succeeded(), value.is_empty()) {
            (true, false) => Ok(Hidden::new(value)),
            (true, true) => Err(format!("`{name}` gives nothing")),
            (false, _) => {
                Err(format!("`{name}` cannot be looked up: the helper ended with {:?}", output.exit))
            }
        }
    }
}

/// The system's own helper for its key chain.
fn keychain(service: &str, account: &str) -> Vec<OsString> {
    let words: &[&str] = if cfg!(target_os = "macos") {
        &["security", "find-generic-password", "-w", "-s", service, "-a", account]
    } else {
        &["secret-tool", "lookup", "service", service, "account", account]
    };
    words.iter().map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reference: &str, expected: &str) {
        let references = References {
            allowed: ["env:TOKEN", "env:EMPTY", "command:echo from a command", "command:exit 3", "ssm:/a"]
                .map(str::to_string)
                .into(),
            variables: [("TOKEN", "t"), ("EMPTY", ""), ("OTHER", "o")]
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .into(),
            directory: PathBuf::from("/"),
            environment: vec![("PATH".to_string(), "/usr/bin:/bin".to_string())],
        };
        let read = secrets::reference::read(&format!("{{{{secret:{reference}}}}}"));
        let came = references.resolve(&read.found[0].place);
        let said = came.map_or_else(|why| why, |value| String::from_utf8_lossy(value.expose()).into_owned());
        assert_eq!(said.split(';').next().unwrap(), expected);
    }

    #[test]
    fn only_what_is_named_is_looked_up() {
        check("env:TOKEN", "t");
        check("env:EMPTY", "the variable `EMPTY` is not set where Waypost was started");
        check("env:OTHER", "the reference `env:OTHER` is not allowed");
        check("command:echo from a command", "from a command");
        check("command:exit 3", "`command:exit 3` cannot be looked up: the helper ended with Some(3)");
        check("command:echo other", "the reference `command:echo other` is not allowed");
        check("ssm:/a", "`ssm:/a`: AWS is not asked by this version");
    }
}
