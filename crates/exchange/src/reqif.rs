//! The trace as ReqIF 1.2, for DOORS, Polarion and their like: requirements, criteria, tasks and tests as objects, their
//! links as relations, a specification for each spec.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use crate::report::{CriterionReport, Report, SpecReport, Status, TaskReport};
use crate::xml::escaped;

/// Characters that a text attribute may have, as the file says to its reader.
const TEXT_CHARACTERS_MAX: usize = 1_000_000;

/// What ReqIF 1.2 writes as its version: the schema stayed the one of 1.0, and fixes this value.
const SCHEMA_VERSION: &str = "1.0";

/// The file. [`Report::generated`] has to be a time such as `2026-11-21T06:30:00Z`; anything else becomes the start of
/// 1970, because the format asks for a time everywhere.
pub fn write(report: &Report) -> String {
    let time = if is_time(&report.generated) { report.generated.as_str() } else { "1970-01-01T00:00:00Z" };
    let mut file = File {
        time,
        ids: HashSet::new(),
        next: HashMap::new(),
        objects: String::new(),
        relations: String::new(),
    };
    let mut specifications = String::new();
    for spec in &report.specs {
        file.spec(spec, &mut specifications);
    }
    let mut out =
        String::with_capacity(file.objects.len() + file.relations.len() + specifications.len() + 16_384);
    let _ = write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <REQ-IF xmlns=\"http://www.omg.org/spec/ReqIF/20110401/reqif.xsd\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n\
         <THE-HEADER><REQ-IF-HEADER IDENTIFIER=\"waypost-header\">\
         <CREATION-TIME>{time}</CREATION-TIME><REQ-IF-TOOL-ID>waypost</REQ-IF-TOOL-ID><REQ-IF-VERSION>{SCHEMA_VERSION}</REQ-IF-VERSION>\
         <SOURCE-TOOL-ID>waypost</SOURCE-TOOL-ID><TITLE>{}</TITLE></REQ-IF-HEADER></THE-HEADER>\n\
         <CORE-CONTENT><REQ-IF-CONTENT>\n",
        escaped(&report.project)
    );
    out.push_str(&types(time));
    let _ = write!(
        out,
        "<SPEC-OBJECTS>\n{}</SPEC-OBJECTS>\n<SPEC-RELATIONS>\n{}</SPEC-RELATIONS>\n<SPECIFICATIONS>\n{specifications}\
         </SPECIFICATIONS>\n</REQ-IF-CONTENT></CORE-CONTENT>\n</REQ-IF>\n",
        file.objects, file.relations
    );
    out
}

/// `2026-11-21T06:30:00`, with a fraction and a zone or without.
fn is_time(text: &str) -> bool {
    let shape = "dddd-dd-ddTdd:dd:dd";
    let fits = |(c, s): (char, char)| if s == 'd' { c.is_ascii_digit() } else { c == s };
    let head: String = text.chars().take(shape.len()).collect();
    let tail: String = text.chars().skip(shape.len()).collect();
    let zone = tail.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_zone = zone.is_empty()
        || zone == "Z"
        || zone.len() == 6
            && zone.starts_with(['+', '-'])
            && zone.chars().skip(1).zip("dd:dd".chars()).all(fits);
    head.len() == shape.len() && head.chars().zip(shape.chars()).all(fits) && is_zone
}

struct ObjectType {
    id: &'static str,
    name: &'static str,
    /// Attributes: id, name, data type.
    attributes: &'static [(&'static str, &'static str, &'static str)],
}

const OBJECT_TYPES: [ObjectType; 4] = [
    ObjectType {
        id: "type-requirement",
        name: "Requirement",
        attributes: &[
            ("requirement-id", "ReqIF.ForeignID", "STRING"),
            ("requirement-name", "ReqIF.ChapterName", "STRING"),
            ("requirement-text", "ReqIF.Text", "XHTML"),
        ],
    },
    ObjectType {
        id: "type-criterion",
        name: "Criterion",
        attributes: &[
            ("criterion-id", "ReqIF.ForeignID", "STRING"),
            ("criterion-text", "ReqIF.Text", "XHTML"),
            ("criterion-status", "Status", "ENUMERATION"),
            ("criterion-properties", "Properties", "STRING"),
            ("criterion-commits", "Commits", "STRING"),
            ("criterion-files", "Files", "STRING"),
            ("criterion-findings", "Findings", "STRING"),
        ],
    },
    ObjectType {
        id: "type-task",
        name: "Task",
        attributes: &[
            ("task-id", "ReqIF.ForeignID", "STRING"),
            ("task-text", "ReqIF.Text", "XHTML"),
            ("task-state", "State", "STRING"),
        ],
    },
    ObjectType {
        id: "type-test",
        name: "Test",
        attributes: &[
            ("test-name", "ReqIF.Name", "STRING"),
            ("test-place", "Place", "STRING"),
            ("test-outcome", "Outcome", "STRING"),
        ],
    },
];

const RELATION_TYPES: [(&str, &str); 2] = [("type-fulfils", "fulfils"), ("type-verifies", "verifies")];

fn types(time: &str) -> String {
    let stamp = format!("LAST-CHANGE=\"{time}\"");
    let mut out = String::from("<DATATYPES>\n");
    let _ = writeln!(
        out,
        "<DATATYPE-DEFINITION-STRING IDENTIFIER=\"data-text\" LONG-NAME=\"Text\" {stamp} MAX-LENGTH=\"{TEXT_CHARACTERS_MAX}\"/>\n\
         <DATATYPE-DEFINITION-XHTML IDENTIFIER=\"data-formatted\" LONG-NAME=\"Formatted text\" {stamp}/>\n\
         <DATATYPE-DEFINITION-ENUMERATION IDENTIFIER=\"data-status\" LONG-NAME=\"Status\" {stamp}><SPECIFIED-VALUES>"
    );
    for (index, status) in Status::ALL.iter().enumerate() {
        let _ = writeln!(
            out,
            "<ENUM-VALUE IDENTIFIER=\"status-{}\" LONG-NAME=\"{}\" {stamp}><PROPERTIES>\
             <EMBEDDED-VALUE KEY=\"{index}\" OTHER-CONTENT=\"{}\"/></PROPERTIES></ENUM-VALUE>",
            status.key(),
            status.words(),
            status.glyph()
        );
    }
    out.push_str("</SPECIFIED-VALUES></DATATYPE-DEFINITION-ENUMERATION>\n</DATATYPES>\n<SPEC-TYPES>\n");
    for kind in &OBJECT_TYPES {
        let _ = write!(
            out,
            "<SPEC-OBJECT-TYPE IDENTIFIER=\"{}\" LONG-NAME=\"{}\" {stamp}><SPEC-ATTRIBUTES>\n",
            kind.id, kind.name
        );
        for (id, name, data) in kind.attributes {
            let (of, many) = match *data {
                "XHTML" => ("data-formatted", ""),
                "ENUMERATION" => ("data-status", " MULTI-VALUED=\"false\""),
                _ => ("data-text", ""),
            };
            let _ = writeln!(
                out,
                "<ATTRIBUTE-DEFINITION-{data} IDENTIFIER=\"{id}\" LONG-NAME=\"{name}\" {stamp}{many}><TYPE>\
                 <DATATYPE-DEFINITION-{data}-REF>{of}</DATATYPE-DEFINITION-{data}-REF></TYPE></ATTRIBUTE-DEFINITION-{data}>"
            );
        }
        out.push_str("</SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE>\n");
    }
    for (id, name) in RELATION_TYPES {
        let _ = writeln!(
            out,
            "<SPEC-RELATION-TYPE IDENTIFIER=\"{id}\" LONG-NAME=\"{name}\" {stamp}><SPEC-ATTRIBUTES>\
             <ATTRIBUTE-DEFINITION-STRING IDENTIFIER=\"{name}-confidence\" LONG-NAME=\"Confidence\" {stamp}><TYPE>\
             <DATATYPE-DEFINITION-STRING-REF>data-text</DATATYPE-DEFINITION-STRING-REF></TYPE>\
             </ATTRIBUTE-DEFINITION-STRING></SPEC-ATTRIBUTES></SPEC-RELATION-TYPE>"
        );
    }
    let _ = write!(
        out,
        "<SPECIFICATION-TYPE IDENTIFIER=\"type-spec\" LONG-NAME=\"Spec\" {stamp}><SPEC-ATTRIBUTES>\
         <ATTRIBUTE-DEFINITION-STRING IDENTIFIER=\"spec-kind\" LONG-NAME=\"Kind\" {stamp}><TYPE>\
         <DATATYPE-DEFINITION-STRING-REF>data-text</DATATYPE-DEFINITION-STRING-REF></TYPE></ATTRIBUTE-DEFINITION-STRING>\
         </SPEC-ATTRIBUTES></SPECIFICATION-TYPE>\n</SPEC-TYPES>\n"
    );
    out
}

/// The file as far as it is written.
struct File<'a> {
    time: &'a str,
    ids: HashSet<String>,
    next: HashMap<String, usize>,
    objects: String,
    relations: String,
}

/// A value of an attribute.
enum Value<'a> {
    Text(&'a str, String),
    Formatted(&'a str, &'a str),
    Status(Status),
}

impl File<'_> {
    fn spec(&mut self, spec: &SpecReport, out: &mut String) {
        let base = self.id(&format!("spec-{}", spec.name));
        let _ = writeln!(
            out,
            "<SPECIFICATION IDENTIFIER=\"{base}\" LONG-NAME=\"{}\" LAST-CHANGE=\"{}\"><TYPE>\
             <SPECIFICATION-TYPE-REF>type-spec</SPECIFICATION-TYPE-REF></TYPE><VALUES>{}</VALUES><CHILDREN>",
            escaped(if spec.title.is_empty() { &spec.name } else { &spec.title }),
            self.time,
            text_value("spec-kind", &spec.kind)
        );
        let mut tasks: HashMap<&str, String> = HashMap::new();
        let mut listed: Vec<String> = Vec::new();
        for task in &spec.tasks {
            let id = self.task(&base, task);
            listed.push(id.clone());
            tasks.entry(task.id.as_str()).or_insert(id);
        }
        let mut tests: HashMap<(&str, Option<&str>, Option<u32>), String> = HashMap::new();
        for requirement in &spec.requirements {
            let id = self.id(&format!("{base}-requirement-{}", requirement.number));
            self.object(
                &id,
                "type-requirement",
                &[
                    Value::Text("requirement-id", requirement.number.clone()),
                    Value::Text("requirement-name", requirement.title.clone()),
                    Value::Formatted("requirement-text", requirement.story.as_deref().unwrap_or_default()),
                ],
            );
            let mut below = String::new();
            for criterion in &requirement.criteria {
                let own = self.criterion(&base, criterion);
                self.hierarchy(&mut below, &own, "");
                for task in &criterion.tasks {
                    let source = match tasks.get(task.id.as_str()) {
                        Some(source) => source.clone(),
                        None => {
                            let id = self.task(&base, task);
                            tasks.insert(task.id.as_str(), id.clone());
                            id
                        }
                    };
                    self.relation("type-fulfils", &source, &own, None);
                }
                for test in &criterion.tests {
                    let key = (test.name.as_str(), test.file.as_deref(), test.line);
                    let source = match tests.get(&key) {
                        Some(source) => source.clone(),
                        None => {
                            let file = test.file.clone().unwrap_or_default();
                            let place = test.line.map_or(file.clone(), |line| format!("{file}:{line}"));
                            let id = self.id(&format!("{base}-test-{}", test.name));
                            self.object(
                                &id,
                                "type-test",
                                &[
                                    Value::Text("test-name", test.name.clone()),
                                    Value::Text("test-place", place),
                                    Value::Text("test-outcome", test.status.clone()),
                                ],
                            );
                            tests.insert(key, id.clone());
                            id
                        }
                    };
                    self.relation("type-verifies", &source, &own, Some(test.confidence));
                }
            }
            self.hierarchy(out, &id, &below);
        }
        for id in listed {
            self.hierarchy(out, &id, "");
        }
        out.push_str("</CHILDREN></SPECIFICATION>\n");
    }

    fn criterion(&mut self, base: &str, criterion: &CriterionReport) -> String {
        let id = self.id(&format!("{base}-criterion-{}", criterion.id));
        let lines = |items: Vec<String>| items.join("\n");
        let commits = criterion.commits.iter().map(|commit| format!("{} {}", commit.hash, commit.subject));
        let files =
            criterion.files.iter().map(|file| format!("{} {}", file.path, file.lines).trim_end().to_string());
        let findings = criterion.findings.iter().map(|finding| {
            format!("{} {}: {} ({})", finding.severity, finding.rule, finding.message, finding.basis)
        });
        self.object(
            &id,
            "type-criterion",
            &[
                Value::Text("criterion-id", criterion.id.clone()),
                Value::Formatted("criterion-text", &criterion.text),
                Value::Status(criterion.status),
                Value::Text("criterion-properties", lines(criterion.properties.clone())),
                Value::Text("criterion-commits", lines(commits.collect())),
                Value::Text("criterion-files", lines(files.collect())),
                Value::Text("criterion-findings", lines(findings.collect())),
            ],
        );
        id
    }

    fn task(&mut self, base: &str, task: &TaskReport) -> String {
        let id = self.id(&format!("{base}-task-{}", task.id));
        self.object(
            &id,
            "type-task",
            &[
                Value::Text("task-id", task.id.clone()),
                Value::Formatted("task-text", &task.title),
                Value::Text("task-state", task.state.clone()),
            ],
        );
        id
    }

    /// An identifier: the same words give the same one in every export; a second use gets a number.
    fn id(&mut self, words: &str) -> String {
        let mut out = String::with_capacity(words.len());
        for c in words.chars().take(ID_CHARACTERS_MAX) {
            match c {
                c if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') => out.push(c),
                ' ' => out.push('_'),
                c => drop(write!(out, "_{:x}_", u32::from(c))),
            }
        }
        if self.ids.insert(out.clone()) {
            return out;
        }
        let number = self.next.entry(out.clone()).or_insert(1);
        loop {
            *number += 1;
            let id = format!("{out}__{number}");
            if self.ids.insert(id.clone()) {
                return id;
            }
        }
    }

    fn object(&mut self, id: &str, kind: &str, values: &[Value<'_>]) {
        let out = &mut self.objects;
        let _ = write!(
            out,
            "<SPEC-OBJECT IDENTIFIER=\"{id}\" LAST-CHANGE=\"{}\"><TYPE><SPEC-OBJECT-TYPE-REF>{kind}</SPEC-OBJECT-TYPE-REF></TYPE><VALUES>",
            self.time
        );
        for value in values {
            match value {
                Value::Text(definition, text) => out.push_str(&text_value(definition, text)),
                Value::Formatted(definition, text) => {
                    let lines: Vec<String> = text.split('\n').map(escaped).collect();
                    let _ = write!(
                        out,
                        "<ATTRIBUTE-VALUE-XHTML><DEFINITION><ATTRIBUTE-DEFINITION-XHTML-REF>{definition}\
                         </ATTRIBUTE-DEFINITION-XHTML-REF></DEFINITION><THE-VALUE><xhtml:div>{}</xhtml:div></THE-VALUE>\
                         </ATTRIBUTE-VALUE-XHTML>",
                        lines.join("<xhtml:br/>")
                    );
                }
                Value::Status(status) => {
                    let _ = write!(
                        out,
                        "<ATTRIBUTE-VALUE-ENUMERATION><DEFINITION><ATTRIBUTE-DEFINITION-ENUMERATION-REF>criterion-status\
                         </ATTRIBUTE-DEFINITION-ENUMERATION-REF></DEFINITION><VALUES><ENUM-VALUE-REF>status-{}\
                         </ENUM-VALUE-REF></VALUES></ATTRIBUTE-VALUE-ENUMERATION>",
                        status.key()
                    );
                }
            }
        }
        out.push_str("</VALUES></SPEC-OBJECT>\n");
    }

    fn relation(&mut self, kind: &str, source: &str, target: &str, confidence: Option<f64>) {
        let id = self.id(&format!("{source}-to-{target}"));
        let value = confidence
            .map(|sure| text_value("verifies-confidence", &format!("{sure:.2}")))
            .unwrap_or_default();
        let _ = writeln!(
            self.relations,
            "<SPEC-RELATION IDENTIFIER=\"{id}\" LAST-CHANGE=\"{}\"><TYPE><SPEC-RELATION-TYPE-REF>{kind}\
             </SPEC-RELATION-TYPE-REF></TYPE><SOURCE><SPEC-OBJECT-REF>{source}</SPEC-OBJECT-REF></SOURCE>\
             <TARGET><SPEC-OBJECT-REF>{target}</SPEC-OBJECT-REF></TARGET><VALUES>{value}</VALUES></SPEC-RELATION>",
            self.time
        );
    }

    fn hierarchy(&mut self, out: &mut String, object: &str, below: &str) {
        let id = self.id(&format!("{object}-place"));
        let below = if below.is_empty() { String::new() } else { format!("<CHILDREN>{below}</CHILDREN>") };
        let _ = writeln!(
            out,
            "<SPEC-HIERARCHY IDENTIFIER=\"{id}\" LAST-CHANGE=\"{}\"><OBJECT><SPEC-OBJECT-REF>{object}</SPEC-OBJECT-REF>\
             </OBJECT>{below}</SPEC-HIERARCHY>",
            self.time
        );
    }
}

/// Characters of words that go into an identifier.
const ID_CHARACTERS_MAX: usize = 200;

fn text_value(definition: &str, text: &str) -> String {
    let text: String = text.chars().take(TEXT_CHARACTERS_MAX).collect();
    format!(
        "<ATTRIBUTE-VALUE-STRING THE-VALUE=\"{}\"><DEFINITION><ATTRIBUTE-DEFINITION-STRING-REF>{definition}\
         </ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING>",
        escaped(&text)
    )
}

#[cfg(test)]
#[path = "reqif_tests.rs"]
mod tests;
