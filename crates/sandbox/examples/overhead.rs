//! What confinement adds to a command that does nothing: medians beside a plain start, in one run. No test.
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]
#![expect(clippy::disallowed_methods, reason = "a bench makes its own folders")]

use std::path::Path;
use std::time::{Duration, Instant};

use policy::{Network, Profile};
use sandbox::{Capabilities, Command, Confinement, capabilities, run};

const ROUNDS: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let (work, temporary) = (folder.path().join("work"), folder.path().join("tmp"));
    for made in [work.join(".git"), work.join(".kiro/settings"), temporary.clone()] {
        std::fs::create_dir_all(made)?;
    }
    let begun = Instant::now();
    let can = capabilities();
    println!("{can}; found out in {:.1?}", begun.elapsed());
    let profile = |network: Network| Profile { network, ..Profile::workspace(&work, temporary.clone()) };
    let with = |network: Network, can: Capabilities| -> Result<_, policy::ProfileError> {
        Ok(Some(Confinement::new(profile(network))?.on(can)))
    };
    let user = can.namespaces.map(|namespaces| sandbox::Namespaces { user: true, ..namespaces });
    let shared = can.namespaces.map(|namespaces| sandbox::Namespaces { processes: false, ..namespaces });
    let kinds = [
        ("plain", None),
        ("Landlock and seccomp", with(Network::None, Capabilities { namespaces: None, ..can })?),
        ("and a view", with(Network::None, Capabilities { namespaces: shared, ..can })?),
        ("and processes", with(Network::None, can)?),
        ("and a network", with(Network::Loopback, can)?),
        (
            "the same, with a user namespace",
            with(Network::Loopback, Capabilities { namespaces: user, ..can })?,
        ),
    ];
    for (name, confinement) in &kinds {
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let _report = confinement.as_ref().map(Confinement::enforced);
            times.push(begun.elapsed());
        }
        times.sort();
        println!("{name:<34} report {:.3?}", times.get(ROUNDS / 2).copied().unwrap_or_default());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); kinds.len()];
    // One after the other in each round, so that a busy moment hits all of them.
    for _ in 0..ROUNDS {
        for ((_, confinement), times) in kinds.iter().zip(&mut times) {
            let command = Command {
                program: "/bin/true".to_string(),
                arguments: Vec::new(),
                confinement: confinement.clone(),
                ..Command::shell("", Path::new(&work), Vec::new())
            };
            let begun = Instant::now();
            let finished = runtime.block_on(run(&command, &|_| {}))?;
            times.push(begun.elapsed());
            if finished.exit != Some(0) {
                return Err(format!("`true` ended with {finished:?}").into());
            }
        }
    }
    let part = |times: &mut Vec<Duration>, hundredth: usize| {
        times.sort();
        times.get(times.len() * hundredth / 100).copied().unwrap_or_default().as_secs_f64() * 1e3
    };
    let plain = times.first_mut().map_or(0.0, |times| part(times, 50));
    for ((name, _), times) in kinds.iter().zip(&mut times) {
        let (least, half, most) = (part(times, 5), part(times, 50), part(times, 90));
        println!(
            "{name:<34} p5 {least:6.2} ms   median {half:6.2} ms   p90 {most:6.2} ms   over plain {:6.2} ms",
            half - plain
        );
    }
    Ok(())
}
