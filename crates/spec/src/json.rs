//! A small JSON reader for the two places where Kiro's Markdown world holds JSON: `.config.kiro` and the task
//! graph. Writes nothing but escaped strings; knows no schema.

/// Nesting beyond which a document is refused, so that hostile input cannot exhaust the stack.
pub const DEPTH_MAX: usize = 64;

/// A JSON value. Object members keep their order, and repeated keys are all kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Any number.
    Number(f64),
    /// Any string, escapes resolved.
    String(String),
    /// `[…]`
    Array(Vec<Value>),
    /// `{…}`
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The member of that name; the last one wins, as in `JSON.parse`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members.iter().rev().find(|(name, _)| name == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn items(&self) -> Option<&[Value]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

/// Where and why the text is not JSON. `offset` counts bytes from the start of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The byte where reading stopped.
    pub offset: usize,
    /// What was expected there.
    pub expected: &'static str,
}

/// Reads exactly what `JSON.parse` reads.
pub fn read_strict(text: &str) -> Result<Value, JsonError> {
    read(text, false)
}

/// Reads JSON with comments and trailing commas, as editors' settings files have them.
pub fn read_lenient(text: &str) -> Result<Value, JsonError> {
    read(text.strip_prefix('\u{feff}').unwrap_or(text), true)
}

/// `text` as a JSON string, quotes included.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn read(text: &str, lenient: bool) -> Result<Value, JsonError> {
    let mut reader = Reader { text, at: 0, lenient };
    reader.blank();
    let value = reader.value(0)?;
    reader.blank();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.error("the end")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    lenient: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn error(&self, expected: &'static str) -> JsonError {
        JsonError { offset: self.at, expected }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    fn blank(&mut self) {
        loop {
            while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.at += 1;
            }
            if self.lenient && self.rest().starts_with("//") {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if self.lenient && self.rest().starts_with("/*") {
                self.at += self.rest().find("*/").map_or(self.rest().len(), |end| end + 2);
            } else {
                return;
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        if depth >= DEPTH_MAX {
            return Err(self.error("less nesting"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for (word, value) in
                    [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)]
                {
                    if self.rest().starts_with(word) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.error("a value"))
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut members = Vec::new();
        self.eat(b'{');
        loop {
            self.blank();
            if (members.is_empty() || self.lenient) && self.eat(b'}') {
                return Ok(Value::Object(members));
            }
            let key = self.string()?;
            self.blank();
            if !self.eat(b':') {
                return Err(self.error("`:`"));
            }
            self.blank();
            let value = self.value(depth + 1)?;
            members.push((key, value));
            self.blank();
            if self.eat(b',') {
                continue;
            }
            if self.eat(b'}') {
                return Ok(Value::Object(members));
            }
            return Err(self.error("`,` or `}`"));
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut items = Vec::new();
        self.eat(b'[');
        loop {
            self.blank();
            if (items.is_empty() || self.lenient) && self.eat(b']') {
                return Ok(Value::Array(items));
            }
            items.push(self.value(depth + 1)?);
            self.blank();
            if self.eat(b',') {
                continue;
            }
            if self.eat(b']') {
                return Ok(Value::Array(items));
            }
            return Err(self.error("`,` or `]`"));
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        if !self.eat(b'"') {
            return Err(self.error("a string"));
        }
        let mut out = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else { return Err(self.error("`\"`")) };
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => out.push(self.escape()?),
                c if (c as u32) < 0x20 => return Err(self.error("an escaped control character")),
                c => {
                    self.at += c.len_utf8();
                    out.push(c);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        self.at += 1;
        let Some(byte) = self.peek() else { return Err(self.error("an escape")) };
        let plain = match byte {
            b'"' | b'\\' | b'/' => byte as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.error("an escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let high = self.hex4()?;
        if !(0xD800..0xDC00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let resume = self.at;
        if self.eat(b'\\') && self.peek() == Some(b'u') {
            let low = self.hex4()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        // `JSON.parse` accepts half of a pair; Rust has no character for it.
        self.at = resume;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        self.at += 1;
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        let is_hex = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        match u32::from_str_radix(digits, 16) {
            Ok(code) if is_hex => {
                self.at += 4;
                Ok(code)
            }
            _ => Err(self.error("four hexadecimal digits")),
        }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let rest = self.rest();
        let length =
            rest.bytes().take_while(|b| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')).count();
        let digits = rest.get(..length).unwrap_or_default();
        let integer = digits.strip_prefix('-').unwrap_or(digits);
        let has_leading_zero =
            integer.starts_with('0') && integer.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        let is_number = integer.starts_with(|c: char| c.is_ascii_digit())
            && !has_leading_zero
            && digits.ends_with(|c: char| c.is_ascii_digit())
            && !digits.contains(".e")
            && !digits.contains(".E");
        match digits.parse::<f64>() {
            Ok(number) if is_number => {
                self.at += length;
                Ok(Value::Number(number))
            }
            _ => Err(self.error("a number")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, strict: bool, lenient: bool) {
        assert_eq!((read_strict(text).is_ok(), read_lenient(text).is_ok()), (strict, lenient), "{text}");
    }

    #[test]
    fn reads_what_json_parse_reads() {
        check(r#"{"a": [1, -2.5e3, "x\u00e9\n", null, true], "a": {}}"#, true, true);
        check("", false, false);
        check("[01]", false, false);
        check("[1.]", false, false);
        check("[-]", false, false);
        check("[1 2]", false, false);
        check("{\"a\" 1}", false, false);
        check("\"\\ud83d\\ude00\"", true, true);
        check("\"\\ud83d\"", true, true);
        check("\"\\uzzzz\"", false, false);
        check("[1,] // x", false, true);
        check("\u{feff}{ /* c */ \"a\": 1, }", false, true);
        assert_eq!(read_strict("\"\\ud83d\\ude00\""), Ok(Value::String("😀".into())));
    }

    #[test]
    fn deep_nesting_is_refused_and_not_fatal() {
        check(&"[".repeat(100_000), false, false);
        check(&format!("{}{}", "[".repeat(60), "]".repeat(60)), true, true);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(s in any::<String>()) {
            let _ = read_strict(&s);
            let _ = read_lenient(&s);
        }

        #[test]
        fn what_is_quoted_is_read_back(s in any::<String>()) {
            prop_assert_eq!(read_strict(&quote(&s)), Ok(Value::String(s)));
        }
    }
}
