//! The short texts of a record: taken out of its body so that they can be erased later, and put back on reading.
//! Touches no file.

use serde_json::{Map, Value};

use crate::LedgerError;
use crate::key;
use crate::line::Line;

/// The fields that hold what people, models and tools said. What happened, to which file, and how it was decided
/// stays in the body.
const ERASABLE: [&str; 8] = ["text", "input", "opaque", "summary", "tail", "message", "line", "command"];

/// More texts than this in one record are kept in the content store with their whole body.
pub(crate) const TEXTS_MAX: usize = 1_000;

/// How many random bytes stand before each text, so that nobody finds it by trying.
const SALT_BYTES: usize = 16;

/// What stands for a text that was erased.
pub(crate) const ERASED: &str = "[erased]";

/// How many texts would leave the body.
pub(crate) fn count(body: &Value) -> usize {
    match body {
        Value::Object(fields) => {
            fields.iter().map(|(name, one)| usize::from(leaves(name, one)) + count(one)).sum()
        }
        Value::Array(values) => values.iter().map(count).sum(),
        _ => 0,
    }
}

/// Replaces each text by `{"salted":<place>,"bytes":<length>}`, and gives the texts as they stand in the line.
pub(crate) fn take_out(body: &mut Value) -> Result<Vec<String>, LedgerError> {
    let mut texts = Vec::new();
    take_from(body, &mut texts)?;
    Ok(texts)
}

fn take_from(value: &mut Value, texts: &mut Vec<String>) -> Result<(), LedgerError> {
    match value {
        Value::Object(fields) => {
            for (name, one) in fields.iter_mut() {
                if leaves(name, one) {
                    let mut place = Map::new();
                    place.insert("salted".to_string(), texts.len().into());
                    place.insert("bytes".to_string(), one.as_str().map_or(0, str::len).into());
                    let salt = key::hex(&key::random::<SALT_BYTES>()?);
                    texts.push(Value::Array(vec![salt.into(), one.take()]).to_string());
                    *one = Value::Object(place);
                } else {
                    take_from(one, texts)?;
                }
            }
            Ok(())
        }
        Value::Array(values) => values.iter_mut().try_for_each(|one| take_from(one, texts)),
        _ => Ok(()),
    }
}

/// Puts the texts of the line back into its body. Says whether one of them was erased.
pub(crate) fn put_back(body: &mut Value, line: &Line<'_>) -> bool {
    if line.salted.is_empty() {
        return false;
    }
    put_into(body, line)
}

fn put_into(value: &mut Value, line: &Line<'_>) -> bool {
    if let Some(at) = place(value) {
        let text = line.text(at);
        let erased = text.is_none();
        *value = Value::String(text.unwrap_or_else(|| ERASED.to_string()));
        return erased;
    }
    match value {
        Value::Object(fields) => {
            fields.iter_mut().fold(false, |erased, (_, one)| put_into(one, line) | erased)
        }
        Value::Array(values) => values.iter_mut().fold(false, |erased, one| put_into(one, line) | erased),
        _ => false,
    }
}

/// The place among the texts that this value refers to, if it is a reference.
fn place(value: &Value) -> Option<usize> {
    let fields = value.as_object().filter(|fields| fields.len() == 2 && fields.contains_key("bytes"))?;
    fields.get("salted")?.as_u64().and_then(|at| usize::try_from(at).ok())
}

fn leaves(name: &str, value: &Value) -> bool {
    ERASABLE.contains(&name) && value.as_str().is_some_and(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::line::{self, Draft};

    #[test]
    fn texts_leave_the_body_and_come_back() {
        let body = json!({"blocks": [{"kind": "text", "text": "hi"}, {"kind": "call", "id": "c1", "input": "{}"}],
            "text": "", "reason": "a rule", "message": "é\n"});
        assert_eq!(count(&body), 3);
        let mut kept = body.clone();
        let texts = take_out(&mut kept).unwrap();
        assert_eq!(texts.len(), 3);
        assert!(!kept.to_string().contains("hi") && kept.to_string().contains("a rule"), "{kept}");
        let mut out = String::new();
        let draft = Draft {
            format: 2,
            seq: 0,
            at: 1,
            prev: line::origin(),
            name: "answered",
            body: &kept.to_string(),
            texts: &texts,
        };
        line::write(&draft, &mut out);
        let line = line::read(out.trim_end().as_bytes()).unwrap();
        let mut back: Value = serde_json::from_str(line.body).unwrap();
        assert!(!put_back(&mut back, &line));
        assert_eq!(back, body);

        let first = line.salted[0];
        let less = line.without(out.trim_end(), &mut |digest| *digest == first);
        let less = line::read(less.as_bytes()).unwrap();
        let mut back: Value = serde_json::from_str(less.body).unwrap();
        assert!(put_back(&mut back, &less));
        assert_eq!(back.pointer("/blocks/0/text"), Some(&json!(ERASED)));
        assert_eq!(back.pointer("/blocks/1/input"), Some(&json!("{}")));
    }

    #[test]
    fn the_same_text_has_another_digest_each_time() {
        let texts = || take_out(&mut json!({"text": "yes"})).unwrap();
        assert_ne!(texts(), texts());
    }
}
