import { expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT } from '@sluice/testing/action.ts';
import { DUCKDB_RELEASE } from './duckdb-release.ts';

it('pins what the lock file pins, for every platform', async () => {
  const lock = JSON.parse(await readFile(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string }>;
  };
  const prefix = 'node_modules/@duckdb/node-bindings-';
  const locked = Object.entries(lock.packages)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, entry]) => [name.slice(prefix.length), entry.integrity]);
  expect(Object.fromEntries(locked)).toEqual(DUCKDB_RELEASE.integrity);
  expect(lock.packages['node_modules/@duckdb/node-api']?.version).toBe(DUCKDB_RELEASE.version);
});
