//! What `polyground --version` says. Nothing of it depends on when or where it was built.

use std::sync::LazyLock;

/// `-V`: the version alone.
pub(super) const SHORT: &str = env!("CARGO_PKG_VERSION");

/// `--version`: with the commit, its day and the target. Builds for debugging know no commit.
pub(super) static LONG: LazyLock<String> = LazyLock::new(|| {
    let commit = option_env!("POLYGROUND_COMMIT").unwrap_or("unknown");
    let date = option_env!("POLYGROUND_COMMIT_DATE").unwrap_or("unknown");
    format!("{SHORT}\ncommit: {commit}\ndate: {date}\ntarget: {}", env!("POLYGROUND_TARGET"))
});
