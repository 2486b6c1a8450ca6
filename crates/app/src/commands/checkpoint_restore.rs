//! `waypost checkpoint restore`: takes back what calls changed, in files, conversation or both. What is merged and what
//! is kept is `vcs`'s to say; here is chosen what to take back, and put on record that it was.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use conversation::{Checkpointed, Event, Journal, Moment};
use ledger::{Store, Stored, Writer};
use vcs::{Action, Cause, Checkpoint, Kept, Plan, Restored, Snapshots, Undo};

use crate::cli;
use crate::commands::checkpoint_rows::{CheckpointRestore, KeptRow, RestoredRow, RewoundRow};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::term::{Style, Term, one_line};
use crate::workspace::{Workspace, resolved};
use crate::world::World;

/// How many files are named in words, and to the model.
const NAMED_MAX: usize = 200;
/// How many kept files a record names.
const RECORDED_MAX: usize = 100;
/// How many files a model is told of by name.
const TOLD_MAX: usize = 20;

/// Restores.
pub(crate) fn run(world: &World, screen: &Screen, flags: &cli::CheckpointRestore) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let store = house::open_store(world, &workspace)?;
    let snapshots = house::snapshots(&store, &workspace)?;
    if flags.finish {
        return finish(&snapshots, screen);
    }
    let chosen = chosen(&store, &snapshots, flags)?;
    let sessions = store.list_sessions()?;
    // What a restore writes would count as the running call's.
    if let Some(running) = sessions.iter().find(|session| session.in_use && !flags.dry_run) {
        return Err(Error::failed(format!("session {} is working in this workspace", running.id))
            .hint("stop it or wait for its end; --dry-run shows what a restore would do"));
    }
    let conversations = match flags.conversation || flags.both {
        true => conversations(&store, &chosen)?,
        false => Vec::new(),
    };
    if (flags.conversation || flags.both) && conversations.is_empty() {
        return Err(Error::usage("none of these checkpoints belongs to a conversation")
            .hint("take back the files alone: leave --conversation and --both out"));
    }
    let mut shown = CheckpointRestore {
        checkpoints: chosen.iter().map(|checkpoint| checkpoint.number).collect(),
        conversations,
        ..CheckpointRestore::default()
    };
    let plan = match flags.conversation {
        true => None,
        false => Some(snapshots.plan(&Undo {
            checkpoints: shown.checkpoints.clone(),
            paths: paths(world, &workspace, &flags.path)?,
            unended: flags.unended,
        })?),
    };
    let drops = if flags.conversation { Vec::new() } else { drops(&snapshots, &chosen, &flags.path)? };
    if let Some(plan) = &plan {
        shown.files = plan.steps.iter().map(|step| restored_row(&step.path, step.action)).collect();
        shown.kept = plan.kept.iter().map(kept_row).collect();
        shown.from_trash = drops.iter().flat_map(|drop| drop.paths.iter().cloned()).collect();
    }
    let is_something = !shown.files.is_empty() || !drops.is_empty() || !shown.conversations.is_empty();
    if !flags.dry_run && is_something {
        carry_out(screen, &store, &snapshots, &chosen, plan.as_ref(), &drops, &mut shown)?;
    }
    screen.document(&shown, |shown| words(&screen.term, shown, flags.dry_run));
    Ok(Exit::Done)
}

/// What to take back, oldest first.
fn chosen(store: &Store, snapshots: &Snapshots, flags: &cli::CheckpointRestore) -> Outcome<Vec<Checkpoint>> {
    let is_conversation = flags.conversation || flags.both;
    let numbers = match (flags.number, flags.since, &flags.task, &flags.session) {
        // A conversation that forgets a call forgets what came after it, so those files go with it.
        (Some(number), ..) if is_conversation => snapshots.since(number)?,
        (Some(number), ..) => vec![snapshots.checkpoint(number)?.number],
        (_, Some(number), ..) => snapshots.since(number)?,
        (_, _, Some(task), _) => snapshots.of_task(task)?,
        (_, _, _, Some(session)) => snapshots.of_session(&store.find(session)?)?,
        _ => Vec::new(),
    };
    let mut chosen = Vec::new();
    for number in numbers {
        chosen.push(snapshots.checkpoint(number)?);
    }
    if chosen.is_empty() {
        return Err(Error::usage("there is no checkpoint of that which could be taken back")
            .hint("see what there is: waypost checkpoint list --all"));
    }
    Ok(chosen)
}

/// The sessions among them, each with the first call that goes.
fn conversations(store: &Store, chosen: &[Checkpoint]) -> Outcome<Vec<RewoundRow>> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for checkpoint in chosen {
        if let Some(call) = checkpoint.cause.call.as_deref() {
            first.entry(&checkpoint.cause.session).or_insert(call);
        }
    }
    let mut rows = Vec::new();
    for (session, call) in first {
        let record = store.read(session)?;
        if !agent::can_rewind(record.iter().filter_map(Stored::event), call) {
            return Err(Error::failed(format!(
                "the conversation of session {session} went back before that already"
            ))
            .hint(format!("look at it: waypost session show {session}")));
        }
        rows.push(RewoundRow { session: session.to_string(), call: call.to_string() });
    }
    Ok(rows)
}

/// Something in the trash that a restored call put there.
struct Drop {
    session: String,
    number: u64,
    paths: Vec<String>,
}

fn drops(snapshots: &Snapshots, chosen: &[Checkpoint], only: &[PathBuf]) -> Outcome<Vec<Drop>> {
    let mut drops = Vec::new();
    // The trash is put back whole, so it stays where only a part was asked for.
    for checkpoint in chosen.iter().filter(|_| only.is_empty()) {
        let Some(call) = &checkpoint.cause.call else { continue };
        let session = &checkpoint.cause.session;
        let trash = snapshots.trash(session);
        for drop in trash.list()?.into_iter().filter(|drop| drop.call == *call) {
            if trash.is_missed(drop.number)? {
                let paths = drop.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
                drops.push(Drop { session: session.clone(), number: drop.number, paths });
            }
        }
    }
    Ok(drops)
}

fn carry_out(
    screen: &Screen,
    store: &Store,
    snapshots: &Snapshots,
    chosen: &[Checkpoint],
    plan: Option<&Plan>,
    drops: &[Drop],
    shown: &mut CheckpointRestore,
) -> Outcome<()> {
    // The journals first: who cannot put it on record does not begin.
    let mut journals = journals(store, chosen)?;
    let mut sessions: Vec<&str> = chosen.iter().map(|checkpoint| checkpoint.cause.session.as_str()).collect();
    sessions.dedup();
    let mut event = None;
    if let Some(plan) = plan.filter(|plan| !plan.steps.is_empty()) {
        let session = match sessions.as_slice() {
            [session] => session.to_string(),
            _ => String::new(),
        };
        let numbers: Vec<String> = shown.checkpoints.iter().map(u64::to_string).collect();
        let what = format!("restore {}", numbers.join(" "));
        let restored = snapshots.restore(plan, &Cause { session, what, ..Cause::default() })?;
        take_over(shown, &restored);
        let kept = restored.kept.iter().take(RECORDED_MAX).map(kept_row);
        event = Some(Event::Checkpointed(Checkpointed {
            number: restored.number,
            moment: Moment::Restored,
            call: None,
            tree: restored.tree.clone(),
            undone: shown.checkpoints.clone(),
            left_out: kept.map(|kept| (kept.path, kept.why)).collect(),
        }));
    }
    shown.done = true;
    for drop in drops {
        for (path, why) in snapshots.trash(&drop.session).put_back(drop.number)? {
            let path = path.to_string_lossy().into_owned();
            shown
                .kept
                .push(KeptRow { path, why: format!("{}; what was kept stays in the trash", why.words()) });
        }
    }
    for (session, journal) in &mut journals {
        if let Some(event) = &event {
            journal.append(event)?;
        }
        let rewound = shown.conversations.iter().find(|rewound| rewound.session == *session);
        if let Some(RewoundRow { call, .. }) = rewound {
            journal.append(&Event::Rewound { call: call.clone() })?;
        }
        if let Some(text) = note(screen.person(), shown, rewound.is_some()) {
            journal.append(&Event::Noted { text })?;
        }
        journal.sync()?;
    }
    Ok(())
}

/// The journals of the sessions that are concerned.
fn journals(store: &Store, chosen: &[Checkpoint]) -> Outcome<BTreeMap<String, Writer>> {
    let known = store.list_sessions()?;
    let mut journals = BTreeMap::new();
    for checkpoint in chosen {
        let session = &checkpoint.cause.session;
        let is_known = known.iter().any(|summary| summary.id == *session && summary.problem.is_none());
        if is_known && !journals.contains_key(session) {
            journals.insert(session.clone(), store.open_session(session)?);
        }
    }
    Ok(journals)
}

/// What the model is told when the session goes on.
fn note(person: &str, shown: &CheckpointRestore, is_rewound: bool) -> Option<String> {
    let mut names: Vec<&str> = shown.files.iter().map(|file| file.path.as_str()).take(TOLD_MAX).collect();
    let more = match shown.files.len().saturating_sub(TOLD_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.sort_unstable();
    match (is_rewound, names.is_empty()) {
        (false, true) => None,
        (false, false) => Some(format!(
            "[Waypost: {person} took changes of this session back in {}{more}. Read a file again before you change it.]",
            names.join(", ")
        )),
        (true, false) => Some(format!(
            "[Waypost: {person} went back to this point of the conversation. The files went back with it.]"
        )),
        (true, true) => Some(format!(
            "[Waypost: {person} went back to this point of the conversation. The files are as they are now, with what \
             was done since; look before you change them.]"
        )),
    }
}

fn finish(snapshots: &Snapshots, screen: &Screen) -> Outcome<Exit> {
    let Some(restored) = snapshots.finish_restore()? else {
        return Err(Error::usage("no restore was cut off").hint("see what there is: waypost checkpoint list"));
    };
    let mut shown = CheckpointRestore { done: true, ..CheckpointRestore::default() };
    let rows = restored.changed.iter().map(|path| restored_row(path, Action::Replace));
    shown.files = rows.collect();
    take_over(&mut shown, &restored);
    screen.document(&shown, |shown| words(&screen.term, shown, false));
    Ok(Exit::Done)
}

/// What really happened, which may be less than what was planned.
fn take_over(shown: &mut CheckpointRestore, restored: &Restored) {
    let changed: Vec<String> =
        restored.changed.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    shown.files.retain(|file| changed.contains(&file.path));
    shown.kept = restored.kept.iter().map(kept_row).collect();
    shown.checkpoint = Some(restored.number);
    shown.exact = Some(restored.is_exact);
}

fn restored_row(path: &Path, action: Action) -> RestoredRow {
    let action = match action {
        Action::Create => "create",
        Action::Replace => "replace",
        Action::Merge => "merge",
        Action::Remove => "remove",
    };
    RestoredRow { path: path.to_string_lossy().into_owned(), action: action.to_string() }
}

fn kept_row(kept: &Kept) -> KeptRow {
    KeptRow { path: kept.path.to_string_lossy().into_owned(), why: kept.why.words().to_string() }
}

/// Paths as they were typed, relative to the workspace. A link at the end of one is meant itself.
fn paths(world: &World, workspace: &Workspace, typed: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let here = resolved(&world.directory)?;
    let mut inside = Vec::new();
    for path in typed {
        let mut whole = PathBuf::new();
        for part in here.join(path).components() {
            match part {
                Component::ParentDir => _ = whole.pop(),
                Component::CurDir => {}
                other => whole.push(other),
            }
        }
        let relative = whole.strip_prefix(&workspace.root).map_err(|_| {
            Error::usage(format!("`{}` is not in the workspace", path.display()))
                .hint(format!("name a path below {}", workspace.root.display()))
        })?;
        inside.push(relative.to_path_buf());
    }
    Ok(inside)
}

fn words(term: &Term, shown: &CheckpointRestore, dry_run: bool) -> String {
    let mut lines = Vec::new();
    for file in shown.files.iter().take(NAMED_MAX) {
        lines.push(format!("{:<8} {}", file.action, one_line(&file.path)));
    }
    if shown.files.len() > NAMED_MAX {
        lines.push(format!("… {} more", shown.files.len() - NAMED_MAX));
    }
    for path in &shown.from_trash {
        lines.push(format!("{:<8} {} (from the trash)", "put back", one_line(path)));
    }
    for kept in &shown.kept {
        let head = term.style(Style::Yellow, "kept    ");
        lines.push(format!("{head} {}: {}", one_line(&kept.path), kept.why));
    }
    for rewound in &shown.conversations {
        lines.push(format!(
            "session {} goes back to before call {}",
            one_line(&rewound.session),
            one_line(&rewound.call)
        ));
    }
    lines.push(match (shown.done, dry_run) {
        (false, true) => "nothing was changed (--dry-run)".to_string(),
        (false, false) => "nothing to take back: the files are as they were before".to_string(),
        (true, _) => match shown.checkpoint {
            Some(number) => format!("done; take it back with: waypost checkpoint restore {number}"),
            None => "done".to_string(),
        },
    });
    if shown.exact == Some(false) {
        lines.push("somebody changed files while it ran: not everything is as planned".to_string());
    }
    if let Some(rewound) = shown.conversations.first().filter(|_| shown.done) {
        lines.push(format!("go on with: waypost session resume {}", one_line(&rewound.session)));
    }
    lines.join("\n")
}
