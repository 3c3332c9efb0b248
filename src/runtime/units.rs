//! Durations (`10s`) and sizes (`256MiB`) as definitions write them.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// Unit and milliseconds, the largest first.
const DURATION_UNITS: [(&str, u64); 3] = [("m", 60_000), ("s", 1_000), ("ms", 1)];
/// Unit and bytes, the largest first.
const SIZE_UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// A duration as written, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub u64);

/// A size as written, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Millis {
    /// `500ms`, `10s`, `2m`: digits and a unit. `None` when it is not of that form or beyond 64 bits.
    pub fn parse(text: &str) -> Option<Self> {
        parse(text, &DURATION_UNITS).map(Self)
    }
}

impl Bytes {
    /// `512B`, `64KiB`, `256MiB`, `1GiB`, or digits alone, which are bytes. `None` when it is not of that form or beyond
    /// 64 bits.
    pub fn parse(text: &str) -> Option<Self> {
        parse(text, &SIZE_UNITS).or_else(|| digits(text)).map(Self)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, &DURATION_UNITS, "0s", out)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, &SIZE_UNITS, "0B", out)
    }
}

fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    digits(number)?.checked_mul(*factor)
}

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// In the largest unit that leaves no fraction.
fn show(value: u64, units: &[(&str, u64)], zero: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match units.iter().find(|(_, factor)| value >= *factor && value.is_multiple_of(*factor)) {
        Some((unit, factor)) => write!(out, "{}{unit}", value / factor),
        None => out.write_str(zero),
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not a duration such as `10s`"))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BytesVisitor)
    }
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a size such as `64MiB`, or a number of bytes")
    }

    fn visit_u64<E: Error>(self, bytes: u64) -> Result<Bytes, E> {
        Ok(Bytes(bytes))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
        Bytes::parse(text).ok_or_else(|| E::custom("not a size such as `64MiB`"))
    }
}

impl JsonSchema for Millis {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9]+(ms|s|m)$",
            "errorMessage": "not a duration; write a number and `ms`, `s` or `m`: `500ms`, `10s`, `2m`",
        })
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"],
            "pattern": "^[0-9]+(B|KiB|MiB|GiB)?$",
            "minimum": 0,
            "errorMessage": "not a size; write a number and `B`, `KiB`, `MiB` or `GiB`: `64KiB`, `256MiB`, `1GiB`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        let table = [
            ("500ms", Some(500)),
            ("10s", Some(10_000)),
            ("2m", Some(120_000)),
            ("0s", Some(0)),
            ("10", None),
            ("1.5s", None),
            ("-1s", None),
            ("s", None),
            ("10 s", None),
            ("10S", None),
            ("1h", None),
            ("", None),
            ("99999999999999999999s", None),
            ("18446744073709551615m", None),
        ];
        for (text, expected) in table {
            assert_eq!(Millis::parse(text), expected.map(Millis), "{text}");
        }
    }

    #[test]
    fn sizes_are_powers_of_two_or_plain_bytes() {
        let table = [
            ("512B", Some(512)),
            ("64KiB", Some(65_536)),
            ("256MiB", Some(268_435_456)),
            ("1GiB", Some(1_073_741_824)),
            ("4096", Some(4096)),
            ("1MB", None),
            ("1mib", None),
            ("1.5GiB", None),
            ("+1", None),
            ("", None),
            ("٣MiB", None),
        ];
        for (text, expected) in table {
            assert_eq!(Bytes::parse(text), expected.map(Bytes), "{text}");
        }
    }

    #[test]
    fn values_are_shown_in_the_largest_unit_without_fraction() {
        assert_eq!(Millis(1_500).to_string(), "1500ms");
        assert_eq!(Millis(10_000).to_string(), "10s");
        assert_eq!(Millis(0).to_string(), "0s");
        assert_eq!(Bytes(64 << 20).to_string(), "64MiB");
        assert_eq!(Bytes(1_000).to_string(), "1000B");
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_is_read_back(value: u64) {
            assert_eq!(Millis::parse(&Millis(value).to_string()), Some(Millis(value)));
            assert_eq!(Bytes::parse(&Bytes(value).to_string()), Some(Bytes(value)));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = (Millis::parse(&text), Bytes::parse(&text));
        }
    }
}
