//! Check sums and structures.

use super::*;

#[test]
fn the_sum_of_github_is_that_of_its_documents() {
    // CRC-32 of `123456789` is cbf43926, the check value of the algorithm; in base 62 that is 3jZ9nG.
    let mut rest = 0xcbf4_3926_u32;
    let mut digits = Vec::new();
    while rest > 0 {
        digits.insert(0, BASE62[(rest % 62) as usize]);
        rest /= 62;
    }
    assert_eq!(crc_base62(b"123456789").to_vec(), digits);
    assert_eq!(crc_base62(b"").to_vec(), b"000000");
}

#[test]
fn tokens_with_a_wrong_sum_are_doubtful_or_none() {
    let body = ["x7Qf2LmZ9rTw4KpY1s", "Vb6NcJ8hDg"].concat();
    let body = format!("{body}Ua");
    let right =
        format!("npm_{}{}", &body[..30], String::from_utf8_lossy(&crc_base62(&body.as_bytes()[..30])));
    assert_eq!(run(Check::Github, right.as_bytes()), Verdict::Holds(Confidence::Checksum));
    let wrong = format!("npm_{}q7ZtX0", &body[..30]);
    assert_eq!(run(Check::Github, wrong.as_bytes()), Verdict::Doubtful);
    let words = format!("npm_{}", "thisIsNotATokenButAVeryLongNameOfOne");
    assert_eq!(run(Check::Github, words.as_bytes()), Verdict::Fails(Reason::Structure));
    let long = format!("ghs_{}", "x7".repeat(40));
    assert_eq!(run(Check::Github, long.as_bytes()), Verdict::Holds(Confidence::Structured));
}

#[test]
fn cards_have_their_digit() {
    let check = |digits: &str, holds: bool| {
        assert_eq!(matches!(run(Check::Luhn, digits.as_bytes()), Verdict::Holds(_)), holds, "{digits}")
    };
    check(&["4539 1488", " 0343 6467"].concat(), true);
    check(&["4539 1488", " 0343 6468"].concat(), false);
    check("4111 1111 1111 1111", false);
    check("0000 0000 0000 0000", false);
}

#[test]
fn basic_credentials_are_looked_into() {
    let check = |text: &str, holds: bool| {
        assert_eq!(matches!(run(Check::Basic, text.as_bytes()), Verdict::Holds(_)), holds, "{text}")
    };
    // deploy:h4xq-Rt9w, user:password, no colon.
    check(&["ZGVwbG95Omg0", "eHEtUnQ5dw=="].concat(), true);
    check(&["dXNlcjpw", "YXNzd29yZA=="].concat(), false);
    check("bm8gY29sb24gaGVyZQ==", false);
}
