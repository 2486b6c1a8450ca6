//! References that stand for values: `{{secret:env:NAME}}` and its relatives. Reads them, and says what an application must
//! implement to resolve them; resolves nothing.

use std::fmt;
use std::future::Future;
use std::ops::Range;

use crate::hidden::Hidden;

const OPEN: &str = "{{secret:";
const CLOSE: &str = "}}";
/// The longest reference, in bytes with its braces.
pub const REFERENCE_MAX: usize = 2_048;
/// The most references that are read from one text.
pub const REFERENCES_MAX: usize = 10_000;

/// What a reference points at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// `aws-sm:NAME#KEY`: a secret of AWS Secrets Manager, by name or ARN, and the key of its JSON if it is an object.
    AwsSecretsManager {
        /// The name or ARN.
        name: String,
        /// The key inside.
        key: Option<String>,
    },
    /// `ssm:/PATH`: a parameter of AWS Systems Manager.
    AwsParameter {
        /// The path.
        path: String,
    },
    /// `env:NAME`: a variable of the environment that Waypost was started in.
    Environment {
        /// The variable.
        name: String,
    },
    /// `keychain:SERVICE/ACCOUNT`: an entry of the system's key chain.
    Keychain {
        /// The service.
        service: String,
        /// The account.
        account: String,
    },
    /// `command:LINE`: what a command prints, without the line end. Running it is a call like any other and asks the gate.
    Command {
        /// The command line.
        line: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AwsSecretsManager { name, key: Some(key) } => write!(out, "aws-sm:{name}#{key}"),
            Self::AwsSecretsManager { name, key: None } => write!(out, "aws-sm:{name}"),
            Self::AwsParameter { path } => write!(out, "ssm:{path}"),
            Self::Environment { name } => write!(out, "env:{name}"),
            Self::Keychain { service, account } => write!(out, "keychain:{service}/{account}"),
            Self::Command { line } => write!(out, "command:{line}"),
        }
    }
}

/// A reference in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands, with its braces.
    pub span: Range<usize>,
    /// What it points at.
    pub place: Place,
}

/// Something that begins like a reference and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// The next step.
    pub hint: &'static str,
}

/// What was read from a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The references, in order.
    pub found: Vec<Reference>,
    /// What is wrong. A caller that resolves must not send a text with faults.
    pub faults: Vec<Fault>,
}

/// Gets the value that a reference points at. Implemented by the application, at the moment of the call.
pub trait Resolve {
    /// Why there is no value.
    type Error;

    /// Gets the value.
    ///
    /// # Errors
    /// Whatever the store says; the message must not hold the value.
    fn resolve(&self, place: &Place) -> impl Future<Output = Result<Hidden, Self::Error>>;
}

/// Reads all references of a text.
pub fn read(text: &str) -> References {
    let mut out = References::default();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(OPEN)).map(|found| at + found) {
        if out.found.len() + out.faults.len() >= REFERENCES_MAX {
            out.fault(
                start..start + OPEN.len(),
                format!("there are more than {REFERENCES_MAX} references"),
                "part the text",
            );
            break;
        }
        let body = start + OPEN.len();
        let end = closing(text, body);
        let Some(end) = end else {
            out.fault(start..body, "the reference does not end on its line".to_owned(), "close it with `}}`");
            at = body;
            continue;
        };
        let span = start..end + CLOSE.len();
        match place(text.get(body..end).unwrap_or_default()) {
            Ok(place) => out.found.push(Reference { span: span.clone(), place }),
            Err((message, hint)) => out.fault(span.clone(), message, hint),
        }
        at = span.end;
    }
    out
}

impl References {
    fn fault(&mut self, span: Range<usize>, message: String, hint: &'static str) {
        self.faults.push(Fault { span, message, hint });
    }
}

/// Where the braces close: on the same line, within the bound. A third brace belongs to what stands around.
fn closing(text: &str, body: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let rest = bytes.get(body..bytes.len().min(body + REFERENCE_MAX))?;
    let line = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
    rest.get(..line)?.windows(2).position(|pair| pair == CLOSE.as_bytes()).map(|found| body + found)
}

fn place(body: &str) -> Result<Place, (String, &'static str)> {
    const KINDS: &str = "write `aws-sm:`, `ssm:`, `env:`, `keychain:` or `command:`";
    let Some((kind, rest)) = body.split_once(':') else {
        return Err(("the reference names no store".to_owned(), KINDS));
    };
    let rest = rest.trim();
    if rest.is_empty() {
        return Err((format!("`{kind}:` names nothing"), "write what to get behind the colon"));
    }
    if rest.chars().any(char::is_control) {
        return Err((
            "the reference has a control character".to_owned(),
            "write it with printable characters",
        ));
    }
    match kind.trim() {
        "aws-sm" => {
            let (name, key) = rest.split_once('#').map_or((rest, None), |(name, key)| (name, Some(key)));
            if name.is_empty() || key == Some("") {
                return Err((
                    "`aws-sm:` needs a name, and a key behind `#`".to_owned(),
                    "write `aws-sm:name#key`, or leave `#` out",
                ));
            }
            Ok(Place::AwsSecretsManager { name: name.to_owned(), key: key.map(str::to_owned) })
        }
        "ssm" => Ok(Place::AwsParameter { path: rest.to_owned() }),
        "env" => {
            let named = rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !rest.starts_with(|c: char| c.is_ascii_digit());
            if named {
                Ok(Place::Environment { name: rest.to_owned() })
            } else {
                Err((format!("`{rest}` is not the name of a variable"), "use letters, digits and `_`"))
            }
        }
        "keychain" => match rest.rsplit_once('/') {
            Some((service, account)) if !service.is_empty() && !account.is_empty() => {
                Ok(Place::Keychain { service: service.to_owned(), account: account.to_owned() })
            }
            _ => Err((
                "`keychain:` needs a service and an account".to_owned(),
                "write `keychain:service/account`",
            )),
        },
        "command" => Ok(Place::Command { line: rest.to_owned() }),
        other => Err((format!("`{other}` is not a store that references can name"), KINDS)),
    }
}

#[cfg(test)]
#[path = "reference_tests.rs"]
mod tests;
