/** Programs in other people's pages, and the files that programs leave behind. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { address, complaints, flaws, open, picture, visitor } from './page';

let server: Server;
let origin: string;

/** Somebody's documentation, on an origin of its own. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const from = request.url === '/away' ? 'http://127.0.0.1:9' : address();
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><title>Docs</title><body style="background:#101418;color:#eee">
      <main><h1>Docs</h1>
      <polyground-snippet language="python" output="recorded ✓">
        import sys
        for n in range(2):
            print("embedded", n, "&lt;b&gt;")
      </polyground-snippet></main>
      <script>window.from = ${JSON.stringify(from)}</script>
      <script type="module" src="${address()}/embed.js"></script></body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('a program in another page is text first, then runs in a frame', async () => {
  const page = await visitor();
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await page.goto(origin);
  await page.getByText('recorded ✓').waitFor();
  expect(loaded.filter((path) => path !== '/' && path !== '/favicon.ico')).toEqual(['/embed.js']);
  expect(await page.locator('polyground-snippet pre').first().textContent()).toBe(
    'import sys\nfor n in range(2):\n    print("embedded", n, "<b>")\n',
  );
  await picture(page, 'embed-before');
  expect(await flaws(page)).toEqual([]);
  await page.getByRole('button', { name: 'Run' }).click();
  const frame = page.frameLocator('polyground-snippet iframe');
  await frame.locator('.output .line', { hasText: 'embedded 1 <b>' }).waitFor();
  expect(await frame.locator('html').getAttribute('data-theme')).toBe('dark');
  await frame.getByRole('link', { name: 'Open in Polyground' }).waitFor();
  await picture(page, 'embed-after');
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

function forgiveFavicon(): void {
  complaints.splice(
    0,
    complaints.length,
    ...complaints.filter((line) => !/favicon|ERR_FAILED|404/.test(line)),
  );
}

test('files that a program left behind are shown, and reach nothing', async () => {
  const page = await visitor();
  const text = (name: string, media_type: string, content: string) => ({
    name,
    media_type,
    content,
    encoding: 'utf-8',
  });
  const attack = `<h1 id="made">A page</h1><script>
    document.querySelector('#made').textContent = 'Its script ran';
    try { parent.document.title = 'hit'; parent.hit = 1; } catch {}
    try { localStorage.setItem('polyground:theme', '"dark"'); } catch {}
    fetch('${address()}/api/v1/runtimes').then(() => parent.postMessage('hit', '*'), () => {});
  </script>`;
  const artifacts = [
    text(
      'out/plot.svg',
      'image/svg+xml',
      '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><script>parent.hit=1</script><rect width="60" height="30" fill="teal"/></svg>',
    ),
    text('out/page.html', 'text/html', attack),
    text('out/table.csv', 'text/csv', 'name,count\n"a, ""b""",1\n<img src=x onerror=hit=1>,2\n'),
    text('out/<img src=x>.json', 'application/json', '{"x": "<script>hit=1</script>"}'),
    { name: 'out/data.bin', media_type: 'application/octet-stream', content: 'AAEC', encoding: 'base64' },
  ];
  const stage = {
    name: 'run',
    exit_code: 0,
    signal: null,
    stdout: '',
    stderr: '',
    encoding: 'utf-8',
    truncated: false,
  };
  const run = {
    id: '0',
    runtime: { id: 'python-3.13', language: 'python', version: '3.13.5', name: 'Python' },
    outcome: 'succeeded',
    stages: [{ ...stage, wall_ms: 5, cpu_ms: 4, peak_memory_bytes: 9_000_000 }],
    artifacts,
    queue_ms: 0,
    total_ms: 6,
    warm: true,
  };
  const files = [{ name: 'main.py', content: 'plot()' }];
  const snippet = { id: 'x', language: 'python', files, stdin: '', args: [], title: '', created_at: '', run };
  await page.route('**/api/v1/snippets/x', (route) => route.fulfill({ json: snippet }));
  await open(page, '/s/x');
  const made = page.frameLocator('iframe').locator('#made');
  await made.waitFor();
  expect(await made.textContent()).toBe('Its script ran');
  expect(await page.locator('td').allTextContents()).toEqual([
    'name',
    'count',
    'a, "b"',
    '1',
    '<img src=x onerror=hit=1>',
    '2',
  ]);
  const size = await page
    .getByRole('img', { name: 'out/plot.svg' })
    .evaluate((node: HTMLImageElement) => node.naturalWidth);
  expect(size).toBe(60);
  await page.waitForTimeout(300);
  expect(
    await page.evaluate(
      () => 'hit' in window || document.title === 'hit' || localStorage.getItem('polyground:theme'),
    ),
  ).toBe(null);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download out/data.bin' }).click();
  expect((await download).suggestedFilename()).toBe('data.bin');
  await picture(page, 'artifacts');
  expect(await flaws(page)).toEqual([]);
  expect(
    complaints.some((line) => line.includes('Content Security Policy') || line.includes('sandboxed')),
  ).toBe(true);
  complaints.length = 0;
});
