//! Recordings for the provider `replay`, made from what each session says.

use serde_json::{Value, json};

use super::Desk;

/// One turn: words and calls.
pub(crate) fn turn(text: &str, calls: &[(&str, Value)]) -> Value {
    let calls: Vec<Value> = calls.iter().map(|(name, input)| json!({"name": name, "input": input})).collect();
    json!({"text": text, "calls": calls})
}

/// A last turn.
pub(crate) fn ends(text: &str) -> Value {
    turn(text, &[])
}

/// The turns of a session that makes a file.
pub(crate) fn makes(path: &str, content: &str) -> Vec<Value> {
    vec![turn("I write it.", &[("write", json!({"path": path, "content": content}))]), ends("Done.")]
}

/// Puts a recording beside the workspace and gives the name of the model that plays it.
pub(crate) fn recording(desk: &Desk, sessions: &[(&str, Vec<Value>)]) -> String {
    let sessions: Vec<Value> =
        sessions.iter().map(|(fits, turns)| json!({"match": fits, "turns": turns})).collect();
    let whole = json!({"version": 1, "title": "a test", "sessions": sessions});
    format!("replay/{}", desk.put_outside("recording.json", whole.to_string()))
}
