//! The content store: bytes under the name of their digest. Written once, never changed, removed by an erasure alone.
#![expect(clippy::disallowed_methods, reason = "the ledger keeps large payloads here")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use conversation::Digest;
use serde_json::{Map, Value};

use crate::erasures::Erasures;
use crate::layout::{self, Unsynced};
use crate::{LedgerError, texts};

/// The longest string that stands in a record itself.
const STRING_BYTES_MAX: usize = 8 * 1024;
/// The longest string that stands in a record although other sessions may have the same.
const SHARED_BYTES_MAX: usize = 1024;
/// The longest body that stands in a record itself.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// How deep a reference may lead to a body with references. Writing makes two levels at most.
const DEPTH_MAX: usize = 4;

/// Bytes by their digest.
///
/// Limitations: only an erasure removes something, so a workspace's store grows with its sessions.
#[derive(Clone, Debug)]
pub struct Content {
    directory: PathBuf,
}

/// What stands in a record for content: `{"content":"<digest>","bytes":<length>}`, with `"as":"json"` when the
/// content is the JSON of a value and not the text of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) digest: Digest,
    pub(crate) bytes: u64,
    json: bool,
}

impl Content {
    pub(crate) fn new(directory: PathBuf) -> Content {
        Content { directory }
    }

    /// The file that holds, or would hold, this content.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        self.directory.join(name.get(..2).unwrap_or_default()).join(&name)
    }

    /// Keeps the bytes. They are durable when this returns.
    ///
    /// # Errors
    /// [`LedgerError::Io`] when they could not be made durable.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, LedgerError> {
        let mut unsynced = Unsynced::default();
        let digest = self.place(bytes, &mut unsynced)?;
        unsynced.sync()?;
        Ok(digest)
    }

    /// Puts the bytes in their place, and leaves it to the caller to make them durable.
    pub(crate) fn place(&self, bytes: &[u8], unsynced: &mut Unsynced) -> Result<Digest, LedgerError> {
        let digest = Digest::of(bytes);
        let path = self.path(&digest);
        let whole = |found: fs::Metadata| found.is_file() && usize::try_from(found.len()) == Ok(bytes.len());
        if fs::symlink_metadata(&path).is_ok_and(whole) {
            // Whoever put it there may not have made it durable yet, and may never do so.
            unsynced.file(&path);
        } else {
            layout::create_directory(path.parent().unwrap_or(&self.directory), unsynced)?;
            layout::place_file(&path, bytes, unsynced)?;
        }
        Ok(digest)
    }

    /// The bytes with this digest, proven against it.
    ///
    /// # Errors
    /// [`LedgerError::Content`] when they are missing or changed.
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, LedgerError> {
        let problem = |problem: String| LedgerError::Content { digest: *digest, problem };
        let bytes = fs::read(self.path(digest)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => problem("is missing".to_string()),
            _ => problem(format!("cannot be read: {error}")),
        })?;
        if Digest::of(&bytes) == *digest { Ok(bytes) } else { Err(problem("was changed".to_string())) }
    }

    /// Moves what is too long for a record out of a body, through `put`.
    pub(crate) fn spill(
        name: &str,
        body: &mut Value,
        put: &mut dyn FnMut(&[u8]) -> Result<Digest, LedgerError>,
    ) -> Result<(), LedgerError> {
        if name == "started" {
            for part in crate::wire::keep_apart(body) {
                spill_value(part, SHARED_BYTES_MAX, put)?;
            }
        }
        spill_strings(body, put)?;
        if texts::count(body) > texts::TEXTS_MAX {
            spill_value(body, 0, put)?;
        }
        // The measure is a guess from below: quotes and escapes come on top, hence the exact test after it.
        if measure(body) > BODY_BYTES_MAX / 8 {
            spill_value(body, BODY_BYTES_MAX, put)?;
        }
        Ok(())
    }

    /// Puts content back into a body, where a record refers to it. Says whether some of it was erased; then other
    /// words, or nothing, stand in its place.
    pub(crate) fn inline(&self, body: &mut Value, erasures: &Erasures) -> Result<bool, LedgerError> {
        self.inline_to(body, erasures, DEPTH_MAX)
    }

    fn inline_to(&self, value: &mut Value, erasures: &Erasures, depth: usize) -> Result<bool, LedgerError> {
        if let Some(reference) = Reference::read(value).filter(|_| depth > 0) {
            let found = self.value_of(&reference);
            if found.is_err() && erasures.of(&reference.digest).is_some() {
                *value = if reference.json { Value::Null } else { texts::ERASED.into() };
                return Ok(true);
            }
            *value = found?;
            return if reference.json { self.inline_to(value, erasures, depth - 1) } else { Ok(false) };
        }
        let mut erased = false;
        match value {
            Value::Object(fields) => {
                for (_, one) in fields.iter_mut() {
                    erased |= self.inline_to(one, erasures, depth)?;
                }
            }
            Value::Array(values) => {
                for one in values {
                    erased |= self.inline_to(one, erasures, depth)?;
                }
            }
            _ => {}
        }
        Ok(erased)
    }

    /// The value that a reference stands for.
    pub(crate) fn value_of(&self, reference: &Reference) -> Result<Value, LedgerError> {
        let bytes = self.get(&reference.digest)?;
        let odd = |what: &str| LedgerError::Content {
            digest: reference.digest,
            problem: format!("is not the {what} that its record says"),
        };
        if reference.json {
            serde_json::from_slice(&bytes).map_err(|_| odd("JSON"))
        } else {
            String::from_utf8(bytes).map(Value::String).map_err(|_| odd("text"))
        }
    }
}

impl Reference {
    /// The reference that this value is, if it is one.
    pub(crate) fn read(value: &Value) -> Option<Reference> {
        let fields = value.as_object()?;
        let digest = Digest::read(fields.get("content")?.as_str()?)?;
        let bytes = fields.get("bytes")?.as_u64()?;
        let json = fields.get("as").and_then(Value::as_str) == Some("json");
        (fields.len() == 2 + usize::from(json)).then_some(Reference { digest, bytes, json })
    }

    /// The references in a value, outermost only.
    pub(crate) fn all(value: &Value) -> Vec<Reference> {
        match (Reference::read(value), value) {
            (Some(reference), _) => vec![reference],
            (None, Value::Object(fields)) => fields.iter().flat_map(|(_, one)| Reference::all(one)).collect(),
            (None, Value::Array(values)) => values.iter().flat_map(Reference::all).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the content may refer to more content.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    fn write(self) -> Value {
        let mut fields = Map::new();
        fields.insert("content".to_string(), self.digest.to_string().into());
        fields.insert("bytes".to_string(), self.bytes.into());
        if self.json {
            fields.insert("as".to_string(), "json".into());
        }
        Value::Object(fields)
    }
}

fn spill_strings(
    value: &mut Value,
    put: &mut dyn FnMut(&[u8]) -> Result<Digest, LedgerError>,
) -> Result<(), LedgerError> {
    match value {
        Value::String(text) if text.len() > STRING_BYTES_MAX => spill_value(value, STRING_BYTES_MAX, put),
        Value::Object(fields) => fields.iter_mut().try_for_each(|(_, one)| spill_strings(one, put)),
        Value::Array(values) => values.iter_mut().try_for_each(|one| spill_strings(one, put)),
        _ => Ok(()),
    }
}

/// Replaces the value by a reference when its text, or its JSON, is longer than the bound.
fn spill_value(
    value: &mut Value,
    bytes_max: usize,
    put: &mut dyn FnMut(&[u8]) -> Result<Digest, LedgerError>,
) -> Result<(), LedgerError> {
    let (text, json) = match value.take() {
        Value::String(text) => (text, false),
        other => {
            let text = other.to_string();
            *value = other;
            (text, true)
        }
    };
    if text.len() > bytes_max {
        let digest = put(text.as_bytes())?;
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        *value = Reference { digest, bytes, json }.write();
    } else if !json {
        *value = Value::String(text);
    }
    Ok(())
}

/// A cheap guess of how long the JSON is, never more than four bytes per value too much.
fn measure(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(measure).sum::<usize>() + values.len(),
        Value::Object(fields) => fields.iter().map(|(name, one)| name.len() + measure(one)).sum(),
        _ => 4,
    }
}

/// The directory of the content store of a workspace.
pub(crate) fn directory(workspace: &Path) -> PathBuf {
    workspace.join("content")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Content) {
        let root = tempfile::tempdir().unwrap();
        let content = Content::new(root.path().join("content"));
        (root, content)
    }

    fn there_and_back(name: &str, body: &Value) -> Value {
        let (_root, content) = store();
        let mut stored = body.clone();
        Content::spill(name, &mut stored, &mut |bytes| content.put(bytes)).unwrap();
        assert!(stored.to_string().len() < crate::line::LINE_BYTES_MAX / 2);
        let kept = stored.clone();
        content.inline(&mut stored, &Erasures::default()).unwrap();
        assert_eq!(&stored, body);
        kept
    }

    #[test]
    fn long_strings_leave_the_body_and_come_back() {
        let long = "x".repeat(STRING_BYTES_MAX + 1);
        let kept = there_and_back("said", &serde_json::json!({"text": long, "more": ["short", long]}));
        let digest = Digest::of(long.as_bytes()).to_string();
        let reference = serde_json::json!({"content": digest, "bytes": 8193});
        assert_eq!(kept, serde_json::json!({"text": reference, "more": ["short", reference]}));
        let short = serde_json::json!({"text": "x".repeat(STRING_BYTES_MAX)});
        assert_eq!(there_and_back("said", &short), short);
    }

    #[test]
    fn a_body_of_very_many_parts_leaves_as_a_whole() {
        let long = "y".repeat(STRING_BYTES_MAX + 1);
        let files: Vec<Value> = (0..100_000).map(|at| serde_json::json!([format!("f{at}"), 1, 1])).collect();
        let kept = there_and_back("changed", &serde_json::json!({"files": files, "why": long}));
        assert!(Reference::read(&kept).is_some_and(|reference| reference.is_json()), "{kept}");
        let quotes = "\u{1}".repeat(STRING_BYTES_MAX);
        there_and_back("changed", &serde_json::json!({"files": vec![quotes; 100]}));
    }

    #[test]
    fn what_sessions_share_is_kept_once() {
        let text = "s".repeat(SHARED_BYTES_MAX + 1);
        let tools = serde_json::json!([{"name": "read", "description": text}]);
        let body = serde_json::json!({"fragments": [{"text": text}, {"text": "short"}], "tools": tools});
        let kept = there_and_back("started", &body);
        assert!(kept.to_string().len() < 400, "{kept}");
        assert_eq!(kept.pointer("/fragments/1/text"), Some(&Value::from("short")));
    }

    #[test]
    fn missing_and_changed_content_is_told() {
        let (_root, content) = store();
        let digest = content.put(b"hello").unwrap();
        assert_eq!(content.get(&digest).unwrap(), b"hello");
        fs::write(content.path(&digest), b"hellO").unwrap();
        assert!(content.get(&digest).unwrap_err().to_string().contains("was changed"));
        fs::write(content.path(&digest), b"hel").unwrap();
        assert_eq!(content.put(b"hello").unwrap(), digest, "a file of the wrong length is written again");
        assert_eq!(content.get(&digest).unwrap(), b"hello");
        fs::remove_file(content.path(&digest)).unwrap();
        assert!(content.get(&digest).unwrap_err().to_string().contains("is missing"));
    }
}
