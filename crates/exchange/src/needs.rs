//! The trace as `needs.json` of sphinx-needs, to be taken in with `needimport`.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::report::{Report, SpecReport};

/// The file. Types are those that sphinx-needs knows without settings: `req` for a requirement, `spec` for a
/// criterion, `impl` for a task, `test` for a test.
pub fn write(report: &Report, version: &str) -> String {
    let mut needs = Needs::default();
    for spec in &report.specs {
        needs.spec(spec);
    }
    let count = needs.written.len();
    let file = json!({
        "created": report.generated,
        "project": report.project,
        "current_version": version,
        "versions": { version: {
            "created": report.generated,
            "creator": { "program": "waypost", "version": version },
            "needs": needs.written,
            "needs_amount": count,
        }},
    });
    let mut out = serde_json::to_string_pretty(&file).unwrap_or_default();
    out.push('\n');
    out
}

#[derive(Default)]
struct Needs {
    written: Map<String, Value>,
    ids: HashSet<String>,
    next: HashMap<String, usize>,
}

/// Bytes of words that go into an id.
const ID_BYTES_MAX: usize = 120;

impl Needs {
    fn spec(&mut self, spec: &SpecReport) {
        let base = self.id(&spec.name);
        let mut criteria: HashMap<&str, String> = HashMap::new();
        let mut tests: HashMap<(&str, Option<&str>, Option<u32>), (String, Vec<String>)> = HashMap::new();
        let mut order = Vec::new();
        for requirement in &spec.requirements {
            let above = self.id(&format!("{base}_R_{}", requirement.number));
            let title = if requirement.title.is_empty() { &requirement.number } else { &requirement.title };
            self.need(
                &above,
                ("req", title, requirement.story.as_deref().unwrap_or_default()),
                "",
                spec,
                Vec::new(),
            );
            for criterion in &requirement.criteria {
                let id = self.id(&format!("{base}_C_{}", criterion.id));
                let title = format!("{} {}", spec.name, criterion.id);
                let tags: Vec<&str> = criterion.properties.iter().map(String::as_str).collect();
                let links = vec![above.clone()];
                self.need(&id, ("spec", &title, &criterion.text), criterion.status.words(), spec, links);
                self.add(&id, "properties", json!(tags.join("; ")));
                let commits: Vec<&str> =
                    criterion.commits.iter().map(|commit| commit.hash.as_str()).collect();
                self.add(&id, "commits", json!(commits.join(", ")));
                for test in &criterion.tests {
                    let key = (test.name.as_str(), test.file.as_deref(), test.line);
                    let (_, links) = tests.entry(key).or_insert_with(|| {
                        order.push((key, test.status.as_str()));
                        (self.id(&format!("{base}_TEST_{}", test.name)), Vec::new())
                    });
                    links.push(id.clone());
                }
                criteria.entry(criterion.id.as_str()).or_insert(id);
            }
        }
        for task in &spec.tasks {
            let id = self.id(&format!("{base}_T_{}", task.id));
            let links =
                task.criteria.iter().filter_map(|cited| criteria.get(cited.as_str()).cloned()).collect();
            self.need(&id, ("impl", &task.title, ""), &task.state, spec, links);
        }
        for (key, status) in order {
            let Some((id, links)) = tests.remove(&key) else { continue };
            let place = match (key.1, key.2) {
                (Some(file), Some(line)) => format!("{file}:{line}"),
                (Some(file), None) => file.to_string(),
                _ => String::new(),
            };
            self.need(&id, ("test", key.0, &place), status, spec, links);
        }
    }

    fn need(
        &mut self,
        id: &str,
        (kind, title, content): (&str, &str, &str),
        status: &str,
        spec: &SpecReport,
        links: Vec<String>,
    ) {
        let title: String = title.lines().next().unwrap_or_default().to_string();
        let need = json!({
            "id": id,
            "type": kind,
            "title": if title.is_empty() { id } else { &title },
            "content": literal(content),
            "status": status,
            "tags": [spec.name],
            "links": links,
            "docname": format!("specs/{}", spec.name),
        });
        self.written.insert(id.to_string(), need);
    }

    /// A field that stands only where it says something.
    fn add(&mut self, id: &str, key: &str, value: Value) {
        if value.as_str().is_some_and(|text| !text.is_empty())
            && let Some(need) = self.written.get_mut(id).and_then(Value::as_object_mut)
        {
            need.insert(key.to_string(), value);
        }
    }

    /// Capitals, digits and underscores, as sphinx-needs wants ids: the same words give the same one in every export.
    fn id(&mut self, words: &str) -> String {
        let mut out = String::new();
        for c in words.chars() {
            if out.len() >= ID_BYTES_MAX {
                break;
            }
            match c {
                c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_uppercase()),
                c if c.is_ascii() => out.push('_'),
                c => out.push_str(&format!("U{:X}", u32::from(c))),
            }
        }
        // The shortest id that sphinx-needs takes has five characters.
        while out.len() < 5 {
            out.push('_');
        }
        if self.ids.insert(out.clone()) {
            return out;
        }
        let number = self.next.entry(out.clone()).or_insert(1);
        loop {
            *number += 1;
            let id = format!("{out}_{number}");
            if self.ids.insert(id.clone()) {
                return id;
            }
        }
    }
}

/// Words as reStructuredText that is only words: lines of a literal line block, marks escaped. A document must not
/// bring directives such as `.. include::` into somebody's build.
fn literal(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 16);
    for (index, line) in words.lines().enumerate() {
        out.push_str(if index > 0 { "\n| " } else { "| " });
        for c in line.chars() {
            if matches!(c, '\\' | '*' | '`' | '_' | '|' | ':' | '<' | '>' | '[' | ']' | '{' | '}') {
                out.push('\\');
            }
            out.push(if c.is_control() { ' ' } else { c });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn every_link_has_its_need() {
        let file: Value = serde_json::from_str(&write(&samples::report(), "1.0")).expect("the file is JSON");
        let needs = file.pointer("/versions/1.0/needs").and_then(Value::as_object).expect("there are needs");
        assert_eq!(file.pointer("/versions/1.0/needs_amount"), Some(&json!(needs.len())));
        assert_eq!(needs.len(), 3 + 9 + 2 + 2);
        for (id, need) in needs {
            assert_eq!(need.get("id").and_then(Value::as_str), Some(id.as_str()));
            assert!(
                id.len() >= 5
                    && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            );
            for link in need.get("links").and_then(Value::as_array).into_iter().flatten() {
                assert!(link.as_str().is_some_and(|link| needs.contains_key(link)), "{link}");
            }
        }
        let check = |pointer: &str, expected: Value| {
            assert_eq!(file.pointer(&format!("/versions/1.0/needs/{pointer}")), Some(&expected), "{pointer}");
        };
        check("RATE_LIMIT_C_1_1/status", json!("tested, green"));
        check("RATE_LIMIT_C_1_1/links", json!(["RATE_LIMIT_R_1"]));
        check("RATE_LIMIT_C_1_1/commits", json!("0a1b2c3"));
        check("RATE_LIMIT_T_1_1/links", json!(["RATE_LIMIT_C_1_1"]));
        check("RATE_LIMIT_TEST_KEEPS_IT/links", json!(["RATE_LIMIT_C_1_1"]));
    }

    #[test]
    fn words_bring_no_directives() {
        let check = |words: &str, expected: &str| assert_eq!(literal(words), expected, "{words:?}");
        check("", "");
        check(".. include:: /etc/passwd", "| .. include\\:\\: /etc/passwd");
        check("a\n\n.. raw:: html\n\n   <b>", "| a\n| \n| .. raw\\:\\: html\n| \n|    \\<b\\>");
        check("`code` and *x* |y|", "| \\`code\\` and \\*x\\* \\|y\\|");
    }
}
