//! The documents of one spec as bytes, handed in by the caller. Reads no file.

use spec::SpecKind;
use spec::config::Config;

/// How a spec is laid out on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `.kiro/specs/<name>/` with its documents.
    #[default]
    Folder,
    /// `.kiro/specs/<name>.md`.
    Single,
}

/// The documents of one spec; `None` for those that do not exist. A spec of shape [`Shape::Single`] has only
/// `single`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecDocuments {
    /// The folder's name, or the file's without `.md`.
    pub name: String,
    /// How the spec is laid out.
    pub shape: Shape,
    /// `requirements.md`
    pub requirements: Option<Vec<u8>>,
    /// `bugfix.md`
    pub bugfix: Option<Vec<u8>>,
    /// `design.md`
    pub design: Option<Vec<u8>>,
    /// `tasks.md`
    pub tasks: Option<Vec<u8>>,
    /// `<name>.md`
    pub single: Option<Vec<u8>>,
    /// `.config.kiro`
    pub config: Option<Vec<u8>>,
}

impl SpecDocuments {
    /// The kind that `.config.kiro` names; without one, a bug analysis makes a bug fix and all else is a feature.
    pub fn kind(&self) -> SpecKind {
        let named = self.config.as_deref().and_then(|bytes| Config::parse(bytes).kind());
        named.unwrap_or(if self.bugfix.is_some() { SpecKind::Bugfix } else { SpecKind::Feature })
    }

    /// The document that holds the tasks: `tasks.md`, or the single file.
    pub fn tasks_bytes(&self) -> Option<&[u8]> {
        match self.shape {
            Shape::Folder => self.tasks.as_deref(),
            Shape::Single => self.single.as_deref(),
        }
    }

    /// The file name of [`SpecDocuments::tasks_bytes`], as [`crate::approval::documents`] names it.
    pub fn tasks_file(&self) -> String {
        match self.shape {
            Shape::Folder => "tasks.md".to_string(),
            Shape::Single => format!("{}.md", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_named_or_inferred() {
        let check = |config: Option<&str>, bugfix: bool, expected: SpecKind| {
            let documents = SpecDocuments {
                config: config.map(|text| text.as_bytes().to_vec()),
                bugfix: bugfix.then(Vec::new),
                ..SpecDocuments::default()
            };
            assert_eq!(documents.kind(), expected);
        };
        check(None, true, SpecKind::Bugfix);
        check(None, false, SpecKind::Feature);
        check(Some(r#"{"workflowType":"fast-task"}"#), true, SpecKind::Quick);
        check(Some("{"), true, SpecKind::Bugfix);
    }
}
