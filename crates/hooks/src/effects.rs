//! Which files a hook would write, as far as its command line or prompt tells. Guesses, and says so; runs nothing.

use crate::hook::{Action, Hook};

/// Writes that are kept of one hook.
pub(crate) const WRITES_MAX: usize = 50;

/// Bytes of a command line or prompt that are looked at.
const TEXT_MAX: usize = 64 * 1024;

/// Which files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// This one, relative to the workspace.
    Path(String),
    /// The file of the moment.
    Own,
    /// Files with one of these endings.
    Endings(&'static [&'static str]),
    /// Whatever is in the workspace.
    Any,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) what: What,
    /// It happens whenever the hook runs, and not only when there is something to mend.
    pub(crate) is_certain: bool,
    /// What in the hook says so.
    pub(crate) because: String,
}

const SCRIPTS: &[&str] = &["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"];
const WEB: &[&str] = &[
    "js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "svelte", "css", "scss", "less", "html", "json", "md",
    "mdx", "yaml", "yml", "graphql",
];
const STYLES: &[&str] = &["css", "scss", "less"];
const C: &[&str] = &["c", "h", "cc", "cpp", "cxx", "hpp", "m", "mm", "java", "proto"];

/// A program that rewrites files: its name, words one of which must be there (none: always), words that forbid it, endings.
type Rewriter = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const REWRITERS: &[Rewriter] = &[
    ("eslint", &["--fix"], &["--fix-dry-run"], SCRIPTS),
    ("standard", &["--fix"], &[], SCRIPTS),
    ("oxlint", &["--fix"], &[], SCRIPTS),
    ("prettier", &["--write", "-w"], &["--check"], WEB),
    ("biome", &["--write", "--apply", "--fix"], &[], WEB),
    ("dprint", &["fmt"], &[], WEB),
    ("deno", &["fmt"], &["--check"], WEB),
    ("stylelint", &["--fix"], &[], STYLES),
    ("cargo", &["fmt"], &["--check"], &["rs"]),
    ("cargo", &["fix", "--fix"], &[], &["rs"]),
    ("rustfmt", &[], &["--check", "--emit"], &["rs"]),
    ("gofmt", &["-w"], &[], &["go"]),
    ("goimports", &["-w"], &[], &["go"]),
    ("gofumpt", &["-w"], &[], &["go"]),
    ("go", &["fmt"], &[], &["go"]),
    ("golangci-lint", &["--fix", "fmt"], &[], &["go"]),
    ("black", &[], &["--check", "--diff"], &["py", "pyi"]),
    ("ruff", &["format", "--fix"], &["--check", "--diff"], &["py", "pyi"]),
    ("isort", &[], &["--check", "--check-only", "-c", "--diff"], &["py", "pyi"]),
    ("autopep8", &["-i", "--in-place"], &[], &["py"]),
    ("yapf", &["-i", "--in-place"], &[], &["py"]),
    ("stylua", &[], &["--check"], &["lua"]),
    ("shfmt", &["-w"], &[], &["sh", "bash"]),
    ("terraform", &["fmt"], &["-check"], &["tf", "tfvars"]),
    ("tofu", &["fmt"], &["-check"], &["tf", "tfvars"]),
    ("dart", &["format", "fix"], &["--output=none"], &["dart"]),
    ("zig", &["fmt"], &["--check"], &["zig"]),
    ("mix", &["format"], &["--check-formatted"], &["ex", "exs"]),
    ("dotnet", &["format"], &["--verify-no-changes"], &["cs", "vb"]),
    ("clang-format", &["-i"], &["--dry-run", "-n"], C),
    ("swiftformat", &[], &["--lint"], &["swift"]),
    ("swift-format", &["-i", "--in-place"], &["lint"], &["swift"]),
    ("ktlint", &["-F", "--format"], &[], &["kt", "kts"]),
    ("google-java-format", &["-i", "--replace"], &[], &["java"]),
    ("rubocop", &["-a", "-A", "--autocorrect", "--autocorrect-all", "--auto-correct"], &[], &["rb"]),
    ("markdownlint", &["--fix", "-f"], &[], &["md"]),
    ("markdownlint-cli2", &["--fix"], &[], &["md"]),
    ("mdformat", &[], &["--check"], &["md"]),
    ("taplo", &["fmt", "format"], &["--check"], &["toml"]),
    ("nixfmt", &[], &["--check"], &["nix"]),
    ("php-cs-fixer", &["fix"], &["--dry-run"], &["php"]),
];

/// Programs that only start another one.
const STARTERS: &[&str] = &[
    "npx", "pnpm", "pnpx", "yarn", "bunx", "bun", "uvx", "uv", "poetry", "pipx", "bundle", "exec", "run",
    "dlx", "sudo", "time", "nice", "env", "command", "python", "python3", "-m", "-y", "--yes", "x",
];

/// Words of `git` that change files of the workspace.
const GIT: &[&str] = &[
    "checkout",
    "restore",
    "switch",
    "stash",
    "pull",
    "merge",
    "rebase",
    "reset",
    "apply",
    "am",
    "cherry-pick",
    "revert",
];

/// What the hook would write. An advisory hook writes nothing.
pub(crate) fn writes(hook: &Hook) -> Vec<Write> {
    if hook.advisory == Some(true) {
        return Vec::new();
    }
    let mut writes = match &hook.action {
        Action::Command { line } => of_command(head(line)),
        Action::Agent { prompt } => of_prompt(head(prompt)),
    };
    writes.truncate(WRITES_MAX);
    writes
}

/// The first word of each simple command of a line: what the shell would start. Quotes are taken off, nothing is
/// expanded; variables that are set in front are passed over.
pub fn programs(line: &str) -> Vec<String> {
    let commands = simple_commands(head(line));
    let first = |words: &Vec<String>| words.iter().find(|word| !is_assignment(word)).cloned();
    commands.iter().filter_map(first).collect()
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(TEXT_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn of_command(line: &str) -> Vec<Write> {
    simple_commands(line).iter().flat_map(|words| of_words(words)).collect()
}

/// A line cut into commands and these into words. Quotes are taken off; nothing is expanded. A redirection keeps its sign
/// as a word of its own, also when no blank stands around it.
fn simple_commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut chars = line.chars().peekable();
    let end_word = |word: &mut String, words: &mut Vec<String>| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
    };
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.push(c),
            (_, '\\') => word.extend(chars.next().filter(|next| *next != '\n')),
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => quote = Some(c),
            (None, '>') => {
                // The digit before it says which stream.
                if word.chars().all(|c| c.is_ascii_digit() || c == '&') {
                    word.clear();
                }
                end_word(&mut word, &mut words);
                let _second = chars.next_if(|next| *next == '>' || *next == '|');
                // `>&2` writes no file.
                match chars.next_if_eq(&'&') {
                    Some(_) => while chars.next_if(char::is_ascii_digit).is_some() {},
                    None => words.push(">".to_string()),
                }
            }
            (None, ';' | '|' | '&' | '\n' | '(' | ')') => {
                end_word(&mut word, &mut words);
                if !words.is_empty() {
                    commands.push(std::mem::take(&mut words));
                }
            }
            (None, c) if c.is_whitespace() => end_word(&mut word, &mut words),
            (None, c) => word.push(c),
        }
    }
    end_word(&mut word, &mut words);
    if !words.is_empty() {
        commands.push(words);
    }
    commands
}

fn of_words(words: &[String]) -> Vec<Write> {
    let mut writes = Vec::new();
    for (sign, target) in words.iter().zip(words.iter().skip(1)) {
        if sign == ">" {
            writes.extend(to_path(target, true, &format!("`> {target}`")));
        }
    }
    let plain: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .take_while(|word| *word != ">")
        .skip_while(|word| STARTERS.contains(word) || is_assignment(word))
        .collect();
    let plain = match plain.as_slice() {
        ["npm", "exec" | "x", "--", rest @ ..] | ["npm", "exec" | "x", rest @ ..] => rest,
        all => all,
    };
    let Some((program, arguments)) = plain.split_first() else { return writes };
    let program = program.rsplit('/').next().unwrap_or(program);
    let program = program.split_once('@').map_or(program, |(name, _)| name);
    let has = |words: &[&str]| arguments.iter().any(|argument| words.contains(argument));
    let paths = || arguments.iter().copied().filter(|argument| !argument.starts_with('-'));
    for (name, wanted, forbidden, endings) in REWRITERS {
        if *name == program && (wanted.is_empty() || has(wanted)) && !has(forbidden) {
            let because = shown_call(program, wanted, arguments);
            // The program may be told a single file.
            let named: Vec<&str> = paths().filter(|path| is_own(path) || has_ending(path, endings)).collect();
            if named.is_empty() {
                writes.push(Write { what: What::Endings(endings), is_certain: false, because });
            } else {
                writes.extend(named.into_iter().filter_map(|path| to_path(path, false, &because)));
            }
        }
    }
    match program {
        "tee" | "touch" => {
            writes.extend(paths().filter_map(|path| to_path(path, true, &format!("`{program} {path}`"))))
        }
        "cp" | "mv" | "install" => {
            writes.extend(
                paths().next_back().and_then(|path| to_path(path, true, &format!("`{program} … {path}`"))),
            );
        }
        "sed" | "perl"
            if arguments
                .iter()
                .any(|word| word.starts_with("-i") || word.starts_with("-pi") || *word == "--in-place") =>
        {
            let named = paths().filter(|path| is_own(path) || looks_like_path(path));
            writes.extend(named.filter_map(|path| to_path(path, true, &format!("`{program} -i … {path}`"))));
        }
        "git" => {
            if let Some(word) =
                arguments.iter().find(|word| !word.starts_with('-')).filter(|word| GIT.contains(word))
            {
                writes.push(Write { what: What::Any, is_certain: false, because: format!("`git {word}`") });
            }
        }
        "npm" | "make" | "just" | "task" | "composer" | "gradle" | "gradlew" | "mvn" => {
            let rewrites = |word: &&&str| {
                let word = word.to_lowercase();
                let is_check = word.contains("check");
                !is_check
                    && ["fmt", "format", "fix", "spotlessapply", "spotless:apply", "prettier"]
                        .iter()
                        .any(|part| word.contains(part))
            };
            if let Some(word) = arguments.iter().find(rewrites) {
                writes.push(Write {
                    what: What::Own,
                    is_certain: false,
                    because: format!("`{program} … {word}`"),
                });
            }
        }
        _ => {}
    }
    writes
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn shown_call(program: &str, wanted: &[&str], arguments: &[&str]) -> String {
    match arguments.iter().find(|argument| wanted.contains(argument)) {
        Some(argument) => format!("`{program} {argument}`"),
        None => format!("`{program}`"),
    }
}

/// Whether a word stands for the file of the moment.
fn is_own(word: &str) -> bool {
    [
        "$WAYPOST_FILE",
        "${WAYPOST_FILE}",
        "{{filePath}}",
        "{{file_path}}",
        "$FILE",
        "${FILE}",
        "$file",
        "${file}",
    ]
    .contains(&word)
        || word.contains("file_path")
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending)) && !path.contains('*')
}

fn looks_like_path(word: &str) -> bool {
    let has_ending = word.rsplit('/').next().is_some_and(|name| {
        name.rsplit_once('.').is_some_and(|(stem, ending)| {
            !stem.is_empty()
                && (1..=8).contains(&ending.len())
                && ending.chars().all(|c| c.is_ascii_alphanumeric())
        })
    });
    let is_plain = word.chars().all(|c| c.is_alphanumeric() || "._-/@+".contains(c));
    is_plain && has_ending && !word.starts_with("//") && word.chars().any(char::is_alphabetic)
}

/// A path inside the workspace; `None` for devices, other folders and what only the shell knows.
fn to_path(word: &str, is_certain: bool, because: &str) -> Option<Write> {
    let because = because.to_string();
    if is_own(word) {
        return Some(Write { what: What::Own, is_certain, because });
    }
    let path = word.trim_start_matches("./");
    let is_elsewhere = path.starts_with('/') || path.starts_with("..") || path.starts_with('~');
    if is_elsewhere || path.is_empty() || path.contains(['$', '*', '`', '{', '?']) {
        return None;
    }
    Some(Write { what: What::Path(path.to_string()), is_certain, because })
}

/// Words by which a prompt asks for a change.
const CHANGES: &[&str] = &[
    "update", "write", "edit", "fix", "create", "modify", "append", "add", "generate", "format", "refactor",
    "rename", "insert", "rewrite", "correct", "sync", "reformat", "apply", "change",
];

/// Words by which a prompt forbids one.
const FORBIDS: &[&str] = &[
    "do not modify",
    "do not edit",
    "do not change",
    "do not write",
    "do not fix",
    "don't modify",
    "don't edit",
    "don't change",
    "don't write",
    "don't fix",
    "read-only",
    "read only",
    "only report",
    "report only",
];

/// A prompt that asks for changes may write the files that it names, or the file that it is about.
fn of_prompt(prompt: &str) -> Vec<Write> {
    let lower = prompt.to_lowercase();
    if FORBIDS.iter().any(|words| lower.contains(words)) {
        return Vec::new();
    }
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    let Some(word) = words.find(|word| CHANGES.contains(word)) else { return Vec::new() };
    let trimmed = |word: &'_ str| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_').to_string();
    let named: Vec<Write> = prompt
        .split_whitespace()
        .filter(|word| !word.contains("://"))
        // The dot before a folder's name is part of it, the one behind a sentence is not.
        .map(|word| word.trim_start_matches(is_frame).trim_end_matches(|c| is_frame(c) || c == '.'))
        .filter(|word| looks_like_path(word) && !is_abbreviation(&trimmed(word)))
        .take(WRITES_MAX)
        .filter_map(|path| to_path(path, false, &format!("its prompt says `{word}` and names `{path}`")))
        .collect();
    if !named.is_empty() {
        return named;
    }
    vec![Write { what: What::Own, is_certain: false, because: format!("its prompt says `{word}`") }]
}

/// Signs that stand around a path in a text.
fn is_frame(c: char) -> bool {
    "`'\"()[]{},;:!?*<>".contains(c)
}

fn is_abbreviation(word: &str) -> bool {
    ["e.g", "i.e", "etc.", "vs."].contains(&word) || word.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
#[path = "effects_tests.rs"]
mod tests;
