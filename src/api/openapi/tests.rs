use std::path::Path;

use super::*;

/// Run with `POLYGROUND_UPDATE=1` to write the file anew.
#[test]
fn the_committed_description_is_the_served_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let served = format!("{}\n", serde_json::to_string_pretty(document()).unwrap());
    if std::env::var_os("POLYGROUND_UPDATE").is_some() {
        std::fs::write(&path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == served, "openapi/openapi.json is stale: POLYGROUND_UPDATE=1 cargo test openapi");
}
