//! `waypost doctor`: what is found here, what is missing, and the next step.

use std::time::Duration;

use guard::Holding;
use policy::Mode;
use sandbox::OwnCommand;

use crate::config::Config;
use crate::error::Outcome;
use crate::events::ItemRow;
use crate::exit::Exit;
use crate::face::Screen;
use crate::limits::{self, Held};
use crate::models::{self, Role};
use crate::term::{counted, one_line};
use crate::workspace::Workspace;
use crate::world::World;
use crate::{house, repository, rules, trust};

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
    let within = match workspace.package() {
        "" => String::new(),
        package => format!(", in its package {package}"),
    };
    rows.push(row("workspace", true, format!("{}{within}", workspace.root.display())));
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
    let items = super::trust::items(world, &config, &workspace)
        .unwrap_or_else(|_| repository::items_everywhere(&workspace.root));
    let untrusted = trust::TrustStore::open(&world.state).map(|store| {
        let trusted = store.of(&workspace.root);
        items.iter().filter(|item| !trusted.has(item)).count()
    });
    rows.push(match untrusted {
        Ok(0) if items.is_empty() => row("trust", true, "nothing here steers the agent or runs".to_string()),
        Ok(0) => row("trust", true, format!("{}, all trusted", counted(items.len(), "file", "files"))),
        Ok(count) => {
            row("trust", false, format!("{} of {} not trusted; see `waypost trust`", count, items.len()))
        }
        Err(error) => row("trust", false, error.cause),
    });
    if let Some(fault) = crate::steering::team_fault(&config.steering, &world.home) {
        rows.push(row("steering", false, fault));
    }
    let check = config.workspace(&workspace.root).check;
    let check = check.or_else(|| workspace.found_check(workspace.package()));
    rows.push(match check {
        Some(check) => row("check", true, check),
        None => row(
            "check",
            false,
            "no test command found; name one in the spec or under [workspaces]".to_string(),
        ),
    });
    match Held::new(world, &config, &workspace) {
        Ok(held) => {
            rows.push(rules_row(&held, &config));
            rows.extend(sandbox_rows(&held));
        }
        Err(error) => rows.push(row("sandbox", false, error.cause)),
    }
    screen.document(&rows, |rows| {
        let lines = rows.iter().map(|row| {
            format!("{} {:<10} {}", if row.ok { "ok  " } else { "miss" }, row.name, one_line(&row.detail))
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(if rows.iter().all(|row| row.ok) { Exit::Done } else { Exit::Failed })
}

/// The files of rules, and whether each of them counts.
fn rules_row(held: &Held, config: &Config) -> ItemRow {
    match rules::policy(&held.ground, config, Mode::Supervised, &[]) {
        Ok(read) if read.problems.is_empty() => {
            let files: Vec<String> = read.files.iter().map(|path| path.display().to_string()).collect();
            let none = "built in; no file of rules was found".to_string();
            row("rules", true, if files.is_empty() { none } else { files.join(", ") })
        }
        Ok(read) => {
            let problems: Vec<String> = read.problems.iter().map(limits::tell).collect();
            row("rules", false, problems.join("; "))
        }
        Err(error) => row("rules", false, error.cause),
    }
}

/// What holds commands here: the machine's means, and one row for each gap.
fn sandbox_rows(held: &Held) -> Vec<ItemRow> {
    let can = sandbox::capabilities();
    match held.hold.enforced() {
        Err(why) => vec![row("sandbox", false, why)],
        Ok(None) => vec![row("sandbox", false, format!("off by [sandbox] mode; the machine has {can}"))],
        Ok(Some(enforced)) => {
            let gaps: Vec<&str> = enforced.gaps().collect();
            let strict = if held.hold.holding() == Holding::Strict { "strict; " } else { "" };
            let mut rows = vec![row("sandbox", gaps.is_empty(), format!("{strict}{can}"))];
            rows.extend(gaps.iter().map(|gap| row("sandbox", false, format!("not held: {gap}"))));
            rows.extend(
                enforced.shut.iter().map(|shut| row("sandbox", true, format!("shut though granted: {shut}"))),
            );
            rows
        }
    }
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
