//! `docs/recovery.md` names every test here, and none that is not here.

use std::{collections::BTreeSet, fs};

use libtest_mimic::Trial;

use crate::{server::repository, tools::trial};

/// Tests of other places that the document names.
const ELSEWHERE: [&str; 2] = [
    "snippets::postgres::one_that_goes_away_is_missed_until_it_is_back",
    "snippets::postgres::none_is_lost_when_the_server_is_killed",
];

pub(crate) fn trial_of(names: Vec<String>) -> Trial {
    trial("recovery::every_fault_and_its_test_are_in_the_documentation", move || {
        let text = fs::read_to_string(repository().join("docs/recovery.md")).unwrap();
        let elsewhere = fs::read_to_string(repository().join("tests/blackbox/snippets.rs")).unwrap();
        let named: BTreeSet<_> =
            text.split('`').filter(|word| word.contains("::")).map(str::to_owned).collect();
        // The two engines have one line: `cells::*::name`.
        let general = |name: &str| name.replace("::docker::", "::*::").replace("::local::", "::*::");
        let mut known: BTreeSet<_> = names.iter().flat_map(|name| [name.clone(), general(name)]).collect();
        known.insert("recovery::every_fault_and_its_test_are_in_the_documentation".into());
        for name in &named {
            let function = name.rsplit("::").next().unwrap();
            let is_elsewhere = ELSEWHERE.contains(&name.as_str()) && elsewhere.contains(function);
            assert!(
                known.contains(name) || is_elsewhere,
                "docs/recovery.md names `{name}`, which is no test"
            );
        }
        let missing: Vec<_> =
            names.iter().filter(|name| !named.contains(*name) && !named.contains(&general(name))).collect();
        assert!(missing.is_empty(), "docs/recovery.md does not name {missing:?}");
    })
}
