//! Check sums and inner structures of values. Each answer is yes, no, or that the form does not tell.

use crate::base64;
use crate::finding::{Confidence, Reason};
use crate::judge;
use crate::rule::Check;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The value is as sure as this.
    Holds(Confidence),
    /// The form is right and the check sum is not: an edited or invented token. Reported one severity lower.
    Doubtful,
    /// It is no credential.
    Fails(Reason),
}

/// Runs the check of a rule.
pub(crate) fn run(check: Check, value: &[u8]) -> Verdict {
    match check {
        Check::Github => github(value),
        Check::Jwt => jwt(value),
        Check::AwsKeyId => aws_key_id(value),
        Check::Bedrock => decoded_begins(value.get(4..).unwrap_or_default(), b"BedrockAPIKey-"),
        Check::Slack => slack(value),
        Check::Luhn => luhn(value),
        Check::Basic => basic(value),
        Check::Random => from(judge::by_chance(value), Confidence::Generic),
        Check::Value => from(judge::in_place(b"", value), Confidence::Structured),
    }
}

fn from(judged: Result<(), Reason>, confidence: Confidence) -> Verdict {
    match judged {
        Ok(()) => Verdict::Holds(confidence),
        Err(reason) => Verdict::Fails(reason),
    }
}

/// `prefix_` and 30 characters and the CRC-32 of the 30 in base 62, six digits. Longer forms carry no check sum of this kind.
fn github(value: &[u8]) -> Verdict {
    let Some(at) = value.iter().position(|byte| *byte == b'_') else {
        return Verdict::Fails(Reason::Structure);
    };
    let body = value.get(at + 1..).unwrap_or_default();
    if body.len() != 36 {
        return Verdict::Holds(Confidence::Structured);
    }
    let (random, sum) = body.split_at(30);
    if sum == crc_base62(random) {
        return Verdict::Holds(Confidence::Checksum);
    }
    match judge::by_chance(body) {
        Ok(()) => Verdict::Doubtful,
        Err(_) => Verdict::Fails(Reason::Structure),
    }
}

/// The CRC-32 of the bytes in base 62, padded to six digits.
pub(crate) fn crc_base62(bytes: &[u8]) -> [u8; 6] {
    let mut rest = crc32fast::hash(bytes);
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get((rest % 62) as usize).copied().unwrap_or(b'0');
        rest /= 62;
    }
    digits
}

/// Header and payload are JSON objects, the header names an algorithm, and the payload is not the one of every tutorial.
fn jwt(value: &[u8]) -> Verdict {
    let mut parts = value.split(|byte| *byte == b'.').map(base64::decode);
    let (Some(header), Some(payload)) = (parts.next(), parts.next()) else {
        return Verdict::Fails(Reason::Structure);
    };
    let header_text = String::from_utf8_lossy(&header);
    if !header_text.starts_with('{')
        || !header_text.trim_end().ends_with('}')
        || !header_text.contains("\"alg\"")
    {
        return Verdict::Fails(Reason::Structure);
    }
    let payload = String::from_utf8_lossy(&payload);
    if payload.contains("John Doe") || payload.contains("\"joe\"") || payload.contains("example.com") {
        return Verdict::Fails(Reason::Placeholder("the payload of a tutorial"));
    }
    if payload.starts_with('{') {
        Verdict::Holds(Confidence::Checksum)
    } else {
        Verdict::Holds(Confidence::Structured)
    }
}

fn aws_key_id(value: &[u8]) -> Verdict {
    let body = value.get(4..).unwrap_or_default();
    let digits = body.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 && crate::entropy::surprise(body) < 5.0 {
        return Verdict::Fails(Reason::Words);
    }
    Verdict::Holds(Confidence::Structured)
}

fn decoded_begins(encoded: &[u8], start: &[u8]) -> Verdict {
    let holds = base64::decode(encoded).starts_with(start);
    if holds { Verdict::Holds(Confidence::Checksum) } else { Verdict::Fails(Reason::Structure) }
}

/// The numbers of workspace and user are not all the same digit, and the last part reads like chance.
fn slack(value: &[u8]) -> Verdict {
    let last = value.rsplit(|byte| *byte == b'-').next().unwrap_or_default();
    if crate::entropy::shannon(last) < 2.5 || crate::entropy::surprise(last) < 4.5 {
        return Verdict::Fails(Reason::Monotone);
    }
    Verdict::Holds(Confidence::Structured)
}

fn luhn(value: &[u8]) -> Verdict {
    let digits: Vec<u32> =
        value.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0')).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    let known = matches!(digits.first(), Some(3..=6)) && (13..=19).contains(&digits.len());
    // Numbers that the card networks publish for tests repeat a digit eight times or more.
    let zeros = (0..10).any(|digit| digits.iter().filter(|d| **d == digit).count() >= 8);
    if zeros {
        return Verdict::Fails(Reason::Monotone);
    }
    if known && sum.is_multiple_of(10) {
        Verdict::Holds(Confidence::Checksum)
    } else {
        Verdict::Fails(Reason::Structure)
    }
}

fn basic(value: &[u8]) -> Verdict {
    let decoded = base64::decode(value);
    let printable = decoded.iter().all(|byte| (0x20..0x7f).contains(byte));
    let Some(colon) = decoded.iter().position(|byte| *byte == b':') else {
        return Verdict::Fails(Reason::Structure);
    };
    let (user, password) = decoded.split_at(colon);
    let password = password.get(1..).unwrap_or_default();
    if !printable || password.is_empty() {
        return Verdict::Fails(Reason::Structure);
    }
    from(judge::in_place(user, password), Confidence::Checksum)
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
