//! What `waypost steering …` prints as JSON, and in words. A wire of its own; the commands fill it.

use ::steering::{Condition, File, Listing};
use conversation::Digest;
use schemars::JsonSchema;
use serde::Serialize;

use crate::term::{Style, Term, counted, one_line};

/// A row of `waypost steering list`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SteeringRow {
    pub(crate) file: String,
    /// `person`, `team`, `kiro`, `agents`, `contributing`, `claude`, `cursor` or `copilot`.
    pub(crate) scope: String,
    /// The folder for whose paths it counts; empty for all.
    pub(crate) folder: String,
    /// How a person names it.
    pub(crate) name: String,
    /// `always`, `fileMatch`, `manual`, `auto` or `never`.
    pub(crate) inclusion: String,
    /// The globs of `fileMatch`.
    pub(crate) globs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Whether these bytes may steer: trusted, or not of the repository.
    pub(crate) trusted: bool,
    /// Bytes of its text.
    pub(crate) bytes: u64,
    /// What is wrong with it.
    pub(crate) problems: Vec<String>,
}

impl SteeringRow {
    /// The row of a file.
    pub(crate) fn of(file: &File) -> SteeringRow {
        let (inclusion, globs) = match &file.condition {
            Condition::Always => ("always", Vec::new()),
            Condition::Match(globs) => ("fileMatch", globs.written().map(str::to_string).collect()),
            Condition::Manual => ("manual", Vec::new()),
            Condition::Auto => ("auto", Vec::new()),
            Condition::Never(_) => ("never", Vec::new()),
        };
        let mut problems: Vec<String> = file.diagnostics.iter().map(|found| found.message.clone()).collect();
        if let (Condition::Never(why), true) = (&file.condition, problems.is_empty()) {
            problems.push(why.words());
        }
        SteeringRow {
            file: file.source.name.clone(),
            scope: file.source.scope.name().to_string(),
            folder: file.source.folder.clone(),
            name: file.name.clone(),
            inclusion: inclusion.to_string(),
            globs,
            description: file.description.clone(),
            trusted: file.source.trusted || !file.source.is_of_workspace(),
            bytes: file.body().len() as u64,
            problems,
        }
    }
}

/// The list in words.
pub(crate) fn list_words(term: &Term, rows: &[SteeringRow]) -> String {
    if rows.is_empty() {
        return "nothing steers here; `waypost steering init` writes a beginning".to_string();
    }
    let mut lines = Vec::new();
    for row in rows {
        let when = match (row.inclusion.as_str(), row.folder.as_str()) {
            ("fileMatch", _) => format!("fileMatch {}", row.globs.join(", ")),
            ("manual", _) => format!("manual, #{}", row.name),
            ("auto", _) => format!("auto, #{}: {}", row.name, row.description.as_deref().unwrap_or_default()),
            (other, "") => other.to_string(),
            (other, folder) => format!("{other} in {folder}"),
        };
        let trust = if row.trusted { "" } else { "  not trusted" };
        let line = format!("{:<44} {:>7} bytes  {}{trust}", one_line(&row.file), row.bytes, one_line(&when));
        lines.push(if row.trusted { line } else { term.style(Style::Yellow, &line) });
        lines
            .extend(row.problems.iter().map(|why| format!("    {}", term.style(Style::Red, &one_line(why)))));
    }
    lines.join("\n")
}

/// What `waypost steering why` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SteeringWhy {
    pub(crate) paths: Vec<String>,
    pub(crate) names: Vec<String>,
    /// What is in force, in order.
    pub(crate) in_force: Vec<SteeringPiece>,
    /// Bytes of all that is in force.
    pub(crate) bytes: u64,
    /// An estimate: a quarter of the bytes.
    pub(crate) tokens_estimate: u64,
    pub(crate) left_out: Vec<SteeringLeftOut>,
    /// Asked for, and no file has the name.
    pub(crate) unknown_names: Vec<String>,
}

/// A file in force.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SteeringPiece {
    pub(crate) file: String,
    pub(crate) scope: String,
    /// What included it, in words.
    pub(crate) rule: String,
    pub(crate) bytes: u64,
    /// An estimate: a quarter of the bytes.
    pub(crate) tokens_estimate: u64,
    /// Of what the model is told; the ledger records it.
    pub(crate) digest: String,
    pub(crate) references: Vec<SteeringReference>,
}

/// Something that a file in force refers to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SteeringReference {
    /// As it is written: `file:a.md:3-5`.
    pub(crate) written: String,
    pub(crate) path: String,
    /// Bytes that stand in the text; absent when it is not included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Why it is not included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
}

/// A file that is not in force.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SteeringLeftOut {
    pub(crate) file: String,
    pub(crate) scope: String,
    /// A short word that does not change: `no-match`, `not-named`, `on-offer`, `not-trusted`, `wrong`, …
    pub(crate) code: String,
    /// In words.
    pub(crate) why: String,
}

impl SteeringWhy {
    /// From a listing.
    pub(crate) fn of(listing: &Listing, paths: &[String], names: &[String]) -> SteeringWhy {
        let piece = |piece: &::steering::Piece| SteeringPiece {
            file: piece.name.clone(),
            scope: piece.scope.name().to_string(),
            rule: piece.reason.words(piece.scope),
            bytes: piece.bytes() as u64,
            tokens_estimate: piece.tokens() as u64,
            digest: Digest::of(piece.text.as_bytes()).to_string(),
            references: piece
                .references
                .iter()
                .map(|reference| SteeringReference {
                    written: reference.written.clone(),
                    path: reference.path.clone(),
                    bytes: reference.bytes.as_ref().ok().map(|bytes| *bytes as u64),
                    why: reference.bytes.as_ref().err().cloned(),
                })
                .collect(),
        };
        let left = |left: &::steering::LeftOut| SteeringLeftOut {
            file: left.name.clone(),
            scope: left.scope.name().to_string(),
            code: left.why.code().to_string(),
            why: left.why.words(),
        };
        SteeringWhy {
            paths: paths.to_vec(),
            names: names.to_vec(),
            in_force: listing.pieces.iter().map(piece).collect(),
            bytes: listing.bytes() as u64,
            tokens_estimate: listing.tokens() as u64,
            left_out: listing.left_out.iter().map(left).collect(),
            unknown_names: listing.unknown.clone(),
        }
    }

    /// In words.
    pub(crate) fn words(&self, term: &Term) -> String {
        let mut lines = Vec::new();
        for (at, piece) in self.in_force.iter().enumerate() {
            let size = format!("{} bytes, about {} tokens", piece.bytes, piece.tokens_estimate);
            let head = format!("{:>2}. {:<44} {size}", at + 1, one_line(&piece.file));
            lines.push(term.style(Style::Bold, &head));
            lines.push(format!("    {}", one_line(&piece.rule)));
            for reference in &piece.references {
                let came = match (&reference.bytes, &reference.why) {
                    (_, Some(why)) => term.style(Style::Yellow, &format!("not included: {}", one_line(why))),
                    (Some(0), _) => "stands there already".to_string(),
                    (bytes, _) => format!("{} bytes of it", bytes.unwrap_or_default()),
                };
                lines.push(format!("    {}  {came}", one_line(&reference.written)));
            }
        }
        let all = counted(self.in_force.len(), "file", "files");
        let total = format!("{all} in force: {} bytes, about {} tokens", self.bytes, self.tokens_estimate);
        lines.push(total);
        if !self.left_out.is_empty() {
            lines.push(String::new());
            lines.push(term.style(Style::Bold, "left out"));
        }
        for left in &self.left_out {
            lines.push(format!(
                "    {:<44} {}",
                one_line(&left.file),
                term.style(Style::Dim, &one_line(&left.why))
            ));
        }
        for name in &self.unknown_names {
            lines.push(term.style(Style::Yellow, &format!("no steering is called `{}`", one_line(name))));
        }
        lines.join("\n")
    }
}

/// What `waypost steering check` prints.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct SteeringChecked {
    /// How many files were looked at.
    pub(crate) files: u64,
    pub(crate) errors: u64,
    pub(crate) warnings: u64,
    pub(crate) findings: Vec<SteeringFinding>,
    /// What `--fix` mended, by file.
    pub(crate) mended: Vec<SteeringMended>,
}

/// A finding in a steering file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SteeringFinding {
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: u32,
    /// From 1, in UTF-16 code units.
    pub(crate) column: u32,
    /// `steering/…`
    pub(crate) code: String,
    /// `error`, `warning` or `hint`.
    pub(crate) severity: String,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// What `--fix` would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
}

/// What was mended in a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SteeringMended {
    pub(crate) file: String,
    pub(crate) what: Vec<String>,
}

impl SteeringChecked {
    /// In words.
    pub(crate) fn words(&self, term: &Term) -> String {
        let mut lines = Vec::new();
        for mended in &self.mended {
            for what in &mended.what {
                lines.push(
                    term.style(
                        Style::Green,
                        &format!("mended {}: {}", one_line(&mended.file), one_line(what)),
                    ),
                );
            }
        }
        for found in &self.findings {
            let style = if found.severity == "error" { Style::Red } else { Style::Yellow };
            lines.push(format!(
                "{}:{}:{}  {}  {} ({})",
                one_line(&found.file),
                found.line,
                found.column,
                term.style(style, &found.severity),
                one_line(&found.message),
                found.code
            ));
            if let Some(hint) = &found.hint {
                lines.push(format!("    hint: {}", one_line(hint)));
            }
            if let Some(fix) = &found.fix {
                lines.push(format!("    fix: {} (--fix)", one_line(fix)));
            }
        }
        lines.push(format!(
            "{}: {}, {}",
            counted(self.files as usize, "file", "files"),
            counted(self.errors as usize, "error", "errors"),
            counted(self.warnings as usize, "warning", "warnings")
        ));
        lines.join("\n")
    }
}
