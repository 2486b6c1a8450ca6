//! What specs say about each other without knowing it: the same criterion twice, one term with two meanings, one name or
//! id for two specs. Compares words, so it suspects.

use std::collections::HashMap;

use plan::Reading;
use spec::outline::headings;
use spec::text::Text;
use spec::{Criterion, Span};

use crate::alike::{self, Pair, Sketch};
use crate::{Basis, Finding, Place, Settings, ears, glossary, rules};

/// Findings between specs that are kept; the last one then says how many were left out.
pub const FINDINGS_MAX: usize = 500;

/// Words of two definitions that are the same, of all words of both, below which they are two meanings.
const SAME_MEANING: f64 = 0.2;

/// What one spec adds to a comparison. Made once for each version of its documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The spec's name.
    pub spec: String,
    /// `specId` of its side-car.
    pub id: Option<String>,
    criteria: Vec<Stated>,
    terms: Vec<Meaning>,
    /// The document that a finding about the whole spec is shown in.
    file: String,
}

#[derive(Clone, Debug, PartialEq)]
struct Stated {
    file: String,
    id: String,
    span: Span,
    sketch: Sketch,
}

#[derive(Clone, Debug, PartialEq)]
struct Meaning {
    name: String,
    normal: String,
    span: Span,
    sketch: Sketch,
}

impl Summary {
    /// What the comparison needs of a spec.
    pub fn of(reading: &Reading) -> Summary {
        let sketch = |criterion: &Criterion| Sketch::of(ears::cut(&criterion.text));
        Summary::with(
            reading,
            reading.criteria().map(|(file, criterion)| (file, criterion, sketch(criterion))),
        )
    }

    /// The same, with the words of every criterion that were read before.
    pub(crate) fn with<'a>(
        reading: &Reading,
        criteria: impl Iterator<Item = (String, &'a Criterion, Sketch)>,
    ) -> Summary {
        let documents = &reading.documents;
        let mut summary = Summary {
            spec: documents.name.clone(),
            id: reading.config.as_ref().and_then(|config| config.spec_id.clone()),
            file: if documents.requirements.is_some() {
                "requirements.md".to_string()
            } else {
                documents.tasks_file()
            },
            ..Summary::default()
        };
        for (file, criterion, sketch) in criteria {
            if sketch.is_telling() {
                summary.criteria.push(Stated {
                    file,
                    id: criterion.id.clone(),
                    span: criterion.span,
                    sketch,
                });
            }
        }
        if let Some(bytes) = documents.requirements.as_deref() {
            let text = Text::read(bytes);
            for entry in glossary::read(&text, &headings(&text)) {
                if !glossary::is_term_like(&entry.name) {
                    continue;
                }
                summary.terms.push(Meaning {
                    normal: glossary::normal(&entry.name),
                    name: entry.name,
                    span: entry.span,
                    sketch: Sketch::of(&entry.definition),
                });
            }
        }
        summary
    }
}

/// What the specs of a workspace say about each other. Time grows with the number of criteria, not with its square.
pub fn across(specs: &[Summary], settings: &Settings) -> Vec<Finding> {
    let mut out = Out { settings, findings: Vec::new(), left_out: 0 };
    names(specs, &mut out);
    terms(specs, &mut out);
    criteria(specs, &mut out);
    let Out { mut findings, left_out, .. } = out;
    if let (true, Some(last)) = (left_out > 0, findings.last_mut()) {
        last.hint = Some(format!(
            "{left_out} more findings between specs are not listed; the limit is {FINDINGS_MAX}"
        ));
    }
    findings.sort_by(|a, b| (&a.place, a.rule).cmp(&(&b.place, b.rule)));
    findings
}

struct Out<'s> {
    settings: &'s Settings,
    findings: Vec<Finding>,
    left_out: usize,
}

impl Out<'_> {
    #[expect(clippy::too_many_arguments, reason = "the parts of a finding, each said once")]
    fn push(
        &mut self,
        rule: &'static str,
        basis: Basis,
        place: Place,
        subject: &str,
        message: String,
        hint: &str,
        other: (Place, String),
    ) {
        let Some(known) = rules::find(rule) else { return };
        let Some(severity) = self.settings.severity(known, known.severity, &place.spec, &place.file) else {
            return;
        };
        if self.findings.len() >= FINDINGS_MAX {
            self.left_out += 1;
            return;
        }
        let finding = Finding {
            rule,
            severity,
            basis,
            place,
            subject: Some(subject.to_string()),
            message,
            hint: Some(hint.to_string()),
            related: vec![other],
            fix: None,
        };
        if self.settings.ignored_by(&finding).is_none() {
            self.findings.push(finding);
        }
    }
}

fn names(specs: &[Summary], out: &mut Out<'_>) {
    let whole = |summary: &Summary| Place {
        spec: summary.spec.clone(),
        file: summary.file.clone(),
        span: Span::default(),
    };
    let mut by_name: HashMap<&str, &Summary> = HashMap::new();
    let mut by_id: HashMap<&str, &Summary> = HashMap::new();
    for summary in specs {
        match by_name.get(summary.spec.as_str()) {
            Some(first) => {
                let message = format!("two specs are named `{}`", summary.spec);
                let other = (whole(first), "the other".to_string());
                out.push(
                    "across/same-name",
                    Basis::Read,
                    whole(summary),
                    &summary.spec,
                    message,
                    "rename or merge one of them",
                    other,
                );
            }
            None => {
                by_name.insert(&summary.spec, summary);
            }
        }
        let Some(id) = summary.id.as_deref().filter(|id| !id.is_empty()) else { continue };
        match by_id.get(id) {
            Some(first) => {
                let message = format!(
                    "the specs `{}` and `{}` have one id in their `.config.kiro`",
                    first.spec, summary.spec
                );
                let place = Place { file: ".config.kiro".to_string(), ..whole(summary) };
                let other =
                    (Place { file: ".config.kiro".to_string(), ..whole(first) }, "the other".to_string());
                out.push(
                    "across/same-id",
                    Basis::Read,
                    place,
                    id,
                    message,
                    "give the copy an id of its own",
                    other,
                );
            }
            None => {
                by_id.insert(id, summary);
            }
        }
    }
}

fn terms(specs: &[Summary], out: &mut Out<'_>) {
    let mut first: HashMap<&str, (&Summary, &Meaning)> = HashMap::new();
    for summary in specs {
        for meaning in &summary.terms {
            let Some((other, known)) = first.get(meaning.normal.as_str()) else {
                first.insert(&meaning.normal, (summary, meaning));
                continue;
            };
            let can_tell = known.sketch.is_telling() && meaning.sketch.is_telling();
            if other.spec == summary.spec
                || !can_tell
                || known.sketch.likeness(&meaning.sketch) >= SAME_MEANING
            {
                continue;
            }
            let place = |summary: &Summary, meaning: &Meaning| Place {
                spec: summary.spec.clone(),
                file: "requirements.md".to_string(),
                span: meaning.span,
            };
            let message =
                format!("`{}` is defined in other words by the spec `{}`", meaning.name, other.spec);
            let related = (place(other, known), format!("`{}` there", known.name));
            let hint = "agree on one definition, or rename one of the two";
            out.push(
                "across/term-differs",
                Basis::Suspected,
                place(summary, meaning),
                &meaning.name,
                message,
                hint,
                related,
            );
        }
    }
}

fn criteria(specs: &[Summary], out: &mut Out<'_>) {
    let all: Vec<(usize, &Stated)> = specs
        .iter()
        .enumerate()
        .flat_map(|(at, summary)| summary.criteria.iter().map(move |stated| (at, stated)))
        .collect();
    let sketches: Vec<&Sketch> = all.iter().map(|(_, stated)| &stated.sketch).collect();
    let spec_of = |at: usize| all.get(at).map(|(spec, _)| *spec);
    for Pair { first, second, is_same } in
        alike::pairs(&sketches, |first, second| spec_of(first) != spec_of(second))
    {
        let (Some((first_spec, first)), Some((second_spec, second))) = (all.get(first), all.get(second))
        else {
            continue;
        };
        let (Some(here), Some(there)) = (specs.get(*second_spec), specs.get(*first_spec)) else { continue };
        let place = |summary: &Summary, stated: &Stated| Place {
            spec: summary.spec.clone(),
            file: stated.file.clone(),
            span: stated.span,
        };
        let (rule, basis, how) = match is_same {
            true => ("across/duplicate-criterion", Basis::Read, "the same words as"),
            false => ("across/similar-criterion", Basis::Suspected, "nearly the same words as"),
        };
        let message =
            format!("criterion `{}` has {how} `{}` of the spec `{}`", second.id, first.id, there.spec);
        let related = (place(there, first), format!("criterion `{}`", first.id));
        let hint = "keep it in the spec that owns the behaviour";
        out.push(rule, basis, place(here, second), &second.id, message, hint, related);
    }
}

#[cfg(test)]
#[path = "across_tests.rs"]
mod tests;
