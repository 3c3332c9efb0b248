//! What every run passes through inside the server: its frames, and the queue. `cargo bench`

#![allow(clippy::unwrap_used, missing_docs)] // a benchmark that cannot go on shall panic; the macros document nothing

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use polyground::pool::{Admission, AdmissionLimits, Caller, Claim, Place};
use polyground_protocol::{
    CHUNK_BYTES, Decoder, FileChunk, Frame, FromAgent, RunId, Stream, ToAgent, encode,
};

const RUN: RunId = RunId(0x1234_5678_9abc_def0);

fn output(bytes: usize) -> Frame<FromAgent> {
    let message = FromAgent::Output { stream: Stream::Stdout, at_us: 1234, data: vec![b'x'; bytes] };
    Frame { run: RUN, message }
}

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    let file = FileChunk { path: "main.file".into(), append: false, data: vec![b'x'; 200] };
    let file = Frame { run: RUN, message: ToAgent::File(file) };
    let mut buffer = Vec::new();
    group.bench_function("encode a small file", |bencher| {
        bencher.iter(|| {
            buffer.clear();
            encode(black_box(&file), &mut buffer).unwrap();
        });
    });
    for (name, bytes) in [("a line", 6), ("a full chunk", CHUNK_BYTES)] {
        let mut encoded = Vec::new();
        encode(&output(bytes), &mut encoded).unwrap();
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(format!("decode {name} of output"), |bencher| {
            let mut decoder = Decoder::new();
            bencher.iter(|| {
                decoder.push(black_box(&encoded));
                let frame: Frame<FromAgent> = decoder.next().unwrap().unwrap();
                frame
            });
        });
    }
    group.finish();
}

fn claim(caller: usize) -> Claim {
    Claim {
        caller: Caller::new(caller.to_string()),
        line: "line".into(),
        most: usize::MAX,
        memory_bytes: 1 << 20,
    }
}

fn admission(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("admission");
    let limits = AdmissionLimits { running: 2, waiting: 1024, waiting_of_one: 1024, memory_bytes: u64::MAX };
    group.bench_function("enter and leave, nobody waits", |bencher| {
        let gate = Admission::with_limits(limits);
        bencher.iter(|| drop(gate.enter_as(claim(0)).unwrap()));
    });
    for (waiting, callers) in [(64, 1), (64, 16), (1000, 100)] {
        // As often as one comes, the next one's turn is there, and everybody hears the new place.
        group.bench_function(format!("next of {waiting} who wait, {callers} callers"), |bencher| {
            bencher.iter_batched(
                || {
                    let gate = Admission::with_limits(limits);
                    let running = [gate.enter_as(claim(0)).unwrap(), gate.enter_as(claim(1)).unwrap()];
                    let queue: Vec<_> =
                        (0..waiting).map(|index| gate.enter_as(claim(index % callers)).unwrap()).collect();
                    (gate, running, queue)
                },
                |(gate, [first, second], queue)| {
                    drop(first);
                    assert_eq!(gate.load().running, 2);
                    assert!(queue.iter().any(|ticket| ticket.place() == Place::Admitted));
                    (gate, second, queue)
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group! {
    name = hot_path;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30);
    targets = frames, admission
}
criterion_main!(hot_path);
