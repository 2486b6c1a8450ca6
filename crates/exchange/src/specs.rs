//! Specs of other tools to Kiro's and back, each with a report of what did not fit. Holds what the formats share.

pub(crate) mod account;
pub(crate) mod checklist;
pub(crate) mod checklist_write;
pub(crate) mod design;
pub(crate) mod feature;
pub(crate) mod from_kiro;
pub(crate) mod from_tasks;
pub(crate) mod lists;
pub(crate) mod marks;
pub(crate) mod to_kiro;

#[cfg(test)]
pub(crate) mod proof;

use plan::SpecDocuments;

use crate::{ccsdd, gherkin, openspec, speckit};

/// A path from the root of the project, with `/`, and what stands in it.
pub type File = (String, Vec<u8>);

/// Words of a source that have no place of their own on the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The first of the words, on one line.
    pub what: String,
    /// The file that they stand in.
    pub file: String,
    /// First and last line, from 1; `(0, 0)` for something that stands in no line.
    pub lines: (u32, u32),
    /// Why they have no place.
    pub why: String,
    /// Where they can still be read; `None` when they are gone.
    pub kept_as: Option<String>,
}

/// A spec that came from another tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Import {
    /// In the strict form that Kiro's validator accepts.
    pub documents: SpecDocuments,
    /// Files that go beside the documents as they are, named inside the spec's folder: research, contracts.
    pub beside: Vec<File>,
    /// What did not fit. A line of the source stands in a document, in a file beside, or here.
    pub losses: Vec<Loss>,
}

/// A spec on its way to another tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// Paths from the root of the project.
    pub files: Vec<File>,
    /// What did not fit. A line of the documents stands in a file or here.
    pub losses: Vec<Loss>,
}

/// The tools whose specs are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// github/spec-kit: `specs/<name>/{spec,plan,tasks}.md`.
    SpecKit,
    /// Fission-AI/OpenSpec: `openspec/changes/<name>/…` and `openspec/specs/<capability>/spec.md`.
    OpenSpec,
    /// gotalab/cc-sdd: `.kiro/specs/<name>/` with `spec.json`.
    CcSdd,
    /// Gherkin: `*.feature`.
    Gherkin,
}

impl Kind {
    /// Every kind, in the order a menu shows them.
    pub const ALL: [Kind; 4] = [Kind::SpecKit, Kind::OpenSpec, Kind::CcSdd, Kind::Gherkin];

    /// The word a person types.
    pub fn name(self) -> &'static str {
        match self {
            Kind::SpecKit => "spec-kit",
            Kind::OpenSpec => "openspec",
            Kind::CcSdd => "cc-sdd",
            Kind::Gherkin => "gherkin",
        }
    }

    /// The kind with that [`Kind::name`], or none.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Bytes of one file that is read; a longer one is put beside the documents as it is.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Losses that are told apart; the last one then stands for all further ones.
pub const LOSSES_MAX: usize = 10_000;

/// Whose spec the files of one feature are; none for a stranger and for a plain Kiro spec.
pub fn detect(files: &[File]) -> Option<Kind> {
    let has = |name: &str| files.iter().any(|(path, _)| base_name(path) == name);
    if has("spec.json") && has("requirements.md") {
        return Some(Kind::CcSdd);
    }
    let says = |bytes: &[u8], words: &[&str]| {
        let head = bytes.get(..bytes.len().min(FILE_BYTES_MAX)).unwrap_or_default();
        let text = String::from_utf8_lossy(head);
        text.lines()
            .any(|line| words.iter().any(|word| line.trim_start_matches(['#', ' ']).starts_with(word)))
    };
    for (path, bytes) in files.iter().filter(|(path, _)| base_name(path) == "spec.md") {
        if says(
            bytes,
            &["Requirement:", "ADDED Requirements", "MODIFIED Requirements", "REMOVED Requirements"],
        ) {
            return Some(Kind::OpenSpec);
        }
        let is_speckit = ["Feature Specification", "User Scenarios", "User Story", "Functional Requirements"];
        if says(bytes, &is_speckit) || path.contains(".specify/") {
            return Some(Kind::SpecKit);
        }
    }
    if files.iter().any(|(path, _)| path.ends_with(".feature")) {
        return Some(Kind::Gherkin);
    }
    let is_change = |path: &str| path.contains("openspec/") || base_name(path) == "proposal.md";
    files.iter().any(|(path, _)| is_change(path)).then_some(Kind::OpenSpec)
}

/// Reads the files of one feature. `name` becomes the folder's name.
pub fn import(kind: Kind, name: &str, files: &[File]) -> Import {
    match kind {
        Kind::SpecKit => speckit::import(name, files),
        Kind::OpenSpec => openspec::import(name, files),
        Kind::CcSdd => ccsdd::import(name, files),
        Kind::Gherkin => gherkin::import(name, files),
    }
}

/// Writes a spec for another tool.
pub fn export(kind: Kind, documents: &SpecDocuments) -> Export {
    match kind {
        Kind::SpecKit => speckit::export(documents),
        Kind::OpenSpec => openspec::export(documents),
        Kind::CcSdd => ccsdd::export(documents),
        Kind::Gherkin => gherkin::export(documents),
    }
}

/// The last part of a path.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Where a stranger among the files goes: its path behind the folder that `anchor` lies in, else its name. Never a path
/// that leaves the folder.
pub(crate) fn inside(path: &str, anchor: Option<&str>) -> String {
    let folder = anchor.and_then(|anchor| anchor.rsplit_once('/')).map(|(folder, _)| folder);
    let rest = folder.and_then(|folder| path.strip_prefix(folder)).map(|rest| rest.trim_start_matches('/'));
    let rest = rest.filter(|rest| !rest.is_empty()).unwrap_or_else(|| base_name(path));
    let parts = rest.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.map(|part| part.replace(':', "-")).collect::<Vec<_>>().join("/")
}

/// One loss that stands in no line.
pub(crate) fn general_loss(file: &str, what: &str, why: &str, kept_as: Option<&str>) -> Loss {
    Loss {
        what: crate::results::excerpt(what),
        file: file.to_string(),
        lines: (0, 0),
        why: why.to_string(),
        kept_as: kept_as.map(str::to_string),
    }
}

/// At most [`LOSSES_MAX`]; the rest is counted.
pub(crate) fn bounded(mut losses: Vec<Loss>) -> Vec<Loss> {
    if losses.len() > LOSSES_MAX {
        let more = losses.len() - LOSSES_MAX + 1;
        losses.truncate(LOSSES_MAX - 1);
        let what = format!("{more} more places");
        losses.push(general_loss(
            "",
            &what,
            "only so many losses are told apart; import a smaller part",
            None,
        ));
    }
    losses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_spec_it_is() {
        let check = |paths: &[(&str, &str)], expected: Option<Kind>| {
            let files: Vec<File> =
                paths.iter().map(|(path, text)| (path.to_string(), text.as_bytes().to_vec())).collect();
            assert_eq!(detect(&files), expected, "{paths:?}");
        };
        check(&[("specs/1/spec.md", "# Feature Specification: A\n")], Some(Kind::SpecKit));
        check(&[("openspec/specs/a/spec.md", "### Requirement: A\n")], Some(Kind::OpenSpec));
        check(&[("c/proposal.md", "## Why\n")], Some(Kind::OpenSpec));
        check(&[("a/spec.json", "{}"), ("a/requirements.md", "")], Some(Kind::CcSdd));
        check(&[("a/b.feature", "Feature: A\n")], Some(Kind::Gherkin));
        check(
            &[(".kiro/specs/a/requirements.md", "# Requirements Document\n"), (".kiro/specs/a/tasks.md", "")],
            None,
        );
        check(&[], None);
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
    }

    #[test]
    fn a_stranger_stays_inside_the_folder() {
        let check = |path: &str, anchor: Option<&str>, expected: &str| {
            assert_eq!(inside(path, anchor), expected, "{path}")
        };
        check("specs/1/contracts/api.yaml", Some("specs/1/spec.md"), "contracts/api.yaml");
        check("other/x.md", Some("specs/1/spec.md"), "x.md");
        check("specs/1/../../etc/passwd", Some("specs/1/spec.md"), "etc/passwd");
        check("C:\\x\\y.md", None, "y.md");
        check("specs/1/c:/x", Some("specs/1/spec.md"), "c-/x");
        check("..", None, "");
    }

    #[test]
    fn a_stranger_takes_no_name_of_a_document() {
        let file = |path: &str| (path.to_string(), b"x".to_vec());
        let files = [
            file("a/spec.md"),
            file("a/Requirements.md"),
            file("a/notes.md"),
            file("b/notes.md"),
            file(".."),
        ];
        let import = import(Kind::SpecKit, "a", &files);
        let names: Vec<&str> = import.beside.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(names, ["imported-5/Requirements.md", "notes.md", "imported-7/notes.md", "imported"]);
    }
}
