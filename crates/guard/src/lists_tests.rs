//! Tests of `lists`.
