//! Which commands only read, by what they are and by the options that they are given. An option that is not listed here
//! makes a command ask: most programs that read can also write or run something, one option away.

use crate::SimpleCommand;

/// A command that reads as long as it gets no other options than these.
struct Reader {
    name: &'static str,
    /// Letters that may stand in a cluster of short options; digits always may.
    short: &'static str,
    /// Long options, in full; a value may follow with `=`.
    long: &'static [&'static str],
}

const fn reader(name: &'static str, short: &'static str, long: &'static [&'static str]) -> Reader {
    Reader { name, short, long }
}

const READERS: &[Reader] = &[
    reader("basename", "asz", &[]),
    reader("cat", "AbeEnstTuv", &["number", "show-all"]),
    reader("cmp", "bls", &["silent", "quiet"]),
    reader("column", "tsn", &["table"]),
    reader("comm", "123", &[]),
    reader("cut", "bcdfs", &["bytes", "characters", "complement", "delimiter", "fields", "only-delimited"]),
    reader("df", "ahiklmT", &["human-readable"]),
    reader(
        "diff",
        "abBcdeilNpqrstTuUwWy",
        &["brief", "color", "ignore-all-space", "ignore-blank-lines", "recursive", "side-by-side", "unified"],
    ),
    reader("dirname", "z", &[]),
    reader("du", "acdhkmsx", &["apparent-size", "human-readable", "max-depth", "summarize", "total"]),
    reader("echo", "neE", &[]),
    reader("expr", "", &[]),
    reader("false", "", &[]),
    reader("file", "bi", &["brief", "mime", "mime-type"]),
    reader(
        "grep",
        "ABCEFGHILPTZabcehilmnoqrsvwxz",
        &[
            "after-context",
            "before-context",
            "color",
            "context",
            "count",
            "exclude",
            "exclude-dir",
            "extended-regexp",
            "files-with-matches",
            "fixed-strings",
            "ignore-case",
            "include",
            "invert-match",
            "line-number",
            "max-count",
            "no-filename",
            "no-messages",
            "only-matching",
            "perl-regexp",
            "quiet",
            "recursive",
            "regexp",
            "with-filename",
            "word-regexp",
        ],
    ),
    reader("head", "cnqv", &["bytes", "lines", "quiet", "verbose"]),
    reader("id", "gGnru", &[]),
    reader(
        "ls",
        "1AaBbCcdFfghiklmnopQqRrSstUuvXx",
        &[
            "all",
            "almost-all",
            "color",
            "directory",
            "human-readable",
            "recursive",
            "reverse",
            "sort",
            "time-style",
        ],
    ),
    reader("nl", "bdfhilnpsvw", &[]),
    reader("od", "ANjtvwcx", &[]),
    reader("pwd", "LP", &[]),
    reader("readlink", "efmnqsvz", &[]),
    reader("realpath", "ems", &["relative-to"]),
    reader(
        "rg",
        "0ABCFHNSUceghilmnostvwx",
        &[
            "color",
            "context",
            "count",
            "files",
            "files-with-matches",
            "fixed-strings",
            "glob",
            "heading",
            "hidden",
            "ignore-case",
            "line-number",
            "max-count",
            "multiline",
            "no-heading",
            "no-ignore",
            "only-matching",
            "smart-case",
            "sort",
            "type",
            "word-regexp",
        ],
    ),
    reader("seq", "sw", &[]),
    reader("sleep", "", &[]),
    reader("sort", "bCcdfghiMnRrsuVz", &["numeric-sort", "reverse", "unique", "version-sort"]),
    reader("stat", "cft", &["format", "printf", "terse"]),
    reader("tail", "cnqv", &["bytes", "lines", "quiet", "verbose"]),
    reader("tr", "cCdst", &["complement", "delete", "squeeze-repeats"]),
    reader("true", "", &[]),
    reader("uname", "aimnoprsv", &[]),
    reader("uniq", "cdDiu", &["count", "ignore-case", "repeated", "unique"]),
    reader("wc", "cLlmw", &["bytes", "chars", "lines", "words"]),
    reader("which", "a", &[]),
    reader("whoami", "", &[]),
];

/// Tests of `find` that look and print.
const FIND_TESTS: &[&str] = &[
    "-a",
    "-and",
    "-atime",
    "-ctime",
    "-empty",
    "-group",
    "-iname",
    "-ipath",
    "-iregex",
    "-links",
    "-ls",
    "-maxdepth",
    "-mindepth",
    "-mmin",
    "-mtime",
    "-name",
    "-newer",
    "-not",
    "-o",
    "-or",
    "-path",
    "-perm",
    "-print",
    "-print0",
    "-printf",
    "-prune",
    "-regex",
    "-regextype",
    "-size",
    "-type",
    "-user",
    "-wholename",
    "-xdev",
];

/// Sub-commands of git that read.
const GIT_READERS: &[&str] = &[
    "blame",
    "cat-file",
    "describe",
    "diff",
    "grep",
    "log",
    "ls-files",
    "ls-tree",
    "rev-list",
    "rev-parse",
    "shortlog",
    "show",
    "status",
];

/// The options of all of those together that write nothing and run nothing. `O`, `o` are missing on purpose.
const GIT_SHORT: &str = "ABCEFGILMPSUabcdeghilnpqrstuvwz";
const GIT_LONG: &[&str] = &[
    "abbrev",
    "abbrev-commit",
    "abbrev-ref",
    "all",
    "always",
    "author",
    "branch",
    "branches",
    "break",
    "cached",
    "check",
    "color",
    "count",
    "date",
    "decorate",
    "diff-filter",
    "exclude-standard",
    "exit-code",
    "find-renames",
    "first-parent",
    "fixed-strings",
    "follow",
    "format",
    "function-context",
    "git-dir",
    "graph",
    "grep",
    "heading",
    "ignore-case",
    "ignored",
    "line-number",
    "max-count",
    "merge-base",
    "merges",
    "modified",
    "name-only",
    "name-status",
    "no-color",
    "no-decorate",
    "no-merges",
    "no-patch",
    "no-renames",
    "numstat",
    "oneline",
    "others",
    "patch",
    "porcelain",
    "pretty",
    "quiet",
    "raw",
    "recursive",
    "reverse",
    "short",
    "shortstat",
    "show-current",
    "show-prefix",
    "show-toplevel",
    "since",
    "stage",
    "staged",
    "stat",
    "summary",
    "symbolic-full-name",
    "tags",
    "topo-order",
    "unified",
    "unmerged",
    "until",
    "untracked-files",
    "verify",
    "word-diff",
];

/// Commands whose words a file with a strange name could turn into options or outputs.
const NO_GLOBS: &[&str] = &["find", "git", "printf", "sort", "test", "uniq", "["];

/// Whether the command is known to change nothing and to run nothing else.
pub(crate) fn reads_only(command: &SimpleCommand) -> bool {
    let mut words = command.words.iter().map(String::as_str);
    let Some(name) = words.next() else { return true };
    let arguments: Vec<&str> = words.collect();
    if command.globbed && NO_GLOBS.contains(&name) {
        return false;
    }
    match name {
        "cd" => matches!(arguments.as_slice(), [one] if !one.starts_with(['-', '~'])),
        "command" => matches!(arguments.as_slice(), ["-v" | "-V", _]),
        "date" => arguments.iter().all(|word| *word == "-u" || word.starts_with('+')),
        // Nothing but "print these lines".
        "sed" => match arguments.as_slice() {
            ["-n", script, files @ ..] => {
                script.strip_suffix('p').is_some_and(|lines| {
                    !lines.is_empty() && lines.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '$')
                }) && files.iter().all(|word| !word.starts_with('-'))
            }
            _ => false,
        },
        "find" => arguments.iter().all(|word| !word.starts_with('-') || FIND_TESTS.contains(word)),
        "git" => git_reads_only(&arguments),
        // Both evaluate what stands in a subscript, and `printf -v` sets a variable for the commands behind it.
        "[" | "test" | "printf" => arguments.iter().enumerate().all(|(at, word)| {
            let closes = name == "[" && at + 1 == arguments.len() && *word == "]";
            let evaluates = word.starts_with("-v") || word.starts_with("-R");
            closes || !(evaluates || word.contains(['[', '`']) || word.contains("$("))
        }),
        "java" | "node" | "npm" | "python" | "python3" => {
            matches!(arguments.as_slice(), ["--version" | "-V" | "-v" | "-version"])
        }
        "uniq" if arguments.iter().filter(|word| !word.starts_with('-')).count() > 1 => false,
        name => READERS
            .iter()
            .find(|reader| reader.name == name)
            .is_some_and(|reader| arguments.iter().all(|word| is_listed(word, reader.short, reader.long))),
    }
}

fn git_reads_only(arguments: &[&str]) -> bool {
    // Any other option in front of the sub-command can make git run anything (`-c alias…`, `--exec-path`).
    let arguments = arguments.strip_prefix(&["--no-pager"]).unwrap_or(arguments);
    match arguments {
        [] | ["--version"] => true,
        ["branch" | "tag" | "remote"] => true,
        ["branch", "--list" | "-a" | "-r" | "-v" | "-vv" | "--show-current"] => true,
        ["tag", "--list" | "-l"] | ["remote", "-v"] | ["stash", "list"] => true,
        [sub, rest @ ..] => {
            GIT_READERS.contains(sub) && rest.iter().all(|word| is_listed(word, GIT_SHORT, GIT_LONG))
        }
    }
}

/// Whether a word is no option, or one that is listed.
fn is_listed(word: &str, short: &str, long: &[&str]) -> bool {
    if let Some(option) = word.strip_prefix("--") {
        let name = option.split('=').next().unwrap_or(option);
        return option.is_empty() || long.contains(&name);
    }
    match word.strip_prefix('-') {
        // `cut -d,` and `head -n-1`: a value behind its letter, which cannot be a further option.
        Some(cluster) => {
            cluster.chars().all(|c| c.is_ascii_digit() || short.contains(c) || ",.:-".contains(c))
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Understood, understand};

    #[track_caller]
    fn check(reads: bool, lines: &[&str]) {
        for line in lines {
            match understand(line) {
                Understood::Commands(parts) => {
                    let all = parts.iter().all(|part| part.reads_only() && !part.names_outside(None));
                    assert_eq!(all, reads, "{line}");
                }
                Understood::Unclear(why) => assert!(!reads, "{line} is unclear: {why}"),
            }
        }
    }

    #[test]
    fn what_people_and_models_look_with() {
        check(
            true,
            &[
                "ls -la src",
                "cat -n a.rs",
                "grep -rn 'fn main' src",
                "grep -A3 -B 2 x y",
                "head -20 a",
                "tail -n 5 a",
                "wc -l *.rs",
                "find . -name '*.rs' -type f",
                "find src -maxdepth 2 -newer a -print",
                "sort -rn a",
                "sort a | uniq -c",
                "cut -d, -f1,2 a",
                "tr a-z A-Z",
                "git status --short",
                "git log --oneline -5",
                "git diff --stat HEAD~1 -- src/a.rs",
                "git show HEAD:src/a.rs",
                "git --no-pager log -p -1",
                "git grep -n foo",
                "git rev-parse --show-toplevel",
                "git ls-files --others --exclude-standard",
                "git branch --show-current",
                "date",
                "date -u +%F",
                "du -sh .",
                "diff -u a b",
                "test -f a && echo yes",
                "[ -d src ] && ls src",
                "command -v cargo",
                "which rustc",
                "printf 'a b'",
                "stat -c %s a",
                "python3 --version",
                "cd src && ls",
                "sed -n 1,5p a",
                "sed -n '$p' a",
                "sleep 1; seq 3",
            ],
        );
    }

    #[test]
    fn what_writes_runs_or_looks_elsewhere() {
        check(
            false,
            &[
                "test -v 'a[$(touch P)]'",
                "[ -v 'a[$(touch P)]' ]",
                "printf -v 'a[$(touch P)]' x",
                "printf -v HOME %s evil",
                "git grep --open='touch P' x",
                "git grep -iO'touch P' x",
                "git grep --open-files-in-pager x",
                "git -c core.pager=x log",
                "git diff --output=x",
                "git branch new",
                "git diff --ext-diff",
                "git log --textconv",
                "git diff --no-index a b",
                "sort -o a a",
                "sort -uo OUT a",
                "sort --outp=OUT a",
                "sort --compress-prog=./x a",
                "sort --files0-from=a",
                "uniq a b",
                "uniq in*",
                "find . -name x -delete",
                "find . \"-del\\\nete\"",
                "find . -fprint x",
                "find *",
                "find . -exec rm x",
                "date -s 1",
                "date -us2030-01-01",
                "date -f a",
                "date --set=x",
                "file -m x a",
                "file -C",
                "file -f a",
                "cat ../x",
                "cat /etc/passwd",
                "cat ~/.netrc",
                "grep -f../x a",
                "grep -f x a",
                "cd",
                "cd -",
                "cd ~",
                "cat .\\\n./x",
                "tail -f a",
                "sed -i s/a/b/ x",
                "sed -n '1e touch P' a",
                "sed -n 1p -i a",
                "sed -n 1,5w a",
                "sed -n '1e touch P' a",
                "sed -n 1p -i a",
                "sed -n 1,5w a",
                "awk '{system(\"x\")}' a",
                "xargs rm",
                "/bin/ls",
                "cargo --version",
                "rg --pre ./x a",
                "ls --hyperlink=x",
                "tee a",
                "wc --files0-from=x",
            ],
        );
    }
}
