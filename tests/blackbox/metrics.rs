//! What Prometheus is told: in a form that it takes, and true.

use std::{
    collections::{BTreeMap, HashSet},
    os::unix::fs::symlink,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::server::{Server, eventually, repository};

/// How long a scrape may take while programs run, on a machine that does much else.
const SCRAPE: Duration = Duration::from_secs(1);

/// How long a counter may lag behind the answer that its caller has.
const LAG: Duration = Duration::from_secs(5);

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("metrics::count_what_happens", counts),
        Trial::test("metrics::are_told_while_programs_run", under_load),
        Trial::test("docker::metrics::tell_what_is_so_now", || live("docker")),
        Trial::test("local::metrics::tell_what_is_so_now", || live("local")),
        Trial::test("metrics::are_for_whom_the_operator_says", reach),
    ]
}

/// One exposition: each series' value.
struct Exposition {
    series: BTreeMap<String, f64>,
}

impl Exposition {
    fn of(server: &Server) -> Self {
        let response = server.get("/metrics");
        assert_eq!(response.status(), 200);
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
        Self::parse(&response.text().unwrap()).unwrap()
    }

    /// Reads OpenMetrics text strictly: each family once, with type and help, before its series; each series once.
    fn parse(text: &str) -> Result<Self, String> {
        let (mut types, mut helps) = (BTreeMap::new(), HashSet::new());
        let (mut series, mut family) = (BTreeMap::new(), String::new());
        let body = text.strip_suffix("# EOF\n").ok_or("no end")?;
        for line in body.lines() {
            let wrong = |what: &str| format!("{what}: {line}");
            if let Some(rest) = line.strip_prefix("# ") {
                let (word, rest) = rest.split_once(' ').ok_or_else(|| wrong("a comment"))?;
                let (name, said) = rest.split_once(' ').ok_or_else(|| wrong("nothing said"))?;
                match word {
                    "HELP" if helps.insert(name.to_owned()) && said.len() > 5 => name.clone_into(&mut family),
                    "TYPE" => {
                        let before = types.insert(name.to_owned(), said.to_owned());
                        if before.is_some() || name != family {
                            return Err(wrong("a type twice, or without its help"));
                        }
                    }
                    "UNIT" if name == family && name.ends_with(&format!("_{said}")) => {}
                    _ => return Err(wrong("this comment")),
                }
                continue;
            }
            let (name, value) = line.rsplit_once(' ').ok_or_else(|| wrong("no value"))?;
            let base = name.split('{').next().unwrap_or_default();
            let suffix = base.strip_prefix(family.as_str()).ok_or_else(|| wrong("of another family"))?;
            let fits = match types.get(&family).map(String::as_str) {
                Some("counter") => suffix == "_total",
                Some("gauge") => suffix.is_empty(),
                Some("info") => suffix == "_info",
                Some("histogram") => ["_bucket", "_sum", "_count"].contains(&suffix),
                _ => false,
            };
            let value: f64 = value.parse().map_err(|_| wrong("no number"))?;
            if !fits || !value.is_finite() || series.insert(name.to_owned(), value).is_some() {
                return Err(wrong("of the wrong type, no number, or twice"));
            }
        }
        let missing: Vec<_> = helps.iter().filter(|name| !types.contains_key(*name)).collect();
        if !missing.is_empty() {
            return Err(format!("no type: {missing:?}"));
        }
        let exposition = Self { series };
        exposition.check_histograms()?;
        Ok(exposition)
    }

    /// Buckets only grow, and the last has all.
    fn check_histograms(&self) -> Result<(), String> {
        let mut rows = BTreeMap::<String, Vec<(f64, f64)>>::new();
        for (name, value) in &self.series {
            let Some((base, labels)) = name.split_once("_bucket{") else { continue };
            let labels: Vec<_> = labels.trim_end_matches('}').split(',').collect();
            let (bounds, others): (Vec<&str>, Vec<&str>) =
                labels.into_iter().partition(|label| label.starts_with("le="));
            let [bound] = bounds[..] else { return Err(format!("not one bound: {name}")) };
            let bound =
                bound.trim_start_matches("le=").trim_matches('"').parse().map_err(|_| name.clone())?;
            let of = if others.is_empty() { String::new() } else { format!("{{{}}}", others.join(",")) };
            rows.entry(format!("{base}_count{of}")).or_default().push((bound, *value));
        }
        for (count, mut buckets) in rows {
            buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            let grows = buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1);
            let last = buckets.last().filter(|(bound, _)| bound.is_infinite()).map(|(_, all)| *all);
            if !grows || last.is_none() || last != self.series.get(&count).copied() {
                return Err(format!("{count}: {buckets:?}"));
            }
        }
        Ok(())
    }

    fn get(&self, series: &str) -> f64 {
        self.series.get(series).copied().unwrap_or_default()
    }

    /// How much the series with this beginning grew, together.
    fn growth(&self, before: &Self, beginning: &str) -> f64 {
        let sum = |of: &Self| -> f64 {
            of.series.iter().filter(|(name, _)| name.starts_with(beginning)).map(|(_, value)| value).sum()
        };
        sum(self) - sum(before)
    }
}

fn shell(content: &str) -> Value {
    json!({"language": "shell", "files": [{"name": "main.sh", "content": content}]})
}

fn local(args: &[&str]) -> Server {
    let server = Server::start(&[&["--engine", "local"], args].concat());
    server.wait_until_settled();
    server
}

fn counts() -> Result<(), Failed> {
    let server = local(&[]);
    let before = Exposition::of(&server);
    let first = server.run(&shell("echo hi"));
    server.run(&shell("exit 3"));
    let mut slow = shell("sleep 20");
    slow["limits"] = json!({"wall_ms": 300});
    let slow = server.run(&slow);
    assert_eq!(slow["outcome"], "timed_out", "{slow}");
    assert_eq!(server.post(&json!({"language": "no-such", "files": []})).status(), 422);
    assert_eq!(server.get("/api/v1/snippets/nothing-here").status(), 404);
    assert_eq!(server.get("/no/such/page").status(), 404);
    let runtime = first["runtime"]["id"].as_str().or(first["runtime"].as_str()).unwrap();
    let outcome =
        |outcome: &str| format!("polyground_runs_total{{runtime=\"{runtime}\",outcome=\"{outcome}\"}}");
    let end = Instant::now() + LAG;
    let mut after = Exposition::of(&server);
    while after.growth(&before, "polyground_runs_total") < 3.0 && Instant::now() < end {
        thread::sleep(Duration::from_millis(50));
        after = Exposition::of(&server);
    }
    let of_runtime = format!("{{runtime=\"{runtime}\"");
    for (series, by) in [
        (outcome("succeeded").as_str(), 1.0),
        (outcome("failed").as_str(), 1.0),
        (outcome("timed_out").as_str(), 1.0),
        ("polyground_runs_total", 3.0),
        (&format!("polyground_run_seconds_count{of_runtime}"), 3.0),
        (&format!("polyground_stage_seconds_count{of_runtime}"), 3.0),
        (&format!("polyground_warm_starts_total{of_runtime}"), 3.0),
        ("polyground_queue_wait_seconds_count", 3.0),
        ("polyground_rejections_total{", 3.0),
        ("polyground_rejections_total{cause=\"not-found\",status=\"404\"}", 2.0),
        ("polyground_http_requests_total{operation=\"createRun\",status=\"200\"}", 3.0),
        ("polyground_http_requests_total{operation=\"createRun\",status=\"422\"}", 1.0),
        ("polyground_http_requests_total{operation=\"getSnippet\",status=\"404\"}", 1.0),
        ("polyground_store_seconds_count{operation=\"find\"}", 1.0),
        ("polyground_store_errors_total", 0.0),
        ("polyground_runs_not_started_total", 0.0),
    ] {
        assert!(
            (after.growth(&before, series) - by).abs() < 1e-9,
            "{series}: {}",
            after.growth(&before, series)
        );
    }
    // The stage that ran out of time took at least that, and less than the machine may make of it.
    let spent = after.growth(&before, &format!("polyground_stage_seconds_sum{of_runtime}"));
    assert!((0.3..10.0).contains(&spent), "{spent} s");
    assert!(after.get("polyground_engine_up") > 0.5 && after.get("process_open_fds") > 3.0);
    assert!(after.series.keys().any(|name| name.starts_with("polyground_build_info{version=")));
    Ok(())
}

fn under_load() -> Result<(), Failed> {
    let server = Arc::new(local(&[]));
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..2)
        .map(|_| {
            let (server, over) = (server.clone(), over.clone());
            thread::spawn(move || {
                let mut runs = 0;
                while !over.load(Ordering::SeqCst) && runs < 10_000 {
                    server.run(&shell("echo hi"));
                    runs += 1;
                }
                runs
            })
        })
        .collect();
    let mut last = 0.0;
    for _ in 0..20 {
        let begun = Instant::now();
        let exposition = Exposition::of(&server);
        assert!(begun.elapsed() < SCRAPE, "{:?}", begun.elapsed());
        let runs: f64 = exposition.growth(&Exposition { series: BTreeMap::new() }, "polyground_runs_total");
        assert!(runs >= last, "{runs} after {last}");
        last = runs;
        thread::sleep(Duration::from_millis(50));
    }
    over.store(true, Ordering::SeqCst);
    let runs: usize = callers.into_iter().map(|caller| caller.join().unwrap()).sum();
    assert!(runs > 0 && last > 0.0);
    Ok(())
}

/// Cells, the queue, and how long it takes to arm a cell: while one program runs and two wait, and when all is over.
fn live(engine: &str) -> Result<(), Failed> {
    let runtimes = tempfile::tempdir()?;
    symlink(repository().join("runtimes/bash-5.2"), runtimes.path().join("bash-5.2"))?;
    let folder = runtimes.path().to_str().unwrap();
    let server = Server::start(&["--engine", engine, "--max-running", "1", "--runtimes", folder]);
    server.wait_until_settled();
    // What proves a runtime has cells of its own, which may be going still.
    let cells = |seen: &Exposition, state: &str| {
        let of_state =
            |name: &&String| name.starts_with("polyground_cells{") && name.contains(&format!("\"{state}\""));
        seen.series.keys().filter(of_state).map(|name| seen.get(name)).sum::<f64>()
    };
    let becomes = |what: &str, is_so: &dyn Fn(&Exposition) -> bool| {
        let seen = eventually(Duration::from_secs(30), || is_so(&Exposition::of(&server)));
        assert!(seen, "{what}: {:#?}", Exposition::of(&server).series);
    };
    becomes("an idle server", &|seen| {
        cells(seen, "armed") >= 1.0 && cells(seen, "leased") < 0.5 && seen.get("polyground_queue_depth") < 0.5
    });
    let mut running = server.stream(&shell("echo begun; sleep 3"));
    assert!(running.any(|(name, _)| name == "stdout"));
    let waiting = [server.stream(&shell("echo")), server.stream(&shell("echo"))];
    let busy = Exposition::of(&server);
    assert!((busy.get("polyground_queue_depth") - 2.0).abs() < 1e-9, "{:#?}", busy.series);
    assert!((cells(&busy, "leased") - 1.0).abs() < 1e-9, "{:#?}", busy.series);
    for stream in waiting {
        assert_eq!(stream.last().unwrap().1["outcome"], "succeeded");
    }
    becomes("an idle server again", &|seen| {
        cells(seen, "leased") < 0.5 && seen.get("polyground_queue_depth") < 0.5
    });
    // Each cell that there is has been made, which took its time.
    let (none, after) = (Exposition { series: BTreeMap::new() }, Exposition::of(&server));
    let made = after.growth(&none, "polyground_arming_seconds_count");
    let spent = after.growth(&none, "polyground_arming_seconds_sum");
    assert!(made >= cells(&after, "armed") && made >= 1.0, "{made} made: {:#?}", after.series);
    assert!((0.000_1..60.0 * made).contains(&spent), "{spent} s for {made} cells");
    Ok(())
}

fn reach() -> Result<(), Failed> {
    let client = reqwest::blocking::Client::new();
    let through_proxy = |server: &Server| {
        let request =
            client.get(format!("{}/metrics", server.address)).header("x-forwarded-for", "192.0.2.1");
        request.send().unwrap().status().as_u16()
    };
    for (choice, near, far) in [("local", 200, 403), ("on", 200, 200), ("off", 404, 404)] {
        let server = Server::start(&["--engine", "local", "--metrics", choice]);
        assert_eq!(server.get("/metrics").status(), near, "{choice}");
        assert_eq!(through_proxy(&server), far, "{choice}");
    }
    Ok(())
}
