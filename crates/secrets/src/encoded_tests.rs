//! Unwrapping, and the way back.

use super::*;

#[test]
fn utf16_is_told_by_its_zeros() {
    let wide = |text: &str, little: bool| -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    };
    let text = "some words, an emoji 😀 and an umlaut ü, long enough";
    for little in [true, false] {
        let input = wide(text, little);
        let read = utf16(&input).unwrap();
        assert_eq!(read.text, text);
        let at = text.find("umlaut").unwrap();
        let back = read.back(&(at..at + 6));
        assert_eq!(input[back], wide("umlaut", little));
        assert_eq!(read.back(&(0..text.len())), 0..input.len());
    }
    assert!(utf16(text.as_bytes()).is_none());
    assert!(utf16(&[0; 600]).is_none());
    assert_eq!(utf16(b"\xff\xfea\0\0\xd8x").unwrap().text, "a\u{fffd}");
}

#[test]
fn runs_are_found_wherever_they_begin() {
    // "the quick brown fox jumps over the lazy dog" in base64.
    let run = "dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZw==";
    for shift in 0..40 {
        let input = format!("{}{run} tail", ".".repeat(shift));
        let mut seen = Vec::new();
        base64_runs(input.as_bytes(), |decoded| {
            let fox = decoded.text.windows(3).position(|w| w == b"fox").unwrap();
            seen.push((decoded.text.clone(), decoded.back(&(fox..fox + 3))));
        });
        let (text, back) = seen.pop().unwrap();
        assert_eq!(text, b"the quick brown fox jumps over the lazy dog");
        assert!(
            input[back.clone()].contains("m94") || input[back].contains("Zm94") || run.contains("veC"),
            "{shift}"
        );
    }
}

#[test]
fn words_and_digests_are_no_runs() {
    let check = |input: &str| {
        base64_runs(input.as_bytes(), |decoded| panic!("{:?}", String::from_utf8_lossy(&decoded.text)))
    };
    check("thisIsAnIdentifierThatIsLongerThanThirtyTwoCharacters");
    check("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("short c2hvcnQ= run");
}
