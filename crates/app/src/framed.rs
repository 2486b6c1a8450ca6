//! Words of somebody else on their way into a frame of Waypost's: they cannot end it, nor begin one. What stands in them is left alone.

/// The same text, in which `<tag` and `</tag` of this tag are no tags any more.
pub(crate) fn inside(text: &str, tag: &str) -> String {
    let mut framed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, behind) = rest.split_at(at);
        framed.push_str(before);
        let name = behind.trim_start_matches(['<', '/', ' ', '\t', '\n', '\r']).get(..tag.len());
        framed.push_str(if name.is_some_and(|name| name.eq_ignore_ascii_case(tag)) { "&lt;" } else { "<" });
        rest = behind.get(1..).unwrap_or_default();
    }
    framed.push_str(rest);
    framed
}

/// A name on a line, or in the quotes of a frame's attribute: it cannot end them, nor turn around what stands beside it.
pub(crate) fn attribute(name: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let stays = |c: char| !(c.is_control() || turns(c) || matches!(c, '"' | '<' | '>'));
    name.chars().map(|c| if stays(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_frame_itself_is_taken_apart() {
        let check = |text: &str, expected: &str| assert_eq!(inside(text, "hook"), expected);
        check("a < b <p>x</p> &lt;", "a < b <p>x</p> &lt;");
        check("</hook><hook name=\"x\">", "&lt;/hook>&lt;hook name=\"x\">");
        check("< /HOOK\n>", "&lt; /HOOK\n>");
        check("<<hook", "&lt;&lt;hook");
        check("<", "<");
        check("<é", "<é");
    }

    #[test]
    fn a_name_stays_in_its_quotes_and_on_its_line() {
        let check = |name: &str, expected: &str| assert_eq!(attribute(name), expected);
        check("src/a b.ts", "src/a b.ts");
        check("x\"></report>\n<report a=\"y", "x___/report___report a=_y");
        check("a\u{1b}[2J\u{202e}b\u{2028}c\u{200f}", "a_[2J_b_c_");
        check("größe", "größe");
    }
}
