//! Tests of the pipe: good frames, and bytes that are none.

use super::*;

/// Everything that is read from these bytes, in short.
fn read(bytes: &[u8]) -> Vec<String> {
    let mut input = BufReader::new(bytes);
    let mut found = Vec::new();
    while let Some(one) = next(&mut input) {
        let is_last = matches!(one, Incoming::Broken(_));
        found.push(match one {
            Incoming::Message(Message::Request(it)) => format!("request {} {}", it.id, it.method),
            Incoming::Message(Message::Notification(it)) => format!("notification {}", it.method),
            Incoming::Message(Message::Response(it)) => {
                format!("response {} {}", it.id, it.response_result.is_ok())
            }
            Incoming::Refused(it) => format!("refused {} {}", it["id"], it["error"]["code"]),
            Incoming::Broken(words) => format!("broken: {words}"),
        });
        if is_last {
            break;
        }
    }
    found
}

fn framed(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

#[track_caller]
fn check(bytes: impl AsRef<[u8]>, expected: &[&str]) {
    assert_eq!(read(bytes.as_ref()), expected);
}

#[test]
fn messages_of_each_sort() {
    check("", &[]);
    check(framed(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{}}"#), &["request 1 a"]);
    check(framed(r#"{"id":"x","method":"a"}"#), &["request \"x\" a"]);
    check(framed(r#"{"method":"a"}"#), &["notification a"]);
    check(framed(r#"{"id":7,"result":null}"#), &["response 7 true"]);
    check(framed(r#"{"id":7,"error":{"code":1,"message":"no"}}"#), &["response 7 false"]);
    let two = framed(r#"{"method":"a"}"#) + &framed(r#"{"method":"b"}"#);
    check(two, &["notification a", "notification b"]);
    check("Content-Type: x\r\ncontent-length:14\n\n{\"method\":\"a\"}", &["notification a"]);
}

#[test]
fn what_is_no_message_is_answered_and_reading_goes_on() {
    let check = |body: &str, expected: &str| {
        check(framed(body) + &framed(r#"{"method":"a"}"#), &[expected, "notification a"]);
    };
    check("{", "refused null -32700");
    check("", "refused null -32700");
    check("[1]", "refused null -32600");
    check("{}", "refused null -32600");
    check(r#"{"id":3}"#, "refused 3 -32600");
    check(r#"{"id":3,"method":4}"#, "refused 3 -32600");
    check(r#"{"id":{},"method":"a"}"#, "refused {} -32600");
    check(&"[".repeat(100_000), "refused null -32700");
    let mut bytes = b"Content-Length: 2\r\n\r\n\xff\xfe".to_vec();
    bytes.extend(framed(r#"{"method":"a"}"#).bytes());
    assert_eq!(read(&bytes), ["refused null -32700", "notification a"]);
}

#[test]
fn a_message_that_is_too_large_is_read_past() {
    let length = MESSAGE_BYTES_MAX + 1;
    let mut bytes = format!("Content-Length: {length}\r\n\r\n").into_bytes();
    bytes.resize(bytes.len() + length, b' ');
    bytes.extend(framed(r#"{"method":"a"}"#).bytes());
    assert_eq!(read(&bytes), ["refused null -32600", "notification a"]);
}

#[test]
fn garbage_ends_the_reading() {
    check("hello\n", &["broken: `hello` is no header of a message"]);
    check("hello", &["broken: `hello` is no header of a message"]);
    check("\x1b[31m: 1", &["broken: `\u{fffd}[31m: 1` is no header of a message"]);
    check("\r\n\r\n", &["broken: a header names no `Content-Length`"]);
    check("Content-Length: -1\r\n\r\n", &["broken: `Content-Length: -1` is no header of a message"]);
    check(
        "Content-Length: 99999999999999999999\r\n\r\n",
        &["broken: `Content-Length: 99999999999999999999` is no header of a message"],
    );
    check(
        "Content-Length: 999999999999999\r\n\r\n{}",
        &["broken: a message of 999999999999999 bytes was announced and did not come"],
    );
    check("Content-Length: 9\r\n\r\n{}", &["broken: the input ends within a message"]);
    check("a: b\r\n".repeat(40), &["broken: a header has more than 32 lines"]);
    let long = "x".repeat(100_000);
    check(&long, &[&format!("broken: `{}` is no header of a message", &long[..60])]);
    assert!(read(b"\xff\xfe\n")[0].starts_with("broken"));
}

#[test]
fn uris_that_are_none_are_mended() {
    let check = |uri: &str, expected: Option<&str>| assert_eq!(mended(uri).as_deref(), expected);
    check("file:///a%20b.md", None);
    check("untitled:a b", None);
    check("file:///a [b]/ü.md", Some("file:///a%20%5Bb%5D/%C3%BC.md"));
    let body = r#"{"method":"a","params":{"textDocument":{"uri":"file:///[a]","text":"file:///[a]"}}}"#;
    match message(body.as_bytes()) {
        Incoming::Message(Message::Notification(told)) => {
            assert_eq!(told.params["textDocument"]["uri"], "file:///%5Ba%5D");
            assert_eq!(told.params["textDocument"]["text"], "file:///[a]");
        }
        other => panic!("{other:?}"),
    }
}
