//! What a stage writes, as it comes, and what remains of it at the end.

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use polyground_protocol::{StageEnd, Stream};

use super::{Output, StageReport, plan::StageName, text::Characters};

/// What a stage has written so far.
#[derive(Default)]
pub(super) struct Written {
    whole: HashMap<Stream, BytesMut>,
    characters: HashMap<Stream, Characters>,
    at_us: HashMap<Stream, u64>,
}

impl Written {
    /// Takes a piece as it came. Gives what may be passed on by now.
    pub(super) fn push(&mut self, stream: Stream, at_us: u64, data: &[u8]) -> Option<Output> {
        self.at_us.insert(stream, at_us);
        self.whole.entry(stream).or_default().extend_from_slice(data);
        let whole = self.characters.entry(stream).or_default().push(data);
        self.output(stream, whole)
    }

    /// What is left to pass on of a stream that has ended.
    pub(super) fn finish(&mut self, stream: Stream) -> Option<Output> {
        let rest = self.characters.entry(stream).or_default().finish();
        self.output(stream, rest)
    }

    fn output(&self, stream: Stream, data: Bytes) -> Option<Output> {
        let at_ms = self.at_us.get(&stream).copied().unwrap_or(0) / 1000;
        (!data.is_empty()).then_some(Output { stream, at_ms, data })
    }

    /// The report of the stage that has written this.
    #[allow(clippy::cast_precision_loss)] // microseconds of a run are far below 2^52
    pub(super) fn report(mut self, name: StageName, end: &StageEnd) -> StageReport {
        let mut take = |stream| self.whole.remove(&stream).unwrap_or_default().freeze();
        StageReport {
            name: name.as_str(),
            exit_code: end.exit_code,
            signal: end.signal,
            stdout: take(Stream::Stdout),
            stderr: take(Stream::Stderr),
            truncated: end.truncated,
            wall_ms: end.wall_us as f64 / 1000.0,
            cpu_ms: end.cpu_us as f64 / 1000.0,
            peak_memory_bytes: end.peak_memory_bytes,
        }
    }
}
