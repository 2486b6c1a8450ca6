//! What deciding and holding cost: a decision with 500 rules, and `true` and `touch` under a permit beside a plain start. Takes a folder as its
//! workspace, else an empty one. No test.
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]
#![expect(clippy::disallowed_methods, reason = "a bench makes its own folders and reads its arguments")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use guard::{Ground, Hold, Lists, Settings, rules};
use policy::{
    Admission, Ask, Capability, Decided, Effect, Gate, Mode, Origin, Place, Record, RecordError, Request,
    Rule, Source, Taint, Target,
};
use sandbox::{Command, Confine as _, run};

const ROUNDS: usize = 200;

struct Nowhere;

impl Record for Nowhere {
    fn record(&mut self, _: &[Decided]) -> Result<(), RecordError> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    ["w", "h", "t"].iter().try_for_each(|name| std::fs::create_dir_all(at(name)))?;
    let root = std::env::args().nth(1).map_or_else(|| at("w"), PathBuf::from).canonicalize()?;
    let ground = Ground {
        root: root.clone(),
        home: at("h"),
        config: at("c"),
        state: at("s"),
        managed: Vec::new(),
        temporary: at("t"),
        variables: Default::default(),
    };
    let mut policy = rules(&ground, Mode::Autopilot, &[], Vec::new())?.policy;
    for line in ["shell:true", "shell:touch *"] {
        policy.add(Rule::read(line, Effect::Allow, Source::User)?);
    }
    for number in 0..500 {
        policy.add(Rule::read(&format!("fs_write:generated/{number}/**"), Effect::Deny, Source::User)?);
        policy.add(Rule::read(&format!("shell:tool{number} *"), Effect::Ask, Source::User)?);
    }
    let request = |capability, target| Request { capability, target, origin: Origin::Agent };
    let lines =
        ["git status && cargo test --workspace 2>&1 | tail -20", "grep -rn 'fn main' src | head", "true"];
    let mut requests: Vec<Request> =
        lines.iter().map(|line| request(Capability::Shell, Target::Command((*line).to_string()))).collect();
    let place = Place::new(&root, &root.join("src/deep/down/file.rs"));
    requests.push(request(Capability::FsWrite, Target::Path(place)));
    for request in &requests {
        let begun = Instant::now();
        (0..2_000).for_each(|_| drop(std::hint::black_box(policy.judge(request, &Taint::none()))));
        println!("decide {:<60} {:?}", request.target.shown(), begun.elapsed() / 2_000);
    }
    let environment = vec![("PATH".to_string(), "/usr/bin:/bin".to_string())];
    let token = Box::new(|| "t0ken".to_string());
    let hold = Hold::new(&ground, Settings::default(), environment.clone(), token)?;
    let mut gate = Gate::new(policy);
    let begun = Instant::now();
    let lists = Lists::new(&ground);
    gate.set_lists(&lists.files());
    println!("lists at the root {:?}", begun.elapsed());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    for line in ["true", "touch made"] {
        let (mut plain, mut held, mut confined) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let command = Command::shell(line, &root, environment.clone());
            let begun = Instant::now();
            runtime.block_on(run(&command, &|_| {}))?;
            plain.push(begun.elapsed());
            let asked = vec![request(Capability::Shell, Target::Command(line.to_string()))];
            let ask = Ask { call: "c".to_string(), requests: asked, answer: None };
            let begun = Instant::now();
            let Some(Admission::Permitted(permit)) = gate.admit(&mut Nowhere, vec![ask])?.pop() else {
                return Err("not permitted".into());
            };
            let found = hold.confine(&permit)?;
            confined.push(begun.elapsed());
            runtime.block_on(run(&found.hold(command), &|_| {}))?;
            held.push(begun.elapsed());
        }
        println!("`{line}`, plain: median {:?}", median(&mut plain));
        println!("  decided and confined, before it starts: median {:?}", median(&mut confined));
        println!("  decided, confined and run: median {:?}", median(&mut held));
    }
    Ok(())
}
