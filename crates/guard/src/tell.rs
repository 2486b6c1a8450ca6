//! What to tell of a command that ran into its limits: which, and how a person would widen them. Judges by the words that programs
//! print; it is a hint and nothing depends on it.

use crate::network::Wish;

/// Words of the system for what is not permitted.
const REFUSALS: [&str; 8] = [
    "Permission denied",
    "Read-only file system",
    "Operation not permitted",
    "EACCES",
    "EPERM",
    "EROFS",
    "Could not resolve host",
    "Temporary failure in name resolution",
];

/// How many hosts that were reached are named.
const REACHED_MAX: usize = 50;

/// How many refused hosts are named.
const HOSTS_MAX: usize = 5;

/// The note about a command's end; empty when there is nothing to say. `scope`: whose grants limit what it writes in the
/// workspace, and whether they allow more than was opened.
pub(crate) fn tell(wishes: &[Wish], output: &str, failed: bool, scope: Option<(&[String], bool)>) -> String {
    let refused: Vec<String> = wishes
        .iter()
        .filter(|wish| !wish.allowed)
        .map(|wish| format!("{}:{}", wish.host, wish.port))
        .collect();
    let mut text = String::new();
    let reached: Vec<String> = wishes
        .iter()
        .filter(|wish| wish.allowed)
        .map(|wish| format!("{}:{}", wish.host, wish.port))
        .collect();
    if !reached.is_empty() {
        // So it is on record with the result.
        let more = if reached.len() > REACHED_MAX {
            format!(" and {} more", reached.len() - REACHED_MAX)
        } else {
            String::new()
        };
        let shown: Vec<&str> = reached.iter().take(REACHED_MAX).map(String::as_str).collect();
        text.push_str(&format!("[reached: {}{more}]\n", shown.join(", ")));
    }
    if !refused.is_empty() {
        let more = if refused.len() > HOSTS_MAX { " …" } else { "" };
        let shown: Vec<&str> = refused.iter().take(HOSTS_MAX).map(String::as_str).collect();
        let first =
            wishes.iter().find(|wish| !wish.allowed).map(|wish| wish.host.as_str()).unwrap_or_default();
        text.push_str(&format!(
            "[not reached, because no rule allows it: {}{more}; a person can allow it: sandbox_network:{first}]\n",
            shown.join(", ")
        ));
    } else if let Some((names, is_cut)) =
        scope.filter(|_| failed && REFUSALS.iter().any(|word| output.contains(word)))
    {
        let cut = if is_cut { ", which allow more files than are opened one by one" } else { "" };
        text.push_str(&format!(
            "[the workspace can be written only where {}{cut} allows it, also by programs: folders that are allowed whole, files \
             that are there, and what the line itself names; $TMPDIR is open; a person can widen it there]\n",
            names.join(" and ")
        ));
    } else if failed && REFUSALS.iter().any(|word| output.contains(word)) {
        text.push_str(
            "[commands write in the workspace and in $TMPDIR only, reach no network unless a rule of sandbox_network allows the \
             host, and do not change .git/hooks, .git/config or what rules close; a person can widen it: [sandbox] in config.toml]\n",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wishes: &[(&str, bool)], output: &str, expected: &str) {
        let wish =
            |(host, allowed): &(&str, bool)| Wish { host: (*host).to_string(), port: 443, allowed: *allowed };
        let wishes: Vec<Wish> = wishes.iter().map(wish).collect();
        let told = tell(&wishes, output, true, None);
        assert_eq!(told.split(';').next().unwrap(), expected);
    }

    #[test]
    fn names_what_was_in_the_way() {
        check(&[], "all is well", "");
        check(&[("a.example", true)], "", "[reached: a.example:443]\n");
        check(&[("a.example", false)], "", "[not reached, because no rule allows it: a.example:443");
        check(
            &[],
            "mkdir: cannot create directory: Permission denied",
            "[commands write in the workspace and in $TMPDIR only, reach no network unless a rule of sandbox_network allows the \
             host, and do not change .git/hooks, .git/config or what rules close",
        );
    }
}
