//! Tests of `waves`.

use super::*;
use crate::Tasks;

fn claim(document: &str) -> Option<Claim> {
    Tasks::parse(document.as_bytes()).graph
}

#[track_caller]
fn check(json: &str, expected: Option<&[&[&str]]>) {
    fenced("json", json, "", expected);
}

#[track_caller]
fn fenced(info: &str, graph: &str, tasks: &str, expected: Option<&[&[&str]]>) {
    let document = format!("{tasks}\n## Task Dependency Graph\n\n```{info}\n{graph}\n```\n");
    let read = Tasks::parse(document.as_bytes());
    let want = expected.map(|waves| {
        waves
            .iter()
            .enumerate()
            .map(|(number, tasks)| Wave { number, tasks: tasks.iter().map(|t| t.to_string()).collect() })
            .collect::<Vec<_>>()
    });
    let got = read.graph.as_ref().and_then(|claim| claim.waves_of(&read.tasks));
    assert_eq!(got, want, "{graph}");
    if let Some(claim) = read.graph {
        let named = claim.waves.iter().flat_map(|wave| &wave.tasks);
        let ends = claim.edges.iter().flat_map(|edge| [&edge.from, &edge.to]);
        for named in named.chain(ends) {
            let written = named.span.text(document.as_bytes());
            assert_eq!(written.trim().trim_end_matches('.'), named.text, "{graph}");
        }
    }
}

const TASKS: &str = "- [ ] 1. Set up the store\n  - [ ] 1.1 Create tables\n  - [ ] 1.2 Write queries\n- [ ] 2. Wire the API\n";

#[test]
fn json_of_every_shape() {
    check(
        r#"{"waves":[{"id":0,"tasks":["1.1"]},{"id":1,"tasks":["1.2","1.3"]}]}"#,
        Some(&[&["1.1"], &["1.2", "1.3"]]),
    );
    check(r#"{"waves":[{"wave":1,"description":"x","tasks":["1"]}]}"#, Some(&[&["1"]]));
    check(r#"{"waves":[{"id":"a","name":"N","depends_on":[0],"tasks":["1."]}]}"#, Some(&[&["1"]]));
    check(r#"{"waves":[["1","2"],["3.1"]]}"#, Some(&[&["1", "2"], &["3.1"]]));
    check(r#"[["1"],[2]]"#, Some(&[&["1"], &["2"]]));
    check(r#"[{"tasks":[1.1]}]"#, Some(&[&["1.1"]]));
    check(r#"{"waves":{"wave1":["1"],"wave2":["2"]}}"#, Some(&[&["1"], &["2"]]));
    check(r#"{"waves":[{"tasks":[{"id":"1.1","title":"x"}]}]}"#, Some(&[&["1.1"]]));
    check("// by hand\n{\"waves\": [[\"1\", /* two */ \"2\"],],}", Some(&[&["1", "2"]]));
    check(r#"{"tasks":[{"id":"1"},{"id":"2","depends_on":["1"]}]}"#, Some(&[&["1"], &["2"]]));
    check(r#"{"2":["1"],"3":["1","2"]}"#, Some(&[&["1"], &["2"], &["3"]]));
    check(r#"{"edges":[["1","2"],{"from":"1","to":"3"}]}"#, Some(&[&["1"], &["2", "3"]]));
    check(r#"{"waves":[]}"#, None);
    check(r#"{"waves":["1","2"]}"#, None);
    check("", None);
    check("{", None);
}

#[test]
fn diagrams_and_arrows() {
    fenced(
        "mermaid",
        "graph TD\n  A[1.1 Create tables] --> B[\"1.2 Write queries\"]\n  B --> C(2. Wire the API)",
        TASKS,
        Some(&[&["1.1"], &["1.2"], &["2"]]),
    );
    fenced(
        "mermaid",
        "flowchart LR\nT1_1 --> T1_2 & T2\nstyle T2 fill:#fff",
        TASKS,
        Some(&[&["1.1"], &["1.2", "2"]]),
    );
    fenced("", "graph TD\nT1_1 -->|first| T1_2", TASKS, Some(&[&["1.1"], &["1.2"]]));
    fenced(
        "text",
        "T1 --> T2\nT2 --> T3",
        "- [ ] T1: A\n- [ ] T2: B\n- [ ] T3: C\n",
        Some(&[&["T1"], &["T2"], &["T3"]]),
    );
    fenced("", "1.1 -> 1.2, 2\n", TASKS, Some(&[&["1.1"], &["1.2", "2"]]));
    fenced("json", "1.1 → 1.2 → 2", TASKS, Some(&[&["1.1"], &["1.2"], &["2"]]));
    fenced("", "Wave 0: 1.1\nWave 1: 1.2, 2 (last)", TASKS, Some(&[&["1.1"], &["1.2", "2"]]));
    fenced("", "1.1 -> 1.2\n1.2 -> 1.1", TASKS, None);
    fenced("", "nothing here", TASKS, None);
}

#[test]
fn titles_stand_for_tasks() {
    fenced(
        "json",
        r#"{"waves":[["Create tables"],["Write quer…","Task 2"],["1.2 Write queries"]]}"#,
        TASKS,
        Some(&[&["1.1"], &["1.2", "2"], &["1.2"]]),
    );
    fenced("json", r#"{"waves":[["Unknown thing"]]}"#, TASKS, Some(&[&["Unknown thing"]]));
}

#[test]
fn the_waves_of_a_document_keep_their_words() {
    let document =
        format!("{TASKS}\n## Task Dependency Graph\n```json\n[[\"Create tables\"],[\"2.\"]]\n```\n");
    let waves = Tasks::parse(document.as_bytes()).waves.unwrap();
    assert_eq!(waves.iter().map(|wave| wave.tasks.concat()).collect::<Vec<_>>(), ["Create tables", "2"]);
}

#[test]
fn the_section_may_stand_anywhere() {
    let read = |document: &str| claim(document).map(|claim| (claim.shape, claim.is_strict_kiro));
    let strict = r#"{"waves":[{"id":0,"tasks":["1"]}]}"#;
    let kiro = format!("## Task Dependency Graph\n\n```json\n{strict}\n```\n");
    assert_eq!(read(&kiro), Some((Shape::Objects, true)));
    assert_eq!(
        read(&format!("## タスク依存関係グラフ\n```json\n{strict}\n```\n")),
        Some((Shape::Objects, false))
    );
    assert_eq!(
        read(&format!("### Task Dependency Graph\n```json\n{strict}\n```\n")),
        Some((Shape::Objects, false))
    );
    assert_eq!(read(&format!("## Notes\n```json\n{strict}\n```\n")), Some((Shape::Objects, false)));
    assert_eq!(read("## Execution Waves\n\n- Wave 1: 1.1\n- Wave 2: 1.2\n"), Some((Shape::Lines, false)));
    assert_eq!(read("## Граф зависимостей\n\n1.1 → 1.2\n"), Some((Shape::Arrows, false)));
    for loose in [
        r#"{"waves":[{"id":1,"tasks":["1"]}]}"#,
        r#"{"waves":[{"id":"0","tasks":["1"]}]}"#,
        r#"{"waves":[{"id":0,"tasks":[1]}]}"#,
        r#"{"waves":[["1"]]}"#,
        r#"{"waves":[{"id":0,"tasks":["1"]},]}"#,
    ] {
        let document = format!("## Task Dependency Graph\n```json\n{loose}\n```\n");
        assert!(claim(&document).is_some_and(|claim| !claim.is_strict_kiro), "{loose}");
    }
}

#[test]
fn findings() {
    let codes = |graph: &str| -> Vec<&str> {
        let document = format!("## Task Dependency Graph\n```json\n{graph}\n```\n");
        Tasks::parse(document.as_bytes()).diagnostics.iter().map(|found| found.code).collect()
    };
    assert_eq!(codes("{"), ["tasks/unreadable-graph"]);
    assert_eq!(codes("1.1 -> 1.1"), ["tasks/graph-cycle"]);
    let many = format!("{{\"waves\":[{}[\"1\"]]}}", "[\"1\"],".repeat(WAVES_MAX));
    assert_eq!(codes(&many), ["tasks/graph-too-large"]);
    let wide = format!("{{\"waves\":[[{}\"1\"]]}}", "\"1\",".repeat(WAVE_TASKS_MAX));
    assert_eq!(codes(&wide), ["tasks/graph-too-large"]);
}

proptest::proptest! {
    #[test]
    fn any_graph_is_read_without_a_panic(s in "([\\[\\]{}\",:0-9.]|waves|tasks|id|-->|->|&|Wave |[A-C]|\n| |\\\\|//|/\\*){0,40}", info in "(json|mermaid|)") {
        let document = format!("- [ ] 1. A\n## Task Dependency Graph\n```{info}\n{s}\n```\n");
        let _ = Tasks::parse(document.as_bytes());
    }
}
