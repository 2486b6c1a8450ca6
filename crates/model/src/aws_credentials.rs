//! Where AWS credentials come from: pure readers of environment values and of the texts of AWS's two files. Reads no
//! file and starts no process: what has to be done is returned as a value for the front door to do.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use conversation::Later;
use serde::Deserialize;

use crate::dates;
use crate::key::Key;

/// Credentials that end within this time are fetched again before they are used.
const EXPIRY_MARGIN: Duration = Duration::from_secs(120);
/// What is said wherever a source of the chain is not read here.
const HINT: &str = "let the AWS CLI get them: put `credential_process = aws configure export-credentials \
                    --profile <profile> --format process` into a profile and name that profile";

/// Keys that sign requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsCredentials {
    /// Not secret.
    pub access_key_id: String,
    /// Secret.
    pub secret: Key,
    /// For temporary credentials.
    pub session_token: Option<Key>,
    /// When they end, if they do.
    pub expires: Option<SystemTime>,
}

/// Where credentials are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AwsSource {
    /// Here.
    Keys(AwsCredentials),
    /// In the output of a command line, which [`credentials_from_process`] reads. Only the person's own
    /// configuration can name it.
    Process(String),
}

/// What AWS's usual places hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsFound {
    /// Where credentials are.
    pub source: AwsSource,
    /// The region, if one is named.
    pub region: Option<String>,
}

/// Gets credentials anew, for example by running a command. What it returns on failure is shown.
pub type AwsRefresh = Arc<dyn Fn() -> Later<'static, Result<AwsCredentials, String>> + Send + Sync>;

/// Keys that sign requests, for a whole session.
#[derive(Clone)]
pub enum AwsAuth {
    /// These.
    Fixed(AwsCredentials),
    /// Those that the function gives; it is asked at first and when they are about to end.
    Refreshed(AwsRefresh),
}

/// There are no credentials that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwsError {
    /// Nowhere.
    #[error(
        "no AWS credentials were found: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    )]
    None,
    /// The named profile is in neither file.
    #[error("AWS profile `{0}` is in neither the credentials nor the config file")]
    NoProfile(String),
    /// A source that is not read here.
    #[error("AWS credentials from {what} are not read directly; {HINT}")]
    Unsupported {
        /// The source.
        what: String,
    },
    /// What a credential process printed.
    #[error("the credential process did not print AWS credentials: {0}")]
    Process(String),
}

impl std::fmt::Debug for AwsAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AwsAuth::Fixed(keys) => f.debug_tuple("Fixed").field(keys).finish(),
            AwsAuth::Refreshed(_) => f.write_str("Refreshed(…)"),
        }
    }
}

impl AwsCredentials {
    /// Whether they are still good for a request.
    pub fn is_fresh(&self, now: SystemTime) -> bool {
        self.expires.is_none_or(|end| now + EXPIRY_MARGIN < end)
    }
}

/// Looks in the usual places, in the usual order: environment values, then the profile (`AWS_PROFILE` or `default`)
/// in the credentials file and in the config file. The texts are given as far as the files exist.
///
/// # Errors
/// [`AwsError`] when there is nothing, or only a source that is not read here.
pub fn find_aws(
    present: &dyn Fn(&str) -> Option<String>,
    credentials: Option<&str>,
    config: Option<&str>,
) -> Result<AwsFound, AwsError> {
    let value = |name: &str| present(name).map(|v| v.trim().to_string()).filter(|v| !v.is_empty());
    let named = value("AWS_PROFILE");
    let profile = named.clone().unwrap_or_else(|| "default".to_string());
    let in_credentials = credentials.and_then(|text| section(text, &[&profile]));
    let in_config = config.and_then(|text| section(text, &[&format!("profile {profile}"), &profile]));
    let setting = |name: &str| {
        [&in_credentials, &in_config]
            .into_iter()
            .flatten()
            .find_map(|found| found.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
    };
    let region = value("AWS_REGION").or_else(|| value("AWS_DEFAULT_REGION")).or_else(|| setting("region"));
    let found = |source| Ok(AwsFound { source, region: region.clone() });
    let keys = |id, secret: String, token: Option<String>| {
        AwsSource::Keys(AwsCredentials {
            access_key_id: id,
            secret: Key::new(secret),
            session_token: token.map(Key::new),
            expires: None,
        })
    };
    if let (Some(id), Some(secret)) = (value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY")) {
        return found(keys(id, secret, value("AWS_SESSION_TOKEN")));
    }
    if let (Some(id), Some(secret)) = (setting("aws_access_key_id"), setting("aws_secret_access_key")) {
        return found(keys(id, secret, setting("aws_session_token")));
    }
    if let Some(command) = setting("credential_process") {
        return found(AwsSource::Process(command));
    }
    let unsupported = |what: &str| Err(AwsError::Unsupported { what: what.to_string() });
    if setting("sso_session").is_some() || setting("sso_start_url").is_some() {
        return unsupported(&format!("the single sign-on of profile `{profile}`"));
    }
    if setting("role_arn").is_some() {
        return unsupported(&format!("the assumed role of profile `{profile}`"));
    }
    if named.is_some() && in_credentials.is_none() && in_config.is_none() {
        return Err(AwsError::NoProfile(profile));
    }
    if value("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
        return unsupported("a web identity token");
    }
    if value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").is_some()
        || value("AWS_CONTAINER_CREDENTIALS_FULL_URI").is_some()
    {
        return unsupported("the container's credentials service");
    }
    Err(AwsError::None)
}

/// Reads what a credential process prints, version 1 of AWS's format.
///
/// # Errors
/// [`AwsError::Process`] when it is something else.
pub fn credentials_from_process(json: &str) -> Result<AwsCredentials, AwsError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Printed {
        version: u32,
        access_key_id: String,
        secret_access_key: String,
        session_token: Option<String>,
        expiration: Option<String>,
    }
    // The words of the parser say where it stopped, and repeat no secret.
    let printed: Printed = serde_json::from_str(json)
        .map_err(|error| AwsError::Process(format!("line {} column {}", error.line(), error.column())))?;
    if printed.version != 1 {
        return Err(AwsError::Process(format!("version {} of the format", printed.version)));
    }
    let expires = match printed.expiration.as_deref() {
        None => None,
        Some(text) => Some(
            dates::iso(text)
                .ok_or_else(|| AwsError::Process("the expiration is not a UTC date".to_string()))?,
        ),
    };
    Ok(AwsCredentials {
        access_key_id: printed.access_key_id,
        secret: Key::new(printed.secret_access_key),
        session_token: printed.session_token.filter(|token| !token.is_empty()).map(Key::new),
        expires,
    })
}

/// The settings under the first of these headings, or `None` when there is no such heading.
fn section(text: &str, names: &[&str]) -> Option<Vec<(String, String)>> {
    names.iter().find_map(|name| {
        let mut found = None;
        let mut inside = false;
        for line in text.lines() {
            // An indented line belongs to a nested setting, of which none is read.
            if line.starts_with([' ', '\t', '#', ';']) {
                continue;
            }
            if let Some(heading) = line.trim().strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                inside = heading.split_whitespace().eq(name.split_whitespace());
                if inside {
                    found.get_or_insert_with(Vec::new);
                }
            } else if let (true, Some(settings), Some((key, value))) =
                (inside, &mut found, line.split_once('='))
            {
                let value = value.split(" #").next().unwrap_or_default().trim();
                settings.push((key.trim().to_ascii_lowercase(), value.to_string()));
            }
        }
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "[default]\naws_access_key_id = AKIA1\naws_secret_access_key=s3cr=t\n\n\
        [temp]\naws_access_key_id=ASIA\naws_secret_access_key=x # mine\naws_session_token=tok\n";
    const CONFIG: &str = "[default]\nregion = eu-west-1\n[profile corp]\nregion=us-west-2\n\
        credential_process = \"/opt/get creds\" --fast\n# comment\n[profile sso]\nsso_session = main\n\
        s3 =\n  region = not-this\n[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n\
        [sso-session main]\nsso_start_url = https://x\n";

    fn check(env: &[(&str, &str)], expect: &str) {
        let present =
            |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
        let found = match find_aws(&present, Some(CREDENTIALS), Some(CONFIG)) {
            Ok(AwsFound { source: AwsSource::Keys(keys), region }) => {
                let token = keys.session_token.as_ref().map(Key::secret).unwrap_or("-");
                format!(
                    "{} {} {token} {}",
                    keys.access_key_id,
                    keys.secret.secret(),
                    region.unwrap_or_default()
                )
            }
            Ok(AwsFound { source: AwsSource::Process(command), region }) => {
                format!("run {command} {}", region.unwrap_or_default())
            }
            Err(error) => error.to_string().split(';').next().unwrap().to_string(),
        };
        assert_eq!(found, expect, "{env:?}");
    }

    #[test]
    fn the_usual_places() {
        check(&[], "AKIA1 s3cr=t - eu-west-1");
        check(&[("AWS_PROFILE", "temp"), ("AWS_REGION", "r")], "ASIA x tok r");
        check(
            &[("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "B"), ("AWS_SESSION_TOKEN", "C")],
            "A B C eu-west-1",
        );
        check(&[("AWS_PROFILE", "corp")], "run \"/opt/get creds\" --fast us-west-2");
        check(
            &[("AWS_PROFILE", "sso")],
            "AWS credentials from the single sign-on of profile `sso` are not read directly",
        );
        check(
            &[("AWS_PROFILE", "role")],
            "AWS credentials from the assumed role of profile `role` are not read directly",
        );
        check(
            &[("AWS_PROFILE", "gone")],
            "AWS profile `gone` is in neither the credentials nor the config file",
        );
        let none = find_aws(&|_| None, None, None);
        assert_eq!(none, Err(AwsError::None));
        let web =
            find_aws(&|name| (name == "AWS_WEB_IDENTITY_TOKEN_FILE").then(|| "f".to_string()), None, None);
        assert!(web.unwrap_err().to_string().contains("aws configure export-credentials"));
    }

    #[test]
    fn what_a_process_prints() {
        let json = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T",
                       "Expiration":"2026-11-21T10:00:00+00:00"}"#;
        let keys = credentials_from_process(json).unwrap();
        assert_eq!(keys.session_token, Some(Key::new("T")));
        let end = keys.expires.unwrap();
        assert!(keys.is_fresh(end - Duration::from_secs(121)));
        assert!(!keys.is_fresh(end - Duration::from_secs(120)));
        for broken in [
            "",
            "{}",
            r#"{"Version":2,"AccessKeyId":"A","SecretAccessKey":"SECRET"}"#,
            r#"{"Version":"SECRET""#,
        ] {
            let error = credentials_from_process(broken).unwrap_err().to_string();
            assert!(!error.contains("SECRET"), "{error}");
        }
        assert!(!format!("{keys:?}").contains("\"S\""), "a secret is not shown");
    }
}
