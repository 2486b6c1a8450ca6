//! `waypost hooks watch`: runs hooks when people change files, until it is stopped. How files are watched is `watch`'s, how hooks run
//! is the same as in a session.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;
use std::time::Duration;

use agent::{Happens, How, Inbound, Touched};
use conversation::Outcome as Ending;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use roster::paths::package_of;
use tokio::sync::mpsc;
use watch::{Batch, Interest, Kind, Next, Settings, Watcher};

use crate::attending::Attending;
use crate::calls_in_work::{CallsInWork, Daemon, state_of};
use crate::cli::HooksWatch;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::hooking::Hooking;
use crate::house::House;
use crate::models::{self, Role};
use crate::repository;
use crate::subagents::Crew;
use crate::term::{Style, counted, glimpse, one_line};
use crate::toolbox;
use crate::world::{self, World};

/// How long a batch waits for the calls of sessions that are in work, in steps.
const CALLS_WAIT: Duration = Duration::from_secs(60);
const CALLS_STEP: Duration = Duration::from_millis(20);
/// After how long without a change the daemon rests. Longer than the first look at all files takes.
const REST_AFTER: Duration = Duration::from_secs(5);
/// How long the thread that waits for changes waits at once.
const QUIET: Duration = Duration::from_millis(500);
/// Batches that wait while hooks run; what comes beyond is put together by the watch.
const BATCHES_MAX: usize = 16;
/// Rows of the live table.
const ROWS_MAX: usize = 20;
/// Files of which it is remembered what hooks and sessions left in them.
const LEFT_MAX: usize = 100_000;

/// Watches.
pub(crate) async fn run(world: World, screen: Arc<Screen>, flags: HooksWatch) -> Outcome<Exit> {
    let mut house = House::open(world, screen)?;
    let model = models::for_hooks(&house.world, &house.config, flags.flags.model.as_deref(), Role::Execute)?;
    let mut gate = house.gate(&flags.flags, &[])?;
    let (crew, told) = toolbox::of_hooks(&house.common, &model, &mut gate)?;
    let crew = crew.answering_with(flags.flags.model.is_some());
    told.iter().for_each(|told| house.screen.notice(told));
    let calls = CallsInWork::new(house.store.directory());
    // Before trust and settings are read: what is said after that is news.
    let mut words = Words::now(&house.world);
    let hooking = Hooking::here(&crew, None)?;
    // A hook that ran too often waits with its files: none is lost, and the last state is seen.
    hooking.let_wait();
    let mut attending = Attending::open(&crew, hooking, gate, u32::MAX)?;
    let mut daemon = calls.hold().map_err(|why| Error::failed(why).hint("stop it first"))?;
    let watcher = Watcher::start(&house.workspace.root, interest(&house, &attending), Settings::default())
        .map_err(|error| Error::failed(error).hint("waypost doctor says what is missing here"))?;
    let watcher = Arc::new(watcher);
    // At the beginning, so that the first change does not wait for a look at every file.
    house.checkpoints.warm();
    warm(&house, &attending);
    let mut batches = batches(&watcher);
    tell(&house, &attending, &watcher);
    table(&house, &attending, &watcher);
    let mut left = HashMap::new();
    let (mut handled, mut rests) = (0, false);
    let outcome = loop {
        let batch = {
            let waits = attending.hooking.next_due_ms();
            let limit = match waits {
                Some(at) => Duration::from_millis(at.saturating_sub(world::now_ms())),
                None if rests => Duration::MAX,
                None => REST_AFTER,
            };
            let next = Box::pin(tokio::time::timeout(limit, batches.recv()));
            match select(next, house.live.next()).await {
                Either::Left((Ok(Some(batch)), _)) => Some(batch),
                Either::Left((Ok(None), _)) => break Ending::Failed,
                Either::Left((Err(_), _)) if waits.is_some() => None,
                Either::Left((Err(_), _)) => {
                    // Servers that agents of hooks started are started again when one needs them.
                    crew.end().await;
                    sandbox::rest();
                    rests = true;
                    continue;
                }
                Either::Right((Some(Inbound::Words(_)), _)) => continue,
                Either::Right(_) => break Ending::Interrupted,
            }
        };
        rests = false;
        // Looked at when something happens, and not in between: a daemon that idles does nothing.
        let spoken = Words::now(&house.world);
        let has_spoken = std::mem::replace(&mut words, spoken) != words;
        let packages = &house.workspace.packages;
        let brings = batch
            .as_ref()
            .is_some_and(|batch| batch.moments.iter().any(|it| brings_hooks(packages, &it.path)));
        if has_spoken || brings {
            let why = if brings { "" } else { ", because trust or settings changed" };
            read_again(&house, &crew, &mut attending, &watcher, why);
        }
        let Some(batch) = batch.map(|batch| together(batch, &mut batches)) else {
            if stopped(&attend(&mut house, &mut attending, &[]).await?) {
                break Ending::Interrupted;
            }
            remember(&house, &attending, &mut left);
            warm(&house, &attending);
            table(&house, &attending, &watcher);
            continue;
        };
        batch.notes.iter().for_each(|note| house.screen.notice(&note.to_string()));
        wait_for_calls(&daemon).await;
        daemon.told(&mut left);
        let changes = changes(&house, &batch, &mut left);
        if !changes.is_empty() {
            if stopped(&attend(&mut house, &mut attending, &changes).await?) {
                break Ending::Interrupted;
            }
            remember(&house, &attending, &mut left);
            warm(&house, &attending);
        }
        handled += 1;
        table(&house, &attending, &watcher);
        if flags.batches.is_some_and(|most| handled >= most) {
            break Ending::Done;
        }
    };
    crew.end().await;
    attending.close(outcome, "")?;
    house.screen.term.end_line();
    Ok(if outcome == Ending::Failed { Exit::Failed } else { Exit::Done })
}

/// The files in which the person says which hooks may run and what each may do, as far as it can be seen that they changed.
#[derive(PartialEq, Eq)]
struct Words([Option<(u64, u64, i64, i64)>; 2]);

impl Words {
    #[expect(clippy::disallowed_methods, reason = "the times of two files of the person")]
    fn now(world: &World) -> Words {
        let seen = |path: std::path::PathBuf| {
            let file = path.metadata().ok()?;
            Some((file.ino(), file.size(), file.ctime(), file.ctime_nsec()))
        };
        Words([seen(world.state.join("trust.json")), seen(world.config.join("config.toml"))])
    }
}

/// Reads the hooks again. Where that cannot be done none runs, and the same files are waited for, until it can.
fn read_again(house: &House, crew: &Crew, attending: &mut Attending, watcher: &Watcher, why: &str) {
    match Hooking::here(crew, None) {
        Ok(hooking) => {
            attending.hooking.go_on_as(hooking);
            watcher.set_interest(interest(house, attending));
            let files = attending.hooking.hooks().iter().filter(|hook| hook.trigger.is_file()).count();
            let wait = if files == 1 { "waits" } else { "wait" };
            let text = format!(
                "the hooks were read again{why}: {} {wait} for files",
                counted(files, "hook", "hooks")
            );
            house.screen.progress(Style::Dim, &text);
        }
        Err(error) => {
            attending.hooking.go_on_as(Hooking::none(crew));
            house.screen.notice(&format!(
                "the hooks could not be read again, and none runs until they can: {}",
                error.cause
            ));
        }
    }
}

/// Runs the hooks of these changes, and those that wait and may run now.
async fn attend(
    house: &mut House,
    attending: &mut Attending,
    changes: &[Touched],
) -> Outcome<Option<String>> {
    let screen = Arc::clone(&house.screen);
    attending.at(Happens::Changed { changes }, &mut house.live, screen.as_ref()).await
}

/// Looks at what the rules close while nobody waits for it: at the beginning, and after hooks, whose sandbox and whose writing
/// change folders.
fn warm(house: &House, attending: &Attending) {
    let (common, policy) = (Arc::clone(&house.common), attending.policy());
    std::thread::spawn(move || common.held.hold.warm(&policy));
}

/// Whether the person stopped a hook: that ends the daemon.
fn stopped(came: &Option<String>) -> bool {
    came.as_deref() == Some(agent::STOPPED)
}

/// A batch with those that came while hooks ran: they become one run.
fn together(mut batch: Box<Batch>, batches: &mut mpsc::Receiver<Box<Batch>>) -> Box<Batch> {
    while let Ok(more) = batches.try_recv() {
        batch.absorb(*more);
    }
    batch
}

/// The files that matter: those that a hook waits for, and those that bring hooks.
fn interest(house: &House, attending: &Attending) -> Interest {
    let hooks = attending.hooking.paths();
    let packages = house.workspace.packages.clone();
    let places: Vec<String> = packages.iter().map(|package| format!("{package}/.kiro")).collect();
    let files = Interest::files(move |path| brings_hooks(&packages, path) || hooks.matter(path));
    places.iter().fold(files.also(".kiro"), |files, place| files.also(place))
}

/// Whether hooks stand in a file: of the root, or of a package that is worked in.
fn brings_hooks(packages: &[String], path: &str) -> bool {
    let is_here = |package: &str| package.is_empty() || packages.iter().any(|here| here == package);
    let below = repository::below_kiro(path).filter(|_| is_here(package_of(path)));
    let is_in =
        |below: &str| ["hooks/", "settings/hooks", "agents/"].iter().any(|folder| below.starts_with(folder));
    below.is_some_and(is_in) || path.starts_with(".agents/plugins/")
}

/// Batches as they come, from a thread: the watch waits in its own way.
fn batches(watcher: &Arc<Watcher>) -> mpsc::Receiver<Box<Batch>> {
    let (sender, receiver) = mpsc::channel(BATCHES_MAX);
    let watcher = Arc::clone(watcher);
    std::thread::spawn(move || {
        loop {
            match watcher.next(QUIET) {
                Next::Batch(batch) => {
                    if sender.blocking_send(batch).is_err() {
                        return;
                    }
                }
                Next::Quiet if sender.is_closed() => return,
                Next::Quiet => {}
                Next::Ended => return,
            }
        }
    });
    receiver
}

/// Until no session has a call in work: only then is it known what the agent changed.
async fn wait_for_calls(daemon: &Daemon) {
    let mut waited = Duration::ZERO;
    while waited < CALLS_WAIT && daemon.has_calls() {
        tokio::time::sleep(CALLS_STEP).await;
        waited += CALLS_STEP;
    }
}

/// What people changed: without what hooks and sessions left as it is now.
fn changes(house: &House, batch: &Batch, left: &mut HashMap<String, u64>) -> Vec<Touched> {
    let mut changes = Vec::new();
    let root = &house.workspace.root;
    let mut add = |path: &str, how| {
        let is_left = left.get(path).is_some_and(|state| *state == state_of(&root.join(path)));
        if !is_left {
            left.remove(path);
            changes.push(Touched { path: path.to_string(), how });
        }
    };
    for moment in &batch.moments {
        match &moment.kind {
            Kind::Created => add(&moment.path, How::Created),
            Kind::Saved => add(&moment.path, How::Saved),
            Kind::Deleted => add(&moment.path, How::Deleted),
            Kind::Renamed { from } => {
                add(from, How::Deleted);
                add(&moment.path, How::Created);
            }
        }
    }
    changes
}

/// Keeps in mind what hooks left in the files that they changed: the watch tells of them, too.
fn remember(house: &House, attending: &Attending, left: &mut HashMap<String, u64>) {
    if left.len() > LEFT_MAX {
        left.clear();
    }
    for path in attending.hooking.take_touched() {
        let state = state_of(&house.workspace.root.join(&path));
        left.insert(path, state);
    }
}

fn tell(house: &House, attending: &Attending, watcher: &Watcher) {
    let hooks = attending.hooking.hooks();
    let files: Vec<&hooks::Hook> = hooks.iter().filter(|hook| hook.trigger.is_file()).collect();
    let text = format!("{}, session {}; Ctrl-C ends", standing(attending, watcher), attending.id());
    house.screen.progress(Style::Bold, &text);
    if house.screen.json() {
        // Whoever reads the stream knows from here that no change is missed.
        house.screen.notice(&text);
    }
    for hook in &files {
        let what = hook.command().map_or("asks its agent".to_string(), |line| format!("$ {line}"));
        house.screen.progress(
            Style::Dim,
            &format!("  {}  {}  {}  {what}", hook.name, hook.trigger.name(), hook.matcher.shown()),
        );
    }
    if files.is_empty() {
        house.screen.notice("no hook that may run waits for files; waypost hooks list shows why");
    }
}

/// The live table: each hook that waits for files, and the whole.
fn table(house: &House, attending: &Attending, watcher: &Watcher) {
    if house.screen.json() {
        return;
    }
    let mut rows: Vec<String> =
        attending.hooking.rows().iter().take(ROWS_MAX).map(|row| one_line(row)).collect();
    rows.push(glimpse(&standing(attending, watcher), 78));
    house.screen.term.table(&rows);
}

fn standing(attending: &Attending, watcher: &Watcher) -> String {
    let standing = watcher.standing();
    let (runs, cost) = attending.hooking.sums();
    format!(
        "watching {} in {}, {}, ${cost:.4}",
        counted(standing.files, "file", "files"),
        counted(standing.directories, "directory", "directories"),
        counted(runs, "run", "runs"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_bring_hooks() {
        let check = |path: &str, expected: bool| {
            assert_eq!(brings_hooks(&["packages/x".to_string()], path), expected, "{path}");
        };
        check(".kiro/hooks/a.json", true);
        check(".kiro/settings/hooks.yaml", true);
        check(".agents/plugins/p/hooks/hooks.json", true);
        check("packages/x/.kiro/hooks/a.json", true);
        check("packages/x/.kiro/agents/a.md", true);
        check("packages/x/.kiro/specs/a/tasks.md", false);
        check("packages/y/.kiro/hooks/a.json", false);
        check("packages/x/dev.kiro/hooks/a.json", false);
        check("src/hooks/a.json", false);
    }
}
