//! Programs that only read, with the options with which they do. One option away, most of them write or run something.

use super::options::{Given, Options, sort};
use super::{Class, Finding, Seen, find};
use crate::sh::{Arg, Input, Part};

/// What the operands of a reader are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operands {
    /// Files.
    Paths,
    /// A pattern, unless an option gives it; then files.
    Pattern,
    /// Text that names no file.
    Text,
    /// Files, and what lies below; the directory itself when there are none.
    Trees,
    /// A pattern, then files and what lies below.
    PatternTrees,
    /// One file at most; a second would be written.
    One,
}

struct Reader {
    name: &'static str,
    options: Options,
    operands: Operands,
    /// An option that is not listed could do harm, so no wildcard and no variable may become one.
    strict: bool,
}

const fn reader(
    name: &'static str,
    operands: Operands,
    short: &'static str,
    valued: &'static str,
    paths: &'static str,
    long: &'static str,
) -> Reader {
    Reader { name, operands, options: Options { short, valued, paths, long }, strict: false }
}

const fn strict(reader: Reader) -> Reader {
    Reader { strict: true, ..reader }
}

use Operands::{One, Paths, Pattern, PatternTrees, Text, Trees};

const GREP_LONG: &str = "after-context= before-context= context= binary-files= color colour count exclude= \
    exclude-dir= extended-regexp fixed-strings basic-regexp files-with-matches files-without-match ignore-case \
    include= invert-match line-number line-regexp max-count= no-filename no-ignore-case no-messages null \
    only-matching perl-regexp quiet silent regexp= recursive text with-filename word-regexp byte-offset label= \
    line-buffered initial-tab file@ exclude-from@";

const LS_LONG: &str = "all almost-all author classify color directory dired file-type format full-time \
    group-directories-first hide= human-readable si ignore= ignore-backups indicator-style inode kibibytes literal \
    no-group numeric-uid-gid quote-name recursive reverse size sort= time= time-style= width= zero";

const SUM_LONG: &str = "binary check ignore-missing quiet status strict tag text warn zero";

/// Sorted by name.
const READERS: &[Reader] = &[
    reader("arch", Text, "", "", "", ""),
    reader("b2sum", Paths, "bctwz", "l", "", SUM_LONG),
    reader("base32", Paths, "di", "w", "", "decode ignore-garbage wrap="),
    reader("base64", Paths, "diD", "wb", "i", "decode ignore-garbage wrap="),
    reader("basename", Text, "az", "s", "", "multiple suffix= zero"),
    reader("bc", Paths, "lqs", "", "", "mathlib quiet standard"),
    reader("cal", Text, "1358hjmwyA", "mABC", "", ""),
    reader(
        "cat",
        Paths,
        "AbeEnstTuv",
        "",
        "",
        "number number-nonblank show-all show-ends show-tabs squeeze-blank show-nonprinting",
    ),
    reader("cksum", Paths, "bctwz", "al", "", SUM_LONG),
    reader("cmp", Paths, "bls", "in", "", "silent quiet print-bytes verbose bytes= ignore-initial="),
    strict(reader(
        "column",
        Paths,
        "tsnexJL",
        "scoNORHTWdElrC",
        "",
        "table separator= output-separator= json",
    )),
    reader(
        "comm",
        Paths,
        "123z",
        "",
        "",
        "check-order nocheck-order output-delimiter= total zero-terminated",
    ),
    reader(
        "cut",
        Paths,
        "nsz",
        "bcdf",
        "",
        "bytes= characters= complement delimiter= fields= only-delimited output-delimiter= zero-terminated",
    ),
    reader(
        "df",
        Paths,
        "ahHiklmPT",
        "Btx",
        "",
        "human-readable inodes local portability print-type total output type= exclude-type=",
    ),
    reader(
        "diff",
        Paths,
        "abBcdeiEHlNnpPqrsStTuwyZ",
        "CDFILUWx",
        "X",
        "brief color expand-tabs ignore-all-space ignore-blank-lines ignore-case ignore-space-change ignore-trailing-space \
            label= left-column minimal new-file no-dereference recursive report-identical-files show-c-function side-by-side \
            speed-large-files strip-trailing-cr suppress-common-lines text unified width= exclude= exclude-from@ unchanged-group-format= \
            changed-group-format= old-line-format= new-line-format= unchanged-line-format= line-format= context ed rcs normal",
    ),
    reader("dirname", Text, "z", "", "", "zero"),
    reader(
        "du",
        Trees,
        "abchHkmPsSx0",
        "Bdt",
        "X",
        "all apparent-size bytes human-readable max-depth= summarize total threshold= exclude= one-file-system separate-dirs si time inodes block-size= exclude-from@",
    ),
    reader("echo", Text, "neE", "", "", ""),
    reader("egrep", Pattern, "EFGHILPTZabchilnoqsUvwxyz", "ABCDdem", "f", GREP_LONG),
    reader("expand", Paths, "i", "t", "", "initial tabs="),
    reader("expr", Text, "", "", "", ""),
    reader("factor", Text, "h", "", "", ""),
    strict(reader(
        "fd",
        PatternTrees,
        "HIuasiFgplq0L1",
        "dteEcSo",
        "",
        "hidden no-ignore unrestricted absolute-path case-sensitive ignore-case glob fixed-strings max-depth= min-depth= exact-depth= type= extension= exclude= color= size= changed-within= changed-before= full-path list-details max-results= quiet print0 no-ignore-vcs strip-cwd-prefix no-follow path-separator= glob regex and=",
    )),
    strict(reader(
        "fdfind",
        PatternTrees,
        "HIuasiFgplq01",
        "dteEcSo",
        "",
        "hidden no-ignore unrestricted absolute-path case-sensitive ignore-case glob fixed-strings max-depth= type= extension= exclude= color=",
    )),
    reader("fgrep", Pattern, "EFGHILPTZabchilnoqsUvwxyz", "ABCDdem", "f", GREP_LONG),
    strict(reader(
        "file",
        Paths,
        "bdEhikNnprsSvz0Z",
        "eFP",
        "",
        "brief dereference extension mime mime-type mime-encoding no-pad no-dereference separator= print0 keep-going raw special-files uncompress",
    )),
    reader(
        "fmt",
        Paths,
        "cstu",
        "wgp",
        "",
        "width= goal= prefix= split-only uniform-spacing crown-margin tagged-paragraph",
    ),
    reader("fold", Paths, "bs", "w", "", "bytes spaces width="),
    reader("free", Text, "bkmghltwV", "cs", "", "bytes kibi mebi gibi human total wide"),
    reader("getconf", Text, "a", "v", "", ""),
    reader("grep", Pattern, "EFGHILPTZabchilnoqrsUvwxyz", "ABCDdem", "f", GREP_LONG),
    reader("groups", Text, "", "", "", ""),
    reader("gunzip", Paths, "ctlvkqfn", "S", "", "stdout to-stdout test list"),
    reader("head", Paths, "qvz", "cn", "", "bytes= lines= quiet silent verbose zero-terminated"),
    reader("hexdump", Paths, "bcCdovx", "ens", "f", "canonical length= skip= no-squeezing"),
    reader("hostname", Text, "afidsIA", "", "", "fqdn short domain ip-address"),
    reader("id", Text, "gGnruz", "", "", "group groups name real user zero"),
    reader("join", Paths, "iz", "12aejotv", "", "header check-order nocheck-order ignore-case"),
    reader("ls", Trees, "1AaBbCcdFfGghHiklmnNopQqrRSstUuvxXZ", "ITw", "", LS_LONG),
    reader("lscpu", Text, "abcpxy", "", "", "json extended parse all"),
    reader("md5", Paths, "qr", "", "", ""),
    reader("md5sum", Paths, "bctwz", "", "", SUM_LONG),
    reader(
        "nl",
        Paths,
        "p",
        "bdfhilnsvw",
        "",
        "body-numbering= number-format= number-width= number-separator= starting-line-number=",
    ),
    reader("nproc", Text, "", "", "", "all ignore="),
    reader(
        "numfmt",
        Text,
        "z",
        "d",
        "",
        "from= to= from-unit= to-unit= field= format= header padding= round= suffix= grouping delimiter= invalid=",
    ),
    reader(
        "od",
        Paths,
        "abcdfiloOsxvh",
        "AjNSStw",
        "",
        "address-radix= skip-bytes= read-bytes= format= output-duplicates strings width",
    ),
    reader("paste", Paths, "sz", "d", "", "delimiters= serial zero-terminated"),
    reader(
        "pgrep",
        Text,
        "acflnoivxwLAF",
        "dgGPstuUrO",
        "",
        "list-name list-full full count newest oldest exact ignore-case parent= user=",
    ),
    reader("pidof", Text, "csqx", "o", "", "single-shot"),
    reader(
        "pr",
        Paths,
        "acdfFJmrtTv",
        "DehilnNoSsWw",
        "",
        "columns= header= length= omit-header width= merge double-space",
    ),
    reader(
        "ps",
        Text,
        "AadefFHjlLmNnrTuvwxXyZcgSVsM",
        "CGgopqUtk",
        "",
        "forest format= sort= no-headers headers pid= ppid= user= User= cols= columns= width=",
    ),
    reader("pwd", Text, "LP", "", "", "logical physical"),
    reader(
        "readlink",
        Paths,
        "efmnqsvz",
        "",
        "",
        "canonicalize canonicalize-existing canonicalize-missing no-newline quiet silent verbose zero",
    ),
    reader(
        "realpath",
        Paths,
        "eEmLPqsz",
        "",
        "",
        "canonicalize-existing canonicalize-missing logical physical quiet relative-to@ relative-base@ strip no-symlinks zero",
    ),
    reader("rev", Paths, "", "", "", ""),
    strict(reader(
        "rg",
        PatternTrees,
        "0abcFHIiLlNnoPpqSsUuvwxh.",
        "ABCEegjMmrTtd",
        "f",
        "after-context= auto-hybrid-regex before-context= binary block-buffered byte-offset case-sensitive color= colors= column context= \
            context-separator= count count-matches crlf debug encoding= engine= field-context-separator= field-match-separator= \
            files files-with-matches files-without-match fixed-strings glob= glob-case-insensitive heading hidden iglob= ignore-case \
            include-zero invert-match json line-buffered line-number line-regexp max-columns= max-columns-preview max-count= max-depth= \
            max-filesize= multiline multiline-dotall no-config no-column no-filename no-heading no-hidden no-ignore no-ignore-dot \
            no-ignore-exclude no-ignore-files no-ignore-global no-ignore-messages no-ignore-parent no-ignore-vcs no-line-number \
            no-messages no-mmap no-unicode null null-data one-file-system only-matching passthru path-separator= pcre2 pretty \
            quiet regexp= replace= smart-case sort= sortr= stats text threads= trim type= type-list type-not= unrestricted vimgrep \
            with-filename word-regexp file@ version",
    )),
    reader("seq", Text, "w", "fst", "", "equal-width format= separator="),
    reader("sha1sum", Paths, "bctwz", "", "", SUM_LONG),
    reader("sha224sum", Paths, "bctwz", "", "", SUM_LONG),
    reader("sha256sum", Paths, "bctwz", "", "", SUM_LONG),
    reader("sha384sum", Paths, "bctwz", "", "", SUM_LONG),
    reader("sha512sum", Paths, "bctwz", "", "", SUM_LONG),
    reader("shasum", Paths, "bctwUs0", "a", "", SUM_LONG),
    reader("sleep", Text, "", "", "", ""),
    strict(reader(
        "sort",
        Paths,
        "bCcdfghiMmnRrsuVz",
        "kt",
        "",
        "key= numeric-sort reverse unique version-sort field-separator= ignore-case ignore-leading-blanks human-numeric-sort general-numeric-sort check stable zero-terminated dictionary-order month-sort random-sort merge parallel=",
    )),
    reader("stat", Paths, "fLtxqrsn", "c", "", "format= printf= terse file-system dereference"),
    reader("strings", Paths, "afow", "enst", "", "all bytes= encoding= radix= print-file-name"),
    reader("sum", Paths, "rs", "", "", ""),
    reader("tac", Paths, "br", "s", "", "before regex separator="),
    reader("tail", Paths, "qvz", "cn", "", "bytes= lines= quiet silent verbose zero-terminated"),
    reader(
        "tokei",
        Trees,
        "fCVv",
        "etso",
        "",
        "exclude= files hidden no-ignore sort= type= output= languages verbose compact",
    ),
    reader("tr", Text, "cCdst", "", "", "complement delete squeeze-repeats truncate-set1"),
    strict(reader(
        "tree",
        Trees,
        "adfhinpqrstuxACDFJNQSUXgvc",
        "HILPT",
        "",
        "dirsfirst filelimit= noreport gitignore prune du matchdirs ignore-case charset= sort= si inodes device timefmt= filesfirst",
    )),
    reader("tsort", Paths, "", "", "", ""),
    reader("tty", Text, "s", "", "", "silent quiet"),
    reader(
        "uname",
        Text,
        "aimnoprsv",
        "",
        "",
        "all kernel-name kernel-release kernel-version machine nodename operating-system processor",
    ),
    reader("unexpand", Paths, "a", "t", "", "all first-only tabs="),
    strict(reader(
        "uniq",
        One,
        "cdDiuz",
        "fsw",
        "",
        "count ignore-case repeated unique all-repeated skip-fields= skip-chars= check-chars= zero-terminated group",
    )),
    reader("uptime", Text, "ps", "", "", "pretty since"),
    reader("wc", Paths, "cLlmw", "", "", "bytes chars lines words max-line-length total="),
    reader("whereis", Text, "bmslu", "", "", ""),
    reader("which", Text, "as", "", "", "all"),
    reader("who", Text, "abdHlmpqrstTuw", "", "", "all boot heading"),
    reader("whoami", Text, "", "", "", ""),
    strict(reader("xxd", One, "abeipu", "cgloskn", "", "")),
    reader("zcat", Paths, "fhLltv", "", "", ""),
    reader("zgrep", Pattern, "EFHILhilnoqsvwxc", "ABCem", "", ""),
];

/// Programs that nothing can be done to with names from a pipe, when those are names of files of the workspace.
const TAKES_NAMES: [&str; 21] = [
    "basename",
    "cat",
    "cksum",
    "dirname",
    "du",
    "echo",
    "egrep",
    "fgrep",
    "grep",
    "head",
    "ls",
    "md5sum",
    "nl",
    "realpath",
    "sha1sum",
    "sha256sum",
    "stat",
    "strings",
    "tac",
    "tail",
    "wc",
];

/// Judges a reader. `false` when the program is none.
pub(super) fn check(name: &str, args: &[Arg], _seen: &Seen<'_>, finding: &mut Finding) -> bool {
    if matches!(args, [Arg { text, is_computed: false, .. }] if text == "--version" || text == "--help")
        && READERS.binary_search_by(|reader| reader.name.cmp(name)).is_ok()
    {
        return true;
    }
    if is_tool_version(name, args) {
        return true;
    }
    let Ok(at) = READERS.binary_search_by(|reader| reader.name.cmp(name)) else { return false };
    let Some(reader) = READERS.get(at) else { return false };
    match name {
        // Without `-c` the compressed file is replaced.
        "gunzip"
            if !sort(args, &reader.options).has(&["-c", "--stdout", "--to-stdout", "-t", "-l", "--list"]) =>
        {
            return false;
        }
        "hostname" if args.iter().any(|arg| !arg.text.starts_with('-')) => return false,
        _ => {}
    }
    let given = sort(args, &reader.options);
    // `ps e` shows the environments of other programs.
    if name == "ps" && given.operands.iter().any(|arg| arg.text.contains('e')) {
        finding.raise(Class::Unknown("`ps` may show the environments of programs".to_string()));
        return true;
    }
    if let Some(option) = given.strange.as_ref().filter(|_| !matches!(name, "echo" | "expr")) {
        finding
            .raise(Class::Unknown(format!("the option `{option}` of `{name}` is not known to be harmless")));
        return true;
    }
    if reader.strict && given.may_be_option {
        finding.raise(Class::Unknown(format!("a word may turn out to be an option of `{name}`")));
    }
    given.paths.iter().for_each(|path| finding.read(path));
    operands(name, reader, &given, finding);
    true
}

fn operands(name: &str, reader: &Reader, given: &Given<'_>, finding: &mut Finding) {
    let has_pattern = given.has(&["-e", "-f", "--regexp", "--file", "--files", "--type-list"]);
    let deep = match reader.operands {
        Trees | PatternTrees => true,
        _ => given.has(&["-r", "-R", "--recursive"]) && !matches!(name, "ls" | "sort" | "tac" | "shasum"),
    };
    // `ls` looks at names only, one level down.
    let deep = deep && (name != "ls" || given.has(&["-R", "--recursive"]));
    let mut files = given.operands.iter();
    match reader.operands {
        Text => {
            // A wildcard lists names.
            given
                .operands
                .iter()
                .filter(|arg| arg.globs && !arg.is_computed)
                .for_each(|arg| finding.read(arg));
            return;
        }
        Pattern | PatternTrees if !has_pattern => {
            if let Some(pattern) = files.next()
                && pattern.is_computed
                && !pattern.is_tame
                && given.may_be_option
            {
                finding
                    .raise(Class::Unknown(format!("the pattern may turn out to be an option of `{name}`")));
            }
        }
        One if given.operands.len() > 1 => {
            if let Some(output) = given.operands.get(1) {
                finding.write(output);
            }
            given.operands.iter().take(1).for_each(|arg| finding.read(arg));
            return;
        }
        _ => {}
    }
    let mut any = false;
    for file in files {
        any = true;
        if deep { finding.read_deep(file) } else { finding.read(file) }
    }
    let takes_directory = matches!(reader.operands, Trees | PatternTrees) || deep;
    if !any && takes_directory && !given.has(&["--type-list", "--version"]) {
        let here = Arg::known(".");
        if deep { finding.read_deep(&here) } else { finding.read(&here) }
    }
}

/// `node --version`: programs whose version may be asked for. Those that a project's own file can replace are not here.
fn is_tool_version(name: &str, args: &[Arg]) -> bool {
    const TOOLS: [&str; 24] = [
        "bash",
        "clang",
        "cmake",
        "curl",
        "deno",
        "docker",
        "dotnet",
        "ffmpeg",
        "gcc",
        "gh",
        "git",
        "java",
        "javac",
        "kubectl",
        "make",
        "node",
        "npm",
        "perl",
        "php",
        "psql",
        "python",
        "python3",
        "ruby",
        "terraform",
    ];
    let is_version = |text: &str| {
        matches!(text, "--version" | "-V" | "-version")
            || (text == "-v" && !matches!(name, "bash" | "perl" | "python" | "python3" | "ruby"))
    };
    matches!(args, [only] if only.literal().is_some_and(is_version)) && TOOLS.contains(&name)
}

/// Whether this program reads what it is given by name, and no option of it does harm: a file may have any name.
pub(super) fn takes_names(name: &str) -> bool {
    TAKES_NAMES.contains(&name)
}

/// Where the names come from that a part prints, when it prints nothing but names of files below a directory. An option
/// that changes how a name is printed can make any text of it, so only few options are known here.
pub(super) fn prints_names<'a>(part: &'a Part, parts: &'a [Part]) -> Option<Vec<Arg>> {
    let (program, args) = part.argv.split_first()?;
    if !part.redirections.iter().all(|to| to.target.text == "/dev/null") || part.hazard.is_some() {
        return None;
    }
    let literals: Vec<&str> = args.iter().map(Arg::literal).collect::<Option<_>>()?;
    let tree = || vec![Arg::known(".")];
    let options = || literals.iter().filter(|word| word.starts_with('-'));
    let clusters = |letters: &str, long: &[&str]| {
        options().all(|word| match word.strip_prefix("--") {
            Some(name) => long.contains(&name.split('=').next().unwrap_or(name)),
            None => word.chars().skip(1).all(|c| letters.contains(c)),
        })
    };
    let operands = || literals.iter().filter(|word| !word.starts_with('-'));
    match program.literal()? {
        "find" => {
            let starts = find::starts(args).to_vec();
            find::only_prints_names(args).then(|| if starts.is_empty() { tree() } else { starts })
        }
        "git" => {
            let plain = match literals.first() {
                Some(&"ls-files") => {
                    clusters("zcodm", &["others", "cached", "deleted", "modified", "exclude-standard", ""])
                }
                Some(&"diff") => {
                    literals.contains(&"--name-only")
                        && clusters("z", &["name-only", "cached", "staged", "diff-filter", ""])
                }
                _ => false,
            };
            plain.then(tree)
        }
        name @ ("rg" | "grep" | "egrep" | "fgrep") if lists_names(name, &literals) => {
            const LONG: [&str; 8] = [
                "files-with-matches",
                "files-without-match",
                "files",
                "include",
                "exclude",
                "exclude-dir",
                "type",
                "glob",
            ];
            if !clusters("lrLiwFEs0ZIvPHeug", &LONG) {
                return None;
            }
            // The pattern is taken for a place, too: that closes rather than opens.
            let starts: Vec<Arg> = operands().map(|word| Arg::known(word)).skip(1).collect();
            Some(if starts.is_empty() { tree() } else { starts })
        }
        "fd" | "fdfind" => {
            clusters("HIteEdg0sipL", &["hidden", "no-ignore", "type", "extension", "exclude", "max-depth"])
                .then(tree)
        }
        // These hand on whole lines of what is piped in. With a file they would not.
        name @ ("grep" | "head" | "tail" | "sort" | "uniq" | "tac") => {
            let whole_lines = match name {
                "grep" => clusters("vEFiw", &[]) && operands().count() == 1,
                _ => {
                    clusters("uzrn0123456789", &[])
                        && operands().all(|word| word.chars().all(|c| c.is_ascii_digit()))
                }
            };
            let numbered_file =
                name != "head" && name != "tail" && name != "grep" && operands().next().is_some();
            match part.input {
                Input::Part(from) if whole_lines && !numbered_file => {
                    prints_names(parts.get(from)?, parts.get(..from)?)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn lists_names(program: &str, words: &[&str]) -> bool {
    words.iter().any(|word| match word.strip_prefix("--") {
        Some(name) => {
            matches!(name, "files-with-matches" | "files-without-match")
                || (program == "rg" && name == "files")
        }
        None => word.starts_with('-') && word.contains('l'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(READERS.is_sorted_by(|a, b| a.name < b.name));
        assert!(TAKES_NAMES.is_sorted());
    }

    #[test]
    fn no_letter_is_listed_twice_with_another_meaning() {
        for reader in READERS {
            let Options { short, valued, paths, .. } = reader.options;
            let twice: Vec<char> = valued
                .chars()
                .filter(|c| paths.contains(*c))
                .chain(paths.chars().filter(|c| short.contains(*c)))
                .collect();
            assert!(twice.is_empty() || reader.name == "base64", "{}: {twice:?}", reader.name);
        }
    }
}
