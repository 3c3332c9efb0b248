//! Bytes to frames and back. Knows lengths and versions, not what a message means.

use serde::{Serialize, de::DeserializeOwned};

use crate::message::Frame;

/// The protocol's version: the first byte of every frame. Both sides refuse any other.
pub const VERSION: u8 = 1;

/// Bytes before the payload: version (1) and payload length (4, little-endian).
pub const HEADER_BYTES: usize = 5;

/// The largest payload in bytes that either side sends or accepts.
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;

/// Why received bytes are not a frame. Each is fatal for the connection: there is no way to find the next frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The first byte is not [`VERSION`].
    #[error("the other side speaks protocol version {found}, this one speaks {VERSION}")]
    Version {
        /// The version byte received.
        found: u8,
    },
    /// The announced payload is larger than [`MAX_PAYLOAD_BYTES`].
    #[error("a frame of {bytes} bytes was announced, at most {MAX_PAYLOAD_BYTES} are allowed")]
    TooLong {
        /// The length announced.
        bytes: usize,
    },
    /// The payload is not a message of the expected direction, or has bytes left over.
    #[error("a frame's payload could not be decoded: {0}")]
    Payload(String),
}

/// Why a message cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The message needs more than [`MAX_PAYLOAD_BYTES`].
    #[error("a message of {bytes} bytes is larger than the {MAX_PAYLOAD_BYTES} bytes that a frame holds")]
    TooLong {
        /// The message's encoded length.
        bytes: usize,
    },
    /// The serializer refused it.
    #[error("a message could not be encoded: {0}")]
    Payload(String),
}

/// Appends `frame` to `buffer`.
///
/// # Errors
/// When the frame is larger than [`MAX_PAYLOAD_BYTES`]; `buffer` is then as it was before.
pub fn encode<M: Serialize>(frame: &Frame<M>, buffer: &mut Vec<u8>) -> Result<(), EncodeError> {
    let payload = postcard::to_allocvec(frame).map_err(|error| EncodeError::Payload(error.to_string()))?;
    let bytes = payload.len();
    match u32::try_from(bytes) {
        Ok(length) if bytes <= MAX_PAYLOAD_BYTES => {
            buffer.push(VERSION);
            buffer.extend_from_slice(&length.to_le_bytes());
            buffer.extend_from_slice(&payload);
            Ok(())
        }
        _ => Err(EncodeError::TooLong { bytes }),
    }
}

/// Collects received bytes and gives back whole frames.
///
/// Holds at most one frame beyond what was pushed: push what was read, then call [`Decoder::next`] until it gives `None`.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    start: usize,
}

impl Decoder {
    /// A decoder with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds received bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 && self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
        } else if self.start > MAX_PAYLOAD_BYTES {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether a frame has begun and its end has not come yet.
    pub fn is_mid_frame(&self) -> bool {
        self.buffer.len() > self.start
    }

    /// The next whole frame, if one has come.
    ///
    /// # Errors
    /// [`FrameError`] when the bytes are not frames of `M`: close the connection.
    #[allow(clippy::should_implement_trait)] // generic in the message, fallible: not an Iterator
    pub fn next<M: DeserializeOwned>(&mut self) -> Result<Option<Frame<M>>, FrameError> {
        let rest = &self.buffer[self.start..];
        let Some(&version) = rest.first() else { return Ok(None) };
        if version != VERSION {
            return Err(FrameError::Version { found: version });
        }
        let Some(&[a, b, c, d]) = rest.get(1..HEADER_BYTES) else { return Ok(None) };
        let bytes = u32::from_le_bytes([a, b, c, d]) as usize;
        if bytes > MAX_PAYLOAD_BYTES {
            return Err(FrameError::TooLong { bytes });
        }
        let Some(payload) = rest.get(HEADER_BYTES..HEADER_BYTES + bytes) else { return Ok(None) };
        match postcard::take_from_bytes(payload) {
            Ok((frame, [])) => {
                self.start += HEADER_BYTES + bytes;
                Ok(Some(frame))
            }
            Ok((_, left)) => Err(FrameError::Payload(format!("{} bytes left over", left.len()))),
            Err(error) => Err(FrameError::Payload(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{FileChunk, FromAgent, RunId, Stream, ToAgent};

    fn output(data: &[u8]) -> Frame<FromAgent> {
        Frame {
            run: RunId(7),
            message: FromAgent::Output { stream: Stream::Stdout, at_us: 5, data: data.to_vec() },
        }
    }

    #[test]
    fn frames_survive_being_cut_anywhere() {
        let mut wire = Vec::new();
        encode(&output(b"one"), &mut wire).unwrap();
        encode(&output(&[0xff; 3000]), &mut wire).unwrap();
        for cut in 0..wire.len() {
            let mut decoder = Decoder::new();
            decoder.push(&wire[..cut]);
            let mut seen = Vec::new();
            while let Some(frame) = decoder.next::<FromAgent>().unwrap() {
                seen.push(frame);
            }
            decoder.push(&wire[cut..]);
            while let Some(frame) = decoder.next::<FromAgent>().unwrap() {
                seen.push(frame);
            }
            assert_eq!(seen, vec![output(b"one"), output(&[0xff; 3000])], "cut at {cut}");
            assert!(!decoder.is_mid_frame());
        }
    }

    #[test]
    fn another_version_is_refused_at_its_first_byte() {
        let mut decoder = Decoder::new();
        decoder.push(&[VERSION + 1]);
        assert_eq!(decoder.next::<FromAgent>(), Err(FrameError::Version { found: VERSION + 1 }));
    }

    #[test]
    fn a_length_beyond_the_bound_is_refused_before_its_bytes_come() {
        let mut decoder = Decoder::new();
        decoder.push(&[VERSION, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(decoder.next::<FromAgent>(), Err(FrameError::TooLong { bytes: u32::MAX as usize }));
    }

    #[test]
    fn a_message_beyond_the_bound_is_not_sent() {
        let mut wire = b"kept".to_vec();
        let message =
            ToAgent::File(FileChunk { path: "a".into(), append: false, data: vec![0; MAX_PAYLOAD_BYTES] });
        let error = encode(&Frame { run: RunId(1), message }, &mut wire).unwrap_err();
        assert!(matches!(error, EncodeError::TooLong { .. }));
        assert_eq!(wire, b"kept");
    }

    #[test]
    fn bytes_left_over_are_refused() {
        let mut wire = Vec::new();
        encode(&output(b"x"), &mut wire).unwrap();
        wire.push(0);
        wire[1] += 1;
        let mut decoder = Decoder::new();
        decoder.push(&wire);
        assert!(matches!(decoder.next::<FromAgent>(), Err(FrameError::Payload(_))));
    }
}
