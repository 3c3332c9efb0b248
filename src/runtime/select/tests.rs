use proptest::prelude::*;

use super::*;

fn version(text: &str) -> ExactVersion {
    ExactVersion::parse(text).unwrap_or_else(|| panic!("{text} is a version"))
}

fn selects(selector: &str, exact: &str) -> bool {
    Selector::parse(selector).unwrap_or_else(|error| panic!("{selector}: {error}")).matches(&version(exact))
}

#[test]
fn selectors_mean_what_npms_users_mean() {
    // Selector, what it takes, what it does not.
    let table: [(&str, &[&str], &[&str]); 42] = [
        ("", &["0.0.1", "99.9"], &[]),
        ("*", &["0.0.1", "99.9"], &[]),
        ("x", &["1.2.3"], &[]),
        ("latest", &["1.2.3", "3.14.0rc1"], &[]),
        ("Latest", &["1.2.3"], &[]),
        ("3", &["3.0", "3.13.5"], &["2.9", "4.0", "30.1"]),
        ("3.12", &["3.12", "3.12.0", "3.12.11"], &["3.13.0", "3.11.9", "3.1.2", "3.120"]),
        ("v3.12", &["3.12.1"], &["3.13"]),
        ("V3", &["3.12.1"], &["4"]),
        ("3.12.1", &["3.12.1", "3.12.1.7"], &["3.12.2", "3.12"]),
        ("=3.12.1", &["3.12.1"], &["3.12.2"]),
        ("==3.12", &["3.12.1"], &["3.13"]),
        ("= v3.12", &["3.12.1"], &["3.13"]),
        ("3.x", &["3.0.0", "3.99"], &["4.0"]),
        ("3.X.x", &["3.0.0"], &["4.0"]),
        ("3.*", &["3.1"], &["2.9"]),
        ("3.12.x", &["3.12.9"], &["3.13"]),
        (">=3.10 <3.13", &["3.10.0", "3.12.99"], &["3.9.9", "3.13.0"]),
        (">= 3.10  < 3.13", &["3.11.1"], &["3.13.0"]),
        (">=3.10,<3.13", &["3.11.1"], &["3.13.0"]),
        (">=3.10, <3.13", &["3.11.1"], &["3.13.0"]),
        (">=3.10<3.13", &["3.11.1"], &["3.13.0"]),
        (">3.12", &["3.13.0"], &["3.12.9"]),
        (">3.12.1", &["3.12.2"], &["3.12.1", "3.12.1.9"]),
        ("<=3.12", &["3.12.9", "2"], &["3.13.0"]),
        ("<3", &["2.9.9"], &["3.0.0"]),
        ("^3.11", &["3.11.0", "3.99"], &["3.10.9", "4.0"]),
        ("^3.x", &["3.0"], &["4.0"]),
        ("^0.2.3", &["0.2.3", "0.2.9"], &["0.3.0", "0.2.2"]),
        ("^0.0.3", &["0.0.3"], &["0.0.4"]),
        ("^0", &["0.9.9"], &["1.0"]),
        ("^3 || ^2", &["3.1", "2.7.18"], &["1.9", "4.0"]),
        ("2||3.11", &["2.7", "3.11.4"], &["3.12.0"]),
        ("~3.11", &["3.11.9"], &["3.12.0"]),
        ("~3", &["3.12"], &["4.0"]),
        ("~>3.11.2", &["3.11.9"], &["3.11.1", "3.12.0"]),
        ("1.2.3 - 2.3", &["1.2.3", "2.3.9"], &["1.2.2", "2.4.0"]),
        ("  1.2  -  2  ", &["1.2.0", "2.9"], &["1.1.9", "3.0"]),
        (">=4 <3", &[], &["3.5", "4.0", "0.0"]),
        (">*", &[], &["1.0", "0.0"]),
        (">=x", &["1.0"], &[]),
        ("6.12.0.199", &["6.12.0.199"], &["6.12.0.200", "6.12.0"]),
    ];
    for (selector, taken, refused) in table {
        for exact in taken {
            assert!(selects(selector, exact), "{selector} takes {exact}");
        }
        for exact in refused {
            assert!(!selects(selector, exact), "{selector} does not take {exact}");
        }
    }
}

#[test]
fn a_line_may_hold_what_a_selector_wants() {
    let table = [
        ("3.13.5", "3.13", true),
        ("3.13.5", "3", true),
        ("3.13.5", "3.12", false),
        ("^3.11", "3.13", true),
        (">3.13", "3.13", false),
        (">3.13.2", "3.13", true),
        ("<3.13", "3.13", false),
        ("2 || 3.13.1", "3.13", true),
        ("latest", "25", true),
        ("3", "no line", false),
    ];
    for (selector, line, expected) in table {
        assert_eq!(Selector::parse(selector).unwrap().may_match_in(line), expected, "{selector} in {line}");
    }
}

#[test]
fn a_suffix_counts_only_where_it_is_named() {
    assert!(selects("21", "21.0.10+7"));
    assert!(selects("21.0.10+7", "21.0.10+7"));
    assert!(!selects("21.0.10+7", "21.0.10+8"));
    assert!(!selects("=21.0.10+7", "21.0.10"));
    assert!(selects("3.14", "3.14.0rc1"));
    assert!(selects("3.14.0-rc.1", "3.14.0rc1"));
}

#[test]
fn nonsense_is_answered_with_what_would_be_right() {
    let long = "1".repeat(65);
    let table =
        ["three", "3..1", "3.", ".3", ">=", "!=3", "<>3", "3 - ", "3|4", "3.x.y", "3 oops", "😀", &long];
    let messages: Vec<String> = table
        .iter()
        .map(|text| {
            Selector::parse(text).map_or_else(|error| error.to_string(), |_| format!("{text} is fine"))
        })
        .collect();
    insta::assert_snapshot!(messages.join("\n"), @"
    `three` is not a version: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `3..1` is not a version: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `3.` is not a version: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `.3` is not a version: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    a version is missing after `>=`: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `!=` is not an operator of version ranges: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `<>` is not an operator of version ranges: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `-` is not a version: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `|` is not an operator of version ranges: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `3.x.y` is not a version: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `oops` is not a version: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    `😀` is not a version: write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`
    a version range has at most 64 characters
    ");
}

fn small() -> impl Strategy<Value = [u64; 3]> {
    [0..4u64, 0..4u64, 0..4u64]
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        any: String,
        selector in "\\PC{0,70}",
        likely in "[0-9vVxX*.<>=^~| ,+a-]{0,30}",
        numbers in "[<>=^~]{0,2}[0-9]{1,20}(\\.[0-9]{1,20}){0,5}",
        exact in "v?[0-9]{1,13}(\\.[0-9]{1,13}){0,5}\\PC{0,20}",
    ) {
        for text in [any, selector, likely, numbers] {
            match (Selector::parse(&text), ExactVersion::parse(&exact)) {
                (Ok(selector), Some(version)) => {
                    // What is taken lies in a line that may hold what is taken.
                    let line = version.numbers().map(|number| number.to_string()).join(".");
                    prop_assert!(!selector.matches(&version) || selector.may_match_in(&line), "{} {}", text, exact);
                }
                (Err(error), _) => prop_assert!(!error.to_string().contains(char::is_control), "{}", error),
                (Ok(_), None) => {}
            }
        }
    }

    #[test]
    fn the_parts_of_a_selector_mean_what_they_mean_alone(
        one in "(\\^|~|=|>|>=|<|<=)?[0-3](\\.[0-3x]){0,2}",
        other in "(\\^|~|=|>|>=|<|<=)?[0-3](\\.[0-3x]){0,2}",
        exact in small(),
    ) {
        let exact = exact.map(|number| number.to_string()).join(".");
        let takes = |selector: &str| Selector::parse(selector).map(|selector| selector.matches(&version(&exact)));
        prop_assume!(takes(&one).is_ok() && takes(&other).is_ok());
        let (first, second) = (takes(&one).unwrap(), takes(&other).unwrap());
        prop_assert_eq!(takes(&format!("{one} || {other}")), Ok(first || second));
        prop_assert_eq!(takes(&format!("{one} {other}")), Ok(first && second));
        prop_assert_eq!(takes(&format!("{one},{other}")), Ok(first && second));
    }

    #[test]
    fn full_versions_compare_as_in_the_semver_crate(
        operator in prop::sample::select(vec!["^", "~", "=", ">", ">=", "<", "<="]),
        [a, b, c] in small(),
        exact in small(),
    ) {
        let selector = format!("{operator}{a}.{b}.{c}");
        let exact = exact.map(|number| number.to_string()).join(".");
        let expected = semver::VersionReq::parse(&selector).unwrap()
            .matches(&semver::Version::parse(&exact).unwrap());
        prop_assert_eq!(selects(&selector, &exact), expected, "{} {}", selector, exact);
    }

    #[test]
    fn a_bare_line_takes_what_lies_in_it(line in "[0-3](\\.[0-3]){0,3}", exact in "[0-3](\\.[0-3]){0,3}") {
        prop_assert_eq!(selects(&line, &exact), version(&exact).lies_in(&line));
    }
}
