import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextStep, type Shared, type StoredText } from './converge.ts';

/** A set of words. */
const words: Shared<ReadonlySet<string>> = {
  read: (text) => new Set(text.split(' ').filter((word) => word !== '')),
  merge: (a, b) => new Set([...a, ...b]),
  holds: (value, wanted) => [...wanted].every((word) => value.has(word)),
  write: (value) => [...value].sort().join(' '),
};

interface Writer {
  known: ReadonlySet<string>;
  /** When it acts next, and what it does then. */
  at: number;
  act: () => void;
  done: boolean;
}

/** How long each writer takes: to start, then by turns from reading to having written and from there to reading again. */
interface Pace {
  readonly start: number;
  readonly writes: readonly number[];
  readonly waits: readonly number[];
}

/** Writers and a store that can only be listed, appended to, overwritten and removed from; time is made of whole steps. */
function simulate(paces: readonly Pace[]): { texts: StoredText[]; writes: number } {
  let texts: StoredText[] = [];
  let lastId = 0;
  let writes = 0;
  const writers = paces.map(({ start, writes: takes, waits }, i): Writer => {
    let turn = 0;
    const writer: Writer = { known: new Set([`w${i}`]), at: start, act: read, done: false };
    function read(): void {
      const { step, known } = nextStep(texts, writer.known, words, true);
      writer.known = known;
      writer.done = step.kind === 'done';
      writer.at += takes[turn % takes.length] as number;
      writer.act = () => {
        if (step.kind === 'create') texts = [...texts, { id: ++lastId, text: step.text }];
        if (step.kind === 'update')
          texts = texts.map((text) => (text.id === step.id ? { id: text.id, text: step.text } : text));
        if (step.kind === 'remove') {
          texts = texts.filter(({ id }) => !step.ids.includes(id));
          writer.done = true;
        }
        writes++;
        writer.at += waits[turn++ % waits.length] as number;
        writer.act = read;
      };
    }
    return writer;
  });
  for (let acting = writers; acting.length > 0; acting = writers.filter(({ done }) => !done)) {
    [...acting].sort((a, b) => a.at - b.at)[0]?.act();
  }
  return { texts, writes };
}

const SLOWEST_WRITE = 9;
const pace = fc.record({
  start: fc.nat({ max: 40 }),
  writes: fc.array(fc.integer({ min: 1, max: SLOWEST_WRITE }), { minLength: 1, maxLength: 5 }),
  waits: fc.array(fc.integer({ min: SLOWEST_WRITE + 1, max: 40 }), { minLength: 1, maxLength: 5 }),
});

function expectAll({ texts }: ReturnType<typeof simulate>, writers: number): void {
  expect(texts.map(({ text }) => text)).toEqual([
    Array.from({ length: writers }, (_, i) => `w${i}`)
      .sort()
      .join(' '),
  ]);
}

describe('writers that cannot compare and swap', () => {
  test('end with one text that holds what all of them said, whatever the order of their steps', () => {
    fc.assert(
      fc.property(fc.array(pace, { minLength: 1, maxLength: 7 }), (paces) => {
        expectAll(simulate(paces), paces.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('end so in every one of the interleavings of three writers that take one to three steps', () => {
    const range = [1, 2, 3];
    for (const second of [0, 1, 2, 3]) {
      for (const third of [0, 1, 2, 3]) {
        for (let times = 0; times < 3 ** 6; times++) {
          const take = (n: number): number => range[Math.floor(times / 3 ** n) % 3] as number;
          const result = simulate([
            { start: 0, writes: [take(0)], waits: [take(1) + 3] },
            { start: second, writes: [take(2)], waits: [take(3) + 3] },
            { start: third, writes: [take(4)], waits: [take(5) + 3] },
          ]);
          expectAll(result, 3);
        }
      }
    }
  });

  test('write once when they come one after another', () => {
    const result = simulate([0, 100, 200].map((start) => ({ start, writes: [1], waits: [10] })));
    expect(result.writes).toBe(3);
  });

  test('may lose a part only when one takes longer to write than another waits', () => {
    const slow = { start: 0, writes: [50], waits: [60] };
    const quick = { start: 1, writes: [1], waits: [10] };
    const seeded = { start: 0, writes: [1], waits: [10] };
    const { texts } = simulate([seeded, { ...slow, start: 20 }, { ...quick, start: 21 }]);
    expect(texts).toEqual([{ id: 1, text: 'w0 w1' }]);
  });
});

describe('nextStep', () => {
  const known = new Set(['a']);

  test('creates nothing where nothing is wanted', () => {
    expect(nextStep([], known, words, false).step).toEqual({ kind: 'done' });
  });

  test('removes later texts only once the oldest holds what they hold', () => {
    const stored = [
      { id: 2, text: 'b' },
      { id: 1, text: 'a' },
    ];
    const first = nextStep(stored, known, words, true);
    expect(first.step).toEqual({ kind: 'update', id: 1, text: 'a b' });
    const second = nextStep([{ id: 1, text: 'a b' }, stored[0] as StoredText], first.known, words, true);
    expect(second.step).toEqual({ kind: 'remove', ids: [2] });
  });

  test('writes again what it has read before and somebody overwrote', () => {
    const { known: seen } = nextStep([{ id: 1, text: 'b' }], known, words, true);
    expect(nextStep([{ id: 1, text: 'a' }], seen, words, true).step).toMatchObject({ text: 'a b' });
  });
});
