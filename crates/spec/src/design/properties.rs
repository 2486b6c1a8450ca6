//! Correctness properties of a design in every dialect: `### Property 1: …`, bare or bold lines, other languages, and
//! what each validates. Judges no property.

use super::Property;
use crate::Span;
use crate::digits::{is_digit, plain};
use crate::inline::{is_bullet, strip_bullet};
use crate::items::number::{Number, number};
use crate::outline::Heading;
use crate::references;
use crate::requirements::fold::{Words, offset_in};
use crate::requirements::words;
use crate::text::{Inside, Line, Text};

/// Properties read from one document; what lies beyond is ignored.
pub const PROPERTIES_MAX: usize = 5_000;

/// Titles of the section that holds the properties.
static SECTIONS: Words = Words::new(&[
    "correctness properties",
    "correctness property",
    "properties",
    "正确性属性",
    "正确性性质",
    "正確性屬性",
    "正確性プロパティ",
    "正当性プロパティ",
    "正しさのプロパティ",
    "正確性属性",
    "정확성 속성",
    "정확성 특성",
    "свойства корректности",
    "властивості коректності",
    "propiedades de corrección",
    "propiedades de correctitud",
    "propriedades de corretude",
    "propriedades de correção",
    "proprietà di correttezza",
    "korrektheitseigenschaften",
    "propriétés de correction",
    "correctheidseigenschappen",
    "właściwości poprawności",
    "doğruluk özellikleri",
    "thuộc tính đúng đắn",
    "tính chất đúng đắn",
    "properti kebenaran",
    "properti correctness",
]);

/// Words before the number of a property.
static WORDS: Words = Words::new(&[
    "property",
    "属性",
    "性质",
    "屬性",
    "プロパティ",
    "속성",
    "특성",
    "свойство",
    "властивість",
    "propiedad",
    "propriedade",
    "proprietà",
    "eigenschaft",
    "propriété",
    "eigenschap",
    "właściwość",
    "özellik",
    "thuộc tính",
    "tính chất",
    "properti",
]);

/// Labels of what a property validates.
static VALIDATES: Words = Words::new(&[
    "validates",
    "validate",
    "validating",
    "verifies",
    "检验",
    "验证",
    "驗證",
    "検証対象",
    "検証",
    "검증 대상",
    "검증",
    "проверяет",
    "валидирует",
    "перевіряє",
    "валідує",
    "valida",
    "verifica",
    "validiert",
    "prüft",
    "valide",
    "vérifie",
    "valideert",
    "weryfikuje",
    "waliduje",
    "doğrular",
    "xác thực",
    "kiểm chứng",
    "xác minh",
    "memvalidasi",
    "validasi",
    "requirements",
    "requirement",
]);

/// What the opening line of a property says.
pub(super) struct Opened<'a> {
    pub(super) word: &'a str,
    pub(super) number: u32,
    written: &'a str,
    title: &'a str,
}

/// Reads `Property 3: …`, with or without the marks of a heading or of emphasis.
pub(super) fn heading(line: &str) -> Option<Opened<'_>> {
    let open = line.trim().trim_start_matches(['#', ' ', '*', '_', '>']);
    let (_, rest) = WORDS.behind(open).next()?;
    let word = open.get(..open.len() - rest.len())?;
    let digits = rest.trim_start_matches([' ', '\u{a0}', '#', '-']);
    let after = digits.trim_start_matches(is_digit);
    let written = digits.get(..digits.len() - after.len())?;
    after.is_empty().then_some(()).or_else(|| {
        after.starts_with([':', '：', '*', '_', ' ', '.', '-', '—', '–', '(', '（']).then_some(())
    })?;
    let title = after.trim_start_matches([':', '：', '*', '_', ' ', '.', '-', '—', '–']);
    let title = title.trim_end_matches(|c: char| matches!(c, '*' | '_' | '#') || c.is_whitespace());
    Some(Opened { word, number: plain(written).parse().ok()?, written, title })
}

/// The properties in document order: those of their section, or, without one, those under headings and in bold.
pub(super) fn read(text: &Text<'_>, headings: &[Heading]) -> Vec<Property> {
    let section = headings.iter().find(|heading| heading.level <= 3 && SECTIONS.begin(title(heading)));
    let (from, to) = section.map_or((0, text.lines().len()), |section| (section.line + 1, section.end));
    let mut reader = Reader { text, found: Vec::new(), is_open: false, level: 0, is_list: false };
    let lines = text.lines().get(from..to).unwrap_or_default();
    let mut next = headings.partition_point(|heading| heading.line < from);
    for (index, line) in lines.iter().enumerate() {
        if line.inside != Inside::Prose {
            continue;
        }
        while headings.get(next).is_some_and(|heading| heading.line < from + index) {
            next += 1;
        }
        let level =
            headings.get(next).filter(|heading| heading.line == from + index).map(|heading| heading.level);
        reader.line(line, level, section.is_some());
        if reader.found.len() > PROPERTIES_MAX {
            break;
        }
    }
    for property in &mut reader.found {
        property.text.truncate(property.text.trim_end().len());
    }
    reader.found
}

fn title(heading: &Heading) -> &str {
    heading.title.trim_start_matches(|c: char| !c.is_alphabetic())
}

struct Reader<'a, 'b> {
    text: &'a Text<'b>,
    found: Vec<Property>,
    is_open: bool,
    /// Rank of the heading that opened the property; lines that are none count as the third.
    level: usize,
    /// The ids stand in a list below their label.
    is_list: bool,
}

impl Reader<'_, '_> {
    fn line(&mut self, line: &Line, level: Option<usize>, is_section: bool) {
        let content = self.text.str_of(line);
        if let Some(opened) = heading(&content).filter(|_| is_opening(&content, level, is_section)) {
            let is_exact = content.len() == line.span.len;
            let at = offset_in(&content, opened.written);
            let number_span = Span { offset: line.span.offset + at, len: opened.written.len() };
            self.found.push(Property {
                number: opened.number,
                title: opened.title.to_string(),
                span: line.span,
                heading: line.span,
                number_span: is_exact.then_some(number_span),
                ..Property::default()
            });
            (self.is_open, self.level, self.is_list) = (true, level.unwrap_or(3), false);
            return;
        }
        self.is_open &= level.is_none_or(|level| level > self.level);
        let Some(property) = self.found.last_mut().filter(|_| self.is_open) else { return };
        let trimmed = content.trim();
        if let Some(value) = validates(&content) {
            property.validates.extend(ids(value));
            let is_exact = content.len() == line.span.len && !value.is_empty();
            let place = Span { offset: line.span.offset + offset_in(&content, value), len: value.len() };
            property.validates_span = property.validates_span.or(is_exact.then_some(place));
            self.is_list = value.is_empty();
        } else if self.is_list && is_bullet(&content) {
            match number(strip_bullet(&content)).map(|found| found.number) {
                Some(Number::Dotted(id) | Number::Series(id)) => property.validates.push(id),
                _ => self.is_list = false,
            }
        } else if !trimmed.is_empty() {
            self.is_list = false;
        }
        if !(property.text.is_empty() && trimmed.is_empty()) {
            property.text.push_str(content.trim_end());
            property.text.push('\n');
            property.span = Span::between(property.span.offset, line.span.end());
        }
    }
}

/// Inside the section any line counts that begins so and goes on like a title; elsewhere only headings and bold lines.
fn is_opening(content: &str, level: Option<usize>, is_section: bool) -> bool {
    let trimmed = content.trim();
    level.is_some()
        || trimmed.starts_with("**")
        || is_section && !is_bullet(content) && trimmed.contains([':', '：'])
}

/// The ids behind `Validates:`, without the word `Requirements` and the emphasis.
fn validates(content: &str) -> Option<&str> {
    const MARKS: &[char] = &['*', '_', ' '];
    let open = strip_bullet(content).trim_start_matches(MARKS);
    let rest = VALIDATES.behind(open).next()?.1.trim_start_matches(MARKS);
    let rest = match rest.strip_prefix([':', '：']) {
        Some(rest) => rest,
        // `Validates Requirements: 1.1`.
        None => without_word(rest)?.trim_start_matches(MARKS).strip_prefix([':', '：'])?,
    };
    let value = rest.trim_start_matches(MARKS);
    let value = without_word(value).unwrap_or(value);
    Some(
        value
            .trim_start_matches([':', '：', ' ', '*', '_'])
            .trim_end_matches(|c: char| matches!(c, '*' | '_') || c.is_whitespace()),
    )
}

/// What follows `Requirements` in any language.
fn without_word(value: &str) -> Option<&str> {
    let all = words::REQUIREMENTS.behind(value).chain(words::REQUIREMENT.behind(value));
    all.chain(words::ACCEPTANCE.behind(value))
        .map(|(_, rest)| rest)
        .find(|rest| !rest.starts_with(char::is_alphabetic))
        .map(str::trim_start)
}

fn ids(value: &str) -> Vec<String> {
    // `1.1, 1.2 (and 1.4)` means all three; other remarks in brackets are left out.
    if let Some((head, tail)) =
        value.split_once("(and ").and_then(|(head, rest)| Some((head, rest.split_once(')')?)))
    {
        return references::read_items(&format!("{head}, {}{}", tail.0, tail.1)).ids;
    }
    references::read_items(value).ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Design;

    /// Number, title, ids.
    type Expected<'a> = (u32, &'a str, &'a [&'a str]);

    #[track_caller]
    fn check(input: &str, expected: &[Expected<'_>]) {
        let found = Design::parse(input.as_bytes()).properties;
        let got: Vec<_> = found.iter().map(|p| (p.number, p.title.clone(), p.validates.clone())).collect();
        let want: Vec<_> = expected
            .iter()
            .map(|(n, t, v)| (*n, t.to_string(), v.iter().map(|s| s.to_string()).collect()))
            .collect();
        assert_eq!(got, want, "{input}");
    }

    #[test]
    fn every_dress_of_a_property() {
        let one: &[Expected<'_>] = &[(1, "A", &["1.1", "1.2"])];
        check(
            "## Correctness Properties\n### Property 1: A\n*For any* x.\n**Validates: Requirements 1.1, 1.2**\n",
            one,
        );
        check("## Correctness Properties\nProperty 1: A\nx\n**Validates: Requirements 1.1, 1.2**\n", one);
        check("## Correctness Properties\n**Property 1: A**\n\n**Validates Requirements:** 1.1, 1.2\n", one);
        check("## Correctness Properties\n**Property 1:** A\n_Validates: 1.1, 1.2_\n", one);
        check("## Correctness Properties\n#### Property 1 - A\n- **Validates**: Requirements 1.1-1.2\n", one);
        check(
            "## Correctness Properties\n**Property 1**\nx\n**Validates: Requirement 1.1**\n",
            &[(1, "", &["1.1"])],
        );
        check("### Property 1: A\n**Validates: Requirements 1.1 (and 1.2)**\n", one);
        check(
            "## Correctness Properties\n### Property 1: A\n**Validates Requirements:**\n- 1.1: x\n- 1.2: y\n",
            one,
        );
    }

    #[test]
    fn other_languages() {
        let one: &[Expected<'_>] = &[(1, "A", &["1.1", "1.2"])];
        check("## 正确性属性\n### 属性 1：A\n*对于任何* x\n**验证需求：需求 1.1, 1.2**\n", one);
        check("## 正确性属性\n**属性 1: A**\n**验证**: 需求 1.1-1.2\n", one);
        check("## 正確性プロパティ\n### プロパティ 1: A\n**検証対象: 要件 1.1, 1.2**\n", one);
        check("## 정확성 속성\n### 속성 1: A\n**검증: 요구사항 1.1, 1.2**\n", one);
        check("## Свойства корректности\n### Свойство 1: A\n**Проверяет: Требования 1.1, 1.2**\n", one);
        check("## Propiedades de Corrección\n### Propiedad 1: A\n**Valida: Requisitos 1.1, 1.2**\n", one);
        check(
            "## Korrektheitseigenschaften\n### Eigenschaft 1: A\n**Validiert: Anforderungen 1.1, 1.2**\n",
            one,
        );
    }

    #[test]
    fn what_is_none() {
        check("## Correctness Properties\n### Reflection\nProperty tests are good: yes\n", &[]);
        check("## Properties of steel\nProperty 12 is heavy\n", &[]);
        check(
            "## Correctness Properties\n### Property 1: A\nx\n### Notes\n**Validates: Requirements 9.9**\n",
            &[(1, "A", &[])],
        );
    }

    #[test]
    fn places() {
        let input = "## Correctness Properties\n### Property 12: A\n**Validates: Requirements 1.1, 1.2**\n";
        let found = Design::parse(input.as_bytes()).properties;
        let text = |span: Option<Span>| span.map(|span| span.text(input.as_bytes()));
        assert_eq!(text(Some(found[0].heading)).as_deref(), Some("### Property 12: A"));
        assert_eq!(text(found[0].number_span).as_deref(), Some("12"));
        assert_eq!(text(found[0].validates_span).as_deref(), Some("1.1, 1.2"));
    }
}
