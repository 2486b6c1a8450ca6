//! Keeps the workspace's files around calls and around what Waypost writes itself: checkpoint, trash, record. How a
//! checkpoint is taken is `vcs`'s business; what is done with them afterwards lives in the commands.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent::{Doing, How, Keeper, Touched};
use conversation::{Checkpointed, Event, Later, Moment, Purpose};
use policy::{Capability, Origin, Request, SimpleCommand, Target, Understood};
use vcs::{Cause, Checkpoint, Snapshot, SnapshotError, Snapshots, TrashBounds, Wrote};

use crate::calls_in_work::CallsInWork;
use crate::deletions;
use crate::error::Outcome;
use crate::face::Screen;
use crate::term::glimpse;

/// How many left-out files a record names.
const NAMED_MAX: usize = 20;
/// How long after the beginning of a session the files are looked at.
const WARM_AFTER: Duration = Duration::from_millis(50);
/// How many characters of a call say what it was.
const WHAT_CHARS: usize = 400;

/// Keeps files around the calls of sessions.
#[derive(Clone)]
pub(crate) struct Checkpoints {
    snapshots: Arc<Snapshots>,
    screen: Arc<Screen>,
    workspace: Arc<Path>,
    /// The checkpoints of calls that run, by session and call.
    open: Arc<Mutex<BTreeMap<(String, String), u64>>>,
    calls: CallsInWork,
}

/// A call as its own, to be handed to a thread.
struct Job {
    cause: Cause,
    call: String,
    /// Files that the call writes itself; absolute.
    written: Vec<PathBuf>,
    /// Command lines that it runs.
    lines: Vec<String>,
    wrote: Wrote,
    /// Whether it is the command of a hook, which a person trusted.
    is_hook: bool,
}

impl Checkpoints {
    /// For the sessions of one process in one workspace.
    pub(crate) fn new(
        snapshots: Arc<Snapshots>,
        screen: Arc<Screen>,
        workspace: &Path,
        calls: CallsInWork,
    ) -> Checkpoints {
        Checkpoints { snapshots, screen, workspace: workspace.into(), open: Arc::default(), calls }
    }

    /// Looks at every file on a thread of its own, so that the first call need not wait for that.
    pub(crate) fn warm(&self) {
        let snapshots = Arc::clone(&self.snapshots);
        let warm = move || {
            // The request to the model goes out first; its answer takes longer than this.
            std::thread::sleep(WARM_AFTER);
            snapshots.warm()
        };
        // A failure is told by the first call, which must not begin then.
        std::thread::spawn(warm);
    }

    /// The files that differ around the calls of a session that is over.
    pub(crate) fn changed_by(&self, session: &str) -> Result<Vec<String>, SnapshotError> {
        let mut changed = Vec::new();
        for checkpoint in self.snapshots.checkpoints()? {
            if let Some((after, _)) = checkpoint.after.filter(|_| checkpoint.cause.session == session) {
                let paths = self.snapshots.changed(&checkpoint.before, &after)?;
                changed.extend(paths.into_iter().map(|(path, _, _)| path));
            }
        }
        Ok(changed)
    }

    fn begin(&self, job: &Job) -> Result<Checkpointed, SnapshotError> {
        self.calls.begins(&job.call);
        let begun = self.snapshots.before(&job.cause)?;
        let mut paths = job.written.clone();
        let mut not_kept = Vec::new();
        for line in job.lines.iter().filter(|line| !only_reads(line)) {
            let doomed = deletions::doomed(line, &self.workspace);
            paths.extend(doomed.paths);
            let unknown =
                "what it names is only known when it runs: ignored files there are not in the trash";
            not_kept.extend(doomed.unknown.into_iter().map(|word| (word, unknown.to_string())));
        }
        if !paths.is_empty() {
            let trash = self.snapshots.trash(&job.cause.session);
            let bounds = TrashBounds::default();
            let dropped = trash.keep(&job.call, &begun.snapshot.tree, &paths, bounds)?;
            let shown = |path: &Path| path.to_string_lossy().into_owned();
            not_kept
                .extend(dropped.not_kept.iter().map(|(path, why)| (shown(path), why.words().to_string())));
        }
        if let Some((path, why)) = not_kept.first() {
            let more = match not_kept.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            self.screen
                .notice(&format!("could not be brought back if this removes it: `{path}` ({why}){more}"));
        }
        let key = (job.cause.session.clone(), job.call.clone());
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key, begun.number);
        let mut checkpoint = checkpointed(Moment::Before, Some(&job.call), begun.number, &begun.snapshot);
        checkpoint.left_out.extend(not_kept.into_iter().take(NAMED_MAX));
        Ok(checkpoint)
    }

    fn end(&self, job: &Job) -> Result<Option<Checkpointed>, SnapshotError> {
        let key = (job.cause.session.clone(), job.call.clone());
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        let number = match open {
            Some(number) => Some(number),
            // Of a process that is gone, which may have kept the files and died before that was on record.
            None => match self.snapshots.of_call(&job.cause.session, &job.call)? {
                Some(Checkpoint { number, after: Some((tree, _)), .. }) => {
                    let (moment, call) = (Moment::After, Some(job.call.clone()));
                    let (undone, left_out) = (Vec::new(), Vec::new());
                    return Ok(Some(Checkpointed { number, moment, call, tree, undone, left_out }));
                }
                found => found.map(|checkpoint| checkpoint.number),
            },
        };
        let Some(number) = number else { return Ok(None) };
        let snapshot = match job.is_hook {
            true => self.snapshots.after_trusted(number, &job.wrote)?,
            false => self.snapshots.after(number, &job.wrote)?,
        };
        if self.calls.is_heard() {
            let before = self.snapshots.checkpoint(number)?.before;
            let changed = self.snapshots.changed(&before, &snapshot.tree)?;
            let paths: Vec<String> = changed.into_iter().map(|(path, _, _)| path).collect();
            self.calls.ended(&job.call, &self.workspace, &paths);
        }
        self.snapshots.trash(&job.cause.session).forget_unchanged(&job.call)?;
        Ok(Some(checkpointed(Moment::After, Some(&job.call), number, &snapshot)))
    }

    async fn on_a_thread<T: Send + 'static>(
        &self,
        job: Job,
        work: impl FnOnce(&Checkpoints, &Job) -> Result<T, SnapshotError> + Send + 'static,
    ) -> Result<T, String> {
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&this, &job)).await;
        done.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}

impl Keeper for Checkpoints {
    fn before<'a>(&'a self, doing: &'a Doing<'a>) -> Later<'a, Result<Checkpointed, String>> {
        let job = Job::of(doing, &self.workspace);
        Box::pin(self.on_a_thread(job, |this, job| this.begin(job)))
    }

    fn after<'a>(&'a self, doing: &'a Doing<'a>) -> Later<'a, Result<Option<Checkpointed>, String>> {
        let job = Job::of(doing, &self.workspace);
        Box::pin(self.on_a_thread(job, |this, job| this.end(job)))
    }

    fn changed<'a>(&'a self, before: &'a str, after: &'a str) -> Later<'a, Result<Vec<Touched>, String>> {
        let (snapshots, before, after) = (Arc::clone(&self.snapshots), before.to_string(), after.to_string());
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || snapshots.changed(&before, &after)).await;
            let changed = done.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
            let touched = |(path, was, is): (String, bool, bool)| {
                let how = match (was, is) {
                    (false, _) => How::Created,
                    (true, true) => How::Saved,
                    (true, false) => How::Deleted,
                };
                Touched { path, how }
            };
            Ok(changed.into_iter().map(touched).collect())
        })
    }
}

impl Job {
    fn of(doing: &Doing<'_>, workspace: &Path) -> Job {
        let is_writing = |request: &&Request| request.capability == Capability::FsWrite;
        let mut written = Vec::new();
        let mut owned = Vec::new();
        let mut lines = Vec::new();
        let mut is_only_files = true;
        let is_hook = doing
            .requests
            .iter()
            .all(|request| request.origin == Origin::Hook && request.capability == Capability::Shell);
        for request in doing.requests {
            match (&request.target, request.capability) {
                (Target::Path(place), Capability::FsWrite) => {
                    if let Ok(relative) = place.absolute().strip_prefix(workspace) {
                        written.push(place.absolute().to_path_buf());
                        owned.push(relative.to_path_buf());
                    }
                }
                (Target::Command(line), _) => lines.push(line.clone()),
                _ => {}
            }
            is_only_files &= is_writing(&request) || !agent::may_change_files(std::slice::from_ref(request));
        }
        let wrote = if is_only_files { Wrote::Paths(owned) } else { Wrote::Anything };
        let task = match doing.purpose {
            Some(Purpose::Task { spec, task }) => Some(task_name(spec, task)),
            _ => None,
        };
        let named = match (lines.first(), doing.requests.iter().find(is_writing)) {
            (Some(line), _) => line.clone(),
            (None, Some(request)) => format!("{} {}", doing.call.tool, request.target.shown()),
            (None, None) => doing.call.tool.clone(),
        };
        let cause = Cause {
            session: doing.session.to_string(),
            task,
            call: Some(doing.call.id.clone()),
            what: glimpse(&named, WHAT_CHARS),
        };
        Job { cause, call: doing.call.id.clone(), written, lines, wrote, is_hook }
    }
}

/// A task as the causes of checkpoints name it.
pub(crate) fn task_name(spec: &str, task: &str) -> String {
    format!("{spec}#{task}")
}

/// Keeps the files before Waypost writes some itself; gives the checkpoint's number and the event for the record.
pub(crate) fn before(snapshots: &Snapshots, cause: &Cause) -> Outcome<(u64, Event)> {
    let begun = snapshots.before(cause)?;
    let checkpoint = checkpointed(Moment::Before, None, begun.number, &begun.snapshot);
    Ok((begun.number, Event::Checkpointed(checkpoint)))
}

/// Keeps what was written since.
pub(crate) fn after(snapshots: &Snapshots, number: u64, wrote: &Wrote) -> Outcome<Event> {
    let snapshot = snapshots.after(number, wrote)?;
    Ok(Event::Checkpointed(checkpointed(Moment::After, None, number, &snapshot)))
}

fn checkpointed(moment: Moment, call: Option<&str>, number: u64, snapshot: &Snapshot) -> Checkpointed {
    let left_out = snapshot.left_out.iter().take(NAMED_MAX);
    Checkpointed {
        number,
        moment,
        call: call.map(str::to_string),
        tree: snapshot.tree.clone(),
        undone: Vec::new(),
        left_out: left_out.map(|(path, why)| (path.clone(), why.words().to_string())).collect(),
    }
}

/// Whether a command line is understood to change nothing at all.
fn only_reads(line: &str) -> bool {
    match policy::understand(line) {
        Understood::Commands(parts) => parts.iter().all(SimpleCommand::reads_only),
        Understood::Unclear(_) => false,
    }
}
