//! What a hook may do: the policy of the session, narrowed to the hook's grant, with its trusted command line as the one rule
//! added. The way to it for `waypost hooks test` and for whoever runs hooks.

use policy::{Capability, Class, Effect, Grant, Policy, Rule, Source};

use crate::config::HookGrant;
use crate::hooks_here::Here;

/// What an advisory hook has no allow for: everything that writes, runs or reaches. Reading stays as the session has it.
const NOT_ADVISORY: [Capability; 6] = [
    Capability::FsWrite,
    Capability::Shell,
    Capability::WebFetch,
    Capability::WebSearch,
    Capability::Mcp,
    Capability::SandboxNetwork,
];

/// Whether trust in a line says enough about it: it is followed to its end, and destroys nothing. What destroys asks each time.
fn is_plain(line: &str) -> bool {
    let commands = policy::judge(line).unwrap_or_default();
    !commands.is_empty() && !commands.iter().any(|command| matches!(command.class, Class::Destructive(_)))
}

/// The policy of a hook within a session's policy. The one command that an advisory hook may run is its own, and what that
/// line plainly writes is denied; what it writes unseen is held by the sandbox.
pub(crate) fn narrowed(session: &Policy, here: &Here) -> Policy {
    let line = here.hook.command().filter(|line| here.trust.is_given() && is_plain(line));
    let own: Vec<Rule> = line.map(|line| Rule::exact_command(line, Source::Trust)).into_iter().collect();
    let mut policy = session.clone();
    own.iter().for_each(|rule| policy.add(rule.clone()));
    match here.grant {
        HookGrant::Prescriptive => policy,
        HookGrant::Advisory => {
            let name = format!("the advisory hook `{}`", here.hook.name);
            policy.narrowed_to(Grant::new(&name, &NOT_ADVISORY, own, Effect::Deny))
        }
    }
}
