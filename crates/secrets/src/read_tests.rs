//! Rule files of users.

use super::*;
use crate::{Options, Scanner};

fn messages(text: &str) -> Vec<String> {
    let read = Rules::read(text);
    read.diagnostics
        .iter()
        .map(|d| {
            format!(
                "{}{}: {}",
                d.rule.as_deref().unwrap_or("file"),
                if d.void { " (void)" } else { "" },
                d.message
            )
        })
        .collect()
}

fn found(rules: &str, path: &str, text: &str) -> Vec<String> {
    let scanner = Scanner::new(Rules::read(rules).rules);
    let options = Options { path: Some(path), marks: true, let_through: true };
    let scan = scanner.scan(text.as_bytes(), &options);
    let findings = scan.findings.iter().map(|f| format!("{}={}", f.rule, &text[f.secret.clone()]));
    findings
        .chain(scan.let_through.iter().map(|entry| format!("{} passed: {}", entry.rule, entry.reason)))
        .collect()
}

#[test]
fn what_is_not_understood_is_named() {
    let text = "nonsense = 1\n[extend]\nuseDefault = true\nurl = 'https://x'\npath = 'more.toml'\n\
                [[rules]]\nid = 'a'\nregex = 'a[0-9]+'\nkeywords = ['a']\ncolour = 'red'\nwaypost = { severity = 'low', shape = 1 }\n\
                [[rules.allowlists]]\ncommits = ['abc']\n";
    assert_eq!(
        messages(text),
        [
            "file: the field `nonsense` is not understood and has no effect",
            "file: `extend.url` is not fetched",
            "a: the field `colour` is not understood and has no effect",
            "a: the field `shape` is not understood and has no effect",
            "a: `commits` has no effect: a scan knows no commits",
        ]
    );
    let read = Rules::read(text);
    assert_eq!((read.rules.len(), read.extends), (1, vec!["more.toml".to_owned()]));
    assert!(read.diagnostics.iter().all(|d| !text[d.span.clone()].is_empty()));
}

#[test]
fn a_bad_rule_voids_itself_and_no_other() {
    let text = "[[rules]]\nid = 'broken'\nregex = '(a'\n[[rules]]\nregex = 'x'\n[[rules]]\nid = 'empty'\n\
                [[rules]]\nid = 'look'\nregex = '(?=a)b'\n[[rules]]\nid = 'group'\nregex = 'a(b)'\nsecretGroup = 2\n\
                [[rules]]\nid = 'grave'\nregex = 'a'\nkeywords = ['a']\nwaypost = { severity = 'awful' }\n\
                [[rules]]\nid = 'both'\nregex = 'a'\nrequired = [{ id = 'x' }]\n\
                [[rules]]\nid = 'good'\nregex = 'g[0-9]{4}'\nkeywords = ['g']\n";
    let read = Rules::read(text);
    assert_eq!(read.rules.iter().map(|rule| rule.id()).collect::<Vec<_>>(), ["good"]);
    assert_eq!(read.diagnostics.iter().filter(|d| d.void).count(), 7);
}

#[test]
fn a_file_that_is_no_toml_says_where() {
    let read = Rules::read("[[rules]\nid = 1");
    assert!(read.rules.is_empty());
    assert!(
        matches!(&read.diagnostics[..], [one] if one.void && one.message.starts_with("not TOML")),
        "{:?}",
        read.diagnostics
    );
}

#[test]
fn groups_entropy_paths_and_lists_are_those_of_gitleaks() {
    let rules = "[[rules]]\nid = 'r'\nregex = '(tok)_([a-z0-9]{8})'\nsecretGroup = 2\nentropy = 2.5\nkeywords = ['TOK_']\npath = '\\.cfg$'\n\
                 [[rules.allowlists]]\ndescription = 'demo values'\nstopwords = ['demo']\n\
                 [[allowlists]]\ndescription = 'documents'\npaths = ['^docs/']\n\
                 [[allowlists]]\ndescription = 'marked lines'\nregexTarget = 'line'\nregexes = ['fine here']\ntargetRules = ['r']\n";
    assert_eq!(found(rules, "a.cfg", "x tok_k3j9x2mq y"), ["r=k3j9x2mq"]);
    assert_eq!(found(rules, "a.txt", "x tok_k3j9x2mq y"), Vec::<String>::new());
    assert_eq!(found(rules, "docs/a.cfg", "x tok_k3j9x2mq y"), Vec::<String>::new());
    assert_eq!(found(rules, "a.cfg", "tok_aaaaaaaa"), ["r passed: has too little variety"]);
    assert_eq!(found(rules, "a.cfg", "tok_demo9x2m"), ["r passed: allowed by the rules: demo values"]);
    assert_eq!(
        found(rules, "a.cfg", "tok_k3j9x2mq fine here"),
        ["r passed: allowed by the rules: marked lines"]
    );
    assert_eq!(
        found(rules, "a.cfg", "tok_k3j9x2mq # waypost:allow of a test"),
        ["r passed: allowed by a mark on its line: of a test"]
    );
}

#[test]
fn rules_without_keywords_and_for_paths_alone_work() {
    let rules = "[[rules]]\nid = 'bare'\nregex = 'z[0-9]{4}'\n[[rules]]\nid = 'file'\npath = '\\.p12$'\n";
    assert_eq!(found(rules, "a.txt", "x\nz1234 z5678\nz9"), ["bare=z1234", "bare=z5678"]);
    assert_eq!(found(rules, "a.p12", "x"), ["file="]);
    assert_eq!(messages(rules), ["bare: the rule has no `keywords` and is run on every line"]);
}

#[test]
fn a_list_that_is_wrong_leaves_its_rule_in_force() {
    let rules = "[[rules]]\nid = 'r'\nregex = 'tok_[a-z0-9]{8}'\nkeywords = ['tok_']\n[[rules.allowlists]]\nregexes = ['(']\n";
    assert_eq!(found(rules, "a", "tok_k3j9x2mq"), ["r=tok_k3j9x2mq"]);
}
