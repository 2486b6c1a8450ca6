//! Tests of drift: what is flagged, what is excused, what was accepted, and how much is said at once.

use proptest::prelude::*;

use super::*;
use crate::documents::SpecDocuments;
use crate::reading::Reading;
use crate::trace::{CommitFact, SymbolFact, TagFact, TagKind, TaskRef};

const REQUIREMENTS: &str = "# R\n\n### Requirement 1: A\n\n#### Acceptance Criteria\n\n1. WHEN a THE System SHALL b\n2. WHEN c THE System SHALL d\n";
const TASKS: &str = "# T\n\n- [x] 1. Write `get` in `src/store.rs`\n  - _Requirements: 1.1_\n\
    - [x] 2. Count in `src/count.rs`\n  - _Requirements: 1.2_\n- [ ] 3. Later in `src/later.rs`\n";

/// The history of `src/store.rs` with `get`, `put`, `del` and a test of its own, as a little language: each version is
/// `name:digest` words.
struct Case {
    facts: DriftFacts,
    accepted: Accepted,
    tasks: &'static str,
}

fn case() -> Case {
    let mut case = Case { facts: DriftFacts::default(), accepted: Accepted::default(), tasks: TASKS };
    case.facts.files = ["src/store.rs", "src/count.rs"].map(str::to_string).into();
    case.version("src/store.rs", "", "get:1 put:2 del:3 t_own:9");
    case.version("src/count.rs", "", "len:1");
    case
}

fn symbols(path: &str, words: &str) -> Vec<SymbolFact> {
    let symbol = |(at, word): (usize, &str)| {
        let (name, digest) = word.split_once(':').unwrap();
        let (digest, shape) = digest.split_once('/').unwrap_or((digest, digest));
        SymbolFact {
            path: path.to_string(),
            name: name.to_string(),
            qualified: name.to_string(),
            lines: (at * 10 + 1, at * 10 + 9),
            above: at * 10 + 1,
            digest: digest.parse().unwrap(),
            shape: shape.parse().unwrap(),
            is_public: true,
            is_test: name.starts_with("t_"),
            is_group: false,
        }
    };
    words.split_whitespace().enumerate().map(symbol).collect()
}

impl Case {
    fn version(&mut self, path: &str, commit: &str, words: &str) {
        let contents = || Contents { digest: 0, symbols: Some(symbols(path, words)) };
        self.facts.versions.entry(path.to_string()).or_default().push(Version {
            commit: commit.to_string(),
            path: path.to_string(),
            contents: (words != "-").then(contents),
        });
    }

    /// A commit on top of the others.
    fn commit(mut self, hash: &str, subject: &str, path: &str, words: &str) -> Case {
        let files = vec![path.to_string()];
        let commit = CommitFact {
            hash: hash.to_string(),
            subject: subject.to_string(),
            files,
            ..CommitFact::default()
        };
        self.facts.commits.insert(0, commit);
        self.version(path, hash, words);
        if words == "-" {
            self.facts.files.remove(path);
        }
        self
    }

    fn with(mut self, change: impl FnOnce(&mut CommitFact)) -> Case {
        change(&mut self.facts.commits[0]);
        self
    }

    fn accept(mut self, item: &str, commit: &str, digest: u64, expires: Option<&str>) -> Case {
        self.accepted.accept(Entry {
            item: item.to_string(),
            commit: commit.to_string(),
            digest,
            expires: expires.map(str::to_string),
            ..Entry::default()
        });
        self
    }

    fn drifts(&self) -> Vec<Drift> {
        let reading = Reading::of(SpecDocuments {
            name: "store".to_string(),
            requirements: Some(REQUIREMENTS.as_bytes().to_vec()),
            tasks: Some(self.tasks.as_bytes().to_vec()),
            ..SpecDocuments::default()
        });
        let plan = Plan::of(&reading);
        let spec = DriftSpec { plan: &plan, reading: &reading, accepted: &self.accepted };
        drift_of_all(&[spec], &self.facts, "2026-11-21").remove("store").unwrap()
    }
}

/// `! SuspectCode src/store.rs#get 80 a`: `!` for an alert, then what, how sure, and which commits.
fn check(case: &Case, expected: &[&str]) {
    let line = |drift: &Drift| {
        let alert = if drift.is_alert { "! " } else { "" };
        let commits: Vec<&str> = drift.because.iter().map(|because| because.commit.as_str()).collect();
        let suggestion = drift.suggestion.as_ref().map(|it| format!(" -> {it}")).unwrap_or_default();
        format!(
            "{alert}{:?} {} {} {}{suggestion}",
            drift.kind,
            drift.item,
            drift.confidence,
            commits.join(",")
        )
    };
    let found: Vec<String> = case.drifts().iter().map(|drift| line(drift).trim_end().to_string()).collect();
    assert_eq!(found, expected);
}

const STORE: &str = "src/store.rs";

#[test]
fn a_changed_symbol_that_a_task_names_is_suspect() {
    check(&case(), &[]);
    let changed = case().commit("a", "Add cache", STORE, "get:7 put:2 del:3 t_own:9");
    check(&changed, &["! SuspectCode src/store.rs#get 80 a"]);
    assert_eq!(changed.drifts()[0].criteria, ["1.1"]);
    assert_eq!(changed.drifts()[0].line, Some(1));
    // A commit that says so counts less.
    check(
        &case().commit("a", "fix: off by one", STORE, "get:7 put:2 del:3 t_own:9"),
        &["! SuspectCode src/store.rs#get 56 a"],
    );
    check(
        &case().commit("a", "refactor(store): split", STORE, "get:7 put:2 del:3 t_own:9"),
        &["SuspectCode src/store.rs#get 40 a"],
    );
    // What is only in the same file is weak, however often.
    check(
        &case().commit("a", "Add", STORE, "get:1 put:7 del:3 t_own:9").commit(
            "b",
            "Add",
            STORE,
            "get:1 put:8 del:3 t_own:9",
        ),
        &["SuspectCode src/store.rs 43 b,a"],
    );
    check(
        &case().commit("a", "Add", STORE, "get:1 put:7 del:8 t_own:9"),
        &["! SuspectCode src/store.rs 51 a"],
    );
    // Reverted, or only laid out anew.
    check(
        &case().commit("a", "Add", STORE, "get:7 put:2 del:3 t_own:9").commit(
            "b",
            "Revert",
            STORE,
            "get:1 put:2 del:3 t_own:9",
        ),
        &[],
    );
    check(&case().commit("a", "Format", STORE, "get:1 put:2 del:3 t_own:9"), &[]);
    // Only names differ.
    check(
        &case().commit("a", "Add", STORE, "get:7/1 put:2 del:3 t_own:9"),
        &["SuspectCode src/store.rs#get 32 a"],
    );
}

#[test]
fn a_change_that_was_meant_is_excused() {
    let changed = || case().commit("a", "Add cache", STORE, "get:7 put:2 del:3 t_own:9");
    check(&changed().with(|commit| commit.specs.push("store".to_string())), &[]);
    let task = |spec: &str| TaskRef { spec: spec.to_string(), task: "2".to_string() };
    check(&changed().with(|commit| commit.tasks.push(task("store"))), &[]);
    check(&changed().with(|commit| commit.ticked.push(task("store"))), &[]);
    check(&changed().with(|commit| commit.files.push("tests/store_test.rs".to_string())), &[]);
    check(&case().commit("a", "Add", STORE, "get:7 put:2 del:3 t_own:8"), &[]);
    check(
        &changed().with(|commit| commit.specs.push("other".to_string())),
        &["! SuspectCode src/store.rs#get 80 a"],
    );
    check(
        &changed().with(|commit| commit.tasks.push(task("other"))),
        &["! SuspectCode src/store.rs#get 72 a"],
    );
    check(
        &changed().with(|commit| commit.files.push("tests/other_test.rs".to_string())),
        &["! SuspectCode src/store.rs#get 80 a"],
    );
    let mut tagged = changed().with(|commit| commit.files.push("tests/other_test.rs".to_string()));
    tagged.facts.tags.push(TagFact {
        path: "tests/other_test.rs".to_string(),
        line: 1,
        kind: TagKind::Criterion,
        spec: Some("store".to_string()),
        id: "1.1".to_string(),
        confidence: 100,
    });
    check(&tagged, &[]);
    // Before the task was finished, and while another task of the spec works on the file.
    let mut early = changed();
    early.facts.completed.push(Completed {
        task: TaskRef { spec: "store".to_string(), task: "1".to_string() },
        commit: "a".to_string(),
        criteria: Vec::new(),
    });
    check(&early, &[]);
    let tasks = "- [x] 1. Write `get` in `src/store.rs`\n- [ ] 2. Go on in `src/store.rs`\n";
    check(&Case { tasks, ..changed() }, &[]);
}

#[test]
fn lost_files_and_symbols_are_found_again_or_dead() {
    check(&case().commit("a", "Drop", STORE, "-"), &["! DeadReference src/store.rs 90 a"]);
    let mut moved = case().commit("a", "Drop", STORE, "-");
    moved.facts.files.insert("lib/store.rs".to_string());
    check(&moved, &["Moved src/store.rs 70 a -> lib/store.rs"]);
    let mut split = case().commit("a", "Drop", STORE, "-");
    split.facts.symbols = symbols("src/kv.rs", "get:1 put:2 x:3");
    check(&split, &["Moved src/store.rs 80 a -> src/kv.rs"]);
    check(
        &case().commit("a", "Drop", STORE, "put:2 del:3 t_own:9"),
        &["! DeadReference src/store.rs#get 80 a"],
    );
    // One that looks alike and was always there is not the lost one.
    check(
        &case().commit("a", "Drop", STORE, "put:2/1 del:3 t_own:9"),
        &["! DeadReference src/store.rs#get 80 a"],
    );
    // The same tokens under another name.
    check(
        &case().commit("a", "Call it fetch", STORE, "fetch:7/1 put:2 del:3 t_own:9"),
        &["SuspectCode src/store.rs#get 32 a"],
    );
    let mut elsewhere = case().commit("a", "Move", STORE, "put:2 del:3 t_own:9");
    elsewhere.facts.symbols = symbols("src/kv.rs", "get:1");
    check(&elsewhere, &["Moved src/store.rs#get 60 a -> src/kv.rs#get"]);
    // git followed it.
    let mut renamed = case().commit("a", "Move", STORE, "get:1 put:2 del:3 t_own:9");
    renamed.facts.versions.get_mut(STORE).unwrap()[1].path = "src/kv.rs".to_string();
    check(&renamed, &["Moved src/store.rs 60 a -> src/kv.rs"]);
    // A folder of which nothing is left.
    let tasks = "- [x] 1. Write `src/`\n";
    let gone = || case().commit("a", "Drop", STORE, "-").commit("b", "Drop", "src/count.rs", "-");
    check(&Case { tasks, ..case().commit("a", "Drop", STORE, "-") }, &[]);
    check(&Case { tasks, ..gone() }, &["! DeadReference src/ 70 b"]);
    check(&Case { tasks, ..gone().with(|commit| commit.specs.push("store".to_string())) }, &[]);
    check(&Case { tasks, ..gone().accept("src/", "b", 0, None) }, &[]);
    // Named, and never there.
    let mut never = case();
    never.facts.versions.remove(STORE);
    check(&never, &[]);
}

#[test]
fn new_things_are_only_noted() {
    check(
        &case().commit("a", "Add", STORE, "get:1 put:2 del:3 t_own:9 drain:5"),
        &["Unspecified src/store.rs#drain 40 a"],
    );
}

#[test]
fn a_criterion_that_changed_after_its_task_is_suspect() {
    let completed = |text: &str| Completed {
        task: TaskRef { spec: "store".to_string(), task: "1".to_string() },
        commit: String::new(),
        criteria: vec![("1.1".to_string(), text_digest(text))],
    };
    let mut same = case();
    same.facts.completed.push(completed("**WHEN** a, the system SHALL b."));
    check(&same, &[]);
    let mut other = case();
    other.facts.completed.push(completed("WHEN a THE System SHALL c"));
    check(&other, &["! SuspectCriterion 1.1 80"]);
    let digest = text_digest("WHEN a THE System SHALL b");
    check(&other.accept("1.1", "gone", digest, None), &[]);
    // The commits that changed it are known; one of them changed the code of the task as well.
    let edited = |subject: &str, with_code: bool| {
        let mut case = case().commit("e", subject, "x.rs", "a:1");
        case.facts.completed.push(completed("WHEN a THE System SHALL c"));
        case.facts.commits[0].specs.push("store".to_string());
        case.facts.commits[0].files.extend(with_code.then(|| STORE.to_string()));
        let criteria = vec![("1.1".to_string(), digest)];
        case.facts.edited.push(Edited { spec: "store".to_string(), commit: "e".to_string(), criteria });
        case
    };
    check(&edited("Reword", false), &["! SuspectCriterion 1.1 80 e"]);
    check(&edited("Reword", true), &[]);
    check(&edited("Reword", false).accept("*", "e", 0, None), &[]);
    check(&edited("Reword", false).accept("1.2", "e", 0, None), &["! SuspectCriterion 1.1 80 e"]);
}

#[test]
fn an_acceptance_moves_the_baseline() {
    let changed = || case().commit("a", "Add", STORE, "get:7 put:2 del:3 t_own:9");
    check(&changed().accept("src/store.rs#get", "a", 0, None), &[]);
    check(&changed().accept("src/store.rs", "a", 0, None), &[]);
    check(&changed().accept("*", "a", 0, None), &[]);
    check(&changed().accept("src/store.rs#put", "a", 0, None), &["! SuspectCode src/store.rs#get 80 a"]);
    // Later changes count again.
    let later = changed().accept("*", "a", 0, None).commit("b", "More", STORE, "get:8 put:2 del:3 t_own:9");
    check(&later, &["! SuspectCode src/store.rs#get 80 b"]);
    // A commit that was rewritten away: the digest still tells.
    check(&changed().accept("src/store.rs#get", "lost", 7, None), &[]);
    check(&changed().accept("src/store.rs#get", "lost", 8, None), &["! SuspectCode src/store.rs#get 80 a"]);
    check(
        &changed().accept("*", "a", 0, Some("2026-11-20")),
        &["! SuspectCode src/store.rs#get 80 a", "AcceptanceExpired * 40"],
    );
    check(&changed().accept("*", "a", 0, Some("2026-11-21")), &[]);
}

#[test]
fn only_the_surest_specs_are_flagged() {
    let alert = |confidence| {
        vec![Drift { confidence, is_alert: true, ..empty(DriftKind::SuspectCode, String::new()) }]
    };
    let mut all: BTreeMap<String, Vec<Drift>> =
        (0..20_u8).map(|number| (format!("s{number:02}"), alert(50 + number))).collect();
    within_budget(&mut all);
    let flagged: Vec<&String> =
        all.iter().filter(|(_, drifts)| drifts[0].is_alert).map(|(name, _)| name).collect();
    assert_eq!(flagged, ["s17", "s18", "s19"]);
    assert!(all.values().all(|drifts| drifts.len() == 1));
}

#[test]
fn a_class_does_not_repeat_what_its_methods_say() {
    let mut case = case();
    case.tasks = "- [x] 1. Write `Store` with `get` in `src/store.rs`\n";
    let group = |versions: &mut Vec<Version>, digests: [u64; 2]| {
        for (version, digest) in versions.iter_mut().zip(digests) {
            let symbols = version.contents.as_mut().unwrap().symbols.as_mut().unwrap();
            symbols.push(SymbolFact {
                is_group: true,
                qualified: "Store".to_string(),
                name: "Store".to_string(),
                lines: (1, 99),
                digest,
                shape: digest,
                ..symbols[0].clone()
            });
        }
    };
    let mut both = case.commit("a", "Add", STORE, "get:7 put:2 del:3 t_own:9");
    group(both.facts.versions.get_mut(STORE).unwrap(), [50, 51]);
    check(&both, &["! SuspectCode src/store.rs#get 80 a"]);
    let mut other = Case { tasks: "- [x] 1. Write `Store` in `src/store.rs`\n", ..both };
    check(&other, &["! SuspectCode src/store.rs#Store 80 a", "SuspectCode src/store.rs 43 a"]);
    other.facts.versions.get_mut(STORE).unwrap()[1].contents.as_mut().unwrap().digest = 1;
    check(&other, &["! SuspectCode src/store.rs#Store 80 a", "SuspectCode src/store.rs 43 a"]);
}

proptest! {
    #[test]
    fn any_history_is_judged_and_can_be_accepted(
        commits in proptest::collection::vec(
            (prop::sample::select(vec![STORE, "src/count.rs", "lib/store.rs"]), "([a-d]{1,2}:[0-9](/[0-9])? ){0,4}", any::<bool>(), any::<bool>(), any::<bool>()),
            0..12,
        ),
    ) {
        let mut case = case();
        for (at, (path, words, is_gone, touches_spec, ticks)) in commits.iter().enumerate() {
            let words = if *is_gone { "-" } else { words.as_str() };
            case = case.commit(&format!("c{at}"), "Change", path, words).with(|commit| {
                commit.specs.extend(touches_spec.then(|| "store".to_string()));
                commit.ticked.extend(ticks.then(|| TaskRef { spec: "store".to_string(), task: "1".to_string() }));
            });
        }
        let drifts = case.drifts();
        prop_assert_eq!(&drifts, &case.drifts());
        if let Some(head) = case.facts.commits.first().map(|commit| commit.hash.clone()) {
            let accepted = case.accept("*", &head, 0, None);
            prop_assert_eq!(accepted.drifts(), []);
        }
    }
}
