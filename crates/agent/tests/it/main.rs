//! Sessions driven by a scripted model and scripted tools. No network, no disk, no clock.

mod crash;
mod harness;
mod hooks;
mod kept;
mod sessions;
mod spec_runs;
mod steering;
