//! What a provider's failure is: its status and its words, to one of the kinds that the agent knows. The words are
//! kept, bounded and without control characters.

use conversation::{ModelError, ModelErrorKind};
use serde_json::Value;

use crate::retry::Advice;

/// How much of a provider's own words is kept, in bytes.
const WORDS_BYTES_MAX: usize = 600;
/// How much of an error's body is read, in bytes.
pub(crate) const ERROR_BODY_BYTES_MAX: usize = 64 * 1024;

/// A request failed, and this is what may be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: ModelErrorKind,
    pub(crate) message: String,
    pub(crate) again: Again,
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It would fail the same way.
    No,
    /// After a wait of our own choosing.
    BackOff,
    /// The same, but only one time.
    Once,
    /// After the wait that the provider named, in milliseconds.
    After(u64),
    /// At once and without reasoning blocks: the provider rejects those that the conversation carries.
    WithoutReasoning,
}

impl Failure {
    pub(crate) fn new(kind: ModelErrorKind, message: impl Into<String>, again: Again) -> Failure {
        Failure { kind, message: message.into(), again }
    }

    /// What arrived is not the provider's format.
    pub(crate) fn garbled(provider: &str, what: &str) -> Failure {
        Failure::new(ModelErrorKind::Garbled, format!("{provider} sent {}", clean(what)), Again::No)
    }

    /// The stream ended before the answer did.
    pub(crate) fn cut(provider: &str, why: &str) -> Failure {
        let why = if why.is_empty() { String::new() } else { format!(": {}", clean(why)) };
        let message = format!("the answer of {provider} was cut before its end{why}");
        Failure::new(ModelErrorKind::Cut, message, Again::BackOff)
    }
}

impl From<Failure> for ModelError {
    fn from(failure: Failure) -> ModelError {
        ModelError::new(failure.kind, failure.message)
    }
}

/// The failure that an answer with an error status is.
/// The code is what a header says it is, where a provider does that.
pub(crate) fn of_status(provider: &str, status: u16, code: &str, advice: Advice, body: &str) -> Failure {
    let (found, words) = words(body);
    let code = if code.is_empty() { found } else { clean(code) };
    let kind = kind(status, &code, &words);
    let mut message = format!("{provider} answered {status}");
    if !words.is_empty() {
        message.push_str(": ");
        message.push_str(&words);
    }
    if !code.is_empty() && !words.contains(&code) {
        message.push_str(&format!(" ({code})"));
    }
    if status == 404 && kind == ModelErrorKind::BadRequest {
        message.push_str("; the base URL may be wrong");
    }
    let again = again(kind, status, &code, &words, advice);
    Failure::new(kind, message, again)
}

/// The failure that an error inside a stream is. It has no status; its code says what it is.
pub(crate) fn of_event(provider: &str, code: &str, said: &str) -> Failure {
    let lower = code.to_ascii_lowercase();
    let status = match lower.parse::<u16>() {
        Ok(status) => status,
        Err(_) if has(&lower, &["overloaded", "unavailable"]) => 529,
        Err(_) if has(&lower, &["rate_limit", "throttling", "too_many", "quota"]) => 429,
        Err(_) if has(&lower, &["authentication", "permission", "accessdenied", "invalid_api_key"]) => 401,
        Err(_) if has(&lower, &["invalid_request", "validation", "context_length", "invalid_prompt"]) => 400,
        Err(_) if has(&lower, &["not_found", "resourcenotfound"]) => 404,
        Err(_) => 500,
    };
    let (code, said) = (clean(code), clean(said));
    let kind = kind(status, &code, &said);
    let mut message = format!("{provider} broke off its answer: {said}");
    if !code.is_empty() && !said.contains(&code) {
        message.push_str(&format!(" ({code})"));
    }
    let again = again(kind, status, &code, &said, Advice::default());
    Failure::new(kind, message, again)
}

fn has(text: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| text.contains(part))
}

fn kind(status: u16, code: &str, words: &str) -> ModelErrorKind {
    use ModelErrorKind::{BadRequest, ContextOverflow, KeyRejected, RateLimited, Unavailable, UnknownModel};
    let text = format!("{code} {words}").to_ascii_lowercase();
    match status {
        413 => ContextOverflow,
        400 | 422 | 500 if is_overflow(&text) => ContextOverflow,
        400 | 404 | 422 if is_unknown_model(&text) => UnknownModel,
        404 if text.contains("model") || code == "not_found_error" => UnknownModel,
        // Bedrock says so of a model that was not enabled for the account.
        403 if text.contains("access to the model") => UnknownModel,
        401 | 403 => KeyRejected,
        402 | 429 => RateLimited,
        _ if is_out_of_money(&text) => RateLimited,
        400 if has(&text, &["api key not valid", "invalid api key", "invalid_api_key"]) => KeyRejected,
        408 | 409 | 425 | 500..=599 => Unavailable,
        _ => BadRequest,
    }
}

fn again(kind: ModelErrorKind, status: u16, code: &str, words: &str, advice: Advice) -> Again {
    let text = format!("{code} {words}").to_ascii_lowercase();
    if matches!(status, 400 | 429) && is_about_reasoning(&text) {
        return Again::WithoutReasoning;
    }
    let usual = matches!(kind, ModelErrorKind::RateLimited | ModelErrorKind::Unavailable)
        && status != 402
        && !is_out_of_money(&text);
    match (advice.again.unwrap_or(usual), advice.after_ms) {
        (false, _) => Again::No,
        (true, Some(ms)) => Again::After(ms),
        (true, None) => Again::BackOff,
    }
}

/// The texts by which providers and servers say that a conversation is too long.
fn is_overflow(text: &str) -> bool {
    const TEXTS: &[&str] = &[
        "context_length_exceeded",
        "context length",
        "context_window",
        "context window",
        "context limit",
        "context size",
        "exceed_context_size",
        "context the overflows",
        "maximum model length",
        "prompt is too long",
        "input is too long",
        "input length",
        "too many input tokens",
        "input tokens exceed",
        "maximum number of tokens",
        "reduce the length of the messages",
        "request_too_large",
    ];
    has(text, TEXTS)
}

fn is_unknown_model(text: &str) -> bool {
    const TEXTS: &[&str] = &[
        "model_not_found",
        "model not found",
        "invalid model",
        "unknown model",
        "not a valid model",
        "model identifier is invalid",
        "no such model",
    ];
    has(text, TEXTS) || (text.contains("model") && has(text, &["does not exist", "not found, try pulling"]))
}

fn is_out_of_money(text: &str) -> bool {
    has(text, &["insufficient_quota", "credit balance", "insufficient credits", "billing_not_active"])
}

/// Reasoning is bound to the model and the conversation that made it; some providers reject it elsewhere.
fn is_about_reasoning(text: &str) -> bool {
    (text.contains("thinking")
        && has(text, &["signature", "cannot be modified", "binding", "different conv"]))
        || (text.contains("encrypted")
            && has(text, &["could not be", "invalid_encrypted", "verif", "decrypt"]))
}

/// The provider's own code and words in an error's body, whichever of the usual shapes it has.
pub(crate) fn words(body: &str) -> (String, String) {
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        let text = body.trim_start();
        let html = text.starts_with('<');
        return (String::new(), if html { clean(&without_tags(text)) } else { clean(text) });
    };
    // Some gateways put the error into a list.
    let value = value.get(0).unwrap_or(&value);
    let inner = value.get("error").unwrap_or(value);
    let text = |value: &Value, names: &[&str]| {
        names.iter().find_map(|name| match value.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Object(_) | Value::Array(_) => Some(value.get(name)?.to_string()),
            _ => None,
        })
    };
    // A number is only the status once more.
    let codes = ["code", "type", "__type"].into_iter().filter_map(|name| text(inner, &[name]));
    let code = codes.into_iter().find(|code| code.parse::<u16>().is_err()).unwrap_or_default();
    let said = match inner {
        Value::String(text) => Some(text.clone()),
        inner => text(inner, &["message", "Message", "detail", "error", "errors"]),
    };
    let mut said = said.unwrap_or_else(|| body.to_string());
    // A gateway's own words are of no use without those of the provider behind it.
    if let Some(raw) = inner.get("metadata").and_then(|metadata| metadata.get("raw")).and_then(Value::as_str)
    {
        said.push_str(": ");
        said.push_str(raw);
    }
    (clean(&code), clean(&said))
}

fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars().take(8 * WORDS_BYTES_MAX) {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// One bounded line without control characters: fit for a terminal and for a record.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let c = if c.is_control() || c.is_whitespace() { ' ' } else { c };
        // Characters that reorder or hide text have no place in an error.
        if matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        {
            continue;
        }
        if c == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if out.len() + c.len_utf8() > WORDS_BYTES_MAX {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_every_shape() {
        let check = |body: &str, code: &str, said: &str| {
            assert_eq!(words(body), (code.to_string(), said.to_string()), "{body}");
        };
        check(
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}"#,
            "overloaded_error",
            "Busy",
        );
        check(r#"{"error":{"message":"m","type":"invalid","code":null}}"#, "invalid", "m");
        check(r#"{"error":{"message":"m","type":"t","code":400}}"#, "t", "m");
        check(
            r#"{"error":"model 'x' not found, try pulling it first"}"#,
            "",
            "model 'x' not found, try pulling it first",
        );
        check(r#"{"object":"error","message":"m","type":"BadRequestError"}"#, "BadRequestError", "m");
        check(r#"{"detail":[{"loc":["body"],"msg":"bad"}]}"#, "", r#"[{"loc":["body"],"msg":"bad"}]"#);
        check(r#"[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]"#, "", "m");
        check(r#"{"__type":"ThrottlingException","Message":"slow"}"#, "ThrottlingException", "slow");
        let openrouter =
            r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"too long"}}}"#;
        check(openrouter, "", "Provider returned error: too long");
        check("<html><h1>502</h1>\n<p>Bad gateway</p></html>", "", "502 Bad gateway");
        check("", "", "");
        check(r#"{"x":1}"#, "", r#"{"x":1}"#);
    }

    #[test]
    fn too_long_in_the_words_of_every_server() {
        for text in [
            "prompt is too long: 208310 tokens > 200000 maximum",
            "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000",
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
            "Your input exceeds the context window of this model. Please adjust your input and try again.",
            "the request exceeds the available context size, try increasing it",
            "The number of tokens to keep from the initial prompt is greater than the context length",
            "Input is too long for requested model.",
            "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
            "Please reduce the length of the messages or completion.",
        ] {
            assert_eq!(kind(400, "", &clean(text)), ModelErrorKind::ContextOverflow, "{text}");
        }
        let throttled = "Too many tokens, please wait before trying again.";
        assert_eq!(kind(429, "ThrottlingException", throttled), ModelErrorKind::RateLimited);
    }

    #[test]
    fn one_clean_line() {
        assert_eq!(clean(" a\n\tb\u{1b}[31m\u{202e}c \u{0} "), "a b [31mc");
        let long = clean(&"é".repeat(1000));
        assert!(long.len() <= WORDS_BYTES_MAX + '…'.len_utf8() && long.ends_with('…'));
    }
}
