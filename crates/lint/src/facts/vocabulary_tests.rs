//! Tests of `vocabulary`.

use super::*;
use crate::facts;

const FACTS: &str = "enum Plan = free | pro | enterprise\nstate Session = open | closed\nnumber attempts in 0..10\n\
    number delay in 0..60 s\nexclusive \"return status 429\" / \"allow the request\"\n\
    same \"signed-in user\" = \"authenticated user\"\nalways \"Session is open\" implies \"signed-in user is known\"\n";

fn vocabulary() -> Vocabulary {
    let text = format!("```facts\n{FACTS}```\n");
    let reading = plan::Reading::of(plan::SpecDocuments {
        requirements: Some(text.into_bytes()),
        ..plan::SpecDocuments::default()
    });
    let facts = facts::read(&reading);
    assert_eq!(facts.findings, []);
    Vocabulary::of(&facts.facts, true)
}

fn shown(vocabulary: &Vocabulary, formula: &Formula) -> String {
    let many = |parts: &[Formula], joint: &str| {
        let parts: Vec<_> = parts.iter().map(|part| shown(vocabulary, part)).collect();
        format!("({})", parts.join(joint))
    };
    match formula {
        Formula::Is(Atom::Unknown(_), _) => "?".to_string(),
        Formula::Is(atom, holds) => vocabulary.words(*atom, *holds),
        Formula::All(parts) => many(parts, " & "),
        Formula::Any(parts) => many(parts, " | "),
    }
}

#[test]
fn responses_begin_with_the_act() {
    let vocabulary = vocabulary();
    let check = |text: &str, expected: &str| {
        let meaning = vocabulary.response(text);
        assert_eq!(shown(&vocabulary, &meaning.formula), expected, "{text}");
    };
    check("allow the request", "allow the request");
    check("immediately allow the request with a header", "(allow the request & ?)");
    check("log it and allow the request", "(? & allow the request)");
    check("explain how to allow the request", "?");
    check("allow the request only once", "?");
    check("not allow the request", "not allow the request");
}

#[test]
fn texts_in_logic() {
    let vocabulary = vocabulary();
    let check = |text: &str, expected: &str| {
        let meaning = vocabulary.meaning(text);
        assert_eq!(shown(&vocabulary, &meaning.formula), expected, "{text}");
    };
    check("the Plan is free", "Plan is free");
    check("the `free` plan", "Plan is free");
    check("the Plan is not free", "Plan is not free");
    check("Plan is free or pro", "(Plan is free | Plan is pro)");
    check("Plan is free, pro, or enterprise", "(Plan is free | Plan is pro | Plan is enterprise)");
    check("the plan is free and the session is closed", "(Plan is free & Session is closed)");
    check("the user clicks save", "?");
    check("the user clicks save and the session is open", "(? & Session is open)");
    check("the user clicks save while the session is open", "(? & Session is open)");
    check("the user fails to open the session", "?");
    check("red and blue or green", "?");
    check("more than 5 attempts", "attempts is at least 6");
    check("attempts exceed 5", "attempts is at least 6");
    check("at most 5 attempts", "attempts is at most 5");
    check("3 attempts", "(attempts is at least 3 & attempts is at most 3)");
    check("delay is at least 2 minutes", "delay is at least 120 s");
    check("delay is less than 1500 ms", "delay is at most 1 s");
    check("attempts exceed 5 s", "?");
    check("return status 429", "return status 429");
    check("not return a status 429", "not return status 429");
    check("return status 500", "?");
    check("authenticated users are known", "signed-in user is known");
    check("Plan is free unless the session is open", "(Plan is free & Session is not open)");
}
