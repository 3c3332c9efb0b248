//! Files that the kernel writes anew for whoever reads them from their beginning. Kept open, they cost a call or two each time.

use std::{fs::File, io, os::unix::fs::FileExt};

/// How much is read at a time.
const PART_BYTES: usize = 4096;

/// Appends what the file says now.
pub(crate) fn read_now(file: &File, all: &mut Vec<u8>) -> io::Result<()> {
    let mut part = [0; PART_BYTES];
    let mut offset = 0;
    loop {
        let length = file.read_at(&mut part, offset)?;
        if length == 0 {
            return Ok(());
        }
        all.extend_from_slice(&part[..length]);
        offset += length as u64;
    }
}
