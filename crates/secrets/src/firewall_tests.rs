//! Out and back: placeholders, permissions, what looks like a placeholder and is none.

use proptest::prelude::*;

use super::*;
use crate::Rules;

/// Pieces of texts; those with `~` are values, parted so that this file holds none.
pub(crate) const PIECES: &[&str] = &[
    "\n",
    "\r\n",
    " ",
    "words and words ",
    "ü€😀",
    "password = \"",
    "\"",
    "\";\n",
    "token: ",
    "AWS_SECRET_ACCESS_KEY=",
    "https://app:",
    "@db.corp/x ",
    "\u{0}",
    "\\n",
    "gh~p_1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o2ZAzVY",
    "sk~_live_q7ZtX0vB9kLw3RfJa2cD5eFg",
    "Tr0ub4~dor&3xZ",
    "9f8e1c2b7a6d~4e3f0a1b5c8d",
    "-----BEGIN RSA PRIV~ATE KEY-----\n",
    "-----END RSA PRIV~ATE KEY-----\n",
    "MIIEpAIBAAKCAQEA7bq1Zz0Xn3yTQwV9RkLm5sYh2PdGf8JcUeWxA4oNiBvKt6Hr\n",
    "waypost_secret_",
    "waypost_secret_k7f2q3xm_",
    "waypost_secret_k7f2q3xm_github_pat",
    "k7f2q3xm_",
    "dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRo",
];

pub(crate) fn piece(index: usize) -> String {
    PIECES[index % PIECES.len()].replace('~', "")
}

/// The firewall of all tests; making the scanner anew for each case would take most of the time.
pub(crate) fn firewall() -> Firewall {
    static SCANNER: std::sync::OnceLock<Arc<Scanner>> = std::sync::OnceLock::new();
    let scanner = SCANNER.get_or_init(|| Arc::new(Scanner::new(Rules::builtin()))).clone();
    Firewall::new(scanner, Key::new(*b"sixteen bytes ok"))
}

fn anyone(_: &Use<'_>) -> bool {
    true
}

#[test]
fn the_same_value_has_the_same_placeholder() {
    let value = piece(15);
    let mut wall = firewall();
    let first = wall.redact(&format!("a {value} b"), Source::World);
    let second = wall.redact(&format!("key={value}\n{value}"), Source::World);
    let name = first.found[0].placeholder.clone().unwrap();
    assert_eq!(first.text, format!("a {name} b"));
    assert_eq!(second.text, format!("key={name}\n{name}"));
    assert!(name.starts_with("waypost_secret_") && name.ends_with("_stripe_secret_key"));
    let another = firewall().redact(&value, Source::World);
    assert_eq!(another.text, *name);
    let other_key = Firewall::new(wall.scanner.clone(), Key::new([7; 16])).redact(&value, Source::World);
    assert_ne!(other_key.text, *name);
}

#[test]
fn a_known_value_is_replaced_where_nothing_tells() {
    let value = piece(16);
    let mut wall = firewall();
    let redacted = wall.redact(&format!("echo {value}\npassword = \"{value}\"\nps: {value}x"), Source::World);
    assert!(!redacted.text.contains(&value), "{}", redacted.text);
    assert_eq!(redacted.found.iter().map(|found| found.repeated).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn permission_is_asked_for_each_target() {
    let mut wall = firewall();
    let text = format!("k={}", piece(15));
    let redacted = wall.redact(&text, Source::World).text;
    let only = |wanted: &Use<'_>| {
        wanted.target == "https://api.stripe.example" && wanted.rule == "stripe-secret-key"
    };
    let yes = wall.resolve(&redacted, "https://api.stripe.example", &only);
    assert_eq!((yes.text.as_str(), yes.used.len()), (text.as_str(), 1));
    let no = wall.resolve(&redacted, "https://elsewhere.example", &only);
    assert_eq!((no.text.as_str(), no.refused.len()), (redacted.as_str(), 1));
    assert!(!format!("{yes:?} {wall:?}").contains(&piece(15)));
}

#[test]
fn what_looks_like_a_placeholder_is_kept_apart() {
    let mut wall = firewall();
    let real = wall.redact(&piece(15), Source::World).text;
    // A file that holds the very placeholder.
    let file = format!("x = {real}");
    let seen = wall.redact(&file, Source::World);
    assert!(!seen.text.contains(&real));
    assert_eq!(wall.resolve(&seen.text, "t", &anyone).text, file);
    // The model's own words keep it.
    assert_eq!(wall.redact(&file, Source::Session).text, file);
    assert_eq!(wall.redact(&seen.text, Source::Session).text, seen.text);
    let unknown = wall.resolve("waypost_secret_aaaaaaaa_jwt", "t", &anyone);
    assert_eq!(
        (unknown.text.as_str(), unknown.unknown),
        ("waypost_secret_aaaaaaaa_jwt", vec!["waypost_secret_aaaaaaaa_".to_owned()])
    );
}

#[test]
fn policies_of_rules_hold() {
    let rules = "[[rules]]\nid = 'w'\nregex = 'warn-[0-9]{6}'\nkeywords = ['warn-']\nwaypost = { policy = 'warn' }\n\
                 [[rules]]\nid = 'b'\nregex = 'stop-[0-9]{6}'\nkeywords = ['stop-']\nwaypost = { policy = 'block' }\n";
    let scanner = Arc::new(Scanner::new(Rules::read(rules).rules));
    let mut wall = Firewall::new(scanner, Key::new([1; 16]));
    let warned = wall.redact("a warn-123456 b", Source::World);
    assert_eq!((warned.text.as_str(), warned.blocked(), warned.found.len()), ("a warn-123456 b", false, 1));
    let blocked = wall.redact("a stop-123456 b", Source::World);
    assert!(blocked.blocked() && !blocked.text.contains("stop-"));
}

#[test]
fn values_can_be_made_known() {
    let mut wall = firewall();
    let name = wall.remember(b"plain words here", "env:DB").unwrap();
    assert_eq!(&*name, wall.redact("plain words here", Source::World).text);
    assert!(name.ends_with("_env_db"));
    assert_eq!(wall.len(), 1);
}

#[test]
fn utf16_comes_back_as_utf8() {
    let text = format!("a long enough line = {}\n", piece(15));
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let redacted = firewall().redact_bytes(&wide, Source::World);
    assert!(String::from_utf8(redacted.text).unwrap().starts_with("a long enough line = waypost_secret_"));
}

proptest! {
    #[test]
    fn resolving_gives_back_the_text(indices in prop::collection::vec(0usize..64, 0..40)) {
        let text: String = indices.into_iter().map(piece).collect();
        let mut wall = firewall();
        let redacted = wall.redact(&text, Source::World);
        prop_assert_eq!(wall.resolve(&redacted.text, "t", &anyone).text, text);
    }

    #[test]
    fn a_redacted_text_stays_as_it_is(indices in prop::collection::vec(0usize..64, 0..40)) {
        let text: String = indices.into_iter().map(piece).collect();
        let mut wall = firewall();
        let once = wall.redact(&text, Source::World).text;
        let again = wall.redact(&once, Source::Session);
        prop_assert_eq!(wall.resolve(&again.text, "t", &anyone).text, wall.resolve(&once, "t", &anyone).text);
    }

    #[test]
    fn any_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assume!(crate::encoded::utf16(&bytes).is_none());
        let mut wall = firewall();
        let redacted = wall.redact_bytes(&bytes, Source::World);
        prop_assert_eq!(wall.resolve_bytes(&redacted.text, "t", &anyone).text, bytes);
    }
}
