//! The glossary as a list of names: terms that are used and not defined, defined and not used, spelled otherwise,
//! replaced by another word; and who acts.

use std::collections::{HashMap, HashSet};

use spec::{DocumentKind, Edit, Span};

use super::context::{Context, Document, Statement};
use super::out::{Found, Out, about, shown};
use crate::glossary::{self, Entry};
use crate::near;

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    let Some(at) = context.document(DocumentKind::Requirements) else { return };
    let Some(document) = context.documents.get(at) else { return };
    let entries = glossary::read(&document.text, &document.headings);
    if entries.is_empty() {
        return;
    }
    let statements: Vec<&Statement<'_>> =
        context.statements.iter().filter(|statement| statement.document == at).collect();
    duplicates(at, &entries, out);
    spellings(context, at, document, &entries, &statements, out);
    unused(context, at, document, &entries, out);
    actors(context, &entries, &statements, out);
}

fn duplicates(at: usize, entries: &[Entry], out: &mut Out<'_>) {
    let mut seen: HashMap<String, &Entry> = HashMap::new();
    for entry in entries {
        let normal = glossary::normal(&entry.name);
        if let Some(first) = seen.get(&normal) {
            let message = format!("the term {} is defined twice", shown(&entry.name));
            let found =
                Found::new("glossary/duplicate-term", at, entry.span, message).subject(entry.name.clone());
            out.push(found.hint("keep one definition").related(at, first.span, "the first"));
        } else {
            seen.insert(normal, entry);
        }
    }
}

/// A name written like a term, wherever criteria use it.
struct Use {
    written: String,
    places: Vec<Span>,
}

fn uses(context: &Context<'_>, statements: &[&Statement<'_>]) -> Vec<Use> {
    let mut order: Vec<Use> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for statement in statements {
        for word in statement.words.list.iter().filter(|word| word.is_said()) {
            let Some(written) = statement.text.get(word.start..word.end) else { continue };
            let written = written.split(['.', '\'', '’']).next().unwrap_or(written);
            let is_camel = written.starts_with(char::is_uppercase)
                && written.chars().skip(1).any(char::is_uppercase)
                && written.chars().any(char::is_lowercase);
            if !glossary::is_term_like(written) && !is_camel {
                continue;
            }
            // A name that goes on (`Session_Store/`, `Session_Store(`) is a path or a call.
            let behind = statement.text.get(word.start + written.len()..).unwrap_or_default();
            let before = statement.text.get(..word.start).and_then(|text| text.chars().next_back());
            let is_part = |c: char| matches!(c, '&' | '/' | '-' | '$' | '{' | '<' | '@' | '#' | '.');
            if behind.starts_with(['/', '(', '[', '}', '>']) || before.is_some_and(is_part) {
                continue;
            }
            let span = context.span_in(statement, Span { offset: word.start, len: written.len() });
            let index = *by_name.entry(written.to_string()).or_insert_with(|| {
                order.push(Use { written: written.to_string(), places: Vec::new() });
                order.len() - 1
            });
            if let Some(known) = order.get_mut(index) {
                known.places.push(span);
            }
        }
    }
    order
}

/// Spellings that count as a definition: the entries, their other words, and names in bold that a line begins with.
fn defined(document: &Document<'_>, entries: &[Entry]) -> HashSet<String> {
    let mut known: HashSet<String> = HashSet::new();
    for entry in entries {
        known.insert(glossary::normal(&entry.name));
        known.extend(entry.others.iter().map(|other| glossary::normal(other)));
    }
    for (_, line) in document.prose(0, usize::MAX) {
        let content = document.text.str_of(line);
        let bare = content.trim_start().trim_start_matches(['-', '+', ' ']);
        if let Some((name, rest)) = bare.strip_prefix("**").and_then(|inner| inner.split_once("**"))
            && (rest.trim_start().starts_with([':', '—', '-', '–']) || name.ends_with(':'))
        {
            known.insert(glossary::normal(name));
        }
    }
    known
}

fn spellings(
    context: &Context<'_>,
    at: usize,
    document: &Document<'_>,
    entries: &[Entry],
    statements: &[&Statement<'_>],
    out: &mut Out<'_>,
) {
    let defined = defined(document, entries);
    let by_normal: HashMap<String, &Entry> =
        entries.iter().map(|entry| (glossary::normal(&entry.name), entry)).collect();
    let exact: HashSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    for used in uses(context, statements) {
        let Some(first) = used.places.first() else { continue };
        let normal = glossary::normal(&used.written);
        if exact.contains(used.written.as_str()) {
            continue;
        }
        if let Some(entry) = by_normal.get(&normal) {
            other_spelling(at, &used, entry, out);
            continue;
        }
        if defined.contains(&normal) || !glossary::is_term_like(&used.written) {
            continue;
        }
        let times = match used.places.len() {
            1 => String::new(),
            count => format!(", used {count} times,"),
        };
        let near = entries.iter().find(|entry| is_near(&normal, &glossary::normal(&entry.name)));
        let mut found = match near {
            Some(entry) => {
                let message = format!(
                    "{}{times} is not defined; the glossary has `{}`",
                    shown(&used.written),
                    entry.name
                );
                Found::new("glossary/near-miss", at, *first, message)
                    .hint(format!("write `{}`, or define the other term", entry.name))
                    .related(at, entry.span, "the defined term")
            }
            None => {
                let message = format!("{}{times} is not defined in the glossary", shown(&used.written));
                Found::new("glossary/undefined-term", at, *first, message)
                    .hint("define it, or use the term that is meant")
            }
        };
        for place in used.places.iter().skip(1) {
            found = found.related(at, *place, "used here, too");
        }
        out.push(found.subject(used.written));
    }
}

fn is_near(a: &str, b: &str) -> bool {
    let digits = |word: &str| word.chars().filter(char::is_ascii_digit).collect::<String>();
    let max = match a.chars().count() {
        0..=5 => return false,
        6..=11 => 1,
        _ => 2,
    };
    a != b && digits(a) == digits(b) && near::distance(a, b, max).is_some()
}

fn other_spelling(at: usize, used: &Use, entry: &Entry, out: &mut Out<'_>) {
    // Only names of the same shape: a glossary of plain words (`session store`) is no promise about spelling.
    let is_plural = used.written.ends_with('s') && !entry.name.ends_with('s');
    let wanted = if is_plural { format!("{}s", entry.name) } else { entry.name.clone() };
    let singular = used.written.trim_end_matches('s') == entry.name.trim_end_matches('s');
    if !glossary::is_term_like(&entry.name)
        || wanted == used.written
        || singular
        || used.written.ends_with("ies")
    {
        return;
    }
    let Some(first) = used.places.first() else { return };
    let message = format!("{} is `{}` in the glossary", shown(&used.written), entry.name);
    let edits = used.places.iter().map(|place| Edit::replace(*place, wanted.clone())).collect();
    let found = Found::new("glossary/other-spelling", at, *first, message).subject(used.written.clone());
    out.push(
        found
            .hint(format!("write `{wanted}`"))
            .related(at, entry.span, "the defined term")
            .fix("write it as the glossary does", edits),
    );
}

/// The text in which a term may be used: everything but its own entry, in lower case, letters only, with a blank at
/// both ends of each word.
fn plain(text: &str, out: &mut String) {
    out.push(' ');
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.push(' ');
}

fn unused(context: &Context<'_>, at: usize, document: &Document<'_>, entries: &[Entry], out: &mut Out<'_>) {
    let mut rest = String::new();
    let mut from = 0;
    for entry in entries {
        let before = Span::between(from, entry.lines.offset);
        plain(&String::from_utf8_lossy(before.slice(document.bytes)), &mut rest);
        from = entry.lines.end();
    }
    plain(&String::from_utf8_lossy(document.bytes.get(from..).unwrap_or_default()), &mut rest);
    let mut own = String::new();
    let mut other: Option<String> = None;
    for (index, entry) in entries.iter().enumerate() {
        let mut names = vec![entry.name.clone()];
        names.extend(entry.others.iter().cloned());
        let forms: Vec<String> = names.iter().flat_map(|name| forms(name)).collect();
        if forms.iter().any(|form| rest.contains(form.as_str())) {
            continue;
        }
        let in_entries = entries.iter().enumerate().filter(|(nth, _)| *nth != index).any(|(_, entry)| {
            own.clear();
            plain(&entry.definition, &mut own);
            plain(&entry.name, &mut own);
            forms.iter().any(|form| own.contains(form.as_str()))
        });
        if in_entries {
            continue;
        }
        let other = other.get_or_insert_with(|| {
            let mut all = String::new();
            for document in
                context.documents.iter().filter(|document| document.kind != DocumentKind::Requirements)
            {
                plain(&String::from_utf8_lossy(document.bytes), &mut all);
            }
            all
        });
        if forms.iter().any(|form| other.contains(form.as_str())) {
            continue;
        }
        let message = format!("nothing uses the term {}", shown(&entry.name));
        let found = Found::new("glossary/unused-term", at, entry.span, message).subject(entry.name.clone());
        out.push(found.hint("remove the entry, or use the term where it is meant"));
    }
}

/// How a term may look in plain text. A term of another script may stand inside a run of letters.
fn forms(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    plain(name, &mut spaced);
    let words = spaced.trim().to_string();
    if words.is_empty() {
        return Vec::new();
    }
    if !words.is_ascii() {
        return vec![words.trim().to_string()];
    }
    let joined = words.replace(' ', "");
    let singular = words.strip_suffix('s').filter(|stem| stem.len() > 3);
    let mut forms =
        vec![format!(" {words} "), format!(" {words}s "), format!(" {joined} "), format!(" {joined}s ")];
    forms.extend(singular.map(|stem| format!(" {stem} ")));
    if let Some(stem) = words.strip_suffix('y') {
        forms.push(format!(" {stem}ies "));
    }
    forms
}

fn actors(context: &Context<'_>, entries: &[Entry], statements: &[&Statement<'_>], out: &mut Out<'_>) {
    const GENERIC: &[&str] =
        &["system", "application", "app", "software", "solution", "platform", "program", "tool"];
    const PEOPLE: &[&str] = &[
        "user",
        "developer",
        "administrator",
        "admin",
        "customer",
        "operator",
        "visitor",
        "player",
        "learner",
        "student",
        "reviewer",
        "maintainer",
        "owner",
        "tester",
        "reader",
        "author",
        "person",
        "member",
        "employee",
        "engineer",
    ];
    let known: HashSet<String> = entries.iter().map(|entry| glossary::normal(&entry.name)).collect();
    let subject = |statement: &Statement<'_>| -> Option<String> {
        let system = statement.ears.system?;
        Some(statement.text.get(system.offset..system.end())?.trim_start_matches("the ").to_string())
    };
    let subjects: Vec<(&Statement<'_>, Span, String)> = statements
        .iter()
        .filter_map(|statement| Some((*statement, statement.ears.system?, subject(statement)?)))
        .collect();
    let names_an_actor = |name: &str| {
        known.contains(&glossary::normal(name)) && !PEOPLE.contains(&glossary::normal(name).as_str())
    };
    if !subjects.iter().any(|(_, _, name)| names_an_actor(name)) {
        return;
    }
    let generic: Vec<_> = subjects
        .iter()
        .filter(|(_, _, name)| {
            GENERIC.contains(&name.to_lowercase().as_str()) && !known.contains(&glossary::normal(name))
        })
        .collect();
    if let Some((statement, span, name)) = generic.first() {
        let message = match generic.len() {
            1 => format!("`the {name}` acts here, while the glossary names components"),
            count => format!("`the {name}` acts in {count} criteria, while the glossary names components"),
        };
        let mut found = about("glossary/generic-system", context, statement, Some(*span), message);
        for (statement, span, _) in generic.iter().skip(1) {
            found = found.related(statement.document, context.span_in(statement, *span), "here, too");
        }
        out.push(found.hint("name the component, or define the word in the glossary"));
    }
    let mut said: HashSet<String> = HashSet::new();
    for (statement, span, name) in &subjects {
        let normal = glossary::normal(name);
        if PEOPLE.contains(&normal.as_str()) && said.insert(normal) {
            let message = format!("{} is a person, and a person cannot be built", shown(name));
            let found = about("glossary/wrong-actor", context, statement, Some(*span), message).suspected();
            out.push(found.hint("make a component the subject"));
        }
    }
    for entry in entries {
        let is_synonym = |name: &str| {
            let normal = glossary::normal(name);
            normal != glossary::normal(&entry.name)
                && !known.contains(&normal)
                && !entry.name.contains(name)
                && entry.others.iter().any(|other| glossary::normal(other) == normal)
        };
        if let Some((statement, span, name)) = subjects.iter().find(|(_, _, name)| is_synonym(name)) {
            let message = format!("{} is another word for `{}`", shown(name), entry.name);
            let found = about("glossary/synonym", context, statement, Some(*span), message).suspected();
            let at = statement.document;
            out.push(found.hint(format!("write `{}`", entry.name)).related(
                at,
                entry.span,
                "the defined term",
            ));
        }
    }
}
