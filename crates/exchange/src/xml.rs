//! XML as this crate needs it: text made safe for writing, and a reader's events with their bounds. Knows no format.

use std::fmt::Write;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Elements inside each other; real reports have six.
pub(crate) const DEPTH_MAX: usize = 64;

/// `text` for element content and attribute values in double quotes. Characters that XML 1.0 cannot hold become
/// replacement characters; line breaks and tabs become references, so that attributes keep them.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    push_escaped(&mut out, text);
    out
}

/// [`escaped`], appended.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\r' | '\t' => drop(write!(out, "&#{};", c as u32)),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// What a document offers next, entities resolved and bounds kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element begins; an empty one is followed by its end.
    Open(Element),
    /// The innermost element ends.
    Close(String),
    /// Words between tags.
    Text(String),
    /// The document is over.
    End,
    /// The rest cannot be read, and why.
    Broken(String),
}

/// An element's local name and attributes, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Element {
    /// The value of an attribute by its local name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Attributes kept of one element.
const ATTRIBUTES_MAX: usize = 64;

/// A document being read.
pub(crate) struct Document<'a> {
    reader: Reader<&'a [u8]>,
    open: Vec<String>,
    pending_close: bool,
    is_over: bool,
}

impl<'a> Document<'a> {
    pub(crate) fn of(text: &'a str) -> Document<'a> {
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        reader.config_mut().check_end_names = false;
        Document { reader, open: Vec::new(), pending_close: false, is_over: false }
    }

    pub(crate) fn next(&mut self) -> Step {
        if self.is_over {
            return Step::End;
        }
        if std::mem::take(&mut self.pending_close) {
            return Step::Close(self.open.pop().unwrap_or_default());
        }
        let step = self.step();
        if matches!(step, Step::End | Step::Broken(_)) {
            self.is_over = true;
        }
        step
    }

    fn step(&mut self) -> Step {
        loop {
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    return Step::Broken(format!("byte {}: {error}", self.reader.error_position()));
                }
            };
            match event {
                Event::Start(start) => return self.open(&start),
                Event::Empty(start) => {
                    self.pending_close = true;
                    return self.open(&start);
                }
                Event::End(end) => {
                    let name = local(end.name().as_ref());
                    return match self.open.pop() {
                        Some(open) if open == name => Step::Close(name),
                        Some(open) => {
                            Step::Broken(format!("`</{}>` closes `<{}>`", short(&name), short(&open)))
                        }
                        None => Step::Broken(format!("`</{}>` closes nothing", short(&name))),
                    };
                }
                Event::Text(text) => return Step::Text(text.xml10_content().into_owned()),
                Event::CData(text) => return Step::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(entity) => return Step::Text(resolved(&entity)),
                Event::DocType(kind) => {
                    // Entities of one's own are how a small file becomes gigabytes or reads other files.
                    let words = kind.xml10_content();
                    if words.contains("ENTITY") || words.contains("SYSTEM") || words.contains("PUBLIC") {
                        return Step::Broken(
                            "it declares entities of its own, which are refused".to_string(),
                        );
                    }
                }
                Event::Eof if self.open.is_empty() => return Step::End,
                Event::Eof => {
                    let open = self.open.last().map(String::as_str).unwrap_or_default();
                    return Step::Broken(format!("it ends inside `<{}>`", short(open)));
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Step {
        if self.open.len() >= DEPTH_MAX {
            return Step::Broken(format!("more than {DEPTH_MAX} elements stand inside each other"));
        }
        let mut element = Element { name: local(start.name().as_ref()), attributes: Vec::new() };
        // The check for doubled attributes takes quadratic time.
        for attribute in start.attributes().with_checks(false).flatten().take(ATTRIBUTES_MAX) {
            let raw = attribute.value.as_ref();
            let value = quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_string(), |v| v.into_owned());
            element.attributes.push((local(attribute.key.as_ref()), value));
        }
        self.open.push(element.name.clone());
        Step::Open(element)
    }
}

fn short(name: &str) -> String {
    crate::results::clip(name, 40)
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or_default().to_string()
}

/// The five entities of XML and character references; any other stays as it is written.
fn resolved(entity: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        return c.to_string();
    }
    let name = entity.xml10_content();
    match name.as_ref() {
        "amp" => "&".to_string(),
        "lt" => "<".to_string(),
        "gt" => ">".to_string(),
        "quot" => "\"".to_string(),
        "apos" => "'".to_string(),
        other => format!("&{other};"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<Step> {
        let mut document = Document::of(text);
        let mut out = Vec::new();
        loop {
            let step = document.next();
            let is_last = matches!(step, Step::End | Step::Broken(_));
            out.push(step);
            if is_last {
                return out;
            }
        }
    }

    fn broken(text: &str) -> Option<String> {
        match steps(text).pop() {
            Some(Step::Broken(why)) => Some(why),
            _ => None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let check = |text: &str, expected: &str| {
            let words = escaped(text);
            let document = format!("<a b=\"{words}\">{words}</a>");
            let read = steps(&document);
            let Some(Step::Open(element)) = read.first() else { panic!("{read:?}") };
            assert_eq!(element.get("b"), Some(expected));
            let text: String = read
                .iter()
                .filter_map(|s| if let Step::Text(t) = s { Some(t.as_str()) } else { None })
                .collect();
            assert_eq!(text, expected);
        };
        check("plain", "plain");
        check("<b>&amp; \"'\n\r\t]]>", "<b>&amp; \"'\n\r\t]]>");
        check("nul \u{0} bell \u{7} end \u{ffff}", "nul \u{fffd} bell \u{fffd} end \u{fffd}");
    }

    #[test]
    fn hostile_documents_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert!(broken(bomb).is_some_and(|why| why.contains("entities of its own")));
        assert!(broken("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>").is_some());
        assert_eq!(broken("<!DOCTYPE html><a/>"), None);
        assert!(broken(&"<a>".repeat(10_000)).is_some_and(|why| why.contains("inside each other")));
        assert!(broken("<a><b></a>").is_some_and(|why| why.contains("closes `<b>`")));
        assert!(broken("</a>").is_some());
        assert!(broken("<a>").is_some_and(|why| why.contains("ends inside")));
        assert_eq!(steps("<a>&x;</a>").get(1), Some(&Step::Text("&x;".to_string())));
    }
}
