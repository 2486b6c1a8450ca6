//! Tests of `skill`.
