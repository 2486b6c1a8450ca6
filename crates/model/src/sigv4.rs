//! Signs a request with AWS Signature Version 4. Has no clock and keeps no credentials.

use std::fmt::Write as _;
use std::time::SystemTime;

use ring::{digest, hmac};

use crate::aws_credentials::AwsCredentials;
use crate::dates;

/// What is signed. The path is percent-encoded as it is sent.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// Further headers to sign; names in lower case.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

/// Where and when it is valid.
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) now: SystemTime,
}

/// The headers that a signed request needs beside those that it has.
pub(crate) fn sign(request: &Request<'_>, keys: &AwsCredentials, scope: &Scope<'_>) -> Vec<(String, String)> {
    let time = dates::compact(scope.now);
    let date = time.get(..8).unwrap_or_default();
    let mut headers: Vec<(&str, &str)> = request.headers.to_vec();
    headers.push(("host", request.host));
    headers.push(("x-amz-date", &time));
    if let Some(token) = &keys.session_token {
        headers.push(("x-amz-security-token", token.secret()));
    }
    headers.sort_unstable();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");

    let mut canonical = format!("{}\n{}\n{}\n", request.method, canonical_path(request.path), request.query);
    for (name, value) in &headers {
        canonical.push_str(&format!("{name}:{}\n", one_space(value)));
    }
    canonical.push_str(&format!("\n{names}\n{}", sha256(request.body)));

    let place = format!("{date}/{}/{}/aws4_request", scope.region, scope.service);
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{place}\n{}", sha256(canonical.as_bytes()));
    let signature = hex(hmac(&signing_key(keys.secret.secret(), date, scope), to_sign.as_bytes()).as_ref());
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{place}, SignedHeaders={names}, Signature={signature}",
        keys.access_key_id
    );

    let mut signed = vec![("x-amz-date".to_string(), time), ("authorization".to_string(), authorization)];
    if let Some(token) = &keys.session_token {
        signed.push(("x-amz-security-token".to_string(), token.secret().to_string()));
    }
    signed
}

/// Percent-encodes what AWS does: everything but letters, digits and `-._~`, and `/` where it separates.
pub(crate) fn encode(text: &str, keep_slash: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (keep_slash && byte == b'/') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Every service but S3 signs the path that is sent with its percent signs encoded once more.
fn canonical_path(path: &str) -> String {
    if path.is_empty() { "/".to_string() } else { encode(path, true) }
}

fn one_space(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn signing_key(secret: &str, date: &str, scope: &Scope<'_>) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
    let mut tag = hmac::sign(&key, date.as_bytes());
    for part in [scope.region, scope.service, "aws4_request"] {
        tag = hmac(&tag, part.as_bytes());
    }
    tag
}

fn hmac(key: &hmac::Tag, data: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()), data)
}

fn sha256(data: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, data).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;

    fn keys() -> AwsCredentials {
        AwsCredentials {
            access_key_id: "AKIDEXAMPLE".to_string(),
            secret: Key::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session_token: None,
            expires: None,
        }
    }

    fn scope(service: &str) -> Scope<'_> {
        let now = dates::iso("2015-08-30T12:36:00Z").unwrap();
        Scope { region: "us-east-1", service, now }
    }

    fn signature(request: &Request<'_>, service: &str) -> String {
        let signed = sign(request, &keys(), &scope(service));
        signed[1].1.rsplit('=').next().unwrap().to_string()
    }

    const GET: Request<'_> = Request {
        method: "GET",
        host: "example.amazonaws.com",
        path: "/",
        query: "",
        headers: &[],
        body: b"",
    };

    /// The cases of AWS's own suite of that name.
    #[test]
    fn published_vectors() {
        let check = |request: Request<'_>, expect: &str| assert_eq!(signature(&request, "service"), expect);
        check(GET, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
        check(
            Request { method: "POST", ..GET },
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        );
        check(
            Request { query: "Param1=value1&Param2=value2", ..GET },
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        );
        check(
            Request {
                method: "POST",
                headers: &[("content-type", "application/x-www-form-urlencoded")],
                body: b"Param1=value1",
                ..GET
            },
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        );
    }

    /// The example of the developer guide.
    #[test]
    fn published_key_and_request() {
        let key = signing_key(keys().secret.secret(), "20150830", &scope("iam"));
        assert_eq!(hex(key.as_ref()), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
        let request = Request {
            host: "iam.amazonaws.com",
            query: "Action=ListUsers&Version=2010-05-08",
            headers: &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
            ..GET
        };
        assert_eq!(
            signature(&request, "iam"),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn paths_are_encoded_twice_and_tokens_are_signed() {
        assert_eq!(encode("anthropic.claude:0/x y", false), "anthropic.claude%3A0%2Fx%20y");
        assert_eq!(canonical_path("/model/a%3A0/converse-stream"), "/model/a%253A0/converse-stream");
        let keys = AwsCredentials { session_token: Some(Key::new("token")), ..keys() };
        let signed = sign(&GET, &keys, &scope("bedrock"));
        assert!(signed[1].1.contains("SignedHeaders=host;x-amz-date;x-amz-security-token,"));
        assert_eq!(signed[2].1, "token");
    }
}
