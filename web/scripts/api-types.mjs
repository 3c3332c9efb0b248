// Types of the API from openapi/openapi.json. Without --write: whether the committed ones are fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const spec = new URL('../../openapi/openapi.json', import.meta.url);
const committed = new URL('../src/api/schema.d.ts', import.meta.url);
const head = '// Generated from openapi/openapi.json by `npm run api`. Not to be edited.\n\n';
const fresh = head + astToString(await openapiTS(spec));

if (process.argv.includes('--write')) {
  writeFileSync(committed, fresh);
} else if (readFileSync(committed, 'utf8') !== fresh) {
  console.error('web/src/api/schema.d.ts is stale: run `npm run api` in web/');
  process.exit(1);
}
