//! What ends of commands mean, per format and trigger.

use super::*;
use crate::read::read;

fn hook(format: Format, trigger: Trigger) -> Hook {
    let json = r#"{"version":"v1","hooks":[{"name":"h","trigger":"Stop","action":{"type":"command","command":"x"}}]}"#;
    let mut hook = read("h.json", json.as_bytes()).hooks.remove(0);
    (hook.format, hook.trigger) = (format, trigger);
    hook
}

/// The outcome as `context | block | warning`.
#[track_caller]
fn check(format: Format, trigger: Trigger, exit: Exit, expected: &str) {
    let found = outcome(&hook(format, trigger), &exit, b"out\n", b"err\n");
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_string());
    let got = format!("{} | {} | {}", shown(&found.context), shown(&found.block), shown(&found.warning));
    assert_eq!(got, expected, "{format:?} {trigger:?} {exit:?}");
}

#[test]
fn v1_hooks() {
    let (v1, code) = (Format::V1, Exit::Code);
    check(v1, Trigger::PostFileSave, code(0), "out | - | -");
    check(v1, Trigger::SessionEnd, code(0), "- | - | -");
    check(v1, Trigger::PreToolUse, code(2), "- | err | -");
    check(v1, Trigger::PreTaskExec, code(2), "- | err | -");
    check(v1, Trigger::UserPromptSubmit, code(2), "- | err | -");
    check(v1, Trigger::PostToolUse, code(2), "- | - | the hook `h` ended with exit code 2: err");
    check(v1, Trigger::PreToolUse, code(1), "- | - | the hook `h` ended with exit code 1: err");
    check(v1, Trigger::SessionStart, code(1), "out | - | the hook `h` ended with exit code 1: err");
    check(v1, Trigger::PreToolUse, Exit::TimedOut, "- | - | the hook `h` took longer than 60 s: err");
    check(v1, Trigger::PreToolUse, Exit::Signal(9), "- | - | the hook `h` was ended by signal 9: err");
}

#[test]
fn hooks_of_the_first_generation_refuse_with_any_code() {
    check(Format::Legacy, Trigger::PreToolUse, Exit::Code(1), "- | err | -");
    check(
        Format::Legacy,
        Trigger::PreToolUse,
        Exit::TimedOut,
        "err | - | the hook `h` took longer than 60 s: err",
    );
    check(
        Format::Legacy,
        Trigger::PostFileSave,
        Exit::Code(1),
        "err | - | the hook `h` ended with exit code 1: err",
    );
}

#[test]
fn hooks_of_the_command_line_tell_at_two_moments_and_refuse_tools() {
    check(Format::Cli, Trigger::SessionStart, Exit::Code(0), "out | - | -");
    check(Format::Cli, Trigger::PostToolUse, Exit::Code(0), "- | - | -");
    check(Format::Cli, Trigger::PreToolUse, Exit::Code(2), "- | err | -");
    check(
        Format::Cli,
        Trigger::UserPromptSubmit,
        Exit::Code(2),
        "- | - | the hook `h` ended with exit code 2: err",
    );
}

#[test]
fn a_refusal_has_a_reason_and_output_a_bound() {
    let mut hook = hook(Format::V1, Trigger::PreToolUse);
    let silent = outcome(&hook, &Exit::Code(2), b"", b" \n");
    assert_eq!(silent.block.as_deref(), Some("the hook `h` refused and gave no reason"));
    hook.output_max = 5;
    let cut = outcome(&hook, &Exit::Code(0), "aaaaé and more".as_bytes(), b"");
    assert_eq!((cut.context.as_deref(), cut.is_cut), (Some("aaaa\n… (11 more bytes left out)"), true));
    let binary = outcome(&hook, &Exit::Code(0), b"\xff\xfe", b"");
    assert_eq!(binary.context.as_deref(), Some("\u{fffd}\u{fffd}"));
}
