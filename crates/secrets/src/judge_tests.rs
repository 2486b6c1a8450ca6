//! Judging values by themselves. Values that would be found are put together from parts.

use super::*;

fn check(value: &str, kind: Kind, expected: Result<(), &str>) {
    let judged = assigned(value.as_bytes(), kind, true).map_err(|reason| reason.to_string());
    assert_eq!(judged.as_ref().map_err(String::as_str).copied(), expected, "{value}");
}

const WORDS: Result<(), &str> = Err("reads like words, a path or code");
const REFERENCE: Result<(), &str> = Err("refers to a value elsewhere");
const MONOTONE: Result<(), &str> = Err("has too little variety");
const SHORT: Result<(), &str> = Err("is too short");

#[test]
fn chance_is_told_from_words() {
    check(&["q7ZtX0vB", "9kLw3RfJ"].concat(), Kind::Secret, Ok(()));
    check(&["9f8e1c2b7a6d", "4e3f0a1b5c8d"].concat(), Kind::Secret, Ok(()));
    check("getAccessKeyFromStore", Kind::Secret, Err("looks like an example: `access`"));
    check("com.acme.billing.Gateway", Kind::Secret, WORDS);
    check("some/folder/with/files", Kind::Secret, WORDS);
    check("the quick brown fox jumps", Kind::Secret, WORDS);
    check("short1", Kind::Secret, SHORT);
    check("1111222233334444", Kind::Secret, MONOTONE);
    check("0123456789abcdef0123456789abcdef", Kind::Secret, Err("looks like an example: `01234567`"));
}

#[test]
fn passwords_that_people_choose_are_taken() {
    check(&["Tr0ub4", "dor&3"].concat(), Kind::Password, Ok(()));
    check(&["Sommer", "!2026x"].concat(), Kind::Password, Ok(()));
    check("correcthorse", Kind::Password, WORDS);
    check("mypassword1!", Kind::Password, Err("looks like an example: `mypass`"));
    check("hunter2", Kind::Password, SHORT);
}

#[test]
fn references_are_no_values() {
    for value in [
        "$DB_PASSWORD",
        "${DB_PASSWORD}",
        "{{ db.password }}",
        "<your password>",
        "%PASSWORD%",
        "#{password}",
        "{password}",
        "$(cat /run/x)",
        "process.env.PASSWORD",
    ] {
        check(value, Kind::Password, REFERENCE);
    }
}

#[test]
fn a_bare_key_of_hex_is_none() {
    let hex = ["9f8e1c2b7a6d", "4e3f0a1b5c8d"].concat();
    check(&hex, Kind::Bare, Err("its check sum or structure does not hold"));
    check(&format!("MFkwEwYHKoZIzj0C{hex}"), Kind::Secret, Err("its check sum or structure does not hold"));
}

#[test]
fn passwords_in_urls_need_no_chance() {
    let check = |user: &str, value: &str, expected: bool| {
        assert_eq!(in_place(user.as_bytes(), value.as_bytes()).is_ok(), expected, "{value}")
    };
    check("app", "s3cr-77", true);
    check("app", "Wintertime", true);
    check("app", "password", false);
    check("app", "${DB_PASS}", false);
    check("guest", "guest", false);
    check("postgres", "postgres", false);
    check("u", "p", false);
}

#[test]
fn our_own_placeholders_are_none() {
    assert_eq!(example(b"waypost_secret_abcdefgh_github_pat"), Err(Reason::OwnPlaceholder));
}
