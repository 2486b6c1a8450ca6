//! Runs attempts, unconfined and then within each set of layers that this machine has, and judges.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use policy::Profile;
use sandbox::{Capabilities, Command, Confinement, Finished, Namespaces, StartError, capabilities, run};

use crate::attempt::{self, Attempt, Outcome};
use crate::place::{self, Inside, Place, is_root};

/// The test that runs all others again as a user without privileges.
const AS_USER: &str = "as_a_user_without_privileges";

/// How many attempts have to be judged at least, so that the number cannot shrink unnoticed.
const JUDGED_MIN: usize = 40;

/// The user whom every system has and who owns nothing.
const NOBODY: u32 = 65534;

pub(crate) fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let first: Vec<&str> = words.iter().map(String::as_str).collect();
    match first.as_slice() {
        ["victim"] => place::be_victim(),
        ["whoami"] => println!("{}", unsafe { libc::geteuid() }),
        ["attempt", name, ..] => {
            let attempt = attempt::all().into_iter().find(|it| it.name == *name).unwrap();
            match (attempt.run)(&Inside::from_arguments(&words[2..])) {
                Outcome::Escaped(how) => println!("escaped: {how}"),
                Outcome::Held(how) => println!("held: {how}"),
            }
        }
        // What runners of tests ask for.
        [.., "--list", "--format", "terse"] | ["--list", ..] => {
            if !first.contains(&"--ignored") {
                attempt::all().iter().for_each(|it| println!("{}: test", it.name));
                println!("{AS_USER}: test");
            }
        }
        _ => return run_tests(&first),
    }
    ExitCode::SUCCESS
}

fn run_tests(words: &[&str]) -> ExitCode {
    let exact = words.contains(&"--exact");
    let filters: Vec<&&str> = words.iter().filter(|word| !word.starts_with("--")).collect();
    let wanted = |name: &str| {
        filters.is_empty()
            || filters.iter().any(|filter| if exact { name == **filter } else { name.contains(**filter) })
    };
    let (mut failed, mut judged, mut skipped) = (Vec::new(), 0, 0);
    for attempt in attempt::all().into_iter().filter(|it| wanted(it.name)) {
        match judge(attempt) {
            Ok(true) => judged += 1,
            Ok(false) => skipped += 1,
            Err(why) => {
                println!("FAILED {}: {why}", attempt.name);
                failed.push(attempt.name);
            }
        }
    }
    if wanted(AS_USER)
        && !words.contains(&"--as-user")
        && let Err(why) = again_as_user()
    {
        println!("FAILED {AS_USER}: {why}");
        failed.push(AS_USER);
    }
    println!("{judged} attempts judged, {skipped} skipped, {} failed {failed:?}", failed.len());
    if filters.is_empty() && judged < JUDGED_MIN {
        println!("FAILED: fewer than {JUDGED_MIN} attempts could be judged");
        return ExitCode::FAILURE;
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The sets of layers to try: what the machine has, and less.
fn layers() -> Vec<(&'static str, Capabilities)> {
    let can = capabilities();
    let mut all = vec![("everything", can)];
    if let Some(namespaces) = can.namespaces {
        if !namespaces.user {
            let namespaces = Some(Namespaces { user: true, ..namespaces });
            all.push(("user namespace", Capabilities { namespaces, ..can }));
        }
        let namespaces = Some(Namespaces { processes: false, network: false, ..namespaces });
        all.push(("mounts without processes", Capabilities { namespaces, ..can }));
        all.push(("namespaces alone", Capabilities { landlock: None, ..can }));
    }
    if can.landlock.is_some() {
        all.push(("Landlock alone", Capabilities { namespaces: None, ..can }));
    } else {
        println!("skipped: this kernel has no Landlock; nothing is proved for it alone");
    }
    all
}

/// Whether it was judged, or why it failed.
fn judge(attempt: &Attempt) -> Result<bool, String> {
    let helper = attempt.name == "gain_privileges_by_a_program";
    let place = Place::new(helper);
    if let Outcome::Held(why) = free(attempt, &place) {
        println!("skipped {}: it fails without a sandbox too: {why}", attempt.name);
        return Ok(false);
    }
    drop(place);
    for (name, can) in layers() {
        let mut place = Place::new(helper);
        let mut profile = place.profile();
        (attempt.profile)(&mut profile);
        let confinement = Confinement::new(profile.clone()).unwrap().on(can);
        let gaps: Vec<String> = confinement.enforced().gaps().map(str::to_string).collect();
        let excused = !attempt.gap.is_empty() && gaps.iter().any(|gap| gap.contains(attempt.gap));
        let outcome = match finish(attempt, &place, &confinement) {
            Ok(finished) => outcome_of(&finished.output.head),
            Err(error) => return Err(format!("{name}: {error}")),
        };
        let outcome = match crate::processes::heartbeat(&place.inside) {
            true => Outcome::Escaped("it lives on".to_string()),
            false => outcome,
        };
        let harm = place.harm();
        match outcome {
            Outcome::Held(_) if harm.is_empty() => {}
            _ if excused => {
                println!("gap {} ({name}): {}", attempt.name, attempt.gap);
                refuses_when_strict(attempt, &place, profile, can)?;
            }
            outcome => return Err(format!("{name}: {outcome:?}, {harm:?}; gaps said: {gaps:?}")),
        }
    }
    Ok(true)
}

fn refuses_when_strict(
    attempt: &Attempt,
    place: &Place,
    profile: Profile,
    can: Capabilities,
) -> Result<(), String> {
    let strict = Confinement::new(Profile { strict: true, ..profile }).unwrap().on(can);
    match finish(attempt, place, &strict) {
        Err(StartError::NotEnforced { .. }) => Ok(()),
        other => Err(format!("a strict profile ran it: {other:?}")),
    }
}

/// Started as any program starts another one: nothing is held back, not even descriptors.
fn free(attempt: &Attempt, place: &Place) -> Outcome {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["attempt", attempt.name])
        .args(place.inside.to_arguments())
        .current_dir(place.inside.root.join("work"))
        .env("PATH", "/usr/bin:/bin")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let outcome = outcome_of(&String::from_utf8_lossy(&output.stdout));
    if crate::processes::heartbeat(&place.inside) {
        Outcome::Escaped("it lives on".to_string())
    } else {
        outcome
    }
}

fn finish(attempt: &Attempt, place: &Place, confinement: &Confinement) -> Result<Finished, StartError> {
    let path = vec![("PATH".to_string(), "/usr/bin:/bin".to_string())];
    let mut arguments = vec!["attempt".to_string(), attempt.name.to_string()];
    arguments.extend(place.inside.to_arguments());
    let command = Command {
        program: std::env::current_exe().unwrap().display().to_string(),
        arguments,
        confinement: Some(confinement.clone()),
        timeout: Duration::from_secs(30),
        ..Command::shell("", &place.inside.root.join("work"), path)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(&command, &|_| {}))
}

fn outcome_of(text: &str) -> Outcome {
    let said = text.lines().find(|line| line.contains("escaped: ") || line.contains("held: "));
    match said {
        Some(line) if line.contains("escaped: ") => Outcome::Escaped(line.to_string()),
        Some(line) => Outcome::Held(line.to_string()),
        None => Outcome::Held(format!("it was ended: {text}")),
    }
}

/// Runs everything again as somebody without privileges, from a place that they may read.
fn again_as_user() -> Result<(), String> {
    if !is_root() {
        println!("skipped {AS_USER}: this is one already");
        return Ok(());
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("escape");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    let open = |path: &Path| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    open(folder.path());
    open(&copy);
    use std::os::unix::process::CommandExt as _;
    let output = std::process::Command::new(&copy)
        .arg("--as-user")
        .env("TMPDIR", "/tmp")
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{}", text.replace("FAILED", "failed"));
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
