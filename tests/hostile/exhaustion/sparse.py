"""A file that says that it is 1 TiB large and holds nothing."""
import errno
import os
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
descriptor = os.open("/box/sparse", os.O_CREAT | os.O_RDWR)
try:
    os.ftruncate(descriptor, 1 << 40)
    print("size:", os.fstat(descriptor).st_size)
except OSError as error:
    print("refused:", errno.errorcode[error.errno])
