//! What guards cut, and that hooks which trigger each other always come to an end.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

fn id(name: &str) -> HookId {
    HookId::new("f", name, 0)
}

fn saved(path: &str, root: &str) -> Moment {
    let mut moment = Moment::new(Trigger::PostFileSave, "s", "/w");
    moment.file_path = Some(path.to_string());
    moment.cause = Chain::begun(root);
    moment
}

fn why(result: Result<(), Cut>) -> &'static str {
    result.map_or_else(|cut| cut.why.word(), |()| "runs")
}

#[test]
fn a_hook_is_not_run_by_what_it_did() {
    let mut guards = Guards::new(Caps::default());
    let mut moment = saved("a", "save-1");
    assert_eq!(why(guards.admit(&id("fmt"), &moment, 0)), "runs");
    moment.cause = moment.cause.then(&id("fmt"));
    let cut = guards.admit(&id("fmt"), &moment, 10).unwrap_err();
    assert_eq!(cut.to_string(), "the hook `f#fmt` did not run: it caused this itself (save-1 → f#fmt)");
    assert_eq!(why(guards.offer(&id("fmt"), moment.clone())), "its-own");
    // Another hook may follow, and neither may come back.
    assert_eq!(why(guards.admit(&id("docs"), &moment, 20)), "runs");
    moment.cause = moment.cause.then(&id("docs"));
    assert_eq!(why(guards.admit(&id("fmt"), &moment, 30)), "its-own");
}

#[test]
fn depth_rate_and_cause() {
    let mut guards =
        Guards::new(Caps { depth: 2, burst: 3, per_minute: 60, runs_per_cause: 5, ..Caps::default() });
    let mut deep = saved("a", "r");
    for name in ["a", "b"] {
        deep.cause = deep.cause.then(&id(name));
    }
    assert_eq!(why(guards.admit(&id("c"), &deep, 0)), "depth");
    let run = |guards: &mut Guards, name: &str, root: &str, now| {
        why(guards.admit(&id(name), &saved("a", root), now))
    };
    for now in 0..3 {
        assert_eq!(run(&mut guards, "d", &format!("{now}"), now), "runs");
    }
    assert_eq!(run(&mut guards, "d", "x", 4), "rate");
    // One run a second comes back.
    assert_eq!(run(&mut guards, "d", "y", 1_100), "runs");
    assert_eq!(run(&mut guards, "d", "z", 1_200), "rate");
    // After a long time there is a burst again, and not more.
    for _ in 0..3 {
        assert_eq!(run(&mut guards, "d", "later", 10_000_000), "runs");
    }
    assert_eq!(run(&mut guards, "d", "later", 10_000_000), "rate");
    for name in ["e", "f", "g", "h", "i"] {
        assert_eq!(run(&mut guards, name, "one", 0), "runs");
    }
    assert_eq!(run(&mut guards, "j", "one", 0), "cause");
}

#[test]
fn caps_of_one_hook() {
    let each = HookCaps { run_ms: 1_000, total_ms: 5_000, tokens: 100, cost_micros: 10 };
    let check = |spent: Spent, expected: &str| {
        let mut guards = Guards::new(Caps { each, ..Caps::default() });
        assert_eq!(why(guards.admit(&id("a"), &saved("x", "1"), 0)), "runs");
        guards.finished(&id("a"), spent);
        assert_eq!(why(guards.admit(&id("a"), &saved("x", "2"), 1)), expected);
        assert_eq!(why(guards.admit(&id("b"), &saved("x", "3"), 1)), "runs");
    };
    check(Spent::default(), "runs");
    check(Spent { ms: 5_000, ..Spent::default() }, "time");
    check(Spent { tokens: 100, ..Spent::default() }, "tokens");
    check(Spent { cost_micros: 10, ..Spent::default() }, "cost");
}

#[test]
fn changes_of_files_become_one_run() {
    let mut guards = Guards::new(Caps { debounce_ms: 100, ..Caps::default() });
    for at in 0..10_000 {
        guards.offer(&id("a"), saved(&format!("f{at}"), "checkout")).unwrap();
        guards.offer(&id("a"), saved("f0", "checkout")).unwrap();
    }
    assert_eq!(guards.next_due_ms(), Some(0));
    let (due, cuts) = guards.due(0);
    assert_eq!((due.len(), cuts.len()), (1, 0));
    let moment = &due[0].moment;
    assert_eq!((moment.file_path.as_deref(), moment.file_paths.len()), (Some("f0"), PATHS_MAX));
    assert_eq!((moment.paths_left_out, due[0].merged), (9_000, 20_000));
    // While it runs, the next change waits; then the debounce passes.
    guards.offer(&id("a"), saved("g", "save")).unwrap();
    assert_eq!((guards.next_due_ms(), guards.due(50).0.len()), (None, 0));
    guards.finished(&id("a"), Spent::default());
    assert_eq!((guards.next_due_ms(), guards.due(99).0.len()), (Some(100), 0));
    let (due, _) = guards.due(100);
    assert_eq!(
        (due.len(), due[0].moment.file_path.as_deref(), due[0].moment.file_paths.len()),
        (1, Some("g"), 0)
    );
    assert_eq!(guards.waiting(), 0);
}

#[test]
fn what_waits_for_a_hook_that_is_gone_is_forgotten() {
    let mut guards = Guards::new(Caps { burst: 1, per_minute: 60, debounce_ms: 0, ..Caps::default() });
    guards.let_wait();
    for (hook, at) in [("a", 0), ("b", 0), ("a", 10), ("b", 10)] {
        guards.offer(&id(hook), saved("f", "save")).unwrap();
        guards.due(at).0.iter().for_each(|due| guards.finished(&due.hook, Spent::default()));
    }
    assert_eq!((guards.waiting(), guards.next_due_ms()), (2, Some(1_000)));
    guards.keep_waiting(|hook, trigger| *hook == id("b") && trigger == Trigger::PostFileSave);
    assert_eq!((guards.waiting(), guards.next_due_ms()), (1, Some(1_000)));
    let (due, _) = guards.due(1_000);
    assert_eq!(due.iter().map(|due| due.hook.clone()).collect::<Vec<_>>(), [id("b")]);
    guards.finished(&id("b"), Spent::default());
    // The same hook for another moment is another one.
    guards.offer(&id("b"), saved("f", "save")).unwrap();
    guards.keep_waiting(|hook, trigger| *hook == id("b") && trigger == Trigger::PostFileDelete);
    assert_eq!((guards.waiting(), guards.next_due_ms()), (0, None));
}

#[test]
fn a_save_and_a_hooks_change_that_merge_know_both() {
    let mut guards = Guards::new(Caps::default());
    guards.offer(&id("b"), saved("x", "person")).unwrap();
    let mut caused = saved("y", "other");
    caused.cause = caused.cause.then(&id("a"));
    guards.offer(&id("b"), caused).unwrap();
    let (due, _) = guards.due(0);
    assert_eq!(due[0].moment.file_paths, ["x", "y"]);
    assert!(due[0].moment.cause.holds(&id("a")));
}

#[test]
fn the_queue_and_the_memory_are_bounded() {
    let mut guards = Guards::new(Caps { waiting: 10, ..Caps::default() });
    let cuts = (0..100).filter(|at| guards.offer(&id(&at.to_string()), saved("a", "r")).is_err()).count();
    assert_eq!(cuts, 90);
    let mut guards = Guards::new(Caps::default());
    for at in 0..30_000 {
        let hook = id(&at.to_string());
        guards.admit(&hook, &saved("a", &at.to_string()), at).unwrap();
        guards.finished(&hook, Spent::default());
    }
    assert!(guards.states.len() <= HOOKS_KEPT_MAX && guards.roots.len() <= ROOTS_MAX);
}

/// Plays a world in which each run of a hook causes the given moments, until nothing is left to do. Gives the number of
/// runs, of cuts, and whether every cut has words.
fn play(caps: &Caps, edges: &[Vec<usize>], saves: usize, step_ms: u64) -> (usize, usize) {
    let names: Vec<HookId> = (0..edges.len()).map(|at| id(&at.to_string())).collect();
    let mut guards = Guards::new(caps.clone());
    let mut events: VecDeque<(usize, Moment)> = VecDeque::new();
    for save in 0..saves {
        events.extend((0..edges.len()).map(|at| (at, saved("p", &format!("save-{save}")))));
    }
    let (mut runs, mut cuts, mut now) = (0_usize, 0_usize, 0_u64);
    loop {
        while let Some((at, moment)) = events.pop_front() {
            cuts += usize::from(guards.offer(&names[at], moment).is_err());
        }
        now += step_ms;
        let (due, cut) = guards.due(now);
        cuts += cut.len();
        for due in due {
            runs += 1;
            let at = names.iter().position(|name| *name == due.hook).unwrap();
            let cause = due.moment.cause.then(&due.hook);
            for next in &edges[at] {
                let mut moment = saved("p", "");
                moment.cause = cause.clone();
                events.push_back((*next, moment));
            }
            guards.finished(&due.hook, Spent::default());
        }
        match guards.next_due_ms() {
            Some(at) => now = now.max(at),
            None if events.is_empty() => return (runs, cuts),
            None => {}
        }
    }
}

#[test]
fn a_loop_of_one_and_a_loop_of_two_are_cut_at_once() {
    assert_eq!(play(&Caps::default(), &[vec![0]], 1, 1), (1, 1));
    // Both see the save; each then sees what the other did, once.
    let (runs, cuts) = play(&Caps::default(), &[vec![1], vec![0]], 1, 1);
    assert_eq!((runs, cuts), (4, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever hooks trigger whatever hooks: the runs of one cause stay within its cap, and all comes to an end.
    #[test]
    fn hooks_that_trigger_each_other_end(
        edges in (1_usize..12).prop_flat_map(|n| proptest::collection::vec(proptest::collection::vec(0..n, 0..6), n)),
        saves in 1_usize..4,
        depth in 0_usize..8,
        cap in 1_u32..60,
        step in 1_u64..500,
    ) {
        let caps = Caps { depth, runs_per_cause: cap, burst: 1_000, ..Caps::default() };
        let (runs, cuts) = play(&caps, &edges, saves, step);
        prop_assert!(runs <= saves * cap as usize, "{runs} runs");
        let triggered: usize = edges.iter().map(Vec::len).sum();
        // A loop of itself never runs twice for one save.
        if triggered > 0 && depth == 1 {
            prop_assert!(cuts > 0 || runs <= edges.len() * saves + triggered);
        }
    }

    /// In any minute one hook runs at most its burst and its rate.
    #[test]
    fn the_rate_holds(times in proptest::collection::vec(0_u64..5_000, 1..400), burst in 1_u32..10, rate in 1_u32..200) {
        let mut guards = Guards::new(Caps { burst, per_minute: rate, runs_per_cause: u32::MAX, ..Caps::default() });
        let mut now = 0;
        let mut runs: Vec<u64> = Vec::new();
        for (at, pause) in times.iter().enumerate() {
            now += pause;
            if guards.admit(&id("a"), &saved("x", &at.to_string()), now).is_ok() {
                runs.push(now);
                guards.finished(&id("a"), Spent::default());
            }
        }
        for (at, begun) in runs.iter().enumerate() {
            let in_minute = runs[at..].iter().take_while(|time| **time < begun + 60_000).count();
            prop_assert!(in_minute <= (burst + rate + 1) as usize, "{in_minute}");
        }
    }
}

#[test]
fn a_hook_beyond_its_rate_waits_where_somebody_asks_again() {
    let caps = Caps { burst: 2, per_minute: 60, debounce_ms: 0, ..Caps::default() };
    let mut guards = Guards::new(caps);
    guards.let_wait();
    let save = |guards: &mut Guards, path: &str, now: u64| -> Vec<Vec<String>> {
        guards.offer(&id("log"), saved(path, &format!("save-{now}"))).unwrap();
        let (due, cuts) = guards.due(now);
        assert!(cuts.is_empty(), "{cuts:?}");
        due.iter().for_each(|due| guards.finished(&due.hook, Spent::default()));
        due.iter().map(|due| due.moment.paths().map(str::to_string).collect()).collect()
    };
    assert_eq!(save(&mut guards, "a", 0), [["a"]]);
    assert_eq!(save(&mut guards, "b", 1), [["b"]]);
    for (path, now) in [("c", 2), ("d", 3), ("c", 4)] {
        assert!(save(&mut guards, path, now).is_empty());
    }
    // One run a second comes back: what waited is one run.
    let again = guards.next_due_ms().unwrap();
    assert!((900..1_100).contains(&again), "{again}");
    assert!(guards.due(again - 1).0.is_empty());
    let (due, _) = guards.due(again);
    assert_eq!(due[0].moment.paths().collect::<Vec<_>>(), ["c", "d"]);
    assert_eq!((due[0].merged, guards.waiting()), (3, 0));
}
