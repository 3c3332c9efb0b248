"""About 200 KiB of output: an automaton, primes, a hex dump and long lines."""
import hashlib
import sys
import zlib
from itertools import islice


class Lcg:
    """A small fixed generator so the bytes never depend on the library."""

    def __init__(self, seed):
        self.state = seed

    def __iter__(self):
        return self

    def __next__(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return self.state >> 56


def automaton(rule, width, steps):
    cells = [0] * width
    cells[width // 2] = 1
    for _ in range(steps):
        yield "".join(" #"[c] for c in cells)
        cells = [rule >> (cells[i - 1] << 2 | cells[i] << 1 | cells[(i + 1) % width]) & 1
                 for i in range(width)]


def primes(limit):
    sieve = bytearray([1]) * (limit + 1)
    sieve[:2] = b"\0\0"
    for n in range(2, int(limit ** 0.5) + 1):
        if sieve[n]:
            sieve[n * n::n] = bytes(len(range(n * n, limit + 1, n)))
    return (n for n, flag in enumerate(sieve) if flag)


def hex_dump(data):
    for start in range(0, len(data), 16):
        row = data[start:start + 16]
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        yield f"{start:08x}  {row.hex(' '):<47}  |{text}|"


class Tee:
    """Writes to stdout and keeps a digest of everything written."""

    def __init__(self, stream):
        self.stream, self.digest, self.size = stream, hashlib.sha256(), 0

    def line(self, text):
        raw = text + "\n"
        self.stream.write(raw)
        self.digest.update(raw.encode())
        self.size += len(raw)


def main():
    out = Tee(sys.stdout)
    for rule in (30, 90, 110):
        out.line(f"rule {rule}")
        for row in automaton(rule, 201, 120):
            out.line(row)
    row = []
    for prime in primes(60_000):
        row.append(str(prime))
        if len(row) == 12:
            out.line(" ".join(f"{p:>6}" for p in row))
            row.clear()
    out.line(" ".join(row))
    data = bytes(islice(Lcg(7), 12_000))
    for line in hex_dump(data):
        out.line(line)
    out.line("one long line: " + "0123456789abcdef" * 1500)
    out.line(f"crc32 {zlib.crc32(data):08x}")
    print("bytes before this line:", out.size)
    print("written", out.size, "sha256", out.digest.hexdigest(), file=sys.stderr)


if __name__ == "__main__":
    main()
