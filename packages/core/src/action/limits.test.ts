import { expect, test } from '@jest/globals';
import { truncate, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { readBounded, readBoundedText } from './limits.ts';

const SOURCE = { name: 'data.csv.dvc', reason: 'bad-config', limit: { bytes: 10, lines: 1 } } as const;

test('a file within its limit is read as it is', async () => {
  const file = path.join(await temporaryFolder('limits'), 'x');
  for (const text of ['', '0123456789']) {
    await writeFile(file, text);
    expect(await readBoundedText(file, SOURCE)).toBe(text);
  }
});

test('a file of a terabyte is refused by its size, before it is read', async () => {
  const file = path.join(await temporaryFolder('limits'), 'x');
  await writeFile(file, '');
  await truncate(file, 2 ** 40);
  await expect(readBounded(file, SOURCE)).rejects.toMatchObject({
    reasonCode: 'bad-config',
    message: expect.stringMatching(/^data\.csv\.dvc has 1099511627776 bytes; at most 10 /) as unknown,
  });
});

test('a file that does not say how long it is ends at the limit', async () => {
  await expect(readBounded('/dev/zero', SOURCE)).rejects.toMatchObject({
    reasonCode: 'bad-config',
    message: expect.stringContaining('has 11 bytes; at most 10') as unknown,
  });
});
