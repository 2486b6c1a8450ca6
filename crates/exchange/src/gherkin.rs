//! Gherkin features to a Kiro spec and back. Features have neither tasks nor a design; those are named as lost.

mod read;
mod words;
mod write;

use plan::SpecDocuments;

use crate::specs::account::Account;
use crate::specs::feature::Feature;
use crate::specs::{Export, FILE_BYTES_MAX, File, Import, bounded, from_kiro, inside, to_kiro};

/// Reads `.feature` files, each a requirement or more. Everything else goes beside the documents.
pub fn import(name: &str, files: &[File]) -> Import {
    let mut feature = Feature { name: name.to_string(), ..Feature::default() };
    let mut losses = Vec::new();
    let anchor = files.iter().map(|(path, _)| path.as_str()).find(|path| path.ends_with(".feature"));
    for (path, bytes) in files {
        if !path.ends_with(".feature") || bytes.len() > FILE_BYTES_MAX {
            feature.beside.push((inside(path, anchor), bytes.clone()));
            continue;
        }
        let mut account = Account::of(path, bytes);
        losses.extend(read::read(&mut account, &mut feature));
        losses.extend(account.into_losses());
    }
    to_kiro::write(feature, losses)
}

/// Writes `features/<name>.feature`.
pub fn export(documents: &SpecDocuments) -> Export {
    let (feature, mut losses) = from_kiro::read(documents);
    let file = write::write(&feature, &mut losses);
    Export { files: vec![file], losses: bounded(losses) }
}

#[cfg(test)]
#[path = "gherkin_tests.rs"]
mod tests;
