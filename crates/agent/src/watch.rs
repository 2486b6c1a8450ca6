//! The trait by which a session learns, before it decides, what changed outside. Looks at nothing itself.

use conversation::Fragment;
use policy::{Ask, Gate};

use crate::State;

/// Keeps the gate true to the disk.
pub trait Watch: Send {
    /// Before these calls are decided about: brings the gate's lists up to date. Returns what a person should be told.
    fn before_calls(&mut self, gate: &mut Gate, asks: &[Ask]) -> Vec<String>;

    /// Before the model is asked: the steering that is in force now, by the files in play, and was not so far or was
    /// other. What is given counts as told.
    fn steering(&mut self, _state: &State) -> Vec<Fragment> {
        Vec::new()
    }
}

/// Nothing changes. For sessions whose tools touch no file, and for tests of other rooms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Still;

impl Watch for Still {
    fn before_calls(&mut self, _gate: &mut Gate, _asks: &[Ask]) -> Vec<String> {
        Vec::new()
    }
}
