//! As much of HTTP/1.1 as the service needs: one request in, one response out. Knows no route.

use std::io::{self, BufRead, Read, Write};

const HEAD_BYTES_MAX: u64 = 16 * 1024;
const BODY_BYTES_MAX: u64 = 64 * 1024;

/// A request that was read whole.
#[derive(Debug, Default)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// The headers: names in lower case, values trimmed.
    pub headers: Vec<(String, String)>,
    /// The body, empty if there was none.
    pub body: String,
}

impl Request {
    /// Reads one request; `None` if the bytes are not one, or are more than the bounds allow.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Request>> {
        let mut head = stream.take(HEAD_BYTES_MAX);
        let mut line = String::new();
        head.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let (Some(method), Some(target), Some("HTTP/1.1")) =
            (words.next(), words.next(), words.next())
        else {
            return Ok(None);
        };
        let path = target.split('?').next().unwrap_or_default().to_owned();
        let mut request = Request { method: method.to_owned(), path, ..Request::default() };
        loop {
            let mut line = String::new();
            head.read_line(&mut line)?;
            match line.trim_end() {
                "" if line.is_empty() => return Ok(None),
                "" => break,
                header => {
                    let Some((name, value)) = header.split_once(':') else { return Ok(None) };
                    request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
            }
        }
        let Ok(length) = request.header("content-length").unwrap_or("0").parse::<u64>() else {
            return Ok(None);
        };
        if length > BODY_BYTES_MAX {
            return Ok(None);
        }
        stream.take(length).read_to_string(&mut request.body)?;
        Ok((request.body.len() as u64 == length).then_some(request))
    }

    /// The value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A response with a JSON body.
#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers beside those that every response has.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// A response with a status and a body of JSON.
    pub fn json(status: u16, body: String) -> Response {
        Response { status, headers: Vec::new(), body }
    }

    /// A response that says what was wrong.
    pub fn error(status: u16, message: &str) -> Response {
        Response::json(status, crate::json::object(&[("error", message)]))
    }

    /// The same response with one header more.
    pub fn with_header(mut self, name: &'static str, value: impl ToString) -> Response {
        self.headers.push((name, value.to_string()));
        self
    }

    /// Writes the response and says that the connection ends.
    pub fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = self.body.len();
        text.push_str("Content-Type: application/json\r\n");
        text.push_str(&format!("Content-Length: {length}\r\nConnection: close\r\n\r\n"));
        text.push_str(&self.body);
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Request> {
        Request::read(&mut text.as_bytes()).unwrap()
    }

    #[test]
    fn a_request_is_read_whole() {
        let text = "POST /v1/echo?x=1 HTTP/1.1\r\nX-Api-Key:  k1 \r\nContent-Length: 2\r\n\r\nhi";
        let request = read(text).unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/echo"));
        assert_eq!(request.header("x-api-key"), Some("k1"));
        assert_eq!(request.body, "hi");
    }

    #[test]
    fn what_is_no_request_is_none() {
        assert!(read("").is_none());
        assert!(read("hello\r\n\r\n").is_none());
        assert!(read("GET / HTTP/1.1\r\nHost: a\r\n").is_none());
        assert!(read("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n").is_none());
        assert!(read("GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhi").is_none());
        assert!(read("GET / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n").is_none());
    }

    #[test]
    fn a_response_is_written_with_its_headers() {
        let mut bytes = Vec::new();
        let response = Response::error(405, "no").with_header("Allow", "GET");
        response.write(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\n{\"error\":\"no\"}"), "{text}");
    }
}
