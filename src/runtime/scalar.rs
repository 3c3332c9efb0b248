//! What a YAML value without quotes is taken for (the core schema of YAML 1.2).

/// What an unquoted value stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Null,
    Bool,
    /// Decimal, octal (`0o7`) or hexadecimal (`0x1f`).
    Integer,
    Float,
    Text,
}

impl Scalar {
    /// What `text` is when it stands without quotes.
    pub(super) fn of_plain(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Self::Bool,
            ".nan" | ".NaN" | ".NAN" => Self::Float,
            _ if is_integer(text) => Self::Integer,
            _ if is_float(text) => Self::Float,
            _ => Self::Text,
        }
    }

    /// For messages: `a number`.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool => "a truth value",
            Self::Integer | Self::Float => "a number",
            Self::Text => "text",
        }
    }
}

/// How a program would write the number in `text`, where it would write it otherwise: 3.1 for `3.10`.
pub(super) fn rewritten(text: &str) -> Option<String> {
    let again = text.parse::<f64>().ok()?.to_string();
    (again != text).then_some(again)
}

fn is_integer(text: &str) -> bool {
    let all = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    match (text.strip_prefix("0o"), text.strip_prefix("0x")) {
        (Some(octal), _) => all(octal, 8),
        (_, Some(hexadecimal)) => all(hexadecimal, 16),
        (None, None) => all(unsigned(text), 10),
    }
}

fn is_float(text: &str) -> bool {
    let unsigned = unsigned(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    // `inf` and `nan` are numbers for Rust, and text for YAML.
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.parse::<f64>().is_ok()
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_without_quotes_are_taken_for_what_yaml_says() {
        let table = [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("null", Scalar::Null),
            ("True", Scalar::Bool),
            ("yes", Scalar::Text),
            ("on", Scalar::Text),
            ("3", Scalar::Integer),
            ("-03", Scalar::Integer),
            ("0x1f", Scalar::Integer),
            ("0o17", Scalar::Integer),
            ("0b1", Scalar::Text),
            ("3.10", Scalar::Float),
            ("3.", Scalar::Float),
            (".5", Scalar::Float),
            ("1e3", Scalar::Float),
            ("-.inf", Scalar::Float),
            (".NaN", Scalar::Float),
            ("inf", Scalar::Text),
            ("nan", Scalar::Text),
            (".", Scalar::Text),
            ("-", Scalar::Text),
            ("3.10.1", Scalar::Text),
            ("10s", Scalar::Text),
            ("1_000", Scalar::Text),
        ];
        for (text, expected) in table {
            assert_eq!(Scalar::of_plain(text), expected, "{text}");
        }
    }
}
