//! Compares the commands that documents name with the enums from which the command line is made.

use super::finding::Finding;
use crate::workspace::{File, Workspace};

const BINARY: &str = "waypost";
const SOURCES: &str = "crates/app/src/";
/// A changelog also speaks of what is gone.
const HISTORY: &str = "CHANGELOG.md";

/// `waypost <word>` in code, in any document, is a command of the front door.
///
/// Limitations: knows all names of all `Subcommand` enums, not which command has which; looks at code spans and blocks
/// only; says nothing as long as there is no such enum.
pub(super) fn rule(workspace: &Workspace) -> Vec<Finding> {
    let front_door = workspace.sources.iter().filter(|file| file.path.starts_with(SOURCES));
    let mut known: Vec<String> = front_door.flat_map(|file| subcommands(&file.text)).collect();
    if known.is_empty() {
        return Vec::new();
    }
    known.push("help".to_owned());
    let documents = workspace.documents.iter().filter(|file| file.path != HISTORY);
    documents.flat_map(|document| unknown_commands(document, &known)).collect()
}

fn unknown_commands(document: &File, known: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_block = false;
    for (index, line) in document.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let code: Vec<&str> =
            if in_block { vec![line] } else { line.split('`').skip(1).step_by(2).collect() };
        for word in code.into_iter().flat_map(commands_in).filter(|word| !known.contains(word)) {
            let place = format!("{}:{}", document.path, index + 1);
            findings.push(Finding::new(
                place,
                format!("`{BINARY} {word}` does not exist"),
                "name one that does",
            ));
        }
    }
    findings
}

/// The first word after the name of the binary, with its alternatives: `waypost login|logout` has two.
fn commands_in(code: &str) -> Vec<String> {
    let command_line = code.trim_start().trim_start_matches("$ ");
    let Some(rest) = command_line.strip_prefix(BINARY).and_then(|rest| rest.strip_prefix(' ')) else {
        return Vec::new();
    };
    let word = rest.split_whitespace().next().unwrap_or_default();
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    word.split('|').filter(is_name).filter(|name| !name.starts_with('-')).map(str::to_owned).collect()
}

/// The names of the variants of every enum that derives `Subcommand`, as clap spells them.
fn subcommands(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !(line.starts_with("#[derive(") && line.contains("Subcommand")) {
            continue;
        }
        let mut renamed = None;
        for line in lines.by_ref().take_while(|line| *line != "}") {
            // A variant stands four spaces in; what stands deeper belongs to it.
            let Some(inner) = line.strip_prefix("    ").filter(|inner| !inner.starts_with(' ')) else {
                continue;
            };
            if let Some((_, name)) = inner.split_once("name = \"").filter(|_| inner.starts_with("#[command("))
            {
                renamed = name.split('"').next().map(str::to_owned);
            } else if inner.starts_with(|c: char| c.is_ascii_uppercase()) {
                let variant = inner.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                names.push(renamed.take().unwrap_or_else(|| kebab(variant)));
            }
        }
    }
    names
}

fn kebab(variant: &str) -> String {
    let mut name = String::new();
    for c in variant.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENUM: &str = "#[derive(Debug, clap::Subcommand)]\nenum Command {\n    /// Runs.\n    Run {\n        \
                        Deep: u8,\n    },\n    McpServer,\n    #[command(name = \"ide\")]\n    Browser(Args),\n}\n";

    #[test]
    fn variants_become_names() {
        assert_eq!(subcommands(ENUM), ["run", "mcp-server", "ide"]);
    }

    #[test]
    fn unknown_commands_in_code_are_found() {
        let text = "Use `waypost run \"x\"` or `waypost fly`.\n\n```sh\nwaypost ide|swim\nwaypost --help\n```\nwaypost is fine\n";
        let workspace = Workspace {
            sources: vec![File { path: format!("{SOURCES}main.rs"), text: ENUM.to_owned() }],
            documents: vec![File { path: "README.md".to_owned(), text: text.to_owned() }],
            ..Workspace::default()
        };
        let found: Vec<String> =
            rule(&workspace).iter().map(|f| format!("{}: {}", f.place, f.fault)).collect();
        assert_eq!(
            found,
            ["README.md:1: `waypost fly` does not exist", "README.md:4: `waypost swim` does not exist"]
        );
    }
}
