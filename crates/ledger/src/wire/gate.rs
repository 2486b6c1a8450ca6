//! The stored shape of the gate's decisions.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use policy::{Capability, Decision, Effect, Origin, Place, Target};
use serde::{Deserialize, Serialize};

use super::{WireError, word};

#[derive(Serialize, Deserialize)]
pub(super) struct Decided {
    call: String,
    requests: Vec<Request>,
    effect: String,
    reason: String,
    remedy: Option<String>,
    answered_by: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Request {
    capability: String,
    target: WireTarget,
    origin: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WireTarget {
    Path {
        absolute: String,
        /// The path's bytes in hexadecimal, when they are not UTF-8 and `absolute` is only to be shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<String>,
        relative: Option<String>,
    },
    Command {
        line: String,
    },
    Name {
        name: String,
    },
}

impl From<&policy::Decided> for Decided {
    fn from(decided: &policy::Decided) -> Decided {
        Decided {
            call: decided.call.clone(),
            requests: decided.requests.iter().map(Request::from).collect(),
            effect: effect_name(decided.decision.effect).to_string(),
            reason: decided.decision.reason.clone(),
            remedy: decided.decision.remedy.clone(),
            answered_by: decided.answered_by.clone(),
        }
    }
}

impl TryFrom<Decided> for policy::Decided {
    type Error = WireError;

    fn try_from(wire: Decided) -> Result<Self, WireError> {
        let effects = [Effect::Allow, Effect::Ask, Effect::Deny];
        let named = |name: &str| effects.into_iter().find(|effect| effect_name(*effect) == name);
        Ok(policy::Decided {
            call: wire.call,
            requests: wire.requests.into_iter().map(policy::Request::try_from).collect::<Result<_, _>>()?,
            decision: Decision {
                effect: word(&wire.effect, "effect", named)?,
                reason: wire.reason,
                remedy: wire.remedy,
            },
            answered_by: wire.answered_by,
        })
    }
}

impl From<&policy::Request> for Request {
    fn from(request: &policy::Request) -> Request {
        Request {
            capability: request.capability.name().to_string(),
            target: (&request.target).into(),
            origin: request.origin.name().to_string(),
        }
    }
}

impl TryFrom<Request> for policy::Request {
    type Error = WireError;

    fn try_from(wire: Request) -> Result<Self, WireError> {
        let capability = |name: &str| Capability::ALL.into_iter().find(|one| one.name() == name);
        let origin = |name: &str| Origin::ALL.into_iter().find(|one| one.name() == name);
        Ok(policy::Request {
            capability: word(&wire.capability, "capability", capability)?,
            target: wire.target.try_into()?,
            origin: word(&wire.origin, "origin", origin)?,
        })
    }
}

impl From<&Target> for WireTarget {
    fn from(target: &Target) -> WireTarget {
        match target {
            Target::Path(place) => {
                let path = place.absolute();
                WireTarget::Path {
                    absolute: path.to_string_lossy().into_owned(),
                    bytes: path.to_str().is_none().then(|| hex(path.as_os_str().as_bytes())),
                    relative: place.relative().map(str::to_string),
                }
            }
            Target::Command(line) => WireTarget::Command { line: line.clone() },
            Target::Name(name) => WireTarget::Name { name: name.clone() },
        }
    }
}

impl TryFrom<WireTarget> for Target {
    type Error = WireError;

    fn try_from(wire: WireTarget) -> Result<Self, WireError> {
        Ok(match wire {
            WireTarget::Path { absolute, bytes, relative } => {
                let absolute = match bytes {
                    Some(digits) => PathBuf::from(OsString::from_vec(unhex(&digits)?)),
                    None => PathBuf::from(absolute),
                };
                Target::Path(place(&absolute, relative.as_deref())?)
            }
            WireTarget::Command { line } => Target::Command(line),
            WireTarget::Name { name } => Target::Name(name),
        })
    }
}

/// A place is made from a workspace root and a path, so the root is found again by going up from the path.
fn place(absolute: &Path, relative: Option<&str>) -> Result<Place, WireError> {
    let made = match relative {
        // Nothing lies below a path longer than itself, so this root keeps the place outside.
        None => Place::new(&absolute.join("outside"), absolute),
        Some(inside) => {
            let depth = if inside.is_empty() { 0 } else { inside.split('/').count() };
            let root = absolute.ancestors().nth(depth);
            Place::new(
                root.ok_or_else(|| WireError("`relative` is longer than `absolute`".into()))?,
                absolute,
            )
        }
    };
    if made.relative() == relative {
        Ok(made)
    } else {
        Err(WireError("`relative` is no part of `absolute`".to_string()))
    }
}

fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::Ask => "ask",
        Effect::Deny => "deny",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Result<Vec<u8>, WireError> {
    let odd = || WireError("`bytes` is not hexadecimal".to_string());
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return Err(odd());
    }
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(digits.get(at..at + 2).ok_or_else(odd)?, 16).map_err(|_| odd()))
        .collect()
}
