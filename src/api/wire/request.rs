//! The body of `POST /runs`.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use poem_openapi::{Enum, Object};
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

use crate::{
    api::{
        decode::ObjectOnly,
        problem::{Kind, Problem},
    },
    run,
};

/// Entries that an array of a request may have: far beyond what a run may, so that a body of nothing but commas
/// is refused before it fills memory.
const MOST_ENTRIES: usize = 10_000;

/// A program to run.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "RunRequest")]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRequest {
    /// Name or alias of a language, in any case: `python`, `py`, `C++`.
    pub(crate) language: String,
    /// Which version, as a range: `3.13`, `^3.11`, `>=3.10 <3.13`. Absent or empty: the highest there is.
    pub(crate) version: Option<String>,
    /// The program. The first is the main file.
    #[oai(validator(min_items = 1))]
    #[serde(deserialize_with = "objects")]
    pub(crate) files: Vec<File>,
    /// What the program reads on its standard input.
    pub(crate) stdin: Option<String>,
    /// The program's arguments.
    #[serde(default, deserialize_with = "strings")]
    pub(crate) args: Option<Vec<String>>,
    /// Environment variables, on top of the runtime's.
    pub(crate) env: Option<BTreeMap<String, String>>,
    /// Less than the runtime's ceilings, where said.
    #[serde(default, deserialize_with = "object")]
    pub(crate) limits: Option<Limits>,
    /// What to do with the program: `run` (also when absent) or `format`.
    pub(crate) stage: Option<Purpose>,
}

/// A file of a program.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "File", skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// Relative path: `main.py`, `lib/util.py`. Without `..`.
    pub(crate) name: String,
    /// Its text, or its bytes in base64.
    pub(crate) content: String,
    /// How `content` is written; `utf-8` when absent.
    pub(crate) encoding: Option<Encoding>,
}

/// How bytes are written in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Enum)]
pub(crate) enum Encoding {
    /// As text.
    #[oai(rename = "utf-8")]
    #[serde(rename = "utf-8")]
    Utf8,
    /// In base64.
    #[oai(rename = "base64")]
    #[serde(rename = "base64")]
    Base64,
}

/// What to do with a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Enum)]
#[oai(rename = "Purpose", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub(crate) enum Purpose {
    /// Compile it, if its runtime does, and run it.
    Run,
    /// Print its main file formatted.
    Format,
}

/// What a run may use; each at most the runtime's ceiling, as `GET /api/v1/runtimes` has it.
#[derive(Debug, Clone, Copy, Deserialize, Object)]
#[oai(rename = "LimitsAsked")]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// Milliseconds from a stage's start to its end.
    wall_ms: Option<u64>,
    /// Milliseconds of CPU time of a stage, all processes together.
    cpu_ms: Option<u64>,
    /// Bytes of memory.
    memory_bytes: Option<u64>,
    /// Processes and threads at a time.
    processes: Option<u32>,
    /// Bytes of stdout and stderr together.
    output_bytes: Option<u64>,
}

impl TryFrom<RunRequest> for run::RunRequest {
    type Error = Problem;

    fn try_from(wire: RunRequest) -> Result<Self, Problem> {
        Ok(run::RunRequest {
            language: wire.language,
            version: wire.version.filter(|version| !version.is_empty()),
            files: decoded(wire.files)?,
            stdin: run::Stdin::Whole(wire.stdin.unwrap_or_default().into()),
            args: wire.args.unwrap_or_default(),
            env: wire.env.unwrap_or_default().into_iter().collect(),
            limits: wire.limits.map(Into::into).unwrap_or_default(),
            ceilings: run::LimitsAsked::default(),
            warm: run::WarmStart::IfStarted,
            interactive: None,
            purpose: match wire.stage {
                None | Some(Purpose::Run) => run::Purpose::Run,
                Some(Purpose::Format) => run::Purpose::Format,
            },
        })
    }
}

impl From<Limits> for run::LimitsAsked {
    fn from(wire: Limits) -> Self {
        let Limits { wall_ms, cpu_ms, memory_bytes, processes, output_bytes } = wire;
        Self { wall_ms, cpu_ms, memory_bytes, processes, output_bytes }
    }
}

/// The files as bytes.
pub(super) fn decoded(files: Vec<File>) -> Result<Vec<run::SourceFile>, Problem> {
    files.into_iter().enumerate().map(|(index, file)| file.decoded(index)).collect()
}

impl File {
    fn decoded(self, index: usize) -> Result<run::SourceFile, Problem> {
        let content = match self.encoding {
            None | Some(Encoding::Utf8) => Bytes::from(self.content),
            Some(Encoding::Base64) => from_base64(self.content).map_err(|error| {
                let field = format!("files[{index}].content");
                Problem::new(Kind::InvalidField, format!("`{field}` is not base64: {error}")).field(field)
            })?,
        };
        Ok(run::SourceFile { name: self.name, content })
    }
}

/// Takes base64 with or without padding, and with the line breaks that `base64` on the command line makes.
pub(super) fn from_base64(mut text: String) -> Result<Bytes, base64::DecodeError> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    text.retain(|character| !character.is_ascii_whitespace());
    LENIENT.decode(text).map(Bytes::from)
}

pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::<ObjectOnly<T>>::deserialize(deserializer).map(|object| object.map(|ObjectOnly(value)| value))
}

pub(super) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let entries = Bounded::<ObjectOnly<T>>::deserialize(deserializer)?;
    Ok(entries.0.into_iter().map(|ObjectOnly(value)| value).collect())
}

pub(super) fn strings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    Option::<Bounded<String>>::deserialize(deserializer)
        .map(|entries| entries.map(|Bounded(entries)| entries))
}

/// An array of at most [`MOST_ENTRIES`].
struct Bounded<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Bounded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Bounded<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Bounded<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = array.next_element()? {
                    if entries.len() == MOST_ENTRIES {
                        return Err(A::Error::custom(format_args!("more than {MOST_ENTRIES} entries")));
                    }
                    entries.push(entry);
                }
                Ok(Bounded(entries))
            }
        }

        deserializer.deserialize_seq(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests;
