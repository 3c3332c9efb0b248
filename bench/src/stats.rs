//! What was measured, and what is said of it.

use std::time::Duration;

/// Times of one thing, in milliseconds, the shortest first.
#[derive(Debug, Clone)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    /// `None` without any.
    pub(crate) fn of(mut millis: Vec<f64>) -> Option<Self> {
        millis.sort_by(f64::total_cmp);
        (!millis.is_empty()).then_some(Self(millis))
    }

    /// These and those.
    pub(crate) fn with(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self.0.sort_by(f64::total_cmp);
        self
    }

    /// The time that this part of all did not exceed, by the nearest rank.
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let rank = (part * self.0.len() as f64).ceil() as usize;
        self.0[rank.clamp(1, self.0.len()) - 1]
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Three digits that say something.
pub(crate) fn shown(number: f64) -> String {
    match number.abs() {
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let times = Times::of((1..=100).rev().map(f64::from).collect()).unwrap();
        assert_eq!([0.5, 0.95, 0.99, 1.0].map(|part| times.quantile(part)), [50.0, 95.0, 99.0, 100.0]);
        assert_eq!(Times::of(vec![7.0]).unwrap().quantile(0.99), 7.0);
        assert!(Times::of(Vec::new()).is_none());
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([1234.5, 56.78, 0.456].map(shown), ["1234", "56.8", "0.46"]);
    }
}
