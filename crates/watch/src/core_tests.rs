//! Tests of the core against a disk in memory.
