import { expect, test } from '@jest/globals';
import { readFile, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT } from '../../scripts/generate/actions.ts';

test('every line of "What stops whom" names tests that there are', async () => {
  const text = await readFile(path.join(ROOT, 'SECURITY.md'), 'utf8');
  const table = text.slice(
    text.indexOf('## What stops whom'),
    text.indexOf('## What one job cannot promise'),
  );
  const rows = [...table.matchAll(/^\|.*\| ([^|]+?) *\|$/gm)].map(([, tests = '']) => tests).slice(2);
  expect(rows.length).toBeGreaterThan(20);
  const folders = ['test', 'packages/core/src', 'actions'];
  const files = await Promise.all(
    folders.map((folder) => readdir(path.join(ROOT, folder), { recursive: true })),
  );
  const known = new Set(files.flat());
  const missing = rows
    .flatMap((tests) => tests.split(', '))
    .filter((name) => !known.has(`${name}.test.ts`) && !known.has(`${name}.process.test.ts`));
  expect(missing).toEqual([]);
});
