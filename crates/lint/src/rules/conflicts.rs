//! The pages of the rules about criteria that cannot live together, about declared facts, and about tasks that cannot run
//! together.

use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!("conflict/polarity", Warning, 9, "a criterion forbids what another asks for",
        what: "Two criteria of one actor under the same condition ask for the same response, and one of them denies it.",
        why: "No program can fulfil both, and an agent will fulfil the one that it reads last.",
        bad: "1. WHEN a key expires, THE Store SHALL keep the entry\n    \
               2. WHEN a key expires, THE Store SHALL NOT keep the entry",
        good: "1. WHEN a key expires, THE Store SHALL keep the entry\n    \
               2. WHEN a key is revoked, THE Store SHALL NOT keep the entry",
        mend: "decide for one, or say in the condition when each holds.",
        source: "Comparison of words, so it is only suspected; declared facts can prove it"),
    rule!("conflict/bound", Warning, 9, "two criteria limit one thing differently",
        what: "Two criteria of one actor say the same but for a number with the same unit.",
        why: "One of the two was changed and the other was forgotten.",
        bad: "1. THE Gateway SHALL answer each request within 200 ms\n    \
               2. THE Gateway SHALL answer each request within 2 s",
        good: "1. THE Gateway SHALL answer each request within 200 ms\n    \
               2. THE Gateway SHALL log each request within 2 s",
        mend: "keep one of the two, or say in the condition when each holds.",
        source: "Comparison of words and units, so it is only suspected"),
    rule!("conflict/antonym", Warning, 8, "two criteria ask for opposites",
        what: "Two criteria of one actor under the same condition say the same but for a pair of opposite words, such as \
               accept and reject.",
        why: "It is the same contradiction as a denial, in other words.",
        bad: "1. WHEN a token is old, THE Guard SHALL accept the call\n    \
               2. WHEN a token is old, THE Guard SHALL reject the call",
        good: "1. WHEN a token is new, THE Guard SHALL accept the call\n    \
               2. WHEN a token is old, THE Guard SHALL reject the call",
        mend: "decide for one, or say in the condition when each holds.",
        source: "A list of opposites in ten languages, so it is only suspected"),
    rule!("conflict/always", Hint, 4, "a condition has no effect, because another criterion has none",
        what: "A criterion asks for a response under a condition, and another asks for the same response always.",
        why: "The condition then decides nothing. Often the second was meant to have one, too.",
        bad: "1. WHEN a user signs in, THE Log SHALL write one line with the name\n    \
               2. THE Log SHALL write one line with the name",
        good: "1. WHEN a user signs in, THE Log SHALL write one line with the name\n    \
               2. THE Log SHALL keep each line for a year",
        mend: "remove the weaker of the two, or give the other its condition.",
        source: "Comparison of words, so it is only suspected"),
    rule!("conflict/actors", Hint, 3, "one thing is asked of two",
        what: "Two criteria say the same under the same condition, and only the actor differs.",
        why: "Either the work is done twice, or an actor was renamed in one place only.",
        bad: "1. WHEN a key expires, THE Store SHALL drop the entry of the key\n    \
               2. WHEN a key expires, THE Cache SHALL drop the entry of the key",
        good: "1. WHEN a key expires, THE Store SHALL drop the entry of the key\n    \
               2. WHEN a key expires, THE Cache SHALL count one miss",
        mend: "name one actor, or say what each of them does.",
        source: "Comparison of words, so it is only suspected"),
    rule!("conflict/proved", Error, 9, "criteria cannot be fulfilled together",
        what: "From the declared facts it follows that there is a case in which all of these criteria apply and their \
               responses exclude each other. At most four are shown, and none of them can be left out.",
        why: "It is a proof, not a guess: whoever doubts it doubts a fact.",
        bad: "```facts\n    state Session = open | closed\n    exclusive \"accept the call\" / \"reject the call\"\n    \
               ```\n\n    1. THE Guard SHALL accept the call\n    \
               2. WHEN the Session is closed, THE Guard SHALL reject the call",
        good: "```facts\n    state Session = open | closed\n    exclusive \"accept the call\" / \"reject the call\"\n    \
               ```\n\n    1. WHEN the Session is open, THE Guard SHALL accept the call\n    \
               2. WHEN the Session is closed, THE Guard SHALL reject the call",
        mend: "change one of the criteria, or the fact that is not true.",
        source: "A SAT solver over the facts that the spec declares"),
    rule!("conflict/unreachable", Warning, 8, "a criterion can never apply",
        what: "From the declared facts it follows that the condition of a criterion never holds.",
        why: "It will be built and tested for nothing, or the fact is wrong.",
        bad: "```facts\n    state Session = open | closed\n    ```\n\n    \
               1. WHILE the Session is open, WHEN the Session is closed, THE Guard SHALL accept the call",
        good: "```facts\n    state Session = open | closed\n    ```\n\n    \
               1. WHEN the Session is closed, THE Guard SHALL accept the call",
        mend: "change the condition or the fact.",
        source: "A SAT solver over the facts that the spec declares"),
    rule!("conflict/undecided", Hint, 1, "whether criteria conflict is not decided",
        what: "The responses of two criteria exclude each other, and no fact says whether their conditions can hold at \
               once; or there are too many combinations to try them all.",
        why: "Silence would look like a proof that there is no conflict.",
        bad: "```facts\n    exclusive \"accept the call\" / \"reject the call\"\n    ```\n\n    \
               1. WHEN the key is good, THE Guard SHALL accept the call\n    \
               2. WHEN the name is bad, THE Guard SHALL reject the call",
        good: "```facts\n    exclusive \"accept the call\" / \"reject the call\"\n    \
               exclusive \"key is good\" / \"name is bad\"\n    ```\n\n    \
               1. WHEN the key is good, THE Guard SHALL accept the call\n    \
               2. WHEN the name is bad, THE Guard SHALL reject the call",
        mend: "declare how the conditions relate; split the spec when there are too many.",
        source: "A bound on what the solver decides without a fact"),
    rule!("conflict/redundant", Hint, 3, "a criterion adds nothing",
        what: "From the declared facts and the other criteria it follows already.",
        why: "It will be changed in one place and forgotten in the other.",
        bad: "```facts\n    state Session = open | closed\n    exclusive \"accept the call\" / \"reject the call\"\n    \
               ```\n\n    1. THE Guard SHALL accept the call\n    \
               2. WHEN the Session is open, THE Guard SHALL accept the call",
        good: "```facts\n    state Session = open | closed\n    exclusive \"accept the call\" / \"reject the call\"\n    \
               ```\n\n    1. WHEN the Session is closed, THE Guard SHALL reject the call\n    \
               2. WHEN the Session is open, THE Guard SHALL accept the call",
        mend: "remove it, and cite the other.",
        source: "A SAT solver over the facts that the spec declares"),
    rule!("conflict/uncovered", Hint, 5, "no criterion covers a declared case",
        what: "Criteria distinguish the values of a declared enum or state, and for one value there is none.",
        why: "What happens then is decided by whoever writes the code.",
        bad: "```facts\n    enum Plan = free | pro | team\n    ```\n\n    \
               1. WHEN the Plan is free, THE Guard SHALL count calls\n    \
               2. WHEN the Plan is pro, THE Guard SHALL let calls pass",
        good: "```facts\n    enum Plan = free | pro | team\n    ```\n\n    \
               1. WHEN the Plan is free, THE Guard SHALL count calls\n    \
               2. WHEN the Plan is pro, THE Guard SHALL let calls pass\n    \
               3. WHEN the Plan is team, THE Guard SHALL share calls",
        mend: "add the criterion for the value that is named.",
        source: "A table of the declared values"),
    rule!("conflict/overlap", Hint, 4, "two ranges share a value",
        what: "Two criteria apply to ranges of a declared number that share a value, with different responses.",
        why: "At the border both apply; off by one is the most frequent fault of all.",
        bad: "```facts\n    number attempts in 0..10\n    ```\n\n    \
               1. WHEN attempts is at most 3, THE Guard SHALL warn\n    \
               2. WHEN attempts is at least 3, THE Guard SHALL lock",
        good: "```facts\n    number attempts in 0..10\n    ```\n\n    \
               1. WHEN attempts is at most 3, THE Guard SHALL warn\n    \
               2. WHEN attempts is more than 3, THE Guard SHALL lock",
        mend: "give the border to one of the two.",
        source: "Comparison of the declared ranges"),
    rule!("facts/syntax", Warning, 7, "a line of a facts block is no fact",
        what: "A line of a fenced block `facts` is none of: enum, state, number, exclusive, same, always, never.",
        why: "A fact that is not read proves nothing, and nobody would notice.",
        bad: "```facts\n    enum Plan: free, pro\n    ```\n\n    \
               1. WHEN the Plan is free, THE Guard SHALL count calls",
        good: "```facts\n    enum Plan = free | pro\n    ```\n\n    \
               1. WHEN the Plan is free, THE Guard SHALL count calls",
        mend: "write the line as the message says.",
        source: "The grammar of facts; see docs/spec-check.md"),
    rule!("facts/unused", Hint, 2, "no criterion uses a declared fact",
        what: "The words of a fact occur in no criterion.",
        why: "Facts are matched word by word; another wording in the criteria means that it proves nothing.",
        bad: "```facts\n    exclusive \"deny the call\" / \"allow the call\"\n    ```\n\n    \
               1. WHEN a token is old, THE Guard SHALL reject the call",
        good: "```facts\n    exclusive \"reject the call\" / \"allow the call\"\n    ```\n\n    \
               1. WHEN a token is old, THE Guard SHALL reject the call",
        mend: "use the words of the criteria, or remove the line.",
        source: "Comparison of words"),
    rule!("facts/contradictory", Error, 8, "declared facts contradict each other",
        what: "No case fulfils all declared facts.",
        why: "From a contradiction everything follows, so nothing is proved until it is mended.",
        bad: "```facts\n    state Session = open | closed\n    never \"Session is open\"\n    \
               never \"Session is closed\"\n    ```\n\n    1. WHEN the Session is open, THE Guard SHALL count calls",
        good: "```facts\n    state Session = open | closed\n    ```\n\n    \
               1. WHEN the Session is open, THE Guard SHALL count calls",
        mend: "remove or change one of the facts.",
        source: "A SAT solver over the facts that the spec declares"),
    rule!("graph/clash", Warning, 8, "tasks that may run together write one file",
        what: "The task graph puts two tasks into one wave that both write the same file.",
        why: "Run side by side, one overwrites the other. Half of the real graphs have such a pair.",
        bad: "- [ ] 1. Create `src/store.rs` with the table\n    - [ ] 2. Add the job to `src/store.rs`\n\n    \
               ## Task Dependency Graph\n\n    ```json\n    {\"waves\": [{\"id\": 0, \"tasks\": [\"1\", \"2\"]}]}\n    \
               ```",
        good: "- [ ] 1. Create `src/store.rs` with the table\n    - [ ] 2. Add the job to `src/store.rs`\n\n    \
               ## Task Dependency Graph\n\n    ```json\n    \
               {\"waves\": [{\"id\": 0, \"tasks\": [\"1\"]}, {\"id\": 1, \"tasks\": [\"2\"]}]}\n    ```",
        mend: "run `waypost spec graph --repair`, or name other files.",
        source: "Study of 114 real wave graphs, of which 57 have a pair that names one file"),
    rule!("graph/contradiction", Error, 9, "the graph turns a dependency around",
        what: "A task depends on another one, and the graph runs it before or beside that.",
        why: "It will start without what it needs.",
        bad: "- [ ] 1. Write the store\n    - [ ] 2. Write the form\n      - _Depends: 1_\n\n    \
               ## Task Dependency Graph\n\n    ```json\n    \
               {\"waves\": [{\"id\": 0, \"tasks\": [\"2\"]}, {\"id\": 1, \"tasks\": [\"1\"]}]}\n    ```",
        good: "- [ ] 1. Write the store\n    - [ ] 2. Write the form\n      - _Depends: 1_\n\n    \
               ## Task Dependency Graph\n\n    ```json\n    \
               {\"waves\": [{\"id\": 0, \"tasks\": [\"1\"]}, {\"id\": 1, \"tasks\": [\"2\"]}]}\n    ```",
        mend: "run `waypost spec graph --repair`.",
        source: "kirodotdev/Kiro issue 8402"),
    rule!("graph/checkpoint-passed", Warning, 5, "a task runs before a checkpoint that stands above it",
        what: "The graph runs a task before or beside a checkpoint that stands above it in the document.",
        why: "The checkpoint then checks a state that nobody described.",
        bad: "- [ ] 1. Write the store\n    - [ ] 2. Checkpoint - ensure all tests pass\n    - [ ] 3. Write the form\n\n    \
               ## Task Dependency Graph\n\n    ```json\n    \
               {\"waves\": [{\"id\": 0, \"tasks\": [\"1\", \"3\"]}, {\"id\": 1, \"tasks\": [\"2\"]}]}\n    ```",
        good: "- [ ] 1. Write the store\n    - [ ] 2. Checkpoint - ensure all tests pass\n    - [ ] 3. Write the form\n\n    \
               ## Task Dependency Graph\n\n    ```json\n    \
               {\"waves\": [{\"id\": 0, \"tasks\": [\"1\"]}, {\"id\": 1, \"tasks\": [\"2\"]}, {\"id\": 2, \"tasks\": \
               [\"3\"]}]}\n    ```",
        mend: "move the checkpoint or the wave.",
        source: "The order of the document against the order of the graph"),
];
