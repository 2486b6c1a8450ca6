//! Examples that no page can hold, because they are about limits: a spec beyond the limit and one at it.

use plan::{Shape, SpecDocuments};

/// The bad and the good specs of a rule about a limit; `None` for all other rules.
pub(crate) fn documents(rule: &str) -> Option<(Vec<SpecDocuments>, Vec<SpecDocuments>)> {
    let make: fn(usize) -> SpecDocuments = match rule {
        "requirements/too-many" => |over| requirements(5_000 + over, "keep"),
        "bugfix/too-many" => |over| bugfix(5_000 + over),
        "tasks/too-many-tasks" => |over| tasks(5_000 + over),
        "tasks/graph-too-large" => |over| waves(1_000 + over),
        "check/too-many-findings" => {
            |over| requirements(if over > 0 { 3_000 } else { 30 }, "be easy, etc. always")
        }
        "requirements/too-long" => |over| long(over, |spec, text| spec.requirements = Some(text)),
        "bugfix/too-long" => |over| long(over, |spec, text| spec.bugfix = Some(text)),
        "design/too-long" => |over| long(over, |spec, text| spec.design = Some(text)),
        "single/too-long" => {
            |over| long(over, |spec, text| (spec.shape, spec.single) = (Shape::Single, Some(text)))
        }
        _ => return None,
    };
    Some((vec![make(1)], vec![make(0)]))
}

fn requirements(count: usize, what: &str) -> SpecDocuments {
    let list: String = (1..=count).map(|n| format!("{n}. THE A SHALL {what} `d{n}`\n")).collect();
    let text = format!("### Requirement 1: A\n\n#### Acceptance Criteria\n\n{list}");
    SpecDocuments { requirements: Some(text.into_bytes()), ..SpecDocuments::default() }
}

fn bugfix(count: usize) -> SpecDocuments {
    let clauses: String =
        (1..=count).map(|n| format!("2.{n} WHEN a THEN THE A SHALL keep `d{n}`\n\n")).collect();
    let text = format!("## Bug Analysis\n\n### Expected Behavior (Correct)\n\n{clauses}");
    SpecDocuments { bugfix: Some(text.into_bytes()), ..SpecDocuments::default() }
}

fn tasks(count: usize) -> SpecDocuments {
    let list: String = (1..=count).map(|n| format!("- [ ] {n}. A\n")).collect();
    SpecDocuments { tasks: Some(list.into_bytes()), ..SpecDocuments::default() }
}

fn waves(count: usize) -> SpecDocuments {
    let waves: Vec<&str> = (0..count).map(|_| "[\"1\"]").collect();
    let text = format!("- [ ] 1. A\n\n## Task Dependency Graph\n\n```json\n[{}]\n```\n", waves.join(","));
    SpecDocuments { tasks: Some(text.into_bytes()), ..SpecDocuments::default() }
}

fn long(over: usize, put: fn(&mut SpecDocuments, Vec<u8>)) -> SpecDocuments {
    let mut spec = SpecDocuments { name: "long".to_string(), ..SpecDocuments::default() };
    put(&mut spec, "A line.\n".repeat(200_000 + over).into_bytes());
    spec
}
