//! The network namespace of a cell's runs, in which there is nothing but a loopback device.
//!
//! Making one and taking it down costs more than the rest of a sandbox together, and happens under locks of the whole machine. So a
//! run gets the one of the run before it, unless that has left anything there that could be seen: then it gets a new one.

use std::{
    fs::{self, File},
    io,
};

use nix::sched::{CloneFlags, unshare};

use super::super::mounts::doing;
use crate::{kernel_file::read_now, sys};

/// All that a program without capabilities can leave behind in a network namespace shows in these. Whatever it sends to
/// itself counts on the device and in the tables of the protocols (so does what it cannot send), and without that there is no
/// connection that outlives its processes. The rest are what lives on for a while without having been sent: sockets on
/// their way to nobody, labels of flows, members of groups.
const TRACES: [&str; 8] = ["dev", "snmp", "snmp6", "netstat", "unix", "ip6_flowlabel", "igmp", "igmp6"];

/// Versions of the protocols that tell of groups, in which all is told when a program joins one or leaves it. By the newer ones the
/// kernel tells some of it later, when the next run would see that.
const PROMPT: [(&str, &str); 2] = [
    ("/proc/sys/net/ipv4/conf/lo/force_igmp_version", "2"),
    ("/proc/sys/net/ipv6/conf/lo/force_mld_version", "1"),
];

/// The present namespace, and how it was before anybody used it.
pub(super) struct Network {
    tables: Vec<File>,
    fresh: Vec<u8>,
}

impl Network {
    /// That of this process, which is new.
    pub(super) fn new() -> Result<Self, String> {
        for (setting, version) in PROMPT {
            match fs::write(setting, version) {
                // A kernel without groups tells nobody of them.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => doing(setting, result)?,
            }
        }
        doing("bringing up the loopback device", sys::loopback_up())?;
        // A table that this kernel does not have tells nothing.
        let tables = TRACES.iter().filter_map(|table| File::open(format!("/proc/self/net/{table}")).ok());
        let mut network = Self { tables: tables.collect(), fresh: Vec::new() };
        network.fresh = doing("the network's tables", network.traces())?;
        Ok(network)
    }

    /// Whether nothing shows that it was ever used.
    pub(super) fn is_fresh(&self) -> bool {
        self.traces().is_ok_and(|traces| traces == self.fresh)
    }

    /// Gives this process, and so all stages from here on, a new one. The present one ends with the last process that has it.
    pub(super) fn renew(&mut self) -> Result<(), String> {
        doing("a new network namespace", unshare(CloneFlags::CLONE_NEWNET))?;
        *self = Self::new()?;
        Ok(())
    }

    /// What there is to be seen now.
    fn traces(&self) -> io::Result<Vec<u8>> {
        let mut all = Vec::with_capacity(self.fresh.len());
        self.tables.iter().try_for_each(|table| read_now(table, &mut all))?;
        Ok(all)
    }
}
