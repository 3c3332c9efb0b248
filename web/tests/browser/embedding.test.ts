/** Programs in other people's pages, and the files that programs leave behind. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  address,
  complaints,
  DESKTOP,
  flaws,
  open,
  output,
  PHONE,
  picture,
  run,
  type,
  visitor,
} from './page';

let server: Server;
let origin: string;
/** What was copied from the playground and put into the page. */
let pasted = '';

const SNIPPET = `
      <polyground-snippet language="python" output="recorded ✓">
        import sys
        for n in range(2):
            print("embedded", n, "&lt;b&gt;")
      </polyground-snippet>`;

const script = () => `<script type="module" src="${address()}/embed.js"></script>`;

/** Somebody's documentation, on an origin of its own. */
beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><title>Docs</title><body style="background:#101418;color:#eee">
      <main><h1>Docs</h1>${request.url === '/pasted' ? pasted : SNIPPET + script()}</main></body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

for (const [name, size] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  test(`a program in another page is text first, then runs in a frame, on a ${name}`, async () => {
    const page = await visitor({ size });
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
    await page.goto(origin);
    await page.getByText('recorded ✓').waitFor();
    expect(loaded.filter((path) => path !== '/' && path !== '/favicon.ico')).toEqual(['/embed.js']);
    expect(await page.locator('polyground-snippet pre').first().textContent()).toBe(
      'import sys\nfor n in range(2):\n    print("embedded", n, "<b>")\n',
    );
    await picture(page, `embed-before-${name}`);
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Run' }).click();
    const frame = page.frameLocator('polyground-snippet iframe');
    await frame.locator('.output .line', { hasText: 'embedded 1 <b>' }).waitFor();
    expect(await frame.locator('html').getAttribute('data-theme')).toBe('dark');
    await frame.getByRole('link', { name: 'Open in Polyground' }).waitFor();
    await picture(page, `embed-after-${name}`);
    forgiveFavicon();
  });
}

test('a program in another page can be edited, and follows that page from light to dark', async () => {
  const page = await visitor();
  pasted = `${script()}<polyground-snippet language="bash"><pre><code>echo "one &amp;amp; $0"
</code></pre></polyground-snippet>`;
  await page.goto(`${origin}/pasted`);
  const shell = page.locator('polyground-snippet');
  const ground = () => shell.evaluate((node) => getComputedStyle(node).backgroundColor);
  const dark = await ground();
  await page.evaluate(() => document.body.setAttribute('style', 'background: #fff; color: #222'));
  await page.locator('polyground-snippet[style*=light]').waitFor();
  expect(await ground()).not.toBe(dark);
  expect(await flaws(page)).toEqual([]);
  await page.getByRole('button', { name: 'Edit' }).click();
  const frame = page.frameLocator('polyground-snippet iframe');
  await frame.locator('.cm-content', { hasText: 'echo "one &amp; $0"' }).waitFor();
  expect(await frame.locator('.outcome').count()).toBe(0);
  expect(await frame.locator('html').getAttribute('data-theme')).toBe('light');
  await page.evaluate(() => document.body.setAttribute('style', 'background: #111; color: #ddd'));
  await frame.locator('html[data-theme=dark]').waitFor();
  await picture(page, 'embed-edit');
  forgiveFavicon();
});

test('several files are shown in a frame of the snippet, in any page', async () => {
  const page = await visitor();
  await open(page, '/?language=bash');
  await type(page, '. ./lib.sh; greet');
  await page.getByRole('button', { name: 'Add a file' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('lib.sh');
  await page.keyboard.press('Enter');
  await type(page, 'greet() { echo "from two files"; }');
  await run(page);
  await page.getByRole('button', { name: 'Share' }).click();
  pasted = await page.getByLabel('In a page of your own').inputValue();
  expect(pasted).toContain('<iframe');
  await page.goto(`${origin}/pasted`);
  const frame = page.frameLocator('iframe');
  await frame.locator('.output .line', { hasText: 'from two files' }).waitFor();
  await frame.getByText('Recorded', { exact: true }).waitFor();
  forgiveFavicon();
});

test('what a page says of its program stays text', async () => {
  const page = await visitor();
  const attack = `&quot;'>&lt;img src=x onerror=window.hit=1>&lt;script>window.hit=1&lt;/script>`;
  pasted = `${script()}<polyground-snippet language="${attack}" output="${attack}" version="${attack}" file="${attack}"
    stdin="${attack}" args="${attack}" theme="${attack}" height="${attack}">${attack}</polyground-snippet>`;
  await page.goto(`${origin}/pasted`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.frameLocator('iframe').locator('.cm-content', { hasText: 'onerror' }).waitFor();
  await page.waitForTimeout(200);
  for (const frame of page.frames()) {
    expect(await frame.evaluate(() => 'hit' in window)).toBe(false);
    expect(await frame.locator('img[src="x"]').count()).toBe(0);
  }
  forgiveFavicon();
});

test('where the playground is away, the recorded output stays', async () => {
  const page = await visitor();
  await page.goto(origin);
  await page.getByRole('button', { name: 'Run' }).waitFor();
  await page.route(`${address()}/**`, (route) => route.abort());
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText('The playground does not answer. Shown is the output that was recorded.').waitFor();
  expect(await page.getByText('recorded ✓').isVisible()).toBe(true);
  forgiveFavicon();
});

test('where not even the script of the playground comes, program and recorded output stand in the page', async () => {
  const page = await visitor();
  await open(page, '/?language=bash');
  await type(page, 'for n in 1 2; do\n  echo "line $n"\ndone');
  const made = await run(page);
  await page.getByRole('button', { name: 'Share' }).click();
  pasted = await page.getByLabel('In a page of your own').inputValue();
  await page.route(`${address()}/**`, (route) => route.abort());
  await page.goto(`${origin}/pasted`);
  const texts = page.locator('polyground-snippet pre');
  expect(await texts.allInnerTexts()).toEqual(['for n in 1 2; do\n  echo "line $n"\ndone\n', `${made}\n`]);
  expect(await texts.evaluateAll((nodes) => nodes.every((node) => node.checkVisibility()))).toBe(true);
  forgiveFavicon();
});

function forgiveFavicon(): void {
  complaints.splice(
    0,
    complaints.length,
    ...complaints.filter((line) => !/favicon|ERR_FAILED|404/.test(line)),
  );
}

test('a snippet in a frame shows its recorded output, with the server and without it', async () => {
  const page = await visitor();
  await open(page, '/?language=bash');
  await type(page, 'echo "made on $(date +%s%N)"');
  const made = await run(page);
  await page.getByRole('button', { name: 'Share' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  const markup = await page.getByLabel('In a page of your own').inputValue();
  expect(markup).toContain(`<pre slot="output">\n${made}\n</pre>`);

  const other = await visitor();
  await open(other, new URL(link).pathname.replace('/s/', '/embed/'));
  await other.getByText('Recorded', { exact: true }).waitFor();
  expect(await output(other)).toBe(made);
  await picture(other, 'embed-recorded');
  expect(await flaws(other)).toEqual([]);
  await other.context().setOffline(true);
  await other.getByRole('button', { name: 'Run', exact: true }).click();
  await other.locator('.outcome', { hasText: 'does not answer. Shown is the recorded output.' }).waitFor();
  expect(await output(other)).toBe(made);
  await picture(other, 'embed-away');
  expect(await flaws(other)).toEqual([]);
  await other.context().setOffline(false);
  expect(await run(other)).not.toBe(made);
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !line.includes('ERR_INTERNET')));

  // What was copied works as it is in somebody's page.
  const docs = await visitor();
  pasted = markup;
  await docs.goto(`${origin}/pasted`);
  await docs.locator('polyground-snippet pre.output', { hasText: made }).waitFor();
  expect(await docs.locator('polyground-snippet pre[tabindex]').textContent()).toBe(
    'echo "made on $(date +%s%N)"\n',
  );
  await docs.getByRole('button', { name: 'Run' }).click();
  await docs.frameLocator('iframe').locator('.output .line', { hasText: 'made on' }).waitFor();
  forgiveFavicon();
});

test('a page that a program made is shown in another page too', async () => {
  const page = await visitor();
  pasted = `${script()}<polyground-snippet language="bash">mkdir -p out; echo '&lt;h1 id="made">made&lt;/h1>&lt;script>' \\
    'document.querySelector("#made").textContent = "made in " + self.origin&lt;/script>' > out/page.html</polyground-snippet>`;
  await page.goto(`${origin}/pasted`);
  await page.getByRole('button', { name: 'Run' }).click();
  const made = page.frameLocator('polyground-snippet iframe').frameLocator('figure iframe').locator('#made');
  await made.waitFor();
  expect(await made.textContent()).toBe('made in null');
  await picture(page, 'embed-artifact');
  forgiveFavicon();
});

test('files that a program left behind are shown, and reach nothing', async () => {
  const page = await visitor();
  const attack = `<h1 id="made">A page</h1><script>
    document.querySelector('#made').textContent = 'Its script ran';
    try { parent.document.title = 'hit'; parent.hit = 1; } catch {}
    try { localStorage.setItem('polyground:theme', '"dark"'); } catch {}
    fetch('${address()}/api/v1/runtimes').then(() => parent.postMessage('hit', '*'), () => {});
  </script>`;
  const made = {
    'plot.svg':
      '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><script>parent.hit=1</script><rect width="60" height="30" fill="teal"/></svg>',
    'page.html': attack,
    'table.csv': 'name,count\n"a, ""b""",1\n<img src=x onerror=hit=1>,2\n',
    '<img src=x>.json': '{"x": "<script>hit=1</script>"}',
    'notes.txt': 'a line\n',
  };
  await open(page, '/?language=python');
  // The smallest pictures of their kinds: one pixel.
  const drawn = (kind: string) =>
    page.evaluate((kind) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 1;
      return canvas.toDataURL(`image/${kind}`).split(',')[1] ?? '';
    }, kind);
  const dots = {
    'dot.gif': 'R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==',
    'dot.png': await drawn('png'),
    'dot.jpg': await drawn('jpeg'),
  };
  await type(
    page,
    `import base64, json, pathlib\nout = pathlib.Path("out")\nout.mkdir(exist_ok=True)\n` +
      `for name, text in json.loads(${JSON.stringify(JSON.stringify(made))}).items(): (out / name).write_text(text)\n` +
      `for name, bits in json.loads('${JSON.stringify(dots)}').items(): (out / name).write_bytes(base64.b64decode(bits))\n` +
      `(out / "not-let-out.bin").write_bytes(bytes(9))\n(out / "link.txt").symlink_to("/etc/passwd")`,
  );
  await run(page);
  const heading = page.frameLocator('iframe').locator('#made');
  await heading.waitFor();
  expect(await heading.textContent()).toBe('Its script ran');
  expect(await page.locator('td').allTextContents()).toEqual([
    'name',
    'count',
    'a, "b"',
    '1',
    '<img src=x onerror=hit=1>',
    '2',
  ]);
  for (const [name, width] of Object.entries({ 'plot.svg': 60, 'dot.gif': 1, 'dot.png': 1, 'dot.jpg': 1 })) {
    const picture = page.getByRole('img', { name });
    expect(await picture.evaluate((node: HTMLImageElement) => node.naturalWidth), name).toBe(width);
  }
  for (const name of ['notes.txt', '<img src=x>.json']) {
    const figure = page
      .locator('figure')
      .filter({ has: page.getByRole('link', { name: `Download ${name}` }) });
    expect(await figure.locator('pre').textContent(), name).toBe(made[name as keyof typeof made]);
  }
  await page.waitForTimeout(300);
  expect(
    await page.evaluate(
      () => 'hit' in window || document.title === 'hit' || localStorage.getItem('polyground:theme'),
    ),
  ).toBe(null);
  await page.getByText('One more file was left out').waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download notes.txt' }).click();
  expect((await download).suggestedFilename()).toBe('notes.txt');
  await picture(page, 'artifacts');
  expect(await flaws(page)).toEqual([]);
  expect(
    complaints.some((line) => line.includes('Content Security Policy') || line.includes('sandboxed')),
  ).toBe(true);
  complaints.length = 0;

  // They are kept with the program.
  await page.getByRole('button', { name: 'Share' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  const other = await visitor();
  await open(other, new URL(link).pathname);
  await other.getByRole('link', { name: 'Download table.csv' }).waitFor();
  await heading.waitFor();
  complaints.length = 0;
});
