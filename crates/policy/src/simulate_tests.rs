//! Other rules over recorded requests.

use super::*;
use crate::{Capability, Mode, Origin, Rule, Source, Target};

#[test]
fn what_would_change() {
    let policy = |rules: &[(&str, Effect)]| {
        let mut policy = Policy::new(Mode::Autopilot, &[]);
        rules.iter().for_each(|(rule, effect)| policy.add(Rule::read(rule, *effect, Source::User).unwrap()));
        policy
    };
    let recorded: Vec<Recorded> = ["make", "ls", "git push", "cargo test"]
        .iter()
        .zip([None, None, Some(Effect::Allow), None])
        .map(|(line, then)| Recorded {
            id: format!("s1/{line}"),
            request: Request {
                capability: Capability::Shell,
                target: Target::Command((*line).to_string()),
                origin: Origin::Agent,
            },
            taint: Taint::none(),
            then,
        })
        .collect();
    let old = policy(&[("shell:cargo *", Effect::Allow)]);
    let new = policy(&[("shell:make*", Effect::Allow), ("shell:git push*", Effect::Deny)]);
    let differences = simulate(&old, &new, &recorded);
    let shown: Vec<String> = differences
        .iter()
        .map(|one| format!("{} {}>{} {}", one.id, one.before.name(), one.after.effect.name(), one.loosens()))
        .collect();
    assert_eq!(
        shown,
        ["s1/make ask>allow true", "s1/git push allow>deny false", "s1/cargo test allow>ask false"]
    );
    assert!(simulate(&old, &old, &recorded[..2]).is_empty());
}
