//! The page: nothing of a document has power over it, nothing leaves it, everything is on it.

use super::*;
use crate::samples;

/// SHA-256, so that the digests in the page are compared with the files and not with a copy of themselves.
fn sha256(bytes: &[u8]) -> [u8; 32] {
    const FIRST: [u32; 8] =
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
    let primes: Vec<u32> = (2u32..312).filter(|n| (2..*n).all(|d| n % d != 0)).take(64).collect();
    // The first 32 bits behind the point of the cube roots of the first 64 primes, by bisection in integers.
    let round: Vec<u32> = primes
        .iter()
        .map(|prime| {
            let target = u128::from(*prime) << 108;
            let (mut low, mut high) = (0u128, 1u128 << 40);
            while low + 1 < high {
                let middle = (low + high) / 2;
                if middle * middle * middle <= target { low = middle } else { high = middle }
            }
            (low >> 4) as u32
        })
        .collect();
    let mut data = bytes.to_vec();
    data.push(0x80);
    while data.len() % 64 != 56 {
        data.push(0);
    }
    data.extend((bytes.len() as u64 * 8).to_be_bytes());
    let mut hash = FIRST;
    for chunk in data.chunks(64) {
        let mut w: Vec<u32> = chunk.chunks(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
        for i in 16..64 {
            let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
            let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
            w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = hash;
        for i in 0..64 {
            let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let ch = (e & f) ^ (!e & g);
            let t1 = h.wrapping_add(s1).wrapping_add(ch).wrapping_add(round[i]).wrapping_add(w[i]);
            let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
        }
        for (sum, part) in hash.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *sum = sum.wrapping_add(part);
        }
    }
    let mut out = [0; 32];
    for (to, from) in out.chunks_mut(4).zip(hash) {
        to.copy_from_slice(&from.to_be_bytes());
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char;
            out.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

#[test]
fn the_digests_are_those_of_the_files() {
    assert_eq!(base64(&sha256(b"abc")), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    let check = |text: &str, expected: &str| assert_eq!(base64(&sha256(unix(text).as_bytes())), expected);
    check(STYLE, STYLE_DIGEST);
    check(SCRIPT, SCRIPT_DIGEST);
    assert!(!SCRIPT.contains("</script") && !STYLE.contains("</style") && !SCRIPT.contains("<!--"));
}

/// Every tag of the page, outside of style and script.
fn tags(page: &str) -> Vec<String> {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    let (body, _) = body.split_once("<script>").unwrap();
    let text = format!("{head}{body}");
    text.split('<')
        .skip(1)
        .map(|part| part.split_once('>').unwrap_or_else(|| panic!("{part}")).0.to_string())
        .collect()
}

#[test]
fn nothing_of_a_document_gets_power() {
    let page = page(&samples::report());
    let known = [
        "!doctype", "html", "head", "meta", "title", "body", "a", "header", "h1", "h2", "h3", "p", "svg",
        "rect", "ul", "li", "ol", "span", "form", "div", "input", "select", "option", "fieldset", "legend",
        "label", "button", "output", "main", "details", "summary", "section", "code", "b", "br", "dl", "dt",
        "dd", "table", "thead", "tbody", "tr", "th", "td", "strong", "footer", "kbd",
    ];
    let mut open: Vec<String> = Vec::new();
    for tag in tags(&page) {
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap_or_default().to_string();
        assert!(known.contains(&name.as_str()), "<{tag}>");
        // No handler, no style, no address that leaves the page.
        for part in tag.split('"').step_by(2) {
            let words = part.split([' ', '\n']).filter(|word| word.contains('='));
            assert!(
                words.clone().all(|word| !word.starts_with("on") && word != "style=" && word != "src="),
                "{tag}"
            );
        }
        if let Some((_, target)) = tag.split_once("href=\"") {
            assert!(target.starts_with('#'), "{tag}");
        }
        let is_void = ["meta", "input", "br", "rect", "!doctype"].contains(&name.as_str());
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "</{name}>");
        } else if !is_void {
            open.push(name);
        }
    }
    assert_eq!(open, ["html", "body"], "the script stands at the end of the body");
    assert!(!page.contains("<img") && !page.contains("</script><"), "the hostile words are words");
}

#[test]
fn everything_is_on_the_page_and_has_an_address() {
    let report = samples::report();
    let page = page(&report);
    let has = |words: &str| assert!(page.contains(words), "{words:?} is missing");
    has("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    has(
        "<li class=\"c green\" id=\"rate-limit/1.1\" data-s=\"green\" tabindex=\"-1\"><a class=\"id\" href=\"#rate-limit/1.1\">1.1</a>",
    );
    has("</span> 2 tested, green</li>");
    has("<b>WHEN</b> x <b>THEN</b> the <code>store</code> <b>SHALL</b> y");
    has("1 task · 1 property · 2 tests, 1 ");
    has(
        "<span class=\"came green\"><span aria-hidden=\"true\">✔</span> passed</span> keeps it <code>tests/store.rs:7</code>",
    );
    has("of the criteria are tested and green");
    has("link 70 % sure");
    has(&escaped(samples::HOSTILE));
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "two elements have one address");
    assert!(ids.iter().all(|id| !id.contains(char::is_whitespace)));
}

#[test]
fn a_large_report_is_a_page_of_reasonable_size() {
    let mut report = samples::report();
    let mut spec = report.specs.remove(0);
    let mut criterion = spec.requirements[0].criteria[0].clone();
    criterion.text =
        "WHEN a person asks for more than 60 pages a minute THEN the system SHALL refuse".to_string();
    criterion.findings.clear();
    criterion.commits[0].subject = "Refuse the sixty-first request".to_string();
    criterion.tests.truncate(1);
    spec.requirements.truncate(1);
    spec.requirements[0].criteria = vec![criterion; 50];
    report.specs = vec![spec; 300];
    let page = page(&report);
    assert!(page.len() < 15_000 * 900, "{} bytes", page.len());
    assert!(page.contains("<details class=\"spec\" id=\"rate-limit\">"), "closed when there are many");
    assert!(page.contains("id=\"rate-limit~300/1.1~50\""));
}
