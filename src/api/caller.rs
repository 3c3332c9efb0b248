//! Whom a request counts for. By its address, as long as there are no keys: everybody behind one proxy is one caller.

use std::net::IpAddr;

use poem::{Addr, web::RemoteAddr};

use crate::run::Caller;

/// How many bits of an IPv6 address name a network: whoever has one has all addresses in it.
const NETWORK_BITS: u32 = 64;

/// The caller at this address.
pub(crate) fn at(remote: &RemoteAddr) -> Caller {
    match &remote.0 {
        Addr::SocketAddr(address) => Caller::new(key(address.ip())),
        Addr::Unix(_) | Addr::Custom(..) => Caller::anonymous(),
    }
}

fn key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = address.to_bits() >> (128 - NETWORK_BITS) << (128 - NETWORK_BITS);
            std::net::Ipv6Addr::from_bits(network).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_caller_and_so_is_a_network_of_the_sixth_version() {
        let key = |address: &str| key(address.parse().unwrap());
        assert_ne!(key("127.0.0.1"), key("127.0.0.2"));
        assert_eq!(key("::ffff:127.0.0.1"), key("127.0.0.1"));
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
    }
}
