//! The pages of the rules about properties, and of those that compare specs with each other.

use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!("trace/dangling-property", Error, 7, "a property validates a criterion that does not exist",
        what: "The `Validates` line of a property names no criterion of the spec.",
        why: "The tests of the property carry the number on; they claim to prove something that nobody can read.",
        bad: "**Validates: Requirements 9.9**",
        good: "**Validates: Requirements 1.2**",
        mend: "write the number that is meant.",
        source: "Study: 4 of 3,228 real references point nowhere"),
    rule!("design/property-without-criterion", Warning, 3, "a property belongs to no criterion",
        what: "A property names no criterion in any form, and stands where Kiro's own rule does not look.",
        why: "Its tests cannot be linked to anything that was asked for.",
        bad: "#### Property 3: Limits hold",
        good: "### Property 3: Limits hold\n\n    **Validates: Requirements 2.1**",
        mend: "add a `Validates` line.",
        source: "Waypost, beside `design/missing-property-validates`"),
    rule!("across/duplicate-criterion", Hint, 4, "two specs state the same criterion",
        what: "A criterion of one spec has the same words as one of another spec.",
        why: "It will be changed in one place only. Then two specs contradict each other, and each is right by itself.",
        bad: "login:\n    1. WHEN a visitor writes a name, THE Store SHALL log the time of the write\n\n    profile:\n    \
               1. WHEN a visitor writes a name, THE Store SHALL log the time of the write",
        good: "login:\n    1. WHEN a visitor writes a name, THE Store SHALL log the time of the write\n\n    profile:\n    \
               1. WHEN a visitor chooses a picture, THE Page SHALL show it in the corner",
        mend: "keep it in the spec that owns the behaviour.",
        source: "INCOSE R30 across documents"),
    rule!("across/similar-criterion", Hint, 2, "two specs state nearly the same criterion",
        what: "A criterion of one spec shares almost all words with one of another spec.",
        why: "Either it is the same and will drift apart, or the word that differs is a contradiction.",
        bad: "login:\n    \
               1. WHEN nobody asks for 15 minutes, THE Store SHALL end the session and log the time and the name\n\n    \
               profile:\n    \
               1. WHEN nobody asks for 30 minutes, THE Store SHALL end the session and log the time and the name",
        good: "login:\n    \
               1. WHEN nobody asks for 15 minutes, THE Store SHALL end the session and log the time and the name\n\n    \
               profile:\n    1. WHEN a visitor chooses a picture, THE Page SHALL show it in the corner",
        mend: "compare the two; keep one, or say why they differ.",
        source: "INCOSE R30 across documents"),
    rule!("across/term-differs", Hint, 3, "two specs define a term differently",
        what: "A term that looks like the name of a component is defined in two specs, and the definitions share few words.",
        why: "Whoever reads both builds two things under one name.",
        bad: "login:\n    - **Session_Store**: the database table that keeps one row for each person who is signed in\n\n    \
               profile:\n    - **Session_Store**: a remote machine under the stairs whose lamp blinks at night",
        good: "login:\n    - **Session_Store**: the database table that keeps one row for each person who is signed in\n\n    \
               profile:\n    - **Session_Lamp**: a remote machine under the stairs whose lamp blinks at night",
        mend: "agree on one definition, or rename one.",
        source: "INCOSE R36 across documents"),
    rule!("across/same-name", Warning, 5, "two specs have one name",
        what: "Two specs of the workspace have the same name, as a folder and as a file or in two folders.",
        why: "Commands, reports and references mean one of them, and it depends on the order of the disk which.",
        bad: ".kiro/specs/login:\n    1. THE Store SHALL log each write\n\n    packages/web/.kiro/specs/login:\n    \
               1. THE Page SHALL ask for a name",
        good: ".kiro/specs/login:\n    1. THE Store SHALL log each write\n\n    packages/web/.kiro/specs/login-page:\n    \
               1. THE Page SHALL ask for a name",
        mend: "rename or merge one of them.",
        source: "Waypost"),
    rule!("across/same-id", Warning, 4, "two specs have one id",
        what: "The `specId` in the `.config.kiro` of two specs is the same.",
        why: "A spec was copied with its side-car; Kiro keeps state by this id, so the two share it.",
        bad: "login/.config.kiro:\n    {\"specId\": \"5f0a\"}\n\n    login-copy/.config.kiro:\n    \
               {\"specId\": \"5f0a\"}",
        good: "login/.config.kiro:\n    {\"specId\": \"5f0a\"}\n\n    login-copy/.config.kiro:\n    \
               {\"specId\": \"91c7\"}",
        mend: "give the copy a new id.",
        source: "Kiro's documents"),
];
