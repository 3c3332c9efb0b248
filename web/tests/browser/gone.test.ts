/** A server that is killed while people work, and comes back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Own } from './own';
import { complaints, ended, open, output, picture, run, type, visitor } from './page';
import { shows, start, toggle } from './terminal';

const server = new Own('echo hello');

beforeAll(() => server.start());
afterAll(() => server.stop());

/** Takes what the browser itself says of broken connections out of the complaints. */
function forgive(): void {
  const broken =
    /ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|SOCKET_NOT_CONNECTED)/;
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !broken.test(line)));
}

test('a server that is killed under a run is missed, the work can be taken along, and when it is back all goes on', async () => {
  const page = await visitor();
  await open(page, `${server.address}/`);
  await type(page, 'echo begun; sleep 8; echo over');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('.output .line', { hasText: 'begun' }).waitFor();
  await server.kill();
  await ended(page);
  const outcome = page.locator('.outcome .text');
  expect(await outcome.textContent()).toBe('The connection broke off while the program ran.');
  expect(await output(page)).toBe('begun');
  await picture(page, 'killed');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('.outcome', { hasText: 'The server does not answer.' }).waitFor();

  await page.getByRole('button', { name: 'Share' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(link).toContain(`${server.address}/#code=`);
  await page.keyboard.press('Escape');

  await server.start();
  await type(page, 'echo "it is back"');
  expect(await run(page)).toBe('it is back');
  const other = await visitor();
  await open(other, link);
  await other.waitForFunction(() =>
    document.querySelector('.cm-content')?.textContent?.includes('begun; sleep 8'),
  );
  forgive();
});

test('a server that is killed under a conversation is missed too', async () => {
  const page = await visitor();
  await open(page, `${server.address}/`);
  await type(page, 'read -p "Name? " name; echo "hello $name"');
  await toggle(page).click();
  await start(page);
  await shows(page, 'Name?');
  await server.kill();
  await page.locator('.outcome', { hasText: 'The connection broke off while the program ran.' }).waitFor();
  await server.start();
  await start(page);
  await shows(page, 'Name?');
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  await ended(page);
  await shows(page, 'hello Ada');
  forgive();
});
