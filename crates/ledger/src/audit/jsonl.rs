//! The audit export as JSON lines. A field is added, and none changes its meaning, while `schema` stays.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::Record;
use crate::time;

/// The shape; another one is another name.
const SCHEMA: &str = "waypost.audit/1";

pub(super) fn write(record: &Record<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_string(), value);
    };
    put("schema", SCHEMA.into());
    put("journal", record.journal.into());
    put("session", record.session().into());
    put("spec", record.spec().into());
    put("seq", record.line.seq.into());
    put("at", record.line.at.into());
    put("time", time::iso(record.line.at).into());
    put("type", record.line.name.to_string().into());
    put("prev", record.line.prev.to_string().into());
    put("hash", record.line.hash.to_string().into());
    put("body", record.body.clone());
    writeln!(out, "{}", Value::Object(fields))
}
