"""Empty files until there is no room for their names."""
import errno
import os

for place in ["/box", "/tmp", "/dev/shm"]:
    count, why = 0, "NO END"
    try:
        while count < 200000:
            os.close(os.open(f"{place}/{count}", os.O_CREAT | os.O_WRONLY))
            count += 1
    except OSError as error:
        why = errno.errorcode[error.errno]
    print(place, why, flush=True)
