//! Tests of `guards`.
