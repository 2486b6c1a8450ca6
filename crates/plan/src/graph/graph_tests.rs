//! Tests of the graph: reasons, faults with their places, rings, measures.

use proptest::prelude::*;
use spec::splice;

use super::*;
use crate::SpecDocuments;

fn read(text: &str) -> Graph {
    let reading =
        Reading::of(SpecDocuments { tasks: Some(text.as_bytes().to_vec()), ..SpecDocuments::default() });
    Graph::of(&reading, &Plan::of(&reading))
}

fn with_waves(tasks: &str, waves: &str) -> String {
    format!("{tasks}\n## Task Dependency Graph\n\n```json\n{waves}\n```\n")
}

/// Three tasks that name nothing.
const THREE: &str = "- [ ] 1. A\n- [ ] 2. B\n- [ ] 3. C\n";

fn kinds(reasons: &[Reason]) -> String {
    let name = |reason: &Reason| match reason {
        Reason::Explicit => "says".to_string(),
        Reason::Parent { .. } => "parent".to_string(),
        Reason::WaveClaim { .. } => "wave".to_string(),
        Reason::Checkpoint => "checkpoint".to_string(),
        Reason::Unmarked => "unmarked".to_string(),
        Reason::Boundary { name } => format!("in {name}"),
        Reason::Produces { name, .. } => format!("makes {name}"),
        Reason::Overlap { path, certainty: Certainty::Certain } => format!("writes {path}"),
        Reason::Overlap { path, .. } => format!("may write {path}"),
        Reason::DocumentOrder => "above".to_string(),
    };
    reasons.iter().map(name).collect::<Vec<_>>().join("+")
}

use crate::accesses::Certainty;

/// All edges as `to<from(reasons)`.
fn edges(text: &str) -> String {
    let graph = read(text);
    let edge =
        |edge: &Edge| format!("{}<{}({})", graph.id(edge.to), graph.id(edge.from), kinds(&edge.reasons));
    graph.edges.iter().map(edge).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check_edges(text: &str, expected: &str) {
    assert_eq!(edges(text), expected, "{text}");
}

#[test]
fn where_nothing_is_said_the_document_decides() {
    check_edges(THREE, "2<1(above) 3<2(above)");
    assert_eq!(read(THREE).basis, Basis::Document);
}

#[test]
fn what_tasks_say_of_themselves() {
    check_edges("- [ ] 1. A\n- [ ] 2. B (dep: 1)\n- [ ] 3. C (dep: 1)\n", "2<1(says) 3<1(says)");
    // A part waits as its whole does; a whole is done when its parts are.
    check_edges(
        "- [ ] 1. A\n  - [ ] 1.1 B\n  - [ ] 1.2 C\n- [ ] 2. D (dep: 1)\n  - [ ] 2.1 E\n",
        "2.1<1.1(parent) 2.1<1.2(parent)",
    );
    // The document's order does not turn a dependency around.
    check_edges(
        "- [ ] 1. A (dep: 3)\n- [ ] 2. B\n- [ ] 3. C\n- [ ] 4. D\n- [ ] 5. E\n",
        "1<3(says+above) 3<2(above) 4<1(above) 5<4(above)",
    );
}

#[test]
fn waves_are_claims() {
    let waves = r#"{"waves":[{"id":0,"tasks":["1"]},{"id":1,"tasks":["2","3"]}]}"#;
    check_edges(&with_waves(THREE, waves), "2<1(wave) 3<1(wave)");
    // A real reason explains a wave; then the rest of the wave before is not waited for.
    let tasks = "- [ ] 1. Create `a.rs`\n- [ ] 2. B\n- [ ] 3. Read `a.rs`\n- [ ] 4. D\n";
    let waves = r#"{"waves":[{"id":0,"tasks":["1","2"]},{"id":1,"tasks":["3","4"]}]}"#;
    check_edges(&with_waves(tasks, waves), "3<1(wave+makes a.rs) 4<1(wave) 4<2(wave)");
    // What the graph does not name keeps its place.
    let waves = r#"{"waves":[{"id":0,"tasks":["1"]},{"id":1,"tasks":["3"]}]}"#;
    check_edges(&with_waves("- [ ] 1. A\n- [ ]* 2. B\n- [ ] 3. C\n", waves), "2<1(above) 3<1(wave)");
}

#[test]
fn checkpoints_stand_between() {
    let tasks = "- [ ] 1. A\n- [ ] 2. B\n- [ ] 3. Checkpoint\n- [ ] 4. D\n";
    let waves = r#"{"waves":[{"id":0,"tasks":["1","2"]},{"id":1,"tasks":["4"]}]}"#;
    check_edges(&with_waves(tasks, waves), "3<1(checkpoint) 3<2(checkpoint) 4<3(checkpoint)");
    // The waves are stronger than a checkpoint that stands above.
    let waves = r#"{"waves":[{"id":0,"tasks":["1","4"]},{"id":1,"tasks":["2"]}]}"#;
    check_edges(&with_waves(tasks, waves), "2<1(wave) 2<4(wave) 3<1(checkpoint) 3<2(checkpoint)");
    // Two checkpoints of one wave do not wait for each other; for the tasks above a checkpoint waits all the same.
    let tasks = "- [ ] 1. A\n- [ ] 2. Checkpoint\n- [ ] 3. Checkpoint\n";
    let waves = r#"{"waves":[{"id":0,"tasks":["1","2","3"]}]}"#;
    check_edges(&with_waves(tasks, waves), "2<1(checkpoint)");
}

#[test]
fn marks_say_what_runs_beside_others() {
    check_edges(
        "- [ ] 1. A\n- [ ] 2. (P) B\n- [ ] 3. (P) C\n- [ ] 4. D\n",
        "2<1(unmarked) 3<1(unmarked) 4<1(unmarked) 4<2(unmarked) 4<3(unmarked)",
    );
    check_edges("- [ ] 1. (P) A\n  - _Boundary: X_\n- [ ] 2. (P) B\n  - _Boundary: X_\n", "2<1(in X)");
    // A mark on a task above lets its parts run beside others, one after the other.
    check_edges(
        "- [ ] 1. (P) A\n  - [ ] 1.1 B\n  - [ ] 1.2 C\n- [ ] 2. (P) D\n  - [ ] 2.1 E\n",
        "1.2<1.1(unmarked)",
    );
}

#[test]
fn makers_users_and_writers() {
    let tasks = "- [ ] 1. Implement `parse_line`\n- [ ] 2. (P) Call `parse_line`\n- [ ] 3. (P) Update `a.rs`\n\
        - [ ] 4. (P) Update `a.rs`\n";
    check_edges(tasks, "2<1(unmarked+makes parse_line) 3<1(unmarked) 4<1(unmarked) 4<3(writes a.rs)");
    // A short name stands for the only long one.
    let tasks =
        "- [ ] 1. (P) Update `src/deep/a.rs`\n- [ ] 2. (P) Update `deep/a.rs`\n- [ ] 3. (P) Update `b.rs`\n";
    check_edges(tasks, "2<1(may write src/deep/a.rs)");
}

#[track_caller]
fn check_faults(text: &str, expected: &[&str]) {
    let graph = read(text);
    let got: Vec<String> = graph
        .faults
        .iter()
        .map(|fault| {
            let place = fault.span.text(text.as_bytes());
            format!(
                "{:?} {:?} [{}] {}",
                fault.kind,
                fault.certainty,
                place.lines().next().unwrap_or_default(),
                fault.message
            )
        })
        .collect();
    assert_eq!(got, expected, "{text}");
}

#[test]
fn ids_that_do_not_fit() {
    let waves = r#"{"waves":[{"id":0,"tasks":["1","9","1"]},{"id":1,"tasks":["2"]}]}"#;
    check_faults(
        &with_waves(THREE, waves),
        &[
            "MissingLeaf Certain [{\"waves\":[{\"id\":0,\"tasks\":[\"1\",\"9\",\"1\"]},{\"id\":1,\"tasks\":[\"2\"]}]}] the dependency graph leaves out task `3`",
            "UnknownId Certain [9] the dependency graph names task `9`, which does not exist",
            "Duplicate Certain [1] the dependency graph names task `1` twice",
        ],
    );
    let parents = "- [ ] 1. A\n  - [ ] 1.1 B\n- [ ] 2. Write the whole store\n";
    let waves = r#"{"waves":[{"id":0,"tasks":["1"]},{"id":1,"tasks":["Write the whole st…"]}]}"#;
    check_faults(
        &with_waves(parents, waves),
        &[
            "ParentListed Certain [1] the dependency graph names task `1`, which has sub-tasks",
            "UnknownId Certain [Write the whole st…] the dependency graph names task `Write the whole st…`, which does not exist",
        ],
    );
    assert_eq!(read(&with_waves(parents, waves)).waves, [[0], [1]]);
}

#[test]
fn forms_that_kiro_does_not_read() {
    let check = |waves: &str, expected: Option<&str>| {
        let graph = read(&with_waves("- [ ] 1. A\n", waves));
        let fault = graph.faults.iter().find(|fault| fault.kind == FaultKind::NotKiro);
        let want = expected.map(|what| format!("Kiro does not read this graph: {what}"));
        assert_eq!(fault.map(|fault| fault.message.clone()), want, "{waves}");
    };
    check(r#"{"waves":[{"id":0,"tasks":["1"]}]}"#, None);
    check(r#"{"waves":[["1"]]}"#, Some("wave 0 is no object with `id` and `tasks`"));
    check(r#"[["1"]]"#, Some("it has no `waves`"));
    check(r#"{"waves":[{"id":1,"tasks":["1"]}]}"#, Some("wave 0 does not have the `id` 0"));
    check(r#"{"waves":[{"wave":0,"tasks":["1"]}]}"#, Some("wave 0 does not have the `id` 0"));
    check(r#"{"waves":[{"id":0,"tasks":[1]}]}"#, Some("the `tasks` of wave 0 are no list of strings"));
    check(r#"{"waves":[]}"#, Some("`waves` is empty"));
    check(r#"{"waves":{}}"#, Some("`waves` is no list"));
    check("T1 --> T2", Some("the block is no JSON"));
    let graph = read("- [ ] 1. A\n## Task Dependency Graph\n\nnone\n");
    assert_eq!(graph.faults.len(), 1);
}

#[test]
fn waves_that_cannot_be_right() {
    let waves = r#"{"waves":[{"id":0,"tasks":["1","2"]},{"id":1,"tasks":["3"]}]}"#;
    check_faults(
        &with_waves("- [ ] 1. A\n- [ ] 2. B (dep: 1)\n- [ ] 3. C\n", waves),
        &[
            "Contradiction Certain [2] the dependency graph puts `1` into the same wave as `2`, which depends on it",
        ],
    );
    check_faults(
        &with_waves("- [ ] 1. A (dep: 3)\n- [ ] 2. B\n- [ ] 3. C\n", waves),
        &[
            "Contradiction Certain [1] the dependency graph puts `3` into wave 1, behind `1` in wave 0, which depends on it",
        ],
    );
    check_faults(
        &with_waves("- [ ] 1. Update `a.rs`\n- [ ] 2. Update `a.rs`\n- [ ] 3. C\n", waves),
        &["Clash Certain [2] tasks `1`, `2` of wave 0 write `a.rs`"],
    );
    check_faults(
        &with_waves("- [ ] 1. Update `a.rs`\n- [ ] 2. `a.rs`\n- [ ] 3. C\n", waves),
        &["Clash Likely [2] tasks `1`, `2` of wave 0 probably write `a.rs`"],
    );
    check_faults(
        &with_waves("- [ ] 1. Create `a.rs`\n- [ ] 2. Run `a.rs`\n- [ ] 3. C\n", waves),
        &["Contradiction Likely [2] task `2` names `a.rs`, which `1` of the same wave makes"],
    );
    // Writers of different files, and a reader beside a writer, may run together.
    check_faults(&with_waves("- [ ] 1. Update `a.rs`\n- [ ] 2. Read `a.rs`\n- [ ] 3. C\n", waves), &[]);
    let waves = r#"{"waves":[{"id":0,"tasks":["1","3"]}]}"#;
    check_faults(
        &with_waves("- [ ] 1. A\n- [ ] 2. Checkpoint\n- [ ] 3. C\n", waves),
        &["CheckpointPassed Likely [3] task `3` may run before checkpoint `2`, which stands above it"],
    );
}

#[test]
fn marked_tasks_that_write_one_file() {
    check_faults(
        "- [ ] 1. (P) Update `a.rs`\n- [ ] 2. (P) Update `a.rs`\n",
        &["Clash Certain [- [ ] 2. (P) Update `a.rs`] tasks `1`, `2` of parallel group 0 write `a.rs`"],
    );
    check_faults("- [ ] 1. (P) Update `a.rs`\n- [ ] 2. Update `a.rs`\n", &[]);
}

#[test]
fn rings_are_shown_at_their_shortest() {
    let check = |tasks: &str, expected: &[&[&str]]| {
        let got: Vec<Vec<String>> = read(tasks).cycles.into_iter().map(|cycle| cycle.tasks).collect();
        assert_eq!(got, expected, "{tasks}");
    };
    check("- [ ] 1. A (dep: 2)\n- [ ] 2. B (dep: 1)\n", &[&["1", "2"]]);
    // 1 → 2 → 3 → 4 → 1 and 2 ⇄ 3: the short one is shown.
    check(
        "- [ ] 1. A (dep: 2)\n- [ ] 2. B (dep: 3)\n- [ ] 3. C (dep: 4, 2)\n- [ ] 4. D (dep: 1)\n",
        &[&["2", "3"]],
    );
    check("- [ ] 1. A (dep: 2)\n- [ ] 2. B\n", &[]);
    check_faults(
        "- [ ] 1. A (dep: 2)\n- [ ] 2. B (dep: 1)\n",
        &[
            "Cycle Certain [- [ ] 1. A (dep: 2)] these tasks wait for each other: `1` waits for `2` waits for `1`",
        ],
    );
    check_faults(
        "- [ ] 1. A\n  - [ ] 1.1 B (dep: 1)\n",
        &["Cycle Certain [  - [ ] 1.1 B (dep: 1)] task `1.1` waits for `1`, and one is a part of the other"],
    );
}

#[test]
fn every_wait_is_explained() {
    let tasks = "- [x] 1. Create `a.rs`\n- [ ] 2. Update `a.rs` (dep: 1)\n";
    let waits = read(tasks).why_waits("2");
    assert_eq!(waits.len(), 1);
    assert!(waits[0].is_over);
    assert_eq!(
        waits[0].words,
        ["`2` says that it depends on `1`", "`1` makes `a.rs`, which `2` names", "both write `a.rs`",]
    );
    assert_eq!(read(tasks).why_waits("9"), []);
}

#[test]
fn how_long_it_takes() {
    let tasks = "- [ ] 1. A\n- [ ] 2. B (dep: 1)\n- [ ] 3. C (dep: 1)\n- [ ] 4. D (dep: 2)\n";
    let summary = read(tasks).summary();
    assert_eq!((summary.serial, summary.longest, summary.gain_percent), (4, 3, 133));
    assert!(!summary.is_worth_it);
    assert_eq!(summary.critical_path, ["1", "2", "4"]);
    let summary = read(tasks).summary_of(&[1, 1, 9, 1]);
    assert_eq!((summary.longest, summary.critical_path), (10, vec!["1".to_string(), "3".to_string()]));
    assert_eq!(read(tasks).levels(), [0, 1, 1, 2]);
    let graph = read(tasks);
    assert_eq!(graph.ready_queue(&[1, 1, 9, 1], None), 10);
    assert_eq!(graph.ready_queue(&[1, 1, 9, 1], Some(1)), 12);
    assert_eq!(graph.ready_queue(&[1, 1, 9, 1], Some(2)), 10);
    assert_eq!(graph.wave_time(&[vec![0], vec![1, 2], vec![3]], &[1, 1, 9, 1], None), 11);
    assert_eq!(read("").summary(), Summary { gain_percent: 100, ..Summary::default() });
}

#[test]
fn many_dependencies_become_a_gate() {
    let part = |number: usize| (1..=20).map(|at| format!("  - [ ] {number}.{at} A\n")).collect::<String>();
    let tasks = format!("- [ ] 1. A\n{}- [ ] 2. B (dep: 1)\n{}", part(1), part(2));
    let graph = read(&tasks);
    assert_eq!((graph.gates.len(), graph.why_waits("2.7").len()), (1, 20));
    assert_eq!(graph.summary().longest, 2);
    assert_eq!(graph.ready_queue(&[1; 40], Some(20)), 2);
}

#[track_caller]
fn check_repair(text: &str, expected: &str) {
    let edits = repair_edit(text.as_bytes());
    let got = String::from_utf8(splice::apply(text.as_bytes(), &edits).unwrap()).unwrap();
    assert_eq!(got, expected);
    assert!(repair_edit(got.as_bytes()).is_empty(), "not at rest: {got}");
}

const BLOCK: &str = "{\n  \"waves\": [\n    { \"id\": 0, \"tasks\": [\"1\"] },\n    { \"id\": 1, \"tasks\": [\"2\"] }\n  ]\n}";

#[test]
fn only_the_json_is_replaced() {
    let two = "- [ ] 1. Update `a.rs`\n- [ ] 2. Update `a.rs`\n";
    let clash = with_waves(two, r#"{"waves":[{"id":0,"tasks":["1","2"]}]}"#);
    check_repair(&format!("{clash}\n## Notes\n"), &format!("{}\n## Notes\n", with_waves(two, BLOCK)));
    check_repair(&with_waves(two, BLOCK), &with_waves(two, BLOCK));
    check_repair(two, &with_waves(two, BLOCK));
    check_repair(two.trim_end(), &with_waves(two, BLOCK));
    let crlf = |text: &str| text.replace('\n', "\r\n");
    check_repair(&crlf(&clash), &crlf(&with_waves(two, BLOCK)));
    let heading = "\n## Task Dependency Graph\n";
    check_repair(
        &format!("{two}{heading}\nsoon\n"),
        &format!("{two}{heading}\n```json\n{BLOCK}\n```\n\nsoon\n"),
    );
    check_repair(
        &format!("{two}{heading}```json\n{{"),
        &format!("{two}{heading}```json\n{BLOCK}\n```\n\n{{"),
    );
    check_repair("# Nothing\n", "# Nothing\n");
    check_repair("- [ ] 1. A\n```\nopen\n", "- [ ] 1. A\n```\nopen\n");
}

#[test]
fn a_repair_says_what_it_did() {
    let two = "- [ ] 1. Update `a.rs`\n- [ ] 2. Update `a.rs`\n- [ ] 3. C\n";
    let repaired =
        repair(&read(&with_waves(two, r#"{"waves":[{"id":0,"tasks":["1","2"]},{"id":1,"tasks":["3"]}]}"#)));
    assert_eq!(repaired.waves, [vec!["1"], vec!["2"], vec!["3"]]);
    assert_eq!(
        repaired.why,
        [
            "tasks `1`, `2` of wave 0 write `a.rs`: they run one after the other",
            "`2` moves to wave 1: both write `a.rs`",
        ]
    );
    let twice = repair(&read("- [ ] 1. A\n- [ ] 1. B\n"));
    assert_eq!((twice.waves, twice.why.len()), (vec![vec!["1".to_string()]], 1));
}

/// Documents with every kind of statement, some of them wrong.
fn documents() -> impl Strategy<Value = String> {
    let verb = prop_oneof!["Create", "Update", "Read", "Write tests for", "Checkpoint -", "Do"];
    let task = (verb, "[a-d]", 0..12usize, any::<bool>(), 0..4u8, "[ x]");
    let waves = proptest::collection::vec(proptest::collection::vec(0..14usize, 0..5), 0..6);
    (proptest::collection::vec(task, 1..12), waves, 0..3u8).prop_map(|(tasks, waves, form)| {
        let mut text = String::from("## Tasks\n\n");
        let (mut top, mut sub, mut ids) = (0, 0, Vec::new());
        for (verb, name, dep, mark, shape, state) in tasks {
            let indent = if shape == 0 && top > 0 {
                sub += 1;
                ids.push(format!("{top}.{sub}"));
                "  "
            } else {
                (top, sub) = (top + 1, 0);
                ids.push(top.to_string());
                ""
            };
            let id = ids.last().unwrap().clone();
            let dot = if indent.is_empty() { "." } else { "" };
            let mark = if mark && form == 2 { "(P) " } else { "" };
            text += &format!("{indent}- [{state}] {id}{dot} {mark}{verb} `src/{name}.rs`\n");
            if shape == 1 {
                // Backwards, forwards, or to nobody.
                let on = ids.get(dep).cloned().unwrap_or_else(|| dep.to_string());
                text += &format!("{indent}  - _Depends: {on}_\n");
            }
        }
        if form == 1 {
            let waves: Vec<Vec<String>> = waves
                .iter()
                .map(|wave| wave.iter().map(|at| ids.get(*at).cloned().unwrap_or("99".into())).collect())
                .collect();
            text = with_waves(&text, &to_kiro_json(&waves));
        }
        text
    })
}

/// Whether one node waits for another, over any number of edges.
fn leads_to(graph: &Graph, from: usize, to: usize) -> bool {
    let (mut seen, mut work) = (vec![false; graph.nodes.len()], vec![from]);
    while let Some(node) = work.pop() {
        if node == to {
            return true;
        }
        if !std::mem::replace(&mut seen[node], true) {
            work.extend(graph.edges.iter().filter(|edge| edge.from == node).map(|edge| edge.to));
        }
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn a_repaired_graph_has_every_leaf_once_and_no_fault(text in documents()) {
        let before = read(&text);
        let edits = repair_edit(text.as_bytes());
        let mended = String::from_utf8(splice::apply(text.as_bytes(), &edits).unwrap()).unwrap();
        prop_assert!(is_read_by_kiro(mended.as_bytes()), "{}", mended);
        let after = read(&mended);
        let bad: Vec<_> = after.faults.iter().filter(|fault| fault.is_mendable()).collect();
        prop_assert!(bad.is_empty(), "{bad:?}\n{mended}");
        let mut listed: Vec<usize> = after.waves.iter().flatten().copied().collect();
        let count = listed.len();
        listed.sort_unstable();
        listed.dedup();
        prop_assert_eq!(listed.len(), count);
        if !edits.is_empty() {
            prop_assert_eq!(count, after.nodes.len());
        }
        for edge in before.edges.iter().filter(|edge| before.is_kept(edge.from, edge.to)) {
            let wave = |node: usize| after.nodes[node].claimed_wave;
            prop_assert!(edits.is_empty() || wave(edge.from) < wave(edge.to), "{edge:?}\n{mended}");
        }
        prop_assert!(repair_edit(mended.as_bytes()).is_empty());
    }

    #[test]
    fn no_order_of_waves_is_faster(text in documents(), weights in proptest::collection::vec(0..50u64, 12)) {
        let graph = read(&text);
        let mended = String::from_utf8(splice::apply(text.as_bytes(), &repair_edit(text.as_bytes())).unwrap()).unwrap();
        let waves = read(&mended).waves;
        // A checkpoint waits for what stands above it, even where waves that need no mending put it beside that.
        let wave = |node: usize| waves.iter().position(|wave| wave.contains(&node)).unwrap_or(usize::MAX);
        let keeps = |from, to| wave(from) < wave(to) || (wave(from), wave(to)) == (usize::MAX, usize::MAX);
        if graph.edges.iter().all(|edge| !graph.is_kept(edge.from, edge.to) || keeps(edge.from, edge.to)) {
            prop_assert!(graph.ready_queue(&weights, None) <= graph.wave_time(&waves, &weights, None));
        }
        let one = graph.ready_queue(&weights, Some(1));
        prop_assert_eq!(one, graph.nodes.iter().zip(&weights).map(|(_, weight)| weight).sum::<u64>());
        prop_assert_eq!(graph.ready_queue(&weights, Some(99)), graph.ready_queue(&weights, None));
    }

    #[test]
    fn the_order_keeps_every_edge_outside_of_rings(text in documents()) {
        let graph = read(&text);
        let mut order = graph.order.clone();
        order.sort_unstable();
        prop_assert_eq!(order, (0..graph.nodes.len()).collect::<Vec<_>>());
        for edge in &graph.edges {
            prop_assert!(graph.is_kept(edge.from, edge.to) || leads_to(&graph, edge.to, edge.from), "{edge:?}");
            prop_assert!(!edge.reasons.is_empty() && edge.reasons.is_sorted());
        }
        for fault in &graph.faults {
            prop_assert!(fault.span.end() <= text.len());
        }
    }

    #[test]
    fn any_bytes_make_a_graph(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let reading = Reading::of(SpecDocuments { tasks: Some(bytes.clone()), ..SpecDocuments::default() });
        let graph = Graph::of(&reading, &Plan::of(&reading));
        let _ = (graph.summary(), repair(&graph));
        let edits = repair_edit(&bytes);
        prop_assert!(splice::apply(&bytes, &edits).is_ok());
    }
}

#[test]
fn hostile_documents_stay_cheap() {
    let check = |text: String, expected: usize| {
        let start = std::time::Instant::now();
        let graph = read(&text);
        let _ = (graph.summary(), repair(&graph), graph.ready_queue(&[1; 5_000], Some(3)));
        assert_eq!(graph.nodes.len(), expected);
        let is_measured = !cfg!(debug_assertions);
        assert!(!is_measured || start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
        graph
    };
    let many = if cfg!(debug_assertions) { 1_000 } else { 5_000 };
    // One task below the other, each of which depends on the first part of all.
    let deep: String = (0..many).map(|at| format!("{}- [ ] A (dep: 1)\n", " ".repeat(at.min(900)))).collect();
    check(deep, many.saturating_sub(900));
    // Everything depends on nearly two hundred others.
    let all: Vec<String> = (1..=180).map(|at| at.to_string()).collect();
    let wide: String =
        (1..=many).map(|at| format!("- [ ] {at}. A\n  - _Depends: {}_\n", all.join(", "))).collect();
    let graph = check(wide, many);
    assert!(graph.faults.iter().any(|fault| fault.kind == FaultKind::TooLarge));
    // One ring through all, and a knot of rings.
    let ring: String = (1..=many).map(|at| format!("- [ ] {at}. A (dep: {})\n", at % many + 1)).collect();
    assert_eq!(check(ring, many).cycles[0].tasks.len(), many);
    let knot: String = (1..=many)
        .map(|at| {
            format!("- [ ] {at}. A (dep: {}, {}, {})\n", at % many + 1, at * 7 % many + 1, at * 31 % many + 1)
        })
        .collect();
    assert!(!check(knot, many).cycles.is_empty());
    // Every task writes the same hundred files, in one wave of all.
    let files: String = (1..=100).map(|at| format!(" `src/f{at}.rs`")).collect();
    let tasks: String = (1..=many).map(|at| format!("- [ ] {at}. Update{files}\n")).collect();
    let ids: Vec<String> = (1..=many.min(1_000)).map(|at| at.to_string()).collect();
    check(with_waves(&tasks, &to_kiro_json(&[ids])), many);
}
