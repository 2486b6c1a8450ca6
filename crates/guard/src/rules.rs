//! Reads the files of rules of all scopes into one policy. What a rule means is `policy`'s; how the file looks is `spec`'s.
#![expect(clippy::disallowed_methods, reason = "files of rules are read here")]

use std::path::{Path, PathBuf};

use conversation::Digest;
use policy::{Contents, Effect, Mode, Policy, Problem, Rule, RuleFile, Scope, Source, WrittenRule};
use spec::settings::permissions::Permissions;

use crate::Ground;

/// The largest file of rules that is read, in bytes; a larger one is void, which closes.
pub const RULE_FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A rule of the person's own settings or of a flag, `capability:pattern`.
#[derive(Clone, Debug)]
pub struct OwnRule {
    /// As it was written.
    pub text: String,
    /// What it says.
    pub effect: Effect,
    /// Where it was written.
    pub source: Source,
}

/// The policy of a session, and what was wrong with what it was read from.
#[derive(Clone, Debug)]
pub struct Rules {
    /// All rules of all scopes, the lists aside.
    pub policy: Policy,
    /// The files that were read, in order.
    pub files: Vec<PathBuf>,
    /// What is wrong, to be said loudly.
    pub problems: Vec<Problem>,
}

/// Reads all rules. `own` are those of the settings and the flags; `written` those of the settings that carry examples.
///
/// # Errors
/// The words about a rule of `own` that cannot be read.
pub fn rules(
    ground: &Ground,
    mode: Mode,
    own: &[OwnRule],
    written: Vec<WrittenRule>,
) -> Result<Rules, policy::RuleError> {
    let policy = Policy::new(mode, &ground.own_paths()).in_workspace(&ground.root).at_home(&ground.home);
    let mut read = Rules { policy, files: Vec::new(), problems: Vec::new() };
    for path in &ground.managed {
        read.file(path, Scope::Administration);
    }
    let user = ground.home.join(".kiro/settings");
    // Kiro reads the JSON only where there is no YAML.
    if !read.file(&user.join("permissions.yaml"), Scope::User) {
        read.file(&user.join("permissions.json"), Scope::User);
    }
    for path in workspace_files(ground) {
        if read.file(&path, Scope::Workspace) {
            break;
        }
    }
    if !written.is_empty() {
        let file = ground.config.join("config.toml").display().to_string();
        let contents = Contents::Rules { rules: written, presets: Vec::new() };
        read.problems.extend(read.policy.load(&RuleFile { scope: Scope::User, file, contents }));
    }
    for rule in own {
        read.policy.add(Rule::read(&rule.text, rule.effect, rule.source)?);
    }
    Ok(read)
}

impl Rules {
    /// Takes in one more file. `false` when it is not there. What is wrong with it is among the problems.
    pub fn file(&mut self, path: &Path, scope: Scope) -> bool {
        let contents = match read_bounded(path) {
            Ok(None) => return false,
            Ok(Some(bytes)) => contents(&bytes, scope),
            Err(why) => Contents::Voided { line: 0, why },
        };
        self.files.push(path.to_path_buf());
        let file = RuleFile { scope, file: path.display().to_string(), contents };
        self.problems.extend(self.policy.load(&file));
        true
    }
}

/// The bytes of a file, or why they cannot be had. A link is followed: these files are the person's and the organisation's.
fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let missing = |error: &std::io::Error| {
        matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
    };
    let data = match std::fs::metadata(path) {
        // A link that leads nowhere is something that somebody meant.
        Err(error) if missing(&error) && std::fs::symlink_metadata(path).is_err() => return Ok(None),
        Err(error) => return Err(format!("it cannot be read: {error}")),
        Ok(data) => data,
    };
    if !data.is_file() {
        return Err("it is no file".to_string());
    }
    if data.len() > RULE_FILE_BYTES_MAX {
        return Err(format!("it is larger than {RULE_FILE_BYTES_MAX} bytes"));
    }
    std::fs::read(path).map(Some).map_err(|error| format!("it cannot be read: {error}"))
}

/// A file of rules as plain values.
fn contents(bytes: &[u8], scope: Scope) -> Contents {
    let managed;
    let bytes = match (scope, managed_part(bytes)) {
        (Scope::Administration, Ok(part)) => {
            managed = part;
            managed.as_bytes()
        }
        (Scope::Administration, Err(why)) => return Contents::Voided { line: 0, why },
        _ => bytes,
    };
    let read = Permissions::parse(bytes);
    let line_of = |offset: usize| {
        let before = bytes.get(..offset).unwrap_or(bytes);
        u32::try_from(before.split(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
    };
    if read.is_void {
        let voids = |found: &&spec::Diagnostic| found.severity == spec::Severity::Error;
        let first = read.diagnostics.iter().find(voids);
        let (line, why) = match first {
            Some(found) => (line_of(found.span.offset), found.message.clone()),
            None => (0, "it could not be understood".to_string()),
        };
        return Contents::Voided { line, why };
    }
    let rules = read.rules.iter().map(|rule| WrittenRule {
        capability: rule.capability.clone(),
        effect: Some(match rule.effect {
            spec::settings::permissions::Effect::Allow => Effect::Allow,
            spec::settings::permissions::Effect::Ask => Effect::Ask,
            spec::settings::permissions::Effect::Deny => Effect::Deny,
        }),
        matches: rule.matches.clone(),
        excludes: rule.excludes.clone(),
        line: line_of(rule.span.offset),
        ..WrittenRule::default()
    });
    // A rule that names no known capability is left out, as in Kiro, but not in silence: the policy says so of the
    // rest of the file.
    let unknown = read.diagnostics.iter().filter(|found| found.code == "permissions/unknown-capability");
    let unknown = unknown.map(|found| WrittenRule {
        capability: found.message.split('`').nth(1).unwrap_or_default().to_string(),
        effect: Some(Effect::Ask),
        line: line_of(found.span.offset),
        ..WrittenRule::default()
    });
    let line_of_preset = |name: &String| offset_of(bytes, name).map_or(0, line_of);
    let presets = read.policies.iter().map(|name| (name.clone(), line_of_preset(name))).collect();
    Contents::Rules { rules: rules.chain(unknown).collect(), presets }
}

/// Where the name of a preset stands: the reader of the file keeps no place for it. Only for the reports.
fn offset_of(bytes: &[u8], name: &str) -> Option<usize> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_key =
        |line: &str| line.trim_start_matches([' ', '{', '"', '\'', '\u{feff}']).starts_with("policies");
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if is_key(line) {
            let found = text.get(offset..)?.find(name)?;
            return Some(offset + found);
        }
        offset += line.len();
    }
    None
}

/// The rules in `managed-settings.json`, which has other settings beside them: under `permissions`, or on top.
fn managed_part(bytes: &[u8]) -> Result<String, String> {
    let whole: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON: {error}"))?;
    let Some(object) = whole.as_object() else { return Err("it is not a JSON object".to_string()) };
    let part = match object.get("permissions") {
        Some(permissions) => permissions.clone(),
        None => {
            let ours = object.iter().filter(|(name, _)| ["rules", "policies"].contains(&name.as_str()));
            serde_json::Value::Object(ours.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
    };
    serde_json::to_string_pretty(&part).map_err(|error| error.to_string())
}

/// Where the person's rules for this workspace may lie: Kiro names the folder by a digest of the root. Which one is not
/// documented, so the usual lengths of SHA-256 are looked for.
fn workspace_files(ground: &Ground) -> impl Iterator<Item = PathBuf> {
    let digest = Digest::of(ground.root.to_string_lossy().as_bytes()).to_string();
    let hex = digest.rsplit(':').next().unwrap_or_default().to_string();
    let folder = ground.home.join(".kiro/workspace-roots");
    [64, 32, 16]
        .into_iter()
        .filter_map(move |length| hex.get(..length).map(|name| folder.join(name).join("permissions.yaml")))
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
