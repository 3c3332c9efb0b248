//! `polyground schema`: the JSON Schema of `runtime.yaml`, for editors.

use std::process::ExitCode;

use super::out::print;

pub(super) fn command() -> anyhow::Result<ExitCode> {
    print(&crate::runtime::schema())?;
    Ok(ExitCode::SUCCESS)
}
