//! Findings as JUnit XML, for CI systems that show nothing else: a suite for each spec, a failing test for each
//! finding that counts.

use std::collections::HashMap;
use std::fmt::Write;

use lint::Finding;
use spec::Severity;

use crate::place::Locate;
use crate::xml::escaped;

/// What a report is made of.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Every spec that was checked; one without findings shows as a passing test.
    pub specs: &'a [String],
    /// Findings at least this grave fail; the others are shown as skipped.
    pub fails: Severity,
    /// Finds places.
    pub locate: Locate<'a>,
}

/// The report. Specs that only the findings name come after those of the list.
pub fn write(findings: &[Finding], options: &Options<'_>) -> String {
    let mut specs: Vec<&str> = Vec::new();
    let mut by_spec: HashMap<&str, Vec<&Finding>> = HashMap::new();
    let named = findings.iter().map(|finding| finding.place.spec.as_str());
    for spec in options.specs.iter().map(String::as_str).chain(named) {
        if !by_spec.contains_key(spec) {
            specs.push(spec);
            by_spec.insert(spec, Vec::new());
        }
    }
    for finding in findings {
        by_spec.entry(&finding.place.spec).or_default().push(finding);
    }
    let mut body = String::new();
    let (mut tests, mut failures) = (0, 0);
    for spec in specs {
        let found = by_spec.remove(spec).unwrap_or_default();
        let failed = found.iter().filter(|finding| finding.severity >= options.fails).count();
        let count = found.len().max(1);
        let _ = writeln!(
            body,
            "  <testsuite name=\"{}\" tests=\"{count}\" failures=\"{failed}\" errors=\"0\" skipped=\"{}\">",
            escaped(spec),
            found.len() - failed
        );
        if found.is_empty() {
            let _ = writeln!(body, "    <testcase classname=\"{}\" name=\"no findings\"/>", escaped(spec));
        }
        for finding in &found {
            test(&mut body, finding, options);
        }
        body.push_str("  </testsuite>\n");
        tests += count;
        failures += failed;
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"waypost\" tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"0\">\n{body}</testsuites>\n"
    )
}

fn test(out: &mut String, finding: &Finding, options: &Options<'_>) {
    let located = (options.locate)(&finding.place);
    let line = located.region.map(|region| region.start_line);
    let subject = finding.subject.as_deref().map(|subject| format!(" {subject}")).unwrap_or_default();
    let place = line.map_or(located.path.clone(), |line| format!("{}:{line}", located.path));
    let name = format!("{}{subject} at {place}", finding.rule);
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\"",
        escaped(&finding.place.spec),
        escaped(&name),
        escaped(&located.path)
    );
    if let Some(line) = line {
        let _ = write!(out, " line=\"{line}\"");
    }
    let message = escaped(&finding.message);
    if finding.severity < options.fails {
        let _ = writeln!(out, "><skipped message=\"{message}\"/></testcase>");
        return;
    }
    let mut words = format!("{place}\nbasis: {}", finding.basis.words());
    if let Some(hint) = &finding.hint {
        let _ = write!(words, "\nnext: {hint}");
    }
    for (place, note) in &finding.related {
        let located = (options.locate)(place);
        let line = located.region.map_or(0, |region| region.start_line);
        let _ = write!(words, "\nsee {}:{line}: {note}", located.path);
    }
    let (kind, words) = (escaped(finding.rule), escaped(&words).replace("&#10;", "\n"));
    let _ = writeln!(out, "><failure message=\"{message}\" type=\"{kind}\">{words}</failure></testcase>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::Lines;
    use crate::place::Located;
    use crate::results::TestStatus;
    use crate::samples;

    #[test]
    fn what_is_written_is_read_again() {
        let locate = |place: &lint::Place| Located {
            path: format!(".kiro/specs/{}/{}", place.spec, place.file),
            region: Some(
                Lines::of(samples::REQUIREMENTS.as_bytes())
                    .region(samples::REQUIREMENTS.as_bytes(), place.span),
            ),
        };
        let specs = ["clean".to_string(), "rate limit".to_string()];
        let check = |fails: Severity, expected: &[(&str, TestStatus)]| {
            let options = Options { specs: &specs, fails, locate: &locate };
            let written = write(&samples::findings(), &options);
            let read = crate::junit::read(written.as_bytes());
            assert_eq!(read.problems, [], "{written}");
            let got: Vec<(&str, TestStatus)> =
                read.tests.iter().map(|test| (test.name.as_str(), test.status)).collect();
            assert_eq!(got, expected);
            let hostile = read.tests.iter().find(|test| test.name.starts_with("trace/")).unwrap();
            assert_eq!(hostile.message, Some(format!("no task cites `{}`", samples::HOSTILE)));
        };
        let names = [
            "no findings",
            "ears/no-response 1.2 at .kiro/specs/rate limit/requirements.md:12",
            "trace/uncited at .kiro/specs/rate limit/requirements.md:1",
            "ears/vague 2.1 at .kiro/specs/other/requirements.md:1",
        ];
        let with = |statuses: [TestStatus; 4]| names.into_iter().zip(statuses).collect::<Vec<_>>();
        use TestStatus::{Failed, Passed, Skipped};
        check(Severity::Error, &with([Passed, Failed, Skipped, Skipped]));
        check(Severity::Hint, &with([Passed, Failed, Failed, Failed]));
    }
}
