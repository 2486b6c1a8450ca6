//! `waypost demo`: the whole flow on a sample project: plan, approve, run, red to green, review brief. The sample and
//! the recording are compiled in, so that it runs from anywhere.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use conversation::Model;
use model::ModelName;
use sandbox::OwnCommand;

use crate::cli::{Demo, ModeFlag, SessionFlags};
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::House;
use crate::models;
use crate::repository::{self, Item};
use crate::term::Style;
use crate::trust::TrustStore;
use crate::workspace::{Workspace, write_whole};
use crate::world::{self, World};
use index::place::read;

/// The files of the sample, by their path in it.
const SAMPLE: [(&str, &str); 21] = [
    (".gitignore", include_str!("../../../../examples/rate-limit/.gitignore")),
    (
        ".kiro/specs/rate-limit/.config.kiro",
        include_str!("../../../../examples/rate-limit/.kiro/specs/rate-limit/.config.kiro"),
    ),
    (
        ".kiro/specs/rate-limit/design.md",
        include_str!("../../../../examples/rate-limit/.kiro/specs/rate-limit/design.md"),
    ),
    (
        ".kiro/specs/rate-limit/requirements.md",
        include_str!("../../../../examples/rate-limit/.kiro/specs/rate-limit/requirements.md"),
    ),
    (".kiro/steering/product.md", include_str!("../../../../examples/rate-limit/.kiro/steering/product.md")),
    (
        ".kiro/steering/structure.md",
        include_str!("../../../../examples/rate-limit/.kiro/steering/structure.md"),
    ),
    (".kiro/steering/tech.md", include_str!("../../../../examples/rate-limit/.kiro/steering/tech.md")),
    ("Cargo.lock", include_str!("../../../../examples/rate-limit/Cargo.lock")),
    ("Cargo.toml", include_str!("../../../../examples/rate-limit/Cargo.toml")),
    ("README.md", include_str!("../../../../examples/rate-limit/README.md")),
    ("rustfmt.toml", include_str!("../../../../examples/rate-limit/rustfmt.toml")),
    ("src/clock.rs", include_str!("../../../../examples/rate-limit/src/clock.rs")),
    ("src/http.rs", include_str!("../../../../examples/rate-limit/src/http.rs")),
    ("src/json.rs", include_str!("../../../../examples/rate-limit/src/json.rs")),
    ("src/keys.rs", include_str!("../../../../examples/rate-limit/src/keys.rs")),
    ("src/lib.rs", include_str!("../../../../examples/rate-limit/src/lib.rs")),
    ("src/log.rs", include_str!("../../../../examples/rate-limit/src/log.rs")),
    ("src/main.rs", include_str!("../../../../examples/rate-limit/src/main.rs")),
    ("src/routes.rs", include_str!("../../../../examples/rate-limit/src/routes.rs")),
    ("src/server.rs", include_str!("../../../../examples/rate-limit/src/server.rs")),
    ("tests/common/mod.rs", include_str!("../../../../examples/rate-limit/tests/common/mod.rs")),
];
const TESTS: [(&str, &str); 2] = [
    ("tests/rate_limit.rs", include_str!("../../../../examples/rate-limit/tests/rate_limit.rs")),
    ("tests/service.rs", include_str!("../../../../examples/rate-limit/tests/service.rs")),
];

/// How long one of the programs that the demo needs may take to say that it is there.
const PROGRAM_TIMEOUT: Duration = Duration::from_secs(30);

/// The recorded turns.
const RECORDING: &str = include_str!("../../../../examples/rate-limit/replay.json");

/// The spec of the sample.
const SPEC: &str = "rate-limit";

/// Shows the whole flow.
pub(crate) async fn run(mut world: World, screen: Arc<Screen>, demo: Demo) -> Outcome<Exit> {
    let directory = demo.into.clone().unwrap_or_else(|| {
        let base = world.variable("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
        base.join(format!("waypost-demo-{}", world::session_id()))
    });
    let directory = world.directory.join(directory);
    builds(&world)?;
    unpack(&directory)?;
    world.directory = directory.clone();
    stand_alone(&world)?;
    say(
        &screen,
        Style::Bold,
        "Waypost demo: rate limiting for a small HTTP service, from its spec to tested code.",
    );
    say(&screen, Style::Plain, &format!("Sample project: {}", directory.display()));
    let mut house = House::open(world, screen)?;
    // The sample comes out of this binary, so its steering is trusted as it was compiled in.
    let items = repository::items(&house.workspace.root);
    let own: Vec<&Item> = items.iter().collect();
    TrustStore::open(&house.world.state)?.set(&house.workspace.root, &own)?;

    let flags = SessionFlags {
        model: demo.model.clone(),
        mode: Some(ModeFlag::Autopilot),
        ..SessionFlags::default()
    };
    let model = open(&house.world, &house.config, demo.model.as_deref())?;
    match &demo.model {
        None => say(
            &house.screen,
            Style::Yellow,
            "Model: replay. The model's words are RECORDED; tools, edits, tests and the ledger are real.",
        ),
        Some(name) => say(&house.screen, Style::Yellow, &format!("Model: {name}, live.")),
    }
    let place = house.workspace.spec(Some(SPEC))?;

    say(&house.screen, Style::Bold, "\n1. Plan: the model reads spec and code and hands in a numbered plan.");
    super::spec_plan::make(&mut house, &place, &model, &flags).await?;

    say(
        &house.screen,
        Style::Bold,
        "\n2. Approve: you review it; nothing has changed yet but the plan itself.",
    );
    super::spec_approve::ask_and_record(&house, &place, demo.yes).await?;

    say(
        &house.screen,
        Style::Bold,
        "\n3. Run: each task in a session of its own, ticked only when its check is green.",
    );
    let exit = super::spec_run::carry_out(&mut house, &place, model, flags, None).await?;

    say(&house.screen, Style::Bold, "\nLook around:");
    let here = directory.display();
    for (what, command) in [
        ("what changed", format!("cat {here}/.kiro/specs/{SPEC}/tasks.md")),
        ("what each tick stands on", format!("waypost -C {here} spec status")),
        ("every record, verified", format!("waypost -C {here} audit verify")),
        ("the sessions", format!("waypost -C {here} session list")),
    ] {
        say(&house.screen, Style::Dim, &format!("  {what:<26} {command}"));
    }
    Ok(exit)
}

fn say(screen: &Screen, style: Style, text: &str) {
    text.split('\n').for_each(|line| screen.progress(style, line));
}

fn open(world: &World, config: &Config, name: Option<&str>) -> Outcome<Arc<dyn Model>> {
    match name {
        None => models::recorded(RECORDING.as_bytes(), "demo"),
        Some(name) => models::open(world, config, &ModelName::parse(name).map_err(Error::usage)?),
    }
}

/// The checks of the sample are run by cargo: without it the tale would stop at the first one.
fn builds(world: &World) -> Outcome<()> {
    let hint = "install Rust (https://rustup.rs), then try again; `waypost doctor` says what else is missing";
    match ends_well(world, "cargo", &["--version"], &world.directory) {
        Ok(()) => Ok(()),
        Err(why) => Err(Error::failed(format!(
            "the demo builds a small Rust project, and cargo does not work here: {why}"
        ))
        .hint(hint)),
    }
}

/// Inside another workspace the sample would be a package of it; as a repository of its own it is a workspace.
fn stand_alone(world: &World) -> Outcome<()> {
    let around = Workspace::find(world)?;
    if around.here.is_empty() {
        return Ok(());
    }
    ends_well(world, "git", &["init", "-q"], &world.directory).map_err(|why| {
        let around = around.root.display();
        Error::failed(format!(
            "the sample lies in the workspace `{around}` and cannot be one of its own: {why}"
        ))
        .hint("name a directory elsewhere with --into, or leave it out")
    })
}

/// Runs a program of the person's to its end, quietly.
fn ends_well(world: &World, program: &str, arguments: &[&str], directory: &Path) -> Result<(), String> {
    let ran = sandbox::run_own(&OwnCommand {
        program: program.into(),
        arguments: arguments.iter().map(Into::into).collect(),
        directory: directory.to_path_buf(),
        environment: world.variables().clone().into_iter().collect(),
        input: Vec::new(),
        timeout: PROGRAM_TIMEOUT,
        output_bytes_max: 16 * 1024,
    })
    .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&ran.errors);
    let first = said.lines().next().unwrap_or("it failed without a word");
    if ran.exit == Some(0) { Ok(()) } else { Err(crate::term::one_line(first)) }
}

/// Writes the sample into a new directory.
fn unpack(directory: &Path) -> Outcome<()> {
    if read(&directory.join("Cargo.toml"))?.is_some() {
        return Err(Error::usage(format!("`{}` already holds a project", directory.display()))
            .hint("name a new directory with --into, or leave it out"));
    }
    for (path, text) in SAMPLE.iter().chain(&TESTS) {
        write_whole(&directory.join(path), text.as_bytes())?;
    }
    Ok(())
}
