//! What commands and prompts are taken to write.

use super::*;
use crate::read::read;

/// Each write as `path`, `own`, `endings` or `any`, with `!` when certain.
fn shown(writes: &[Write]) -> String {
    let one = |write: &Write| {
        let what = match &write.what {
            What::Path(path) => path.clone(),
            What::Own => "own".to_string(),
            What::Endings(endings) => format!(".{}", endings[0]),
            What::Any => "any".to_string(),
        };
        format!("{what}{}", if write.is_certain { "!" } else { "" })
    };
    writes.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn command(line: &str, expected: &str) {
    assert_eq!(shown(&of_command(line)), expected, "{line}");
}

#[track_caller]
fn prompt(text: &str, expected: &str) {
    assert_eq!(shown(&of_prompt(text)), expected, "{text}");
}

#[test]
fn formatters() {
    command("npx eslint --fix .", ".js");
    command("npx eslint .", "");
    command("npm exec prettier -- --check .", "");
    command("pnpm dlx prettier --write src", ".js");
    command("cargo fmt", ".rs");
    command("cargo fmt -- --check", "");
    command("rustfmt --edition 2024 \"$WAYPOST_FILE\"", "own");
    command("rustfmt src/main.rs", "src/main.rs");
    command("rustfmt --check src/main.rs", "");
    command("ruff check --fix && black .", ".py .py");
    command("black --check .", "");
    command("npm run lint:fix", "own");
    command("npm run lint", "");
    command("make fmt", "own");
    command("make check-format", "");
    command("/usr/bin/gofmt -w .", ".go");
    command("git stash && cargo test; git stash pop", "any any");
    command("git diff", "");
}

#[test]
fn redirections_and_named_files() {
    command("date > docs/stamp.txt", "docs/stamp.txt!");
    command("date>>log.txt 2>&1", "log.txt!");
    command("echo x >/dev/null 2>&1", "");
    command("echo 'a > b.txt'", "");
    command("make 2> err.log | tee out.log", "err.log! out.log!");
    command("cp a.txt b/c.txt", "b/c.txt!");
    command("sed -i 's/a/b/' \"$WAYPOST_FILE\"", "own!");
    command("sed 's/a/b/' x.txt", "");
    command("X=1 touch ./a.txt", "a.txt!");
    command("cat > ../elsewhere.txt", "");
    command("echo $(date > x.txt)", "x.txt!");
    command("echo \"unclosed", "");
}

#[test]
fn prompts() {
    prompt("Update docs/api.md and README.md.", "docs/api.md README.md");
    prompt("Fix obvious formatting issues now", "own");
    prompt("Check for type errors and flag them, e.g. in src/a.ts", "");
    prompt("Review the change. Do not edit anything; only report. Update nothing.", "");
    prompt("Suggest adding them to `.kiro/steering/lessons.md`.", "");
    prompt("Add them to `.kiro/steering/lessons.md`.", ".kiro/steering/lessons.md");
    prompt("update https://example.com/a.md", "own");
}

#[test]
fn an_advisory_hook_writes_nothing() {
    let text = "hooks:\n  - name: a\n    trigger: file_modified\n    pattern: '*.md'\n    action: Update README.md\n";
    assert_eq!(shown(&writes(&read("hooks.yaml", text.as_bytes()).hooks[0])), "README.md");
    let text = format!("{text}    advisory: true\n");
    assert_eq!(shown(&writes(&read("hooks.yaml", text.as_bytes()).hooks[0])), "");
}

#[test]
fn what_a_line_starts() {
    let check = |line: &str, expected: &[&str]| assert_eq!(programs(line), expected, "{line}");
    check("A=1 ./x.sh a && bash y.sh | 'my tool' > out", &["./x.sh", "bash", "my tool"]);
    check("", &[]);
}
