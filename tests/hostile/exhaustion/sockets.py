"""Socket pairs whose buffers are full of bytes that nobody reads."""
import errno
import socket

pairs = []
why = "NO END"
try:
    while len(pairs) < 1000000:
        pair = socket.socketpair()
        pairs.append(pair)
        pair[0].setblocking(False)
        try:
            while True:
                pair[0].send(b"x" * 65536)
        except BlockingIOError:
            pass
except OSError as error:
    why = errno.errorcode[error.errno]
print(why)
