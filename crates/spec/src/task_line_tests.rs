//! Tests of `task_line`.

use super::*;

type Want<'a> = Option<(&'a str, State, bool, &'a str)>;

#[track_caller]
fn check(line: &str, expected: Want<'_>) {
    let got = item(line).and_then(|task| {
        let title = task.title_of(line);
        let mark = task.mark?;
        assert!(mark.len == 0 || line.is_char_boundary(mark.at) && line.is_char_boundary(mark.at + mark.len));
        Some((task.number.map(|number| number.id).unwrap_or_default(), mark.state, task.optional, title))
    });
    assert_eq!(got, expected.map(|(n, s, o, t)| (n.to_string(), s, o, t.to_string())), "{line}");
}

use State::{Done, InProgress, Open, Queued};

#[test]
fn kiros_own_form() {
    check("- [x] 1. Set up", Some(("1", Done, false, "Set up")));
    check("  - [-] 1.2 Wire Redis", Some(("1.2", InProgress, false, "Wire Redis")));
    check("  - [ ]* 1.3 Write test", Some(("1.3", Open, true, "Write test")));
    check("  - [ ]\\* 1.3 Write test", Some(("1.3", Open, true, "Write test")));
    check("- [~] 2. Register", Some(("2", Queued, false, "Register")));
    check("* [X] 1.2.3 Deep", Some(("1.2.3", Done, false, "Deep")));
    check("\t+ [ ] 4) Paren", Some(("4", Open, false, "Paren")));
}

#[test]
fn optional_marks_in_every_place() {
    check("- [ ] * 1.3 Title", Some(("1.3", Open, true, "Title")));
    check("- [ ] 1.3* Title", Some(("1.3", Open, true, "Title")));
    check("- [ ] 1.3.\\* Title", Some(("1.3", Open, true, "Title")));
    check("- [ ] 1.3 Update src/*", Some(("1.3", Open, false, "Update src/*")));
    check("- [ ]*1.3 Title", Some(("1.3", Open, true, "Title")));
    check("- [x]* 2. ギルド", Some(("2", Done, true, "ギルド")));
    check("- [ ] ＊ 1.3 題", Some(("1.3", Open, true, "題")));
    check("- [ ] *soon* do it", Some(("", Open, false, "*soon* do it")));
    check("- [ ] 1. Add *this*", Some(("1", Open, false, "Add *this*")));
}

#[test]
fn numbers_in_every_dress() {
    check("- [x] **1. T** (dep: 1, 7b)", Some(("1", Done, false, "T (dep: 1, 7b)")));
    check("- [x] **1.** T", Some(("1", Done, false, "T")));
    check("- [ ] 1 Title", Some(("1", Open, false, "Title")));
    check("- [ ] 7b. Title", Some(("7b", Open, false, "Title")));
    check("- [ ] 18b.1 Title", Some(("18b.1", Open, false, "Title")));
    check("- [ ] T-4: Title", Some(("T-4", Open, false, "Title")));
    check("- [ ] T001 Title", Some(("T001", Open, false, "Title")));
    check("- [ ] T001 [P] [US1] Title", Some(("T001", Open, false, "[US1] Title")));
    check("- [ ] Task 1.1: Title", Some(("1.1", Open, false, "Title")));
    check("- [ ] **Задача 12: Выполнить**", Some(("12", Open, false, "Выполнить")));
    check("- [ ] **Tâche 1.2 :** Écrire", Some(("1.2", Open, false, "Écrire")));
    check("- [ ] タスク1: 準備", Some(("1", Open, false, "準備")));
    check("- [ ] 任务 1.1：设置", Some(("1.1", Open, false, "设置")));
    check("- [ ] Nhiệm vụ 3. Viết", Some(("3", Open, false, "Viết")));
    check("- [ ] **FOUNDATION-1: Base** ✅", Some(("FOUNDATION-1", Open, false, "Base ✅")));
    check("- [ ] **T-001**: Title", Some(("T-001", Open, false, "Title")));
    check("- [ ] [TASK-001] Title", Some(("TASK-001", Open, false, "Title")));
    check("- [ ] `T12` Title", Some(("T12", Open, false, "Title")));
    check("- [ ] TASK-001 — Title", Some(("TASK-001", Open, false, "Title")));
    check("- [ ] TASK-001 | Title", Some(("TASK-001", Open, false, "Title")));
    check("- [ ] [1.1 Title](#anchor)", Some(("1.1", Open, false, "Title")));
    check("- [ ] 🔴 1. Title", Some(("1", Open, false, "Title")));
    check("- [x] ~~2. Title~~", Some(("2", Done, false, "Title")));
    check("- [ ] 1\\. Title", Some(("1", Open, false, "Title")));
    check("- [ ] 1.1 - Title", Some(("1.1", Open, false, "Title")));
    check("- [ ] 1.设置", Some(("1", Open, false, "设置")));
    check("- [ ] 1.1設計", Some(("1.1", Open, false, "設計")));
    check("- [ ] １．準備", Some(("1", Open, false, "準備")));
    check("- [ ] ① 準備", Some(("1", Open, false, "準備")));
    check("- [ ] 1-2. Title", Some(("1-2", Open, false, "Title")));
    check("- [ ] 1. 2.5 times faster", Some(("1", Open, false, "2.5 times faster")));
    check("- [ ] 0. Prepare", Some(("0", Open, false, "Prepare")));
    check("- [ ] 1.", Some(("1", Open, false, "")));
    check("- [ ] Title alone", Some(("", Open, false, "Title alone")));
    check("- [ ] **Bold** title", Some(("", Open, false, "**Bold** title")));
    check("- [ ] **NEW**: Add it", Some(("", Open, false, "**NEW**: Add it")));
    check("- [ ] 2x faster", Some(("", Open, false, "2x faster")));
    check("- [x]3. Title", Some(("3", Done, false, "Title")));
    check("- [ ] A.1 Title", Some(("A.1", Open, false, "Title")));
    check("- [ ] 3D view", Some(("", Open, false, "3D view")));
    check("- [ ] UTF-8 everywhere", Some(("", Open, false, "UTF-8 everywhere")));
    check("- [ ] 2024-01-15 release", Some(("", Open, false, "2024-01-15 release")));
    check("- [ ] Test it", Some(("", Open, false, "Test it")));
    check("- [ ] [docs](a.md) first", Some(("", Open, false, "[docs](a.md) first")));
}

#[test]
fn markers_of_every_kind() {
    check("1. [ ] Title", Some(("1", Open, false, "Title")));
    check("12) [x] Title", Some(("12", Done, false, "Title")));
    check("1. [ ] 1.1 Title", Some(("1.1", Open, false, "Title")));
    check("1.1 [x] Title", Some(("1.1", Done, false, "Title")));
    check("- 1.1 [x] Title", Some(("1.1", Done, false, "Title")));
    check("- T001 [ ] Title", Some(("T001", Open, false, "Title")));
    check("[ ] 1.1 Title", Some(("1.1", Open, false, "Title")));
    check("1. **[✓] Write tests**", Some(("1", Done, false, "Write tests")));
    check("- **[ ] 1. T**", Some(("1", Open, false, "T")));
}

#[test]
fn boxes_of_every_kind() {
    check("- [✓] 1.1 T", Some(("1.1", Done, false, "T")));
    check("- [✔️] 1.1 T", Some(("1.1", Done, false, "T")));
    check("- [✅] T", Some(("", Done, false, "T")));
    check("- [х] 1. Т", Some(("1", Done, false, "Т")));
    check("- [ x ] 1. T", Some(("1", Done, false, "T")));
    check("- [  ] 1. T", Some(("1", Open, false, "T")));
    check("- ［ ］1. 準備", Some(("1", Open, false, "準備")));
    check("- ［x］ 1. 準備", Some(("1", Done, false, "準備")));
    check("- ☑ 1. T", Some(("1", Done, false, "T")));
    check("- [] 1. T", Some(("1", Open, false, "T")));
    check("- [!] 3. Blocked", Some(("3", Open, false, "Blocked")));
    let mark = |line: &str| item(line).and_then(|task| task.mark).map(|m| (m.at, m.len, m.is_odd));
    assert_eq!(mark("- [ x ] T"), Some((4, 1, false)));
    assert_eq!(mark("- [✓] T"), Some((3, 3, false)));
    assert_eq!(mark("- ［ ］ T"), Some((5, 1, false)));
    assert_eq!(mark("- ［　］ T"), Some((5, 3, false)));
    assert_eq!(mark("- [] T"), Some((3, 0, false)));
    assert_eq!(mark("- [/] T"), Some((3, 1, true)));
}

#[test]
fn marks_for_parallel_work() {
    let check = |line: &str, title: &str| {
        let task = item(line).unwrap();
        assert!(task.parallel, "{line}");
        assert_eq!(task.title_of(line), title, "{line}");
    };
    check("- [ ] 2.1 (P) Title", "Title");
    check("- [ ] 2.1 Title (P)", "Title");
    check("- [ ] (P) 2.1 Title", "Title");
    check("- [ ] [P] 2.1 Title", "Title");
    check("- [ ] T001 [P] Title", "Title");
    check("- [ ] T001 `[P]` Title", "Title");
    check("- [ ] 2.1 題（並行可）", "題");
    check("- [ ] 2.1 标题 (可并行)", "标题");
    check("- [ ] **2.1 Title** (P)", "Title");
    assert!(!item("- [ ] 1. Title (Postgres)").unwrap().parallel);
    assert!(!item("- [ ] 1. [P](x) Title").unwrap().parallel);
}

#[test]
fn headings_and_rows() {
    let check = |line: &str, expected: (Option<State>, &str, &str)| {
        let at = line.len() - line.trim_start_matches('#').len();
        let task = if at > 0 { heading(line, at, line.len(), at) } else { row(line, None).unwrap() };
        let number = task.number.as_ref().map(|number| number.id.clone()).unwrap_or_default();
        assert_eq!(
            (task.mark.map(|mark| mark.state), number.as_str(), task.title_of(line).as_str()),
            expected,
            "{line}"
        );
    };
    check("### Task 1.1: Create it (1h)", (None, "1.1", "Create it (1h)"));
    check("## タスク1 準備", (None, "1", "準備"));
    check("#### [ ] Task 1: Schema", (Some(Open), "1", "Schema"));
    check("### [x] Title", (Some(Done), "", "Title"));
    check("### 1. [-] Title", (Some(InProgress), "1", "Title"));
    check("### Task 2: Title [x]", (Some(Done), "2", "Title"));
    check("### Task 2: Title `[ ]`", (Some(Open), "2", "Title"));
    check("### 0.1 Title ✅", (None, "0.1", "Title ✅"));
    check("### Titles of [x]s", (None, "", "Titles of [x]s"));
    check("| [ ] | 1.1 | Delete links | No |", (Some(Open), "1.1", "Delete links"));
    check("| 1.2 | Add columns | [x] | 1.1 |", (Some(Done), "1.2", "Add columns"));
    check("| `[x]` | **T001** | Do |", (Some(Done), "T001", "Do"));
    assert!(row("| [ ] | 1.1 | Schema | [P] |", None).unwrap().parallel);
    assert_eq!(row("| a | b |", None), None);
    assert_eq!(row("|---|---|", None), None);
}

#[test]
fn lines_that_are_no_task() {
    for line in [
        "- [a](b)",
        "- [x](b)",
        "[ ] x",
        "-[ ] x",
        "- [ ]",
        "- [ ]x",
        "- [1] x",
        "1.[ ] x",
        "- [P] x",
        "",
        "-",
        "- ",
        "1",
        "1.",
        "12",
        "| x",
        "- 1 [ ] T",
        "- Note [x] T",
        "> - [ ] 1. T",
    ] {
        check(line, None);
    }
}

proptest::proptest! {
    #[test]
    fn any_line_is_read_without_a_panic(s in "[-*+#| \t\\[\\]xX✓~`()P0-9.a:é（）【】１①*_\\\\]{0,40}") {
        for read in [item(&s), row(&s, None), Some(heading(&s, 0, s.len(), 1))].into_iter().flatten() {
            proptest::prop_assert!(s.get(read.title.0..read.title.1).is_some(), "{:?}", read);
            let _ = read.title_of(&s);
            if let Some(number) = &read.number {
                proptest::prop_assert!(s.get(number.at..number.at + number.len).is_some());
            }
            let mut read = read;
            read.drop_number();
            proptest::prop_assert!(s.get(read.title.0..read.title.1).is_some());
        }
    }
}
