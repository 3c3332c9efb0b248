//! Pieces of output are cut between characters, never within one.

use bytes::{Bytes, BytesMut};

/// Puts pieces of one stream together again where a character was cut in two.
#[derive(Debug, Default)]
pub(super) struct Characters {
    held: BytesMut,
}

impl Characters {
    /// Takes a piece as it came. Gives what may be passed on: all but the beginning of a character at its very end.
    pub(super) fn push(&mut self, piece: &[u8]) -> Bytes {
        self.held.extend_from_slice(piece);
        let whole = self.held.len() - begun_character(&self.held);
        self.held.split_to(whole).freeze()
    }

    /// What is left when the stream has ended.
    pub(super) fn finish(&mut self) -> Bytes {
        self.held.split().freeze()
    }
}

/// How many bytes at the end begin a UTF-8 character whose rest has not come. 0 when they can never become one.
pub fn begun_character(bytes: &[u8]) -> usize {
    const LONGEST: usize = 4;
    let tail = &bytes[bytes.len().saturating_sub(LONGEST - 1)..];
    for start in 0..tail.len() {
        let lead = tail[start];
        if lead & 0b1100_0000 != 0b1000_0000 {
            let begun = &tail[start..];
            return match std::str::from_utf8(begun) {
                Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => begun.len(),
                _ if start + 1 < tail.len() => begun_character(&tail[start + 1..]),
                _ => 0,
            };
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_beginning_of_a_character_is_held_back() {
        for (bytes, held) in [
            (&b"abc"[..], 0),
            (b"", 0),
            ("ä".as_bytes(), 0),
            (&"ä".as_bytes()[..1], 1),
            (&"€".as_bytes()[..2], 2),
            (&"😀".as_bytes()[..3], 3),
            (b"a\xe2\x82", 2),
            (b"\xff", 0),
            (b"\x80", 0),
            (b"\xc3\xff", 0),
            (b"\xff\xc3", 1),
            (b"\xf0\x9f\xc3", 1),
        ] {
            assert_eq!(begun_character(bytes), held, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn text_cut_anywhere_comes_out_as_whole_characters(text: String, cut in 0_usize..200) {
            let cut = cut.min(text.len());
            let mut characters = Characters::default();
            let first = characters.push(&text.as_bytes()[..cut]);
            let second = characters.push(&text.as_bytes()[cut..]);
            prop_assert!(std::str::from_utf8(&first).is_ok());
            prop_assert!(std::str::from_utf8(&second).is_ok());
            prop_assert!(characters.finish().is_empty());
            prop_assert_eq!([first, second].concat(), text.into_bytes());
        }

        #[test]
        fn no_byte_is_lost_or_changed(pieces: Vec<Vec<u8>>) {
            let mut characters = Characters::default();
            let mut out = Vec::new();
            for piece in &pieces {
                out.extend(characters.push(piece));
            }
            out.extend(characters.finish());
            prop_assert_eq!(out, pieces.concat());
        }
    }
}
