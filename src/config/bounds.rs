//! Numbers within bounds: what cannot be is said, not bent.

use std::{fmt::Display, ops::RangeInclusive};

use super::{ConfigError, file::File};

/// Knows where a setting of the file stands.
pub(super) struct Bounds<'a>(pub(super) &'a File);

impl Bounds<'_> {
    /// The number that holds: the one that was told by a flag or variable, else the file's.
    ///
    /// # Errors
    /// When it is out of `range`, with where it was told.
    pub(super) fn hold<N: Copy + PartialOrd + Display>(
        &self,
        setting: &'static str,
        told: Option<N>,
        of_file: Option<N>,
        range: RangeInclusive<N>,
    ) -> Result<Option<N>, ConfigError> {
        let Some(value) = told.or(of_file) else { return Ok(None) };
        if range.contains(&value) {
            return Ok(Some(value));
        }
        let flags = || format!("--{}, or POLYGROUND_{}", setting.replace('_', "-"), setting.to_uppercase());
        let place = match told {
            Some(_) => flags(),
            None => self.0.place_of(setting).unwrap_or_else(flags),
        };
        Err(ConfigError::Bounds {
            setting,
            value: value.to_string(),
            least: range.start().to_string(),
            most: range.end().to_string(),
            place,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_cannot_be_is_told_with_its_place() {
        let file = File::parse(Path::new("x.toml"), "rate = 1\nmax_running = 0\n".into()).unwrap();
        let bounds = Bounds(&file);
        let hold = |told| {
            bounds.hold("max_running", told, file.serve.max_running, 1..=9).map_err(|error| error.to_string())
        };
        assert_eq!(hold(Some(7)), Ok(Some(7)));
        assert_eq!(hold(None), Err("max_running: 0 is not possible, only 1 to 9 (x.toml:2)".into()));
        let flag = "max_running: 10 is not possible, only 1 to 9 (--max-running, or POLYGROUND_MAX_RUNNING)";
        assert_eq!(hold(Some(10)), Err(flag.into()));
        assert_eq!(bounds.hold::<usize>("max_waiting", None, None, 1..=9).unwrap(), None);
    }
}
