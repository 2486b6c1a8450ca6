//! Criteria of one spec that say the same, or nearly. The comparison itself is [`crate::alike`].

use super::context::Context;
use super::out::{Out, about};
use crate::alike::{self, Pair, Sketch};

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    let (wanted, sketches): (Vec<_>, Vec<&Sketch>) = context
        .statements
        .iter()
        .zip(context.sketches())
        .filter(|(statement, _)| !statement.is_described)
        .unzip();
    for Pair { first, second, is_same } in alike::pairs(&sketches, |_, _| true) {
        let (Some(first), Some(second)) = (wanted.get(first), wanted.get(second)) else { continue };
        let (rule, how) = if is_same {
            ("requirements/same-words", "the same words as")
        } else {
            ("requirements/similar-words", "nearly the same words as")
        };
        let message = format!("criterion `{}` has {how} `{}`", second.criterion.id, first.criterion.id);
        let mut found = about(rule, context, second, None, message);
        if !is_same {
            found = found.suspected();
        }
        let at = context.documents.get(first.document);
        let span = at.map_or(first.criterion.span, |at| at.first_line_of(first.criterion.span));
        let hint = "remove one of the two and cite the other, or say what differs";
        out.push(found.hint(hint).related(
            first.document,
            span,
            format!("criterion `{}`", first.criterion.id),
        ));
    }
}
