//! Any bytes as each kind of document: they are printed back whole, nothing panics, and a tick changes one byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plan::{Plan, Shape, SpecDocuments};
use spec::{DocumentKind, SpecKind, State, Tasks};

fuzz_target!(|bytes: &[u8]| {
    assert_eq!(spec::text::Text::read(bytes).print(), bytes);
    for kind in [DocumentKind::Requirements, DocumentKind::Bugfix, DocumentKind::Design, DocumentKind::Tasks]
    {
        for spec_kind in [None, Some(SpecKind::Feature), Some(SpecKind::Bugfix)] {
            let _ = spec::check::check(kind, spec_kind, bytes);
        }
    }
    let _ = spec::steering::Steering::parse(bytes);
    let _ = spec::config::Config::parse(bytes);
    for task in Tasks::parse(bytes).tasks {
        let splice = match spec::edit::tick(bytes, &task.id, State::Done) {
            Ok(splice) => splice,
            // A heading that says its state in words, or a mark wider than a byte: refused, with the next step.
            Err(spec::edit::EditError::NoByte { mark_len, has_children, .. })
                if mark_len != 1 || has_children =>
            {
                continue;
            }
            Err(error) => panic!("a task that was read can be ticked: {error:?}"),
        };
        let ticked = splice.apply(bytes).expect("the byte is still there");
        let changed = bytes.iter().zip(&ticked).filter(|(before, after)| before != after).count();
        assert!(changed <= 1 && ticked.len() == bytes.len());
        assert_eq!(spec::approval::canonical(bytes), spec::approval::canonical(&ticked));
    }
    let part = || Some(bytes.to_vec());
    let folder =
        SpecDocuments { requirements: part(), design: part(), tasks: part(), ..SpecDocuments::default() };
    let single = SpecDocuments { shape: Shape::Single, single: part(), ..SpecDocuments::default() };
    for documents in [folder, single] {
        let plan = Plan::read(&documents);
        for step in &plan.steps {
            let _ = plan::context::task_context(&documents, &plan, &step.task_id);
        }
        let _ = plan::schedule::next(&plan);
    }
});
