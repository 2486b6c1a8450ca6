//! What a person approves: the documents in the form a digest is taken of. Computes no digest, stores nothing.

use spec::approval::canonical;

use crate::documents::{Shape, SpecDocuments};

/// The documents under approval as (file name, canonical bytes), in a fixed order. Task states are blanked, so that
/// progress keeps an approval; every other byte counts. The side-car is left out, because it says nothing about what
/// will be built.
pub fn documents(documents: &SpecDocuments) -> Vec<(String, Vec<u8>)> {
    if documents.shape == Shape::Single {
        let single = documents.single.as_deref().map(|bytes| (documents.tasks_file(), canonical(bytes)));
        return single.into_iter().collect();
    }
    let verbatim = [
        ("requirements.md", &documents.requirements),
        ("bugfix.md", &documents.bugfix),
        ("design.md", &documents.design),
    ];
    let mut out: Vec<(String, Vec<u8>)> = verbatim
        .into_iter()
        .filter_map(|(name, bytes)| bytes.clone().map(|bytes| (name.to_string(), bytes)))
        .collect();
    out.extend(documents.tasks.as_deref().map(|bytes| ("tasks.md".to_string(), canonical(bytes))));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_keeps_and_edits_end_an_approval() {
        let with = |requirements: &str, tasks: &str| SpecDocuments {
            requirements: Some(requirements.as_bytes().to_vec()),
            tasks: Some(tasks.as_bytes().to_vec()),
            ..SpecDocuments::default()
        };
        let approved = documents(&with("- [ ] r", "- [ ] 1. A\n"));
        assert_eq!(
            approved.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["requirements.md", "tasks.md"]
        );
        assert_eq!(documents(&with("- [ ] r", "- [x] 1. A\n")), approved);
        assert_ne!(documents(&with("- [x] r", "- [ ] 1. A\n")), approved);
        assert_ne!(documents(&with("- [ ] r", "- [ ] 1. B\n")), approved);
    }

    #[test]
    fn a_single_file_is_approved_as_one() {
        let single = SpecDocuments {
            name: "x".into(),
            shape: Shape::Single,
            single: Some(b"# F\n## Tasks\n- [x] 1. A\n".to_vec()),
            ..SpecDocuments::default()
        };
        assert_eq!(documents(&single), [("x.md".to_string(), b"# F\n## Tasks\n- [ ] 1. A\n".to_vec())]);
    }
}
