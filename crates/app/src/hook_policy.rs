//! What a hook may do: the policy of the session, narrowed to the hook's grant, with its trusted command line as the one rule
//! added. The way to it for `waypost hooks test` and for whoever runs hooks.

use policy::{Capability, Effect, Grant, Policy, Rule, Source};

use crate::config::HookGrant;
use crate::hooks_here::Here;

/// What an advisory hook has no allow for: everything that writes or reaches. Reading stays as the session has it; a command
/// is held by the sandbox, too.
const NOT_ADVISORY: [Capability; 6] = [
    Capability::FsWrite,
    Capability::WebFetch,
    Capability::WebSearch,
    Capability::Mcp,
    Capability::Subagent,
    Capability::SandboxNetwork,
];

/// The policy of a hook within a session's policy.
pub(crate) fn narrowed(session: &Policy, here: &Here) -> Policy {
    let mut policy = session.clone();
    if let Some(line) = here.hook.command().filter(|_| here.trust.is_given()) {
        policy.add(Rule::exact_command(line, Source::Plan));
    }
    match here.grant {
        HookGrant::Prescriptive => policy,
        HookGrant::Advisory => {
            let name = format!("the advisory hook `{}`", here.hook.name);
            policy.narrowed_to(Grant::new(&name, &NOT_ADVISORY, Vec::new(), Effect::Deny))
        }
    }
}
