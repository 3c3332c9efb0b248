//! Programs as bytes: JSON, compressed.

use std::io::{Read, Write};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};

use super::{Program, StoreError};

/// The most bytes that a program may have as JSON: what has more would not be unpacked, so that a damaged one cannot fill memory.
pub(super) const MAX_BYTES: u64 = 64 << 20;

/// Counts what is written and keeps nothing.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How many bytes a program has as JSON.
pub(super) fn json_bytes(program: &Program) -> u64 {
    let mut counted = Counted(0);
    match serde_json::to_writer(&mut counted, program) {
        Ok(()) => counted.0,
        Err(_) => u64::MAX,
    }
}

/// A program as JSON.
pub(super) fn to_json(program: &Program) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(program).map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// Compresses it.
pub(super) fn pack(json: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(json).and_then(|()| encoder.finish());
    packed.map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// The program in a compressed content.
pub(super) fn unpack(content: &[u8]) -> Result<Program, StoreError> {
    let damaged =
        |error: &dyn std::fmt::Display| StoreError::Unavailable(format!("damaged content: {error}"));
    let mut json = Vec::new();
    DeflateDecoder::new(content).take(MAX_BYTES).read_to_end(&mut json).map_err(|error| damaged(&error))?;
    serde_json::from_slice(&json).map_err(|error| damaged(&error))
}

/// Bytes in JSON: as text where they are text, else in base64.
pub(super) mod bytes {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Form {
        Text(String),
        Base64(String),
    }

    pub(in crate::store) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Form::Text(text.to_owned()),
            Err(_) => Form::Base64(STANDARD.encode(bytes)),
        }
        .serialize(to)
    }

    pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        match Form::deserialize(from)? {
            Form::Text(text) => Ok(text.into_bytes()),
            Form::Base64(text) => STANDARD.decode(text).map_err(D::Error::custom),
        }
    }
}
