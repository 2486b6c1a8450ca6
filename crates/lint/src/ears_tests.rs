//! Criteria of every dialect with their slots.

use super::*;
use proptest::prelude::*;

/// The slots in one line: pattern, then what is there. `F` feature, `W` while, `T` trigger, `S` system, `R` response
/// (`R!` negative, `R?` weak).
fn show(text: &str, ears: &Ears) -> String {
    let of = |span: &Span| text.get(span.offset..span.end()).unwrap_or("OUTSIDE").replace('\n', " ");
    let mut out = vec![format!("{:?}", ears.pattern)];
    out.extend(ears.features.iter().map(|span| format!("F[{}]", of(span))));
    out.extend(ears.states.iter().map(|span| format!("W[{}]", of(span))));
    out.extend(ears.triggers.iter().map(|span| format!("T[{}]", of(span))));
    for (nth, response) in ears.responses.iter().enumerate() {
        if let Some(system) = response.system.or(ears.system.filter(|_| nth == 0)) {
            out.push(format!("S[{}]", of(&system)));
        }
        let mark = match (response.is_negative, response.strength) {
            (true, _) => "R!",
            (false, Modal::Weak) => "R?",
            (false, Modal::Binding) => "R",
        };
        out.push(format!("{mark}[{}]", of(&response.text)));
    }
    out.join(" ")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show(text, &parse(text, None)), expected, "{text}");
}

#[test]
fn the_six_patterns() {
    check("THE Parser SHALL keep comments.", "Ubiquitous S[Parser] R[keep comments]");
    check(
        "WHILE the disk is full, THE Store SHALL refuse writes",
        "State W[the disk is full] S[Store] R[refuse writes]",
    );
    check("When a key is pressed, the Editor shall beep", "Event T[a key is pressed] S[Editor] R[beep]");
    check(
        "WHERE colour is supported, THE Page SHALL use it",
        "Feature F[colour is supported] S[Page] R[use it]",
    );
    check("IF x fails, THEN THE Api SHALL answer 500", "Unwanted T[x fails] S[Api] R[answer 500]");
    check(
        "WHILE idle, WHEN a call comes, THE Phone SHALL ring",
        "Complex W[idle] T[a call comes] S[Phone] R[ring]",
    );
    check("FOR ALL valid x, THE Codec SHALL give x back", "Property F[valid x] S[Codec] R[give x back]");
}

#[test]
fn kiros_dialects() {
    check(
        "WHEN make test is executed AND tests fail THEN the system SHALL start the analysis",
        "Event T[make test is executed AND tests fail] S[system] R[start the analysis]",
    );
    check("WHEN empty THEN the system returns NaN", "Condition T[empty] R?[the system returns NaN]");
    check("WHEN a b THEN the system SHALL CONTINUE TO c", "Event T[a b] S[system] R[CONTINUE TO c]");
    check("**WHEN** a **THEN** the app **SHALL** b", "Event T[a] S[app] R[b]");
    check("Given a\nWhen b\nThen c", "Gherkin W[a] T[b] R?[c]");
    check("The script must exit with 1", "Ubiquitous S[script] R[exit with 1]");
    check(
        "WHEN the user, or an admin, saves, THE Store SHALL `SHALL` it",
        "Event T[the user, or an admin, saves] S[Store] R[`SHALL` it]",
    );
    check("THE A SHALL NOT b", "Ubiquitous S[A] R![b]");
    check("THE A SHALL warn WHEN the disk is full", "Event T[the disk is full] S[A] R[warn]");
    check("The page should load", "Ubiquitous S[page] R?[load]");
    check("Users can log in", "None");
    check("", "None");
    check("SHALL", "Ubiquitous R[]");
    check("WHEN a, IF b, THEN THE C SHALL d", "Complex T[a] T[b] S[C] R[d]");
}

#[test]
fn several_responses() {
    check("THE A SHALL b AND SHALL c", "Ubiquitous S[A] R[b] R[c]");
    check("THE A SHALL b, and THE C SHALL NOT d", "Ubiquitous S[A] R[b] S[C] R![d]");
    check("WHEN a THEN the system SHALL b and the page SHALL c", "Event T[a] S[system] R[b] S[page] R[c]");
}

#[test]
fn other_languages() {
    check("When 保存が押された, the Editor shall 保存する", "Event T[保存が押された] S[Editor] R[保存する]");
    check(
        "もし入力が空ならば、システムはエラーを表示しなければならない",
        "Unwanted T[入力が空] S[システム] R[エラーを表示しなければならない]",
    );
    check(
        "ファイルが開かれた場合、エディタは内容を表示すること。",
        "Event T[ファイルが開かれた] S[エディタ] R[内容を表示すること]",
    );
    check("WHEN 用户点击 THEN 系统 SHALL 显示", "Event T[用户点击] S[系统] R[显示]");
    check("当用户点击保存时，系统应保存数据", "Event T[用户点击保存时] S[系统] R[保存数据]");
    check("如果密码错误，系统不得登录", "Unwanted T[密码错误] S[系统] R![登录]");
    check(
        "사용자가 클릭하면 시스템은 저장해야 한다",
        "Event T[사용자가 클릭하면] S[시스템] R[저장해야 한다]",
    );
    check(
        "КОГДА пользователь входит, ТОГДА система ДОЛЖНА открыть окно",
        "Event T[пользователь входит] S[система] R[открыть окно]",
    );
    check(
        "ЕСЛИ пароль неверный, ТО система НЕ ДОЛЖНА пускать",
        "Unwanted T[пароль неверный] S[система] R![пускать]",
    );
    check(
        "KHI người dùng nhấn nút THÌ hệ thống PHẢI lưu dữ liệu",
        "Event T[người dùng nhấn nút] S[hệ thống] R[lưu dữ liệu]",
    );
    check(
        "CUANDO el usuario pulse el botón ENTONCES el sistema DEBE guardar",
        "Event T[el usuario pulse el botón] S[sistema] R[guardar]",
    );
    check(
        "SI la clave es mala ENTONCES el sistema NO DEBERÁ abrir la sesión",
        "Unwanted T[la clave es mala] S[sistema] R![abrir la sesión]",
    );
    check(
        "QUANDO o usuário clicar no botão, o sistema DEVE salvar",
        "Event T[o usuário clicar no botão] S[sistema] R[salvar]",
    );
    check(
        "WENN der Benutzer auf den Knopf klickt, DANN MUSS das System speichern",
        "Event T[der Benutzer auf den Knopf klickt] R[das System speichern]",
    );
    check(
        "LORSQUE l'utilisateur clique sur le bouton, le système DOIT sauvegarder",
        "Event T[l'utilisateur clique sur le bouton] S[système] R[sauvegarder]",
    );
    check(
        "KETIKA pengguna menekan tombol MAKA sistem HARUS menyimpan data untuk pengguna",
        "Event T[pengguna menekan tombol] S[sistem] R[menyimpan data untuk pengguna]",
    );
    check(
        "Kullanıcı giriş yaptığında, sistem bir ileti göstermelidir",
        "Event T[Kullanıcı giriş yaptığında] S[sistem] R[bir ileti göstermelidir]",
    );
}

#[test]
fn one_spelling_for_all_dialects() {
    let text = "WHEN a THEN the system SHALL b AND SHALL NOT c";
    let spelled = parse(text, None).normalised(text);
    assert_eq!(spelled.as_deref(), Some("when a, system shall b and shall not c"));
    assert_eq!(parse("nothing", None).normalised("nothing"), None);
}

#[test]
fn order_and_then() {
    let ordered = |text: &str| parse(text, None).is_ordered;
    assert!(ordered("WHERE a, WHILE b, WHEN c, THE D SHALL e"));
    assert!(!ordered("WHEN c, WHILE b, THE D SHALL e"));
    assert!(!ordered("THE D SHALL e WHEN c"));
    assert_eq!(parse("IF a, THEN THE B SHALL c", None).then, Some(Span { offset: 6, len: 4 }));
}

proptest! {
    #[test]
    fn spans_lie_in_the_text(text in "(WHEN|IF|WHERE|THEN|THE|SHALL|NOT|AND|when|the|system|当|应|は|、|,|`|\\(| |\n|[a-z]{1,6}){0,40}") {
        let ears = parse(&text, None);
        let all = ears.features.iter().chain(&ears.states).chain(&ears.triggers).chain(&ears.openers).chain(&ears.system);
        for span in all.chain(ears.responses.iter().map(|r| &r.text)).chain(ears.responses.iter().map(|r| &r.modal)) {
            prop_assert!(text.get(span.offset..span.end()).is_some(), "{span:?} {text}");
        }
    }

    #[test]
    fn any_text_is_parsed_without_a_panic(text in any::<String>()) {
        let _ = parse(&text, None);
    }
}
