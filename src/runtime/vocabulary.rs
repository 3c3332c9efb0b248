//! The kinds of text in a definition: the pattern that each must match, as JSON Schema, and what to say when it does not.
//!
//! `errorMessage` is what editors show as well. Here it has two parts, `not a …; what would be right`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// What the playground's editor can highlight, one mode a line.
const EDITOR_MODES: &str = include_str!("editor-modes.txt");

/// How a sample's run may end: the API's words, without those that say nothing about the program.
pub(super) const OUTCOMES: [&str; 6] =
    ["succeeded", "failed", "compile_failed", "timed_out", "out_of_memory", "output_limit"];

const ENV_NAME: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
const ENV_NAME_ERROR: &str =
    "not a name of an environment variable; use letters, digits and `_`, not a digit first";

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $schema:expr;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

kinds! {
    /// The name of a language, as callers write it.
    LanguageName = matching("^[a-z0-9][a-z0-9+#.-]{0,31}$",
        "not a name for a language; use lower-case letters, digits and `+ # . -`, at most 32");
    /// The version that a folder stands for.
    VersionLine = matching(r"^[0-9]{1,6}(\.[0-9]{1,6}){0,3}$",
        "not a version line; write one to four numbers with dots between, in quotes: \"3\", \"3.13\", \"3.13.5\"");
    /// A runtime's id.
    RuntimeId = matching("^[a-z0-9][a-z0-9.-]{0,63}$", "not a runtime's id; write the name of its folder");
    /// A Debian package. A `-` at its end would remove it.
    AptPackage = matching(r"^[a-z0-9][a-z0-9+.-]{0,98}[a-z0-9+](=[A-Za-z0-9.+:~-]{1,60})?$",
        "not a Debian package; write its name, and a version after `=` if need be: jq, jq=1.7.1-6");
    /// A package of PyPI: no address, no path, no option.
    PipPackage = matching(
        r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?(\[[A-Za-z0-9,._-]{1,100}\])?((==|~=|!=|>=|<=|<|>)[A-Za-z0-9.*+!_-]{1,40}(,(==|~=|!=|>=|<=|<|>)[A-Za-z0-9.*+!_-]{1,40}){0,4})?$",
        "not a package of PyPI; write its name, and a version if need be: six, numpy==2.1.3, 'numpy>=2.1,<3'");
    /// A package of npm: no address, no path, no option.
    NpmPackage = matching(
        r"^(@[a-z0-9][a-z0-9._-]{0,98}/)?[a-z0-9][a-z0-9._-]{0,98}(@[~^]?[A-Za-z0-9][A-Za-z0-9.+_-]{0,60})?$",
        "not a package of npm; write its name, and a version if need be: lodash, lodash@4.17.21, '@scope/name@2'");
    /// A file's ending.
    Extension = matching("^[A-Za-z0-9_+#-]{1,16}$",
        "not a file ending; write it without its dot: letters, digits and `_ + # -`, at most 16");
    /// A relative path, `/` between its parts.
    FileName = matching("^[^/].*$", "not a file name; write a path relative to the program's folder");
    /// A command's name, to be found on the `PATH`.
    Program = matching("^[^/ ]+$", "not a command's name; write it as it is found on the `PATH`, without a folder");
    /// A folder of the image.
    OverlayFolder = matching("^/", "not an absolute path; begin with `/`");
    /// A regular expression.
    Pattern = matching(".", "not a regular expression; write one, or leave the key out");
    /// A regular expression that browsers understand too.
    PlacePattern = matching(".", "not a regular expression; write one with named groups: '^(?<file>\\S+):(?<line>\\d+): (?<message>.*)'");
    /// Some text.
    Words = matching(r"\S", "not a text; write something, or leave the key out");
    /// A program and its arguments.
    Command = json_schema!({"type": "array", "items": {"type": "string"}, "minItems": 1});
    /// Variables.
    Environment = json_schema!({
        "type": "object",
        "propertyNames": {"pattern": ENV_NAME, "errorMessage": ENV_NAME_ERROR},
        "additionalProperties": {"type": "string"},
    });
    /// A program's files.
    SampleFiles = json_schema!({
        "type": "object",
        "additionalProperties": {"type": "string"},
        "minProperties": 1,
    });
    /// What an editor highlights by.
    EditorMode = one_of(editor_modes());
    /// An OCI image.
    ImageReference = matching("^[A-Za-z0-9][A-Za-z0-9._/:@-]*$",
        "not an image reference; write `registry/name:tag` or `registry/name@sha256:…`");
    /// What a program may reach.
    Network = json_schema!({
        "type": "string",
        "enum": ["none"],
        "errorMessage": "not available; a network needs the operator's consent, which cannot be given yet: \
            write `none`, or leave the key out",
    });
    /// How a run ends.
    Outcome = one_of(OUTCOMES);
}

/// The highlighting modes that the playground's editor knows.
pub fn editor_modes() -> impl Iterator<Item = &'static str> {
    EDITOR_MODES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn matching(pattern: &str, error: &str) -> Schema {
    json_schema!({"type": "string", "pattern": pattern, "errorMessage": error})
}

fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Schema {
    let words: Vec<Value> = words.into_iter().map(|word| json!(word)).collect();
    json_schema!({"type": "string", "enum": words})
}
