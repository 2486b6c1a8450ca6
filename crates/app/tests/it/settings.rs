//! The person's settings: what is refused, and where a key may come from.

use crate::harness::{Desk, Model, say};

#[test]
fn an_unknown_field_is_named_and_nothing_runs() {
    let (desk, model) = Desk::with(vec![say("Done.")]);
    for (text, says) in [
        ("modle = \"x\"\n", "modle"),
        ("[providers.x]\nurl = \"y\"\n", "url"),
        ("[providers.x]\nkey = \"sk-secret\"\n", "`key` must be { env = "),
        ("max_turns = \"many\"\n", "max_turns"),
        ("model = \n", "config.toml"),
    ] {
        desk.config(text);
        desk.check(&["run", "x"], 2, &["config.toml", says, "docs/settings.md"]).never_says(&["sk-secret"]);
    }
    assert_eq!(model.requests().len(), 0);
}

#[test]
fn a_key_from_a_command() {
    let desk = Desk::new();
    let model = Model::start(vec![say("Done.")]);
    let provider =
        format!("model = \"anthropic/m\"\n[providers.anthropic]\nbase_url = \"{}\"\n", model.url());
    desk.config(&format!("{provider}key = {{ command = \"cat ../home/key\" }}\n"));
    desk.check(
        &["run", "x"],
        6,
        &["the key of `anthropic` could not be had from cat ../home/key", "No such file"],
    );
    desk.put_outside("home/key", "");
    desk.check(&["run", "x"], 6, &["it printed nothing"]);
    desk.put_outside("home/key", "sk-from-a-file\n");
    desk.check(&["run", "x"], 0, &["Done."]);
    assert_eq!(model.keys(), ["sk-from-a-file"]);
    desk.config(&format!("{provider}key = {{ env = \"MY_KEY\" }}\n"));
    desk.check(&["run", "x"], 6, &["should be in MY_KEY, which is not set"]);
}

#[test]
fn the_doctor_says_what_is_missing() {
    let desk = Desk::new();
    desk.check(&["doctor"], 1, &["miss model", "no model provider is configured", "ok   ledger"]);
    desk.config("modle = 1\n");
    desk.check(&["doctor"], 1, &["miss settings"]);
}
