//! Who is calling: API keys, their owners and their plans.

use std::collections::HashMap;
use std::fmt;

/// What an owner pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// The plan of every key that has no better one.
    Standard,
    /// The paid plan.
    Premium,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Plan::Standard => "standard",
            Plan::Premium => "premium",
        })
    }
}

/// The owner of a known key. The key itself is not part of it, so it cannot reach a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The owner's name, unique among the keys.
    pub owner: String,
    /// The owner's plan.
    pub plan: Plan,
}

/// All known keys.
#[derive(Debug, Default)]
pub struct Keys {
    callers: HashMap<String, Caller>,
}

impl Keys {
    /// Reads a key file: one `owner plan key` per line; blank lines and lines with `#` are left out.
    pub fn parse(text: &str) -> Result<Keys, String> {
        let mut callers: HashMap<String, Caller> = HashMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let number = index + 1;
            let [owner, plan, key] = line.split_whitespace().collect::<Vec<_>>()[..] else {
                return Err(format!("line {number}: expected `owner plan key`"));
            };
            let plan = match plan {
                "standard" => Plan::Standard,
                "premium" => Plan::Premium,
                other => return Err(format!("line {number}: unknown plan `{other}`")),
            };
            if callers.contains_key(key) || callers.values().any(|known| known.owner == owner) {
                return Err(format!("line {number}: `{owner}` or its key is there twice"));
            }
            callers.insert(key.to_owned(), Caller { owner: owner.to_owned(), plan });
        }
        Ok(Keys { callers })
    }

    /// The owner of a key, if the key is known.
    pub fn caller(&self, key: &str) -> Option<&Caller> {
        self.callers.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_an_owner_and_a_plan() {
        let keys = Keys::parse("# keys\n\nacme standard k1\nglobex premium k2\n").unwrap();
        let globex = Caller { owner: "globex".to_owned(), plan: Plan::Premium };
        assert_eq!(keys.caller("k2"), Some(&globex));
        assert_eq!(keys.caller("k3"), None);
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = |text| Keys::parse(text).unwrap_err();
        assert_eq!(error("acme standard"), "line 1: expected `owner plan key`");
        assert_eq!(error("\nacme gold k1"), "line 2: unknown plan `gold`");
        assert_eq!(
            error("acme standard k1\nacme premium k2"),
            "line 2: `acme` or its key is there twice"
        );
    }
}
