//! Who may do what: settings of the server about callers and their connections.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
};

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use serde::Deserialize;

use super::{ConfigError, bounds::Bounds};
use crate::access::{Anonymous, Proxies, Rules};

/// Requests in a minute of one address, where the server is not for this machine alone: a class of thirty behind one address
/// can press Run four times a minute each.
const PUBLIC_RATE: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// Connections at a time.
const CONNECTIONS: usize = 1024;

/// The most that can be told: what Linux lets one process have open.
const MOST_CONNECTIONS: usize = 1_048_576;

/// What can be open without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Open {
    /// Running programs.
    Run,
    /// Saving, listing and removing snippets.
    Snippets,
    /// Opening snippets by their links.
    Links,
    /// Nothing at all.
    None,
}

/// What the server can be told of callers.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default)]
pub struct AccessArgs {
    /// What is open without an API key [default: run,snippets,links]
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',', env = "POLYGROUND_ANONYMOUS")]
    pub anonymous: Vec<Open>,
    /// Requests without an API key in a minute, of one address (or /64 of IPv6); 0: any number
    /// [default: 120; any number where only this machine reaches the server]
    #[arg(long, value_name = "N", env = "POLYGROUND_RATE")]
    pub rate: Option<u32>,
    /// Networks of proxies whose X-Forwarded-For or Forwarded is believed, as 10.0.0.0/8 [default: none]
    #[arg(long, value_name = "CIDR", value_delimiter = ',', env = "POLYGROUND_TRUSTED_PROXIES")]
    pub trusted_proxies: Vec<String>,
    /// Origins whose pages may ask the API, as https://blog.example, or `*`. Embedded snippets need none [default: none]
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',', env = "POLYGROUND_CORS_ORIGINS")]
    pub cors_origins: Vec<String>,
    /// Connections at a time; more wait [default: 1024]
    #[arg(long, value_name = "N", env = "POLYGROUND_MAX_CONNECTIONS")]
    pub max_connections: Option<usize>,
    /// Of them, those of one address (or /64 of IPv6); more are closed
    /// [default: a quarter of --max-connections, any number of this machine's and of trusted proxies]
    #[arg(long, value_name = "N", env = "POLYGROUND_MAX_CONNECTIONS_OF_ONE")]
    pub max_connections_of_one: Option<usize>,
}

/// What holds for callers, with every default filled in.
#[derive(Debug, Clone)]
pub struct AccessConfig {
    /// Who may do what.
    pub rules: Rules,
    /// Networks whose word on where a request comes from is believed.
    pub trusted_proxies: Vec<String>,
    /// Pages of other origins that may ask, as written.
    pub cors_origins: Vec<String>,
    /// Connections at a time.
    pub connections: usize,
    /// Of them, those of one address.
    pub connections_of_one: usize,
    /// Whose connections are not counted by address.
    pub uncounted: Proxies,
}

impl AccessArgs {
    /// What these mean for a server that listens at `listen`, those of the file in the place of what is not told.
    pub(super) fn resolve(
        self,
        file: Self,
        listen: SocketAddr,
        bounds: &Bounds<'_>,
    ) -> Result<AccessConfig, ConfigError> {
        let either = |told: Vec<String>, file: Vec<String>| if told.is_empty() { file } else { told };
        let anonymous = if self.anonymous.is_empty() { file.anonymous } else { self.anonymous };
        let trusted = networks(&either(self.trusted_proxies, file.trusted_proxies))?;
        // A proxy lets others in.
        let is_public = !listen.ip().to_canonical().is_loopback() || !trusted.is_empty();
        let rate = match self.rate.or(file.rate) {
            Some(rate) => NonZeroU32::new(rate),
            None => is_public.then_some(PUBLIC_RATE),
        };
        let most = 1..=MOST_CONNECTIONS;
        let connections = bounds
            .hold("max_connections", self.max_connections, file.max_connections, most.clone())?
            .unwrap_or(CONNECTIONS);
        let (told, of_file) = (self.max_connections_of_one, file.max_connections_of_one);
        let of_one = bounds.hold("max_connections_of_one", told, of_file, most)?;
        let mut uncounted = trusted.clone();
        if of_one.is_none() {
            uncounted.extend(networks(&["127.0.0.0/8".into(), "::1".into()])?);
        }
        Ok(AccessConfig {
            trusted_proxies: trusted.iter().map(ToString::to_string).collect(),
            rules: Rules { anonymous: open(&anonymous)?, rate, proxies: Proxies::new(trusted) },
            cors_origins: either(self.cors_origins, file.cors_origins),
            connections,
            connections_of_one: of_one.unwrap_or(connections / 4).max(1),
            uncounted: Proxies::new(uncounted),
        })
    }
}

fn open(words: &[Open]) -> Result<Anonymous, ConfigError> {
    let has = |word| words.contains(&word);
    match words {
        [] => Ok(Anonymous::ALL),
        [Open::None] => Ok(Anonymous::NONE),
        _ if has(Open::None) => Err(ConfigError::Access {
            setting: "anonymous",
            detail: "`none` stands alone: leave it out, or the others".into(),
        }),
        _ => Ok(Anonymous { run: has(Open::Run), snippets: has(Open::Snippets), links: has(Open::Links) }),
    }
}

/// Networks as `10.0.0.0/8`, or single addresses.
fn networks(texts: &[String]) -> Result<Vec<IpNet>, ConfigError> {
    let network = |text: &String| {
        let single = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse::<IpNet>().or_else(|_| single()).map_err(|_| ConfigError::Access {
            setting: "trusted_proxies",
            detail: format!("`{text}` is no network: write it as 10.0.0.0/8, fd00::/8 or 192.0.2.1"),
        })
    };
    texts.iter().map(network).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(told: AccessArgs, listen: &str) -> Result<AccessConfig, String> {
        let file = AccessArgs::default();
        let bounds = crate::config::file::File::default();
        told.resolve(file, listen.parse().unwrap(), &Bounds(&bounds)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_server_for_this_machine_alone_has_no_rate_and_others_have_one() {
        let proxies = AccessArgs { trusted_proxies: vec!["127.0.0.1".into()], ..AccessArgs::default() };
        for (told, listen, rate) in [
            (AccessArgs::default(), "127.0.0.1:1", None),
            (AccessArgs::default(), "[::1]:1", None),
            (AccessArgs::default(), "0.0.0.0:1", Some(120)),
            (AccessArgs::default(), "192.0.2.1:1", Some(120)),
            (proxies, "127.0.0.1:1", Some(120)),
            (AccessArgs { rate: Some(0), ..AccessArgs::default() }, "0.0.0.0:1", None),
            (AccessArgs { rate: Some(5), ..AccessArgs::default() }, "127.0.0.1:1", Some(5)),
        ] {
            let config = resolved(told, listen).unwrap();
            assert_eq!(config.rules.rate.map(NonZeroU32::get), rate, "{listen}");
            assert_eq!(config.rules.anonymous, Anonymous::ALL);
        }
    }

    #[test]
    fn what_is_open_is_what_is_named() {
        let told = |anonymous: &[Open]| AccessArgs { anonymous: anonymous.into(), ..AccessArgs::default() };
        let open = |words: &[Open]| resolved(told(words), "127.0.0.1:1").map(|config| config.rules.anonymous);
        assert_eq!(open(&[Open::None]), Ok(Anonymous::NONE));
        assert_eq!(open(&[Open::Links]), Ok(Anonymous { links: true, ..Anonymous::NONE }));
        assert!(open(&[Open::Run, Open::None]).unwrap_err().contains("`none` stands alone"));
    }

    #[test]
    fn connections_of_this_machine_are_counted_only_when_that_is_told() {
        let here: IpAddr = "127.0.0.1".parse().unwrap();
        let usual = resolved(AccessArgs::default(), "0.0.0.0:1").unwrap();
        assert_eq!(
            (usual.connections, usual.connections_of_one, usual.uncounted.has(here)),
            (1024, 256, true)
        );
        let told = AccessArgs { max_connections_of_one: Some(3), ..AccessArgs::default() };
        let told = resolved(told, "0.0.0.0:1").unwrap();
        assert_eq!((told.connections_of_one, told.uncounted.has(here)), (3, false));
        let wrong = AccessArgs { trusted_proxies: vec!["10.0.0.0/99".into()], ..AccessArgs::default() };
        assert!(resolved(wrong, "0.0.0.0:1").unwrap_err().contains("10.0.0.0/99"));
    }
}
