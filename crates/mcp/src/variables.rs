//! Putting the values of approved variables in the place of `${NAME}`. Reads no environment.

use std::collections::BTreeMap;

/// The longest text that an expansion gives, in bytes.
pub const EXPANDED_BYTES_MAX: usize = 256 * 1024;

/// The variables that a person approved, with their values where they are set.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, Option<String>>);

/// What could not be put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Nobody approved the name.
    NotApproved(String),
    /// It is approved and not set.
    NotSet(String),
    /// The text grew beyond its bound.
    TooLong,
}

impl Variables {
    /// These names are approved; `value` gives what each is set to.
    pub fn approved(
        names: impl IntoIterator<Item = String>,
        value: impl Fn(&str) -> Option<String>,
    ) -> Variables {
        Variables(names.into_iter().map(|name| (name.clone(), value(&name))).collect())
    }
}

impl Missing {
    pub(crate) fn tell(&self) -> String {
        match self {
            Missing::NotApproved(name) => {
                format!(
                    "${{{name}}} is not approved; add `{name}` to approved_env under [mcp] in config.toml"
                )
            }
            Missing::NotSet(name) => format!("${{{name}}} is not set"),
            Missing::TooLong => "its value is too long".to_string(),
        }
    }
}

/// Puts values in. `${NAME}`, `${env:NAME}` and `${NAME:-otherwise}` are understood; anything else stays as it is, and so
/// does a text that begins with `()`, as a shell function in a variable does.
pub(crate) fn expand(text: &str, variables: &Variables) -> Result<String, Missing> {
    if text.starts_with("()") {
        return Ok(text.to_string());
    }
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let Some((inside, behind)) = after.split_once('}') else {
            rest = rest.get(before.len()..).unwrap_or_default();
            break;
        };
        let written = inside.strip_prefix("env:").unwrap_or(inside);
        let (name, otherwise) =
            written.split_once(":-").map_or((written, None), |(name, it)| (name, Some(it)));
        if is_name(name) {
            match (variables.0.get(name), otherwise) {
                (Some(Some(value)), _) => expanded.push_str(value),
                (_, Some(otherwise)) => expanded.push_str(otherwise),
                (Some(None), None) => return Err(Missing::NotSet(name.to_string())),
                (None, None) => return Err(Missing::NotApproved(name.to_string())),
            }
        } else {
            expanded.push_str("${");
            expanded.push_str(inside);
            expanded.push('}');
        }
        if expanded.len() > EXPANDED_BYTES_MAX {
            return Err(Missing::TooLong);
        }
        rest = behind;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn is_name(text: &str) -> bool {
    let begins = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    begins && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, Missing>) {
        let names = ["TOKEN", "EMPTY", "UNSET"].map(str::to_string);
        let variables = Variables::approved(names, |name| match name {
            "TOKEN" => Some("t0".to_string()),
            "EMPTY" => Some(String::new()),
            _ => None,
        });
        assert_eq!(expand(text, &variables), expected.map(str::to_string), "{text}");
    }

    #[test]
    fn only_approved_names_are_put_in() {
        check("plain", Ok("plain"));
        check("Bearer ${TOKEN}", Ok("Bearer t0"));
        check("${TOKEN}${EMPTY}${TOKEN}", Ok("t0t0"));
        check("${env:TOKEN}", Ok("t0"));
        check("${HOME}", Err(Missing::NotApproved("HOME".into())));
        check("${HOME:-/x}", Ok("/x"));
        check("${UNSET}", Err(Missing::NotSet("UNSET".into())));
        check("${UNSET:-d}", Ok("d"));
        // What comes out of a value is not looked into again.
        check("${TOKEN:-${TOKEN}}", Ok("t0}"));
        check("() { echo ${HOME}; }", Ok("() { echo ${HOME}; }"));
        check(
            "$TOKEN ${} ${1} ${workspaceFolder.x} ${TOKEN",
            Ok("$TOKEN ${} ${1} ${workspaceFolder.x} ${TOKEN"),
        );
    }

    #[test]
    fn an_expansion_is_bounded() {
        let variables = Variables::approved(["A".to_string()], |_| Some("a".repeat(10_000)));
        assert_eq!(expand(&"${A}".repeat(1_000), &variables), Err(Missing::TooLong));
    }
}
