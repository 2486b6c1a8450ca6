//! Tests of a folder: what the editor shows counts, and what is not open is as on disk.
#![expect(clippy::disallowed_methods, reason = "the tests make files to read")]

use super::*;
use crate::background::{News, start};
use crate::convert::uri_of;

/// A folder with one spec, and what a worker found in it.
fn state(folder: &Path) -> State {
    let path = folder.join(".kiro/specs/a/tasks.md");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "- [ ] 1. A\n").unwrap();
    let mut state = State::new(folder.to_path_buf());
    look(&mut state);
    state
}

/// What a worker does, until it compared.
fn look(state: &mut State) {
    let (sender, news) = crossbeam_channel::unbounded();
    let jobs = start(state.root.clone(), move |news| sender.send(news).is_ok()).unwrap();
    jobs.send(state.job(None)).unwrap();
    loop {
        match news.recv().unwrap() {
            News::Specs(specs) => drop(state.take_specs(specs)),
            News::Between(between) => return drop(state.take_between(between)),
            News::Tags(_) => {}
        }
    }
}

fn steps(state: &mut State) -> usize {
    state.settle();
    state.full("a").unwrap().plan.steps.len()
}

#[test]
fn what_the_editor_shows_counts() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = state(folder.path());
    let path = folder.path().join(".kiro/specs/a/tasks.md");
    assert!(state.is_ready && state.has("a", &Item::Task("1".to_string())));
    assert_eq!(steps(&mut state), 1);
    let uri = uri_of(&path).unwrap();
    assert!(state.open(&path, uri, 1, "- [ ] 1. A\n- [ ] 2. B\n".to_string()));
    assert_eq!(steps(&mut state), 2);
    look(&mut state);
    assert_eq!(steps(&mut state), 2);
    state.close(&path);
    assert_eq!(steps(&mut state), 1);
    assert_eq!(state.named(Path::new("/elsewhere")), None);
    assert_eq!(state.named(&path), Some(("a", "tasks.md")));
}

#[test]
fn specs_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = state(folder.path());
    let other = folder.path().join(".kiro/specs/b.md");
    std::fs::write(&other, "## Tasks\n\n- [ ] 1. A\n").unwrap();
    look(&mut state);
    assert_eq!(state.named(&other), Some(("b", "requirements.md")));
    assert_eq!(state.full("b").unwrap().plan.steps.len(), 1);
    std::fs::remove_file(&other).unwrap();
    look(&mut state);
    assert_eq!((state.named(&other), state.count()), (None, 1));
}

#[test]
fn only_a_few_specs_stay_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = state(folder.path());
    for name in ["b", "c", "d", "e", "f", "g"] {
        let path = folder.path().join(format!(".kiro/specs/{name}/tasks.md"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "- [ ] 1. A\n").unwrap();
    }
    look(&mut state);
    let path = folder.path().join(".kiro/specs/a/tasks.md");
    state.open(&path, uri_of(&path).unwrap(), 1, "- [ ] 1. A\n".to_string());
    let names: Vec<String> = state.names().map(str::to_string).collect();
    names.iter().for_each(|name| drop(state.full(name)));
    state.trim();
    let read: Vec<&str> = state
        .specs
        .iter()
        .filter(|(_, entry)| entry.full.borrow().is_some())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(read, ["a", "d", "e", "f", "g"]);
}
