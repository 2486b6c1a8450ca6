//! Places and fingerprints of what is found, in contents of any length. Values are made here; no file holds one.

use secrets::Rules;

use super::*;

/// A token of GitLab's form, made by counting.
fn token(seed: u32) -> String {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        char::from(letters[state as usize % letters.len()])
    };
    let rest: String = (0..20).map(|_| next()).collect();
    format!("gl{}-{rest}", "pat")
}

fn found(content: &[u8]) -> Vec<Found> {
    let (scanner, mut whole_, mut pieces) =
        (Scanner::new(Rules::builtin()), Outcomes::default(), Outcomes::default());
    whole(&scanner, "a.txt", content, &mut whole_);
    read(&scanner, "a.txt", content, &mut pieces).unwrap();
    let places = |outcomes: &Outcomes| {
        outcomes.found.iter().map(|f| (f.start, f.end, f.fingerprint.clone())).collect::<Vec<_>>()
    };
    assert_eq!(pieces.bytes, content.len() as u64);
    if content.split(|byte| *byte == b'\n').all(|line| line.len() < AROUND) {
        assert_eq!(places(&whole_), places(&pieces));
    }
    pieces.found
}

#[test]
fn columns_count_utf16_units() {
    let text = format!("one\nä😀 = {}\n", token(1));
    let found = found(text.as_bytes());
    assert_eq!((found[0].start, found[0].end), ((2, 7), (2, 33)));
    assert_eq!(found[0].beginning, token(1)[..4]);
    assert!(!format!("{found:?}").contains(&token(1)[4..]));
}

#[test]
fn a_value_is_found_once_wherever_a_piece_ends() {
    for shift in [0, 1, 17, 39, 40, AROUND - 20, AROUND, AROUND + 20, 2 * AROUND] {
        let mut text = vec![b'\n'; PIECE - shift];
        text.extend_from_slice(format!("t = {}\n", token(2)).as_bytes());
        text.resize(PIECE + 3 * AROUND, b'\n');
        let found = found(&text);
        assert_eq!(found.len(), 1, "{shift}");
        let line = u32::try_from(PIECE - shift + 1).unwrap();
        assert_eq!(found[0].start, (line, 5), "{shift}");
    }
}

#[test]
fn one_endless_line_is_looked_into() {
    let mut text = vec![b' '; 2 * PIECE + 5];
    let at = PIECE + AROUND + 3;
    text.splice(at..at + 26, token(3).bytes());
    let found = found(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].start, (1, u32::try_from(at + 1).unwrap()));
}

#[test]
fn a_fingerprint_follows_rule_file_and_value_and_no_line() {
    let one = fingerprint("r", "a", b"value");
    assert_eq!(one.len(), 16);
    assert_eq!(one, fingerprint("r", "a", b"value"));
    assert_ne!(one, fingerprint("s", "a", b"value"));
    assert_ne!(one, fingerprint("r", "b", b"value"));
    assert_ne!(one, fingerprint("r", "a", b"other"));
    assert_eq!(one[..13], fingerprint("r", "a", b"other")[..13]);
}

#[test]
fn of_a_content_full_of_values_some_are_kept_and_the_rest_counted() {
    let text: String = (1..=u32::try_from(FOUND_MAX).unwrap() + 50).map(|at| token(at) + "\n").collect();
    let mut outcomes = Outcomes::default();
    whole(&Scanner::new(Rules::builtin()), "a.txt", text.as_bytes(), &mut outcomes);
    assert_eq!(outcomes.found.len(), FOUND_MAX);
    assert!(outcomes.more_found > 0);
}
