//! Compares what crates import with the table of allowed arrows in ARCHITECTURE.md.

use super::finding::Finding;
use crate::workspace::{Package, Workspace};

const DOCUMENT: &str = "ARCHITECTURE.md";
const HEADING: &str = "## Allowed arrows";

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    line: usize,
    name: String,
    may_import: Vec<String>,
}

/// Every arrow between crates is in the table, and every crate has its row.
pub(super) fn rule(workspace: &Workspace) -> Vec<Finding> {
    let Some(text) = workspace.document(DOCUMENT) else {
        return vec![Finding::new(DOCUMENT, "is missing", "write it; its table of arrows is checked here")];
    };
    let rows = table(text);
    if rows.is_empty() {
        let hint = "add `| crate | may import |` with a row for each crate";
        return vec![Finding::new(DOCUMENT, format!("has no table below `{HEADING}`"), hint)];
    }
    let crates: Vec<&Package> =
        workspace.packages.iter().filter(|package| package.folder.starts_with("crates/")).collect();
    let mut findings = Vec::new();
    for row in &rows {
        findings.extend(faults_of_row(row, &crates));
        if rows.iter().any(|other| other.name == row.name && other.line < row.line) {
            findings.push(at(row, format!("`{}` has two rows", row.name), "keep one"));
        }
    }
    for package in crates {
        let Some(row) = rows.iter().find(|row| row.name == package.name) else {
            let fault = format!("has no row for `{}`", package.name);
            findings.push(Finding::new(
                DOCUMENT,
                fault,
                "add the row, and say in the text what the crate is for",
            ));
            continue;
        };
        for import in package.imports.iter().filter(|import| !row.may_import.contains(import)) {
            let fault = format!("`{}` imports `{import}`, which its row does not allow", package.name);
            findings.push(at(
                row,
                fault,
                "turn the arrow round, or make it a change of its own with its reason",
            ));
        }
    }
    findings
}

fn faults_of_row(row: &Row, crates: &[&Package]) -> Vec<Finding> {
    let exists = |name: &str| crates.iter().any(|package| package.name == name);
    let named = std::iter::once(&row.name).chain(&row.may_import);
    let mut unknown: Vec<&String> = named.filter(|name| !exists(name)).collect();
    unknown.dedup();
    unknown
        .into_iter()
        .map(|name| at(row, format!("`{name}` is not a crate of the workspace"), "take it out of the table"))
        .collect()
}

fn at(row: &Row, fault: String, hint: &str) -> Finding {
    Finding::new(format!("{DOCUMENT}:{}", row.line), fault, hint)
}

/// The rows below the heading, up to the next heading. The head of the table and its rule are left out.
fn table(text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate().skip_while(|(_, line)| line.trim_end() != HEADING).skip(1);
    let section = lines.take_while(|(_, line)| !line.starts_with("## "));
    section
        .filter_map(|(index, line)| {
            let cells: Vec<&str> = line.trim().strip_prefix('|')?.split('|').map(str::trim).collect();
            let (first, second) = (cells.first()?, cells.get(1)?);
            let name = first.trim_matches(['`', '*']).to_owned();
            let is_head = name == "crate" || name.is_empty() || name.starts_with(['-', ':']);
            (!is_head).then(|| Row { line: index + 1, name, may_import: code_spans(second) })
        })
        .collect()
}

fn code_spans(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::File;

    fn check(rows: &str, crates: &[(&str, &[&str])], faults: &[&str]) {
        let text =
            format!("# A\n\n{HEADING}\n\n| crate | may import |\n|---|---|\n{rows}\n## Next\n| `x` | – |\n");
        let packages = crates.iter().map(|(name, imports)| Package {
            name: (*name).to_owned(),
            folder: format!("crates/{name}"),
            imports: imports.iter().map(|import| (*import).to_owned()).collect(),
        });
        let workspace = Workspace {
            documents: vec![File { path: DOCUMENT.to_owned(), text }],
            packages: packages.collect(),
            ..Workspace::default()
        };
        let found: Vec<String> =
            rule(&workspace).iter().map(|f| format!("{}: {}", f.place, f.fault)).collect();
        assert_eq!(found, faults);
    }

    #[test]
    fn an_allowed_arrow_is_fine_and_need_not_be_used() {
        check("| `spec` | – |\n| `plan` | `spec` |", &[("spec", &[]), ("plan", &["spec"])], &[]);
        check("| `spec` | – |\n| `plan` | `spec` |", &[("spec", &[]), ("plan", &[])], &[]);
        check("| spec | – |\n| **plan** | `spec` |", &[("spec", &[]), ("plan", &["spec"])], &[]);
    }

    #[test]
    fn an_arrow_that_is_not_in_the_table_is_found() {
        check(
            "| `spec` | – |\n| `plan` | – |",
            &[("spec", &[]), ("plan", &["spec"])],
            &["ARCHITECTURE.md:8: `plan` imports `spec`, which its row does not allow"],
        );
    }

    #[test]
    fn a_row_of_a_crate_that_is_gone_is_found() {
        check(
            "| `spec` | – |\n| `plan` | `spec`, `vcs` |\n| `old` | – |",
            &[("spec", &[]), ("plan", &[])],
            &[
                "ARCHITECTURE.md:8: `vcs` is not a crate of the workspace",
                "ARCHITECTURE.md:9: `old` is not a crate of the workspace",
            ],
        );
    }

    #[test]
    fn a_crate_without_a_row_or_with_two_is_found() {
        check(
            "| `spec` | – |\n| `spec` | – |",
            &[("spec", &[]), ("plan", &[])],
            &["ARCHITECTURE.md:8: `spec` has two rows", "ARCHITECTURE.md: has no row for `plan`"],
        );
    }

    #[test]
    fn a_missing_table_is_found() {
        check("", &[("spec", &[])], &["ARCHITECTURE.md: has no table below `## Allowed arrows`"]);
    }
}
