//! Tests of `facts`.

use super::*;
use plan::SpecDocuments;
use proptest::prelude::*;

fn facts(requirements: &str) -> Facts {
    read(&Reading::of(SpecDocuments {
        requirements: Some(requirements.as_bytes().to_vec()),
        ..SpecDocuments::default()
    }))
}

#[track_caller]
fn check(line: &str, expected: Result<FactKind, &str>) {
    assert_eq!(
        parse(line).map(|(kind, _)| kind).map_err(|problem| problem.message),
        expected.map_err(str::to_string)
    );
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
}

#[test]
fn each_form_is_read() {
    let choice =
        |name: &str, values: &[&str]| FactKind::Enum { name: name.to_string(), values: strings(values) };
    check("enum Plan = free | pro | enterprise", Ok(choice("Plan", &["free", "pro", "enterprise"])));
    check(
        "state \"user session\" = \"half open\" | closed # remark",
        Ok(choice("user session", &["half open", "closed"])),
    );
    let number = |low, high, unit: Option<&str>| FactKind::Number {
        name: "attempts".to_string(),
        low,
        high,
        unit: unit.map(str::to_string),
    };
    check("number attempts in 0..10", Ok(number(0, 10, None)));
    check("number attempts in -5 .. 60 s", Ok(number(-5, 60, Some("s"))));
    check("exclusive \"return 1\" / \"allow\"", Ok(FactKind::Exclusive(strings(&["return 1", "allow"]))));
    check("same \"a user\" = \"the client\"", Ok(FactKind::Same(strings(&["a user", "the client"]))));
    check(
        "always \"it rains\" and wet implies cold",
        Ok(FactKind::Always(strings(&["it rains", "wet"]), strings(&["cold"]))),
    );
    check("never \"it rains\" and dry", Ok(FactKind::Always(strings(&["it rains", "dry"]), vec![])));
    assert_eq!(parse("suggested: enum Alpha = red | blue").map(|(_, suggested)| suggested), Ok(true));
}

#[test]
fn bad_lines_say_what_is_wrong() {
    check("plan = free", Err("`plan` is no fact"));
    check("= 3", Err("`= 3` is no fact"));
    check("enum Plan free", Err("`enum` without a name and `=`"));
    check("enum Plan = free", Err("`enum` needs two of them at least"));
    check("enum Plan = free | Free", Err("`enum` names one of them twice"));
    check("enum Plan = free | | pro", Err("a name or a phrase is missing"));
    check("enum Plan = the | of", Err("`the` has no word that could be found again"));
    check("number n in 5", Err("`number` without bounds"));
    check("number n in 5..1", Err("5 is more than 1"));
    check("number n in a..b", Err("`a..b` is no pair of whole numbers"));
    check("number n in 0..9 parsecs", Err("`parsecs` is no known unit"));
    check("exclusive \"a b", Err("a quote is not closed"));
    check("always wet", Err("`always` without `implies`"));
    check("same left | right", Err("`|` stands where a name was expected"));
}

#[test]
fn blocks_are_found_with_their_places() {
    let text = "# R\n\n```facts\nenum Alpha = red | blue\n# remark\nnonsense here\n```\n\n```json\nenum Beta = red | blue\n```\n";
    let found = facts(text);
    let lines: Vec<_> = found.facts.iter().map(|fact| fact.span.text(text.as_bytes())).collect();
    assert_eq!(lines, ["enum Alpha = red | blue"]);
    let bad: Vec<_> = found.findings.iter().map(|found| found.place.span.text(text.as_bytes())).collect();
    assert_eq!(bad, ["nonsense here"]);
    assert_eq!(facts("no block, but the word facts\n"), Facts::default());
}

#[test]
fn too_many_are_reported_once() {
    let lines = "enum Alpha = red | blue\n".repeat(FACTS_MAX + 50);
    let found = facts(&format!("```facts\n{lines}```\n"));
    assert_eq!((found.facts.len(), found.findings.len()), (FACTS_MAX, 1));
}

proptest! {
    #[test]
    fn any_line_is_read_without_a_panic(line in "(enum|number|always|suggested:|same|[a-z\"=|/.#, 0-9-]){0,20}") {
        let _ = parse(&line);
        let _ = facts(&format!("```facts\n{line}\n```\n"));
    }

    #[test]
    fn any_text_has_a_meaning(text in "([a-z\"`,.、はを5不 %]|not|or|and|unless|attempts){0,60}") {
        let facts = facts("```facts\nenum Alpha = red | blue\nnumber attempts in 0..9\n```\n");
        let _ = vocabulary::Vocabulary::of(&facts.facts, true).meaning(&text);
    }
}
