//! Watches the bytes of an HTTP/1 connection for messages that two parsers may read differently: request smuggling.
//!
//! hyper is lenient where RFC 9112 allows it (two equal `Content-Length`, `Content-Length` beside
//! `Transfer-Encoding`, a bare LF as a line's end). A proxy before us may read those another way, so here they
//! are violations. This follows only what it needs to know where the next head begins; hyper does the parsing.

/// A header line that matters is never longer than this; of longer lines only the beginning is kept.
const LINE_KEPT: usize = 128;
/// What a connection that will speak HTTP/2 begins with.
const H2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Follows one connection.
#[derive(Debug)]
pub(super) struct Inspector {
    phase: Phase,
    /// How much of [`H2_PREFACE`] the connection began with; `None`: it does not.
    preface: Option<usize>,
    heads: u64,
}

#[derive(Debug)]
enum Phase {
    Head(Head),
    /// Bytes of body that are left.
    Body(u64),
    Chunked(Chunk),
    /// Not HTTP/1 (any more), or refused: nothing is looked at.
    Opaque,
}

#[derive(Debug, Default)]
struct Head {
    line: Vec<u8>,
    line_len: usize,
    after_cr: bool,
    past_request_line: bool,
    begun: bool,
    length: Option<u64>,
    chunked: bool,
}

#[derive(Debug)]
enum Chunk {
    Size { value: u64, digits: u8 },
    SizeLf { value: u64 },
    Extension { value: u64 },
    Data(u64),
    DataCr,
    DataLf,
    Trailer { empty: bool },
    TrailerLf { empty: bool },
}

/// The bytes may be read in two ways.
#[derive(Debug, PartialEq, Eq)]
struct Violation;

impl Inspector {
    pub(super) fn new() -> Self {
        Self { phase: Phase::Head(Head::default()), preface: Some(0), heads: 0 }
    }

    /// Looks at the next bytes; the answer is where the first violation is.
    pub(super) fn inspect(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match &mut self.phase {
                Phase::Opaque => return None,
                Phase::Body(left) | Phase::Chunked(Chunk::Data(left)) => {
                    let skip = (bytes.len() - at).min(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= skip as u64;
                    at += skip;
                    self.after_data();
                    continue;
                }
                Phase::Head(_) | Phase::Chunked(_) => {}
            }
            if self.byte(bytes[at]).is_err() {
                self.phase = Phase::Opaque;
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// Whether a head has begun and not ended.
    pub(super) fn inside_head(&self) -> bool {
        matches!(&self.phase, Phase::Head(head) if head.begun)
    }

    /// How many heads have ended.
    pub(super) fn heads(&self) -> u64 {
        self.heads
    }

    /// The connection speaks something else from here on.
    pub(super) fn stop(&mut self) {
        self.phase = Phase::Opaque;
    }

    fn after_data(&mut self) {
        match self.phase {
            Phase::Body(0) => self.phase = Phase::Head(Head::default()),
            Phase::Chunked(Chunk::Data(0)) => self.phase = Phase::Chunked(Chunk::DataCr),
            Phase::Body(_) | Phase::Chunked(_) | Phase::Head(_) | Phase::Opaque => {}
        }
    }

    fn byte(&mut self, byte: u8) -> Result<(), Violation> {
        if let Some(matched) = self.preface {
            self.preface = (H2_PREFACE[matched] == byte).then_some(matched + 1);
            if matched + 1 == H2_PREFACE.len() && self.preface.take().is_some() {
                self.heads += 1;
                self.phase = Phase::Opaque;
                return Ok(());
            }
        }
        match &mut self.phase {
            Phase::Head(head) => {
                if head.byte(byte)? {
                    let next = head.body();
                    // The preface's first line looks like a whole head, and is none.
                    self.heads += u64::from(self.preface.is_none());
                    self.phase = next;
                }
            }
            Phase::Chunked(chunk) => match chunk.byte(byte)? {
                Some(next) => *chunk = next,
                None => self.phase = Phase::Head(Head::default()),
            },
            Phase::Body(_) | Phase::Opaque => {}
        }
        Ok(())
    }
}

impl Head {
    /// Takes a byte; true when the head is complete with it.
    fn byte(&mut self, byte: u8) -> Result<bool, Violation> {
        self.begun = true;
        match (self.after_cr, byte) {
            (true, b'\n') => {
                self.after_cr = false;
                self.line_ends()
            }
            (true, _) | (false, b'\n') => Err(Violation),
            (false, b'\r') => {
                self.after_cr = true;
                Ok(false)
            }
            (false, _) => {
                self.line_len += 1;
                if self.line.len() < LINE_KEPT {
                    self.line.push(byte);
                }
                Ok(false)
            }
        }
    }

    fn line_ends(&mut self) -> Result<bool, Violation> {
        let (line, whole) = (std::mem::take(&mut self.line), self.line_len <= LINE_KEPT);
        let empty = self.line_len == 0;
        self.line_len = 0;
        match (self.past_request_line, empty) {
            // Empty lines before a request line are to be ignored (RFC 9112, 2.2).
            (false, true) => Ok(false),
            (false, false) => {
                self.past_request_line = true;
                Ok(false)
            }
            (true, true) => Ok(true),
            (true, false) => self.header(&line, whole).map(|()| false),
        }
    }

    fn header(&mut self, line: &[u8], whole: bool) -> Result<(), Violation> {
        if line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            return Err(Violation); // a continued line
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return Ok(()) };
        let (name, value) = (line[..colon].trim_ascii_end(), line[colon + 1..].trim_ascii());
        let length = name.eq_ignore_ascii_case(b"content-length");
        if !length && !name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Ok(());
        }
        if !whole || name.len() != colon || self.length.is_some() || self.chunked {
            return Err(Violation);
        }
        if length {
            self.length = Some(digits(value).ok_or(Violation)?);
        } else if value.eq_ignore_ascii_case(b"chunked") {
            self.chunked = true;
        } else {
            return Err(Violation);
        }
        Ok(())
    }

    fn body(&self) -> Phase {
        match self.length {
            _ if self.chunked => Phase::Chunked(Chunk::Size { value: 0, digits: 0 }),
            None | Some(0) => Phase::Head(Head::default()),
            Some(length) => Phase::Body(length),
        }
    }
}

impl Chunk {
    /// Takes a byte; what follows it, `None` when the body is complete.
    fn byte(&self, byte: u8) -> Result<Option<Chunk>, Violation> {
        let next = match (self, byte) {
            (Chunk::Size { value, digits: 1.. } | Chunk::Extension { value }, b'\r') => {
                Chunk::SizeLf { value: *value }
            }
            (Chunk::Size { value, digits: 1.. }, b';' | b' ' | b'\t') => Chunk::Extension { value: *value },
            (Chunk::Size { value, digits: digits @ 0..16 }, byte) => {
                let digit = char::from(byte).to_digit(16).ok_or(Violation)?;
                Chunk::Size { value: (value << 4) | u64::from(digit), digits: digits + 1 }
            }
            (Chunk::Extension { value }, byte) if byte != b'\n' => Chunk::Extension { value: *value },
            (Chunk::SizeLf { value: 0 }, b'\n') => Chunk::Trailer { empty: true },
            (Chunk::SizeLf { value }, b'\n') => Chunk::Data(*value),
            (Chunk::DataCr, b'\r') => Chunk::DataLf,
            (Chunk::DataLf, b'\n') => Chunk::Size { value: 0, digits: 0 },
            (Chunk::Trailer { empty }, b'\r') => Chunk::TrailerLf { empty: *empty },
            (Chunk::Trailer { .. }, byte) if byte != b'\n' => Chunk::Trailer { empty: false },
            (Chunk::TrailerLf { empty: true }, b'\n') => return Ok(None),
            (Chunk::TrailerLf { empty: false }, b'\n') => Chunk::Trailer { empty: true },
            _ => return Err(Violation),
        };
        Ok(Some(next))
    }
}

/// Only digits, and a number that fits: `+5`, `5, 5` and 20 digits are not lengths.
fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the violation is, if any, and how many heads ended; the same however the bytes are cut up.
    fn inspect(bytes: &[u8]) -> (Option<usize>, u64) {
        let mut whole = Inspector::new();
        let found = whole.inspect(bytes);
        let mut single = Inspector::new();
        let one_by_one = (0..bytes.len()).find(|at| single.inspect(&bytes[*at..=*at]).is_some());
        assert_eq!(
            (found, whole.heads()),
            (one_by_one, single.heads()),
            "{:?}",
            String::from_utf8_lossy(bytes)
        );
        (found, whole.heads())
    }

    #[test]
    fn ordinary_traffic_passes() {
        for (bytes, heads) in [
            (&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..], 1),
            (b"\r\n\r\nGET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", 2),
            (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n\n\n\nGET / HTTP/1.1\r\n\r\n", 2),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\n\n\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n", 2),
            (b"POST / HTTP/1.1\r\ntransfer-encoding: CHUNKED\r\n\r\na \r\n0123456789\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\n\r\n", 2),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\n\n\n\0\0", 1),
        ] {
            assert_eq!(inspect(bytes), (None, heads), "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_two_parsers_may_read_differently_is_found() {
        for head in [
            "GET / HTTP/1.1\nHost: a\n\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length : 5\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n",
            "POST / HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhellooo\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n",
        ] {
            assert!(inspect(head.as_bytes()).0.is_some(), "{head:?} passed");
        }
    }

    #[test]
    fn a_second_request_is_looked_at_too() {
        let (found, heads) = inspect(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\n\n");
        assert!(found.is_some());
        assert_eq!(heads, 1);
    }
}
