//! Tests of what a line names in whatever way: each line runs a file of the workspace, or only reads some.
#![expect(clippy::disallowed_methods, reason = "a test makes files")]

use std::os::unix::fs::PermissionsExt as _;

use crate::hook_scripts::looked::check;

/// A workspace: two scripts, one more in a folder, files without any sign of what they are, and what linters read.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("x.sh", ""),
        ("tool", "#!/bin/sh\n"),
        ("run", ""),
        ("built", "\x7fELF"),
        ("x", ""),
        ("d/x.sh", ""),
        ("d/x.py", ""),
        ("d/e/deep.sh", ""),
        ("p.py", ""),
        ("index.js", ""),
        ("README.md", ""),
        ("package.json", ""),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        if matches!(name, "run" | "built") {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    folder
}

#[test]
fn what_a_line_names_is_bound_however_it_is_run() {
    let folder = workspace();
    let root = folder.path().canonicalize().unwrap();
    let bound = |line: &str, expected: &[&str]| check(&root, line, expected, false);
    let both = |line: &str, expected: &[&str]| check(&root, line, expected, true);
    let computed = |line: &str| check(&root, line, &[], true);
    // Wildcards.
    bound("sh [[:alpha:]].sh", &["x.sh"]);
    bound("sh [![:space:]].s[g-i]", &["x.sh"]);
    bound("sh [[:alpha:]].[[:lower:]][g-i]; sh []x].sh", &["x.sh"]);
    bound("shopt -s globstar; sh d/**/deep.sh", &["d/e/deep.sh"]);
    bound("sh **/deep.sh", &[]);
    // Texts.
    bound("source /dev/stdin < x", &["x"]);
    bound("sh /dev/fd/0 < x", &["x"]);
    bound("exec 3<x; sh <&3", &["x"]);
    both("xargs -I{} sh -c {} < x.sh", &["x.sh"]);
    both("xargs sh -c < x.sh", &["x.sh"]);
    bound(". /dev/stdin <<< \"$(cat x)\"", &["x"]);
    bound("bash --rcfile x -i; bash --init-file x.sh -ic true", &["x", "x.sh"]);
    bound("l=$(<x.sh); eval -- \"true\"", &["x.sh"]);
    bound("l=$(cat run tool); true", &["run", "tool"]);
    // Variables.
    bound("BASH_ENV=x bash -c true", &["x"]);
    bound("export ENV=./x; sh -i", &["x"]);
    bound("env LD_PRELOAD=./x true", &["x"]);
    both("BASH_ENV=\"$A\"; bash x.sh", &["x.sh"]);
    bound("GIT_EXTERNAL_DIFF='sh x' git diff", &["x"]);
    bound("NODE_OPTIONS='--require ./index.js' npm test", &["index.js"]);
    bound("PYTHONPATH=d python3 -m x", &["d/x.py"]);
    computed("HOME=$PWD/d bash -lc true");
    // Launchers and names.
    bound("env --chdir=d sh x.sh; cd d", &["d/x.sh", "x.sh"]);
    bound("env -C d python3 x.py", &["d/x.py"]);
    bound("setpriv --no-new-privs sh x; prlimit --nofile=9 ./x.sh; unshare sh -c 'sh x'", &["x", "x.sh"]);
    computed("setpriv --no-new-privs sh \"$F\"");
    bound("sh ~+/x; sh /proc/self/cwd/x.sh", &["x", "x.sh"]);
    bound("cd d; cd \"$OLDPWD\"; sh x", &["x"]);
    bound("cd d; cd -; sh x.sh", &["d/x.sh", "x.sh"]);
    bound("hash -p ./x q; q", &["x"]);
    bound("alias q='sh x'; q", &["x"]);
    bound("trap -- 'sh x' EXIT", &["x"]);
    both("declare -n r=v; v=./x.sh; $r", &["x.sh"]);
    bound("IFS=,; c=sh,x.sh; $c", &["x.sh"]);
    both("printf x.sh | xargs -I% sh %", &["x.sh"]);
    // Code of other languages.
    bound("awk 'BEGIN{system(\"sh x\")}'", &["x"]);
    bound("awk '{print $1 | \"sh x\"}' README.md", &["x"]);
    bound("git -c alias.q='!sh x' q", &["x"]);
    bound("sed '1e sh x' README.md", &["x"]);
    bound("tar cf a.tar --checkpoint=1 --checkpoint-action=exec='sh x' d", &["x"]);
    bound("python3 -c \"import os; os.system('sh x')\"", &["x"]);
    bound("python3 -c \"exec(open('p.py').read())\"", &["p.py"]);
    bound("node -e 'require(\"child_process\").execSync(\"./tool\")'", &["tool"]);
    bound("perl -e 'system \"sh x\"'; ruby -e '`sh x`'", &["x"]);
    computed("awk '{system($1)}' README.md");
    computed("awk '{system(\"sh \" $1)}' README.md");
    computed("awk '{print $1 | \"sh\"}' README.md");
    computed("sed 's/a/sh &/e' README.md");
    computed("python3 -c \"import os; os.system('bash later')\"");
    computed("git -c core.hooksPath=d commit");
    // What is only read is named all the same.
    bound("grep -c b x.sh; cat ./run", &["run", "x.sh"]);
    both("chmod() { sh \"$2\"; }; chmod +x x.sh", &["x.sh"]);
    bound("alias wc=sh; wc x.sh", &["x.sh"]);
    both("FOO=1 make -f \"$A\" run; sh \"$F\"", &["run"]);
}

#[test]
fn what_a_line_only_reads_or_writes_is_not_bound() {
    let folder = workspace();
    let root = folder.path().canonicalize().unwrap();
    for line in [
        "prettier --check package.json",
        "cat README.md && eslint index.js --fix",
        "ruff check p.py; mypy p.py",
        "chmod +x x.sh; sed -i s/a/b/ x.sh",
        "shellcheck x.sh; shfmt -w d/x.sh; [ -x ./run ] && test -f x.sh",
        "echo done > x.sh",
        "ls -l built; cp built /tmp/built",
        "while IFS= read -r l; do echo \"$l\"; done < README.md",
        "PAGER=cat git log; GIT_PAGER= git diff; EDITOR=true git commit",
        "NODE_OPTIONS=--max-old-space-size=4096 npm test",
        "PYTHONPATH=d pytest; HOME=/tmp npm test",
        "awk -F'|' '/a|b/ {print $1 \" | \" $2}' README.md",
        "awk '$1 == \"a\" || \"b\" == $2' README.md",
        "sed -n 's/a/e/p;s/b/c/' README.md",
        "git -c user.name=x -c core.quotepath=off commit -m 'use the shell (sh) here'",
        "python3 -c \"import subprocess; subprocess.run(['git', 'status'])\"",
        "tar czf a.tgz d; find . -name '*.md' -exec wc -l {} +",
        "alias ll='ls -l'; shopt -s nullglob; make",
        "env -C d npm test; taskset -c 1 make",
    ] {
        check(&root, line, &[], false);
    }
}
