//! Definitions that nobody would write: changed ones, arbitrary ones, ones made to be slow. None may panic, take long, or
//! be told of at a place that is not there. `PROPTEST_CASES` says how many.

use std::fmt::Write;
use std::time::{Duration, Instant};

use proptest::{collection::vec, prelude::*, sample::Index, sample::select};

use super::*;

/// How long any definition may take, in a debug build on a machine with other work. Most take milliseconds.
const LONGEST: Duration = Duration::from_secs(10);

/// The repository's own definitions and the example.
fn real() -> &'static [String] {
    static REAL: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        let runtimes = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtimes");
        let folders = fs::read_dir(runtimes).unwrap().map(|entry| entry.unwrap().path());
        let mut texts: Vec<String> =
            folders.filter_map(|folder| fs::read_to_string(folder.join(load::FILE_NAME)).ok()).collect();
        assert!(texts.len() > 5, "only {} definitions", texts.len());
        texts.sort();
        texts.push(EXAMPLE.to_owned());
        texts
    });
    &REAL
}

/// Loads a definition and checks what is said of it. Gives whether it holds.
fn told(definition: &[u8]) -> Result<bool, TestCaseError> {
    let begun = Instant::now();
    let loaded = load(definition);
    let took = begun.elapsed();
    prop_assert!(took < LONGEST, "took {:?}", took);
    let Err(broken) = loaded else { return Ok(true) };
    prop_assert!(!broken.problems.is_empty());
    let text = String::from_utf8_lossy(definition);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines: Vec<&str> = text.split('\n').collect();
    for problem in &broken.problems {
        prop_assert!(!problem.message.trim().is_empty());
        prop_assert!(problem.file.starts_with("lua-5.4"), "{:?}", problem.file);
        prop_assert!(problem.line > 0 || problem.frame.is_none());
        prop_assert_eq!(problem.line == 0, problem.column == 0);
        if problem.line > 0 {
            let line = lines.get(problem.line - 1).map(|line| line.chars().count());
            prop_assert!(line.is_some(), "line {} of {}: {}", problem.line, lines.len(), problem.message);
            prop_assert!(problem.column <= line.unwrap_or_default() + 1, "{}", problem.headline());
        }
        let headline = problem.headline();
        prop_assert!(!headline.contains(char::is_control), "{:?}", headline);
        prop_assert!(headline.len() < 4000, "{}", headline);
    }
    let report = broken.report();
    prop_assert!(!report.contains(|letter: char| letter.is_control() && letter != '\n'), "{:?}", report);
    Ok(false)
}

/// Something that happens to a text.
#[derive(Debug, Clone)]
enum Change {
    RemoveLine(Index),
    RepeatLine(Index, Index),
    Indent(Index, usize),
    Value(Index, String),
    Insert(Index, String),
    Bytes(Index, Vec<u8>),
    Cut(Index),
    Join(Index),
}

/// Texts that mean something to YAML, or to what reads it.
fn snippet() -> impl Strategy<Value = String> {
    let known = select(vec![
        "&a",
        "*a",
        "*b",
        "<<: *a",
        "!!str",
        "!x",
        "---",
        "...",
        "%YAML 1.2",
        "{",
        "}",
        "[",
        "]",
        "{}",
        "[]",
        "|",
        ">-",
        "\"",
        "'",
        "# x",
        ": ",
        "- ",
        "? ",
        ",",
        "\t",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\0",
        "~",
        "null",
        "true",
        "3.10",
        "1e999",
        "-1",
        "99999999999999999999999s",
        "18446744073709551616",
        "9223372036854775807GiB",
        "0x7f",
        ".inf",
        "NaN",
        "{main}",
        "{args...}",
        "{{",
        "{x",
        "..",
        "/",
        "\\",
        "(?P<",
        "(a*)*b",
        "[[:alpha:]",
        "(x{1000}){1000}",
        "é",
        "日本",
        "language: x",
        "version: \"1\"",
        "samples:",
        "image: {ref: x}",
    ]);
    prop_oneof![
        6 => known.prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[0-9]{1,40}[a-zA-Z]{0,4}",
        1 => ("[\\[{(\"*&a: -]", 1..200_usize).prop_map(|(text, times)| text.repeat(times)),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        2 => at().prop_map(Change::RemoveLine),
        2 => (at(), at()).prop_map(|(from, to)| Change::RepeatLine(from, to)),
        1 => (at(), 0..9_usize).prop_map(|(line, spaces)| Change::Indent(line, spaces)),
        4 => (at(), snippet()).prop_map(|(line, text)| Change::Value(line, text)),
        2 => (at(), snippet()).prop_map(|(place, text)| Change::Insert(place, text)),
        1 => (at(), vec(any::<u8>(), 1..4)).prop_map(|(place, bytes)| Change::Bytes(place, bytes)),
        1 => at().prop_map(Change::Cut),
        1 => at().prop_map(Change::Join),
    ]
}

fn changed(text: &str, changes: &[Change]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for change in changes {
        let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let count = lines.len();
        let place = |at: &Index| at.index(bytes.len() + 1);
        match change {
            Change::RemoveLine(at) => drop(lines.remove(at.index(count))),
            Change::RepeatLine(from, to) => lines.insert(to.index(count), lines[from.index(count)].clone()),
            Change::Indent(at, spaces) => {
                let line = &mut lines[at.index(count)];
                let text = line.trim_ascii_start().to_vec();
                *line = [" ".repeat(*spaces).into_bytes(), text].concat();
            }
            Change::Value(at, value) => {
                let line = &mut lines[at.index(count)];
                let end = line.iter().position(|byte| *byte == b':').map_or(0, |colon| colon + 1);
                line.truncate(end);
                line.extend_from_slice(format!(" {value}").as_bytes());
            }
            Change::Join(at) if count > 1 => {
                let at = at.index(count - 1);
                let next = lines.remove(at + 1);
                lines[at].extend(next);
            }
            Change::Join(_) => {}
            Change::Insert(at, text) => {
                bytes.splice(place(at)..place(at), text.bytes());
                continue;
            }
            Change::Bytes(at, more) => {
                let at = place(at);
                bytes.splice(at..at, more.iter().copied());
                continue;
            }
            Change::Cut(at) => {
                bytes.truncate(place(at));
                continue;
            }
        }
        bytes = lines.join(&b'\n');
    }
    bytes
}

proptest! {
    // Each case has a folder of its own and a whole load.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 2))]

    #[test]
    fn changed_definitions_are_told_at_their_place(
        text in select(real()),
        changes in vec(change(), 1..6),
    ) {
        told(&changed(&text, &changes))?;
    }

    #[test]
    fn arbitrary_texts_are_told_at_their_place(parts in vec((snippet(), select(vec!["\n", " ", ": ", "\n  ", ""])), 0..40)) {
        let text: String = parts.into_iter().flat_map(|(text, end)| [text, end.to_owned()]).collect();
        told(text.as_bytes())?;
    }

    #[test]
    fn arbitrary_bytes_are_told_at_their_place(bytes in vec(any::<u8>(), 0..300)) {
        told(&bytes)?;
    }
}

/// Definitions of the largest size, made to take long.
#[test]
fn what_is_made_to_be_slow_is_told_soon() {
    const BYTES: usize = 1 << 20;
    let filled = |unit: &str| unit.repeat(BYTES / unit.len());
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let inner = format!("*a{}", level - 1);
        writeln!(bomb, "a{level}: &a{level} [{}]", [inner.as_str(); 9].join(", ")).unwrap();
    }
    let numbered = |line: &str| (0..9000).map(|n| line.replace('#', &n.to_string())).collect::<String>();
    let with = |more: &str| format!("{EXAMPLE}\n{more}");
    let cases = [
        ("aliases of aliases", bomb.clone()),
        ("aliases of aliases in a definition", with(&bomb)),
        ("an alias in what it names", "a: &a [*a]".to_owned()),
        ("lists in lists", filled("[")),
        ("mappings in mappings", filled("{a: ")),
        ("lists in lists, by lines", (0..1400).map(|n| format!("{}-\n", " ".repeat(n))).collect()),
        ("one long key", filled("a")),
        ("one long text", format!("name: \"{}\"", filled("é"))),
        ("one key, often", filled("a: b\n")),
        ("one key, often, on long lines", (0..9000).map(|_| format!("a: {}\n", "x".repeat(100))).collect()),
        ("one key, often, on one line", format!("{{{}}}", "a: b, ".repeat(9000))),
        ("unknown keys", numbered("key#: value\n")),
        ("unknown keys in a definition", with(&numbered("key#: value\n"))),
        ("unknown keys on one line", format!("{{{}}}", numbered("key#: value, "))),
        ("wrong tags", numbered("key#: !x value\n")),
        ("tags", filled("! ")),
        ("quotes", filled("\"")),
        ("comments", filled("#\n")),
        ("colons", filled(": ")),
        ("question marks", filled("? ")),
        ("anchors", numbered("key#: &anchor# x\n")),
        ("documents", filled("---\n")),
        ("tabs", filled("\t")),
        ("empty lines", filled("\n")),
        ("NUL", filled("\0")),
        ("an unending text", format!("a: |\n{}", filled(" x\n"))),
        (
            "a large pattern",
            edited(&[("wall: 10s", "wall: 10s\nout_of_memory: \"(((x{100}){100}){100}){100}\"")]),
        ),
    ];
    for (name, text) in cases {
        let text = &text[..text.floor_char_boundary(BYTES)];
        let holds = told(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!holds, "{name} holds");
    }
}
