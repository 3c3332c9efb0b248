//! Which file names a run may have. The server refuses others with a clear answer; the agent checks again,
//! because it does not trust the server either.

/// The longest file name in bytes, folders included.
pub const MAX_PATH_BYTES: usize = 255;

/// The most parts a file name may have (`a/b/c.txt` has three).
pub const MAX_DEPTH: usize = 16;

/// Why a file name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// More than [`MAX_PATH_BYTES`].
    #[error("is longer than {MAX_PATH_BYTES} bytes")]
    TooLong,
    /// More than [`MAX_DEPTH`] parts.
    #[error("has more than {MAX_DEPTH} folders")]
    TooDeep,
    /// Begins with `/`.
    #[error("is absolute; names are relative to the program's folder")]
    Absolute,
    /// A part is `..`, `.` or empty.
    #[error("has an empty, `.` or `..` part")]
    Part,
    /// NUL or another control character.
    #[error("has a control character")]
    Control,
    /// A backslash: a separator on other systems, so it would mean different files to different people.
    #[error("has a backslash; use `/` between folders")]
    Backslash,
    /// Begins with `-` or `@`, which tools take for an option or a response file.
    #[error("begins with `-` or `@`, which compilers take for an option")]
    Option,
}

/// Checks that `path` is a plain relative path: what a program's file may be called.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_path(path: &str) -> Result<(), PathError> {
    if path.is_empty() {
        return Err(PathError::Empty);
    }
    if path.len() > MAX_PATH_BYTES {
        return Err(PathError::TooLong);
    }
    if path.chars().any(char::is_control) {
        return Err(PathError::Control);
    }
    if path.contains('\\') {
        return Err(PathError::Backslash);
    }
    if path.starts_with('/') {
        return Err(PathError::Absolute);
    }
    if path.starts_with(['-', '@']) {
        return Err(PathError::Option);
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(PathError::Part);
    }
    if path.split('/').count() > MAX_DEPTH {
        return Err(PathError::TooDeep);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_are_fine() {
        for name in ["main.py", "src/app/main.rs", "ünï/cödé.txt", "a b.txt", "...", "a..b", "x@y", ".hidden"]
        {
            assert_eq!(check_path(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn each_bad_name_says_what_is_wrong_with_it() {
        let long = "x".repeat(MAX_PATH_BYTES + 1);
        let deep = ["d"; MAX_DEPTH + 1].join("/");
        for (name, error) in [
            ("", PathError::Empty),
            (long.as_str(), PathError::TooLong),
            (deep.as_str(), PathError::TooDeep),
            ("/etc/passwd", PathError::Absolute),
            ("../x", PathError::Part),
            ("a/../x", PathError::Part),
            ("a//x", PathError::Part),
            ("./x", PathError::Part),
            (".", PathError::Part),
            ("x/", PathError::Part),
            ("a\0b", PathError::Control),
            ("a\nb", PathError::Control),
            ("a\\b", PathError::Backslash),
            ("-fplugin=x", PathError::Option),
            ("@file", PathError::Option),
        ] {
            assert_eq!(check_path(name), Err(error), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_name_never_leaves_its_folder(name in "\\PC*") {
            if check_path(&name).is_ok() {
                let joined = std::path::Path::new("/box").join(&name);
                prop_assert!(joined.starts_with("/box"));
                let normal = std::path::Path::new(&name)
                    .components()
                    .all(|part| matches!(part, std::path::Component::Normal(_)));
                prop_assert!(normal);
            }
        }
    }
}
