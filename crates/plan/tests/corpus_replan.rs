//! Writes real task documents anew as a model would (tasks inserted, removed, renumbered, moved, boxes emptied) and
//! asks whether the ticks stay. The rules themselves are tested on inline documents in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::path::{Path, PathBuf};

use plan::lineage::{self, Fate, Lineage};
use plan::replan::replan;
use spec::{Span, State, Tasks};

fn files(folder: &Path, name: &str, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            files(&entry.path(), name, out);
        } else if entry.file_name() == name {
            out.push(entry.path());
        }
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")), name, &mut found);
    found.sort();
    found.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}

/// One task with everything below it, as it stands in the document, and its old top number.
fn sections(bytes: &[u8], tasks: &Tasks) -> Vec<(Option<String>, String)> {
    let tops: Vec<_> = tasks.tasks.iter().filter(|task| task.parent.is_none()).collect();
    let mut out = Vec::new();
    for (at, task) in tops.iter().enumerate() {
        let end = tops.get(at + 1).map_or(bytes.len(), |next| next.span.offset);
        out.push((task.number.clone(), Span::between(task.span.offset, end).text(bytes)));
    }
    out
}

/// The section under another top number, every box empty.
fn renumber(section: &str, old: Option<&str>, new: usize) -> String {
    let mut out = String::new();
    for line in section.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let is_task = trimmed.starts_with("- [") && trimmed.get(4..5) == Some("]");
        match old.filter(|_| is_task) {
            Some(old) => {
                let boxes = line.replacen(&trimmed[..5], "- [ ]", 1);
                let from = format!(" {old}.");
                out += &boxes.replacen(&from, &format!(" {new}."), 1);
            }
            None if is_task => out += &line.replacen(&trimmed[..5], "- [ ]", 1),
            None => out += line,
        }
    }
    out
}

#[test]
fn real_ticks_stay() {
    let documents = corpus("tasks.md");
    if documents.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let (mut versions, mut leaves, mut kept, mut wrong, mut unsure) = (0, 0, 0, 0, 0);
    let mut slowest = std::time::Duration::ZERO;
    for bytes in &documents {
        let before = Tasks::parse(bytes);
        let sections = sections(bytes, &before);
        if sections.len() < 2 {
            continue;
        }
        for round in 0..6 {
            let mut order: Vec<usize> = (0..sections.len()).collect();
            let at = round % sections.len();
            match round {
                0 => {}
                1 | 2 => drop(order.remove(at)),
                3 => order.reverse(),
                _ => order.rotate_left(at),
            }
            let mut new = String::from(
                "# Implementation Plan\n\n## Tasks\n\n- [ ] 1. Draw the coloured banner of welcome\n\n",
            );
            for (place, section) in order.iter().filter_map(|at| sections.get(*at)).enumerate() {
                let (old, text) = section;
                new += &renumber(text, old.as_deref(), place + 2);
                if !new.ends_with('\n') {
                    new.push('\n');
                }
            }
            let start = std::time::Instant::now();
            let out = replan(bytes, new.as_bytes(), None);
            slowest = slowest.max(start.elapsed());
            let after = Tasks::parse(&out.document);
            versions += 1;
            unsure += out.unsure.len();
            let item_of = |tasks: &Tasks| lineage::tasks(tasks);
            let (old_items, new_items) = (item_of(&before), item_of(&after));
            for (task, item) in after.tasks.iter().zip(&new_items).filter(|(task, _)| task.is_leaf()) {
                // The truth: the old leaf with these very words, when there is one such leaf only.
                let mut same =
                    old_items.iter().zip(&before.tasks).filter(|(old, _)| old.digest() == item.digest());
                let (Some((_, was)), None) = (same.next(), same.next()) else {
                    let was_done = old_items
                        .iter()
                        .zip(&before.tasks)
                        .any(|(old, was)| old.digest() == item.digest() && was.state == State::Done);
                    wrong += usize::from(task.state == State::Done && !was_done);
                    continue;
                };
                leaves += 1;
                kept += usize::from(bytes[was.state_offset] == out.document[task.state_offset]);
            }
        }
    }
    println!(
        "{versions} versions of {} documents: {kept} of {leaves} unchanged leaves keep their state",
        documents.len()
    );
    println!(
        "{wrong} ticks from nowhere, {unsure} tasks of which nobody knows, slowest {} ms",
        slowest.as_millis()
    );
    assert_eq!((kept, wrong), (leaves, 0));
}

#[test]
fn real_criteria_follow_a_renumbering() {
    let documents = corpus("requirements.md");
    if documents.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let (mut total, mut right, mut wrong, mut lost) = (0, 0, 0, 0);
    for bytes in &documents {
        let read = spec::requirements::Requirements::parse(bytes);
        let old = lineage::criteria(read.criteria());
        // Every third criterion goes, the others change their number, and each seventh gets two words more.
        let mut new = Vec::new();
        let mut truth = Vec::new();
        for (at, item) in old.iter().enumerate().filter(|(at, _)| at % 3 != 2) {
            let text = read.criteria().nth(at).map(|criterion| criterion.text.clone()).unwrap_or_default();
            let text = if at % 7 == 6 { format!("{text} at once always") } else { text };
            new.push(lineage::Item {
                parent: item.parent.clone(),
                ..lineage::Item::new(&format!("9.{}", new.len()), &text)
            });
            truth.push(at);
        }
        let lineage = Lineage::of(&old, &new);
        for (link, from) in lineage.links.iter().zip(&truth).filter(|(link, _)| link.new.is_some()) {
            total += 1;
            match link.old {
                Some(old_at) if old_at == *from => right += 1,
                // Another criterion with the very same words is as good.
                Some(old_at) if old[old_at].digest() == old[*from].digest() => right += 1,
                Some(_) => wrong += 1,
                None => lost += 1,
            }
            assert!(link.fate != Fate::Kept || link.old.is_some());
        }
    }
    println!("{total} criteria: {right} found, {wrong} taken for another, {lost} not found");
    assert!(wrong * 100 <= total, "{wrong} of {total}");
    assert!(right * 100 >= total * 97, "{right} of {total}");
}

#[test]
fn five_thousand_tasks_are_quick() {
    let write = |shift: usize| {
        let line = |at: usize| {
            format!("- [x] {}. Carry box{} from hill{} to town{}\n", at + shift, at, at % 70, at % 900)
        };
        (1..=5_000).map(line).collect::<String>()
    };
    let (old, new) = (write(0), write(1));
    let start = std::time::Instant::now();
    let out = replan(old.as_bytes(), new.as_bytes(), None);
    println!("re-planning 5,000 tasks: {} ms", start.elapsed().as_millis());
    assert_eq!(out.kept.len(), 5_000);
    // All alike and none the same: the dear case.
    let new = new.replace("Carry", "Bring the");
    let start = std::time::Instant::now();
    let out = replan(old.as_bytes(), new.as_bytes(), None);
    println!("re-planning 5,000 reworded tasks: {} ms", start.elapsed().as_millis());
    assert_eq!(out.new.len() + out.changed.len(), 5_000);
    assert!(cfg!(debug_assertions) || start.elapsed().as_secs() < 2);
}
