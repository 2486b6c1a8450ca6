//! Hooks outside the sessions of a model: for changes by people, for tasks of a run, by hand. A session of its own keeps the record;
//! what a hook may do and how it runs is the same as anywhere.

use std::sync::Arc;

use agent::{Bounds, Face, Hands, Happens, Hooks as _, Inbox, State, attend, put};
use conversation::{Ended, Event, Hooked, Outcome as Ending, Purpose, Started};
use ledger::Stored;
use policy::{Gate, Policy};

use crate::checkpoints::Checkpoints;
use crate::error::Outcome;
use crate::framed;
use crate::hooking::Hooking;
use crate::limits::Watching;
use crate::session;
use crate::subagents::Crew;

/// A session in which only hooks run.
pub(crate) struct Attending {
    crew: Crew,
    pub(crate) hooking: Hooking,
    gate: Gate,
    watch: Watching,
    checkpoints: Checkpoints,
    state: State,
    journal: ledger::Writer,
}

/// What hooks outside a session want told to one that begins or goes on.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// For behind the first words; empty when there is nothing.
    pub(crate) text: String,
    /// What goes on record before the words, so that the session is tainted by what the hooks took in.
    pub(crate) reached: Option<Event>,
}

impl Told {
    /// What these want told, each as data in a frame, and the record of what was taken in for it.
    pub(crate) fn of(said: &[Hooked]) -> Told {
        let mut told = Told::default();
        for hooked in said {
            let (hook, trigger) = (framed::attribute(&hooked.hook), framed::attribute(&hooked.trigger));
            let context = framed::inside(&hooked.context, "hook");
            told.text
                .push_str(&format!("\n\n<hook name=\"{hook}\" event=\"{trigger}\">\n{context}\n</hook>"));
            if !hooked.took_in.is_empty() {
                // Its words are told already, and what it spent is counted where it ran.
                let silent = Hooked { context: String::new(), spent: None, ..hooked.clone() };
                match &mut told.reached {
                    Some(Event::Hooked(first)) => first.took_in.join(&silent.took_in),
                    _ => told.reached = Some(Event::Hooked(silent)),
                }
            }
        }
        told
    }

    /// Adds what came later.
    pub(crate) fn join(&mut self, later: Told) {
        self.text.push_str(&later.text);
        match (&mut self.reached, later.reached) {
            (Some(Event::Hooked(first)), Some(Event::Hooked(later))) => first.took_in.join(&later.took_in),
            (reached @ None, later) => *reached = later,
            _ => {}
        }
    }
}

impl Attending {
    /// Opens its record. `turns_max` is for the agents of its hooks, together.
    pub(crate) fn open(crew: &Crew, hooking: Hooking, mut gate: Gate, turns_max: u32) -> Outcome<Attending> {
        let common = &crew.common;
        let id = session::new_id();
        let journal = common.store.create_session(&id)?;
        let bounds = Bounds {
            turns_max,
            cost_max: None,
            model: crew.model.limits(),
            readers: Default::default(),
            closing: Default::default(),
        };
        let watch = Watching::new(&common.held.ground, &mut gate);
        let mode = gate.policy().mode();
        let mut attending = Attending {
            crew: crew.clone(),
            hooking,
            gate,
            watch,
            checkpoints: common.checkpoints.clone(),
            state: State::new(bounds),
            journal,
        };
        let started = Started {
            session: id,
            purpose: Purpose::Hooks,
            model: crew.model.name().to_string(),
            workspace: common.workspace.root.to_string_lossy().into_owned(),
            here: common.workspace.here.clone(),
            mode,
            agent: None,
            fragments: Vec::new(),
            tools: Vec::new(),
        };
        let screen = Arc::clone(&common.screen);
        let mut nobody = futures_util::stream::empty();
        attending
            .with(&mut nobody, screen.as_ref(), |state, hands| put(state, hands, Event::Started(started)))?;
        Ok(attending)
    }

    /// Its session.
    pub(crate) fn id(&self) -> &str {
        self.state.session()
    }

    /// The policy that its hooks are narrowed from.
    pub(crate) fn policy(&self) -> Arc<Policy> {
        Arc::new(self.gate.policy().clone())
    }

    /// Runs the hooks of a moment. Gives why what was about to happen must not.
    pub(crate) async fn at(
        &mut self,
        happens: Happens<'_>,
        inbox: &mut Inbox,
        face: &dyn Face,
    ) -> Outcome<Option<String>> {
        if !self.hooking.heeds(happens.kind()) {
            return Ok(None);
        }
        let Attending { crew, hooking, gate, watch, checkpoints, state, journal } = self;
        let scratch = crew.common.store.scratch();
        let mut hands = hands(crew, hooking, gate, watch, checkpoints, journal, &scratch, inbox, face);
        Ok(attend(state, &mut hands, happens).await?)
    }

    /// The records of those of its hooks that want an agent to be told something.
    pub(crate) fn said(&self) -> Outcome<Vec<Hooked>> {
        let record = self.crew.common.store.read(self.id())?;
        let said = |stored: &Stored| match stored.event() {
            Some(Event::Hooked(hooked)) if !hooked.context.is_empty() => Some(hooked.clone()),
            _ => None,
        };
        Ok(record.iter().filter_map(said).collect())
    }

    /// Closes its record.
    pub(crate) fn close(mut self, outcome: Ending, message: &str) -> Outcome<()> {
        let ended = Event::Ended(Ended { outcome, message: message.to_string() });
        let screen = Arc::clone(&self.crew.common.screen);
        let mut nobody = futures_util::stream::empty();
        self.with(&mut nobody, screen.as_ref(), |state, hands| put(state, hands, ended))?;
        for why in self.journal.close()? {
            screen.notice(&format!(
                "the record is signed and not anchored at {why}; the next session tries again"
            ));
        }
        Ok(())
    }

    fn with<T>(
        &mut self,
        inbox: &mut Inbox,
        face: &dyn Face,
        work: impl FnOnce(&mut State, &mut Hands<'_>) -> Result<T, agent::DriveError>,
    ) -> Outcome<T> {
        let Attending { crew, hooking, gate, watch, checkpoints, state, journal } = self;
        let scratch = crew.common.store.scratch();
        let mut hands = hands(crew, hooking, gate, watch, checkpoints, journal, &scratch, inbox, face);
        Ok(work(state, &mut hands)?)
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one struct, borrowed one by one")]
fn hands<'a>(
    crew: &'a Crew,
    hooking: &'a Hooking,
    gate: &'a mut Gate,
    watch: &'a mut Watching,
    checkpoints: &'a Checkpoints,
    journal: &'a mut ledger::Writer,
    scratch: &'a std::path::Path,
    inbox: &'a mut Inbox,
    face: &'a dyn Face,
) -> Hands<'a> {
    Hands {
        model: crew.model.as_ref(),
        tools: &[],
        gate,
        journal,
        face,
        inbox,
        keeper: checkpoints,
        workspace: &crew.common.workspace.root,
        scratch,
        secrecy: &crew.common.held.firewall,
        watch,
        hooks: hooking,
        is_last: true,
    }
}
