//! Which versions a caller will take, written as npm's users write it: `3.12`, `^3`, `>=3.10 <3.13`, `^3 || ^2`.
//!
//! A bare partial version means that line only: `3.12` is no 3.13. Suffixes (`rc1`, `+7`) count only where a bare version
//! or `=` names one: what an operator has installed can be chosen by its numbers.

use super::problem::quoted;
use super::version::{ExactVersion, MAX_CHARS, PARTS, Partial};

type Numbers = [u64; PARTS];

/// A set of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// One of them must fit.
    alternatives: Vec<Range>,
}

/// What is wrong with a selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// It is longer than anybody would write.
    #[error("a version range has at most {MAX_CHARS} characters")]
    TooLong,
    /// A part that is no version.
    #[error("{} is not a version: {HINT}", quoted(.0))]
    NoVersion(String),
    /// An operator that is none.
    #[error("{} is not an operator of version ranges: {HINT}", quoted(.0))]
    NoOperator(String),
    /// An operator without a version after it.
    #[error("a version is missing after `{0}`: {HINT}")]
    NothingAfter(String),
}

const HINT: &str = "write for example `3.12`, `^3`, `>=3.10 <3.13` or `latest`";

/// From `least` to before `end`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    least: Numbers,
    end: Option<Numbers>,
    /// What must follow the numbers.
    suffix: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Line,
    Caret,
    Tilde,
    More,
    Least,
    Less,
    Most,
}

impl Selector {
    /// Reads a selector of at most 64 characters. Empty, `*`, `x` and `latest` are every version.
    ///
    /// # Errors
    /// What is wrong, in a sentence for the caller.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let text = text.trim();
        if text.chars().nth(MAX_CHARS).is_some() {
            return Err(SelectorError::TooLong);
        }
        let alternatives = text.split("||").map(alternative).collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }

    /// Whether a version is one of them.
    pub fn matches(&self, version: &ExactVersion) -> bool {
        self.alternatives.iter().any(|range| range.contains(version))
    }

    /// Whether it takes some version of a line, such as `3.13`.
    pub fn may_match_in(&self, line: &str) -> bool {
        let Some(Partial { numbers, .. }) = Partial::parse(line) else { return false };
        let line = Range::of_line(&numbers);
        self.alternatives.iter().any(|range| {
            let Range { least, end, .. } = range.clone().and(line.clone());
            end.is_none_or(|end| least < end)
        })
    }
}

impl Range {
    const ANY: Self = Self { least: [0; PARTS], end: None, suffix: None };
    const NONE: Self = Self { least: [0; PARTS], end: Some([0; PARTS]), suffix: None };

    /// Every version that begins with these numbers.
    fn of_line(numbers: &[u64]) -> Self {
        let end = numbers.len().checked_sub(1).map(|last| above(numbers, Some(last)));
        Self { least: above(numbers, None), end, suffix: None }
    }

    fn contains(&self, version: &ExactVersion) -> bool {
        let numbers = version.numbers();
        self.least <= numbers
            && self.end.is_none_or(|end| numbers < end)
            && self.suffix.as_ref().is_none_or(|suffix| version.has_suffix(suffix))
    }

    fn and(self, other: Self) -> Self {
        let end = match (self.end, other.end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { least: self.least.max(other.least), end, suffix: self.suffix.or(other.suffix) }
    }
}

/// What stands between two `||`.
fn alternative(text: &str) -> Result<Range, SelectorError> {
    if let Some((from, to)) = text.split_once(" - ") {
        return Ok(range(Operator::Least, from.trim())?.and(range(Operator::Most, to.trim())?));
    }
    let is_operator = |letter: char| "<>=^~!|".contains(letter);
    let mut whole = Range::ANY;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (operator, after) = rest.split_at(rest.find(|letter| !is_operator(letter)).unwrap_or(rest.len()));
        let after = after.trim_start();
        let ends = |letter: char| letter.is_whitespace() || letter == ',' || is_operator(letter);
        let (version, after) = after.split_at(after.find(ends).unwrap_or(after.len()));
        let parsed = parse_operator(operator)?;
        if version.is_empty() {
            let missing = if operator.is_empty() {
                SelectorError::NoVersion(rest.to_owned())
            } else {
                SelectorError::NothingAfter(operator.to_owned())
            };
            return Err(missing);
        }
        whole = whole.and(range(parsed, version)?);
        rest = after.trim_start().strip_prefix(',').unwrap_or(after).trim_start();
    }
    Ok(whole)
}

fn parse_operator(text: &str) -> Result<Operator, SelectorError> {
    match text {
        "" | "=" | "==" | "===" => Ok(Operator::Line),
        "^" => Ok(Operator::Caret),
        "~" | "~>" => Ok(Operator::Tilde),
        ">" => Ok(Operator::More),
        ">=" => Ok(Operator::Least),
        "<" => Ok(Operator::Less),
        "<=" => Ok(Operator::Most),
        _ => Err(SelectorError::NoOperator(text.to_owned())),
    }
}

/// The versions that are, say, at least `3.12`.
fn range(operator: Operator, version: &str) -> Result<Range, SelectorError> {
    let Partial { numbers, suffix } = partial(version)?;
    let Some(last) = numbers.len().checked_sub(1) else {
        return Ok(match operator {
            Operator::More | Operator::Less => Range::NONE,
            Operator::Line | Operator::Caret | Operator::Tilde | Operator::Least | Operator::Most => {
                Range::ANY
            }
        });
    };
    let Range { least, end: line_end, .. } = Range::of_line(&numbers);
    // `^` keeps the first number that is not zero.
    let first = numbers.iter().position(|&number| number != 0).unwrap_or(last);
    let suffix = (operator == Operator::Line && !suffix.is_empty()).then(|| suffix.to_owned());
    let from = |end| Range { least, end, suffix };
    Ok(match operator {
        Operator::Line => from(line_end),
        Operator::Caret => from(Some(above(&numbers, Some(first)))),
        Operator::Tilde => from(Some(above(&numbers, Some(last.min(1))))),
        Operator::Least => from(None),
        Operator::More => Range { least: above(&numbers, Some(last)), ..Range::ANY },
        Operator::Less => Range { end: Some(least), ..Range::ANY },
        Operator::Most => Range { end: line_end, ..Range::ANY },
    })
}

/// The numbers, filled up with zeros; with `raised`, the first version beyond those that share them up to there.
fn above(numbers: &[u64], raised: Option<usize>) -> Numbers {
    let mut result = [0; PARTS];
    let kept = raised.map_or(numbers.len(), |index| index + 1);
    result[..kept].copy_from_slice(&numbers[..kept]);
    if let Some(index) = raised {
        result[index] += 1;
    }
    result
}

/// A version whose end may be left out or a wildcard: `3`, `v3.12`, `3.x`, `*`, `latest`.
fn partial(text: &str) -> Result<Partial<'_>, SelectorError> {
    let wrong = || SelectorError::NoVersion(text.to_owned());
    let version = text.strip_prefix(['v', 'V']).unwrap_or(text);
    if version.eq_ignore_ascii_case("latest") {
        return Ok(Partial { numbers: Vec::new(), suffix: "" });
    }
    let is_wild = |part: &str| matches!(part, "x" | "X" | "*");
    let wild = version.split('.').position(is_wild);
    let known = match wild {
        None => version,
        Some(0) => "",
        Some(index) => version.match_indices('.').nth(index - 1).map_or("", |(dot, _)| &version[..dot]),
    };
    let after_wild = version.split('.').skip(wild.unwrap_or(usize::MAX)).collect::<Vec<_>>();
    let plain =
        |part: &&str| is_wild(part) || !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !after_wild.iter().all(plain) || version.split('.').count() > PARTS && wild.is_some() {
        return Err(wrong());
    }
    if known.is_empty() && wild.is_some() {
        return Ok(Partial { numbers: Vec::new(), suffix: "" });
    }
    let partial = Partial::parse(known).ok_or_else(wrong)?;
    let suffix_begins = |first: char| first.is_ascii_alphanumeric() || "-+_(~".contains(first);
    let fine = partial.suffix.is_empty() || wild.is_none() && partial.suffix.starts_with(suffix_begins);
    if fine { Ok(partial) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests;
