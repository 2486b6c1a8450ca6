//! Damages every requirements document, bug analysis and design that is at hand, own ones and real ones beside the
//! checkout, and checks what must hold for any bytes: nothing panics, the lines are printed back, spans lie in the
//! document, and line endings and byte-order marks change no id.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "this test reads documents where they lie"
)]

use std::path::{Path, PathBuf};

use spec::Criterion;
use spec::bugfix::Bugfix;
use spec::design::Design;
use spec::requirements::Requirements;
use spec::single::SingleFile;
use spec::text::Text;

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files(&path, out);
        } else if path.to_str().is_some_and(|path| {
            ["requirements.md", "bugfix.md", "design.md"].iter().any(|name| path.ends_with(name))
                || path.ends_with(".md") && path.contains("tests/dialects")
        }) {
            out.push(path);
        }
    }
}

fn documents() -> Vec<(PathBuf, Vec<u8>)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&here.join("tests/dialects"), &mut paths);
    let own = paths.len();
    files(&here.join("../../../shared/corpus"), &mut paths);
    if paths.len() == own {
        println!("no corpus beside the checkout: own documents only");
    }
    paths.sort();
    paths.into_iter().filter_map(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes))).collect()
}

fn criteria(path: &Path, bytes: &[u8]) -> Vec<Criterion> {
    if path.to_str().is_some_and(|path| path.ends_with("bugfix.md")) {
        Bugfix::parse(bytes).criteria().cloned().collect()
    } else {
        Requirements::parse(bytes).criteria().cloned().collect()
    }
}

/// Id and text, as a reader sees them.
fn meaning(path: &Path, bytes: &[u8]) -> Vec<(String, String)> {
    criteria(path, bytes).into_iter().map(|one| (one.id, one.text)).collect()
}

fn holds(path: &Path, what: &str, bytes: &[u8]) {
    let place = || format!("{} ({what})", path.display());
    assert_eq!(Text::read(bytes).print(), bytes, "{}", place());
    let inside = |span: spec::Span| span.end() <= bytes.len();
    if path.to_str().is_some_and(|path| path.ends_with("design.md")) {
        for property in &Design::parse(bytes).properties {
            assert!(inside(property.span) && inside(property.heading), "{}", place());
            assert!(property.number_span.is_none_or(inside) && property.validates_span.is_none_or(inside));
        }
        return;
    }
    let read = Requirements::parse(bytes);
    for requirement in &read.requirements {
        assert!(inside(requirement.span) && inside(requirement.heading), "{}", place());
        assert!(requirement.number_span.is_none_or(inside), "{}", place());
    }
    assert!(read.glossary.iter().all(|term| inside(term.span)), "{}", place());
    assert!(read.diagnostics.iter().all(|found| inside(found.span)), "{}", place());
    for one in criteria(path, bytes) {
        assert!(inside(one.span) && inside(one.text_span), "{}", place());
        assert!(
            one.text_span.offset >= one.span.offset && one.text_span.end() <= one.span.end(),
            "{}",
            place()
        );
        if let Some(number) = one.number_span {
            assert!(
                number.offset >= one.span.offset && number.end() <= one.text_span.offset.max(number.end())
            );
            let written = number.text(bytes);
            let tail = one.id.rsplit(['.', '-']).next().unwrap_or_default();
            let is_written = written.contains(tail) || !written.is_ascii();
            assert!(one.is_synthetic || is_written, "{}: `{written}` for {}", place(), one.id);
        }
    }
    let _ = SingleFile::parse(bytes);
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    let mut rest = bytes;
    while !rest.is_empty() {
        match rest.strip_prefix(from) {
            Some(behind) => {
                out.extend_from_slice(to);
                rest = behind;
            }
            None => {
                out.push(rest[0]);
                rest = &rest[1..];
            }
        }
    }
    out
}

#[test]
fn damaged_documents_keep_the_invariants() {
    let documents = documents();
    assert!(documents.len() >= 30, "{} documents", documents.len());
    let mut mutations = 0;
    for (path, bytes) in &documents {
        let crlf = replace(&replace(bytes, b"\r\n", b"\n"), b"\n", b"\r\n");
        let with = |at: usize, more: &[u8]| [&bytes[..at], more, &bytes[at..]].concat();
        let middle = bytes.len() / 2;
        let damaged: Vec<(&str, Vec<u8>)> = vec![
            ("as it is", bytes.clone()),
            ("carriage returns", crlf.clone()),
            ("byte-order mark", [b"\xEF\xBB\xBF".as_slice(), bytes].concat()),
            ("tabs", replace(&replace(bytes, b"   ", b"\t"), b"- ", b"-\t")),
            ("cut in the middle", bytes[..middle].to_vec()),
            ("cut near the end", bytes[..bytes.len() * 9 / 10].to_vec()),
            ("cut carriage returns", crlf[..crlf.len() - crlf.len().min(1)].to_vec()),
            ("not UTF-8", with(middle, b"\xff\xc3\x28\xf0\x9f")),
            ("not UTF-8 everywhere", replace(bytes, b" the ", b" \xfe ")),
            ("NUL", with(middle, b"\0\n\0")),
            ("NUL for blanks", replace(bytes, b". ", b".\0")),
            ("lone carriage returns", replace(bytes, b"\n\n", b"\r\r")),
            ("open fence", with(middle, b"\n```\n")),
            ("open comment", with(middle, b"\n<!--\n")),
            ("no line breaks", replace(bytes, b"\n", b" ")),
        ];
        for (what, damaged) in &damaged {
            holds(path, what, damaged);
            mutations += 1;
        }
    }
    println!("{} documents, {mutations} mutations", documents.len());
}

#[test]
fn endings_and_marks_change_no_id() {
    for (path, bytes) in documents() {
        // A second mark would be text.
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        let lf = replace(bytes, b"\r\n", b"\n");
        let expected = meaning(&path, &lf);
        let crlf = replace(&lf, b"\n", b"\r\n");
        assert_eq!(meaning(&path, &crlf), expected, "{}", path.display());
        let marked = [b"\xEF\xBB\xBF".as_slice(), &crlf].concat();
        assert_eq!(meaning(&path, &marked), expected, "{}", path.display());
    }
}

#[test]
fn the_span_of_a_text_is_the_text() {
    for (path, bytes) in documents() {
        for one in criteria(&path, &bytes) {
            let first = one.text.lines().next().unwrap_or_default();
            let written = one.text_span.text(&bytes);
            // Rows of a table are joined anew, and the emphasis around number and title of a plan's item is left out.
            let is_row = first.contains(" | ") || path.components().any(|part| part.as_os_str() == "tasks");
            let same = written.lines().next().unwrap_or_default().trim_end() == first;
            assert!(is_row || same, "{}: {} `{written}`", path.display(), one.id);
        }
    }
}

/// The time that hostile documents take grows with their size and no faster. The bounds are wide, for this runs
/// without optimisation and beside other work.
#[test]
fn hostile_documents_take_no_time() {
    let size = 300_000;
    let deep: Vec<u8> =
        (0..2_000).flat_map(|depth| [vec![b' '; depth], b"- shall x\n".to_vec()].concat()).collect();
    let documents: Vec<(&str, Vec<u8>)> = vec![
        ("one line", vec![b'a'; size]),
        ("one heading", vec![b'#'; size]),
        ("headings", b"# x\n".repeat(size / 4)),
        ("requirements", b"### Requirement 1: x\n1. a\n".repeat(size / 26)),
        ("sub-requirements", [b"## 1. A\n".to_vec(), b"### 1.1 a\n- x shall\n".repeat(size / 20)].concat()),
        ("labels", b"**Acceptance Criteria:**\n".repeat(size / 25)),
        ("sections", b"## Requirements\n### Functional Requirements\n- a\n".repeat(size / 48)),
        ("glossaries", b"## Glossary\n### A\nb\n".repeat(size / 20)),
        ("items", b"- GIVEN a\n- WHEN b\n- AND c\n".repeat(size / 27)),
        ("a deep list", deep),
        ("emphasis", vec![b'*'; size]),
        ("dots", [b"## Requirements\n".to_vec(), b"1.".repeat(size / 2)].concat()),
        ("cells", [b"## Requirements\n| 1 | ".to_vec(), b"a | ".repeat(size / 4)].concat()),
        (
            "properties",
            [b"## Correctness Properties\n".to_vec(), b"### Property 1: a\n".repeat(size / 18)].concat(),
        ),
        ("NUL", vec![0; size]),
    ];
    for (what, bytes) in &documents {
        let start = std::time::Instant::now();
        let _ = Requirements::parse(bytes);
        let _ = Bugfix::parse(bytes);
        let _ = Design::parse(bytes);
        let taken = start.elapsed();
        println!("{what}: {taken:?}");
        assert!(taken.as_secs() < 20, "{what}: {taken:?}");
    }
}
