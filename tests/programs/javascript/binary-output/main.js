'use strict';

// Draws a small picture and writes it as a PNG-like stream of chunks plus a
// gzip-free BMP, so stdout is full of bytes that are not valid UTF-8.

class ByteWriter {
  #parts = [];

  u8(...values) {
    this.#parts.push(Buffer.from(values));
    return this;
  }

  u16le(value) {
    const b = Buffer.alloc(2);
    b.writeUInt16LE(value);
    this.#parts.push(b);
    return this;
  }

  u32le(value) {
    const b = Buffer.alloc(4);
    b.writeUInt32LE(value >>> 0);
    this.#parts.push(b);
    return this;
  }

  bytes(buffer) {
    this.#parts.push(Buffer.from(buffer));
    return this;
  }

  finish() {
    return Buffer.concat(this.#parts);
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

function crc32(buffer) {
  let crc = ~0;
  for (const byte of buffer) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

function mandelbrot(width, height) {
  const pixels = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cr = (x / width) * 3 - 2.2;
      const ci = (y / height) * 2.4 - 1.2;
      let [zr, zi, n] = [0, 0, 0];
      while (n < 60 && zr * zr + zi * zi < 4) {
        [zr, zi] = [zr * zr - zi * zi + cr, 2 * zr * zi + ci];
        n++;
      }
      pixels.push([(n * 9) & 255, (n * 5 + 128) & 255, (n * 13) & 255]);
    }
  }
  return pixels;
}

function bmp(width, height, pixels) {
  const body = new ByteWriter();
  const padding = Buffer.alloc((4 - ((width * 3) % 4)) % 4);
  for (let y = height - 1; y >= 0; y--) {
    for (let x = 0; x < width; x++) body.u8(...pixels[y * width + x]);
    body.bytes(padding);
  }
  const data = body.finish();
  return new ByteWriter()
    .bytes('BM').u32le(54 + data.length).u32le(0).u32le(54)
    .u32le(40).u32le(width).u32le(height).u16le(1).u16le(24)
    .u32le(0).u32le(data.length).u32le(2835).u32le(2835).u32le(0).u32le(0)
    .bytes(data)
    .finish();
}

const [width, height] = [70, 50];
const image = bmp(width, height, mandelbrot(width, height));
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const brokenUtf8 = Buffer.from([0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf5, 0x80, 0xff, 0xfe, 0xe2, 0x82, 0x00, 0x0a]);

const out = Buffer.concat([image, everyByte, brokenUtf8, Buffer.from('grüße', 'latin1'), Buffer.from('\r\nend', 'utf16le')]);
process.stdout.write(out);
process.stderr.write(`bmp ${image.length} bytes, total ${out.length}, crc32 ${crc32(out).toString(16)}\n`);
process.stderr.write(Buffer.from([0x65, 0x72, 0x72, 0x3a, 0x20, 0xff, 0xfe, 0x0a]));
