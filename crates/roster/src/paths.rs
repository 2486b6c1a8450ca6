//! Relative paths as agents write them, put together without a disk. Links are for whoever opens a file.

/// A path from the root of an agent's files, with `/`, without `.` and `..`; `None` when it is absolute or leads out.
/// `folder` is where the naming file lies, relative to the same root.
pub fn below(folder: &str, path: &str) -> Option<String> {
    let path = path.strip_prefix("file://").unwrap_or(path).replace('\\', "/");
    if path.is_empty()
        || path.starts_with(['/', '~'])
        || path.contains(['\0', '\n'])
        || path.get(1..2) == Some(":")
    {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    for name in folder.split('/').chain(path.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    (!names.is_empty()).then(|| names.join("/"))
}

/// The folder of a file, with `/`; empty for one at the root.
pub fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The package that a file below a `.kiro` belongs to: the folder that has the `.kiro`, with `/`. Empty for the root's and the
/// person's own (`~/…`).
pub fn package_of(file: &str) -> &str {
    match file.starts_with(".kiro/") || file.starts_with("~/") {
        true => "",
        false => file.split_once("/.kiro/").map_or("", |(package, _)| package),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages() {
        let check = |file: &str, expected: &str| assert_eq!(package_of(file), expected, "{file}");
        check(".kiro/agents/a.md", "");
        check("~/.kiro/agents/a.md", "");
        check("packages/x/.kiro/agents/a.md", "packages/x");
        check(".kiro/powers/p/.kiro/a.md", "");
        check("a/.kiro/b/.kiro/c.md", "a");
        check("AGENTS.md", "");
    }

    #[test]
    fn a_path_stays_inside() {
        let check = |folder: &str, path: &str, expected: Option<&str>| {
            assert_eq!(below(folder, path).as_deref(), expected, "{folder} {path}");
        };
        check(".kiro/agents", "file://prompts/a.md", Some(".kiro/agents/prompts/a.md"));
        check(".kiro/agents", "file://./../prompts/a.md", Some(".kiro/prompts/a.md"));
        check(".kiro/agents", "../../docs/a.md", Some("docs/a.md"));
        check(".kiro/agents", "../../../a.md", None);
        check("", "a/../../b", None);
        check("", "file:///etc/passwd", None);
        check("", "~/a", None);
        check("", "C:\\a", None);
        check("", "", None);
        check("a", "..", None);
    }
}
