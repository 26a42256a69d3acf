import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT } from './generate/actions.ts';

const bench = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'bench.mjs'), ...args], { encoding: 'utf8' });

test('without a name, every benchmark is listed with what it measures', async () => {
  const entries = await readdir(path.join(ROOT, 'bench'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const { stdout, status } = bench();
  const listed = [...stdout.matchAll(/^ {2}(\S+) +[A-Z].{20,}\.$/gm)].map(([, name]) => name);
  expect([status, listed]).toEqual([0, folders.sort()]);
});

test('what stands at the top of a benchmark says how it is called', async () => {
  const { stdout } = bench();
  for (const [, name] of stdout.matchAll(/^ {2}(\S+) +[A-Z]/gm)) {
    const source = await readFile(path.join(ROOT, 'bench', name ?? '', 'run.mjs'), 'utf8');
    expect(source.slice(0, 500)).toContain(`npm run bench -- ${name ?? ''}`);
  }
});

test('a name that is none is refused with those that are', () => {
  const { status, stderr } = bench('../scripts/start');
  expect(status).toBe(2);
  expect(stderr).toMatch(/no benchmark '\.\.\/scripts\/start'[^]*many-files/);
});

test('a benchmark gets its arguments and hands on its exit code', () => {
  const { status, stderr } = bench('gate', 'speed');
  expect(status).toBe(1);
  expect(stderr).toContain('no benchmark speed. There are: statistics, power, scale.');
});
