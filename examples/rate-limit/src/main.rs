//! The front door: reads the arguments and starts the server.

use std::process::ExitCode;
use std::sync::Arc;

use quotes::clock::SystemClock;
use quotes::keys::Keys;
use quotes::log::StderrLog;
use quotes::server::{Server, Service};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, key_file] = arguments.as_slice() else {
        eprintln!("usage: quotes <address> <key file>");
        return ExitCode::from(2);
    };
    match start(address, key_file) {
        Ok(server) => {
            eprintln!("listening on {}", server.address());
            server.join();
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn start(address: &str, key_file: &str) -> Result<Server, String> {
    let text = std::fs::read_to_string(key_file)
        .map_err(|error| format!("cannot read `{key_file}`: {error}"))?;
    let keys = Keys::parse(&text).map_err(|error| format!("`{key_file}`, {error}"))?;
    let service = Service::new(keys, Arc::new(SystemClock), Arc::new(StderrLog));
    Server::start(address, service)
        .map_err(|error| format!("cannot listen on `{address}`: {error}"))
}
