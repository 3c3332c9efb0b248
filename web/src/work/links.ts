/** Programs that travel in links, without being saved: `#code=…`. Loaded when there is one. */
import type { Program } from './program';

/** Links that unpack to more are not opened: a short one may hold very much. Bytes. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What the fragment holds, in short keys. */
interface Packed {
  l: string;
  v?: string;
  f: [string, string][];
  i?: string;
  a?: string[];
  t?: string;
}

/** A program as the text after `#code=`. */
export async function encode(program: Program): Promise<string> {
  const { language, version, files, stdin, args, title } = program;
  const packed: Packed = {
    l: language,
    ...(version && { v: version }),
    f: files.map(({ name, content }) => [name, content]),
    ...(stdin && { i: stdin }),
    ...(args.length > 0 && { a: args }),
    ...(title && { t: title }),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(packed));
  const small = await through(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY);
  let binary = '';
  for (const byte of small) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The program in the text after `#code=`. Fails when there is none. */
export async function decode(text: string): Promise<Program> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const small = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const bytes = await through(small, new DecompressionStream('deflate-raw'), MOST_BYTES);
  return unpacked(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
}

function unpacked(packed: Partial<Packed>): Program {
  const isText = (value: unknown): value is string => typeof value === 'string';
  const files = (packed.f ?? []).map(([name, content]) => ({ name, content }));
  const whole = files.length > 0 && files.every((file) => isText(file.name) && isText(file.content));
  if (!isText(packed.l) || !whole) throw new Error('no program');
  return {
    language: packed.l,
    ...(isText(packed.v) && { version: packed.v }),
    files,
    stdin: isText(packed.i) ? packed.i : '',
    args: Array.isArray(packed.a) ? packed.a.filter(isText) : [],
    title: isText(packed.t) ? packed.t : '',
  };
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new Error('too large');
    }
    pieces.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
