//! A facts block for a person to edit, proposed from what the documents repeat. Declares nothing: every line is marked
//! as a suggestion.

use plan::Reading;

/// Proposes a block.
pub fn suggest(_reading: &Reading) -> String {
    String::new()
}
