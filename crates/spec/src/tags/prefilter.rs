//! Finds the few places of a file where a tag can stand at all. Reads no tag.

use std::sync::LazyLock;

/// What must follow a window before its line is worth reading.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    /// A digit right behind a few signs.
    Close,
    /// A digit not far behind, because the window is the beginning of a longer word.
    Digit,
    /// A digit anywhere in the title of a test.
    Title,
    /// Nothing: the name of a spec has no digit.
    Always,
}

/// The beginning of each text, folded to lower case, is a window of [`WIDTH`] bytes. Every tag contains one of them.
/// They are chosen to be rare in sources, so not every one is the beginning of its word.
const NEAR: &[&str] = &[
    "requ", "reqs", "teri", "tes:", "ies:", "ers:", "ties", "rop_", "asks", "ford", "xige", "reks", "syar",
    "êu c", "要件", "要求", "需求", "検証", "요구", "ебов", "pied", "opri", "gens", "zell", "thuộ", "属性",
    "屬性", "プロ", "속성", "войс", "tare", "ufga", "tâc", "göre", "ugas", "nhiệ", "タス", "任务", "任務",
    "작업", "адач",
];

/// Words too short or too common to be a window without what stands behind them.
const BEFORE_SIGN: &[&str] = &[
    "req", "rty", "rti", "rop", "ask", "ac ", "ac-", "ac:", "ac#", "ac.", "ac_", "ac*", "ac[", "ac`", "ac\t",
];

/// What stands between a word and its number, and the digits for `REQ1`, `AC 1`, `TestProperty3`.
const SIGNS: &str = " \t#-.*[`:_0123456789";

const TITLES: &[&str] = &[
    "it(\"", "it('", "it(`", "st(\"", "st('", "st(`", "be(\"", "be('", "be(`", "ame(", "ly(\"", "ly('",
    "ly(`", "rio(",
];

const ALWAYS: &[&str] = &["ure:", "@spe"];

const WIDTH: usize = 4;

/// Bits of the first, coarse table: eight kilobytes that stay in the nearest cache.
const SLOT_BITS: u32 = 16;
const WORDS: usize = 1 << (SLOT_BITS - 6);

/// Bytes behind a window in which its digit must stand.
const CLOSE_BYTES: usize = 16;
const NEAR_BYTES: usize = 40;
const TITLE_BYTES: usize = 300;

struct Table {
    coarse: [u64; WORDS],
    /// Every window, folded, in order.
    exact: Vec<(u32, Look)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut exact = Vec::new();
    let mut add = |text: &[u8], look: Look| {
        exact.extend(text.first_chunk::<WIDTH>().map(|window| (folded(*window), look)));
    };
    for text in NEAR {
        add(text.as_bytes(), Look::Digit);
    }
    for text in BEFORE_SIGN {
        for sign in SIGNS.chars() {
            add(format!("{text}{sign}").as_bytes(), Look::Close);
        }
        // The first byte of the wide colon.
        add(&[text.as_bytes(), "：".as_bytes()].concat(), Look::Close);
    }
    for text in TITLES {
        add(text.as_bytes(), Look::Title);
    }
    for text in ALWAYS {
        add(text.as_bytes(), Look::Always);
    }
    exact.sort_unstable();
    let mut coarse = [0; WORDS];
    for (window, _) in &exact {
        let (word, bit) = slot_of(*window);
        if let Some(word) = coarse.get_mut(word) {
            *word |= bit;
        }
    }
    Table { coarse, exact }
});

fn folded(window: [u8; WIDTH]) -> u32 {
    u32::from_le_bytes(window) | 0x2020_2020
}

fn slot_of(window: u32) -> (usize, u64) {
    let slot = window.wrapping_mul(0x9E37_79B1) >> (32 - SLOT_BITS);
    ((slot >> 6) as usize, 1 << (slot & 63))
}

/// The first place at or behind `from` that is worth a look.
pub(super) fn next(bytes: &[u8], from: usize) -> Option<usize> {
    let table: &Table = &TABLE;
    let rest = bytes.get(from..)?;
    for (at, window) in rest.array_windows::<WIDTH>().enumerate() {
        let window = folded(*window);
        let (word, bit) = slot_of(window);
        let may_be = table.coarse.get(word).is_some_and(|word| word & bit != 0);
        if may_be && is_worth(table, window, rest.get(at..).unwrap_or_default()) {
            return Some(from + at);
        }
    }
    None
}

#[cold]
fn is_worth(table: &Table, window: u32, rest: &[u8]) -> bool {
    // The last of equal windows asks for the least.
    let at = table.exact.partition_point(|(known, _)| *known <= window);
    let near = match at.checked_sub(1).and_then(|at| table.exact.get(at)) {
        Some((known, look)) if *known == window => match look {
            Look::Close => CLOSE_BYTES,
            Look::Digit => NEAR_BYTES,
            Look::Title => TITLE_BYTES,
            Look::Always => return true,
        },
        _ => return false,
    };
    let near = rest.get(WIDTH - 1..near.min(rest.len())).unwrap_or_default();
    // Digits of other scripts begin with these bytes.
    let may_be_digit = |b: &u8| b.is_ascii_digit() || matches!(b, 0xD9 | 0xDB | 0xE0 | 0xE1 | 0xEF);
    near.iter().take_while(|b| **b != b'\n').any(may_be_digit)
}
