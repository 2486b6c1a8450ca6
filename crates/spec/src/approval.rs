//! What an approval is about: the document without the progress in its boxes. Computes no digest.

use crate::tasks::Tasks;

/// The document with the state byte of every task replaced by a space, so that ticking a task leaves an approval
/// standing while any other change ends it. Two documents with the same canonical form differ at most in states.
pub fn canonical(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for task in Tasks::parse(bytes).tasks {
        if let Some(byte) = out.get_mut(task.state_offset) {
            *byte = b' ';
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticking_keeps_an_approval_and_editing_ends_it() {
        let approved = canonical(b"- [ ] 1. A\n- [~] 2. B\n");
        let check =
            |now: &str, stands: bool| assert_eq!(canonical(now.as_bytes()) == approved, stands, "{now}");
        check("- [x] 1. A\n- [X] 2. B\n", true);
        check("- [-] 1. A\n- [ ] 2. B\n", true);
        check("- [x] 1. A!\n- [X] 2. B\n", false);
        check("- [ ]* 1. A\n- [ ] 2. B\n", false);
        check("- [ ] 1. A\r\n- [ ] 2. B\n", false);
        check("- [ ] 1. A\n- [ ] 2. B\n- [ ] 3. C\n", false);
    }

    proptest! {
        #[test]
        fn canonical_is_stable(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let once = canonical(&bytes);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
