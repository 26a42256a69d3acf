import { expect, test } from '@jest/globals';
import { appendFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { followFile, pairsIn } from './mirrored.ts';

const ARMS = { candidate: { version: 'v2.0.0', weight: 0 }, stable: { version: 'v1.0.0', weight: 100 } };
const line = (candidate = 'v2.0.0', stable = 'v1.0.0'): string =>
  JSON.stringify({
    id: 7,
    at: 'some time',
    input: { x: 1 },
    candidate: { version: candidate, answer: { prediction: 1 } },
    stable: { version: stable, answer: { prediction: 2 } },
  });

test('lines of a mirror are pairs', () => {
  expect(pairsIn([line(), ''], ARMS)).toEqual({
    pairs: [{ id: '7', input: { x: 1 }, candidate: { prediction: 1 }, stable: { prediction: 2 } }],
  });
});

test('lines about other versions are of another rollout', () => {
  expect(pairsIn([line('v3.0.0'), line('v2.0.0', 'v0.1.0')], ARMS)).toEqual({ pairs: [] });
  expect(pairsIn([line()], { candidate: ARMS.candidate })).toEqual({ pairs: [] });
});

test.each(['{', '7', '{"input": 1}', '{"input": 1, "candidate": {"version": "v2.0.0"}}'])(
  '%s is no line of a mirror',
  (text) => {
    expect(pairsIn([line(), text, line()], ARMS)).toMatchObject({ bad: text });
  },
);

test('a file is followed from where it began, in whole lines', async () => {
  const file = path.join(await temporaryFolder('mirror'), 'mirror.jsonl');
  await writeFile(file, 'old\n');
  const mirror = followFile(file, 'mirror.jsonl');
  await mirror.begin();
  await appendFile(file, 'a\nb\nhal');
  await expect(mirror.lines()).resolves.toEqual(['a', 'b', '']);
  await mirror.begin();
  await appendFile(file, 'f\nc\n');
  await expect(mirror.lines()).resolves.toEqual(['half', 'c', '']);
  await expect(mirror.lines()).resolves.toEqual(['']);
  await writeFile(file, 'n\n');
  await expect(mirror.lines()).resolves.toEqual(['n', '']);
});

test('a file that is not there yet is no error: its first lines count', async () => {
  const file = path.join(await temporaryFolder('mirror'), 'mirror.jsonl');
  const mirror = followFile(file, 'mirror.jsonl');
  await mirror.begin();
  await expect(mirror.lines()).resolves.toBe('mirror.jsonl is not there: nothing was mirrored yet.');
  await writeFile(file, 'a\n');
  await expect(mirror.lines()).resolves.toEqual(['a', '']);
});
