//! Tests of `hold`.
