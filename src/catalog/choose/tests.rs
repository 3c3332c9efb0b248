//! The choice against the plainest way to make it.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::{catalog::Subject, runtime::load_folder};

fn runtime() -> Runtime {
    load_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("runtimes/bash-5.2")).unwrap()
}

/// A catalog with a runtime for each version and state, and with a broken definition.
fn catalog(of: &Runtime, listed: &[(String, u8)]) -> Catalog {
    let catalog = Catalog::default();
    for (index, (version, state)) in listed.iter().enumerate() {
        let runtime =
            Runtime { id: format!("x-{index}"), language: "x".into(), line: "1".into(), ..of.clone() };
        catalog.put(Listing {
            version: Some(version.clone()),
            line: Some(format!("cells {index}")),
            ..Listing::new(
                Subject::Runtime(Arc::new(runtime)),
                match state {
                    0 => State::Preparing { step: "build".into() },
                    1 => State::Unavailable { reason: "it is".into() },
                    _ => State::Ready { start_ms: 1.0 },
                },
            )
        });
    }
    let broken = Subject::Broken { id: "x".into() };
    catalog.put(Listing::new(broken, State::Unavailable { reason: "broken".into() }));
    catalog
}

fn selector() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "(\\^|~|=|>|>=|<|<=)?[0-3](\\.[0-3x]){0,2}",
        1 => "[<>=]{1,2}[0-3](\\.[0-3])? [<>=]{1,2}[0-3]",
        1 => "[0-3] \\|\\| \\^?[0-3]\\.[0-3]",
        1 => "[0-9vx*.<>=^~| ,a-]{0,12}",
        1 => "latest|x|",
        1 => any::<String>(),
    ]
}

proptest! {
    // Each case makes its own catalog.
    #![proptest_config(ProptestConfig::with_cases(2 * ProptestConfig::default().cases))]

    #[test]
    fn the_highest_ready_version_in_the_range_is_chosen(
        listed in prop::collection::vec(("[0-3](\\.[0-3]){0,2}(rc1|-2|\\+7)?", 0..5_u8), 0..7),
        range in selector(),
    ) {
        thread_local!(static RUNTIME: Runtime = runtime());
        let catalog = RUNTIME.with(|runtime| catalog(runtime, &listed));
        let Ok(selector) = Selector::parse(&range) else {
            let refused = catalog.choose("x", Some(&range)).is_err();
            prop_assert!(refused);
            return Ok(());
        };
        let exact = |text: &str| ExactVersion::parse(text).unwrap();
        let taken = |ready: bool| listed.iter().filter(move |(_, state)| !ready || *state > 1)
            .map(|(version, _)| exact(version)).filter(|version| selector.matches(version)).max();
        match catalog.choose("X", Some(&range)) {
            Ok(chosen) => {
                prop_assert!(listed.iter().any(|(version, state)| *version == chosen.version && *state > 1));
                prop_assert_eq!(Some(exact(&chosen.version)), taken(true));
            }
            Err(NotChosen::Preparing { .. } | NotChosen::Unavailable { .. }) => {
                prop_assert_eq!(taken(true), None);
                prop_assert!(taken(false).is_some());
            }
            Err(NotChosen::NoVersion { known, .. }) => {
                prop_assert_eq!(taken(false), None);
                prop_assert_eq!(known.len(), listed.len());
            }
            Err(NotChosen::UnknownLanguage { .. }) => prop_assert!(listed.is_empty()),
            Err(other @ NotChosen::BadRange { .. }) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn any_language_and_range_have_an_answer(language: String, range: String) {
        thread_local!(static RUNTIME: Runtime = runtime());
        let catalog = RUNTIME.with(|runtime| catalog(runtime, &[("1.2".into(), 2)]));
        if let Ok(chosen) = catalog.choose(&language, Some(&range)) {
            prop_assert_eq!(chosen.version, "1.2");
        }
    }
}
