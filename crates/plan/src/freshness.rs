//! Which design sections and tasks were written for criteria that say something else now. Compares digests that were
//! recorded with the documents as they are; never flags a whole document. Stores nothing.

mod lines;
mod timeline;

use std::collections::HashMap;

use spec::design::{Design, Section};
use spec::references::{normal_id, read_line};
use spec::{Span, Tasks};

use crate::digest::Digest;
use crate::lineage::identity;
use crate::read::Plan;
use crate::reading::Reading;
use crate::words::Words;

pub use lines::{LINES_MAX, LineProblem};
pub use timeline::{Outdated, Timeline, Touched};

/// Things that one section or task can have seen; what lies beyond is not recorded.
pub const SEEN_MAX: usize = 500;

/// Sections of a design beyond which tasks are no longer compared with its headings.
pub const NAMED_SECTIONS_MAX: usize = 200;

/// Bytes of a task beyond which it is not compared with the headings of the design.
pub const NAMING_BYTES_MAX: usize = 16 * 1024;

/// What a section or a task was written for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The criterion with that number.
    Criterion(String),
    /// The property of the design with that number.
    Property(u32),
    /// The design section of that title, which a task names.
    Section(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Criterion(id) => write!(f, "criterion `{id}`"),
            Source::Property(number) => write!(f, "property `{number}`"),
            Source::Section(title) => write!(f, "design section `{title}`"),
        }
    }
}

impl Source {
    /// As an acceptance names it: `2.1`, `property:1`, `section:Store`.
    pub fn item(&self) -> String {
        match self {
            Source::Criterion(id) => id.clone(),
            Source::Property(number) => format!("property:{number}"),
            Source::Section(title) => format!("section:{title}"),
        }
    }
}

/// What was written for something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The design section of that title; `#2` behind it for the second of that title.
    Section(String),
    /// The task with that address.
    Task(String),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::Section(title) => write!(f, "design section `{title}`"),
            Subject::Task(id) => write!(f, "task `{id}`"),
        }
    }
}

/// A section or a task, and what its sources said when it was last written or looked through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which one.
    pub subject: Subject,
    /// Its own words, progress and numbers left out.
    pub digest: Digest,
    /// What it cites, and the words of that at the time.
    pub saw: Vec<(Source, Digest)>,
    /// When that was, as the caller names it: a commit, a day.
    pub since: String,
}

/// What is recorded of one spec: plain data, one line each when written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The words of each criterion and property.
    pub sources: Vec<(Source, Digest)>,
    /// Every section and task that cites something.
    pub marks: Vec<Mark>,
}

/// Why something is stale.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// Its source says something else now.
    Changed(Source),
    /// Its source is gone.
    Removed(Source),
    /// Its source has another number now, and what is cited means something else or nothing.
    Renumbered {
        /// As cited.
        from: Source,
        /// Where the words stand now.
        to: Source,
    },
}

impl Cause {
    /// What went on, as it was cited.
    pub fn source(&self) -> &Source {
        match self {
            Cause::Changed(source) | Cause::Removed(source) | Cause::Renumbered { from: source, .. } => {
                source
            }
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cause::Changed(source) => write!(f, "{source} was changed"),
            Cause::Removed(source) => write!(f, "{source} was removed"),
            Cause::Renumbered { from, to } => write!(f, "what was {from} is {to} now"),
        }
    }
}

/// A section or a task whose sources went on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staleness {
    /// Which one.
    pub subject: Subject,
    /// Where it stands now, in bytes of `design.md` or of the task document.
    pub span: Span,
    /// Why, by source.
    pub because: Vec<Cause>,
    /// When its words and those of its sources last agreed, as recorded.
    pub since: String,
}

impl Marks {
    /// The documents as they are, all of it seen `since`. `plan` must be the plan of the same reading.
    pub fn of(reading: &Reading, plan: &Plan, since: &str) -> Marks {
        let mut marks = all(reading, plan, since).0;
        marks.marks.retain(|mark| !mark.saw.is_empty());
        marks
    }

    /// What is stale in the documents as they are, in document order. A section or a task that was itself rewritten
    /// since is not: whoever wrote it saw the sources.
    pub fn stale(&self, reading: &Reading, plan: &Plan) -> Vec<Staleness> {
        let (now, spans) = all(reading, plan, "");
        self.stale_in(&now, spans)
    }

    fn stale_in(&self, now: &Marks, spans: Vec<Span>) -> Vec<Staleness> {
        let before = Before::of(self);
        let words = SourceWords::of(now);
        let mut found = Vec::new();
        for (mark, span) in now.marks.iter().zip(spans) {
            let Some(old) = before.same(mark) else { continue };
            let because = words.causes(old, mark).into_iter().map(|(cause, _)| cause).collect::<Vec<_>>();
            if !because.is_empty() {
                found.push(Staleness {
                    subject: mark.subject.clone(),
                    span,
                    because,
                    since: old.since.clone(),
                });
            }
        }
        found
    }

    /// The record for the documents as they are: what is new or was rewritten has seen its sources as they are, and what
    /// is unchanged has seen them as it had. Recording again therefore hides nothing.
    pub fn renewed(&self, reading: &Reading, plan: &Plan, since: &str) -> Marks {
        self.renewed_but(reading, plan, since, |_, _, _| false)
    }

    /// As [`Marks::renewed`]; a subject has also seen what `has_seen` says: the subject, a source that went on, and
    /// what the subject had seen of it.
    fn renewed_but(
        &self,
        reading: &Reading,
        plan: &Plan,
        since: &str,
        has_seen: impl Fn(&Subject, &Source, Digest) -> bool,
    ) -> Marks {
        let mut now = all(reading, plan, since).0;
        let before = Before::of(self);
        let words = SourceWords::of(&now);
        let mut marks = Vec::with_capacity(now.marks.len());
        for mark in &now.marks {
            let Some(old) = before.same(mark) else {
                marks.push(mark.clone());
                continue;
            };
            let causes = words.causes(old, mark);
            let mut saw: Vec<(Source, Digest)> = Vec::new();
            for (cause, digest) in &causes {
                if !has_seen(&mark.subject, cause.source(), *digest) {
                    saw.push((cause.source().clone(), *digest));
                }
            }
            if saw.is_empty() {
                let since = if causes.is_empty() { old.since.clone() } else { since.to_string() };
                marks.push(Mark { since, ..mark.clone() });
                continue;
            }
            let rest = mark.saw.iter().filter(|(source, _)| !saw.iter().any(|(known, _)| known == source));
            let rest: Vec<(Source, Digest)> = rest.cloned().collect();
            saw.extend(rest);
            saw.truncate(SEEN_MAX);
            marks.push(Mark { saw, since: old.since.clone(), ..mark.clone() });
        }
        marks.retain(|mark| !mark.saw.is_empty());
        now.marks = marks;
        now
    }

    /// The record after a person looked through one section or task and found it still true.
    pub fn accepted(&self, subject: &Subject, reading: &Reading, plan: &Plan, since: &str) -> Marks {
        let mut renewed = self.renewed(reading, plan, since);
        let fresh = Marks::of(reading, plan, since).marks.into_iter().find(|mark| mark.subject == *subject);
        if let (Some(fresh), Some(mark)) =
            (fresh, renewed.marks.iter_mut().find(|mark| mark.subject == *subject))
        {
            *mark = fresh;
        }
        renewed
    }
}

/// The recorded marks by what a mark of today is found under.
struct Before<'a> {
    by_subject: HashMap<&'a Subject, &'a Mark>,
    /// Marks by their words; `None` when several have the same.
    by_words: HashMap<(bool, Digest), Option<&'a Mark>>,
}

impl<'a> Before<'a> {
    fn of(marks: &'a Marks) -> Before<'a> {
        let mut before = Before { by_subject: HashMap::new(), by_words: HashMap::new() };
        for mark in &marks.marks {
            before.by_subject.insert(&mark.subject, mark);
            before.by_words.entry(key(mark)).and_modify(|known| *known = None).or_insert(Some(mark));
        }
        before
    }

    /// The record of something whose words are the same now, wherever it stands.
    fn same(&self, mark: &Mark) -> Option<&'a Mark> {
        let here = self.by_subject.get(&mark.subject).copied().filter(|old| old.digest == mark.digest);
        here.or_else(|| self.by_words.get(&key(mark)).copied().flatten())
    }
}

fn key(mark: &Mark) -> (bool, Digest) {
    (matches!(mark.subject, Subject::Task(_)), mark.digest)
}

/// The sources of today by number and by words.
struct SourceWords<'a> {
    by_source: HashMap<&'a Source, Digest>,
    by_words: HashMap<Digest, &'a Source>,
}

impl<'a> SourceWords<'a> {
    fn of(now: &'a Marks) -> SourceWords<'a> {
        let mut words = SourceWords { by_source: HashMap::new(), by_words: HashMap::new() };
        for (source, digest) in &now.sources {
            words.by_source.insert(source, *digest);
            words.by_words.entry(*digest).or_insert(source);
        }
        words
    }

    /// Why a mark is stale, each cause with what the mark had seen.
    fn causes(&self, old: &Mark, now: &Mark) -> Vec<(Cause, Digest)> {
        let mut causes = Vec::new();
        for (source, digest) in &old.saw {
            let is_same = self.by_source.get(source) == Some(digest);
            // The citation followed a renumbering when it cites these words under their new number.
            let has_followed = now.saw.iter().any(|(_, words)| words == digest);
            if is_same || has_followed {
                continue;
            }
            let still_cites = now.saw.iter().any(|(cited, _)| cited == source);
            let cause = match (self.by_words.get(digest), self.by_source.contains_key(source)) {
                (Some(to), _) => Cause::Renumbered { from: source.clone(), to: (*to).clone() },
                (None, true) if still_cites => Cause::Changed(source.clone()),
                // It no longer cites what changed.
                (None, true) => continue,
                (None, false) => Cause::Removed(source.clone()),
            };
            causes.push((cause, *digest));
        }
        causes
    }
}

/// A mark for every section and task, those that cite nothing included, and where each stands.
fn all(reading: &Reading, plan: &Plan, since: &str) -> (Marks, Vec<Span>) {
    let sources = sources(reading, plan);
    let known: HashMap<&Source, Digest> = sources.iter().map(|(source, digest)| (source, *digest)).collect();
    let (mut marks, mut spans) = (Vec::new(), Vec::new());
    for (subject, digest, cites, span) in subjects(reading, plan) {
        let saw = cites.into_iter().filter_map(|source| known.get(&source).map(|digest| (source, *digest)));
        marks.push(Mark { subject, digest, saw: saw.take(SEEN_MAX).collect(), since: since.to_string() });
        spans.push(span);
    }
    (Marks { sources, marks }, spans)
}

/// The digest of a text without its lines of references: following a renumbering is no new wording.
fn own_words(title: &str, text: &str) -> Digest {
    let own: Vec<&str> = text.lines().filter(|line| read_line(line).is_none()).collect();
    Words::of(&format!("{title}\n{}", own.join("\n"))).digest
}

fn sources(reading: &Reading, plan: &Plan) -> Vec<(Source, Digest)> {
    let criteria = plan
        .criteria
        .iter()
        .map(|criterion| (Source::Criterion(normal_id(&criterion.id)), Words::of(&criterion.text).digest));
    let properties = reading
        .design
        .iter()
        .flat_map(|design| &design.properties)
        .map(|property| (Source::Property(property.number), own_words(&property.title, &property.text)));
    // By its own text: another heading alone is another name and no other content.
    let sections =
        titled(reading).map(|(title, section)| (Source::Section(title), own_words("", &section.text)));
    let mut seen = std::collections::HashSet::new();
    criteria.chain(properties).chain(sections).filter(|(source, _)| seen.insert(source.clone())).collect()
}

/// Sections and tasks in order: what they are, their words, what they cite, where they stand.
fn subjects(reading: &Reading, plan: &Plan) -> Vec<(Subject, Digest, Vec<Source>, Span)> {
    let mut out = Vec::new();
    let below = below(plan);
    for (title, section) in titled(reading) {
        let mut cites = Vec::new();
        for reference in section.text.lines().filter_map(read_line).flat_map(|found| found.ids) {
            push(&mut cites, &normal_id(&reference), &below);
        }
        let digest = own_words(&section.title, &section.text);
        out.push((Subject::Section(title), digest, cites, section.span));
    }
    let none = Tasks::default();
    for (task, step) in reading.tasks.as_ref().unwrap_or(&none).tasks.iter().zip(&plan.steps) {
        let cited = step.criteria.iter().filter(|(_, text)| text.is_some());
        let mut cites: Vec<Source> = cited.map(|(id, _)| Source::Criterion(normal_id(id))).collect();
        cites.extend(properties_named(&task.block).into_iter().map(Source::Property));
        cites.extend(sections_named(reading, &task.block).into_iter().map(Source::Section));
        out.push((Subject::Task(task.id.clone()), Words::of(&identity(task)).digest, cites, task.span));
    }
    out
}

/// The design sections in order, each under a title of its own.
fn titled(reading: &Reading) -> impl Iterator<Item = (String, &Section)> {
    let mut titles: HashMap<&str, usize> = HashMap::new();
    reading.design.iter().flat_map(|design| &design.sections).map(move |section| {
        let count = titles.entry(section.title.as_str()).or_default();
        *count += 1;
        let title = if *count == 1 { section.title.clone() } else { format!("{}#{count}", section.title) };
        (title, section)
    })
}

/// The titles of the sections that a task's text names. What every task is given for want of a better one is not named,
/// and properties are known by their numbers.
fn sections_named(reading: &Reading, block: &str) -> Vec<String> {
    let is_small = |it: &&Design| it.sections.len() <= NAMED_SECTIONS_MAX && block.len() <= NAMING_BYTES_MAX;
    let Some(design) = reading.design.as_ref().filter(is_small) else { return Vec::new() };
    let named = design.sections_named_by(block);
    let any = design.section("overview").or_else(|| design.sections.first());
    let is_any = matches!(named.as_slice(), [only] if any.is_some_and(|any| any.span == only.span));
    let is_property =
        |section: &Section| design.properties.iter().any(|it| it.span.offset == section.span.offset);
    named.into_iter().filter(|it| !is_any && !is_property(it)).map(|it| it.title.clone()).collect()
}

/// The criteria that a number covers: itself, and all below it.
fn below(plan: &Plan) -> HashMap<String, Vec<String>> {
    let mut below: HashMap<String, Vec<String>> = HashMap::new();
    for criterion in &plan.criteria {
        let id = normal_id(&criterion.id);
        let mut stem = id.as_str();
        while let Some((above, _)) = stem.rsplit_once('.') {
            below.entry(above.to_string()).or_default().push(id.clone());
            stem = above;
        }
        below.entry(id.clone()).or_default().push(id.clone());
    }
    below
}

fn push(cites: &mut Vec<Source>, id: &str, below: &HashMap<String, Vec<String>>) {
    for id in below.get(id).into_iter().flatten() {
        let source = Source::Criterion(id.clone());
        if cites.len() < SEEN_MAX && !cites.contains(&source) {
            cites.push(source);
        }
    }
}

/// The numbers behind the word `Property` in a task.
fn properties_named(block: &str) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    for (at, word) in block.match_indices("Property ").take(SEEN_MAX) {
        let rest = block.get(at + word.len()..).unwrap_or_default();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = rest.get(..digits).and_then(|digits| digits.parse().ok());
        found.extend(number.filter(|number| !found.contains(number)));
    }
    found
}

#[cfg(test)]
#[path = "freshness/freshness_tests.rs"]
mod tests;
