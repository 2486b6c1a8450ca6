//! Every place where a spec's documents state or cite a requirement, criterion, property, task or term. Follows no
//! reference; who asks for a definition or for references looks them up here.

use spec::design::Property;
use spec::references;
use spec::text::{Inside, Text};
use spec::{Span, Task};

use crate::reading::Reading;

/// Occurrences kept of one spec; what lies beyond is not found.
pub const OCCURRENCES_MAX: usize = 100_000;

/// Something that has an address in a spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// A requirement with all its criteria, in normal form: `3`.
    Requirement(String),
    /// A criterion or bug clause, in normal form: `3.2`.
    Criterion(String),
    /// A correctness property of the design.
    Property(u32),
    /// A task, by its address in the document.
    Task(String),
    /// A term of the glossary.
    Term(String),
}

impl Item {
    /// As people say it: `criterion 3.2`.
    pub fn words(&self) -> String {
        match self {
            Item::Requirement(id) => format!("requirement {id}"),
            Item::Criterion(id) => format!("criterion {id}"),
            Item::Property(number) => format!("property {number}"),
            Item::Task(id) => format!("task {id}"),
            Item::Term(name) => format!("term {name}"),
        }
    }
}

/// What an occurrence does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It states the item.
    Definition,
    /// It cites it.
    Reference,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// What it is about.
    pub item: Item,
    /// States or cites.
    pub role: Role,
    /// The document.
    pub file: String,
    /// The id, name or first line that a person would click on.
    pub span: Span,
    /// For a definition all that belongs to it, for a reference the same as `span`.
    pub whole: Span,
}

/// Every occurrence, by document and place.
pub fn occurrences(reading: &Reading) -> Vec<Occurrence> {
    let mut found = Vec::new();
    definitions(reading, &mut found);
    let known = Known::of(&found);
    for (file, bytes) in reading.texts() {
        cited(&file, bytes, &known, &mut found);
    }
    waves(reading, &known, &mut found);
    found.truncate(OCCURRENCES_MAX);
    found.sort_by(|a, b| (&a.file, a.span.offset, a.span.len).cmp(&(&b.file, b.span.offset, b.span.len)));
    found
}

/// The occurrence at a byte of a document: the narrowest whose span holds it.
pub fn at<'a>(all: &'a [Occurrence], file: &str, offset: usize) -> Option<&'a Occurrence> {
    let holds = |span: &Span| span.offset <= offset && offset <= span.end();
    all.iter().filter(|one| one.file == file && holds(&one.span)).min_by_key(|one| one.span.len)
}

/// The definition of an item.
pub fn definition<'a>(all: &'a [Occurrence], item: &Item) -> Option<&'a Occurrence> {
    all.iter().find(|one| one.role == Role::Definition && one.item == *item)
}

/// What the documents define.
struct Known {
    criteria: std::collections::HashSet<String>,
    requirements: std::collections::HashSet<String>,
    properties: std::collections::HashSet<u32>,
    tasks: std::collections::HashSet<String>,
    terms: std::collections::HashSet<String>,
}

impl Known {
    fn of(definitions: &[Occurrence]) -> Known {
        let mut known = Known {
            criteria: Default::default(),
            requirements: Default::default(),
            properties: Default::default(),
            tasks: Default::default(),
            terms: Default::default(),
        };
        for one in definitions {
            match &one.item {
                Item::Requirement(id) => drop(known.requirements.insert(id.clone())),
                Item::Criterion(id) => drop(known.criteria.insert(id.clone())),
                Item::Property(number) => drop(known.properties.insert(*number)),
                Item::Task(id) => drop(known.tasks.insert(id.clone())),
                Item::Term(name) => drop(known.terms.insert(name.clone())),
            }
        }
        known
    }

    /// What an id of a reference line names; a dangling one counts as the criterion it would be.
    fn cited(&self, id: &str) -> Item {
        match self.requirements.contains(id) && !self.criteria.contains(id) {
            true => Item::Requirement(id.to_string()),
            false => Item::Criterion(id.to_string()),
        }
    }
}

fn definitions(reading: &Reading, found: &mut Vec<Occurrence>) {
    let mut define = |item: Item, file: &str, bytes: &[u8], whole: Span| {
        let span = first_line(bytes, whole);
        found.push(Occurrence { item, role: Role::Definition, file: file.to_string(), span, whole });
    };
    let documents = &reading.documents;
    if let (Some(read), Some(bytes)) = (&reading.requirements, documents.requirements.as_deref()) {
        for requirement in &read.requirements {
            let id = references::normal_id(&requirement.number);
            define(Item::Requirement(id), "requirements.md", bytes, requirement.span);
            for criterion in &requirement.criteria {
                let item = Item::Criterion(references::normal_id(&criterion.id));
                define(item, "requirements.md", bytes, criterion.span);
            }
        }
        for term in &read.glossary {
            define(Item::Term(term.name.clone()), "requirements.md", bytes, line_around(bytes, term.span));
        }
    }
    if let (Some(read), Some(bytes)) = (&reading.bugfix, documents.bugfix.as_deref()) {
        for clause in &read.clauses {
            let item = Item::Criterion(references::normal_id(&clause.criterion.id));
            define(item, "bugfix.md", bytes, clause.criterion.span);
        }
    }
    if let (Some(read), Some(bytes)) = (&reading.design, documents.design.as_deref()) {
        for Property { number, span, .. } in &read.properties {
            define(Item::Property(*number), "design.md", bytes, *span);
        }
    }
    let tasks_file = documents.tasks_file();
    if let (Some(read), Some(bytes)) = (&reading.single, documents.single.as_deref()) {
        for criterion in &read.requirements {
            define(Item::Criterion(references::normal_id(&criterion.id)), &tasks_file, bytes, criterion.span);
        }
    }
    if let (Some(read), Some(bytes)) = (&reading.tasks, documents.tasks_bytes()) {
        for Task { id, span, .. } in &read.tasks {
            define(Item::Task(id.clone()), &tasks_file, bytes, *span);
        }
    }
}

/// Reference lines, `Property N` and the terms, in one document.
fn cited(file: &str, bytes: &[u8], known: &Known, found: &mut Vec<Occurrence>) {
    let text = Text::read(bytes);
    let mut push = |item: Item, span: Span| {
        if found.len() < OCCURRENCES_MAX {
            found.push(Occurrence { item, role: Role::Reference, file: file.to_string(), span, whole: span });
        }
    };
    for line in text.lines() {
        if line.inside == Inside::Comment {
            continue;
        }
        let content = text.of(line);
        if line.inside == Inside::Prose {
            for reference in references::spans(content, line.span.offset) {
                let is_range = matches!(reference.form, references::Form::Range { .. });
                let span = if is_range { reference.span } else { reference.number };
                for id in reference.ids() {
                    push(known.cited(&id), span);
                }
            }
            words(content, line.span.offset, known, &mut push);
        }
    }
}

/// `Property 3` and terms such as `Rate_Limiter` in running text.
fn words(content: &[u8], offset: usize, known: &Known, push: &mut impl FnMut(Item, Span)) {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let mut at = 0;
    let mut is_property = false;
    while let Some(start) =
        content.get(at..).and_then(|rest| rest.iter().position(|b| is_word(*b))).map(|n| at + n)
    {
        let rest = content.get(start..).unwrap_or_default();
        let len = rest.iter().take_while(|b| is_word(**b)).count();
        let span = Span { offset: offset + start, len };
        let word = std::str::from_utf8(rest.get(..len).unwrap_or_default()).unwrap_or_default();
        match word.parse::<u32>() {
            Ok(number) if is_property && known.properties.contains(&number) => {
                push(Item::Property(number), span)
            }
            Ok(_) => {}
            Err(_) if known.terms.contains(word) => push(Item::Term(word.to_string()), span),
            Err(_) => {}
        }
        is_property = word.eq_ignore_ascii_case("property") || word.eq_ignore_ascii_case("properties");
        at = start + len;
    }
}

/// Tasks that the dependency graph names by their ids.
fn waves(reading: &Reading, known: &Known, found: &mut Vec<Occurrence>) {
    let file = reading.documents.tasks_file();
    let graph = reading.tasks.iter().flat_map(|tasks| &tasks.graph);
    for graph in graph {
        let listed = graph.waves.iter().flat_map(|wave| &wave.tasks);
        let arrows = graph.edges.iter().flat_map(|edge| [&edge.from, &edge.to]);
        for named in listed.chain(arrows).filter(|named| known.tasks.contains(&named.text)) {
            if found.len() < OCCURRENCES_MAX {
                let (item, file, span) = (Item::Task(named.text.clone()), file.clone(), named.span);
                found.push(Occurrence { item, role: Role::Reference, file, span, whole: span });
            }
        }
    }
}

/// The line that a span begins in, without its break.
fn line_around(bytes: &[u8], span: Span) -> Span {
    let before = bytes.get(..span.offset).unwrap_or_default();
    let behind = bytes.get(span.offset..).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let len = behind.iter().position(|byte| *byte == b'\n').unwrap_or(behind.len());
    Span::between(start, span.offset + len)
}

fn first_line(bytes: &[u8], whole: Span) -> Span {
    let content = whole.slice(bytes);
    let len = content.iter().position(|byte| *byte == b'\n').unwrap_or(content.len());
    let line = content.get(..len).unwrap_or_default();
    let lead = line.len() - line.trim_ascii_start().len();
    Span { offset: whole.offset + lead, len: line.trim_ascii().len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::SpecDocuments;

    const REQUIREMENTS: &str = "## Glossary\n- **Rate_Limiter**: counts\n\n## Requirements\n\n### Requirement 1: A\n\n#### Acceptance Criteria\n\n1. WHEN a, THE Rate_Limiter SHALL b.\n";
    const DESIGN: &str =
        "## Correctness Properties\n\n### Property 1: Holds\n\n**Validates: Requirements 1.1**\n";
    const TASKS: &str = "- [ ] 1. A\n  - [ ] 1.1 B\n    - **Property 1: Holds**\n    - _Requirements: 1.1, 1, 9.9_\n\n## Task Dependency Graph\n\n```json\n{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]}]}\n```\n";

    fn reading() -> Reading {
        let part = |text: &str| Some(text.as_bytes().to_vec());
        Reading::of(SpecDocuments {
            requirements: part(REQUIREMENTS),
            design: part(DESIGN),
            tasks: part(TASKS),
            ..SpecDocuments::default()
        })
    }

    #[test]
    fn what_is_stated_and_cited() {
        let reading = reading();
        let all = occurrences(&reading);
        let shown: Vec<String> = all
            .iter()
            .map(|one| {
                let bytes =
                    reading.texts().find(|(file, _)| *file == one.file).map(|(_, bytes)| bytes).unwrap();
                let mark = if one.role == Role::Definition { "=" } else { "→" };
                format!("{mark} {}: {}", one.item.words(), one.span.text(bytes))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "= property 1: ### Property 1: Holds",
                "→ property 1: 1",
                "→ criterion 1.1: 1.1",
                "= term Rate_Limiter: - **Rate_Limiter**: counts",
                "→ term Rate_Limiter: Rate_Limiter",
                "= requirement 1: ### Requirement 1: A",
                "= criterion 1.1: 1. WHEN a, THE Rate_Limiter SHALL b.",
                "→ term Rate_Limiter: Rate_Limiter",
                "= task 1: - [ ] 1. A",
                "= task 1.1: - [ ] 1.1 B",
                "→ property 1: 1",
                "→ criterion 1.1: 1.1",
                "→ requirement 1: 1",
                "→ criterion 9.9: 9.9",
                "→ task 1.1: 1.1",
            ]
        );
    }

    #[test]
    fn the_narrowest_place_is_found() {
        let all = occurrences(&reading());
        let offset = REQUIREMENTS.rfind("Rate_Limiter").unwrap() + 2;
        let one = at(&all, "requirements.md", offset).unwrap();
        assert_eq!(one.item, Item::Term("Rate_Limiter".to_string()));
        assert_eq!(definition(&all, &one.item).unwrap().role, Role::Definition);
        assert_eq!(at(&all, "tasks.md", 9_999), None);
    }
}
