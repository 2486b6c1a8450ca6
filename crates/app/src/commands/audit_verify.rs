//! `waypost audit verify`: every chain of this workspace, checked offline.

use crate::error::{Error, Outcome};
use crate::events::{AuditReport, FindingRow};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::term::sanitise;
use crate::workspace::Workspace;
use crate::world::World;

/// Verifies.
pub(crate) fn run(world: &World, screen: &Screen) -> Outcome<Exit> {
    let store = house::open_store(world, &Workspace::find(world)?)?;
    let report = store.verify();
    let findings: Vec<FindingRow> = report
        .findings
        .iter()
        .map(|finding| FindingRow {
            journal: finding.file.display().to_string(),
            record: finding.record,
            problem: finding.problem.to_string(),
        })
        .collect();
    let report = AuditReport { journals: report.journals, records: report.records, findings };
    screen.document(&report, |report| {
        let mut lines: Vec<String> = report
            .findings
            .iter()
            .map(|found| {
                let at = found.record.map_or(String::new(), |record| format!(" record {record}"));
                format!("{}{at}: {}", sanitise(&found.journal), sanitise(&found.problem))
            })
            .collect();
        if report.journals == 0 && lines.is_empty() {
            return "nothing is on record here yet".to_string();
        }
        let verdict =
            if lines.is_empty() { "every chain is whole" } else { "the record was tampered with or damaged" };
        lines.push(format!("{} journals, {} records: {verdict}", report.journals, report.records));
        lines.join("\n")
    });
    if report.findings.is_empty() {
        return Ok(Exit::Done);
    }
    Err(Error::failed(format!("{} findings in the ledger", report.findings.len()))
        .hint("docs/ledger-format.md says what each finding means and what it does not prove"))
}
