//! `git`: which sub-commands read, with which options; what the others do. The destructive ones are `danger`'s business.

use super::{Class, Finding};
use crate::sh::{Arg, Directory};

/// The words behind git's own options.
pub(super) struct GitCall<'a> {
    /// The sub-command, when it is known.
    pub(super) sub: Option<&'a str>,
    /// What stands behind it.
    pub(super) rest: &'a [Arg],
    /// One of git's own options makes it run something, or look elsewhere.
    pub(super) is_led_astray: bool,
    /// `-C` leads here.
    pub(super) elsewhere: Option<&'a Arg>,
}

/// Options in front of a sub-command, which may run anything: `-c alias…`, `--exec-path`.
pub(super) fn call(args: &[Arg]) -> GitCall<'_> {
    let mut call = GitCall { sub: None, rest: &[], is_led_astray: false, elsewhere: None };
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let text = arg.text.as_str();
        at += 1;
        match text {
            "--no-pager" | "-P" | "--no-optional-locks" | "--literal-pathspecs" | "--no-replace-objects" => {}
            "-C" => {
                call.elsewhere = args.get(at);
                at += 1;
            }
            "-c" | "--git-dir" | "--work-tree" | "--namespace" | "--exec-path" | "--config-env"
            | "--super-prefix" | "--attr-source" => {
                let harmless = text == "-c" && args.get(at).is_some_and(is_harmless_setting);
                call.is_led_astray |= !harmless;
                at += 1;
            }
            _ if text.starts_with('-') => call.is_led_astray = true,
            _ => {
                call.sub = arg.literal();
                call.rest = args.get(at..).unwrap_or_default();
                if arg.literal().is_none() {
                    call.is_led_astray = true;
                }
                return call;
            }
        }
    }
    call
}

/// Settings that change how something is shown, and start nothing.
fn is_harmless_setting(arg: &Arg) -> bool {
    const HARMLESS: [&str; 9] = [
        "color.",
        "core.quotepath=",
        "core.quotePath=",
        "log.date=",
        "diff.renames=",
        "status.",
        "advice.",
        "user.",
        "init.defaultBranch=",
    ];
    arg.literal().is_some_and(|text| HARMLESS.iter().any(|name| text.starts_with(name)))
}

/// Sub-commands that read.
const READERS: [&str; 29] = [
    "blame",
    "annotate",
    "cat-file",
    "check-attr",
    "check-ignore",
    "check-ref-format",
    "cherry",
    "count-objects",
    "describe",
    "diff",
    "diff-files",
    "diff-index",
    "diff-tree",
    "for-each-ref",
    "grep",
    "log",
    "ls-files",
    "ls-tree",
    "merge-base",
    "name-rev",
    "range-diff",
    "rev-list",
    "rev-parse",
    "shortlog",
    "show",
    "show-branch",
    "show-ref",
    "status",
    "whatchanged",
];

/// The options of all of those together that write nothing and run nothing. `O`, `o` are missing on purpose.
const SHORT: &str = "ABCDEFGHILMPSUWabcdefghiklmnpqrstuvwxz";
const LONG: &[&str] = &[
    "abbrev",
    "abbrev-commit",
    "abbrev-ref",
    "after",
    "all",
    "all-match",
    "always",
    "ancestry-path",
    "and",
    "author",
    "author-date-order",
    "before",
    "boundary",
    "branch",
    "branches",
    "break",
    "break-rewrites",
    "cached",
    "candidates",
    "check",
    "cherry",
    "cherry-mark",
    "cherry-pick",
    "children",
    "color",
    "color-moved",
    "color-words",
    "column",
    "combined-all-paths",
    "committer",
    "contains",
    "count",
    "cc",
    "date",
    "date-order",
    "decorate",
    "decorate-refs",
    "deleted",
    "dense",
    "diff-algorithm",
    "diff-filter",
    "dirstat",
    "email",
    "encoding",
    "end-of-options",
    "eol",
    "exact-match",
    "exclude",
    "exclude-standard",
    "exclude-per-directory",
    "exit-code",
    "files-with-matches",
    "files-without-match",
    "find-copies",
    "find-copies-harder",
    "find-renames",
    "first-parent",
    "fixed-strings",
    "follow",
    "fork-point",
    "format",
    "full-history",
    "full-index",
    "full-name",
    "full-tree",
    "function-context",
    "glob",
    "graph",
    "grep",
    "grep-reflog",
    "heads",
    "heading",
    "histogram",
    "ignore-all-space",
    "ignore-blank-lines",
    "ignore-case",
    "ignore-cr-at-eol",
    "ignore-revs-file",
    "ignore-space-at-eol",
    "ignore-space-change",
    "ignore-submodules",
    "ignored",
    "incremental",
    "independent",
    "inline",
    "inter-hunk-context",
    "invert-grep",
    "is-ancestor",
    "is-bare-repository",
    "is-inside-git-dir",
    "is-inside-work-tree",
    "left-only",
    "left-right",
    "line-number",
    "line-porcelain",
    "local-env-vars",
    "long",
    "match",
    "max-count",
    "max-depth",
    "max-parents",
    "merge",
    "merge-base",
    "merged",
    "merges",
    "min-parents",
    "minimal",
    "modified",
    "name-only",
    "name-status",
    "no-abbrev",
    "no-abbrev-commit",
    "no-color",
    "no-column",
    "no-contains",
    "no-decorate",
    "no-ext-diff",
    "no-merged",
    "no-merges",
    "no-notes",
    "no-patch",
    "no-pager",
    "no-prefix",
    "no-relative",
    "no-renames",
    "no-textconv",
    "no-walk",
    "not",
    "null",
    "numbered",
    "numstat",
    "object-only",
    "objects",
    "octopus",
    "oneline",
    "only-matching",
    "or",
    "others",
    "parents",
    "patch",
    "patch-with-raw",
    "patch-with-stat",
    "patience",
    "perl-regexp",
    "pickaxe-all",
    "pickaxe-regex",
    "points-at",
    "porcelain",
    "pretty",
    "quiet",
    "quit",
    "raw",
    "recursive",
    "refs",
    "relative",
    "relative-date",
    "remotes",
    "reverse",
    "right-only",
    "root",
    "score-debug",
    "shallow-exclude",
    "short",
    "shortstat",
    "show-cdup",
    "show-current",
    "show-email",
    "show-function",
    "show-linear-break",
    "show-name",
    "show-notes",
    "show-number",
    "show-object-format",
    "show-prefix",
    "show-pulls",
    "show-stash",
    "show-superproject-working-tree",
    "show-toplevel",
    "simplify-by-decoration",
    "simplify-merges",
    "since",
    "size",
    "skip",
    "sort",
    "source",
    "sparse",
    "stage",
    "staged",
    "stat",
    "stat-count",
    "stat-graph-width",
    "stat-name-width",
    "stat-width",
    "stdin",
    "submodule",
    "summary",
    "symbolic",
    "symbolic-full-name",
    "tag",
    "tags",
    "text",
    "theirs",
    "threads",
    "time",
    "topo-order",
    "unified",
    "unmerged",
    "unsorted",
    "until",
    "untracked",
    "untracked-files",
    "verbose",
    "verify",
    "walk-reflogs",
    "word-diff",
    "word-diff-regex",
    "word-regexp",
    "dirty",
    "broken",
    "batch",
    "no-gitlinks",
    "ws-error-highlight",
    "extended-regexp",
    "basic-regexp",
    "no-index-line",
    "batch-check",
    "ahead-behind",
    "no-ahead-behind",
    "renames",
    "git-dir",
    "git-common-dir",
    "absolute-git-dir",
];

/// Judges git. `false` when the program is another.
pub(super) fn check(name: &str, args: &[Arg], finding: &mut Finding) -> bool {
    if name != "git" {
        return false;
    }
    let call = call(args);
    if call.is_led_astray {
        finding.raise(Class::Unknown(
            "an option in front of the sub-command of `git` can run anything".to_string(),
        ));
        return true;
    }
    let is_here = match &finding.directory {
        Directory::OneOf(all) => all.iter().all(String::is_empty),
        Directory::Unknown => false,
    };
    if !is_here || call.elsewhere.is_some_and(|to| to.literal() != Some(".")) {
        finding.raise(Class::Unknown(
            "`git` may run where another repository's configuration holds".to_string(),
        ));
    }
    let Some(sub) = call.sub else { return true };
    match reads_only(sub, call.rest) {
        Ok(()) => touches(sub, call.rest, finding),
        Err(strange) => finding.raise(acts(sub, call.rest, strange)),
    }
    true
}

/// What a sub-command of git reads from the workspace besides its own store.
fn touches(sub: &str, rest: &[Arg], finding: &mut Finding) {
    // History shows what files held, and the files that differ; both lie below.
    let paths: Vec<&Arg> = rest.iter().filter(|arg| !arg.text.starts_with('-')).collect();
    let shows_files = rest.iter().any(|arg| {
        let text = arg.text.as_str();
        let long = ["--patch", "--stat", "--name", "--numstat", "--word-diff", "--raw", "--cc"];
        long.iter().any(|name| text.starts_with(name))
            || (text.starts_with('-')
                && !text.starts_with("--")
                && text.contains(['p', 'u', 'S', 'G', 'L', 'c', 'm']))
    });
    match sub {
        "log" | "whatchanged" if !shows_files => {}
        "diff" | "grep" | "show" | "log" | "blame" | "annotate" | "cat-file" | "whatchanged"
        | "diff-files" | "diff-index" | "diff-tree" | "range-diff" => {
            // A wildcard is git's own; it matches below as well.
            for path in paths.iter().filter(|arg| !arg.is_computed) {
                finding.read_deep(&Arg { globs: false, tilde: path.tilde, ..Arg::known(&path.text) });
            }
            finding.read_deep(&Arg::known("."));
        }
        "status" | "ls-files" | "ls-tree" => {
            for path in paths.iter().filter(|arg| !arg.is_computed && arg.text.contains('/')) {
                finding.read(path);
            }
        }
        _ => {}
    }
}

/// `Err` with the word that is not known to be harmless.
fn reads_only(sub: &str, rest: &[Arg]) -> Result<(), String> {
    let words: Vec<&str> = rest.iter().map(|arg| arg.text.as_str()).collect();
    // A wildcard or an unknown word could be an option, such as `--output=x`.
    if let Some(arg) = rest.iter().find(|arg| {
        (arg.globs && arg.text.starts_with(['*', '?', '[']) && !follows_dashes(&words, &arg.text))
            || (arg.is_computed
                && !arg.is_tame
                && (arg.may_split || arg.text.starts_with(['$', '`', '-']))
                && !follows_dashes(&words, &arg.text))
    }) {
        return Err(arg.text.clone());
    }
    let options: Vec<&str> =
        words.iter().copied().take_while(|word| *word != "--").filter(|word| word.starts_with('-')).collect();
    let only = |allowed: &[&str]| {
        options
            .iter()
            .find(|word| !allowed.contains(&word.split('=').next().unwrap_or(word)))
            .map_or(Ok(()), |word| Err(word.to_string()))
    };
    let operands = words.iter().filter(|word| !word.starts_with('-')).count();
    let listing = [
        "-l",
        "--list",
        "-a",
        "--all",
        "-r",
        "--remotes",
        "-v",
        "-vv",
        "--verbose",
        "--show-current",
        "--contains",
        "--merged",
        "--no-merged",
        "--sort",
        "--format",
        "-n",
        "--points-at",
        "--color",
        "--no-color",
        "--column",
        "-i",
        "--ignore-case",
    ];
    match (sub, words.as_slice()) {
        ("version", _) | ("help", []) => Ok(()),
        ("branch" | "tag", []) => Ok(()),
        // A name without a listing option would be created.
        ("branch" | "tag", _) => {
            let lists = options.iter().any(|word| {
                let name = word.split('=').next().unwrap_or(word);
                matches!(
                    name,
                    "-l" | "--list"
                        | "--show-current"
                        | "--contains"
                        | "--merged"
                        | "--no-merged"
                        | "--points-at"
                ) || (operands == 0 && listing.contains(&name))
                    || (sub == "tag" && word.starts_with("-n"))
            });
            let known = |word: &&&str| {
                listing.contains(&word.split('=').next().unwrap_or(word))
                    || (sub == "tag" && word.starts_with("-n"))
            };
            match options.iter().find(|word| !known(word)) {
                Some(word) => Err(word.to_string()),
                None if lists => Ok(()),
                None => Err(words.join(" ")),
            }
        }
        ("remote", [] | ["-v" | "--verbose"] | ["get-url", ..]) => {
            only(&["-v", "--verbose", "--all", "--push"])
        }
        ("stash", ["list" | "show", ..]) | ("reflog", ["show" | "exists", ..]) => listed(sub, &options),
        ("reflog", []) => Ok(()),
        ("reflog", [first, ..]) if !matches!(*first, "expire" | "delete" | "drop") => listed(sub, &options),
        ("worktree" | "notes", ["list", ..]) => only(&["--porcelain", "-v", "-z"]),
        ("config", ["--get" | "--get-all" | "--get-regexp" | "--list" | "-l", ..])
        | ("config", ["get" | "list", ..]) => only(&[
            "--get",
            "--get-all",
            "--get-regexp",
            "--list",
            "-l",
            "--name-only",
            "--show-origin",
            "--show-scope",
            "--local",
            "--global",
            "--system",
            "-z",
            "--null",
            "--type",
            "--bool",
            "--int",
            "--default",
            "--all",
        ]),
        ("config", [_]) if options.is_empty() => Ok(()),
        ("symbolic-ref", _) if operands <= 1 => only(&["--short", "-q", "--quiet"]),
        ("bisect", ["log" | "view"]) | ("submodule", ["status"] | []) | ("lfs", ["ls-files" | "status"]) => {
            Ok(())
        }
        ("var", ["GIT_AUTHOR_IDENT" | "GIT_COMMITTER_IDENT" | "GIT_DEFAULT_BRANCH"]) => Ok(()),
        ("ls-remote" | "archive", _) => Err(String::new()),
        // `--no-index` reads any two files.
        _ if READERS.contains(&sub) => listed(sub, &options),
        _ => Err(String::new()),
    }
}

fn follows_dashes(words: &[&str], word: &str) -> bool {
    let dashes = words.iter().position(|word| *word == "--");
    let at = words.iter().position(|other| *other == word);
    matches!((dashes, at), (Some(dashes), Some(at)) if dashes < at)
}

fn listed(sub: &str, options: &[&str]) -> Result<(), String> {
    let is_listed = |word: &&str| match word.strip_prefix("--") {
        Some(long) => LONG.contains(&long.split('=').next().unwrap_or(long)),
        None => {
            word.chars().skip(1).all(|c| c.is_ascii_digit() || SHORT.contains(c))
                || (sub != "grep" && has_text_value(word))
        }
    };
    match options.iter().find(|word| !is_listed(word)) {
        Some(word) => Err(word.to_string()),
        None => Ok(()),
    }
}

/// `-Sword`, `-L1,2:file`, `-M90%`: a value right behind its letter. In `git grep` these letters have no value, and an
/// `O` behind them would open a pager.
fn has_text_value(word: &str) -> bool {
    let mut chars = word.chars().skip(1);
    chars.next().is_some_and(|c| matches!(c, 'S' | 'G' | 'L' | 'M'))
}

/// What a sub-command does that is not known to read only.
fn acts(sub: &str, rest: &[Arg], strange: String) -> Class {
    let first = rest.first().map_or("", |arg| arg.text.as_str());
    match sub {
        "fetch" | "pull" | "push" | "clone" | "ls-remote" | "remote" | "submodule" | "lfs"
        | "request-pull" | "send-email" | "svn" | "p4" => {
            Class::Network(format!("`git {sub}` talks to a remote"))
        }
        "commit" | "merge" | "rebase" | "cherry-pick" | "revert" | "am" => {
            Class::Acts(format!("`git {sub}` changes the history, and runs the hooks of the repository"))
        }
        "add" | "stage" | "rm" | "mv" | "apply" | "checkout" | "switch" | "restore" | "reset" | "stash"
        | "tag" | "branch" | "worktree" | "init" | "notes" | "update-index" | "read-tree" | "write-tree"
        | "commit-tree" | "update-ref" | "symbolic-ref" | "bisect" | "sparse-checkout" | "gc" | "repack"
        | "prune" | "format-patch" | "archive" | "bundle"
            if strange.is_empty() || !strange.starts_with('$') =>
        {
            Class::Acts(format!("`git {sub} {first}` changes the repository or its files").replace(" `", "`"))
        }
        "config" => Class::Acts("`git config` changes what git runs later".to_string()),
        _ if READERS.contains(&sub) => {
            Class::Unknown(format!("`{strange}` of `git {sub}` is not known to be harmless"))
        }
        _ => Class::Unknown(format!("`git {sub}` is not known to be harmless")),
    }
}
