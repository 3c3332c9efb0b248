//! "Did you mean": the known word that a mistyped one is nearest to.

/// Words longer than this are not compared: they come from outside and cost time.
const MAX_CHARS: usize = 64;

/// The nearest of `known`, when it is near enough to be what was meant. Case does not matter.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > MAX_CHARS * 4 || word.chars().nth(MAX_CHARS).is_some() {
        return None;
    }
    let word = word.to_lowercase();
    known
        .into_iter()
        .filter_map(|candidate| Some((distance(&word, &candidate.to_lowercase())?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How far apart two words are, if one can be meant by the other: an edit for about each three letters, or they begin alike.
fn distance(word: &str, candidate: &str) -> Option<usize> {
    let edits = strsim::damerau_levenshtein(word, candidate);
    let longer = word.chars().count().max(candidate.chars().count());
    let shared = word.chars().zip(candidate.chars()).take_while(|(one, other)| one == other).count();
    let shorter = word.chars().count().min(candidate.chars().count());
    let alike = shared >= 3 && shared == shorter || shared >= 4 && shared * 2 >= longer;
    (edits <= longer.div_ceil(3) && edits < longer || alike).then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_or_none() {
        let known = ["command", "compile", "run", "env", "extensions", "file", "files"];
        let table = [
            ("comand", Some("command")),
            ("Command", Some("command")),
            ("complie", Some("compile")),
            ("rum", Some("run")),
            ("extension", Some("extensions")),
            ("ext", Some("extensions")),
            ("environment", Some("env")),
            ("file", Some("file")),
            ("compiler", Some("compile")),
            ("compilation", Some("compile")),
            ("zebra", None),
            ("x", None),
            ("", None),
        ];
        for (word, expected) in table {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }

    #[test]
    fn an_enormous_word_is_not_compared() {
        assert_eq!(nearest(&"command".repeat(100_000), ["command"]), None);
    }
}
