//! A session's records for somebody else: whole, in order, with their content put back.

use std::io::Write;

use conversation::Digest;
use serde_json::{Map, Value};

use crate::erasures::Erasures;
use crate::line::Line;
use crate::{LedgerError, Store, chain, layout, texts};

/// The shape of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One record per line.
    Jsonl,
    /// One array of records.
    JsonArray,
}

impl Store {
    /// Writes the records of a session. `seq`, `prev` and `hash` are those of the journal, so that a record can be
    /// found there; they do not prove the export, whose bodies are longer.
    ///
    /// # Errors
    /// As [`Store::read`], and when `out` cannot be written.
    pub fn export(&self, id: &str, format: Format, out: &mut dyn Write) -> Result<(), LedgerError> {
        let directory = self.session_directory(id)?;
        if !layout::has_journal(&directory) {
            return Err(LedgerError::NotFound { what: format!("session `{id}`") });
        }
        let path = directory.join(layout::JOURNAL);
        let failed = LedgerError::io("write the export of", &path);
        let mut result = Ok(());
        let (open, between, close) = match format {
            Format::Jsonl => ("", "\n", "\n"),
            Format::JsonArray => ("[", ",\n", "]\n"),
        };
        let erasures = self.erasures()?;
        let chain = chain::read(&directory, &mut |line| {
            let record = self.exported(line, &erasures)?;
            let before = if line.seq == 0 { open } else { between };
            if result.is_ok() {
                result = write!(out, "{before}{record}");
            }
            Ok(())
        })?;
        let close = match (chain.records, format) {
            (0, Format::Jsonl) => "",
            (0, Format::JsonArray) => "[]\n",
            _ => close,
        };
        result.and_then(|()| write!(out, "{close}")).and_then(|()| out.flush()).map_err(failed)
    }

    fn exported(&self, line: &Line<'_>, erasures: &Erasures) -> Result<Value, LedgerError> {
        let mut body = serde_json::from_str(line.body).unwrap_or_default();
        texts::put_back(&mut body, line);
        self.content().inline(&mut body, erasures)?;
        let mut fields = Map::new();
        if let Some(format) = line.format {
            fields.insert("v".to_string(), format.into());
        }
        let text = |digest: Digest| Value::String(digest.to_string());
        fields.insert("seq".to_string(), line.seq.into());
        fields.insert("at".to_string(), line.at.into());
        fields.insert("prev".to_string(), text(line.prev));
        fields.insert("type".to_string(), line.name.to_string().into());
        fields.insert("body".to_string(), body);
        fields.insert("hash".to_string(), text(line.hash));
        Ok(Value::Object(fields))
    }
}
