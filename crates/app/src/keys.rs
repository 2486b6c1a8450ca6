//! Where a key comes from when the settings say so: a variable, a command, the system's keychain. Keeps none.

use std::time::Duration;

use sandbox::OwnCommand;

use crate::config::KeyConfig;
use crate::error::{Error, Outcome};
use crate::world::World;

/// How long a command may take to print a key; a person may have to touch a token.
const KEY_SECONDS_MAX: u64 = 60;
/// The longest key.
const KEY_BYTES_MAX: usize = 64 * 1024;

/// Reads the key of a provider from its source.
pub(crate) fn read(world: &World, provider: &str, source: &KeyConfig) -> Outcome<String> {
    match source {
        KeyConfig::Env(variable) => world.variable(variable).ok_or_else(|| {
            Error::unavailable(format!("the key of `{provider}` should be in {variable}, which is not set"))
        }),
        KeyConfig::Command(line) => run(world, provider, "sh", &["-c", line], line),
        KeyConfig::Keychain(service) if cfg!(target_os = "macos") => {
            let arguments = ["find-generic-password", "-w", "-s", service, "-a", provider];
            run(world, provider, "security", &arguments, "the keychain")
        }
        KeyConfig::Keychain(service) => {
            let arguments = ["lookup", "service", service, "account", provider];
            run(world, provider, "secret-tool", &arguments, "the keychain (secret-tool)")
        }
    }
}

/// Runs a program of the person's own settings and takes the first line that it prints.
fn run(world: &World, provider: &str, program: &str, arguments: &[&str], shown: &str) -> Outcome<String> {
    let text = output(world, provider, program, arguments, shown)?;
    match text.lines().next().map(str::trim) {
        Some(key) if !key.is_empty() => Ok(key.to_string()),
        _ => Err(Error::unavailable(format!(
            "the key of `{provider}` could not be had from {shown}: it printed nothing"
        ))),
    }
}

/// Runs a program of the person's own settings and takes all that it prints.
pub(crate) fn output(
    world: &World,
    provider: &str,
    program: &str,
    arguments: &[&str],
    shown: &str,
) -> Outcome<String> {
    let command = OwnCommand {
        program: program.into(),
        arguments: arguments.iter().map(Into::into).collect(),
        directory: world.home.clone(),
        environment: world.variables().iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        input: Vec::new(),
        timeout: Duration::from_secs(KEY_SECONDS_MAX),
        output_bytes_max: KEY_BYTES_MAX,
    };
    let failed = |why: String| {
        Error::unavailable(format!("the key of `{provider}` could not be had from {shown}: {why}"))
    };
    let output = sandbox::run_own(&command).map_err(|error| failed(error.to_string()))?;
    if !output.succeeded() {
        let words = String::from_utf8_lossy(&output.errors);
        let exit = output.exit.map_or("no exit code".to_string(), |exit| format!("exit {exit}"));
        return Err(failed(format!("{exit} {}", crate::term::glimpse(&words, 200))));
    }
    Ok(String::from_utf8_lossy(&output.output).into_owned())
}
