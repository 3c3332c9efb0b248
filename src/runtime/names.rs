//! From what callers say to runtimes: a language by name or alias, a language by a file's ending.

use super::Runtime;
use super::expand::{ending, is_source};
use super::problem::{listed, quoted};
use super::suggest;

/// A name that no runtime has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a language here{}; there are {}", quoted(.name), did_you_mean(.nearest), listed(.known))]
pub struct UnknownLanguage {
    /// As the caller wrote it.
    pub name: String,
    /// The language that was probably meant.
    pub nearest: Option<String>,
    /// All languages, sorted.
    pub known: Vec<String>,
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|nearest| format!(" (did you mean `{nearest}`?)")).unwrap_or_default()
}

/// All runtimes of the language with this name or alias, in any case and with spaces around it; at least one.
///
/// # Errors
/// No runtime has the name.
pub fn find<'a>(
    runtimes: impl IntoIterator<Item = &'a Runtime>,
    name: &str,
) -> Result<Vec<&'a Runtime>, UnknownLanguage> {
    let runtimes: Vec<&Runtime> = runtimes.into_iter().collect();
    let wanted = name.trim().to_lowercase();
    // A language's own name goes before another's alias, should they ever meet.
    let language = runtimes
        .iter()
        .find(|runtime| runtime.language == wanted)
        .or_else(|| runtimes.iter().find(|runtime| runtime.aliases.contains(&wanted)))
        .map(|runtime| &runtime.language);
    match language {
        Some(language) => {
            Ok(runtimes.iter().copied().filter(|runtime| runtime.language == *language).collect())
        }
        None => Err(unknown(&runtimes, name)),
    }
}

fn unknown(runtimes: &[&Runtime], name: &str) -> UnknownLanguage {
    let mut known: Vec<String> = runtimes.iter().map(|runtime| runtime.language.clone()).collect();
    known.sort();
    known.dedup();
    let names: Vec<(&str, &Runtime)> = runtimes
        .iter()
        .flat_map(|runtime| {
            [&runtime.language].into_iter().chain(&runtime.aliases).map(|name| (name.as_str(), *runtime))
        })
        .collect();
    let nearest = suggest::nearest(name.trim(), names.iter().map(|(name, _)| *name));
    let nearest = names.iter().find(|(name, _)| Some(*name) == nearest);
    UnknownLanguage {
        name: name.to_owned(),
        nearest: nearest.map(|(_, runtime)| runtime.language.clone()),
        known,
    }
}

/// The languages that a file may be of, by its ending, sorted: to the letter where one fits so, else in any case.
pub fn guess<'a>(runtimes: impl IntoIterator<Item = &'a Runtime>, file_name: &str) -> Vec<&'a str> {
    let runtimes: Vec<&Runtime> = runtimes.into_iter().collect();
    let languages = |fits: &dyn Fn(&Runtime) -> bool| {
        let fitting = runtimes.iter().filter(|runtime| fits(runtime));
        let mut languages: Vec<&str> = fitting.map(|runtime| runtime.language.as_str()).collect();
        languages.sort_unstable();
        languages.dedup();
        languages
    };
    let exact = languages(&|runtime| is_source(file_name, &runtime.extensions));
    if !exact.is_empty() {
        return exact;
    }
    let Some(ending) = ending(file_name) else { return Vec::new() };
    languages(&|runtime| runtime.extensions.iter().any(|extension| extension.eq_ignore_ascii_case(ending)))
}

#[cfg(test)]
mod tests {
    use super::super::load::Image;
    use super::super::resolve::resolve;
    use super::super::schema::EXAMPLE;
    use super::*;

    fn runtime(id: &str, language: &str, aliases: &[&str], extensions: &[&str]) -> Runtime {
        let definition = serde_yaml::from_str(EXAMPLE).unwrap();
        let strings = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Runtime {
            language: language.to_owned(),
            aliases: strings(aliases),
            extensions: strings(extensions),
            ..resolve(
                definition,
                "x".as_ref(),
                &Image { folder: "x".as_ref(), of: id },
                id.to_owned(),
                String::new(),
            )
            .unwrap()
        }
    }

    fn runtimes() -> Vec<Runtime> {
        vec![
            runtime("c++-14", "c++", &["cpp"], &["cpp", "C", "h"]),
            runtime("c-14", "c", &[], &["c", "h"]),
            runtime("lua-5.3", "lua", &["lua5"], &["lua"]),
            runtime("lua-5.4", "lua", &["lua5"], &["lua"]),
        ]
    }

    fn ids(name: &str) -> Vec<String> {
        find(&runtimes(), name).unwrap().iter().map(|runtime| runtime.id.clone()).collect()
    }

    #[test]
    fn a_language_is_found_by_name_or_alias_in_any_case() {
        for name in ["lua", "LUA", " Lua5 "] {
            assert_eq!(ids(name), ["lua-5.3", "lua-5.4"], "{name}");
        }
        assert_eq!(ids("C++"), ["c++-14"]);
        assert_eq!(ids("c"), ["c-14"]);
    }

    #[test]
    fn an_unknown_language_is_answered_with_the_known_ones() {
        let message = |name: &str| find(&runtimes(), name).unwrap_err().to_string();
        insta::assert_snapshot!(message("luaa"), @"`luaa` is not a language here (did you mean `lua`?); there are `c`, `c++` and `lua`");
        insta::assert_snapshot!(message("cobol"), @"`cobol` is not a language here; there are `c`, `c++` and `lua`");
        insta::assert_snapshot!(message(""), @"`` is not a language here; there are `c`, `c++` and `lua`");
    }

    #[test]
    fn a_files_ending_tells_its_languages() {
        let runtimes = runtimes();
        let table: [(&str, &[&str]); 7] = [
            ("src/main.lua", &["lua"]),
            ("main.LUA", &["lua"]),
            ("x.c", &["c"]),
            ("x.C", &["c++"]),
            ("x.h", &["c", "c++"]),
            ("Makefile", &[]),
            (".lua", &[]),
        ];
        for (file, expected) in table {
            assert_eq!(guess(&runtimes, file), expected, "{file}");
        }
    }
}
