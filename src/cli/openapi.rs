//! `polyground openapi`: the API's document, as the server serves it.

use std::process::ExitCode;

use super::out::print;

pub(super) fn command() -> anyhow::Result<ExitCode> {
    let document = serde_json::to_string_pretty(&crate::api::openapi::document())?;
    print(&format!("{document}\n"))?;
    Ok(ExitCode::SUCCESS)
}
