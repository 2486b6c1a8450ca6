//! Programs that create, change, move and remove files which their words name.

use super::options::{Given, Options, sort};
use super::{Class, Finding};
use crate::sh::Arg;

const fn options(
    short: &'static str,
    valued: &'static str,
    paths: &'static str,
    long: &'static str,
) -> Options {
    Options { short, valued, paths, long }
}

const TOUCH: Options = options("acmhf", "dt", "r", "no-create date= reference@ time= no-dereference");
const MKDIR: Options = options("pvZ", "m", "", "parents verbose mode=");
const CP: Options = options(
    "abfiLnPpRrTuvxdH",
    "S",
    "t",
    "archive force interactive no-clobber no-target-directory parents preserve recursive target-directory@ update verbose dereference \
        no-dereference no-preserve= one-file-system reflink backup suffix= attributes-only",
);
const MV: Options = options(
    "bfinTuv",
    "S",
    "t",
    "force interactive no-clobber no-target-directory target-directory@ update verbose backup suffix=",
);
const INSTALL: Options = options(
    "bcCdDpTv",
    "gmoS",
    "t",
    "directory mode= owner= group= target-directory@ verbose backup preserve-timestamps compare",
);
const RM: Options = options("iIvd", "", "", "interactive verbose dir one-file-system");
const TEE: Options = options("aip", "", "", "append ignore-interrupts output-error");
const SPLIT: Options = options(
    "dex",
    "abClnt",
    "",
    "bytes= lines= number= suffix-length= numeric-suffixes additional-suffix= line-bytes= verbose elide-empty-files",
);
const PACK: Options = options(
    "cdfklntqvz123456789T",
    "S",
    "",
    "stdout to-stdout keep decompress force list test quiet verbose best fast threads= rm",
);
const UNZIP: Options = options("lntoqujpvZ1", "x", "d", "");
const ZIP: Options = options("rqv9jyuXD", "x", "", "recurse-paths quiet exclude=");

/// Judges such a program. `false` when the program is none.
pub(super) fn check(name: &str, args: &[Arg], finding: &mut Finding) -> bool {
    match name {
        "touch" => each(name, args, &TOUCH, finding, Finding::write),
        "mkdir" => each(name, args, &MKDIR, finding, Finding::write),
        "rmdir" => each(
            name,
            args,
            &options("pv", "", "", "parents verbose ignore-fail-on-non-empty"),
            finding,
            Finding::delete,
        ),
        "rm" | "grm" | "unlink" => each(name, args, &RM, finding, Finding::delete),
        "tee" => each(name, args, &TEE, finding, Finding::write),
        "cp" | "gcp" => copy(name, args, &CP, finding),
        "mv" | "gmv" => copy(name, args, &MV, finding),
        "install" => copy(name, args, &INSTALL, finding),
        "ln" | "link" | "symlink" => {
            finding.relinks = true;
            finding.raise(Class::Acts("makes a link, through which later paths lead elsewhere".to_string()));
        }
        "split" => split(args, finding),
        "dd" => dd(args, finding),
        "gzip" | "bzip2" | "xz" | "zstd" | "lz4" | "bunzip2" | "unxz" | "unzstd" | "gunzip" => {
            pack(name, args, finding)
        }
        "tar" | "gtar" | "bsdtar" => tar(args, finding),
        "unzip" => unzip(args, finding),
        "zip" => zip(args, finding),
        "chmod" | "chown" | "chgrp" | "setfacl" | "chattr" => {
            finding.raise(Class::Acts(format!("`{name}` changes who may use a file, and what it may do")));
        }
        "mkfifo" | "mknod" | "mktemp" | "patch" | "csplit" | "truncate" => {
            finding.raise(Class::Acts(format!("`{name}` makes or changes files that its words do not name")));
        }
        _ => return false,
    }
    true
}

fn strange(name: &str, given: &Given<'_>, finding: &mut Finding) -> bool {
    if let Some(option) = &given.strange {
        finding.raise(Class::Unknown(format!("the option `{option}` of `{name}` is not known")));
    } else if given.may_be_option {
        finding.raise(Class::Unknown(format!("a word may turn out to be an option of `{name}`")));
    }
    given.strange.is_some()
}

fn each(name: &str, args: &[Arg], options: &Options, finding: &mut Finding, act: fn(&mut Finding, &Arg)) {
    let given = sort(args, options);
    if strange(name, &given, finding) {
        return;
    }
    given.paths.iter().for_each(|path| finding.read(path));
    given.operands.iter().for_each(|path| act(finding, path));
    if given.operands.is_empty() && name != "tee" {
        finding.raise(Class::Unknown(format!("`{name}` without a file")));
    }
}

fn copy(name: &str, args: &[Arg], options: &Options, finding: &mut Finding) {
    let given = sort(args, options);
    if strange(name, &given, finding) {
        return;
    }
    if name == "install" && given.has(&["-d", "--directory"]) {
        given.operands.iter().for_each(|path| finding.write(path));
        return;
    }
    let (sources, target): (&[&Arg], Option<Arg>) = match (given.paths.first(), given.operands.split_last()) {
        (Some(directory), _) => (&given.operands, Some(directory.clone())),
        (None, Some((last, sources))) => (sources, Some((*last).clone())),
        (None, None) => (&[], None),
    };
    let moves = matches!(name, "mv" | "gmv");
    let deep = moves || given.has(&["-r", "-R", "-a", "--recursive", "--archive", "--parents"]);
    // What is copied as a link, or moved, may be one.
    finding.relinks |= deep || given.has(&["-d", "-P", "--no-dereference"]);
    for source in sources {
        match (moves, deep) {
            (true, _) => {
                finding.touch(crate::sh::Access::Delete, source, true);
                finding.raise(Class::Writes);
                finding.read_deep(source);
            }
            (false, true) => finding.read_deep(source),
            (false, false) => finding.read(source),
        }
    }
    match target {
        // A directory takes the names of the sources, so the whole of it may be written.
        Some(target) if deep => finding.write_deep(&target),
        Some(target) => {
            for source in sources {
                if let Some(name) = source.literal().map(super::base_name).filter(|name| !name.is_empty()) {
                    let inside = format!("{}/{name}", target.text.trim_end_matches('/'));
                    finding.write(&Arg { text: inside, ..target.clone() });
                } else {
                    finding.write_deep(&target);
                }
            }
            finding.write(&target);
        }
        None => finding.raise(Class::Unknown(format!("`{name}` without a file"))),
    }
    if sources.is_empty() {
        finding.raise(Class::Unknown(format!("`{name}` without a source")));
    }
}

fn split(args: &[Arg], finding: &mut Finding) {
    let given = sort(args, &SPLIT);
    if strange("split", &given, finding) {
        return;
    }
    given.operands.first().into_iter().for_each(|path| finding.read(path));
    let prefix = given.operands.get(1).map_or_else(|| Arg::known("x"), |arg| (*arg).clone());
    let directory = prefix.text.rsplit_once('/').map_or(".", |(directory, _)| directory).to_string();
    finding.write_deep(&Arg { text: directory, ..prefix });
}

fn dd(args: &[Arg], finding: &mut Finding) {
    for arg in args {
        match arg.text.split_once('=') {
            Some(("if", path)) => finding.read(&Arg { text: path.to_string(), ..arg.clone() }),
            Some(("of", path)) => finding.write(&Arg { text: path.to_string(), ..arg.clone() }),
            Some((
                "bs" | "ibs" | "obs" | "count" | "skip" | "seek" | "status" | "conv" | "iflag" | "oflag"
                | "cbs",
                _,
            )) => {}
            _ => finding.raise(Class::Unknown(format!("the operand `{}` of `dd` is not known", arg.text))),
        }
    }
}

fn pack(name: &str, args: &[Arg], finding: &mut Finding) {
    let given = sort(args, &PACK);
    if strange(name, &given, finding) {
        return;
    }
    let reads = given.has(&["-c", "--stdout", "--to-stdout", "-l", "--list", "-t", "--test"]);
    for file in &given.operands {
        finding.read(file);
        if !reads {
            let directory = file.text.rsplit_once('/').map_or(".", |(directory, _)| directory).to_string();
            finding.write_deep(&Arg { text: directory, globs: false, ..(*file).clone() });
            finding.delete(file);
        }
    }
}

/// `tar` with the letters that are known, in any of its three spellings.
fn tar(args: &[Arg], finding: &mut Finding) {
    let mut bundled = args.to_vec();
    // The old spelling has no dash: `tar xzf a.tgz`.
    if let Some(first) = bundled.first_mut().filter(|first| !first.text.starts_with('-')) {
        first.text.insert(0, '-');
    }
    const TAR: Options = options(
        "ctxvzjJkhmpSwaOr",
        "",
        "fCTX",
        "create list extract get verbose gzip bzip2 xz zstd file@ directory@ exclude= strip-components= keep-old-files exclude-vcs \
            auto-compress to-stdout no-same-owner wildcards",
    );
    let given = sort(&bundled, &TAR);
    if strange("tar", &given, finding) {
        return;
    }
    // `host:file` starts a remote shell.
    if given.paths.iter().any(|path| path.text.contains(':')) {
        return finding.raise(Class::Network("`tar` with an archive on another machine".to_string()));
    }
    let valued = |name: &str| {
        given
            .names
            .iter()
            .filter(|given| TAKE_PATHS.contains(&given.as_str()))
            .position(|given| given == name)
    };
    let archive = valued("-f").or(valued("--file")).and_then(|at| given.paths.get(at));
    let directory = valued("-C").or(valued("--directory")).and_then(|at| given.paths.get(at));
    let creates = given.has(&["-c", "--create", "-r"]);
    for path in given.paths.iter().filter(|path| !(creates && archive == Some(*path))) {
        // What it packs or unpacks begins there.
        if directory == Some(path) { finding.read_deep(path) } else { finding.read(path) }
    }
    if creates {
        archive.into_iter().for_each(|path| finding.write(path));
        given.operands.iter().for_each(|path| finding.read_deep(path));
    } else if given.has(&["-x", "--extract", "--get"]) && !given.has(&["-O", "--to-stdout"]) {
        finding.relinks = true;
        finding.write_deep(directory.unwrap_or(&Arg::known(".")));
    }
}

const TAKE_PATHS: [&str; 6] = ["-f", "-C", "-T", "-X", "--file", "--directory"];

fn unzip(args: &[Arg], finding: &mut Finding) {
    let given = sort(args, &UNZIP);
    if strange("unzip", &given, finding) {
        return;
    }
    given.operands.first().into_iter().for_each(|path| finding.read(path));
    if !given.has(&["-l", "-t", "-p", "-Z", "-v"]) {
        finding.relinks = true;
        finding.write_deep(given.paths.first().unwrap_or(&Arg::known(".")));
    }
}

fn zip(args: &[Arg], finding: &mut Finding) {
    let given = sort(args, &ZIP);
    if strange("zip", &given, finding) {
        return;
    }
    let mut files = given.operands.iter();
    files.next().into_iter().for_each(|path| finding.write(path));
    files.for_each(|path| finding.read_deep(path));
}
