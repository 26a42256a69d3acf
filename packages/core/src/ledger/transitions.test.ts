import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planAssignment, planUnassignment } from './assignment.ts';
import { parseTag } from './grammar.ts';
import type { Plan } from './plan.ts';
import { planRegistration } from './registration.ts';
import { planRollback } from './rollback.ts';
import { deriveState, type LedgerTag, type ModelState, type VersionRecord } from './state.ts';

const START = Date.UTC(2026, 0, 1);
const at = (second: number): Date => new Date(START + second * 1000);
const hex = (n: number): string => n.toString(16).padStart(64, '0');

/** A ledger in memory: what the git transport does with a plan, and nothing else. */
class Book {
  tags: LedgerTag[] = [];
  state(): ModelState {
    return deriveState('m', this.tags);
  }
  apply(plan: Plan): Plan {
    if (plan.kind !== 'write') return plan;
    for (const { name, target, time, message } of plan.tags) {
      const commit = target.kind === 'commit' ? target.commit : `child ${name} of ${target.commit}`;
      this.tags.push({ name, commit, time, tagger: 'Sluice', message });
    }
    return plan;
  }
  register(digest: number, commit = `commit ${digest}`, now = at(0)): Plan {
    return this.apply(
      planRegistration(
        this.state(),
        {
          commit,
          modelDigest: hex(digest),
          passportDigest: hex(0),
          store: 'dir:/s',
          sluiceVersion: '0',
          version: { bump: 'major' },
        },
        now,
      ),
    );
  }
  assign(version: string, options: Partial<Parameters<typeof planAssignment>[1]> = {}, now = at(0)): Plan {
    return this.apply(
      planAssignment(
        this.state(),
        { version, environment: 'prod', releaseQuarantine: false, ...options },
        now,
      ),
    );
  }
  rollback(options: Partial<Parameters<typeof planRollback>[1]> = {}, now = at(0)): Plan {
    return this.apply(
      planRollback(
        this.state(),
        { environment: 'prod', releaseQuarantine: false, bytesPresent: () => true, ...options },
        now,
      ),
    );
  }
  unassign(version: string, quarantine: boolean, now = at(0)): Plan {
    return this.apply(planUnassignment(this.state(), { version, environment: 'prod', quarantine }, now));
  }
  live(): string | undefined {
    return this.state().environments.get('prod')?.live?.version;
  }
  quarantined(): string[] {
    return [...(this.state().environments.get('prod')?.quarantined ?? [])];
  }
}

/** Versions v1.0.0 … vN.0.0, deployed one after the other. */
function deployed(count: number): Book {
  const book = new Book();
  for (let i = 1; i <= count; i++) {
    book.register(i);
    book.assign(`v${i}.0.0`);
  }
  return book;
}

describe('registration', () => {
  test('counts up, and gives the same bytes the version they have', () => {
    const book = new Book();
    expect(book.register(1)).toMatchObject({ kind: 'write', version: 'v1.0.0' });
    expect(book.register(2)).toMatchObject({ kind: 'write', version: 'v2.0.0' });
    expect(book.register(1)).toMatchObject({ kind: 'nothing', version: 'v1.0.0' });
  });

  test('never puts two versions on one commit', () => {
    const book = new Book();
    book.register(1, 'head');
    expect(book.register(2, 'head')).toMatchObject({
      tags: [{ target: { kind: 'child-of', commit: 'head' } }],
    });
    expect(book.state().problems).toEqual([]);
  });

  test('keeps away from names that any tag has', () => {
    const book = new Book();
    book.tags.push({ name: 'm@v1.0.0', time: at(0), tagger: '', message: 'lightweight' });
    expect(book.register(1)).toMatchObject({ version: 'v2.0.0' });
    const wish = { commit: 'c', modelDigest: hex(9), passportDigest: hex(0), store: 's', sluiceVersion: '0' };
    expect(planRegistration(book.state(), { ...wish, version: { exactly: 'v1.0.0' } }, at(0))).toMatchObject({
      kind: 'refused',
      reason: 'version-exists',
      message: expect.stringContaining('v3.0.0'),
    });
  });
});

describe('assignment', () => {
  test('of the live version is nothing, of an unknown or deregistered one refused', () => {
    const book = deployed(2);
    expect(book.assign('v2.0.0')).toMatchObject({ kind: 'nothing' });
    expect(book.assign('v9.0.0')).toMatchObject({
      reason: 'unknown-version',
      message: expect.stringContaining('v1.0.0, v2.0.0'),
    });
    book.tags.push({ name: 'm@v1.0.0!', commit: 'commit 1', time: at(90), tagger: '', message: '' });
    expect(book.assign('v1.0.0')).toMatchObject({
      reason: 'unknown-version',
      message: expect.stringContaining('deregistered'),
    });
  });

  test('holds only for the version that was expected to be live', () => {
    const book = deployed(2);
    book.register(3);
    expect(book.assign('v3.0.0', { expectedCurrent: 'v1.0.0' })).toMatchObject({
      reason: 'superseded',
      message: expect.stringContaining('v2.0.0'),
    });
    expect(book.assign('v3.0.0', { expectedCurrent: 'v2.0.0' })).toMatchObject({
      kind: 'write',
      previous: 'v2.0.0',
    });
  });

  test('of a quarantined version needs a release, and is recorded as one', () => {
    const book = deployed(2);
    book.rollback({ reason: 'too slow' });
    expect(book.assign('v2.0.0')).toMatchObject({
      reason: 'quarantined',
      message: expect.stringContaining('too slow'),
    });
    expect(book.assign('v2.0.0', { releaseQuarantine: true })).toMatchObject({ kind: 'write' });
    expect([book.live(), book.quarantined()]).toEqual(['v2.0.0', []]);
    expect(book.tags.at(-1)?.message).toContain('Release-Quarantine: true');
  });
});

describe('rollback', () => {
  test('unassigns the bad version and assigns the good one, in this order', () => {
    const book = deployed(2);
    const plan = book.rollback({ reason: 'wrong answers', actor: 'ada' });
    expect(plan).toMatchObject({
      version: 'v1.0.0',
      previous: 'v2.0.0',
      tags: [{ name: 'm#prod!#3' }, { name: 'm#prod#4' }],
    });
    expect(book.tags.at(-2)?.message).toBe(
      'm v2.0.0 was taken out of prod.\n\nReason: wrong answers\nActor: ada\nQuarantine: true\n',
    );
    expect(book.tags.at(-1)?.message).toBe(
      'm v1.0.0 is live in prod.\n\nReason: wrong answers\nActor: ada\nFrom: v2.0.0\n',
    );
  });

  test('repeated, walks back and ends', () => {
    const book = deployed(4);
    const steps = Array.from({ length: 5 }, () => {
      const plan = book.rollback();
      return plan.kind === 'refused' ? plan.reason : book.live();
    });
    expect(steps).toEqual([
      'v3.0.0',
      'v2.0.0',
      'v1.0.0',
      'nothing-to-roll-back-to',
      'nothing-to-roll-back-to',
    ]);
    expect(book.live()).toBe('v1.0.0');
  });

  test('goes by when versions were live, not by their numbers', () => {
    const book = deployed(3);
    book.assign('v1.0.0');
    book.assign('v3.0.0');
    expect(book.rollback()).toMatchObject({ version: 'v1.0.0' });
  });

  test('skips versions whose bytes are gone, and says so when none is left', () => {
    const book = deployed(3);
    const bytesPresent = (v: VersionRecord): boolean => v.version === 'v1.0.0';
    expect(book.rollback({ bytesPresent })).toMatchObject({ version: 'v1.0.0' });
    expect(book.rollback({ bytesPresent })).toMatchObject({
      reason: 'nothing-to-roll-back-to',
      message: expect.stringMatching(/v3\.0\.0 \(quarantined\), v2\.0\.0 \(bytes missing\)/),
    });
  });

  test('to a version that is named needs it to be known, good and once live here', () => {
    const book = deployed(3);
    book.register(4);
    expect(book.rollback({ to: 'v4.0.0' })).toMatchObject({
      reason: 'unknown-version',
      message: expect.stringContaining('never live'),
    });
    expect(book.rollback({ to: 'v8.0.0' })).toMatchObject({ reason: 'unknown-version' });
    expect(book.rollback({ to: 'v3.0.0' })).toMatchObject({ kind: 'nothing' });
    expect(book.rollback({ to: 'v1.0.0', bytesPresent: () => false })).toMatchObject({
      reason: 'nothing-to-roll-back-to',
    });
    expect(book.rollback({ to: 'v1.0.0' })).toMatchObject({ kind: 'write' });
    expect(book.rollback({ to: 'v3.0.0' })).toMatchObject({ reason: 'quarantined' });
    expect(book.rollback({ to: 'v3.0.0', releaseQuarantine: true })).toMatchObject({ kind: 'write' });
    expect(book.quarantined()).toEqual(['v1.0.0']);
  });
});

type Wish =
  | { readonly do: 'register' | 'rollback' }
  | {
      readonly do: 'assign' | 'release' | 'unassign' | 'quarantine' | 'rollback-to';
      readonly version: number;
    };

const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.constantFrom<Wish>({ do: 'register' }, { do: 'rollback' }),
  fc.record({
    do: fc.constantFrom('assign', 'release', 'unassign', 'quarantine', 'rollback-to'),
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
    case 'rollback':
      return book.rollback({}, now);
    case 'rollback-to':
      return book.rollback({ to: version }, now);
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
      expect(given.do === 'release' ? [] : released).toEqual([]);
    });
  });

  test('what was planned is what the ledger then says', () => {
    always((book, given, _before, plan) => {
      const moves = ['assign', 'release', 'rollback', 'rollback-to'].includes(given.do);
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
