//! Tests of `bugfix`.

use super::ClauseKind::{Current, Expected, Unchanged};
use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(input: &str, expected: &[(ClauseKind, &str, &str)]) {
    let got: Vec<_> = Bugfix::parse(input.as_bytes())
        .clauses
        .into_iter()
        .map(|clause| (clause.kind, clause.criterion.id, clause.criterion.text))
        .collect();
    let want: Vec<_> = expected.iter().map(|(k, i, t)| (*k, i.to_string(), t.to_string())).collect();
    assert_eq!(got, want, "{input}");
}

#[test]
fn clauses_are_paragraphs_or_items() {
    check(
        "# Bugfix Requirements Document\n## Introduction\nx\n## Bug Analysis\n\
         ### Current Behavior (Defect)\n1.1 WHEN empty THEN NaN\n\n1.2 WHEN x\nTHEN y\n\
         ### Expected Behavior (Correct)\n- 2.1 WHEN empty THEN 0\n\
         ### Unchanged Behavior (Regression Prevention)\n1. keeps the sum\n",
        &[
            (Current, "1.1", "WHEN empty THEN NaN"),
            (Current, "1.2", "WHEN x\nTHEN y"),
            (Expected, "2.1", "WHEN empty THEN 0"),
            (Unchanged, "3.1", "keeps the sum"),
        ],
    );
}

#[test]
fn translated_sections_and_missing_numbers() {
    check(
        "## バグ分析\n### 現在の動作（不具合）\n1.1 WHEN 空 THEN NaN\n### 期待される動作（正常）\n- **2.1** 0 を表示\n### 変更してはいけない動作\n- 合計\n",
        &[(Current, "1.1", "WHEN 空 THEN NaN"), (Expected, "2.1", "0 を表示"), (Unchanged, "3.1", "合計")],
    );
    check(
        "### 当前行为（缺陷）\n- 甲\n- 乙\n### 预期行为\n- 丙\n",
        &[(Current, "1.1", "甲"), (Current, "1.2", "乙"), (Expected, "2.1", "丙")],
    );
    check(
        "### Comportamento Atual\nWHEN a\nTHEN b\n\nWHEN c THEN d\n",
        &[(Current, "1.1", "WHEN a\nTHEN b"), (Current, "1.2", "WHEN c THEN d")],
    );
    check(
        "**Current Behavior:**\n- a\n\n**Expected Behavior:**\n- b\n",
        &[(Current, "1.1", "a"), (Expected, "2.1", "b")],
    );
}

#[test]
fn groups_and_several_bugs() {
    check(
        "### Current Behavior\n**Bug 1**\n\n1.1 a\n\n**Bug 2**\n\n1.2 b\n",
        &[(Current, "1.1", "a"), (Current, "1.2", "b")],
    );
    check(
        "### Bug 1\n#### Current Behavior (Defect)\n- a\n#### Expected Behavior\n- b\n### Bug 2\n#### Current Behavior\n- c\n",
        &[(Current, "1.1", "a"), (Expected, "2.1", "b"), (Current, "1.2", "c")],
    );
}

#[test]
fn what_is_missing_or_double_is_told() {
    let codes = |input: &str| -> Vec<_> {
        Bugfix::parse(input.as_bytes()).diagnostics.into_iter().map(|d| d.code).collect()
    };
    assert_eq!(codes("# x\n"), ["bugfix/no-clauses"]);
    assert_eq!(codes("### Current Behavior\n1.1 a\n\n1.1 b\n"), ["bugfix/duplicate-clause"]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Bugfix::parse(&bytes);
    }
}
