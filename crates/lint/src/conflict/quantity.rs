//! Numbers with their units and comparisons, in one dimension each: `within 2 minutes` is at most 120,000 ms. Reads
//! no sentence.

use crate::conflict::units::{CODES, COMPARISONS, COMPARISONS_AFTER, COMPARISONS_CJK, LABELS, UNITS};
use crate::conflict::words::{Piece, Sort, hash, mix};

/// How a number limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    /// `5 s`, `exactly 5 s`
    Exactly,
    /// `within 5 s`, `5 s or less`
    AtMost,
    /// `at least 5 s`, `more than 5 s`
    AtLeast,
    /// `1 to 5 s`
    Range,
}

/// A quantity in the base unit of its dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantity {
    /// What is measured: equal for quantities that can be compared.
    pub dimension: u64,
    /// How it limits.
    pub compare: Compare,
    /// The number; the lower one of a range.
    pub low: f64,
    /// The number again; the higher one of a range.
    pub high: f64,
    /// `more than 5` leaves 5 out, `at least 5` does not.
    pub strict: bool,
}

impl Quantity {
    /// Stands for the quantity in comparisons that leave its value out.
    pub(crate) fn dimension_hash(&self) -> u64 {
        mix(3, self.dimension)
    }

    /// Stands for the quantity in comparisons that want its value.
    pub(crate) fn value_hash(&self) -> u64 {
        let value = mix(self.low.to_bits(), self.high.to_bits());
        mix(mix(self.dimension, value), self.compare as u64)
    }

    /// Whether the two cannot be said of one thing by one careful author: both give the same kind of limit with
    /// another value, or no value satisfies both.
    pub(crate) fn contradicts(&self, other: &Quantity) -> bool {
        if self.dimension != other.dimension {
            return false;
        }
        let differ = |a: f64, b: f64| (a - b).abs() > 1e-9 * a.abs().max(b.abs()).max(1.0);
        if self.compare == other.compare {
            return differ(self.low, other.low) || differ(self.high, other.high);
        }
        let (from, to) = self.interval();
        let (other_from, other_to) = other.interval();
        from.max(other_from) > to.min(other_to)
    }

    /// A count or a code, without a unit of measurement.
    pub(crate) fn is_plain(&self) -> bool {
        self.dimension == hash("count") || self.dimension == hash("code")
    }

    fn interval(&self) -> (f64, f64) {
        match self.compare {
            Compare::Exactly | Compare::Range => (self.low, self.high),
            Compare::AtMost => (f64::NEG_INFINITY, self.high),
            Compare::AtLeast => (self.low, f64::INFINITY),
        }
    }
}

/// A quantity and how many pieces before it are no part of it.
pub(crate) struct Found {
    pub(crate) quantity: Quantity,
    pub(crate) skip: usize,
}

/// The quantity that begins at `index`, comparison words included, and how many pieces it takes.
pub(crate) fn read(text: &str, raw: &[Piece], index: usize) -> Option<(Found, usize)> {
    let piece = raw.get(index)?;
    // Most words begin no quantity: look at the first letter before anything is allocated.
    if !may_begin(piece.of(text), piece.sort) {
        return None;
    }
    let at = Reader { text, raw };
    let (compare, strict, words) = at.comparison(index).unwrap_or((Compare::Exactly, false, 0));
    let mut next = index + words;
    let is_money = at.is_sign(next, &["$", "€"]);
    next += usize::from(is_money);
    let (low, used) = at.number(next, words > 0)?;
    if words == 0 && at.is_label(index, next + used) {
        return None;
    }
    next += used;
    let (mut low, mut high, mut compare) = (low, low, compare);
    let mut unit = at.unit(next);
    if let Some((end, used)) = at.range_end(next, unit.as_ref().map_or(0, |unit| unit.pieces)) {
        high = end;
        compare = Compare::Range;
        next += used;
        unit = at.unit(next);
    }
    let mut dimension = hash("count");
    if let Some(unit) = unit {
        low *= unit.factor;
        high *= unit.factor;
        dimension = unit.dimension;
        next += unit.pieces;
    } else if is_money {
        dimension = hash("money");
    } else if at.is_code(index) {
        dimension = hash("code");
    } else if at.is_glued(next) {
        // `2FA`, `3rd`, `4x`: a name, not an amount.
        return None;
    }
    if let Some((after, used)) = at.comparison_after(next) {
        compare = after;
        next += used;
    }
    let quantity = Quantity { dimension, compare, low, high, strict };
    Some((Found { quantity, skip: 0 }, next - index))
}

fn may_begin(spelled: &str, sort: Sort) -> bool {
    match sort {
        Sort::Digits => true,
        Sort::Sign => matches!(spelled, "<" | ">" | "=" | "≤" | "≥" | "$" | "€"),
        Sort::Cjk => {
            cjk_numeral(spelled).is_some() || COMPARISONS_CJK.iter().any(|(word, _)| *word == spelled)
        }
        Sort::Letters => {
            COMPARISONS.iter().any(|(words, ..)| starts_with_word(words, spelled))
                || written(spelled).is_some()
        }
        Sort::Quoted => false,
    }
}

fn starts_with_word(words: &str, spelled: &str) -> bool {
    words.split(' ').next().is_some_and(|first| first.eq_ignore_ascii_case(spelled))
}

struct Reader<'t> {
    text: &'t str,
    raw: &'t [Piece],
}

struct Unit {
    dimension: u64,
    factor: f64,
    pieces: usize,
}

impl<'t> Reader<'t> {
    fn spelled(&self, index: usize) -> &'t str {
        self.raw.get(index).map(|piece| piece.of(self.text)).unwrap_or_default()
    }

    fn sort(&self, index: usize) -> Option<Sort> {
        self.raw.get(index).map(|piece| piece.sort)
    }

    fn is_sign(&self, index: usize, signs: &[&str]) -> bool {
        self.sort(index) == Some(Sort::Sign) && signs.contains(&self.spelled(index))
    }

    /// Whether no space stands before the piece at `index`.
    fn is_glued(&self, index: usize) -> bool {
        let end =
            index.checked_sub(1).and_then(|before| self.raw.get(before)).map(|piece| piece.at + piece.len);
        let next = self.raw.get(index).filter(|piece| matches!(piece.sort, Sort::Letters));
        next.is_some_and(|piece| Some(piece.at) == end)
    }

    fn comparison(&self, index: usize) -> Option<(Compare, bool, usize)> {
        match self.sort(index)? {
            Sort::Sign => {
                let two = self.is_sign(index + 1, &["="]);
                match self.spelled(index) {
                    "≤" => Some((Compare::AtMost, false, 1)),
                    "≥" => Some((Compare::AtLeast, false, 1)),
                    "<" => Some((Compare::AtMost, !two, 1 + usize::from(two))),
                    ">" => Some((Compare::AtLeast, !two, 1 + usize::from(two))),
                    "=" => Some((Compare::Exactly, false, 1 + usize::from(two))),
                    _ => None,
                }
            }
            Sort::Cjk => {
                let found = COMPARISONS_CJK.iter().find(|(word, _)| *word == self.spelled(index))?;
                Some((found.1, false, 1))
            }
            Sort::Letters => {
                let fits = |words: &str| {
                    words.split(' ').enumerate().all(|(at, word)| {
                        let spelled = self.spelled(index + at);
                        spelled.eq_ignore_ascii_case(word)
                            || !word.is_ascii() && spelled.to_lowercase() == word
                    })
                };
                let (words, compare, strict) = COMPARISONS.iter().find(|(words, ..)| fits(words))?;
                let mut used = words.split(' ').count();
                if self.spelled(index + used).eq_ignore_ascii_case("of") {
                    used += 1;
                }
                Some((*compare, *strict, used))
            }
            _ => None,
        }
    }

    fn comparison_after(&self, index: usize) -> Option<(Compare, usize)> {
        if self.is_sign(index, &["+"]) {
            return Some((Compare::AtLeast, 1));
        }
        if self.sort(index)? == Sort::Cjk {
            let found = COMPARISONS_CJK.iter().find(|(word, _)| *word == self.spelled(index))?;
            return Some((found.1, 1));
        }
        let fits = |words: &str| {
            words.split(' ').enumerate().all(|(at, word)| self.spelled(index + at).eq_ignore_ascii_case(word))
        };
        COMPARISONS_AFTER
            .iter()
            .find(|(words, _)| fits(words))
            .map(|(words, c)| (*c, words.split(' ').count()))
    }

    fn number(&self, index: usize, has_comparison: bool) -> Option<(f64, usize)> {
        let spelled = self.spelled(index);
        match self.sort(index)? {
            Sort::Digits => {
                let value = digits(spelled)?;
                let next = self.spelled(index + 1);
                let is_scale =
                    self.is_glued(index + 1) || matches!(next, "million" | "thousand" | "万" | "億");
                let scale = match next {
                    "k" | "K" | "thousand" => 1e3,
                    "M" | "million" => 1e6,
                    "万" => 1e4,
                    "億" => 1e8,
                    _ => return Some((value, 1)),
                };
                Some(if is_scale || !next.is_ascii() { (value * scale, 2) } else { (value, 1) })
            }
            Sort::Letters => {
                let value = written(spelled)?;
                let is_bare_one = spelled.eq_ignore_ascii_case("one") && !has_comparison;
                if is_bare_one && self.unit(index + 1).is_none() {
                    return None;
                }
                Some((value, 1))
            }
            Sort::Cjk => {
                let mut value = cjk_numeral(spelled)?;
                let mut used = 1;
                while let Some(next) = cjk_numeral(self.spelled(index + used)) {
                    value = if next >= 10.0 && value < next { value * next } else { value + next };
                    used += 1;
                }
                // `一` also stands in words; a unit must follow.
                self.unit(index + used).map(|_| (value, used))
            }
            _ => None,
        }
    }

    fn is_label(&self, index: usize, after: usize) -> bool {
        let Some(before) = index.checked_sub(1) else { return false };
        let spelled = self.spelled(before);
        // One of a list of numbers: `modules 1, 5 and 6`.
        let in_list = |index: usize, step: isize| {
            let sign = if step < 0 { index.checked_sub(1) } else { Some(index) };
            let number = sign.and_then(|sign| sign.checked_add_signed(step));
            sign.is_some_and(|sign| self.is_sign(sign, &[",", "、"]))
                && number.is_some_and(|number| self.sort(number) == Some(Sort::Digits))
        };
        if in_list(index, -1) || in_list(after, 1) {
            return true;
        }
        // A part of a date: `2024-01-02`.
        let dashed = |sign: usize, number: usize| {
            self.is_sign(sign, &["-"]) && self.sort(number) == Some(Sort::Digits)
        };
        let starts_date = dashed(after, after + 1) && self.is_sign(after + 2, &["-"]);
        if starts_date || before > 0 && dashed(before, before - 1) {
            return true;
        }
        if self.sort(before) != Some(Sort::Letters) || self.unit(after).is_some() {
            return false;
        }
        if LABELS.iter().any(|label| label.eq_ignore_ascii_case(spelled)) {
            return true;
        }
        let mut letters = spelled.chars();
        let is_title = letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_lowercase);
        is_title && before > 0 && !self.is_code(index)
    }

    fn is_code(&self, index: usize) -> bool {
        let before = index.checked_sub(1).map(|before| self.spelled(before)).unwrap_or_default();
        CODES.iter().any(|code| code.eq_ignore_ascii_case(before))
    }

    fn range_end(&self, index: usize, unit: usize) -> Option<(f64, usize)> {
        let from = index + unit;
        let is_dash = self.is_sign(from, &["-", "–", "—", "~", "～"]);
        let is_word = matches!(self.spelled(from), "to" | "から");
        if !(is_dash || is_word) || self.sort(from + 1) != Some(Sort::Digits) {
            return None;
        }
        // `2024-01-02` is a date.
        if is_dash && self.is_sign(from + 2, &["-"]) && self.sort(from + 3) == Some(Sort::Digits) {
            return None;
        }
        Some((digits(self.spelled(from + 1))?, unit + 2))
    }

    fn unit(&self, index: usize) -> Option<Unit> {
        let spelled = self.spelled(index);
        let pieces = 1;
        match self.sort(index)? {
            Sort::Sign if matches!(spelled, "%" | "％") => {
                Some(Unit { dimension: hash("percent"), factor: 1.0, pieces })
            }
            Sort::Letters | Sort::Cjk => {
                let lower = spelled.to_lowercase();
                let needs_glue = matches!(lower.as_str(), "d" | "b" | "m" | "g" | "pt" | "em" | "x");
                if needs_glue && !self.is_glued(index) {
                    return None;
                }
                let (name, _, factor) = UNITS.iter().copied().find_map(|(name, words, factor)| {
                    words.split(' ').any(|word| word == lower).then_some((name, words, factor))
                })?;
                Some(Unit { dimension: hash(name), factor, pieces })
            }
            _ => None,
        }
    }
}

fn digits(spelled: &str) -> Option<f64> {
    if spelled.contains(':') || spelled.matches('.').count() > 1 {
        return None;
    }
    let mut plain = String::with_capacity(spelled.len());
    let mut rest = spelled.split(',').peekable();
    plain.push_str(rest.next()?);
    let decimals = rest.clone().count() == 1 && rest.peek().is_some_and(|part| part.len() != 3);
    for part in rest {
        if decimals && !plain.contains('.') {
            plain.push('.');
        }
        plain.push_str(part);
    }
    let ascii: String = plain
        .chars()
        .filter(|c| *c != '_')
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            c => c,
        })
        .collect();
    ascii.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The value of an English number word, `twenty-five` included.
fn written(spelled: &str) -> Option<f64> {
    const ONES: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: &[&str] = &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    if spelled.len() < 3 || spelled.len() > 13 {
        return None;
    }
    let ones =
        |word: &str| ONES.iter().position(|known| known.eq_ignore_ascii_case(word)).map(|at| at as f64);
    let tens = |word: &str| {
        TENS.iter().position(|known| known.eq_ignore_ascii_case(word)).map(|at| (at + 2) as f64 * 10.0)
    };
    if let Some(value) = ones(spelled).or_else(|| tens(spelled)) {
        return Some(value);
    }
    if spelled.eq_ignore_ascii_case("hundred") {
        return Some(100.0);
    }
    let (left, right) = spelled.split_once('-')?;
    Some(tens(left)? + ones(right).filter(|value| *value > 0.0 && *value < 10.0)?)
}

fn cjk_numeral(spelled: &str) -> Option<f64> {
    Some(match spelled {
        "一" => 1.0,
        "二" | "两" | "兩" => 2.0,
        "三" => 3.0,
        "四" => 4.0,
        "五" => 5.0,
        "六" => 6.0,
        "七" => 7.0,
        "八" => 8.0,
        "九" => 9.0,
        "十" => 10.0,
        "百" => 100.0,
        "千" => 1000.0,
        _ => return None,
    })
}

/// Every word of a script without spaces that this file knows, so that the splitter keeps it whole.
pub(crate) fn cjk_words() -> impl Iterator<Item = &'static str> {
    const NUMERALS: &str = "一 二 两 兩 三 四 五 六 七 八 九 十 百 千 万 億";
    let units = UNITS.iter().flat_map(|(_, words, _)| words.split(' ')).filter(|word| !word.is_ascii());
    units.chain(COMPARISONS_CJK.iter().map(|(word, _)| *word)).chain(NUMERALS.split(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conflict::words::{self, Kind};

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Compare, f64, f64)]) {
        let found: Vec<_> = words::read(text)
            .into_iter()
            .filter_map(|word| match word.kind {
                Kind::Number(q) => Some((q.dimension, q.compare, q.low, q.high)),
                _ => None,
            })
            .collect();
        let want: Vec<_> = expected.iter().map(|(d, c, a, b)| (hash(d), *c, *a, *b)).collect();
        assert_eq!(found, want, "{text}");
    }

    use Compare::{AtLeast, AtMost, Exactly, Range};

    #[test]
    fn units_are_converted() {
        check("within 2 minutes", &[("time", AtMost, 120_000.0, 120_000.0)]);
        check("within 500ms or 1.5 s", &[("time", AtMost, 500.0, 500.0), ("time", Exactly, 1500.0, 1500.0)]);
        check("1 MB is 1,024 KB", &[("bytes", Exactly, 1_048_576.0, 1_048_576.0); 2]);
        check("at least 80%", &[("percent", AtLeast, 80.0, 80.0)]);
        check("100K records", &[("count", Exactly, 100_000.0, 100_000.0)]);
        check("$5 per seat", &[("money", Exactly, 5.0, 5.0)]);
    }

    #[test]
    fn comparisons_stand_before_and_behind() {
        check("SHALL NOT exceed 20 items", &[("count", AtMost, 20.0, 20.0)]);
        check("a minimum of 44 px", &[("pixels", AtLeast, 44.0, 44.0)]);
        check("8 characters or more", &[("count", Exactly, 8.0, 8.0)]);
        check("8 or more characters", &[("count", AtLeast, 8.0, 8.0)]);
        check("1 to 120 characters", &[("count", Range, 1.0, 120.0)]);
        check("1–5 s", &[("time", Range, 1000.0, 5000.0)]);
        check(">= 3 and < 9", &[("count", AtLeast, 3.0, 3.0), ("count", AtMost, 9.0, 9.0)]);
        check("3+ files", &[("count", AtLeast, 3.0, 3.0)]);
    }

    #[test]
    fn numbers_in_words_and_other_scripts() {
        check(
            "three retries in twenty-five seconds",
            &[("count", Exactly, 3.0, 3.0), ("time", Exactly, 25_000.0, 25_000.0)],
        );
        check("one of the files and at least one user", &[("count", AtLeast, 1.0, 1.0)]);
        check("5秒以内に", &[("time", AtMost, 5000.0, 5000.0)]);
        check("五秒以内", &[("time", AtMost, 5000.0, 5000.0)]);
        check("不超过30分钟", &[("time", AtMost, 1_800_000.0, 1_800_000.0)]);
        check("3초 이내", &[("time", AtMost, 3000.0, 3000.0)]);
        check("не более 10 секунд", &[("time", AtMost, 10_000.0, 10_000.0)]);
        check("１０件", &[("pieces", Exactly, 10.0, 10.0)]);
    }

    #[test]
    fn names_are_no_amounts() {
        check("WHEN Module 3 ends on Windows 11 in step 4", &[]);
        check("modules (1, 5, 6)", &[]);
        check("2FA and the 3rd, at 10:30 on 2024-01-02", &[]);
        check("exit with code 1", &[("code", Exactly, 1.0, 1.0)]);
    }

    #[test]
    fn limits_contradict_or_do_not() {
        let check = |a: &str, b: &str, expected: bool| {
            let of = |text: &str| {
                words::read(text).into_iter().find_map(|word| match word.kind {
                    Kind::Number(q) => Some(q),
                    _ => None,
                })
            };
            assert_eq!(of(a).unwrap().contradicts(&of(b).unwrap()), expected, "{a} / {b}");
        };
        check("within 2 s", "within 2000 ms", false);
        check("within 2 s", "within 5 s", true);
        check("at least 3 s", "at most 2 s", true);
        check("at least 3 s", "at most 9 s", false);
        check("5 s", "within 9 s", false);
        check("5 s", "5 %", false);
    }
}
