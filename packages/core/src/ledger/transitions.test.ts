import { describe, expect, test } from '@jest/globals';
import { Book, at, deployed, hex } from '@sluice/testing/book.ts';
import { planRegistration } from './registration.ts';
import type { VersionRecord } from './state.ts';

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

describe('a hold', () => {
  test('keeps other versions out, and says whose it is and how it ends', () => {
    const book = deployed(2);
    book.rollback({ hold: true, reason: 'wrong answers', actor: 'ada' });
    book.register(3);
    expect(book.assign('v3.0.0')).toMatchObject({
      reason: 'held',
      message: expect.stringMatching(/by ada \(wrong answers; tag m#prod#4\).*release-hold: true/),
    });
    expect(book.assign('v1.0.0')).toMatchObject({ kind: 'nothing' });
  });

  test('does not keep anybody from rolling back', () => {
    const book = deployed(3);
    book.rollback({ hold: true });
    expect(book.rollback()).toMatchObject({ kind: 'write', version: 'v1.0.0' });
    expect(book.state().environments.get('prod')?.hold).toBeDefined();
  });

  test('ends with the deployment that releases it, also one of the live version', () => {
    const release = (version: string): string | undefined => {
      const book = deployed(2);
      book.rollback({ hold: true });
      book.register(3);
      expect(book.assign(version, { releaseHold: true })).toMatchObject({ kind: 'write' });
      expect(book.tags.at(-1)?.message).toContain('Release-Hold: true');
      expect(book.state().environments.get('prod')?.hold).toBeUndefined();
      return book.live();
    };
    expect(release('v3.0.0')).toBe('v3.0.0');
    expect(release('v1.0.0')).toBe('v1.0.0');
  });

  test('is set on the live version without taking it out, once', () => {
    const book = deployed(2);
    expect(book.rollback({ to: 'v2.0.0', hold: true })).toMatchObject({ tags: [{ name: 'm#prod#3' }] });
    expect(book.quarantined()).toEqual([]);
    expect(book.rollback({ to: 'v2.0.0', hold: true })).toMatchObject({ kind: 'nothing' });
  });

  test('that nobody set is not released in the ledger', () => {
    const book = deployed(2);
    expect(book.assign('v2.0.0', { releaseHold: true })).toMatchObject({ kind: 'nothing' });
    book.register(3);
    book.assign('v3.0.0', { releaseHold: true });
    expect(book.tags.at(-1)?.message).not.toContain('Release-Hold');
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
    expect([book.live(), book.quarantined()]).toEqual(['v3.0.0', []]);
  });
});

describe('taking a rollback back', () => {
  const back = (book: Book, to: string): [live: string | undefined, quarantined: string[]] => {
    expect(book.rollback({ to, releaseQuarantine: true })).toMatchObject({ kind: 'write', version: to });
    return [book.live(), book.quarantined().sort()];
  };

  test('releases the version, and quarantines nothing', () => {
    const book = deployed(2);
    book.rollback();
    expect(back(book, 'v2.0.0')).toEqual(['v2.0.0', []]);
    expect(book.tags.at(-2)?.message).toBe('m v1.0.0 was taken out of prod.\n');
    expect(book.tags.at(-1)?.message).toBe(
      'm v2.0.0 is live in prod.\n\nFrom: v1.0.0\nRelease-Quarantine: true\n',
    );
  });

  test('leaves everything as it was before, so that the next rollback goes the same way', () => {
    const book = deployed(3);
    book.assign('v1.0.0');
    book.rollback();
    expect(back(book, 'v1.0.0')).toEqual(['v1.0.0', []]);
    expect(book.rollback()).toMatchObject({ version: 'v3.0.0' });
    expect(book.rollback()).toMatchObject({ version: 'v2.0.0' });
    expect(book.quarantined().sort()).toEqual(['v1.0.0', 'v3.0.0']);
  });

  test('takes several back at once or one by one', () => {
    const twice = (): Book => {
      const book = deployed(3);
      book.rollback();
      book.rollback();
      return book;
    };
    expect(back(twice(), 'v3.0.0')).toEqual(['v3.0.0', ['v2.0.0']]);
    const book = twice();
    expect(back(book, 'v2.0.0')).toEqual(['v2.0.0', ['v3.0.0']]);
    expect(back(book, 'v3.0.0')).toEqual(['v3.0.0', []]);
  });

  test('counts also when a hold was set or released meanwhile, or what came after was rolled back too', () => {
    const book = deployed(2);
    book.rollback();
    book.rollback({ to: 'v1.0.0', hold: true });
    book.assign('v1.0.0', { releaseHold: true });
    book.register(3);
    book.assign('v3.0.0');
    book.rollback();
    expect(back(book, 'v2.0.0')).toEqual(['v2.0.0', ['v3.0.0']]);
  });

  test('is not what leaves a version that was deployed since', () => {
    const book = deployed(2);
    book.rollback();
    book.register(3);
    book.assign('v3.0.0');
    expect(back(book, 'v2.0.0')).toEqual(['v2.0.0', ['v3.0.0']]);
  });

  test('is not what goes to a version that was quarantined while another one was live', () => {
    const book = deployed(3);
    book.unassign('v1.0.0', true);
    expect(back(book, 'v1.0.0')).toEqual(['v1.0.0', ['v3.0.0']]);
  });
});
