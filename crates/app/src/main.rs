//! The front door: parse, open what is needed, one line per command, exit code. Holds no logic of its own.

mod agent_commits;
mod anchors;
mod attending;
mod aws;
mod brief;
mod calls_in_work;
mod changes;
mod checkpoints;
mod cli;
mod commands;
mod config;
mod context;
mod deletions;
mod desk;
mod drafting;
mod error;
mod events;
mod exit;
mod face;
mod framed;
mod gaps;
mod hook_policy;
mod hook_reports;
mod hook_scripts;
mod hooking;
mod hooks_here;
mod house;
mod in_force;
mod input;
mod keys;
mod leading;
mod limits;
mod mcp_servers;
mod models;
mod offered;
mod policy_reports;
mod pull;
mod reports;
mod repository;
mod roster;
mod rules;
mod scan;
mod session;
mod specs;
mod steering;
mod subagents;
mod term;
mod toolbox;
mod tracing;
mod trust;
mod web_tools;
mod workspace;
mod world;
mod write_scope;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use cli::{
    AgentCommand, Audit, Checkpoint, Cli, Command, Context, Hooks, Mcp, Policy, Session, Spec, Steering,
};
use error::{Error, Outcome};
use exit::Exit;
use face::Screen;
use term::Term;
use world::World;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let (json, streams) = (cli.json, cli.streams());
    let (screen, came) = match World::read(cli.directory.as_deref()) {
        Ok(world) => {
            let screen =
                Screen::new(Term::new(world.colour, world.live), json, world.interactive, world.person());
            let screen = Arc::new(screen.begun(streams));
            (Arc::clone(&screen), run(cli, world, screen))
        }
        Err(error) => {
            let screen = Screen::new(Term::new(false, false), json, false, String::new());
            (Arc::new(screen.begun(streams)), Err(error))
        }
    };
    let exit = came.unwrap_or_else(|error| {
        screen.error(&error);
        error.exit
    });
    screen.end(exit);
    ExitCode::from(exit.code())
}

/// The table of commands.
fn run(cli: Cli, world: World, screen: Arc<Screen>) -> Outcome<Exit> {
    let Some(command) = cli.command else {
        return with_runtime(commands::chat::run(world, screen));
    };
    match command {
        Command::Run(run) => with_runtime(commands::run::run(world, screen, run)),
        Command::Spec(Spec::New(new)) => with_runtime(commands::spec_new::run(world, screen, new)),
        Command::Spec(Spec::Plan(plan)) => with_runtime(commands::spec_plan::run(world, screen, plan)),
        Command::Spec(Spec::Approve(approve)) => {
            with_runtime(commands::spec_approve::run(world, screen, approve))
        }
        Command::Spec(Spec::Run(run)) => with_runtime(commands::spec_run::run(world, screen, run)),
        Command::Spec(Spec::Status(name)) => commands::spec_status::run(&world, &screen, &name),
        Command::Spec(Spec::List(list)) => commands::spec_list::run(&world, &screen, &list),
        Command::Spec(Spec::Check(check)) => commands::spec_check::check_all(&world, &screen, &check),
        Command::Spec(Spec::Lint(lint)) => commands::spec_check::lint_some(&world, &screen, &lint),
        Command::Spec(Spec::Rules(rules)) => commands::spec_rules::run(&screen, &rules),
        Command::Spec(Spec::Trace(flags)) => commands::spec_trace::trace(&world, &screen, &flags),
        Command::Spec(Spec::Why(flags)) => commands::spec_trace::why(&world, &screen, &flags),
        Command::Spec(Spec::Impact(flags)) => commands::spec_trace::impact(&world, &screen, &flags),
        Command::Spec(Spec::Gaps(flags)) => commands::spec_trace::gaps(&world, &screen, &flags),
        Command::Spec(Spec::Drift(flags)) => commands::spec_drift::drift(&world, &screen, &flags),
        Command::Spec(Spec::Accept(flags)) => commands::spec_drift::accept(&world, &screen, &flags),
        Command::Spec(Spec::Import(flags)) => commands::spec_import::import(&world, &screen, &flags),
        Command::Spec(Spec::Export(flags)) => commands::spec_import::export(&world, &screen, &flags),
        Command::Spec(Spec::Facts(name)) => commands::spec_import::facts(&world, &screen, &name),
        Command::Spec(Spec::Edit(edit)) => commands::spec_edit::run(&world, &screen, &edit),
        Command::Spec(Spec::Graph(graph)) => commands::spec_graph::run(&world, &screen, &graph),
        Command::Spec(Spec::Rename(rename)) => commands::spec_rename::run(&world, &screen, &rename),
        Command::Spec(Spec::Archive(archive)) => commands::spec_archive::run(&world, &screen, &archive),
        Command::Session(Session::List) => commands::session_list::run(&world, &screen),
        Command::Session(Session::Show { id }) => commands::session_show::run(&world, &screen, id.as_deref()),
        Command::Session(Session::Resume(resume)) => {
            with_runtime(commands::session_resume::run(world, screen, resume))
        }
        Command::Session(Session::Export { id }) => {
            commands::session_export::run(&world, &screen, id.as_deref())
        }
        Command::Checkpoint(Checkpoint::List(list)) => commands::checkpoint_list::run(&world, &screen, &list),
        Command::Checkpoint(Checkpoint::Show { number }) => {
            commands::checkpoint_show::run(&world, &screen, number)
        }
        Command::Checkpoint(Checkpoint::Diff(diff)) => commands::checkpoint_diff::run(&world, &screen, &diff),
        Command::Checkpoint(Checkpoint::Restore(restore)) => {
            commands::checkpoint_restore::run(&world, &screen, &restore)
        }
        Command::Context(Context::Show(show)) => {
            with_runtime(async move { commands::context_show::run(&world, &screen, &show).await })
        }
        Command::Audit(Audit::Verify(flags)) => commands::audit_verify::run(&world, &screen, &flags),
        Command::Audit(Audit::Export(flags)) => commands::audit_export::run(&world, &screen, &flags),
        Command::Audit(Audit::Key { what }) => commands::audit_key::run(&world, &screen, what.as_ref()),
        Command::Audit(Audit::Erase(flags)) => commands::audit_erase::run(&world, &screen, &flags),
        Command::Audit(Audit::Anchor) => commands::audit_anchor::run(&world, &screen),
        Command::Trust(trust) => {
            with_runtime(async move { commands::trust::run(&world, &screen, &trust).await })
        }
        Command::Scan(scan) => commands::scan::run(&world, &screen, &scan),
        Command::Mcp(Mcp::List(list)) => {
            with_runtime(async move { commands::mcp_look::list(world, screen, &list).await })
        }
        Command::Mcp(Mcp::Prompt(flags)) => with_runtime(commands::mcp_ask::prompt(world, screen, flags)),
        Command::Mcp(Mcp::Resource(flags)) => with_runtime(commands::mcp_ask::resource(world, screen, flags)),
        Command::Mcp(Mcp::Test(test)) => {
            with_runtime(async move { commands::mcp_look::test(world, screen, &test).await })
        }
        Command::Mcp(Mcp::Accept(accept)) => {
            with_runtime(async move { commands::mcp_look::accept(world, screen, &accept).await })
        }
        Command::Mcp(Mcp::Login(login)) => {
            with_runtime(async move { commands::mcp_look::login(world, screen, &login).await })
        }
        Command::Mcp(Mcp::Logout(logout)) => {
            with_runtime(async move { commands::mcp_look::logout(world, screen, &logout).await })
        }
        Command::Mcp(Mcp::Add(add)) => commands::mcp_edit::add(&world, &screen, &add),
        Command::Mcp(Mcp::Remove(remove)) => commands::mcp_edit::remove(&world, &screen, &remove),
        Command::Hooks(Hooks::List) => commands::hooks_list::run(&world, &screen),
        Command::Hooks(Hooks::Run(run)) => with_runtime(commands::hooks_run::run(world, screen, run)),
        Command::Hooks(Hooks::Watch(watch)) => with_runtime(commands::hooks_watch::run(world, screen, watch)),
        Command::Hooks(Hooks::History(flags)) => commands::hooks_history::run(&world, &screen, &flags),
        Command::Hooks(Hooks::Check(check)) => commands::hooks_check::run(&world, &screen, &check),
        Command::Hooks(Hooks::Test(test)) => commands::hooks_test::run(&world, &screen, &test),
        Command::Hooks(Hooks::Convert(convert)) => commands::hooks_convert::run(&world, &screen, &convert),
        Command::Policy(Policy::Explain(explain)) => commands::policy_explain::run(&world, &screen, &explain),
        Command::Policy(Policy::Test(test)) => commands::policy_test::run(&world, &screen, &test),
        Command::Policy(Policy::Simulate(simulate)) => {
            commands::policy_simulate::run(&world, &screen, &simulate)
        }
        Command::Policy(Policy::List(list)) => commands::policy_list::run(&world, &screen, &list),
        Command::Steering(Steering::List) => commands::steering_list::list(&world, &screen),
        Command::Steering(Steering::Why(flags)) => commands::steering_list::why(&world, &screen, &flags),
        Command::Steering(Steering::Check(flags)) => commands::steering_check::run(&world, &screen, &flags),
        Command::Steering(Steering::Init(init)) => {
            with_runtime(commands::steering_init::run(world, screen, init))
        }
        Command::Agent(AgentCommand::List) => commands::agent_list::run(&world, &screen),
        Command::Agent(AgentCommand::Show { name }) => commands::agent_show::run(&world, &screen, &name),
        Command::Agent(AgentCommand::Check(check)) => commands::agent_check::run(&world, &screen, &check),
        Command::Skill(skill) => commands::skill::run(&world, &screen, &skill),
        Command::Power(power) => commands::power::run(&world, &screen, &power),
        Command::Prompt(prompt) => commands::prompt::run(&world, &screen, &prompt),
        Command::Demo(demo) => with_runtime(commands::demo::run(world, screen, demo)),
        Command::Lsp(_) => commands::lsp::run(world, &screen),
        Command::McpServer(flags) => with_runtime(commands::mcp_server::run(world, screen, flags)),
        Command::Doctor => commands::doctor::run(&world, &screen),
        Command::Schema => commands::schema::run(&screen),
        Command::Completions { shell } => commands::completions::run(&screen, shell),
    }
}

/// One thread is enough: the work is waiting. Listings never start a runtime.
fn with_runtime(work: impl Future<Output = Outcome<Exit>>) -> Outcome<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("the runtime cannot be started: {error}")))?;
    runtime.block_on(work)
}
