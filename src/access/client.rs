//! Where a request comes from. Headers can be written by anybody: only what a trusted proxy has added is believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// How many bits of an IPv6 address name a network: whoever has one has all addresses in it.
const NETWORK_BITS: u32 = 64;

/// The networks of proxies whose word is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

/// What a request says of its way here: the values of these headers, in their order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Forwarded<'a> {
    /// `X-Forwarded-For`
    pub x_forwarded_for: &'a [&'a str],
    /// `Forwarded` (RFC 7239)
    pub forwarded: &'a [&'a str],
}

impl Proxies {
    /// Those in these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether this one is among them.
    pub fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client of a request that came from `peer`: from right to left the first address that is no trusted proxy's.
    ///
    /// Proxies write one of the two headers and let the other pass as the client wrote it. Where both are there and name
    /// different clients, neither is believed.
    pub fn client(&self, peer: IpAddr, said: Forwarded<'_>) -> IpAddr {
        let by_x = self.walk(peer, said.x_forwarded_for.iter().flat_map(|value| value.split(',')), hop);
        let by_standard = self.walk(peer, said.forwarded.iter().flat_map(|value| value.split(',')), element);
        match (said.x_forwarded_for.is_empty(), said.forwarded.is_empty()) {
            (_, true) => by_x,
            (true, false) => by_standard,
            (false, false) if by_x == by_standard => by_x,
            (false, false) => peer.to_canonical(),
        }
    }

    fn walk<'a>(
        &self,
        peer: IpAddr,
        hops: impl Iterator<Item = &'a str>,
        parse: fn(&str) -> Option<IpAddr>,
    ) -> IpAddr {
        let hops: Vec<_> = hops.collect();
        let mut client = peer.to_canonical();
        for hop in hops.into_iter().rev() {
            match parse(hop).filter(|_| self.has(client)) {
                Some(before) => client = before,
                None => break,
            }
        }
        client
    }
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address =
        bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

/// One element of `Forwarded`: `for="[2001:db8::1]:80";proto=https`
fn element(text: &str) -> Option<IpAddr> {
    let value = text.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value.trim())
    })?;
    hop(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

/// Whom an address counts for: an address of the fourth version, a /64 network of the sixth.
pub fn name_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = address.to_bits() >> (128 - NETWORK_BITS) << (128 - NETWORK_BITS);
            Ipv6Addr::from_bits(network).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_caller_and_so_is_a_network_of_the_sixth_version() {
        let name = |address: &str| name_of(address.parse().unwrap());
        assert_ne!(name("127.0.0.1"), name("127.0.0.2"));
        assert_eq!(name("::ffff:127.0.0.1"), name("127.0.0.1"));
        assert_eq!(name("2001:db8::1"), name("2001:db8::ffff:1"));
        assert_ne!(name("2001:db8::1"), name("2001:db8:0:1::1"));
    }

    #[test]
    fn only_what_trusted_proxies_have_added_is_believed() {
        let proxies = Proxies::new(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let table: [(&str, &[&str], &[&str], &str); 19] = [
            ("192.0.2.1", &["198.51.100.7"], &[], "192.0.2.1"),
            ("192.0.2.1", &[], &["for=198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1", &[], &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], &[], "198.51.100.7"),
            ("::ffff:10.0.0.1", &["198.51.100.7"], &[], "198.51.100.7"),
            ("10.0.0.1", &["1.1.1.1, 198.51.100.7"], &[], "198.51.100.7"),
            ("10.0.0.1", &["1.1.1.1", "198.51.100.7"], &[], "198.51.100.7"),
            ("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"], &[], "198.51.100.7"),
            ("10.0.0.1", &["1.1.1.1, nonsense, 10.0.0.2"], &[], "10.0.0.2"),
            ("10.0.0.1", &["198.51.100.7:1234"], &[], "198.51.100.7"),
            ("fd00::1", &["[2001:db8::7]:80"], &[], "2001:db8::7"),
            ("fd00::1", &["2001:db8::7"], &[], "2001:db8::7"),
            ("10.0.0.1", &[], &["for=1.1.1.1, For=\"198.51.100.7:80\";proto=http"], "198.51.100.7"),
            ("10.0.0.1", &[], &["for=\"[2001:db8::7]:80\";by=10.0.0.1"], "2001:db8::7"),
            ("10.0.0.1", &[], &["for=_hidden"], "10.0.0.1"),
            ("10.0.0.1", &[], &["proto=http"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], &["for=198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7"], &["for=1.1.1.1"], "10.0.0.1"),
            ("10.0.0.1", &["1.1.1.1"], &["for=198.51.100.7"], "10.0.0.1"),
        ];
        for (peer, x_forwarded_for, forwarded, expected) in table {
            let said = Forwarded { x_forwarded_for, forwarded };
            let client = proxies.client(peer.parse().unwrap(), said);
            assert_eq!(client.to_string(), expected, "{peer}, {x_forwarded_for:?}, {forwarded:?}");
        }
        let nobody = Proxies::default();
        let said = Forwarded { x_forwarded_for: &["1.1.1.1"], forwarded: &[] };
        assert_eq!(nobody.client("127.0.0.1".parse().unwrap(), said).to_string(), "127.0.0.1");
    }
}
