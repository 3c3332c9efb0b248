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

    /// Names made of what checks of names have been fooled with elsewhere, or of anything.
    fn name() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            4 => prop::sample::select(vec![
                "/", "/", "..", ".", "\0", "\\", "-", "@", "~", "a", "main.py", " ", "\n", "\u{7f}", "\u{85}", "%2e",
                "\u{2024}", "\u{ff0e}", "\u{2215}", "\u{202e}", "\u{feff}", "c:", "proc", "\u{10ffff}",
            ]).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
            1 => "[a-z]{1,60}",
        ];
        prop_oneof![
            4 => prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat()),
            1 => any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn an_accepted_name_never_leaves_its_folder(name in name()) {
            if check_path(&name).is_ok() {
                let joined = std::path::Path::new("/box").join(&name);
                prop_assert!(joined.starts_with("/box") && joined != std::path::Path::new("/box"));
                let mut parts = std::path::Path::new(&name).components();
                prop_assert!(parts.all(|part| matches!(part, std::path::Component::Normal(_))));
                prop_assert_eq!(joined.components().count(), 2 + name.split('/').count());
                prop_assert!(name.len() <= MAX_PATH_BYTES && name.split('/').count() <= MAX_DEPTH);
                prop_assert!(std::ffi::CString::new(name.as_str()).is_ok(), "has a NUL");
                prop_assert!(!name.contains(['\\', '\n', '\r', '\x1b']) && !name.starts_with(['-', '@']));
            }
        }

        #[test]
        fn a_name_of_plain_parts_is_accepted(name in "[a-zä_.][a-z0-9ä -]{0,9}x(/[a-z0-9@-]{1,10}){0,9}") {
            prop_assert_eq!(check_path(&name), Ok(()));
        }
    }
}
