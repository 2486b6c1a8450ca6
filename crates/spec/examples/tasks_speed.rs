//! Measures how fast task documents are read: the files named on the command line in megabytes per second, or, when
//! none is named, hostile documents of five megabytes in milliseconds. Asserts nothing.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads files and is printed"
)]

use std::time::Instant;

use spec::Tasks;

/// Runs of which the fastest counts, because the machine does other things, too.
const ROUNDS: usize = 50;
const HOSTILE_ROUNDS: usize = 4;

fn main() {
    let files: Vec<Vec<u8>> = std::env::args().skip(1).filter_map(|path| std::fs::read(path).ok()).collect();
    if files.is_empty() {
        return hostile();
    }
    let bytes: usize = files.iter().map(Vec::len).sum();
    let mut tasks = 0;
    let best = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        tasks = files.iter().map(|file| Tasks::parse(file).tasks.len()).sum();
        start.elapsed().as_secs_f64()
    });
    let seconds = best.fold(f64::MAX, f64::min);
    println!("{} files, {bytes} bytes, {tasks} tasks: {:.1} MB/s", files.len(), bytes as f64 / 1e6 / seconds);
}

fn hostile() {
    let hostile = [
        ("5 MB in one line", format!("- [ ] 1. {}\n", "`*_[( a: ".repeat(5_000_000 / 9))),
        ("5 MB in one title", format!("- [ ] 1. {}\n", "word ".repeat(1_000_000))),
        ("5 MB of one detail", format!("- [ ] 1. A\n  - Depends: {}\n", "1.1, ".repeat(1_000_000))),
        ("5 MB of one reference", format!("- [ ] 1. A\n  - _Requirements: {}_\n", "1.1, ".repeat(1_000_000))),
        ("5 MB of back-ticks", format!("- [ ] 1. A\n  - {}\n", "` `` ``` ".repeat(5_000_000 / 9))),
        ("10,000 deep", (0..10_000).map(|n| format!("{}- [ ] t\n", " ".repeat(n))).collect()),
        ("10,000 deep, tabs", (0..10_000).map(|n| format!("{}- [ ] t\n", "\t".repeat(n % 400))).collect()),
        ("5 MB of headings", "# Task 1\n".repeat(5_000_000 / 9)),
        ("5 MB of sections", "## A b\n- [ ] c\n".repeat(5_000_000 / 15)),
        ("5 MB of boxes", "- [ ] 1. A\n".repeat(5_000_000 / 11)),
        ("5 MB of paragraphs", format!("- [ ] 1. A\n{}", "\nx: y\n".repeat(5_000_000 / 6))),
        ("5 MB of labels", format!("- [ ] 1. A\n{}", "  - Acceptance criteria:\n".repeat(5_000_000 / 25))),
        ("5 MB of a row", format!("| [ ] |{}\n", " a |".repeat(1_250_000))),
        ("5 MB of one heading", format!("### Task 1: {}\n- [ ] a\n", "[x] (P) ".repeat(5_000_000 / 8))),
        (
            "5 MB of a graph",
            format!("## Task Dependency Graph\n```json\n[{}[1]]\n```\n", "[\"1\"],".repeat(5_000_000 / 6)),
        ),
        (
            "5 MB of arrows",
            format!("## Task Dependency Graph\n```\n{}\n```\n", "1.1 -> 1.2 ".repeat(5_000_000 / 11)),
        ),
        (
            "5 MB of arrow lines",
            format!("## Task Dependency Graph\n```\n{}```\n", "1.1 -> 1.2\n".repeat(5_000_000 / 11)),
        ),
        ("5 MB of NUL", "\0".repeat(5_000_000)),
        ("5 MB of CR", "- [ ] a\r".repeat(5_000_000 / 8)),
    ];
    for (name, text) in hostile {
        let mut count = 0;
        let best = (0..HOSTILE_ROUNDS).map(|_| {
            let start = Instant::now();
            count = Tasks::parse(text.as_bytes()).tasks.len();
            start.elapsed().as_secs_f64()
        });
        let seconds = best.fold(f64::MAX, f64::min);
        println!("{name}: {} bytes, {count} tasks, {:.1} ms", text.len(), seconds * 1e3);
    }
}
