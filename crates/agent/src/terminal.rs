//! A pseudo-terminal between the agent and one program.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
    path::PathBuf,
};

use nix::{
    errno::Errno,
    fcntl::{OFlag, open},
    libc,
    sys::stat::Mode,
};
use polyground_protocol::TerminalSize;

/// Where a mount of pseudo-terminals stands.
pub(crate) const FOLDER: &str = "/dev/pts";

/// What gives new pseudo-terminals of that mount.
const SOURCE: &str = "/dev/pts/ptmx";

/// The end-of-file character of a terminal that does not say which it is: Ctrl-D.
const USUAL_EOF: u8 = 4;

/// Both ends of a new terminal.
pub(crate) struct Terminal {
    /// What is written here, the program reads as typed; what it writes, comes out here.
    pub ours: OwnedFd,
    /// The program's three streams.
    pub theirs: OwnedFd,
}

impl Terminal {
    /// A new terminal out of the mount at [`FOLDER`]. It belongs to whom files count as made by now.
    pub(crate) fn open(size: TerminalSize) -> Result<Self, Errno> {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let ours = open(SOURCE, flags, Mode::empty())?;
        let unlocked: libc::c_int = 0;
        // SAFETY: TIOCSPTLCK reads an int that lives until the call returns.
        Errno::result(unsafe { libc::ioctl(ours.as_raw_fd(), libc::TIOCSPTLCK, &raw const unlocked) })?;
        // SAFETY: TIOCGPTPEER takes flags; the result is checked before it is owned.
        let theirs = unsafe { libc::ioctl(ours.as_raw_fd(), libc::TIOCGPTPEER, flags.bits()) };
        // SAFETY: the kernel has just given us this descriptor.
        let theirs = unsafe { OwnedFd::from_raw_fd(Errno::result(theirs)?) };
        resize(ours.as_fd(), size)?;
        Ok(Self { ours, theirs })
    }

    /// The name of the program's end.
    pub(crate) fn path(&self) -> Result<PathBuf, Errno> {
        let mut number: libc::c_uint = 0;
        // SAFETY: TIOCGPTN writes to a live unsigned int.
        Errno::result(unsafe { libc::ioctl(self.ours.as_raw_fd(), libc::TIOCGPTN, &raw mut number) })?;
        Ok(PathBuf::from(FOLDER).join(number.to_string()))
    }
}

/// Gives the window another size. The kernel tells the program in the foreground (SIGWINCH).
pub(crate) fn resize(terminal: BorrowedFd<'_>, size: TerminalSize) -> Result<(), Errno> {
    let size = libc::winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCSWINSZ reads a winsize that lives until the call returns.
    Errno::result(unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) }).map(drop)
}

/// Makes the terminal that is this process's stdin its controlling terminal. The process leads its session and has none.
pub(crate) fn take_control() -> Result<(), Errno> {
    // SAFETY: integers only.
    Errno::result(unsafe { libc::ioctl(libc::STDIN_FILENO, libc::TIOCSCTTY, 0) }).map(drop)
}

/// What must be typed for the program to see the end of its input; `last` was typed before.
///
/// The end-of-file character hands over what has been typed of a line, and only an empty line is the end: so it takes
/// two within a line. A program that reads keys by itself gets one, and does with it what it likes.
pub(crate) fn end_of_file(terminal: BorrowedFd<'_>, last: Option<u8>) -> Vec<u8> {
    // SAFETY: an all-zero termios is a valid value of that plain struct.
    let mut state: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: writes to a live termios. Asked of our end, it tells of the program's.
    if unsafe { libc::tcgetattr(terminal.as_raw_fd(), &raw mut state) } != 0
        || state.c_lflag & libc::ICANON == 0
    {
        return vec![USUAL_EOF];
    }
    let eof = state.c_cc[libc::VEOF];
    let at_line_start = last.is_none_or(|last| last == b'\n' || last == b'\r' || last == eof);
    if at_line_start { vec![eof] } else { vec![eof, eof] }
}

/// Our end once more, for writing. Neither makes the agent wait.
pub(crate) fn halves(ours: OwnedFd) -> io::Result<(OwnedFd, OwnedFd)> {
    crate::link::set_nonblocking(ours.as_fd())?;
    Ok((ours.try_clone()?, ours))
}
