//! Makes values from templates: `{h32}` is 32 digits of hex, and so on, as the head of `samples.txt` says. Seeded, so that a
//! failure comes back.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "serves tests, with templates that are written beside it"
)]

/// A source of chance.
pub(crate) struct Make(u64);

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";

impl Make {
    pub(crate) fn new(seed: u64) -> Self {
        let mut make = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            make.next();
        }
        make
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    pub(crate) fn some(&mut self, count: usize, alphabet: &str) -> String {
        let letters = alphabet.as_bytes();
        (0..count).map(|_| char::from(letters[self.next() as usize % letters.len()])).collect()
    }

    /// The template, filled.
    pub(crate) fn whole(&mut self, template: &str) -> String {
        self.fill(template, None)
    }

    /// The template with its longest part cut to a sixth, or with what a check looks at made wrong.
    pub(crate) fn near_miss(&mut self, template: &str) -> String {
        let parts = parts(template);
        let longest = parts.iter().enumerate().max_by_key(|(at, (_, count))| (*count, *at)).map(|(at, _)| at);
        self.fill(template, longest)
    }

    fn fill(&mut self, template: &str, cut: Option<usize>) -> String {
        let mut out = String::new();
        let mut rest = template;
        let mut part = 0;
        while let Some(character) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("~~") {
                out.push('~');
                rest = after;
            } else if let Some(after) = rest.strip_prefix('~') {
                rest = after;
            } else if let Some(after) = rest.strip_prefix("{=") {
                let end = closing(after);
                let inner_parts = parts(&after[..end]).len();
                let inside = self.fill(&after[..end], cut.and_then(|cut| cut.checked_sub(part)));
                out.push_str(&base64(inside.as_bytes()));
                part += inner_parts;
                rest = &after[end + 1..];
            } else if is_part(rest) {
                let end = rest.find('}').unwrap();
                out.push_str(&self.part(&rest[1..end], cut == Some(part)));
                part += 1;
                rest = &rest[end + 1..];
            } else {
                out.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
        out
    }

    fn part(&mut self, code: &str, cut: bool) -> String {
        match code {
            "crc" => {
                let body = self.some(30, &[LOWER, UPPER, DIGITS].concat());
                let whole = format!("{body}{}", crc(&body));
                if cut { whole[..35].to_owned() } else { whole }
            }
            "jwt" => {
                let head = if cut {
                    "[\"no\", \"head\", \"of\", \"a\", \"token\"]"
                } else {
                    "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
                };
                let body = format!("{{\"sub\":\"{}\",\"iat\":1700000000}}", self.some(12, LOWER));
                let (head, body) =
                    (base64(head.as_bytes()).replace('=', ""), base64(body.as_bytes()).replace('=', ""));
                let head = if cut { format!("eyJ{head}") } else { head };
                format!("{head}.{body}.{}", self.some(43, &[LOWER, UPPER, DIGITS, "-_"].concat()))
            }
            "pem" => {
                let body: Vec<String> = (0..if cut { 0 } else { 12 })
                    .map(|_| self.some(64, &[LOWER, UPPER, DIGITS, "+/"].concat()))
                    .collect();
                let kind = concat!("RSA PRIV", "ATE KEY");
                format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----", body.join("\n"))
            }
            "luhn" => {
                let mut digits = format!("4{}", self.some(14, DIGITS));
                let sum: u32 = digits
                    .bytes()
                    .rev()
                    .enumerate()
                    .map(|(at, b)| (u32::from(b - b'0'), at))
                    .map(|(d, at)| if at % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { d })
                    .sum();
                let check = (10 - sum % 10) % 10;
                digits.push_str(&((check + u32::from(cut)) % 10).to_string());
                digits
            }
            _ => {
                let (alphabet, count) = alphabet(code);
                self.some(if cut { (count / 6).max(1) } else { count }, &alphabet)
            }
        }
    }
}

fn alphabet(code: &str) -> (String, usize) {
    if let Some((set, count)) = code.split_once(':') {
        let set = if set == "2" { [LOWER, "234567"].concat() } else { "123456789".to_owned() };
        return (set, count.parse().unwrap());
    }
    let set = match &code[..1] {
        "h" => "0123456789abcdef".to_owned(),
        "H" => "0123456789ABCDEF".to_owned(),
        "a" => [LOWER, UPPER, DIGITS].concat(),
        "A" => [UPPER, DIGITS].concat(),
        "L" => [LOWER, DIGITS].concat(),
        "B" => [UPPER, "234567"].concat(),
        "d" => DIGITS.to_owned(),
        "u" => [LOWER, UPPER, DIGITS, "-_"].concat(),
        "b" => [LOWER, UPPER, DIGITS, "+/"].concat(),
        "l" => [LOWER, UPPER].concat(),
        "Q" => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".to_owned(),
        other => panic!("no alphabet `{other}`"),
    };
    (set, code[1..].parse().unwrap())
}

/// The parts of a template with their lengths.
fn parts(template: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        rest = &rest[at..];
        if is_part(rest) {
            let code = &rest[1..rest.find('}').unwrap()];
            let length =
                if matches!(code, "crc" | "jwt" | "pem" | "luhn") { 1_000 } else { alphabet(code).1 };
            found.push((code.to_owned(), length));
        }
        rest = &rest[1..];
    }
    found
}

fn is_part(text: &str) -> bool {
    let Some(code) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(code, _)| code)
    else {
        return false;
    };
    let counted = code.len() > 1
        && "hHaALBdublQ29".contains(&code[..1])
        && code[1..].trim_start_matches(':').bytes().all(|b| b.is_ascii_digit());
    counted || matches!(code, "crc" | "jwt" | "pem" | "luhn")
}

fn closing(text: &str) -> usize {
    let mut depth = 0;
    text.bytes()
        .position(|byte| {
            depth += i32::from(byte == b'{') - i32::from(byte == b'}');
            depth < 0
        })
        .unwrap()
}

/// CRC-32 in base 62, written out here so that the crate is not its own witness.
fn crc(text: &str) -> String {
    let mut sum = u32::MAX;
    for byte in text.bytes() {
        sum ^= u32::from(byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    let mut rest = !sum;
    let digits = [DIGITS, UPPER, LOWER].concat().into_bytes();
    let mut out = [b'0'; 6];
    for place in out.iter_mut().rev() {
        *place = digits[(rest % 62) as usize];
        rest /= 62;
    }
    String::from_utf8(out.to_vec()).unwrap()
}

/// Standard base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let letters = [UPPER, LOWER, DIGITS, "+/"].concat().into_bytes();
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let word =
            group.iter().enumerate().fold(0u32, |sum, (at, byte)| sum | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let letter = letters[(word >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}
