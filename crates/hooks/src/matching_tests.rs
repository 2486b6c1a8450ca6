//! Tests of `matching`.
