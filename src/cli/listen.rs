//! The socket that the server listens on.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Connections that the kernel keeps until they are accepted, as far as `net.core.somaxconn` lets it. Of those beyond, it drops
/// what they say, and each tries again only after a second: the usual 128 do not last through a storm. But whoever comes also waits
/// behind all of them, with 4096 for seconds on a machine that is slow to take them; 512 are well below one.
const BACKLOG: u32 = 512;

/// As `TcpListener::bind` does it, but with a backlog of our own.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Or a server that is started again could not listen while the kernel still remembers connections of the one before.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use std::{fs, net::TcpStream, time::Duration};

    use super::*;

    #[tokio::test]
    async fn hundreds_come_in_before_the_first_is_accepted() {
        let most = fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
        let count = most.trim().parse::<usize>().unwrap().min(400);
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = listen(address.parse().unwrap()) else {
                assert!(address.contains("::1"), "{address}");
                continue; // a machine without IPv6
            };
            let address = listener.local_addr().unwrap();
            // Less than the second after which the kernel would try again.
            let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(900));
            let connected: Vec<_> = (0..count).map_while(|_| connect().ok()).collect();
            assert_eq!(connected.len(), count, "{address}");
        }
    }
}
