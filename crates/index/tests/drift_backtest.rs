//! Replays a made history of many specs and much maintenance against drift, and counts: how many specs are flagged in
//! a week, and how many of the changes that a spec should have followed are found. The history is made by
//! `drift_backtest/world.rs`, because no public one says which changes were drift.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and says its numbers, in its helpers too"
)]

#[path = "drift_backtest/code.rs"]
mod code;
#[path = "drift_backtest/gather.rs"]
mod gather;
#[path = "drift_backtest/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use plan::drift::{ALERT_MIN, Accepted, Drift, DriftKind, DriftSpec, Entry, drift_of_all};
use vcs::history::History;

use gather::Gathered;
use world::World;

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What a replay came to.
#[derive(Default)]
struct Score {
    specs: usize,
    /// For each week, the share of specs with an alert, in percent.
    rates: Vec<f64>,
    /// The same without the budget.
    raw_rates: Vec<f64>,
    /// The same for the check of which files changed since the spec was edited.
    naive_rates: Vec<f64>,
    drifts: usize,
    found: usize,
    alerts: usize,
    true_alerts: usize,
    /// Kinds of events whose drift was missed, and kinds whose innocent changes were flagged.
    missed: BTreeMap<String, usize>,
    false_reasons: BTreeMap<String, usize>,
}

fn average(rates: &[f64]) -> f64 {
    rates.iter().sum::<f64>() / rates.len().max(1) as f64
}

fn replay(seed: u64) -> Score {
    let folder = tempfile::tempdir().unwrap();
    let world = World::make(seed);
    world.write(folder.path(), PATH);
    let history = History::open(folder.path(), PATH);
    assert_eq!(history.absence(), None);
    let start = Instant::now();
    let gathered = Gathered::of(&history);
    let gathering = start.elapsed();
    let mut score = Score { specs: world.specs(), ..Score::default() };
    let mut accepted: BTreeMap<String, Accepted> = BTreeMap::new();
    let mut open: Vec<&world::Truth> = Vec::new();
    let mut checking = std::time::Duration::ZERO;
    for (week, last) in world.week_ends.iter().enumerate() {
        open.extend(world.truths.iter().filter(|truth| truth.week == week));
        let view = gathered.at(*last);
        let none = Accepted::default();
        let specs: Vec<DriftSpec<'_>> = view
            .specs
            .iter()
            .map(|(name, spec)| DriftSpec {
                plan: &spec.plan,
                reading: &spec.reading,
                accepted: accepted.get(name).unwrap_or(&none),
            })
            .collect();
        let start = Instant::now();
        let all = drift_of_all(&specs, &view.facts, "2026-11-21");
        checking += start.elapsed();
        let share = |count: usize| count as f64 * 100.0 / score.specs as f64;
        let is_alert = |drift: &&Drift| drift.is_alert;
        let is_raw = |drift: &&Drift| {
            drift.confidence >= ALERT_MIN
                && matches!(
                    drift.kind,
                    DriftKind::DeadReference | DriftKind::SuspectCode | DriftKind::SuspectCriterion
                )
        };
        let flagged = all.values().filter(|drifts| drifts.iter().any(|drift| drift.is_alert)).count();
        let raw = all.values().filter(|drifts| drifts.iter().any(|drift| is_raw(&drift))).count();
        score.rates.push(share(flagged));
        score.raw_rates.push(share(raw));
        score.naive_rates.push(share(view.naive().len()));
        let mut told: BTreeSet<usize> = BTreeSet::new();
        for (name, drifts) in &all {
            let alerts: Vec<&Drift> = drifts.iter().filter(is_alert).collect();
            let mut is_true = false;
            for (at, truth) in open.iter().enumerate().filter(|(_, truth)| truth.spec == *name) {
                let is_it = |drift: &&&Drift| {
                    drift.path.as_deref() == Some(&truth.path)
                        || drift.item.split('#').next() == Some(&truth.path)
                };
                if alerts.iter().any(|drift| is_it(&drift)) {
                    told.insert(at);
                    is_true = true;
                }
            }
            score.alerts += usize::from(!alerts.is_empty());
            score.true_alerts += usize::from(is_true);
            if !is_true {
                for because in alerts.iter().flat_map(|drift| &drift.because).take(1) {
                    let kind = world.kind_of(&because.subject);
                    *score.false_reasons.entry(kind).or_default() += 1;
                }
            }
            // The person looks at what is flagged, and says that it is true again.
            if !alerts.is_empty() {
                let entry = Entry { item: "*".to_string(), commit: view.head.clone(), ..Entry::default() };
                accepted.entry(name.clone()).or_default().accept(entry);
            }
        }
        score.found += told.len();
        let mut at = 0;
        open.retain(|_| {
            at += 1;
            !told.contains(&(at - 1))
        });
    }
    score.drifts = world.truths.len();
    for truth in open {
        *score.missed.entry(truth.kind.clone()).or_default() += 1;
    }
    println!(
        "seed {seed}: {} commits gathered in {gathering:?}, {} checks of {} specs in {checking:?}",
        gathered.commits(),
        world.week_ends.len(),
        score.specs
    );
    score
}

#[test]
fn few_specs_are_flagged_and_most_drifts_are_found() {
    let mut all = Score::default();
    for seed in 1..=4 {
        let score = replay(seed);
        println!(
            "  {} specs: flagged {:.1} % a week (without budget {:.1} %, most {:.1} %; naive {:.1} %), \
             {} of {} drifts found, {} of {} flagged specs rightly\n  missed {:?}\n  wrongly flagged {:?}",
            score.specs,
            average(&score.rates),
            average(&score.raw_rates),
            score.rates.iter().copied().fold(0.0, f64::max),
            average(&score.naive_rates),
            score.found,
            score.drifts,
            score.true_alerts,
            score.alerts,
            score.missed,
            score.false_reasons,
        );
        all.specs += score.specs;
        all.rates.extend(score.rates);
        all.raw_rates.extend(score.raw_rates);
        all.naive_rates.extend(score.naive_rates);
        all.drifts += score.drifts;
        all.found += score.found;
        all.alerts += score.alerts;
        all.true_alerts += score.true_alerts;
    }
    let (rate, naive) = (average(&all.rates), average(&all.naive_rates));
    let recall = all.found as f64 * 100.0 / all.drifts as f64;
    println!(
        "specs {}, flagged specs {} ({:.0} % rightly), rate {rate:.1} % a week (without budget {:.1} %), naive {naive:.1} %, recall {recall:.0} %",
        all.specs,
        all.alerts,
        all.true_alerts as f64 * 100.0 / all.alerts.max(1) as f64,
        average(&all.raw_rates),
    );
    assert!(rate <= 15.0, "{rate}");
    assert!(recall >= 70.0, "{recall}");
    assert!(naive >= 50.0, "the history is too quiet to tell anything: {naive}");
    assert!(all.drifts >= 30, "{}", all.drifts);
}
