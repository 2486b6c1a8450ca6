//! Every rule finds values of its format and nothing that only comes near. Values are made here from the templates of
//! `samples.txt`, so that no file holds one.
#![expect(clippy::disallowed_methods, reason = "reads the repository to scan it")]

use std::collections::BTreeSet;
use std::path::Path;

use secrets::{Options, Rules, Scanner};

#[path = "common/make.rs"]
mod make;

use make::Make;

fn samples() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("samples.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
}

/// A scanner with one rule.
fn only(id: &str) -> Scanner {
    let rules = Rules::builtin();
    let others: Vec<String> =
        rules.iter().filter(|rule| rule.id() != id).map(|rule| format!("'{}'", rule.id())).collect();
    let off = Rules::read(&format!("[extend]\ndisabledRules = [{}]\n", others.join(", ")));
    assert!(off.diagnostics.is_empty());
    Scanner::new(rules.with(off.rules))
}

#[test]
fn every_rule_finds_its_sample_and_no_near_miss() {
    let mut wrong = Vec::new();
    for (id, template) in samples() {
        let scanner = only(id);
        for seed in 1..=8 {
            let (whole, near) = (Make::new(seed).whole(template), Make::new(seed).near_miss(template));
            if scanner.scan(whole.as_bytes(), &Options::default()).findings.len() != 1 {
                wrong.push(format!("{id}: `{template}` is not found once, seed {seed}"));
            }
            if !scanner.scan(near.as_bytes(), &Options::default()).findings.is_empty() {
                wrong.push(format!("{id}: a near miss of `{template}` is found, seed {seed}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_sample() {
    let sampled: BTreeSet<&str> = samples().map(|(id, _)| id).collect();
    let rules = Rules::builtin();
    let missing: Vec<&str> = rules.iter().map(|rule| rule.id()).filter(|id| !sampled.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(sampled.len(), rules.len());
}

#[test]
fn all_rules_together_find_every_sample_in_many_places() {
    let scanner = Scanner::new(Rules::builtin());
    let mut wrong = Vec::new();
    for (id, template) in samples() {
        for seed in 1..=4 {
            let value = Make::new(seed).whole(template);
            let inside = [
                format!("{value}\n"),
                format!("words before\r\n{value}\r\nwords after"),
                format!("a\n\t{value} # a remark\n"),
            ];
            for text in inside {
                let scan = scanner.scan(text.as_bytes(), &Options::default());
                if scan.findings.is_empty() {
                    wrong.push(format!("{id}: `{template}`, seed {seed}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_are_found_through_utf16_and_base64() {
    let scanner = Scanner::new(Rules::builtin());
    for id in
        ["github-pat", "stripe-secret-key", "private-key", "anthropic-api-key", "url-password", "npm-token"]
    {
        let template = samples().find(|(name, _)| *name == id).map(|(_, template)| template).unwrap();
        let text = format!("a line\n{}\n", Make::new(5).whole(template));
        let check = |input: &[u8], how: &str| {
            let scan = scanner.scan(input, &Options::default());
            assert!(
                scan.findings.iter().any(|found| &*found.rule == id),
                "{id} through {how}: {:?}",
                scan.findings
            );
            let last = scan.findings.iter().map(|found| found.secret.end).max().unwrap();
            assert!(last <= input.len(), "{id} through {how}");
        };
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        check(&little, "UTF-16, little");
        check(&[b"\xff\xfe", &little[..]].concat(), "UTF-16, little, marked");
        check(&big, "UTF-16, big");
        check(&[b"\xfe\xff", &big[..]].concat(), "UTF-16, big, marked");
        for shift in ["", "x", "xy"] {
            let wrapped = format!("data: {}\n", make::base64(format!("{shift}{text}").as_bytes()));
            check(wrapped.as_bytes(), "base64");
        }
    }
}

#[test]
fn this_repository_holds_no_value() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let ours = Rules::read(include_str!("../../../.gitleaks.toml"));
    assert!(ours.diagnostics.is_empty(), "{:?}", ours.diagnostics);
    let scanner = Scanner::new(Rules::builtin().with(ours.rules));
    let mut found = Vec::new();
    let mut files = 0;
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let name = entry.file_name();
            if kind.is_dir() && name != "target" && name != ".git" && name != "artifacts" && name != "corpus"
            {
                folders.push(path);
            } else if kind.is_file() {
                let relative = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                let bytes = std::fs::read(&path).unwrap();
                let options = Options { path: Some(&relative), marks: true, let_through: false };
                let scan = scanner.scan(&bytes, &options);
                files += 1;
                found.extend(scan.findings.iter().map(|f| {
                    format!(
                        "{relative}: {} at {:?}",
                        f.rule,
                        secrets::Lines::new(&bytes).place(f.secret.start)
                    )
                }));
            }
        }
    }
    assert!(files > 100, "only {files} files");
    assert!(found.is_empty(), "{}", found.join("\n"));
}
