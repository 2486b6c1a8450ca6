//! What a summary says, and that no words get out of their cell.

use super::*;
use crate::lines::Lines;
use crate::place::Located;
use crate::samples;
use proptest::prelude::*;

fn written(new: &[Finding], diff: Option<&Diff>) -> String {
    let locate = |place: &lint::Place| Located {
        path: format!(".kiro/specs/{}/{}", place.spec, place.file),
        region: Some(
            Lines::of(samples::REQUIREMENTS.as_bytes()).region(samples::REQUIREMENTS.as_bytes(), place.span),
        ),
    };
    let counts = Some([1, 0, 2, 40, 0, 3]);
    summary(&Input { title: "Specs", new, known: 7, gone: 2, counts, diff, locate: &locate })
}

fn touched(text: &str) -> Touched {
    Touched {
        spec: "rate limit".to_string(),
        id: "1.2".to_string(),
        text: text.to_string(),
        status: Some(Status::Green),
        why: "`src/limit.rs` changes".to_string(),
    }
}

#[test]
fn a_summary_says_what_counts_first() {
    let overtaken = Overtaken {
        spec: "rate limit".to_string(),
        what: "task `2`".to_string(),
        title: "Count | refuse".to_string(),
        state: Some("done".to_string()),
        why: "criterion `1.2` was changed".to_string(),
    };
    let gone = Touched { status: None, why: "removed".to_string(), ..touched("z") };
    let diff = Diff {
        touched: vec![touched("a"), gone],
        at_risk: vec![touched("b|c")],
        overtaken: vec![overtaken],
        ..Diff::default()
    };
    let text = written(&samples::findings()[..1], Some(&diff));
    let expected = "## Specs\n\n❌ **1 new finding**, 1 of them an error · 7 known · 2 gone\\\n\
        Criteria in this diff: 2 touched · 1 at risk · 0 untested\\\nTasks at risk: 1\n\n\
        46 criteria: ○ 1 no task · ◑ 2 done, no test · ● 40 tested, green · ⚠ 3 suspect\n\n\
        <details open>\n<summary><b>At risk</b> (1): proved before, and what the proof stands on changes</summary>\n\n\
        | Criterion | Status | Statement | Why |\n|---|---|---|---|\n\
        | `rate limit 1.2` | ● tested, green | b\\|c | `src/limit.rs` changes |\n\n</details>\n\n\
        <details open>\n<summary><b>Tasks and design sections at risk</b> (1): written for words that change</summary>\n\n\
        | Spec | What | State | Why |\n|---|---|---|---|\n\
        | `rate limit` | task `2` Count \\| refuse | done | criterion `1.2` was changed |\n\n</details>\n\n\
        <details>\n<summary><b>Touched</b> (2): words or linked code change</summary>\n\n\
        | Criterion | Status | Statement | Why |\n|---|---|---|---|\n\
        | `rate limit 1.2` | ● tested, green | a | `src/limit.rs` changes |\n\
        | `rate limit 1.2` | ✂ gone | z | removed |\n\n</details>\n\n\
        <details open>\n<summary><b>New findings</b> (1)</summary>\n\n\
        | | Finding | Where | Rule |\n|---|---|---|---|\n\
        | ❌ error | criterion `1.2` has no response<br>→ write `THE system SHALL …` | \
        `.kiro/specs/rate limit/requirements.md:12` | `ears/no-response` (read) |\n\n</details>\n\n";
    assert_eq!(text, expected);
    assert!(written(&[], None).starts_with("## Specs\n\n✅ **0 new findings** · 7 known · 2 gone\n"));
}

#[test]
fn words_stay_words() {
    let check = |words: &str, expected: &str| assert_eq!(inline(words, 300), expected, "{words:?}");
    check("a `b|c` d", "a `b\\|c` d");
    check("<img src=x> & *x* [a](b)", "&lt;img src=x&gt; &amp; \\*x\\* \\[a\\]\\(b\\)");
    check("@everyone #12", "\\@\u{2060}everyone \\#\u{2060}12");
    check("http://evil.example", "http\\://evil\\.example");
    check("one ` tick", "one \\` tick");
    check("a\n\n## b\t|", "a \\#\u{2060}\\#\u{2060} b \\|");
    check("`` ` ``", " \\`");
    let code = |words: &str, expected: &str| assert_eq!(super::code(words), expected, "{words:?}");
    code("a`b", "``a`b``");
    code("`a", "`` `a ``");
    code("", "");
}

#[test]
fn a_long_list_fits_into_a_comment() {
    let one = samples::findings().remove(1);
    let text = written(&vec![one; 5_000], None);
    assert!(text.len() <= SUMMARY_BYTES_MAX, "{}", text.len());
    assert!(text.contains("(5000)") && text.contains("… and "), "{text}");
    let diff = Diff { touched: vec![touched(&"long ".repeat(100)); 400], ..Diff::default() };
    let text = written(&vec![samples::findings().remove(0); 300], Some(&diff));
    assert!(text.len() <= SUMMARY_BYTES_MAX, "{}", text.len());
    assert!(text.contains("(400)") && text.contains("(300)"), "{text}");
}

proptest! {
    #[test]
    fn no_words_leave_their_cell(words in "(\\PC|\n|`|\\||<|@|\\[|\\*|-->|```){0,60}") {
        let shown = inline(&words, 10_000);
        prop_assert!(!shown.contains('\n'));
        // Every bar is escaped, so that the row has as many cells as its head; outside of code no bracket opens a tag.
        let (mut is_escaped, mut is_code) = (false, false);
        for c in shown.chars() {
            // A table takes `\\|` apart before code is looked for.
            prop_assert!(c != '|' || is_escaped, "{:?}", shown);
            prop_assert!(c != '<' || is_code, "{:?}", shown);
            is_code ^= c == '`' && (is_code || !is_escaped);
            is_escaped = c == '\\' && !is_escaped;
        }
        prop_assert!(!is_code, "{:?}", shown);
    }
}
