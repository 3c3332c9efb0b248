//! The frames between the Polyground server and the agent in a cell.
//!
//! A [`Frame`] travels over the agent's stdin (server → agent, [`ToAgent`]) and stdout (agent → server,
//! [`FromAgent`]). On the wire it is one version byte, a little-endian `u32` length, and that many bytes of
//! [postcard](https://docs.rs/postcard)-encoded payload. Both sides bound every length before they allocate.
//!
//! The order of one run:
//!
//! ```text
//! server                                agent
//!             ◀───────────────────────── Hello   who answers, and whether there is a shorter way ([`Direct`])
//!   Configure ─────────────────────────▶        once, first; all else goes the way that it took
//!             ◀───────────────────────── Armed   a sandbox stands ready
//!   Begin, File… , Stage ──────────────▶
//!   Stdin…, StdinEnd, Signal, Resize ──▶         while the stage runs, as its caller sends them
//!             ◀───────────────────────── StageBegun, Output…, StageEnded
//!   Stage ─────────────────────────────▶         the server decides whether there is a next one
//!             ◀───────────────────────── StageBegun, Output…, StageEnded
//!   Collect ───────────────────────────▶        where files may be let out
//!             ◀───────────────────────── Artifact…, Collected
//!   End ───────────────────────────────▶
//!             ◀───────────────────────── RunEnded, then Armed (nested) or end of file (single-use)
//! ```
//!
//! This crate knows nobody: no I/O, no clock, no `unsafe`.
#![forbid(unsafe_code)]

mod codec;
#[cfg(test)]
mod fuzz;
mod message;
mod path;

pub use codec::{Decoder, EncodeError, FrameError, HEADER_BYTES, MAX_PAYLOAD_BYTES, VERSION, encode};
pub use message::{
    Begin, CHUNK_BYTES, CellConfig, Collect, Direct, End, FileChunk, Frame, FromAgent, Hello, Isolation,
    PROOF_BYTES, RunId, STDIN_WINDOW_BYTES, StageEnd, StageLimits, StageSpec, Stop, Stream, TerminalSize,
    ToAgent, View, WarmCall, WarmCommand,
};
pub use path::{MAX_DEPTH, MAX_PATH_BYTES, PathError, check_path};
