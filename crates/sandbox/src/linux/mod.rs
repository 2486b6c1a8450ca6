//! Confinement on Linux: Landlock always, namespaces where there are any, a filter of system calls. The parts below.

mod aliases;
mod calls;
mod carve;
mod child;
mod choice;
mod guards;
mod landlock;
mod plan;
mod probe;
mod roots;
mod seccomp;
mod shared;
mod sys;
mod tend;
mod view;

pub(crate) use plan::{Kit, Refusal, enforced, prepare};
pub(crate) use probe::probe;
