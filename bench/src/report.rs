//! From what was measured to one page. Ratios first: they hold on other machines too.

use std::fmt::Write;

use crate::{
    Effort,
    measure::{EXEC, LoadResult, NATIVE, PACED, PLAIN, ProgramResult, Results, STARTS_TO_REFILL, TWO},
    program::REAL,
    report_long, report_snippets,
    stats::{Times, shown},
};

/// The most that hello world may take over its native start, and what the best peer took.
const HELLO_GOALS: [(&str, f64, &str); 7] = [
    ("bash", 2.0, "3.5"),
    ("python", 0.5, "1.4"),
    ("node", 0.08, "1.16"),
    ("java", 0.10, "1.02"),
    ("c#", 0.35, "–"),
    ("go", 1.1, "–"),
    ("c++", 0.6, "1.12"),
];

/// The least throughput at four clients over the native loop's.
const LOAD_GOALS: [(&str, f64, &str); 2] = [("bash", 0.45, "0.22"), ("python", 0.85, "0.60")];

const MIB: f64 = 1_048_576.0;

/// One line of the table of goals.
struct Goal {
    what: String,
    value: Option<f64>,
    unit: &'static str,
    at_most: bool,
    goal: f64,
    peer: &'static str,
}

pub(crate) fn markdown(results: &Results, effort: &Effort, quick: bool) -> String {
    let mut page =
        String::from("# Measured\n\n`make bench` wrote this in one sitting. Every answer was checked.\n\n");
    if quick {
        page.push_str("**A quick look: far too few samples to say how fast anything is.**\n\n");
    }
    for (name, value) in &results.facts {
        let _ = writeln!(page, "- {name}: {value}");
    }
    let Effort { samples, slow_samples, warm_ups, pause, load, .. } = effort;
    let _ = writeln!(
        page,
        "- samples: {samples} after {warm_ups} warm-ups ({slow_samples} of Docker's and peers' commands), pause {} ms or {} native starts, each load {} s",
        pause.as_millis(),
        STARTS_TO_REFILL,
        load.as_secs_f64()
    );
    for note in &results.notes {
        let _ = writeln!(page, "- {note}");
    }
    if !results.programs.is_empty() {
        page.push_str(
        "\nNative is the same command started cold by a small C loop (`posix_spawn`, read, wait) inside a running container of the\n\
         same image, user, file systems and environment. The service is asked end to end over HTTP on one kept loopback connection, with a\n\
         pause before each request, and without. `docker exec` and `docker run` are Docker's command line. Plain is native without\n\
         what our image adds to the distribution's toolchain (C++: a precompiled header and another linker; Go: compiling and\n\
         linking without `go build`, whose filled cache it keeps): what a terminal has.\n",
    );
    }
    goals(&mut page, results);
    if !results.programs.is_empty() {
        ratios(&mut page, results);
        for title in ["hello", REAL] {
            times(&mut page, results, title);
        }
        loads(&mut page, results);
        memory(&mut page, results);
    }
    if let Some(long) = &results.long {
        report_long::tables(&mut page, long);
    }
    report_snippets::tables(&mut page, &results.scales);
    page
}

fn goals(page: &mut String, results: &Results) {
    page.push_str("\n## Goals\n\n| | measured | goal | reached | best peer |\n|---|---|---|---|---|\n");
    for goal in list_goals(results) {
        let sign = if goal.at_most { "≤" } else { "≥" };
        let (measured, reached) = match goal.value {
            None => ("–".to_owned(), "not measured"),
            Some(value) => {
                let reached = if goal.at_most { value <= goal.goal } else { value >= goal.goal };
                (format!("{}{}", shown(value), goal.unit), if reached { "yes" } else { "**no**" })
            }
        };
        let Goal { what, unit, goal, peer, .. } = goal;
        let _ = writeln!(page, "| {what} | {measured} | {sign} {goal}{unit} | {reached} | {peer} |");
    }
}

fn list_goals(results: &Results) -> Vec<Goal> {
    let mut goals = Vec::new();
    let mut add = |what: String, value, unit, at_most, goal, peer| {
        goals.push(Goal { what, value, unit, at_most, goal, peer });
    };
    for (what, value, goal) in results.scales.iter().flat_map(report_snippets::goals) {
        add(what, value, "", true, goal, "");
    }
    if results.programs.is_empty() {
        return goals;
    }
    for (column, goal, peer) in HELLO_GOALS {
        let program = find(results, column, "hello");
        let plain =
            program.and_then(|program| Some(of(program, PACED)?.median() / of(program, PLAIN)?.median()));
        if plain.is_some() {
            add(format!("{column}: hello world, p50 over native, plain"), plain, "", true, goal, peer);
            // A goal below 1 can only mean the plain one.
            if goal < 1.0 {
                continue;
            }
        }
        let value = program.and_then(|program| ratio(program, PACED));
        add(format!("{column}: hello world, p50 over native"), value, "", true, goal, peer);
    }
    for (column, goal, peer) in LOAD_GOALS {
        let load = results.loads.iter().find(|load| load.column == column && load.clients == 4);
        let value = load.map(|load| load.service / load.native);
        add(format!("{column}: runs/s over native, 4 clients"), value, "", false, goal, peer);
    }
    for (column, overload, peak) in &results.overloads {
        let value = Some(overload.served / peak);
        add(format!("{column}: 4 × overload, served over peak"), value, "", false, 0.95, "unbounded queues");
        let value = overload.refusals.as_ref().map(|refusals| refusals.quantile(0.99));
        add(format!("{column}: 4 × overload, p99 until a 429"), value, " ms", true, 10.0, "unbounded queues");
    }
    add("server memory, idle".into(), Some(results.server_bytes / MIB), " MiB", true, 40.0, "");
    let cells = results.cells.values().map(|(warm, cold)| cold.unwrap_or(*warm) / MIB);
    add(
        "idle cell beyond its warm process, the largest".into(),
        cells.reduce(f64::max),
        " MiB",
        true,
        12.0,
        "",
    );
    let ready = results.ready.map(|(_, all)| all / 1000.0);
    add("ready to serve with images present, all languages".into(), ready, " s", true, 2.0, "");
    let single = results.single_use.as_ref().map(|(times, nested)| times.median() / nested);
    add("single-use mode while the pool holds, p50 over nested".into(), single, "", true, 1.1, "89 ms");
    for (service, clients) in [(PACED, "1 client"), (TWO, "2 clients")] {
        for (column, _, _) in HELLO_GOALS {
            let value = find(results, column, "hello")
                .and_then(|program| Some(of(program, service)?.quantile(0.99) / of(program, EXEC)?.median()));
            add(
                format!("{column}: hello world, p99 over p50 of `docker exec`, {clients}"),
                value,
                "",
                true,
                1.0,
                "",
            );
        }
    }
    for (what, value, goal) in results.long.iter().flat_map(report_long::goals) {
        add(what, value, "", true, goal, "");
    }
    goals
}

fn ratios(page: &mut String, results: &Results) {
    page.push_str("\n## p50 over native\n\n");
    let Some(first) = results.programs.first() else { return };
    let columns: Vec<_> =
        first.times.iter().map(|(column, _)| column).filter(|column| *column != NATIVE).collect();
    let _ = write!(page, "| |");
    columns.iter().for_each(|column| page.push_str(&format!(" {column} |")));
    let _ = writeln!(page, "\n|---|{}", "---|".repeat(columns.len()));
    for program in &results.programs {
        let _ = write!(page, "| {} {} |", program.column, program.title);
        for column in &columns {
            let _ = write!(page, " {} |", ratio(program, column).map_or("–".into(), shown));
        }
        page.push('\n');
    }
}

fn times(page: &mut String, results: &Results, title: &str) {
    let _ = writeln!(page, "\n## {title}: p50 / p95 / p99 in ms (samples)\n");
    let programs: Vec<_> = results.programs.iter().filter(|program| program.title == title).collect();
    let Some(first) = programs.first() else { return };
    page.push_str("| |");
    first.times.iter().for_each(|(column, _)| page.push_str(&format!(" {column} |")));
    let _ = writeln!(page, "\n|---|{}", "---|".repeat(first.times.len()));
    for program in programs {
        let _ = write!(page, "| {} |", program.column);
        for (_, times) in &program.times {
            let Some(times) = times else {
                page.push_str(" – |");
                continue;
            };
            let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|part| shown(times.quantile(part)));
            let _ = write!(page, " {p50} / {p95} / {p99} ({}) |", times.count());
        }
        page.push('\n');
    }
}

fn loads(page: &mut String, results: &Results) {
    page.push_str("\n## Throughput, hello world\n\n| | clients | over native | runs/s | native |\n|---|---|---|---|---|\n");
    for LoadResult { column, clients, service, native } in &results.loads {
        let over = shown(service / native);
        let _ =
            writeln!(page, "| {column} | {clients} | {over} | {} | {} |", shown(*service), shown(*native));
    }
    page.push_str(
        "\n## Overload: requests come four times as fast as the peak above, from four addresses\n\n\
         | | served over peak | offered/s | served/s | refused, p50 / p99 ms | not sent |\n|---|---|---|---|---|---|\n",
    );
    for (column, overload, peak) in &results.overloads {
        let refused = overload.refusals.as_ref().map_or("none".into(), |times: &Times| {
            format!("{} / {} ({})", shown(times.median()), shown(times.quantile(0.99)), times.count())
        });
        let _ = writeln!(
            page,
            "| {column} | {} | {} | {} | {refused} | {} |",
            shown(overload.served / peak),
            shown(overload.offered),
            shown(overload.served),
            overload.unsent
        );
    }
}

fn memory(page: &mut String, results: &Results) {
    page.push_str("\n## Memory and start\n\n");
    let _ = writeln!(page, "- server, idle: {} MiB resident", shown(results.server_bytes / MIB));
    if let Some((first, all)) = results.ready {
        let _ = writeln!(
            page,
            "- second start: {} ms until the first language is ready, {} ms until all are",
            shown(first),
            shown(all)
        );
    }
    if let Some((times, nested)) = &results.single_use {
        let _ = writeln!(
            page,
            "- single-use cells, bash hello: p50 {} ms with {} ms nested ({} samples)",
            shown(times.median()),
            shown(*nested),
            times.count()
        );
    }
    page.push_str("\n| idle cell of | MiB | without its warm process |\n|---|---|---|\n");
    for (runtime, (warm, cold)) in &results.cells {
        let cold = cold.map_or("–".into(), |bytes| shown(bytes / MIB));
        let _ = writeln!(page, "| {runtime} | {} | {cold} |", shown(warm / MIB));
    }
}

fn find<'a>(results: &'a Results, column: &str, title: &str) -> Option<&'a ProgramResult> {
    results.programs.iter().find(|program| program.column == column && program.title == title)
}

fn of<'a>(program: &'a ProgramResult, column: &str) -> Option<&'a Times> {
    program.times.iter().find(|(name, _)| name == column)?.1.as_ref()
}

fn ratio(program: &ProgramResult, column: &str) -> Option<f64> {
    Some(of(program, column)?.median() / of(program, NATIVE)?.median())
}
