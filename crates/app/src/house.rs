//! What the commands that work in a workspace share: settings, ledger, screen, inbox. Opens things; starts nothing.

use std::ops::Deref;
use std::sync::Arc;

use agent::{Face, Notice};
use conversation::Event;
use ledger::{Store, Stored, Writer};
use plan::{Plan, SpecDocuments, Step};
use policy::{Gate, Mode, Rule, Source};
use spec::DocumentKind;
use vcs::{Retention, Snapshots};

use crate::anchors;
use crate::calls_in_work::CallsInWork;
use crate::checkpoints::Checkpoints;
use crate::cli::SessionFlags;
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::face::Screen;
use crate::input::Live;
use crate::limits::{self, Held};
use crate::rules;
use crate::term::Style;
use crate::workspace::Workspace;
use crate::world::{self, World};
use index::SpecPlace;

/// Everything that a session needs beside its model and its tools.
pub(crate) struct House {
    pub(crate) common: Arc<Common>,
    /// What the person does; of one session at a time.
    pub(crate) live: Live,
}

/// What all sessions of one run of Waypost share, those inside others included.
pub(crate) struct Common {
    pub(crate) world: World,
    pub(crate) config: Config,
    pub(crate) workspace: Workspace,
    pub(crate) store: Store,
    pub(crate) held: Held,
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) screen: Arc<Screen>,
}

impl Deref for House {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.common
    }
}

impl House {
    /// Opens the house around the current directory.
    pub(crate) fn open(world: World, screen: Arc<Screen>) -> Outcome<House> {
        let config = Config::read(&world.config)?;
        let workspace = Workspace::find(&world)?;
        let store = open_store_to_write(&world, &workspace, &config)?;
        let held = Held::new(&world, &config, &workspace)?;
        let snapshots = Arc::new(snapshots(&store, &workspace)?);
        let checkpoints = Checkpoints::new(
            Arc::clone(&snapshots),
            Arc::clone(&screen),
            &workspace.root,
            CallsInWork::new(store.directory()),
        );
        let live = Live::listen(&screen.lines, screen.interactive())
            .map_err(|error| Error::failed(format!("signals cannot be listened to: {error}")))?;
        let common = Common { world, config, workspace, store, held, snapshots, checkpoints, screen };
        Ok(House { common: Arc::new(common), live })
    }
}

impl House {
    /// Goes on in this folder of the workspace, from the root with `/`: what its packages bring counts from now on. For before
    /// anything works in the house.
    ///
    /// # Errors
    /// The folder is gone, or of another workspace now.
    pub(crate) fn work_in(&mut self, folder: &str) -> Outcome<()> {
        if self.workspace.here == folder {
            return Ok(());
        }
        let root = self.workspace.root.clone();
        let gone = || {
            Error::failed(format!("the work was begun in `{folder}`, which is not there any more"))
                .hint("make the folder again, or begin anew where you are")
        };
        let mut world = self.world.clone();
        world.directory = root.join(folder);
        // What leads elsewhere now is another folder.
        let is_itself =
            crate::workspace::resolved(&world.directory).is_ok_and(|real| real == world.directory);
        let workspace = Workspace::find(&world).ok().filter(|_| is_itself).ok_or_else(gone)?;
        let common = Arc::get_mut(&mut self.common).filter(|_| workspace.root == root).ok_or_else(gone)?;
        // What is typed still counts from where the person is.
        common.workspace = workspace;
        let shown = if folder.is_empty() { "the root of the workspace" } else { folder };
        self.screen.progress(Style::Dim, &format!("working in {shown}"));
        Ok(())
    }
}

impl House {
    /// Goes on in the package of a spec, unless that is where one is.
    ///
    /// # Errors
    /// As [`House::work_in`].
    pub(crate) fn work_near(&mut self, spec: &SpecPlace) -> Outcome<()> {
        let is_inside = std::path::Path::new(&self.workspace.here).starts_with(&spec.package);
        if is_inside { Ok(()) } else { self.work_in(&spec.package) }
    }
}

impl Common {
    /// The mode of work: the flags, the settings, else supervised.
    pub(crate) fn mode(&self, flags: &SessionFlags) -> Outcome<Mode> {
        rules::mode(&self.config, flags)
    }

    /// The gate of a session. `granted` are command lines that an approved plan covers.
    pub(crate) fn gate(&self, flags: &SessionFlags, granted: &[String]) -> Outcome<Gate> {
        let mode = self.mode(flags)?;
        let own = rules::own(&self.config, flags);
        let read = rules::policy(&self.held.ground, &self.config, mode, &own)?;
        for problem in &read.problems {
            self.screen.notice(&limits::tell(problem));
        }
        let mut policy = read.policy.with_scratch(self.held.hold.temporary());
        if !rules::is_trusted(&self.world, &self.workspace)? {
            policy = policy.untrusted();
        }
        for line in granted {
            policy.add(Rule::exact_command(line, Source::Plan));
        }
        Ok(Gate::new(policy))
    }

    /// Opens the journal of a spec for writing; nobody else can write it meanwhile.
    pub(crate) fn open_spec(&self, place: &SpecPlace) -> Outcome<Writer> {
        let journal = self.store.create_or_open_spec(&place.record_name())?;
        self.tell_repair(&self.store.read_spec(&place.record_name())?);
        Ok(journal)
    }

    /// Says it when the opening of this journal set a torn end aside.
    pub(crate) fn tell_repair(&self, record: &[Stored]) {
        if let Some(repaired @ Event::Repaired { .. }) = record.last().and_then(Stored::event) {
            self.screen.show(Notice::Event(repaired));
        }
    }

    /// The most answers of one session.
    pub(crate) fn turns_max(&self, flags: &SessionFlags) -> u32 {
        const TURNS_MAX_DEFAULT: u32 = 100;
        flags.max_turns.or(self.config.max_turns).unwrap_or(TURNS_MAX_DEFAULT)
    }

    /// Prunes old checkpoints, once a day. What goes wrong there hurts nobody now.
    pub(crate) fn prune(&self) {
        let _pruned = self.snapshots.prune_daily(|| {
            let sessions = self.store.list_sessions().unwrap_or_default();
            let running = sessions.into_iter().filter(|session| session.in_use).map(|session| session.id);
            Retention { running: running.collect(), ..Retention::default() }
        });
    }
}

/// The ledger of this workspace, for reading.
pub(crate) fn open_store(world: &World, workspace: &Workspace) -> Outcome<Store> {
    Store::open(&world.state, &workspace.root, world::now_ms).map_err(|error| {
        Error::failed(format!("the ledger in `{}` cannot be opened: {error}", world.state.display()))
            .hint("nothing runs without a record; make the directory writable or set XDG_STATE_HOME")
    })
}

/// The ledger of this workspace for whoever writes it: what is signed goes to the anchors of the settings.
pub(crate) fn open_store_to_write(world: &World, workspace: &Workspace, config: &Config) -> Outcome<Store> {
    Ok(open_store(world, workspace)?.anchored(anchors::of(world, &config.audit)?))
}

/// The snapshots of this workspace, in Waypost's own state.
pub(crate) fn snapshots(store: &Store, workspace: &Workspace) -> Outcome<Snapshots> {
    Ok(Snapshots::open(&store.directory().join("checkpoints"), &workspace.root)?)
}

/// The command that proves a step: its own, the spec's, the settings', the project's.
pub(crate) fn check_of(config: &Config, workspace: &Workspace, plan: &Plan, step: &Step) -> Option<String> {
    let settings = || config.workspace(&workspace.root).check;
    let package = workspace.package_of_spec(&plan.name);
    let found = || workspace.found_check(package);
    // Written in a package, it is meant from there.
    let there = |check: String| match package.is_empty() {
        true => check,
        false => format!("cd './{}' || exit 1; {check}", package.replace('\'', "'\\''")),
    };
    step.check.clone().or_else(|| plan.check.clone()).map(there).or_else(settings).or_else(found)
}

/// What does not fit in the documents of a spec, as lines for a person.
pub(crate) fn problems(documents: &SpecDocuments, plan: &Plan) -> Vec<String> {
    let kind = Some(documents.kind());
    let parts = [
        ("requirements.md", DocumentKind::Requirements, &documents.requirements),
        ("bugfix.md", DocumentKind::Bugfix, &documents.bugfix),
        ("design.md", DocumentKind::Design, &documents.design),
        ("tasks.md", DocumentKind::Tasks, &documents.tasks),
    ];
    let mut lines: Vec<String> = plan.problems.iter().map(ToString::to_string).collect();
    let read = plan.diagnostics.iter().filter(|(_, found)| found.severity == spec::Severity::Error);
    lines.extend(read.map(|(file, found)| format!("{file}: {} ({})", found.message, found.code)));
    let single = (format!("{}.md", documents.name), &documents.single);
    for (name, bytes) in parts.iter().map(|(name, _, bytes)| (name.to_string(), *bytes)).chain([single]) {
        if let Some(Err(error)) = bytes.as_deref().map(std::str::from_utf8) {
            lines.push(format!("{name}: not UTF-8 from byte {}; save it as UTF-8", error.valid_up_to()));
        }
    }
    for (name, document, bytes) in parts {
        let Some(bytes) = bytes else { continue };
        let errors = spec::check::check(document, kind, bytes)
            .into_iter()
            .filter(|found| found.severity == spec::Severity::Error);
        lines.extend(errors.map(|found| format!("{name}: {} ({})", found.message, found.code)));
    }
    lines
}
