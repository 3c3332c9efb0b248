import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { AnsiReader, type Step } from '../../src/output/ansi';
import { Finder, marks, neighbour, type Place } from '../../src/output/places';
import { Screen } from '../../src/output/screen';

/** What is read when the text comes whole; the same must come of it cut anywhere. */
function read(text: string): Step[] {
  const reader = new AnsiReader();
  return joined(reader.read(text));
}

function joined(steps: Step[]): Step[] {
  const result: Step[] = [];
  for (const step of steps) {
    const last = result[result.length - 1];
    const same =
      last?.kind === 'text' &&
      step.kind === 'text' &&
      JSON.stringify(last.style) === JSON.stringify(step.style);
    if (same && last.kind === 'text' && step.kind === 'text') last.text += step.text;
    else result.push({ ...step });
  }
  return result;
}

function screen(...pieces: string[]): string[] {
  const made = new Screen();
  for (const piece of pieces) made.write('stdout', piece);
  return made.lines.map((line) => line.text);
}

test('colours and weights are read, and everything else is taken out', () => {
  const cases: [string, Step[]][] = [
    [
      '\u001b[31mred\u001b[0m.',
      [
        { kind: 'text', text: 'red', style: { fg: 1 } },
        { kind: 'text', text: '.', style: {} },
      ],
    ],
    ['\u001b[1;97;44mx', [{ kind: 'text', text: 'x', style: { bold: true, fg: 15, bg: 4 } }]],
    ['\u001b[38;5;196mx', [{ kind: 'text', text: 'x', style: { fg: '#ff0000' } }]],
    ['\u001b[48;2;1;2;300mx', [{ kind: 'text', text: 'x', style: { bg: '#0102ff' } }]],
    ['\u001b[38;5;244mx', [{ kind: 'text', text: 'x', style: { fg: '#808080' } }]],
    ['\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\b', [{ kind: 'text', text: 'ab', style: {} }]],
    ['\u001b[?25la\u001b[2Jb\u001b(Bc\u001b=d', [{ kind: 'text', text: 'abcd', style: {} }]],
    ['a\u0007\u0000b\u009b', [{ kind: 'text', text: 'ab', style: {} }]],
  ];
  for (const [text, expected] of cases) expect(read(text), JSON.stringify(text)).toEqual(expected);
});

test('a sequence may be cut anywhere', () => {
  const text = 'a\u001b[1;38;5;196mé😀\u001b[0m\r\nb\u001b]0;t\u001b\\c\rd\u001b[K';
  for (let at = 1; at < text.length; at++) {
    const reader = new AnsiReader();
    const steps = [...reader.read(text.slice(0, at)), ...reader.read(text.slice(at))];
    expect(joined(steps), `cut at ${at}`).toEqual(read(text));
  }
});

test('an escape that never ends does not hold back what follows for ever', () => {
  const reader = new AnsiReader();
  reader.read('\u001b]0;');
  const steps = reader.read(`${'x'.repeat(5000)}\n`);
  expect(steps.some((step) => step.kind === 'newline')).toBe(true);
});

test('lines are built as a terminal would', () => {
  expect(screen('a\nb')).toEqual(['a', 'b']);
  expect(screen('10%\r20%\r100%\n')).toEqual(['100%']);
  expect(screen('abc\rx\u001b[K\n')).toEqual(['x']);
  expect(screen('abc\b\bX')).toEqual(['aXc']);
  expect(screen('a\r', '\nb')).toEqual(['a', 'b']);
  expect(screen('\n\n')).toEqual(['', '']);
  expect(screen('abc\u001b[2Kd')).toEqual(['   d']);
});

test('what is kept is bounded', () => {
  const made = new Screen({ lines: 200, lineChars: 10, block: 100 });
  made.write('stdout', 'x'.repeat(1_000_000));
  expect([made.lines[0]?.length, made.lines[0]?.hidden]).toEqual([10, 999_990]);
  for (let number = 0; number < 1000; number++) made.write('stdout', `\n${number}`);
  expect(made.lines.length).toBeLessThanOrEqual(300);
  expect([made.count, made.first % 100, made.lines.at(-1)?.text]).toEqual([1001, 0, '999']);
});

test('both streams may write one line, and are told apart', () => {
  const made = new Screen();
  made.write('stdout', 'name? ');
  made.write('stderr', 'oops\n');
  expect(made.lines[0]?.segments.map(({ text, stream }) => [text, stream])).toEqual([
    ['name? ', 'stdout'],
    ['oops', 'stderr'],
  ]);
});

/** The patterns of a definition in the repository. */
function patterns(runtime: string): string[] {
  const path = resolve(import.meta.dirname, '../../../runtimes', runtime, 'runtime.yaml');
  const [, block = ''] = /\ndiagnostics:\n((?: {2}- '.*'\n)+)/.exec(readFileSync(path, 'utf8')) ?? [];
  return [...block.matchAll(/^ {2}- '(.*)'$/gm)].map(([, pattern = '']) => pattern.replaceAll("''", "'"));
}

function marked(runtime: string, files: string[], text: string): unknown[] {
  const made = new Screen();
  made.write('stderr', text);
  return marks(made.lines, new Finder(patterns(runtime), files)).map(
    ({ file, line, column, severity, message }) => [file, line, column, severity, message],
  );
}

test('each definition finds the places that its compiler and tracebacks name', () => {
  const python = `Traceback (most recent call last):
  File "/box/main.py", line 8, in <module>
    half(7)
  File "/box/lib/util.py", line 5, in half
    return 1 / 0
  File "/usr/lib/python3.13/x.py", line 5, in y
ZeroDivisionError: division by zero
`;
  expect(marked('python-3.13', ['main.py', 'lib/util.py'], python)).toEqual([
    ['main.py', 8, undefined, 'info', undefined],
    ['lib/util.py', 5, undefined, 'error', 'ZeroDivisionError: division by zero'],
  ]);
  const node = `/box/main.js:2
throw new TypeError("oops");
^

TypeError: oops
    at f (/box/main.js:2:7)
    at Object.<anonymous> (/box/main.js:9:1)
    at node:internal/main
`;
  expect(marked('node-20', ['main.js'], node)).toEqual([
    ['main.js', 2, undefined, 'error', 'TypeError: oops'],
    ['main.js', 9, 1, 'info', undefined],
  ]);
  const cpp =
    'main.cpp:1:21: error: ‘missing’ was not declared in this scope\nmain.cpp:3:1: warning: no return\n';
  expect(marked('cpp-14', ['main.cpp'], cpp)).toEqual([
    ['main.cpp', 1, 21, 'error', '‘missing’ was not declared in this scope'],
    ['main.cpp', 3, 1, 'warning', 'no return'],
  ]);
  const java = `Exception in thread "main" java.lang.IllegalStateException: oops
\tat com.acme.Main.f(Main.java:4)
\tat com.acme.Main.main(Main.java:9)
`;
  expect(marked('java-25', ['com/acme/Main.java'], java)).toEqual([
    ['com/acme/Main.java', 4, undefined, 'error', 'java.lang.IllegalStateException: oops'],
    ['com/acme/Main.java', 9, undefined, 'info', undefined],
  ]);
  expect(marked('java-21', ['Main.java'], 'Main.java:1: error: cannot find symbol\n')).toEqual([
    ['Main.java', 1, undefined, 'error', 'cannot find symbol'],
  ]);
  const go = 'panic: oops\n\ngoroutine 1 [running]:\nmain.main()\n\t/box/main.go:8 +0x1d\n';
  expect(marked('go-1.24', ['main.go'], `./main.go:5:2: undefined: x\n${go}`)).toEqual([
    ['main.go', 5, 2, 'error', 'undefined: x'],
    ['main.go', 8, undefined, 'error', 'panic: oops'],
  ]);
  expect(marked('bash-5.2', ['main.sh'], 'main.sh: line 3: missing: unbound variable\n')).toEqual([
    ['main.sh', 3, undefined, 'error', 'missing: unbound variable'],
  ]);
  const mono =
    "main.cs(1,44): error CS0103: The name 'x' does not exist\nSystem.Exception: oops\n  at P.Main () [0x0] in /box/main.cs:8 \n";
  expect(marked('mono-6.12', ['main.cs'], mono)).toEqual([
    ['main.cs', 1, 44, 'error', "CS0103: The name 'x' does not exist"],
    ['main.cs', 8, undefined, 'error', 'System.Exception: oops'],
  ]);
  const dotnet =
    'Unhandled exception. System.InvalidOperationException: oops\n   at Program.<Main>$(String[] args) in /box/Program.cs:line 2\n';
  expect(marked('dotnet-9', ['Program.cs'], dotnet)).toEqual([
    ['Program.cs', 2, undefined, 'error', 'System.InvalidOperationException: oops'],
  ]);
});

test('places follow one another through the files, and behind the last comes the first', () => {
  const place = (file: string, line: number): Place => ({ file, line, start: 0, end: 1, severity: 'error' });
  const places = [
    place('b', 1),
    place('a', 9),
    place('gone', 1),
    place('a', 2),
    place('a', 2),
    place('b', 7),
  ];
  const walk = (line: number, step: 1 | -1) => {
    const seen: string[] = [];
    let at = { file: 'a', line };
    for (let count = 0; count < 5; count++) {
      const next = neighbour(places, ['a', 'b'], at, step);
      if (!next) break;
      seen.push(`${next.file}${next.line}`);
      at = next;
    }
    return seen.join(' ');
  };
  expect(walk(1, 1)).toBe('a2 a9 b1 b7 a2');
  expect(walk(5, -1)).toBe('a2 b7 b1 a9 a2');
  expect(neighbour([], ['a'], { file: 'a', line: 1 }, 1)).toBeUndefined();
});

test('files that are not the program’s are no places', () => {
  expect(marked('python-3.13', ['main.py'], '  File "/etc/passwd", line 1\n')).toEqual([]);
});

test('a pattern that is none is passed over', () => {
  expect(new Finder(['(', 'x(?<line>\\d)'], ['a']).find('x1').places).toHaveLength(1);
});
