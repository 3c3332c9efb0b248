/** How the page's files travel: small, and once. */
import { get, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { address } from './page';

/** A file as it travels, which `fetch` would not show. */
function travelled(path: string, coding: string): Promise<{ answer: IncomingMessage; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    get(address() + path, { headers: { 'accept-encoding': coding } }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve({ answer, bytes: Buffer.concat(pieces) }));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

test('what the page loads travels compressed, and is asked for once', async () => {
  const page = (await travelled('/', 'identity')).bytes.toString();
  const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(
    ([, path = '']) => path,
  );
  expect(files.some((path) => path.endsWith('.js')) && files.some((path) => path.endsWith('.css'))).toBe(
    true,
  );
  const codings = { br: brotliDecompressSync, gzip: gunzipSync };
  for (const path of files) {
    const plain = await travelled(path, 'identity');
    expect(plain.answer.headers['content-encoding'], path).toBeUndefined();
    for (const [coding, decode] of Object.entries(codings)) {
      const { answer, bytes } = await travelled(path, coding);
      expect(answer.statusCode, path).toBe(200);
      expect(answer.headers, path).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-encoding': coding,
        'content-length': String(bytes.length),
        vary: 'accept-encoding',
      });
      expect(bytes.length, path).toBeLessThan(plain.bytes.length);
      expect(decode(bytes).equals(plain.bytes), path).toBe(true);
    }
    // Browsers say both.
    expect((await travelled(path, 'gzip, deflate, br')).answer.headers['content-encoding']).toBe('br');
  }
  // The page itself is asked for every time, so that it can name other files.
  expect((await travelled('/', 'br')).answer.headers).toMatchObject({
    'cache-control': 'no-cache',
    'content-encoding': 'br',
  });
});
