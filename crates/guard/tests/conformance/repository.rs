//! What a permitted git command opens: the repository, and nothing in it that would run something later.

use std::path::Path;

use sandbox::Capabilities;

use crate::bench::Bench;
use crate::rules::RULES;

/// What git reads as settings or runs, below `.git`.
const RUNS_LATER: [&str; 9] = [
    "config",
    "hooks/post-checkout",
    "info/attributes",
    "commondir",
    "config.worktree",
    "modules/x/config",
    "modules/x/hooks/post-checkout",
    "worktrees/x/commondir",
    "worktrees/x/config.worktree",
];

fn check(can: Capabilities) {
    let mut held = Vec::new();
    for name in RUNS_LATER {
        for is_there in [true, false] {
            let mut bench = Bench::new(&RULES[0], can);
            let git = bench.root().join(".git");
            let path = git.join(name);
            let text = "as it was\n";
            // A submodule and a further work tree are there; what is in them may be.
            for folder in ["modules/x", "worktrees/x", "hooks", "info"] {
                std::fs::create_dir_all(git.join(folder)).unwrap();
                std::fs::write(git.join(folder).join("HEAD"), "ref: refs/heads/main\n").unwrap();
            }
            if is_there {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, text).unwrap();
            } else {
                let _absent = std::fs::remove_file(&path);
            }
            let script = format!(
                "mkdir -p $(dirname .git/{name})\necho evil > .git/{name}\nrm -rf .git/{name}\necho evil > .git/next\n\
                 mv .git/next .git/{name}\nln -f src/other.txt .git/{name}\nls -la .git .git/{name}\n"
            );
            std::fs::write(bench.root().join("evil.sh"), script).unwrap();
            let line = "git tag v1; sh evil.sh";
            let told = bench.permitted(line);
            let now = std::fs::read_to_string(&path).ok();
            let before = is_there.then(|| text.to_string());
            if now != before || !look_empty(&path, is_there) {
                held.push(format!("`.git/{name}`, there before: {is_there}: {now:?}\n{told}"));
            }
        }
    }
    assert!(held.is_empty(), "{} could be written:\n{}", held.len(), held.join("\n"));
}

/// Where nothing was, nothing is.
fn look_empty(path: &Path, is_there: bool) -> bool {
    is_there || path.symlink_metadata().is_err()
}

#[test]
fn a_permitted_git_command_opens_nothing_that_would_run_later() {
    let Some(can) = crate::here() else { return };
    check(can);
}

#[test]
fn nor_where_there_are_no_namespaces() {
    let Some(can) = crate::here().filter(|can| can.landlock.is_some()) else { return };
    check(Capabilities { namespaces: None, ..can });
}

/// What is asked about before it is written, because it runs or steers later.
const STEERS_LATER: [&str; 8] = [
    ".kiro/agents/x.md",
    ".kiro/hooks/x.kiro.hook",
    ".kiro/powers/x/POWER.md",
    ".kiro/workflows/x.yaml",
    ".kiro/settings/mcp.json",
    ".vscode/tasks.json",
    ".git/hooks/post-checkout",
    ".git/config",
];

#[test]
fn a_permitted_program_makes_nothing_that_steers_later() {
    let Some(can) = crate::here() else { return };
    for name in STEERS_LATER {
        let mut bench = Bench::new(&RULES[0], can);
        // Not there at all, the folders neither.
        for folder in [".kiro", ".git", ".vscode"] {
            let _absent = std::fs::remove_dir_all(bench.root().join(folder));
        }
        let script = format!(
            "mkdir -p $(dirname {name})\necho evil > {name}\nmkdir next\nmv next {name}\ncat {name}\n"
        );
        std::fs::write(bench.root().join("evil.sh"), script).unwrap();
        let told = bench.permitted("sh evil.sh");
        let path = bench.root().join(name);
        let made = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(!made.contains("evil"), "`{name}`: {told}");
    }
}

#[test]
fn a_permitted_git_command_still_works() {
    let Some(can) = crate::here() else { return };
    let mut bench = Bench::new(&RULES[0], can);
    let told = bench.permitted(
        "git init -q elsewhere && cd elsewhere && git -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m x && git log --oneline",
    );
    assert!(told.contains(" x\n"), "{told}");
    let git = bench.root().join(".git");
    std::fs::remove_dir_all(&git).unwrap();
    std::fs::rename(bench.root().join("elsewhere/.git"), &git).unwrap();
    let told = bench.permitted(
        "git add -A && git -c user.name=a -c user.email=a@example.org commit -q -m second && git checkout -q -b side && git tag v1 && git status && git log --oneline",
    );
    assert!(told.contains("second") && told.contains("On branch side") && told.contains("exit 0"), "{told}");
}
