//! The agent against a server that keeps to no order: whatever comes when, it says frames that can be read, ends with its connection, and
//! never by a panic.

use std::time::Duration;

use polyground_protocol::{
    Begin, CellConfig, Collect, Decoder, End, FileChunk, Frame, FromAgent, Isolation, RunId, StageLimits,
    StageSpec, TerminalSize, ToAgent, View, encode,
};
use proptest::{collection::vec, prelude::*, sample::select};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// How many conversations are tried. Each starts an agent.
const CASES: u32 = 24;

/// How long an agent may take to answer and end, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The agent's exit codes: it has served, or said why it cannot.
const ENDS: [Option<i32>; 2] = [Some(0), Some(78)];

fn stage(terminal: bool) -> ToAgent {
    ToAgent::Stage(StageSpec {
        warm: None,
        terminal: terminal.then_some(TerminalSize { columns: 80, rows: 24 }),
        collect: None,
        argv: ["sh", "-c", "echo begun; exec cat"].map(Into::into).to_vec(),
        env: Vec::new(),
        limits: StageLimits {
            wall_ms: 300,
            cpu_ms: 300,
            data_bytes: None,
            processes: 8,
            output_bytes: 1000,
            file_bytes: 1 << 20,
            open_files: 64,
        },
    })
}

fn configuration() -> ToAgent {
    ToAgent::Configure(CellConfig {
        isolation: Isolation::Nested,
        view: View::Paths(host::view()),
        mount_point: host::MOUNT_POINT.into(),
        single_use_uid: 0,
        files_bytes: 1 << 20,
        files_count: 100,
        shm_bytes: 1 << 20,
        overlay: Vec::new(),
        warm: Vec::new(),
        own_cgroup: false,
    })
}

fn message() -> impl Strategy<Value = ToAgent> {
    let file =
        |path: &str| ToAgent::File(FileChunk { path: path.into(), append: false, data: b"text".to_vec() });
    let collect =
        Collect { folder: ".".into(), extensions: vec!["txt".into()], max_files: 3, max_bytes: 100 };
    select(vec![
        configuration(),
        ToAgent::Begin(Begin::default()),
        ToAgent::Begin(Begin { warm: vec![0, 7, u32::MAX], insists: true }),
        file("a.txt"),
        file("../../a"),
        stage(false),
        stage(true),
        ToAgent::Stdin(b"hello\n".to_vec()),
        ToAgent::StdinEnd,
        ToAgent::Signal(15),
        ToAgent::Signal(i32::MIN),
        ToAgent::Cancel,
        ToAgent::Collect(collect),
        ToAgent::End(End {}),
        ToAgent::Resize(TerminalSize { columns: 0, rows: u16::MAX }),
    ])
}

/// Mostly one run and a cell that is told what it is; sometimes neither.
fn conversation() -> impl Strategy<Value = Vec<Frame<ToAgent>>> {
    let run = prop_oneof![8 => Just(RunId(1)), 1 => Just(RunId(2)), 1 => Just(RunId::NONE)];
    let frame = (run, message()).prop_map(|(run, message)| Frame { run, message });
    let opening = prop_oneof![4 => Just(2_usize), 1 => 0..2_usize];
    (opening, vec(frame, 0..12)).prop_map(|(opening, rest)| {
        let begin = Frame { run: RunId(1), message: ToAgent::Begin(Begin::default()) };
        let first = [Frame { run: RunId::NONE, message: configuration() }, begin];
        first.into_iter().take(opening).chain(rest).collect()
    })
}

/// What an agent says to all of these, how it ends, and what it complains of.
async fn answer(engine: &LocalEngine, frames: &[Frame<ToAgent>]) -> (Vec<u8>, Option<i32>, String) {
    let mut agent = engine.start_agent(u64::from(std::process::id())).unwrap();
    let mut bytes = Vec::new();
    frames.iter().for_each(|frame| encode(frame, &mut bytes).unwrap());
    let (mut stdin, mut stdout, mut stderr) =
        (agent.stdin.take().unwrap(), agent.stdout.take().unwrap(), agent.stderr.take().unwrap());
    let (mut said, mut complaints) = (Vec::new(), String::new());
    let talk = async {
        // One that has given up reads no further.
        let _ = stdin.write_all(&bytes).await;
        // Long enough that some stages are running when the connection ends, and others have ended.
        tokio::time::sleep(Duration::from_millis(u64::try_from(frames.len()).unwrap() * 20)).await;
        drop(stdin);
    };
    let listen = stdout.read_to_end(&mut said);
    let (_, _, _) = tokio::join!(talk, listen, stderr.read_to_string(&mut complaints));
    (said, agent.wait().await.unwrap().code(), complaints)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn whatever_order_the_agent_is_told_things_in_it_answers_and_ends(frames in conversation()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (said, code, complaints) = runtime.block_on(async {
            let engine = LocalEngine::new(&format!("unit-test-{}", uuid::Uuid::now_v7())).unwrap();
            tokio::time::timeout(PATIENCE, answer(&engine, &frames)).await.expect("the agent does not end")
        });
        prop_assert!(ENDS.contains(&code), "{:?} {}", code, complaints);
        prop_assert!(!complaints.contains("panicked"), "{}", complaints);
        let mut decoder = Decoder::new();
        decoder.push(&said);
        let mut first = None;
        while let Some(frame) = decoder.next::<FromAgent>().unwrap() {
            first.get_or_insert(frame.message);
        }
        prop_assert!(!decoder.is_mid_frame());
        prop_assert!(matches!(first, Some(FromAgent::Hello(_))), "{:?}", first);
    }
}
