import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { raiseFence, readFence, requireFence } from './fence-file.ts';
import { FencedError } from './target.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-fence-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const fence = (number: number, owner = `run ${number}`) => ({ number, owner });

test('the highest number counts, as a number', async () => {
  expect(await readFence(root)).toBe(0);
  await raiseFence(root, fence(9));
  await raiseFence(root, fence(10));
  expect(await readFence(root)).toBe(10);
  await expect(requireFence(root, fence(9))).rejects.toThrow(FencedError);
  await requireFence(root, fence(10));
  await requireFence(root, fence(11));
});

test('raising again is nothing new, and another with the number is refused', async () => {
  await raiseFence(root, fence(2));
  await raiseFence(root, fence(2));
  await expect(raiseFence(root, fence(2, 'another'))).rejects.toThrow('has seen run 2');
  expect(await readFile(path.join(root, '.fences/2'), 'utf8')).toBe('run 2');
});

test('one of many at once with the same number has it', async () => {
  const owners = Array.from({ length: 16 }, (_, index) => fence(1, `owner ${index}`));
  const raised = await Promise.allSettled(owners.map((owner) => raiseFence(root, owner)));
  const winners = owners.filter((_, index) => raised[index]?.status === 'fulfilled');
  expect(winners).toHaveLength(1);
  expect(await readFile(path.join(root, '.fences/1'), 'utf8')).toBe(winners[0]?.owner);
});

test('what earlier owners left goes, also of those that were killed', async () => {
  await raiseFence(root, fence(1));
  await writeFile(path.join(root, '.fences/1-killed'), '');
  await writeFile(path.join(root, '.fences/3-raising'), '');
  await raiseFence(root, fence(2));
  expect((await readdir(path.join(root, '.fences'))).sort()).toEqual(['2', '3-raising']);
});
