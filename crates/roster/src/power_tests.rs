//! Tests of `power`.
