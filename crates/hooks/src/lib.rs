//! Hooks as values: the formats that bring them, what they match, what they get, what their end means, what cuts them. Runs nothing.
