//! Names and values in many languages.

use super::*;

fn check(text: &str, expected: Option<(&str, &str)>) {
    let lower = text.to_ascii_lowercase();
    let words = ["passw", "pwd", "pass", "secret", "token", "key", "auth", "credential"];
    let found = words
        .iter()
        .filter_map(|word| lower.find(word).map(|at| at..at + word.len()))
        .find_map(|word| read(text.as_bytes(), word).1);
    let found = found.map(|found| (&text[found.name], &text[found.value]));
    assert_eq!(found, expected, "{text}");
}

#[test]
fn values_are_read_in_many_languages() {
    for (text, name, value) in [
        ("password = \"v v\"", "password", "v v"),
        ("const API_KEY: &'static str = \"abc\";", "API_KEY", "abc"),
        ("let token: String = String::from(\"abc\");", "token", "abc"),
        ("private token?: string = 'abc'", "token", "abc"),
        ("  db_password: abc # note", "db_password", "abc"),
        ("export DB_PASSWORD=abc", "DB_PASSWORD", "abc"),
        ("\"clientSecret\": \"abc\",", "clientSecret", "abc"),
        ("{\\\"password\\\": \\\"abc\\\"}", "password", "abc"),
        ("config['secret'] = 'abc'", "secret", "abc"),
        (":secret => 'abc'", "secret", "abc"),
        ("token := `abc`", "token", "abc"),
        ("$password = 'abc';", "password", "abc"),
        ("<password>abc</password>", "password", "abc"),
        ("<add key=\"x\" password=\"abc\" />", "password", "abc"),
        ("https://h/p?api_key=abc&x=1", "api_key", "abc"),
        ("setPassword(\"abc\")", "setPassword", "abc"),
        ("cli --password abc", "--password", "abc"),
        ("if password == \"abc\" {", "password", "abc"),
        ("ENV SECRET_KEY=abc", "SECRET_KEY", "abc"),
        ("password = b\"abc\"", "password", "abc"),
        ("password: \"\"\"abc\"\"\"", "password", "abc"),
    ] {
        check(text, Some((name, value)));
    }
}

#[test]
fn what_is_no_assignment_is_left() {
    for text in [
        "the password is a word",
        "fn token(&self) -> Token",
        "secret::Key",
        "password = read_line()",
        "token = parser.fetch(\"x\")",
        "password = os.getenv(\"DB\")",
        "tokenizer = \"abc\"",
        "token_type = \"Bearer\"",
        "secret_name: \"abc\"",
        "public_key = \"abc\"",
        "keyboard = \"abc\"",
        "password = \"not closed",
    ] {
        check(text, None);
    }
}

#[test]
fn a_name_says_what_it_promises() {
    let kinds = |name: &str| kind(name.as_bytes());
    assert_eq!(kinds("dbPassword2"), Some(Kind::Password));
    assert_eq!(kinds("AWSSecretKey"), Some(Kind::Secret));
    assert_eq!(kinds("x-api-key"), Some(Kind::Secret));
    assert_eq!(kinds("signingkey"), Some(Kind::Secret));
    assert_eq!(kinds("key"), Some(Kind::Bare));
    assert_eq!(kinds("primary_key"), None);
    assert_eq!(kinds("csrf_token"), None);
}
