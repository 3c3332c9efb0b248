//! How many connections one address has, so that none takes all of them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::access::{Proxies, name_of};

/// Counts connections by address.
#[derive(Debug)]
pub(super) struct Doors {
    most: usize,
    uncounted: Proxies,
    open: Mutex<HashMap<String, usize>>,
}

impl Doors {
    /// At most so many of each address, but of those as many as they like that are not counted.
    pub(super) fn new(most: usize, uncounted: Proxies) -> Arc<Self> {
        Arc::new(Self { most, uncounted, open: Mutex::default() })
    }

    /// A connection comes from this address. `None`: it has as many as it may.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Pass> {
        if self.uncounted.has(address) {
            return Some(Pass(None));
        }
        let name = name_of(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.get(&name).copied().unwrap_or_default();
        if count >= self.most {
            return None;
        }
        open.insert(name.clone(), count + 1);
        Some(Pass(Some((self.clone(), name))))
    }

    fn leave(&self, name: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(name) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => {
                open.remove(name);
            }
        }
    }
}

/// An open connection. It counts until this is dropped.
#[derive(Debug)]
pub(super) struct Pass(Option<(Arc<Doors>, String)>);

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some((doors, name)) = &self.0 {
            doors.leave(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_so_many_and_others_are_not_kept_out_by_it() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let doors = Doors::new(2, Proxies::new(vec!["10.0.0.0/8".parse().unwrap()]));
        let first = doors.enter(address("192.0.2.1")).unwrap();
        let second = doors.enter(address("::ffff:192.0.2.1")).unwrap();
        assert!(doors.enter(address("192.0.2.1")).is_none());
        let _other = doors.enter(address("192.0.2.2")).unwrap();
        let _proxied: Vec<_> = (0..9).map(|_| doors.enter(address("10.1.1.1")).unwrap()).collect();
        drop(first);
        let third = doors.enter(address("192.0.2.1")).unwrap();
        assert!(doors.enter(address("192.0.2.1")).is_none());
        drop((second, third));
        assert_eq!(doors.open.lock().unwrap().len(), 1, "who has none is not remembered");
    }
}
