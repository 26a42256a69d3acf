import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeEnd, describeProgress, formatBytes, trackProgress } from './progress.ts';

/** A transfer with a clock that a test turns, in seconds. */
function transfer(bytes: number) {
  const lines: string[] = [];
  const log = {
    info: (line: string) => void lines.push(line),
    notice: () => undefined,
    warning: () => undefined,
    debug: () => undefined,
    group: <T>(_title: string, body: () => Promise<T>) => body(),
  };
  let now = 1e9;
  const progress = trackProgress({ log, what: 'Storing m', bytes, now: () => now });
  return { progress, lines, wait: (seconds: number) => void (now += seconds * 1000) };
}

describe('the progress of a transfer', () => {
  test('is one line for a short one', () => {
    const { progress, lines, wait } = transfer(2_000_000);
    for (let i = 0; i < 4; i++) {
      wait(1);
      progress.add(500_000);
    }
    progress.done();
    expect(lines).toEqual(['Storing m: 2.0 MB in 4.0 s (500 kB/s).']);
  });

  test('is a line after five seconds and every ten, with the rate of that time and what is left', () => {
    const { progress, lines, wait } = transfer(100_000_000);
    for (let second = 1; second <= 30; second++) {
      wait(1);
      progress.add(second <= 15 ? 2_000_000 : 4_000_000);
    }
    progress.done();
    expect(lines).toEqual([
      'Storing m: 10.0 MB of 100 MB (10 %), 2.0 MB/s, 45 s left.',
      'Storing m: 30.0 MB of 100 MB (30 %), 2.0 MB/s, 35 s left.',
      'Storing m: 70.0 MB of 100 MB (70 %), 4.0 MB/s, 7.5 s left.',
      'Storing m: 100 MB in 30 s (3.3 MB/s).',
    ]);
  });

  test('says when nothing came, and takes back what has to be sent again', () => {
    const { progress, lines, wait } = transfer(1000);
    wait(6);
    progress.add(500);
    wait(10);
    progress.add(-100);
    expect(lines.at(-1)).toBe('Storing m: 400 B of 1.0 kB (40 %), nothing in the last 10 s.');
  });

  test('never prints more often than every ten seconds, whatever comes when', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 1e9 })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (given) => {
        const total = given.reduce((sum, [, bytes]) => sum + bytes, 0);
        const { progress, lines, wait } = transfer(total);
        let seconds = 0;
        for (const [pause, bytes] of given) {
          wait(pause);
          seconds += pause;
          progress.add(bytes);
        }
        expect(lines.length).toBeLessThanOrEqual(seconds < 5 ? 0 : 1 + (seconds - 5) / 10);
        for (const line of lines) expect(line).not.toMatch(/NaN|Infinity|-\d|\r/);
      }),
    );
  });

  test('has no number that is none for a model without a byte', () => {
    expect(describeProgress({ done: 0, total: 0, recent: { bytes: 0, ms: 5000 } })).toBe(
      '0 B of 0 B (100 %), nothing in the last 5.0 s',
    );
    expect(describeEnd(0, 0)).toBe('0 B in 0.0 s');
    expect(describeEnd(5000, 0)).toBe('5.0 kB in 0.0 s (5.0 MB/s)');
    expect(describeEnd(1e13, 3_725_000)).toBe('10.0 TB in 1 h 2 min (2.7 GB/s)');
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.6, '1.0 kB'],
    [1000, '1.0 kB'],
    [99_949, '99.9 kB'],
    [99_999, '100 kB'],
    [999_499, '999 kB'],
    [999_999, '1.0 MB'],
    [2 ** 31, '2.1 GB'],
    [3e15, '3000 TB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
