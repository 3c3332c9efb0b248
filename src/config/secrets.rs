//! Values that no process list, log or printed configuration may show.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{ConfigError, file::File};

/// The usual name for the URL of a database, which other programs use too.
const USUAL: &str = "DATABASE_URL";
/// And for the file that holds it.
const USUAL_FILE: &str = "DATABASE_URL_FILE";

/// The database's URL from the nearest place that names one: flags and `POLYGROUND_DATABASE`, then `DATABASE_URL`, then the
/// configuration file. At each, a file may hold it instead.
pub(super) fn database(
    told: Option<String>,
    told_file: Option<&Path>,
    file: &File,
) -> Result<Option<String>, ConfigError> {
    let usual = env::var(USUAL).ok().filter(|url| !url.is_empty());
    let usual_file = env::var_os(USUAL_FILE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let places = [
        (("database", told), ("database_file", told_file.map(Path::to_owned))),
        ((USUAL, usual), (USUAL_FILE, usual_file)),
        (("database", file.serve.database.clone()), ("database_file", file.serve.database_file.clone())),
    ];
    for place in places {
        match place {
            ((one, Some(_)), (other, Some(_))) => return Err(ConfigError::Twice(one, other)),
            ((_, Some(url)), _) => return Ok(Some(url)),
            (_, (setting, Some(path))) => return read(setting, path).map(Some),
            _ => {}
        }
    }
    Ok(None)
}

/// What a file holds, without the line's end that editors and `echo` add.
fn read(setting: &'static str, path: PathBuf) -> Result<String, ConfigError> {
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim_end_matches(['\n', '\r']).to_owned()),
        Err(error) => Err(ConfigError::Secret { variable: setting, path, error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> File {
        File::parse(Path::new("x.toml"), text.to_owned()).unwrap()
    }

    #[test]
    fn a_file_holds_what_nobody_shall_see() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("url");
        fs::write(&secret, "postgres://me:pass@db/x\n").unwrap();
        let url = database(None, Some(&secret), &file("database = 'sqlite://other.db'")).unwrap();
        assert_eq!(url.as_deref(), Some("postgres://me:pass@db/x"));
        let named = file(&format!("database_file = '{}'", secret.display()));
        assert_eq!(database(None, None, &named).unwrap().as_deref(), Some("postgres://me:pass@db/x"));
        let flag = database(Some("sqlite://x.db".into()), None, &named).unwrap();
        assert_eq!(flag.as_deref(), Some("sqlite://x.db"), "what is told wins over the file");
    }

    #[test]
    fn both_ways_at_once_and_a_file_that_is_not_there_are_errors_without_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let twice = database(Some("postgres://me:pass@db/x".into()), Some(folder.path()), &file(""));
        let text = twice.unwrap_err().to_string();
        assert_eq!(text, "database and database_file are both given: leave one of them out");
        let missing = folder.path().join("none");
        let text = database(None, Some(&missing), &file("")).unwrap_err().to_string();
        assert!(text.starts_with("database_file: ") && text.contains("none: No such file"), "{text}");
    }
}
