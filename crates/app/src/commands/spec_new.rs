//! `waypost spec new`: a spec from a sentence or a file. A model drafts it when one is configured; the template does
//! without one.
#![expect(clippy::disallowed_methods, reason = "the description is read from a file here")]

use std::path::PathBuf;
use std::sync::Arc;

use conversation::{Fragment, FragmentKind, Model, Purpose, Tool};
use plan::Shape;
use spec::SpecKind;
use spec::template::{self, Start};
use spec::write;

use crate::cli::{KindFlag, SessionFlags, SpecNew};
use crate::drafting::{self, BugfixWire, DesignedWire, QuickWire, RequirementsWire, SingleWire};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::House;
use crate::models::{self, Role};
use crate::session::{self, Order};
use crate::subagents::Crew;
use crate::term::Style;
use crate::toolbox;
use crate::workspace::write_whole;
use crate::world::{self, World};
use index::SpecPlace;

/// The longest description, in bytes.
const DESCRIPTION_BYTES_MAX: u64 = 256 * 1024;

/// What a drafting session is told about its work.
const DRAFTING: &str = "\
You write a spec; you change nothing. Read the code that the request concerns, then hand the spec in with submit_spec.
Criteria follow EARS, one testable statement each, about behaviour that can be seen from outside: \
`WHEN <trigger>, THE <System_Name> SHALL <response>`, `WHILE <state>, …`, `IF <unwanted>, THEN THE <System_Name> SHALL …`, \
`WHERE <option>, …`. Cover failures, limits and what must not change. Use the glossary's names for systems. Give numbers with \
units. Ask for nothing that the request does not need. Say assumptions in the introduction.";

/// A document: its file name in the spec's folder (or of the single file) and its text.
type Documents = Vec<(String, String)>;

/// Starts a spec.
pub(crate) async fn run(world: World, screen: Arc<Screen>, new: SpecNew) -> Outcome<Exit> {
    let mut house = House::open(world, screen)?;
    let description = description(&house.world, &new)?;
    let name = new.name.clone().unwrap_or_else(|| template::name_from(&description));
    check_name(&name)?;
    let shape = if new.single { Shape::Single } else { Shape::Folder };
    let place = place(&house, &name, shape);
    if let Some(there) = house.workspace.specs().into_iter().find(|there| there.name == place.name) {
        return Err(Error::usage(format!(
            "the spec `{name}` exists: {}",
            house.workspace.shown(&there.path)
        ))
        .hint("choose another with --name"));
    }
    let kind = kind(new.kind);
    let documents = match model(&house, &new)? {
        Some(model) => draft(&mut house, &model, &new.flags, &name, kind, shape, &description).await?,
        None => from_template(&house, &name, kind, shape, &description),
    };
    let mut files = Vec::new();
    for (file, text) in documents {
        let path = match shape {
            Shape::Folder => place.path.join(file),
            Shape::Single => place.path.clone(),
        };
        write_whole(&path, text.as_bytes())?;
        files.push(house.workspace.shown(&path));
    }
    house.screen.progress(Style::Green, &format!("wrote {}", files.join(", ")));
    house.screen.event(&crate::events::Event::SpecWritten { spec: place.name.clone(), files });
    let next = format!("next: read and edit it, then: waypost spec plan {}", place.name);
    house.screen.progress(Style::Dim, &next);
    Ok(Exit::Done)
}

/// The model that drafts, unless none is wanted or none is there.
fn model(house: &House, new: &SpecNew) -> Outcome<Option<Arc<dyn Model>>> {
    if new.template {
        return Ok(None);
    }
    match models::name(&house.world, &house.config, new.flags.model.as_deref(), Role::Plan) {
        Ok(name) => models::open(&house.world, &house.config, &name).map(Some),
        Err(error) if error.exit == Exit::Unavailable => {
            house.screen.notice("no model is configured, so the documents are made from the sentence alone");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn from_template(house: &House, name: &str, kind: SpecKind, shape: Shape, description: &str) -> Documents {
    let spec_id = spec_id();
    let check = house.workspace.found_check(house.workspace.package());
    let start = Start { kind, name, sentence: description, spec_id: Some(&spec_id), check: check.as_deref() };
    // What the plan writes is left to the plan, unless the kind asks for everything at once.
    let wanted: &[&str] = match kind {
        SpecKind::Feature => &["requirements.md", ".config.kiro"],
        SpecKind::Bugfix => &["bugfix.md", ".config.kiro"],
        SpecKind::DesignFirst => &["design.md", "requirements.md", ".config.kiro"],
        SpecKind::Quick => &["requirements.md", "design.md", "tasks.md", ".config.kiro"],
    };
    match shape {
        Shape::Folder => template::documents(&start)
            .into_iter()
            .filter(|(file, _)| wanted.contains(&file.as_str()))
            .collect(),
        Shape::Single => vec![(format!("{name}.md"), template::single(&start))],
    }
}

/// Has the model draft the documents.
async fn draft(
    house: &mut House,
    model: &Arc<dyn Model>,
    flags: &SessionFlags,
    name: &str,
    kind: SpecKind,
    shape: Shape,
    description: &str,
) -> Outcome<Documents> {
    let title = sentence_title(description);
    let config = (".config.kiro".to_string(), write::config_kiro(&spec_id(), kind));
    let submit = "submit_spec";
    if shape == Shape::Single {
        let (tool, take) =
            drafting::submit::<SingleWire>(submit, "Hand in the spec.", |wire: &SingleWire| wire.check());
        hold(house, model, flags, name, description, Box::new(tool)).await?;
        return Ok(vec![(format!("{name}.md"), write::single_md(&take()?.draft()))]);
    }
    let requirements =
        |wire: &RequirementsWire| ("requirements.md".to_string(), write::requirements_md(&wire.draft()));
    Ok(match kind {
        SpecKind::Feature => {
            let (tool, take) = drafting::submit::<RequirementsWire>(
                submit,
                "Hand in the requirements.",
                RequirementsWire::check,
            );
            hold(house, model, flags, name, description, Box::new(tool)).await?;
            vec![requirements(&take()?), config]
        }
        SpecKind::Bugfix => {
            let (tool, take) =
                drafting::submit::<BugfixWire>(submit, "Hand in the analysis of the bug.", BugfixWire::check);
            hold(house, model, flags, name, description, Box::new(tool)).await?;
            vec![("bugfix.md".to_string(), write::bugfix_md(&take()?.draft())), config]
        }
        SpecKind::DesignFirst => {
            let (tool, take) = drafting::submit::<DesignedWire>(
                submit,
                "Hand in the design and the requirements that follow from it.",
                |wire: &DesignedWire| wire.requirements.check(),
            );
            hold(house, model, flags, name, description, Box::new(tool)).await?;
            let wire = take()?;
            let design = write::design_md(&wire.design.feature(&title, None));
            vec![("design.md".to_string(), design), requirements(&wire.requirements), config]
        }
        SpecKind::Quick => {
            let (tool, take) = drafting::submit::<QuickWire>(
                submit,
                "Hand in requirements, design and plan together.",
                |wire: &QuickWire| {
                    wire.requirements.check()?;
                    let ids = wire.requirements.criteria();
                    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                    let problems = plan::draft::check(&wire.plan.tasks(""), &ids, &[]);
                    if problems.is_empty() { Ok(()) } else { Err(plan::draft::refusal(&problems)) }
                },
            );
            hold(house, model, flags, name, description, Box::new(tool)).await?;
            let wire = take()?;
            let design = write::design_md(&wire.design.feature(&title, wire.plan.check.clone()));
            let tasks = write::tasks_md(&wire.plan.tasks(&title));
            vec![
                requirements(&wire.requirements),
                ("design.md".to_string(), design),
                ("tasks.md".to_string(), tasks),
                config,
            ]
        }
    })
}

/// Drives the drafting session to its end.
async fn hold(
    house: &mut House,
    model: &Arc<dyn Model>,
    flags: &SessionFlags,
    name: &str,
    description: &str,
    submit: Box<dyn Tool>,
) -> Outcome<()> {
    let mut tools = toolbox::readers(house);
    tools.push(submit);
    let (turns_max, cost_max) = session::limits(house, flags)?;
    let order = Order {
        id: session::new_id(),
        purpose: Purpose::Plan { spec: name.to_string() },
        crew: Crew::new(&house.common, model),
        tools,
        gate: house.gate(flags, &[])?,
        fragments: vec![Fragment::new(FragmentKind::Task, "drafting", DRAFTING)],
        paths: Vec::new(),
        words: format!("Write the spec `{name}` for this request:\n\n{description}"),
        turns_max,
        cost_max,
        is_last: true,
        agent: None,
        reached: None,
    };
    let came = session::begin(house, order).await?;
    let exit = Exit::from(came.ended.outcome);
    if exit != Exit::Done {
        return Err(Error { exit, ..Error::failed(came.ended.message) }
            .hint("nothing was written; --template starts without a model"));
    }
    Ok(())
}

fn description(world: &World, new: &SpecNew) -> Outcome<String> {
    let text = match (&new.from, &new.sentence) {
        (Some(file), _) => {
            let path = world.directory.join(file);
            let size = std::fs::metadata(&path).map(|data| data.len()).unwrap_or(0);
            if size > DESCRIPTION_BYTES_MAX {
                return Err(Error::usage(format!("`{}` is larger than 256 KiB", path.display())));
            }
            let bytes = std::fs::read(&path)
                .map_err(|error| Error::usage(format!("`{}` cannot be read: {error}", path.display())))?;
            String::from_utf8(bytes)
                .map_err(|_| Error::usage(format!("`{}` is not UTF-8 text", path.display())))?
        }
        (None, Some(sentence)) => sentence.clone(),
        (None, None) => String::new(),
    };
    if text.trim().is_empty() {
        return Err(Error::usage("there is no description")
            .hint("say it in a sentence: waypost spec new \"limit requests per key\"")
            .hint("or take it from a file: waypost spec new --from notes.md"));
    }
    Ok(text.trim().to_string())
}

/// A name becomes a path, so it may be nothing but a name.
fn check_name(name: &str) -> Outcome<()> {
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.len() > 80 || name.starts_with('.') || !name.chars().all(plain) {
        return Err(Error::usage(format!("`{name}` cannot name a spec"))
            .hint("use kebab-case: letters, digits and `-`, for example rate-limit"));
    }
    Ok(())
}

fn place(house: &House, name: &str, shape: Shape) -> SpecPlace {
    let package = house.workspace.package();
    let base: PathBuf = house.workspace.root.join(package).join(".kiro/specs");
    let path = match shape {
        Shape::Folder => base.join(name),
        Shape::Single => base.join(format!("{name}.md")),
    };
    let address = if package.is_empty() { name.to_string() } else { format!("{package}:{name}") };
    SpecPlace { name: address, shape, path, package: package.to_string(), is_archived: false }
}

fn kind(flag: KindFlag) -> SpecKind {
    match flag {
        KindFlag::Feature => SpecKind::Feature,
        KindFlag::Bugfix => SpecKind::Bugfix,
        KindFlag::Quick => SpecKind::Quick,
        KindFlag::DesignFirst => SpecKind::DesignFirst,
    }
}

/// The first line of a description, as a title.
fn sentence_title(description: &str) -> String {
    crate::term::glimpse(description.trim_start_matches(['#', ' ']), 80)
}

/// A random UUID, version 4 (RFC 9562, section 5.4), for Kiro's `specId`; not a secret.
fn spec_id() -> String {
    let (high, low) = (world::random(), world::random().rotate_left(32) ^ world::random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        0x8000 | low >> 48 & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}
