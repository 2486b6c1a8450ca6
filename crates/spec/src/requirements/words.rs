//! The key words of requirement documents in the languages that real repositories use. Says nothing about where they
//! may stand.

use super::fold::Words;

mod labels;
mod outside;
mod sections;
mod steps;

pub(crate) use labels::{ACCEPTANCE, ACCEPTANCE_ALONE, DESCRIPTION, FACTS, STORY, STORY_STARTS};
pub(crate) use outside::OUTSIDE;
pub(crate) use sections::{GLOSSARY, INTRODUCTION, QUALITIES, REQUIREMENTS, REQUIREMENTS_LAST};
pub(crate) use steps::{AND, GIVEN, SCENARIO, THEN, WHEN};

/// A numbered heading that begins with one of these is a requirement: `Requirement 1`, `需求 1`, `Gereksinim 1`.
pub(crate) static REQUIREMENT: Words = Words::new(&[
    "requirement",
    "functional requirement",
    "user requirement",
    "system requirement",
    "feature requirement",
    "req",
    "user story",
    "story",
    "需求",
    "功能需求",
    "需求点",
    "用户故事",
    "使用者故事",
    "要件",
    "要求",
    "機能要件",
    "要求事項",
    "ユーザーストーリー",
    "ストーリー",
    "요구사항",
    "요구 사항",
    "기능 요구사항",
    "사용자 스토리",
    "스토리",
    "требование",
    "функциональное требование",
    "пользовательская история",
    "вимога",
    "requisito",
    "requisito funcional",
    "requerimiento",
    "historia de usuario",
    "história de usuário",
    "história do usuário",
    "requisito funzionale",
    "anforderung",
    "funktionale anforderung",
    "exigence",
    "exigence fonctionnelle",
    "besoin",
    "eis",
    "vereiste",
    "wymaganie",
    "historyjka",
    "požadavek",
    "krav",
    "követelmény",
    "cerință",
    "gereksinim",
    "yêu cầu",
    "yêu cầu chức năng",
    "persyaratan",
    "kebutuhan",
    "kebutuhan fungsional",
    "keperluan",
    "المتطلب",
    "متطلب",
    "आवश्यकता",
    "ข้อกำหนด",
    "ความต้องการ",
    "απαίτηση",
    "דרישה",
]);

/// Qualifiers that open a second series.
pub(crate) static SERIES: Words = Words::new(&[
    "non-functional requirement",
    "nonfunctional requirement",
    "non functional requirement",
    "derived requirement",
    "technical requirement",
    "business requirement",
    "security requirement",
    "非功能需求",
    "非機能要件",
    "비기능 요구사항",
    "нефункциональное требование",
    "requisito no funcional",
    "requisito não funcional",
    "nicht-funktionale anforderung",
    "exigence non fonctionnelle",
    "yêu cầu phi chức năng",
    "kebutuhan non-fungsional",
    "persyaratan non-fungsional",
]);

/// The letters of each series, in the order of [`SERIES`].
pub(crate) const SERIES_LETTERS: &[&str] = &[
    "NFR", "NFR", "NFR", "DR", "TR", "BR", "SR", "NFR", "NFR", "NFR", "NFR", "NFR", "NFR", "NFR", "NFR",
    "NFR", "NFR", "NFR",
];

/// Letters before a number that name a requirement or criterion wherever they stand.
pub(crate) const CODES: &[&str] = &[
    "REQ", "R", "FR", "NFR", "NF", "US", "UR", "SR", "BR", "TR", "DR", "RF", "RNF", "HU", "UC", "AC", "CA",
    "EARS", "SRS", "IR", "QR", "FA", "NFA", "KF", "KNF", "LF", "LL", "LD", "WF", "WNF", "EF", "ENF", "YC",
    "PF", "PNF", "ФТ", "НФТ", "БТ", "ФВ", "НФВ",
];

/// Letters that stand before a criterion's number and not before a requirement's.
pub(crate) static CRITERION_CODES: Words = Words::new(&[
    "ac",
    "ca",
    "ak",
    "criterion",
    "criteria",
    "criterio",
    "critério",
    "critère",
    "kriterium",
    "kryterium",
    "kriter",
    "kriteria",
    "критерий",
    "критерій",
    "基準",
    "标准",
    "기준",
]);

/// Letters that stand before numbers for other reasons: names of standards, priorities, versions.
pub(crate) const NO_CODES: &[&str] = &[
    "UTF", "SHA", "MD", "RSA", "AES", "HTTP", "HTTPS", "IPV", "ISO", "RFC", "TLS", "SSL", "OAUTH", "P", "V",
    "Q", "H", "S", "ES", "EC", "WCAG", "CVE", "CWE", "JSON", "HTML", "CSS", "API", "RTO", "RPO", "GPT", "X",
    "W", "M", "T", "D", "PHASE", "STEP", "TASK", "BUG", "ADR", "ISSUE", "GAP", "TC", "TEST",
];

/// Words before a number that open no requirement, in a document whose language is not known.
pub(crate) static OTHER_NUMBERED: Words = Words::new(&[
    "phase",
    "step",
    "task",
    "property",
    "bug",
    "sprint",
    "week",
    "part",
    "stage",
    "gap",
    "wave",
    "option",
    "example",
    "scenario",
    "milestone",
    "version",
    "chapter",
    "section",
    "day",
    "month",
    "epic",
    "group",
    "module",
    "iteration",
    "case",
    "level",
    "tier",
    "appendix",
    "figure",
    "table",
    "issue",
    "release",
    "risk",
    "persona",
    "note",
    "test",
    "design",
    "decision",
    "hypothesis",
    "finding",
    "question",
    "goal",
    "objective",
    "layer",
    "pass",
    "round",
]);

/// Words that say what must be: a sentence with one of them can be met or not. They begin a word, or stand anywhere in
/// scripts without blanks.
pub(crate) static MODAL: Words = Words::new(&[
    "shall",
    "must",
    "should",
    "will ",
    "needs to",
    "has to",
    "cannot",
    "can ",
    "必须",
    "必須",
    "应",
    "應",
    "需要",
    "须",
    "可以",
    "能够",
    "不得",
    "禁止",
    "しなければ",
    "すること",
    "できる",
    "する",
    "べき",
    "해야",
    "한다",
    "있다",
    "долж",
    "следует",
    "обязан",
    "может",
    "повин",
    "debe",
    "debera",
    "deve",
    "muss",
    "mussen",
    "soll",
    "darf",
    "doit",
    "doivent",
    "peut",
    "moet",
    "musi",
    "powin",
    "muze",
    "gerek",
    "harus",
    "wajib",
    "dapat",
    "phai",
    "can phai",
    "co the",
    "يجب",
    "चाहिए",
    "ต้อง",
    "πρεπει",
]);

/// Endings of verbs that say the same in Turkish.
pub(crate) const MODAL_ENDINGS: &[&str] =
    &["meli", "mali", "malı", "melidir", "malidir", "malıdır", "MELİ", "MALI"];
