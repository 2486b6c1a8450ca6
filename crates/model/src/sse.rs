//! Splits a stream of bytes into server-sent events, however the bytes are cut. Knows nothing of what they say.

/// The longest line, in bytes. A whole file can come as one line, inside a tool call.
const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The largest event, in bytes.
const EVENT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// An incremental splitter. Feed it bytes; it calls back with each event.
#[derive(Default)]
pub(crate) struct Sse {
    line: Vec<u8>,
    started: bool,
    after_cr: bool,
    name: String,
    data: String,
    has_data: bool,
}

/// A line or an event is longer than any provider's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than 16 MiB")]
pub(crate) struct TooLong;

impl Sse {
    /// Takes the next bytes and calls back with the name and the data of every event that they complete. An event
    /// that the stream leaves unfinished is dropped, as the standard says.
    ///
    /// # Errors
    /// What the callback returns, or [`TooLong`].
    pub(crate) fn feed<E: From<TooLong>>(
        &mut self,
        mut bytes: &[u8],
        on_event: &mut dyn FnMut(&str, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(at) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (head, tail) = bytes.split_at(at);
            self.keep(head)?;
            bytes = if let Some(rest) = tail.strip_prefix(b"\r\n") {
                rest
            } else if let Some(rest) = tail.strip_prefix(b"\r") {
                self.after_cr = rest.is_empty();
                rest
            } else {
                tail.get(1..).unwrap_or_default()
            };
            let line = std::mem::take(&mut self.line);
            if self.take(&line)? {
                on_event(&self.name, &self.data)?;
                self.reset();
            } else if line.is_empty() {
                self.reset();
            }
            // The buffer is kept for the next line.
            self.line = line;
            self.line.clear();
        }
        self.keep(bytes)?;
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + bytes.len() > LINE_BYTES_MAX {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes one line; says whether it completes an event.
    fn take(&mut self, line: &[u8]) -> Result<bool, TooLong> {
        let line = if self.started { line } else { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) };
        self.started = true;
        if line.is_empty() {
            return Ok(self.has_data);
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            // A comment: a sign of life, nothing else.
            Some(0) => return Ok(false),
            Some(at) => {
                let (field, value) = line.split_at(at);
                let value = value.get(1..).unwrap_or_default();
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        if field == b"event" {
            self.name = String::from_utf8_lossy(value).into_owned();
        } else if field == b"data" {
            if self.data.len() + value.len() >= EVENT_BYTES_MAX {
                return Err(TooLong);
            }
            if self.has_data {
                self.data.push('\n');
            }
            self.has_data = true;
            self.data.push_str(&String::from_utf8_lossy(value));
        }
        Ok(false)
    }

    fn reset(&mut self) {
        self.name.clear();
        self.data.clear();
        self.has_data = false;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Events = Vec<(String, String)>;

    fn events(pieces: &[&[u8]]) -> Result<Events, TooLong> {
        let mut sse = Sse::default();
        let mut events = Vec::new();
        for piece in pieces {
            sse.feed(piece, &mut |name, data| {
                events.push((name.to_string(), data.to_string()));
                Ok::<(), TooLong>(())
            })?;
        }
        Ok(events)
    }

    fn check(text: &str, expect: &[(&str, &str)]) {
        let expect: Events = expect.iter().map(|(name, data)| (name.to_string(), data.to_string())).collect();
        assert_eq!(events(&[text.as_bytes()]).unwrap(), expect, "{text:?}");
    }

    #[test]
    fn the_standard() {
        check("data: a\n\n", &[("", "a")]);
        check("event: x\ndata: a\ndata:b\ndata\n\ndata: c\n\n", &[("x", "a\nb\n"), ("", "c")]);
        check("\u{feff}data: a\r\n\r\ndata: b\r\rdata: c\n\n", &[("", "a"), ("", "b"), ("", "c")]);
        check(": ping\n\nevent: x\n\nid: 1\nretry: 3\ndata:  a\n\n", &[("", " a")]);
        check("data: never ended\n", &[]);
    }

    #[test]
    fn bounded() {
        let long = vec![b'x'; LINE_BYTES_MAX + 1];
        assert_eq!(events(&[&long]), Err(TooLong));
        let line = [b"data: ".as_slice(), &vec![b'x'; 1024 * 1024], b"\n"].concat();
        assert_eq!(events(&vec![line.as_slice(); 17]), Err(TooLong));
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_events(
            text in "(event: e|data: [aé]{0,4}|data:|: c|[a-z:]{0,3}|\u{feff}|\r|\n|\r\n|\n\n){0,24}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let bytes = text.as_bytes();
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for to in at {
                pieces.push(&bytes[from..to]);
                from = to;
            }
            pieces.push(&bytes[from..]);
            prop_assert_eq!(events(&pieces), events(&[bytes]));
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(events(&single), events(&[bytes]));
        }
    }
}
