//! `waypost trust`: shows what of this repository would steer the agent or run, what changed since it was trusted, and grants it as
//! it is now.

use std::collections::BTreeSet;

use vcs::Side;

use crate::cli::Trust;
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::events::ItemRow;
use crate::exit::Exit;
use crate::face::Screen;
use crate::repository::{self, Item};
use crate::steering;
use crate::term::{one_line, text_line};
use crate::trust::{TrustStore, Trusted};
use crate::workspace::Workspace;
use crate::world::World;
use crate::{hook_scripts, hooks_here, mcp_servers};

/// How many lines of one difference are shown.
const LINES_MAX: usize = 200;

/// Shows, grants or withdraws.
pub(crate) async fn run(world: &World, screen: &Screen, trust: &Trust) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let mut store = TrustStore::open(&world.state)?;
    let items = items(world, &Config::read(&world.config)?, &workspace)?;
    // As they read from where the person is, like any path that they type.
    let names: Vec<String> = trust.names.iter().map(|name| workspace.typed_anywhere(name)).collect();
    let chosen = chosen(&items, &names)?;
    if trust.remove {
        let kept: Vec<&Item> = if trust.names.is_empty() {
            Vec::new()
        } else {
            let trusted = store.of(&workspace.root);
            items.iter().filter(|item| trusted.has(item) && !is_chosen(&chosen, item)).collect()
        };
        store.set(&workspace.root, &kept)?;
        return show(screen, &items, &store.of(&workspace.root)).map(|_| Exit::Done);
    }
    if trust.yes {
        grant(&mut store, &workspace, &items, &chosen)?;
        let open = show(screen, &chosen, &store.of(&workspace.root))?;
        return if open == 0 { Ok(Exit::Done) } else { Err(never()) };
    }
    let trusted = store.of(&workspace.root);
    let open = show(screen, &chosen, &trusted)?;
    if open == 0 {
        return Ok(Exit::Done);
    }
    if !screen.json() {
        let changed = chosen.iter().filter(|item| !trusted.has(item) && trusted.knew(&item.name));
        for item in changed {
            difference(screen, &store, &trusted, item);
        }
    }
    let grantable = chosen.iter().any(|item| !trusted.has(item) && item.bytes.is_ok());
    if grantable && screen.confirm("trust all of these, as they are now?").await == Some(true) {
        grant(&mut store, &workspace, &items, &chosen)?;
        return Ok(Exit::Done);
    }
    Err(Error::needs_answer("some files would steer the agent or run, and are not trusted as they are now")
        .hint("read them, then: waypost trust --yes (or name those that you mean)"))
}

/// Everything here that would steer or run, in the root and in all packages, with the scripts that it starts.
pub(super) fn items(world: &World, config: &Config, workspace: &Workspace) -> Outcome<Vec<Item>> {
    let mut items = repository::items_everywhere(&workspace.root);
    // Packages that are worked in although git ignores them, or that are hidden.
    let known: BTreeSet<String> = items.iter().map(|item| item.name.clone()).collect();
    let here = repository::items_here(workspace).into_iter();
    items.extend(here.filter(|item| !known.contains(&item.name)));
    items.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    let asked = steering::asked(&config.steering)?;
    items.extend(repository::asked_for(&workspace.root, &asked));
    let everywhere = workspace.everywhere();
    let loaded = hooks_here::load(world, &everywhere)?;
    let of_hooks = loaded.hooks.into_iter().flat_map(|here| here.scripts);
    let of_servers = mcp_servers::scripts(world, config, &everywhere);
    let scripts = hook_scripts::items(&workspace.root, of_hooks.chain(of_servers), &items);
    items.extend(scripts);
    Ok(items)
}

/// Adds the chosen items to what is trusted already as it is now.
fn grant(store: &mut TrustStore, workspace: &Workspace, items: &[Item], chosen: &[&Item]) -> Outcome<()> {
    let trusted = store.of(&workspace.root);
    let all: Vec<&Item> = items.iter().filter(|item| trusted.has(item) || is_chosen(chosen, item)).collect();
    store.set(&workspace.root, &all)
}

fn is_chosen(chosen: &[&Item], item: &Item) -> bool {
    chosen.iter().any(|one| one.name == item.name)
}

/// The items that the names mean: a file, or a folder with what is in it.
fn chosen<'i>(items: &'i [Item], names: &[String]) -> Outcome<Vec<&'i Item>> {
    if names.is_empty() {
        return Ok(items.iter().collect());
    }
    let mut chosen: Vec<&Item> = Vec::new();
    for name in names {
        let name = name.trim_start_matches("./").trim_end_matches('/');
        let below = format!("{name}/");
        let mut meant =
            items.iter().filter(|item| item.name == name || item.name.starts_with(&below)).peekable();
        if meant.peek().is_none() {
            return Err(Error::usage(format!("`{name}` neither steers nor runs here"))
                .hint("`waypost trust` lists what does, by the names that it takes"));
        }
        chosen.extend(meant);
    }
    Ok(chosen)
}

/// Lists the items. How many are not trusted as they are now.
fn show<T: AsRef<Item>>(screen: &Screen, items: &[T], trusted: &Trusted) -> Outcome<usize> {
    let rows: Vec<ItemRow> = items
        .iter()
        .map(|item| {
            let item = item.as_ref();
            let ok = trusted.has(item);
            let state = match (&item.bytes, ok, trusted.knew(&item.name)) {
                (Err(why), ..) => format!("never trusted: {why}"),
                (_, true, _) => "trusted as it is now".to_string(),
                (_, false, true) => "changed since it was trusted".to_string(),
                (_, false, false) => "not trusted".to_string(),
            };
            let digest = item.digest().map_or(String::new(), |digest| format!(" ({})", digest.short()));
            ItemRow { name: item.name.clone(), ok, detail: format!("{state}{digest}; {}", item.kind.name()) }
        })
        .collect();
    screen.document(&rows, |rows| {
        let lines: Vec<String> =
            rows.iter().map(|row| format!("{:<48} {}", one_line(&row.name), one_line(&row.detail))).collect();
        if lines.is_empty() {
            "nothing in this repository steers the agent or runs".to_string()
        } else {
            lines.join("\n")
        }
    });
    Ok(rows.iter().filter(|row| !row.ok).count())
}

/// What changed since the item was trusted.
fn difference(screen: &Screen, store: &TrustStore, trusted: &Trusted, item: &Item) {
    let Ok(now) = &item.bytes else { return };
    let Some(before) = store.before(trusted, &item.name) else { return };
    let mut lines = vec![format!("\n{}", one_line(&item.name))];
    match vcs::compare(&before, now) {
        None => lines.push("  not text; it differs".to_string()),
        Some(compared) => {
            let changed = compared.hunks.iter().flat_map(|hunk| &hunk.lines);
            lines.extend(changed.map(|line| {
                let sign = match line.side {
                    Side::Before => '-',
                    Side::After => '+',
                    Side::Both => ' ',
                };
                format!("  {sign} {}", text_line(&line.text))
            }));
        }
    }
    let cut = lines.len().saturating_sub(LINES_MAX);
    lines.truncate(LINES_MAX);
    if cut > 0 {
        lines.push(format!("  [{cut} more lines; read the file]"));
    }
    screen.term.line(&lines.join("\n"));
}

fn never() -> Error {
    Error::needs_answer("some of these can never be trusted: links, and files that nobody could read")
        .hint("replace them by files of at most 1 MiB, or leave them out")
}
