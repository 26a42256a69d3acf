import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Book, at } from '@sluice/testing/book.ts';
import { parseTag } from './grammar.ts';
import type { Plan } from './plan.ts';

type Wish =
  | { readonly do: 'register' | 'rollback' | 'rollback-and-hold' }
  | {
      readonly do:
        'assign' | 'release' | 'release-hold' | 'unassign' | 'quarantine' | 'rollback-to' | 'take-back';
      readonly version: number;
    };

const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.constantFrom<Wish>({ do: 'register' }, { do: 'rollback' }, { do: 'rollback-and-hold' }),
  fc.record({
    do: fc.constantFrom(
      'assign',
      'release',
      'release-hold',
      'unassign',
      'quarantine',
      'rollback-to',
      'take-back',
    ),
    version: fc.integer({ min: 1, max: 5 }),
  }),
);
/** Wishes with the second each is made at; clocks go back sometimes. */
const history = fc.array(fc.tuple(wish, fc.integer({ min: 0, max: 20 })), { maxLength: 30 });

function grant(book: Book, given: Wish, index: number, now: Date): Plan {
  const version = 'version' in given ? `v${given.version}.0.0` : '';
  switch (given.do) {
    case 'register':
      return book.register(index, `commit ${index % 3}`, now);
    case 'assign':
      return book.assign(version, {}, now);
    case 'release':
      return book.assign(version, { releaseQuarantine: true }, now);
    case 'unassign':
      return book.unassign(version, false, now);
    case 'quarantine':
      return book.unassign(version, true, now);
    case 'release-hold':
      return book.assign(version, { releaseHold: true }, now);
    case 'rollback-and-hold':
      return book.rollback({ hold: true }, now);
    case 'rollback':
      return book.rollback({}, now);
    case 'rollback-to':
      return book.rollback({ to: version }, now);
    case 'take-back':
      return book.rollback({ to: version, releaseQuarantine: true }, now);
  }
}

describe('after any history of wishes', () => {
  /** Runs a history; `check` sees the book after every wish. */
  const always = (check: (book: Book, given: Wish, before: Book, plan: Plan) => void): void =>
    fc.assert(
      fc.property(history, (wishes) => {
        const book = new Book();
        for (const [index, [given, second]] of wishes.entries()) {
          const before = new Book();
          before.tags = [...book.tags];
          check(book, given, before, grant(book, given, index, at(second)));
        }
      }),
    );

  test('tags are in the grammar, counters unique, times strictly ascending', () => {
    always((book) => {
      const counters = book.tags.map((t) => parseTag(t.name)?.counter).filter((c) => c !== undefined);
      expect(new Set(counters).size).toBe(counters.length);
      expect(new Set(book.tags.map((t) => t.name)).size).toBe(book.tags.length);
      const times = book.tags.map((t) => t.time.getTime());
      expect(times.every((t, i) => t % 1000 === 0 && (i === 0 || t > (times[i - 1] ?? 0)))).toBe(true);
      expect(book.state().problems).toEqual([]);
    });
  });

  test('a quarantined version is not live, and leaves quarantine only by a release', () => {
    always((book, given, before) => {
      expect(book.quarantined()).not.toContain(book.live());
      const released = before.quarantined().filter((v) => !book.quarantined().includes(v));
      expect(['release', 'take-back'].includes(given.do) ? [] : released).toEqual([]);
    });
  });

  test('while on hold the live version changes only by a rollback or a removal', () => {
    const held = (book: Book) => book.state().environments.get('prod')?.hold;
    always((book, given, before) => {
      const stays = ['register', 'assign', 'release'].includes(given.do);
      expect(held(before) !== undefined && stays ? book.live() : undefined).toBe(
        held(before) !== undefined && stays ? before.live() : undefined,
      );
      expect(held(before) !== undefined && held(book) === undefined ? given.do : 'release-hold').toBe(
        'release-hold',
      );
    });
  });

  test('what was planned is what the ledger then says', () => {
    always((book, given, _before, plan) => {
      const moves = [
        'assign',
        'release',
        'release-hold',
        'rollback',
        'rollback-to',
        'take-back',
        'rollback-and-hold',
      ].includes(given.do);
      const expected = plan.kind === 'write' && moves ? plan.version : book.live();
      expect(book.live()).toBe(expected);
    });
  });

  test('rolling back again and again never returns to a version, and ends', () => {
    fc.assert(
      fc.property(history, (wishes) => {
        const book = new Book();
        for (const [index, [given, second]] of wishes.entries()) grant(book, given, index, at(second));
        const seen = [book.live()];
        for (let plan = book.rollback(); plan.kind === 'write'; plan = book.rollback()) {
          expect(seen).not.toContain(book.live());
          seen.push(book.live());
        }
        expect(book.rollback()).toMatchObject({ kind: 'refused', reason: 'nothing-to-roll-back-to' });
      }),
    );
  });
});
