//! The store at scale, as a table.

use std::fmt::Write;

use crate::{
    snippets::{Measured, READS, SAVES, Scale, grouped},
    stats::{Times, shown},
};

/// The most that a p99 beside many snippets may be over that beside few.
const GOAL: f64 = 1.5;

/// What is measured, the value, and the most that it may be.
pub(crate) fn goals(scale: &Scale) -> Vec<(String, Option<f64>, f64)> {
    let [few, many] = &scale.sizes;
    let ratio = |of: fn(&Measured) -> &[Times]| Some(p99(of(many))? / p99(of(few))?);
    let line = |what, per_second, ratio| {
        let (database, many, few) = (scale.database, grouped(many.snippets), grouped(few.snippets));
        let name =
            format!("{database}: {what} at {per_second}/s, p99 with {many} snippets over that with {few}");
        (name, ratio, GOAL)
    };
    vec![
        line("reads", READS, ratio(|measured| &measured.reads)),
        line("saves", SAVES, ratio(|measured| &measured.saves)),
    ]
}

/// That of the middle round: one in which the machine's disk did something else for a moment tells nothing of the store.
fn p99(rounds: &[Times]) -> Option<f64> {
    Some(Times::of(rounds.iter().map(|times| times.quantile(0.99)).collect())?.median())
}

pub(crate) fn tables(page: &mut String, scales: &[Scale]) {
    if scales.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "\n## Snippets: p50 / p99 / longest ms (requests)\n\nReads of any snippet, {READS} each second, and at the same time saves, \
         {SAVES} each second, at constant rates. A time counts from when\nits request was due. Every answer was compared with what was \
         saved. The p99 is that of the middle one of the rounds.\n\n\
         | | snippets | reads | saves |\n|---|---|---|---|\n",
    );
    let all = |rounds: &[Times]| {
        let Some(all) = rounds.iter().cloned().reduce(Times::with) else { return "–".into() };
        let p99 = p99(rounds).map_or("–".into(), shown);
        format!("{} / {p99} / {} ({})", shown(all.median()), shown(all.quantile(1.0)), all.count())
    };
    for scale in scales {
        for Measured { snippets, reads, saves } in &scale.sizes {
            let (database, snippets) = (scale.database, grouped(*snippets));
            let _ = writeln!(page, "| {database} | {snippets} | {} | {} |", all(reads), all(saves));
        }
    }
}
