//! Whether a server grew.

use std::fmt;

/// How much larger the last quarter of the time may be than the second: half of what is compared lies between them.
const GROWTH: f64 = 1.15;

/// What counts as no growth at all: an allocator's and a table's steps.
const SLACK_KIB: f64 = 4096.0;
const SLACK_DESCRIPTORS: f64 = 12.0;

/// Memory and descriptors over time.
#[derive(Default)]
pub(super) struct Samples {
    kib: Vec<f64>,
    descriptors: Vec<f64>,
}

impl Samples {
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    pub(super) fn add(&mut self, kib: u64, descriptors: usize) {
        self.kib.push(kib as f64);
        self.descriptors.push(descriptors as f64);
    }

    /// What grew.
    pub(super) fn growth(&self) -> Vec<String> {
        let series = [("KiB", &self.kib, SLACK_KIB), ("descriptors", &self.descriptors, SLACK_DESCRIPTORS)];
        let grown = series.iter().filter_map(|(what, values, slack)| {
            let (early, late) = quarters(values)?;
            let most = early * GROWTH + slack;
            (late > most).then(|| format!("it grew from {early} to {late} {what}, more than {most:.0}"))
        });
        grown.collect()
    }
}

impl fmt::Display for Samples {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |values: &[f64]| match quarters(values) {
            Some((early, late)) => format!("{early:.0}, then {late:.0}"),
            None => "too few to tell".into(),
        };
        write!(
            formatter,
            "medians of the second and the last quarter: KiB {}; descriptors {}",
            told(&self.kib),
            told(&self.descriptors)
        )
    }
}

/// The medians of the second and the last quarter.
fn quarters(values: &[f64]) -> Option<(f64, f64)> {
    let length = values.len() / 4;
    (length >= 3).then(|| (median(&values[length..2 * length]), median(&values[values.len() - length..])))
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
