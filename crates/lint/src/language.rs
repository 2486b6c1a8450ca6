//! Which language a sentence is written in, from its letters and its small words. A guess that is good enough to keep
//! the word rules of one language away from another; no translation.

use std::sync::OnceLock;

use crate::hash::Table;
use crate::words::{Script, Words};

/// The languages whose key words are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// en
    English,
    /// ja
    Japanese,
    /// zh
    Chinese,
    /// ko
    Korean,
    /// ru
    Russian,
    /// vi
    Vietnamese,
    /// es
    Spanish,
    /// pt
    Portuguese,
    /// de
    German,
    /// fr
    French,
    /// id
    Indonesian,
    /// tr
    Turkish,
    /// Anything else; no word rule applies.
    Other,
}

impl Language {
    const LATIN: [Language; 8] = [
        Language::English,
        Language::Vietnamese,
        Language::Spanish,
        Language::Portuguese,
        Language::German,
        Language::French,
        Language::Indonesian,
        Language::Turkish,
    ];

    /// The language of a text; `hint` is what the document as a whole is written in, and decides when the sentence
    /// itself does not say.
    pub fn of(text: &str, hint: Option<Language>) -> Language {
        of_words(&Words::of(text), hint)
    }
}

/// Small words that appear in every longer sentence. A word of two languages counts for both.
const SMALL: &[(Language, &str)] = &[
    (
        Language::English,
        "the a an of to and is are with for in on by that this from be not all any each when at as it or has have \
         which its into only than no one their same does must shall should will can user",
    ),
    (
        Language::Spanish,
        "el la los las de del que y en un una con por para se no es al lo su cuando debe sistema usuario o si como \
         está entonces deberá",
    ),
    (
        Language::Portuguese,
        "o a os as de do da dos das que e em um uma com por para se não é ao no na seu quando deve sistema usuário ou \
         como está então utilizador",
    ),
    (
        Language::German,
        "der die das den dem des ein eine einen einer und ist sind mit für von zu im in auf wird werden nicht wenn \
         dann muss soll das benutzer oder als bei nach dass es",
    ),
    (
        Language::French,
        "le la les l' d' de des du un une et est sont avec pour par dans en sur que qui ne pas au aux quand lorsque \
         alors doit système utilisateur ou ce cette",
    ),
    (
        Language::Indonesian,
        "yang dan di ke dari untuk dengan pada adalah ini itu tidak akan oleh dalam ketika maka harus sistem pengguna \
         atau jika saat semua sebuah",
    ),
    (
        Language::Vietnamese,
        "và của các là có được cho trong với một người dùng hệ thống khi thì phải không nếu từ đến này để hiển thị",
    ),
    (
        Language::Turkish,
        "ve bir bu için ile olarak sistem kullanici daha gibi tüm her değil veya olan ise zaman sonra kadar",
    ),
];

fn small_words() -> &'static Table<u16> {
    static TABLE: OnceLock<Table<u16>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::default();
        for (language, words) in SMALL {
            let at = Language::LATIN.iter().position(|known| known == language).unwrap_or(0);
            for word in words.split_whitespace() {
                *table.entry(word).or_insert(0) |= 1 << at;
            }
        }
        table
    })
}

/// Han or kana characters that weigh as much as one Latin word.
const CHARACTERS_PER_WORD: usize = 2;

pub(crate) fn of_words(words: &Words, hint: Option<Language>) -> Language {
    let (mut cjk, mut kana, mut hangul, mut cyrillic, mut latin, mut other) = (0, 0, 0, 0, 0, 0);
    let mut votes = [0usize; Language::LATIN.len()];
    let table = small_words();
    for word in words.list.iter().filter(|word| word.is_said()) {
        match word.script {
            Script::Cjk => {
                for c in words.lower(word).chars() {
                    cjk += 1;
                    kana += usize::from(matches!(c, '\u{3041}'..='\u{30ff}'));
                }
            }
            Script::Hangul => hangul += 1,
            Script::Cyrillic => cyrillic += 1,
            // Key words in capitals stand in sentences of any language.
            Script::Latin if word.is_upper => {}
            Script::Latin => {
                latin += 1;
                let bits = table.get(words.lower(word)).copied().unwrap_or(0);
                for (at, vote) in votes.iter_mut().enumerate() {
                    *vote += usize::from(bits & (1 << at) != 0);
                }
            }
            Script::Number => {}
            Script::Other => other += 1,
        }
    }
    if cjk > 0 && cjk >= latin * CHARACTERS_PER_WORD {
        let hint = hint.filter(|hint| matches!(hint, Language::Japanese | Language::Chinese));
        return if kana > 0 { Language::Japanese } else { hint.unwrap_or(Language::Chinese) };
    }
    if hangul > 0 && hangul >= latin / 2 {
        return Language::Korean;
    }
    if cyrillic > 0 && cyrillic >= latin / 2 {
        return Language::Russian;
    }
    if other > latin {
        return Language::Other;
    }
    let best = votes.iter().copied().max().unwrap_or(0);
    let mut leaders = Language::LATIN
        .iter()
        .zip(votes)
        .filter(|(_, vote)| *vote == best && best > 0)
        .map(|(known, _)| *known);
    match (leaders.next(), leaders.next()) {
        (Some(one), None) => one,
        (None, _) if hint.is_none() => Language::English,
        (first, _) => hint.or(first).unwrap_or(Language::English),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_each_language() {
        let check = |text: &str, expected: Language| assert_eq!(Language::of(text, None), expected, "{text}");
        check("WHEN the user clicks THEN the system SHALL save", Language::English);
        check("When 保存ボタンが押された, the System shall データを保存する", Language::Japanese);
        check("WHEN 用户点击保存 THEN 系统 SHALL 保存数据", Language::Chinese);
        check("사용자가 버튼을 클릭하면 시스템은 저장해야 한다", Language::Korean);
        check("КОГДА пользователь нажимает, система ДОЛЖНА сохранить", Language::Russian);
        check("KHI người dùng nhấn nút THÌ hệ thống PHẢI lưu", Language::Vietnamese);
        check("CUANDO el usuario pulsa el botón ENTONCES el sistema DEBE guardar", Language::Spanish);
        check("QUANDO o usuário clicar no botão, o sistema DEVE salvar", Language::Portuguese);
        check("WENN der Benutzer klickt, DANN MUSS das System speichern", Language::German);
        check("QUAND l'utilisateur clique sur le bouton, le système DOIT sauvegarder", Language::French);
        check(
            "KETIKA pengguna menekan tombol, sistem HARUS menyimpan data untuk pengguna",
            Language::Indonesian,
        );
        check(
            "Kullanıcı giriş yaptığında, sistem oturumu kaydetmelidir ve bir ileti göstermelidir",
            Language::Turkish,
        );
        check("The page shows `保存` in the title", Language::English);
        check("Ελληνικά είναι εδώ", Language::Other);
    }

    #[test]
    fn the_document_decides_when_the_sentence_does_not() {
        assert_eq!(Language::of("SHALL 保存", Some(Language::Japanese)), Language::Japanese);
        assert_eq!(Language::of("Login Session Token", Some(Language::German)), Language::German);
        assert_eq!(Language::of("Login Session Token", None), Language::English);
    }
}
