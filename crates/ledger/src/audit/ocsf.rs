//! The audit export as events of the Open Cybersecurity Schema Framework: File System Activity, Process Activity and
//! API Activity, with the profiles `ai_operation`, `security_control` and `record_integrity`.

use std::io::{self, Write};

use conversation::Digest;
use serde_json::{Map, Value, json};

use super::{Origin, Record, list, target, text};

/// The version of the schema.
const VERSION: &str = "1.9.0";

const FILE: u64 = 1001;
const PROCESS: u64 = 1007;
const API: u64 = 6003;
/// An activity that the class has no number for; its name is beside it.
const OTHER: u64 = 99;

const INFORMATIONAL: u64 = 1;
const LOW: u64 = 2;
const MEDIUM: u64 = 3;

/// Makes events of records, each naming the one before it in its journal.
pub(super) struct Events<'a> {
    device: String,
    origin: &'a Origin,
    /// The journal, and the last event of it.
    previous: Option<(String, Value)>,
}

/// What distinguishes an event from others of the same record.
struct Act {
    class: u64,
    activity: u64,
    severity: u64,
    /// Success or failure; `None` where neither is known.
    success: Option<bool>,
    /// What the class asks for.
    about: Vec<(&'static str, Value)>,
}

impl<'a> Events<'a> {
    pub(super) fn new(device: String, origin: &'a Origin) -> Events<'a> {
        Events { device, origin, previous: None }
    }

    pub(super) fn write(&mut self, record: &Record<'_>, out: &mut dyn Write) -> io::Result<()> {
        if self.previous.as_ref().is_some_and(|(journal, _)| journal != record.journal) {
            self.previous = None;
        }
        for (count, act) in acts(record).into_iter().enumerate() {
            let event = self.event(record, count, act);
            writeln!(out, "{event}")?;
        }
        Ok(())
    }

    fn event(&mut self, record: &Record<'_>, count: usize, act: Act) -> Value {
        let uid = format!("{}:{count}", record.line.hash);
        let (class_name, category_name) = names(act.class);
        let activity_name = activity_name(act.class, act.activity, &record.line.name);
        let mut profiles = vec!["ai_operation", "record_integrity"];
        if act.about.iter().any(|(name, _)| *name == "action_id") {
            profiles.insert(1, "security_control");
        }
        let (status_id, status) = match act.success {
            Some(true) => (1, "Success"),
            Some(false) => (2, "Failure"),
            None => (0, "Unknown"),
        };
        let mut event = json!({
            "class_uid": act.class,
            "class_name": class_name,
            "category_uid": act.class / 1000,
            "category_name": category_name,
            "activity_id": act.activity,
            "activity_name": activity_name,
            "type_uid": act.class * 100 + act.activity,
            "type_name": format!("{class_name}: {activity_name}"),
            "severity_id": act.severity,
            "severity": severity_name(act.severity),
            "status_id": status_id,
            "status": status,
            "time": record.line.at,
            "metadata": {
                "version": VERSION,
                "profiles": profiles,
                "product": {"name": "Waypost", "vendor_name": "Waypost", "version": self.origin.version},
                "uid": uid,
                "event_code": record.line.name,
                "log_name": record.journal,
                "sequence": record.line.seq,
                "correlation_uid": record.name,
            },
            "actor": actor(record),
            "ai_agent": self.agent(record),
            "unmapped": {
                "ledger": {
                    "journal": record.journal,
                    "seq": record.line.seq,
                    "prev": record.line.prev.to_string(),
                    "hash": record.line.hash.to_string(),
                    "body": record.body,
                },
            },
        });
        let endpoint = self.endpoint();
        if let Value::Object(fields) = &mut event {
            fields.insert(if act.class == API { "src_endpoint" } else { "device" }.to_string(), endpoint);
            fields.extend(act.about.into_iter().map(|(name, value)| (name.to_string(), value)));
        }
        self.attest(record.journal, &uid, event)
    }

    /// Chains the event: its fingerprint is over its canonical form (RFC 8785), that of the one before it included.
    fn attest(&mut self, journal: &str, uid: &str, mut event: Value) -> Value {
        let mut attestation = Map::new();
        attestation.insert("authority_uid".to_string(), self.device.clone().into());
        attestation.insert("chain_uid".to_string(), journal.into());
        if let Some((_, previous)) = &self.previous {
            attestation.insert("prev_event".to_string(), previous.clone());
        }
        let put = |event: &mut Value, attestation: Map<String, Value>| {
            if let Value::Object(fields) = event {
                fields.insert("attestation_list".to_string(), Value::Array(vec![Value::Object(attestation)]));
            }
        };
        put(&mut event, attestation.clone());
        let digest = Digest::of(canonical(&event).as_bytes()).to_string();
        let fingerprint = fingerprint(&digest);
        self.previous = Some((journal.to_string(), json!({"uid": uid, "fingerprint": fingerprint})));
        attestation.insert("fingerprint".to_string(), fingerprint);
        put(&mut event, attestation);
        event
    }

    fn endpoint(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("uid".to_string(), self.device.clone().into());
        fields.insert("type_id".to_string(), 0.into());
        fields.extend(self.origin.host.clone().map(|host| ("hostname".to_string(), host.into())));
        Value::Object(fields)
    }

    fn agent(&self, record: &Record<'_>) -> Value {
        let (provider, model) = record.model.split_once('/').unwrap_or(("unknown", record.model));
        let model = if model.is_empty() { "unknown" } else { model };
        json!({
            "uid": format!("waypost:{}", self.device),
            "instance_uid": record.name,
            "name": "Waypost",
            "type_id": 1,
            "version": self.origin.version,
            "ai_model": {"ai_provider": provider, "name": model},
        })
    }
}

/// The events of a record: one for each request of a decision and for each changed file, else one.
fn acts(record: &Record<'_>) -> Vec<Act> {
    let body = record.body;
    match &*record.line.name {
        "decided" => list(body, "requests").iter().map(|request| decided(body, request)).collect(),
        "finished" => {
            let changes = list(body, "changes").iter().map(|change| changed(body, change));
            [finished(body)].into_iter().chain(changes).collect()
        }
        "checked" => vec![checked(record)],
        "answered" => vec![answered(record)],
        _ => vec![other(record)],
    }
}

fn decided(body: &Value, request: &Value) -> Act {
    let (action, disposition) = match text(body, "effect") {
        "allow" => (1, (1, "Allowed")),
        "deny" => (2, (2, "Blocked")),
        _ => (0, (0, "Unknown")),
    };
    let (call, what) = (text(body, "call"), target(request));
    let (class, activity, mut about) = match text(request, "capability") {
        "fs_read" => (FILE, 2, vec![("file", file(what, None))]),
        "fs_write" => (FILE, 3, vec![("file", file(what, None))]),
        "shell" => (PROCESS, 1, vec![("process", process(call, what))]),
        other => (API, OTHER, vec![("api", api(other, call)), ("resources", json!([{"name": what}]))]),
    };
    about.extend([
        ("action_id", action.into()),
        ("disposition_id", disposition.0.into()),
        ("disposition", disposition.1.into()),
        ("message", text(body, "reason").into()),
    ]);
    let success = match action {
        1 => Some(true),
        2 => Some(false),
        _ => None,
    };
    let severity = if action == 2 { MEDIUM } else { INFORMATIONAL };
    Act { class, activity, severity, success, about }
}

fn finished(body: &Value) -> Act {
    let success = text(body, "status") == "done";
    let about = vec![("api", api("tool.result", text(body, "call")))];
    let severity = if success { INFORMATIONAL } else { LOW };
    Act { class: API, activity: OTHER, severity, success: Some(success), about }
}

fn changed(body: &Value, change: &Value) -> Act {
    let (before, after) = (text(change, "before"), text(change, "after"));
    let activity = match (before.is_empty(), after.is_empty()) {
        (true, _) => 1,
        (false, true) => 4,
        (false, false) => 3,
    };
    let hash = if after.is_empty() { before } else { after };
    let about = vec![("file", file(text(change, "path"), (!hash.is_empty()).then_some(hash)))];
    let success = text(body, "status") == "done";
    Act { class: FILE, activity, severity: INFORMATIONAL, success: Some(success), about }
}

fn checked(record: &Record<'_>) -> Act {
    let exit = record.body.get("exit").and_then(Value::as_i64);
    let uid = format!("{}:{}", record.journal, record.line.seq);
    let mut about = vec![("process", process(&uid, text(record.body, "command")))];
    about.extend(exit.map(|exit| ("exit_code", exit.into())));
    let severity = if exit == Some(0) { INFORMATIONAL } else { LOW };
    Act { class: PROCESS, activity: 1, severity, success: Some(exit == Some(0)), about }
}

fn answered(record: &Record<'_>) -> Act {
    let usage = record.body.get("usage").unwrap_or(&Value::Null);
    let tokens = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or(0);
    let prompt = tokens("input").saturating_add(tokens("cache_read")).saturating_add(tokens("cache_write"));
    let completion = tokens("output");
    let context = json!({
        "ai_role_id": 2,
        "uid": record.name,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion),
        "application": {"name": "Waypost"},
    });
    let uid = format!("{}:{}", record.journal, record.line.seq);
    let about = vec![("api", api("model.answer", &uid)), ("message_context", context)];
    Act { class: API, activity: OTHER, severity: INFORMATIONAL, success: Some(true), about }
}

fn other(record: &Record<'_>) -> Act {
    let name = &*record.line.name;
    let activity = match name {
        "started" | "planned" | "approved" | "task_started" => 1,
        "ticked" | "changed" | "edited" | "compacted" | "repaired" => 3,
        "erased" => 4,
        _ => OTHER,
    };
    let severity = match name {
        "erased" | "repaired" => MEDIUM,
        "model_failed" => LOW,
        _ => INFORMATIONAL,
    };
    let success = match name {
        "model_failed" => Some(false),
        "ended" => Some(text(record.body, "outcome") == "done"),
        _ => Some(true),
    };
    let uid = format!("{}:{}", record.journal, record.line.seq);
    let mut about = vec![("api", api(&format!("waypost.{name}"), &uid))];
    if let Some(message) = ["text", "message", "summary", "why"]
        .iter()
        .map(|one| text(record.body, one))
        .find(|text| !text.is_empty())
    {
        about.push(("message", message.into()));
    }
    Act { class: API, activity, severity, success, about }
}

fn actor(record: &Record<'_>) -> Value {
    let mut fields = Map::new();
    fields.insert("app_name".to_string(), "Waypost".into());
    fields.insert("session".to_string(), json!({"uid": record.name}));
    let by = ["by", "answered_by"].iter().map(|name| text(record.body, name)).find(|by| !by.is_empty());
    fields.extend(by.map(|by| ("user".to_string(), json!({"name": by}))));
    Value::Object(fields)
}

fn api(operation: &str, uid: &str) -> Value {
    json!({"operation": operation, "request": {"uid": uid}, "service": {"name": "Waypost"}})
}

fn process(uid: &str, line: &str) -> Value {
    let program = line.split_whitespace().next().unwrap_or("unknown");
    json!({"uid": uid, "name": program, "cmd_line": line})
}

fn file(path: &str, hash: Option<&str>) -> Value {
    let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path);
    // What lies at a path is not on record; a file that has a digest is a regular one.
    let mut file = json!({"name": name, "path": path, "type_id": if hash.is_some() { 1 } else { 0 }});
    if let (Value::Object(fields), Some(hash)) = (&mut file, hash) {
        fields.insert("hashes".to_string(), json!([fingerprint(hash)]));
    }
    file
}

fn fingerprint(digest: &str) -> Value {
    json!({"algorithm_id": 3, "algorithm": "SHA-256", "value": digest})
}

fn names(class: u64) -> (&'static str, &'static str) {
    match class {
        FILE => ("File System Activity", "System Activity"),
        PROCESS => ("Process Activity", "System Activity"),
        _ => ("API Activity", "Application Activity"),
    }
}

fn activity_name(class: u64, activity: u64, kind: &str) -> String {
    let name = match (class, activity) {
        (PROCESS, 1) => "Launch",
        (_, 1) => "Create",
        (_, 2) => "Read",
        (_, 3) => "Update",
        (_, 4) => "Delete",
        _ => kind,
    };
    name.to_string()
}

fn severity_name(severity: u64) -> &'static str {
    match severity {
        MEDIUM => "Medium",
        LOW => "Low",
        _ => "Informational",
    }
}

/// JSON with its names in order (RFC 8785). Our names are ASCII and our numbers whole, so nothing else is needed.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_str());
            let parts: Vec<String> = sorted
                .into_iter()
                .map(|(name, one)| format!("{}:{}", Value::from(name.as_str()), canonical(one)))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(values) => {
            format!("[{}]", values.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}
