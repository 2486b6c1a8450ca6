//! Tests of `pairs`.

use super::*;
use crate::conflict::statement;
use spec::Span;

fn clash(a: &str, b: &str, care: Care) -> Option<Clash> {
    let read =
        |id: &str, at: usize, text: &str| statement::read(id, "a.md", Span { offset: at, len: 1 }, text);
    let all: Vec<_> = read("1", 0, a).into_iter().chain(read("2", 9, b)).collect();
    let prepared: Vec<_> = all.iter().map(Prepared::of).collect();
    alike(&prepared).into_iter().find_map(|(a, b)| judge(&prepared[a], &prepared[b], care))
}

#[track_caller]
fn check(a: &str, b: &str, expected: &str) {
    let got = match clash(a, b, Care::Within) {
        None => String::new(),
        Some(Clash::Duplicate) => "same".to_string(),
        Some(Clash::NearDuplicate) => "near".to_string(),
        Some(Clash::Polarity) => "not".to_string(),
        Some(Clash::Bound(a, b)) => format!("bound {a} / {b}"),
        Some(Clash::Always(second)) => format!("always {second}"),
        Some(Clash::Actors) => "actors".to_string(),
        Some(Clash::Antonym(a, b)) => format!("{a} / {b}"),
    };
    assert_eq!(got, expected, "\n{a}\n{b}");
}

#[test]
fn one_forbids_what_the_other_asks_for() {
    check("WHEN full, THE Store SHALL drop the row", "WHEN full, THE Store SHALL NOT drop the row", "not");
    check(
        "When the Store is full, the Store must drop rows",
        "WHEN full THEN THE Store SHALL NOT drop the rows",
        "not",
    );
    check("THE Page SHALL show no banner", "THE Page SHALL show the banner", "not");
    check("THE Store SHALL drop old rows", "THE Store SHALL NOT drop old rows", "not");
    check("システムはデータを削除する", "システムはデータを削除してはならない", "not");
    check("系统应保存用户数据", "系统不得保存用户数据", "not");
    check("El sistema debe guardar datos", "El sistema no debe guardar datos", "not");
    check("Das System muss Daten speichern", "Das System muss Daten nicht speichern", "not");
}

#[test]
fn two_cases_are_no_conflict() {
    check("IF valid, THEN THE Api SHALL save", "IF not valid, THEN THE Api SHALL NOT save", "");
    check("WHEN login succeeds, THE Api SHALL log it", "WHEN login fails, THE Api SHALL NOT log it", "");
    check("WHILE dark is on, THE Ui SHALL dim", "WHILE dark is off, THE Ui SHALL NOT dim", "");
    check("WHEN mode is \"a\", THE Ui SHALL dim", "WHEN mode is \"b\", THE Ui SHALL NOT dim", "");
    check("WHEN 3 fail, THE Ui SHALL dim", "WHEN 5 fail, THE Ui SHALL NOT dim", "");
    check("THE Ui SHALL show the list", "THE Ui SHALL NOT show the key", "");
    check("THE Ui SHALL ask", "THE Api SHALL NOT ask", "");
    check("WHEN sent, THE Ui SHALL ask", "WHEN sent, unless told, THE Ui SHALL NOT ask", "");
}

#[test]
fn limits_differ() {
    check(
        "THE Api SHALL answer within 2 s",
        "THE Api SHALL answer within 500 ms",
        "bound within 2 s / within 500 ms",
    );
    check("THE Api SHALL answer within 2 s", "THE Api SHALL answer within 2000 ms", "same");
    check("THE Api SHALL keep 3 rows", "THE Api SHALL keep five rows", "bound 3 / five");
    check(
        "WHEN more than 3 fail, THE Api SHALL lock",
        "WHEN more than 5 fail, THE Api SHALL lock",
        "bound more than 3 / more than 5",
    );
    check("WHEN the module is not 3, THE Api SHALL lock", "WHEN the module is not 5, THE Api SHALL lock", "");
    check("THE Api SHALL keep at least 3 rows", "THE Api SHALL keep at most 9 rows", "near");
    check("THE Api SHALL exit with code 0", "THE Api SHALL exit with code 1", "bound 0 / 1");
    check("THE Guide SHALL name module 3", "THE Guide SHALL name module 4", "");
    check("APIは5秒以内に応答する", "APIは10秒以内に応答する", "bound 5秒以内 / 10秒以内");
}

#[test]
fn words_are_opposites() {
    check(
        "WHEN sent, THE Ui SHALL enable the key",
        "WHEN sent, THE Ui SHALL disable the key",
        "enable / disable",
    );
    check("WHEN sent, THE Ui SHALL enable the key", "WHEN kept, THE Ui SHALL disable the key", "");
    check(
        "THE List SHALL be sorted in ascending order",
        "THE List SHALL be sorted in descending order",
        "ascending / descending",
    );
    check("THE Ui SHALL enable the key", "THE Ui SHALL NOT disable the key", "");
    check("THE Ui SHALL show the key", "THE Ui SHALL hide the menu", "");
    check("THE Ui SHALL support a show key", "THE Ui SHALL support a hide key", "");
    check("系统应允许用户访问", "系统应拒绝用户访问", "允许 / 拒绝");
}

#[test]
fn conditions_without_effect_and_two_actors() {
    check("WHEN sent, THE Ui SHALL show the old list", "THE Ui SHALL show the old list", "always true");
    check("THE Ui SHALL show the old list", "WHEN sent, THE Ui SHALL show the old list", "always false");
    check("WHEN sent, THE Ui SHALL show the old list", "THE Ui SHALL show the new list", "");
    check(
        "WHEN sent, THE Ui SHALL show the old list",
        "WHEN sent, THE Hub SHALL show the old list",
        "actors",
    );
    check("WHEN sent, THE Ui SHALL show the old list", "WHEN kept, THE Hub SHALL show the old list", "");
    check("THE Ui SHALL start", "THE Hub SHALL start", "");
    check("WHEN sent, THE Ui SHALL ask twice", "THE Ui SHALL ask twice", "always true");
    check("WHEN sent, THE Ui SHALL work", "THE Ui SHALL work", "");
    let long = "SHALL record the name, the path, the branch, the size and the owner of each changed file";
    check(&format!("THE Ui {long}"), &format!("THE Hub {long}"), "actors");
    check("THE Ui SHALL record the name of each file", "THE Hub SHALL record the name of each file", "");
}

#[test]
fn the_same_twice() {
    check("WHEN sent, THE Ui SHALL ask", "WHEN sent THE Ui SHALL ask", "same");
    check("WHEN sent, THE Ui SHALL ask twice", "WHEN sent, THE Ui SHALL, twice, ask", "near");
}

#[test]
fn other_specs_need_equal_words() {
    let across = |a: &str, b: &str| clash(a, b, Care::Across).is_some();
    assert!(across("THE Store SHALL drop rows", "THE Store SHALL NOT drop rows"));
    assert!(!across("THE Store SHALL drop rows", "THE Store SHALL NOT drop old rows"));
    assert!(!across("WHEN a, THE Store SHALL drop rows", "WHEN a now, THE Store SHALL NOT drop rows"));
}

#[test]
fn many_alike_take_linear_time() {
    let text = "THE Store SHALL keep the row of the user in the table of rows";
    let all: Vec<_> =
        (0..5_000).flat_map(|at| statement::read("1", "a", Span { offset: at, len: 1 }, text)).collect();
    let prepared: Vec<_> = all.iter().map(Prepared::of).collect();
    assert!(alike(&prepared).len() <= 5_000 * POSTINGS_MAX * 6);
}
