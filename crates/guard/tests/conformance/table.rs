//! The table as a document. Tries nothing.

use crate::bench::Outcome;
use crate::routes::ROUTES;
use crate::rules::{Demand, RULES};

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Its content is seen.
    Read,
    /// It, or its folder, is changed.
    Write,
}

/// What was found of a route and a rule.
pub(crate) struct Cell {
    /// The most open of the outcomes of its attempts.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) demand: Demand,
}

const HEAD: &str = "\
# What holds on which route

A test tries every route by which an agent reaches a file under every rule about files, with the real policy, the real tools and the
real sandbox, and writes down what came of it. It fails when an outcome is not what the rule demands. The person in it answers *yes* to
every question, and works in autopilot: it is about what still cannot happen then.

| word | means |
|---|---|
| allowed | it happens unasked |
| asks | a person is asked; after a *yes* it happens |
| asks, held | a person is asked; after a *yes* the sandbox still does not let it happen |
| held | the call runs, and the sandbox does not let it happen |
| hidden | the call runs, and the file or its value is not in what comes back |
| denied | the call does not run |
| – | there is no such route, or the rule does not speak of it |

A cell stands for several attempts and shows the most open of their outcomes. A script tries all that it knows: reading, copying, packing;
overwriting, appending, truncating, renaming, deleting, linking, replacing the folder.

The rules, in the order of the columns:

1. **no rule**: an ordinary file. It shows that the attempts work.
2. **`ignore`**: listed in `.kiro/settings/ignore`. Readable, never written.
3. **`.kiroignore`**: invisible.
4. **nested `.kiroignore`**: the same, by a list deeper in the tree.
5. **`fs_read` denied** and 6. **`fs_write` denied**: by `permissions.yaml` of the person.
7. **out of scope**: outside what the spec of the task may write. A *yes* widens it to what the line itself names. A script writes in the
   scope only, whatever was answered; where a row has routes of both kinds, it shows the more open one.
8. **secret**: the file holds a credential. Its value reaches neither the model nor the ledger nor the screen; a placeholder does.
9. **`.git`**, 10. **`.kiro/settings`**, 11. **own settings and state**: Waypost's, never written.
12. **outside**: beside the workspace.
";

const FOOT: &str = "\
¹ Tried here by a process or a call with a permit of a policy that was narrowed (`Policy::narrowed_to`). `crates/app/tests/it/routes.rs`
drives the real ones through the built program (a server, a hook's command, a hook's agent, a sub-agent) and demands what these rows say;
of the tool `knowledge` it demands what the row of `grep` says.

² Another name that was there before. Where it is the name of a file outside, nothing tells so, and the file counts as one of the workspace;
an agent cannot make such a name, as the row above shows.

³ `waypost checkpoint restore` is a command of the person; no call of an agent reaches it.

The same attempts run a second time as on a machine without namespaces, held by Landlock alone; the test demands the same of them.

## Making it

`cargo nextest run -p guard --test conformance` compares this page with what it finds; with `WAYPOST_WRITE_TABLE=1` in the environment it
writes the page anew. The attempts are in `crates/guard/tests/conformance/routes.rs`, the rules in `rules.rs`.
";

/// The whole document.
pub(crate) fn document(reading: &[Cell], writing: &[Cell]) -> String {
    format!("{HEAD}\n## Reading\n\n{}\n## Writing\n\n{}\n{FOOT}", table(reading), table(writing))
}

fn table(cells: &[Cell]) -> String {
    let mut text = String::from("| route |");
    RULES.iter().for_each(|rule| text.push_str(&format!(" {} |", rule.name)));
    text.push_str("\n|---|");
    RULES.iter().for_each(|_| text.push_str("---|"));
    text.push('\n');
    for (route, row) in ROUTES.iter().zip(cells.chunks(RULES.len())) {
        if row.iter().all(|cell| cell.outcome.is_none()) && !route.name.starts_with("checkpoint") {
            continue;
        }
        text.push_str(&format!("| {} |", route.name));
        for cell in row {
            let word = match cell.outcome {
                Some(outcome) if cell.demand != Demand::Nothing => outcome.word(),
                _ => "–",
            };
            text.push_str(&format!(" {word} |"));
        }
        text.push('\n');
    }
    text
}
