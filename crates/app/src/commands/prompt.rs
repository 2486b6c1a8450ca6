//! `waypost prompt list` and `prompt show`: saved prompts, and one with its arguments in place.

use roster::prompt::Prompt;
use roster::{Roster, What};

use super::roster_rows as rows;
use crate::cli::PromptCommand;
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::roster::Here;
use crate::roster::rows::{PromptShown, PromptsListed, ThingRow};
use crate::term::{Term, sanitise};
use crate::world::World;

/// Lists or shows.
pub(crate) fn run(world: &World, screen: &Screen, command: &PromptCommand) -> Outcome<Exit> {
    let (here, all, usable) = rows::load(world)?;
    match command {
        PromptCommand::List => {
            let listed = PromptsListed {
                prompts: all.prompts.iter().map(|prompt| row(&here, &usable, prompt)).collect(),
                left_out: rows::left_out(&all, What::Prompt),
            };
            screen.document(&listed, |listed| words(&screen.term, listed));
            Ok(Exit::Done)
        }
        PromptCommand::Show { name, arguments } => {
            let names = || all.prompts.iter().map(|prompt| prompt.name.as_str()).take(30).collect();
            let prompt = all.prompt(name).ok_or_else(|| rows::missing(&all, What::Prompt, name, names()))?;
            let expanded = prompt.expand(&typed(arguments));
            let shown = PromptShown {
                prompt: prompt.name.clone(),
                file: prompt.file.clone(),
                text: expanded.text,
                missing: expanded.missing,
                notes: expanded.notes,
            };
            screen.document(&shown, |shown| sanitise(&shown.text));
            shown.notes.iter().for_each(|note| rows::note(screen, note));
            let trust = here.trust(&prompt.file);
            if !trust.is_good() {
                rows::unused(screen, &trust.words(), &prompt.file);
            }
            if shown.missing.is_empty() {
                return Ok(Exit::Done);
            }
            let missing = shown.missing.join(", ");
            rows::note(screen, &format!("no argument for {missing}; it stands there as it is"));
            Ok(Exit::Failed)
        }
    }
}

/// Arguments as they would be typed behind the name in a session.
fn typed(arguments: &[String]) -> String {
    let quoted = |argument: &String| {
        let is_plain = !argument.is_empty()
            && !argument.contains(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '\\'));
        if is_plain { argument.clone() } else { format!("'{}'", argument.replace('\'', "'\\''")) }
    };
    arguments.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn row(here: &Here, usable: &Roster, prompt: &Prompt) -> ThingRow {
    let first = || prompt.body.lines().next().unwrap_or_default().to_string();
    ThingRow {
        name: prompt.name.clone(),
        description: prompt.description.clone().unwrap_or_else(first),
        origin: rows::whose(prompt.origin, &prompt.file),
        file: prompt.file.clone(),
        usable: usable.prompts.iter().any(|one| one.file == prompt.file),
        trust: here.trust(&prompt.file).words(),
        bytes: rows::size(&prompt.body),
        keywords: Vec::new(),
        servers: Vec::new(),
    }
}

fn words(term: &Term, listed: &PromptsListed) -> String {
    if listed.prompts.is_empty() && listed.left_out.is_empty() {
        return "no prompts here; put one into .kiro/prompts/NAME.md".to_string();
    }
    let mut lines: Vec<String> = listed.prompts.iter().map(|row| rows::thing_words(term, row)).collect();
    lines.extend(rows::left_out_words(term, &listed.left_out));
    lines.join("\n")
}
