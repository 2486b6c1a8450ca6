//! The trait by which hooks are found and run at the moments of a session. Contains no hook and no format of one.

use conversation::{
    Again, Call, CallResult, Cost, Elsewhere, HookEnd, Later, Purpose, Secrecy, Spent, Touched,
};
use policy::{Permit, Policy, Request, Taint};

use crate::Face;

/// Knows the hooks in force, and runs one that is permitted.
pub trait Hooks: Send + Sync {
    /// Whether any hook waits for this kind of moment; when not, nothing is made ready for one.
    fn heeds(&self, kind: Kind) -> bool;

    /// The hooks of this moment in the order in which they run, and those that a guard cuts.
    fn due(&self, occasion: &Occasion<'_>) -> Vec<Due>;

    /// The hooks that led to the session itself, outermost first: it is the agent of the last of them, or a part of that.
    fn led_here(&self) -> &[String] {
        &[]
    }

    /// What a hook may do: at most what the session may, narrowed to its grant; a command that the person trusted needs no
    /// further word.
    fn policy(&self, due: &Due, session: &Policy) -> Policy;

    /// It is over, one way or the other, and on record.
    fn ended(&self, _due: &Due, _came: &Came) {}

    /// Of the files that changed around a hook that just ended, those that it may have changed itself. The others are a person's.
    fn own(&self, _due: &Due, changes: Vec<Touched>) -> Vec<Touched> {
        changes
    }

    /// Of the files that changed around a call of a session, those that are news to it: what a session inside the call told its own
    /// hooks already is none. Asked once for each call that may have changed files, also when none did.
    fn news(&self, _session: &str, _call: &str, changes: Vec<Touched>) -> Vec<Touched> {
        changes
    }

    /// Does what the hook does.
    fn run<'a>(&'a self, permit: Permit, due: &'a Due, at: At<'a>) -> Later<'a, Came>;
}

/// A moment at which hooks may run.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The session.
    pub session: &'a str,
    /// What the session is for.
    pub purpose: Option<&'a Purpose>,
    /// What happens.
    pub happens: Happens<'a>,
    /// The hooks that led here, outermost first.
    pub cause: &'a [String],
    /// The one hook that this is told, where all others know it already: it did not come to its end when the session died.
    pub only: Option<Only<'a>>,
}

/// A hook that is told something once more.
#[derive(Clone, Copy, Debug)]
pub struct Only<'a> {
    /// Its file and name.
    pub hook: &'a str,
    /// How many files it was due for beyond those that it is told by name.
    pub left_out: usize,
}

/// What happens at a moment.
#[derive(Clone, Copy, Debug)]
pub enum Happens<'a> {
    /// A session begins.
    Started,
    /// A session is over.
    Over,
    /// The person said something; a hook can keep it from the model.
    Said {
        /// The words.
        text: &'a str,
    },
    /// The model is done.
    Stopped,
    /// A call is about to go to the gate; a hook can keep it from there.
    Calling {
        /// The call.
        call: &'a Call,
        /// The tool of a server that it goes to, when it goes to one.
        elsewhere: Option<&'a Elsewhere>,
    },
    /// A call is finished.
    Called {
        /// The call.
        call: &'a Call,
        /// The tool of a server that it went to, when it went to one.
        elsewhere: Option<&'a Elsewhere>,
        /// What came of it.
        result: &'a CallResult,
    },
    /// Files of the workspace changed.
    Changed {
        /// Each file once. None when it is only asked what waited and may run now.
        changes: &'a [Touched],
    },
    /// A person asks for a hook, whatever it waits for. Which one is known to whoever finds hooks.
    ByHand,
    /// Work on a task of a spec is about to begin; a hook can keep it from that.
    TaskBegins {
        /// The spec.
        spec: &'a str,
        /// The task's number and title.
        task: &'a str,
    },
    /// Work on a task ended.
    TaskEnded {
        /// The spec.
        spec: &'a str,
        /// The task's number and title.
        task: &'a str,
        /// Whether it is proven.
        proven: bool,
    },
}

/// The kind of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// [`Happens::Started`].
    Started,
    /// [`Happens::Over`].
    Over,
    /// [`Happens::Said`].
    Said,
    /// [`Happens::Stopped`].
    Stopped,
    /// [`Happens::Calling`].
    Calling,
    /// [`Happens::Called`].
    Called,
    /// [`Happens::Changed`].
    Changed,
    /// [`Happens::ByHand`].
    ByHand,
    /// [`Happens::TaskBegins`].
    TaskBegins,
    /// [`Happens::TaskEnded`].
    TaskEnded,
}

impl Happens<'_> {
    /// What a hook that is due for it is told once more in a session that died before the hook's end. What is still ahead happens
    /// again by itself, and so does the end. `by` are the calls that changed the files, if calls did.
    pub(crate) fn again(&self, due: &Due, by: &[String]) -> Again {
        match self {
            Happens::Started => Again::Started,
            Happens::Called { call, .. } => Again::Called { call: call.id.clone() },
            Happens::Changed { .. } => {
                let (files, left_out) = (due.files.clone(), u64::try_from(due.left_out).unwrap_or(u64::MAX));
                Again::Changed { files, left_out, calls: by.to_vec() }
            }
            _ => Again::Nothing,
        }
    }

    /// Whether a hook can keep it from happening.
    pub(crate) fn is_ahead(&self) -> bool {
        matches!(self, Happens::Said { .. } | Happens::Calling { .. } | Happens::TaskBegins { .. })
    }

    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Happens::Started => Kind::Started,
            Happens::Over => Kind::Over,
            Happens::Said { .. } => Kind::Said,
            Happens::Stopped => Kind::Stopped,
            Happens::Calling { .. } => Kind::Calling,
            Happens::Called { .. } => Kind::Called,
            Happens::Changed { .. } => Kind::Changed,
            Happens::ByHand => Kind::ByHand,
            Happens::TaskBegins { .. } => Kind::TaskBegins,
            Happens::TaskEnded { .. } => Kind::TaskEnded,
        }
    }
}

/// A hook that is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// The id by which it goes through the gate; no other call of the session has it.
    pub call: String,
    /// Its file and name.
    pub hook: String,
    /// What it waited for, in the word of its format.
    pub trigger: String,
    /// What it wants to do.
    pub requests: Vec<Request>,
    /// The hooks that led to what it is due for, outermost first: those of the occasion, or of one before it whose moment waited.
    pub cause: Vec<String>,
    /// The files that it is due for, those of moments that waited included; none at a moment that is not about files.
    pub files: Vec<Touched>,
    /// How many more there were than it is told by name.
    pub left_out: usize,
    /// Why a guard stops it before it begins.
    pub cut: Option<String>,
    /// Whether it guards what is about to happen: that does not happen when it gave no answer.
    pub keeps_back: bool,
}

/// Where and with what a hook runs.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The moment.
    pub occasion: &'a Occasion<'a>,
    /// Where its questions are asked and its output is shown.
    pub face: &'a dyn Face,
    /// Keeps values out of what it is given.
    pub secrecy: &'a dyn Secrecy,
    /// What is left of the session's money, when it is limited.
    pub cost_left: Option<Cost>,
    /// How often the model may still be asked in the session.
    pub turns_left: u32,
}

/// What came of a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// How it ended.
    pub end: HookEnd,
    /// What the model is told; empty when nothing.
    pub context: String,
    /// What a person is told, and the model as well when it was blocked.
    pub message: String,
    /// What its agent used.
    pub spent: Option<Spent>,
    /// What its agent took in from outside.
    pub took_in: Taint,
    /// Words with which a session that is done goes on.
    pub again: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// No hooks at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {
    fn heeds(&self, _kind: Kind) -> bool {
        false
    }

    fn due(&self, _occasion: &Occasion<'_>) -> Vec<Due> {
        Vec::new()
    }

    fn policy(&self, _due: &Due, session: &Policy) -> Policy {
        session.clone()
    }

    fn run<'a>(&'a self, _permit: Permit, _due: &'a Due, _at: At<'a>) -> Later<'a, Came> {
        let (context, message) = (String::new(), "there are no hooks".to_string());
        let came = Came {
            end: HookEnd::Failed,
            context,
            message,
            spent: None,
            took_in: Taint::none(),
            again: None,
            ms: 0,
        };
        Box::pin(async move { came })
    }
}
