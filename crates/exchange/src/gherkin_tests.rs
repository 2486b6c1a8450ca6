//! Features in several languages taken in, and every real spec sent there and back.

use super::*;
use crate::specs::proof;
use proptest::prelude::*;

const FEATURE: &str = r#"# language: en
# a note
@billing
Feature: Invoices
  As a buyer
  I want invoices

  Background:
    Given a buyer

  @smoke @fast
  Scenario: Buying
    When the buyer pays
    Then an invoice is sent with
      """
      Dear buyer
      """
    And the store has
      | item | count |
      | book | 1     |

  Rule: Limits
    Nobody buys too much.

    Scenario Outline: Too much
      When <n> books are ordered
      Then it is <result>

      Examples: borders
        | n  | result  |
        | 10 | taken   |
        | 11 | refused |
"#;

fn file(text: &str) -> Vec<File> {
    vec![("features/invoices.feature".to_string(), text.as_bytes().to_vec())]
}

fn requirements(import: &Import) -> String {
    String::from_utf8(import.documents.requirements.clone().unwrap()).unwrap()
}

#[test]
fn a_feature_becomes_a_spec() {
    let files = file(FEATURE);
    assert_eq!(crate::specs::detect(&files), Some(crate::specs::Kind::Gherkin));
    let import = import("invoices", &files);
    proof::valid(&import.documents);
    let frames = [
        "Feature:",
        "Background:",
        "Scenario:",
        "Rule:",
        "Scenario Outline:",
        "Examples:",
        "# language: en",
        "\"\"\"",
    ];
    proof::is_accounted(&files, &import, &frames);
    let text = requirements(&import);
    let has = |words: &str| assert!(text.contains(words), "{words:?}\n{text}");
    has(
        "## Introduction\n\nInvoices\n\nAs a buyer\nI want invoices\n**Tags:** @billing\n**Background:** Given a buyer\n",
    );
    has("### Requirement 1: Invoices\n");
    has(
        "1. Buying: When the buyer pays, Then an invoice is sent with Dear buyer, And the store has (item, count) (book, 1) [@smoke @fast]\n",
    );
    has("### Requirement 2: Limits\n\n**User Story:** To be told.\n\nNobody buys too much.\n");
    has(
        "1. Too much: When <n> books are ordered, Then it is <result>, examples borders (n, result) (10, taken) (11, refused)\n",
    );
    let losses: Vec<&str> = import.losses.iter().map(|loss| loss.what.as_str()).collect();
    assert_eq!(losses, ["# a note"]);
}

#[test]
fn features_in_other_languages() {
    let check = |text: &str, title: &str, criterion: &str| {
        let import = import("a", &file(text));
        let text = requirements(&import);
        assert!(text.contains(&format!("### Requirement 1: {title}\n")), "{title}\n{text}");
        assert!(text.contains(&format!("\n1. {criterion}\n")), "{criterion}\n{text}");
        assert_eq!(import.losses, []);
    };
    check(
        "# language: ja\n機能: 請求\n  シナリオ: 支払い\n    前提買い手がいる\n    もし払う\n    ならば届く\n",
        "請求",
        "支払い: 前提買い手がいる, もし払う, ならば届く",
    );
    check(
        "# language: zh-CN\n功能: 账单\n  场景: 付款\n    当付款\n    那么寄出\n",
        "账单",
        "付款: 当付款, 那么寄出",
    );
    check(
        "# language: ko\n기능: 청구\n  시나리오: 결제\n    만일 결제하면\n    그러면 보낸다\n",
        "청구",
        "결제: 만일 결제하면, 그러면 보낸다",
    );
    check(
        "# language: ru\nФункция: Счёт\n  Сценарий: Оплата\n    Когда платят\n    Тогда приходит\n",
        "Счёт",
        "Оплата: Когда платят, Тогда приходит",
    );
    check(
        "# language: de\nFunktionalität: Rechnung\n  Szenario: Zahlung\n    Wenn gezahlt wird\n    Dann kommt sie\n",
        "Rechnung",
        "Zahlung: Wenn gezahlt wird, Dann kommt sie",
    );
    check(
        "# language: fr\nFonctionnalité: Facture\n  Scénario: Paiement\n    Quand on paie\n    Alors elle part\n",
        "Facture",
        "Paiement: Quand on paie, Alors elle part",
    );
    check(
        "# language: es\nCaracterística: Factura\n  Escenario: Pago\n    Cuando paga\n    Entonces llega\n",
        "Factura",
        "Pago: Cuando paga, Entonces llega",
    );
    check(
        "# language: pt\nFuncionalidade: Fatura\n  Cenário: Pagamento\n    Quando paga\n    Então chega\n",
        "Fatura",
        "Pagamento: Quando paga, Então chega",
    );
    check(
        "# language: it\nFunzionalità: Fattura\n  Scenario: Pagamento\n    Quando paga\n    Allora arriva\n",
        "Fattura",
        "Pagamento: Quando paga, Allora arriva",
    );
    check(
        "# language: tr\nÖzellik: Fatura\n  Senaryo: Ödeme\n    Eğer öderse\n    O zaman gelir\n",
        "Fatura",
        "Ödeme: Eğer öderse, O zaman gelir",
    );
    check(
        "# language: vi\nTính năng: Hóa đơn\n  Tình huống: Trả\n    Khi trả\n    Thì đến\n",
        "Hóa đơn",
        "Trả: Khi trả, Thì đến",
    );
    check(
        "#language:pl\nFunkcja: Faktura\n  Scenariusz: Zapłata\n    Gdy płaci\n    Wtedy przychodzi\n",
        "Faktura",
        "Zapłata: Gdy płaci, Wtedy przychodzi",
    );
    let import = import("a", &file("# language: tlh\nFeature: A\n  Scenario: b\n    When c\n"));
    assert_eq!(import.losses.len(), 1);
    assert!(requirements(&import).contains("1. b: When c\n"));
}

#[test]
fn tasks_and_design_are_named_as_lost() {
    let documents = SpecDocuments {
        name: "a".to_string(),
        tasks: Some(b"# Implementation Plan: A\n\n## Tasks\n\n- [ ] 1. Do\n".to_vec()),
        design: Some(b"# D\n\n## Overview\n\nx\n".to_vec()),
        requirements: Some(
            b"### Requirement 1: R\n\n1. WHEN a THEN b\n2. WHILE c, THE d SHALL e\n3. THE f SHALL g\n"
                .to_vec(),
        ),
        ..SpecDocuments::default()
    };
    let export = export(&documents);
    let lost: Vec<(&str, &str)> =
        export.losses.iter().map(|loss| (loss.file.as_str(), loss.what.as_str())).collect();
    assert_eq!(lost, [("tasks.md", "the tasks"), ("design.md", "the design")]);
    let text = String::from_utf8(export.files[0].1.clone()).unwrap();
    let expected = "Feature: A\n\n  Rule: R\n\n    Scenario: Criterion 1.1\n      > WHEN a THEN b\n\n      When a\n      Then b\n\n    \
        Scenario: Criterion 1.2\n      > WHILE c, THE d SHALL e\n\n      Given c\n      Then THE d SHALL e\n\n    \
        Scenario: Criterion 1.3\n      > THE f SHALL g\n\n      Then THE f SHALL g\n";
    assert_eq!(text, expected);
}

#[test]
fn every_real_spec_comes_back() {
    let (mut specs, mut criteria) = (0, 0);
    for documents in proof::corpus() {
        let (c, _) = proof::comes_back(&documents, export, import, false);
        proof::is_exported(&documents, &export(&documents));
        specs += 1;
        criteria += c;
    }
    println!("{specs} specs and {criteria} criteria came back");
}

proptest! {
    #[test]
    fn any_bytes_are_taken_in(text in "(Feature: |Rule: |Scenario: |Background:|Examples:|Given |\\| a \\||\"\"\"|@t|# language: ja|a|\n){0,40}", bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        for content in [text.into_bytes(), bytes] {
            let import = import("a", &[("a.feature".to_string(), content)]);
            prop_assert!(!export(&import.documents).files.is_empty());
        }
    }
}
