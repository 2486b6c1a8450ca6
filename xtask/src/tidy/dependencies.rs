//! Compares the dependencies of the root manifest with docs/dependencies.md.

use super::finding::Finding;
use crate::workspace::Workspace;

const DOCUMENT: &str = "docs/dependencies.md";
const TABLE: &str = "[workspace.dependencies]";

/// Every dependency from outside has a row, and every row a dependency.
pub(super) fn rule(workspace: &Workspace) -> Vec<Finding> {
    let Some(text) = workspace.document(DOCUMENT) else {
        return vec![Finding::new(DOCUMENT, "is missing", "write it; its tables are checked here")];
    };
    let used = dependencies(&workspace.manifest);
    let rows = rows(text);
    let mut findings = Vec::new();
    for name in used.iter().filter(|name| !rows.iter().any(|(_, row)| row == *name)) {
        let fault = format!("has no row for `{name}`");
        findings.push(Finding::new(DOCUMENT, fault, "say in one line why it is worth its cost"));
    }
    for (line, name) in rows.iter().filter(|(_, name)| !used.contains(name)) {
        let fault = format!("`{name}` is not in the root manifest");
        findings.push(Finding::new(format!("{DOCUMENT}:{line}"), fault, "delete the row"));
    }
    findings
}

/// The names below `[workspace.dependencies]` that are no paths into this checkout.
fn dependencies(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().skip_while(|line| line.trim() != TABLE).skip(1);
    let table = lines.take_while(|line| !line.starts_with('['));
    let pairs = table.filter_map(|line| line.split_once('='));
    pairs
        .filter(|(name, value)| !name.trim_start().starts_with('#') && !value.contains("path ="))
        .map(|(name, _)| name.trim().to_owned())
        .collect()
}

/// The rows of all tables up to the first heading that speaks of what was rejected.
fn rows(text: &str) -> Vec<(usize, String)> {
    let used =
        text.lines().enumerate().take_while(|(_, line)| !line.to_lowercase().starts_with("## rejected"));
    used.filter_map(|(index, line)| {
        let name = line.strip_prefix("| `")?.split('`').next()?;
        Some((index + 1, name.to_owned()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::File;

    #[test]
    fn a_dependency_without_a_row_and_a_row_without_a_dependency_are_found() {
        let manifest = "[workspace.dependencies]\nspec = { path = \"crates/spec\" }\nlibc = \"0.2\"\n\
                        # tests only\ninsta = { version = \"1\" }\n\n[profile.dev]\ndebug = 1\n";
        let text = "| crate | why |\n|---|---|\n| `libc` | calls |\n| `rand` | dice |\n## Rejected\n| `git2` | C |\n";
        let workspace = Workspace {
            manifest: manifest.to_owned(),
            documents: vec![File { path: DOCUMENT.to_owned(), text: text.to_owned() }],
            ..Workspace::default()
        };
        let found: Vec<String> =
            rule(&workspace).iter().map(|f| format!("{}: {}", f.place, f.fault)).collect();
        assert_eq!(
            found,
            [
                "docs/dependencies.md: has no row for `insta`",
                "docs/dependencies.md:4: `rand` is not in the root manifest",
            ]
        );
    }
}
