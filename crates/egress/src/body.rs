//! Copies the body of a plain request, and not a byte of what comes after it.

use std::io::{self, BufRead, Write};

use crate::head::Body;

/// The most bytes of a line that says how long a chunk is.
const LINE_BYTES_MAX: u64 = 256;

/// The most lines after the last chunk.
const TRAILERS_MAX: usize = 50;

/// Copies a body; how many bytes it was.
pub(crate) fn copy(body: Body, from: &mut impl BufRead, to: &mut impl Write) -> io::Result<u64> {
    match body {
        Body::Length(length) => exactly(length, from, to),
        Body::Chunked => chunks(from, to),
    }
}

fn exactly(length: u64, from: &mut impl BufRead, to: &mut impl Write) -> io::Result<u64> {
    let copied = io::copy(&mut io::Read::take(&mut *from, length), to)?;
    if copied == length { Ok(copied) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn chunks(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<u64> {
    let mut copied = 0u64;
    loop {
        let line = line(from)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let plain =
            !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let length = if plain { u64::from_str_radix(digits, 16).ok() } else { None };
        let length = length.ok_or(io::ErrorKind::InvalidData)?;
        // Extensions and trailers are for whoever is next, which here is this proxy.
        write!(to, "{length:x}\r\n")?;
        if length == 0 {
            for _ in 0..TRAILERS_MAX {
                if self::line(from)?.is_empty() {
                    to.write_all(b"\r\n")?;
                    return Ok(copied);
                }
            }
            return Err(io::ErrorKind::InvalidData.into());
        }
        copied = copied.saturating_add(exactly(length, from, to)?);
        if !self::line(from)?.is_empty() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        to.write_all(b"\r\n")?;
    }
}

/// A line without its end, which must be the two bytes that it should be.
fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    io::Read::take(&mut *from, LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    let text = text.strip_suffix("\r\n").ok_or(io::ErrorKind::InvalidData)?;
    if text.contains(['\r', '\0']) { Err(io::ErrorKind::InvalidData.into()) } else { Ok(text.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: Body, input: &str, expected: Result<&str, io::ErrorKind>, rest: &str) {
        let (mut from, mut to) = (input.as_bytes(), Vec::new());
        let said = copy(body, &mut from, &mut to).map_err(|error| error.kind());
        let said = said.map(|_| String::from_utf8(to).unwrap());
        assert_eq!(said.clone(), expected.map(str::to_string), "{input}");
        if said.is_ok() {
            assert_eq!(from, rest.as_bytes());
        }
    }

    #[test]
    fn a_body_and_nothing_after_it() {
        check(Body::Length(0), "GET", Ok(""), "GET");
        check(Body::Length(3), "abcGET / HTTP", Ok("abc"), "GET / HTTP");
        check(
            Body::Chunked,
            "3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\nGET",
            Ok("3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n"),
            "GET",
        );
    }

    #[test]
    fn what_does_not_end_as_it_said() {
        let (end, bad) = (Err(io::ErrorKind::UnexpectedEof), Err(io::ErrorKind::InvalidData));
        check(Body::Length(4), "abc", end, "");
        check(Body::Chunked, "", bad, "");
        check(Body::Chunked, "5\r\nabc", end, "");
        check(Body::Chunked, "3\r\nabcd\r\n0\r\n\r\n", bad, "");
        check(Body::Chunked, "-1\r\n", bad, "");
        check(Body::Chunked, "0x3\r\nabc\r\n", bad, "");
        check(Body::Chunked, "ffffffffffffffff\r\n", bad, "");
        check(Body::Chunked, "3\nabc\n0\n\n", bad, "");
        check(Body::Chunked, &format!("{}\r\n", "0".repeat(300)), bad, "");
        check(Body::Chunked, &format!("0\r\n{}\r\n", "A: 1\r\n".repeat(60)), bad, "");
    }
}
