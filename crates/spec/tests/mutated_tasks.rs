//! Task documents after accidents: other line ends, a byte-order mark, tabs, a cut in the middle, bytes that are no
//! UTF-8, NUL. Every one is printed back byte for byte, read without a panic, and ticked by one byte.
#![expect(clippy::disallowed_methods, reason = "this test looks at files where they lie")]

use std::path::Path;

use spec::text::Text;
use spec::{State, Tasks};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn documents() -> Vec<Vec<u8>> {
    let mut folders =
        vec![Path::new(HERE).join("tests/dialects/tasks"), Path::new(HERE).join("../../../shared/corpus")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_own = folder.ends_with("dialects/tasks") && path.extension().is_some_and(|e| e == "md");
            if path.is_dir() {
                folders.push(path);
            } else if is_own || path.file_name().is_some_and(|name| name == "tasks.md") {
                found.extend(std::fs::read(&path));
            }
        }
    }
    found
}

/// The same document after each accident. Places are picked from the length, so that a run can be repeated.
fn accidents(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let replaced = |from: &[u8], to: &[u8]| {
        let mut out = Vec::with_capacity(bytes.len() * 2);
        let mut rest = bytes;
        while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
            out.extend_from_slice(&rest[..at]);
            out.extend_from_slice(to);
            rest = &rest[at + from.len()..];
        }
        out.extend_from_slice(rest);
        out
    };
    let inserted = |what: &[u8], step: usize| {
        let mut out = Vec::with_capacity(bytes.len() * 2);
        for (at, byte) in bytes.iter().enumerate() {
            if at % step == step - 1 {
                out.extend_from_slice(what);
            }
            out.push(*byte);
        }
        out
    };
    let cut = |at: usize| bytes[..at.min(bytes.len())].to_vec();
    vec![
        ("as it is", bytes.to_vec()),
        ("crlf", replaced(b"\n", b"\r\n")),
        ("mixed ends", replaced(b"\n- ", b"\r\n- ")),
        ("cr", replaced(b"\n", b"\r")),
        ("bom", [b"\xef\xbb\xbf", bytes].concat()),
        ("tabs", replaced(b"  ", b"\t")),
        ("no blanks", replaced(b"- [ ] ", b"- [ ]")),
        ("cut in the first third", cut(bytes.len() / 3)),
        ("cut near the end", cut(bytes.len().saturating_sub(7))),
        ("cut behind a bracket", cut(bytes.iter().rposition(|b| *b == b'[').map_or(0, |at| at + 1))),
        ("bad bytes", inserted(b"\xff\xe2\x82", 97)),
        ("bad bytes in boxes", replaced(b"[ ]", b"[\xa0]")),
        ("nul", inserted(b"\0", 61)),
        ("wide boxes", replaced(b"[ ]", "［ ］".as_bytes())),
        ("ticks", replaced(b"[x]", "[✓]".as_bytes())),
        ("twice", [bytes, bytes].concat()),
        ("open fence", [b"```\n", bytes].concat()),
        ("open comment", [b"<!--\n", bytes].concat()),
        ("one line", replaced(b"\n", b" ")),
    ]
}

#[test]
fn every_accident_is_survived() {
    let (mut count, mut ticked, mut tasks) = (0, 0, 0);
    for document in documents() {
        for (what, bytes) in accidents(&document) {
            count += 1;
            assert_eq!(Text::read(&bytes).print(), bytes, "{what}");
            let read = Tasks::parse(&bytes);
            tasks += read.tasks.len();
            for task in &read.tasks {
                for span in
                    [task.span, task.line, task.title_span, task.mark].into_iter().chain(task.number_span)
                {
                    assert!(span.end() <= bytes.len(), "{what} {}", task.id);
                }
                assert_eq!(task.state_offset < bytes.len(), task.mark_len == 1, "{what} {}", task.id);
            }
            let own_byte: Vec<_> = read.tasks.iter().filter(|task| task.mark_len == 1).collect();
            // One in each document, another in each copy: all of them would take minutes.
            if let Some(task) = own_byte.get(bytes.len() % own_byte.len().max(1)) {
                let to = if task.state == State::Done { State::Open } else { State::Done };
                let splice = spec::edit::tick(&bytes, &task.id, to).unwrap();
                let after = splice.apply(&bytes).unwrap();
                assert_eq!(after.len(), bytes.len(), "{what}");
                let changed = after.iter().zip(&bytes).filter(|(a, b)| a != b).count();
                assert_eq!(changed, 1, "{what} {}", task.id);
                let state = Tasks::parse(&after).find(&task.id).map(|task| task.state);
                // Earlier checks of a heading may still be ticked.
                assert!(state == Some(to) || state == Some(State::InProgress), "{what} {}", task.id);
                ticked += 1;
            }
        }
    }
    println!("{count} documents, {tasks} tasks, {ticked} ticks of one byte");
    assert!(count > 0 && ticked > 0);
}
