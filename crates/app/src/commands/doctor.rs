//! `waypost doctor`: what is found here, what is missing, and the next step.

use std::time::Duration;

use sandbox::OwnCommand;

use crate::config::Config;
use crate::error::Outcome;
use crate::events::ItemRow;
use crate::exit::Exit;
use crate::face::Screen;
use crate::models::{self, Role};
use crate::term::sanitise;
use crate::workspace::Workspace;
use crate::world::World;
use crate::{house, steering, trust};

/// Looks at everything that a session needs.
pub(crate) fn run(world: &World, screen: &Screen) -> Outcome<Exit> {
    let mut rows = Vec::new();
    let config = match Config::read(&world.config) {
        Ok(config) => {
            let path = world.config.join("config.toml");
            let there = index::place::read(&path).is_ok_and(|bytes| bytes.is_some());
            let none = format!("none; they would be in {}", path.display());
            rows.push(row("settings", true, if there { path.display().to_string() } else { none }));
            config
        }
        Err(error) => {
            rows.push(row("settings", false, error.cause));
            Config::default()
        }
    };
    let workspace = Workspace::find(world)?;
    rows.push(row("workspace", true, workspace.root.display().to_string()));
    let model = models::name(world, &config, None, Role::Execute)
        .and_then(|name| models::open(world, &config, &name));
    rows.push(match model {
        Ok(model) => {
            let price = match model.price() {
                Some(_) => "price known",
                None => "price not known: set it under [prices] to see costs",
            };
            row("model", true, format!("{} ({price})", model.name()))
        }
        Err(error) => row("model", false, format!("{}; {}", error.cause, error.hints.join(" "))),
    });
    rows.push(match house::open_store(world, &workspace) {
        Ok(_) => row("ledger", true, world.state.display().to_string()),
        Err(error) => row("ledger", false, error.cause),
    });
    rows.push(git(world));
    let files = steering::files(world, &workspace);
    let untrusted = trust::TrustStore::open(&world.state).map(|store| {
        let trusted = store.of(&workspace.root);
        files.iter().filter(|file| file.needs_trust && !trusted.holds(&file.name, file.digest)).count()
    });
    rows.push(match untrusted {
        Ok(0) => row("steering", true, format!("{} files, all trusted", files.len())),
        Ok(count) => row("steering", false, format!("{count} files not trusted; see `waypost trust`")),
        Err(error) => row("steering", false, error.cause),
    });
    let check = config.workspace(&workspace.root).check;
    let check = check.or_else(|| workspace.found_check().map(str::to_string));
    rows.push(match check {
        Some(check) => row("check", true, check),
        None => row(
            "check",
            false,
            "no test command found; name one in the spec or under [workspaces]".to_string(),
        ),
    });
    let sandbox = "commands run in a process group of their own with a scrubbed environment; \
                   the operating system does not yet confine them";
    rows.push(row("sandbox", true, sandbox.to_string()));
    screen.document(&rows, |rows| {
        let lines = rows.iter().map(|row| {
            format!("{} {:<10} {}", if row.ok { "ok  " } else { "miss" }, row.name, sanitise(&row.detail))
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(if rows.iter().all(|row| row.ok) { Exit::Done } else { Exit::Failed })
}

fn git(world: &World) -> ItemRow {
    let command = OwnCommand {
        program: "git".into(),
        arguments: vec!["--version".into()],
        directory: world.directory.clone(),
        environment: world.variables().iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        input: Vec::new(),
        timeout: Duration::from_secs(10),
        output_bytes_max: 4096,
    };
    match sandbox::run_own(&command) {
        Ok(output) if output.succeeded() => {
            row("git", true, String::from_utf8_lossy(&output.output).trim().to_string())
        }
        _ => row("git", false, "not found; spec runs need it to see what a task changed".to_string()),
    }
}

fn row(name: &str, ok: bool, detail: String) -> ItemRow {
    ItemRow { name: name.to_string(), ok, detail }
}
