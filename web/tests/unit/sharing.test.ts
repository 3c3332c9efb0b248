import { expect, test } from 'vitest';
import type { Run } from '../../src/api/types';
import { embedMarkup } from '../../src/app/embedding';
import { identity, timeOf } from '../../src/app/record';

test('a recorded run belongs to one program', () => {
  const file = { name: 'a.py', content: '1' };
  const request = { language: 'python', files: [file] };
  expect(identity({ ...request, stdin: '', args: [] })).toBe(identity(request));
  for (const other of [
    { ...request, language: 'ruby' },
    { ...request, version: '3.13.5' },
    { ...request, stdin: 'x' },
    { ...request, args: [''] },
    { ...request, files: [{ ...file, name: 'b.py' }] },
    { ...request, files: [{ ...file, content: '2' }] },
    { ...request, files: [file, { name: 'b.py', content: '' }] },
  ]) {
    expect(identity(other)).not.toBe(identity(request));
  }
});

test('a run’s id says when it was, where it can', () => {
  // The example of RFC 9562, A.6.
  const id = '017F22E2-79B0-7CC3-98C4-DC0C0C07398F';
  expect(timeOf({ id })?.toISOString()).toBe('2022-02-22T19:22:22.000Z');
  for (const other of ['', '0', 'C232AB00-9414-41EC-B3C8-9F6BDECED846', `${id}0`]) {
    expect(timeOf({ id: other })).toBeUndefined();
  }
});

const program = {
  language: 'python',
  files: [{ name: 'main.py', content: 'if 1 < 2:\n    print("&lt;")\n' }],
  stdin: '"',
  args: ['one', 'two'],
  title: '"><b>',
};

test('markup for other pages holds program and output as text', () => {
  const stage = { stdout: '\u001b[1;31m<b>\u001b[0m\n', stderr: '"&', encoding: 'utf-8' };
  const run = { stages: [stage] } as unknown as Run;
  expect(embedMarkup('http://x', program, run, 'abc')).toBe(
    `<script type="module" src="http://x/embed.js"></script>
<polyground-snippet language="python" file="main.py" stdin="&quot;" args="one two">
<pre>
if 1 &lt; 2:
    print(&quot;&amp;lt;&quot;)
</pre>
<pre slot="output">
&lt;b>
&quot;&amp;
</pre>
</polyground-snippet>`,
  );
});

test('markup is a frame where the element cannot carry the program', () => {
  const twice = { ...program, files: [...program.files, { name: 'b.py', content: '' }] };
  expect(embedMarkup('http://x', twice, undefined, undefined)).toBeUndefined();
  expect(embedMarkup('http://x', twice, undefined, 'abc')).toContain(
    'src="http://x/embed/abc" title="&quot;>&lt;b>"',
  );
  expect(embedMarkup('http://x', { ...program, args: ['two words'] }, undefined, 'abc')).toContain('<iframe');
});
