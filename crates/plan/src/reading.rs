//! The documents of one spec, each read once, so that plan, graph, trace and rules look at the same parse. Decides
//! nothing.

use spec::bugfix::Bugfix;
use spec::config::Config;
use spec::design::Design;
use spec::requirements::Requirements;
use spec::single::SingleFile;
use spec::{SpecKind, Tasks};

use crate::documents::{Shape, SpecDocuments};

/// The typed views of a spec's documents; `None` for those that do not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The bytes that were read; every span counts in one of these.
    pub documents: SpecDocuments,
    /// Feature, bug fix, quick or design-first.
    pub kind: SpecKind,
    /// `requirements.md`
    pub requirements: Option<Requirements>,
    /// `bugfix.md`
    pub bugfix: Option<Bugfix>,
    /// `design.md`
    pub design: Option<Design>,
    /// `tasks.md`, or the task part of a single file.
    pub tasks: Option<Tasks>,
    /// `<name>.md`
    pub single: Option<SingleFile>,
    /// `.config.kiro`
    pub config: Option<Config>,
}

impl Reading {
    /// Reads any documents.
    pub fn of(documents: SpecDocuments) -> Reading {
        let mut reading = Reading { kind: documents.kind(), ..Reading::default() };
        match documents.shape {
            Shape::Single => {
                reading.single = documents.single.as_deref().map(SingleFile::parse);
                reading.tasks = reading.single.as_mut().and_then(|single| single.tasks.take());
            }
            Shape::Folder => {
                reading.requirements = documents.requirements.as_deref().map(Requirements::parse);
                reading.bugfix = documents.bugfix.as_deref().map(Bugfix::parse);
                reading.design = documents.design.as_deref().map(Design::parse);
                reading.tasks = documents.tasks.as_deref().map(Tasks::parse);
            }
        }
        reading.config = documents.config.as_deref().map(Config::parse);
        reading.documents = documents;
        reading
    }

    /// The spec's name.
    pub fn name(&self) -> &str {
        &self.documents.name
    }

    /// The Markdown documents that exist, by file name.
    pub fn texts(&self) -> impl Iterator<Item = (String, &[u8])> {
        let documents = &self.documents;
        let parts = [
            ("requirements.md".to_string(), &documents.requirements),
            ("bugfix.md".to_string(), &documents.bugfix),
            ("design.md".to_string(), &documents.design),
            ("tasks.md".to_string(), &documents.tasks),
            (documents.tasks_file(), &documents.single),
        ];
        parts.into_iter().filter_map(|(file, bytes)| bytes.as_deref().map(|bytes| (file, bytes)))
    }

    /// Every criterion with the name of the document that states it, in document order: requirements, bug clauses,
    /// or the single file's list.
    pub fn criteria(&self) -> impl Iterator<Item = (String, &spec::Criterion)> {
        let single_file = self.documents.tasks_file();
        let requirements = self.requirements.iter().flat_map(Requirements::criteria);
        let clauses = self.bugfix.iter().flat_map(|bugfix| &bugfix.clauses).map(|clause| &clause.criterion);
        let single = self.single.iter().flat_map(|single| &single.requirements);
        requirements
            .map(|criterion| ("requirements.md".to_string(), criterion))
            .chain(clauses.map(|criterion| ("bugfix.md".to_string(), criterion)))
            .chain(single.map(move |criterion| (single_file.clone(), criterion)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_is_read_once() {
        let part = |text: &str| Some(text.as_bytes().to_vec());
        let folder = SpecDocuments {
            requirements: part("### Requirement 1: A\n\n1. WHEN a THEN b\n"),
            tasks: part("- [ ] 1. A\n"),
            ..SpecDocuments::default()
        };
        let reading = Reading::of(folder);
        let ids: Vec<_> = reading.criteria().map(|(file, criterion)| (file, criterion.id.clone())).collect();
        assert_eq!(ids, [("requirements.md".to_string(), "1.1".to_string())]);
        assert_eq!(reading.tasks.map(|tasks| tasks.tasks.len()), Some(1));

        let single = SpecDocuments {
            name: "a".to_string(),
            shape: Shape::Single,
            single: part("# A\n\n## Requirements\n\n1. b\n\n## Tasks\n\n- [ ] 1. A\n"),
            ..SpecDocuments::default()
        };
        let reading = Reading::of(single);
        assert_eq!(reading.criteria().next().map(|(file, _)| file), Some("a.md".to_string()));
        assert_eq!(reading.tasks.map(|tasks| tasks.tasks.len()), Some(1));
    }
}
