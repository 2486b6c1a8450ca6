//! Watches a tree and prints what it is told, until its input ends; for `bench/watch.py`. Not shipped.
#![expect(clippy::print_stdout, reason = "the measurements are its output")]

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use watch::{Interest, Kind, Next, Settings, Watcher};

/// One line when it is ready, then a line for each moment and one for the batch it came in.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let root = arguments.next().ok_or("usage: watching <root> [ending]")?;
    let interest = match arguments.next().and_then(|ending| ending.into_os_string().into_string().ok()) {
        Some(ending) => Interest::files(move |path| path.ends_with(&ending)),
        None => Interest::everything(),
    };
    let start = Instant::now();
    let watcher = Arc::new(Watcher::start(&root, interest, Settings::default())?);
    let standing = watcher.standing();
    println!(
        "ready {:.1} {} {} {}",
        start.elapsed().as_secs_f64() * 1e3,
        standing.directories,
        standing.polled,
        standing.files
    );
    let own = Arc::clone(&watcher);
    std::thread::spawn(move || {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        loop {
            let Next::Batch(batch) = own.next(Duration::from_secs(3_600)) else {
                continue;
            };
            for moment in &batch.moments {
                let sign = match &moment.kind {
                    Kind::Created => '+',
                    Kind::Saved => '*',
                    Kind::Deleted => '-',
                    Kind::Renamed { .. } => '>',
                };
                let _ = writeln!(out, "{sign} {}", moment.path);
            }
            for note in &batch.notes {
                let _ = writeln!(out, "note {note}");
            }
            let _ = writeln!(
                out,
                "batch {} {} {} {} {:?}",
                batch.moments.len(),
                batch.at_ms - batch.first_ms,
                batch.merged,
                batch.checkout,
                batch.rescanned
            );
            let _ = out.flush();
        }
    });
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest)?;
    Ok(())
}
