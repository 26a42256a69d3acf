import { describe, expect, test } from '@jest/globals';
import { listed, pause, poll, retry } from './retry.ts';

class Busy extends Error {
  readonly waitMs: number | undefined;
  constructor(waitMs?: number) {
    super('busy');
    this.waitMs = waitMs;
  }
}
const passing = (error: unknown): Busy | undefined => (error instanceof Busy ? error : undefined);

/** A log that remembers, and waits that take no time. */
function recorder() {
  const [lines, waited]: [string[], number[]] = [[], []];
  const log = {
    info: (text: string) => void lines.push(`info ${text}`),
    debug: (text: string) => void lines.push(`debug ${text}`),
  };
  return { lines, waited, log, pause: async (ms: number) => void waited.push(ms) };
}

/** Fails with these errors, one after the other, then answers with the number of failures. */
const failing =
  (...errors: readonly Error[]) =>
  async (failures: number): Promise<number> => {
    const error = errors[failures];
    if (error !== undefined) throw error;
    return failures;
  };

describe('retry', () => {
  test('waits as the list says, or as long as the server asks for, and says so', async () => {
    const { lines, waited, ...to } = recorder();
    const done = await retry(failing(new Busy(), new Busy(25_000)), {
      waits: listed([500, 2000], passing),
      ...to,
    });
    expect(done).toBe(2);
    expect(waited).toEqual([500, 25_000]);
    expect(lines).toEqual(['debug Trying again in 0.5 s: busy', 'info Trying again in 25.0 s: busy']);
  });

  test.each([
    ['the list ends', [new Busy(), new Busy()], [1]],
    ['the error does not pass', [new Error('no')], []],
    ['the server asks for more than is waited', [new Busy(61_000)], []],
  ])('ends with the last error when %s', async (_when, errors, waits) => {
    const { waited, ...to } = recorder();
    const ends = retry(failing(...errors), { waits: listed([1], passing), ...to });
    await expect(ends).rejects.toBe(errors.at(-1));
    expect(waited).toEqual(waits);
  });

  test('ends at once with the signal’s reason, whatever the wait', async () => {
    const cancellation = new AbortController();
    const reason = new Error('cancelled');
    const ends = retry(
      async () => {
        setTimeout(() => cancellation.abort(reason), 10);
        throw new Busy(3_600_000);
      },
      { waits: listed([1], passing, Infinity), signal: cancellation.signal, log: recorder().log },
    );
    await expect(ends).rejects.toBe(reason);
  });

  test('does not begin when the signal has ended', async () => {
    const reason = new Error('cancelled');
    const ends = retry(() => Promise.reject(new Error('begun')), {
      waits: () => 1,
      signal: AbortSignal.abort(reason),
    });
    await expect(ends).rejects.toBe(reason);
  });
});

test('pause rejects with the reason of a signal that has ended', async () => {
  const reason = new Error('cancelled');
  await expect(pause(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason);
});

describe('poll', () => {
  const counting = () => {
    let asked = 0;
    return async (): Promise<number> => ++asked;
  };

  test('asks until the answer will do', async () => {
    const patience = { timeoutMs: 3_600_000, pauseMs: 1 };
    expect(await poll(patience, undefined, counting(), (n) => n === 3)).toEqual({ met: true, last: 3 });
  });

  test('asks at least once, also without time', async () => {
    const patience = { timeoutMs: 0, pauseMs: 1 };
    expect(await poll(patience, undefined, counting(), () => false)).toEqual({ met: false, last: 1 });
  });
});
