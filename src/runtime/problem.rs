//! A problem of a definition, shown the way a compiler would: where it is, the line itself, what would be right.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};

use unicode_width::UnicodeWidthChar;

/// Columns of a source line that a frame shows; longer lines are cut around the mark.
const FRAME_COLUMNS: usize = 100;
/// Problems after which a look at a definition stops: a file of nothing but mistakes must not cost its size squared.
pub(super) const MOST_PROBLEMS: usize = 100;
/// Characters of a text that a message quotes.
const QUOTED_CHARS: usize = 60;

/// Something wrong in one file of a runtime's folder. `{}` prints it with its frame over several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file (or the folder, when it is about the whole).
    pub file: PathBuf,
    /// Counted from 1; 0 when the problem is about the whole file.
    pub line: usize,
    /// Characters, counted from 1; 0 when the problem is about the whole file.
    pub column: usize,
    /// What is wrong, in one sentence without its end.
    pub message: String,
    /// What would be right. May have several lines.
    pub help: Option<String>,
    /// The line that it is about.
    pub frame: Option<Box<Frame>>,
}

/// A line of a file with a mark under some of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The line, fit for a terminal: tabs and control characters replaced, cut when long.
    pub source: String,
    /// Terminal columns before the mark.
    pub start: usize,
    /// Terminal columns of the mark, at least 1.
    pub width: usize,
    /// A few words beside the mark.
    pub label: Option<String>,
}

impl Problem {
    /// A problem of a file or folder as a whole.
    pub fn of_file(file: &Path, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { file: file.to_owned(), line: 0, column: 0, message, help: None, frame: None }
    }

    /// The same problem, with a hint at what would be right.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem, with a few words beside the mark; as help where there is no frame.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        match (&mut self.frame, &mut self.help) {
            (Some(frame), _) => frame.label = Some(label.into()),
            (None, Some(help)) => *help = format!("{}\n{help}", label.into()),
            (None, help) => *help = Some(label.into()),
        }
        self
    }

    /// In one line, for logs and listings: `runtimes/x/runtime.yaml:3:10: message`.
    pub fn headline(&self) -> String {
        format!("{}: {}", self.place(), self.message)
    }

    /// For a terminal with colours.
    pub fn coloured(&self) -> impl Display + '_ {
        Painted { problem: self, palette: COLOURS }
    }

    fn place(&self) -> String {
        let file = self.file.display();
        if self.line == 0 { file.to_string() } else { format!("{file}:{}:{}", self.line, self.column) }
    }
}

impl Display for Problem {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        Painted { problem: self, palette: PLAIN }.fmt(out)
    }
}

impl Frame {
    /// A frame around `line`, its mark from character `start` over `width` characters.
    pub fn new(line: &str, start: usize, width: usize) -> Self {
        let mut cells: Vec<(char, usize)> = line.chars().map(visible).collect();
        let mut start = start.min(cells.len());
        let mut end = (start + width).clamp(start, cells.len());
        let (mut before, mut after) = ("", "");
        if cells.iter().map(|(_, columns)| columns).sum::<usize>() > FRAME_COLUMNS {
            let first = start.saturating_sub(FRAME_COLUMNS / 3);
            let mut columns = 0;
            let shown = cells[first..].iter().take_while(|(_, wide)| {
                columns += wide;
                columns <= FRAME_COLUMNS
            });
            let last = first + shown.count();
            (before, after) = (if first > 0 { "…" } else { "" }, if last < cells.len() { "…" } else { "" });
            cells = cells[first..last].to_vec();
            (start, end) = (start - first, end.min(last) - first);
        }
        let columns = |cells: &[(char, usize)]| cells.iter().map(|(_, columns)| columns).sum::<usize>();
        let shown: String = cells.iter().map(|(letter, _)| letter).collect();
        Self {
            source: format!("{before}{}{after}", shown.trim_end()),
            start: before.chars().count() + columns(&cells[..start]),
            width: columns(&cells[start..end]).max(1),
            label: None,
        }
    }
}

/// A character as a frame shows it, and its columns.
fn visible(letter: char) -> (char, usize) {
    match (letter, letter.width()) {
        ('\t', _) => (' ', 1),
        (_, None) => ('\u{fffd}', 1),
        (letter, Some(columns)) => (letter, columns),
    }
}

/// `text` between backticks, for messages: cut when long, control characters escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTED_CHARS).flat_map(escaped).collect();
    if text.chars().nth(QUOTED_CHARS).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

fn escaped(letter: char) -> Vec<char> {
    if letter.is_control() { letter.escape_default().collect() } else { vec![letter] }
}

/// `` `a`, `b` and `c` ``.
pub(super) fn listed<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| quoted(word.as_ref())).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// How the parts of a problem are painted: escape sequences, or nothing.
#[derive(Clone, Copy)]
struct Palette {
    error: &'static str,
    rule: &'static str,
    bold: &'static str,
    end: &'static str,
}

const PLAIN: Palette = Palette { error: "", rule: "", bold: "", end: "" };
const COLOURS: Palette = Palette { error: "\x1b[1;31m", rule: "\x1b[1;34m", bold: "\x1b[1m", end: "\x1b[0m" };

struct Painted<'a> {
    problem: &'a Problem,
    palette: Palette,
}

impl Display for Painted<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Problem { message, line, help, frame, .. } = self.problem;
        let Palette { error, rule, bold, end } = self.palette;
        let number = if frame.is_some() { line.to_string() } else { String::new() };
        let gutter = " ".repeat(number.len().max(1));

        write!(out, "{error}error{end}{bold}: {message}{end}")?;
        write!(out, "\n{gutter}{rule}-->{end} {}", self.problem.place())?;
        if let Some(frame) = frame {
            let Frame { source, start, width, label } = &**frame;
            let gap = " ".repeat(*start);
            let mark = "^".repeat(*width);
            let label = label.as_ref().map(|label| format!(" {label}")).unwrap_or_default();
            write!(out, "\n{gutter} {rule}|{end}")?;
            write!(out, "\n{rule}{number} |{end} {source}")?;
            write!(out, "\n{gutter} {rule}|{end} {gap}{error}{mark}{label}{end}")?;
        }
        if let Some(help) = help {
            if frame.is_some() {
                write!(out, "\n{gutter} {rule}|{end}")?;
            }
            let help: Cow<'_, str> = help.replace('\n', &format!("\n{gutter}         ")).into();
            write!(out, "\n{gutter} {rule}={end} {bold}help{end}: {help}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str, start: usize, width: usize) -> Problem {
        Problem {
            line: 7,
            column: start + 1,
            frame: Some(Box::new(Frame::new(line, start, width))),
            ..Problem::of_file(Path::new("lua-5.4/runtime.yaml"), "this is wrong")
        }
    }

    #[test]
    fn the_mark_stands_under_its_text_after_tabs_and_wide_letters() {
        let shown = problem("\tname: 日本 {mian}", 10, 6).with_label("did you mean `{main}`?").to_string();
        insta::assert_snapshot!(shown, @r"
        error: this is wrong
         --> lua-5.4/runtime.yaml:7:11
          |
        7 |  name: 日本 {mian}
          |             ^^^^^^ did you mean `{main}`?
        ");
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let line = format!("{}WRONG{}", "a".repeat(300), "b".repeat(300));
        let frame = Frame::new(&line, 300, 5);
        assert!(frame.source.chars().count() <= FRAME_COLUMNS + 2, "{}", frame.source);
        let marked: String = frame.source.chars().skip(frame.start).take(frame.width).collect();
        assert_eq!(marked, "WRONG");
        assert!(frame.source.starts_with('…') && frame.source.ends_with('…'));
    }

    #[test]
    fn escape_sequences_in_a_definition_do_not_reach_the_terminal() {
        let frame = Frame::new("name: \x1b[31mred", 6, 1);
        assert!(!frame.source.contains('\x1b'));
        assert_eq!(quoted("a\x1b[0m"), "`a\\u{1b}[0m`");
    }

    #[test]
    fn several_lines_of_help_are_indented_alike() {
        let shown = problem("wall: 0s", 6, 2).with_help("first\nsecond").to_string();
        insta::assert_snapshot!(shown, @r"
        error: this is wrong
         --> lua-5.4/runtime.yaml:7:7
          |
        7 | wall: 0s
          |       ^^
          |
          = help: first
                  second
        ");
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let problem = problem("wall: 0s", 6, 2).with_label("label").with_help("help");
        let mut plain = problem.coloured().to_string();
        for sequence in [COLOURS.error, COLOURS.rule, COLOURS.bold, COLOURS.end] {
            plain = plain.replace(sequence, "");
        }
        assert_eq!(plain, problem.to_string());
    }

    #[test]
    fn a_headline_fits_a_log() {
        assert_eq!(problem("x", 0, 1).headline(), "lua-5.4/runtime.yaml:7:1: this is wrong");
        assert_eq!(Problem::of_file(Path::new("x"), "is no folder").headline(), "x: is no folder");
    }
}
