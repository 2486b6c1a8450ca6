//! `robots.txt` as in RFC 9309: what a server asks robots to leave alone. Pure.

/// The most bytes that are looked at, as the RFC has it.
pub(crate) const ROBOTS_BYTES_MAX: usize = 500 * 1024;

/// The most rules that are kept.
const RULES_MAX: usize = 5000;

/// The longest pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 2048;

/// The name under which rules for Waypost stand.
const PRODUCT: &str = "waypost";

/// The rules of one server that hold for Waypost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<(bool, String)>,
}

impl Robots {
    /// A server that asks for nothing.
    pub fn open() -> Robots {
        Robots::default()
    }

    /// A server that cannot say what it asks for: everything is left alone.
    pub fn closed() -> Robots {
        Robots { rules: vec![(false, "/".to_string())] }
    }

    /// Reads a file. Lines that are not understood are passed over, as the RFC wants it.
    pub fn read(text: &str) -> Robots {
        let text = crate::clean::head(text, ROBOTS_BYTES_MAX).trim_start_matches('\u{feff}');
        let (mut own, mut any) = (Vec::new(), Vec::new());
        let mut has_own = false;
        // Of the group that is being read: whether it is for Waypost, for all, and whether its rules have begun.
        let (mut is_own, mut is_any, mut begun) = (false, false, false);
        for line in text.split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" => {
                    if begun {
                        (is_own, is_any, begun) = (false, false, false);
                    }
                    is_own |= product(value).eq_ignore_ascii_case(PRODUCT);
                    is_any |= value == "*";
                    has_own |= is_own;
                }
                "allow" | "disallow" => {
                    begun = true;
                    let fits = (value.starts_with('/') || value.starts_with('*'))
                        && value.len() <= PATTERN_BYTES_MAX
                        && own.len() + any.len() < RULES_MAX;
                    if !fits {
                        continue;
                    }
                    let rule = (key == "allow", spell(value));
                    if is_own {
                        own.push(rule.clone());
                    }
                    if is_any {
                        any.push(rule);
                    }
                }
                _ => {}
            }
        }
        Robots { rules: if has_own { own } else { any } }
    }

    /// Whether a path with its query may be fetched: the longest rule that fits decides, and between equals the one that
    /// allows.
    pub fn allows(&self, path: &str) -> bool {
        if path == "/robots.txt" {
            return true;
        }
        let path = spell(path);
        let fitting = self.rules.iter().filter(|(_, pattern)| fits(pattern, &path));
        fitting.max_by_key(|(allow, pattern)| (pattern.len(), *allow)).is_none_or(|(allow, _)| *allow)
    }
}

/// The product's name at the beginning: `waypost` of `Waypost/1.0 (x)`.
fn product(value: &str) -> &str {
    let end = value.find(|c: char| !c.is_ascii_alphabetic() && c != '-' && c != '_').unwrap_or(value.len());
    value.get(..end).unwrap_or_default()
}

/// One spelling of a path: letters that are escaped without need are not, everything beyond ASCII is, escapes in capitals.
fn spell(path: &str) -> String {
    let mut spelled = String::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut ahead = bytes.clone();
            let digit = |byte: Option<u8>| char::from(byte.unwrap_or(b'-')).to_digit(16);
            if let (Some(high), Some(low)) = (digit(ahead.next()), digit(ahead.next())) {
                bytes = ahead;
                let value = u8::try_from(high * 16 + low).unwrap_or_default();
                if value.is_ascii_alphanumeric() || matches!(value, b'-' | b'.' | b'_' | b'~') {
                    spelled.push(char::from(value));
                } else {
                    spelled.push_str(&format!("%{value:02X}"));
                }
                continue;
            }
        }
        if byte.is_ascii_graphic() {
            spelled.push(char::from(byte));
        } else {
            spelled.push_str(&format!("%{byte:02X}"));
        }
    }
    spelled
}

/// Whether a pattern fits from the beginning: `*` stands for anything, `$` at the end for the end. Linear.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*').peekable();
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    while let Some(part) = parts.next() {
        if to_end && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    !to_end || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, open: &[&str], closed: &[&str]) {
        let robots = Robots::read(text);
        for path in open {
            assert!(robots.allows(path), "{path} should be open by {text:?}");
        }
        for path in closed {
            assert!(!robots.allows(path), "{path} should be closed by {text:?}");
        }
    }

    #[test]
    fn groups() {
        check("", &["/", "/a"], &[]);
        check("User-agent: *\nDisallow: /", &["/robots.txt"], &["/", "/a"]);
        check("User-agent: *\nDisallow:\n", &["/", "/a"], &[]);
        check("User-agent: *\nDisallow: /\n\nuser-agent: WAYPOST\nDisallow: /x", &["/a"], &["/x", "/xy"]);
        check("User-agent: a\nUser-agent: waypost\nDisallow: /x", &["/a"], &["/x"]);
        check("User-agent: waypost/2.0 (bot)\nDisallow: /x", &[], &["/x"]);
        check("User-agent: waypostbot\nDisallow: /", &["/a"], &[]);
        check(
            "User-agent: waypost\nDisallow: /a\nUser-agent: b\nDisallow: /b\nUser-agent: waypost\nDisallow: /c",
            &["/b"],
            &["/a", "/c"],
        );
        check("Disallow: /\nUser-agent: *\nDisallow: /x", &["/a"], &["/x"]);
        check("User-agent: *\nCrawl-delay: 5\nSitemap: https://x/s\nDisallow: /x # no", &["/a"], &["/x"]);
        check("User-agent: waypost\n\nUser-agent: *\nDisallow: /x", &[], &["/x"]);
        check("\u{feff}User-agent:*\rDisallow:/x\r", &["/a"], &["/x"]);
    }

    #[test]
    fn the_longest_rule_decides() {
        check("User-agent: *\nAllow: /p\nDisallow: /", &["/page"], &["/folder"]);
        check("User-agent: *\nDisallow: /folder\nAllow: /folder", &["/folder/page"], &[]);
        check("User-agent: *\nAllow: /$\nDisallow: /", &["/"], &["/page.htm"]);
        check("User-agent: *\nDisallow: /fish*.php", &["/fish.asp"], &["/fish.php", "/fishheads/a.php?x"]);
        check("User-agent: *\nDisallow: /*.php$", &["/a.php?x", "/a.php5"], &["/a.php", "/b/c.php"]);
        check("User-agent: *\nDisallow: /a$b", &["/a"], &["/a$b"]);
        check("User-agent: *\nDisallow: /*/x/*/y", &["/a/x/y"], &["/a/x/b/y"]);
        check("User-agent: *\nDisallow: /ä", &[], &["/%C3%A4", "/%c3%a4"]);
        check("User-agent: *\nDisallow: /%61", &[], &["/a"]);
    }

    #[test]
    fn hostile_files_end_soon() {
        let stars = format!("User-agent: *\nDisallow: /{}", "*a".repeat(900));
        let many = stars.clone() + &format!("\nDisallow: /{}", "*ab".repeat(600)).repeat(300);
        let begun = std::time::Instant::now();
        assert!(Robots::read(&many).allows(&format!("/{}", "b".repeat(4000))));
        assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
        assert!(!Robots::closed().allows("/a"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_an_answer(text in "\\PC{0,200}", path in "/\\PC{0,40}") {
            let _ = Robots::read(&text).allows(&path);
            let _ = Robots::read(&format!("User-agent: *\nDisallow: {text}")).allows(&path);
        }
    }
}
