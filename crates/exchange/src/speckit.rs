//! Spec Kit's `spec.md`, `plan.md` and `tasks.md` to a Kiro spec and back. Knows no other tool.

mod read_spec;
mod write;

use plan::SpecDocuments;

use crate::specs::account::Account;
use crate::specs::checklist::{self, Dialect};
use crate::specs::feature::{Design, Feature, Note};
use crate::specs::{
    Export, FILE_BYTES_MAX, File, Import, Loss, base_name, bounded, from_kiro, inside, to_kiro,
};

/// Reads the files of one feature folder. What is neither `spec.md`, `plan.md` nor `tasks.md` goes beside the documents.
pub fn import(name: &str, files: &[File]) -> Import {
    let mut feature = Feature { name: name.to_string(), ..Feature::default() };
    let mut losses: Vec<Loss> = Vec::new();
    let anchor = files.iter().map(|(path, _)| path.as_str()).find(|path| base_name(path) == "spec.md");
    let is_own = |path: &str, name: &str| {
        let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_string());
        base_name(path) == name && anchor.is_none_or(|anchor| folder(path) == folder(anchor))
    };
    let mut taken = [false; 3];
    for (path, bytes) in files {
        let role = ["spec.md", "plan.md", "tasks.md"].iter().position(|name| is_own(path, name));
        let is_free =
            role.and_then(|role| taken.get_mut(role)).is_some_and(|taken| !std::mem::replace(taken, true));
        if !is_free || bytes.len() > FILE_BYTES_MAX {
            feature.beside.push((inside(path, anchor), bytes.clone()));
            continue;
        }
        let mut account = Account::of(path, bytes);
        match role {
            Some(0) => read_spec::read(&mut account, &mut feature),
            Some(1) => read_plan(&mut account, bytes, &mut feature),
            _ => checklist::read(&mut account, &mut feature, Dialect::SpecKit),
        }
        losses.extend(account.into_losses());
    }
    to_kiro::write(feature, losses)
}

/// Writes `specs/<name>/`.
pub fn export(documents: &SpecDocuments) -> Export {
    let (feature, mut losses) = from_kiro::read(documents);
    let files = write::write(&feature, &mut losses);
    Export { files, losses: bounded(losses) }
}

/// `plan.md`: a design of Kiro's own shape comes back as it is, any other in sections.
fn read_plan(account: &mut Account, bytes: &[u8], feature: &mut Feature) {
    let headings: Vec<(usize, usize, String)> = (0..account.len())
        .filter_map(|at| account.heading(at).map(|(level, title)| (at, level, title.to_string())))
        .collect();
    let has = |name: &str| headings.iter().any(|(_, level, title)| *level == 2 && title == name);
    if !["Summary", "Technical Context", "Constitution Check", "Project Structure"]
        .iter()
        .any(|name| has(name))
    {
        feature.design = Design::Whole(bytes.to_vec());
        account.carry_all(0, account.len());
        return;
    }
    let (mut overview, mut sections) = (Vec::new(), Vec::new());
    if let Some((at, _, title)) = headings.iter().find(|(_, level, _)| *level == 1) {
        let title = title.strip_prefix("Implementation Plan:").unwrap_or(title).trim();
        if feature.title.is_empty() {
            feature.title = title.to_string();
        }
        account.carry(*at);
    }
    let tops: Vec<&(usize, usize, String)> = headings.iter().filter(|(_, level, _)| *level == 2).collect();
    let first = tops.first().map_or(account.len(), |(at, _, _)| *at);
    overview.extend(account.carry_text(0, first));
    for (index, (at, _, title)) in tops.iter().enumerate() {
        let end = tops.get(index + 1).map_or(account.len(), |(at, _, _)| *at);
        account.carry(*at);
        let lines = account.carry_text(at + 1, end);
        match title.to_lowercase().as_str() {
            "summary" | "overview" => {
                if !overview.is_empty() {
                    overview.push(String::new());
                }
                overview.extend(lines);
            }
            _ => sections.push(Note { heading: title.clone(), lines }),
        }
    }
    feature.design = Design::Parts { overview, sections };
}

#[cfg(test)]
#[path = "speckit_tests.rs"]
mod tests;
