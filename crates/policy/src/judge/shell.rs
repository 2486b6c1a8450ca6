//! What the shell does by itself: built-in commands that change nothing outside it, and variables that change programs.

use super::{Class, Finding};
use crate::sh::Arg;

/// Judges a built-in command. `false` when the program is none.
pub(super) fn built_in(name: &str, args: &[Arg], finding: &mut Finding) -> bool {
    let literal = |arg: &Arg| arg.literal().is_some();
    match name {
        ":" | "true" | "false" | "exit" | "return" | "break" | "continue" | "shift" | "wait" | "times"
        | "jobs" | "type" | "logout" | "umask" | "ulimit" | "getopts" => {
            if matches!(name, "getopts" | "wait") && !args.iter().all(literal) {
                finding.raise(Class::Unknown(format!("`{name}` may set a variable that is not known")));
            }
        }
        "cd" => match args {
            [to] if !to.text.starts_with('-') || to.literal().is_none() => finding.read(to),
            [] => finding.read(&Arg { text: "~".to_string(), tilde: true, ..Arg::default() }),
            _ => finding.raise(Class::Unknown("where `cd` leads is not known".to_string())),
        },
        "export" | "declare" | "typeset" | "local" | "readonly" => declare(name, args, finding),
        "unset" => {
            if args.iter().any(|arg| {
                !literal(arg) || arg.text.starts_with('-') && arg.text != "-v" || influences(&arg.text)
            }) {
                finding.hide("`unset` may change what later commands do");
            }
        }
        "read" | "mapfile" | "readarray" => read(name, args, finding),
        "set" => set(args, finding),
        "shopt" => {
            const HARMLESS: [&str; 8] =
                ["-s", "-u", "-q", "nullglob", "globstar", "failglob", "inherit_errexit", "nocasematch"];
            if !args.iter().all(|arg| HARMLESS.contains(&arg.text.as_str())) || args.is_empty() {
                finding.hide("`shopt` may change how the line is read");
            }
        }
        "alias" | "unalias" | "enable" | "bind" | "complete" | "compgen" | "fc" | "let" | "hash"
        | "history" | "bg" | "fg" | "disown" | "suspend" | "caller" | "dirs" | "pushd" | "popd" => {
            if !(args.is_empty() && matches!(name, "alias" | "hash" | "history" | "dirs" | "caller")) {
                finding.hide("a built-in command that changes how later commands are read");
            }
        }
        "kill" => {
            let harmless = matches!(args.first().map(|arg| arg.text.as_str()), Some("-l" | "-L" | "-0"));
            if !harmless {
                finding.raise(Class::Acts("ends a process".to_string()));
            }
        }
        "printenv" => {
            finding.raise(Class::Unknown("prints the environment, and what is secret in it".to_string()))
        }
        _ => return false,
    }
    true
}

fn declare(name: &str, args: &[Arg], finding: &mut Finding) {
    if args.is_empty() || args.iter().any(|arg| arg.text == "-p") {
        return finding.raise(Class::Unknown("prints variables, and what is secret in them".to_string()));
    }
    for arg in args {
        match arg.text.split_once('=') {
            // `-i` would evaluate what is assigned later, `-n` would make another name of a variable.
            _ if arg.text.starts_with('-')
                && (!matches!(arg.text.as_str(), "-r" | "-x" | "-g" | "-rx" | "-a" | "-A")
                    || arg.is_computed) =>
            {
                finding.hide("an attribute that changes what a variable does");
            }
            Some((variable, _)) => {
                let value = Arg { text: arg.text.clone(), is_computed: arg.is_computed, ..Arg::default() };
                // Exported, it reaches every program behind it.
                let program = (name == "export"
                    || args.iter().any(|arg| arg.text.contains('x') && arg.text.starts_with('-')))
                .then_some("export");
                assignment(variable, &value, program, finding);
            }
            None if arg.literal().is_none() || influences(&arg.text) => {
                finding.hide("which variable it is shows only when it runs");
            }
            None => {}
        }
    }
}

fn read(name: &str, args: &[Arg], finding: &mut Finding) {
    let mut words = args.iter();
    while let Some(arg) = words.next() {
        let text = arg.text.as_str();
        let known = if name == "read" { "rse" } else { "t" };
        let valued = if name == "read" { "dnNptui" } else { "dnOsu" };
        if text.starts_with('-') && arg.literal().is_some() {
            match text.chars().last().filter(|_| text.len() > 1) {
                Some(last) if valued.contains(last) => {
                    words.next();
                }
                Some(_) if text.chars().skip(1).all(|c| known.contains(c)) => {}
                // `-t5`, `-d,`: the value stands in the word.
                Some(_) if text.chars().nth(1).is_some_and(|c| valued.contains(c)) => {}
                _ => return finding.hide("an option of a built-in command that may run something"),
            }
        } else if arg.literal().is_none_or(|name| influences(name) || !is_name(name)) {
            return finding.hide("a variable that changes what later commands do");
        }
    }
}

fn set(args: &[Arg], finding: &mut Finding) {
    let mut words = args.iter().peekable();
    if args.is_empty() {
        return finding.raise(Class::Unknown("prints variables, and what is secret in them".to_string()));
    }
    while let Some(arg) = words.next() {
        let letters = arg.literal().and_then(|text| text.strip_prefix(['-', '+'])).unwrap_or("?");
        let known = !letters.is_empty() && letters.chars().all(|c| "eufxvCEho".contains(c));
        let named = |arg: &&Arg| {
            matches!(
                arg.text.as_str(),
                "pipefail" | "errexit" | "nounset" | "xtrace" | "noglob" | "noclobber"
            )
        };
        if !known || (letters.ends_with('o') && words.next_if(|arg| named(arg)).is_none()) {
            return finding.hide("`set` may change how later commands are read");
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Variables that change no more than how something is shown, or what a test is told.
const HARMLESS: [&str; 42] = [
    "BACKTRACE",
    "BLOCKSIZE",
    "CARGO_TERM_COLOR",
    "CARGO_TERM_PROGRESS_WHEN",
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "DEBIAN_FRONTEND",
    "DEBUG",
    "FORCE_COLOR",
    "GIT_OPTIONAL_LOCKS",
    "GIT_TERMINAL_PROMPT",
    "GOFLAGS_NONE",
    "GREP_COLOR",
    "INSTA_UPDATE",
    "LANG",
    "LANGUAGE",
    "LINES",
    "LOG_LEVEL",
    "MIX_ENV",
    "NODE_ENV",
    "NO_COLOR",
    "PROPTEST_CASES",
    "PYTEST_ADDOPTS_NONE",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONIOENCODING",
    "PYTHONUNBUFFERED",
    "PYTHONUTF8",
    "QUICKCHECK_TESTS",
    "RAILS_ENV",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "RUST_TEST_THREADS",
    "TERM",
    "TIMEFORMAT",
    "TZ",
    "VERBOSE",
    "V",
    "XTRACE",
];

/// A variable set for a program, or by the line itself.
pub(super) fn assignment(name: &str, value: &Arg, program: Option<&str>, finding: &mut Finding) {
    let is_locale = name.starts_with("LC_");
    let shows_only = matches!(name, "PAGER" | "GIT_PAGER" | "MANPAGER" | "AWS_PAGER")
        && matches!(value.text.rsplit('=').next(), Some("cat" | ""))
        && !value.is_computed;
    if is_locale || shows_only || HARMLESS.contains(&name) || (name == "IFS" && program == Some("read")) {
        return;
    }
    if influences(name) {
        finding.hide("sets a variable that changes what programs do");
    } else if program.is_some() {
        finding.raise(Class::Unknown(format!("`{name}` may change what the program does")));
    }
}

/// Whether a variable may make a program or the shell itself run something, or look elsewhere.
pub(super) fn influences(name: &str) -> bool {
    const NAMES: [&str; 42] = [
        "AR",
        "AS",
        "BASHOPTS",
        "BASH_ENV",
        "BROWSER",
        "CC",
        "CDPATH",
        "CLASSPATH",
        "CXX",
        "EDITOR",
        "ENV",
        "EXECIGNORE",
        "FCEDIT",
        "FPATH",
        "GLOBIGNORE",
        "HISTFILE",
        "HOME",
        "IFS",
        "INPUTRC",
        "LD",
        "MAKEFLAGS",
        "MAKEFILES",
        "MANPATH",
        "OLDPWD",
        "OPTIND",
        "PAGER",
        "MANPAGER",
        "PATH",
        "POSIXLY_CORRECT",
        "PROMPT_COMMAND",
        "PS0",
        "PS1",
        "PS2",
        "PS4",
        "PWD",
        "RIPGREP_CONFIG_PATH",
        "SHELL",
        "SHELLOPTS",
        "TAR_OPTIONS",
        "TMPDIR",
        "VISUAL",
        "ZDOTDIR",
    ];
    const PREFIXES: [&str; 44] = [
        "ANSIBLE_",
        "AWS_",
        "AZURE_",
        "BASH",
        "BAT_",
        "BUNDLE_",
        "CARGO_",
        "COMPOSE_",
        "DOCKER_",
        "DOTNET_",
        "DYLD_",
        "FZF_",
        "GCC_",
        "GEM_",
        "GIT_",
        "GO",
        "GPG_",
        "GRADLE_",
        "GREP_",
        "HOMEBREW_",
        "JAVA_",
        "JDK_",
        "JQ_",
        "KUBE",
        "LD_",
        "LESS",
        "LIBRARY_",
        "MAKE",
        "MAVEN_",
        "NODE_",
        "NPM_",
        "npm_",
        "PERL",
        "PIP_",
        "PYTHON",
        "RUBY",
        "RUST",
        "SSH_",
        "SSL_",
        "SUDO_",
        "TERRAFORM_",
        "TF_",
        "XDG_",
        "_JAVA",
    ];
    let lower = name.to_ascii_lowercase();
    NAMES.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || lower.ends_with("_proxy")
        || lower.ends_with("_pager")
        || lower.ends_with("_editor")
        || lower.ends_with("_askpass")
}
