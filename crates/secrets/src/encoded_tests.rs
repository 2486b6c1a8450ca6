//! Tests of `encoded`.
