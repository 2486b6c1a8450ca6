//! The end of what the person's terminal shows, where that can be had: from tmux. Guesses nothing.

use std::time::Duration;

use context::Answer;
use sandbox::OwnCommand;

use crate::world::World;

/// How many lines back.
const LINES: &str = "-300";

/// The longest answer, in bytes.
const BYTES_MAX: usize = 256 * 1024;

const NEXT: &str = "start Waypost inside tmux, or paste what the terminal says";

/// The last lines of the pane that Waypost runs in.
pub(crate) fn end(world: &World) -> Answer {
    let (Some(server), Some(pane)) = (world.variable("TMUX"), world.variable("TMUX_PANE")) else {
        return Err(format!("what the terminal shows is known only inside tmux; {NEXT}"));
    };
    // `%5`, as tmux names panes; anything else could be an option.
    if !pane.strip_prefix('%').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(format!("the variable TMUX_PANE names no pane; {NEXT}"));
    }
    let own = ["PATH", "HOME", "TMUX_TMPDIR", "LANG", "LC_ALL"];
    let mut environment: Vec<(String, String)> =
        own.iter().filter_map(|name| Some(((*name).to_string(), world.variable(name)?))).collect();
    environment.push(("TMUX".to_string(), server));
    let command = OwnCommand {
        program: "tmux".into(),
        arguments: ["capture-pane", "-p", "-J", "-S", LINES, "-t", &pane].map(Into::into).into(),
        directory: world.home.clone(),
        environment,
        input: Vec::new(),
        timeout: Duration::from_secs(5),
        output_bytes_max: BYTES_MAX,
    };
    let output =
        sandbox::run_own(&command).map_err(|error| format!("tmux cannot be asked: {error}; {NEXT}"))?;
    if output.exit != Some(0) || output.timed_out {
        let said = crate::term::glimpse(&String::from_utf8_lossy(&output.errors), 200);
        return Err(format!("tmux did not say what the terminal shows: {said}; {NEXT}"));
    }
    let shown = String::from_utf8_lossy(&output.output);
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    let last = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    let text = lines.get(..last).unwrap_or_default().join("\n");
    match text.trim().is_empty() {
        true => Err("the terminal shows nothing".to_string()),
        false => Ok((text + "\n", None)),
    }
}
