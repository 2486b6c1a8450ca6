//! What a person names with `#` in a message, as text with its size. Asks no model.
