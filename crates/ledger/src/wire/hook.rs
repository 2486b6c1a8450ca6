//! The stored shape of hooks that are due and of what came of them.

use conversation::{Again, HookEnd, How, Touched};
use serde::{Deserialize, Serialize};

use super::answer::{Spent, sources, taint};
use super::{WireError, word};

#[derive(Serialize, Deserialize)]
pub(super) struct HookDue {
    call: String,
    hook: String,
    trigger: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cause: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    again: Option<WireAgain>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WireAgain {
    Started,
    Called {
        call: String,
    },
    Changed {
        files: Vec<(String, String)>,
        #[serde(default, skip_serializing_if = "is_zero")]
        left_out: u64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<String>,
    },
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[derive(Serialize, Deserialize)]
pub(super) struct Hooked {
    call: String,
    hook: String,
    trigger: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cause: Vec<String>,
    end: String,
    text: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spent: Option<Spent>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    took_in: Vec<(String, String)>,
    ms: u64,
}

impl From<&conversation::HookDue> for HookDue {
    fn from(due: &conversation::HookDue) -> HookDue {
        HookDue {
            call: due.call.clone(),
            hook: due.hook.clone(),
            trigger: due.trigger.clone(),
            cause: due.cause.clone(),
            again: match &due.again {
                Again::Nothing => None,
                Again::Started => Some(WireAgain::Started),
                Again::Called { call } => Some(WireAgain::Called { call: call.clone() }),
                Again::Changed { files, left_out, calls } => {
                    let one = |file: &Touched| (file.how.name().to_string(), file.path.clone());
                    let (files, left_out, calls) =
                        (files.iter().map(one).collect(), *left_out, calls.clone());
                    Some(WireAgain::Changed { files, left_out, calls })
                }
            },
        }
    }
}

impl TryFrom<HookDue> for conversation::HookDue {
    type Error = WireError;

    fn try_from(wire: HookDue) -> Result<Self, WireError> {
        let again = match wire.again {
            None => Again::Nothing,
            Some(WireAgain::Started) => Again::Started,
            Some(WireAgain::Called { call }) => Again::Called { call },
            Some(WireAgain::Changed { files, left_out, calls }) => {
                let one =
                    |(how, path): (String, String)| Ok(Touched { path, how: word(&how, "how", How::named)? });
                {
                    let files = files.into_iter().map(one).collect::<Result<_, WireError>>()?;
                    Again::Changed { files, left_out, calls }
                }
            }
        };
        Ok(conversation::HookDue {
            call: wire.call,
            hook: wire.hook,
            trigger: wire.trigger,
            cause: wire.cause,
            again,
        })
    }
}

impl From<&conversation::Hooked> for Hooked {
    fn from(hooked: &conversation::Hooked) -> Hooked {
        Hooked {
            call: hooked.call.clone(),
            hook: hooked.hook.clone(),
            trigger: hooked.trigger.clone(),
            cause: hooked.cause.clone(),
            end: hooked.end.name().to_string(),
            text: hooked.context.clone(),
            message: hooked.message.clone(),
            spent: hooked.spent.map(Spent::from),
            took_in: sources(&hooked.took_in),
            ms: hooked.ms,
        }
    }
}

impl TryFrom<Hooked> for conversation::Hooked {
    type Error = WireError;

    fn try_from(wire: Hooked) -> Result<Self, WireError> {
        Ok(conversation::Hooked {
            call: wire.call,
            hook: wire.hook,
            trigger: wire.trigger,
            cause: wire.cause,
            end: word(&wire.end, "end", HookEnd::named)?,
            context: wire.text,
            message: wire.message,
            spent: wire.spent.map(conversation::Spent::from),
            took_in: taint(&wire.took_in)?,
            ms: wire.ms,
        })
    }
}
