//! For tests: events of every type, with the odd values that a stored form tends to lose.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use conversation::{
    Again, Answered, Block, Call, CallResult, Check, Checkpointed, Compacted, Cost, Digest, Edited, Ended,
    Event, FileChange, Fragment, FragmentKind, HookDue, HookEnd, Hooked, How, Input, Inside, ModelErrorKind,
    Moment, Outcome, Purpose, Reasoning, Sent, Spent, Started, Status, Stop, ToolDescription, Touched, Usage,
};
use policy::{
    Answer, Capability, Decided, Decision, Effect, Mode, Origin, Place, Request, Taint, TaintSource, Target,
};

/// Text that is hard to carry.
pub(crate) const ODD: &str =
    "quote \" slash \\ tab \t nul \0 é 🦀 \u{2028} {\"content\":\"x\",\"bytes\":1} ,\"hash\":\"";

pub(crate) fn usage() -> Usage {
    Usage { input: u64::MAX, cache_read: 1, cache_write: 0, output: 42 }
}

pub(crate) fn started(purpose: Purpose, fragments: Vec<Fragment>) -> Event {
    let is_led = matches!(purpose, Purpose::Task { .. });
    Event::Started(Started {
        session: "s-1".to_string(),
        purpose,
        model: "replay/demo".to_string(),
        workspace: "/w".to_string(),
        here: if is_led { "packages/x é".to_string() } else { String::new() },
        mode: Mode::Autopilot,
        agent: is_led.then(|| "team/a".to_string()),
        fragments,
        tools: vec![
            ToolDescription {
                name: "read".to_string(),
                description: ODD.to_string(),
                schema: "{\"type\":\"object\"}".to_string(),
            };
            3
        ],
    })
}

pub(crate) fn decided(call: &str) -> Decided {
    let workspace = Path::new("/w");
    let targets = [
        Target::Path(Place::new(workspace, Path::new("/w"))),
        Target::Path(Place::new(workspace, Path::new("/w/a/b é.rs"))),
        Target::Path(Place::new(workspace, Path::new("/etc/passwd"))),
        Target::Path(Place::new(workspace, &workspace.join(OsStr::from_bytes(b"d/\xff\xfe")))),
        Target::Command(ODD.to_string()),
        Target::Name("https://example.org".to_string()),
    ];
    let requests = targets.into_iter().zip(Capability::ALL).map(|(target, capability)| {
        let origin = if capability == Capability::Shell { Origin::Waypost } else { Origin::Agent };
        Request { capability, target, origin }
    });
    Decided {
        call: call.to_string(),
        requests: requests.collect(),
        decision: Decision {
            effect: Effect::Deny,
            reason: ODD.to_string(),
            remedy: Some("shell:ls".to_string()),
        },
        answered_by: Some("ann".to_string()),
    }
}

fn result(text: &str) -> CallResult {
    CallResult {
        call: "c1".to_string(),
        status: Status::Failed,
        text: text.to_string(),
        changes: vec![
            FileChange { path: "a".to_string(), before: None, after: Some(Digest::of(b"a")) },
            FileChange { path: "b".to_string(), before: Some(Digest::of(b"b")), after: None },
        ],
        seen: vec![(ODD.to_string(), Digest::of(b"c"))],
        inside: Some(Box::new(Inside {
            spent: Spent { usage: usage(), cost: Some(Cost(7)), turns: 3 },
            took_in: taint(),
        })),
    }
}

fn taint() -> Taint {
    let mut taint = Taint::none();
    TaintSource::ALL.into_iter().for_each(|source| taint.add(source, ODD));
    taint
}

fn blocks() -> Vec<Block> {
    let call = |input| Block::Call(Call { id: "c1".to_string(), tool: "grep".to_string(), input });
    vec![
        Block::Text(ODD.to_string()),
        Block::Text(String::new()),
        Block::Text("long ".repeat(5_000)),
        Block::Reasoning(Reasoning {
            text: String::new(),
            opaque: "{\"signature\": 1.0 }".to_string(),
            provider: "anthropic".to_string(),
        }),
        call(Input::Json("{ \"b\":1, \"a\" : 2e0 }".to_string())),
        call(Input::Broken("{\"b\":".to_string())),
        Block::Result(result("fine")),
    ]
}

/// Events of every type; where a type holds a closed list of words, one event for each word.
pub(crate) fn all() -> Vec<Event> {
    let text = |kind, text: &str| Fragment::new(kind, "a.md", text);
    let fragments = vec![
        text(FragmentKind::System, ODD),
        text(FragmentKind::Workspace, ""),
        // Cut: the first where a character ends, the other two in the middle of one.
        text(FragmentKind::Steering, &"x".repeat(70_000)),
        text(FragmentKind::Steering, &format!("x{}", "é".repeat(40_000))),
        text(FragmentKind::Task, &format!("x{}", "🦀".repeat(20_000))),
    ];
    let mut events = vec![
        started(Purpose::Request, fragments),
        started(Purpose::Plan { spec: "a/b".to_string() }, Vec::new()),
        started(Purpose::Task { spec: "a".to_string(), task: "1.2".to_string() }, Vec::new()),
        started(Purpose::Part { parent: "s-0".to_string(), agent: ODD.to_string() }, Vec::new()),
        started(Purpose::Hooks, Vec::new()),
        Event::Steered { fragments: vec![text(FragmentKind::Steering, ODD)] },
        Event::Said { text: ODD.to_string() },
        Event::Said { text: "x".repeat(20_000) },
        Event::Sent(Sent { turn: u32::MAX, fragments: Digest::of(b"f"), messages: 3 }),
        Event::Decided(decided("c1")),
        Event::PersonAnswered {
            call: "c1".to_string(),
            answer: Answer { yes: true, always: false, by: "ann".to_string() },
        },
        Event::Compacted(Compacted {
            summary: ODD.to_string(),
            kept: 4,
            usage: usage(),
            cost: Some(Cost(9)),
        }),
        Event::Noted { text: ODD.to_string() },
        Event::Asked { text: ODD.to_string() },
        Event::Withheld { message: ODD.to_string() },
        Event::Resumed,
        Event::Planned { plan: Digest::of(b"p"), session: None },
        Event::Planned { plan: Digest::of(b"p"), session: Some("s-1".to_string()) },
        Event::Approved {
            by: "ann".to_string(),
            documents: vec![("tasks.md".to_string(), Digest::of(b"t"))],
            checks: vec!["cargo test".to_string()],
        },
        Event::TaskStarted { task: "1.2".to_string(), session: "s-1".to_string(), before: "b".to_string() },
        Event::Checked(Check { task: None, command: "make".to_string(), exit: None, tail: ODD.to_string() }),
        Event::Checked(Check {
            task: Some("1".to_string()),
            command: "make".to_string(),
            exit: Some(-1),
            tail: String::new(),
        }),
        Event::Changed {
            task: "1".to_string(),
            session: "s-1".to_string(),
            head: Digest::of(b"h"),
            before: "b".to_string(),
            after: "a".to_string(),
            files: vec![(ODD.to_string(), 1, u32::MAX)],
            cost: Some(Cost(u64::MAX)),
        },
        Event::Edited(Edited {
            by: "ann".to_string(),
            what: "renumber".to_string(),
            why: None,
            files: vec![("a".to_string(), None, Some(Digest::of(b"a")))],
        }),
        Event::Edited(Edited {
            by: ODD.to_string(),
            what: "accept".to_string(),
            why: Some(ODD.to_string()),
            files: vec![("a".to_string(), Some(Digest::of(b"a")), None)],
        }),
        Event::Rewound { call: ODD.to_string() },
        Event::Repaired { bytes: u64::MAX },
        Event::Checkpointed(Checkpointed {
            number: u64::MAX,
            moment: Moment::Restored,
            call: None,
            tree: "t".to_string(),
            undone: vec![1, u64::MAX],
            left_out: vec![(ODD.to_string(), ODD.to_string())],
        }),
    ];
    for moment in Moment::ALL {
        let (call, tree) = (Some(ODD.to_string()), "t".to_string());
        let (undone, left_out) = (Vec::new(), Vec::new());
        events.push(Event::Checkpointed(Checkpointed { number: 0, moment, call, tree, undone, left_out }));
    }
    for stop in [Stop::EndTurn, Stop::Calls, Stop::Length, Stop::Refused] {
        events.push(Event::Answered(Answered { blocks: blocks(), stop, usage: usage(), cost: None }));
    }
    for kind in ModelErrorKind::ALL {
        events.push(Event::ModelFailed { kind, message: ODD.to_string() });
    }
    for status in [Status::Done, Status::Failed, Status::Denied] {
        events.push(Event::Finished(CallResult { status, ..result(&"y".repeat(100_000)) }));
    }
    let changed = How::ALL.map(|how| Touched { path: ODD.to_string(), how });
    for again in [
        Again::Nothing,
        Again::Started,
        Again::Called { call: ODD.to_string() },
        Again::Changed { files: changed.to_vec(), left_out: u64::MAX, calls: Vec::new() },
        Again::Changed { files: Vec::new(), left_out: 0, calls: vec![ODD.to_string()] },
    ] {
        let (call, trigger) = ("h1".to_string(), "PostFileSave".to_string());
        let due = HookDue { call, hook: ODD.to_string(), trigger, cause: vec![ODD.to_string()], again };
        events.push(Event::HooksDue { hooks: vec![due.clone(), due] });
    }
    for end in HookEnd::ALL {
        events.push(Event::Hooked(Hooked {
            call: "h1".to_string(),
            hook: ODD.to_string(),
            trigger: "PreToolUse".to_string(),
            cause: vec![ODD.to_string()],
            end,
            context: ODD.to_string(),
            message: ODD.to_string(),
            spent: Some(Spent { usage: usage(), cost: None, turns: 0 }),
            took_in: taint(),
            ms: u64::MAX,
        }));
    }
    for outcome in Outcome::ALL {
        events.push(Event::Ended(Ended { outcome, message: ODD.to_string() }));
    }
    for state in [' ', '-', 'x', '"'] {
        events.push(Event::Ticked { task: "1".to_string(), state, why: ODD.to_string() });
    }
    events
}
