//! What holds, setting by setting, under the names of the file. Passwords are left out.

use std::{path::Path, time::Duration};

use bytesize::ByteSize;
use clap::ValueEnum;
use toml::Value;

use super::{EngineConfig, Open, ServeConfig};
use crate::access::Anonymous;

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its key in the file.
    pub key: &'static str,
    /// What holds; `None`: nothing, and the help says what that means.
    pub value: Option<Value>,
}

/// Every setting, in the order in which help shows them.
pub fn settings(engine: &EngineConfig, serve: &ServeConfig) -> Vec<Setting> {
    let ServeConfig { queue, pool, access, .. } = serve;
    let rules = &access.rules;
    let text = |text: &Option<String>| text.clone().map(Value::String);
    let some = |key, value| Setting { key, value: Some(value) };
    let maybe = |key, value| Setting { key, value };
    vec![
        some("engine", word(engine.engine)),
        maybe("docker_host", text(&engine.docker_host)),
        some("runtimes", list(engine.runtimes.iter().map(|folder| path(folder)))),
        some("isolation", word(engine.isolation)),
        some("warm", word(engine.warm)),
        maybe("require_isolation", engine.required.map(word)),
        maybe("apparmor_profile", text(&engine.apparmor_profile)),
        maybe("oci_runtime", text(&engine.oci_runtime)),
        some("cell_link", word(engine.cell_link)),
        some("data", path(&engine.data)),
        some("listen", Value::String(serve.listen.to_string())),
        some("database", Value::String(serve.database.to_string())),
        maybe("database_file", None),
        some("max_running", number(queue.running)),
        some("max_waiting", number(queue.waiting)),
        some("max_waiting_of_one", number(queue.waiting_of_one)),
        some("queue_timeout", seconds(queue.longest_wait)),
        some("max_interactive", number(queue.interactive.most)),
        some("interactive_time", seconds(queue.interactive.time)),
        some("interactive_idle", seconds(queue.interactive.idle)),
        some("max_cells", number(pool.max_cells)),
        some("max_memory", size(pool.memory_bytes)),
        some("idle_timeout", seconds(pool.idle_timeout)),
        some("drain_timeout", seconds(serve.drain_timeout)),
        maybe("log_format", serve.log_format.map(word)),
        some("metrics", word(serve.metrics)),
        maybe("otlp_endpoint", text(&serve.otlp_endpoint)),
        some("anonymous", list(open(rules.anonymous).map(word))),
        some("rate", Value::Integer(rules.rate.map_or(0, |rate| i64::from(rate.get())))),
        some("trusted_proxies", list(access.trusted_proxies.iter().cloned().map(Value::String))),
        some("cors_origins", list(access.cors_origins.iter().cloned().map(Value::String))),
        some("max_connections", number(access.connections)),
        some("max_connections_of_one", number(access.connections_of_one)),
    ]
}

fn word(choice: impl ValueEnum) -> Value {
    Value::String(choice.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned()))
}

fn list(values: impl Iterator<Item = Value>) -> Value {
    Value::Array(values.collect())
}

fn path(path: &Path) -> Value {
    Value::String(path.display().to_string())
}

fn number(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn seconds(duration: Duration) -> Value {
    Value::Integer(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

/// To a whole unit where it is one, else in bytes: what is shown means the same when it is read.
fn size(bytes: u64) -> Value {
    let units = [("GiB", ByteSize::gib(1)), ("MiB", ByteSize::mib(1))];
    let whole = units.into_iter().find(|(_, unit)| bytes.is_multiple_of(unit.as_u64()));
    Value::String(match whole {
        Some((name, unit)) => format!("{}{name}", bytes / unit.as_u64()),
        None => format!("{bytes}B"),
    })
}

fn open(anonymous: Anonymous) -> impl Iterator<Item = Open> {
    let Anonymous { run, snippets, links } = anonymous;
    let none = !run && !snippets && !links;
    let all = [(run, Open::Run), (snippets, Open::Snippets), (links, Open::Links), (none, Open::None)];
    all.into_iter().filter_map(|(is_open, what)| is_open.then_some(what))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;
    use crate::config::{EngineArgs, ServeArgs, keys, load};

    fn shown(text: &str) -> Vec<Setting> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.toml");
        fs::write(&file, text).unwrap();
        let (engine, serve) = load(Some(&file), EngineArgs::default(), ServeArgs::default()).unwrap();
        settings(&engine, &serve)
    }

    fn as_file(settings: &[Setting]) -> String {
        let lines = settings
            .iter()
            .filter_map(|setting| Some(format!("{} = {}", setting.key, setting.value.as_ref()?)));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_key_is_shown_once() {
        let shown: Vec<_> = shown("").into_iter().map(|setting| setting.key.to_owned()).collect();
        assert_eq!(shown.iter().cloned().collect::<BTreeSet<_>>(), keys());
        assert_eq!(shown.len(), keys().len());
    }

    #[test]
    fn what_is_shown_means_the_same_when_it_is_read() {
        let text = "engine = 'local'\nmax_memory = '3GiB'\nanonymous = ['links', 'run']\nrate = 7\nwarm = 'always'\n\
                    trusted_proxies = ['10.0.0.0/8', '192.0.2.1']\nlog_format = 'json'\nrequire_isolation = 'single-use'";
        for text in [text, ""] {
            let first = shown(text);
            assert_eq!(shown(&as_file(&first)), first);
        }
    }

    #[test]
    fn no_password_is_shown() {
        let text = as_file(&shown("database = 'postgres://me:secret@db/x?password=secret'"));
        assert!(text.contains("postgres://me@db/x") && !text.contains("secret"), "{text}");
    }

    fn shipped(path: &str) -> String {
        fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
    }

    #[test]
    fn the_file_that_is_shipped_has_every_setting_with_its_default() {
        let text = shipped("deploy/polyground.toml");
        let sets = |line: &&str| line.split_once(" = ").is_some_and(|(key, _)| keys().contains(key));
        let lines: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# ")).filter(sets).collect();
        let example: toml::Table = toml::from_str(&lines.join("\n")).unwrap();
        assert_eq!(example.keys().cloned().collect::<BTreeSet<_>>(), keys());
        // That too can be read as a whole.
        let alone = lines.iter().filter(|line| !line.starts_with("database_file")).copied();
        shown(&alone.collect::<Vec<_>>().join("\n"));
        // It depends on the machine how many run in how much memory.
        let of_machine = ["max_running", "max_memory"];
        for Setting { key, value } in
            shown("").into_iter().filter(|setting| !of_machine.contains(&setting.key))
        {
            assert!(
                value.is_none() || value.as_ref() == example.get(key),
                "{key}: {value:?}, shipped as {:?}",
                example.get(key)
            );
        }
    }

    #[test]
    fn the_documentation_names_every_setting() {
        let text = shipped("docs/configuration.md");
        let missing: Vec<_> = keys().into_iter().filter(|key| !text.contains(&format!("`{key}`"))).collect();
        assert_eq!(missing, [""; 0]);
    }
}
