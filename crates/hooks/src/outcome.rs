//! What the end of a hook's command means: text for the agent, a refusal, a warning. Runs nothing.

use crate::hook::{Format, Hook};
use crate::trigger::Trigger;

/// Bytes of a reason for a refusal, or of a warning.
pub const REASON_MAX: usize = 8 * 1024;

/// How a command came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// It took longer than it may.
    TimedOut,
    /// It never ran; why.
    NotStarted(String),
}

/// What follows from a hook's end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What the agent is told, as data; at most the hook's `output_max` bytes.
    pub context: Option<String>,
    /// What is about to happen is refused; why. Only at triggers that can refuse.
    pub block: Option<String>,
    /// What the person is told.
    pub warning: Option<String>,
    /// Some output was left out, because it is longer than the hook may print.
    pub is_cut: bool,
}

/// What the end of `hook`'s command means by the documented rules:
///
/// * 0: standard output is for the agent. A hook of the 2.x command line tells it only at the begin of a session and
///   at a prompt.
/// * 2: refuses, with standard error as the reason, where that trigger can refuse. The 2.x command line refuses only
///   tools. Elsewhere it is a failure as any other.
/// * anything else: a warning. A 0.x hook refuses with every code but 0, as it did in the editor that it was written for.
/// * v1 hooks at the begin of a session and at a prompt tell the agent their output whatever the code is, as Kiro's
///   engine does.
pub fn outcome(hook: &Hook, exit: &Exit, stdout: &[u8], stderr: &[u8]) -> Outcome {
    let (said, out_cut) = text_of(stdout, hook.output_max);
    let (wrong, err_cut) = text_of(stderr, hook.output_max.min(REASON_MAX));
    let mut outcome = Outcome { is_cut: out_cut || err_cut, ..Outcome::default() };
    let begins = matches!(hook.trigger, Trigger::SessionStart | Trigger::UserPromptSubmit);
    let is_told = match hook.format {
        Format::Cli => begins,
        // Nobody is left who could be told.
        _ => hook.trigger != Trigger::SessionEnd,
    };
    if *exit == Exit::Code(0) {
        outcome.context = said.filter(|_| is_told);
        return outcome;
    }
    let can_refuse = match hook.format {
        Format::Cli => hook.trigger == Trigger::PreToolUse,
        _ => hook.trigger.can_refuse(),
    };
    let refuses = matches!((hook.format, exit), (_, Exit::Code(2)) | (Format::Legacy, Exit::Code(_)));
    let name = &hook.name;
    if refuses && can_refuse {
        let silent = || format!("the hook `{name}` refused and gave no reason");
        outcome.block = Some(wrong.or(said).unwrap_or_else(silent));
        return outcome;
    }
    let end = match exit {
        Exit::Code(code) => format!("ended with exit code {code}"),
        Exit::Signal(signal) => format!("was ended by signal {signal}"),
        Exit::TimedOut => format!("took longer than {}", seconds(hook.timeout_ms)),
        Exit::NotStarted(why) => format!("did not start: {why}"),
    };
    outcome.warning = Some(match &wrong {
        Some(wrong) => format!("the hook `{name}` {end}: {wrong}"),
        None => format!("the hook `{name}` {end}"),
    });
    match hook.format {
        Format::V1 | Format::Yaml | Format::Plugin if begins => outcome.context = said,
        // The editor of 0.x told the agent what went wrong.
        Format::Legacy if is_told => outcome.context = wrong,
        _ => {}
    }
    outcome
}

fn seconds(ms: u64) -> String {
    match ms {
        0 => "it may".to_string(),
        ms if ms % 1000 == 0 => format!("{} s", ms / 1000),
        ms => format!("{ms} ms"),
    }
}

/// The text of an output without the blanks around it, cut to `max` bytes; `None` when nothing is left. Says whether
/// something was cut.
fn text_of(bytes: &[u8], max: usize) -> (Option<String>, bool) {
    let is_cut = bytes.len() > max;
    let kept = bytes.get(..max.min(bytes.len())).unwrap_or_default();
    // Bytes of a character that the cut went through are not shown as damage.
    let kept = match std::str::from_utf8(kept) {
        Err(error) if is_cut && error.error_len().is_none() => {
            kept.get(..error.valid_up_to()).unwrap_or_default()
        }
        _ => kept,
    };
    let text = String::from_utf8_lossy(kept);
    let text = text.trim();
    if text.is_empty() {
        return (None, is_cut);
    }
    let left_out = bytes.len() - kept.len();
    let text =
        if is_cut { format!("{text}\n… ({left_out} more bytes left out)") } else { text.to_string() };
    (Some(text), is_cut)
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
