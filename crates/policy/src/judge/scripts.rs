//! Programs that are little languages: `sed`, `awk`, `jq`, `test`, `date`, `printf`. Their scripts are looked through.

use super::options::{Options, sort};
use super::{Class, Finding};
use crate::sh::Arg;

/// Judges such a program. `false` when it is none.
pub(super) fn check(name: &str, args: &[Arg], finding: &mut Finding) -> bool {
    match name {
        "sed" | "gsed" => sed(args, finding),
        "awk" | "gawk" | "mawk" | "nawk" => awk(args, finding),
        "jq" | "gojq" | "jaq" => jq(args, finding),
        "yq" => yq(args, finding),
        "test" | "[" | "[[" => test(name, args, finding),
        "((" => {}
        "date" => date(args, finding),
        "printf" => printf(args, finding),
        _ => return false,
    }
    true
}

fn unknown(finding: &mut Finding, why: &str) {
    finding.raise(Class::Unknown(why.to_string()));
}

const SED: Options = Options {
    short: "nErsuzb",
    valued: "el",
    paths: "f",
    long: "quiet silent regexp-extended separate unbuffered null-data posix expression= file@ line-length= sandbox debug",
};

fn sed(args: &[Arg], finding: &mut Finding) {
    // `-i` and `-i.bak` stand behind other letters, too; the rest of the word is a suffix.
    let in_place = |arg: &&Arg| {
        let text = arg.text.as_str();
        text.starts_with("--in-p")
            || (text.starts_with('-') && !text.starts_with("--") && letters_before_value(text).contains('i'))
    };
    let writes = args.iter().any(|arg| in_place(&arg));
    // The suffix of a backup may name another directory.
    if args.iter().filter(in_place).any(|arg| arg.text.contains(['/', '*']) || arg.is_computed) {
        return unknown(finding, "`sed` may write a backup elsewhere");
    }
    let rest: Vec<Arg> = args
        .iter()
        .filter_map(|arg| match in_place(&arg) {
            false => Some(arg.clone()),
            true if arg.text.starts_with("--") => None,
            // What stands before the `i` in a cluster are options without values.
            true => {
                let before = arg.text.split('i').next().unwrap_or("-");
                (before.len() > 1).then(|| Arg::known(before))
            }
        })
        .collect();
    let given = sort(&rest, &SED);
    if let Some(option) = &given.strange {
        return unknown(finding, &format!("the option `{option}` of `sed` is not known to be harmless"));
    }
    let mut scripts: Vec<&Arg> = given
        .values
        .iter()
        .filter(|(name, _)| name == "-e" || name == "--expression")
        .map(|(_, value)| value)
        .collect();
    let mut files = given.operands.iter();
    if scripts.is_empty() && given.paths.is_empty() {
        scripts.extend(files.next());
    }
    if given.may_be_option {
        unknown(finding, "a word may turn out to be an option of `sed`");
    }
    if !given.paths.is_empty() {
        unknown(finding, "the script of `sed` stands in a file");
    }
    // A part that is computed could be a command that writes or runs something.
    if scripts.iter().any(|script| script.is_computed || !sed_only_edits(&script.text)) {
        unknown(finding, "the script of `sed` may write or run something");
    }
    for file in files {
        if writes { finding.write(file) } else { finding.read(file) }
    }
}

/// The letters of a cluster up to one that takes the rest as its value.
fn letters_before_value(text: &str) -> &str {
    let letters = text.trim_start_matches('-');
    let end = letters.find(['e', 'f', 'l']).unwrap_or(letters.len());
    letters.get(..end).unwrap_or(letters)
}

/// Whether a script holds only commands that edit the stream: no `w`, `W`, `e`, `r`, `R`, no flags `w` and `e` of `s`.
fn sed_only_edits(script: &str) -> bool {
    let mut chars = script.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_ascii_whitespace() || matches!(c, ';' | '{' | '}')).is_some() {}
        // Addresses: numbers, `$`, ranges, steps, `!`, `/pattern/` with flags.
        loop {
            match chars.peek() {
                None => return true,
                Some(c) if c.is_ascii_digit() || matches!(c, '$' | ',' | '~' | '+' | '!' | ' ' | '\t') => {
                    chars.next();
                }
                Some('/') => {
                    chars.next();
                    if !skip_to(&mut chars, '/') {
                        return false;
                    }
                    while chars.next_if(|c| matches!(c, 'I' | 'M')).is_some() {}
                }
                Some('\\') => {
                    chars.next();
                    let Some(end) = chars.next() else { return false };
                    if !skip_to(&mut chars, end) {
                        return false;
                    }
                }
                Some(_) => break,
            }
        }
        match chars.next() {
            None => return true,
            Some('p' | 'P' | 'd' | 'D' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | '=' | 'l' | 'F' | 'z') => {
                if !ends(&mut chars) {
                    return false;
                }
            }
            Some('q' | 'Q') => {
                while chars.next_if(char::is_ascii_digit).is_some() {}
                if !ends(&mut chars) {
                    return false;
                }
            }
            Some('{' | '}') => {}
            // Labels and jumps, up to the end of the line.
            Some(':' | 'b' | 't' | 'T') => {
                while chars.next_if(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_')).is_some() {}
                if !ends(&mut chars) {
                    return false;
                }
            }
            // The text that they put in goes on to the end of the line.
            Some('a' | 'i' | 'c') => {
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '\n' => break,
                        _ => {}
                    }
                }
            }
            Some(command @ ('s' | 'y')) => {
                let Some(end) =
                    chars.next().filter(|c| !c.is_ascii_alphanumeric() && *c != '\\' && *c != '\n')
                else {
                    return false;
                };
                if !(skip_to(&mut chars, end) && skip_to(&mut chars, end)) {
                    return false;
                }
                let allowed = |c: &char| command == 's' && (c.is_ascii_digit() || "gpiIM".contains(*c));
                while chars.next_if(allowed).is_some() {}
                if !ends(&mut chars) {
                    return false;
                }
            }
            Some(_) => return false,
        }
    }
}

/// Behind a command: blanks, then its end.
fn ends(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    while chars.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
    matches!(chars.peek(), None | Some(';' | '\n' | '}'))
}

/// Behind the next `end` that is not escaped. In brackets it may stand as it is for some programs and not for others:
/// then the script is not followed.
fn skip_to(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, end: char) -> bool {
    let mut bracket = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c if c == end => return !bracket,
            '\n' => return false,
            '[' => bracket = true,
            ']' => bracket = false,
            _ => {}
        }
    }
    false
}

const AWK: Options =
    Options { short: "", valued: "Fv", paths: "f", long: "field-separator= assign= re-interval posix" };

fn awk(args: &[Arg], finding: &mut Finding) {
    let given = sort(args, &AWK);
    if given.strange.is_some() || !given.paths.is_empty() || given.may_be_option {
        return unknown(finding, "an option of `awk` is not known to be harmless");
    }
    let mut operands = given.operands.iter();
    let Some(program) = operands.next() else { return unknown(finding, "`awk` without a program") };
    if program.is_computed || !awk_only_prints(&program.text) {
        unknown(finding, "the program of `awk` may write, read or run something");
    }
    operands.filter(|arg| !arg.text.contains('=')).for_each(|file| finding.read(file));
    // `name=value` sets a variable, `./a=b` is a file; both are looked at as a path.
    given.operands.iter().skip(1).filter(|arg| arg.text.contains('=')).for_each(|arg| {
        let value = arg.text.split_once('=').map_or("", |(_, value)| value);
        finding.read(&Arg { text: value.to_string(), ..(*arg).clone() });
    });
}

/// Whether a program only prints to its output. Strings and patterns are not told apart from code: they close.
fn awk_only_prints(program: &str) -> bool {
    const CLOSED: [&str; 9] =
        ["system", "getline", "ENVIRON", "ARG", "PROCINFO", "@", "close", "fflush", "extension"];
    let without_or = program.replace("||", "");
    if CLOSED.iter().any(|word| program.contains(word)) || without_or.contains('|') {
        return false;
    }
    // Behind `print`, a `>` writes to a file; elsewhere it compares.
    let is_plain = !program.contains(['"', '/', '\\', '#']);
    if is_plain {
        let mut statements = program.split([';', '}', '\n', '{']);
        return statements
            .all(|statement| statement.split_once("print").is_none_or(|(_, behind)| !behind.contains('>')));
    }
    program.split_once("print").is_none_or(|(_, behind)| !behind.contains('>'))
}

const JQ: Options = Options {
    short: "rncsSeajMCRh",
    valued: "",
    paths: "",
    long: "raw-output null-input compact-output slurp sort-keys exit-status ascii-output join-output monochrome-output \
        color-output raw-input tab indent= stream unbuffered",
};

fn jq(args: &[Arg], finding: &mut Finding) {
    // `--arg name value` has two values.
    let mut rest = Vec::new();
    let mut words = args.iter();
    while let Some(arg) = words.next() {
        if matches!(arg.text.as_str(), "--arg" | "--argjson") && !arg.is_computed {
            words.next();
            words.next();
        } else {
            rest.push(arg.clone());
        }
    }
    let given = sort(&rest, &JQ);
    if given.strange.is_some() || given.may_be_option {
        return unknown(finding, "an option of `jq` is not known to be harmless");
    }
    let mut operands = given.operands.iter();
    let Some(program) = operands.next() else { return };
    let closed = ["env", "ENV", "import", "include", "input_filename", "debug", "getpath/"];
    let reads_more = closed.iter().any(|word| {
        program.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|found| found == *word)
    });
    if program.is_computed || reads_more {
        unknown(finding, "the program of `jq` may read more than its files");
    }
    operands.for_each(|file| finding.read(file));
}

fn yq(args: &[Arg], finding: &mut Finding) {
    const YQ: Options = Options {
        short: "rncsjMCPNe",
        valued: "opI",
        paths: "",
        long: "raw-output null-input output-format= input-format= prettyPrint no-colors indent= exit-status",
    };
    let given = sort(args, &YQ);
    let closed = |text: &str| ["env", "load", "eval"].iter().any(|word| text.contains(word));
    if given.strange.is_some() || given.may_be_option || given.operands.iter().any(|arg| closed(&arg.text)) {
        return unknown(finding, "an option or function of `yq` is not known to be harmless");
    }
    let words =
        given.operands.iter().filter(|arg| !matches!(arg.text.as_str(), "eval" | "e" | "eval-all" | "ea"));
    words.skip(1).for_each(|file| finding.read(file));
}

const FILE_TESTS: &str = "abcdefgGhkLNOprsStuwx";
const COMPARISONS: [&str; 13] =
    ["=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-z"];

fn test(name: &str, args: &[Arg], finding: &mut Finding) {
    let args = match args.split_last() {
        Some((last, rest)) if name == "[" && last.text == "]" => rest,
        _ => args,
    };
    let operator = |arg: &Arg| {
        arg.literal().is_some_and(|text| {
            text.starts_with('-') && text.len() == 2 && text.chars().skip(1).all(|c| c.is_ascii_alphabetic())
                || COMPARISONS.contains(&text)
                || matches!(text, "!" | "-nt" | "-ot" | "-ef" | "-a" | "-o" | "(" | ")")
        })
    };
    // Both of these, and arithmetic in `[[`, evaluate what stands in a subscript.
    let evaluates = args.iter().any(|arg| arg.text.starts_with("-v") || arg.text.starts_with("-R"));
    let subscripts = args.iter().any(|arg| {
        !arg.is_computed && arg.text.contains('[') && (arg.text.contains("$(") || arg.text.contains('`'))
    });
    let numbers = ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"];
    let compares = args.iter().any(|arg| numbers.contains(&arg.text.as_str()));
    let odd_number = |arg: &Arg| {
        let digits = arg.text.strip_prefix('-').unwrap_or(&arg.text);
        !(arg.is_tame || operator(arg) || digits.chars().all(|c| c.is_ascii_digit()))
    };
    if evaluates || subscripts || (compares && name == "[[" && args.iter().any(odd_number)) {
        return finding.hide("a test that bash may evaluate");
    }
    // With an operator in its place, what is computed can only be an operand.
    let anchored = name == "[["
        || args.len() == 1
        || args.first().is_some_and(operator)
        || args.get(1).is_some_and(operator)
        || args.iter().all(|arg| !arg.is_computed);
    if !anchored || (name != "[[" && args.iter().any(|arg| arg.may_split && !arg.is_tame)) {
        unknown(finding, "an operand of the test may turn out to be an operator");
    }
    for (at, arg) in args.iter().enumerate() {
        let letter = arg.text.strip_prefix('-').filter(|rest| rest.len() == 1 && FILE_TESTS.contains(rest));
        if letter.is_some() && operator(arg) {
            args.get(at + 1).into_iter().for_each(|path| finding.read(path));
        }
        if matches!(arg.text.as_str(), "-nt" | "-ot" | "-ef") {
            let before = at.checked_sub(1).and_then(|at| args.get(at));
            before.into_iter().chain(args.get(at + 1)).for_each(|path| finding.read(path));
        }
    }
}

fn date(args: &[Arg], finding: &mut Finding) {
    let mut words = args.iter();
    while let Some(arg) = words.next() {
        let text = arg.text.as_str();
        let harmless = text.starts_with('+')
            || matches!(
                text,
                "-u" | "--utc" | "-R" | "-I" | "--iso-8601" | "-Iseconds" | "-Idate" | "--rfc-3339=seconds"
            )
            || text.starts_with("--date=")
            || text.starts_with("-d") && text.len() > 2 && !arg.is_computed;
        if matches!(text, "-d" | "--date") {
            words.next();
        } else if matches!(text, "-r") {
            words.next().into_iter().for_each(|path| finding.read(path));
        } else if !harmless || arg.may_split {
            return unknown(finding, "`date` may set the clock or read a file");
        }
    }
}

fn printf(args: &[Arg], finding: &mut Finding) {
    // `-v` sets a variable, and evaluates its subscript.
    match args.first() {
        Some(first) if first.text.starts_with('-') && first.text != "--" || first.may_split => {
            unknown(finding, "`printf` may set a variable");
        }
        // An integer conversion evaluates nothing, but a computed format could hold `-v`.
        Some(first) if first.is_computed && !first.is_tame && first.text.starts_with(['$', '`']) => {
            unknown(finding, "`printf` may set a variable");
        }
        _ => {}
    }
    args.iter().filter(|arg| arg.globs && !arg.is_computed).for_each(|arg| finding.read(arg));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_sed() {
        let check = |script: &str, expected: bool| assert_eq!(sed_only_edits(script), expected, "{script}");
        for harmless in [
            "1,5p",
            "$p",
            "s/a/b/",
            "s|a|b|g;s/c/d/2p",
            "/x/d",
            "/a/,/b/p",
            "1!G;h;$!d",
            "y/abc/def/",
            "10q",
            "/^#/d;/^$/d",
            "1i\\text w",
            "a hello",
            "s/w/e/",
            "\\|x|d",
            "0~3p",
            "/a/{p;q}",
            ":a;N;$!ba;s/\\n/ /g",
            "=",
            "",
        ] {
            check(harmless, true);
        }
        for other in [
            "w out",
            "1,5w out",
            "s/a/b/w out",
            "s/a/b/e",
            "s/a/b/ge",
            "e date",
            "1e touch x",
            "r /etc/passwd",
            "R x",
            "W x",
            "s/a/b",
            "p w",
            "s/[/]/x/;e",
            "1i x\nw y",
            "/a/w x",
            "s\na\nb\n",
            "v",
            "s/a/b/\ne id",
        ] {
            check(other, false);
        }
    }

    #[test]
    fn programs_of_awk() {
        let check =
            |program: &str, expected: bool| assert_eq!(awk_only_prints(program), expected, "{program}");
        for harmless in [
            "{print $1}",
            "$3 > 5 {print}",
            "/a/ {n++} END {print n}",
            "NR==1 || NR==3",
            "{printf \"%s\\n\", $2}",
            "{if ($1 > 2) print $2}",
        ] {
            check(harmless, true);
        }
        for other in [
            "{print > \"x\"}",
            "{system(\"x\")}",
            "{print | \"sh\"}",
            "BEGIN{while((getline l < \"f\")>0) print l}",
            "BEGIN{ARGV[1]=\"/etc/passwd\"}",
            "{print ENVIRON[\"A\"]}",
            "/\"/ { print $1 > \"x\" } /\"/",
            "@load \"x\"",
            "{print \";\" > \"f\"}",
            "{print $1 > $2}",
        ] {
            check(other, false);
        }
    }
}
