"""Raw bytes on stdout: a PNG, a WAV, all byte values and broken UTF-8."""
import array
import base64
import binascii
import math
import struct
import sys
import zlib


def chunk(kind, payload):
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", binascii.crc32(kind + payload))


def png(width, height, pixel):
    """A true-colour PNG with uncompressed deflate blocks."""
    raw = b"".join(b"\0" + bytes(v for x in range(width) for v in pixel(x, y)) for y in range(height))
    stored, position = bytearray(b"\x78\x01"), 0
    while position < len(raw):
        block = raw[position:position + 1000]
        position += len(block)
        stored += struct.pack("<BHH", position >= len(raw), len(block), len(block) ^ 0xFFFF) + block
    stored += struct.pack(">I", zlib.adler32(raw))
    assert zlib.decompress(bytes(stored)) == raw
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", bytes(stored)) + chunk(b"IEND", b"")


def wav(samples, rate=8000):
    data = array.array("h", samples)
    if sys.byteorder == "big":
        data.byteswap()
    body = data.tobytes()
    return (struct.pack("<4sI4s", b"RIFF", 36 + len(body), b"WAVE")
            + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
            + struct.pack("<4sI", b"data", len(body)) + body)


def run_length(data):
    out, i = bytearray(), 0
    while i < len(data):
        run = 1
        while i + run < len(data) and run < 255 and data[i + run] == data[i]:
            run += 1
        out += bytes((run, data[i]))
        i += run
    return bytes(out)


BROKEN = {
    "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80", "truncated": b"\xe2\x82",
    "too large": b"\xf4\x90\x80\x80", "stray": b"\x80\xbf", "never": b"\xfe\xff",
}


def main():
    parts = [
        bytes(range(256)),
        png(24, 16, lambda x, y: (x * 10 & 255, y * 16 & 255, (x ^ y) * 9 & 255)),
        wav(int(12000 * math.sin(2 * math.pi * 440 * t / 8000)) for t in range(200)),
        run_length(b"\0" * 700 + b"\xff" * 3 + b"abc"),
        struct.pack("<qd?3xe", -2, math.pi, True, 0.5),
    ]
    out = sys.stdout.buffer
    for number, part in enumerate(parts):
        out.write(struct.pack(">BI", number, len(part)))
        out.write(part)
        print(f"part {number}: {len(part)} bytes, crc {binascii.crc32(part):08x}, "
              f"starts {base64.b16encode(part[:6]).decode()}", file=sys.stderr)
    for label, data in BROKEN.items():
        out.write(label.encode() + b":" + data + b"\n")
        shown = data.decode("utf-8", "replace")
        print(f"{label}: {len(shown)} replacement characters", file=sys.stderr)
    sys.stderr.flush()
    sys.stderr.buffer.write(b"raw stderr \xff\x00\xc3\n")
    out.write(b"no newline at the end \xf0\x9f")


if __name__ == "__main__":
    main()
