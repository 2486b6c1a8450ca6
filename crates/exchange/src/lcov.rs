//! LCOV tracefiles to covered lines. Reads the `DA` records; functions and branches are not asked for.

use std::collections::BTreeMap;

use crate::results::{CoveredLines, NAME_BYTES_MAX, PROBLEMS_MAX, Problem, clip, excerpt};

/// What a tracefile says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The files by path, each once.
    pub files: Vec<CoveredLines>,
    /// What was not understood, at most [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
}

/// Lines read from one tracefile; a large repository has two million.
pub const COVERED_LINES_MAX: usize = 10_000_000;

/// Reads any bytes. A file that stands there several times, once for each test, has its counts added up.
pub fn read(bytes: &[u8]) -> Coverage {
    let mut out = Coverage::default();
    let mut files: BTreeMap<String, BTreeMap<u32, u64>> = BTreeMap::new();
    let mut open: Option<(String, BTreeMap<u32, u64>)> = None;
    let mut count = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line.trim_ascii());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == "end_of_record" {
            close(&mut open, &mut files);
            continue;
        }
        let Some((key, value)) = line.split_once(':') else {
            problem(&mut out, format!("`{}` is no record of a tracefile", excerpt(&line)), None);
            continue;
        };
        match key {
            "SF" => {
                close(&mut open, &mut files);
                open = Some((clip(value.trim(), NAME_BYTES_MAX), BTreeMap::new()));
            }
            "DA" => match (open.as_mut(), data(value)) {
                (Some(_), Some(_)) if count >= COVERED_LINES_MAX => {
                    problem(&mut out, format!("only the first {COVERED_LINES_MAX} lines are read"), None);
                }
                (Some((_, lines)), Some((number, times))) => {
                    count += 1;
                    let so_far = lines.entry(number).or_insert(0);
                    *so_far = so_far.saturating_add(times);
                }
                (None, _) => {
                    let hint = "a `DA` record belongs behind the `SF` record of its file";
                    problem(&mut out, format!("`{}` belongs to no file", excerpt(&line)), Some(hint));
                }
                (_, None) => problem(&mut out, format!("`{}` is no line and count", excerpt(&line)), None),
            },
            "TN" | "VER" | "FN" | "FNDA" | "FNL" | "FNA" | "FNF" | "FNH" | "LF" | "LH" | "BRDA" | "BRF"
            | "BRH" | "MCDC" | "MCF" | "MCH" | "LLH" => {}
            other => problem(&mut out, format!("`{}` is no record of a tracefile", excerpt(other)), None),
        }
    }
    if open.is_some() {
        let hint = "make the coverage again; the last file may be cut";
        problem(&mut out, "the tracefile ends inside a record".to_string(), Some(hint));
    }
    close(&mut open, &mut files);
    let whole =
        files.into_iter().map(|(path, lines)| CoveredLines { path, hit: lines.into_iter().collect() });
    out.files = whole.collect();
    out
}

fn close(open: &mut Option<(String, BTreeMap<u32, u64>)>, files: &mut BTreeMap<String, BTreeMap<u32, u64>>) {
    let Some((path, lines)) = open.take() else { return };
    let known = files.entry(path).or_default();
    for (number, times) in lines {
        let so_far = known.entry(number).or_insert(0);
        *so_far = so_far.saturating_add(times);
    }
}

/// `12,3` and `12,3,checksum`. Some tools write counts below zero for lines that they lost count of: those ran never.
fn data(value: &str) -> Option<(u32, u64)> {
    let mut parts = value.split(',');
    let line: u32 = parts.next()?.trim().parse().ok()?;
    let times: i128 = parts.next()?.trim().parse().ok()?;
    (line > 0).then(|| (line, u64::try_from(times.max(0)).unwrap_or(u64::MAX)))
}

fn problem(out: &mut Coverage, message: String, hint: Option<&str>) {
    let problem = Problem { message, hint: hint.map(str::to_string) };
    if out.problems.len() < PROBLEMS_MAX && !out.problems.contains(&problem) {
        out.problems.push(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(tracefile: &str, expected: &[(&str, &[(u32, u64)])], problems: &[&str]) {
        let read = read(tracefile.as_bytes());
        let files: Vec<(&str, &[(u32, u64)])> =
            read.files.iter().map(|file| (file.path.as_str(), file.hit.as_slice())).collect();
        assert_eq!(files, expected);
        assert_eq!(read.problems.iter().map(|p| p.message.as_str()).collect::<Vec<_>>(), problems);
    }

    #[test]
    fn istanbul() {
        check(
            "TN:\nSF:t/lib.js\nFN:1,(anonymous_0)\nFNF:1\nFNH:1\nFNDA:1,(anonymous_0)\nDA:1,1\nDA:3,0\nLF:1\nLH:1\nBRDA:1,0,0,0\nBRF:2\nBRH:1\nend_of_record\n",
            &[("t/lib.js", &[(1, 1), (3, 0)])],
            &[],
        );
    }

    #[test]
    fn several_tests_of_one_file_add_up() {
        check(
            "TN:a\nSF:x.rs\nDA:1,2\nDA:2,0,abc\nend_of_record\r\nTN:b\nSF:x.rs\nDA:1,1\nDA:7,-3\nDA:8,99999999999999999999\n",
            &[("x.rs", &[(1, 3), (2, 0), (7, 0), (8, u64::MAX)])],
            &["the tracefile ends inside a record"],
        );
    }

    #[test]
    fn strange_lines() {
        check(
            "DA:1,1\nSF:x\nDA:0,1\nDA:a,b\nDA\nODD:1\nend_of_record\n",
            &[("x", &[])],
            &[
                "`DA:1,1` belongs to no file",
                "`DA:0,1` is no line and count",
                "`DA:a,b` is no line and count",
                "`DA` is no record of a tracefile",
                "`ODD` is no record of a tracefile",
            ],
        );
    }

    proptest! {
        #[test]
        fn any_bytes_give_coverage(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }
    }
}
