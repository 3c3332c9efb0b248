//! stub
pub(super) fn add(_: &mut serde_json::Value) {}
