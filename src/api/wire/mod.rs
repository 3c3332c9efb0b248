//! What travels between the API and its clients, apart from what the server works with; the conversions between
//! the two are here and nowhere else.

pub(crate) mod event;
pub(crate) mod interactive;
pub(crate) mod request;
pub(crate) mod run;
pub(crate) mod runtime;
pub(crate) mod snippet;
pub(crate) mod snippet_run;
pub(crate) mod status;
mod types;

pub(crate) use types::Nullable;
