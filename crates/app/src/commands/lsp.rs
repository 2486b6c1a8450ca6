//! `waypost lsp`: the language server over standard input and output, and what it asks of the front door: carrying out a
//! task, and the evidence of one.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use editor::{Ended, Host};
use plan::Plan;
use sandbox::{OwnCommand, run_own};

use crate::brief;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::specs::SpecRecord;
use crate::term::Term;
use crate::workspace::Workspace;
use crate::world::World;

/// A task that was started from an editor is ended after this long.
const TASK_TIMEOUT: Duration = Duration::from_secs(4 * 60 * 60);
/// How much of what it prints is kept to be told.
const OUTPUT_BYTES_MAX: usize = 256 * 1024;

/// Serves until the editor says `exit`.
pub(crate) fn run(world: World, screen: &Screen) -> Outcome<Exit> {
    if world.interactive {
        screen.notice("waiting for an editor on standard input; `waypost lsp --help` says how to set one up");
    }
    let root = Workspace::find(&world)?.root;
    let host = Arc::new(FrontDoor { world });
    match editor::serve(std::io::stdin(), std::io::stdout(), root, host) {
        Ok(Ended::InOrder) => Ok(Exit::Done),
        // The protocol wants code 1, and there is nobody left to read words.
        Ok(Ended::Abruptly) => Ok(Exit::Failed),
        Err(error) => {
            Err(Error::failed(error).hint("`waypost lsp` is started by an editor; see `waypost lsp --help`"))
        }
    }
}

/// What the server may ask for.
struct FrontDoor {
    world: World,
}

impl FrontDoor {
    /// The world as it is in a folder of the editor, which may have been started anywhere.
    fn at(&self, root: &Path) -> World {
        let mut world = self.world.clone();
        world.directory = root.to_path_buf();
        world
    }
}

impl Host for FrontDoor {
    fn start_task(&self, root: &Path, spec: &str, task: &str) -> Result<String, String> {
        // A process of its own: the run has its own ledger lock, and can be stopped without the editor.
        let program = self.world.program.clone().into_os_string();
        let arguments = ["spec", "run", spec, "--task", task].map(OsString::from).to_vec();
        let environment = self.world.variables().clone().into_iter().collect();
        let ran = run_own(&OwnCommand {
            program,
            arguments,
            directory: root.to_path_buf(),
            environment,
            input: Vec::new(),
            timeout: TASK_TIMEOUT,
            output_bytes_max: OUTPUT_BYTES_MAX,
        })
        .map_err(|error| format!("task {task} could not be started: {error}"))?;
        let said = String::from_utf8_lossy(&ran.errors).into_owned();
        let told: Vec<&str> =
            said.lines().filter(|line| line.contains("error:") || line.contains("hint:")).collect();
        match ran.exit {
            Some(0) => {
                Ok(format!("task {task} of `{spec}` is done; `View evidence` says what its tick stands on"))
            }
            _ if told.is_empty() => Err(format!("task {task} of `{spec}` did not get done")),
            _ => Err(format!("task {task} of `{spec}` did not get done\n{}", told.join("\n"))),
        }
    }

    fn evidence(&self, root: &Path, spec: &str, task: &str) -> Option<String> {
        let world = self.at(root);
        let workspace = Workspace::find(&world).ok()?;
        let store = house::open_store(&world, &workspace).ok()?;
        let place = workspace.spec(Some(spec)).ok()?;
        let plan = Plan::read(&place.documents().ok()?);
        let mut record = SpecRecord::read(&store, &place).ok()?;
        record.tasks.retain(|id, _| id == task);
        if record.tasks.is_empty() {
            return None;
        }
        let snapshots = house::snapshots(&store, &workspace).ok();
        let mut brief = brief::brief(&plan, &record, snapshots.as_ref()).ok()?;
        brief.tasks.retain(|known| known.task == task);
        brief.uncovered.clear();
        brief.out_of_scope.clear();
        Some(brief::words(&Term::new(false, false), &brief))
    }
}
