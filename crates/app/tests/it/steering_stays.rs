//! Steering stays in force: after a resume, with another model, in a sub-agent, and from the moment at which a file comes into play.

use serde_json::{Value, json};

use crate::harness::{Desk, Model, call, say};

const TYPES: &str = "---\ninclusion: fileMatch\nfileMatchPattern: \"**/*.ts\"\n---\nPrefer const.\n";

fn desk(model: &Model) -> Desk {
    let desk = Desk::new();
    desk.talks_to(model);
    desk.put(".kiro/steering/tech.md", "Use tabs.\n");
    desk.put(".kiro/steering/types.md", TYPES);
    desk.put("packages/x/.kiro/steering/own.md", "Package x speaks French.\n");
    desk.put("packages/x/a.ts", "let a = 1\n");
    desk.check(&["trust", "--yes"], 0, &[]);
    desk
}

/// What each request said: the part before the conversation, and all of it.
fn asked(model: &Model) -> Vec<(String, String)> {
    let all = model.requests();
    all.iter().map(|body| (body["system"].to_string(), body.to_string())).collect()
}

#[test]
fn what_matches_later_is_told_and_stays_after_a_resume_with_another_model() {
    let answers =
        vec![call("read", json!({"path": "packages/x/a.ts"})), say("Read."), say("On."), say("Other.")];
    let model = Model::start(answers);
    let desk = desk(&model);
    desk.check(&["run", "look"], 0, &["steering in force from here", "types.md"]);
    let before = asked(&model);
    assert!(before[0].0.contains("Use tabs.") && !before[0].1.contains("Prefer const."));
    assert!(before[1].1.contains("Prefer const.") && before[1].1.contains("Package x speaks French."));
    assert_eq!(before[0].0, before[1].0, "the beginning of the prompt stays");
    let (session, name) = session(&desk);
    desk.check(&["session", "resume", &session, "-m", "go on"], 0, &["On."]);
    let other = format!("{name}-2");
    desk.check(&["session", "resume", &session, "-m", "and on", "--model", &other], 0, &["Other."]);
    let after = asked(&model);
    for (system, whole) in after.iter().skip(2) {
        assert_eq!(*system, before[0].0);
        assert!(whole.contains("Prefer const.") && whole.contains("Package x speaks French."), "{whole}");
        assert_eq!(whole.matches("Prefer const.").count(), 1, "told once");
    }
    // One digest over all that is in force, the same on each turn after it came.
    let records = desk.records("sessions");
    let sent: Vec<&str> = records.lines().filter(|line| line.contains("\"type\":\"sent\"")).collect();
    let digest = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        value["body"]["fragments"].as_str().unwrap().to_string()
    };
    let digests: Vec<String> = sent.iter().map(|line| digest(line)).collect();
    assert_eq!(digests.len(), 4, "{records}");
    assert_ne!(digests[0], digests[1]);
    assert!(digests.iter().skip(1).all(|digest| *digest == digests[1]), "{digests:?}");
}

#[test]
fn a_sub_agent_has_it_too() {
    let task = json!({"tasks": [{"agent": "general-purpose", "task": "READ packages/x/a.ts"}]});
    let model = Model::by(move |body| {
        let (told, answers) =
            (body.to_string(), body["messages"].to_string().matches("\"assistant\"").count());
        match (told.contains("READ packages") && !told.contains("delegate it"), answers) {
            (true, 0) => call("read", json!({"path": "packages/x/a.ts"})),
            (true, _) => say("Read."),
            (false, 0) => call("subagent", task.clone()),
            (false, _) => say("Done."),
        }
    });
    let desk = desk(&model);
    desk.check(&["run", "delegate it"], 0, &["Done."]);
    let inside: Vec<(String, String)> =
        asked(&model).into_iter().filter(|(_, whole)| !whole.contains("delegate it")).collect();
    assert_eq!(inside.len(), 2);
    assert!(inside.iter().all(|(system, _)| system.contains("Use tabs.")));
    assert!(inside[1].1.contains("Prefer const.") && inside[1].1.contains("Package x speaks French."));
}

fn session(desk: &Desk) -> (String, String) {
    let list = desk.waypost(&["--json", "session", "list"]).document();
    let text = |name: &str| list[0][name].as_str().unwrap().to_string();
    (text("session"), text("model"))
}

#[test]
fn the_agent_of_a_hook_has_the_steering_of_its_files() {
    let model = Model::start(vec![say("Seen.")]);
    let desk = desk(&model);
    let hook = json!({"name": "look", "trigger": "PostFileSave", "matcher": "\\.ts$",
                      "action": {"type": "agent", "prompt": "Say what you think."}});
    desk.put(".kiro/hooks/h.json", json!({"version": "v1", "hooks": [hook]}).to_string());
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["hooks", "run", "look", "--path", "packages/x/a.ts"], 0, &[]);
    let (before, _) = &asked(&model)[0];
    assert!(before.contains("Prefer const.") && before.contains("Package x speaks French."), "{before}");
}

#[test]
fn a_file_that_the_words_name_by_its_path_alone_is_in_play() {
    let model = Model::start(vec![say("Seen."), say("Seen.")]);
    let desk = desk(&model);
    desk.check(&["run", "look at #packages/x/a.ts"], 0, &[]);
    desk.check(&["run", "look at #packages/x/gone.ts"], 0, &[]);
    let asked = asked(&model);
    assert!(asked[0].1.contains("Prefer const.") && !asked[1].1.contains("Prefer const."), "{asked:?}");
}
