//! Splits a stream of bytes into the frames of AWS's event stream, and checks them. Knows nothing of what they say.
//!
//! A frame: total length, header length and a CRC-32 of both (12 bytes), headers, payload, CRC-32 of all before it.

/// The largest frame, in bytes. AWS sends at most 16 MiB of payload and 128 KiB of headers.
const FRAME_BYTES_MAX: usize = 17 * 1024 * 1024;
const PRELUDE_BYTES: usize = 12;
const CRC_BYTES: usize = 4;

/// An incremental splitter. Feed it bytes; it calls back with each frame.
#[derive(Default)]
pub(crate) struct EventStream {
    kept: Vec<u8>,
}

/// One frame, as far as anyone here needs it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// `:message-type`: `event`, `exception` or `error`.
    pub(crate) message: &'a str,
    /// `:event-type`, `:exception-type` or `:error-code`.
    pub(crate) name: &'a str,
    /// `:error-message`, for an `error`.
    pub(crate) words: &'a str,
    /// The payload.
    pub(crate) payload: &'a [u8],
}

/// The bytes are not an event stream.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("a frame announces an impossible length")]
    Length,
    #[error("a frame's checksum is wrong")]
    Checksum,
    #[error("a frame's headers cannot be read")]
    Headers,
}

impl EventStream {
    /// Takes the next bytes and calls back with every frame that they complete.
    ///
    /// # Errors
    /// What the callback returns, or [`FrameError`].
    pub(crate) fn feed<E: From<FrameError>>(
        &mut self,
        bytes: &[u8],
        on_frame: &mut dyn FnMut(&Frame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.kept.extend_from_slice(bytes);
        let kept = std::mem::take(&mut self.kept);
        let mut rest = kept.as_slice();
        while let Some(total) = length(rest)? {
            let Some((frame, after)) = rest.split_at_checked(total) else { break };
            on_frame(&read(frame)?)?;
            rest = after;
        }
        self.kept = rest.to_vec();
        Ok(())
    }

    /// Whether a frame has begun and not ended.
    pub(crate) fn torn(&self) -> bool {
        !self.kept.is_empty()
    }
}

/// The length of the frame at the front, when its prelude is there.
fn length(bytes: &[u8]) -> Result<Option<usize>, FrameError> {
    let Some((prelude, _)) = bytes.split_at_checked(PRELUDE_BYTES) else { return Ok(None) };
    let (numbers, crc) = prelude.split_at(8);
    if crc32fast::hash(numbers) != number(crc) {
        return Err(FrameError::Checksum);
    }
    let (total, headers) = numbers.split_at(4);
    let (total, headers) = (number(total) as usize, number(headers) as usize);
    if total > FRAME_BYTES_MAX || headers > total || total < PRELUDE_BYTES + headers + CRC_BYTES {
        return Err(FrameError::Length);
    }
    Ok(Some(total))
}

fn read(frame: &[u8]) -> Result<Frame<'_>, FrameError> {
    let (body, crc) = frame.split_at_checked(frame.len() - CRC_BYTES).ok_or(FrameError::Length)?;
    if crc32fast::hash(body) != number(crc) {
        return Err(FrameError::Checksum);
    }
    let (prelude, rest) = body.split_at_checked(PRELUDE_BYTES).ok_or(FrameError::Length)?;
    let headers = number(prelude.get(4..8).unwrap_or_default()) as usize;
    let (mut headers, payload) = rest.split_at_checked(headers).ok_or(FrameError::Length)?;
    let mut frame = Frame { payload, ..Frame::default() };
    while !headers.is_empty() {
        let name = text(take_sized(&mut headers, 1)?)?;
        let kind = take(&mut headers, 1)?.first().copied().unwrap_or_default();
        let value = match kind {
            0 | 1 => &b""[..],
            2 => take(&mut headers, 1)?,
            3 => take(&mut headers, 2)?,
            4 => take(&mut headers, 4)?,
            5 | 8 => take(&mut headers, 8)?,
            6 | 7 => take_sized(&mut headers, 2)?,
            9 => take(&mut headers, 16)?,
            _ => return Err(FrameError::Headers),
        };
        if kind == 7 {
            match name {
                ":message-type" => frame.message = text(value)?,
                ":event-type" | ":exception-type" | ":error-code" => frame.name = text(value)?,
                ":error-message" => frame.words = text(value)?,
                _ => {}
            }
        }
    }
    Ok(frame)
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], FrameError> {
    let (head, tail) = bytes.split_at_checked(count).ok_or(FrameError::Headers)?;
    *bytes = tail;
    Ok(head)
}

/// What stands behind a length of one or two bytes.
fn take_sized<'a>(bytes: &mut &'a [u8], length_bytes: usize) -> Result<&'a [u8], FrameError> {
    let length = number(take(bytes, length_bytes)?) as usize;
    take(bytes, length)
}

fn text(bytes: &[u8]) -> Result<&str, FrameError> {
    std::str::from_utf8(bytes).map_err(|_| FrameError::Headers)
}

/// A big-endian number of at most four bytes.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn frames(pieces: &[&[u8]]) -> Result<(Vec<String>, bool), FrameError> {
        let mut stream = EventStream::default();
        let mut frames = Vec::new();
        for piece in pieces {
            stream.feed(piece, &mut |frame| {
                let payload = String::from_utf8_lossy(frame.payload);
                frames.push(format!("{}|{}|{payload}", frame.message, frame.name));
                Ok::<(), FrameError>(())
            })?;
        }
        Ok((frames, stream.torn()))
    }

    fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
        let mut head = Vec::new();
        for (name, value) in headers {
            head.push(u8::try_from(name.len()).unwrap());
            head.extend_from_slice(name.as_bytes());
            head.push(7);
            head.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
            head.extend_from_slice(value.as_bytes());
        }
        let total = u32::try_from(16 + head.len() + payload.len()).unwrap();
        let mut out = total.to_be_bytes().to_vec();
        out.extend_from_slice(&u32::try_from(head.len()).unwrap().to_be_bytes());
        out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(payload);
        out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
        out
    }

    #[test]
    fn published_vectors() {
        let empty = unhex("000000100000000005c248eb7d98c8ff");
        assert_eq!(frames(&[&empty]), Ok((vec!["||".to_string()], false)));
        let payload = unhex("0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936");
        assert_eq!(frames(&[&payload]), Ok((vec!["||{'foo':'bar'}".to_string()], false)));
    }

    #[test]
    fn broken_frames() {
        let good = frame(&[(":message-type", "event"), (":event-type", "metadata")], b"{}");
        assert_eq!(frames(&[&good, &good[..9]]), Ok((vec!["event|metadata|{}".to_string()], true)));
        let mut flipped = good.clone();
        flipped[40] ^= 1;
        assert_eq!(frames(&[&flipped]), Err(FrameError::Checksum));
        assert_eq!(frames(&[b"HTTP/1.1 502 Bad Gateway"]), Err(FrameError::Checksum));
        let mut huge = 0x7fff_ffffu32.to_be_bytes().to_vec();
        huge.extend_from_slice(&[0; 4]);
        huge.extend_from_slice(&crc32fast::hash(&huge).to_be_bytes());
        assert_eq!(frames(&[&huge]), Err(FrameError::Length));
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_frames(
            payloads in prop::collection::vec("[ -~]{0,12}", 1..5),
            size in 1usize..40,
        ) {
            let bytes: Vec<u8> = payloads
                .iter()
                .flat_map(|payload| frame(&[(":event-type", "x")], payload.as_bytes()))
                .collect();
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            let expect = payloads.iter().map(|payload| format!("|x|{payload}")).collect();
            prop_assert_eq!(frames(&pieces), Ok((expect, false)));
        }

        #[test]
        fn no_bytes_make_it_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = frames(&[&bytes]);
        }
    }
}
