//! The pages of the rules about the glossary.

use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!("glossary/undefined-term", Warning, 6, "a term that the glossary does not define",
        what: "Criteria use a name written like a term (`Session_Store`), the document has a glossary, and the glossary \
               does not define it.",
        why: "Names in this form promise a definition. A second name for a known thing makes two components of one, in the \
              design and in the code.",
        bad: "- **Session_Store**: keeps who is signed in\n\n    1. THE Session_Store SHALL keep each session\n    \
               2. THE Login_Service SHALL open a session",
        good: "- **Session_Store**: keeps who is signed in\n    - **Login_Service**: checks passwords\n\n    \
               1. THE Session_Store SHALL keep each session\n    2. THE Login_Service SHALL open a session",
        mend: "define the term, or use the one that is meant.",
        source: "INCOSE R4 and R36; 567 of 2,047 used terms in real glossaries are undefined"),
    rule!("glossary/near-miss", Warning, 7, "a term that looks like a misspelled one",
        what: "A name written like a term is not defined, and differs from a defined one by a letter or two.",
        why: "It reads as the defined term and is none: searches, tools and models treat it as something new.",
        bad: "- **Session_Store**: keeps who is signed in\n\n    1. THE Session_Store SHALL keep each session\n    \
               2. THE Sesion_Store SHALL end old sessions",
        good: "- **Session_Store**: keeps who is signed in\n\n    1. THE Session_Store SHALL keep each session\n    \
               2. THE Session_Store SHALL end old sessions",
        mend: "correct the spelling, or define the term when it is another.",
        source: "INCOSE R36; study of real glossaries"),
    rule!("glossary/other-spelling", Hint, 4, "a defined term in another spelling",
        what: "A name differs from a defined term only in case, or in how its words are joined.",
        why: "People see that it is the same; a search, a rename and a link do not.",
        bad: "- **Session_Store**: keeps who is signed in\n\n    1. THE Session_Store SHALL keep each session\n    \
               2. THE SessionStore SHALL end old sessions",
        good: "- **Session_Store**: keeps who is signed in\n\n    1. THE Session_Store SHALL keep each session\n    \
               2. THE Session_Store SHALL end old sessions",
        mend: "write it as the glossary does; the quick-fix does it.",
        source: "INCOSE R36"),
    rule!("glossary/unused-term", Hint, 1, "a defined term that nobody uses",
        what: "The term stands in no criterion, story or other definition, and not in the design or the tasks.",
        why: "It was renamed or dropped, and the glossary still tells a newcomer to learn it.",
        bad: "- **Session_Store**: keeps who is signed in\n    - **Token_Cache**: keeps tokens\n\n    \
               1. THE Session_Store SHALL keep each session",
        good: "- **Session_Store**: keeps who is signed in\n\n    1. THE Session_Store SHALL keep each session",
        mend: "remove the entry, or use the term where it is meant.",
        source: "INCOSE R36; one definition of ten in real glossaries is unused"),
    rule!("glossary/duplicate-term", Warning, 5, "a term is defined twice",
        what: "Two entries of the glossary define the same term.",
        why: "Readers stop at the first; whoever wrote the second meant something else.",
        bad: "- **Session_Store**: keeps who is signed in\n    - **Session_Store**: a table of sessions\n\n    \
               1. THE Session_Store SHALL keep each session",
        good: "- **Session_Store**: keeps who is signed in\n\n    1. THE Session_Store SHALL keep each session",
        mend: "keep one definition.",
        source: "Waypost"),
    rule!("glossary/synonym", Hint, 3, "another word for a defined term",
        what: "A criterion uses, as the one who acts, a word that the glossary names only as another word for a term (`also \
               called …`).",
        why: "One thing then has two names, and the next reader takes them for two things.",
        bad: "- **Session_Store**: keeps who is signed in, also called `Keeper`\n\n    \
               1. THE Session_Store SHALL keep each session\n    2. THE Keeper SHALL end old sessions",
        good: "- **Session_Store**: keeps who is signed in, also called `Keeper`\n\n    \
               1. THE Session_Store SHALL keep each session\n    2. THE Session_Store SHALL end old sessions",
        mend: "write the term itself.",
        source: "INCOSE R36"),
    rule!("glossary/generic-system", Hint, 3, "the system is named by nobody",
        what: "Criteria say `the system` or `the application` although the glossary names components and does not define \
               that word.",
        why: "Nobody can say which component has to change, and which test belongs to it.",
        bad: "- **Session_Store**: keeps who is signed in\n\n    1. THE Session_Store SHALL keep each session\n    \
               2. THE system SHALL end old sessions",
        good: "- **Session_Store**: keeps who is signed in\n\n    1. THE Session_Store SHALL keep each session\n    \
               2. THE Session_Store SHALL end old sessions",
        mend: "name the component, or define `System` in the glossary.",
        source: "INCOSE R3"),
    rule!("glossary/wrong-actor", Hint, 2, "a person is told what to do",
        what: "The one who shall act is a person (`the user shall …`), while the glossary names components.",
        why: "A person cannot be built or tested. What is meant is that the product lets them, asks them or checks what \
              they did.",
        bad: "- **Login_Form**: asks for a password\n\n    1. THE Login_Form SHALL ask for a password\n    \
               2. THE User SHALL enter 12 letters",
        good: "- **Login_Form**: asks for a password\n\n    1. THE Login_Form SHALL ask for a password\n    \
               2. IF fewer than 12 letters arrive, THEN THE Login_Form SHALL ask again",
        mend: "make a component the subject.",
        source: "INCOSE R3; EARS: the system acts"),
];
