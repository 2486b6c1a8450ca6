//! What the system says of files: inotify itself on Linux, `notify` elsewhere. Gives raw events and decides nothing.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(target_os = "linux", expect(dead_code, reason = "on Linux only its tests use it"))]
mod portable;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Source, Waker};
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::{Source, Waker};

/// Events that are taken in at once.
pub(crate) const EVENTS_MAX: usize = 8_192;
