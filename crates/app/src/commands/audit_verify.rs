//! `waypost audit verify`: every chain of this workspace, what was signed of it and where it is anchored, checked offline.

use ledger::{Finding, PublicKey, Trust};

use crate::cli::AuditVerify;
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::events::{AnchorRow, AuditReport, FindingRow};
use crate::exit::Exit;
use crate::face::Screen;
use crate::term::one_line;
use crate::workspace::{Workspace, resolved};
use crate::world::World;
use crate::{anchors, house};

/// Verifies.
pub(crate) fn run(world: &World, screen: &Screen, flags: &AuditVerify) -> Outcome<Exit> {
    let key = flags.key.as_deref().map(read_key).transpose()?;
    let anchors = anchors::of(world, &Config::read(&world.config)?.audit)?;
    let report = if flags.paths.is_empty() {
        house::open_store(world, &Workspace::find(world)?)?.anchored(anchors).verify(key)
    } else {
        let paths = flags.paths.iter().map(|path| resolved(&world.directory.join(path)));
        let paths: Vec<_> = paths.collect::<Outcome<_>>()?;
        ledger::verify_with(&paths, &Trust { key, anchors: anchors.places })
    };
    let newer = report.findings.iter().any(|finding| finding.problem.name() == "newer");
    let count = report.findings.len();
    let shown = AuditReport {
        journals: report.journals,
        records: report.records,
        heads: report.heads,
        key: report.key.map(|key| key.to_string()),
        anchors: report.anchored.into_iter().map(|(anchor, heads)| AnchorRow { anchor, heads }).collect(),
        findings: report.findings.iter().map(row).collect(),
        notes: report.notes.iter().map(row).collect(),
    };
    screen.document(&shown, words);
    if newer {
        return Err(Error::failed(
            "a newer Waypost wrote a part of this ledger, and nothing behind that was judged",
        )
        .hint("update Waypost, then verify again"));
    }
    if count == 0 {
        return Ok(Exit::Done);
    }
    Err(Error::failed(format!("{count} findings in the ledger"))
        .hint("docs/ledger-format.md says what each finding means and what it does not prove"))
}

fn read_key(text: &str) -> Outcome<PublicKey> {
    PublicKey::read(text.trim()).ok_or_else(|| {
        Error::usage(format!("`{}` is not a public key", one_line(text)))
            .hint("it is the 64 digits that `waypost audit key` prints on the device")
    })
}

fn row(finding: &Finding) -> FindingRow {
    FindingRow {
        journal: finding.file.display().to_string(),
        record: finding.record,
        kind: finding.problem.name().to_string(),
        problem: finding.problem.to_string(),
    }
}

fn words(report: &AuditReport) -> String {
    let line = |found: &FindingRow| {
        let at = found.record.map_or(String::new(), |record| format!(" record {record}"));
        format!("{}{at}: {}", one_line(&found.journal), one_line(&found.problem))
    };
    let mut lines: Vec<String> = report.findings.iter().map(line).collect();
    lines.extend(report.notes.iter().map(|note| format!("note: {}", line(note))));
    if report.journals == 0 && lines.is_empty() {
        return "nothing is on record here yet".to_string();
    }
    let whole = report.findings.is_empty();
    let verdict = if whole { "every chain is whole" } else { "the record was tampered with or damaged" };
    lines.push(format!("{} journals, {} records: {verdict}", report.journals, report.records));
    lines.push(match &report.key {
        Some(key) => format!("{} heads are signed; the public key is {key}", report.heads),
        None if report.heads > 0 => format!("{} heads are signed by the key that was given", report.heads),
        None => "nothing of it is signed".to_string(),
    });
    for AnchorRow { anchor, heads } in &report.anchors {
        lines.push(format!("{heads} heads agree with the anchor {}", one_line(anchor)));
    }
    lines.join("\n")
}
