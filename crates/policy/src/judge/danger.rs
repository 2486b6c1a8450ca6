//! What destroys on this machine: files, disks, history, processes. Always asks, and says in words what would be gone.
//! Options count in full, abbreviated and in clusters. What destroys elsewhere is in `services`.

use super::options::{has_letter, may_be_long};
use super::{Class, Finding, Seen, base_name, find, git, is_nowhere};
use crate::sh::Arg;

/// Raises the class when the command may destroy something.
pub(super) fn check(name: &str, args: &[Arg], seen: &Seen<'_>, finding: &mut Finding) {
    // File systems that do not tell case apart run `RM` as well.
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
    let computed = |arg: &Arg| {
        arg.is_computed && !arg.is_tame && (arg.may_split || arg.text.starts_with(['$', '`', '-']))
    };
    if DECIDED_BY_WORDS.contains(&name.as_str()) && args.iter().any(computed) {
        finding.hide("what it would do shows only when it runs");
    }
    let blast = files(&name, args, &words)
        .or_else(|| disks(&name, &words))
        .or_else(|| machine(&name, args, &words))
        .or_else(|| history(&name, args, finding))
        .or_else(|| code(&name, args, seen));
    if let Some(blast) = blast {
        finding.raise(Class::Destructive(blast));
    }
}

/// Programs of which one word more destroys something, so that no unknown word may stand behind them.
const DECIDED_BY_WORDS: [&str; 40] = [
    "apt",
    "apt-get",
    "brew",
    "btrfs",
    "chmod",
    "chown",
    "crontab",
    "cryptsetup",
    "diskutil",
    "dnf",
    "dpkg",
    "find",
    "firewall-cmd",
    "gpg",
    "hg",
    "ip",
    "ip6tables",
    "iptables",
    "jj",
    "journalctl",
    "kill",
    "launchctl",
    "mdadm",
    "nft",
    "pacman",
    "parted",
    "rclone",
    "route",
    "rpm",
    "rsync",
    "service",
    "svn",
    "systemctl",
    "tar",
    "ufw",
    "yum",
    "zfs",
    "zip",
    "zpool",
    "zypper",
];

/// A redirection or a copy onto a device.
pub(super) fn device(target: &Arg, finding: &mut Finding) {
    let text = target.text.as_str();
    if !text.starts_with("/dev/") || is_nowhere(text) || text == "/dev/tty" {
        return;
    }
    if text.starts_with("/dev/tcp/") || text.starts_with("/dev/udp/") {
        return finding.raise(Class::Network(format!("opens a connection by way of `{text}`")));
    }
    finding.raise(Class::Destructive(format!("overwrites the device `{text}`, and all that it holds")));
}

fn operands(args: &[Arg]) -> impl Iterator<Item = &Arg> {
    let mut only = false;
    args.iter().filter(move |arg| {
        if arg.text == "--" && !only {
            only = true;
            return false;
        }
        only || !arg.text.starts_with('-')
    })
}

/// The first few targets, for a person.
fn shown<'a>(targets: impl Iterator<Item = &'a Arg>) -> String {
    const SHOWN_MAX: usize = 3;
    let all: Vec<String> = targets.map(|arg| format!("`{}`", arg.text)).collect();
    let first = all.get(..SHOWN_MAX.min(all.len())).unwrap_or_default().join(", ");
    match all.len() {
        0 => "what it is given".to_string(),
        count if count > SHOWN_MAX => format!("{first} and {} more", count - SHOWN_MAX),
        _ => first,
    }
}

fn any_long(words: &[&str], names: &[&str]) -> bool {
    words.iter().any(|word| names.iter().any(|name| may_be_long(word, name)))
}

fn any_letter(words: &[&str], letters: &str) -> bool {
    words.iter().any(|word| has_letter(word, letters))
}

/// Places that are roots of something large.
fn is_root(arg: &Arg) -> bool {
    let text = arg.text.trim_end_matches(['/', '*', '.']).trim_end_matches('/');
    let top = text.strip_prefix('/').is_some_and(|rest| !rest.contains('/'));
    arg.is_computed || top || arg.tilde && !text.contains('/') || matches!(text, "" | "~" | "$HOME")
}

fn files(name: &str, args: &[Arg], words: &[&str]) -> Option<String> {
    let targets = || shown(operands(args));
    match name {
        "rm" | "grm" => {
            let recursive = any_letter(words, "rR") || any_long(words, &["recursive", "no-preserve-root"]);
            let forced = any_letter(words, "f") || any_long(words, &["force"]);
            let wide = args.iter().find(|arg| arg.globs || arg.is_computed || arg.tilde);
            if recursive {
                Some(format!("deletes {} and everything below, without a way back", targets()))
            } else if forced {
                Some(format!("deletes {} without asking, and without a way back", targets()))
            } else {
                wide.map(|arg| format!("deletes every file that `{}` comes to", arg.text))
            }
        }
        "shred" | "srm" | "wipe" | "scrub" => {
            Some(format!("overwrites {} so that nothing can be read again", targets()))
        }
        "truncate" => Some(format!("cuts the content of {}", targets())),
        "find" | "gfind" => {
            let deletes = words.contains(&"-delete");
            deletes.then(|| {
                format!("deletes every file that is found below {}", shown(find::starts(args).iter()))
            })
        }
        "fd" | "fdfind" | "rg" => None,
        "dd" => {
            let to = words.iter().find_map(|word| word.strip_prefix("of=")).filter(|to| !is_nowhere(to));
            let hidden = args.iter().any(|arg| arg.is_computed && arg.text.starts_with(['$', '`']));
            to.map(|to| format!("overwrites `{to}` byte by byte")).or_else(|| {
                hidden.then(|| "overwrites a file or device that shows only when it runs".to_string())
            })
        }
        "rsync" => (any_long(
            words,
            &[
                "delete",
                "delete-before",
                "delete-during",
                "delete-after",
                "delete-excluded",
                "delete-delay",
                "delete-missing-args",
                "remove-source-files",
                "del",
            ],
        ))
        .then(|| {
            format!(
                "deletes files in {} that the other side does not have",
                shown(operands(args).last().into_iter())
            )
        }),
        "rclone" => matches!(
            words.first(),
            Some(&("delete" | "purge" | "sync" | "deletefile" | "rmdirs" | "cleanup" | "move"))
        )
        .then(|| format!("deletes files in {}", shown(operands(args).skip(1)))),
        "tar" | "gtar" | "bsdtar" => any_long(words, &["remove-files", "recursive-unlink"])
            .then(|| "deletes the files that it packs".to_string()),
        "zip" => any_letter(words, "m").then(|| "deletes the files that it packs".to_string()),
        "7z" | "7za" => words.contains(&"-sdel").then(|| "deletes the files that it packs".to_string()),
        "mv" | "cp" | "install" | "tee" => {
            let device =
                |arg: &&Arg| arg.text.starts_with("/dev/") && (name == "mv" || !is_nowhere(&arg.text));
            let last = operands(args).filter(|_| name == "tee").chain(operands(args).last()).find(device);
            last.map(|arg| format!("overwrites `{}`, or loses what is moved there", arg.text))
        }
        "chmod" | "chown" | "chgrp" | "setfacl" | "chattr" | "chflags" => {
            let recursive = any_letter(words, "R") || any_long(words, &["recursive"]);
            let root = operands(args)
                .find(|arg| is_root(arg) || matches!(arg.text.as_str(), "." | "./" | "*" | ".."));
            root.filter(|_| recursive).map(|root| {
                format!("changes who may use everything below `{}`; the old state is not kept", root.text)
            })
        }
        "del" | "erase" | "rd" | "remove-item" | "ri" | "clear-content" | "clear-recyclebin" => {
            Some(format!("deletes {}", targets()))
        }
        "rmdir" if words.iter().any(|word| word.eq_ignore_ascii_case("/s")) => {
            Some(format!("deletes {} and everything below", targets()))
        }
        "trash" | "trash-put" | "trash-empty" | "gio"
            if name == "trash-empty" || words.first() == Some(&"trash") =>
        {
            Some("empties the trash".to_string())
        }
        "robocopy" => words
            .iter()
            .any(|word| {
                word.eq_ignore_ascii_case("/mir")
                    || word.eq_ignore_ascii_case("/purge")
                    || word.eq_ignore_ascii_case("/move")
            })
            .then(|| "deletes files that the other side does not have".to_string()),
        _ => None,
    }
}

fn disks(name: &str, words: &[&str]) -> Option<String> {
    let disk =
        words.iter().rev().find(|word| word.contains("/dev/") || word.contains("disk")).unwrap_or(&"a disk");
    let gone = |what: &str| Some(format!("{what} `{disk}`, and all that it holds"));
    let lists = words
        .iter()
        .any(|word| matches!(*word, "-l" | "--list" | "-p" | "print" | "-s" | "--print" | "-d" | "--dump"));
    match name {
        _ if name.starts_with("mkfs") || name.starts_with("newfs") => gone("makes a new file system on"),
        "mke2fs" | "mkswap" | "mkdosfs" | "mkntfs" => gone("makes a new file system on"),
        "fdisk" | "sfdisk" | "gdisk" | "sgdisk" | "cfdisk" | "parted" if !lists => {
            gone("changes the partitions of")
        }
        "wipefs" if words.iter().any(|word| !word.starts_with("/dev/") && !word.starts_with("-n")) => {
            gone("takes the signatures off")
        }
        "blkdiscard" | "badblocks" | "hdparm" | "nvme" | "format" => gone("overwrites or erases"),
        "lvremove" | "vgremove" | "pvremove" | "lvreduce" => gone("removes the volume"),
        "zpool" | "zfs" | "btrfs" | "mdadm" | "cryptsetup" | "diskutil" | "lvm" | "dmsetup" => words
            .iter()
            .any(|word| {
                let word = word.to_ascii_lowercase();
                [
                    "destroy",
                    "delete",
                    "erase",
                    "luksformat",
                    "zero",
                    "remove",
                    "rollback",
                    "partitiondisk",
                    "stop",
                    "wipe",
                ]
                .iter()
                .any(|verb| word.contains(verb))
            })
            .then(|| format!("destroys `{disk}`, and all that it holds")),
        _ => None,
    }
}

fn machine(name: &str, args: &[Arg], words: &[&str]) -> Option<String> {
    let says = |text: &str| Some(text.to_string());
    let first = words.iter().find(|word| !word.starts_with('-')).copied().unwrap_or("");
    match name {
        "shutdown" | "reboot" | "halt" | "poweroff" | "telinit" => says("stops or restarts this machine"),
        "init" if matches!(first, "0" | "1" | "6") => says("stops or restarts this machine"),
        "systemctl" | "service" | "rc-service" | "launchctl" | "sc" | "initctl" => {
            const VERBS: [&str; 20] = [
                "stop",
                "disable",
                "mask",
                "kill",
                "isolate",
                "poweroff",
                "reboot",
                "halt",
                "emergency",
                "rescue",
                "restart",
                "unload",
                "remove",
                "bootout",
                "delete",
                "suspend",
                "hibernate",
                "kexec",
                "revert",
                "try-restart",
            ];
            let verb = words.iter().find(|word| VERBS.contains(word))?;
            Some(format!("{verb}s a service of this machine; whoever uses it is cut off"))
        }
        // `-1` as a target is every process, behind a signal; so is the group `0`.
        "kill" => {
            let signal_first = words.first().is_some_and(|word| word.starts_with('-') && *word != "--");
            let mut targets = words.iter().skip(usize::from(signal_first));
            let wide = targets.any(|word| matches!(*word, "-1" | "1" | "0")) || matches!(words, ["-1"]);
            wide.then(|| "ends every process that it may end".to_string())
        }
        "killall5" => says("ends every process"),
        "killall" | "pkill" | "skill" | "taskkill" => {
            Some(format!("ends every process that fits {}", shown(operands(args))))
        }
        "crontab" => (any_letter(words, "r")
            || words.iter().any(|word| !word.starts_with('-') || *word == "-"))
        .then(|| "removes or replaces the table of timed jobs".to_string()),
        "iptables" | "ip6tables" | "ebtables" => (any_letter(words, "FXZDP")
            || any_long(words, &["flush", "delete", "policy", "delete-chain"]))
        .then(|| "takes rules of the firewall away; the machine may be open, or out of reach".to_string()),
        "nft" | "pfctl" | "ufw" | "firewall-cmd" | "ipset" | "netsh" => words
            .iter()
            .any(|word| matches!(*word, "flush" | "delete" | "reset" | "disable" | "destroy" | "-F" | "-d"))
            .then(|| {
                "takes rules of the firewall away; the machine may be open, or out of reach".to_string()
            }),
        "ip" | "route" | "nmcli" | "ifconfig" => words
            .iter()
            .any(|word| matches!(*word, "flush" | "del" | "delete" | "down" | "off"))
            .then(|| "takes a route, address or interface away; the machine may be out of reach".to_string()),
        "userdel" | "deluser" | "groupdel" | "delgroup" | "dscl" => {
            Some(format!("removes the account or group {}", shown(operands(args))))
        }
        "passwd" | "usermod" if any_letter(words, "dlL") => {
            says("locks an account or takes its password away")
        }
        "apt" | "apt-get" | "aptitude" | "yum" | "dnf" | "zypper" | "brew" | "apk" | "snap" | "flatpak"
        | "port" | "choco" | "winget" => {
            let verbs = [
                "remove",
                "purge",
                "autoremove",
                "erase",
                "uninstall",
                "autopurge",
                "zap",
                "del",
                "full-upgrade",
                "dist-upgrade",
            ];
            words
                .iter()
                .any(|word| verbs.contains(word))
                .then(|| "removes packages of this machine".to_string())
        }
        "dpkg" | "rpm" | "pacman" => (any_letter(words, "rPeR")
            || any_long(words, &["remove", "purge", "erase"]))
        .then(|| "removes packages of this machine".to_string()),
        "journalctl" => any_long(words, &["vacuum-size", "vacuum-time", "vacuum-files", "rotate", "flush"])
            .then(|| "deletes logs of this machine".to_string()),
        "gpg" | "gpg2" => {
            words.iter().any(|word| word.starts_with("--delete")).then(|| "deletes keys".to_string())
        }
        "security" | "cmdkey" | "tmutil" | "defaults" => words
            .iter()
            .any(|word| word.starts_with("delete") || word.starts_with("/delete"))
            .then(|| "deletes keys, settings or backups of this machine".to_string()),
        // Without anything to set, this one only shows.
        "sysctl" if !words.iter().any(|word| word.contains('=') || word.starts_with("-w")) => None,
        "swapoff" | "umount" | "modprobe" | "rmmod" | "insmod" | "sysctl" if !words.is_empty() => {
            says("changes the running kernel or what it has mounted")
        }
        _ => None,
    }
}

/// Git, and its relatives.
fn history(name: &str, args: &[Arg], finding: &mut Finding) -> Option<String> {
    let words: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
    match name {
        "git" => {}
        "hg" => {
            let verb = words.iter().any(|word| {
                matches!(*word, "strip" | "purge" | "rollback" | "revert" | "prune" | "histedit" | "clean")
            });
            let clean = matches!(words.first(), Some(&("update" | "up" | "checkout" | "co")))
                && (any_letter(&words, "C") || any_long(&words, &["clean"]));
            return (verb || clean).then(|| "throws away changes or history of the repository".to_string());
        }
        "svn" => {
            return matches!(
                words.first(),
                Some(&("revert" | "delete" | "rm" | "remove" | "del" | "cleanup"))
            )
            .then(|| "throws away changes of the working copy, or deletes in the repository".to_string());
        }
        "jj" => {
            return words
                .iter()
                .any(|word| matches!(*word, "abandon" | "restore" | "undo" | "forget" | "delete"))
                .then(|| "throws away changes or history of the repository".to_string());
        }
        "bfg" | "git-filter-repo" => return Some("rewrites the whole history of the repository".to_string()),
        _ => return None,
    }
    let call = git::call(args);
    let sub = call.sub?;
    let rest = call.rest;
    let words: Vec<&str> = rest.iter().map(|arg| arg.text.as_str()).collect();
    let first = words.iter().find(|word| !word.starts_with('-')).copied().unwrap_or("");
    let lost = |what: &str| Some(what.to_string());
    if HAS_DANGEROUS_OPTIONS.contains(&sub)
        && rest.iter().any(|arg| {
            arg.is_computed && !arg.is_tame && (arg.may_split || arg.text.starts_with(['$', '`', '-']))
        })
    {
        finding.hide("what `git` would do shows only when it runs");
    }
    const EDITS: &str = "throws away changes in the working tree that are in no commit";
    match sub {
        "checkout" => {
            let forced = any_letter(&words, "fB")
                || any_long(&words, &["force", "ours", "theirs", "patch", "pathspec-from-file"]);
            let creates = any_letter(&words, "b") || any_long(&words, &["orphan", "detach", "track"]);
            // With `--`, or with something that is a path, files are replaced; what a bare word is, git decides.
            let dashes = words.iter().position(|word| *word == "--");
            let paths = dashes.is_some_and(|at| at + 1 < words.len());
            let operands: Vec<&&str> = words.iter().filter(|word| !word.starts_with('-')).collect();
            let path_like = !creates
                && operands.iter().any(|word| {
                    let word: &str = word;
                    word.starts_with('.')
                        || word.starts_with(':')
                        || word.ends_with('/')
                        || word.contains('*')
                        || has_file_name(word)
                });
            if !creates && !operands.is_empty() {
                finding.hide(
                    "whether `git checkout` changes the branch or replaces files depends on what is there",
                );
            }
            (forced || paths || path_like || (!creates && operands.len() > 1)).then(|| EDITS.to_string())
        }
        "switch" => (any_letter(&words, "fC")
            || any_long(&words, &["force", "discard-changes", "force-create"]))
        .then(|| EDITS.to_string()),
        "restore" => {
            let staged = any_letter(&words, "S") || any_long(&words, &["staged"]);
            let worktree = any_letter(&words, "W") || any_long(&words, &["worktree"]);
            (!staged || worktree).then(|| EDITS.to_string())
        }
        "reset" => any_long(&words, &["hard", "merge", "keep"]).then(|| {
            "throws away every change that is in no commit, and commits behind the new head".to_string()
        }),
        "clean" => {
            let dry = any_letter(&words, "n") || any_long(&words, &["dry-run"]);
            (!dry).then(|| "deletes files that git does not know; no commit has them".to_string())
        }
        "stash" if matches!(first, "drop" | "clear" | "pop") => match first {
            "pop" => None,
            _ => lost("throws away stashed changes"),
        },
        "push" => {
            let forced = any_letter(&words, "fd")
                || any_long(
                    &words,
                    &["force", "force-with-lease", "force-if-includes", "mirror", "delete", "prune"],
                )
                || words.iter().any(|word| word.starts_with('+') || word.starts_with(':'));
            forced.then(|| {
                "replaces or deletes history on the remote, which others may have built on".to_string()
            })
        }
        "branch" => (any_letter(&words, "DdMfC") || any_long(&words, &["delete", "force"])).then(|| {
            format!("deletes or moves the branch {}; its commits may be out of reach", shown(operands(rest)))
        }),
        "tag" => (any_letter(&words, "df") || any_long(&words, &["delete", "force"]))
            .then(|| format!("deletes or moves the tag {}", shown(operands(rest)))),
        "update-ref" | "symbolic-ref" => (any_letter(&words, "d") || any_long(&words, &["delete", "stdin"]))
            .then(|| "deletes a reference; its commits may be out of reach".to_string()),
        "reflog" if matches!(first, "expire" | "delete" | "drop") => {
            lost("forgets where branches were; lost commits cannot be found again")
        }
        "gc" => any_long(&words, &["prune", "aggressive"]).then(|| {
            "deletes objects that nothing refers to; lost commits cannot be found again".to_string()
        }),
        "prune" | "prune-packed" => lost("deletes objects that nothing refers to"),
        "filter-branch" | "filter-repo" | "fast-import" | "replace" => {
            lost("rewrites the whole history of the repository")
        }
        "rebase" => {
            // Which commits are published only the remote knows.
            let ends =
                any_long(&words, &["abort", "quit", "continue", "skip", "show-current-patch", "edit-todo"]);
            (!ends || any_long(&words, &["abort", "quit", "skip"])).then(|| {
                "rewrites commits, published ones among them; what others built on them no longer fits"
                    .to_string()
            })
        }
        "commit" => any_long(&words, &["amend"])
            .then(|| "replaces the last commit, which may be published".to_string()),
        "merge" | "cherry-pick" | "revert" | "am" => {
            any_long(&words, &["abort", "quit"]).then(|| EDITS.to_string())
        }
        "worktree" if matches!(first, "remove" | "prune") => {
            lost("deletes a working tree, with changes in it")
        }
        "rm" => (any_letter(&words, "rf")
            || any_long(&words, &["force"])
            || rest.iter().any(|arg| arg.globs || arg.is_computed))
        .then(|| format!("deletes {} from the working tree and the next commit", shown(operands(rest)))),
        "mv" => {
            (any_letter(&words, "f") || any_long(&words, &["force"])).then(|| "overwrites a file".to_string())
        }
        "remote" if matches!(first, "remove" | "rm" | "prune" | "set-url") => {
            lost("removes a remote or what is known of it")
        }
        "submodule" if first == "deinit" => lost("deletes the working tree of a submodule"),
        "notes" if matches!(first, "remove" | "prune") => lost("deletes notes"),
        "bisect" if matches!(first, "reset" | "run") => None,
        "read-tree" | "checkout-index" => lost(EDITS),
        "sparse-checkout" => lost("takes files out of the working tree"),
        "lfs" if matches!(first, "prune" | "migrate") => {
            lost("deletes or rewrites large files of the repository")
        }
        "svn" if matches!(first, "reset") => lost(EDITS),
        "pull" => (any_letter(&words, "f") || any_long(&words, &["force"])).then(|| EDITS.to_string()),
        "fetch" => (any_letter(&words, "f") || any_long(&words, &["force"]))
            .then(|| "moves or deletes references that came from the remote".to_string()),
        _ => None,
    }
}

/// Sub-commands of git of which one option more is destructive.
const HAS_DANGEROUS_OPTIONS: [&str; 20] = [
    "am", "bisect", "branch", "checkout", "clean", "commit", "fetch", "gc", "merge", "mv", "pull", "push",
    "rebase", "reset", "restore", "rm", "stash", "switch", "tag", "worktree",
];

/// `main.rs` is a file; `v1.2` and `feature/x` are not surely one.
fn has_file_name(word: &str) -> bool {
    let name = base_name(word);
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty()
            && !extension.is_empty()
            && extension.len() <= 5
            && extension.chars().all(|c| c.is_ascii_alphanumeric())
            && !extension.chars().all(|c| c.is_ascii_digit())
    })
}

/// Code on the command line of an interpreter that deletes.
fn code(name: &str, args: &[Arg], seen: &Seen<'_>) -> Option<String> {
    let known = [
        "python",
        "perl",
        "ruby",
        "node",
        "php",
        "deno",
        "bun",
        "lua",
        "osascript",
        "powershell",
        "pwsh",
        "tclsh",
        "awk",
        "gawk",
        "mawk",
        "r",
        "rscript",
        "julia",
        "emacs",
        "vim",
        "ex",
        "ed",
    ];
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !known.contains(&stem) {
        return None;
    }
    const DELETES: [&str; 22] = [
        "rmtree",
        "os.remove",
        "os.unlink",
        "os.rmdir",
        "unlink",
        "rmSync",
        "rmdirSync",
        "rmdir",
        "fs.rm",
        "File.delete",
        "FileUtils.rm",
        "remove_tree",
        "delete_file",
        "delete-file",
        "os.removedirs",
        "Remove-Item",
        "rm -",
        "del /",
        "truncate(",
        "rm_r",
        "rm_f",
        "DROP TABLE",
    ];
    let input = match &seen.part.input {
        crate::sh::Input::Text(text) => text.as_str(),
        _ => "",
    };
    let found = DELETES
        .iter()
        .find(|word| args.iter().any(|arg| arg.text.contains(**word)) || input.contains(**word))?;
    Some(format!("runs code that deletes (`{found}`)"))
}
