//! OpenSpec's changes and capabilities to a Kiro spec and back. Knows no other tool.

mod read;
mod write;

use plan::SpecDocuments;

use crate::specs::account::Account;
use crate::specs::checklist::{self, Dialect};
use crate::specs::feature::{Design, Feature, Note};
use crate::specs::{
    Export, FILE_BYTES_MAX, File, Import, Loss, base_name, bounded, from_kiro, inside, to_kiro,
};

/// Reads a change (`proposal.md`, `tasks.md`, `design.md`, `specs/<capability>/spec.md`) or one or more capabilities
/// (`spec.md`). What is none of these goes beside the documents.
pub fn import(name: &str, files: &[File]) -> Import {
    let mut feature = Feature { name: name.to_string(), ..Feature::default() };
    let mut losses: Vec<Loss> = Vec::new();
    let anchor = ["proposal.md", "tasks.md", "spec.md"]
        .iter()
        .find_map(|name| files.iter().map(|(path, _)| path.as_str()).find(|path| base_name(path) == *name));
    // The proposal says what it is about, the requirements come next, the tasks cite them.
    let role = |path: &str| {
        ["proposal.md", "spec.md", "design.md", "tasks.md"].iter().position(|n| *n == base_name(path))
    };
    let mut known: Vec<(usize, &File)> = Vec::new();
    let mut taken = [false; 4];
    for file in files {
        let found = role(&file.0).filter(|_| file.1.len() <= FILE_BYTES_MAX);
        // A change has one of each but the specs; a second one belongs to something else.
        let is_free =
            found.and_then(|role| taken.get_mut(role)).is_some_and(|taken| !std::mem::replace(taken, true));
        match found {
            Some(role) if is_free || role == 1 => known.push((role, file)),
            _ => feature.beside.push((inside(&file.0, anchor), file.1.clone())),
        }
    }
    known.sort_by_key(|(role, _)| *role);
    let capabilities = known.iter().filter(|(role, _)| *role == 1).count();
    for (role, (path, bytes)) in known {
        let mut account = Account::of(path, bytes);
        match role {
            0 => read::proposal(&mut account, &mut feature),
            1 => read::spec(&mut account, path, capabilities > 1, &mut feature),
            2 => read_design(&mut account, bytes, &mut feature),
            _ => checklist::read(&mut account, &mut feature, Dialect::OpenSpec),
        }
        losses.extend(account.into_losses());
    }
    to_kiro::write(feature, losses)
}

/// Writes `openspec/changes/<name>/`, with one capability of the same name.
pub fn export(documents: &SpecDocuments) -> Export {
    let (feature, mut losses) = from_kiro::read(documents);
    let files = write::write(&feature, &mut losses);
    Export { files, losses: bounded(losses) }
}

/// The sections of a design of OpenSpec.
const DESIGN_SECTIONS: &[&str] =
    &["context", "goals / non-goals", "decisions", "risks / trade-offs", "migration plan", "open questions"];

/// `design.md`: one of Kiro's own shape comes back as it is, any other in sections.
fn read_design(account: &mut Account, bytes: &[u8], feature: &mut Feature) {
    let tops: Vec<(usize, String)> = (0..account.len())
        .filter_map(|at| {
            account.heading(at).filter(|(level, _)| *level == 2).map(|(_, title)| (at, title.to_string()))
        })
        .collect();
    if !tops.iter().any(|(_, title)| DESIGN_SECTIONS.contains(&title.to_lowercase().as_str())) {
        feature.design = Design::Whole(bytes.to_vec());
        account.carry_all(0, account.len());
        return;
    }
    let first = tops.first().map_or(account.len(), |(at, _)| *at);
    let mut overview = account.carry_text(0, first);
    let mut sections = Vec::new();
    for (index, (at, title)) in tops.iter().enumerate() {
        let end = tops.get(index + 1).map_or(account.len(), |(at, _)| *at);
        account.carry(*at);
        let lines = account.carry_text(at + 1, end);
        if title.eq_ignore_ascii_case("context") {
            overview.extend([String::new(), "**Context**".to_string(), String::new()]);
            overview.extend(lines);
        } else {
            sections.push(Note { heading: title.clone(), lines });
        }
    }
    feature.design = Design::Parts { overview, sections };
}

#[cfg(test)]
#[path = "openspec_tests.rs"]
mod tests;
