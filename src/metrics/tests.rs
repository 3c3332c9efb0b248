//! What Prometheus would be told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::{Duration, Instant},
};

use regex::Regex;

use super::*;

fn line<'a>(text: &'a str, series: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
}

#[test]
fn what_was_reported_is_told() {
    let metrics = Metrics::new();
    metrics.run_ended("a-1", "succeeded", Duration::from_millis(7), true);
    metrics.run_ended("a-1", "succeeded", Duration::from_millis(70), false);
    metrics.stage_ended("a-1", "run", 3.0);
    metrics.rejected("queue-full", 429);
    metrics.cell_ended("a-1", CellEnd::Old);
    metrics.store_used("save", Duration::from_micros(300), true);
    let open = metrics.connection_opened(Connection::WebSocket);
    let cells = CellCounts { starting: 1, armed: 2, leased: 3 };
    let live = Live { engine_up: true, waiting: 4, cells: vec![("a-1".into(), cells)], ..Live::default() };
    let text = metrics.expose(live.clone()).unwrap();
    for (series, value) in [
        (r#"polyground_runs_total{runtime="a-1",outcome="succeeded"}"#, "2"),
        (r#"polyground_run_seconds_bucket{le="0.01",runtime="a-1"}"#, "1"),
        (r#"polyground_run_seconds_count{runtime="a-1"}"#, "2"),
        (r#"polyground_stage_seconds_bucket{le="0.005",runtime="a-1",stage="run"}"#, "1"),
        (r#"polyground_warm_starts_total{runtime="a-1",warm="yes"}"#, "1"),
        (r#"polyground_rejections_total{cause="queue-full",status="429"}"#, "1"),
        (r#"polyground_cells_ended_total{runtime="a-1",cause="old"}"#, "1"),
        (r#"polyground_store_errors_total{operation="save"}"#, "1"),
        (r#"polyground_store_seconds_bucket{le="0.0005",operation="save"}"#, "1"),
        (r#"polyground_connections{kind="websocket"}"#, "1"),
        (r#"polyground_cells{runtime="a-1",state="leased"}"#, "3"),
        ("polyground_queue_depth", "4"),
        ("polyground_engine_up", "1"),
    ] {
        assert_eq!(line(&text, series), Some(value), "{series}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    drop(open);
    let text = metrics.expose(live).unwrap();
    assert_eq!(line(&text, r#"polyground_connections{kind="websocket"}"#), Some("0"));
}

#[test]
fn the_process_is_told_under_the_usual_names() {
    let text = Metrics::new().expose(Live::default()).unwrap();
    let value =
        |name| line(&text, name).unwrap_or_else(|| panic!("no {name}\n{text}")).parse::<f64>().unwrap();
    assert!(value("process_resident_memory_bytes") > 1e6);
    assert!(value("process_open_fds") > 2.0 && value("process_open_fds") < value("process_max_fds"));
    assert!(value("process_start_time_seconds") > 1e9);
    assert!(value("process_cpu_seconds_total") >= 0.0);
}

/// All that one run reports, from its request to its end: hello world runs take 5 ms, of which this may be no part.
#[test]
fn reporting_a_run_costs_next_to_nothing() {
    const RUNS: u32 = 20_000;
    let metrics = Metrics::new();
    let begun = Instant::now();
    for _ in 0..RUNS {
        metrics.run_started(Duration::from_micros(100));
        metrics.stage_ended("a-1", "run", 3.0);
        metrics.run_ended("a-1", "succeeded", Duration::from_millis(5), true);
        metrics.request_answered("createRun", 200, Duration::from_millis(5));
    }
    let each = begun.elapsed() / RUNS;
    println!("{each:?} a run");
    assert!(each < Duration::from_micros(20), "{each:?}: in a build that is not optimised");
}

/// Each series that there can be, by its name, with the names of its labels.
fn everything() -> BTreeMap<String, BTreeSet<String>> {
    let metrics = Metrics::new();
    metrics.run_started(Duration::ZERO);
    metrics.stage_ended("a-1", "run", 1.0);
    metrics.run_ended("a-1", "succeeded", Duration::ZERO, true);
    metrics.run_not_started(NotStarted::Timeout);
    metrics.cell_armed("a-1", Duration::ZERO);
    metrics.arming_failed("a-1");
    metrics.cell_ended("a-1", CellEnd::Idle);
    metrics.rejected("queue-full", 429);
    metrics.request_answered("createRun", 200, Duration::ZERO);
    metrics.store_used("save", Duration::ZERO, true);
    let _open = metrics.connection_opened(Connection::EventStream);
    let live = Live {
        cells: vec![("a-1".into(), CellCounts::default())],
        unavailable: vec!["a-1".into()],
        ..Live::default()
    };
    let text = metrics.expose(live).unwrap();
    let series = Regex::new(r"(?m)^(\w+)(?:\{(.*)\})? ").unwrap();
    let label = Regex::new(r#"(\w+)=""#).unwrap();
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in series.captures_iter(&text) {
        let labels = found.get(2).map_or("", |labels| labels.as_str());
        let labels = label.captures_iter(labels).map(|found| found[1].to_owned());
        known.entry(found[1].to_owned()).or_default().extend(labels);
    }
    known
}

#[test]
fn dashboard_alerts_and_table_name_what_there_is() {
    let known = everything();
    let read = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let used = Regex::new(r#"\b((?:polyground|process)_\w+)(?:\{([^}]*)\})?"#).unwrap();
    let label = Regex::new(r"(\w+)\s*(?:=|!=|=~|!~)").unwrap();
    let grouped = Regex::new(r"\bby \(([^)]*)\)").unwrap();
    // What Prometheus adds, and what a quantile needs.
    let everywhere = ["job", "instance", "le"];
    let any: BTreeSet<&str> = known.values().flatten().map(String::as_str).chain(everywhere).collect();
    for path in ["deploy/grafana/polyground.json", "deploy/prometheus/alerts.yaml"] {
        let text = read(path).replace("\\\"", "\"");
        let mut count = 0;
        for found in used.captures_iter(&text) {
            let name = &found[1];
            let labels = known.get(name).unwrap_or_else(|| panic!("{path}: the server tells no {name}"));
            let selected = found.get(2).map_or("", |labels| labels.as_str());
            for used in label.captures_iter(selected) {
                let used = &used[1];
                assert!(labels.contains(used) || everywhere.contains(&used), "{path}: {name} has no {used}");
            }
            count += 1;
        }
        for found in grouped.captures_iter(&text) {
            let unknown = found[1].split(',').map(str::trim).find(|label| !any.contains(label));
            assert_eq!(unknown, None, "{path}: nothing has this label");
        }
        assert!(count > 5, "{path} uses {count}");
    }
    let told = read("docs/monitoring.md");
    let suffix = Regex::new("(_total|_info|_bucket|_sum|_count)$").unwrap();
    for name in known.keys().filter(|name| name.starts_with("polyground_")) {
        let family = suffix.replace(name, "");
        assert!(told.contains(&format!("`{family}")), "docs/monitoring.md leaves out {family}");
    }
}
