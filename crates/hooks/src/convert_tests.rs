//! What conversions write, that it reads back, and that nothing is lost in silence.

use proptest::prelude::*;

use super::*;
use crate::matching::{Verdict, explain};
use crate::moment::Moment;
use crate::read::read;

#[track_caller]
fn check(file: &str, text: &str, files: &[(&str, &str)], losses: &[&str]) {
    let converted = convert(&read(file, text.as_bytes()).hooks);
    let got: Vec<(&str, &str)> =
        converted.files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    assert_eq!(got, files);
    assert_eq!(converted.losses.iter().map(|loss| loss.what.as_str()).collect::<Vec<_>>(), losses);
}

#[test]
fn a_hook_of_the_first_generation() {
    check(
        ".kiro/hooks/docs.kiro.hook",
        r#"{"enabled":false,"name":"Docs","description":"d","when":{"type":"fileEdited","patterns":["src/**/*.ts","README.md"]},
            "then":{"type":"askAgent","prompt":"Update"}}"#,
        &[(
            ".kiro/hooks/docs.json",
            r#"{
  "version": "v1",
  "hooks": [
    {
      "name": "Docs",
      "description": "d",
      "trigger": "PostFileSave",
      "matcher": "^(?:src/(?:.*/)?[^/]*\\.ts|(?:.*/)?README\\.md)$",
      "action": {
        "type": "agent",
        "prompt": "Update"
      },
      "enabled": false
    }
  ]
}
"#,
        )],
        &[],
    );
}

#[test]
fn a_manual_hook_becomes_steering() {
    check(
        ".kiro/hooks/r.kiro.hook",
        r#"{"name":"Review: all!","description":"say \"x\"","when":{"type":"userTriggered"},"then":{"type":"askAgent","prompt":"Look\n"}}"#,
        &[(
            ".kiro/steering/review-all.md",
            "---\ninclusion: manual\ndescription: \"say \\\"x\\\"\"\n---\n\n# Review: all!\n\nLook\n",
        )],
        &[],
    );
}

/// The single hook's matcher and what was lost.
fn one(file: &str, text: &str) -> (String, Vec<String>) {
    let converted = convert(&read(file, text.as_bytes()).hooks);
    let value: Value = serde_json::from_str(&converted.files[0].text).unwrap();
    let losses = converted.losses.into_iter().map(|loss| loss.what).collect();
    (value["hooks"][0]["matcher"].as_str().unwrap_or("-").to_string(), losses)
}

#[test]
fn losses_are_named() {
    let legacy = |tools: &str| {
        let text = format!(
            r#"{{"name":"g","when":{{"type":"preToolUse","toolTypes":{tools}}},"then":{{"type":"runCommand","command":"x"}}}}"#
        );
        one("g.kiro.hook", &text)
    };
    let exit = "it refused with every exit code but 0; a v1 hook refuses only with 2".to_string();
    assert_eq!(
        legacy(r#"["write"]"#),
        (
            "^(?:str_replace|fs_append|edit_code|code|fs_write|create_file|delete_file)$".to_string(),
            vec![exit.clone()]
        )
    );
    assert_eq!(legacy(r#"["*"]"#), ("-".to_string(), vec![exit.clone()]));
    assert_eq!(legacy(r#"["^x$"]"#), ("^x$".to_string(), vec![exit.clone()]));
    assert_eq!(legacy(r#"["@git/x"]"#), ("@git/x".to_string(), vec![exit.clone()]));
    let (matcher, losses) = legacy(r#"["shell", "@git/x"]"#);
    assert_eq!(matcher.split('|').next(), Some("^(?:execute_bash"));
    assert!(losses.contains(
        &"`@git/x` cannot stand beside other tools in a v1 matcher; write a hook for it".to_string()
    ));
    // What never matched does not begin to.
    let text = r#"{"name":"g","when":{"type":"fileEdited","patterns":[""]},"then":{"type":"askAgent","prompt":"x"}}"#;
    assert_eq!(one("g.kiro.hook", text).0, r"[^\s\S]");
    let text = r#"{"name":"g","when":{"type":"fileEdited","patterns":["*.a","!gen/**"]},"then":{"type":"askAgent","prompt":"x"},"advisory":true}"#;
    let (matcher, losses) = one("g.kiro.hook", text);
    assert_eq!(matcher, r"^(?:.*/)?[^/]*\.a$");
    assert_eq!(losses.len(), 2, "{losses:?}");
}

#[test]
fn hooks_of_an_agent_and_of_a_plugin() {
    let (node, _) = spec::data::read(
        br#"{"preToolUse":[{"matcher":"fs_read","command":"x","timeout_ms":1500,"cache_ttl_seconds":9}]}"#,
        spec::data::Notation::Json,
    );
    let hooks = crate::read::read_agent_hooks(&node.unwrap(), ".kiro/agents/team/a.json", "team/a").hooks;
    let converted = convert(&hooks);
    assert_eq!(converted.files[0].path, ".kiro/hooks/team-a-hooks.json");
    assert!(converted.files[0].text.contains("read_file|read_files"), "{}", converted.files[0].text);
    assert!(converted.files[0].text.contains(r#""timeout": 2"#));
    let losses: Vec<&str> = converted.losses.iter().map(|loss| loss.what.as_str()).collect();
    assert_eq!(losses.len(), 5, "{losses:?}");
    check(
        ".agents/plugins/p/hooks/hooks.json",
        r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"${PLUGIN_ROOT}/x.sh"}]}]}}"#,
        &[(
            ".kiro/hooks/p.json",
            "{\n  \"version\": \"v1\",\n  \"hooks\": [\n    {\n      \"name\": \"Stop\",\n      \"trigger\": \"Stop\",\n      \"action\": {\n        \"type\": \"command\",\n        \"command\": \".agents/plugins/p/x.sh\"\n      },\n      \"timeout\": 60\n    }\n  ]\n}\n",
        )],
        &[],
    );
}

#[test]
fn a_v1_file_stays_and_an_old_shape_in_json_gets_a_new_name() {
    let v1 = r#"{"version":"v1","hooks":[{"name":"a","trigger":"Stop","action":{"type":"command","command":"x"}}]}"#;
    check(".kiro/hooks/a.json", v1, &[], &[]);
    let old = r#"{"name":"a","when":{"type":"agentStop"},"then":{"type":"askAgent","prompt":"x"}}"#;
    let converted = convert(&read("~/.kiro/hooks/a.json", old.as_bytes()).hooks);
    assert_eq!(converted.files[0].path, "~/.kiro/hooks/a.v1.json");
}

proptest! {
    /// What was converted matches exactly the files that it matched before.
    #[test]
    fn a_converted_hook_matches_the_same_files(
        patterns in proptest::collection::vec("(\\*\\*/)?[ab]{0,2}(/|\\*|\\?|\\{a,b\\})?[ab]{0,2}(\\*|\\.ts)?", 1..4),
        paths in proptest::collection::vec("[ab]{1,3}(/[ab]{1,3}){0,2}(\\.ts)?", 1..8),
    ) {
        let text = json!({"name": "x", "when": {"type": "fileEdited", "patterns": patterns}, "then": {"type": "askAgent", "prompt": "x"}});
        let hooks = read("x.kiro.hook", text.to_string().as_bytes()).hooks;
        let converted = convert(&hooks);
        let again = read(&converted.files[0].path, converted.files[0].text.as_bytes());
        prop_assert_eq!(again.hooks.len(), 1, "{:?}", again.diagnostics);
        for path in paths {
            let mut moment = Moment::new(Trigger::PostFileSave, "s", "/w");
            moment.file_path = Some(path.clone());
            let fits = |hook| matches!(explain(hook, &moment), Verdict::Matches { .. });
            prop_assert_eq!(fits(&hooks[0]), fits(&again.hooks[0]), "{:?} on {}", patterns, path);
        }
    }
}
