//! The text of a definition, and places in it.

use std::path::{Path, PathBuf};

use super::problem::{Frame, Problem};

/// A file's text.
#[derive(Debug)]
pub(super) struct Source {
    file: PathBuf,
    text: String,
}

/// A place in a [`Source`]: characters from `start` to before `end`, counted from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Source {
    /// Takes a file's bytes; a byte order mark at their beginning is no part of the text.
    ///
    /// # Errors
    /// Bytes that are not UTF-8, with the place of the first one.
    pub(super) fn new(file: &Path, bytes: &[u8]) -> Result<Self, Problem> {
        let file = file.to_owned();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { file, text: text.to_owned() }),
            Err(error) => {
                let start = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).chars().count();
                let lossy = Self { file, text: String::from_utf8_lossy(bytes).into_owned() };
                let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
                Err(lossy
                    .problem(Span { start, end: start + 1 }, "the file is not UTF-8 text")
                    .with_label(format!("byte 0x{byte:02x}"))
                    .with_help("save the file in the encoding UTF-8"))
            }
        }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A problem with what stands at `span`; the mark ends with the span's first line.
    pub(super) fn problem(&self, span: Span, message: impl Into<String>) -> Problem {
        let at = self.byte(span.start);
        let line_start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[line_start..].lines().next().unwrap_or_default();
        let before = self.text[line_start..at].chars().count();
        let rest = line.chars().skip(before).take(span.end.saturating_sub(span.start));
        let width = rest.collect::<String>().trim_end().chars().count().max(1);
        Problem {
            line: 1 + self.text[..line_start].matches('\n').count(),
            column: before + 1,
            frame: Some(Box::new(Frame::new(line, before, width))),
            ..Problem::of_file(&self.file, message)
        }
    }

    /// Where `fragment` stands in `span` the first time; the whole span when it is not there to the letter (because it is
    /// written with escapes).
    pub(super) fn find(&self, span: Span, fragment: &str) -> Span {
        let (from, to) = (self.byte(span.start), self.byte(span.end));
        match self.text.get(from..to).and_then(|text| text.find(fragment)) {
            Some(at) if !fragment.is_empty() => {
                let start = span.start + self.text[from..from + at].chars().count();
                Span { start, end: start + fragment.chars().count() }
            }
            _ => span,
        }
    }

    /// The characters of `span`.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.text.get(self.byte(span.start)..self.byte(span.end)).unwrap_or_default()
    }

    fn byte(&self, character: usize) -> usize {
        self.text.char_indices().nth(character).map_or(self.text.len(), |(byte, _)| byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(Path::new("x.yaml"), text.as_bytes()).unwrap()
    }

    #[test]
    fn places_are_counted_in_characters() {
        let source = source("a: ä\nb: äöü {x}\n");
        let all = Span { start: 0, end: 100 };
        let place = source.find(all, "{x}");
        let problem = source.problem(place, "wrong");
        assert_eq!((problem.line, problem.column), (2, 8));
        assert_eq!(source.slice(place), "{x}");
    }

    #[test]
    fn a_place_beyond_the_end_is_the_end() {
        let problem = source("a: b").problem(Span { start: 400, end: 900 }, "wrong");
        assert_eq!((problem.line, problem.column), (1, 5));
    }

    #[test]
    fn windows_line_ends_are_no_part_of_a_frame() {
        let problem = source("a: b\r\nc: d\r\n").problem(Span { start: 6, end: 11 }, "wrong");
        insta::assert_snapshot!(problem.to_string(), @r"
        error: wrong
         --> x.yaml:2:1
          |
        2 | c: d
          | ^^^^
        ");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_located() {
        let problem = Source::new(Path::new("x.yaml"), b"a: b\nname: Caf\xe9\n").unwrap_err();
        insta::assert_snapshot!(problem.to_string(), @r"
        error: the file is not UTF-8 text
         --> x.yaml:2:10
          |
        2 | name: Caf�
          |          ^ byte 0xe9
          |
          = help: save the file in the encoding UTF-8
        ");
    }

    #[test]
    fn a_byte_order_mark_is_left_out() {
        assert_eq!(Source::new(Path::new("x"), b"\xef\xbb\xbfa: b").unwrap().text(), "a: b");
    }
}
