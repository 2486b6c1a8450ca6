//! What a hook may do: the policy of the session, narrowed to the hook's grant, with its trusted command line as the one rule
//! added. The way to it for `waypost hooks test` and for whoever runs hooks.

use std::path::Path;

use policy::{Capability, Class, Effect, Grant, Policy, Rule, Source};

use crate::config::HookGrant;
use crate::hook_scripts;
use crate::hooks_here::Here;

/// What an advisory hook has no allow for, beside writing: everything that runs or reaches. Reading stays as the session has it.
const NOT_ADVISORY: [Capability; 5] = [
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

/// Whether the line has a git command that does more than look: the repository of git is opened for such a one.
fn writes_git(line: &str) -> bool {
    let is_git = |word: &String| word.rsplit('/').next() == Some("git");
    let commands = policy::judge(line).unwrap_or_default();
    commands
        .iter()
        .any(|command| command.words.first().is_some_and(is_git) && command.class != Class::ReadOnly)
}

/// The policy of a hook within a session's policy. The commands that an advisory hook may run are its own, and what those
/// lines plainly write is denied; what it writes unseen is held by the sandbox. A line whose script is not what it was has no rule.
pub(crate) fn narrowed(session: &Policy, here: &Here, root: &Path) -> Policy {
    let is_advisory = here.grant == HookGrant::Advisory;
    // What was trusted is the script as well: as another one it does not run, whatever else allows its line.
    if !hook_scripts::are_same(root, &here.hook, &here.scripts) {
        let name = format!("the hook `{}`, whose script is not as it was trusted", here.hook.name);
        return session.narrowed_to(Grant::new(&name, &Capability::ALL, Vec::new(), Effect::Deny));
    }
    let is_own = |line: &&str| here.trust.is_given() && is_plain(line) && !(is_advisory && writes_git(line));
    let lines = crate::hooking::lines(&here.hook).filter(is_own);
    let own: Vec<Rule> = lines.map(|line| Rule::exact_command(line, Source::Trust)).collect();
    let mut policy = session.clone();
    own.iter().for_each(|rule| policy.add(rule.clone()));
    match here.grant {
        HookGrant::Prescriptive => policy,
        HookGrant::Advisory => {
            let name = format!("the advisory hook `{}`", here.hook.name);
            // A grant that names a line frees what the line writes, so that writing is closed by one that names none.
            let any = Rule::read("shell:*", Effect::Allow, Source::Trust);
            let writes = [Capability::FsWrite, Capability::Shell];
            policy.narrowed_to(Grant::new(&name, &NOT_ADVISORY, own, Effect::Deny)).narrowed_to(Grant::new(
                &name,
                &writes,
                any.into_iter().collect(),
                Effect::Deny,
            ))
        }
    }
}
