//! Snippets that are all different and always the same: each is made from its number.

use polyground::store::{Program, Record, StoredFile, Visibility};
use serde_json::json;

/// Letters of an id. With eleven of them every number has an id of its own.
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LETTERS: usize = 11;

/// Bytes of a source: most are short, some are long.
const BYTES: (f64, f64) = (200.0, 2_000.0);

/// When the first one was made, and the time between two, in milliseconds.
const FIRST_MS: i64 = 1_700_000_000_000;
const STEP_MS: i64 = 40_000;

/// What sources are made of.
const NAMES: [&str; 16] = [
    "total", "index", "count", "value", "result", "items", "left", "right", "depth", "width", "queue",
    "matrix", "parent", "buffer", "offset", "limit",
];
const LINES: [&str; 8] = [
    "{a} = {b} + {n}",
    "for {a} in range({n}):",
    "    {a}.append({b} * {n})",
    "if {a} < {b} - {n}:",
    "    print(\"{a}\", {b}, {n})",
    "def {a}_{n}({b}):",
    "    return {a} % {n}",
    "# {a} holds {b} until step {n}",
];

/// The snippet with this number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made(pub(super) u32);

/// The finaliser of SplitMix64: different numbers give different ones, which look random.
pub(super) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Made {
    /// As a server would have made it: letters in no order.
    pub(super) fn id(self) -> String {
        let mut rest = mix(u64::from(self.0));
        let letters = (0..ID_LETTERS).map(|_| {
            let letter = LETTERS[usize::try_from(rest % 62).unwrap_or_default()];
            rest /= 62;
            char::from(letter)
        });
        letters.collect()
    }

    /// Something that looks like a program.
    pub(super) fn source(self) -> String {
        let mut state = mix(u64::from(self.0) << 32);
        let mut below = |bound: usize| {
            state = mix(state);
            usize::try_from(state % u64::try_from(bound).unwrap_or(1)).unwrap_or_default()
        };
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bytes = (BYTES.0 * (BYTES.1 / BYTES.0).powf(below(1000) as f64 / 1000.0)) as usize;
        let mut source = String::with_capacity(bytes + 64);
        while source.len() < bytes {
            let line = LINES[below(LINES.len())]
                .replace("{a}", NAMES[below(NAMES.len())])
                .replace("{b}", NAMES[below(NAMES.len())])
                .replace("{n}", &below(10_000).to_string());
            source.push_str(&line);
            source.push('\n');
        }
        source
    }

    /// Whether it is one of so many.
    fn is_one_of(self, many: u32) -> bool {
        self.0.is_multiple_of(many)
    }

    fn visibility(self) -> Visibility {
        if self.is_one_of(10) { Visibility::Public } else { Visibility::Unlisted }
    }

    /// As it is imported. Some are forks, some go by themselves some day, some were saved with a key or a run.
    pub(super) fn record(self) -> Record {
        let number = u64::from(self.0);
        let hash = |salt: u64| -> Vec<u8> {
            (0..4).flat_map(|part| mix(mix(number) ^ (salt << 8 | part)).to_le_bytes()).collect()
        };
        let run = json!({
            "outcome": "succeeded",
            "stages": [{"name": "run", "stdout": self.source(), "stderr": "", "exit_code": 0}],
        });
        Record {
            id: self.id(),
            created_at_ms: FIRST_MS + i64::from(self.0) * STEP_MS,
            expires_at_ms: self.is_one_of(20).then_some(i64::MAX),
            visibility: self.visibility(),
            parent: (self.0 > 0 && self.is_one_of(8)).then(|| Self(self.0 / 8).id()),
            token_hash: hash(1),
            request_hash: self.is_one_of(2).then(|| hash(2)),
            program: Program {
                language: "python".into(),
                version: self.is_one_of(3).then(|| "3".into()),
                files: vec![StoredFile { name: "main.py".into(), content: self.source().into_bytes() }],
                stdin: String::new(),
                args: Vec::new(),
                title: format!("Snippet {}", self.0),
                description: String::new(),
                run: self.is_one_of(5).then_some(run),
            },
        }
    }

    /// As it is saved over HTTP.
    pub(super) fn request(self) -> serde_json::Value {
        json!({
            "language": "python",
            "files": [{"name": "main.py", "content": self.source()}],
            "title": format!("Snippet {}", self.0),
            "visibility": if self.is_one_of(10) { "public" } else { "unlisted" },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_is_different_and_an_import_takes_it() {
        let ids: BTreeSet<_> = (0..10_000).map(|number| Made(number).id()).collect();
        assert_eq!(ids.len(), 10_000);
        let sources: BTreeSet<_> = (0..1_000).map(|number| Made(number).source()).collect();
        assert_eq!(sources.len(), 1_000);
        assert!(sources.iter().all(|source| (200..2_100).contains(&source.len())));
        assert!(sources.iter().any(|source| source.len() < 300));
        assert!(sources.iter().any(|source| source.len() > 1_700));
        for number in 0..1_000 {
            Made(number).record().check().unwrap();
            assert_eq!(Made(number).source(), Made(number).source());
        }
    }
}
