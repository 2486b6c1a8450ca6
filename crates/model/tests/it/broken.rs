//! Everything that goes wrong at a provider, for every provider: what kind of failure it is, what it says, and whether
//! it was tried again.

use conversation::{Block, Delta, Input, Message, ModelErrorKind, Prompt};

use crate::provider::{PROVIDERS, Provider, Say, ask, frame, sse};
use crate::server::{Answer, Server};

fn prompt(messages: &[Message]) -> Prompt<'_> {
    Prompt { fragments: &[], tools: &[], messages, cache_key: "" }
}

/// Asks a server with this script; says the kind and the words of the failure and how many requests there were.
fn fail(provider: &Provider, script: Vec<Answer>) -> (ModelErrorKind, String, usize, Vec<Delta>) {
    let server = Server::start(script);
    let messages = [Message::user("hi")];
    let (result, shown) = ask(provider.model(&server).as_ref(), &prompt(&messages));
    let error = result.unwrap_err();
    (error.kind, error.message, server.requests().len(), shown)
}

fn status(provider: &Provider, status: u16, code: &str, words: &str) -> Answer {
    let kind = ("content-type", "application/json".to_string());
    let aws = ("x-amzn-errortype", format!("{code}:http://internal"));
    let headers = if provider.name.starts_with("bedrock") { vec![kind, aws] } else { vec![kind] };
    Answer::Whole(status, headers, (provider.error)(code, words))
}

#[test]
fn errors_are_told_apart_and_only_passing_ones_are_tried_again() {
    use ModelErrorKind::{BadRequest, ContextOverflow, KeyRejected, RateLimited, Unavailable, UnknownModel};
    let cases = [
        (401, "authentication_error", "invalid x-api-key", KeyRejected, 1),
        (403, "permission_error", "not allowed", KeyRejected, 1),
        (404, "not_found_error", "model: nope", UnknownModel, 1),
        (400, "model_not_found", "The model `nope` does not exist", UnknownModel, 1),
        (
            400,
            "invalid_request_error",
            "prompt is too long: 210000 tokens > 200000 maximum",
            ContextOverflow,
            1,
        ),
        (400, "ValidationException", "Input is too long for requested model.", ContextOverflow, 1),
        (413, "request_too_large", "Request exceeds the maximum size", ContextOverflow, 1),
        (400, "invalid_request_error", "tools.0.name: bad", BadRequest, 1),
        (400, "invalid_request_error", "Your credit balance is too low", RateLimited, 1),
        (429, "insufficient_quota", "You exceeded your current quota", RateLimited, 1),
        (429, "rate_limit_error", "slow down", RateLimited, 6),
        (500, "api_error", "oops", Unavailable, 6),
        (503, "unavailable", "later", Unavailable, 6),
        (529, "overloaded_error", "Overloaded", Unavailable, 6),
    ];
    for provider in &PROVIDERS {
        for (code, kind, words, expect, requests) in cases {
            let (found, message, asked, shown) = fail(provider, vec![status(provider, code, kind, words)]);
            let name = provider.name.split('/').next().unwrap();
            assert_eq!((found, asked), (expect, requests), "{name} {code} {words}: {message}");
            assert!(message.contains(name) && message.contains(&code.to_string()), "{message}");
            assert!(message.contains(words), "{message}");
            assert_eq!(shown.len() + 1, requests, "each wait is announced");
        }
    }
}

#[test]
fn a_retry_waits_as_told_and_then_succeeds() {
    for provider in &PROVIDERS {
        let told = vec![("retry-after-ms", "20".to_string()), ("retry-after", "9".to_string())];
        let server = Server::start(vec![
            Answer::Whole(429, told, (provider.error)("rate_limit_error", "slow\u{1b}[31m down")),
            Answer::Whole(500, vec![("x-should-retry", "true".to_string())], "<html>bad</html>".to_string()),
            provider.stream(&[Say::Text("Hello")]),
        ]);
        let messages = [Message::user("hi")];
        let (result, shown) = ask(provider.model(&server).as_ref(), &prompt(&messages));
        assert_eq!(result.unwrap().blocks, [Block::Text("Hello".to_string())]);
        let [Delta::Retry { why, wait_ms }, Delta::Retry { why: second, .. }, Delta::Text(text)] = &shown[..]
        else {
            panic!("{shown:?}")
        };
        assert!((20..=22).contains(wait_ms), "{wait_ms}");
        assert!(why.contains("slow [31m down"), "control characters are removed: {why}");
        assert!(second.ends_with("500: bad"), "{second}");
        assert_eq!(text, "Hello");
    }
}

#[test]
fn no_retry_where_the_provider_says_so_or_asks_for_too_long() {
    let provider = &PROVIDERS[0];
    for (headers, expect) in [
        (("x-should-retry", "false".to_string()), "500"),
        (("retry-after", "3600".to_string()), "it asks to wait 3600 s"),
    ] {
        let (_, message, asked, _) = fail(provider, vec![Answer::Whole(500, vec![headers], String::new())]);
        assert_eq!(asked, 1);
        assert!(message.contains(expect), "{message}");
    }
}

#[test]
fn a_stream_that_ends_early_is_cut_and_not_asked_for_again_once_shown() {
    for provider in &PROVIDERS {
        let whole = (provider.answer)(&[Say::Text("Hello"), Say::Call("c1", "read", r#"{"path":"a"}"#)]);
        // Everything up to the first words, and the same with most of a call.
        for count in [3, 4] {
            let pieces: Vec<_> =
                whole.iter().take(count).cloned().chain([whole[count][..9].to_vec()]).collect();
            let (kind, message, asked, shown) =
                fail(provider, vec![Answer::Cut(provider.kind, pieces.clone())]);
            let words = shown.iter().filter(|delta| matches!(delta, Delta::Text(_))).count();
            let expect = if words > 0 { 1 } else { 6 };
            assert_eq!((kind, asked), (ModelErrorKind::Cut, expect), "{}: {message}", provider.name);
            // The same when the transport ends in good order, and the answer does not.
            let (kind, message, ..) = fail(provider, vec![Answer::Stream(provider.kind, pieces)]);
            assert_eq!(kind, ModelErrorKind::Cut, "{}: {message}", provider.name);
        }
    }
}

#[test]
fn a_reset_is_tried_again_only_before_anything_was_shown() {
    for provider in &PROVIDERS {
        let whole = (provider.answer)(&[Say::Text("Hello")]);
        let (kind, message, asked, _) =
            fail(provider, vec![Answer::Reset(provider.kind, whole[..4].to_vec())]);
        assert_eq!((kind, asked), (ModelErrorKind::Cut, 1), "{}: {message}", provider.name);
        let server = Server::start(vec![
            Answer::Reset(provider.kind, whole[..1].to_vec()),
            provider.stream(&[Say::Text("Hello")]),
        ]);
        let messages = [Message::user("hi")];
        let (result, shown) = ask(provider.model(&server).as_ref(), &prompt(&messages));
        assert_eq!(result.unwrap().blocks, [Block::Text("Hello".to_string())]);
        assert_eq!(shown.len(), 2, "{shown:?}");
    }
}

#[test]
fn garbage_is_called_so() {
    for provider in &PROVIDERS {
        let whole = (provider.answer)(&[Say::Text("Hello")]);
        let garbage = match provider.kind {
            "application/vnd.amazon.eventstream" => b"\0\0\0\x20 this is no frame at all".to_vec(),
            _ => b"data: {\"type\":\x07 garbage\n\n".to_vec(),
        };
        let pieces = vec![whole[0].clone(), garbage];
        let (kind, message, asked, _) = fail(provider, vec![Answer::Stream(provider.kind, pieces)]);
        assert_eq!((kind, asked), (ModelErrorKind::Garbled, 1), "{}: {message}", provider.name);
        assert!(!message.contains('\x07'), "{message:?}");
        let page =
            Answer::Whole(200, vec![("content-type", "text/html".to_string())], "<p>Log in".to_string());
        assert_eq!(fail(provider, vec![page]).0, ModelErrorKind::Garbled);
    }
}

#[test]
fn an_error_inside_the_stream() {
    for provider in &PROVIDERS {
        let begin = (provider.answer)(&[Say::Text("Hello")])[0].clone();
        let event = (provider.error_event)("overloaded_error", "Overloaded");
        let server = Server::start(vec![
            Answer::Stream(provider.kind, vec![begin.clone(), event]),
            provider.stream(&[Say::Text("Hello")]),
        ]);
        let messages = [Message::user("hi")];
        let (result, shown) = ask(provider.model(&server).as_ref(), &prompt(&messages));
        assert!(result.is_ok(), "{result:?}");
        assert!(matches!(&shown[0], Delta::Retry { why, .. } if why.contains("Overloaded")), "{shown:?}");
        let event = (provider.error_event)("validationException", "prompt is too long");
        let (kind, message, asked, _) =
            fail(provider, vec![Answer::Stream(provider.kind, vec![begin, event])]);
        assert_eq!((kind, asked), (ModelErrorKind::ContextOverflow, 1), "{message}");
    }
}

#[test]
fn a_call_with_broken_json_is_kept_as_it_is() {
    for provider in &PROVIDERS {
        let server = Server::start(vec![
            provider
                .stream(&[Say::Call("c1", "edit", "{\"path\": \"a\", \"old"), Say::Call("c2", "list", "")]),
        ]);
        let messages = [Message::user("hi")];
        let (result, _) = ask(provider.model(&server).as_ref(), &prompt(&messages));
        let inputs: Vec<Input> = result
            .unwrap()
            .blocks
            .into_iter()
            .filter_map(|block| match block {
                Block::Call(call) => Some(call.input),
                _ => None,
            })
            .collect();
        let broken = Input::Broken("{\"path\": \"a\", \"old".to_string());
        assert_eq!(inputs, [broken, Input::Json("{}".to_string())], "{}", provider.name);
    }
}

#[test]
fn silence_is_ended() {
    for provider in &PROVIDERS {
        let begin = (provider.answer)(&[Say::Text("Hello")])[..1].to_vec();
        let server = Server::start(vec![Answer::Stall(provider.kind, begin)]);
        let mut settings = provider.settings(&server.url());
        settings.network.idle_timeout_ms = 60;
        let messages = [Message::user("hi")];
        let (result, shown) = ask(model::choose(settings).unwrap().as_ref(), &prompt(&messages));
        let error = result.unwrap_err();
        assert_eq!(error.kind, ModelErrorKind::Unavailable);
        assert!(error.message.contains("was silent for 0.06 s (after 1 retry)"), "{}", error.message);
        assert_eq!(shown.len(), 1);
    }
}

#[test]
fn nobody_there() {
    for provider in &PROVIDERS {
        // No system gives this port to who asks for any, as the servers of the other tests do.
        let address = "127.0.0.1:1";
        let messages = [Message::user("hi")];
        let model = model::choose(provider.settings(&format!("http://{address}"))).unwrap();
        let (result, shown) = ask(model.as_ref(), &prompt(&messages));
        let error = result.unwrap_err();
        assert_eq!(error.kind, ModelErrorKind::Unavailable);
        assert!(
            error.message.contains(&format!("cannot be reached at http://{address}: ")),
            "{}",
            error.message
        );
        assert_eq!(shown.len(), 5);
    }
}

#[test]
fn a_key_is_never_repeated() {
    let provider = &PROVIDERS[1];
    let echo = (provider.error)("invalid_api_key", "Incorrect API key provided: sk-secret-key.");
    let (kind, message, ..) = fail(provider, vec![Answer::Whole(401, vec![], echo)]);
    assert_eq!(kind, ModelErrorKind::KeyRejected);
    assert_eq!(message, "openai answered 401: Incorrect API key provided: …. (invalid_api_key)");
}

#[test]
fn a_redirect_is_not_followed() {
    let to = vec![("location", "https://elsewhere/v1".to_string())];
    let (kind, message, asked, _) = fail(&PROVIDERS[0], vec![Answer::Whole(308, to, String::new())]);
    assert_eq!((kind, asked), (ModelErrorKind::BadRequest, 1));
    assert!(message.contains("`https://elsewhere/v1`"), "{message}");
}

#[test]
fn reasoning_that_the_provider_rejects_is_left_out() {
    let reasoning = conversation::Reasoning {
        text: String::new(),
        opaque: r#"{"type":"thinking","thinking":"x","signature":"old"}"#.to_string(),
        provider: PROVIDERS[0].name.to_string(),
    };
    let answer = Message {
        role: conversation::Role::Assistant,
        blocks: vec![Block::Reasoning(reasoning), Block::Text("a".to_string())],
    };
    let messages = [Message::user("hi"), answer, Message::user("more")];
    let words = "messages.1.content.0: Invalid `signature` in `thinking` block";
    let server = Server::start(vec![
        status(&PROVIDERS[0], 400, "invalid_request_error", words),
        PROVIDERS[0].stream(&[Say::Text("Hello")]),
    ]);
    let (result, shown) = ask(PROVIDERS[0].model(&server).as_ref(), &prompt(&messages));
    assert!(result.is_ok());
    assert!(matches!(shown[0], Delta::Retry { wait_ms: 0, .. }));
    let bodies: Vec<bool> = server.requests().iter().map(|r| r.body.contains("\"thinking\"")).collect();
    assert_eq!(bodies, [true, false]);
}

#[test]
fn the_frames_and_events_of_these_tests_are_what_they_seem() {
    assert!(frame("event", ":event-type", "x", &serde_json::json!({})).len() > 16);
    assert_eq!(sse(&serde_json::json!({"type":"x"})), b"event: x\ndata: {\"type\":\"x\"}\n\n");
}
