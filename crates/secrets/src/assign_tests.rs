//! Tests of `assign`.
