/** The client that openapi-typescript and openapi-fetch make, against the server at `POLYGROUND_URL`. */
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './generated/schema';

type RunEvent = components['schemas']['RunEvent'];

const client = createClient<paths>({ baseUrl: process.env.POLYGROUND_URL ?? '' });
const program = { language: 'python', files: [{ name: 'main.py', content: 'print(6 * 7)' }] };

async function main(): Promise<void> {
  const run = await client.POST('/api/v1/runs', { body: program });
  assert.equal(run.data?.outcome, 'succeeded', JSON.stringify(run.error));
  assert.equal(run.data.stages.at(-1)?.stdout, '42\n');

  const stream = await client.POST('/api/v1/runs/stream', { body: program, parseAs: 'stream' });
  assert.ok(stream.data);
  const events = await collected(stream.data);
  // Output comes in as many pieces as it is written in.
  assert.equal(events.map((event) => (event.type === 'stdout' ? event.text : '')).join(''), '42\n');
  const last = events.at(-1);
  assert.ok(last?.type === 'done' && last.outcome === 'succeeded');

  const draft = { ...program, title: 'openapi-fetch', visibility: 'public' as const, run: run.data };
  const saved = await client.POST('/api/v1/snippets', {
    body: draft,
    params: { header: { 'Idempotency-Key': `openapi-fetch-${Date.now()}` } },
  });
  assert.ok(saved.data, JSON.stringify(saved.error));
  const path = { id: saved.data.id };
  const read = await client.GET('/api/v1/snippets/{id}', { params: { path } });
  assert.equal(read.data?.title, 'openapi-fetch');
  assert.equal(read.data.run?.outcome, 'succeeded');
  const fork = await client.POST('/api/v1/snippets/{id}/forks', { params: { path }, body: program });
  assert.ok(fork.data, JSON.stringify(fork.error));
  const forked = await client.GET('/api/v1/snippets/{id}', { params: { path: { id: fork.data.id } } });
  assert.equal(forked.data?.parent, saved.data.id);

  const refused = await client.POST('/api/v1/runs', { body: { ...program, language: 'pyton' } });
  assert.equal(refused.error?.type, '/problems/unknown-language');
  assert.equal(refused.error.status, 422);
}

/** openapi-fetch has no client for event streams: what it types as an event is one of many in a stream of bytes. */
async function collected(stream: ReadableStream<Uint8Array>): Promise<RunEvent[]> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of stream) text += decoder.decode(bytes, { stream: true });
  const data = text.split('\n').filter((line) => line.startsWith('data: '));
  return data.map((line) => JSON.parse(line.slice('data: '.length)) as RunEvent);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
