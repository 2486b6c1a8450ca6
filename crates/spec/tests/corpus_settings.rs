//! Reads every real MCP and steering file that lies beside the checkout, if any. The rules themselves are
//! tested on inline documents in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::path::{Path, PathBuf};

use spec::settings::mcp::Servers;
use spec::steering::{Inclusion, Steering};
use spec::{Diagnostic, Severity};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

#[test]
fn every_real_file_loads_or_says_why() {
    let mut all = Vec::new();
    files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")), &mut all);
    all.sort();
    if all.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let (mut servers, mut steering) = (0, 0);
    let mut odd: Vec<(PathBuf, Diagnostic)> = Vec::new();
    for path in &all {
        let shown = path.to_string_lossy().replace('\\', "/");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(path).unwrap();
        let found = if shown.ends_with("settings/mcp.json") {
            let read = Servers::parse(&bytes);
            servers += read.servers.len();
            read.diagnostics
        } else if shown.contains("/.kiro/steering/") && name.ends_with(".md") {
            let read = Steering::parse(&bytes);
            steering += usize::from(!matches!(read.inclusion, Inclusion::Wrong(_)));
            read.diagnostics
        } else {
            continue;
        };
        odd.extend(found.into_iter().map(|found| (path.clone(), found)));
    }
    println!("{servers} servers, {steering} steering files");
    for (path, found) in &odd {
        println!("{}: {:?} {} {}", path.display(), found.severity, found.code, found.message);
    }
    assert!(steering > 0);
    let errors = odd.iter().filter(|(_, found)| found.severity == Severity::Error).count();
    assert!(errors <= 6, "{errors} errors in files that people use");
}
