//! `waypost steering init`: a model reads the code and hands in what it found as data; Waypost checks that against the workspace,
//! words it as product.md, tech.md and structure.md, shows them and writes them through the gate.

use std::path::PathBuf;
use std::sync::Arc;

use ::steering::stale::stale;
use conversation::{Fragment, FragmentKind, Journal as _, Purpose};
use policy::{Admission, Answer, Ask, Capability, Origin, Place, Request, Target};
use schemars::JsonSchema;
use serde::Deserialize;
use vcs::{Cause, Wrote};

use crate::cli::SteeringInit;
use crate::error::{Error, Outcome};
use crate::events;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::House;
use crate::models::{self, Role};
use crate::session::{self, Order};
use crate::steering::claims::Workshop;
use crate::subagents::Crew;
use crate::term::{Style, sanitise};
use crate::workspace::{resolved, write_whole};
use crate::world::World;
use crate::{checkpoints, drafting, toolbox};

/// Where the files lie.
const FOLDER: &str = ".kiro/steering";

/// The most faults of a draft that the model is told.
const FAULTS_MAX: usize = 20;

/// Lines of one list of a draft, and bytes of one line: what is longer is no instruction that anybody keeps.
const LINES_MAX: usize = 40;
/// Bytes of one line.
const LINE_BYTES_MAX: usize = 1_000;

/// What the session is told about its work.
const TASK: &str = "\
You write the standing instructions of a project for agents that will work in it; you change nothing. Read the code: manifests, \
build files, entry points, tests, what is configured, what the documents say. Then hand in what you found with submit_steering. \
State only what you have seen in a file. Commands must be ones that the project defines. Paths must exist. Say what is particular to \
this project and would be guessed wrongly; leave out what every developer knows. One short sentence for each line.";

/// What the model hands in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct SteeringWire {
    product: ProductWire,
    tech: TechWire,
    structure: StructureWire,
}

/// What it is for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct ProductWire {
    /// What the product is and which problem it solves, in two to five sentences.
    summary: String,
    /// Who uses it, and for what.
    #[serde(default)]
    users: Vec<String>,
    /// What it can do today.
    features: Vec<String>,
    /// Rules and words of the domain that code must follow.
    #[serde(default)]
    rules: Vec<String>,
}

/// What it is made with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct TechWire {
    /// Languages, frameworks, libraries and services in use, with versions where they matter.
    stack: Vec<String>,
    /// The commands that a developer types here.
    commands: Vec<CommandWire>,
    /// How code is written here, where that is not what a formatter does.
    #[serde(default)]
    conventions: Vec<String>,
    /// What must not be done or used.
    #[serde(default)]
    constraints: Vec<String>,
}

/// One command.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct CommandWire {
    /// What it is for: "run all tests".
    purpose: String,
    /// The command line, as it is typed in the root.
    command: String,
}

/// How it is laid out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct StructureWire {
    /// The folders and files that one must know, each with its path from the root.
    layout: Vec<PlaceWire>,
    /// How files, types and tests are named.
    #[serde(default)]
    naming: Vec<String>,
    /// How the parts depend on each other, and where new code goes.
    #[serde(default)]
    patterns: Vec<String>,
}

/// One place.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct PlaceWire {
    /// From the root, a folder with `/` at its end.
    path: String,
    /// What belongs there.
    holds: String,
}

/// Writes the three files.
pub(crate) async fn run(world: World, screen: Arc<Screen>, init: SteeringInit) -> Outcome<Exit> {
    let mut house = House::open(world, screen)?;
    let folder = house.workspace.root.join(FOLDER);
    if folder.is_symlink() {
        return Err(
            Error::failed(format!("`{FOLDER}` is a link")).hint("make it a folder; nothing was written")
        );
    }
    let there: Vec<String> = ["product.md", "tech.md", "structure.md"]
        .iter()
        .filter(|name| folder.join(name).symlink_metadata().is_ok())
        .map(|name| format!("{FOLDER}/{name}"))
        .collect();
    if !there.is_empty() && !init.force && !init.dry_run {
        return Err(Error::usage(format!("there is steering already: {}", there.join(", ")))
            .hint("--force replaces it, with a checkpoint; --dry-run shows what would be written"));
    }
    if !house.screen.interactive() && !init.yes && !init.dry_run {
        return Err(Error::needs_answer(
            "the files are shown before they are written, and nobody can answer here",
        )
        .hint("--yes writes them unasked; --dry-run shows them and writes nothing"));
    }
    let name = models::name(&house.world, &house.config, init.flags.model.as_deref(), Role::Plan)?;
    let model = models::open(&house.world, &house.config, &name)?;
    let root = house.workspace.root.clone();
    let (tool, take) = drafting::submit::<SteeringWire>(
        "submit_steering",
        "Hand in what agents must know about this project.",
        move |wire: &SteeringWire| wire.check(&root),
    );
    let mut tools = toolbox::readers(&house);
    tools.push(Box::new(tool));
    let (turns_max, cost_max) = session::limits(&house, &init.flags)?;
    let order = Order {
        id: session::new_id(),
        purpose: Purpose::Request,
        crew: Crew::new(&house.common, &model),
        tools,
        gate: house.gate(&init.flags, &[])?,
        fragments: vec![Fragment::new(FragmentKind::Task, "drafting", TASK)],
        paths: Vec::new(),
        words: "Write the steering of this project: product, tech and structure.".to_string(),
        turns_max,
        cost_max,
        is_last: true,
        agent: None,
        reached: None,
    };
    let came = session::begin(&mut house, order).await?;
    let exit = Exit::from(came.ended.outcome);
    if exit != Exit::Done {
        return Err(Error { exit, ..Error::failed(came.ended.message) }.hint("nothing was written"));
    }
    let files = take()?.files();
    for (name, text) in &files {
        house.screen.progress(Style::Bold, &format!("{FOLDER}/{name}"));
        for line in text.lines() {
            house.screen.progress(Style::Dim, &format!("  {}", sanitise(line)));
        }
    }
    let names: Vec<String> = files.iter().map(|(name, _)| format!("{FOLDER}/{name}")).collect();
    if init.dry_run {
        house.screen.event(&events::Event::SteeringWritten { files: names, written: false });
        house.screen.progress(Style::Dim, "nothing was written (--dry-run)");
        return Ok(Exit::Done);
    }
    if !init.yes && house.screen.confirm("write these files?").await != Some(true) {
        return Err(Error::needs_answer("nothing was written"));
    }
    write(&house, &init, &came.session, &files)?;
    house.screen.progress(Style::Green, &format!("wrote {}", names.join(", ")));
    house.screen.event(&events::Event::SteeringWritten { files: names, written: true });
    house.screen.progress(Style::Dim, "next: read and edit them, then: waypost trust");
    Ok(Exit::Done)
}

/// Writes the files as an act of Waypost's own: decided, recorded, kept before and after.
fn write(house: &House, init: &SteeringInit, session: &str, files: &[(&str, String)]) -> Outcome<()> {
    let root = &house.workspace.root;
    let folder = root.join(FOLDER);
    // The folder may not be there yet; what is there above it is resolved, so that no link leads the write elsewhere.
    let above = folder.ancestors().find(|path| path.symlink_metadata().is_ok()).unwrap_or(root);
    let real = resolved(above)?;
    let below = folder.strip_prefix(above).map(PathBuf::from).unwrap_or_default();
    let real = real.join(below);
    if !real.starts_with(root) {
        return Err(Error::failed(format!("`{FOLDER}` leads outside the workspace"))
            .hint("replace the link by a folder; nothing was written"));
    }
    let mut journal = house.store.open_session(session)?;
    let request = |name: &str| Request {
        capability: Capability::FsWrite,
        target: Target::Path(Place::new(root, &real.join(name))),
        origin: Origin::Waypost,
    };
    let requests: Vec<Request> = files.iter().map(|(name, _)| request(name)).collect();
    // The person saw the files and said yes, here or with --yes.
    let answer = Some(Answer { yes: true, always: false, by: house.screen.person().to_string() });
    let ask = Ask { call: "steering-init".to_string(), requests, answer };
    let mut gate = house.gate(&init.flags, &[])?;
    let _permit = match gate.admit(&mut journal, vec![ask]).map_err(Error::failed)?.pop() {
        Some(Admission::Permitted(permit)) => permit,
        Some(Admission::Denied(decision) | Admission::Unanswered(decision)) => {
            let denied =
                Error { exit: Exit::Denied, ..Error::failed(format!("denied by {}", decision.reason)) };
            return Err(denied.hint("`waypost policy explain fs_write:.kiro/steering/product.md` says more"));
        }
        None => return Err(Error::failed("the gate gave no answer")),
    };
    let cause = Cause {
        session: session.to_string(),
        task: None,
        call: None,
        what: format!("waypost steering init writes {FOLDER}"),
    };
    let (number, event) = checkpoints::before(&house.snapshots, &cause)?;
    journal.append(&event)?;
    journal.sync()?;
    let mut paths = Vec::new();
    for (name, text) in files {
        let path = real.join(name);
        if path.is_symlink() {
            return Err(Error::failed(format!("`{FOLDER}/{name}` is a link")).hint("replace it by a file"));
        }
        write_whole(&path, text.as_bytes())?;
        paths.extend(path.strip_prefix(root).map(PathBuf::from));
    }
    let event = checkpoints::after(&house.snapshots, number, &Wrote::Paths(paths))?;
    journal.append(&event)?;
    journal.sync()?;
    for why in journal.close()? {
        house
            .screen
            .notice(&format!("the record is signed and not anchored at {why}; the next session tries again"));
    }
    Ok(())
}

impl SteeringWire {
    /// What is refused: empty parts, too much, and what is not true of the workspace.
    fn check(&self, root: &std::path::Path) -> Result<(), String> {
        let mut faults = Vec::new();
        let lists = [
            ("product.features", &self.product.features, true),
            ("product.users", &self.product.users, false),
            ("product.rules", &self.product.rules, false),
            ("tech.stack", &self.tech.stack, true),
            ("tech.conventions", &self.tech.conventions, false),
            ("tech.constraints", &self.tech.constraints, false),
            ("structure.naming", &self.structure.naming, false),
            ("structure.patterns", &self.structure.patterns, false),
        ];
        for (name, lines, is_needed) in lists {
            if is_needed && lines.is_empty() {
                faults.push(format!("`{name}` is empty"));
            }
            if lines.len() > LINES_MAX || lines.iter().any(|line| line.len() > LINE_BYTES_MAX) {
                faults.push(format!(
                    "`{name}` has more than {LINES_MAX} lines, or a line over {LINE_BYTES_MAX} bytes"
                ));
            }
        }
        if self.product.summary.trim().is_empty() {
            faults.push("`product.summary` is empty".to_string());
        }
        if self.structure.layout.is_empty() || self.structure.layout.len() > LINES_MAX {
            faults.push(format!("`structure.layout` has no place, or more than {LINES_MAX}"));
        }
        if self.tech.commands.len() > LINES_MAX {
            faults.push(format!("`tech.commands` has more than {LINES_MAX} commands"));
        }
        for place in self.structure.layout.iter().take(LINES_MAX) {
            let path = place.path.trim_start_matches("./").trim_end_matches('/');
            let is_inside =
                !path.is_empty() && !path.starts_with('/') && !path.split('/').any(|part| part == "..");
            if !is_inside || root.join(path).symlink_metadata().is_err() {
                faults.push(format!("`{}` in structure.layout is not there", place.path));
            }
        }
        if faults.is_empty() {
            let workshop = Workshop::look(root);
            for (name, text) in self.files() {
                let view = workshop.seen_from(root, &format!("{FOLDER}/{name}"), "");
                faults.extend(
                    stale(text.as_bytes(), &view)
                        .into_iter()
                        .map(|found| format!("{name}: {}", found.message)),
                );
            }
        }
        if faults.is_empty() {
            return Ok(());
        }
        faults.truncate(FAULTS_MAX);
        Err(faults.join("; "))
    }

    /// The three files, in their final words.
    fn files(&self) -> Vec<(&'static str, String)> {
        let product = Page::new("Product")
            .text(&self.product.summary)
            .list("Users", &self.product.users)
            .list("Features", &self.product.features)
            .list("Rules and words", &self.product.rules);
        let commands: Vec<String> = self
            .tech
            .commands
            .iter()
            .map(|it| format!("{}: `{}`", one_line(&it.purpose), one_line(&it.command).replace('`', "'")))
            .collect();
        let tech = Page::new("Technology")
            .list("Stack", &self.tech.stack)
            .list("Commands", &commands)
            .list("Conventions", &self.tech.conventions)
            .list("Constraints", &self.tech.constraints);
        let layout: Vec<String> = self
            .structure
            .layout
            .iter()
            .map(|place| format!("`{}`: {}", one_line(&place.path).replace('`', "'"), one_line(&place.holds)))
            .collect();
        let structure = Page::new("Structure")
            .list("Layout", &layout)
            .list("Names", &self.structure.naming)
            .list("Patterns", &self.structure.patterns);
        vec![("product.md", product.0), ("tech.md", tech.0), ("structure.md", structure.0)]
    }
}

/// A Markdown page that grows.
struct Page(String);

impl Page {
    fn new(title: &str) -> Page {
        Page(format!("# {title}\n"))
    }

    fn text(mut self, text: &str) -> Page {
        self.0.push_str(&format!("\n{}\n", one_line(text)));
        self
    }

    fn list(mut self, title: &str, lines: &[String]) -> Page {
        let lines: Vec<String> =
            lines.iter().map(|line| one_line(line)).filter(|line| !line.is_empty()).collect();
        if !lines.is_empty() {
            self.0.push_str(&format!("\n## {title}\n\n"));
            for line in lines {
                self.0.push_str(&format!("- {line}\n"));
            }
        }
        self
    }
}

/// Words on one line, so that no line of a draft becomes a heading or a fence of the page.
fn one_line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_start_matches(['#', '-', '*'])
        .trim_start()
        .to_string()
}
