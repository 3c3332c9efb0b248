//! How many connections one address has, so that none takes all of them.

use std::{net::IpAddr, sync::Arc};

use crate::access::{Counted, Counts, Proxies, name_of};

/// Counts connections by address.
#[derive(Debug)]
pub(super) struct Doors {
    uncounted: Proxies,
    open: Arc<Counts>,
}

impl Doors {
    /// At most so many of each address, but of those as many as they like that are not counted.
    pub(super) fn new(most: usize, uncounted: Proxies) -> Self {
        Self { uncounted, open: Counts::new(most) }
    }

    /// A connection comes from this address. `Err`: it has as many as it may.
    pub(super) fn enter(&self, address: IpAddr) -> Result<Pass, ()> {
        if self.uncounted.has(address) {
            return Ok(None);
        }
        self.open.take(name_of(address)).map(Some).ok_or(())
    }
}

/// An open connection. Where it counts, it does until this is dropped.
pub(super) type Pass = Option<Counted>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_counted_but_for_those_of_proxies() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let doors = Doors::new(1, Proxies::new(vec!["10.0.0.0/8".parse().unwrap()]));
        let first = doors.enter(address("192.0.2.1")).unwrap();
        assert!(doors.enter(address("::ffff:192.0.2.1")).is_err());
        let _other = doors.enter(address("192.0.2.2")).unwrap();
        let _proxied: Vec<_> = (0..9).map(|_| doors.enter(address("10.1.1.1")).unwrap()).collect();
        drop(first);
        assert!(doors.enter(address("192.0.2.1")).is_ok());
    }
}
