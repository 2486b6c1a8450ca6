//! Requirements that reach outside the program and never say what happens when that fails, with a criterion to begin
//! from. English only: a missing word in a language that is not listed proves nothing.

use spec::DocumentKind;

use super::context::{Context, Statement};
use super::out::{Found, Out};
use super::phrases::{self, FAILURE, OUTSIDE};
use crate::language::Language;

/// Criteria below which a requirement is a sketch.
const CRITERIA_MIN: usize = 2;

/// Different words of the outside before a requirement counts as reaching there; one alone is often by the way.
const OUTSIDE_WORDS_MIN: usize = 2;

/// What a response does when it reaches outside. Words such as `api` alone may only be spoken about.
const DOES: &[&str] = &[
    "send",
    "upload",
    "download",
    "fetch",
    "save",
    "persist",
    "connect",
    "sync",
    "synchronize",
    "synchronise",
    "authenticate",
    "query",
    "publish",
    "retrieve",
    "load",
    "store",
    "transmit",
    "post",
    "write",
    "parse",
    "submit",
    "invoke",
    "deploy",
];

/// Verbs that say so wherever they stand in a response.
const REACHES: &[&str] = &[
    "upload",
    "uploads",
    "download",
    "fetch",
    "authenticate",
    "sync",
    "synchronize",
    "transmit",
    "connect",
    "integrate",
    "deploy",
];

/// What can go wrong with a thing, as the condition of a criterion.
const TEMPLATES: &[(&[&str], &str)] = &[
    (&["upload", "uploads"], "IF the upload fails or is interrupted"),
    (
        &["download", "downloads", "fetch", "fetches"],
        "IF the download fails or takes longer than <n> seconds",
    ),
    (
        &["authenticate", "authentication", "login", "log in", "sign in", "credentials", "token", "tokens"],
        "IF the credentials are wrong or have expired",
    ),
    (&["payment", "payments"], "IF the payment is refused or its outcome is unknown"),
    (&["database", "query", "queries"], "IF the database cannot be reached"),
    (
        &["webhook", "webhooks", "endpoint", "api", "http", "https", "request", "requests", "server"],
        "IF the request fails or takes longer than <n> seconds",
    ),
    (&["network", "connect", "connects", "connection", "sync"], "IF the connection is lost"),
    (&["import", "imports", "parse", "parses"], "IF the input cannot be parsed"),
    (&["email", "emails", "send", "sends"], "IF the message cannot be sent"),
    (&["save", "saves", "disk", "write", "writes"], "IF the data cannot be written"),
    (&["read", "reads"], "IF the data cannot be read"),
];

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    let (Some(at), Some(read)) =
        (context.document(DocumentKind::Requirements), &context.reading.requirements)
    else {
        return;
    };
    let Some(document) = context.documents.get(at) else { return };
    for requirement in &read.requirements {
        let inside = |statement: &&Statement<'_>| {
            statement.document == at
                && requirement.span.offset <= statement.criterion.span.offset
                && statement.criterion.span.offset < requirement.span.end()
        };
        let statements: Vec<&Statement<'_>> = context.statements.iter().filter(inside).collect();
        let is_english = statements.iter().all(|statement| statement.language == Language::English);
        if statements.len() < CRITERIA_MIN || !is_english {
            continue;
        }
        let mut reached: Vec<String> = Vec::new();
        let mut has_failure = false;
        let mut does = false;
        for statement in &statements {
            has_failure |= statement.ears.is_unwanted || statement.ears.is_negative;
            does |= statement.ears.responses.iter().any(|response| {
                let behind = statement.words.list.iter().filter(|word| word.start >= response.text.offset);
                let mut plain = behind.filter(|word| word.is_plain()).map(|word| statement.words.lower(word));
                plain.next().is_some_and(|first| DOES.contains(&first))
                    || plain.any(|word| REACHES.contains(&word))
            });
            for index in 0..statement.words.list.len() {
                let (lists, _) = phrases::lists_at(&statement.words, index);
                has_failure |= lists & FAILURE != 0;
                let is_said = statement.words.list.get(index).is_some_and(|word| word.is_said());
                let word = statement.words.lower_at(index);
                if lists & OUTSIDE != 0 && is_said && !reached.iter().any(|known| known == word) {
                    reached.push(word.to_string());
                }
            }
        }
        if has_failure || !does || reached.len() < OUTSIDE_WORDS_MIN {
            continue;
        }
        let names: Vec<String> = reached.iter().take(3).map(|word| format!("`{word}`")).collect();
        let message = format!(
            "requirement `{}` speaks of {} and never says what happens when that fails",
            requirement.number,
            names.join(", ")
        );
        let system = statements
            .iter()
            .find_map(|statement| {
                let system = statement.ears.system?;
                statement.text.get(system.offset..system.end())
            })
            .filter(|system| system.len() < 40)
            .unwrap_or("<system>");
        let condition = TEMPLATES
            .iter()
            .find(|(words, _)| reached.iter().any(|reached| words.contains(&reached.as_str())))
            .map_or("IF that fails", |(_, condition)| condition);
        let found =
            Found::new("requirements/no-failure-path", at, document.first_line_of(requirement.span), message);
        let hint = format!("add a criterion such as `{condition}, THEN THE {system} SHALL <response>`");
        out.push(found.subject(requirement.number.clone()).suspected().hint(hint));
    }
}
