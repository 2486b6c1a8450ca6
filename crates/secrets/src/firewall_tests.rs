//! Tests of `firewall`.
