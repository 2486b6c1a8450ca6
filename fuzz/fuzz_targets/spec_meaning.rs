//! Any bytes as the documents of a spec, judged and edited: findings have places, fixes apply, a repaired graph stays
//! repaired, and a renumbering is refused or keeps every reference.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lint::{Settings, check};
use plan::{Graph, Plan, Reading, SpecDocuments};
use spec::refactor::{Kind, Set};

fuzz_target!(|bytes: &[u8]| {
    if bytes.len() > 20_000 {
        return;
    }
    // The first byte that is 0xFF parts requirements from tasks.
    let mut parts = bytes.splitn(2, |byte| *byte == 0xFF);
    let part = |part: Option<&[u8]>| part.map(<[u8]>::to_vec);
    let (requirements, tasks) = (part(parts.next()), part(parts.next()));
    let documents = SpecDocuments { requirements, tasks, ..SpecDocuments::default() };
    let reading = Reading::of(documents.clone());
    let plan = Plan::of(&reading);
    for finding in check::spec(&reading, &plan, &Settings::default()) {
        let bytes = match finding.place.file.as_str() {
            "requirements.md" => documents.requirements.as_deref(),
            _ => documents.tasks.as_deref(),
        };
        assert!(finding.place.span.end() <= bytes.map_or(0, <[u8]>::len), "{finding:?}");
    }
    let _ = Graph::of(&reading, &plan).summary();
    if let Some(tasks) = documents.tasks.as_deref() {
        let mended = spec::splice::apply(tasks, &plan::graph::repair_edit(tasks)).expect("a repair applies");
        let _ = plan::replan::replan(tasks, &mended, None);
    }
    let texts: Vec<(String, &[u8])> = reading.texts().collect();
    let set = Set { name: "a", documents: &texts, sources: &[], sources_belong: false };
    for kind in [Kind::Requirement, Kind::Criterion, Kind::Task] {
        if let Ok(changes) = set.renumber(kind) {
            for (file, bytes) in &texts {
                changes.apply(file, bytes).expect("edits apply to what they were made for");
            }
        }
    }
});
