//! Tests of `task_detail`.

use super::*;
use crate::Tasks;

fn task(input: &str) -> Task {
    Tasks::parse(input.as_bytes()).tasks.remove(0)
}

#[test]
fn dependencies_of_every_dialect() {
    let check = |input: &str, expected: &[&str]| {
        assert_eq!(task(&format!("- [ ] 3. A{input}\n")).depends_on, expected, "{input}");
    };
    check("\n  - _Depends: 1.2_", &["1.2"]);
    check(" (dep: 1, 7b)", &["1", "7b"]);
    check(" (depends on 1.2)", &["1.2"]);
    check("（依存: 2.1、2.2）", &["2.1", "2.2"]);
    check(" — depends on Task 8", &["8"]);
    check("\n  - **Depends on**: T-2", &["T-2"]);
    check("\n  - **Dependencies:** Task 1.1, Task 1.2", &["1.1", "1.2"]);
    check("\n  - _Dependencies: [1.1]_", &["1.1"]);
    check("\n  - Dependencies: T001-T003", &["T001", "T002", "T003"]);
    check("\n  - Dependencies: 1.1-1.3, 2", &["1.1", "1.2", "1.3", "2"]);
    check("\n  - Dependencies: None", &[]);
    check("\n  - Dependencies: Phase 2 complete", &[]);
    check("\n  - 依赖：任务1.1", &["1.1"]);
    check("\n  - 依存タスク: 1.1", &["1.1"]);
    check("\n  - 의존성: 1.1", &["1.1"]);
    check("\n  - Зависит от: 1.1", &["1.1"]);
    check("\n  - Phụ thuộc: 1.1", &["1.1"]);
    check("\n  - Ketergantungan: 1.1", &["1.1"]);
    check("\n  - Dependencias: 1.1", &["1.1"]);
    check("\n  - Dependências: 1.1", &["1.1"]);
    check("\n  - Abhängigkeiten: 1.1", &["1.1"]);
    check("\n  - Dépendances : 1.1", &["1.1"]);
    check("\n  - Bağımlılıklar: 1.1", &["1.1"]);
}

#[test]
fn properties_and_what_they_validate() {
    let check = |lines: &str, properties: &[u32], validates: &[&str]| {
        let task = task(&format!("- [ ]* 1.3 A\n{lines}"));
        assert_eq!(
            (task.properties.as_slice(), task.validates.as_slice()),
            (properties, validates.iter().map(|s| s.to_string()).collect::<Vec<_>>().as_slice()),
            "{lines}"
        );
    };
    check("  - **Property 3: Never**\n  - **Validates: Requirements 1.2, 1.4**\n", &[3], &["1.2", "1.4"]);
    check("  - **Propiedad 1: X**\n  - **Valida: Requisitos 1.1**\n", &[1], &["1.1"]);
    check("  - **Свойство 6: X**\n  - **Проверяет: Требования 4.1, 4.4**\n", &[6], &["4.1", "4.4"]);
    check("  - **属性 9: 布局**\n  - **验证需求: 10.1, 10.2**\n", &[9], &["10.1", "10.2"]);
    check("  - **Özellik 9: Tablo**\n  - **Doğrular: Gereksinim 8.1**\n", &[9], &["8.1"]);
    check("  - **Properti 7: X**\n  - **Memvalidasi: Persyaratan 2.7**\n", &[7], &["2.7"]);
    check("  - **Property 4: X**\n  - **Validiert: Anforderung 2.3**\n", &[4], &["2.3"]);
    check("  - **Propriété 1: X**\n  - **Valide: Exigences 2.2, 2.3**\n", &[1], &["2.2", "2.3"]);
    check("  - **Property 1: X**\n  - **Validates: Yêu cầu 1.1**\n", &[1], &["1.1"]);
    check("  - **プロパティ 2: X**\n  - **検証: 要件 3.1**\n", &[2], &["3.1"]);
    check("  - **Property 1: A**\n  - **Property 2: B**\n", &[1, 2], &[]);
    check("  - property access is checked: 1\n", &[], &[]);
}

#[test]
fn boundary_parallel_and_check() {
    let task = task("- [ ] 2.1 (P) A\n  - _Boundary: ApiClient, `Store`_\n  - 検証コマンド: `cargo test`\n");
    assert!(task.parallel);
    assert_eq!(task.boundary, ["ApiClient", "Store"]);
    assert_eq!(task.check.as_deref(), Some("cargo test"));
    assert_eq!(task.label, "2.1 (P) A");
    assert_eq!(task.title, "A");
    let check = |line: &str, expected: Option<&str>| {
        let input = format!("- [ ] 1. A\n  - {line}\n");
        assert_eq!(super::tests::task(&input).check.as_deref(), expected, "{line}");
    };
    check("_Check: cargo test store_", Some("cargo test store"));
    check("Проверка: `make test`", Some("make test"));
    check("Проверка: убедиться, что всё работает", None);
    check("Prüfung: `npm test`", Some("npm test"));
}

#[test]
fn states_in_words_are_told_when_the_box_says_otherwise() {
    let check = |input: &str, is_told: bool| {
        let read = Tasks::parse(input.as_bytes());
        let got = read.diagnostics.iter().any(|found| found.code == "tasks/contradicted-state");
        assert_eq!(got, is_told, "{input}");
    };
    check("- [ ] 1. A ✅ COMPLETE\n", true);
    check("- [x] 1. A ✅ COMPLETE\n", false);
    check("- [x] 1. A\n  - **Note**: Not started – blocked\n", true);
    check("- [x] 1. A\n  - Status: in progress\n", true);
    check("- [ ] 1. A\n  - ステータス: 完了\n", true);
    check("- [ ] 1. A\n  - Статус: выполнено\n", true);
    check("- [x] 1. Close (open redirect)\n", false);
    check("- [x] 1. A (failed)\n", true);
    check("- [ ] 1. Mark tasks as done\n", false);
    check("- [x] 1. A\n  - Note: pending requests are kept\n", false);
}

#[test]
fn checkpoints_are_few() {
    let check = |title: &str, expected: bool| assert_eq!(is_checkpoint(title), expected, "{title}");
    check("Checkpoint - all green", true);
    check("**Checkpoint**", true);
    check("Final checkpoint", true);
    check("Verify preservation tests still pass", true);
    check("检查点 - 确保所有测试通过", true);
    check("最终检查点", true);
    check("チェックポイント", true);
    check("체크포인트 - 모든 테스트 통과", true);
    check("Контрольная точка", true);
    check("Kontrol noktası: tüm testler", true);
    check("Verify the config loader", false);
    check("Add checkpoint store", false);
    check("Checkpoint storage", false);
    check("Checkpoint 2: ensure all tests pass", true);
    check("Ensure all tests pass", true);
}
