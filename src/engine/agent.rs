//! The agent's binary, as `build.rs` built it: what every engine starts in its cells.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The static agent for this machine's kind of processor.
pub static AGENT: &[u8] = include_bytes!(env!("POLYGROUND_AGENT_BINARY"));

/// Names this build of the agent: the first twelve hexadecimal digits of its SHA-256.
pub static AGENT_HASH: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(AGENT);
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a 64-bit ELF file: the types of its program headers.
    fn program_headers(elf: &[u8]) -> Vec<u32> {
        let word = |at: usize, bytes: usize| {
            elf[at..at + bytes].iter().rev().fold(0_usize, |value, byte| value << 8 | usize::from(*byte))
        };
        let (start, size, count) = (word(32, 8), word(54, 2), word(56, 2));
        (0..count).map(|n| u32::try_from(word(start + n * size, 4)).unwrap()).collect()
    }

    #[test]
    fn the_agent_needs_nothing_of_the_image_it_is_put_into() {
        const INTERPRETER: u32 = 3;
        assert_eq!(&AGENT[..5], b"\x7fELF\x02");
        assert!(!program_headers(AGENT).contains(&INTERPRETER), "the agent needs a dynamic loader");
    }

    #[test]
    fn a_build_has_a_short_name() {
        assert_eq!(AGENT_HASH.len(), 12);
    }
}
