//! A shorter way to the server than through the container engine: a pair of sockets, of which a server on this machine that is
//! allowed to may take the far one out of this process. Every byte through the engine wakes a chain of its processes.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
};

use nix::{
    sys::socket::{AddressFamily, SockFlag, SockType, socketpair},
    unistd::write,
};
use polyground_protocol::{Direct, PROOF_BYTES};

/// The pair, until the server has chosen.
pub(crate) struct Offer {
    near: OwnedFd,
    /// Nothing inherits it, and it is closed before any program is started.
    far: OwnedFd,
    proof: [u8; PROOF_BYTES],
}

impl Offer {
    /// Makes a pair, and lets the far end say what proves that it is this one.
    pub(crate) fn make() -> io::Result<Self> {
        let (near, far) = socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC)?;
        let mut proof = [0; PROOF_BYTES];
        File::open("/dev/urandom")?.read_exact(&mut proof)?;
        match write(&near, &proof)? {
            PROOF_BYTES => Ok(Self { near, far, proof }),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    /// What the server is told of it.
    pub(crate) fn told(&self) -> Direct {
        Direct { descriptor: self.far.as_raw_fd(), proof: self.proof }
    }

    /// What becomes readable when the server has taken it.
    pub(crate) fn near(&self) -> BorrowedFd<'_> {
        self.near.as_fd()
    }

    /// The server has chosen it: this end, with the other one closed here, so that the server's end is the only one.
    pub(crate) fn accept(self) -> OwnedFd {
        self.near
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::unistd::read;

    #[test]
    fn whoever_holds_the_far_end_can_tell_whose_it_is() {
        let (one, other) = (Offer::make().unwrap(), Offer::make().unwrap());
        assert_ne!(one.told().proof, other.told().proof);
        let mut begun = [0; 64];
        assert_eq!(read(&one.far, &mut begun).unwrap(), PROOF_BYTES);
        assert_eq!(begun[..PROOF_BYTES], one.told().proof);
    }

    #[test]
    fn the_end_of_the_server_is_seen() {
        let offer = Offer::make().unwrap();
        let taken = offer.far.try_clone().unwrap();
        assert_eq!(read(&taken, &mut [0; 64]).unwrap(), PROOF_BYTES);
        let near = offer.accept();
        drop(taken);
        assert_eq!(read(&near, &mut [0; 8]).unwrap(), 0);
    }
}
