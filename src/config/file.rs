//! The configuration file.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, Command};

use super::{ConfigError, EngineArgs, ServeArgs};

/// The file that is read when it is there and no other is named.
pub const DEFAULT_FILE: &str = "polyground.toml";

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) engine: EngineArgs,
    pub(super) serve: ServeArgs,
    pub(super) path: PathBuf,
    /// Its lines, to say where something stands.
    text: String,
}

/// The settings that one group of flags has, as keys of the file.
pub(super) fn keys_of<A: Args>() -> BTreeSet<String> {
    let group = A::augment_args(Command::new("settings"));
    group.get_arguments().map(|argument| argument.get_id().to_string()).collect()
}

/// Every key that a file may have.
pub fn keys() -> BTreeSet<String> {
    keys_of::<EngineArgs>().into_iter().chain(keys_of::<ServeArgs>()).collect()
}

impl File {
    /// Reads the file; without a name, the usual one if it is there.
    pub(super) fn read(named: Option<&Path>) -> Result<Self, ConfigError> {
        let path = named.unwrap_or(Path::new(DEFAULT_FILE));
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(path, text),
            Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(ConfigError::Read { path: path.to_owned(), error }),
        }
    }

    pub(super) fn parse(path: &Path, text: String) -> Result<Self, ConfigError> {
        let bad = |error| ConfigError::Parse { path: path.to_owned(), error: Box::new(error) };
        let table: toml::Table = toml::from_str(&text).map_err(bad)?;
        let known = keys();
        if let Some(key) = table.keys().find(|key| !known.contains(*key)) {
            let nearest = crate::runtime::nearest(key, known.iter().map(String::as_str)).map(str::to_owned);
            let line = line_of(&text, key).unwrap_or(1);
            return Err(ConfigError::UnknownKey { path: path.to_owned(), line, key: key.clone(), nearest });
        }
        // Each group takes its own keys: all have been seen to be somebody's.
        let engine = toml::from_str(&text).map_err(bad)?;
        let mut serve: ServeArgs = toml::from_str(&text).map_err(bad)?;
        serve.access = toml::from_str(&text).map_err(bad)?;
        Ok(Self { engine, serve, path: path.to_owned(), text })
    }

    /// Where a setting stands: `polyground.toml:3`.
    pub(super) fn place_of(&self, key: &str) -> Option<String> {
        line_of(&self.text, key).map(|line| format!("{}:{line}", self.path.display()))
    }
}

/// Where a setting stands in the file that a server would read: `polyground.toml:3`.
pub fn place_in_file(named: Option<&Path>, key: &str) -> Option<String> {
    File::read(named).ok()?.place_of(key)
}

/// The line, from 1, on which a key is set.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let sets = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix(['"', '\'']).unwrap_or(line);
        let rest = line.strip_prefix(key).map(|rest| rest.strip_prefix(['"', '\'']).unwrap_or(rest));
        rest.is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
    };
    text.lines()
        .position(sets)
        .or_else(|| {
            let header = format!("[{key}]");
            text.lines().position(|line| line.trim() == header)
        })
        .map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EngineChoice, RequiredIsolation};

    fn parsed(text: &str) -> Result<File, String> {
        File::parse(Path::new("polyground.toml"), text.to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_flag_of_the_server_is_a_key() {
        let keys = keys();
        for key in ["engine", "listen", "rate", "metrics", "database_file", "drain_timeout"] {
            assert!(keys.contains(key), "{keys:?}");
        }
        // What names the file itself cannot stand in it.
        assert!(!keys.contains("config"));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_what_may_be_meant() {
        let error = parsed("engine = 'auto'\n# more\nlistne = '127.0.0.1:1'\n").err().unwrap();
        assert!(
            error.starts_with("polyground.toml:3: `listne` means nothing here; did you mean `listen`?"),
            "{error}"
        );
        let table = parsed("[server]\nlisten = '127.0.0.1:1'\n").err().unwrap();
        assert!(table.starts_with("polyground.toml:1: `server` means nothing here"), "{table}");
    }

    #[test]
    fn a_wrong_value_says_what_would_be_right_and_where_it_stands() {
        let error = parsed("listen = '127.0.0.1:1'\nengine = 'podman'").err().unwrap();
        assert!(
            error.starts_with("polyground.toml: ") && error.contains("auto") && error.contains("docker"),
            "{error}"
        );
        let error = parsed("\n\nmax_running = 'many'").err().unwrap();
        assert!(error.contains("line 3") && error.contains("max_running"), "{error}");
        let error = parsed("max_running = 7\nmax_running = 8").err().unwrap();
        assert!(error.contains("polyground.toml") && error.contains("duplicate"), "{error}");
    }

    #[test]
    fn values_of_every_group_are_read() {
        let file = parsed("require_isolation = 'single-use'\nlisten = '127.0.0.1:1'\nrate = 5\n").unwrap();
        assert_eq!(file.engine.require_isolation, Some(RequiredIsolation::SingleUse));
        assert_eq!((file.serve.listen.unwrap().port(), file.serve.access.rate), (1, Some(5)));
        assert_eq!(file.place_of("rate").as_deref(), Some("polyground.toml:3"));
        assert_eq!(parsed("engine = 'local'").unwrap().engine.engine, Some(EngineChoice::Local));
    }
}
