//! cc-sdd's spec folders to a Kiro spec and back: nearly Kiro's own form, with a `spec.json` of its own. Knows no other
//! tool.

use plan::SpecDocuments;
use serde_json::{Value, json};

use crate::specs::feature::{Design, Feature, Numbers};
use crate::specs::to_kiro::{self, Form};
use crate::specs::{
    Export, FILE_BYTES_MAX, File, Import, Loss, base_name, bounded, from_kiro, general_loss, inside,
};

/// Reads the files of one spec folder. `spec.json`, research and briefs go beside the documents.
pub fn import(name: &str, files: &[File]) -> Import {
    let anchor = files.iter().map(|(path, _)| path.as_str()).find(|path| base_name(path) == "spec.json");
    let anchor = anchor.or_else(|| files.first().map(|(path, _)| path.as_str()));
    let folder = anchor.and_then(|anchor| anchor.rsplit_once('/')).map(|(folder, _)| folder);
    let mut documents = SpecDocuments { name: name.to_string(), ..SpecDocuments::default() };
    let mut beside = Vec::new();
    let mut paths: Vec<(&str, &str)> = Vec::new();
    let mut said = None;
    for (path, bytes) in files {
        let is_here = path.rsplit_once('/').map(|(folder, _)| folder) == folder;
        let slot = match base_name(path) {
            _ if !is_here || bytes.len() > FILE_BYTES_MAX => None,
            "requirements.md" => Some(&mut documents.requirements),
            "bugfix.md" => Some(&mut documents.bugfix),
            "design.md" => Some(&mut documents.design),
            "tasks.md" => Some(&mut documents.tasks),
            _ => None,
        };
        if base_name(path) == "spec.json" && is_here {
            said = Some((path.as_str(), bytes));
        }
        match slot {
            Some(slot) if slot.is_none() => {
                *slot = Some(bytes.clone());
                paths.push((base_name(path), path));
            }
            _ => beside.push((inside(path, anchor), bytes.clone())),
        }
    }
    let (mut feature, mut losses) = from_kiro::read(&documents);
    for loss in &mut losses {
        if let Some((_, path)) = paths.iter().find(|(name, _)| *name == loss.file) {
            loss.file = (*path).to_string();
        }
    }
    feature.beside = beside;
    for task in &mut feature.tasks {
        take_mark(&mut task.title, &mut task.parallel);
        for child in &mut task.children {
            take_mark(&mut child.title, &mut child.parallel);
        }
    }
    if let Some((path, bytes)) = said {
        read_state(path, bytes, &mut feature, &mut losses);
    }
    to_kiro::write(feature, losses)
}

/// `(P)` before or behind the title.
fn take_mark(title: &mut String, parallel: &mut bool) {
    let trimmed = title.trim();
    let rest = trimmed.strip_prefix("(P)").or_else(|| trimmed.strip_suffix("(P)"));
    if let Some(rest) = rest.map(str::trim).filter(|rest| !rest.is_empty()) {
        *parallel = true;
        *title = rest.to_string();
    }
}

/// `spec.json`: what it says of approvals and progress has no place in a spec, so it is named.
fn read_state(path: &str, bytes: &[u8], feature: &mut Feature, losses: &mut Vec<Loss>) {
    let state: Value = match serde_json::from_slice(bytes) {
        Ok(state) => state,
        Err(error) => {
            losses.push(general_loss(path, &error.to_string(), "this is not JSON", Some("spec.json")));
            return;
        }
    };
    if feature.title.is_empty() {
        feature.title = state.get("feature_name").and_then(Value::as_str).unwrap_or_default().to_string();
    }
    let approvals = state.get("approvals").and_then(Value::as_object);
    for (document, approval) in approvals.into_iter().flatten() {
        if approval.get("approved").and_then(Value::as_bool) == Some(true) {
            let why = "an approval here is a person's yes to the exact documents; approve them again";
            losses.push(general_loss(path, &format!("{document} approved"), why, Some("spec.json")));
        }
    }
    for key in ["phase", "language", "ready_for_implementation"] {
        if let Some(value) = state.get(key) {
            let why = "Kiro's documents have no such field";
            losses.push(general_loss(path, &format!("{key} {value}"), why, Some("spec.json")));
        }
    }
}

/// Writes `.kiro/specs/<name>/` in cc-sdd's dialect. Nothing in it is approved: that is for the person there.
pub fn export(documents: &SpecDocuments) -> Export {
    let (feature, losses) = from_kiro::read(documents);
    let folder = format!(".kiro/specs/{}", feature.name);
    let bug = feature.bug_groups();
    let number = |group: usize| group - bug.filter(|from| *from <= group).unwrap_or_default() + 1;
    let numbers = Numbers::of(
        &feature.groups,
        |group| number(group).to_string(),
        |group, below| format!("{}.{}", number(group), below + 1),
    );
    let groups = bug.unwrap_or(feature.groups.len());
    let mut files: Vec<File> = Vec::new();
    let mut add = |name: &str, text: String| files.push((format!("{folder}/{name}"), text.into_bytes()));
    add("spec.json", state(&feature));
    if groups > 0 || bug.is_none() {
        add("requirements.md", to_kiro::requirements(&feature, groups, Form::CcSdd));
    }
    if let Some(from) = bug {
        add("bugfix.md", to_kiro::bugfix(&feature, from));
    }
    if !feature.tasks.is_empty() || !feature.task_notes.is_empty() {
        add("tasks.md", to_kiro::tasks(&feature, &numbers, Form::CcSdd));
    }
    if let Design::Whole(bytes) = &feature.design {
        files.push((format!("{folder}/design.md"), bytes.clone()));
    }
    Export { files, losses: bounded(losses) }
}

fn state(feature: &Feature) -> String {
    let has_design = !matches!(feature.design, Design::None);
    let has_tasks = !feature.tasks.is_empty();
    let phase = match (has_tasks, has_design) {
        (true, _) => "tasks-generated",
        (false, true) => "design-generated",
        (false, false) => "requirements-generated",
    };
    let approval = |generated: bool| json!({ "generated": generated, "approved": false });
    let state = json!({
        "feature_name": feature.name,
        "language": language(feature),
        "phase": phase,
        "approvals": {
            "requirements": approval(!feature.groups.is_empty()),
            "design": approval(has_design),
            "tasks": approval(has_tasks),
        },
        "ready_for_implementation": false,
    });
    let mut out = serde_json::to_string_pretty(&state).unwrap_or_default();
    out.push('\n');
    out
}

/// The language that the criteria are written in, by their letters; Latin letters count as English.
fn language(feature: &Feature) -> &'static str {
    let texts =
        feature.groups.iter().flat_map(|group| &group.criteria).map(|criterion| criterion.text.as_str());
    let mut counts = [0usize; 4];
    for c in texts.flat_map(str::chars) {
        let at = match c {
            '\u{3040}'..='\u{30ff}' => 0,
            '\u{ac00}'..='\u{d7af}' => 1,
            '\u{4e00}'..='\u{9fff}' => 2,
            '\u{0400}'..='\u{04ff}' => 3,
            _ => continue,
        };
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
    }
    match counts {
        [kana, ..] if kana > 0 => "ja",
        [_, hangul, ..] if hangul > 0 => "ko",
        [_, _, han, _] if han > 0 => "zh",
        [_, _, _, cyrillic] if cyrillic > 0 => "ru",
        _ => "en",
    }
}

#[cfg(test)]
#[path = "ccsdd_tests.rs"]
mod tests;
