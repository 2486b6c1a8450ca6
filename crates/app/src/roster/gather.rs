//! From files to agents, skills, powers and prompts: which files belong together. Opens none.

use std::collections::{BTreeMap, BTreeSet};

use roster::agent::{self, Agent, Source};
use roster::paths::package_of;
use roster::power::{self, Power};
use roster::prompt::Prompt;
use roster::skill::{Beside, Skill};
use roster::{Origin, Reading};

use super::files::File;
use super::{Found, Here, Thing, Trust};

/// Takes files apart by what they are.
pub(super) fn gather(files: Vec<File>) -> Here {
    let mut here = Here::default();
    // Each `.kiro` by itself: what lies in two of them under one name does not belong together.
    let mut places: BTreeMap<(Origin, &str), Vec<&File>> = BTreeMap::new();
    for file in &files {
        places.entry((file.origin, package_of(&file.name))).or_default().push(file);
    }
    for ((origin, _), own) in places {
        agents(&own, origin, &mut here);
        prompts(&own, origin, &mut here);
        skills(&own, origin, &mut here);
        powers(&own, origin, &mut here);
    }
    for file in files {
        if !file.trust.is_good() {
            here.closed.insert(file.name.clone(), file.trust);
        }
        if let Some(bytes) = file.bytes {
            here.texts.insert(file.name, bytes);
        }
    }
    here
}

fn agents(files: &[&File], origin: Origin, here: &mut Here) {
    let mut found = Vec::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    for file in files {
        let Some(below) = file.below.strip_prefix("agents/") else { continue };
        if !below.ends_with(".md") && !below.ends_with(".json") {
            continue;
        }
        let root = file.name.strip_prefix("~/").unwrap_or(&file.name);
        let source = Source { file: root, below, origin };
        let reading = match &file.bytes {
            Some(bytes) => Agent::read(source, bytes),
            None => unread(file.trust),
        };
        let reading = match reading {
            Reading::Read(agent) => {
                if let agent::Prompt::File { path, .. } = &agent.prompt {
                    told.insert(path.clone());
                }
                Reading::Read(agent.lying_in(&file.name))
            }
            refused => refused,
        };
        let name = below.rsplit_once('.').map_or(below, |(stem, _)| stem).to_string();
        found.push((root.to_string(), one(name, &file.name, &file.name, file.trust, Thing::Agent(reading))));
    }
    // The prompt of an agent may lie beside it as Markdown; it is no agent that somebody forgot to finish.
    let is_prompt = |root: &String, found: &Found| {
        told.contains(root) && matches!(found.thing, Thing::Agent(Reading::Refused { .. }))
    };
    here.found
        .extend(found.into_iter().filter(|(root, found)| !is_prompt(root, found)).map(|(_, found)| found));
}

fn prompts(files: &[&File], origin: Origin, here: &mut Here) {
    for file in files {
        let name = file.below.strip_prefix("prompts/").and_then(|name| name.strip_suffix(".md"));
        let Some(name) = name.filter(|name| !name.contains('/')) else { continue };
        let reading = match &file.bytes {
            Some(bytes) => Prompt::read(name, &file.name, origin, bytes),
            None => unread(file.trust),
        };
        here.found.push(one(name.to_string(), &file.name, &file.name, file.trust, Thing::Prompt(reading)));
    }
}

fn skills(files: &[&File], origin: Origin, here: &mut Here) {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut folders: BTreeMap<&str, &File> = BTreeMap::new();
    for file in files.iter().filter(|file| file.below.starts_with("skills/")) {
        let below = file.below.strip_prefix("skills/").unwrap_or_default();
        if let Some((folder, _)) = below.split_once('/') {
            folders.entry(folder).or_insert(file);
        }
        // The deeper one belongs to the skill around it.
        let Some(folder) = file.below.strip_suffix("/SKILL.md") else { continue };
        if known
            .iter()
            .any(|known| folder.starts_with(known) && folder.get(known.len()..=known.len()) == Some("/"))
        {
            continue;
        }
        known.insert(folder);
        let skill = skill(files, file, folder, origin);
        here.found.push(skill);
    }
    for (folder, file) in folders {
        let path = format!("skills/{folder}");
        if known.iter().any(|known| *known == path || known.starts_with(&format!("{path}/"))) {
            continue;
        }
        let shown = shown_folder(file, &path);
        let reading =
            Reading::Refused { why: "there is no `SKILL.md` in it".to_string(), diagnostics: Vec::new() };
        here.found.push(one(folder.to_string(), &shown, &shown, file.trust, Thing::Skill(reading)));
    }
}

fn skill(files: &[&File], file: &File, folder: &str, origin: Origin) -> Found {
    let shown = file.name.strip_suffix("/SKILL.md").unwrap_or(&file.name).to_string();
    let reading = match &file.bytes {
        Some(bytes) => Skill::read(&shown, origin, bytes, beside(files, folder)),
        None => unread(file.trust),
    };
    let name = folder.rsplit('/').next().unwrap_or(folder).to_string();
    one(name, &shown, &file.name, file.trust, Thing::Skill(reading))
}

/// What lies in a folder and may be used.
fn beside(files: &[&File], folder: &str) -> Vec<Beside> {
    let below = format!("{folder}/");
    files
        .iter()
        .filter(|file| file.trust.is_good())
        .filter_map(|file| {
            let path = file.below.strip_prefix(&below)?.to_string();
            Some(Beside { path, bytes: file.size })
        })
        .collect()
}

fn powers(files: &[&File], origin: Origin, here: &mut Here) {
    let mut folders: BTreeMap<String, Vec<&File>> = BTreeMap::new();
    for file in files {
        let Some((folder, _)) = file.below.strip_prefix("powers/").and_then(|below| below.split_once('/'))
        else {
            continue;
        };
        folders.entry(folder.to_string()).or_default().push(file);
    }
    for (folder, inside) in folders {
        let path = format!("powers/{folder}");
        let of = |name: &str| inside.iter().find(|file| file.below == format!("{path}/{name}")).copied();
        let (plugin, power, mcp) = (of("plugin.json"), of("POWER.md"), of("mcp.json"));
        let Some(manifest) = plugin.or(power) else {
            let Some(first) = inside.first() else { continue };
            let shown = shown_folder(first, &path);
            let why = "there is neither `plugin.json` nor `POWER.md` in it".to_string();
            let reading = Reading::Refused { why, diagnostics: Vec::new() };
            here.found.push(one(folder, &shown, &shown, first.trust, Thing::Power(reading)));
            continue;
        };
        let shown = manifest.name.rsplit_once('/').map_or("", |(folder, _)| folder).to_string();
        let steering = if plugin.is_some() { "dev.kiro/steering" } else { "steering" };
        let skills: Vec<Skill> = inside
            .iter()
            .filter(|file| file.trust.is_good())
            .filter_map(|file| {
                let folder = file.below.strip_suffix("/SKILL.md")?;
                let shown = file.name.strip_suffix("/SKILL.md").unwrap_or(&file.name);
                Skill::read(shown, origin, file.bytes.as_deref()?, beside(&inside, folder)).ok()
            })
            .collect();
        let bytes = |file: Option<&'_ File>| file.and_then(|file| file.bytes.clone());
        let (plugin_bytes, power_bytes, mcp_bytes) = (bytes(plugin), bytes(power), bytes(mcp));
        let files = power::Files {
            plugin: plugin_bytes.as_deref(),
            power: power_bytes.as_deref(),
            mcp: mcp_bytes.as_deref(),
            steering: beside(&inside, &format!("{path}/{steering}")),
            skills,
        };
        let trust =
            [plugin, power, mcp].into_iter().flatten().map(|file| file.trust).max().unwrap_or(Trust::Not);
        let reading = match manifest.bytes {
            Some(_) => Power::read(&shown, origin, files),
            None => unread(manifest.trust),
        };
        here.found.push(one(folder, &shown, &manifest.name, trust, Thing::Power(reading)));
    }
}

/// The shown name of a folder that a file lies in.
fn shown_folder(file: &File, folder: &str) -> String {
    let inside = file.below.len().saturating_sub(folder.len());
    let end = file.name.len().saturating_sub(inside);
    file.name.get(..end).unwrap_or(&file.name).to_string()
}

fn unread<T>(trust: Trust) -> Reading<T> {
    let why = match trust {
        Trust::Never(why) => why,
        _ => "cannot be read",
    };
    Reading::Refused { why: why.to_string(), diagnostics: Vec::new() }
}

fn one(name: String, file: &str, manifest: &str, trust: Trust, thing: Thing) -> Found {
    Found { name, file: file.to_string(), manifest: manifest.to_string(), trust, thing }
}

/// A file as it would lie on the disk, for tests.
#[cfg(test)]
pub(crate) fn file(name: &str, trust: Trust, text: &str) -> File {
    let origin = if name.starts_with("~/") { Origin::Person } else { Origin::Workspace };
    let below =
        name.split_once(".kiro/").map_or(name, |(_, below)| below).replace("powers/installed/", "powers/");
    let bytes = Some(text.as_bytes().to_vec());
    File { name: name.to_string(), below, origin, trust, size: text.len() as u64, bytes }
}
