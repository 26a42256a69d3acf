import { expect, test } from '@jest/globals';
import { readFile, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { STORES } from '@sluice/core/store/index.ts';
import { ROOT } from '../../scripts/generate/actions.ts';

/** The schemes whose stores run through the contract, here or with real servers. */
async function tested(): Promise<string[]> {
  const files = ['contract', 'e2e'].map(async (layer) => {
    const folder = path.join(ROOT, 'test', layer);
    const names = (await readdir(folder)).filter((name) => name.endsWith('-store.test.ts'));
    return Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  });
  return (await Promise.all(files))
    .flat()
    .flatMap((text) => /^describeStore(?:<\w+>)?\(\{\n {2}scheme: '(\w+)'/m.exec(text)?.[1] ?? []);
}

test('every store of the table runs through the contract', async () => {
  expect((await tested()).sort()).toEqual(Object.keys(STORES).sort());
});

test.each(Object.values(STORES))('$example has a row in docs/stores.md', async ({ example }) => {
  const rows = (await readFile(path.join(ROOT, 'docs', 'stores.md'), 'utf8')).split('\n');
  expect(rows.filter((row) => row.startsWith(`| \`${example}`))).toHaveLength(1);
});
