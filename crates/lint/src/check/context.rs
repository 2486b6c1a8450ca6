//! What the rules look at: each document as lines and headings, each criterion as words and slots, made once. Judges
//! nothing.

use std::cell::OnceCell;
use std::collections::HashMap;

use plan::{Graph, Plan, Reading, Shape};
use spec::bugfix::ClauseKind;
use spec::outline::{Heading, headings};
use spec::text::{Inside, Text};
use spec::{Criterion, DocumentKind, Span};

use crate::Place;
use crate::alike::Sketch;
use crate::conflict::{self, Statements};
use crate::ears::{self, Ears};
use crate::language::{self, Language};
use crate::words::Words;

/// One document.
pub(super) struct Document<'a> {
    pub(super) file: String,
    pub(super) kind: DocumentKind,
    pub(super) bytes: &'a [u8],
    pub(super) text: Text<'a>,
    pub(super) headings: Vec<Heading>,
}

impl Document<'_> {
    /// The line that holds the byte, by its place in the list.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.text.lines().partition_point(|line| line.span.offset <= offset).saturating_sub(1)
    }

    /// The span of a line without its break.
    pub(super) fn line_span(&self, line: usize) -> Span {
        self.text.lines().get(line).map(|line| line.span).unwrap_or_default()
    }

    /// The line where the span begins, from there to its end.
    pub(super) fn first_line_of(&self, span: Span) -> Span {
        let line = self.line_span(self.line_of(span.offset));
        Span::between(span.offset, line.end().min(span.end()).max(span.offset))
    }

    /// The heading that is one of these words, whatever the case.
    pub(super) fn heading(&self, names: &[&str]) -> Option<&Heading> {
        self.headings.iter().find(|heading| names.iter().any(|name| heading.is(name)))
    }

    /// Lines of prose in a stretch.
    pub(super) fn prose(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, &spec::text::Line)> {
        let lines = self.text.lines().get(from..to.min(self.text.lines().len())).unwrap_or_default();
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.inside == Inside::Prose)
            .map(move |(at, line)| (from + at, line))
    }
}

/// One criterion.
pub(super) struct Statement<'a> {
    /// Its document, by its place in [`Context::documents`].
    pub(super) document: usize,
    pub(super) criterion: &'a Criterion,
    /// The text that was read, cut at [`ears::TEXT_BYTES_MAX`].
    pub(super) text: &'a str,
    pub(super) words: Words,
    pub(super) language: Language,
    pub(super) ears: Ears,
    /// Told as it is today: the current behavior of a bug.
    pub(super) is_described: bool,
}

/// Everything about one spec.
pub(super) struct Context<'a> {
    pub(super) reading: &'a Reading,
    pub(super) plan: &'a Plan,
    pub(super) documents: Vec<Document<'a>>,
    pub(super) statements: Vec<Statement<'a>>,
    /// What most criteria are written in.
    pub(super) language: Language,
    single_file: String,
    sketches: OnceCell<Vec<Sketch>>,
    obligations: OnceCell<Statements>,
    graph: OnceCell<Graph>,
}

impl<'a> Context<'a> {
    pub(super) fn of(reading: &'a Reading, plan: &'a Plan) -> Context<'a> {
        let documents = documents(reading);
        let (language, statements) = statements(reading, &documents);
        Context {
            reading,
            plan,
            documents,
            statements,
            language,
            single_file: reading.documents.tasks_file(),
            sketches: OnceCell::new(),
            obligations: OnceCell::new(),
            graph: OnceCell::new(),
        }
    }

    /// Takes what was made elsewhere from the same documents; what is there already stays.
    pub(super) fn give(&self, obligations: Statements, graph: Graph) {
        self.obligations.get_or_init(|| obligations);
        self.graph.get_or_init(|| graph);
    }

    /// Which task waits for which.
    pub(super) fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| Graph::of(self.reading, self.plan))
    }

    /// The words of each statement, for comparisons.
    pub(super) fn sketches(&self) -> &[Sketch] {
        self.sketches.get_or_init(|| {
            self.statements
                .iter()
                .map(|statement| Sketch::of_words(statement.text, &statement.words))
                .collect()
        })
    }

    /// Each criterion with its document's name and its words.
    pub(super) fn sketched(&self) -> impl Iterator<Item = (String, &'a Criterion, Sketch)> {
        self.statements.iter().zip(self.sketches()).map(|(statement, sketch)| {
            let document = self.documents.get(statement.document);
            let file = document.map(|document| document.file.clone()).unwrap_or_default();
            (file, statement.criterion, sketch.clone())
        })
    }

    /// The criteria cut into slots.
    pub(super) fn obligations(&self) -> &Statements {
        self.obligations.get_or_init(|| conflict::statements(self.reading))
    }

    /// The criteria cut into slots, to keep.
    pub(super) fn into_obligations(self) -> Statements {
        self.obligations.into_inner().unwrap_or_else(|| conflict::statements(self.reading))
    }

    pub(super) fn document(&self, kind: DocumentKind) -> Option<usize> {
        self.documents.iter().position(|document| document.kind == kind)
    }

    /// The document that holds the tasks.
    pub(super) fn tasks_document(&self) -> Option<usize> {
        self.documents.iter().position(|document| document.file == self.single_file)
    }

    pub(super) fn place(&self, document: usize, span: Span) -> Place {
        let file = self.documents.get(document).map(|document| document.file.clone()).unwrap_or_default();
        Place { spec: self.reading.documents.name.clone(), file, span }
    }

    /// Where a part of a criterion's text stands in its document. The text has lost its marker and the indent of its
    /// lines, so each line is looked for.
    pub(super) fn span_in(&self, statement: &Statement<'_>, part: Span) -> Span {
        let whole = statement.criterion.span;
        let Some(document) = self.documents.get(statement.document) else { return whole };
        let Ok(source) = std::str::from_utf8(whole.slice(document.bytes)) else { return whole };
        let (mut at, mut cursor) = (0, 0);
        let (mut start, mut end) = (None, None);
        for line in statement.criterion.text.split('\n') {
            let Some(found) = source.get(cursor..).and_then(|rest| rest.find(line)) else { return whole };
            let behind = at + line.len();
            if start.is_none() && part.offset <= behind {
                start = Some(whole.offset + cursor + found + part.offset.saturating_sub(at));
            }
            if part.end() <= behind {
                end = Some(whole.offset + cursor + found + part.end().saturating_sub(at));
                break;
            }
            cursor += found + line.len();
            at = behind + 1;
        }
        match (start, end) {
            (Some(start), Some(end)) => Span::between(start, end),
            _ => whole,
        }
    }
}

fn documents(reading: &Reading) -> Vec<Document<'_>> {
    let parts = &reading.documents;
    let single = parts.tasks_file();
    let all: Vec<(String, DocumentKind, Option<&[u8]>)> = match parts.shape {
        Shape::Single => vec![(single, DocumentKind::Single, parts.single.as_deref())],
        Shape::Folder => vec![
            ("requirements.md".to_string(), DocumentKind::Requirements, parts.requirements.as_deref()),
            ("bugfix.md".to_string(), DocumentKind::Bugfix, parts.bugfix.as_deref()),
            ("design.md".to_string(), DocumentKind::Design, parts.design.as_deref()),
            ("tasks.md".to_string(), DocumentKind::Tasks, parts.tasks.as_deref()),
        ],
    };
    let config = (".config.kiro".to_string(), DocumentKind::Config, parts.config.as_deref());
    all.into_iter()
        .chain([config])
        .filter_map(|(file, kind, bytes)| bytes.map(|bytes| (file, kind, bytes)))
        .map(|(file, kind, bytes)| {
            let text = Text::read(bytes);
            let headings = headings(&text);
            Document { file, kind, bytes, text, headings }
        })
        .collect()
}

/// Bytes of a document's criteria from which its language is guessed.
const SAMPLE_BYTES: usize = 4_000;

fn statements<'a>(reading: &'a Reading, documents: &[Document<'a>]) -> (Language, Vec<Statement<'a>>) {
    let described: HashMap<usize, bool> = reading
        .bugfix
        .iter()
        .flat_map(|bugfix| &bugfix.clauses)
        .map(|clause| (clause.criterion.span.offset, clause.kind == ClauseKind::Current))
        .collect();
    let mut sample = String::new();
    let mut read = Vec::new();
    for (file, criterion) in reading.criteria() {
        let Some(document) = documents.iter().position(|document| document.file == file) else { continue };
        let text = ears::cut(&criterion.text);
        if sample.len() < SAMPLE_BYTES {
            sample.push_str(text);
            sample.push('\n');
        }
        read.push((document, criterion, text));
    }
    let language = Language::of(&sample, None);
    let statements = read
        .into_iter()
        .map(|(document, criterion, text)| {
            let words = Words::of(text);
            let language = language::of_words(&words, Some(language));
            let ears = ears::parse_words(text, &words, language);
            let is_bug =
                documents.get(document).is_some_and(|document| document.kind == DocumentKind::Bugfix);
            let is_described = is_bug && described.get(&criterion.span.offset).copied().unwrap_or(false);
            Statement { document, criterion, text, words, language, ears, is_described }
        })
        .collect();
    (language, statements)
}
