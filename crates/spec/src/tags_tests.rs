//! Tags as real tests and sources write them, and the speed of a scan.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let got: Vec<String> = scan(text.as_bytes())
        .into_iter()
        .map(|tag| {
            let spec = tag.spec.map(|name| format!("{name}#")).unwrap_or_default();
            let to = tag.to.map(|(to, _)| format!("-{to}")).unwrap_or_default();
            format!(
                "{:?} {spec}{}{to} `{}` {}:{}",
                tag.kind,
                tag.id,
                tag.number.text(text.as_bytes()),
                tag.line,
                tag.confidence
            )
        })
        .collect();
    assert_eq!(got, expected, "{text}");
}

#[test]
fn what_kiro_writes_into_tests() {
    check(
        "/**\n * Feature: data-league, Property 16: Configuration\n * Validates: Requirements 12.5, 13.1-13.3\n */\n",
        &[
            "Spec data-league# `data-league` 2:100",
            "Property data-league#16 `16` 2:80",
            "Requirement data-league#12.5 `12.5` 3:100",
            "Requirement data-league#13.1-13.3 `13.1` 3:100",
        ],
    );
    check("  // **Validates: Requirement 2.2**", &["Requirement 2.2 `2.2` 1:100"]);
    check("    - _Requirements: 1.1, 1.2_", &["Requirement 1.1 `1.1` 1:100", "Requirement 1.2 `1.2` 1:100"]);
    check("# Validates: 1.2, 3", &["Requirement 1.2 `1.2` 1:100", "Requirement 3 `3` 1:90"]);
}

#[test]
fn prose() {
    check("\"\"\"Req 1.1: loads\"\"\"", &["Requirement 1.1 `1.1` 1:95"]);
    check("// REQ-1.2 and REQ-1.3", &["Requirement 1.2 `1.2` 1:95", "Requirement 1.3 `1.3` 1:95"]);
    check("// see Requirement 3, 5 seconds later", &["Requirement 3 `3` 1:85"]);
    check(
        "// Requirements 3, 5 and 7.1",
        &["Requirement 3 `3` 1:85", "Requirement 5 `5` 1:85", "Requirement 7.1 `7.1` 1:95"],
    );
    check("// 要件 1.2/4.5 を満たす", &["Requirement 1.2 `1.2` 1:95", "Requirement 4.5 `4.5` 1:95"]);
    check("// （要件 10.3・13.8）", &["Requirement 10.3 `10.3` 1:95", "Requirement 13.8 `13.8` 1:95"]);
    check("# 验证需求 1.1, 5.1：", &["Requirement 1.1 `1.1` 1:95", "Requirement 5.1 `5.1` 1:95"]);
    check("# AC 1.2: invites", &["Requirement 1.2 `1.2` 1:70"]);
    check("// Propiedad 21: sin datos", &["Property 21 `21` 1:80"]);
    check("// プロパティ1: 接続", &["Property 1 `1` 1:80"]);
    check("// Properties 1–3 hold", &["Property 1-3 `1` 1:80"]);
    check("// part of Task 2.1: validation", &["Task 2.1 `2.1` 1:80"]);
    check("// runs tasks 5 times", &["Task 5 `5` 1:40"]);
    check("// Derived Requirement 1", &["Requirement 1 `1` 1:30"]);
}

#[test]
fn names_of_specs() {
    check("// @spec login#1.2", &["Requirement login#1.2 `1.2` 1:100"]);
    check("Task: login#2.1", &["Task login#2.1 `2.1` 1:100"]);
    check(
        "// Feature: a, Property 1\n\n// Feature: b, Property 1\n// Requirement 1.1\n\n// Requirement 1.2\n",
        &[
            "Spec a# `a` 1:100",
            "Property a#1 `1` 1:80",
            "Spec b# `b` 3:100",
            "Property b#1 `1` 3:80",
            "Requirement b#1.1 `1.1` 4:95",
            "Requirement 1.2 `1.2` 6:95",
        ],
    );
    check("Feature: Guess the word 3", &[]);
}

#[test]
fn names_and_titles_of_tests() {
    check("fn test_req_1_2_logs_in() {", &["Requirement 1.2 `1_2` 1:85"]);
    check("func TestRequirement3_2_Batch(", &["Requirement 3.2 `3_2` 1:85"]);
    check("async testRequirement1_3();", &["Requirement 1.3 `1_3` 1:85"]);
    check("def requirement_3_2():", &["Requirement 3.2 `3_2` 1:60"]);
    check("class TestRequirement1_Tiers:", &["Requirement 1 `1` 1:75"]);
    check("def test_property_3_holds():", &["Property 3 `3` 1:75"]);
    check("  it(\"1.2 logs in\", () => {", &["Requirement 1.2 `1.2` 1:45"]);
    check("  test('logs in [1.2]', () => {", &["Requirement 1.2 `1.2` 1:40"]);
}

#[test]
fn what_is_no_tag() {
    for text in [
        "const req1 = req.body[2];",
        "version 1.2.3",
        "cmd.exists(&req.0) && req[1]",
        "feature: None,",
        "for (Feature: FeatureSet)",
        "bd:51:ac:39:54",
        "let task1 = task(2);",
        "const property1 = 3;",
        "Requirement 1.5s",
        "requirements.txt 3",
        "app.get('/', (req, res) => 1)",
        "",
    ] {
        check(text, &[]);
    }
}

#[test]
fn a_file_is_bounded() {
    let text = "Requirement 1.2\n".repeat(TAGS_MAX + 10);
    assert_eq!(scan(text.as_bytes()).len(), TAGS_MAX);
    assert_eq!(scan(text.as_bytes()).last().map(|tag| tag.line), Some(TAGS_MAX));
}

#[test]
fn a_line_of_megabytes_takes_linear_time() {
    for unit in [
        "Requirements 1.1, ",
        "Feature: ",
        "test_req_1_",
        "Task: a#",
        "it(\"[",
        "req 1",
        "ask: a",
        "1",
        "_1",
        "Property ",
    ] {
        let line = unit.repeat(2_000_000 / unit.len());
        let started = std::time::Instant::now();
        assert!(scan(line.as_bytes()).len() <= TAGS_MAX);
        assert!(started.elapsed().as_secs() < 20, "{unit}: {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = scan(&bytes);
    }

    #[test]
    fn the_prefilter_loses_nothing(
        lines in proptest::collection::vec("(// |Requirement|Req|Property|Task|Feature: a|test_req|it\\(\"|要件|AC| |_|-|:|[0-9]|\\.|x){0,14}", 0..6)
    ) {
        let text = lines.join("\n\n");
        let mut want = Vec::new();
        let mut offset = 0;
        for (at, content) in text.split('\n').enumerate() {
            want.extend(line::read(content.as_bytes(), offset, at + 1));
            offset += content.len() + 1;
        }
        let key = |tag: &Tag| (tag.number, tag.line, tag.kind);
        let got: Vec<_> = scan(text.as_bytes()).iter().map(key).collect();
        prop_assert_eq!(got, want.iter().map(key).collect::<Vec<_>>());
    }

    #[test]
    fn spans_hold_the_id(a in 1u32..100, b in 1u32..100, word in "(Requirement |REQ-|Req |要件|需求 |test_req_)") {
        let is_name = word.starts_with("test");
        let id = format!("{a}.{b}");
        let written = if is_name { format!("{a}_{b}") } else { id.clone() };
        let text = format!("x\n  // {word}{written} y");
        let tags = scan(text.as_bytes());
        prop_assert_eq!(tags.len(), 1);
        prop_assert_eq!(&tags[0].id, &id);
        prop_assert_eq!(tags[0].number.text(text.as_bytes()), written);
        prop_assert_eq!(tags[0].line, 2);
    }
}

/// Run with `--release -- --ignored --nocapture` for a number that means something.
#[test]
#[ignore = "a measurement, not a check"]
fn megabytes_per_second() {
    let body = "    let value = compute(first, second)?; // a remark about nothing in particular\n\
        pub fn handle(request: &Request, response: &mut Response) -> Result<(), Error> {\n\
        \x20   for item in items.iter().filter(|item| item.is_ready()) { total += item.price * 3; }\n";
    let mut text = String::new();
    while text.len() < 100_000_000 {
        for _ in 0..20 {
            text.push_str(body);
        }
        text.push_str("    // Feature: login, Property 3: words\n    // Validates: Requirements 1.2, 3.4\n");
    }
    let mut tags = 0;
    let started = std::time::Instant::now();
    for file in text.as_bytes().chunks(20_000) {
        tags += scan(file).len();
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{:.0} MB/s, {} bytes, {tags} tags", text.len() as f64 / 1e6 / seconds, text.len());
}
