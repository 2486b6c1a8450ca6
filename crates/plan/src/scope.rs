//! Whether a changed file lies in the scope that a task names. Looks at no disk.

/// Whether `changed` is what `named` says: the same path, a file below it, the same path seen from a deeper folder
/// (`store.rs` for `src/store.rs`), or a test of it.
pub(crate) fn covers(named: &str, changed: &str) -> bool {
    let named = named.strip_prefix("./").unwrap_or(named);
    let folder = named.trim_end_matches('/');
    if folder.is_empty() {
        return false;
    }
    let is_below = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    if changed == folder || is_below(changed) {
        return true;
    }
    let is_suffix = changed.strip_suffix(folder).is_some_and(|before| before.ends_with('/'));
    is_suffix && !named.ends_with('/') || is_test_of(folder, changed)
}

/// Whether the file belongs to the spec machinery, which proves nothing about the work.
pub(crate) fn is_own(changed: &str) -> bool {
    changed == ".kiro" || changed.starts_with(".kiro/") || changed.contains("/.kiro/")
}

/// `tests/store_test.rs`, `src/store.test.ts` and `test_store.py` are tests of `src/store.rs`.
fn is_test_of(named: &str, changed: &str) -> bool {
    let (folders, file) = changed.rsplit_once('/').unwrap_or(("", changed));
    let stem = first_part(file);
    let bare = bare_stem(stem);
    let has_test_name = bare.len() < stem.len() || file.contains(".test.") || file.contains(".spec.");
    let is_test_folder =
        |part: &str| matches!(part, "test" | "tests" | "__tests__" | "spec" | "specs" | "e2e");
    let is_test = has_test_name || folders.split('/').any(is_test_folder);
    let named_stem = first_part(named.rsplit('/').next().unwrap_or_default());
    is_test && !bare.is_empty() && bare_stem(named_stem).eq_ignore_ascii_case(bare)
}

fn first_part(file: &str) -> &str {
    file.split('.').next().unwrap_or(file)
}

fn bare_stem(stem: &str) -> &str {
    let stem = stem.strip_prefix("test_").unwrap_or(stem);
    ["_test", "_tests", "_spec", "-test", "Test", "Tests", "Spec"]
        .iter()
        .find_map(|suffix| stem.strip_suffix(suffix))
        .filter(|bare| !bare.is_empty())
        .unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_covers() {
        let check = |named: &str, changed: &str, expected: bool| {
            assert_eq!(covers(named, changed), expected, "{named} {changed}")
        };
        check("src/store.rs", "src/store.rs", true);
        check("src/limiter/", "src/limiter/a/b.rs", true);
        check("src/limiter", "src/limiter/a.rs", true);
        check("src/lim", "src/limiter/a.rs", false);
        check("store.rs", "src/store.rs", true);
        check("store.rs", "src/restore.rs", false);
        check("src/store.rs", "tests/store.rs", true);
        check("src/store.rs", "tests/store_test.rs", true);
        check("src/store.py", "tests/test_store.py", true);
        check("src/store.ts", "src/store.test.ts", true);
        check("src/Store.java", "src/test/java/StoreTest.java", true);
        check("src/store.rs", "src/other/store.rs", false);
        check("src/store.rs", "src/lib.rs", false);
        check("", "src/lib.rs", false);
        check("/", "src/lib.rs", false);
        assert!(
            is_own(".kiro/specs/a/tasks.md") && is_own("pkg/.kiro/steering/a.md") && !is_own("src/.kiro.rs")
        );
    }
}
