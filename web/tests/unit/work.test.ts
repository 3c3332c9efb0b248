import { expect, test } from 'vitest';
import { Frames } from '../../src/api/events';
import { routeOf } from '../../src/app/route';
import { formatArguments, parseArguments } from '../../src/work/arguments';
import { decode, encode } from '../../src/work/links';
import { fromQuery } from '../../src/work/program';

const program = {
  language: 'c++',
  version: '14.2.0',
  files: [
    { name: 'main.cpp', content: 'int main() {}\n// é 😀 \u0000 </script>' },
    { name: 'a/b.txt', content: '' },
  ],
  stdin: 'x\r\n',
  args: ['one', 'two words'],
  title: '“quoted”',
};

test('a program survives its link', async () => {
  const text = await encode(program);
  expect(text).toMatch(/^[\w-]+$/);
  expect(await decode(text)).toEqual(program);
  expect(routeOf({ pathname: '/', search: '', hash: `#code=${text}` })).toMatchObject({
    kind: 'editor',
    code: text,
  });
});

test('a long program of repeated text makes a short link', async () => {
  const files = [{ name: 'a', content: 'print("hello")\n'.repeat(5000) }];
  expect((await encode({ ...program, files })).length).toBeLessThan(1000);
});

test('a damaged link is refused', async () => {
  const good = await encode(program);
  const empty = await encode({ ...program, files: [] });
  for (const bad of ['', 'x', '!!!', good.slice(0, -9), `A${good}`, empty]) {
    await expect(decode(bad), bad).rejects.toThrow();
  }
});

test('a link that unpacks to very much is refused', async () => {
  const bomb = await encode({ ...program, files: [{ name: 'a', content: 'x'.repeat(5_000_000) }] });
  expect(bomb.length).toBeLessThan(20_000);
  await expect(decode(bomb)).rejects.toThrow('too large');
});

test('a link of another page names language and code', () => {
  const query = new URLSearchParams('language=py&code=print(1)&stdin=a&args=b%20%22c%20d%22&version=3.13');
  expect(fromQuery(query)).toEqual({
    language: 'py',
    version: '3.13',
    files: [{ name: '', content: 'print(1)' }],
    stdin: 'a',
    args: ['b', 'c d'],
    title: '',
  });
  expect(fromQuery(new URLSearchParams('language=py'))).toBeUndefined();
});

test('arguments are read as a shell would, and written so that they are read the same', () => {
  const cases: [string, string[]][] = [
    ['', []],
    ['  a  b ', ['a', 'b']],
    [`"two words" 'and "more"'`, ['two words', 'and "more"']],
    [String.raw`"a\"b" c\ d '\' "\x"`, ['a"b', 'c d', '\\', '\\x']],
    [`'' a""b`, ['', 'ab']],
    ['"open', ['open']],
  ];
  for (const [text, args] of cases) expect(parseArguments(text), text).toEqual(args);
  for (const args of [['', ' ', '"', '\\', "'", 'a b', 'é', '$x', '-n=1', '\n']]) {
    expect(parseArguments(formatArguments(args))).toEqual(args);
  }
});

test('addresses lead to views', () => {
  const at = (pathname: string, search = '') => routeOf({ pathname, search, hash: '' });
  expect(at('/')).toMatchObject({ kind: 'editor', embedded: false });
  expect(at('/', '?language=go')).toMatchObject({ kind: 'editor', language: 'go' });
  expect(at('/s/V1StGXR8_Z5j')).toEqual({ kind: 'snippet', embedded: false, id: 'V1StGXR8_Z5j' });
  expect(at('/embed/V1StGXR8_Z5j')).toEqual({ kind: 'snippet', embedded: true, id: 'V1StGXR8_Z5j' });
  for (const path of ['/nowhere', '/s/', '/s/a/b', '/s/<b>', '/s/..%2f'])
    expect(at(path).kind).toBe('nothing');
});

test('events are cut out of the stream wherever it is cut itself', () => {
  const text = 'event: stdout\ndata: {"text":"a\\n\\nb"}\n\n: still here\n\nevent: done\ndata: {"x":1}\n\n';
  for (let at = 0; at <= text.length; at++) {
    const frames = new Frames();
    const events = [...frames.push(text.slice(0, at)), ...frames.push(text.slice(at))];
    expect(events).toEqual([{ text: 'a\n\nb' }, { x: 1 }]);
  }
});
