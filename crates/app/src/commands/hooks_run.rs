//! `waypost hooks run`: runs one hook now, as a person asks for it, through the same gate and sandbox as anywhere.

use std::sync::Arc;

use agent::Happens;
use conversation::Outcome as Ending;
use hooks::{Moment, Trigger};

use crate::attending::Attending;
use crate::cli::HooksRun;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::hooking::Hooking;
use crate::house::House;
use crate::models::{self, Role};
use crate::toolbox;
use crate::world::World;

/// Runs it.
pub(crate) async fn run(world: World, screen: Arc<Screen>, run: HooksRun) -> Outcome<Exit> {
    let mut house = House::open(world, screen)?;
    let model = models::for_hooks(&house.world, &house.config, run.flags.model.as_deref(), Role::Execute)?;
    let mut gate = house.gate(&run.flags, &[])?;
    let (crew, told) = toolbox::of_hooks(&house.common, &model, &mut gate)?;
    let crew = crew.answering_with(run.flags.model.is_some());
    told.iter().for_each(|told| house.screen.notice(told));
    let hooking = Hooking::here(&crew, None)?;
    let Some(hook) = hooking.named(&run.name).cloned() else {
        return Err(Error::usage(format!("there is no hook `{}` that may run here", run.name))
            .hint("waypost hooks list shows all of them, and whether they are trusted"));
    };
    let trigger = match &run.event {
        Some(word) => Trigger::named(word).ok_or_else(|| {
            Error::usage(format!("there is no event `{word}`")).hint("waypost hooks test --help lists them")
        })?,
        None => hook.trigger,
    };
    let root = house.workspace.root.to_string_lossy().into_owned();
    let mut moment = Moment::new(trigger, "by-hand", root);
    moment.file_path = run.path.as_ref().map(|path| house.workspace.typed_here(path));
    moment.prompt.clone_from(&run.prompt);
    hooking.want(&hook.id, moment);
    let mut attending = Attending::open(&crew, hooking, gate, u32::MAX)?;
    let screen = Arc::clone(&house.screen);
    let blocked = attending.at(Happens::ByHand, &mut house.live, screen.as_ref()).await;
    crew.end().await;
    let blocked = blocked?;
    let end = attending.hooking.last_end();
    let message = blocked.clone().unwrap_or_default();
    attending.close(Ending::Done, &message)?;
    Ok(match end {
        Some(conversation::HookEnd::Done) => Exit::Done,
        Some(conversation::HookEnd::Denied) => Exit::Denied,
        _ => Exit::Failed,
    })
}
