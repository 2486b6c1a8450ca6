//! The records of a workspace for an auditor: as OCSF events, JSON lines or CSV, one record after the other with
//! bounded memory. Reads proven chains only; writes no file of its own.

mod csv;
mod jsonl;
mod ocsf;

use std::io::{self, Write};
use std::path::Path;

use serde_json::Value;

use crate::line::Line;
use crate::{LedgerError, Store, chain, layout, texts};

/// The shape of an audit export. `docs/ledger-format.md` describes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditFormat {
    /// One OCSF event per line.
    Ocsf,
    /// One record per line, in a shape that stays.
    Jsonl,
    /// One line per record, and per request of a decision, with a first line of names.
    Csv,
}

/// Which records are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The records of this session alone.
    pub session: Option<String>,
    /// Records from this time on, in milliseconds since the epoch.
    pub since: Option<u64>,
    /// Records before this time.
    pub until: Option<u64>,
}

/// Where an export comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The name of the machine, where it is known.
    pub host: Option<String>,
    /// The version of Waypost.
    pub version: String,
}

/// Looks at each text before it leaves: `None` leaves it as it is. Here secrets are taken out.
pub type Filter<'a> = dyn FnMut(&str) -> Option<String> + 'a;

/// A record on its way out, with what was said before it in its journal.
struct Record<'a> {
    /// The journal's directory in the workspace.
    journal: &'a str,
    /// The session or spec.
    name: &'a str,
    /// `provider/model`, once the session said it.
    model: &'a str,
    line: &'a Line<'a>,
    /// The body with its texts put back, filtered.
    body: &'a Value,
}

/// Where to, and in which shape.
enum Shape<'a> {
    Ocsf(ocsf::Events<'a>),
    Jsonl,
    Csv,
}

impl Store {
    /// Writes the records that are wanted, journal after journal, and gives how many there were. What was erased is
    /// `[erased]` or `null`. Every text passes the filter.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such session; [`LedgerError::Broken`] when a chain is not whole: what
    /// was written until then is true and not all; and when `out` cannot be written.
    pub fn export_audit(
        &self,
        format: AuditFormat,
        wanted: &Wanted,
        origin: &Origin,
        filter: &mut Filter<'_>,
        out: &mut dyn Write,
    ) -> Result<u64, LedgerError> {
        let failed = |error: io::Error| LedgerError::io("write", Path::new("the export"))(error);
        let device = crate::device::public(self.root())?.map(|key| key.id().to_string()).unwrap_or_default();
        let mut shape = match format {
            AuditFormat::Ocsf => Shape::Ocsf(ocsf::Events::new(device, origin)),
            AuditFormat::Jsonl => Shape::Jsonl,
            AuditFormat::Csv => {
                csv::begin(out).map_err(failed)?;
                Shape::Csv
            }
        };
        let mut count = 0;
        for journal in self.wanted_journals(wanted)? {
            count += self.export_journal(&journal, wanted, &mut shape, filter, out)?;
        }
        out.flush().map_err(failed)?;
        Ok(count)
    }

    fn wanted_journals(&self, wanted: &Wanted) -> Result<Vec<String>, LedgerError> {
        let Some(id) = &wanted.session else {
            let mut names = layout::workspace_journals(self.directory())?;
            names.retain(|name| layout::has_journal(&self.directory().join(name)));
            return Ok(names);
        };
        let directory = self.session_directory(id)?;
        if !layout::has_journal(&directory) {
            return Err(LedgerError::NotFound { what: format!("session `{id}`") });
        }
        Ok(vec![format!("sessions/{id}")])
    }

    fn export_journal(
        &self,
        journal: &str,
        wanted: &Wanted,
        shape: &mut Shape<'_>,
        filter: &mut Filter<'_>,
        out: &mut dyn Write,
    ) -> Result<u64, LedgerError> {
        let failed = |error: io::Error| LedgerError::io("write", Path::new("the export"))(error);
        let erasures = self.erasures()?;
        let name = journal.rsplit('/').next().unwrap_or_default();
        let name =
            if journal.starts_with("specs/") { layout::spec_slug(name) } else { Some(name.to_string()) };
        let name = name.unwrap_or_default();
        let (mut count, mut model) = (0, String::new());
        chain::read(&self.directory().join(journal), &mut |line| {
            let begins = line.name == "started";
            let due = wanted.since.is_none_or(|since| line.at >= since)
                && wanted.until.is_none_or(|until| line.at < until);
            if !due && !begins {
                return Ok(());
            }
            let mut body: Value = serde_json::from_str(line.body).unwrap_or_default();
            texts::put_back(&mut body, line);
            self.content().inline(&mut body, &erasures)?;
            pass(&mut body, filter);
            if begins {
                model = text(&body, "model").to_string();
            }
            if !due {
                return Ok(());
            }
            count += 1;
            let record = Record { journal, name: &name, model: &model, line, body: &body };
            let written = match shape {
                Shape::Ocsf(events) => events.write(&record, out),
                Shape::Jsonl => jsonl::write(&record, out),
                Shape::Csv => csv::write(&record, out),
            };
            written.map_err(failed)
        })?;
        Ok(count)
    }
}

impl Record<'_> {
    /// The session, when the journal is one's.
    fn session(&self) -> Option<&str> {
        self.journal.starts_with("sessions/").then_some(self.name)
    }

    /// The spec, when the journal is one's.
    fn spec(&self) -> Option<&str> {
        self.journal.starts_with("specs/").then_some(self.name)
    }
}

/// Passes every string of a value through the filter.
fn pass(value: &mut Value, filter: &mut Filter<'_>) {
    match value {
        Value::String(text) => {
            if let Some(other) = filter(text) {
                *text = other;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|one| pass(one, filter)),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, one)| pass(one, filter)),
        _ => {}
    }
}

/// A text of a body; empty when there is none.
fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The elements of a list of a body.
fn list<'a>(body: &'a Value, name: &str) -> &'a [Value] {
    body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What a request of a decision is about: a path, a command line, a name.
fn target(request: &Value) -> &str {
    let target = request.get("target").unwrap_or(&Value::Null);
    ["relative", "absolute", "line", "name"]
        .iter()
        .map(|name| text(target, name))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
