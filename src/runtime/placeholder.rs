//! The placeholders of a command: `{main}` and its like, found the same way by the checks and by the expansion.
//!
//! `${name}` is a shell's and stays as it is, and so does a brace with anything but a name in it.

/// What stands for something in a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    Main,
    Files,
    Module,
    Stem,
    Out,
    Args,
}

/// A part of an argument.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Kept as it is.
    Text(&'a str),
    /// Replaced.
    Placeholder(Placeholder),
    /// Looks like a placeholder and is none: the name between the braces.
    Unknown(&'a str),
}

impl Placeholder {
    pub(super) const ALL: [Self; 6] =
        [Self::Main, Self::Files, Self::Module, Self::Stem, Self::Out, Self::Args];

    /// The name between the braces.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Files => "files",
            Self::Module => "module",
            Self::Stem => "stem",
            Self::Out => "out",
            Self::Args => "args",
        }
    }

    /// Whether it becomes any number of arguments, so that it must be one by itself.
    pub(super) fn stands_alone(self) -> bool {
        match self {
            Self::Files | Self::Args => true,
            Self::Main | Self::Module | Self::Stem | Self::Out => false,
        }
    }
}

/// Takes an argument apart. The pieces' texts, put together, are the argument.
pub(super) fn pieces(argument: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut text_from = 0;
    for (at, _) in argument.match_indices('{') {
        let Some(name) = name_at(argument, at) else { continue };
        let piece = Placeholder::ALL.into_iter().find(|placeholder| placeholder.name() == name);
        if text_from < at {
            pieces.push(Piece::Text(&argument[text_from..at]));
        }
        pieces.push(piece.map_or(Piece::Unknown(name), Piece::Placeholder));
        text_from = at + name.len() + 2;
    }
    if text_from < argument.len() {
        pieces.push(Piece::Text(&argument[text_from..]));
    }
    pieces
}

/// The name in the braces that open at `at`.
fn name_at(argument: &str, at: usize) -> Option<&str> {
    if argument[..at].ends_with('$') {
        return None;
    }
    let inside = &argument[at + 1..];
    let name = &inside[..inside.find('}')?];
    let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
    (letters && name.starts_with(|first: char| first.is_ascii_alphabetic())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_taken_apart() {
        use Piece::{Placeholder as P, Text, Unknown};
        let table = [
            ("{main}", vec![P(Placeholder::Main)]),
            (
                "-out:{out}/{stem}.x",
                vec![Text("-out:"), P(Placeholder::Out), Text("/"), P(Placeholder::Stem), Text(".x")],
            ),
            ("{mian}", vec![Unknown("mian")]),
            ("{{main}}", vec![Text("{"), P(Placeholder::Main), Text("}")]),
            ("${main} ${root%/*}", vec![Text("${main} ${root%/*}")]),
            ("f() { ls; }; {}", vec![Text("f() { ls; }; {}")]),
            ("{\"main\": 1}", vec![Text("{\"main\": 1}")]),
            ("{main", vec![Text("{main")]),
            ("", vec![]),
        ];
        for (argument, expected) in table {
            assert_eq!(pieces(argument), expected, "{argument}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_of_an_argument_is_lost(argument in "[{}$a-z -]{0,40}") {
            let again: String = pieces(&argument).iter().map(|piece| match piece {
                Piece::Text(text) => (*text).to_owned(),
                Piece::Placeholder(placeholder) => format!("{{{}}}", placeholder.name()),
                Piece::Unknown(name) => format!("{{{name}}}"),
            }).collect();
            proptest::prop_assert_eq!(again, argument);
        }
    }
}
