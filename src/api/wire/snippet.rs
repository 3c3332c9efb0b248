//! Saved programs as they travel.

use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use poem_openapi::{Enum, Object, types::ToJSON};
use serde::Deserialize;

use super::{
    request::{Encoding, File, decoded, objects, strings},
    run::Run,
};
use crate::{
    api::problem::{Kind, Problem},
    run,
    store::{self, StoredFile},
};

/// The most characters of a title.
const TITLE_CHARS: usize = 200;

/// The most characters of a description.
const DESCRIPTION_CHARS: usize = 10_000;

/// The most characters of a language's name or a range of versions.
const NAME_CHARS: usize = 100;

/// The longest time that a snippet is said to stay, in seconds: a thousand years. Later times could not be written.
const LONGEST_S: i64 = 1000 * 365 * 24 * 3600;

/// A program to save.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "NewSnippet")]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSnippet {
    /// Name or alias of a language.
    pub(crate) language: String,
    /// A range of versions. Absent: whatever is the highest when it is run.
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
    /// One line for people.
    pub(crate) title: Option<String>,
    /// More for people.
    pub(crate) description: Option<String>,
    /// Who finds it; `unlisted` when absent.
    pub(crate) visibility: Option<Visibility>,
    /// Seconds after which it goes by itself. Absent: never.
    pub(crate) expires_in_s: Option<u64>,
    /// A run of this program, as the server answered it, to be shown with it. It is taken as it comes: nobody checks that this program
    /// ran so.
    pub(crate) run: Option<Run>,
    /// The edit token of an earlier snippet, so that this one belongs to the same. Absent: it gets its own.
    pub(crate) edit_token: Option<String>,
}

/// Who finds a snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Enum)]
#[oai(rename = "Visibility", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub(crate) enum Visibility {
    /// Whoever has its link.
    Unlisted,
    /// Everyone: it is listed.
    Public,
}

/// A program that has been saved.
#[derive(Debug, Object)]
#[oai(rename = "SavedSnippet", skip_serializing_if_is_none)]
pub(crate) struct SavedSnippet {
    /// Its id.
    pub(crate) id: String,
    /// Where people open it.
    pub(crate) url: String,
    /// When it was made.
    pub(crate) created_at: String,
    /// Removes it. Told only once: keep it.
    pub(crate) edit_token: Option<String>,
}

/// A saved program. It never changes.
#[derive(Debug, Object)]
#[oai(rename = "Snippet", skip_serializing_if_is_none)]
pub(crate) struct Snippet {
    /// Its id.
    pub(crate) id: String,
    /// Where people open it.
    pub(crate) url: String,
    /// Name or alias of its language.
    pub(crate) language: String,
    /// The range of versions that was asked for.
    pub(crate) version: Option<String>,
    /// The program. The first is the main file.
    pub(crate) files: Vec<File>,
    /// What the program reads on its standard input.
    pub(crate) stdin: String,
    /// The program's arguments.
    pub(crate) args: Vec<String>,
    /// One line for people.
    pub(crate) title: String,
    /// More for people.
    pub(crate) description: String,
    /// Who finds it.
    pub(crate) visibility: Visibility,
    /// The snippet that it was forked from, where that one is public and still there.
    pub(crate) parent: Option<String>,
    /// When it was made.
    pub(crate) created_at: String,
    /// When it goes by itself.
    pub(crate) expires_at: Option<String>,
    /// A run of this program that was saved with it. It is what whoever saved it says: running the snippet again tells whether it is so.
    pub(crate) run: Option<Run>,
}

/// A snippet in a list.
#[derive(Debug, Object)]
#[oai(rename = "SnippetSummary")]
pub(crate) struct SnippetSummary {
    /// Its id.
    pub(crate) id: String,
    /// Where people open it.
    pub(crate) url: String,
    /// Its language.
    pub(crate) language: String,
    /// One line for people.
    pub(crate) title: String,
    /// When it was made.
    pub(crate) created_at: String,
    /// What `after` takes, so that a list goes on behind this one.
    pub(crate) cursor: String,
}

/// Where a snippet comes from and what came of it.
#[derive(Debug, Object)]
#[oai(rename = "SnippetHistory")]
pub(crate) struct SnippetHistory {
    /// What it was forked from, the nearest first, as far as it is public and still there.
    pub(crate) parents: Vec<SnippetSummary>,
    /// Its public forks, the oldest first, at most a hundred.
    pub(crate) forks: Vec<SnippetSummary>,
}

impl NewSnippet {
    /// What to save, checked.
    pub(crate) fn into_draft(self, parent: Option<String>) -> Result<store::Draft, Problem> {
        let files = decoded(self.files)?;
        let args = self.args.unwrap_or_default();
        run::check_program(&files, &args)?;
        bounded("language", &self.language, NAME_CHARS)?;
        if self.language.is_empty() {
            let detail = "`language` is empty; say what the program is written in";
            return Err(Problem::new(Kind::InvalidField, detail).field("language"));
        }
        if self.edit_token.as_deref().is_some_and(|token| !store::is_token(token)) {
            let detail = "`edit_token` is none that a server has given";
            return Err(Problem::new(Kind::InvalidField, detail).field("edit_token"));
        }
        let (title, description) = (self.title.unwrap_or_default(), self.description.unwrap_or_default());
        bounded("title", &title, TITLE_CHARS)?;
        bounded("description", &description, DESCRIPTION_CHARS)?;
        bounded("version", self.version.as_deref().unwrap_or_default(), NAME_CHARS)?;
        let lifetime_s =
            self.expires_in_s.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX).min(LONGEST_S));
        Ok(store::Draft {
            program: store::Program {
                language: self.language,
                version: self.version.filter(|version| !version.is_empty()),
                files: files
                    .into_iter()
                    .map(|file| StoredFile { name: file.name, content: file.content.into() })
                    .collect(),
                stdin: self.stdin.unwrap_or_default(),
                args,
                title,
                description,
                run: self.run.as_ref().and_then(ToJSON::to_json),
            },
            visibility: match self.visibility {
                None | Some(Visibility::Unlisted) => store::Visibility::Unlisted,
                Some(Visibility::Public) => store::Visibility::Public,
            },
            lifetime_ms: lifetime_s.map(|seconds| seconds * 1000),
            parent,
        })
    }
}

fn bounded(field: &str, text: &str, most: usize) -> Result<(), Problem> {
    if text.contains('\0') {
        let detail = format!("`{field}` contains a NUL character");
        return Err(Problem::new(Kind::InvalidField, detail).field(field));
    }
    let chars = text.chars().count();
    if chars > most {
        let detail = format!("`{field}` has {chars} characters, at most {most} are allowed");
        return Err(Problem::new(Kind::InvalidField, detail).field(field));
    }
    Ok(())
}

/// Where people open a snippet.
fn url(id: &str) -> String {
    format!("/s/{id}")
}

/// RFC 3339, in UTC.
fn time(ms: i64) -> String {
    let since = Duration::from_millis(u64::try_from(ms).unwrap_or_default().min(253_402_300_799_000));
    humantime::format_rfc3339_millis(UNIX_EPOCH + since).to_string()
}

impl From<store::Saved> for SavedSnippet {
    fn from(saved: store::Saved) -> Self {
        Self {
            url: url(&saved.id),
            id: saved.id,
            created_at: time(saved.created_at_ms),
            edit_token: saved.edit_token,
        }
    }
}

impl From<store::Snippet> for Snippet {
    fn from(snippet: store::Snippet) -> Self {
        let expires_at = snippet.expires_at_ms().map(time);
        let store::Snippet { id, created_at_ms, draft } = snippet;
        let program = draft.program;
        Self {
            url: url(&id),
            id,
            language: program.language,
            version: program.version,
            files: program.files.into_iter().map(Into::into).collect(),
            stdin: program.stdin,
            args: program.args,
            title: program.title,
            description: program.description,
            visibility: match draft.visibility {
                store::Visibility::Unlisted => Visibility::Unlisted,
                store::Visibility::Public => Visibility::Public,
            },
            parent: draft.parent,
            created_at: time(created_at_ms),
            expires_at,
            // One that an earlier server saved in another form is not shown.
            run: program.run.and_then(|run| serde_json::from_value(run).ok()),
        }
    }
}

impl From<StoredFile> for File {
    fn from(file: StoredFile) -> Self {
        let (content, encoding) = match String::from_utf8(file.content) {
            Ok(text) => (text, None),
            Err(error) => (STANDARD.encode(error.as_bytes()), Some(Encoding::Base64)),
        };
        Self { name: file.name, content, encoding }
    }
}

impl From<store::Summary> for SnippetSummary {
    fn from(summary: store::Summary) -> Self {
        Self {
            cursor: summary.cursor(),
            url: url(&summary.id),
            id: summary.id,
            language: summary.language,
            title: summary.title,
            created_at: time(summary.created_at_ms),
        }
    }
}

impl From<&store::Snippet> for SnippetSummary {
    fn from(snippet: &store::Snippet) -> Self {
        let program = &snippet.draft.program;
        store::Summary {
            id: snippet.id.clone(),
            created_at_ms: snippet.created_at_ms,
            language: program.language.clone(),
            title: program.title.clone(),
        }
        .into()
    }
}

/// A file of a snippet by its name.
pub(crate) fn file_of(snippet: store::Snippet, name: &str) -> Option<Bytes> {
    let mut files = snippet.draft.program.files.into_iter();
    files.find(|file| file.name == name).map(|file| file.content.into())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Whether `new` has all that `old` has; it may have more.
    fn has_all_of(new: &Value, old: &Value) -> bool {
        match (new, old) {
            (Value::Object(new), Value::Object(old)) => {
                old.iter().all(|(key, old)| new.get(key).is_some_and(|new| has_all_of(new, old)))
            }
            (Value::Array(new), Value::Array(old)) => {
                new.len() == old.len() && new.iter().zip(old).all(|(new, old)| has_all_of(new, old))
            }
            _ => new == old,
        }
    }

    /// A recorded run is kept as it was answered then. Who adds to [`Run`] what old ones do not have must say what stands in its
    /// place, or old links lose their output.
    #[test]
    fn what_the_first_servers_recorded_is_still_shown() {
        let line = include_str!("../../store/tests/golden/snippet.jsonl");
        let old: store::Record = serde_json::from_str(line).unwrap();
        let recorded = old.program.run.clone().unwrap();
        let draft = store::Draft {
            program: old.program,
            visibility: old.visibility,
            lifetime_ms: None,
            parent: old.parent,
        };
        let snippet = store::Snippet { id: old.id, created_at_ms: old.created_at_ms, draft };
        let shown = Snippet::from(snippet).to_json().unwrap();
        assert!(has_all_of(&shown["run"], &recorded), "{shown:#}");
        assert!(!has_all_of(&Value::Null, &recorded));
    }
}
