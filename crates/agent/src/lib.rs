//! One session: the pure `step`, the thin driver around it, and spec runs made of sessions. Has no clock, no socket,
//! no disk and no face of its own: those come in as traits.

mod calls;
mod compaction;
mod driver;
mod effect;
mod face;
mod firing;
mod hand_in;
mod hooks;
mod keeper;
mod loops;
mod prompt;
mod spec_run;
mod state;
mod step;
mod submit;
mod taint;
mod watch;

pub use conversation::{How, Touched};
pub use driver::{DriveError, Hands, STOPPED, attend, drive, put};
pub use effect::Effect;
pub use face::{Face, Inbound, Inbox, Notice, Question};
pub use hand_in::{hand_in, take_up};
pub use hooks::{At, Came, Due, Happens, Hooks, Kind, NoHooks, Occasion, Only};
pub use keeper::{Doing, Keeper, may_change_files};
pub use prompt::{system, task, workspace};
pub use spec_run::{Desk, RunEnd, TaskOrder, TaskWork, Tried, run_spec};
pub use state::{Bounds, Phase, State};
pub use step::{can_rewind, fold, step};
pub use submit::Submit;
pub use watch::{Still, Watch};
