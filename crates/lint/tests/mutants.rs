//! Changes real specs in ways that are wrong and counts what is noticed, and lists what is said about the specs as
//! they are. Single rules are tested on inline documents in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

#[path = "mutants/corpus.rs"]
mod corpus;

use lint::conflict;

#[test]
fn conflicts_of_the_specs_as_they_are() {
    let specs = corpus::read();
    if specs.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let mut criteria = 0;
    let started = std::time::Instant::now();
    let mut duplicates = [0; 2];
    for spec in &specs {
        criteria += spec.reading.criteria().count();
        for found in conflict::check(&spec.reading) {
            if found.rule == "conflict/duplicate" {
                duplicates[usize::from(found.severity == spec::Severity::Hint)] += 1;
                continue;
            }
            println!("{} {} {}", found.rule, spec.path, found.message);
            for (place, _) in found.related.iter().chain([&(found.place.clone(), String::new())]) {
                println!("      {}", spec.text(place));
            }
        }
    }
    println!(
        "{} specs, {criteria} criteria, duplicates {duplicates:?}, {:?}",
        specs.len(),
        started.elapsed()
    );
    let all: Vec<_> = specs.iter().map(|spec| conflict::statements(&spec.reading)).collect();
    let started = std::time::Instant::now();
    for found in conflict::across(&all) {
        println!("across {} {}", found.rule, found.message);
        for (place, _) in found.related.iter().chain([&(found.place.clone(), String::new())]) {
            let spec = specs.iter().find(|spec| spec.reading.name() == place.spec).unwrap();
            println!("      {}", spec.text(place));
        }
    }
    println!("across {:?}", started.elapsed());
}
