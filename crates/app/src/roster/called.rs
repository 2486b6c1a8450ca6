//! What a person calls by `/name` at the beginning of their words: a prompt, a skill or an agent. And which powers their words
//! call for. Sends nothing.

use roster::Roster;

/// What `/name …` came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// A prompt with its arguments, or a skill with what was said behind it: these words go to the model.
    Words {
        /// What was called, for the person: `prompt review`, `skill pdf-forms`.
        what: String,
        /// What the model gets.
        text: String,
        /// What the person should know: places without an argument, open quotes.
        notes: Vec<String>,
    },
    /// An agent, to be started as a sub-agent with these words.
    Agent {
        /// Its id.
        id: String,
        /// What was said behind it.
        words: String,
    },
}

/// A message: what the person typed, and what the model gets for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// As typed. Only here a `#` names something: the text of a prompt or a skill is not the person's own word.
    pub(crate) typed: String,
    /// With the prompt or skill that was called in its place.
    pub(crate) text: String,
}

impl Message {
    /// Words that call nothing.
    pub(crate) fn plain(words: &str) -> Message {
        Message { typed: words.to_string(), text: words.to_string() }
    }
}

/// Looks for `/name` (or Kiro's older `@name`, for prompts) at the beginning of a person's words. `None` when they call nothing;
/// then they are what they are. A prompt wins over a skill of the same name, and a skill over an agent.
pub(crate) fn expand(usable: &Roster, words: &str) -> Option<Called> {
    let trimmed = words.trim_start();
    let is_older = trimmed.starts_with('@');
    let called = trimmed.strip_prefix(['/', '@'])?;
    let (name, typed) = called.split_once(char::is_whitespace).unwrap_or((called, ""));
    if let Some(prompt) = usable.prompt(name) {
        let expanded = prompt.expand(typed);
        let mut notes = expanded.notes;
        if !expanded.missing.is_empty() {
            let missing = expanded.missing.join(", ");
            notes
                .push(format!("the prompt `{name}` got no argument for {missing}; it stands there as it is"));
        }
        return Some(Called::Words { what: format!("prompt {name}"), text: expanded.text, notes });
    }
    if is_older {
        return None;
    }
    if let Some(skill) = usable.skill(name) {
        let mut text = format!("Use the skill `{name}`.\n\n{}", skill.opened());
        if !typed.trim().is_empty() {
            text.push_str(&format!("\n{}\n", typed.trim()));
        }
        return Some(Called::Words { what: format!("skill {name}"), text, notes: Vec::new() });
    }
    let agent = usable.agents.iter().find(|agent| agent.id == name)?;
    Some(Called::Agent { id: agent.id.clone(), words: typed.trim().to_string() })
}

/// A hint for the model when a person's words call for powers: which, and by which word. `None` when they call for none.
pub(crate) fn powers_for(usable: &Roster, words: &str) -> Option<String> {
    let called = roster::power::called_for(&usable.powers, words);
    if called.is_empty() {
        return None;
    }
    let named: Vec<String> =
        called.iter().map(|called| format!("`{}` (by `{}`)", called.power, called.keyword)).collect();
    Some(format!(
        "These words may call for {} {}; open one with the tool `power` if it fits.",
        if named.len() == 1 { "the power" } else { "the powers" },
        named.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use roster::prompt::Prompt;
    use roster::skill::Skill;
    use roster::{Origin, Roster};

    use super::*;

    fn usable() -> Roster {
        let mut builder = Roster::builder();
        let prompt = |name: &str, text: &str| Prompt::read(name, name, Origin::Person, text.as_bytes());
        builder.prompt("fix", "fix", prompt("fix", "Fix ${1} in ${2}."));
        builder.prompt("both", "both", prompt("both", "prompt"));
        let skill = |name: &str| {
            let text = format!("---\nname: {name}\ndescription: d\n---\nDo it well.");
            Skill::read(name, Origin::Person, text.as_bytes(), Vec::new())
        };
        builder.skill("pdf", "pdf", skill("pdf"));
        builder.skill("both", "both", skill("both"));
        builder.build()
    }

    #[test]
    fn names_at_the_beginning_call() {
        let check = |words: &str, expected: Option<(&str, &str, usize)>| {
            let called = expand(&usable(), words);
            let found = match &called {
                Some(Called::Words { what, text, notes }) => {
                    Some((what.as_str(), text.as_str(), notes.len()))
                }
                Some(Called::Agent { id, words }) => Some((id.as_str(), words.as_str(), 0)),
                None => None,
            };
            assert_eq!(found, expected, "{words}");
        };
        check("/fix 'the bug' src", Some(("prompt fix", "Fix the bug in src.", 0)));
        check("  @fix it", Some(("prompt fix", "Fix it in ${2}.", 1)));
        check("/both", Some(("prompt both", "prompt", 0)));
        check("/context-gatherer where is it?", Some(("context-gatherer", "where is it?", 0)));
        check("/nobody x", None);
        check("fix /fix", None);
        check("@pdf x", None);
        check("/etc/passwd is wrong", None);
        check("/", None);
        let Some(Called::Words { text, .. }) = expand(&usable(), "/pdf fill a.pdf") else { panic!() };
        assert!(text.contains("Do it well.") && text.ends_with("\nfill a.pdf\n"));
    }
}
