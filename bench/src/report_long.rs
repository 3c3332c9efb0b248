//! What only shows after a while, as tables.

use std::fmt::Write;

use crate::{
    long::Long,
    stats::{Times, shown},
};

const MIB: f64 = 1_048_576.0;

/// What is measured, the value, and the most that it may be.
pub(crate) fn goals(long: &Long) -> Vec<(String, Option<f64>, f64)> {
    let after = |index: usize| long.many.get(index);
    let ratio = |of: fn(&crate::long::After) -> f64, index: usize| Some(of(after(index)?) / of(after(0)?));
    let [(few, with_few), (twice, with_twice)] = &long.runtimes;
    vec![
        (
            "bash: p50 after 10,000 runs over that after 1,000".into(),
            ratio(|after| after.times.median(), 1),
            1.2,
        ),
        ("server memory after 100,000 runs over that after 1,000".into(), ratio(|after| after.bytes, 2), 1.1),
        (
            format!("bash: p50 beside {twice} idle runtimes over that beside {few}"),
            Some(with_twice.median() / with_few.median()),
            1.2,
        ),
    ]
}

pub(crate) fn tables(page: &mut String, long: &Long) {
    page.push_str("\n## After many runs of bash, hello world, by four clients\n\n| runs | server, MiB | one client, p50 / p99 ms |\n|---|---|---|\n");
    for after in &long.many {
        let _ = writeln!(page, "| {} | {} | {} |", after.runs, shown(after.bytes / MIB), both(&after.times));
    }
    page.push_str("\n## Beside idle runtimes, bash, hello world\n\n| runtimes | p50 / p99 ms |\n|---|---|\n");
    for (runtimes, times) in &long.runtimes {
        let _ = writeln!(page, "| {runtimes} | {} |", both(times));
    }
    page.push_str(
        "\n## All languages at once, five minutes, two clients each, hello world\n\nNo answer was wrong and none was refused. In the \
         last column: what the client waited beyond the time that the server told.\n\n\
         | | runs | p50 / p99 / longest ms | told to have waited, p50 / p99 ms | untold, p50 / p99 ms |\n|---|---|---|---|---|\n",
    );
    for mixed in &long.mixed {
        let _ = writeln!(
            page,
            "| {} | {} | {} / {} | {} | {} |",
            mixed.column,
            mixed.took.count(),
            both(&mixed.took),
            shown(mixed.took.quantile(1.0)),
            both(&mixed.queue),
            both(&mixed.untold)
        );
    }
}

fn both(times: &Times) -> String {
    format!("{} / {}", shown(times.median()), shown(times.quantile(0.99)))
}
