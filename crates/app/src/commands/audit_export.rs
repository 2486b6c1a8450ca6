//! `waypost audit export`: the records of this workspace for an auditor, streamed.
#![expect(clippy::disallowed_methods, reason = "the export is written to a file here")]

use std::fs::OpenOptions;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use conversation::Secrecy as _;
use ledger::{AuditFormat, Origin, Store, Wanted};

use crate::cli::{AuditExport, AuditShape};
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::limits;
use crate::workspace::Workspace;
use crate::world::World;

const DAY_MS: u64 = 86_400_000;

/// Exports.
pub(crate) fn run(world: &World, screen: &Screen, flags: &AuditExport) -> Outcome<Exit> {
    let store = house::open_store(world, &Workspace::find(world)?)?;
    let wanted = Wanted {
        session: flags.session.as_deref().map(|id| store.find(id)).transpose()?,
        since: flags.since.as_deref().map(time).transpose()?,
        until: flags.until.as_deref().map(time).transpose()?,
    };
    let Some(path) = &flags.output else {
        let mut out = BufWriter::new(screen.term.output());
        write(world, &store, flags.format, &wanted, &mut out)?;
        return Ok(Exit::Done);
    };
    let path = world.directory.join(path);
    let failed =
        |error: std::io::Error| Error::failed(format!("`{}` cannot be written: {error}", path.display()));
    // In its place only when it is whole.
    let beside = path.with_extension("waypost-part");
    let open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside);
    let mut out = BufWriter::new(open.map_err(failed)?);
    let written = write(world, &store, flags.format, &wanted, &mut out);
    let count = match written {
        Ok(count) => count,
        Err(error) => {
            drop(out);
            // The error that matters is the one of writing.
            let _ = std::fs::remove_file(&beside);
            return Err(error);
        }
    };
    out.flush().and_then(|()| out.get_ref().sync_all()).map_err(failed)?;
    std::fs::rename(&beside, &path).map_err(failed)?;
    screen.notice(&format!("{count} records written to {}", shown(&path)));
    Ok(Exit::Done)
}

fn shown(path: &Path) -> String {
    crate::term::sanitise(&path.display().to_string())
}

fn write(
    world: &World,
    store: &Store,
    shape: AuditShape,
    wanted: &Wanted,
    out: &mut dyn std::io::Write,
) -> Outcome<u64> {
    let format = match shape {
        AuditShape::Ocsf => AuditFormat::Ocsf,
        AuditShape::Jsonl => AuditFormat::Jsonl,
        AuditShape::Csv => AuditFormat::Csv,
    };
    let origin = Origin {
        host: world.variable("HOSTNAME").or_else(|| world.variable("HOST")),
        version: env!("CARGO_PKG_VERSION").to_string(),
    };
    // The record holds no value that was known when it was written; newer rules may know more, and an export goes further.
    let firewall = limits::firewall(world, &Config::read(&world.config)?)?;
    let mut filter = |text: &str| {
        let hidden = firewall.hide_own(text);
        (hidden != text).then_some(hidden)
    };
    store.export_audit(format, wanted, &origin, &mut filter, out).map_err(|error| {
        Error::from(error)
            .hint("what was written until then is true, and it is not all; see `waypost audit verify`")
    })
}

/// A day, or a second of one, in UTC, as milliseconds since the epoch.
fn time(text: &str) -> Outcome<u64> {
    read_time(text).ok_or_else(|| {
        Error::usage(format!("`{}` is no day and no time", crate::term::glimpse(text, 60)))
            .hint("write 2026-01-31 or 2026-01-31T10:20:30Z; both are UTC")
    })
}

fn read_time(text: &str) -> Option<u64> {
    let (day, clock) = match text.split_once('T') {
        Some((day, clock)) => (day, clock.strip_suffix('Z')?),
        None => (text, "00:00:00"),
    };
    let [year, month, day] = numbers(day, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let fits =
        (1970..=9999).contains(&year) && (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
    if !fits {
        return None;
    }
    let first = days_before(year, month);
    let next = if month == 12 { days_before(year + 1, 1) } else { days_before(year, month + 1) };
    if day == 0 || day > next - first {
        return None;
    }
    Some((first + day - 1) * DAY_MS + (hour * 3600 + minute * 60 + second) * 1000)
}

fn numbers(text: &str, between: char, digits: [usize; 3]) -> Option<[u64; 3]> {
    let mut parts = text.split(between);
    let mut next = |digits: usize| {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse().ok() } else { None }
    };
    let found = [next(digits[0])?, next(digits[1])?, next(digits[2])?];
    parts.next().is_none().then_some(found)
}

/// Days from 1970-01-01 to the first of this month.
fn days_before(year: u64, month: u64) -> u64 {
    const BEFORE: [u64; 13] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let past = year - 1;
    let leaps = past / 4 - past / 100 + past / 400 - 477;
    let month_days = BEFORE.get(usize::try_from(month).unwrap_or(0)).copied().unwrap_or(0);
    (year - 1970) * 365 + leaps + month_days + u64::from(leap && month > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(11_016 * DAY_MS)),
            ("2026-11-21", Some(20_778 * DAY_MS)),
            ("2026-11-21T01:02:03Z", Some(20_778 * DAY_MS + 3_723_000)),
            ("2024-12-31", Some(20_088 * DAY_MS)),
            ("2023-02-29", None),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("2026-11-21T01:02:03", None),
            ("2026-11-21T24:00:00Z", None),
            ("1969-12-31", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(read_time(text), expected, "{text}");
        }
    }
}
