//! What hooks get: every field, in the names of their format, within bounds.

use super::*;
use crate::hook::{Hook, HookId, Source};
use crate::matcher::Matcher;
use crate::moment::Chain;
use crate::trigger::Trigger;
use crate::{Scope, TIMEOUT_MS_DEFAULT};

fn hook(format: Format) -> Hook {
    Hook {
        id: HookId::new("f", "h", 0),
        name: "h".to_string(),
        description: None,
        source: Source {
            file: ".agents/plugins/p/hooks/hooks.json".to_string(),
            span: spec::Span::default(),
        },
        format,
        trigger: Trigger::PostToolUse,
        matcher: Matcher::Always,
        action: Action::Agent { prompt: "read ${PLUGIN_ROOT}/a in ${WORKSPACE_ROOT}".to_string() },
        timeout_ms: TIMEOUT_MS_DEFAULT,
        is_enabled: true,
        advisory: None,
        confirm: None,
        output_max: 10,
        cache_ttl_seconds: 0,
        scope: Scope::Everywhere,
    }
}

fn wrote() -> Moment {
    let mut moment = Moment::new(Trigger::PostToolUse, "sess_1", "/w");
    moment.prompt = Some("make it so".to_string());
    moment.tool_name = Some("write".to_string());
    moment.tool_input = Some(json!({"path": "a.rs", "content": "fn"}));
    moment.tool_response = Some(json!("written"));
    moment.cause = Chain::begun("call-7").then(&HookId::new("f", "other", 0));
    moment
}

fn got(format: Format, moment: &Moment) -> Value {
    let text = payload(&hook(format), moment);
    assert!(text.ends_with('\n') && text.lines().count() == 1);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_v1_hook_gets_everything() {
    let expected = json!({
        "hook_event_name": "PostToolUse", "session_id": "sess_1", "cwd": "/w", "prompt": "make it so",
        "tool_name": "fs_write",
        "tool_input": {"path": "a.rs", "content": "fn", "file_path": "a.rs", "text": "fn", "file_text": "fn"},
        "tool_response": "written",
        "waypost": {"hook": "h", "event": "post_tool_use", "tool": "write", "cause": {"event": "call-7", "hooks": ["f#other"]}}
    });
    assert_eq!(got(Format::V1, &wrote()), expected);
}

#[test]
fn names_follow_the_format() {
    let check = |format: Format, event: &str, tool: &str| {
        let value = got(format, &wrote());
        assert_eq!(
            (value["hook_event_name"].as_str(), value["tool_name"].as_str()),
            (Some(event), Some(tool))
        );
    };
    check(Format::Cli, "postToolUse", "fs_write");
    check(Format::Yaml, "PostToolUse", "write");
    check(Format::Legacy, "PostToolUse", "fs_write");
    let mut moment = wrote();
    moment.tool_name = Some("git/git_diff".to_string());
    assert_eq!(got(Format::Cli, &moment)["tool_name"], "@git/git_diff");
    moment.trigger = Trigger::SessionStart;
    assert_eq!(got(Format::Cli, &moment)["hook_event_name"], "agentSpawn");
}

#[test]
fn one_edit_has_kiros_keys() {
    let mut moment = wrote();
    moment.tool_input = Some(json!({"path": "a", "edits": [{"old_text": "x", "new_text": "y"}]}));
    let input = &got(Format::V1, &moment)["tool_input"];
    assert_eq!((input["old_str"].as_str(), input["new_str"].as_str()), (Some("x"), Some("y")));
}

#[test]
fn tasks_files_and_decisions() {
    let mut moment = Moment::new(Trigger::PostFileSave, "s", "/w");
    moment.file_path = Some("a".to_string());
    moment.file_paths = vec!["a".to_string(), "b".to_string()];
    moment.paths_left_out = 3;
    moment.old_path = Some("z".to_string());
    moment.spec_name = Some("login".to_string());
    moment.task_name = Some("1.2 Do it".to_string());
    moment.task_success = Some(false);
    moment.user_decision = Some("yes".to_string());
    let value = got(Format::V1, &moment);
    assert_eq!(value["file_path"], "a");
    assert_eq!(value["waypost"]["file_paths"], json!(["a", "b"]));
    assert_eq!(value["waypost"]["file_paths_left_out"], 3);
    assert_eq!(value["waypost"]["old_path"], "z");
    assert_eq!(
        (&value["spec_name"], &value["task_name"], &value["task_success"], &value["user_decision"]),
        (&json!("login"), &json!("1.2 Do it"), &json!(false), &json!("yes"))
    );
}

#[test]
fn a_payload_is_bounded() {
    let mut moment = wrote();
    moment.prompt = Some("é".repeat(TEXT_MAX));
    moment.tool_input = Some(json!({"long": "x".repeat(5_000_000), "many": vec![1; 100_000]}));
    let text = payload(&hook(Format::V1), &moment);
    assert!(text.len() < 3 * TEXT_MAX, "{}", text.len());
    assert!(text.contains("… (cut)") && text.contains("… left out"));
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["waypost"]["cut"], json!(["/prompt", "/tool_input/long", "/tool_input/many"]));
    assert!(payload(&hook(Format::V1), &wrote()).find("\"cut\"").is_none());
}

#[test]
fn what_a_hook_says_no_to_is_whole() {
    let mut moment = wrote();
    (moment.trigger, moment.tool_response) = (Trigger::PreToolUse, None);
    let content = format!("{}forbidden", "x".repeat(5_000_000));
    moment.tool_input = Some(json!({"path": "a", "content": content, "many": vec![1; 100_000]}));
    let value = got(Format::V1, &moment);
    assert_eq!((&value["tool_input"]["content"], &value["waypost"]["cut"]), (&json!(content), &Value::Null));
    assert_eq!(value["tool_input"]["many"].as_array().unwrap().len(), 100_000);
    // Beyond what a model can answer, it is said.
    moment.tool_input = Some(json!({"a/b~c": [{"deep": "x".repeat(GUARDED_TEXT_MAX + 1)}]}));
    assert_eq!(got(Format::V1, &moment)["waypost"]["cut"], json!(["/tool_input/a~1b~0c/0/deep"]));
    moment.tool_input = Some(json!({"many": vec![1; GUARDED_VALUES_MAX + 1]}));
    assert_eq!(got(Format::V1, &moment)["waypost"]["cut"], json!(["/tool_input/many"]));
    (moment.trigger, moment.tool_input) = (Trigger::UserPromptSubmit, None);
    moment.prompt = Some(content.clone());
    assert_eq!(got(Format::V1, &moment)["prompt"], json!(content));
}

#[test]
fn the_environment() {
    let mut moment = wrote();
    moment.prompt = Some(format!("a\0b{}", "c".repeat(100_000)));
    let pairs = environment(&hook(Format::Plugin), &moment);
    let get = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert!(get("USER_PROMPT").unwrap().starts_with("abccc"));
    assert!(pairs.iter().all(|(_, value)| value.len() <= VARIABLE_MAX && !value.contains('\0')));
    assert_eq!(get("PLUGIN_ROOT"), Some("/w/.agents/plugins/p"));
    assert_eq!(get("WORKSPACE_ROOT"), Some("/w"));
    assert_eq!(get("WAYPOST_TOOL"), Some("write"));
    assert_eq!(environment(&hook(Format::V1), &moment).iter().find(|(name, _)| name == "PLUGIN_ROOT"), None);
}

#[test]
fn the_prompt_of_a_plugin_knows_its_folder() {
    let moment = wrote();
    assert_eq!(prompt(&hook(Format::Plugin), &moment).unwrap(), "read /w/.agents/plugins/p/a in /w");
    assert_eq!(prompt(&hook(Format::V1), &moment).unwrap(), "read ${PLUGIN_ROOT}/a in ${WORKSPACE_ROOT}");
}
