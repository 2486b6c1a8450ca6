//! The beginning of an HTTP request to a proxy: read, understood, and written anew for whom it is meant. Pure.

use crate::host::{Host, HostError};

/// The most bytes of a beginning.
pub(crate) const HEAD_BYTES_MAX: usize = 32 * 1024;

/// The most lines of it.
const LINES_MAX: usize = 200;

/// The name that programs give beside the token.
pub(crate) const USER: &str = "waypost";

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) host: Host,
    pub(crate) port: u16,
    pub(crate) kind: Kind,
    /// Whether the token was given.
    pub(crate) known: bool,
}

/// How it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A tunnel, of which nothing is seen.
    Tunnel,
    /// A plain request: what is sent instead, and how its body ends.
    Plain { text: String, body: Body },
}

/// How the body of a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// After this many bytes.
    Length(u64),
    /// With an empty chunk.
    Chunked,
}

/// A request that is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeadError {
    /// Not HTTP, or something in it that could be read in two ways.
    #[error("not a request that a proxy understands")]
    Malformed,
    /// Another scheme than `http`.
    #[error("a request for something else than `http`; ask for a tunnel")]
    Scheme,
    /// The host.
    #[error("{0}")]
    Host(#[from] HostError),
}

/// Headers that are between a program and its proxy, or would let a connection live on.
const OWN_HEADERS: [&str; 9] = [
    "proxy-authorization",
    "proxy-connection",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "http2-settings",
    "host",
];

/// Reads a beginning, up to its empty line.
pub(crate) fn read(bytes: &[u8], token: &str) -> Result<Head, HeadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| HeadError::Malformed)?;
    let text = text.strip_suffix("\r\n\r\n").ok_or(HeadError::Malformed)?;
    // A lone end of line is the end for some and not for others.
    if text.replace("\r\n", "").contains(['\r', '\n', '\0']) {
        return Err(HeadError::Malformed);
    }
    let mut lines = text.split("\r\n");
    let first: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let [method, target, "HTTP/1.1" | "HTTP/1.0"] = first.as_slice() else {
        return Err(HeadError::Malformed);
    };
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-') {
        return Err(HeadError::Malformed);
    }
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(HeadError::Malformed)?;
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) || headers.len() >= LINES_MAX {
            return Err(HeadError::Malformed);
        }
        headers.push((name.to_ascii_lowercase(), name, value.trim_matches([' ', '\t'])));
    }
    let values = |wanted: &'static str| {
        headers.iter().filter(move |(name, ..)| name == wanted).map(|(.., value)| *value)
    };
    let known = values("proxy-authorization").any(|value| is_token_of(value, token));
    if *method == "CONNECT" {
        let (host, port) = Host::parse_with_port(target, None)?;
        return Ok(Head { host, port, kind: Kind::Tunnel, known });
    }
    let scheme = target.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"));
    let rest = target.get(7..).filter(|_| scheme.is_some()).ok_or(HeadError::Scheme)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = Host::parse_with_port(authority, Some(80))?;
    let body = body(values("content-length").collect(), values("transfer-encoding").collect())?;
    let path = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
    // The server is told the host that was decided about, whatever else the program said.
    let shown = if port == 80 { host.to_string() } else { format!("{host}:{port}") };
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {shown}\r\nConnection: close\r\n");
    for (name, as_written, value) in &headers {
        if !OWN_HEADERS.contains(&name.as_str()) {
            text.push_str(&format!("{as_written}: {value}\r\n"));
        }
    }
    text.push_str("\r\n");
    Ok(Head { host, port, kind: Kind::Plain { text, body }, known })
}

fn body(lengths: Vec<&str>, encodings: Vec<&str>) -> Result<Body, HeadError> {
    match (lengths.as_slice(), encodings.as_slice()) {
        ([], []) => Ok(Body::Length(0)),
        ([length], []) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
            length.parse().map(Body::Length).map_err(|_| HeadError::Malformed)
        }
        ([], [encoding]) if encoding.eq_ignore_ascii_case("chunked") => Ok(Body::Chunked),
        // Two lengths are two readings.
        _ => Err(HeadError::Malformed),
    }
}

/// Whether `Basic …` holds the token. Takes the same time wherever it differs.
fn is_token_of(value: &str, token: &str) -> bool {
    let Some((scheme, given)) = value.split_once(' ') else { return false };
    scheme.eq_ignore_ascii_case("basic") && same(given.trim().as_bytes(), credentials(token).as_bytes())
}

/// Compares in a time that depends on the lengths alone.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn credentials(token: &str) -> String {
    base64(format!("{USER}:{token}").as_bytes())
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |number: u32| char::from(LETTERS.get((number & 63) as usize).copied().unwrap_or(b'='));
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let number = at(0) << 16 | at(1) << 8 | at(2);
        out.push(letter(number >> 18));
        out.push(letter(number >> 12));
        out.push(if chunk.len() > 1 { letter(number >> 6) } else { '=' });
        out.push(if chunk.len() > 2 { letter(number) } else { '=' });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: &str, expected: &str) {
        let said = match read(request.as_bytes(), "t0ken") {
            Ok(Head { host, port, kind, known }) => {
                let kind = match kind {
                    Kind::Tunnel => "tunnel".to_string(),
                    Kind::Plain { text, body } => format!("{body:?} {text}"),
                };
                format!("{host} {port} {} {kind}", if known { "known" } else { "unknown" })
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expected, "{request}");
    }

    const MALFORMED: &str = "not a request that a proxy understands";

    #[test]
    fn tunnels() {
        check("CONNECT example.com:443 HTTP/1.1\r\nHost: other\r\n\r\n", "example.com 443 unknown tunnel");
        let token = base64(b"waypost:t0ken");
        check(
            &format!("CONNECT [::1]:1 HTTP/1.1\r\nProxy-Authorization: basic {token}\r\n\r\n"),
            "[::1] 1 known tunnel",
        );
        check("CONNECT example.com HTTP/1.1\r\n\r\n", "not a port between 1 and 65535");
        check("CONNECT 127.1:80 HTTP/1.1\r\n\r\n", "a number that is not written as an address");
    }

    #[test]
    fn plain_requests_are_written_anew() {
        check(
            "GET http://Example.com/a?b HTTP/1.1\r\nHost: metadata.internal\r\nProxy-Authorization: Basic x\r\n\
             Connection: keep-alive, X-A\r\nUpgrade: h2c\r\nX-A: 1\r\nAccept:  */* \r\n\r\n",
            "example.com 80 unknown Length(0) GET /a?b HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\
             X-A: 1\r\nAccept: */*\r\n\r\n",
        );
        check(
            "POST http://example.com:8080?q HTTP/1.1\r\nContent-Length: 12\r\n\r\n",
            "example.com 8080 unknown Length(12) POST /?q HTTP/1.1\r\nHost: example.com:8080\r\n\
             Connection: close\r\nContent-Length: 12\r\n\r\n",
        );
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for request in [
            "",
            "GET\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\n",
            "GET http://a/ HTTP/2\r\n\r\n",
            "GET http://a/  HTTP/1.1\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nA: 1\nB: 2\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nA : 1\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\n folded\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
        ] {
            check(request, MALFORMED);
        }
        check("GET http://user@a/ HTTP/1.1\r\n\r\n", "not a name of a host or an address");
        check(
            "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
            "a request for something else than `http`; ask for a tunnel",
        );
        check(
            "GET https://a/ HTTP/1.1\r\n\r\n",
            "a request for something else than `http`; ask for a tunnel",
        );
        let many = "A: 1\r\n".repeat(300);
        check(&format!("GET http://a/ HTTP/1.1\r\n{many}\r\n"), MALFORMED);
    }

    #[test]
    fn only_the_token_is_the_token() {
        let known = |value: &str| {
            let request = format!("CONNECT a:1 HTTP/1.1\r\nProxy-Authorization: {value}\r\n\r\n");
            read(request.as_bytes(), "t0ken").unwrap().known
        };
        assert!(known(&format!("Basic {}", base64(b"waypost:t0ken"))));
        for value in ["", "Basic", "Basic ", "Bearer t0ken"] {
            assert!(!known(value), "{value}");
        }
        for wrong in ["waypost:t0keN", "waypost:", "other:t0ken", "waypost:t0ken "] {
            assert!(!known(&format!("Basic {}", base64(wrong.as_bytes()))), "{wrong}");
        }
        assert_eq!([base64(b"a"), base64(b"ab"), base64(b"abc")], ["YQ==", "YWI=", "YWJj"]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _answer = read(&bytes, "t");
        }

        #[test]
        fn what_is_sent_on_has_one_end(value in "[ -~\\r\\n\\t]{0,60}") {
            let request = format!("GET http://a/ HTTP/1.1\r\nX: {value}\r\n\r\n");
            if let Ok(Head { kind: Kind::Plain { text, .. }, .. }) = read(request.as_bytes(), "t") {
                proptest::prop_assert_eq!(text.matches("\r\n\r\n").count(), 1);
                let hosts = text.lines().filter(|line| line.to_ascii_lowercase().starts_with("host"));
                proptest::prop_assert_eq!(hosts.filter(|line| line.contains(':')).count(), 1);
            }
        }
    }
}
