//! Any bytes, cut anywhere, through the scanner, the firewall and the reader of rules. Nothing may panic, and what was redacted
//! must come back as it was.
#![no_main]

use std::sync::{Arc, OnceLock};

use libfuzzer_sys::fuzz_target;
use secrets::{Firewall, Key, Options, Rules, Scanner, Source, Stream, Use};

fuzz_target!(|input: (Vec<u8>, Vec<u16>)| {
    let (bytes, cuts) = input;
    static SCANNER: OnceLock<Arc<Scanner>> = OnceLock::new();
    let scanner = SCANNER.get_or_init(|| Arc::new(Scanner::new(Rules::builtin()))).clone();

    let scan = scanner.scan(&bytes, &Options { path: Some("a/b.txt"), marks: true, let_through: true });
    for pair in scan.findings.windows(2) {
        assert!(pair[0].secret.end <= pair[1].secret.start);
    }
    assert!(scan.findings.iter().all(|found| found.secret.end <= bytes.len() && found.span.end <= bytes.len()));

    // The whole, and the same in pieces.
    let run = |cuts: &[u16]| {
        let mut wall = Firewall::new(scanner.clone(), Key::new([7; 16]));
        let mut stream = Stream::new(Source::World);
        let mut text = Vec::new();
        let mut at = 0;
        for cut in cuts {
            let end = bytes.len().min(at + usize::from(*cut));
            text.extend(stream.push(&mut wall, &bytes[at..end]).text);
            at = end;
        }
        text.extend(stream.push(&mut wall, &bytes[at..]).text);
        text.extend(stream.finish(&mut wall).text);
        let back = wall.resolve_bytes(&text, "fuzz", &|_: &Use<'_>| true).text;
        assert_eq!(back, bytes);
        text
    };
    assert_eq!(run(&[]), run(&cuts));

    let text = String::from_utf8_lossy(&bytes);
    let read = Rules::read(&text);
    Scanner::new(read.rules).scan(&bytes, &Options::default());
    secrets::reference::read(&text);
});
