//! AWS credentials from the person's own files and commands. What the values mean lives in `model`.
#![expect(clippy::disallowed_methods, reason = "the AWS configuration files are read here")]

use std::path::PathBuf;
use std::sync::Arc;

use model::{Auth, AwsAuth, AwsCredentials, AwsSource, Key};

use crate::config::ProviderConfig;
use crate::error::{Error, Outcome};
use crate::keys;
use crate::world::World;

/// The largest AWS file that is read.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// How a request to Bedrock proves who asks, and the region: a bearer token, else the usual chain.
pub(crate) fn auth(world: &World, own: &ProviderConfig) -> Outcome<(Auth, Option<String>)> {
    let present = |name: &str| match name {
        "AWS_PROFILE" => own.profile.clone().or_else(|| world.variable(name)),
        "AWS_REGION" => own.region.clone().or_else(|| world.variable(name)),
        name => world.variable(name),
    };
    let credentials = text(world, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
    let config = text(world, "AWS_CONFIG_FILE", ".aws/config");
    let found = model::find_aws(&present, credentials.as_deref(), config.as_deref());
    if let Some(token) = world.variable("AWS_BEARER_TOKEN_BEDROCK") {
        let region = found.ok().and_then(|found| found.region).or_else(|| present("AWS_REGION"));
        return Ok((Auth::Bearer(Key::new(token)), region.or_else(|| present("AWS_DEFAULT_REGION"))));
    }
    let found = found.map_err(|error| {
        Error::unavailable(error).hint("`aws configure` writes them, or set AWS_BEARER_TOKEN_BEDROCK")
    })?;
    let auth = match found.source {
        AwsSource::Keys(credentials) => AwsAuth::Fixed(credentials),
        AwsSource::Process(line) => {
            // Run now, so that a mistake is told before anything is sent, and again whenever they end.
            from_process(world, &line)?;
            let world = world.clone();
            AwsAuth::Refreshed(Arc::new(move || {
                let came = from_process(&world, &line).map_err(|error| error.cause);
                Box::pin(async move { came })
            }))
        }
    };
    Ok((Auth::Aws(auth), found.region))
}

fn from_process(world: &World, line: &str) -> Outcome<AwsCredentials> {
    let json = keys::output(world, "bedrock", "sh", &["-c", line], line)?;
    model::credentials_from_process(&json).map_err(Error::unavailable)
}

fn text(world: &World, variable: &str, default: &str) -> Option<String> {
    let path = world.variable(variable).map_or_else(|| world.home.join(default), PathBuf::from);
    std::fs::metadata(&path).ok().filter(|data| data.len() <= FILE_BYTES_MAX)?;
    std::fs::read_to_string(path).ok()
}
