import { expect, test } from 'vitest';
import { choose, DESKTOP, flaws, open, PHONE, picture, run, type, visitor } from './page';

test('a program is written and run', async () => {
  const page = await visitor();
  await open(page);
  await choose(page, 'python');
  await picture(page, 'desktop-light-start');
  await type(page, 'import sys\nprint("hello from the page")\nprint("oops", file=sys.stderr)\nsys.exit(3)\n');
  expect(await run(page)).toBe('hello from the page\noops');
  await picture(page, 'desktop-light-run');
  expect(await page.locator('.outcome .text').textContent()).toBe('Exited with code 3');
});

for (const [name, size] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const dark of [false, true]) {
    test(`nothing keeps anybody out on a ${name}, ${dark ? 'dark' : 'light'}`, async () => {
      const page = await visitor({ size, dark });
      await open(page);
      await choose(page, 'python 3.13');
      await type(
        page,
        'import sys\n\ndef half(number):\n    """Half of it."""\n    return number / 0  # oops\n\nprint("begin", 1.5)\nhalf(7)\n',
      );
      await run(page);
      await picture(page, `${name}-${dark ? 'dark' : 'light'}-error`);
      expect(await flaws(page)).toEqual([]);
    });
  }
}
