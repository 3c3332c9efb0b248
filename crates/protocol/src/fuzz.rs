//! The codec against arbitrary messages and arbitrary bytes, in both directions. `PROPTEST_CASES` says how many.

use std::fmt::Debug;

use proptest::{collection::vec, prelude::*, sample::Index};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Decoder, Frame, FrameError, FromAgent, HEADER_BYTES, MAX_PAYLOAD_BYTES, RunId, ToAgent, VERSION, encode,
};

/// Bytes in memory for one byte of payload at most: an empty variable of a stage is two bytes on the wire and two
/// `String`s in memory, and a list doubles its room while it grows.
const UNFOLDING: u64 = 96;

/// What Serde makes room for at once when a list says that it is long.
const LIST_BYTES: u64 = 1 << 20;

/// Lists in one message at most, each of which may be announced too long.
const LISTS: u64 = 2;

trait Message: Arbitrary + Clone + PartialEq + Debug + Serialize + DeserializeOwned {}
impl Message for ToAgent {}
impl Message for FromAgent {}

/// The bytes of a few frames, and where each one ends.
#[derive(Debug, Clone)]
struct Wire<M> {
    frames: Vec<Frame<M>>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

fn wire<M: Message>(most: usize) -> impl Strategy<Value = Wire<M>> {
    let frame = (any::<u64>(), any::<M>()).prop_map(|(run, message)| Frame { run: RunId(run), message });
    vec(frame, 1..=most).prop_map(|frames| {
        let mut bytes = Vec::new();
        let encoded = frames.iter().map(|frame| {
            encode(frame, &mut bytes).unwrap();
            bytes.len()
        });
        let ends = encoded.collect();
        Wire { frames, bytes, ends }
    })
}

/// Something that happens to bytes on their way, at one place.
#[derive(Debug, Clone, proptest_derive::Arbitrary)]
struct Change {
    at: Index,
    what: What,
}

#[derive(Debug, Clone, proptest_derive::Arbitrary)]
enum What {
    Replace(u8),
    Flip(u8),
    Insert(u8),
    Remove,
    Cut,
    /// Some bytes that stand elsewhere once more here.
    Repeat(Index, u8),
    Length(u32),
}

impl Change {
    /// Changes the bytes. Those before the place given back are as they were.
    fn apply(&self, bytes: &mut Vec<u8>) -> usize {
        let at = self.at.index(bytes.len() + 1);
        let next = bytes.len().min(at + 1);
        match &self.what {
            What::Replace(byte) => bytes[at..next].fill(*byte),
            What::Flip(bit) => bytes[at..next].iter_mut().for_each(|byte| *byte ^= 1 << (bit % 8)),
            What::Insert(byte) => bytes.insert(at, *byte),
            What::Remove => drop(bytes.drain(at..next)),
            What::Cut => bytes.truncate(at),
            What::Repeat(from, length) => {
                let from = from.index(bytes.len() + 1);
                let part = bytes[from..bytes.len().min(from + usize::from(*length))].to_vec();
                bytes.splice(at..at, part);
            }
            What::Length(length) => {
                let to = bytes.len().min(at + 4);
                bytes.splice(at..to, length.to_le_bytes());
            }
        }
        at
    }
}

/// Every frame that comes out, and the error behind them.
fn drain<M: Message>(decoder: &mut Decoder) -> (Vec<Frame<M>>, Option<FrameError>) {
    let mut frames = Vec::new();
    loop {
        match decoder.next() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return (frames, None),
            Err(error) => return (frames, Some(error)),
        }
    }
}

/// Feeds bytes in pieces that end at these places, and gives what came out all together.
fn fed<M: Message>(bytes: &[u8], cuts: &[usize]) -> (Vec<Frame<M>>, Option<FrameError>, Decoder) {
    let mut decoder = Decoder::new();
    let mut all = Vec::new();
    let mut from = 0;
    for &to in cuts.iter().chain([&bytes.len()]) {
        decoder.push(&bytes[from..to]);
        from = to;
        let (frames, error) = drain(&mut decoder);
        all.extend(frames);
        if error.is_some() {
            return (all, error, decoder);
        }
    }
    (all, None, decoder)
}

fn sorted(cuts: &[Index], bytes: &[u8]) -> Vec<usize> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.sort_unstable();
    cuts
}

/// What was said is what is heard, however it is cut on the way.
fn survives_every_cut<M: Message>(wire: &Wire<M>, cuts: &[Index]) -> Result<(), TestCaseError> {
    let cuts = sorted(cuts, &wire.bytes);
    let (frames, error, decoder) = fed::<M>(&wire.bytes, &cuts);
    prop_assert_eq!(error, None);
    prop_assert_eq!(&frames, &wire.frames, "cut at {:?}", cuts);
    prop_assert!(!decoder.is_mid_frame());
    // Every cut of a short conversation, many of a long one.
    for cut in (0..=wire.bytes.len()).step_by(1 + wire.bytes.len() / 500) {
        let (frames, error, _) = fed::<M>(&wire.bytes, &[cut]);
        prop_assert_eq!(error, None);
        prop_assert_eq!(&frames, &wire.frames, "cut at {}", cut);
    }
    Ok(())
}

/// Any bytes give frames or an error, the same ones however they are cut, and nothing comes after an error.
fn never_goes_on_after_an_error<M: Message>(
    bytes: &[u8],
    cuts: &[Index],
) -> Result<Vec<Frame<M>>, TestCaseError> {
    let (frames, error, mut decoder) = fed::<M>(bytes, &[]);
    let cut = fed::<M>(bytes, &sorted(cuts, bytes));
    prop_assert_eq!(&frames, &cut.0);
    prop_assert_eq!(&error, &cut.1);
    for frame in &frames {
        let mut again = Vec::new();
        encode(frame, &mut again).unwrap();
        prop_assert_eq!(&fed::<M>(&again, &[]).0, std::slice::from_ref(frame));
    }
    if error.is_some() {
        let good = Frame { run: RunId::NONE, message: FromAgent::Armed };
        let mut wire = Vec::new();
        encode(&good, &mut wire).unwrap();
        for _ in 0..3 {
            decoder.push(&wire);
            prop_assert_eq!(drain::<M>(&mut decoder), (Vec::new(), error.clone()));
        }
    }
    Ok(frames)
}

/// A change on the way leaves the frames before it as they were, and no frame follows an error.
fn tells_changed_bytes<M: Message>(
    wire: &Wire<M>,
    changes: &[Change],
    cuts: &[Index],
) -> Result<(), TestCaseError> {
    let mut bytes = wire.bytes.clone();
    let untouched = changes.iter().map(|change| change.apply(&mut bytes)).min().unwrap_or(bytes.len());
    let frames = never_goes_on_after_an_error::<M>(&bytes, cuts)?;
    let whole = wire.ends.iter().take_while(|end| **end <= untouched).count();
    prop_assert!(frames.len() >= whole, "{} of {} frames", frames.len(), whole);
    prop_assert_eq!(&frames[..whole], &wire.frames[..whole]);
    Ok(())
}

/// Whatever a frame's payload is, what it becomes in memory is in proportion to it.
fn stays_small<M: Message>(payload: &[u8]) -> Result<(), TestCaseError> {
    let wire = framed(payload);
    let used = allocation_counter::measure(|| {
        let mut decoder = Decoder::new();
        decoder.push(&wire);
        let _ = decoder.next::<M>();
    });
    let most = 2 * wire.len() as u64 + LISTS * LIST_BYTES + UNFOLDING * payload.len() as u64;
    prop_assert!(used.bytes_max <= most, "{} bytes, at most {most}", used.bytes_max);
    Ok(())
}

/// A payload of these bytes, with a right header.
fn framed(payload: &[u8]) -> Vec<u8> {
    let mut wire = vec![VERSION];
    wire.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_le_bytes());
    wire.extend_from_slice(payload);
    wire
}

/// Bytes that look a little like a message: a run, a kind of message, lengths that may be far too large, and filling.
fn likely_payload() -> impl Strategy<Value = Vec<u8>> {
    let number =
        prop_oneof![any::<u8>().prop_map(|byte| vec![byte]), Just(vec![0xff, 0xff, 0xff, 0xff, 0x0f])];
    let filling = (any::<u8>(), 0..2000_usize).prop_map(|(byte, count)| vec![byte; count]);
    (0..12_u8, vec(number, 0..6), filling, vec(any::<u8>(), 0..40)).prop_map(
        |(kind, numbers, filling, rest)| {
            let numbers = numbers.into_iter().flatten();
            [1, kind].into_iter().chain(numbers).chain(filling).chain(rest).collect()
        },
    )
}

fn some_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        vec(any::<u8>(), 0..2000).prop_map(|payload| framed(&payload)),
        likely_payload().prop_map(|payload| framed(&payload)),
        // A header alone, often with a length near the bound.
        (any::<u8>(), prop_oneof![any::<u32>(), 0..MAX_PAYLOAD_BYTES as u32 + 2])
            .prop_map(|(version, length)| { [&[version % 3][..], &length.to_le_bytes()].concat() }),
    ]
}

proptest! {
    // Each case tries hundreds of cuts.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn messages_to_the_agent_survive_every_cut(wire in wire::<ToAgent>(3), cuts in vec(any::<Index>(), 0..8)) {
        survives_every_cut(&wire, &cuts)?;
    }

    #[test]
    fn messages_from_the_agent_survive_every_cut(wire in wire::<FromAgent>(3), cuts in vec(any::<Index>(), 0..8)) {
        survives_every_cut(&wire, &cuts)?;
    }
}

proptest! {
    #[test]
    fn changed_messages_to_the_agent_are_told(
        wire in wire::<ToAgent>(4),
        changes in vec(any::<Change>(), 1..4),
        cuts in vec(any::<Index>(), 0..8),
    ) {
        tells_changed_bytes(&wire, &changes, &cuts)?;
    }

    #[test]
    fn changed_messages_from_the_agent_are_told(
        wire in wire::<FromAgent>(4),
        changes in vec(any::<Change>(), 1..4),
        cuts in vec(any::<Index>(), 0..8),
    ) {
        tells_changed_bytes(&wire, &changes, &cuts)?;
    }

    #[test]
    fn any_bytes_give_frames_or_one_last_error(bytes in some_bytes(), cuts in vec(any::<Index>(), 0..8)) {
        never_goes_on_after_an_error::<ToAgent>(&bytes, &cuts)?;
        never_goes_on_after_an_error::<FromAgent>(&bytes, &cuts)?;
    }

    #[test]
    fn a_payload_takes_memory_in_proportion(payload in prop_oneof![vec(any::<u8>(), 0..500), likely_payload()]) {
        stays_small::<ToAgent>(&payload)?;
        stays_small::<FromAgent>(&payload)?;
    }

    #[test]
    fn a_frame_that_is_too_long_is_refused_before_anything_is_kept_for_it(
        length in MAX_PAYLOAD_BYTES as u32 + 1..,
    ) {
        let header = [&[VERSION][..], &length.to_le_bytes()].concat();
        let used = allocation_counter::measure(|| {
            let mut decoder = Decoder::new();
            decoder.push(&header);
            assert_eq!(decoder.next::<ToAgent>(), Err(FrameError::TooLong { bytes: length as usize }));
        });
        prop_assert!(used.bytes_max < 64 + HEADER_BYTES as u64, "{} bytes", used.bytes_max);
    }
}

#[test]
fn the_largest_lists_that_fit_take_memory_in_proportion() {
    // A stage with nothing but empty arguments, one with nothing but empty variables.
    for head in [&[1, 3][..], &[1, 3, 0]] {
        let room = MAX_PAYLOAD_BYTES - head.len() - 3;
        let count = [(room & 0x7f) as u8 | 0x80, (room >> 7 & 0x7f) as u8 | 0x80, (room >> 14) as u8];
        stays_small::<ToAgent>(&[head, &count, &vec![0; room]].concat()).unwrap();
    }
}
