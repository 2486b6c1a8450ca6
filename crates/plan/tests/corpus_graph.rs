//! Builds and mends the task graphs of real specs that lie beside the checkout, if any, and prints what was found. The
//! rules themselves are tested on inline documents in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plan::accesses::Certainty;
use plan::graph::{Basis, FaultKind, is_read_by_kiro, repair_edit};
use plan::{Graph, Plan, Reading, SpecDocuments};
use spec::splice;

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            files(&entry.path(), out);
        } else if entry.file_name() == "tasks.md" {
            out.push(entry.path());
        }
    }
}

fn read(bytes: &[u8]) -> Graph {
    let reading = Reading::of(SpecDocuments { tasks: Some(bytes.to_vec()), ..SpecDocuments::default() });
    Graph::of(&reading, &Plan::of(&reading))
}

/// Durations that look drawn but are the same on every run.
fn durations(count: usize, round: u64) -> Vec<u64> {
    let mut seed = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        1 + seed % 100
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn real_graphs_are_mended() {
    let mut found = Vec::new();
    files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")), &mut found);
    found.sort();
    if found.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let mut before: BTreeMap<(FaultKind, Certainty), (usize, usize)> = BTreeMap::new();
    let (mut graphs, mut mended, mut clean, mut left, mut stopped) = (0, 0, 0, 0, 0);
    let (mut runs, mut slower, mut five, mut five_slower) = (0, 0, 0, 0);
    let (mut old_waves, mut new_waves, mut gain, mut small) = (0, 0, 0, 0);
    for path in &found {
        let bytes = std::fs::read(path).unwrap();
        let graph = read(&bytes);
        if graph.waves.is_empty() {
            assert_ne!(graph.basis, Basis::Waves);
        }
        let has_graph =
            !graph.waves.is_empty() || graph.faults.iter().any(|fault| fault.kind == FaultKind::NotKiro);
        let edits = repair_edit(&bytes);
        let after_bytes = splice::apply(&bytes, &edits).unwrap();
        let after = read(&after_bytes);
        if graph.nodes.is_empty() {
            continue;
        }
        assert!(is_read_by_kiro(&after_bytes), "{}", path.display());
        let unmended: Vec<_> = after.faults.iter().filter(|fault| fault.is_mendable()).collect();
        left += unmended.len();
        assert!(unmended.is_empty(), "{}: {unmended:?}", path.display());
        let mut listed: Vec<usize> = after.waves.iter().flatten().copied().collect();
        listed.sort_unstable();
        let count = listed.len();
        listed.dedup();
        assert_eq!(listed.len(), count, "{}", path.display());
        let unique = after.nodes.iter().filter(|node| !node.id.contains('#')).count();
        assert!(edits.is_empty() || count == unique, "{}: {count} of {unique}", path.display());
        for edge in graph.edges.iter().filter(|edge| graph.is_kept(edge.from, edge.to)) {
            let wave = |node: usize| after.nodes.get(node).and_then(|node| node.claimed_wave);
            let is_told = edits.is_empty() || wave(edge.from).is_none() || wave(edge.to).is_none();
            assert!(is_told || wave(edge.from) < wave(edge.to), "{}: {edge:?}", path.display());
        }
        for round in 0..20 {
            let weights = durations(graph.nodes.len(), round);
            runs += 1;
            slower += usize::from(
                after.ready_queue(&weights, None) > after.wave_time(&after.waves, &weights, None),
            );
            five += 1;
            let by_waves = after.wave_time(&after.waves, &weights, Some(5));
            five_slower += usize::from(after.ready_queue(&weights, Some(5)) > by_waves);
        }
        if !has_graph {
            continue;
        }
        graphs += 1;
        clean += usize::from(edits.is_empty());
        mended += usize::from(!edits.is_empty());
        if !graph.waves.is_empty() {
            let is_stop = |node: &usize| after.nodes.get(*node).is_some_and(|node| node.is_checkpoint);
            old_waves += graph.waves.len();
            new_waves += after.waves.iter().filter(|wave| !wave.iter().all(is_stop)).count();
        }
        let summary = graph.summary();
        gain += summary.gain_percent;
        small += usize::from(!summary.is_worth_it);
        let mut kinds: BTreeMap<(FaultKind, Certainty), usize> = BTreeMap::new();
        for fault in &graph.faults {
            *kinds.entry((fault.kind, fault.certainty)).or_default() += 1;
            if std::env::var_os("SHOW_FAULTS").is_some() {
                println!("{} {:?} {:?} {}", path.display(), fault.kind, fault.certainty, fault.message);
            }
        }
        stopped += usize::from(!graph.cycles.is_empty());
        for (kind, count) in kinds {
            let sum = before.entry(kind).or_default();
            *sum = (sum.0 + count, sum.1 + 1);
        }
    }
    println!(
        "{graphs} graphs in {} task files: {clean} right as they are, {mended} mended, {stopped} with rings",
        found.len()
    );
    for ((kind, certainty), (count, files)) in before {
        println!("  before: {count:4} {kind:?} ({certainty:?}) in {files} files");
    }
    println!("  after: {left} that can be mended");
    println!(
        "waves {old_waves} before, {new_waves} after without those of checkpoints; mean gain {} %, {small} not worth it",
        gain / graphs.max(1)
    );
    println!(
        "ready queue slower than waves: {slower} of {runs} runs, with five workers {five_slower} of {five}"
    );
    assert_eq!((left, slower), (0, 0));
}

#[test]
fn five_thousand_tasks_are_quick() {
    let mut text = String::from("## Tasks\n\n");
    for task in 0..5_000 {
        let (top, sub) = (task / 10 + 1, task % 10);
        match sub {
            0 => text += &format!("- [ ] {top}. Build part {top}\n"),
            9 => text += &format!("  - [ ] {top}.9 Checkpoint\n"),
            _ => {
                let depends =
                    if top > 1 { format!("    - _Depends: {}.{sub}_\n", top - 1) } else { String::new() };
                text += &format!(
                    "  - [ ] {top}.{sub} Create `src/part{top}/file{sub}.rs` with `Part{top}Type{sub}`\n    \
                     - Update `src/lib.rs` and `src/part{}/file{sub}.rs`\n{depends}",
                    top.max(2) - 1
                );
            }
        }
    }
    let reading = Reading::of(SpecDocuments { tasks: Some(text.into_bytes()), ..SpecDocuments::default() });
    let plan = Plan::of(&reading);
    let mut best = std::time::Duration::MAX;
    for _ in 0..5 {
        let start = std::time::Instant::now();
        let graph = Graph::of(&reading, &plan);
        let summary = graph.summary();
        best = best.min(start.elapsed());
        assert_eq!((summary.tasks, graph.nodes.len()), (4_500, 4_500));
    }
    println!("graph and summary of 5,000 tasks: {} ms", best.as_millis());
    // The goal is 50 ms of optimised code on an idle machine; this bound only catches another order of growth.
    assert!(cfg!(debug_assertions) || best.as_millis() < 500, "{} ms", best.as_millis());
}

/// The document with one more detail below the task.
fn with_detail(bytes: &[u8], graph: &Graph, node: usize, detail: &str) -> Vec<u8> {
    let span = graph.nodes[node].span;
    let line = span
        .slice(bytes)
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(span.end(), |at| span.offset + at + 1);
    splice::apply(bytes, &[spec::Edit::insert(line, format!("      - {detail}\n"))]).unwrap_or_default()
}

#[test]
fn seeded_faults_are_found_and_mended() {
    let mut found = Vec::new();
    files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")), &mut found);
    if found.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let mut score: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for path in found {
        let bytes = std::fs::read(path).unwrap();
        let graph = read(&bytes);
        if !is_read_by_kiro(&bytes) || graph.faults.iter().any(plan::graph::Fault::is_mendable) {
            continue;
        }
        let pair = graph.waves.iter().find_map(|wave| Some((*wave.first()?, *wave.get(1)?)));
        let steps = graph.waves.windows(2).find_map(|pair| Some((*pair[0].first()?, *pair[1].first()?)));
        let mut seed = |name: &'static str, kind: FaultKind, seeded: Vec<u8>| {
            let before = graph.faults.iter().filter(|fault| fault.kind == kind).count();
            let is_found = read(&seeded).faults.iter().filter(|fault| fault.kind == kind).count() > before;
            let mended = splice::apply(&seeded, &repair_edit(&seeded)).unwrap();
            let is_mended = !read(&mended).faults.iter().any(plan::graph::Fault::is_mendable);
            let sum = score.entry(name).or_default();
            *sum = (sum.0 + 1, sum.1 + usize::from(is_found), sum.2 + usize::from(is_mended));
        };
        if let Some((one, two)) = pair {
            let detail = "Update `src/seeded/file.rs` with the new field";
            let first = with_detail(&bytes, &graph, two, detail);
            seed("two writers in one wave", FaultKind::Clash, with_detail(&first, &graph, one, detail));
            let depends = format!("_Depends: {}_", graph.nodes[one].id);
            seed(
                "dependency in one wave",
                FaultKind::Contradiction,
                with_detail(&bytes, &graph, two, &depends),
            );
        }
        if let Some((early, late)) = steps {
            let back = format!("_Depends: {}_", graph.nodes[late].id);
            let seeded = with_detail(&bytes, &graph, early, &back);
            seed("dependency turned around", FaultKind::Contradiction, seeded);
            let forth = format!("_Depends: {}_", graph.nodes[early].id);
            let (one, two) = if early < late { (late, early) } else { (early, late) };
            let (to_one, to_two) = if early < late { (&forth, &back) } else { (&back, &forth) };
            let seeded = with_detail(&bytes, &graph, one, to_one);
            seed("ring", FaultKind::Cycle, with_detail(&seeded, &graph, two, to_two));
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let listed = graph.waves.iter().flatten().find(|node| {
            let node = &graph.nodes[**node];
            !node.optional && !node.is_checkpoint
        });
        if let Some(id) = listed.map(|node| format!("\"{}\"", graph.nodes[*node].id)) {
            let at = text.rfind(&id).unwrap();
            let replaced = |new: &str| format!("{}{new}{}", &text[..at], &text[at + id.len()..]).into_bytes();
            seed("unknown id", FaultKind::UnknownId, replaced("\"99.9\""));
            seed("left out", FaultKind::MissingLeaf, replaced("\"99.9\""));
            seed("named twice", FaultKind::Duplicate, replaced(&format!("{id}, {id}")));
            seed("not Kiro's form", FaultKind::NotKiro, replaced("7"));
        }
    }
    for (name, (seeds, found, mended)) in &score {
        println!("{name}: {found} of {seeds} found, {mended} then without a fault that a graph can mend");
        assert_eq!((seeds, seeds), (found, mended), "{name}");
    }
}
