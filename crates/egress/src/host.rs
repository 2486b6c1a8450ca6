//! Whom somebody wants to reach: a name or an address, in one spelling. Pure.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The most bytes of a name, as in the system of names.
const NAME_BYTES_MAX: usize = 253;

/// The most bytes of a part of a name.
const PART_BYTES_MAX: usize = 63;

/// Whom somebody wants to reach.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name, in small letters and without a dot at the end.
    Name(String),
    /// An address. One of version 4 that is written as version 6 is one of version 4.
    Address(IpAddr),
}

/// Something that names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Not a name as the system of names has them.
    #[error("not a name of a host or an address")]
    NoName,
    /// A name that programs take for an address although it is not written as one.
    #[error("a number that is not written as an address")]
    Number,
    /// Not a port.
    #[error("not a port between 1 and 65535")]
    NoPort,
}

impl Host {
    /// Reads a host as it stands in a request, with or without brackets.
    ///
    /// # Errors
    /// [`HostError`] when it names nobody, or could be read in two ways.
    pub fn parse(text: &str) -> Result<Host, HostError> {
        if let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return inside.parse::<Ipv6Addr>().map(Host::from).map_err(|_| HostError::NoName);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Host::from(address));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(HostError::NoName);
        }
        for part in name.split('.') {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            if part.is_empty() || part.len() > PART_BYTES_MAX || !part.bytes().all(plain) {
                return Err(HostError::NoName);
            }
        }
        // `127.1`, `0x7f.1` and `2130706433` are the loopback address for many programs.
        let last = name.rsplit('.').next().unwrap_or_default();
        let hexadecimal = last.strip_prefix("0x").is_some_and(|it| it.bytes().all(|b| b.is_ascii_hexdigit()));
        if hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(HostError::Number);
        }
        Ok(Host::Name(name))
    }

    /// Reads `host:port`.
    ///
    /// # Errors
    /// [`HostError`] when either part is not one.
    pub fn parse_with_port(text: &str, default: Option<u16>) -> Result<(Host, u16), HostError> {
        let bracket = text.rfind(']');
        match text.rfind(':').filter(|colon| bracket.is_none_or(|bracket| bracket < *colon)) {
            Some(colon) => {
                let (host, port) = text.split_at(colon);
                let port = port.trim_start_matches(':');
                let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
                let port = if digits { port.parse().ok() } else { None };
                let port = port.filter(|port| *port != 0).ok_or(HostError::NoPort)?;
                // Without brackets it would not be clear where an address of version 6 ends.
                if host.contains(':') && !host.starts_with('[') {
                    return Err(HostError::NoName);
                }
                Ok((Host::parse(host)?, port))
            }
            None => Ok((Host::parse(text)?, default.ok_or(HostError::NoPort)?)),
        }
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Host {
        Host::Address(address.to_canonical())
    }
}

impl From<Ipv6Addr> for Host {
    fn from(address: Ipv6Addr) -> Host {
        Host::from(IpAddr::V6(address))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Host::Address(address) => write!(f, "{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let said = match Host::parse_with_port(text, Some(80)) {
            Ok((host, port)) => format!("{host} {port}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn names_and_addresses_have_one_spelling() {
        check("Example.COM:443", "example.com 443");
        check("example.com.", "example.com 80");
        check("a_b-c.example:1", "a_b-c.example 1");
        check("127.0.0.1:8080", "127.0.0.1 8080");
        check("[::1]:443", "[::1] 443");
        check("[::FFFF:127.0.0.1]:1", "127.0.0.1 1");
        check("[2606:4700::1111]", "[2606:4700::1111] 80");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let (no_name, number) =
            ("not a name of a host or an address", "a number that is not written as an address");
        for text in
            ["", ".", "a..b", "exa mple", "a/b", "a@b", "a%00", "é.com", "-\0", "[::1", "[1.2.3.4]", "a\r\nb"]
        {
            check(text, no_name);
        }
        for text in
            ["127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "017700000001", "1.2.3.4.5", "a.0x1", "a.1"]
        {
            check(text, number);
        }
        check("::1:443", no_name);
        check("a:b:1", no_name);
        check(&format!("{}.com", "a".repeat(64)), no_name);
        check(&"a.".repeat(200), no_name);
    }

    #[test]
    fn ports() {
        let no_port = "not a port between 1 and 65535";
        for text in ["a:0", "a:", "a:65536", "a:+80", "a:8 0", "a:-1"] {
            check(text, no_port);
        }
        assert_eq!(Host::parse_with_port("a", None), Err(HostError::NoPort));
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_an_answer_that_is_its_own_spelling(text in "\\PC{0,40}") {
            if let Ok(host) = Host::parse(&text) {
                proptest::prop_assert_eq!(Host::parse(&host.to_string()), Ok(host));
            }
        }
    }
}
