//! Findings that are known: the fingerprints of an earlier report. Compares, and judges nothing.
#![expect(clippy::disallowed_methods, reason = "the earlier report is read here")]

use std::collections::HashSet;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use super::Outcomes;
use crate::error::{Error, Outcome};

/// Bytes of an earlier report: a hundred thousand findings with long paths.
const BYTES_MAX: u64 = 128 << 20;

/// Known findings.
pub(crate) struct Baseline(HashSet<String>);

#[derive(Deserialize)]
struct Report {
    findings: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    fingerprint: String,
}

impl Baseline {
    /// Reads an earlier report.
    ///
    /// # Errors
    /// A file that cannot be read or understood: it must not turn into "nothing is known" or "everything is".
    pub(crate) fn read(path: &Path) -> Outcome<Baseline> {
        let broken = |why: String| {
            Error::usage(format!("the baseline `{}`: {why}", path.display()))
                .hint("write it anew: waypost scan --format json -o FILE")
        };
        let mut bytes = Vec::new();
        let opened =
            std::fs::File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes));
        opened.map_err(|error| broken(format!("cannot be read: {error}")))?;
        if bytes.len() as u64 > BYTES_MAX {
            return Err(broken(format!("has more than {BYTES_MAX} bytes")));
        }
        let report: Report = serde_json::from_slice(&bytes)
            .map_err(|error| broken(format!("line {}, column {}: {error}", error.line(), error.column())))?;
        Ok(Baseline(report.findings.into_iter().map(|row| row.fingerprint).collect()))
    }

    /// Takes known findings out, and says how many.
    pub(crate) fn take_known(&self, outcomes: &mut Outcomes) -> u32 {
        let before = outcomes.found.len();
        outcomes.found.retain(|found| !self.0.contains(&found.fingerprint));
        u32::try_from(before - outcomes.found.len()).unwrap_or(u32::MAX)
    }
}
