//! The repository's own definitions, its README and its schema.

use super::super::schema;
use super::*;

fn runtimes() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runtimes")
}

#[test]
fn every_definition_of_the_repository_holds() {
    let all = load::load_all(&[runtimes()]).unwrap();
    let broken: Vec<String> =
        all.iter().filter_map(|each| each.as_ref().err()).map(ToString::to_string).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
}

#[test]
fn the_readmes_definition_holds() {
    let readme = fs::read_to_string(runtimes().join("README.md")).unwrap();
    let (_, after) = readme.split_once("```yaml\n").unwrap();
    let (definition, _) = after.split_once("```").unwrap();
    assert_eq!(said_of(definition), "it holds");
}

#[test]
fn the_committed_schema_is_fresh() {
    let path = runtimes().join("schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, schema::schema()).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == schema::schema(), "stale: run `polyground schema > runtimes/schema.json`");
}

#[test]
fn the_schema_is_one_and_takes_what_we_take() {
    let schema = serde_json::from_str(&schema::schema()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut definitions = vec![EXAMPLE.to_owned()];
    for entry in fs::read_dir(runtimes()).unwrap() {
        definitions.extend(fs::read_to_string(entry.unwrap().path().join(load::FILE_NAME)));
    }
    for definition in definitions {
        let value = serde_yaml::from_str(&definition).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in\n{definition}");
    }
}

#[test]
fn the_schema_refuses_what_we_refuse() {
    let schema = serde_json::from_str(&schema::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let changes = [
        ("\"5.4\"", "5.4"),
        ("name: Lua", "nmae: Lua"),
        ("wall: 10s", "wall: 10"),
        ("processes: 64", "processes: 0"),
        ("mode: lua", "mode: luaa"),
        ("network: none", "network: host"),
        ("image: {build: .}", "image: {}"),
        ("pool: {min: 1, max: 4}", "pool:"),
        ("{LUA_INIT: \"\"}", "{LUA-INIT: \"\"}"),
    ];
    for change in changes {
        let value = serde_yaml::from_str(&edited(&[change])).unwrap();
        assert!(!validator.is_valid(&value), "{change:?}");
    }
}

#[test]
fn every_property_of_the_schema_is_explained() {
    fn check(value: &serde_json::Value, bare: &mut Vec<String>) {
        if let Some(properties) = value["properties"].as_object() {
            for (key, property) in properties {
                if !["title", "description", "examples"].iter().all(|word| property.get(word).is_some()) {
                    bare.push(key.clone());
                }
            }
        }
        value.as_object().into_iter().flat_map(|keys| keys.values()).for_each(|value| check(value, bare));
    }
    let mut bare = Vec::new();
    check(schema::value(), &mut bare);
    assert_eq!(bare, Vec::<String>::new());
}
