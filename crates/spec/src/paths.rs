//! Which words of a text name files of the repository. Looks at no disk, so a path may name nothing.

use crate::inline::{code_spans, has_colon, label_of};
use crate::words;

/// Paths kept per task.
pub const PATHS_MAX: usize = 64;

/// Bytes in one path; longer words are not paths that anybody wrote.
pub const PATH_BYTES_MAX: usize = 512;

/// Bytes of the longest extension below.
const EXTENSION_BYTES_MAX: usize = 10;

/// Sorted, so that it can be searched.
const EXTENSIONS: &[&str] = &[
    "adoc",
    "astro",
    "bash",
    "bat",
    "c",
    "cc",
    "cfg",
    "cjs",
    "clj",
    "cmake",
    "cmd",
    "conf",
    "cpp",
    "cs",
    "csproj",
    "css",
    "csv",
    "cts",
    "cxx",
    "dart",
    "diff",
    "docx",
    "env",
    "erb",
    "erl",
    "ex",
    "example",
    "exs",
    "feature",
    "fish",
    "fs",
    "gif",
    "go",
    "gql",
    "gradle",
    "graphql",
    "groovy",
    "h",
    "hcl",
    "hh",
    "hook",
    "hpp",
    "hs",
    "htm",
    "html",
    "ico",
    "ini",
    "ipynb",
    "j2",
    "java",
    "jl",
    "jpeg",
    "jpg",
    "js",
    "json",
    "json5",
    "jsonc",
    "jsonl",
    "jsx",
    "kiro",
    "kt",
    "kts",
    "less",
    "lock",
    "lua",
    "m",
    "md",
    "mdx",
    "mjs",
    "mk",
    "ml",
    "mli",
    "mm",
    "mod",
    "mts",
    "nim",
    "nix",
    "parquet",
    "patch",
    "pdf",
    "php",
    "pl",
    "plist",
    "pm",
    "png",
    "prisma",
    "properties",
    "proto",
    "ps1",
    "py",
    "pyi",
    "r",
    "rb",
    "rs",
    "rst",
    "sample",
    "sass",
    "scala",
    "scss",
    "service",
    "sh",
    "sln",
    "snap",
    "sol",
    "sql",
    "sum",
    "sv",
    "svelte",
    "svg",
    "swift",
    "template",
    "tf",
    "tfvars",
    "tmpl",
    "toml",
    "tpl",
    "ts",
    "tsv",
    "tsx",
    "txt",
    "v",
    "vb",
    "vue",
    "wasm",
    "wat",
    "xml",
    "xsd",
    "yaml",
    "yml",
    "zig",
    "zsh",
];

const TOP_FOLDERS: &[&str] = &[
    "src",
    "lib",
    "libs",
    "crates",
    "test",
    "tests",
    "spec",
    "specs",
    "docs",
    "doc",
    "app",
    "apps",
    "packages",
    "pkg",
    "internal",
    "cmd",
    "examples",
    "scripts",
    "web",
    "bin",
    "benches",
    "bench",
    "config",
    "configs",
    "assets",
    "public",
    "server",
    "client",
    "frontend",
    "backend",
    "api",
    "migrations",
    "infra",
    "tools",
    "xtask",
    "e2e",
    "fixtures",
    "include",
    "components",
    "pages",
    "services",
    "modules",
    "resources",
    ".github",
    ".kiro",
    ".vscode",
];

const FILE_NAMES: &[&str] = &[
    "Makefile",
    "Dockerfile",
    "LICENSE",
    "README",
    "VERSION",
    "CHANGELOG",
    "Justfile",
    "justfile",
    "Procfile",
    "Gemfile",
    "Rakefile",
    "CODEOWNERS",
    "Jenkinsfile",
    ".gitignore",
    ".gitattributes",
    ".dockerignore",
    ".editorconfig",
    ".kiroignore",
    ".env",
    ".npmrc",
    ".nvmrc",
    "go.mod",
    "go.sum",
];

/// The paths that a task block names, each once, in order: code spans that look like paths, and the bare words
/// of a `Files:` line. Separators are `/`, a leading `./` and a trailing `:12-20` are taken off, and a glob is
/// cut to the folder before its first wildcard.
pub fn paths_in(block: &str) -> Vec<String> {
    let mut found = Vec::new();
    push_paths(block, &mut found);
    found
}

/// Adds the paths of more text to the ones already found.
pub(crate) fn push_paths(block: &str, found: &mut Vec<String>) {
    let mut push = |path: Option<String>| {
        if let Some(path) = path
            && found.len() < PATHS_MAX
            && !found.contains(&path)
        {
            found.push(path);
        }
        found.len() < PATHS_MAX
    };
    for line in block.lines() {
        let has_code = line.contains('`');
        // Behind the label even `VERSION` is a file; elsewhere a code span has to look like one.
        let files = match has_colon(line.as_bytes()) {
            true => label_of(line).filter(|(label, _)| words::is_files(label)).map(|(_, value)| value),
            false => None,
        };
        if has_code {
            let has_room = code_spans(line)
                .into_iter()
                .all(|span| push(if files.is_some() { clean(span) } else { as_path(span) }));
            if !has_room {
                return;
            }
        }
        if let Some(value) = files
            && !value.contains('`')
            && !value.split([',', ' ', '、', '，', ';', '；']).all(|word| push(as_path(word)))
        {
            return;
        }
    }
}

/// The path that a word is, or `None` when it reads like code, a route, a type or prose.
pub fn as_path(word: &str) -> Option<String> {
    clean(word).filter(|path| looks_like_file(path))
}

/// The word in the form of a path, when every character of it can stand in one and it stays inside the repository.
fn clean(word: &str) -> Option<String> {
    let word = word.trim();
    // Most code spans are code; they are told before anything is copied.
    let is_code =
        |byte: u8| matches!(byte, b' ' | b'(' | b')' | b'<' | b'>' | b'=' | b'"' | b'\'' | b';' | b'&');
    if word.is_empty() || word.len() > PATH_BYTES_MAX || word.bytes().any(is_code) {
        return None;
    }
    let word = strip_lines(word).replace('\\', "/");
    let word = word.strip_prefix("./").unwrap_or(&word);
    let word = cut_at_wildcard(word);
    if word.is_empty() || word.starts_with(['/', '-', '.', '@', '#', '$', '~']) && !is_dot_path(word) {
        return None;
    }
    let is_path_char =
        |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '@' | '[' | ']');
    if !word.chars().all(is_path_char) || word.contains("//") || word.contains("..") {
        return None;
    }
    Some(word.to_string())
}

fn is_dot_path(word: &str) -> bool {
    let first = word.split('/').next().unwrap_or_default();
    TOP_FOLDERS.contains(&first) || FILE_NAMES.contains(&word) || has_extension(word)
}

fn strip_lines(word: &str) -> &str {
    match word.rsplit_once(':') {
        Some((path, lines))
            if !lines.is_empty() && lines.bytes().all(|b| b.is_ascii_digit() || b == b'-') =>
        {
            path
        }
        _ => word,
    }
}

fn cut_at_wildcard(word: &str) -> &str {
    match word.split_once(['*', '?', '{']) {
        Some((before, _)) => before.rfind('/').and_then(|at| before.get(..=at)).unwrap_or_default(),
        None => word,
    }
}

fn looks_like_file(word: &str) -> bool {
    let last = word.rsplit('/').next().unwrap_or_default();
    if has_extension(last) || FILE_NAMES.contains(&last) {
        return true;
    }
    let Some((first, _)) = word.split_once('/') else { return false };
    // `and/or`, `application/json` and `true/false` are prose: without an extension a path must end in `/`,
    // start at a folder that repositories have, or be deeper than two names.
    const MEDIA: &[&str] = &["application", "text", "image", "audio", "video", "font", "multipart"];
    !MEDIA.contains(&first)
        && (word.ends_with('/') || TOP_FOLDERS.contains(&first) || word.matches('/').count() >= 2)
}

fn has_extension(name: &str) -> bool {
    match name.rsplit_once('.') {
        Some((stem, extension)) => {
            !stem.is_empty()
                && !stem.ends_with('/')
                && extension.len() <= EXTENSION_BYTES_MAX
                && EXTENSIONS.binary_search(&extension.to_ascii_lowercase().as_str()).is_ok()
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(block: &str, expected: &[&str]) {
        assert_eq!(paths_in(block), expected, "{block}");
    }

    #[test]
    fn extensions_can_be_searched() {
        assert!(EXTENSIONS.is_sorted());
        assert!(EXTENSIONS.iter().all(|extension| extension.len() <= EXTENSION_BYTES_MAX));
    }

    #[test]
    fn labels_of_files_in_every_language() {
        for label in [
            "Files",
            "**File**",
            "Test files",
            "文件",
            "ファイル",
            "파일",
            "Файлы",
            "Tệp",
            "Berkas",
            "Archivos",
        ] {
            check(&format!("- {label}: src/a.rs"), &["src/a.rs"]);
        }
        for label in
            ["Arquivos", "Dateien", "Fichiers", "Dosyalar", "Files to modify", "涉及文件", "変更ファイル"]
        {
            check(&format!("- {label}: VERSION `x`, `LICENSE`"), &["x", "LICENSE"]);
        }
    }

    #[test]
    fn code_spans_that_are_paths() {
        check("Create `src/limiter/store.rs` and `src/limiter/store.rs`", &["src/limiter/store.rs"]);
        check("`./src/a.rs:12-20` `src\\win.rs`", &["src/a.rs", "src/win.rs"]);
        check("`src/**/*.ts` `*.ts`", &["src/"]);
        check(
            "`Cargo.toml`, `.github/workflows/ci.yml`, `.gitignore`, `Makefile`",
            &["Cargo.toml", ".github/workflows/ci.yml", ".gitignore", "Makefile"],
        );
        check("- Files: src/a.rs, tests/b.rs", &["src/a.rs", "tests/b.rs"]);
        check("`app/[id]/page.tsx`", &["app/[id]/page.tsx"]);
    }

    #[test]
    fn code_spans_that_are_not_paths() {
        check(
            "`and/or` `application/json` `/api/v1/users` `https://a.b/c.html` `Vec<u8>` `a.b()` `self.value`",
            &[],
        );
        check("`../../etc/passwd` `--file a.rs` `foo::bar` `-x` `$HOME/a.rs` ``", &[]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(s in any::<String>()) {
            for path in paths_in(&s) {
                prop_assert!(!path.starts_with('/') && !path.contains(".."));
            }
        }
    }
}
