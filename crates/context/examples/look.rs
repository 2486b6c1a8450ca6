//! Looks for words in a folder and says what was found and how long it took: `look FOLDER "WORDS" …`. Measures by hand.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool for measuring")]

use std::path::Path;
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_string());
    let Ok(folder) = Path::new(&folder).canonicalize() else { return println!("{folder} is not there") };
    for question in arguments {
        // `expected file | question`, when the place of a file is wanted.
        let (expected, words) = question.split_once('|').unwrap_or(("", &question));
        let begun = Instant::now();
        let look = context::look(
            &context::Within { workspace: &folder, place: &folder, counts: &|_| true, may_read: &|_| Ok(()) },
            words,
            10,
        );
        let took = begun.elapsed();
        let place =
            look.found.iter().position(|found| !expected.is_empty() && found.path.contains(expected.trim()));
        let place = place.map_or("-".to_string(), |place| (place + 1).to_string());
        println!("{place}\t{took:?}\t{} files\t{}", look.files, words.trim());
        for found in look.found.iter().take(5) {
            let places: Vec<String> =
                found.snippets.iter().map(|it| format!("{}-{}", it.first, it.last)).collect();
            println!("\t{:.1}\t{}:{}", found.score, found.path, places.join(","));
        }
    }
}
