//! Every real spec that lies beside the checkout, if any: no panic, spans inside the documents, every rule in the
//! registry, fixes that remove exactly their finding; and counts by rule. The rules themselves are tested in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lint::{Finding, Settings, check, rules};
use plan::{Plan, Reading, Shape, SpecDocuments};
use spec::Severity;

const SKIPPED: &str = "skipped: no corpus beside the checkout";

fn folders(at: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(at) else { return };
    let mut has_document = false;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            folders(&path, out);
        } else {
            let name = entry.file_name();
            has_document |=
                ["requirements.md", "design.md", "tasks.md", "bugfix.md"].iter().any(|known| name == *known);
        }
    }
    if has_document {
        out.push(at.to_path_buf());
    }
}

fn specs() -> Vec<SpecDocuments> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    let mut found = Vec::new();
    folders(root, &mut found);
    found.sort();
    let read = |folder: &Path, name: &str| std::fs::read(folder.join(name)).ok();
    found
        .iter()
        .map(|folder| SpecDocuments {
            name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            shape: Shape::Folder,
            requirements: read(folder, "requirements.md"),
            bugfix: read(folder, "bugfix.md"),
            design: read(folder, "design.md"),
            tasks: read(folder, "tasks.md"),
            single: None,
            config: read(folder, ".config.kiro"),
        })
        .collect()
}

fn bytes_of<'a>(documents: &'a SpecDocuments, file: &str) -> Option<&'a Vec<u8>> {
    match file {
        "requirements.md" => documents.requirements.as_ref(),
        "bugfix.md" => documents.bugfix.as_ref(),
        "design.md" => documents.design.as_ref(),
        "tasks.md" => documents.tasks.as_ref(),
        _ => None,
    }
}

fn lint(documents: &SpecDocuments) -> Vec<Finding> {
    let reading = Reading::of(documents.clone());
    let plan = Plan::of(&reading);
    check::spec(&reading, &plan, &Settings::default())
}

#[test]
fn every_real_spec_is_checked() {
    let specs = specs();
    if specs.is_empty() {
        return println!("{SKIPPED}");
    }
    let mut counts: BTreeMap<(&str, Severity), (usize, usize)> = BTreeMap::new();
    let mut all = [0usize; 3];
    for documents in &specs {
        let mut seen: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
        for finding in lint(documents) {
            assert!(rules::find(finding.rule).is_some(), "{} is not in the registry", finding.rule);
            let bytes = bytes_of(documents, &finding.place.file).unwrap();
            assert!(finding.place.span.end() <= bytes.len(), "{finding:?}");
            assert!(finding.related.len() <= lint::finding::RELATED_MAX);
            *seen.entry((finding.rule, finding.severity)).or_insert(0) += 1;
        }
        for (key, count) in seen {
            let entry = counts.entry(key).or_insert((0, 0));
            entry.0 += count;
            entry.1 += 1;
            all[key.1 as usize] += count;
        }
    }
    for ((rule, severity), (count, specs)) in &counts {
        println!("{count:6} in {specs:4} specs  {severity:?}  {rule}");
    }
    println!("{} specs: {} hints, {} warnings, {} errors", specs.len(), all[0], all[1], all[2]);
}

/// The documents after the fix of a finding.
fn fixed(documents: &SpecDocuments, finding: &Finding) -> Option<SpecDocuments> {
    let mut documents = documents.clone();
    let edits: Vec<spec::Edit> =
        finding.fix.iter().flat_map(|fix| &fix.edits).map(|(_, edit)| edit.clone()).collect();
    let bytes = match finding.place.file.as_str() {
        "requirements.md" => &mut documents.requirements,
        "bugfix.md" => &mut documents.bugfix,
        "design.md" => &mut documents.design,
        _ => &mut documents.tasks,
    };
    *bytes = Some(spec::splice::apply(bytes.as_deref()?, &edits).ok()?);
    Some(documents)
}

/// What stays the same when lines move.
fn names(findings: &[Finding]) -> Vec<(&str, Option<&str>, &str)> {
    let mut names: Vec<_> = findings
        .iter()
        .map(|finding| (finding.rule, finding.subject.as_deref(), finding.message.as_str()))
        .collect();
    names.sort_unstable();
    names
}

/// Fixes tried of each rule; all of them take half a minute.
const TRIED_MAX: usize = 6;

#[test]
fn every_fix_removes_its_finding_and_makes_none() {
    let specs = specs();
    if specs.is_empty() {
        return println!("{SKIPPED}");
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for documents in &specs {
        let before = lint(documents);
        for finding in before.iter().filter(|finding| finding.fix.is_some()) {
            let tried = counts.entry(finding.rule).or_insert(0);
            *tried += 1;
            if *tried > TRIED_MAX {
                continue;
            }
            let after = lint(&fixed(documents, finding).unwrap());
            let mut wanted = names(&before);
            let own = (finding.rule, finding.subject.as_deref(), finding.message.as_str());
            let at = wanted.iter().position(|name| *name == own).unwrap();
            wanted.remove(at);
            let got = names(&after);
            assert_eq!(
                (wanted.iter().filter(|name| !got.contains(name)).collect::<Vec<_>>(), got.len()),
                (Vec::new(), wanted.len()),
                "{}: {finding:?}\nnew: {:?}",
                documents.name,
                got.iter().filter(|name| !wanted.contains(name)).collect::<Vec<_>>()
            );
        }
    }
    println!("fixes offered: {counts:?}");
}
