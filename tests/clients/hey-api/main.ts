/** The client that hey-api makes, with its reader of event streams, against the server at `POLYGROUND_URL`. */
import assert from 'node:assert/strict';
import { createRun, createSnippet, forkSnippet, getSnippet, streamRun, type RunEvent } from './generated';
import { client } from './generated/client.gen';

client.setConfig({ baseUrl: process.env.POLYGROUND_URL ?? '' });
const program = { language: 'python', files: [{ name: 'main.py', content: 'print(6 * 7)' }] };

async function main(): Promise<void> {
  const run = await createRun({ body: program });
  assert.ok(run.data && 'outcome' in run.data, JSON.stringify(run.error));
  assert.equal(run.data.outcome, 'succeeded');
  assert.equal(run.data.stages.at(-1)?.stdout, '42\n');

  const { stream } = await streamRun({ body: program, sseMaxRetryAttempts: 1 });
  const events: RunEvent[] = [];
  for await (const event of stream) events.push(event);
  // Output comes in as many pieces as it is written in.
  assert.equal(events.map((event) => (event.type === 'stdout' ? event.text : '')).join(''), '42\n');
  const last = events.at(-1);
  assert.ok(last?.type === 'done' && last.outcome === 'succeeded');

  const saved = await createSnippet({ body: { ...program, title: 'hey-api', visibility: 'public', run: run.data } });
  assert.ok(saved.data, JSON.stringify(saved.error));
  const read = await getSnippet({ path: { id: saved.data.id } });
  assert.equal(read.data?.title, 'hey-api');
  const fork = await forkSnippet({ path: { id: saved.data.id }, body: program });
  assert.ok(fork.data, JSON.stringify(fork.error));
  const forked = await getSnippet({ path: { id: fork.data.id } });
  assert.equal(forked.data?.parent, saved.data.id);

  const refused = await createRun({ body: { ...program, language: 'pyton' } });
  assert.equal(refused.error?.type, '/problems/unknown-language');
  assert.equal(refused.error.status, 422);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
