//! How much a value reads like chance: Shannon's entropy, and how surprised a reader of source text is by its pairs of
//! characters. Decides nothing.

/// `PAIRS[a][b]`: how surprising `b` is after `a`, in quarter bits above `0`. 64 lines of 64 characters, counted once over the
/// distinct words of some 6,000 public Rust, Python, JavaScript and Markdown files, random-looking words left out. Rows and
/// columns: `a`-`z`, `A`-`Z`, `0`-`9`, `_` or `-`, anything else.
const PAIRS: &[u8] = include_bytes!("../rules/bigrams.txt");

/// Shannon's entropy of the bytes, in bits for each byte; 0 for nothing.
pub(crate) fn shannon(value: &[u8]) -> f32 {
    if value.is_empty() {
        return 0.0;
    }
    let mut counts = [0u32; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = as_f32(value.len());
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| as_f32(*count as usize) / total)
        .fold(0.0, |sum, p| sum - p * p.log2())
}

/// The mean surprise of the pairs, in bits. Words and identifiers lie near 4, random letters and digits near 9, random hex near
/// 6; 20 random letters and digits are above 6.9 in 999 of 1,000 cases, identifiers of that length below 6.6.
pub(crate) fn surprise(value: &[u8]) -> f32 {
    let pairs = value.len().saturating_sub(1);
    if pairs == 0 {
        return 0.0;
    }
    let quarters: usize = value.iter().zip(value.iter().skip(1)).map(|(a, b)| pair(*a, *b)).sum();
    as_f32(quarters) / 4.0 / as_f32(pairs)
}

fn pair(a: u8, b: u8) -> usize {
    let at = symbol(a) * 65 + symbol(b);
    PAIRS.get(at).map_or(0, |byte| usize::from(byte.saturating_sub(b'0')))
}

fn symbol(byte: u8) -> usize {
    usize::from(match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'_' | b'-' => 62,
        _ => 63,
    })
}

#[expect(clippy::cast_precision_loss, reason = "lengths of values are far below 2^24")]
fn as_f32(number: usize) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(PAIRS.len(), 64 * 65);
        assert!(PAIRS.chunks(65).all(|row| row.last() == Some(&b'\n')));
    }

    #[test]
    fn entropy_is_shannons() {
        assert_eq!(shannon(b"aaaa"), 0.0);
        assert_eq!(shannon(b"abab"), 1.0);
        assert_eq!(shannon(b"abcdabcd"), 2.0);
        assert_eq!(shannon(b""), 0.0);
    }

    #[test]
    fn words_surprise_less_than_chance() {
        assert!(surprise(b"getAccessTokenFromStorage") < 5.0);
        assert!(surprise(b"application/x-www-form-urlencoded") < 5.0);
        assert!(surprise(concat!("q7ZtX0vB", "9kLw3RfJ").as_bytes()) > 7.0);
    }
}
