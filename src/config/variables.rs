//! Environment variables that look like settings and are none.

use std::collections::BTreeSet;

use clap::{Args, Command};

use super::{EngineArgs, ServeArgs};

/// How the variables of settings begin.
const PREFIX: &str = "POLYGROUND_";

/// Every variable that sets something.
pub fn variables() -> BTreeSet<String> {
    let group = ServeArgs::augment_args(EngineArgs::augment_args(Command::new("settings")));
    let named = group.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    named.map(str::to_owned).chain(["POLYGROUND_CONFIG".to_owned()]).collect()
}

/// What to say of variables among `names` that set nothing. No errors: platforms put some of their own there, such as
/// Kubernetes the addresses of a service that is called polyground.
pub fn strangers(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let known = variables();
    let strange = names.into_iter().filter(|name| name.starts_with(PREFIX) && !known.contains(name));
    strange
        .filter(|name| !is_address_of_a_service(name))
        .map(|name| {
            match crate::runtime::nearest(
                &name[PREFIX.len()..],
                known.iter().map(|name| &name[PREFIX.len()..]),
            ) {
                Some(nearest) => format!("{name} sets nothing; did you mean {PREFIX}{nearest}?"),
                None => format!("{name} sets nothing"),
            }
        })
        .collect()
}

fn is_address_of_a_service(name: &str) -> bool {
    let rest = &name[PREFIX.len()..];
    rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_variable_is_told_with_the_one_that_may_be_meant() {
        let names = [
            "POLYGROUND_MAX_RUNING",
            "POLYGROUND_RATE",
            "POLYGROUND_SERVICE_HOST",
            "POLYGROUND_PORT",
            "HOME",
        ];
        let told = strangers(names.map(str::to_owned));
        assert_eq!(told, ["POLYGROUND_MAX_RUNING sets nothing; did you mean POLYGROUND_MAX_RUNNING?"]);
    }

    #[test]
    fn each_setting_has_a_variable_of_its_own_name() {
        let expected: BTreeSet<String> = super::super::keys()
            .iter()
            .map(|key| format!("{PREFIX}{}", key.to_uppercase()))
            .chain(["POLYGROUND_CONFIG".into()])
            .collect();
        assert_eq!(variables(), expected);
    }
}
