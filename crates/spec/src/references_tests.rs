//! References in every dialect seen in real files: ids, spans and bounds.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(line: &str, ids: &[&str]) {
    assert_eq!(
        read_line(line).map(|found| found.ids),
        Some(ids.iter().map(|s| s.to_string()).collect()),
        "{line}"
    );
}

#[test]
fn every_dialect_of_the_corpus() {
    check("- _Requirements: 1.1, 2.3_", &["1.1", "2.3"]);
    check("_Requirements: 3.1-3.4_", &["3.1", "3.2", "3.3", "3.4"]);
    check("_Requirements: 2.1–2.3, 4_", &["2.1", "2.2", "2.3", "4"]);
    check("_Requirements: REQ-5.2-5.4_", &["5.2", "5.3", "5.4"]);
    check("_Requirements: 5.2-REQ-5.4_", &["5.2", "5.3", "5.4"]);
    check("_Requirements: 3.1-4_", &["3.1", "3.2", "3.3", "3.4"]);
    check("_Requirements: 3.1 - 3.3_", &["3.1", "3.2", "3.3"]);
    check("_Requirements: 3.1 to 3.3_", &["3.1", "3.2", "3.3"]);
    check("_Requirements: 1-3_", &["1", "2", "3"]);
    check("_Requirement: 2_", &["2"]);
    check("_Requirements: R1, R2_", &["1", "2"]);
    check("_Requirements: [1.1, 1.2]_", &["1.1", "1.2"]);
    check("_Requirements: 1.1 (partly, see notes), 1.2 and 1.3._", &["1.1", "1.2", "1.3"]);
    check("_Requirements: NFR 2.1, DR1.1_", &["NFR-2.1", "DR-1.1"]);
    check("_Requirements: FR-1, AC-1.1, US2_", &["FR-1", "1.1", "US-2"]);
    check("_Requirements: US-1 AC-1, US-2_", &["US-1", "AC-1", "US-2"]);
    check("_Requirements: 7b, 1.2a_", &["7b", "1.2a"]);
    check("_Requirements: 6.x, 2.*_", &["6", "2"]);
    check(
        "_Requirements: Req 1.2, Req 1.3; Design §Mapping (Property 1)_",
        &["1.2", "1.3", "Design §Mapping"],
    );
    check("_Requirements: 1.1 Login, 1.2: Logout_", &["1.1", "1.2"]);
    check("_Requirements: 2.8・9.3/9.4_", &["2.8", "9.3", "9.4"]);
    check("**Validates: Requirements 1.1, 1.2 (and 1.4)**", &["1.1", "1.2", "1.4"]);
    check("**Validates: Requirements 1.1, 1.4**", &["1.1", "1.4"]);
    check("- Write it _Requirements: 1.1_", &["1.1"]);
    check("Refs: 1.1", &["1.1"]);
    check("_Requirements: N/A (infrastructure)_", &[]);
    check("_Requirements: 5.3-5.1_", &["5.3", "5.1"]);
    check("_Requirements: Test Quality, CI/CD Performance_", &["Test Quality", "CI/CD Performance"]);
    check("_Requirements: Derived 1.1, 2.2_", &["Derived 1.1", "2.2"]);
    check("| Requirements | 1.1, 1.2 |", &["1.1", "1.2"]);
}

#[test]
fn titles_cite_in_brackets_and_behind_dashes() {
    let check = |title: &str, ids: &[&str]| {
        let found = in_title(title).map(|found| found.ids).unwrap_or_default();
        assert_eq!(found, ids, "{title}");
        let spans = title_spans(title.as_bytes(), 0);
        let named: Vec<String> = spans.iter().map(|r| r.number.text(title.as_bytes())).collect();
        assert!(
            spans.len() >= ids.len().min(1) && named.iter().all(|n| title.contains(n.as_str())),
            "{title}"
        );
    };
    check("Write the parser (Req 1.1, 1.2)", &["1.1", "1.2"]);
    check("Write it (Requirements: 1.1 and 2.3)", &["1.1", "2.3"]);
    check("Write it [R1.1-1.3]", &["1.1", "1.2", "1.3"]);
    check("编写接口（需求 1.1、1.2）", &["1.1", "1.2"]);
    check("Написать (Требования 1.1, 1.2)", &["1.1", "1.2"]);
    check("Write it — Requirement 3", &["3"]);
    check("PBT: Property 1 — Counts: for any x, y holds (Req 1.3)", &["1.3"]);
    check("Write it (1.1, 1.2)", &[]);
    check("Write it (R 3 times)", &[]);
    check("Meet requirement 3 (requirement 3 of the law is older)", &[]);
    check("Return 404 [see](a.md)", &[]);
}

#[test]
fn ranges_have_words_in_many_languages() {
    for line in [
        "_Requirements: from 1.1 to 1.3_",
        "_Requisitos: de 1.1 a 1.3_",
        "_Anforderungen: von 1.1 bis 1.3_",
        "_Требования: с 1.1 по 1.3_",
        "_Yêu cầu: từ 1.1 đến 1.3_",
        "_요구사항: 1.1부터 1.3까지_",
        "_要件: 1.1から1.3まで_",
        "_需求：从1.1到1.3_",
        "_Persyaratan: dari 1.1 sampai 1.3_",
        "_Wymagania: od 1.1 do 1.3_",
    ] {
        check(line, &["1.1", "1.2", "1.3"]);
    }
    check("_Requirements: НФТ-1, ФТ2.1_", &["НФТ-1", "ФТ-2.1"]);
}

#[test]
fn ordinary_words_are_labels_only_over_ids() {
    check("- Acceptance Criteria: AC-1.1, AC-1.2", &["1.1", "1.2"]);
    check("- Reference: 1.2 and 1.3", &["1.2", "1.3"]);
    check("- Covers the requirements: 1.1, 2.2", &["1.1", "2.2"]);
    check("- 对应的需求：1.1、2.2", &["1.1", "2.2"]);
    for line in [
        "- Acceptance criteria: 3",
        "- Criteria: 2.5 seconds at most",
        "- Reference: chapter 1.2",
        "- Python requirements: 3.11",
        "- Requirements of the law: see 1.2",
        "- user story: 3",
    ] {
        assert_eq!(read_line(line), None, "{line}");
    }
}

#[test]
fn every_language() {
    for line in [
        "_Requirements: 1.1、1.2_",
        "_需求: 1.1、1.2_",
        "- _需求：1.1，1.2_",
        "**验证需求：需求 1.1, 1.2**",
        "_對應需求: 1.1, 1.2_",
        "- 要件: 1.1, 1.2",
        "検証: 要件 1.1, 1.2",
        "_요구사항: 1.1, 1.2_",
        "_Требования: 1.1, 1.2_",
        "_Yêu cầu: 1.1, 1.2_",
        "_Persyaratan: 1.1 dan 1.2_",
        "_Requisitos: 1.1 y 1.2_",
        "_Requisitos: 1.1 e 1.2_",
        "_Anforderungen: 1.1 und 1.2_",
        "_Exigences : 1.1 et 1.2_",
        "_Gereksinimler: 1.1 ve 1.2_",
    ] {
        check(line, &["1.1", "1.2"]);
    }
}

#[test]
fn all_is_said_and_not_listed() {
    for line in [
        "_Requirements: All requirements_",
        "_Requirements: All requirements 1.1-10.5_",
        "_Requirements: все требования_",
        "_要件: 全体_",
        "_需求: 所有需求_",
        "_요구사항: 모든 요구사항_",
        "_Requisitos: todas_",
        "_Yêu cầu: Tất cả_",
        "_Persyaratan: Semua_",
        "_Gereksinimler: tümü_",
        "_Anforderungen: alle_",
        "_Exigences: toutes_",
    ] {
        assert!(read_line(line).is_some_and(|found| found.all && found.ids.is_empty()), "{line}");
    }
    check("_Requirements: Allowance_", &["Allowance"]);
}

#[test]
fn words_that_are_no_reference_line() {
    for line in ["- requirements are met", "- Validates: the email is unique", "Covers: everything else", ""]
    {
        assert_eq!(read_line(line), None, "{line}");
    }
}

#[track_caller]
fn check_spans(line: &[u8], expected: &[(&str, &str, &str)]) {
    let shown: Vec<_> = spans(line, 100)
        .into_iter()
        .map(|found| {
            let at = |span: Span| Span { offset: span.offset - 100, len: span.len }.text(line);
            let form = match &found.form {
                Form::Range { to, number } => format!("to {to} at {}", at(*number)),
                form => format!("{form:?}").to_lowercase(),
            };
            (at(found.span), at(found.number), form)
        })
        .collect();
    let want: Vec<_> =
        expected.iter().map(|(a, b, c)| (a.to_string(), b.to_string(), c.to_string())).collect();
    assert_eq!(shown, want, "{}", String::from_utf8_lossy(line));
}

#[test]
fn spans_are_the_bytes_as_written() {
    check_spans(
        "  - _Requirements: REQ-1.2, `3`, [4.1-4.3], REQ-5.2-5.5_".as_bytes(),
        &[
            ("REQ-1.2", "1.2", "single"),
            ("3", "3", "whole"),
            ("4.1-4.3", "4.1", "to 4.3 at 4.3"),
            ("REQ-5.2-5.5", "5.2", "to 5.5 at 5.5"),
        ],
    );
    check_spans(
        "**Validates: Requirements 1.1 (x, 9.9), 2.1 – 3 (and 2.7)**".as_bytes(),
        &[("Requirements 1.1", "1.1", "single"), ("2.1 – 3", "2.1", "to 2.3 at 3"), ("2.7", "2.7", "single")],
    );
    check_spans("_Requirements: All_".as_bytes(), &[("All", "All", "all")]);
    check_spans("_Requirements: N/A_".as_bytes(), &[("N/A", "N/A", "none")]);
    check_spans(
        b"- \xff_Requirements: 1.1, \xffx_",
        &[("1.1", "1.1", "single"), ("\u{fffd}x", "\u{fffd}x", "unknown")],
    );
}

#[test]
fn a_list_that_goes_on_says_so() {
    assert_eq!(
        list_of(b"- _Requirements: 1.1, 1.2,", 0).map(|(list, more)| (list.len(), more)),
        Some((2, true))
    );
    assert_eq!(
        list_of(b"- _Requirements: 1.1,_", 0).map(|(list, more)| (list.len(), more)),
        Some((1, false))
    );
}

#[test]
fn one_form_to_compare_ids() {
    let check = |id: &str, expected: &str| assert_eq!(normal_id(id), expected);
    check("REQ-1.2", "1.2");
    check(" `R1.2.` ", "1.2");
    check("Requirement 3", "3");
    check("nfr 2.1", "NFR-2.1");
    check("7b", "7b");
    check("User login", "User login");
    check("1.1-1.4", "1.1-1.4");
}

#[test]
fn a_huge_range_is_bounded() {
    let found = read_items("1-999999, 2.1-2.999999");
    assert_eq!(found.ids.len(), REFERENCES_MAX);
}

#[test]
fn a_line_of_megabytes_takes_linear_time() {
    for unit in
        ["1.1, ", "(", "_Requirements: ", "a:", "1-", "and ", "（）", ",", "(and 1.1", "Req ", "[`*_."]
    {
        let line = format!("_Requirements: {}", unit.repeat(2_000_000 / unit.len()));
        let started = std::time::Instant::now();
        assert!(spans(line.as_bytes(), 0).len() <= SPANS_MAX);
        let _ = read_line(&line);
        assert!(started.elapsed().as_secs() < 20, "{unit}: {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn any_line_is_read_without_a_panic(s in any::<String>()) {
        let _ = read_line(&s);
        let _ = read_items(&s);
    }

    #[test]
    fn spans_stay_inside_and_in_order(bytes in "(_Requirements: |[0-9]{1,2}|\\.|, |-| and |\\(|\\)|\\*|[a-z])\
        {0,40}", junk in proptest::collection::vec(any::<u8>(), 0..8)) {
        let mut line = bytes.into_bytes();
        line.extend(junk);
        let mut last = 0;
        for found in spans(&line, 0) {
            prop_assert!(found.span.offset >= last && found.span.end() <= line.len());
            prop_assert!(found.number.offset >= found.span.offset && found.number.end() <= found.span.end());
            last = found.span.end();
        }
    }

    #[test]
    fn written_items_are_read_back(ids in proptest::collection::vec((1u32..20, 1u32..20, 0u32..3), 1..10)) {
        let shown: Vec<String> = ids.iter().map(|(a, b, more)| match more {
            0 => format!("{a}.{b}"),
            more => format!("{a}.{b}-{a}.{}", b + more),
        }).collect();
        let mut want: Vec<String> = Vec::new();
        for (a, b, more) in &ids {
            for last in *b..=b + more {
                let id = format!("{a}.{last}");
                if !want.contains(&id) {
                    want.push(id);
                }
            }
        }
        let line = format!("  - _Requirements: {}_", shown.join(", "));
        prop_assert_eq!(read_line(&line).unwrap().ids, want);
        prop_assert_eq!(spans(line.as_bytes(), 0).len(), shown.len());
    }
}
