//! The beginning of a SOCKS 5 connection: who it is, and whom it wants. Serves connections, no datagrams.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::head::{USER, same};
use crate::host::Host;

/// What the first byte of a connection is when it speaks this.
pub(crate) const VERSION: u8 = 5;

/// Answers, as numbers of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Done = 0,
    Failed = 1,
    NotAllowed = 2,
    NotServed = 7,
    NoSuchKind = 8,
}

/// What was asked, once the token was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To connect.
    Connect(Host, u16),
    /// Nothing that is served; it was told so.
    Refused(String),
}

/// Hears who it is and what it wants. The version byte was read already.
pub(crate) fn hear(stream: &mut (impl Read + Write), token: &str) -> io::Result<Asked> {
    let mut methods = vec![0; usize::from(byte(stream)?)];
    stream.read_exact(&mut methods)?;
    if !methods.contains(&2) {
        stream.write_all(&[VERSION, 0xFF])?;
        return Ok(Asked::Refused("the token of the session was not given".to_string()));
    }
    stream.write_all(&[VERSION, 2])?;
    let version = byte(stream)?;
    let (user, word) = (text(stream)?, text(stream)?);
    let known = same(&user, USER.as_bytes()) & same(&word, token.as_bytes());
    if version != 1 || !known {
        stream.write_all(&[1, 1])?;
        return Ok(Asked::Refused("the token of the session was not given".to_string()));
    }
    stream.write_all(&[1, 0])?;
    let mut request = [0; 4];
    stream.read_exact(&mut request)?;
    let [version, command, _, kind] = request;
    let host = match kind {
        1 => {
            let mut bytes = [0; 4];
            stream.read_exact(&mut bytes)?;
            Ok(Host::from(IpAddr::V4(Ipv4Addr::from(bytes))))
        }
        4 => {
            let mut bytes = [0; 16];
            stream.read_exact(&mut bytes)?;
            Ok(Host::from(Ipv6Addr::from(bytes)))
        }
        3 => {
            let name = text(stream)?;
            let name = std::str::from_utf8(&name).unwrap_or_default();
            Host::parse(name).map_err(|error| error.to_string())
        }
        _ => {
            reply(stream, Reply::NoSuchKind)?;
            return Ok(Asked::Refused("an address of no known kind".to_string()));
        }
    };
    let mut port = [0; 2];
    stream.read_exact(&mut port)?;
    let port = u16::from_be_bytes(port);
    match host {
        Ok(host) if version == VERSION && command == 1 && port != 0 => Ok(Asked::Connect(host, port)),
        Ok(_) => {
            reply(stream, Reply::NotServed)?;
            Ok(Asked::Refused("something else than to connect".to_string()))
        }
        Err(why) => {
            reply(stream, Reply::NotAllowed)?;
            Ok(Asked::Refused(why))
        }
    }
}

/// Answers. The address that belongs to the answer is nobody's business.
pub(crate) fn reply(stream: &mut impl Write, reply: Reply) -> io::Result<()> {
    stream.write_all(&[VERSION, reply as u8, 0, 1, 0, 0, 0, 0, 0, 0])
}

fn byte(stream: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    stream.read_exact(&mut byte)?;
    let [byte] = byte;
    Ok(byte)
}

fn text(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(byte(stream)?)];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Talk<'a>(&'a [u8], Vec<u8>);

    impl Read for Talk<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Talk<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What it says to everything after the version byte, with the right token in the beginning.
    fn check(request: &[u8], expected: &str, last: &[u8]) {
        let mut input = b"\x02\x00\x02\x01\x07waypost\x01t".to_vec();
        input.extend_from_slice(request);
        check_whole(&input, expected, last);
    }

    fn check_whole(input: &[u8], expected: &str, last: &[u8]) {
        let mut talk = Talk(input, Vec::new());
        let said = match hear(&mut talk, "t") {
            Ok(Asked::Connect(host, port)) => format!("{host} {port}"),
            Ok(Asked::Refused(why)) => why,
            Err(error) => error.kind().to_string(),
        };
        assert_eq!(said, expected, "{input:?}");
        assert!(talk.1.ends_with(last), "{:?}", talk.1);
    }

    #[test]
    fn names_and_addresses() {
        check(b"\x05\x01\x00\x03\x0bexample.com\x01\xbb", "example.com 443", &[1, 0]);
        check(b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50", "127.0.0.1 80", &[1, 0]);
        check(b"\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x01\x00\x50", "127.0.0.1 80", &[1, 0]);
    }

    #[test]
    fn what_is_not_served() {
        let refused = |reply: u8| [5, reply, 0, 1, 0, 0, 0, 0, 0, 0];
        check(b"\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", "something else than to connect", &refused(7));
        check(b"\x05\x03\x00\x01\x7f\x00\x00\x01\x00\x50", "something else than to connect", &refused(7));
        check(
            b"\x05\x01\x00\x03\x05127.1\x00\x50",
            "a number that is not written as an address",
            &refused(2),
        );
        check(b"\x05\x01\x00\x03\x02\xff\xff\x00\x50", "not a name of a host or an address", &refused(2));
        check(b"\x05\x01\x00\x09", "an address of no known kind", &refused(8));
        check(b"\x05\x01\x00\x03\xff", "unexpected end of file", &[1, 0]);
    }

    #[test]
    fn who_does_not_know_the_token() {
        let unknown = "the token of the session was not given";
        check_whole(b"\x01\x00", unknown, &[5, 0xFF]);
        check_whole(b"\x00", unknown, &[5, 0xFF]);
        check_whole(b"\x01\x02\x01\x07waypost\x01u", unknown, &[1, 1]);
        check_whole(b"\x01\x02\x01\x00\x00", unknown, &[1, 1]);
        check_whole(b"\x01\x02\x02\x07waypost\x01t", unknown, &[1, 1]);
        check_whole(b"", "unexpected end of file", &[]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..100)) {
            let _answer = hear(&mut Talk(&bytes, Vec::new()), "t");
        }
    }
}
