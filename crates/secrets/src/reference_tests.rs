//! References, right and wrong.

use super::*;

fn places(text: &str) -> Vec<String> {
    let read = read(text);
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    read.found
        .iter()
        .map(|reference| format!("{} at {}", reference.place, &text[reference.span.clone()]))
        .collect()
}

#[test]
fn each_store_has_its_form() {
    assert_eq!(
        places("a {{secret:aws-sm:my-app/api-key#api_key}} b"),
        ["aws-sm:my-app/api-key#api_key at {{secret:aws-sm:my-app/api-key#api_key}}"]
    );
    assert_eq!(
        places("{{secret:aws-sm:arn:aws:secretsmanager:eu-central-1:123:secret:x}}"),
        [
            "aws-sm:arn:aws:secretsmanager:eu-central-1:123:secret:x at {{secret:aws-sm:arn:aws:secretsmanager:eu-central-1:123:secret:x}}"
        ]
    );
    assert_eq!(
        places("{{secret:ssm:/a/b}}{{secret:env:NAME}}"),
        ["ssm:/a/b at {{secret:ssm:/a/b}}", "env:NAME at {{secret:env:NAME}}"]
    );
    assert_eq!(places("{{secret:keychain:a/b/me}}"), ["keychain:a/b/me at {{secret:keychain:a/b/me}}"]);
    assert_eq!(
        places("{{secret:command:pass show x | head -1}}"),
        ["command:pass show x | head -1 at {{secret:command:pass show x | head -1}}"]
    );
    assert_eq!(places("{{ secret }} {{other:x}} secret:env:A"), Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_said() {
    let fault = |text: &str| {
        let read = read(text);
        assert!(read.found.is_empty(), "{text}");
        read.faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(fault("{{secret:env:NAME"), "the reference does not end on its line");
    assert_eq!(fault("{{secret:env:NA\nME}}"), "the reference does not end on its line");
    assert_eq!(fault("{{secret:NAME}}"), "the reference names no store");
    assert_eq!(fault("{{secret:vault:x}}"), "`vault` is not a store that references can name");
    assert_eq!(fault("{{secret:env:}}"), "`env:` names nothing");
    assert_eq!(fault("{{secret:env:A B}}"), "`A B` is not the name of a variable");
    assert_eq!(fault("{{secret:keychain:alone}}"), "`keychain:` needs a service and an account");
    assert_eq!(fault("{{secret:aws-sm:a#}}"), "`aws-sm:` needs a name, and a key behind `#`");
    assert_eq!(
        fault(&format!("{{{{secret:env:{}}}}}", "A".repeat(REFERENCE_MAX))),
        "the reference does not end on its line"
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "(\\{\\{secret:|env:|ssm:|command:|[a-z/#}\n ü]){0,40}") {
        for reference in read(&text).found {
            proptest::prop_assert!(text.get(reference.span).is_some_and(|whole| whole.starts_with(OPEN) && whole.ends_with(CLOSE)));
        }
    }
}
