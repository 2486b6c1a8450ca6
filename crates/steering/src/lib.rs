//! Which steering is in force where, in what order, and why. Reads no disk and knows no model.
