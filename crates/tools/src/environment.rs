//! Makes the environment of commands out of an inherited one. Reads no environment itself.

/// Parts of names that say that the value is a secret. Commands get none of Waypost's.
const SECRET_PARTS: [&str; 8] =
    ["API_KEY", "APIKEY", "ACCESS_KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"];

/// Helpers that would open a window or a prompt, and what points into the terminal that commands do not have.
const DROPPED: [&str; 9] = [
    "BASH_ENV",
    "COLUMNS",
    "ENV",
    "GIT_ASKPASS",
    "GPG_TTY",
    "LINES",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    "VSCODE_GIT_ASKPASS_MAIN",
];

/// What keeps programs from asking, paging, colouring and opening editors.
const QUIET: [(&str, &str); 15] = [
    ("DEBIAN_FRONTEND", "noninteractive"),
    // A repository inside the workspace must not bring programs of its own: neither one that lies there bare
    // nor one whose configuration names a file monitor.
    ("GIT_CONFIG_COUNT", "2"),
    ("GIT_CONFIG_KEY_0", "safe.bareRepository"),
    ("GIT_CONFIG_KEY_1", "core.fsmonitor"),
    ("GIT_CONFIG_VALUE_0", "explicit"),
    ("GIT_CONFIG_VALUE_1", "false"),
    ("GIT_EDITOR", "true"),
    ("GIT_PAGER", "cat"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("MANPAGER", "cat"),
    ("NO_COLOR", "1"),
    ("PAGER", "cat"),
    ("PIP_NO_INPUT", "1"),
    ("SSH_ASKPASS_REQUIRE", "never"),
    ("TERM", "dumb"),
];

/// The places in which programs are looked for, without those that depend on where somebody stands: `.`, an empty one, `bin`.
/// With them a repository would bring its own `ls` and `git`.
pub fn search_path(value: &str) -> String {
    value.split(':').filter(|place| place.starts_with('/')).collect::<Vec<_>>().join(":")
}

/// The environment for commands: what is inherited without secrets, and what keeps programs from asking.
/// Sorted by name, so that the same environment gives the same commands.
pub fn command_environment(inherited: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let quiet = QUIET.map(|(name, value)| (name.to_string(), value.to_string()));
    let is_kept = |name: &str| {
        let upper = name.to_ascii_uppercase();
        !SECRET_PARTS.iter().any(|part| upper.contains(part))
            && !DROPPED.contains(&name)
            && !QUIET.iter().any(|(quiet, _)| *quiet == name)
    };
    let kept = inherited.into_iter().filter(|(name, _)| is_kept(name));
    let kept =
        kept.map(|(name, value)| if name == "PATH" { (name, search_path(&value)) } else { (name, value) });
    let mut all: Vec<_> = kept.chain(quiet).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_not_looked_for_where_somebody_stands() {
        let check = |value: &str, expected: &str| assert_eq!(search_path(value), expected, "{value}");
        check("/usr/bin:/bin", "/usr/bin:/bin");
        check(".:/usr/bin::node_modules/.bin:./x:/bin:", "/usr/bin:/bin");
        check("", "");
        let made = command_environment([("PATH".to_string(), ".:/bin".to_string())]);
        assert!(made.contains(&("PATH".to_string(), "/bin".to_string())));
    }

    #[test]
    fn secrets_and_prompts_are_left_out() {
        let pairs = [
            ("PATH", "/bin"),
            ("ANTHROPIC_API_KEY", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("AWS_PROFILE", "dev"),
            ("GITHUB_TOKEN", "x"),
            ("SSH_ASKPASS", "x"),
            ("PAGER", "less"),
        ];
        let made = command_environment(pairs.map(|(name, value)| (name.to_string(), value.to_string())));
        let names: Vec<_> = made.iter().map(|(name, _)| name.as_str()).collect();
        let mut expected: Vec<_> =
            QUIET.iter().map(|(name, _)| *name).chain(["PATH", "AWS_PROFILE"]).collect();
        expected.sort_unstable();
        assert_eq!(names, expected);
        assert!(made.contains(&("PAGER".to_string(), "cat".to_string())));
    }
}
