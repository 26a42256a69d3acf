import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import { CutOffError, download, type Part } from './download.ts';

const BYTES = randomBytes(5 << 20);
let folder: string;
let to: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-download-'));
  to = path.join(folder, 'file');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The bytes from an offset to another, and then the connection breaks unless that is the end. */
const part = (from: number, end: number): Part => ({
  from,
  body: Readable.from(
    (async function* () {
      for (let at = from; at < end; at += 65_536) yield BYTES.subarray(at, Math.min(end, at + 65_536));
      if (end < BYTES.byteLength) throw new Error('aborted');
    })(),
  ),
});

/** Downloads where each connection brings no more than `each` bytes; returns the offsets that were asked for. */
async function broken(each: number, options: { ranges?: boolean; bytes?: number } = {}) {
  const { ranges = true, bytes = BYTES.byteLength } = options;
  const asked: number[] = [];
  let counted = 0;
  await download({
    to,
    bytes,
    withinMs: 60_000,
    request: async (offset) => {
      asked.push(offset);
      const from = ranges ? offset : 0;
      return part(from, Math.min(BYTES.byteLength, from + each * (ranges ? 1 : asked.length)));
    },
    waitAfter: (error) => (error instanceof CutOffError ? 1 : undefined),
    progress: { add: (count) => void (counted += count), done: () => undefined },
  });
  expect((await readFile(to)).equals(BYTES)).toBe(true);
  expect(counted).toBe(BYTES.byteLength);
  return asked;
}

describe('a download', () => {
  test('goes on where the connection broke, as often as it goes forward', async () => {
    const each = (1 << 20) + 3;
    expect(await broken(each)).toEqual([0, each, 2 * each, 3 * each, 4 * each]);
  });

  test('begins again where the server cannot go on, and counts no byte twice', async () => {
    expect(await broken(3 << 20, { ranges: false })).toHaveLength(2);
  });

  test('does not ask again when the connection broke after the last byte', async () => {
    const asked: number[] = [];
    await download({
      to,
      bytes: 10,
      withinMs: 60_000,
      request: async (offset) => {
        asked.push(offset);
        return part(0, 10);
      },
      waitAfter: () => 1,
    });
    expect(asked).toEqual([0]);
  });

  test.each([
    ['brings nothing', 0],
    ['brings next to nothing', 1000],
  ])('is given up after four connections each of which %s', async (_what, each) => {
    await expect(broken(each)).rejects.toMatchObject({ name: 'CutOffError', ended: false });
  });

  test('is a failure when the server ends it too early without saying so', async () => {
    const short = { from: 0, body: Readable.from([BYTES.subarray(0, 100)]) };
    const ends = download({
      to,
      bytes: 101,
      withinMs: 60_000,
      request: async () => short,
      waitAfter: () => undefined,
    });
    await expect(ends).rejects.toMatchObject({
      message: expect.stringMatching('after 100 bytes'),
      ended: true,
    });
  });

  test('ends with an error that trying again does not help, and with a cancellation', async () => {
    const refused = download({
      to,
      withinMs: 60_000,
      request: () => Promise.reject(new Error('404')),
      waitAfter: () => undefined,
    });
    await expect(refused).rejects.toThrow('404');
    const controller = new AbortController();
    const waiting = download({
      to,
      withinMs: 60_000,
      request: () => Promise.reject(new Error('503')),
      waitAfter: () => 60_000,
      signal: controller.signal,
    });
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
  });

  test('tells the disk from the connection', async () => {
    let tries = 0;
    const full = download({
      to: '/dev/full',
      withinMs: 60_000,
      request: async () => {
        tries += 1;
        return part(0, BYTES.byteLength);
      },
      waitAfter: (error) => (error instanceof CutOffError ? 1 : undefined),
    });
    await expect(full).rejects.toMatchObject({ code: expect.stringMatching(/ENOSPC|EINVAL/) });
    expect(tries).toBe(1);
  });
});
