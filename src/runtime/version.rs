//! Exact versions as runtimes report them, which follow no one rule: `3.13.5`, `1.24`, `6.12.0.199`, `21.0.10+7`.

use std::cmp::Ordering;
use std::fmt;

/// Numbers of a version that count; what follows a fourth is part of the suffix.
pub(super) const PARTS: usize = 4;
/// Characters of a version, exact or in a selector.
pub(super) const MAX_CHARS: usize = 64;
/// Digits of one number: far from 64 bits, so that adding one never overflows.
const MAX_DIGITS: usize = 12;

/// Words that say "not released yet", so that such a version stands below the one without.
const PRE_RELEASE: [&str; 14] =
    ["a", "alpha", "b", "beta", "c", "rc", "cr", "pre", "preview", "dev", "ea", "m", "nightly", "snapshot"];

/// A version that is installed. `1.24` and `1.24.0` are equal; the highest is the greatest.
#[derive(Debug, Clone)]
pub struct ExactVersion {
    text: String,
    numbers: [u64; PARTS],
    suffix: Suffix,
}

/// What follows the numbers. Variants stand in the order of their versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Suffix {
    PreRelease(Vec<Chunk>),
    None,
    /// A build, a patch level, a packager's revision.
    Later(Vec<Chunk>),
}

/// A run of digits or of letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Chunk {
    Letters(String),
    Number(u64),
}

/// The beginning of a version: what a line or a selector names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partial<'a> {
    /// At most [`PARTS`].
    pub(super) numbers: Vec<u64>,
    /// With its separator: `-rc1`, `+7`.
    pub(super) suffix: &'a str,
}

impl ExactVersion {
    /// Reads what a runtime reports; a `v` before it does not count. `None` when it does not begin with a number, or has
    /// more than 64 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let without_v = text.strip_prefix(['v', 'V']).unwrap_or(text);
        if text.chars().nth(MAX_CHARS).is_some() {
            return None;
        }
        let Partial { numbers, suffix } = Partial::parse(without_v)?;
        let mut padded = [0; PARTS];
        padded[..numbers.len()].copy_from_slice(&numbers);
        Some(Self { text: text.to_owned(), numbers: padded, suffix: Suffix::parse(suffix) })
    }

    /// Whether it belongs to a version line: 3.13.5 to `3` and `3.13`, but not to `3.1`. Always false for what is no line.
    pub fn lies_in(&self, line: &str) -> bool {
        Partial::parse(line).is_some_and(|Partial { numbers, suffix }| {
            self.numbers[..numbers.len()] == numbers[..] && suffix.is_empty()
        })
    }

    /// As it was reported.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn numbers(&self) -> [u64; PARTS] {
        self.numbers
    }

    /// Whether what follows the numbers is `suffix` too.
    pub(super) fn has_suffix(&self, suffix: &str) -> bool {
        self.suffix == Suffix::parse(suffix)
    }
}

impl<'a> Partial<'a> {
    /// One to four numbers with dots between, then any suffix.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut numbers = Vec::new();
        let mut rest = text;
        loop {
            let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, after) = rest.split_at(end);
            if digits.is_empty() || digits.len() > MAX_DIGITS {
                return None;
            }
            numbers.push(digits.parse().ok()?);
            match after.strip_prefix('.') {
                Some(next)
                    if numbers.len() < PARTS && next.starts_with(|first: char| first.is_ascii_digit()) =>
                {
                    rest = next;
                }
                _ => return Some(Self { numbers, suffix: after }),
            }
        }
    }
}

impl Suffix {
    fn parse(text: &str) -> Self {
        let chunks = chunks(text);
        let word = match chunks.first() {
            None => return Self::None,
            Some(Chunk::Letters(word)) if !text.starts_with('+') => word,
            Some(Chunk::Letters(_) | Chunk::Number(_)) => return Self::Later(chunks),
        };
        if PRE_RELEASE.contains(&word.as_str()) { Self::PreRelease(chunks) } else { Self::Later(chunks) }
    }
}

/// The runs of digits and of letters in `text`, lower case; what is neither only separates.
fn chunks(text: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let same = |letter: char| letter.is_ascii_digit() == digits && letter.is_alphanumeric();
        let end = rest.find(|letter| !same(letter)).unwrap_or(rest.len());
        if end == 0 {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (run, after) = rest.split_at(end);
        let number = if digits { run.parse().ok() } else { None };
        chunks.push(number.map_or_else(|| Chunk::Letters(run.to_lowercase()), Chunk::Number));
        rest = after;
    }
    chunks
}

impl Ord for ExactVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| self.suffix.cmp(&other.suffix))
    }
}

impl PartialOrd for ExactVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ExactVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ExactVersion {}

impl fmt::Display for ExactVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> ExactVersion {
        ExactVersion::parse(text).unwrap_or_else(|| panic!("{text} is a version"))
    }

    #[test]
    fn versions_stand_in_their_order() {
        let rising = [
            "0.9",
            "1.8.0_202",
            "1.8.0_392",
            "1.24rc1",
            "1.24",
            "1.24.1",
            "3.9.2",
            "3.13.5",
            "3.14.0a7",
            "3.14.0rc1",
            "3.14.0-rc.2",
            "3.14.0-rc.10",
            "3.14.0",
            "5.2.37",
            "5.2.37.1",
            "6.12.0.182",
            "6.12.0.199",
            "10.0",
            "14.2.0",
            "14.2.0-19",
            "21.0.10-ea",
            "21.0.10",
            "21.0.10+6",
            "21.0.10+7",
            "21.0.10+12",
            "25.0.3",
        ];
        for pair in rising.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn what_means_the_same_is_equal() {
        for (one, other) in
            [("1.24", "1.24.0"), ("v20.11.1", "20.11.1"), ("07.1", "7.1"), ("3.14.0rc1", "3.14.0-RC.1")]
        {
            assert_eq!(version(one), version(other));
        }
    }

    #[test]
    fn a_version_lies_in_the_lines_that_it_continues() {
        let table = [
            ("3.13.5", "3.13", true),
            ("3.13.5", "3", true),
            ("3.13.5", "3.13.5", true),
            ("3.13.5", "3.1", false),
            ("3.13.5", "3.13.50", false),
            ("1.24", "1.24.0", true),
            ("25.0.3", "25", true),
            ("21.0.10+7", "21", true),
            ("6.12.0.199", "6.12", true),
            ("14.2.0", "13", false),
            ("14.2.0", "", false),
            ("14.2.0", "latest", false),
        ];
        for (exact, line, expected) in table {
            assert_eq!(version(exact).lies_in(line), expected, "{exact} in {line}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        let long = "1".repeat(65);
        for text in ["", "v", "latest", ".5", "-1", "1234567890123", &long] {
            assert!(ExactVersion::parse(text).is_none(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String, line: String) {
            if let Some(version) = ExactVersion::parse(&text) {
                let _ = version.lies_in(&line);
                proptest::prop_assert_eq!(&version, &version.clone());
            }
        }

        #[test]
        fn the_order_of_full_versions_is_semvers(one: [u16; 3], other: [u16; 3]) {
            let text = |[a, b, c]: [u16; 3]| format!("{a}.{b}.{c}");
            let semver = |numbers| semver::Version::parse(&text(numbers)).unwrap();
            proptest::prop_assert_eq!(
                version(&text(one)).cmp(&version(&text(other))),
                semver(one).cmp(&semver(other))
            );
        }
    }
}
