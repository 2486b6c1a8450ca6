//! `sh -c '…'`, `bash script.sh`, `… | sh`: shells that a line starts. Their lines are judged as if they stood in it.

use super::wrappers::{followed, look_for_danger};
use super::{Bench, Class, Finding, Seen};
use crate::sh::{Arg, Input, Unclear};

/// Shells by name.
pub(super) const SHELLS: [&str; 10] =
    ["sh", "bash", "zsh", "dash", "ksh", "ash", "rbash", "mksh", "yash", "fish"];

/// Judges a call of a shell: the line, the script file, or what is piped in.
pub(super) fn call(
    bench: &mut Bench,
    name: &str,
    args: &[Arg],
    seen: &Seen<'_>,
    number: usize,
    finding: &mut Finding,
) -> Result<(), Unclear> {
    let mut rest = args.iter();
    let mut takes_text = false;
    let mut operand = None;
    while let Some(arg) = rest.next() {
        let text = arg.text.as_str();
        if arg.is_computed && !takes_text && operand.is_none() {
            finding.hide("what it runs shows only when it runs");
            return Ok(());
        }
        match text {
            "--" | "-" => {}
            "--norc" | "--noprofile" | "--posix" | "--login" | "--restricted" | "--verbose" => {}
            _ if text.starts_with("--") => {
                finding.hide("an option of a shell that may run something");
                if !text.contains('=') {
                    rest.next();
                }
            }
            _ if text.starts_with(['-', '+']) => {
                takes_text |= text.starts_with('-') && text.contains('c');
                // What a person's own files define, and another way to read the line, are not seen.
                if text.contains(['O', 'i']) {
                    finding.hide("an option of a shell that changes how it reads");
                }
                // `-o pipefail`
                if text.ends_with(['o', 'O']) {
                    rest.next();
                }
            }
            _ => {
                operand = Some(arg);
                break;
            }
        }
    }
    if !matches!(name, "sh" | "bash" | "dash" | "ash" | "rbash") {
        finding.hide("a shell whose language is not followed");
    }
    match operand {
        Some(script) if takes_text => {
            if script.is_computed || name == "fish" {
                finding.hide("what it runs shows only when it runs");
                let words: Vec<Arg> = script.text.split_whitespace().map(Arg::known).collect();
                look_for_danger(&words, seen, finding);
                return Ok(());
            }
            followed(bench, &script.text.clone(), seen, number, finding)
        }
        Some(file) => {
            finding.read(file);
            finding.raise(Class::Project(format!("runs the script `{}`", file.text)));
            if file.is_computed {
                finding.hide("what it runs shows only when it runs");
            }
            Ok(())
        }
        None => match piped_text(seen) {
            Some(text) => followed(bench, &text, seen, number, finding),
            None => {
                finding.hide("runs what it is given through a pipe");
                Ok(())
            }
        },
    }
}

/// What comes through the pipe, when it is written in the line.
fn piped_text(seen: &Seen<'_>) -> Option<String> {
    match &seen.part.input {
        Input::Text(text) => Some(text.clone()),
        Input::Part(from) => {
            let part = seen.parts.get(*from)?;
            let (program, args) = part.argv.split_first()?;
            let words: Vec<&str> = args.iter().map(Arg::literal).collect::<Option<_>>()?;
            match (program.literal()?, words.as_slice()) {
                ("echo", rest) if !rest.iter().any(|word| word.contains('\\')) => {
                    Some(rest.strip_prefix(&["-n"]).unwrap_or(rest).join(" "))
                }
                ("printf", ["%s" | "%s\\n", text]) => Some((*text).to_string()),
                ("printf", [text]) if !text.contains('%') => {
                    Some(text.replace("\\n", "\n")).filter(|text| !text.contains('\\'))
                }
                ("cat", [] | ["-"]) => match &part.input {
                    Input::Text(text) => Some(text.clone()),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}
