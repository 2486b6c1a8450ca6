//! Bytes that no debug output shows and that are overwritten when dropped. Not a defence against a debugger.

use std::fmt;

/// A value in memory. Overwritten with zeros on drop, as well as safe code can; copies made by the allocator when a vector
/// grows are not reached, so a value is made in one piece.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Vec<u8>);

impl Hidden {
    /// Takes a copy of `value` in one allocation.
    pub fn new(value: &[u8]) -> Self {
        Self(value.to_vec())
    }

    /// The bytes. The caller must not log them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        self.0.fill(0);
        // Keeps the optimiser from seeing that nobody reads the zeros.
        std::hint::black_box(&mut self.0);
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Hidden({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_the_length_only() {
        assert_eq!(format!("{:?}", Hidden::new(b"open sesame")), "Hidden(11 bytes)");
    }
}
