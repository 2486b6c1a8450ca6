//! Scans files and folders and prints `path:line:column: rule`, for measuring. The command for people is in the front door.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its terminal")]
#![expect(clippy::disallowed_methods, reason = "an example reads the files it is given")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use secrets::{Lines, Options, Rules, Scanner};

const USAGE: &str = "usage: scan [--rules FILE] [--passed] [--speed] [--values] PATH…";

fn main() {
    let (mut paths, mut rules, mut passed, mut speed, mut values) =
        (Vec::new(), Rules::builtin(), false, false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--passed" => passed = true,
            "--speed" => speed = true,
            "--values" => values = true,
            "--rules" => {
                let text =
                    arguments.next().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
                let read = Rules::read(&text);
                read.diagnostics.iter().for_each(|d| {
                    eprintln!("{}: {} ({})", d.rule.as_deref().unwrap_or("file"), d.message, d.hint)
                });
                rules = rules.with(read.rules);
            }
            "--help" => return println!("{USAGE}"),
            path => paths.push(PathBuf::from(path)),
        }
    }
    let scanner = Scanner::new(rules);
    let mut run = Run {
        scanner,
        passed,
        values,
        bytes: 0,
        spent: Duration::ZERO,
        out: std::io::BufWriter::new(std::io::stdout().lock()),
        buffer: Vec::new(),
    };
    for path in &paths {
        run.walk(path, path);
    }
    let _ = run.out.flush();
    if speed {
        let megabytes = run.bytes as f64 / 1e6;
        eprintln!(
            "{megabytes:.1} MB scanned in {:.3} s, {:.0} MB/s without reading",
            run.spent.as_secs_f64(),
            megabytes / run.spent.as_secs_f64()
        );
    }
}

struct Run<'o> {
    scanner: Scanner,
    passed: bool,
    values: bool,
    bytes: usize,
    spent: Duration,
    out: std::io::BufWriter<std::io::StdoutLock<'o>>,
    buffer: Vec<u8>,
}

impl Run<'_> {
    fn walk(&mut self, root: &Path, path: &Path) {
        if let Ok(entries) = std::fs::read_dir(path) {
            let mut entries: Vec<PathBuf> = entries
                .flatten()
                .filter(|e| !e.file_type().is_ok_and(|t| t.is_symlink()))
                .map(|e| e.path())
                .collect();
            entries.sort();
            entries.iter().for_each(|entry| self.walk(root, entry));
            return;
        }
        self.buffer.clear();
        if std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut self.buffer)).is_err() {
            return;
        }
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
        let start = Instant::now();
        let options = Options { path: Some(&name), marks: true, let_through: self.passed };
        let scan = self.scanner.scan(&self.buffer, &options);
        self.spent += start.elapsed();
        self.bytes += self.buffer.len();
        if scan.findings.is_empty() && scan.let_through.is_empty() {
            return;
        }
        let lines = Lines::new(&self.buffer);
        for finding in &scan.findings {
            let place = lines.place(finding.secret.start);
            let _ = write!(
                self.out,
                "{}:{}:{}: {} {} {}",
                path.display(),
                place.line,
                place.column,
                finding.rule,
                finding.confidence.word(),
                finding.reason
            );
            self.value(&finding.secret);
        }
        for entry in &scan.let_through {
            let place = lines.place(entry.secret.start);
            let _ = write!(
                self.out,
                "passed {}:{}:{}: {} {}",
                path.display(),
                place.line,
                place.column,
                entry.rule,
                entry.reason
            );
            self.value(&entry.secret);
        }
    }

    fn value(&mut self, range: &std::ops::Range<usize>) {
        if self.values {
            let value = self.buffer.get(range.clone()).unwrap_or_default();
            let _ = write!(
                self.out,
                " [{}]",
                String::from_utf8_lossy(value.get(..value.len().min(90)).unwrap_or_default()).escape_debug()
            );
        }
        let _ = writeln!(self.out);
    }
}
