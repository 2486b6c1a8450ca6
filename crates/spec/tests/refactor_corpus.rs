//! Random insertions, moves and renumberings on every real spec that lies beside the checkout, if any, and on made-up
//! ones in many dialects: no reference may come to mean something else. What a reference means is read with the public readers alone.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "helpers of a test are a test")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use spec::Tasks;
use spec::bugfix::Bugfix;
use spec::design::Design;
use spec::refactor::{Changes, Kind, Place, RefactorError, Set};
use spec::requirements::Requirements;
use spec::tags::{self, TagKind};
use spec::text::Text;

/// The files of one spec.
type Files = BTreeMap<String, Vec<u8>>;

const DOCUMENTS: &[&str] = &["requirements.md", "bugfix.md", "design.md", "tasks.md"];

/// A test file in the manner of Kiro, made for each spec, so that tags are followed, too.
const SOURCE: &str = "tests/made_up_test.rs";

fn specs() -> Vec<(PathBuf, Files)> {
    fn walk(folder: &Path, out: &mut Vec<(PathBuf, Files)>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut files = Files::new();
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => walk(&path, out),
                Ok(kind) if kind.is_file() && DOCUMENTS.contains(&name.as_str()) => {
                    files.extend(std::fs::read(&path).ok().map(|bytes| (name, bytes)));
                }
                _ => {}
            }
        }
        if files.contains_key("tasks.md") {
            out.push((folder.to_path_buf(), files));
        }
    }
    let mut found = Vec::new();
    walk(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")), &mut found);
    found.sort();
    found
}

/// Letters alone: numbers inside a text may follow what they cite.
fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// What each id of a spec stands for.
#[derive(Default)]
struct Ids {
    requirements: HashMap<String, String>,
    criteria: HashMap<String, String>,
    tasks: HashMap<String, String>,
    properties: HashMap<String, String>,
}

fn ids(files: &Files) -> Ids {
    let mut ids = Ids::default();
    let mut first = |map: fn(&mut Ids) -> &mut HashMap<String, String>, id: &str, text: &str| {
        map(&mut ids).entry(id.to_string()).or_insert_with(|| words(text));
    };
    if let Some(bytes) = files.get("requirements.md") {
        for requirement in Requirements::parse(bytes).requirements {
            first(|ids| &mut ids.requirements, &requirement.number, &requirement.title);
            for criterion in &requirement.criteria {
                first(|ids| &mut ids.criteria, &criterion.id, &criterion.text);
            }
        }
    } else if let Some(bytes) = files.get("bugfix.md") {
        for criterion in Bugfix::parse(bytes).criteria() {
            first(|ids| &mut ids.criteria, &criterion.id, &criterion.text);
        }
    }
    if let Some(bytes) = files.get("tasks.md") {
        for task in Tasks::parse(bytes).tasks {
            first(|ids| &mut ids.tasks, &task.id, &task.title);
        }
    }
    if let Some(bytes) = files.get("design.md") {
        for property in Design::parse(bytes).properties {
            first(|ids| &mut ids.properties, &property.number.to_string(), &property.title);
        }
    }
    ids
}

/// Every reference that the readers see, as who cites and the words of what is cited; each as often as it occurs.
fn citations(files: &Files) -> BTreeMap<(String, String), usize> {
    let ids = ids(files);
    let mut out = BTreeMap::new();
    let mut add = |who: String, what: Option<&String>| {
        if let Some(what) = what {
            *out.entry((who, what.clone())).or_insert(0) += 1;
        }
    };
    let requirement = |id: &str| {
        let (first, second) = if id.contains('.') {
            (&ids.criteria, &ids.requirements)
        } else {
            (&ids.requirements, &ids.criteria)
        };
        first.get(id).or_else(|| second.get(id))
    };
    if let Some(bytes) = files.get("tasks.md") {
        let tasks = Tasks::parse(bytes);
        for task in &tasks.tasks {
            for id in &task.requirements {
                add(format!("task {}", words(&task.title)), requirement(id));
            }
            for id in &task.depends_on {
                add(format!("dependency {}", words(&task.title)), ids.tasks.get(id));
            }
        }
        for wave in tasks.waves.iter().flatten() {
            for id in &wave.tasks {
                add(format!("wave {}", wave.number), ids.tasks.get(id));
            }
        }
    }
    if let Some(bytes) = files.get("design.md") {
        for property in Design::parse(bytes).properties {
            for id in &property.validates {
                add(format!("property {}", words(&property.title)), requirement(id));
            }
        }
    }
    if let Some(bytes) = files.get(SOURCE) {
        for tag in tags::scan(bytes) {
            for id in tag.ids() {
                let what = match tag.kind {
                    TagKind::Requirement => requirement(&id),
                    TagKind::Property => ids.properties.get(&id),
                    TagKind::Task => ids.tasks.get(&id),
                    TagKind::Spec => None,
                };
                add(format!("tag {:?} {}", tag.form, tag.line), what);
            }
        }
    }
    out
}

fn made_up_source(name: &str, ids: &Ids) -> Vec<u8> {
    let mut text = format!("// Feature: {name}\n");
    let mut properties: Vec<&String> = ids.properties.keys().collect();
    let mut criteria: Vec<&String> = ids.criteria.keys().collect();
    let mut tasks: Vec<&String> =
        ids.tasks.keys().filter(|id| id.contains('.') && !id.contains('#')).collect();
    properties.sort();
    criteria.sort();
    tasks.sort();
    let is_plain =
        |id: &&&String| id.chars().all(|c| c.is_ascii_digit() || c == '.') && id.split('.').count() == 2;
    for id in properties {
        text.push_str(&format!("// Feature: {name}, Property {id}: words\n"));
    }
    for id in criteria.iter().filter(is_plain) {
        text.push_str(&format!(
            "// Validates: Requirements {id}\nfn test_req_{}() {{}}\n",
            id.replace('.', "_")
        ));
    }
    for id in tasks.iter().filter(is_plain) {
        text.push_str(&format!("// @spec {name}#1.1 and Task: {name}#{id}\n"));
    }
    text.into_bytes()
}

/// Small and repeatable.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }

    fn pick<'a>(&mut self, list: &'a [String]) -> &'a str {
        list.get(self.below(list.len())).map_or("", String::as_str)
    }
}

fn change(
    files: &Files,
    name: &str,
    work: impl FnOnce(&Set<'_>) -> Result<Changes, RefactorError>,
) -> Result<(Changes, Files), RefactorError> {
    let all: Vec<(String, &[u8])> =
        files.iter().map(|(name, bytes)| (name.clone(), bytes.as_slice())).collect();
    let (documents, sources): (Vec<_>, Vec<_>) = all.into_iter().partition(|(name, _)| name.ends_with(".md"));
    let changes = work(&Set { name, documents: &documents, sources: &sources, sources_belong: false })?;
    let mut new = Files::new();
    for (file, bytes) in files {
        new.insert(file.clone(), changes.apply(file, bytes).unwrap());
    }
    Ok((changes, new))
}

#[derive(Default)]
struct Count {
    specs: usize,
    operations: usize,
    renumbered: usize,
    references: usize,
    /// References that were left and named.
    named: usize,
    inverses: usize,
    refused: BTreeMap<String, usize>,
}

#[test]
fn no_reference_changes_its_meaning_in_real_specs() {
    let count = run(2);
    println!(
        "{} specs, {} operations, {} of them changed ids, {} references compared, {} named as left, {} moves taken back, refused: {:?}",
        count.specs,
        count.operations,
        count.renumbered,
        count.references,
        count.named,
        count.inverses,
        count.refused
    );
    if count.specs > 0 {
        let refused: usize = count.refused.values().sum();
        assert!(refused * 20 <= count.operations, "{:?}", count.refused);
    }
}

/// The same for much longer: `cargo test --release -p spec --test refactor_corpus -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
fn no_reference_changes_its_meaning_in_long_sequences() {
    let count = run(25);
    println!(
        "{} specs, {} operations, {} of them changed ids, {} references compared, {} named as left, {} moves taken back, refused: {:?}",
        count.specs,
        count.operations,
        count.renumbered,
        count.references,
        count.named,
        count.inverses,
        count.refused
    );
}

fn run(operations: usize) -> Count {
    let all = specs();
    if all.is_empty() {
        println!("skipped: no corpus beside the checkout");
    }
    let mut count = Count::default();
    for (path, mut files) in all {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = made_up_source(&name, &ids(&files));
        files.insert(SOURCE.to_string(), source);
        count.specs += 1;
        let mut random = Random(count.specs as u64);
        for step in 0..operations {
            step_once(&path, &name, &mut files, &mut random, step, &mut count);
        }
    }
    count
}

fn step_once(
    path: &Path,
    name: &str,
    files: &mut Files,
    random: &mut Random,
    step: usize,
    count: &mut Count,
) {
    let known = ids(files);
    let sorted = |map: &HashMap<String, String>| {
        let mut list: Vec<String> = map.keys().cloned().collect();
        list.sort();
        list
    };
    let (criteria, requirements, tasks) =
        (sorted(&known.criteria), sorted(&known.requirements), sorted(&known.tasks));
    let what = random.below(9);
    let kind = match what {
        0 | 1 => Kind::Criterion,
        2 | 3 | 7 => Kind::Task,
        4 | 8 => Kind::Requirement,
        _ => [Kind::Criterion, Kind::Task, Kind::Requirement, Kind::Property][random.below(4)],
    };
    let list = match kind {
        Kind::Criterion => &criteria,
        Kind::Requirement => &requirements,
        Kind::Task | Kind::Property => &tasks,
    };
    if list.is_empty() {
        return;
    }
    let (a, b) = (random.pick(list).to_string(), random.pick(list).to_string());
    let place = if random.below(2) == 0 { Place::Before(&b) } else { Place::After(&b) };
    let result = change(files, name, |set| match what {
        0 => set.insert_criterion(&a, "WHEN a new thing happens THEN the system SHALL see it"),
        2 => set.insert_task(&a, "A new thing", &["See it"]),
        4 => set.insert_requirement(
            &a,
            "A new thing",
            Some("As a user, I see it."),
            &["WHEN a THEN b", "WHEN c THEN d"],
        ),
        1 => set.move_criterion(&a, place),
        3 | 7 => set.move_task(&a, place),
        8 => set.move_requirement(&a, place),
        _ => set.renumber(kind),
    });
    count.operations += 1;
    let (changes, new) = match result {
        Ok(done) => done,
        Err(error) => {
            let name = format!("{error:?}");
            let name = name.split([' ', '(', '{']).next().unwrap_or_default().to_string();
            // What cannot be moved as one, and numbers that are used twice, are no failure.
            if !matches!(error, RefactorError::Scattered { .. } | RefactorError::Ambiguous { .. }) {
                println!("{} step {step} {what} {a} {place:?}: {error}", path.display());
                *count.refused.entry(name).or_default() += 1;
            }
            return;
        }
    };
    count.renumbered += usize::from(!changes.moved.is_empty());
    for bytes in new.values() {
        assert_eq!(&Text::read(bytes).print(), bytes);
    }
    let (before, after) = (citations(files), citations(&new));
    // What is named in a note is known to a person. Everything else must mean what it meant.
    for (citation, times) in &before {
        let line = citation.0.strip_prefix("tag ").and_then(|tag| tag.rsplit(' ').next());
        let named = line.map(|line| format!("in `{SOURCE}`, line {line},"));
        // `Dependencies: Phase 3 complete` is read as task 3, and may count phases.
        let is_doubtful =
            |note: &String| note.contains("in `tasks.md`") && note.contains("may count something else");
        if citation.0.starts_with("dependency") && changes.notes.iter().any(is_doubtful) {
            count.named += times;
            continue;
        }
        if named.is_some_and(|named| changes.notes.iter().any(|note| note.contains(&named))) {
            count.named += times;
            continue;
        }
        count.references += times;
        let now = after.get(citation).copied().unwrap_or(0);
        assert!(
            now >= *times,
            "{} step {step} {what} {a} {place:?}: {citation:?} {times} times before, {now} now; {:#?}",
            path.display(),
            changes.notes
        );
    }
    if what == 1 || what == 3 || what == 7 || what == 8 {
        take_back(path, name, kind, &a, files, &new, &changes, count);
    }
    *files = new;
}

/// A number as letters, for comparisons leave numbers out.
fn letters(mut n: usize) -> String {
    let mut text = String::from("w");
    loop {
        text.push(char::from(b'a' + (n % 26) as u8));
        n /= 26;
        if n == 0 {
            return text;
        }
    }
}

/// A spec in a dialect of its own.
fn made_up(random: &mut Random) -> Files {
    let eol = ["\n", "\n", "\r\n"][random.below(3)];
    let (word, label) = [
        ("Requirement ", "_Requirements: "),
        ("需求 ", "_需求: "),
        ("REQ-", "**Validates: Requirements "),
        ("要件 ", "_要件: "),
        ("Requirement ", "Requirements: "),
    ][random.below(5)];
    let close = if label.starts_with('_') {
        "_"
    } else if label.starts_with('*') {
        "**"
    } else {
        ""
    };
    let mut next = 0;
    let mut say = |what: &str| {
        next += 1;
        format!("{what} {}", letters(next))
    };
    let mut requirements = String::from("# Requirements Document\n\n## Requirements\n\n");
    let mut ids: Vec<String> = Vec::new();
    let mut wholes: Vec<String> = Vec::new();
    let style = random.below(4);
    let rule = if random.below(3) == 0 { "---\n\n" } else { "" };
    for number in 1..=2 + random.below(4) {
        let title = say("Title");
        requirements.push_str(&format!(
            "### {word}{number}: {title}\n\n**User Story:** As x\n\n#### Acceptance Criteria\n\n"
        ));
        wholes.push(number.to_string());
        for last in 1..=1 + random.below(6) {
            let mut text = say("WHEN it THEN");
            if let (0, false) = (random.below(4), ids.is_empty()) {
                text.push_str(&format!(", unlike Requirement {}", random.pick(&ids)));
            }
            match style {
                0 => requirements.push_str(&format!("{last}. {text}\n")),
                1 => requirements.push_str(&format!("- {number}.{last} {text}\n  and so on\n")),
                2 => requirements.push_str(&format!("- {text}\n")),
                _ => requirements.push_str(&format!("1. {text}\n   - with a note\n")),
            }
            ids.push(format!("{number}.{last}"));
        }
        requirements.push_str(&format!("\n{rule}"));
    }
    let cite = |random: &mut Random| {
        let mut items = Vec::new();
        for _ in 0..1 + random.below(4) {
            let id = random.pick(&ids).to_string();
            let (stem, last) = id.split_once('.').unwrap_or_default();
            let top =
                ids.iter().filter(|other| other.split_once('.').is_some_and(|(s, _)| s == stem)).count();
            let to = last.parse::<usize>().unwrap_or(1) + random.below(3);
            items.push(match random.below(4) {
                0 => random.pick(&wholes).to_string(),
                1 if to <= top && to.to_string() != last => {
                    format!("{id}{}{stem}.{to}", ["-", "–", " - "][random.below(3)])
                }
                _ => id,
            });
        }
        format!("{label}{}{close}", items.join(", "))
    };
    let mut design = String::from("# Design\n\n## Correctness Properties\n\n");
    let properties = 1 + random.below(4);
    for number in 1..=properties {
        design.push_str(&format!("### Property {number}: {}\n\n{}\n\n", say("Holds"), cite(random)));
    }
    let mut tasks = String::from("# Implementation Plan\n\n");
    let mut known: Vec<String> = Vec::new();
    let gap = ["", "\n"][random.below(2)];
    for number in 1..=2 + random.below(5) {
        let dependency = match random.below(3) {
            0 if !known.is_empty() => format!(" (dep: {})", random.pick(&known)),
            _ => String::new(),
        };
        tasks.push_str(&format!("- [ ] {number}. {}{dependency}\n  - {}\n", say("Do"), cite(random)));
        known.push(number.to_string());
        for last in 1..=random.below(4) {
            tasks.push_str(&format!("  - [x]* {number}.{last} {}\n    - {}\n", say("Part"), cite(random)));
            tasks.push_str(&format!("    - **Property {}: x**\n", 1 + random.below(properties)));
            if random.below(2) == 0 {
                tasks.push_str(&format!(
                    "    - _Depends: {}, {}_\n",
                    random.pick(&known),
                    random.pick(&known)
                ));
            }
            known.push(format!("{number}.{last}"));
        }
        tasks.push_str(gap);
    }
    let quoted: Vec<String> = known.iter().map(|id| format!("[\"{id}\"]")).collect();
    tasks.push_str(&format!(
        "\n## Task Dependency Graph\n\n```json\n{{\"waves\":[{}]}}\n```\n",
        quoted.join(",")
    ));
    [("requirements.md", requirements), ("design.md", design), ("tasks.md", tasks)]
        .into_iter()
        .map(|(name, text)| (name.to_string(), text.replace('\n', eol).into_bytes()))
        .collect()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        // The seed in the message is all that is needed to see a failure again.
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::with_cases(24)
    })]
    #[test]
    fn no_reference_changes_its_meaning_in_any_dialect(seed in proptest::prelude::any::<u64>()) {
        let mut random = Random(seed);
        let mut files = made_up(&mut random);
        let source = made_up_source("made-up", &ids(&files));
        files.insert(SOURCE.to_string(), source);
        let mut count = Count::default();
        for step in 0..8 {
            step_once(Path::new("made-up"), "made-up", &mut files, &mut random, step, &mut count);
        }
        // A plain spec has nothing that could not be changed.
        proptest::prop_assert!(count.refused.is_empty(), "{:?}", count.refused);
    }
}

/// Moves what moved back to where it stood, when that was beside a sibling, and compares all ids.
#[expect(clippy::too_many_arguments, reason = "the state of one step")]
fn take_back(
    path: &Path,
    name: &str,
    kind: Kind,
    a: &str,
    old: &Files,
    new: &Files,
    changes: &Changes,
    count: &mut Count,
) {
    let moved = |id: &str| -> String {
        // In a flat list a requirement is its own criterion.
        let is_flat = |found: Kind| kind == Kind::Requirement && found == Kind::Criterion;
        let found = changes.moved.iter().find(|m| m.from == id && (m.kind == kind || is_flat(m.kind)));
        found.map_or(id.to_string(), |moved| moved.to.clone())
    };
    let list: Vec<String> = match kind {
        Kind::Criterion => criteria_of(old),
        Kind::Task => old
            .get("tasks.md")
            .map(|bytes| Tasks::parse(bytes).tasks.into_iter().map(|task| task.id).collect())
            .unwrap_or_default(),
        _ => requirements_of(old),
    };
    let stem = |id: &str| id.rsplit_once('.').map(|(stem, _)| stem.to_string()).unwrap_or_default();
    let siblings: Vec<&String> = list.iter().filter(|id| stem(id) == stem(a)).collect();
    let is_gapless =
        siblings.iter().enumerate().all(|(at, id)| id.rsplit('.').next() == Some(&(at + 1).to_string()));
    let index = siblings.iter().position(|id| *id == a);
    let (Some(index), true) = (index, is_gapless) else { return };
    let target = if index > 0 { siblings.get(index - 1) } else { siblings.get(1) };
    let Some(target) = target else { return };
    let target = moved(target);
    let place = if index > 0 { Place::After(&target) } else { Place::Before(&target) };
    let back = change(new, name, |set| match kind {
        Kind::Criterion => set.move_criterion(&moved(a), place),
        Kind::Task => set.move_task(&moved(a), place),
        _ => set.move_requirement(&moved(a), place),
    });
    let Ok((_, back)) = back else { return };
    let (was, is) = (ids(old), ids(&back));
    // A list into which it moved may have had a gap that is closed now; its own list had none.
    let same = |was: &HashMap<String, String>, is: &HashMap<String, String>| {
        was.iter().filter(|(id, _)| stem(id) == stem(a)).all(|(id, text)| is.get(id) == Some(text))
    };
    assert!(
        same(&was.criteria, &is.criteria) || kind != Kind::Criterion,
        "{}: {kind} {a} taken back",
        path.display()
    );
    assert!(same(&was.tasks, &is.tasks) || kind != Kind::Task, "{}: {kind} {a} taken back", path.display());
    assert!(
        same(&was.requirements, &is.requirements) || kind != Kind::Requirement,
        "{}: {kind} {a} taken back",
        path.display()
    );
    count.inverses += 1;
}

fn criteria_of(files: &Files) -> Vec<String> {
    if let Some(bytes) = files.get("requirements.md") {
        return Requirements::parse(bytes).criteria().map(|criterion| criterion.id.clone()).collect();
    }
    files
        .get("bugfix.md")
        .map(|bytes| Bugfix::parse(bytes).criteria().map(|c| c.id.clone()).collect())
        .unwrap_or_default()
}

fn requirements_of(files: &Files) -> Vec<String> {
    let read =
        |bytes: &Vec<u8>| Requirements::parse(bytes).requirements.into_iter().map(|r| r.number).collect();
    files.get("requirements.md").map(read).unwrap_or_default()
}
