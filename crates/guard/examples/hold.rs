//! What deciding and holding cost: a decision with 500 rules, and `true` and `touch` under a permit beside a plain start. Takes a folder as its
//! workspace, else an empty one; `--tree FOLDER` makes one of 100,000 files in that folder. No test.
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

/// 1,000 folders with 100 files each, in folders of 10, old enough that their times tell.
fn tree(place: &str) -> std::io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir_in(place)?;
    for number in 0..1_000 {
        let inside = folder.path().join(format!("part{}/deep/folder{number}", number / 10));
        std::fs::create_dir_all(&inside)?;
        for file in 0..100 {
            std::fs::write(inside.join(format!("file{file}.rs")), "")?;
        }
    }
    std::thread::sleep(Duration::from_secs(5));
    Ok(folder)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    ["w", "h", "t"].iter().try_for_each(|name| std::fs::create_dir_all(at(name)))?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let tree = match arguments.as_slice() {
        [word, place, ..] if word == "--tree" => Some(tree(place)?),
        _ => None,
    };
    let given = tree.as_ref().map(|tree| tree.path().to_path_buf());
    let given = given.or_else(|| arguments.first().map(PathBuf::from));
    let root = given.unwrap_or_else(|| at("w")).canonicalize()?;
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
        println!(
            "`{line}`, the first time decided and confined: {:?}",
            confined.first().copied().unwrap_or_default()
        );
        println!("`{line}`, plain: median {:?}", median(&mut plain));
        println!("  decided and confined, before it starts: median {:?}", median(&mut confined));
        println!("  decided, confined and run: median {:?}", median(&mut held));
    }
    Ok(())
}
