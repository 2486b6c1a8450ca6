//! Rules over specs made for them.
