//! Which words of a task mean writing, which mean reading, in twelve languages. Sees single words and short runs of
//! characters, never a sentence.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a word says about the names near it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    /// Something comes into being.
    Make,
    /// Something joins what is there.
    Add,
    /// Something that is there changes.
    Change,
    /// Something is moved or renamed: both ends change.
    Move,
    /// Something is looked at, run or talked about.
    Read,
    /// Something is tested.
    Test,
    /// What follows is a source: `from`, `using`.
    Source,
    /// What follows is a target: `to`, `in`.
    Target,
    /// What follows comes with the thing before.
    With,
    /// What follows is where something already stands: `defined in`.
    Stands,
    /// What follows the next verb does not happen: `do not`, `without`.
    Not,
}

impl Cue {
    /// Whether the word is a verb.
    pub(super) fn is_verb(self) -> bool {
        self.writes() || matches!(self, Cue::Read | Cue::Test)
    }

    /// Whether the word is a verb of writing.
    pub(super) fn writes(self) -> bool {
        matches!(self, Cue::Make | Cue::Add | Cue::Change | Cue::Move)
    }
}

/// The cue that a lower-case word gives. Words that are more often a thing than an act (`format`, `hook`) count only
/// where an act is expected: at the beginning, and behind `and` and `then`.
pub(super) fn of_word(word: &str, is_first: bool) -> Option<Cue> {
    if word.is_ascii() {
        if is_first && DOUBTFUL.contains(&word) {
            return Some(Cue::Change);
        }
        if let Some(cue) = english(word) {
            return Some(cue);
        }
        for ending in ["s", "es", "d", "ed", "ing"] {
            let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() >= 3) else { continue };
            let verb = |word: &str| english(word).filter(|cue| cue.is_verb());
            // `creating` is `create`, `adding` is `add`, `scanning` is `scan`.
            let cue = verb(stem)
                .or_else(|| if ending == "ing" { verb(&format!("{stem}e")) } else { None })
                .or_else(|| undoubled(stem).and_then(verb));
            if cue.is_some() {
                return cue;
            }
        }
    }
    stem(word)
}

fn undoubled(stem: &str) -> Option<&str> {
    let mut from_end = stem.chars().rev();
    let is_double = from_end.next()? == from_end.next()?;
    is_double.then(|| stem.get(..stem.len() - 1)).flatten()
}

/// A list below by the first letter of its words, in order; quick to ask, for every word of every task is looked up.
struct Table(Vec<(char, Vec<(&'static str, Cue)>)>);

impl Table {
    fn of(lists: &'static [(Cue, &'static [&'static str])]) -> Table {
        let mut letters: BTreeMap<char, Vec<(&'static str, Cue)>> = BTreeMap::new();
        for (word, cue) in lists.iter().flat_map(|(cue, words)| words.iter().map(move |word| (*word, *cue))) {
            letters.entry(word.chars().next().unwrap_or_default()).or_default().push((word, cue));
        }
        Table(letters.into_iter().collect())
    }

    /// The words that begin as this one does.
    fn beginning_as(&self, word: &str) -> &[(&'static str, Cue)] {
        let Some(letter) = word.chars().next() else { return &[] };
        let at = self.0.binary_search_by_key(&letter, |(letter, _)| *letter).ok();
        at.and_then(|at| self.0.get(at)).map_or(&[], |(_, words)| words.as_slice())
    }
}

fn english(word: &str) -> Option<Cue> {
    static TABLE: OnceLock<Table> = OnceLock::new();
    let words = TABLE.get_or_init(|| Table::of(ENGLISH)).beginning_as(word);
    words.iter().find(|(known, _)| *known == word).map(|(_, cue)| *cue)
}

/// The cue of a word that begins with one of the stems.
fn stem(word: &str) -> Option<Cue> {
    static TABLE: OnceLock<Table> = OnceLock::new();
    let stems = TABLE.get_or_init(|| Table::of(STEMS)).beginning_as(word);
    stems.iter().find(|(stem, _)| word.starts_with(stem)).map(|(_, cue)| *cue)
}

/// Words that are an act only at the beginning of a sentence.
const DOUBTFUL: &[&str] = &[
    "change", "complete", "copy", "correct", "document", "export", "format", "hook", "mark", "merge",
    "patch", "port", "set", "split",
];

/// English words. A word stands in one list only.
const ENGLISH: &[(Cue, &[&str])] = &[
    (
        Cue::Make,
        &[
            "create",
            "implement",
            "define",
            "build",
            "built",
            "introduce",
            "scaffold",
            "generate",
            "write",
            "wrote",
            "written",
            "rewrite",
            "author",
            "develop",
            "initialize",
            "initialise",
            "bootstrap",
            "new",
            "produce",
            "declare",
        ],
    ),
    (Cue::Add, &["add", "append", "insert", "prepend"]),
    (
        Cue::Change,
        &[
            "update",
            "modify",
            "edit",
            "extend",
            "enhance",
            "refactor",
            "replace",
            "remove",
            "delete",
            "drop",
            "fix",
            "adjust",
            "adapt",
            "convert",
            "rework",
            "restructure",
            "simplify",
            "optimize",
            "optimise",
            "improve",
            "integrate",
            "wire",
            "register",
            "configure",
            "bump",
            "upgrade",
            "deprecate",
            "reformat",
            "regenerate",
            "refresh",
            "synchronize",
            "populate",
            "strengthen",
            "reinforce",
            "finalize",
            "restore",
            "revert",
            "inject",
            "augment",
            "renumber",
            "reorder",
            "reword",
            "revise",
            "migrate",
            "setup",
        ],
    ),
    (Cue::Move, &["move", "rename", "extract", "relocate"]),
    (
        Cue::Read,
        &[
            "read",
            "parse",
            "load",
            "verify",
            "check",
            "confirm",
            "ensure",
            "review",
            "inspect",
            "validate",
            "run",
            "rerun",
            "execute",
            "invoke",
            "call",
            "use",
            "import",
            "reference",
            "refer",
            "see",
            "follow",
            "consult",
            "compare",
            "assert",
            "examine",
            "analyze",
            "analyse",
            "understand",
            "mirror",
            "match",
            "reuse",
            "depend",
            "rely",
            "locate",
            "find",
            "grep",
            "scan",
            "search",
            "look",
            "instruct",
            "note",
            "require",
            "accept",
            "return",
            "render",
            "mention",
            "contain",
            "exist",
            "keep",
            "preserve",
            "leave",
            "observe",
            "study",
            "audit",
            "evaluate",
            "appear",
            "cite",
            "cover",
            "inherit",
            "derive",
            "consume",
            "compute",
            "exists",
        ],
    ),
    (Cue::Test, &["test", "tests", "testing", "pbt"]),
    (
        Cue::Source,
        &[
            "from",
            "using",
            "via",
            "through",
            "per",
            "like",
            "against",
            "by",
            "following",
            "if",
            "when",
            "whether",
            "that",
            "which",
            "where",
            "while",
            "because",
            "since",
            "as",
            "for",
            "about",
            "than",
            "instead",
            "before",
            "after",
            "matching",
            "according",
        ],
    ),
    (Cue::Target, &["to", "into", "in", "inside", "within", "under", "at", "onto", "on"]),
    (Cue::With, &["with"]),
    (
        Cue::Stands,
        &[
            "defined",
            "declared",
            "described",
            "documented",
            "listed",
            "specified",
            "found",
            "used",
            "located",
            "stored",
            "named",
            "referenced",
        ],
    ),
    (Cue::Not, &["not", "never", "without", "avoid", "don't"]),
];

/// Beginnings of words in languages that bend them: Russian, Spanish, Portuguese, German, French, Indonesian, Turkish,
/// Korean. Long enough not to begin an English word of another meaning.
#[rustfmt::skip]
const STEMS: &[(Cue, &[&str])] = &[
    (Cue::Make, &[
        "созда", "реализ", "напис", "разработ", "сгенерир",
        "crear", "crea", "cree", "escrib", "implement", "desarroll", "generar",
        "criar", "crie", "cria", "escrev", "desenvolv", "gerar",
        "erstell", "anleg", "schreib", "entwick", "generier",
        "créer", "crée", "écri", "développ", "génér",
        "buat", "membuat", "tulis", "menulis", "mengimplementasi",
        "oluştur", "yazın", "yazıl", "geliştir",
        "생성", "구현", "작성", "만들", "개발", "정의",
    ]),
    (Cue::Add, &[
        "добав", "añad", "agreg", "adicion", "hinzufüg", "füge", "ajout", "tambah", "menambah", "ekle", "추가",
    ]),
    (Cue::Change, &[
        "обнов", "измен", "исправ", "удал", "убра", "убери", "рефактор", "настро", "расшир", "замен",
        "actualiz", "modific", "elimin", "configurar", "reemplaz", "corrig",
        "atualiz", "remov", "exclu", "refator", "substitu", "estend",
        "aktualisier", "änder", "lösch", "entfern", "erweiter", "ergänz", "anpass", "konfigurier", "ersetz",
        "modifi", "supprim", "remplac", "étend", "configurer",
        "perbarui", "memperbarui", "ubah", "mengubah", "hapus", "menghapus", "konfigurasi", "ganti", "perluas",
        "perbaiki",
        "güncelle", "değiştir", "silin", "kaldır", "genişlet", "yapılandır", "düzelt",
        "수정", "변경", "업데이트", "삭제", "제거", "확장", "설정", "교체", "갱신", "리팩", "등록", "통합",
    ]),
    (Cue::Move, &[
        "перемест", "переимен", "перенес", "mover", "mueve", "renombr", "renome", "umbenenn", "verschieb", "déplac",
        "renomm", "pindah", "memindah", "taşı", "이동", "이름",
    ]),
    (Cue::Read, &[
        "прочит", "провер", "использ", "запуст", "посмотр", "убед",
        "leer", "verific", "usar", "utiliz", "ejecut", "revis", "execut",
        "prüf", "verwend", "lesen", "ausführ",
        "vérifi", "lire", "exécut",
        "periksa", "gunakan", "baca", "jalankan", "verifikasi",
        "doğrula", "kullan", "çalıştır", "incele",
        "참조", "참고", "사용", "확인", "검증", "실행", "이용", "검토",
    ]),
    (Cue::Test, &["тест", "prueba", "testar", "testes", "pengujian", "테스트"]),
    (Cue::Source, &["согласно", "desde", "según", "conforme", "gemäß", "depuis", "selon", "dari", "göre", "따라"]),
    (Cue::Not, &["nicht", "ohne", "tanpa", "jangan", "sans"]),
];

/// Runs of characters in scripts without blanks (Chinese, Japanese) and in Vietnamese, whose verbs are two words.
#[rustfmt::skip]
pub(super) const RUNS: &[(Cue, &[&str])] = &[
    (Cue::Not, &["不要", "不得", "せずに", "変更しない", "変更なし", "không"]),
    (Cue::Test, &["テスト", "测试", "測試", "kiểm thử"]),
    (Cue::Make, &[
        "作成", "実装", "新規", "生成", "定義", "書", "創建", "创建", "新建", "编写", "編寫", "实现", "實現", "定义", "开发",
        "tạo", "viết", "triển khai", "xây dựng", "định nghĩa",
    ]),
    (Cue::Add, &["追加", "添加", "新增", "增加", "thêm"]),
    (Cue::Change, &[
        "更新", "変更", "修正", "削除", "置換", "拡張", "設定", "登録", "統合", "リファクタ",
        "修改", "删除", "移除", "重构", "扩展", "配置", "替换", "集成", "注册",
        "cập nhật", "sửa", "xóa", "mở rộng", "cấu hình", "thay đổi",
    ]),
    (Cue::Move, &["移動", "移动", "改名", "重命名", "đổi tên", "di chuyển"]),
    (Cue::Read, &[
        "参照", "使用", "利用", "確認", "検証", "読み", "呼び出", "実行", "参考", "验证", "检查", "读取", "查看", "调用", "运行",
        "đọc", "kiểm tra", "sử dụng", "chạy", "tham khảo",
    ]),
    (Cue::Source, &["から", "に基づ", "に従", "根据", "基于", "按照", "theo"]),
    (Cue::Target, &["在", "trong", "vào"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_their_forms() {
        let check = |word: &str, expected: Option<Cue>| assert_eq!(of_word(word, false), expected, "{word}");
        for word in ["create", "creates", "created", "creating", "write", "writing", "built", "defines"] {
            check(word, Some(Cue::Make));
        }
        for word in ["add", "added", "adding", "appends", "добавьте", "ajouter", "추가"] {
            check(word, Some(Cue::Add));
        }
        for word in
            ["updates", "modifies", "removing", "dropped", "fixes", "actualizar", "güncelle", "perbarui"]
        {
            check(word, Some(Cue::Change));
        }
        for word in ["создать", "erstellen", "작성", "escribir"] {
            check(word, Some(Cue::Make));
        }
        check("scanning", Some(Cue::Read));
        check("renamed", Some(Cue::Move));
        check("defined", Some(Cue::Stands));
        for word in
            ["store", "silent", "criteria", "address", "thing", "settings", "tester's", "a", "", "hook"]
        {
            check(word, None);
        }
        assert_eq!(of_word("hook", true), Some(Cue::Change));
    }
}
